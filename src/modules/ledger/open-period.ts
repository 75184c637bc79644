/**
 * Days on which nothing more is posted: those of closed months, and all up to the last approved day. What comes late
 * about one is posted on the first day that is open, with its own value date.
 */
import type { Db, Tx } from '../../base/db.ts'
import { addDays, type Day, day, firstOfMonth, firstOfNextMonth } from '../../base/date.ts'
import type { Municipality } from '../../base/id.ts'

/** As a value of any statement of which `$1` is the municipality: see `firstOpen`. */
export const SHUT = `json_build_object(
    'months', (select coalesce(json_agg(month), '[]') from closed_periods where municipality_code = $1),
    'until', (select max(day) from approved_days where municipality_code = $1))`

/** First days of closed months, and the last approved day. */
export interface Shut {
  readonly months: readonly string[]
  readonly until: string | null
}

/** The day itself when it is open, else the first one after it that is. */
export function firstOpen({ months, until }: Shut): (wish: Day) => Day {
  const closed = new Set(months.map(day))
  const first = until === null ? (0 as Day) : addDays(day(until), 1)
  return (wish) => {
    let date = wish < first ? first : wish
    while (closed.has(firstOfMonth(date))) date = firstOfNextMonth(date)
    return date
  }
}

/** Asked once for whatever is booked in a transaction. */
export async function postingDays(db: Db, municipality: Municipality): Promise<(wish: Day) => Day> {
  const row = await db.often.first<{ shut: Shut }>(`select ${SHUT} as shut`, [municipality])
  return firstOpen(row?.shut ?? { months: [], until: null })
}

/** Waits for what is being posted, and lets nothing be posted until the transaction ends. */
export async function lockPosting(tx: Tx, municipality: Municipality): Promise<void> {
  await tx.run('select pg_advisory_xact_lock(7031207, $1)', [municipality])
}
