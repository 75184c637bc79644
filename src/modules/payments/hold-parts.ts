/**
 * Lines taken out of a run that is not released, while the rest goes: by a person, by the control before approval, or
 * because what is paid again may have been paid after all. Their money stays where it is. They are let go by a person,
 * or on a day, and are then due again under their next numbers. @da tilbageholdt betaling
 */
import type { Db, Tx } from '../../base/db.ts'
import { type Day, formatDay } from '../../base/date.ts'
import {
  type ItemId,
  type Municipality,
  type OrderId,
  type PaymentId,
  RECORDS_PER_BATCH,
  TAKEN_OVER,
} from '../../base/id.ts'
import { Refusal } from '../../base/refusal.ts'
import { isBookedAfterStop } from './booked-after-stop.ts'
import { payDayOf } from './opening-returns.ts'
import { whatPartsAre } from './part.ts'
import {
  type HoldCause,
  isHeld,
  IS_RELEASED,
  NOT_STOPPED,
  STOP_NEW,
  STOPPED_ALONE,
  STOPPED_OF_PAYMENT,
} from './stopped.ts'

/** A part of a payment: 0 the citizen's own net, else the line of a third party's; plus 64 for each attempt before. */
export interface PartOfItem {
  readonly item: ItemId
  readonly part: number
}

export interface HoldingParts {
  /** A number of its own; the caller plans and finishes the work. */
  readonly workNo: number
  readonly cause: HoldCause
  readonly reason: string
  /** Who must see to it. */
  readonly owner: string
  readonly by: string
  /** Business time. */
  readonly at: string
  /** Let go by itself, to be paid on the first bank day from this one. */
  readonly until?: Day | undefined
}

/**
 * Holds those of these parts that are in a run which is not released and are not stopped; gives how many. One act has
 * one reason: findings of several kinds are several acts.
 */
export async function holdParts(
  tx: Tx,
  municipality: Municipality,
  parts: readonly PartOfItem[],
  act: HoldingParts,
): Promise<number> {
  if (act.reason.trim() === '') throw new Refusal('reason_missing', 'Say why it is held.')
  const held = await tx.run(
    `with new as (
       select x.item_id, x.part, x.payment_id, y.unit, c.source_system, c.benefit, m.amount_ore, $4::text as cause
       from jsonb_to_recordset($3::jsonb) as n (item bigint, part smallint)
       join payment_parts x on x.municipality_code = $1 and x.item_id = n.item and x.part = n.part
       join payments y on y.municipality_code = $1 and y.payment_id = x.payment_id
       ${whatPartsAre('x')}
       where ${NOT_STOPPED} and not ${IS_RELEASED}) ${STOP_NEW}`,
    [municipality, act.workNo, JSON.stringify(parts), act.cause],
  )
  if (held === 0) return 0
  const until = act.until === undefined ? null : formatDay(act.until)
  await tx.run('insert into payment_holds values ($1, $2, $3, $4, $5, $6, $7)', [
    municipality,
    act.workNo,
    act.reason,
    act.owner,
    until,
    act.at,
    act.by,
  ])
  return held
}

/** A payment of which something is held until a day. */
export interface HeldUntil {
  readonly payment: PaymentId
  readonly until: Day
  /** When it was held. */
  readonly at: string
}

/** Of these orders those of which a line is held and not let go, with the reason. */
export async function heldOrders(
  db: Db,
  municipality: Municipality,
  orders: readonly OrderId[],
): Promise<ReadonlyMap<OrderId, string>> {
  const rows = await db.rows<{ order: OrderId; reason: string }>(
    `select u.order_id as order, min(h.reason) as reason from unnest($2::bigint[]) as u (order_id)
     join stopped_parts z on z.municipality_code = $1 and z.item_id >= u.order_id << 6 and z.item_id < (u.order_id + 1) << 6
     join payment_holds h on h.municipality_code = $1 and h.work_no = z.work_no
     where ${isHeld('z')} and ${STOPPED_ALONE} group by 1`,
    [municipality, orders],
  )
  return new Map(rows.map((row) => [row.order, row.reason]))
}

/** How far a payment is, for whoever wants to hold or stop it. */
export interface PaymentProgress {
  readonly kind: 'unreleased' | 'stopped' | 'sent' | 'accepted' | 'waiting_account' | 'paid' | 'returned'
  readonly dispositionDate: Day
  /** It was asked back. */
  readonly recalled: boolean
}

/** Undefined when there is no such payment. */
export async function paymentProgress(
  db: Db,
  municipality: Municipality,
  payment: PaymentId,
): Promise<PaymentProgress | undefined> {
  return (await progressOf(db, municipality, payment, payment + 1))[0]
}

/** Of every payment of a run, in the order of their numbers. */
export async function progressOfRun(
  db: Db,
  municipality: Municipality,
  runNo: number,
): Promise<(PaymentProgress & { readonly payment: PaymentId; readonly unit: number })[]> {
  return await progressOf(db, municipality, runNo * RECORDS_PER_BATCH, (runNo + 1) * RECORDS_PER_BATCH)
}

async function progressOf(
  db: Db,
  municipality: Municipality,
  from: PaymentId,
  to: PaymentId,
): Promise<(PaymentProgress & { readonly payment: PaymentId; readonly unit: number })[]> {
  return await db.rows(
    `select p.payment_id as payment, p.unit, ${payDayOf('p', 'r')} as "dispositionDate", case when z.whole then 'stopped'
       when p.payment_id >= ${TAKEN_OVER} then 'returned'
       when not exists (select from payment_run_steps s where s.municipality_code = $1 and s.run_no = r.run_no
         and s.step = 'released') then 'unreleased'
       when exists (select from payment_returns b where b.municipality_code = $1 and b.payment_id = p.payment_id)
         and not ${isBookedAfterStop('p')} then 'returned'
       when a.waiting_account then 'waiting_account'
       when exists (select from statement_entries e where e.municipality_code = $1 and e.match = 'settled'
         and e.amount_ore < 0 and (e.payment_id = p.payment_id or (e.run_no = r.run_no and e.unit = p.unit))) then 'paid'
       when a.waiting_account is not null then 'accepted' else 'sent' end as kind,
       exists (select from recalls q where q.municipality_code = $1 and q.payment_id = p.payment_id) as recalled
     from payments p ${STOPPED_OF_PAYMENT}
     left join payment_runs r on r.municipality_code = $1 and r.run_no = (p.payment_id >> 24)::int
     left join lateral (select bool_or(a.waiting_account) as waiting_account from accepted_payments a
       where a.municipality_code = $1 and a.run_no = r.run_no and a.numbers @> (p.payment_id & 16777215)::int) a on true
     where p.municipality_code = $1 and p.payment_id >= $2 and p.payment_id < $3 order by 1`,
    [municipality, from, to],
  )
}

/** Payments with parts that are held until a day before this one and not let go yet, by day. */
export async function heldUntil(db: Db, municipality: Municipality, before: Day): Promise<HeldUntil[]> {
  return await db.often.rows<HeldUntil>(
    `select distinct h.until, z.payment_id as payment,
       to_char(h.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"') as at
     from payment_holds h
     join stopped_parts z on z.municipality_code = $1 and z.work_no = h.work_no
     where h.municipality_code = $1 and h.until < $2 and ${isHeld('z')} and ${STOPPED_ALONE} order by 1, 2`,
    [municipality, formatDay(before)],
  )
}
