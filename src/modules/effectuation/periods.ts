/** Months and weeks of a pay period. @da lønperiode */
import { type Day, type Period, civil, dayOf } from '../../base/date.ts'

export interface MonthSpan extends Period {
  readonly months: number
}

/** The distinct periods of a run are few; their spans are reckoned once. */
const known = new Map<number, MonthSpan>()
const LARGEST_CACHE = 10_000

/**
 * The months that a benefit paid by the month is for. A period from one date to the same date of a later month is so
 * many whole months. Any other period is widened to the calendar months that it touches, so that two halves of a month
 * share that month's allowance instead of getting one each.
 */
export function monthSpan(period: Period): MonthSpan {
  const key = period.from * 4_000_000 + period.to
  const found = known.get(key)
  if (found !== undefined) return found
  const span = reckonSpan(period)
  if (known.size < LARGEST_CACHE) known.set(key, span)
  return span
}

function reckonSpan({ from, to }: Period): MonthSpan {
  const first = civil(from)
  const end = civil(to)
  const apart = end.year * 12 + end.month - (first.year * 12 + first.month)
  if (apart > 0 && first.day === end.day) return { from, to, months: apart }
  const months = end.day === 1 ? apart : apart + 1
  return { from: dayOf(first.year, first.month, 1), to: addMonths(first.year, first.month, months), months }
}

function addMonths(year: number, month: number, months: number): Day {
  const index = year * 12 + month - 1 + months
  return dayOf(Math.floor(index / 12), (index % 12) + 1, 1)
}

/** How many whole weeks a period is; 0 when it is not whole weeks. */
export function wholeWeeks(period: Period): number {
  const days = period.to - period.from
  return days % 7 === 0 ? days / 7 : 0
}
