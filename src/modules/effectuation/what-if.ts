/**
 * What was calculated of a person, taken through the rules again under two rate books: as it was, and as it would be.
 * Batch of work by batch of work, each with the cards that it saw and with what stood of earlier ones when it was made,
 * and within a batch by disposition date: so allowance, frikort and ATP of the month are shared as they were, and anew
 * when a change alters who used them first. Pure.
 */
import type { Day } from '../../base/date.ts'
import type { ItemId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import type { RateReader } from '../rates/index.ts'
import { personCalculator } from './calculate.ts'
import type { AtpTaken, Calculation, CardUse, OrderToCalculate, PersonToCalculate } from './calculation.ts'
import { monthSpan } from './periods.ts'

/** An order as it was calculated. */
export interface CalculatedOrder extends OrderToCalculate {
  /** Its versions share it. */
  readonly chain: string
  /** The batch of work that calculated it. */
  readonly workNo: number
  /** An old system paid it: its amounts are as they were told, whatever the book. */
  readonly told: boolean
  /** Of a correction: what stood of earlier items when it was calculated, by its lines. */
  readonly beyond?: ReadonlyMap<number, readonly StandingPart[]>
}

/** So many øre of an item's whole gross. */
export interface StandingPart {
  readonly item: ItemId
  readonly gross: number
  readonly whole: number
}

/** What a calculation comes to, and what it uses up. */
export type Reckoned = Pick<
  Calculation,
  'gross' | 'ownAtp' | 'am' | 'tax' | 'employerAtp' | 'pension' | 'allowanceUsed' | 'frikortUsed' | 'se' | 'cardNo'
>

/** What a later batch of work changed of an item: signed. */
export interface ChangedSince {
  readonly workNo: number
  readonly ownAtp: number
  readonly allowance: number
  readonly frikort: number
  /** Gross that was withdrawn or claimed after tax: nothing is withheld of it any more. */
  readonly gone: number
}

/** An item as it is stored. */
export interface CalculatedItem extends Reckoned {
  readonly changes: readonly ChangedSince[]
}

export interface WhatWas extends Pick<PersonToCalculate, 'municipality' | 'person'> {
  readonly items: ReadonlyMap<ItemId, CalculatedItem>
  /** What a batch of work saw: the cards, and changes by work up to a number. */
  seen(workNo: number): { readonly cards: PersonToCalculate['cards']; readonly work: number }
}

export interface Again {
  readonly before: Reckoned
  readonly after: Reckoned
  /** When it would be paid. */
  readonly payDay: Day
}

export interface Books {
  before(order: CalculatedOrder): RateReader
  readonly after: RateReader
  /** When an order would be paid under the book of after. */
  payDay(order: CalculatedOrder): Day
}

/** `orders`: in the order in which a batch takes them within a date, all that was calculated of the person. */
export function reckonAgain(person: WhatWas, orders: readonly CalculatedOrder[], books: Books): Map<ItemId, Again> {
  const was = reckon(person, orders, (order) => books.before(order))
  const moved = orders.map((order) => (order.told ? order : { ...order, dispositionDate: books.payDay(order) }))
  const would = reckon(person, moved, () => books.after)
  const again = new Map<ItemId, Again>()
  for (const { benefits, dispositionDate: payDay } of moved) {
    for (const { item } of benefits) {
      const [before, after] = [was.get(item), would.get(item)]
      if (before !== undefined && after !== undefined) again.set(item, { before, after, payDay })
    }
  }
  return again
}

function reckon(
  person: WhatWas,
  orders: readonly CalculatedOrder[],
  bookOf: (order: CalculatedOrder) => RateReader,
): Map<ItemId, Reckoned> {
  const made = new Map<ItemId, Reckoned>()
  const taken = orders.toSorted((a, b) => a.workNo - b.workNo || a.dispositionDate - b.dispositionDate)
  for (let first = 0; first < taken.length; ) {
    const { workNo } = taken[first] as CalculatedOrder
    const { cards, work } = person.seen(workNo)
    const earlier = whatEarlierLeave(person, taken.slice(0, first), made, work)
    const batch = personCalculator({ ...person, cards, ...earlier, claims: [] })
    let at = first
    for (; taken[at]?.workNo === workNo; at++) {
      const order = taken[at] as CalculatedOrder
      if (order.told) keepAsTold(person, order, made)
      else batch.take(withChanges(person, order, made), bookOf(order))
    }
    for (const one of batch.made.calculations) made.set(one.item, one)
    first = at
  }
  return made
}

function keepAsTold({ items }: WhatWas, { benefits }: CalculatedOrder, made: Map<ItemId, Reckoned>): void {
  for (const { item } of benefits) {
    const one = items.get(item)
    if (one !== undefined) made.set(item, one)
  }
}

/** As `readEarlier` gives it to a calculation: what is used of cards, and ATP that is taken, as corrected by then. */
function whatEarlierLeave(
  { items }: WhatWas,
  orders: readonly CalculatedOrder[],
  made: ReadonlyMap<ItemId, Reckoned>,
  seen: number,
): { readonly used: CardUse[]; readonly atp: AtpTaken[] } {
  const [used, atp]: [CardUse[], AtpTaken[]] = [[], []]
  for (const { benefits } of orders) {
    for (const { item, benefit, period } of benefits) {
      const one = made.get(item)
      const was = items.get(item)
      if (one === undefined || was === undefined || one.allowanceUsed + one.frikortUsed + one.ownAtp === 0) continue
      const left = leftOf(one, was, seen)
      if (left.allowance + left.frikort > 0) used.push({ se: one.se, cardNo: one.cardNo, payPeriod: period, ...left })
      if (left.ownAtp > 0) {
        const { from, to } = monthSpan(period)
        atp.push({ benefit, from, to })
      }
    }
  }
  return { used, atp }
}

/** What of an item is withheld and used when a batch is made; of what would have been another, in proportion. */
function leftOf(
  one: Reckoned,
  was: CalculatedItem,
  seen: number,
): { readonly ownAtp: number; readonly allowance: Ore; readonly frikort: Ore } {
  const change = { ownAtp: 0, allowance: 0, frikort: 0, gone: 0 }
  for (const since of was.changes) {
    if (since.workNo > seen) continue
    change.ownAtp += since.ownAtp
    change.allowance += since.allowance
    change.frikort += since.frikort
    change.gone += since.gone
  }
  const left = (now: number, then: number, changed: number): number => {
    if (now === then) return then + changed
    return then > 0 ? Math.floor((now * (then + changed)) / then) : Math.min(now, one.gross - change.gone)
  }
  return {
    ownAtp: left(one.ownAtp, was.ownAtp, change.ownAtp),
    allowance: left(one.allowanceUsed, was.allowanceUsed, change.allowance) as Ore,
    frikort: left(one.frikortUsed, was.frikortUsed, change.frikort) as Ore,
  }
}

/** What a correction is reckoned beyond would itself have been another under another book. */
function withChanges({ items }: WhatWas, order: CalculatedOrder, made: ReadonlyMap<ItemId, Reckoned>): CalculatedOrder {
  const { beyond } = order
  if (beyond === undefined) return order
  const benefits = order.benefits.map((line) => {
    const { standing } = line
    const parts = beyond.get(line.line)
    if (standing === undefined || parts === undefined) return line
    const changed = { ...standing }
    for (const part of parts) {
      const [one, was] = [made.get(part.item), items.get(part.item)]
      if (one === undefined || was === undefined) continue
      const [more, less] = [shareOf(one, part), shareOf(was, part)]
      for (const name of ['ownAtp', 'employerAtp', 'pension'] as const)
        changed[name] = Math.max(0, changed[name] + more[name] - less[name]) as Ore
    }
    return { ...line, standing: changed }
  })
  return { ...order, benefits }
}

const KRONE = 100
type Contributed = Pick<Calculation, 'ownAtp' | 'employerAtp' | 'pension'>

/**
 * Down to whole øre, of pension to the nearest krone; what does not stand is never less than the ATP that was taken of
 * it. As `contributedBy` of items has it.
 */
function shareOf(of: Contributed, { gross, whole }: StandingPart): Contributed {
  const share = (amount: number) => Math.floor((amount * gross) / whole)
  return {
    ownAtp: Math.max(share(of.ownAtp), of.ownAtp - (whole - gross)) as Ore,
    employerAtp: share(of.employerAtp) as Ore,
    pension: (gross === whole ? of.pension : Math.round(share(of.pension) / KRONE) * KRONE) as Ore,
  }
}
