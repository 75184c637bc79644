/**
 * Closed periods: what comes late about a closed month is posted on the first day that is open, with its own value
 * date.
 */
import type { Db } from '../../base/db.ts'
import { type Day, firstOfMonth, firstOfNextMonth } from '../../base/date.ts'
import type { Municipality } from '../../base/id.ts'

/** The day itself when its month is open, else the first day of the next month that is. */
export async function postingDays(db: Db, municipality: Municipality): Promise<(wish: Day) => Day> {
  const rows = await db.rows<{ month: Day }>('select month from closed_periods where municipality_code = $1', [
    municipality,
  ])
  const closed = new Set(rows.map((row) => row.month))
  return (wish) => {
    let date = wish
    while (closed.has(firstOfMonth(date))) date = firstOfNextMonth(date)
    return date
  }
}
