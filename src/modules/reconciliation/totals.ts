/** What a month and its payments come to, counted from their own tables. */
import type { Db } from '../../base/db.ts'
import { type Day, formatDay, type Period } from '../../base/date.ts'
import { type Municipality, TAKEN_OVER } from '../../base/id.ts'
import { STOPPED_OF_PAYMENT, STOPPED_OF_RUN, stoppedOfUnit } from '../payments/index.ts'
import type { Totals } from './reconcile.ts'

export interface PaymentTotals {
  readonly sent: number
  readonly accepted: number
  readonly returned: number
  readonly released_ore: number
  /** Released, neither refused before the bank nor booked by it. */
  readonly rail_ore: number
  readonly rail_items: number
  /** Released payments without any answer, and those due before the end of the month that the bank has not booked. */
  readonly unanswered: number
  readonly unsettled: number
}

/** Released runs of municipalities $1. */
export const RELEASED_RUNS = `released as materialized (
    select r.municipality_code, r.run_no, r.disposition_date, r.payments - z.payments as payments,
      r.amount_ore - z.ore as amount_ore
    from payment_runs r
    join payment_run_steps s on s.municipality_code = r.municipality_code and s.run_no = r.run_no and s.step = 'released'
    ${STOPPED_OF_RUN} where r.municipality_code = any ($1))`

/** Payments that left the rail one by one: refused before the bank, or booked by it alone. */
export const APART = `select q.municipality_code, q.payment_id from payment_returns q
      where q.municipality_code = any ($1) and q.answer in (2, 7)
    union select e.municipality_code, e.payment_id from statement_entries e
      where e.municipality_code = any ($1) and e.payment_id > 0 and e.match = 'settled' and e.amount_ore < 0`

/** The bank has booked the bundle whole. */
export const BUNDLE_BOOKED = (
  municipality: string,
  run: string,
  unit: string,
) => `exists (select from statement_entries e
    where e.municipality_code = ${municipality} and e.run_no = ${run} and e.unit = ${unit} and e.match = 'settled')`

/**
 * What is left of each released bundle: nothing once the bank has booked it whole; else its payments without those that
 * were refused before the bank or booked one by one.
 */
const OPEN_BUNDLES = `apart as materialized (
    select p.municipality_code, (p.payment_id >> 24)::int as run_no, p.unit, count(*) as n, sum(p.amount_ore - z.ore) as ore
    from (${APART}) q
    join payments p on p.municipality_code = q.municipality_code and p.payment_id = q.payment_id
    ${STOPPED_OF_PAYMENT} group by 1, 2, 3),
  open as materialized (
    select b.municipality_code, r.disposition_date, b.payments - z.payments - coalesce(a.n, 0) as n,
      b.amount_ore - z.ore - coalesce(a.ore, 0) as ore
    from released r join payment_bundles b on b.municipality_code = r.municipality_code and b.run_no = r.run_no
    ${stoppedOfUnit()}
    left join apart a on a.municipality_code = b.municipality_code and a.run_no = b.run_no and a.unit = b.unit
    where not ${BUNDLE_BOOKED('b.municipality_code', 'b.run_no', 'b.unit')})`

