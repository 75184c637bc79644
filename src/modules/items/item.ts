/** A calculated item with everything that became of it. */
import type { Day } from '../../base/date.ts'
import type { ItemId, PartyId } from '../../base/id.ts'
import { assert } from '../../base/assert.ts'
import type { Ore } from '../../base/money.ts'
import { changeOf, NOTHING_WITHHELD, plus, type Reducible, type Withheld } from '../effectuation/index.ts'
import type { QuantityUnit } from '../orders/index.ts'
import { isSameKey, type ItemKey, type Standing } from './difference.ts'
import { type Movement, OVERPAID_PLACES, type OverpaidPlace, type Place, type Spot } from './movement.ts'

/** A benefit line of some version: what items count for. */
export interface Line extends ItemKey {
  readonly at: ItemId
  /** The key of its order: versions of one decision have the same. */
  readonly decision: string
  readonly version: number
  readonly lineKey: string
  /** The kind of income that it is told as; '' when it is not told. */
  readonly kind: string
  /** What it is booked and told as, by its own book (`codesOf`); none while no law change is in use. */
  readonly code?: string | undefined
  /** Granted with a duty to repay. */
  readonly repayable: boolean
  readonly unit: QuantityUnit
  readonly thousandths: number
  /** The batch of work that calculated its order; none while it is being calculated. */
  readonly workNo?: number | undefined
}

export type Lines = ReadonlyMap<ItemId, Line>

/** A set-off or a third party's part of an item. */
export interface Taken {
  /** Which set-off or third party it is, whatever line of whatever version says it. */
  readonly what: string
  /** Of a third party: the reference and the key of the line, which tell one contribution from another. */
  readonly reference: string
  readonly lineKey: string
  /** Of a set-off: the claim, and the source system that the claim is of; else 0. */
  readonly claimId: number
  readonly claimSource: number
  readonly amount: Ore
}

export interface PaidItem extends Reducible {
  readonly item: ItemId
  readonly source: number
  readonly payee: PartyId
  readonly payDay: Day
  readonly net: Ore
  readonly thirdParty: Ore
  readonly setOff: Ore
  /** `partly`: of its parts some came back and some did not. */
  readonly standing: Standing | 'partly'
  /** Of what was to be paid: what came back. A third party's part may be stopped beside it, and is not sent. */
  readonly returned: Ore
  readonly taken: readonly Taken[]
  /** What is withheld now, in all and as each kind of income that it is told as. */
  readonly withheld: Withheld
  readonly kinds: ReadonlyMap<string, Withheld>
  /** Its gross by spot; what is empty is left out. */
  readonly spots: readonly Lot[]
  /** Every line that it ever stood at. */
  readonly stoodAt: readonly ItemId[]
  /** How many movements of it there are: the next one has this number. */
  readonly turns: number
}

/** Gross of an item in one spot. */
export interface Lot extends Spot {
  readonly gross: Ore
  /** The line that it counts for, or counted for before it was overpaid or claimed. */
  readonly at: ItemId
  /** Of a claim: what was withheld of it and is claimed of nobody. */
  readonly freed: Withheld
}

/** The item after a movement of it. */
export function moved(item: PaidItem, movement: Movement, lines: Lines): PaidItem {
  assert(movement.item === item.item, 'a movement of another item')
  const { from, to, gross, change, carried } = movement
  const source = sourceOf(item, movement, lines)
  assert(source !== undefined && source.gross >= gross, `item ${item.item}: ${gross} øre are not ${from.place}`)
  const target = lotOf(item, to, source.at, lines)
  const others = item.spots.filter((lot) => lot !== source && lot !== target)
  const at = to.place === 'stands' || isOverpaid(to) ? to.ref : source.at
  const after = (lot: Lot, more: number): Lot => ({
    ...lot,
    gross: (lot.gross + more) as Ore,
    freed: isClaimed(lot) ? changeOf(change, lot.freed) : lot.freed,
  })
  const empty = { ...to, at, gross: 0 as Ore, freed: NOTHING_WITHHELD }
  const spots = [...others, after(source, -gross), after(target ?? empty, gross)]
  const stoodAt = to.place === 'stands' && !item.stoodAt.includes(at) ? [...item.stoodAt, at] : item.stoodAt
  const kinds = new Map(item.kinds)
  const add = (line: ItemId, more: Withheld) => {
    const kind = kindOf(lines, line)
    kinds.set(kind, plus(kinds.get(kind) ?? NOTHING_WITHHELD, more))
  }
  add(source.at, changeOf(carried, NOTHING_WITHHELD))
  add(at, carried)
  add(to.place === 'stands' ? at : source.at, change)
  const withheld = plus(item.withheld, change)
  const filled = spots.filter((lot) => lot.gross > 0)
  // On other terms the item is as if it had been calculated on them: what is claimed of it later follows them.
  const onOtherTerms = isAtpGivenBack(to) || (from.place === 'stands' && to.place === 'stands')
  const calculated = onOtherTerms ? plus(item.calculated, change) : item.calculated
  const made = { stoodAt, withheld, kinds, calculated, turns: item.turns + 1 }
  if (!isAtpGivenBack(to)) return { ...item, ...made, spots: filled }
  const left = filled.filter((lot) => lot.place !== 'withdrawn' || lot.ref === 0)
  return { ...item, ...made, gross: (item.gross - gross) as Ore, spots: left }
}

