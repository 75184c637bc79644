/** What somebody asked to be paid without waiting, and what ends nothing. */
import { DUE_OF_ITEM, fileIdSql, STOPPED_OF_RUN } from '../payments/index.ts'

/** Runs for what cannot wait: until they are sent. */
export const ACUTE_RUNS = `select r.municipality_code, 'acute_run' as kind, ${fileIdSql('r')} as subject,
    null::smallint as source_system, 'kommune' as owner, r.amount_ore - z.ore as amount_ore, r.known_at as since,
    jsonb_build_object('pay_on', r.disposition_date, 'approved', exists (select from payment_run_steps s
      where s.municipality_code = r.municipality_code and s.run_no = r.run_no and s.step = 'approved')) as detail
  from payment_runs r ${STOPPED_OF_RUN}
  where r.municipality_code = any ($1) and r.purpose <> 'ordinary' and r.payments > z.payments
    and not exists (select from payment_run_steps s where s.municipality_code = r.municipality_code
      and s.run_no = r.run_no and s.step = 'sent')`

/**
 * What was paid elsewhere and approved, and ends nothing of ours yet. @da betalt udenom
 *
 * Its order has not come or is not calculated; or the order pays another amount, has paid it, or what came back of it
 * is not back for good. `due_ore`: what the newest version pays of it; null: it is not calculated.
 */
export const OUTSIDE_OPEN = `select u.municipality_code, 'outside_payment' as kind, 'outside ' || u.outside_no as subject, u.source_system,
    'kommune' as owner, u.amount_ore, a.at as since,
    jsonb_build_object('order', s.key || ' ' || u.order_key, 'reference', u.reference, 'paid_on', u.paid_on,
      'come', o.order_id is not null, 'due_ore', d.ore) as detail
  from outside_payments u
  join outside_approvals a on a.municipality_code = u.municipality_code and a.outside_no = u.outside_no
  join source_systems s on s.source_system = u.source_system
  left join lateral (select o.order_id from orders o where o.municipality_code = u.municipality_code
    and o.source_system = u.source_system and o.order_key = u.order_key order by o.version desc, o.again desc limit 1) o on true
  left join lateral (select sum(p.amount_ore)::bigint as ore from calculations c ${DUE_OF_ITEM}
    where c.municipality_code = u.municipality_code and c.order_id = o.order_id and p.part & 63
      = coalesce((select l.line_no from order_lines l where l.municipality_code = u.municipality_code
        and l.order_id = o.order_id and l.line_key = u.line_key and l.kind = 2), 0)) d on true
  where u.municipality_code = any ($1)
    and not exists (select from outside_parts p where p.municipality_code = u.municipality_code
      and p.outside_no = u.outside_no)
    and not exists (select from outside_ends e where e.municipality_code = u.municipality_code
      and e.outside_no = u.outside_no)`
