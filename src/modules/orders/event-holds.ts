/**
 * Orders to or for somebody who died, disappeared, went bankrupt or closed: which they are, how they are held, and how
 * they are let go when the register takes it back. An order is held once for each event that is told.
 */
import { danishDaySql } from '../../base/danish-time.ts'
import type { Db, Tx } from '../../base/db.ts'
import type { Municipality, OrderId } from '../../base/id.ts'
import { IN_FORCE, PARTY_EVENT_KINDS, RESTORED, type StoppingEvent } from '../parties/index.ts'
import { EVENT_HOLDS, HOLD_OF_EVENT } from './hold-kinds.ts'

export interface TouchedOrder {
  readonly order: OrderId
  readonly event: StoppingEvent
  readonly date: string
  /** The intake that told the event. */
  readonly intakeNo: number
  readonly calculated: boolean
}

/**
 * Every order that concerns a party of `e`, with the columns of `e`: as the one it is for, as the one who is paid, and
 * as the one whom an arrangement says to pay instead.
 */
const CONCERNED = `select o.order_id, o.disposition_date, e.* from e
    join orders o on o.municipality_code = $1 and o.beneficiary = e.party_id and o.state = 0
  union select o.order_id, o.disposition_date, e.* from e
    join orders o on o.municipality_code = $1 and o.payee = e.party_id and o.state = 0
  union select o.order_id, o.disposition_date, e.* from e
    join payee_arrangements a on a.municipality_code = $1 and a.payee = e.party_id
    join payee_arrangement_approvals p on p.municipality_code = $1 and p.arrangement_no = a.arrangement_no
    join orders o on o.municipality_code = $1 and o.beneficiary = a.beneficiary and o.payee = o.beneficiary
      and o.state = 0 and o.disposition_date >= a.valid_from and o.disposition_date < coalesce(a.valid_to, 'infinity')
    where not exists (select from payee_arrangement_ends z where z.municipality_code = $1
      and z.arrangement_no = a.arrangement_no and z.from_date <= o.disposition_date)`

/**
 * Orders that an event in force concerns, and that are paid on its date or later; a row for each kind, of the event
 * that was told last. `of`: the events of one intake; or these orders; or those that are not calculated yet.
 */
export async function touchedOrders(
  db: Db,
  municipality: Municipality,
  knownAt: string,
  of: { readonly intakeNo: number } | { readonly orders: readonly OrderId[] } | 'waiting',
): Promise<TouchedOrder[]> {
  const intakeNo = typeof of === 'object' && 'intakeNo' in of ? of.intakeNo : null
  const orders = typeof of === 'object' && 'orders' in of ? of.orders : null
  const rows = await db.often.rows<Omit<TouchedOrder, 'event'> & { event: number }>(
    `with e as materialized (select e.party_id, e.event, e.date, e.intake_no, k.kind from party_events e
       join ${HOLD_OF_EVENT} on k.event = e.event
       where e.municipality_code = $1 and e.intake_no = coalesce($3, e.intake_no) and ${IN_FORCE}),
     told as (select t.*, exists (select from calculations c where c.municipality_code = $1
         and c.order_id = t.order_id) as calculated
       from (${CONCERNED}) t
       where t.date <= greatest(t.disposition_date, ${danishDaySql('$2::timestamptz')})
         and not exists (select from order_holds h where h.municipality_code = $1 and h.order_id = t.order_id
           and h.kind = 'superseded'))
     select distinct on (t.order_id, t.kind) t.order_id as order, t.event, t.date::text as date,
       t.intake_no as "intakeNo", t.calculated
     from told t where ($4::bigint[] is null or t.order_id = any ($4)) and (not $5::boolean or not t.calculated)
     order by t.order_id, t.kind, t.intake_no desc, t.date`,
    [municipality, knownAt, intakeNo, orders, of === 'waiting'],
  )
  return rows.map((row) => ({ ...row, event: PARTY_EVENT_KINDS[row.event] as StoppingEvent }))
}

