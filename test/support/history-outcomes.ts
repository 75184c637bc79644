/** The model of what is overpaid and decided: kept, claimed as an error of our own, or taken in coming payments. */
import assert from 'node:assert/strict'
import type { Taken } from './check-history.ts'
import { ADJUSTABLE, numberOf, textOf, type Version } from './history-records.ts'
import { add, claim, type Given, isSameBenefit, type Model, type Stands } from './history-stands.ts'

/** What two persons decided of a part of what was overpaid at a key; `claim`: that of an error of our own. */
export interface Outcome {
  readonly order: string
  readonly key: string
  readonly from: 'overpaid' | 'adjusting'
  readonly to: 'kept' | 'adjusting' | 'claim'
  readonly claim: string
  readonly gross: number
}

export function settle(model: Model, { order, key, from, to, claim: name, gross }: Outcome): void {
  const one = model.decisions.get(order) as Stands
  assert.ok(gross <= (one[from].get(key) ?? 0), `more is decided of ${order} ${key} than is overpaid`)
  if (to === 'claim') claim(model, order, key, name, gross, from)
  else add(one[from], key, -gross)
  if (to !== 'claim') add(one[to], key, gross)
}

/** What the decision has overpaid is to be taken in coming payments, where its benefit allows it. */
export function plan({ order, overpaid, adjusting }: Stands, version: Version, given: Given): void {
  for (const [key, all] of overpaid) {
    if (!ADJUSTABLE.has(benefitOf(key))) continue
    // Not of what came back in part: of the rest, whatever of the key that is.
    const gross = given.isTorn(order) ? given.plannedBy(version, key) : all
    assert.ok(gross <= all, `${order} ${numberOf(version)} plans more than is overpaid`)
    add(overpaid, key, -gross)
    add(adjusting, key, gross)
  }
}

function benefitOf(key: string): string {
  return key.split(' ')[3] ?? ''
}

/** Of a payment at least so much is paid, whatever is to be taken in it. */
const LEAVES = { of: 4, in: 5 } as const

/** What was taken is paid less: of the right holder's own, the same benefit, never of what was paid for before. */
export function takeInstalments(model: Model, one: Stands, version: Version, given: Given): void {
  const taken = given.takenBy(version)
  const by = `${one.order} ${numberOf(version)}`
  for (const [to, own] of Map.groupBy(taken, (row) => row.to)) {
    const paid = one.fresh.find((fresh) => fresh.key === to && fresh.version === numberOf(version))
    const sum = own.reduce((total, { gross }) => total + gross, 0)
    assert.ok(paid !== undefined, `${by} takes of what it does not pay`)
    const lines = version.lines.filter((line) => textOf(line) === to)
    const least = lines.reduce((total, { gross }) => total + Math.ceil((gross * LEAVES.of) / LEAVES.in), 0)
    const said = lines.reduce((total, { gross }) => total + gross, 0)
    assert.ok(said - sum >= least, `${by} takes ${sum} of ${said}`)
    one.fresh = one.fresh.map((fresh) => (fresh === paid ? { ...fresh, gross: fresh.gross - sum } : fresh))
    for (const { order, key, gross } of own) {
      const from = model.decisions.get(order) as Stands
      assert.ok(isSameBenefit(key, to) && key !== to && from.system === one.system, `${by} takes of ${order} ${key}`)
      assert.ok(gross <= (from.adjusting.get(key) ?? 0), `${by} takes more than is to be taken of ${order} ${key}`)
      add(from.adjusting, key, -gross)
    }
  }
  // The first version pays all that it says, unless an old system paid of it.
  const isFirst = numberOf(version) === 1 && !one.base
  if (isFirst) waitsForNothing(model, one, version, taken)
  // A correction may be paid later than it says: of what it takes no more is asked about in its month.
  const at = isFirst ? version.date : model.before
  one.taken = taken.map((row) => ({ ...row, on: `${at} ${row.order} ${row.key}` }))
  for (const { on } of one.taken) model.takenOn.add(on)
}

/** The payment that it was taken in is stopped: it is to be taken again. */
export function giveBack(model: Model, one: Stands): void {
  for (const { order, key, to, gross, on } of one.taken) {
    add((model.decisions.get(order) as Stands).adjusting, key, gross)
    add(one.wanted, to, -gross)
    model.takenOn.delete(on)
  }
  one.taken = []
}

/** A payment of which something can be taken takes of each plan of its person, unless another one of the month did. */
function waitsForNothing(model: Model, one: Stands, version: Version, taken: readonly Taken[]): void {
  for (const { order, system, beneficiary, adjusting } of model.decisions.values()) {
    if (system !== one.system || beneficiary !== version.beneficiary) continue
    for (const [key, gross] of adjusting) {
      const fits = version.lines.filter((line) => isSameBenefit(textOf(line), key) && textOf(line) !== key)
      const most = fits.reduce((total, line) => total + Math.floor(line.gross / LEAVES.in), 0)
      const sum = taken.filter((row) => fits.some((line) => textOf(line) === row.to)).reduce((a, b) => a + b.gross, 0)
      const isOwn = taken.some((row) => row.order === order && row.key === key)
      const isTaken = [version.date, model.before].some((at) => model.takenOn.has(`${at} ${order} ${key}`))
      if (isOwn || isTaken || sum >= most) continue
      assert.fail(`${one.order} takes nothing of the ${gross} øre that wait at ${key} of ${order}`)
    }
  }
}
