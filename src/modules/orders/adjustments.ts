/** What orders say of what they take away: few do, so it stands beside them. */
import type { Db, Tx } from '../../base/db.ts'
import type { Municipality, OrderId } from '../../base/id.ts'

/** Of these orders those that say that it is to be taken in coming payments, and in how many. */
export async function instalmentsOf(
  db: Db,
  municipality: Municipality,
  orders: readonly OrderId[],
): Promise<Map<OrderId, number>> {
  const rows = await db.rows<{ order: OrderId; instalments: number }>(
    `select order_id as order, instalments from order_adjustments where municipality_code = $1
       and order_id = any ($2)`,
    [municipality, orders],
  )
  return new Map(rows.map(({ order, instalments }) => [order, instalments]))
}

export async function recordInstalments(
  tx: Tx,
  municipality: Municipality,
  said: ReadonlyMap<OrderId, number>,
): Promise<void> {
  if (said.size === 0) return
  await tx.run(
    `insert into order_adjustments (municipality_code, order_id, instalments)
     select $1, * from unnest($2::bigint[], $3::smallint[])`,
    [municipality, [...said.keys()], [...said.values()]],
  )
}
