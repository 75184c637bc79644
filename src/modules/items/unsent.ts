/** What is calculated and has not left the house: it can be stopped, and is then taken back whole. */
import type { Db } from '../../base/db.ts'
import type { Municipality, OrderId } from '../../base/id.ts'
import { IS_RELEASED, partsOutside } from '../payments/index.ts'
import { withdrawalOf } from './correct.ts'
import type { Lines, PaidItem } from './item.ts'
import type { Movement } from './movement.ts'
import { partsLeft } from './read-items.ts'

/** Of these orders those of which something is due and nothing is released. */
export async function readUnsent(
  db: Db,
  municipality: Municipality,
  orders: readonly OrderId[],
): Promise<Set<OrderId>> {
  if (orders.length === 0) return new Set()
  const rows = await db.rows<{ order_id: OrderId }>(
    `select u.order_id from unnest($2::bigint[]) as u (order_id)
     cross join lateral (select count(*) as due, count(*) filter (where exists (select from payment_parts x
           where ${partsLeft('$1')} and ${IS_RELEASED}) or ${partsOutside()} > 0) as sent
       from calculations c where c.municipality_code = $1 and c.order_id = u.order_id
         and c.net_ore + c.third_party_ore > 0 and not exists (select from item_movements m
           where m.municipality_code = $1 and m.item_id = c.order_id * 64 + c.line_no and m.to_place = 1 and m.to_ref = 0)
       offset 0) i
     where i.due > 0 and i.sent = 0`,
    [municipality, orders],
  )
  return new Set(rows.map((row) => row.order_id))
}

/** Takes back what no run carries any more, as if it had never been calculated. Pure. */
export function withdrawUnsent(items: readonly PaidItem[], lines: Lines): Movement[] {
  return items.filter((item) => item.standing === 'unsent').flatMap((item) => withdrawalOf(item, lines))
}

/**
 * Orders that are calculated and not released, with a tax card that this intake tells another for: the card on the day
 * of payment is another one now, and says something else. What is paid again was withheld of and told when it was paid
 * first.
 */
export async function ordersOnOlderCards(db: Db, municipality: Municipality, intakeNo: number): Promise<OrderId[]> {
  const rows = await db.often.rows<{ order_id: OrderId }>(
    `with waiting as materialized (
       select r.run_no from payment_runs r
       where r.municipality_code = $1 and not exists (select from payment_run_steps s where s.municipality_code = $1
         and s.run_no = r.run_no and s.step = 'released')),
     unreleased as materialized (
       select x.item_id >> 6 as order_id from waiting r
       cross join lateral (select x.item_id from payment_parts x where x.municipality_code = $1 and x.part < 64
         and x.payment_id >= r.run_no::bigint << 24 and x.payment_id < (r.run_no::bigint + 1) << 24 offset 0) x
       union
       select u.order_id from work_batches w cross join unnest(w.order_ids) u (order_id)
       where w.municipality_code = $1 and w.kind = 'calculate' and w.work_no > coalesce((select max(until_work_no)
         from payment_runs where municipality_code = $1 and purpose = 'ordinary'), 0))
     select distinct u.order_id from unreleased u
     -- offset 0 keeps these look-ups by key: ordinarily nothing waits, and nothing is looked up.
     cross join lateral (select o.beneficiary from orders o where o.municipality_code = $1
       and o.order_id = u.order_id offset 0) o
     cross join lateral (select c.* from calculations c where c.municipality_code = $1 and c.order_id = u.order_id
       and c.tax_base_ore + c.allowance_used_ore + c.frikort_used_ore > 0 offset 0) c
     cross join lateral (select n.* from tax_cards n where n.municipality_code = $1 and n.party_id = o.beneficiary
       and n.se = c.se and n.intake_no = $2 and n.valid_from <= c.disposition_date and n.valid_to > c.disposition_date
       and n.card_no <> c.card_no offset 0) n
     left join lateral (select a.* from tax_cards a where a.municipality_code = $1 and a.party_id = n.party_id
       and a.se = n.se and a.card_no = c.card_no offset 0) a on true
     where (n.serial, n.card_no) > (coalesce(a.serial, 0), c.card_no) and (n.kind, n.rate_millionths,
         n.allowance_month_ore, n.allowance_week_ore, n.allowance_day_ore, n.frikort_left_ore) is distinct from (a.kind, a.rate_millionths, a.allowance_month_ore, a.allowance_week_ore,
         a.allowance_day_ore, a.frikort_left_ore) order by 1`,
    [municipality, intakeNo],
  )
  return rows.map((row) => row.order_id)
}
