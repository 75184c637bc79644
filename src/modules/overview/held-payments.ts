/** Payments of which something is held in a run, and what may have been paid twice: for whoever must see to them. */
import {
  endToEndIdSql,
  isHeld,
  NOT_STOPPED,
  STOP_STANDS,
  STOPPED_ALONE,
  SUSPECTED_DOUBLES,
  whatPartsAre,
} from '../payments/index.ts'

/** Until somebody lets it go, or the day comes. */
const HELD_PAYMENTS = `select z.municipality_code, 'held_payment' as kind, ${endToEndIdSql('z')} as subject,
    z.source_system, min(h.owner) as owner, sum(z.amount_ore)::bigint as amount_ore, min(h.at) as since,
    jsonb_build_object('cause', min(z.cause), 'reason', string_agg(distinct h.reason, '; '), 'until', min(h.until)) as detail
  from payment_holds h
  join stopped_parts z on z.municipality_code = h.municipality_code and z.work_no = h.work_no
  where h.municipality_code = any ($1) and ${isHeld('z')} and ${STOPPED_ALONE}
  group by z.municipality_code, z.payment_id, z.source_system`

/** Paid again and released, and the attempt before seems to have been paid after all. */
const DOUBLES = `select d.municipality_code, 'double_payment' as kind, ${endToEndIdSql('d', 'd.first_id')} as subject, c.source_system,
    'kommune' as owner, sum(m.amount_ore)::bigint as amount_ore, min(s.at) as since,
    jsonb_build_object('again', min(${endToEndIdSql('x')})) as detail
  from (select n.municipality_code, n.item_id, n.part, p.payment_id as first_id from ${SUSPECTED_DOUBLES}
    and n.municipality_code = any ($1) offset 0) d
  cross join lateral (select x.* from payment_parts x where x.municipality_code = d.municipality_code
    and x.item_id = d.item_id and x.part = d.part offset 0) x
  ${whatPartsAre('x')}
  join payment_run_steps s on s.municipality_code = x.municipality_code and s.run_no = (x.payment_id >> 24)::int
    and s.step = 'released'
  where ${NOT_STOPPED} and not exists (select from payment_returns b
    where b.municipality_code = x.municipality_code and b.payment_id = x.payment_id)
  group by d.municipality_code, d.first_id, c.source_system`

/** Stopped, and booked all the same; of what was made of the stop something has left. */
export const BOOKED_AFTER_STOP = `select k.municipality_code, 'double_payment' as kind, ${endToEndIdSql('k')} as subject, p.source_system,
    'kommune' as owner, k.amount_ore, w.known_at as since, jsonb_build_object('again',
      (select min(${endToEndIdSql('y')}) from payment_parts x join payment_parts y on y.municipality_code = x.municipality_code
        and y.item_id = x.item_id and y.part > x.part and y.part & 63 = x.part & 63
      where x.municipality_code = k.municipality_code and x.payment_id = k.payment_id)) as detail
  from booked_after_stop k
  join payments p on p.municipality_code = k.municipality_code and p.payment_id = k.payment_id
  join work_batches w on w.municipality_code = k.municipality_code and w.work_no = k.work_no
  where k.municipality_code = any ($1) and ${STOP_STANDS}`

/** One query each, as the other parts of what needs a person. */
export const HELD_OR_DOUBLE: readonly string[] = [HELD_PAYMENTS, DOUBLES, BOOKED_AFTER_STOP]
