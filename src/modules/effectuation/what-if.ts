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
import type { BenefitToCalculate, Calculation, OrderToCalculate, PersonToCalculate } from './calculation.ts'

/** An order as it was calculated. */
export interface CalculatedOrder extends OrderToCalculate {
  /** Its versions share it. */
  readonly chain: string
  /** The batch of work that calculated it. */
  readonly workNo: number
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
  // What a correction is reckoned beyond is itself another under the book of after.
  const beyond = orders.some((order) => order.benefits.some((line) => line.standing !== undefined))
  const changes = new Map<string, Contributed>()
  let taken = 0
  for (const order of moved) {
    would.take(beyond ? withChanges(order, changes) : order, books.after)
    const made = would.made.calculations
    for (; taken < made.length; taken++) {
      const after = made[taken] as Calculation
      const one = before.get(after.item)
      if (one === undefined) continue
      again.set(after.item, { before: one, after, payDay: order.dispositionDate })
      if (beyond) addChange(changes, order, one, after)
    }
  }
  return again
}

function byDate<T extends CalculatedOrder>(orders: readonly T[]): readonly T[] {
  return orders.toSorted((a, b) => a.dispositionDate - b.dispositionDate)
}

function keyOf(order: CalculatedOrder, line: Pick<BenefitToCalculate, 'benefit' | 'period'>): string {
  return `${order.chain} ${line.benefit} ${line.period.from} ${line.period.to}`
}

function addChange(
  changes: Map<string, Contributed>,
  order: CalculatedOrder,
  before: Calculation,
  after: Calculation,
): void {
  const line = order.benefits.find((one) => one.item === after.item)
  if (line === undefined) return
  const key = keyOf(order, line)
  const sofar = changes.get(key)
  const sum = (name: keyof Contributed) => ((sofar?.[name] ?? 0) + after[name] - before[name]) as Ore
  changes.set(key, { ownAtp: sum('ownAtp'), employerAtp: sum('employerAtp'), pension: sum('pension') })
}

/** Lines of one benefit and period are reckoned together: the first of them bears what changed of what stands. */
function withChanges(order: CalculatedOrder, changes: ReadonlyMap<string, Contributed>): CalculatedOrder {
  const done = new Set<string>()
  const benefits = order.benefits.map((line) => {
    const key = keyOf(order, line)
    const change = changes.get(key)
    const { standing } = line
    if (standing === undefined || change === undefined || done.has(key)) return line
    done.add(key)
    const sum = (name: keyof Contributed) => Math.max(0, standing[name] + change[name]) as Ore
    const changed = { ownAtp: sum('ownAtp'), employerAtp: sum('employerAtp'), pension: sum('pension') }
    return { ...line, standing: { ...standing, ...changed } }
  })
  return { ...order, benefits }
}