/** Own ATP that is owed no more: gross of that size was withheld and is the citizen's again, to be paid anew. */
function isAtpGivenBack(to: Spot): boolean {
  return to.place === 'withdrawn' && to.ref !== 0
}

/** Paid and wanted no more, and not claimed or kept: undecided, too little, or to be taken in coming payments. */
export function isOverpaid({ place }: Pick<Spot, 'place'>): boolean {
  return OVERPAID_PLACES.includes(place as OverpaidPlace)
}

export function lineOf(lines: Lines, at: ItemId): Line {
  const line = lines.get(at)
  if (line === undefined) throw new Error(`line ${at} was not read`)
  return line
}

export function kindOf(lines: Lines, at: ItemId): string {
  return lines.get(at)?.kind ?? ''
}

/** One claim may be of several lines of an item: then the line that the gross goes to says which. */
export function sourceOf(item: PaidItem, { from, to }: Pick<Movement, 'from' | 'to'>, lines: Lines): Lot | undefined {
  return lotOf(item, from, to.ref, lines)
}

/** The lot of a spot; of a claim that which counted for the same right and time as the line. */
export function lotOf(item: PaidItem, spot: Spot, line: ItemId, lines: Lines): Lot | undefined {
  const found = item.spots.filter((lot) => lot.place === spot.place && lot.ref === spot.ref)
  return isClaimed(spot) ? found.find((lot) => isOfOneKey(lines, lot.at, line)) : found[0]
}

/** The lot of a spot of which an item has one: any but a claim. */
export function lotAt(item: PaidItem, spot: Spot): Lot | undefined {
  return item.spots.find((lot) => lot.place === spot.place && lot.ref === spot.ref)
}

export function isClaimed({ place }: Pick<Spot, 'place'>): boolean {
  return place === 'claim' || place === 'gross_claim'
}

function isOfOneKey(lines: Lines, a: ItemId, b: ItemId): boolean {
  if (a === b) return true
  const [x, y] = [lines.get(a), lines.get(b)]
  return x !== undefined && y !== undefined && isSameKey(x, y)
}

/** A claim without its tax beside what is left of it before tax since the year ended: it was repaid within the year. */
export function isRepaid(item: PaidItem, lot: Lot): boolean {
  return lot.place === 'claim' && item.spots.some((one) => one.place === 'gross_claim' && one.ref === lot.ref)
}

/** Oldest first: by day of payment, then by decision, so that it hangs on no order in which files came. */
export function byAge(lines: Lines): (a: PaidItem, b: PaidItem) => number {
  const decision = (one: PaidItem) => lines.get(one.item)?.decision ?? ''
  return (a, b) => a.payDay - b.payDay || compare(decision(a), decision(b)) || a.item - b.item
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1
}

export function grossIn(item: PaidItem, places: readonly Place[]): number {
  return item.spots.reduce((sum, lot) => sum + (places.includes(lot.place) ? lot.gross : 0), 0)
}

/** Gross that is told as one kind of income: all of it but what is claimed without its tax, or withdrawn. */
export function liveOfKind(item: PaidItem, lines: Lines, kind: string): number {
  return item.spots
    .filter((lot) => lot.place !== 'claim' && lot.place !== 'withdrawn' && kindOf(lines, lot.at) === kind)
    .reduce((sum, lot) => sum + lot.gross, 0)
}

/** What is withheld of a part of the gross that is told as one kind of income: by its share of what is live of it. */
export function shareOfKind(item: PaidItem, lines: Lines, kind: string, gross: number): Withheld {
  const told = item.kinds.get(kind) ?? NOTHING_WITHHELD
  const live = liveOfKind(item, lines, kind)
  if (live === 0) return NOTHING_WITHHELD
  const share = (amount: number) => shareOf(amount, gross, live)
  return {
    // What stays behind is never less than the ATP that was taken of it.
    ownAtp: Math.max(share(told.ownAtp), told.ownAtp - (live - gross)),
    am: share(told.am),
    tax: share(told.tax),
    employerAtp: share(told.employerAtp),
    pension: share(told.pension),
    allowance: 0,
    frikort: 0,
  }
}

/** The part of an amount that belongs to a part of the gross, down to whole øre. */
export function shareOf(amount: number, part: number, whole: number): number {
  return part === whole ? amount : Number((BigInt(amount) * BigInt(part)) / BigInt(whole))
}
