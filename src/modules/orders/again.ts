/**
 * A version that is there again to be calculated: what was calculated of it is stopped and taken back. Its content is
 * the same, its number `again` one higher; later versions and their chain see it as one more version before them.
 */
import type { Db, Tx } from '../../base/db.ts'
import { type Municipality, type OrderId, RECORDS_PER_BATCH } from '../../base/id.ts'
import { LINE_COLUMNS, ORDER_COLUMNS } from './receive-orders.ts'

/**
 * The newest versions of the decisions of these orders, by the order asked for; only what is active and calculated. A
 * version that waits takes its decision along when its turn comes.
 */
export async function newestCalculated(
  db: Db,
  municipality: Municipality,
  orders: readonly OrderId[],
): Promise<Map<OrderId, OrderId>> {
  const rows = await db.rows<{ was: OrderId; newest: OrderId }>(
    `select u.id as was, n.order_id as newest from unnest($2::bigint[]) as u (id)
     cross join lateral (select o.source_system, o.order_key from orders o where o.municipality_code = $1
       and o.order_id = u.id offset 0) o
     cross join lateral (select n.order_id, n.state from orders n where n.municipality_code = $1
       and n.source_system = o.source_system and n.order_key = o.order_key
       order by n.version desc, n.again desc limit 1) n
     where n.state = 0 and exists (select from calculations c where c.municipality_code = $1
       and c.order_id = n.order_id)`,
    [municipality, orders],
  )
  return new Map(rows.map((row) => [row.was, row.newest]))
}

/** Copies versions, to be calculated again; their ids are numbered behind what the intake of the cause has. */
export async function orderAgain(
  tx: Tx,
  municipality: Municipality,
  orders: readonly { readonly order: OrderId; readonly intakeNo: number }[],
): Promise<Map<OrderId, OrderId>> {
  if (orders.length === 0) return new Map()
  const last = await tx.rows<{ intake: number; next: OrderId }>(
    `select i.intake, coalesce((select max(o.order_id) + 1 from orders o where o.municipality_code = $1
       and o.order_id >= i.intake::bigint << 24 and o.order_id < (i.intake::bigint + 1) << 24),
       i.intake::bigint << 24) as next
     from unnest($2::int[]) as i (intake)`,
    [municipality, [...new Set(orders.map((one) => one.intakeNo))]],
  )
  const next = new Map(last.map((row) => [row.intake, row.next]))
  const made = new Map<OrderId, OrderId>()
  for (const { order, intakeNo } of orders) {
    const id = next.get(intakeNo) ?? intakeNo * RECORDS_PER_BATCH
    next.set(intakeNo, id + 1)
    made.set(order, id)
  }
  const pairs = [municipality, [...made.keys()], [...made.values()]]
  const of = (columns: string, row: string) =>
    columns
      .split(',')
      .map((column) => (column.trim() === 'order_id' ? 'n.id' : `${row}.${column.trim()}`))
      .join(', ')
  await tx.run(
    `insert into orders (${ORDER_COLUMNS}, again) select ${of(ORDER_COLUMNS, 'o')}, o.again + 1
     from unnest($2::bigint[], $3::bigint[]) as n (was, id)
     join orders o on o.municipality_code = $1 and o.order_id = n.was`,
    pairs,
  )
  await tx.run(
    `insert into order_lines (${LINE_COLUMNS}) select ${of(LINE_COLUMNS, 'l')}
     from unnest($2::bigint[], $3::bigint[]) as n (was, id)
     join order_lines l on l.municipality_code = $1 and l.order_id = n.was`,
    pairs,
  )
  await tx.run(
    `insert into order_adjustments (municipality_code, order_id, instalments) select $1::smallint, n.id, a.instalments
     from unnest($2::bigint[], $3::bigint[]) as n (was, id)
     join order_adjustments a on a.municipality_code = $1 and a.order_id = n.was`,
    pairs,
  )
  await tx.run(
    `insert into repayment_notices select $1::smallint, n.id, a.line_no, a.hearing_date, a.notice_date
     from unnest($2::bigint[], $3::bigint[]) as n (was, id)
     join repayment_notices a on a.municipality_code = $1 and a.order_id = n.was`,
    pairs,
  )
  return made
}
