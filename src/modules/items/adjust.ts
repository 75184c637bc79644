/**
 * What was overpaid and is decided to be adjusted is taken in the right holder's coming payments of the same benefit:
 * it stands again at its own line and is moved from there to the line of the coming payment, which is paid the
 * difference. So it is the same as within a decision: posted and told again, no money, and nothing new to be withdrawn
 * or claimed. Pure. @da regulering i kommende udbetaling
 *
 *   March     ├── 10.000 stands ──┤├─ 600 to be adjusted over three payments ─┤
 *   April     ├── 9.800 paid ──┤200│     May ├── 9.800 paid ──┤200│     June ├── 9.800 paid ──┤200│
 */
import type { Day } from '../../base/date.ts'
import type { ItemId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { adjustmentRule, type RateReader } from '../rates/index.ts'
import { carriedBy, type Chain, textOf, type WantedLine } from './correct.ts'
import { byAge, type Line, lineOf, type Lines, type Lot, lotAt, moved, type PaidItem } from './item.ts'
import { type Movement, movement, type Spot } from './movement.ts'

/** How what is to be adjusted of a line is spread. @da afdragsplan */
export interface AdjustmentPlan {
  readonly item: ItemId
  /** The line that it counted for. */
  readonly at: ItemId
  /** What was to be adjusted when it was planned. */
  readonly total: Ore
  readonly instalments: number
  /** What was taken of it by the date of the payment. */
  readonly taken: ReadonlyMap<Day, number>
}

/** A payment that is about to be calculated. */
export interface ComingPayment {
  readonly source: number
  readonly day: Day
  /** Its lines of which nothing was paid before; `gross` is what is to be paid. */
  readonly lines: readonly WantedLine[]
}

export interface Adjusted {
  readonly movements: readonly Movement[]
  readonly items: readonly PaidItem[]
  /** What each line is paid less. */
  readonly less: ReadonlyMap<number, number>
  /** The plans after it. */
  readonly plans: readonly AdjustmentPlan[]
}

/**
 * Of each plan an instalment at most on one date of payment, never more of a line than the benefit's rule leaves; what
 * could not be taken waits for the next payment.
 */
export function adjust(
  coming: ComingPayment,
  plans: readonly AdjustmentPlan[],
  { items, lines }: Chain,
  rates: RateReader,
): Adjusted {
  const now = new Map(items.map((item) => [item.item, item]))
  const movements: Movement[] = []
  const less = new Map<number, number>()
  const after = plans.toSorted(byPeriod(now, lines)).map((plan) => {
    let sum = 0
    const item = now.get(plan.item)
    const lot = item && lotAt(item, { place: 'adjusting', ref: plan.at })
    if (item?.standing !== 'current' || item.source !== coming.source || lot === undefined) return plan
    const of = lineOf(lines, plan.at)
    let room = roomOf(plan, lot.gross, coming.day)
    for (const line of coming.lines) {
      if (!isSameRight(of, line) || textOf(of) === textOf(line)) continue
      const gross = Math.min(room, mostOf(line, coming.day, rates) - (less.get(line.line) ?? 0)) as Ore
      if (gross <= 0) continue
      for (const one of taking(now.get(plan.item) as PaidItem, plan.at, line.at, gross, lines)) {
        now.set(plan.item, moved(now.get(plan.item) as PaidItem, one, lines))
        movements.push(one)
      }
      room -= gross
      sum += gross
      less.set(line.line, (less.get(line.line) ?? 0) + gross)
    }
    return sum === 0 ? plan : { ...plan, taken: plus(plan.taken, coming.day, sum) }
  })
  return { movements, items: [...now.values()], less, plans: after }
}

function byPeriod(items: ReadonlyMap<ItemId, PaidItem>, lines: Lines) {
  const older = byAge(lines)
  return (a: AdjustmentPlan, b: AdjustmentPlan): number => {
    const [x, y] = [items.get(a.item), items.get(b.item)]
    const from = lineOf(lines, a.at).period.from - lineOf(lines, b.at).period.from
    const age = x && y ? older(x, y) : Number(x === undefined) - Number(y === undefined)
    return from || age || a.at - b.at
  }
}

function plus(taken: ReadonlyMap<Day, number>, day: Day, gross: number): ReadonlyMap<Day, number> {
  return new Map(taken).set(day, (taken.get(day) ?? 0) + gross)
}

function isSameRight(of: Line, line: WantedLine): boolean {
  return of.rightHolder === line.rightHolder && of.benefit === line.benefit
}

/** An instalment less what the same date's other payments took of it; the last takes the odd øre. */
function roomOf({ total, instalments, taken }: AdjustmentPlan, left: number, day: Day): number {
  const before = taken.get(day) ?? 0
  const share = Math.floor(total / instalments)
  const last = total - share * (instalments - 1)
  return Math.min(left, (left + before <= last ? last : share) - before)
}

/** What may be taken of a line: what the rule does not leave; nothing where there is none. */
function mostOf({ benefit, period, gross }: WantedLine, day: Day, rates: RateReader): number {
  const rule = adjustmentRule(rates.benefitRule(benefit, period.from), day)
  return rule === undefined ? 0 : gross - Math.ceil((gross * rule.leaves) / 1_000_000)
}

function taking(item: PaidItem, at: ItemId, to: ItemId, gross: Ore, lines: Lines): Movement[] {
  const again: Spot = { place: 'stands', ref: at }
  const carried = carriedBy(item, lines, { at }, to, gross)
  return [
    movement({ item: item.item, from: { place: 'adjusting', ref: at }, to: again, gross }),
    movement({ item: item.item, from: again, to: { place: 'stands', ref: to }, gross, carried }),
  ]
}

/** What was taken in a payment that is stopped before it is sent is to be taken again: the same way back. */
export function giveBack(item: PaidItem, at: ItemId, there: ItemId, gross: Ore, lines: Lines): Movement[] {
  const again: Spot = { place: 'stands', ref: at }
  const carried = carriedBy(item, lines, { at: there }, at, gross)
  return [
    movement({ item: item.item, from: { place: 'stands', ref: there }, to: again, gross, carried }),
    movement({ item: item.item, from: again, to: { place: 'adjusting', ref: at }, gross }),
  ]
}

export interface Planned {
  readonly movements: readonly Movement[]
  readonly items: readonly PaidItem[]
  readonly plans: readonly AdjustmentPlan[]
}

/** What is overpaid of a decision is to be adjusted, where its benefit's rule allows; what waits already goes along. */
export function planAdjustment(
  decision: string,
  instalments: number,
  { items, lines }: Chain,
  day: Day,
  rates: RateReader,
): Planned {
  const movements: Movement[] = []
  const plans: AdjustmentPlan[] = []
  const after = items.map((item) => {
    let now = item
    if (item.standing !== 'current') return now
    for (const lot of item.spots) {
      const line = lineOf(lines, lot.at)
      if (lot.place !== 'overpaid' || line.decision !== decision) continue
      if (adjustmentRule(rates.benefitRule(line.benefit, line.period.from), day) === undefined) continue
      const made = planLot(now, lot, lot.gross, instalments, lines)
      movements.push(made.movement)
      plans.push(made.plan)
      now = made.item
    }
    return now
  })
  return { movements, items: after, plans }
}

/** A part of what is overpaid at a line is to be adjusted; with what waits there already it is spread anew. */
export function planLot(item: PaidItem, lot: Lot, gross: Ore, instalments: number, lines: Lines) {
  const [from, to]: Spot[] = [
    { place: lot.place, ref: lot.ref },
    { place: 'adjusting', ref: lot.ref },
  ]
  const one = movement({ item: item.item, from: from as Spot, to: to as Spot, gross })
  const after = moved(item, one, lines)
  const total = lotAt(after, to as Spot)?.gross as Ore
  const plan: AdjustmentPlan = { item: item.item, at: lot.ref, total, instalments, taken: new Map() }
  return { movement: one, item: after, plan }
}
