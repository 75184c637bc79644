/**
 * A version may want what stands on other terms: granted with a duty to repay or without (LAS § 93), or for another
 * number of hours. The gross is the same; what is contributed of it is not. What stands goes over to the new line and
 * takes the change of the payer's contributions along, without money. Own ATP was taken of the benefit itself:
 *
 *   less is owed    so much gross is withdrawn with its ATP, and paid anew by the new version
 *   more is owed    so much gross is overpaid, and the new version pays it anew, all of it as ATP
 *
 * In both the citizen's income, and with it tax, is told as it comes. Pure.
 */
import type { ItemId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import {
  atpByHours,
  type BenefitToCalculate,
  NOTHING_WITHHELD,
  pensionTogether,
  plus,
  type StandsAlready,
  together,
  type Withheld,
} from '../effectuation/index.ts'
import type { RateReader } from '../rates/index.ts'
import { carriedBy, contributedBy, textOf, type WantedLine } from './correct.ts'
import { isSameKey } from './difference.ts'
import { isRepaid, kindOf, type Line, lineOf, type Lines, type Lot, type PaidItem } from './item.ts'
import { type Movement, movement, OVERPAID_PLACES, type Place } from './movement.ts'

/** Items while movements are made of them. */
export interface Items {
  readonly lines: Lines
  of(id: ItemId): PaidItem
  all(): readonly PaidItem[]
  move(one: Movement): void
  /** Of a claim; gives how much counts again. */
  reopen(id: ItemId, lot: Lot, place: 'stands', at: ItemId, most: number): number
}

interface Shift {
  readonly item: ItemId
  readonly from: ItemId
  readonly to: WantedLine
  readonly gross: number
}

/**
 * `paid`: what is left to be paid, by line; it changes by the own ATP that hours change. Gives what stands of lines of
 * which more own ATP is owed than what was to be paid of them can bear: they pay what of it is overpaid.
 */
export function settleTerms(
  wanted: readonly WantedLine[],
  paid: Map<number, number>,
  items: Items,
  rates: RateReader,
): Map<number, StandsAlready> {
  const standing = new Map<number, StandsAlready>()
  if (onSameTerms(wanted, items)) return standing
  for (const own of Map.groupBy(wanted, textOf).values()) {
    if (shiftsOf(own, paid, items, sameTerms).length === 0) continue
    const [first] = own as [WantedLine]
    const hours = hoursOf(own, items, rates)
    const more = hours === undefined ? 0 : hours.own - hours.ownTaken
    if (more < 0) giveBack(first, -more, paid, items)
    const pension = pensionNow(wanted, first, paid, items, rates)
    const now = hours === undefined ? undefined : hoursOf(own, items, rates)
    const employerAtp = now === undefined ? 0 : now.employer - now.employerTaken
    shift(shiftsOf(own, paid, items, sameTerms), { employerAtp, pension }, items)
    const bears = own.reduce((sum, one) => sum + (paid.get(one.line) ?? 0), 0)
    if (hours !== undefined && more > bears) {
      const lots = lotsOf(items, first, ['stands'])
      const before = takenOf(items, lots)
      const beyond = overpay(lots, more - bears, items)
      standing.set(first.line, {
        gross: (lots.reduce((sum, { lot }) => sum + lot.gross, 0) - beyond) as Ore,
        ownAtp: hours.ownTaken as Ore,
        employerAtp: hours.employer as Ore,
        pension: before.pension as Ore,
      })
      paid.set(first.line, (paid.get(first.line) ?? 0) + beyond)
    }
  }
  return standing
}

/** Nothing of the decision was ever on other terms than it is wanted on: as nearly always. */
function onSameTerms(wanted: readonly WantedLine[], items: Items): boolean {
  const [first] = wanted
  if (first === undefined) return true
  const isSame = ({ at }: { readonly at: ItemId }) => sameTerms(items, at, first.at)
  return wanted.every(isSame) && items.all().every((item) => item.spots.every(isSame))
}

/**
 * What stands at lines of an older book, and is booked or told otherwise by the new one, goes over to the new lines:
 * cost and reports move, no money and no tax. Nothing of an ordinary month: lines have codes only where a law change is
 * used.
 */
export function recode(wanted: readonly WantedLine[], paid: ReadonlyMap<number, number>, items: Items): void {
  if (wanted.every((one) => items.lines.get(one.at)?.code === undefined)) return
  for (const own of Map.groupBy(wanted, textOf).values()) {
    for (const one of shiftsOf(own, paid, items, sameCode)) items.move(shifted(one, items))
  }
}

function sameCode({ lines }: Pick<Items, 'lines'>, a: ItemId, b: ItemId): boolean {
  return lines.get(a)?.code === lines.get(b)?.code
}

/** What stands at lines that are not the same as the wanted lines that it counts for now. */
function shiftsOf(
  own: readonly WantedLine[],
  paid: ReadonlyMap<number, number>,
  items: Items,
  isSame: typeof sameTerms,
): Shift[] {
  const lots = lotsOf(items, own[0] as WantedLine, ['stands']).map((one) => ({ ...one, left: one.lot.gross }))
  const room = new Map<number, number>(own.map((one) => [one.line, one.gross - (paid.get(one.line) ?? 0)]))
  const shifts: Shift[] = []
  for (const same of [true, false]) {
    for (const one of lots) {
      for (const to of own) {
        const gross = Math.min(one.left, room.get(to.line) ?? 0)
        if (gross <= 0 || (same && !isSame(items, one.lot.at, to.at))) continue
        one.left = (one.left - gross) as Ore
        room.set(to.line, (room.get(to.line) ?? 0) - gross)
        if (!same) shifts.push({ item: one.item, from: one.lot.ref, to, gross })
      }
    }
  }
  return shifts
}

/** Of the quantity only hours count: no other contribution and no report follows it. */
export function sameTerms({ lines }: Pick<Items, 'lines'>, a: ItemId, b: ItemId): boolean {
  const [x, y] = [lines.get(a) as Line, lines.get(b) as Line]
  const inHours = x.unit === 'hour' || y.unit === 'hour'
  return x.repayable === y.repayable && (!inHours || (x.unit === y.unit && x.thousandths === y.thousandths))
}

/** To the lines of the new terms; less is taken where it was, more is laid where pension is paid. */
function shift(shifts: readonly Shift[], more: { employerAtp: number; pension: number }, items: Items): void {
  let { employerAtp, pension } = more
  for (const { item, from, to, gross } of shifts) {
    const now = items.of(item)
    const lot = now.spots.find((one) => one.place === 'stands' && one.ref === from) as Lot
    const told = now.kinds.get(kindOf(items.lines, lot.at)) ?? NOTHING_WITHHELD
    const bearsPension = items.lines.get(to.at)?.repayable === false
    const own = takenOf(
      items,
      lotsOf(items, to, ['stands']).filter((one) => one.item === item),
    )
    const change = {
      ...NOTHING_WITHHELD,
      employerAtp: Math.max(employerAtp, -told.employerAtp),
      // What a part in whole kroner is more than was told of its kind is not there to be taken.
      pension: pension > 0 && !bearsPension ? 0 : Math.max(pension, -Math.min(own.pension, told.pension)),
    }
    employerAtp -= change.employerAtp
    pension -= change.pension
    items.move(shifted({ item, from, to, gross }, items, change))
  }
}

/** A law change may have it told as another kind of income: then what is withheld goes along. */
function shifted({ item, from, to, gross }: Shift, items: Items, change = NOTHING_WITHHELD): Movement {
  const spots = { from: { place: 'stands', ref: from }, to: { place: 'stands', ref: to.at } } as const
  const carried = carriedBy(items.of(item), items.lines, { at: from }, to.at, gross)
  return movement({ item, ...spots, gross: gross as Ore, change, carried })
}

/** ATP that follows the hours of these lines, and what was taken of it; undefined where it does not follow them. */
function hoursOf(own: readonly WantedLine[], items: Items, rates: RateReader) {
  const owed = own.map((one) => atpByHours(asLine(items, one, one.gross), rates))
  if (owed.some((one) => one === undefined)) return undefined
  // It stays with the item while anything of it stands, whatever is overpaid of it.
  const lots = lotsOf(items, own[0] as WantedLine, ['stands', ...OVERPAID_PLACES, 'gross_claim', 'kept'])
  const taken = takenOf(items, lots)
  return {
    own: owed.reduce((total, one) => total + (one?.own ?? 0), 0),
    employer: owed.reduce((total, one) => total + (one?.employer ?? 0), 0),
    ownTaken: taken.ownAtp,
    employerTaken: taken.employerAtp,
  }
}

/** How much more pension belongs to what stands of the benefit and the time than was contributed of it. */
function pensionNow(
  wanted: readonly WantedLine[],
  first: WantedLine,
  paid: ReadonlyMap<number, number>,
  items: Items,
  rates: RateReader,
): number {
  const group = wanted.filter((one) => one.rightHolder === first.rightHolder && together(one, first))
  let before = 0
  const atp = new Map<string, number>()
  for (const [key, own] of Map.groupBy(group, textOf)) {
    const taken = takenOf(items, lotsOf(items, own[0] as WantedLine, ['stands']))
    before += taken.pension
    atp.set(key, taken.ownAtp)
  }
  const lines = group.map((one) => asLine(items, one, one.gross - (paid.get(one.line) ?? 0)))
  const ownAtp = group.map((one, i) => {
    const byHours = atpByHours(asLine(items, one, one.gross), rates)
    if (byHours !== undefined) return byHours.own
    const isFirst = group.findIndex((other) => textOf(other) === textOf(one)) === i
    return isFirst ? (atp.get(textOf(one)) ?? 0) : 0
  })
  return pensionTogether(lines, group.indexOf(first), ownAtp, rates) - before
}

/** Less ATP is owed: what was taken of it is the citizen's, and closes first what is open of the same. */
function giveBack(to: WantedLine, amount: number, paid: Map<number, number>, items: Items): void {
  let left = amount
  let rest = 0
  for (const place of [...OVERPAID_PLACES, 'stands'] as const) {
    for (const { item, lot } of lotsOf(items, to, [place]).toReversed()) {
      const told = items.of(item).kinds.get(kindOf(items.lines, lot.at)) ?? NOTHING_WITHHELD
      const gross = Math.min(left, told.ownAtp, lot.gross) as Ore
      left -= gross
      if (place === 'stands') rest += gross
      // Of an item that was nothing but ATP nothing is left that could bear the payer's part.
      const isAll = items.of(item).spots.reduce((sum, one) => sum + one.gross, 0) === gross
      const beside = isAll ? { employerAtp: -told.employerAtp, pension: -told.pension } : {}
      const change = { ...NOTHING_WITHHELD, ownAtp: -gross, ...beside }
      const spots = { from: { place, ref: lot.ref }, to: { place: 'withdrawn', ref: lot.ref } } as const
      items.move(movement({ item, ...spots, gross, change }))
    }
  }
  for (const { item, lot } of lotsOf(items, to, OVERPAID_PLACES)) {
    const gross = Math.min(rest, lot.gross) as Ore
    rest -= gross
    const spots = { from: { place: lot.place, ref: lot.ref }, to: { place: 'stands', ref: lot.ref } } as const
    items.move(movement({ item, ...spots, gross }))
  }
  for (const { item, lot } of lotsOf(items, to, ['claim', 'gross_claim']).sort((a, b) => b.lot.ref - a.lot.ref)) {
    if (rest > 0 && !isRepaid(items.of(item), lot))
      rest -= items.reopen(item, lot, 'stands', lot.at, Math.min(rest, lot.gross))
  }
  if (rest > 0) paid.set(to.line, (paid.get(to.line) ?? 0) + rest)
}

/** More ATP is owed than can be taken of what is to be paid: the citizen had so much too much. */
function overpay(lots: readonly Own[], amount: number, items: Items): number {
  let left = amount
  for (const { item, lot } of lots.toReversed()) {
    const gross = Math.min(left, lot.gross) as Ore
    left -= gross
    const spots = { from: { place: 'stands', ref: lot.ref }, to: { place: 'overpaid', ref: lot.ref } } as const
    items.move(movement({ item, ...spots, gross }))
  }
  return amount - left
}

interface Own {
  readonly item: ItemId
  readonly lot: Lot
}

/** Lots of a payable item of a decision in these places, oldest first. */
function lotsOf({ lines, all }: Items, of: WantedLine, places: readonly Place[]): Own[] {
  const { decision } = lineOf(lines, of.at)
  const isOwn = ({ place, at }: Lot) => {
    if (!places.includes(place)) return false
    const line = lineOf(lines, at)
    return line.decision === decision && isSameKey(line, of)
  }
  return all()
    .map(({ item, spots }) => spots.filter(isOwn).map((lot) => ({ item, lot })))
    .flatMap((lots) => lots.sort((a, b) => a.lot.ref - b.lot.ref))
}

/** What is contributed of lots of one payable item: of each calculated item by its share in all. */
function takenOf(items: Items, lots: readonly Own[]): Withheld {
  let taken = NOTHING_WITHHELD
  for (const [item, own] of Map.groupBy(lots, (one) => one.item)) {
    const gross = own.reduce((sum, { lot }) => sum + lot.gross, 0)
    const { at } = (own[0] as Own).lot
    taken = plus(taken, { ...NOTHING_WITHHELD, ...contributedBy(items.of(item), items.lines, at, gross) })
  }
  return taken
}

function asLine({ lines }: Items, { at, line, benefit, period }: WantedLine, gross: number): BenefitToCalculate {
  const { unit, thousandths, repayable } = lines.get(at) as Line
  return { item: at, line, benefit, period, unit, thousandths, gross: gross as Ore, repayable }
}
