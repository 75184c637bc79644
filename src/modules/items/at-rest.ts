/** Decisions of which nothing is due, on its way, or came back: only gross that stands, or that was found overpaid. */
import type { Db } from '../../base/db.ts'
import type { Municipality, OrderId } from '../../base/id.ts'
import { partsLeft, PARTS_OF_ITEM } from './read-items.ts'

/** Of these orders those whose decisions are at rest: every payment of every version is with its payee. */
export async function atRest(db: Db, municipality: Municipality, orders: readonly OrderId[]): Promise<Set<OrderId>> {
  const rows = await db.rows<{ id: OrderId }>(
    `select u.id from unnest($2::bigint[]) as u (id)
     cross join lateral (select o.source_system, o.order_key from orders o where o.municipality_code = $1
       and o.order_id = u.id offset 0) k
     where not exists (select from orders v
       join calculations c on c.municipality_code = $1 and c.order_id = v.order_id and c.net_ore + c.third_party_ore > 0
         and c.unit >= 0
       cross join lateral (${PARTS_OF_ITEM} where ${partsLeft('$1')} offset 0) s
       where v.municipality_code = $1 and v.source_system = k.source_system and v.order_key = k.order_key
         and (s.parts = 0 or s.open > 0 or s.returned > 0)
         and not exists (select from item_movements m where m.municipality_code = $1
           and m.item_id = c.order_id * 64 + c.line_no and m.to_place = 1 and m.to_ref = 0))`,
    [municipality, orders],
  )
  return new Set(rows.map((row) => row.id))
}
