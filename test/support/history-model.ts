/**
 * What must come of a history, reckoned the plain way (docs/decisions/0009-corrections.md): by decision and key, in
 * gross, without items, places or tax. What the rail and the bank did is given; so is how far a claim that money was
 * taken of can be closed, which is a matter of tax.
 */
import assert from 'node:assert/strict'
import {
  BENEFITS,
  type BenefitLine,
  type Key,
  numberOf,
  type Repayment,
  textOf,
  type Version,
} from './history-records.ts'
import { plan, takeInstalments } from './history-outcomes.ts'
import {
  add,
  claim,
  type Claim,
  type Fresh,
  type Given,
  isSameBenefit,
  type Model,
  type Stands,
} from './history-stands.ts'

/** A version has come: it is the newest, or it changes nothing. */
export function take(model: Model, version: Version): void {
  const { order, system, beneficiary } = version
  const sheets = { wanted: new Map(), overpaid: new Map(), adjusting: new Map(), kept: new Map() }
  const nothing = { calculated: undefined, ...sheets, fresh: [], taken: [], claims: [], settled: 0, stopped: false }
  const one = model.decisions.get(order) ?? {
    order,
    system,
    beneficiary,
    ...nothing,
    newest: undefined,
    held: undefined,
  }
  model.decisions.set(order, one)
  for (const line of version.lines) model.keys.set(textOf(line), line)
  for (const { claim } of version.takes) if (claim !== undefined) model.touched.add(claim)
  if (one.newest !== undefined && one.newest.version >= version.version) return
  if (one.newest !== one.calculated && (one.newest?.again ?? 0) > 0) one.stopped = true
  one.newest = version
  one.held = undefined
}

/** What is calculated now: newest versions, those that claim last, as what others free may be claimed. */
export function calculate(model: Model, before: string, given: Given): Stands[] {
  model.before = before
  for (const one of model.decisions.values()) if (one.held !== undefined) dropStopped(one, given)
  const due = [...model.decisions.values()]
    .filter(({ newest, calculated, held }) => newest !== calculated && held !== 'unfounded_repayment')
    .filter(({ newest }) => newest !== undefined && newest.date < before)
    .sort((a, b) => rankOf(a.newest as Version).localeCompare(rankOf(b.newest as Version)))
  for (const one of due) {
    calculateOne(model, one, one.newest as Version, given)
    if (one.held !== undefined) dropStopped(one, given)
  }
  for (const { system, order, wanted } of due) {
    for (const key of wanted.keys()) model.paid.add(`${system} ${key}`).add(`${order} ${key}`)
  }
  return due
}

/** What was stopped and is not paid any more stands no more. */
function dropStopped(one: Stands, given: Given): void {
  if (!one.stopped) return
  one.stopped = false
  const stays = one.fresh.filter(({ version, key }) =>
    given.fatesOf(one.order, version, key).every(({ fate }) => fate !== 'unsent'),
  )
  for (const { version, key } of one.fresh) {
    for (const { fate, gross } of given.fatesOf(one.order, version, key))
      if (fate === 'unsent') add(one.wanted, key, -gross)
  }
  one.fresh = stays
}

function claims({ withdrawn, repayments }: Version): boolean {
  return !withdrawn && repayments.length > 0
}

/** Own ATP of a benefit is less; in øre. */
const MOST_ATP = 40_000

/** What was ATP alone nobody had, and nobody can pay back. */
function mayBeNothing(model: Model, { repayments }: Version): boolean {
  return repayments.some(({ claim, amount }) => !model.decided.has(claim) && amount < MOST_ATP)
}

function rankOf(version: Version): string {
  const turn = claims(version) ? 2 : numberOf(version) > 1 ? 0 : 1
  return `${turn} ${version.beneficiary} ${version.date} ${version.system} ${version.order}`
}

