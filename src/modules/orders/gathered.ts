/** Small increases that wait for another payment of the same payee and benefit. @da samlet småbeløb */
import type { Db, Tx } from '../../base/db.ts'
import { type Day, formatDay } from '../../base/date.ts'
import type { Municipality, OrderId } from '../../base/id.ts'
import { NOT_HELD } from './store.ts'

/** After so many months a small increase waits no more. */
export const MOST_MONTHS_GATHERED = 3

/** An open hold `h` of an order `o` that waits, and since when it has: every judgement of it places a hold anew. */
const WAITING = `h.kind = 'small_amount' and not exists (select from order_hold_releases r where r.municipality_code = $1
    and r.order_id = h.order_id and r.hold_no = h.hold_no)`
const SINCE = `(select min(f.at) from order_holds f where f.municipality_code = $1 and f.order_id = h.order_id
    and f.kind = 'small_amount')`

/**
 * Lets go what waits beside something of the same payee and benefit that is due before the horizon, and what has waited
 * long enough: the batch that calculates it judges it again. Nothing is done when nothing waits.
 */
export async function releaseGathered(
  tx: Tx,
  municipality: Municipality,
  horizon: Day,
  knownAt: string,
): Promise<void> {
  await tx.run(
    `insert into order_hold_releases
     select $1::smallint, h.order_id, h.hold_no, '', $3::timestamptz, 'toek'
     from order_holds h join orders o on o.municipality_code = $1 and o.order_id = h.order_id
     where h.municipality_code = $1 and ${WAITING}
       and (${SINCE} <= $3::timestamptz - interval '${MOST_MONTHS_GATHERED} months' or exists (
         select from order_lines l
         cross join lateral (select d.order_id from order_lines d where d.municipality_code = $1 and d.kind = 0
           and d.right_holder = l.right_holder and d.benefit = l.benefit and d.order_id <> l.order_id offset 0) d
         join lateral (select * from orders e where e.municipality_code = $1 and e.order_id = d.order_id offset 0) e
           on e.payee = o.payee and e.state = 0 and e.disposition_date < $2
         where l.municipality_code = $1 and l.order_id = o.order_id and l.kind = 0 and ${NOT_HELD.replaceAll('o.', 'e.')}
           and not exists (select from calculations c where c.municipality_code = $1 and c.order_id = e.order_id)))
     on conflict do nothing`,
    [municipality, formatDay(horizon), knownAt],
  )
}

export interface Waited {
  readonly order: OrderId
  /** It waits no more: a person let it go, or it has waited long enough. */
  readonly enough: boolean
}

/** Of these orders those that have waited as small increases. */
export async function waitedOrders(
  db: Db,
  municipality: Municipality,
  orders: readonly OrderId[],
  knownAt: string,
): Promise<Waited[]> {
  return await db.rows<Waited>(
    `select h.order_id as order, min(h.at) <= $3::timestamptz - interval '${MOST_MONTHS_GATHERED} months'
       or coalesce(bool_or(r.by_actor <> 'toek'), false) as enough
     from order_holds h left join order_hold_releases r on r.municipality_code = $1 and r.order_id = h.order_id
       and r.hold_no = h.hold_no
     where h.municipality_code = $1 and h.order_id = any ($2) and h.kind = 'small_amount' group by 1`,
    [municipality, orders, knownAt],
  )
}
