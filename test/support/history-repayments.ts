/** The model of repayments: what is overpaid and claimed by a version's repayment lines. */
import assert from 'node:assert/strict'
import { TAKEOVER } from './history-bases.ts'
import { COMPANY, type Key, type Repayment, type Version } from './history-records.ts'
import {
  claim,
  type Claim,
  type Fresh,
  type Given,
  type Model,
  type Sheet,
  SHEETS,
  type Stands,
} from './history-stands.ts'

/** Kept beside the decision until all of the version is known to hold. */
export interface Draft {
  readonly wanted: Map<string, number>
  readonly fresh: Fresh[]
  readonly overpaid: Map<string, number>
  readonly suppressed: Map<string, number>
  readonly adjusting: Map<string, number>
  readonly kept: Map<string, number>
  readonly claims: Claim[]
  /** Keys that more is paid of while a claim that nothing was taken of is open. */
  readonly unclosed: string[]
}

/** Of its own decision whatever the right holder: an employer's refund is of the employee's right. */
function isAbout(line: Repayment, key: Key, own: boolean): boolean {
  const sameHolder = own || key.holder === line.holder
  return sameHolder && key.benefit === line.benefit && key.from < line.to && line.from < key.to
}

interface Place {
  readonly order: string
  readonly own: boolean
  readonly sheet: Sheet
  readonly key: string
  left: number
}

/** What its repayment lines claim, to be done when all can be; undefined when one says too much. */
export function repay(
  model: Model,
  one: Stands,
  draft: Draft,
  others: readonly Stands[],
  version: Version,
  given: Given,
): (() => void)[] | undefined {
  const done: (() => void)[] = []
  const decided = new Map(model.decided)
  const placesOf = (place: Pick<Stands, 'order' | Sheet>, own: boolean): Place[] =>
    SHEETS.flatMap((sheet) => [...place[sheet]].map(([key, left]) => ({ order: place.order, own, sheet, key, left })))
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
    if (found.length === 0 && !isPaid(model, one, draft, line)) {
      // What an employer repays is decided in the order that paid it, and of our own time nothing was paid.
      if (one.beneficiary === COMPANY || (model.takenOver && line.from >= TAKEOVER)) return undefined
      continue
    }
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
  const rank = ({ own, sheet, key }: Place): string => `${own ? 0 : 1} ${SHEETS.indexOf(sheet)} ${key.slice(0, 10)}`
  let rest = line.amount
  const done: (() => void)[] = []
  for (const [, group] of [...Map.groupBy(found, rank)].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const most = Math.min(rest, sum(group))
    let taken = 0
    for (const place of group) {
      const { order, key, sheet } = place
      const alike = found.filter((other) => other.order === order && other.key === key)
      const before = alike.slice(0, alike.indexOf(place)) as (Place & { had?: number })[]
      const said = given.claimedOf(version, line.claim, order, key)
      // The books say it of all sheets of a key together: what is undecided goes first. Of a version that is held they
      // say nothing.
      const wish = given.isHeld(version) ? most - taken : said - before.reduce((sum, { had }) => sum + (had ?? 0), 0)
      const gross = group.length === 1 ? most : Math.min(place.left, wish)
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
