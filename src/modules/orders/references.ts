/** Orders that take the place of others: few do, so it stands beside them. Of one source system and municipality. */
import type { Db, Tx } from '../../base/db.ts'
import type { Municipality } from '../../base/id.ts'
import { type Order, SOURCE_SYSTEM_ID } from './order.ts'

/** @da ordrehenvisning */
export interface OrderReference {
  readonly orderKey: string
  readonly insteadOf: string
}

/**
 * What the newest version of an order says that it takes the place of, and the orders whose newest version says so of
 * it. Keys alone: whose orders they are is seen only where they are opened.
 */
export async function referencesOf(
  db: Db,
  municipality: Municipality,
  source: number,
  orderKeys: readonly string[],
): Promise<OrderReference[]> {
  return await db.often.rows<OrderReference>(
    `select r.order_key as "orderKey", r.instead_of as "insteadOf" from order_references r
     where r.municipality_code = $1 and r.source_system = $2 and (r.order_key = any ($3) or r.instead_of = any ($3))
       and r.version = (select max(o.version) from orders o where o.municipality_code = $1 and o.source_system = $2
         and o.order_key = r.order_key)
     order by 1, 2`,
    [municipality, source, orderKeys],
  )
}

export async function recordReferences(tx: Tx, municipality: Municipality, orders: readonly Order[]): Promise<void> {
  if (orders.length === 0) return
  const rows = orders.map((one) => ({
    source: SOURCE_SYSTEM_ID[one.sourceSystem],
    key: one.orderKey,
    version: one.version,
    other: one.insteadOf,
  }))
  await tx.run(
    `insert into order_references (municipality_code, source_system, order_key, version, instead_of)
     select $1, r.source, r.key, r.version, r.other
     from jsonb_to_recordset($2::jsonb) as r (source smallint, key text, version int, other text)`,
    [municipality, JSON.stringify(rows)],
  )
}

/** Of these keys those that have an order here. */
export async function knownOrderKeys(
  db: Db,
  municipality: Municipality,
  source: number,
  orderKeys: readonly string[],
): Promise<Set<string>> {
  const rows = await db.rows<{ order_key: string }>(
    `select distinct order_key from orders where municipality_code = $1 and source_system = $2 and order_key = any ($3)`,
    [municipality, source, orderKeys],
  )
  return new Set(rows.map((row) => row.order_key))
}