/** Kept beside the decision until all of the version is known to hold. */
interface Draft {
  readonly wanted: Map<string, number>
  readonly fresh: Fresh[]
  readonly overpaid: Map<string, number>
  readonly adjusting: Map<string, number>
  readonly kept: Map<string, number>
  readonly claims: Claim[]
  /** Keys that more is paid of while a claim that nothing was taken of is open. */
  readonly unclosed: string[]
}

function calculateOne(model: Model, one: Stands, version: Version, given: Given): void {
  if (version.withdrawn && one.calculated === undefined) return
  const revoked = revoke(model, one, version, given)
  const draft = correct(model, revoked.find(({ order }) => order === one.order) ?? one, version, given)
  if (draft === undefined) {
    one.held = 'came_back'
    return
  }
  const others = [...model.decisions.values()]
    .filter((other) => other !== one && other.system === one.system)
    .map((other) => revoked.find(({ order }) => order === other.order) ?? other)
  const repaid = claims(version) ? repay(model, one, draft, others, version, given) : []
  if (repaid === undefined || (given.isHeld(version) && mayBeNothing(model, version))) {
    one.held = 'unfounded_repayment'
    return
  }
  for (const { order, overpaid, claims } of revoked)
    Object.assign(model.decisions.get(order) as Stands, { overpaid, claims })
  const { unclosed, ...made } = draft
  assert.deepEqual(unclosed, [], `${one.order} ${version.version} pays beside a claim`)
  Object.assign(one, made, { calculated: version, held: undefined, stopped: false })
  for (const commit of repaid) commit()
  if (version.instalments !== undefined) plan(one, version, given)
  takeInstalments(model, one, version, given)
  const named = new Set(version.withdrawn ? [] : version.repayments.map(({ claim }) => claim))
  for (const [claim, value] of model.decided) {
    if (value.order === one.order && !named.has(claim)) model.decided.set(claim, { ...value, dropped: true })
  }
}

/**
 * A claim that the order decided and names no more is overpaid again, as far as it is not repaid. Gives the decisions
 * that it changes, as they are then.
 */
function revoke(model: Model, one: Stands, version: Version, given: Given): Stands[] {
  if (one.calculated === undefined) return []
  const named = new Set(version.withdrawn ? [] : version.repayments.map(({ claim }) => claim))
  const isRevoked = ({ claim }: Claim): boolean => model.decided.get(claim)?.order === one.order && !named.has(claim)
  return [...model.decisions.values()]
    .filter((place) => place.claims.some(isRevoked))
    .map((place) => {
      const overpaid = new Map(place.overpaid)
      const claims = place.claims.map((claim) => {
        if (!isRevoked(claim)) return claim
        // What one claim of an item is worth hangs on the others, by the rounding of tax.
        const whole = !place.claims.some((other) => model.touched.has(other.claim))
        const gross = whole ? claim.gross : given.revokedOf(version, claim.claim, place.order, claim.key)
        assert.ok(gross <= claim.gross, `${version.order} ${version.version} revokes more of ${claim.claim} than it is`)
        add(overpaid, claim.key, gross)
        return { ...claim, gross: claim.gross - gross }
      })
      return { ...place, overpaid, claims: claims.filter(({ gross }) => gross > 0) }
    })
}

export function sumsOf(lines: readonly BenefitLine[]): Map<string, number> {
  const sums = new Map<string, number>()
  for (const line of lines) add(sums, textOf(line), line.gross)
  return sums
}

