/** The states of a municipality's payment runs: what is needed to derive them, read for some runs at once. */
import type { Db } from '../../base/db.ts'
import { type Day, formatDay, type Period } from '../../base/date.ts'
import type { Municipality } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { type RunProgress, type RunPurpose, type RunState, runState, STOPPED_OF_RUN } from '../payments/index.ts'
import type { RailKey } from '../rates/index.ts'
import { OPEN_RETURNS } from './returned-payments.ts'

export interface StatedRun {
  readonly runNo: number
  readonly dispositionDate: Day
  readonly rail: RailKey
  readonly purpose: RunPurpose
  readonly payments: number
  readonly amount: Ore
  readonly state: RunState
}

const RUN = (of: string): string => `${of}.payment_id >= r.run_no::bigint << 24
    and ${of}.payment_id < (r.run_no::bigint + 1) << 24`

/** Runs whose disposition date lies in a period, in their order. */
export async function readRunStates(db: Db, municipality: Municipality, period: Period): Promise<StatedRun[]> {
  const rows = await db.rows<Omit<StatedRun, 'state'> & RunProgress>(
    `with r as materialized (
       select r.municipality_code, r.run_no, r.disposition_date, r.rail, r.purpose, (r.payments - z.payments)::int as payments,
         r.amount_ore - z.ore as amount
       from payment_runs r ${STOPPED_OF_RUN}
       where r.municipality_code = any ($1) and r.disposition_date >= $2 and r.disposition_date < $3),
     -- One pass over the entries: they have no index by run.
     booked as materialized (
       select case when e.run_no > 0 then e.run_no else (e.payment_id >> 24)::int end as run_no, -sum(e.amount_ore) as ore
       from statement_entries e where e.municipality_code = any ($1) and e.match = 'settled' and e.amount_ore < 0 group by 1),
     open as materialized (select o.payment_id from (${OPEN_RETURNS}) o)
     select r.run_no as "runNo", r.disposition_date as "dispositionDate", r.rail, r.purpose, r.payments, r.amount,
       array(select s.step from payment_run_steps s where s.municipality_code = r.municipality_code
         and s.run_no = r.run_no) as steps,
       coalesce((select sum(a.payments) from accepted_payments a where a.municipality_code = r.municipality_code
           and a.run_no = r.run_no), 0)::int
         + (select count(distinct q.payment_id) from payment_answers q where q.municipality_code = r.municipality_code and ${RUN('q')}
             and not exists (select from accepted_payments a where a.municipality_code = r.municipality_code
               and a.run_no = r.run_no and a.numbers @> (q.payment_id & 16777215)::int))::int as answered,
       (select coalesce(sum(q.amount_ore), 0) from payment_returns q where q.municipality_code = r.municipality_code
         and q.answer in (2, 7) and ${RUN('q')})::bigint as refused,
       coalesce((select b.ore from booked b where b.run_no = r.run_no), 0)::bigint as booked,
       (select count(*) from open o where ${RUN('o')})::int as "openReturns"
     from r order by r.run_no`,
    [[municipality], formatDay(period.from), formatDay(period.to)],
  )
  return rows.map(({ runNo, dispositionDate, rail, purpose, payments, amount, ...progress }) => {
    return {
      runNo,
      dispositionDate,
      rail,
      purpose,
      payments,
      amount,
      state: runState({ ...progress, payments, amount }),
    }
  })
}
