/**
 * What was calculated of a person, taken through the rules again under two rate books: as it was, and as it would be.
 * The whole person in the order of disposition dates, so that allowance, frikort and ATP of the month are shared anew
 * when a change alters who used them first. Pure.
 */
import type { Day } from '../../base/date.ts'
import type { ItemId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import type { RateReader } from '../rates/index.ts'
import { personCalculator } from './calculate.ts'
import type { Calculation, OrderToCalculate, PersonToCalculate } from './calculation.ts'

/** An order as it was calculated. */
export interface CalculatedOrder extends OrderToCalculate {
  /** Its versions share it. */
  readonly chain: string
  /** The batch of work that calculated it. */
  readonly workNo: number
  /** Of a correction: what stood of earlier items when it was calculated, by its lines. */
  readonly beyond?: ReadonlyMap<number, readonly StandingPart[]>
}

/** So many øre of an item's whole gross. */
export interface StandingPart {
  readonly item: ItemId
  readonly gross: number
  readonly whole: number
}

export interface Again {
  readonly before: Calculation
  readonly after: Calculation
  /** When it would be paid. */
  readonly payDay: Day
}

export interface Books {
  before(order: CalculatedOrder): RateReader
  readonly after: RateReader
  /** When an order would be paid under the book of after. */
  payDay(order: CalculatedOrder): Day
}

type Contributed = Pick<Calculation, 'ownAtp' | 'employerAtp' | 'pension'>

/** `orders`: sorted by source system and key within a date, all that was calculated of the person. */
export function reckonAgain(
  person: Pick<PersonToCalculate, 'municipality' | 'person' | 'cards'>,
  orders: readonly CalculatedOrder[],
  books: Books,
): Map<ItemId, Again> {
  const start = { ...person, used: [], claims: [] }
  const was = personCalculator(start)
  for (const order of byDate(orders)) was.take(order, books.before(order))
  const before = new Map(was.made.calculations.map((one) => [one.item, one]))
  const again = new Map<ItemId, Again>()
  const would = personCalculator(start)
  const moved = byDate(orders.map((order) => ({ ...order, dispositionDate: books.payDay(order) })))
  let taken = 0
  for (const order of moved) {
    would.take(order.beyond === undefined ? order : withChanges(order, order.beyond, again), books.after)
    const made = would.made.calculations
    for (; taken < made.length; taken++) {
      const after = made[taken] as Calculation
      const one = before.get(after.item)
      if (one !== undefined) again.set(after.item, { before: one, after, payDay: order.dispositionDate })
    }
  }
  return again
}

function byDate<T extends CalculatedOrder>(orders: readonly T[]): readonly T[] {
  return orders.toSorted((a, b) => a.dispositionDate - b.dispositionDate)
}

/** What a correction is reckoned beyond would itself have been another under the book of after. */
function withChanges(
  order: CalculatedOrder,
  beyond: ReadonlyMap<number, readonly StandingPart[]>,
  again: ReadonlyMap<ItemId, Again>,
): CalculatedOrder {
  const benefits = order.benefits.map((line) => {
    const { standing } = line
    const parts = beyond.get(line.line)
    if (standing === undefined || parts === undefined) return line
    const changed = { ...standing }
    for (const part of parts) {
      const one = again.get(part.item)
      if (one === undefined) continue
      const [more, less] = [shareOf(one.after, part), shareOf(one.before, part)]
      for (const name of ['ownAtp', 'employerAtp', 'pension'] as const)
        changed[name] = Math.max(0, changed[name] + more[name] - less[name]) as Ore
    }
    return { ...line, standing: changed }
  })
  return { ...order, benefits }
}

const KRONE = 100

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
