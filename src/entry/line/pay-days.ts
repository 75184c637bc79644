/**
 * Decides when orders are paid that do not ask for their own disposition date. What a source wants at once goes in a
 * run of its own when no ordinary run would reach its day; what it wants with the next ordinary run waits for that.
 */
import type { Tx } from '../../base/db.ts'
import { type Day, firstOfNextMonth } from '../../base/date.ts'
import type { Municipality, OrderId } from '../../base/id.ts'
import {
  assembledDays,
  type PayDay,
  recordPayDays,
  type SettledOtherwise,
  settledOtherwise,
} from '../../modules/payments/index.ts'
import {
  acuteDay,
  closedDays,
  type ExtraClosingDays,
  lastBankDayOfMonth,
  type LocalRules,
  openPayDay,
  type RateReader,
  readLocalRules,
} from '../../modules/rates/index.ts'
import { firstPayDay } from './correction-facts.ts'

export interface Planned {
  readonly workNo: number
  readonly orders: readonly OrderId[]
}

export interface Planning {
  readonly works: readonly Planned[]
  /** Days on which something else is due that is not calculated, in any order; asked when something waits for one. */
  readonly due: () => readonly Day[] | Promise<readonly Day[]>
  readonly at: string
}

/** Of planned work the orders that are settled otherwise; nothing is asked when there are none. */
export async function planPayDays(
  tx: Tx,
  rates: RateReader,
  municipality: Municipality,
  { works, due, at }: Planning,
): Promise<void> {
  const workOf = new Map(works.flatMap(({ workNo, orders }) => orders.map((order) => [order, workNo] as const)))
  if (workOf.size === 0) return
  const found = await settledOtherwise(tx, municipality, [...workOf.keys()])
  if (found.length === 0) return
  const rules = await readLocalRules(tx, municipality)
  const closed = closedDays(rates, rules, municipality)
  const first = firstPayDay(at, closed)
  const waiting = found.some((one) => one.kind === 'with_next_ordinary')
  const ordinary = {
    due: waiting ? [...new Set(await due())].sort((a, b) => a - b) : [],
    assembled: waiting ? await assembledDays(tx, municipality, lowest(found)) : new Set<Day>(),
  }
  const days = found.flatMap((one): PayDay[] => {
    if (one.kind === 'at_once' && one.dispositionDate >= first) return []
    const on =
      one.kind === 'at_once' ? atOnce(one, acuteDayOf(rates, rules, one, at, closed), first, closed) : undefined
    const payOn = one.kind === 'at_once' ? on : nextOrdinaryDay(one.dispositionDate, first, ordinary, closed)
    if (payOn === undefined || (one.kind !== 'at_once' && payOn === one.dispositionDate)) return []
    return [{ workNo: workOf.get(one.order) as number, order: one.order, kind: one.kind, payOn, reason: '' }]
  })
  await recordPayDays(tx, municipality, days, { at, by: 'toek' })
}

function lowest(found: readonly SettledOtherwise[]): Day {
  return found.map((one) => one.dispositionDate).reduce((a, b) => (a < b ? a : b))
}

/** Undefined when an ordinary run reaches its day. `acute` is a day that can be paid on. */
export function atOnce(
  { dispositionDate }: SettledOtherwise,
  acute: Day,
  first: Day,
  closed: ExtraClosingDays | undefined,
): Day | undefined {
  const on = openPayDay(Math.max(dispositionDate, acute) as Day, acute, closed)
  return on < first ? on : undefined
}

/** By the slowest of the rails that pay it. */
export function acuteDayOf(
  rates: RateReader,
  rules: LocalRules,
  { benefits }: Pick<SettledOtherwise, 'benefits'>,
  at: string,
  closed: ExtraClosingDays | undefined,
): Day {
  const rails = benefits.map(({ benefit, from }) => rules.rail(rates.benefitRule(benefit, from).unitKind, from))
  const days = [...new Set(rails)].map((rail) => acuteDay(at, rail, rules, closed))
  return Math.max(...days, ...(days.length === 0 ? [firstPayDay(at, closed)] : [])) as Day
}

/**
 * The next day on which something else is paid; when nothing is known to be, the last bank day of the month, unless
 * its run is assembled already.
 */
export function nextOrdinaryDay(
  dispositionDate: Day,
  first: Day,
  { due, assembled }: { readonly due: readonly Day[]; readonly assembled: ReadonlySet<Day> },
  closed: ExtraClosingDays | undefined,
): Day {
  const earliest = openPayDay(Math.max(dispositionDate, first) as Day, first, closed)
  const next = due.map((one) => openPayDay(one, first, closed)).find((one) => one >= earliest)
  if (next !== undefined) return next
  let day = lastBankDayOfMonth(earliest, closed)
  while (day < earliest || assembled.has(day)) day = lastBankDayOfMonth(firstOfNextMonth(day), closed)
  return day
}