export async function readPaymentTotals(
  db: Db,
  municipalities: readonly Municipality[],
  before: Day,
): Promise<Map<Municipality, PaymentTotals>> {
  const rows = await db.often.rows<PaymentTotals & { m: Municipality }>(
    `with ${RELEASED_RUNS}, ${OPEN_BUNDLES},
     other as materialized (
       select a.municipality_code, count(distinct a.payment_id) as n from payment_answers a
       where a.municipality_code = any ($1) and not exists (select from accepted_payments x
         where x.municipality_code = a.municipality_code and x.run_no = (a.payment_id >> 24)::int
           and x.numbers @> (a.payment_id & 16777215)::int) group by 1)
     select m.m, coalesce(r.n, 0) as sent, coalesce(a.n, 0) as accepted, coalesce(q.n, 0) - coalesce(q.before, 0) as returned,
       coalesce(r.ore, 0)::bigint as released_ore, coalesce(o.ore, 0)::bigint as rail_ore,
       coalesce(o.n, 0)::bigint as rail_items,
       coalesce(r.n, 0) - coalesce(a.n, 0) - coalesce(t.n, 0) as unanswered, coalesce(o.late, 0)::bigint as unsettled
     from unnest($1::smallint[]) as m (m)
     left join (select municipality_code, sum(payments)::bigint as n, sum(amount_ore) as ore from released group by 1) r
       on r.municipality_code = m.m
     left join (select municipality_code, sum(payments)::bigint as n from accepted_payments
       where municipality_code = any ($1) group by 1) a on a.municipality_code = m.m
     left join (select municipality_code, count(*) as n,
       -- Taken over from an old system: sent by it, and an open item here.
       count(*) filter (where payment_id >= ${TAKEN_OVER}) as before from payment_returns
       where municipality_code = any ($1) group by 1) q on q.municipality_code = m.m
     left join (select municipality_code, sum(n) as n, sum(ore) as ore,
       sum(n) filter (where disposition_date < $2) as late from open group by 1) o on o.municipality_code = m.m
     left join other t on t.municipality_code = m.m`,
    [municipalities, formatDay(before)],
  )
  return new Map(rows.map(({ m, ...totals }) => [m, totals]))
}

const AMOUNTS = ['gross', 'own_atp', 'am', 'tax', 'set_off', 'third_party', 'net', 'employer_atp', 'pension']

export async function readMonthTotals(
  db: Db,
  municipalities: readonly Municipality[],
  month: Period,
): Promise<Map<Municipality, Totals>> {
  const rows = await db.often.rows<Totals & { m: Municipality }>(
    `select m.m, coalesce(i.orders, 0)::int as orders, coalesce(i.refused, 0)::int as orders_refused,
       coalesce(h.n, 0)::int as orders_held, ${AMOUNTS.map((name) => `coalesce(c.${name}, 0)::bigint as ${name}_ore`).join(', ')},
       0 as payments_sent, 0 as payments_accepted, 0 as payments_returned, 0 as bank_ore
     from unnest($1::smallint[]) as m (m)
     left join (select n.municipality_code, sum(n.accepted) as orders, sum(n.refused) as refused from intakes n
       where n.municipality_code = any ($1) and n.source_system between 1 and 3
         and coalesce(n.month, $2::date) >= $2::date and coalesce(n.month, $2::date) < $3::date
         and (n.state = 'loaded' or not exists (select from intakes l where l.municipality_code = n.municipality_code
           and l.source_system = n.source_system and l.file_id = n.file_id
           and (l.state = 'loaded' or l.intake_no > n.intake_no)))
       group by 1) i on i.municipality_code = m.m
     left join (select h.municipality_code, count(distinct h.order_id) as n from order_holds h
       where h.municipality_code = any ($1) and h.kind <> 'superseded'
         and not exists (select from order_hold_releases r where r.municipality_code = h.municipality_code
           and r.order_id = h.order_id and r.hold_no = h.hold_no)
         and not exists (select from order_holds o where o.municipality_code = h.municipality_code
           and o.order_id = h.order_id and o.kind = 'superseded') group by 1) h on h.municipality_code = m.m
     left join (select w.municipality_code, ${AMOUNTS.map((name) => `sum((d.totals->>'${name}_ore')::bigint) as ${name}`).join(', ')}
       from work_batches w join work_done d on d.municipality_code = w.municipality_code and d.work_no = w.work_no
       where w.municipality_code = any ($1) and w.kind = 'calculate' and w.known_at >= $2::date and w.known_at < $3::date
       group by 1) c on c.municipality_code = m.m`,
    [municipalities, formatDay(month.from), formatDay(month.to)],
  )
  return new Map(rows.map(({ m, ...totals }) => [m, totals]))
}
