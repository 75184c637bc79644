/**
 * What is to be taken in coming payments: planned by an order that says so of what it has overpaid, taken in each order
 * of the same person that pays for the first time. The rules are those of `items`.
 */
import { itemId } from '../../base/id.ts'
import { type Ore, ZERO } from '../../base/money.ts'
import type { BenefitToCalculate, StandsAlready } from '../../modules/effectuation/index.ts'
import {
  adjust,
  type Chain,
  type Correcting,
  type Line as BenefitLine,
  type Lines,
  type Movement,
  type PaidItem,
  type PersonsPlan,
  planAdjustment,
  standingOf,
  textOf,
  type WantedLine,
} from '../../modules/items/index.ts'
import type { DueLine } from '../../modules/orders/index.ts'
import type { RateReader } from '../../modules/rates/index.ts'
import type { DueOrderLines } from './batch-book.ts'

/** The benefit lines of an order as items know them. */
export function wantedOf(due: DueOrderLines, lines: Lines): WantedLine[] {
  return due.order.benefits.map((benefit) => {
    const { rightHolder, component, period } = lines.get(benefit.item) as BenefitLine
    const { line, gross, item: at } = benefit
    return { rightHolder, benefit: benefit.benefit, component, period, line, gross, at }
  })
}

const NOTHING_STANDS = { gross: ZERO, ownAtp: ZERO, employerAtp: ZERO, pension: ZERO }

/**
 * The benefits of an order with what stands of each: two lines of one item share it, the first bears it. `known`: of
 * these lines it is reckoned already.
 */
export function reckoned(
  due: DueOrderLines,
  wanted: readonly WantedLine[],
  chain: Chain,
  known: ReadonlyMap<number, StandsAlready>,
): BenefitToCalculate[] {
  const seen = new Set<string>()
  return due.order.benefits.map((one, i) => {
    const line = wanted[i] as WantedLine
    const key = textOf(line)
    const standing = known.get(one.line) ?? (seen.has(key) ? NOTHING_STANDS : standingOf(line, chain))
    seen.add(key)
    return { ...one, standing }
  })
}

/**
 * What the decision of an order has overpaid its own beneficiary is spread; employers' refunds are not. What another
 * beneficiary was paid is not taken of this one: it waits for a decision.
 */
export function planned(
  due: DueOrderLines,
  { decision }: Correcting,
  instalments: number,
  chain: Chain,
  rates: RateReader,
): { movements: readonly Movement[]; items: readonly PaidItem[]; plans: readonly PersonsPlan[] } {
  const { person, personIsCompany, dispositionDate } = due.order
  if (personIsCompany) return { movements: [], items: [], plans: [] }
  const made = planAdjustment(decision, instalments, chain, dispositionDate, rates)
  return { ...made, plans: made.plans.map((plan) => ({ ...plan, person })) }
}

interface Taken {
  readonly due: DueOrderLines
  readonly movements: readonly Movement[]
  readonly items: readonly PaidItem[]
  readonly plans: readonly PersonsPlan[]
}

/** `own`: the items of the decision. An order that takes nothing is left as it is. */
export function takeInstalments(
  due: DueOrderLines,
  plans: readonly PersonsPlan[],
  chain: Chain,
  own: readonly PaidItem[],
  rates: RateReader,
): Taken {
  const nothing = { due, movements: [], items: [], plans: [] }
  const { person, personIsCompany, dispositionDate } = due.order
  if (plans.length === 0 || personIsCompany || due.order.benefits.length === 0) return nothing
  const wanted = wantedOf(due, chain.lines)
  // A line of which something was paid before is a correction, not a coming payment.
  const lines = wanted.filter(
    ({ gross }, i) => gross > 0 && gross === saidOf(due, i) && (due.order.benefits[i]?.standing?.gross ?? 0) === 0,
  )
  const { source } = due.lines[0] as DueLine
  const made = adjust({ source, day: dispositionDate, lines }, plans, chain, rates)
  if (made.movements.length === 0) return nothing
  const after = new Map([...own, ...chain.items, ...made.items].map((item) => [item.item, item]))
  const others = due.order.benefits.flatMap(({ line, standing }) =>
    made.less.has(line) || standing === undefined ? [] : [[line, standing] as const],
  )
  const now = { items: [...after.values()], lines: chain.lines }
  const benefits = reckoned(due, wanted, now, new Map(others)).map((one) => ({
    ...one,
    gross: (one.gross - (made.less.get(one.line) ?? 0)) as Ore,
  }))
  const items = made.items.filter((item) => made.movements.some((one) => one.item === item.item))
  return {
    due: { ...due, order: { ...due.order, benefits } },
    movements: made.movements,
    items,
    plans: made.plans.map((plan) => ({ ...plan, person })),
  }
}

/** What the order says of a line. */
function saidOf({ order, lines }: DueOrderLines, i: number): Ore | undefined {
  const item = order.benefits[i]?.item
  return lines.find((line) => itemId(line.order, line.line) === item)?.amount
}
