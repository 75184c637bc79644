/** The day on which the age of what came back is reckoned where nobody names one. */
import { danishDay } from '../base/danish-time.ts'
import { type Day, day, monthOf } from '../base/date.ts'
import type { Db } from '../base/db.ts'
import type { Municipality } from '../base/id.ts'
import { monthClock } from './line/clock.ts'

/**
 * In operation today. In the demo, whose months lie behind the clock, the end of the last one that paid: it is when the
 * list of work of that month was made, so that list, pages and `toek returned` say the same age.
 */
export async function returnedDay(
  db: Db,
  municipalities: readonly Municipality[],
  mode: 'demo' | 'operation',
  now: string,
): Promise<Day> {
  const today = danishDay(now)
  if (mode === 'operation') return today
  const last = await db.first<{ on: Day | null }>(
    'select max(disposition_date) as on from payment_runs where municipality_code = any ($1)',
    [municipalities],
  )
  return last === undefined || last.on === null ? today : day(monthClock(monthOf(last.on)).closed.slice(0, 10))
}