/** The difference of a version; undefined while it is not known what became of the one before. */
function correct(model: Model, one: Stands, version: Version, given: Given): Draft | undefined {
  const had = new Map(one.wanted)
  const isSettled = one.settled === numberOf(version)
  if (!isSettled && given.isTorn(one.order)) return undefined
  for (const { version: of, key } of one.fresh) {
    for (const { fate, gross } of given.fatesOf(one.order, of, key)) {
      if (fate === 'unsent' || fate === 'returned') add(had, key, -gross)
    }
  }
  const wanted = version.withdrawn ? new Map<string, number>() : sumsOf(version.lines)
  const [overpaid, adjusting, kept] = [new Map(one.overpaid), new Map(one.adjusting), new Map(one.kept)]
  const claimed = one.claims.map((claim) => ({ ...claim }))
  const unclosed: string[] = []
  const [more, less] = [new Map<string, number>(), new Map<string, number>()]
  const keys = inOrder([...new Set([...had.keys(), ...wanted.keys()])], given)
  for (const key of keys) {
    const change = (wanted.get(key) ?? 0) - (had.get(key) ?? 0)
    if (change < 0) less.set(key, -change)
    if (change <= 0) continue
    let open = change
    for (const sheet of [overpaid, adjusting]) {
      const gross = Math.min(open, sheet.get(key) ?? 0)
      add(sheet, key, -gross)
      open -= gross
    }
    const rest = open - closeClaims(claimed, one, version, key, open, given)
    const keeps = Math.min(rest, kept.get(key) ?? 0)
    add(kept, key, -keeps)
    if (rest > keeps) more.set(key, rest - keeps)
    const untouched = !claimed.some((claim) => model.touched.has(claim.claim))
    if (rest > 0 && untouched && claimed.some((claim) => claim.key === key && claim.gross > 0)) unclosed.push(key)
  }
  for (const near of [isSameBenefit, isTaxedAlike]) cover(more, less, near)
  for (const [key, gross] of less) add(overpaid, key, gross)
  const fresh = [...more]
    .filter(([, gross]) => gross > 0)
    .map(([key, gross]) => ({ version: numberOf(version), key, gross }))
  return { wanted, fresh, overpaid, adjusting, kept, claims: claimed.filter((claim) => claim.gross > 0), unclosed }
}

/** Oldest period first; between equal ones any order will do that is always the same. */
function inOrder(keys: readonly string[], given: Given): string[] {
  const rank = (key: string): string => {
    const [from, to, holder, benefit, component] = key.split(' ') as [string, string, string, string, string]
    return `${from} ${to} ${holder} ${given.benefitId(benefit)}:${component}`
  }
  return keys.toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1))
}

function closeClaims(
  claimed: readonly Claim[],
  one: Stands,
  version: Version,
  key: string,
  most: number,
  given: Given,
): number {
  let closed = 0
  for (const claim of claimed) {
    if (claim.key !== key) continue
    const gross = given.closedOf(one.order, numberOf(version), claim.claim, key)
    assert.ok(gross <= claim.gross, `${one.order} ${version.version} closes more of ${claim.claim} than was claimed`)
    claim.gross -= gross
    closed += gross
  }
  assert.ok(closed <= most, `${one.order} ${version.version} closes more claims than it raises ${key}`)
  return closed
}

function isTaxedAlike(a: string, b: string): boolean {
  const [, , holder, benefit] = a.split(' ')
  const [, , other, another] = b.split(' ')
  return holder === other && BENEFITS[benefit ?? '']?.taxation === BENEFITS[another ?? '']?.taxation
}

/** The same sum said another way, without money. */
function cover(more: Map<string, number>, less: Map<string, number>, near: typeof isSameBenefit): void {
  for (const [up, wants] of more) {
    let left = wants
    for (const [down, has] of less) {
      const gross = Math.min(left, has)
      if (gross === 0 || !near(up, down)) continue
      left -= gross
      less.set(down, has - gross)
    }
    more.set(up, left)
  }
}

/** Of its own decision whatever the right holder: an employer's refund is of the employee's right. */
function isAbout(line: Repayment, key: Key, own: boolean): boolean {
  const sameHolder = own || key.holder === line.holder
  return sameHolder && key.benefit === line.benefit && key.from < line.to && line.from < key.to
}

interface Place {
  readonly order: string
  readonly own: boolean
  readonly sheet: 'overpaid' | 'adjusting'
  readonly key: string
  left: number
}

