/** The events of some orders of one source system, with the numbers that the source system was told them by. */
import type { Db } from '../../base/db.ts'
import { type Municipality, type OrderId, RECORDS_PER_BATCH } from '../../base/id.ts'
import { READ } from './expand.ts'
import { type Batch, eventOf, type Row, type SourceEvent } from './read-events.ts'

/**
 * In their order; `before` (an ISO time) leaves out what became known then or later. What is derived is read as it is
 * now, as its numbers are: an event never changes.
 */
export async function readOrderEvents(
  db: Db,
  municipality: Municipality,
  source: number,
  of: { readonly orders: readonly OrderId[]; readonly orderKeys: readonly string[] },
  before: string,
): Promise<SourceEvent[]> {
  const events: SourceEvent[] = []
  for (const batch of await batchesOf(db, municipality, source, of.orders, before)) {
    const read = READ[batch.kind]
    const byKey = batch.kind === 'refused'
    const own = byKey ? 'order_key = any ($4::text[])' : 'order_id = any ($4::bigint[])'
    const page = `select * from (select p.*, row_number() over () as nth from (${read.page}) p) p where ${own}`
    const values = [municipality, batch.ref, source, byKey ? of.orderKeys : of.orders]
    const places = await db.rows<{ nth: number }>(`select nth from (${page}) p order by nth`, values)
    if (places.length === 0) continue
    const rows = await db.rows<Row>(`with page as materialized (${page}) ${read.rows}`, values)
    for (const [i, row] of rows.entries()) {
      events.push(eventOf(batch, { ...row, corrects: null }, batch.first_no + (places[i]?.nth ?? 0) - 1))
    }
  }
  return events
}

/** Without those that are of other intakes, and of holds of other orders. */
async function batchesOf(
  db: Db,
  municipality: Municipality,
  source: number,
  orders: readonly OrderId[],
  before: string,
): Promise<Batch[]> {
  const intakes = [...new Set(orders.map((order) => Math.floor(order / RECORDS_PER_BATCH)))]
  return await db.rows<Batch>(
    `select municipality_code as municipality, first_no, events, kind, ref::text as ref,
       to_char(known_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as at
     from event_batches where source_system = $2 and municipality_code = $1 and known_at < $5::timestamptz
       and (kind <> 'received' or ref = any ($4::bigint[]))
       and (kind not in ('held', 'released') or ref < $6 or ref >> 15 = any ($3::bigint[])) order by first_no`,
    // Holds of orders have numbers beyond those of any work.
    [municipality, source, orders, intakes, before, 2 ** 24],
  )
}