/** Calculated after the event was told: they were planned already. */
export async function calculatedThoughHeld(db: Db, municipality: Municipality): Promise<OrderId[]> {
  const rows = await db.rows<{ order_id: OrderId }>(
    `select distinct h.order_id from order_holds h where h.municipality_code = $1 and h.event_intake is not null
       and not exists (select from order_hold_releases r where r.municipality_code = $1 and r.order_id = h.order_id
         and r.hold_no = h.hold_no)
       and exists (select from calculations c where c.municipality_code = $1 and c.order_id = h.order_id)
     order by 1`,
    [municipality],
  )
  return rows.map((row) => row.order_id)
}

/** Holds what is not calculated yet of these orders, as the next plan will: what is simulated is what is done. */
export async function holdAsPlanned(
  tx: Tx,
  municipality: Municipality,
  orders: readonly OrderId[],
  knownAt: string,
): Promise<void> {
  if (orders.length === 0) return
  const touched = await touchedOrders(tx, municipality, knownAt, { orders })
  await holdForEvents(
    tx,
    municipality,
    touched.filter((one) => !one.calculated),
    knownAt,
  )
}

/**
 * Holds orders for events, each once. A version that is there again needs no hold that a person released before: it is
 * the same decision.
 */
export async function holdForEvents(
  tx: Tx,
  municipality: Municipality,
  orders: readonly Pick<TouchedOrder, 'order' | 'event' | 'date' | 'intakeNo'>[],
  knownAt: string,
): Promise<void> {
  if (orders.length === 0) return
  const rows = orders.map(({ order, event, date, intakeNo: intake }) => {
    return { order, kind: EVENT_HOLDS[event], date, intake }
  })
  await tx.run(
    `insert into order_holds (municipality_code, order_id, hold_no, kind, reason, detail, at, by_actor,
       event_intake)
     select $1::smallint, h.order, (select coalesce(max(x.hold_no), 9) from order_holds x where x.municipality_code = $1
         and x.order_id = h.order and x.hold_no > 9) + row_number() over (partition by h.order order by h.kind),
       h.kind, '', jsonb_build_object('date', h.date), $3::timestamptz, 'toek', h.intake
     from jsonb_to_recordset($2::jsonb) as h ("order" bigint, kind text, date text, intake int)
     where not exists (select from orders o
       join orders v on v.municipality_code = $1 and v.source_system = o.source_system and v.order_key = o.order_key
         and v.version = o.version
       join order_holds x on x.municipality_code = $1 and x.order_id = v.order_id and x.kind = h.kind
         and x.event_intake = h.intake
       where o.municipality_code = $1 and o.order_id = h.order and (v.order_id = h.order
         or exists (select from order_hold_releases r where r.municipality_code = $1 and r.order_id = x.order_id
           and r.hold_no = x.hold_no and r.by_actor <> 'toek')))`,
    [municipality, JSON.stringify(rows), knownAt],
  )
}

/** Lets go what is held for an event that this intake takes back, unless another event still holds it. */
export async function releaseRestored(
  tx: Tx,
  municipality: Municipality,
  intakeNo: number,
  knownAt: string,
): Promise<void> {
  await tx.run(
    `with back as materialized (select party_id from party_events where municipality_code = $1 and intake_no = $2
       and event = ${RESTORED}),
     e as materialized (select e.party_id, e.intake_no, k.kind from party_events e
       join ${HOLD_OF_EVENT} on k.event = e.event where e.municipality_code = $1 and ${IN_FORCE}),
     still as materialized (select order_id, kind from (${CONCERNED}) t)
     insert into order_hold_releases
     select h.municipality_code, h.order_id, h.hold_no, '', $3::timestamptz, 'toek'
     from order_holds h
     where h.municipality_code = $1 and h.event_intake is not null
       and exists (select from party_events p join back b on b.party_id = p.party_id where p.municipality_code = $1
         and p.intake_no = h.event_intake)
       and (h.order_id, h.kind) not in (select order_id, kind from still)
     on conflict do nothing`,
    [municipality, intakeNo, knownAt],
  )
}