/** What its repayment lines claim, to be done when all can be; undefined when one says too much. */
function repay(
  model: Model,
  one: Stands,
  draft: Draft,
  others: readonly Stands[],
  version: Version,
  given: Given,
): (() => void)[] | undefined {
  const done: (() => void)[] = []
  const decided = new Map(model.decided)
  const placesOf = (place: Pick<Stands, 'order' | 'overpaid' | 'adjusting'>, own: boolean): Place[] =>
    (['overpaid', 'adjusting'] as const).flatMap((sheet) =>
      [...place[sheet]].map(([key, left]) => ({ order: place.order, own, sheet, key, left })),
    )
  const places = [
    ...placesOf({ ...draft, order: one.order }, true),
    ...others.flatMap((place) => placesOf(place, false)),
  ]
  for (const line of version.repayments) {
    const known = decided.get(line.claim)
    if (known !== undefined) {
      if (known.order === one.order && !known.dropped && known.amount === line.amount) continue
      return undefined
    }
    decided.set(line.claim, { order: one.order, version: version.version, amount: line.amount, dropped: false })
    const found = places.filter(
      ({ key, own, left }) =>
        left > 0 && isAbout(line, model.keys.get(key) as Key, own) && key.endsWith(` ${line.component}`),
    )
    if (found.length === 0 && !isPaid(model, one, draft, line)) continue
    if (sum(found) < line.amount) return undefined
    done.push(...takeOf(model, found, version, line, given))
  }
  return [...done, () => decided.forEach((value, claim) => model.decided.set(claim, value))]
}

function sum(list: readonly { readonly left: number }[]): number {
  return list.reduce((total, { left }) => total + left, 0)
}

/** Its own first, then the oldest; among equals wherever it did. */
function takeOf(model: Model, found: Place[], version: Version, line: Repayment, given: Given): (() => void)[] {
  const rank = ({ own, sheet, key }: Place): string =>
    `${own ? 0 : 1} ${sheet === 'overpaid' ? 0 : 1} ${key.slice(0, 10)}`
  let rest = line.amount
  const done: (() => void)[] = []
  for (const [, group] of [...Map.groupBy(found, rank)].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const most = Math.min(rest, sum(group))
    let taken = 0
    for (const place of group) {
      const { order, key, sheet } = place
      const alike = found.filter((other) => other.order === order && other.key === key)
      const before = alike.indexOf(place) > 0 ? (alike[0] as Place & { had?: number }) : undefined
      const said = given.claimedOf(version, line.claim, order, key)
      // The books say it of both sheets of a key together: what is undecided goes first.
      const gross = group.length === 1 ? most : Math.min(place.left, said - (before?.had ?? 0))
      Object.assign(place, { had: gross })
      assert.ok(gross <= place.left, `${line.claim} claims more than was overpaid`)
      place.left -= gross
      taken += gross
      if (gross > 0) done.push(() => claim(model, order, key, line.claim, gross, sheet))
    }
    // Said when all of the version is known to hold: of a version that is held nothing is claimed.
    done.push(() => assert.equal(taken, most, `${line.claim} of ${version.order} claims the oldest first`))
    rest -= taken
  }
  return done
}

/** Of a time that nothing was paid for it is a claim from before the takeover, and is taken as decided. */
function isPaid(model: Model, { system, order }: Stands, { wanted, fresh }: Draft, line: Repayment): boolean {
  const paidNow = new Map(fresh.map(({ key, gross }) => [key, gross]))
  return [...model.keys].some(([text, key]) => {
    // What the version itself says another way was paid before.
    const movedHere = (wanted.get(text) ?? 0) > (paidNow.get(text) ?? 0)
    const own = model.paid.has(`${order} ${text}`) || movedHere
    return isAbout(line, key, own) && (own || model.paid.has(`${system} ${text}`))
  })
}
