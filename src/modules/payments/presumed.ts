/**
 * Payments by a rail that tells failures alone: when it has taken the file, their day and a margin have passed, and
 * nobody has said that they came back, they are presumed paid. Only the bank's statement is final.
 * @da formodet udbetalt
 */
import type { Tx } from '../../base/db.ts'
import { inDenmark } from '../../base/danish-time.ts'
import type { Day } from '../../base/date.ts'
import type { Municipality } from '../../base/id.ts'
import { addBankDays, RAIL_KEYS, type RailKey, railRow } from '../rates/index.ts'
import { STOPPED_OF_PAYMENT } from './stopped.ts'

const SILENT: readonly RailKey[] = RAIL_KEYS.filter((rail) => railRow(rail).onlyFailures)

/** The first day on which payments of a rail may be presumed paid. */
function presumedFrom(rail: RailKey, disposition: Day): Day {
  return addBankDays(disposition, railRow(rail).presumedAfter)
}

/**
 * Once for each run: what was accepted of it, did not come back and is not booked by the bank at that time. Nearly
 * always no unit pays by such a rail, and then nothing more is asked. Gives how many payments.
 */
export async function presumePaid(tx: Tx, municipalities: readonly Municipality[], at: string): Promise<number> {
  const today = inDenmark(at).day
  const runs = await tx.rows<{ m: Municipality; runNo: number; rail: RailKey; date: Day }>(
    `select r.municipality_code as m, r.run_no as "runNo", r.rail, r.disposition_date as date from payment_runs r
     where r.municipality_code = any ($1) and r.rail = any ($2)
       and not exists (select from presumed_payments q where q.municipality_code = r.municipality_code and q.run_no = r.run_no)`,
    [municipalities, SILENT],
  )
  let presumed = 0
  for (const { m, runNo, rail, date } of runs) {
    if (today < presumedFrom(rail, date)) continue
    const row = await tx.first<{ payments: number }>(PRESUME, [m, runNo, at])
    presumed += row?.payments ?? 0
  }
  return presumed
}

const PRESUME = `insert into presumed_payments
  select $1::smallint, $2::int, $3::timestamptz, count(*)::int,
    range_agg(int4range((p.payment_id & 16777215)::int, (p.payment_id & 16777215)::int + 1))
  from payments p ${STOPPED_OF_PAYMENT}
  where p.municipality_code = $1 and p.payment_id >= $2::bigint << 24 and p.payment_id < ($2::bigint + 1) << 24
    and not z.whole
    and exists (select from accepted_payments a where a.municipality_code = $1 and a.run_no = $2
      and a.numbers @> (p.payment_id & 16777215)::int)
    and not exists (select from payment_returns b where b.municipality_code = $1 and b.payment_id = p.payment_id)
    and not exists (select from statement_entries s where s.municipality_code = $1 and s.match = 'settled'
      and s.amount_ore < 0 and (s.payment_id = p.payment_id or (s.run_no = $2 and s.unit = p.unit)))
    -- Money that came back before the statement that it left by.
    and not exists (select from statement_entries s where s.municipality_code = $1 and s.match = 'unmatched'
      and s.payment_id = p.payment_id)
  having count(*) > 0 returning payments`
