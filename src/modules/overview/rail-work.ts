/** What a rail has said that a person must look at. All start from tables that are ordinarily empty. */
import { endToEndIdSql, fileIdSql, RECALL_OF_PAYMENT } from '../payments/index.ts'

/** Refused whole: it waits for a person, unless it goes again of itself. */
export const REFUSED_FILE = `select f.municipality_code, 'refused_file' as kind,
    ${fileIdSql('f')} as subject, null::smallint as source_system,
    'kommune' as owner, r.amount_ore, f.known_at as since,
    jsonb_build_object('attempt', f.attempt, 'class', f.class, 'reason', f.reason, 'detail', f.detail) as detail
  from refused_files f
  join payment_runs r on r.municipality_code = f.municipality_code and r.run_no = f.run_no
  where f.municipality_code = any ($1) and f.retry_at is null and not exists (select from file_attempts n
    where n.municipality_code = f.municipality_code and n.run_no = f.run_no and n.after_attempt = f.attempt)`

/** Accepted with a warning, until the bank has booked it or sent it back. */
export const WARNED = `select w.municipality_code, 'payment_warned' as kind,
    ${endToEndIdSql('w')} as subject,
    p.source_system, 'kommune' as owner, p.amount_ore, min(b.known_at) as since,
    jsonb_build_object('reason', string_agg(w.reason, ', ' order by w.reason)) as detail
  from accepted_warnings w
  join payments p on p.municipality_code = w.municipality_code and p.payment_id = w.payment_id
  join work_batches b on b.municipality_code = w.municipality_code and b.work_no = w.work_no
  where w.municipality_code = any ($1)
    and not exists (select from payment_returns q where q.municipality_code = w.municipality_code
      and q.payment_id = w.payment_id)
    and not exists (select from statement_entries e where e.municipality_code = w.municipality_code
      and e.match = 'settled' and (e.payment_id = w.payment_id
        or e.run_no = (w.payment_id >> 24)::int and e.unit = p.unit))
  group by w.municipality_code, w.payment_id, p.source_system, p.amount_ore`

/** Asked back, and it has not come back: until it does, or a person lets it be when the rail has said no. */
export const STOP_ASKED = `select q.municipality_code, 'stop_asked' as kind, ${endToEndIdSql('q')} as subject,
    p.source_system, 'kommune' as owner, p.amount_ore, q.at as since,
    jsonb_build_object('state', ${RECALL_OF_PAYMENT}) as detail
  from recalls q
  join payments p on p.municipality_code = q.municipality_code and p.payment_id = q.payment_id
  where q.municipality_code = any ($1) and not exists (select from payment_returns b
    where b.municipality_code = q.municipality_code and b.payment_id = q.payment_id)
    and not exists (select from run_recalls w where w.municipality_code = q.municipality_code and w.work_no = q.work_no)`

/** A whole run or bundle is one item, whatever it has of payments that have not come back; how many were refused. */
export const RUN_STOP_ASKED = `select w.municipality_code, 'stop_asked' as kind,
    ${fileIdSql('w')} || case when w.unit > 0 then 'U' || w.unit else '' end as subject, null::smallint as source_system,
    'kommune' as owner, sum(p.amount_ore)::bigint as amount_ore, w.at as since,
    jsonb_build_object('payments', count(*), 'refused', count(*) filter (where ${RECALL_OF_PAYMENT} = 'refused')) as detail
  from run_recalls w
  join recalls q on q.municipality_code = w.municipality_code and q.work_no = w.work_no
  join payments p on p.municipality_code = q.municipality_code and p.payment_id = q.payment_id
  where w.municipality_code = any ($1) and not exists (select from payment_returns b
    where b.municipality_code = q.municipality_code and b.payment_id = q.payment_id)
  group by w.municipality_code, w.run_no, w.unit, w.at`
