/**
 * A version that is there again to be calculated: what was calculated of it is stopped and taken back. Its content is
 * the same, its number `again` one higher; later versions and their chain see it as one more version before them.
 */
import type { Db, Tx } from '../../base/db.ts'
import { type Municipality, type OrderId, RECORDS_PER_BATCH } from '../../base/id.ts'
import { PARTY_EVENT_KINDS, type StoppingEvent } from '../parties/index.ts'
import { EVENT_HOLDS, HOLD_OF_EVENT } from './hold-kinds.ts'
import { LINE_COLUMNS, ORDER_COLUMNS } from './receive-orders.ts'

export interface TouchedOrder {
  readonly order: OrderId
  readonly event: StoppingEvent
  readonly date: string
  /** The intake that told the event. */
  readonly intakeNo: number
  readonly calculated: boolean
}

/** Every order of the municipality is looked at: when an event is told. */
const BY_PARTY = `select o.order_id, o.disposition_date, e.* from e
    join orders o on o.municipality_code = $1 and o.beneficiary = e.party_id and o.state = 0
  union select o.order_id, o.disposition_date, e.* from e
    join orders o on o.municipality_code = $1 and o.payee = e.party_id and o.state = 0`

/** Those of persons by their rights: a look-up for each event. */
const BY_RIGHT = `select o.order_id, o.disposition_date, e.* from e
  cross join lateral (select distinct l.order_id from order_lines l where l.municipality_code = $1
    and l.right_holder = e.party_id and l.kind = 0 offset 0) l
  join orders o on o.municipality_code = $1 and o.order_id = l.order_id and o.beneficiary = e.party_id and o.state = 0`

/**
 * Orders to or for a party with a stopping event, that are paid on its date or later, and that no person has released
 * from it. `intakeNo`: only events that it told; without it, of persons alone.
 */
export async function touchedOrders(
  db: Db,
  municipality: Municipality,
  knownAt: string,
  intakeNo?: number,
): Promise<TouchedOrder[]> {
  const rows = await db.rows<Omit<TouchedOrder, 'event'> & { event: number }>(
    `with e as materialized (select e.party_id, e.event, e.date, e.intake_no, k.no from party_events e
       join ${HOLD_OF_EVENT} on k.event = e.event
       where e.municipality_code = $1 and e.intake_no = coalesce($3, e.intake_no)),
     told as (${intakeNo === undefined ? BY_RIGHT : BY_PARTY})
     select distinct on (t.order_id) t.order_id as order, t.event, t.date::text as date, t.intake_no as "intakeNo",
       exists (select from calculations c where c.municipality_code = $1 and c.order_id = t.order_id) as calculated
     from told t
     where t.date <= greatest(t.disposition_date, $2::timestamptz::date)
       and not exists (select from order_holds h where h.municipality_code = $1 and h.order_id = t.order_id
         and h.kind = 'superseded')
       and not exists (select from order_hold_releases r where r.municipality_code = $1 and r.order_id = t.order_id
         and r.hold_no = t.no)
     order by t.order_id, t.date, t.event`,
    [municipality, knownAt, intakeNo ?? null],
  )
  return rows.map((row) => ({ ...row, event: PARTY_EVENT_KINDS[row.event] as StoppingEvent }))
}

/** Holds orders because of what became of a party; held already, nothing is added. */
export async function holdForEvents(
  tx: Tx,
  municipality: Municipality,
  orders: readonly Pick<TouchedOrder, 'order' | 'event' | 'date'>[],
  knownAt: string,
): Promise<void> {
  if (orders.length === 0) return
  const rows = orders.map(({ order, event, date }) => {
    const { no, kind, words } = EVENT_HOLDS[event]
    return { order, no, kind, reason: `${words}${date}` }
  })
  await tx.run(
    `insert into order_holds
     select $1::smallint, h.order, h.no, h.kind, h.reason, null::bigint, $3::timestamptz, 'toek'
     from jsonb_to_recordset($2::jsonb) as h ("order" bigint, no smallint, kind text, reason text)
     on conflict do nothing`,
    [municipality, JSON.stringify(rows), knownAt],
  )
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
  return made
}
