/** Parts that were stopped alone, and are let go: due again under their next numbers. */
import type { Db, Tx } from '../../base/db.ts'
import { type Day, formatDay } from '../../base/date.ts'
import type { ItemId, Municipality, OrderId, PartyId, PaymentId } from '../../base/id.ts'
import { PART_AGAIN } from './part.ts'
import { isHeld, STOPPED_ALONE } from './stopped.ts'

export interface StoppedPart {
  readonly item: ItemId
  readonly part: number
  /** Whom it is paid to now. */
  readonly payee: PartyId
  readonly dispositionDate: Day
}

/**
 * Of a third party's part the payee that the newest version of the order names in the same line. A version that names
 * none, or that has taken the part anew for another, leaves it to whom the order pays. The citizen's own goes where it
 * was calculated for, and an arrangement may say otherwise when it is assembled.
 */
export const PAYEE_NOW = `cross join lateral (select n.order_id, n.payee, n.state from orders was join orders n
      on n.municipality_code = $1 and n.source_system = was.source_system and n.order_key = was.order_key
    where was.municipality_code = $1 and was.order_id = z.item_id >> 6 order by n.version desc, n.again desc limit 1) n
  left join order_lines was on was.municipality_code = $1 and was.order_id = z.item_id >> 6
    and was.line_no = (z.part & 63)::smallint
  left join lateral (select l.payee from order_lines l where l.municipality_code = $1 and l.order_id = n.order_id
    and l.kind = 2 and l.line_key = was.line_key and n.state = 0 and (l.payee = y.payee
      or not exists (select from deductions d where d.municipality_code = $1 and d.item_id >= n.order_id << 6
        and d.item_id < (n.order_id + 1) << 6 and d.line_no = l.line_no))) l on true`

/** Of part `z`, with `PAYEE_NOW` and its payment `y`. */
export const PAYEE_OF_PART = `case when z.part & 63 = 0 then (select k.payee from calculations k where k.municipality_code = $1
  and k.order_id = z.item_id >> 6 and k.line_no = (z.item_id & 63)::smallint) else coalesce(l.payee, n.payee) end`

/** Those of these orders or payments; or those that were to be paid to these parties, and that nobody holds. */
export async function stoppedPartsOf(
  db: Db,
  municipality: Municipality,
  of:
    | { readonly orders: readonly OrderId[] }
    | { readonly parties: readonly PartyId[] }
    | { readonly payments: readonly PaymentId[] },
): Promise<StoppedPart[]> {
  const [which, ids] =
    'orders' in of
      ? ['z.item_id >> 6 = any ($2)', of.orders]
      : 'payments' in of
        ? ['z.payment_id = any ($2)', of.payments]
        : [`y.payee = any ($2) and not ${isHeld('z')}`, of.parties]
  return await db.rows<StoppedPart>(
    `select z.item_id as item, z.part, ${PAYEE_OF_PART} as payee, r.disposition_date as "dispositionDate"
     from stopped_parts z
     join payments y on y.municipality_code = $1 and y.payment_id = z.payment_id
     join payment_runs r on r.municipality_code = $1 and r.run_no = (z.payment_id >> 24)::int
     ${PAYEE_NOW}
     where z.municipality_code = $1 and ${which} and ${STOPPED_ALONE} order by 1, 2`,
    [municipality, ids],
  )
}

/** The last day on which something that has left the house is paid. */
export async function lastReleasedDay(db: Db, municipality: Municipality): Promise<Day> {
  const row = await db.first<{ day: Day }>(
    `select coalesce(max(r.disposition_date), '1970-01-01') as day from payment_runs r
     join payment_run_steps s on s.municipality_code = $1 and s.run_no = r.run_no and s.step = 'released'
     where r.municipality_code = $1`,
    [municipality],
  )
  return row?.day ?? (0 as Day)
}

/** Parts that were stopped or came back: due again on their days, under their next numbers. */
export async function letPartsGo(
  tx: Tx,
  municipality: Municipality,
  parts: readonly StoppedPart[],
  act: { readonly workNo: number; readonly afterIntake: number; readonly reason: string; readonly by: string },
): Promise<void> {
  const rows = parts.map(({ item, part, payee, dispositionDate }) => {
    return { item, part: part + PART_AGAIN, payee, date: formatDay(dispositionDate) }
  })
  await tx.run(
    `insert into parts_again select $1::smallint, p.item, p.part, p.payee, p.date, $3::int, $4::int, $5, $6
     from jsonb_to_recordset($2::jsonb) as p (item bigint, part smallint, payee bigint, date date)`,
    [municipality, JSON.stringify(rows), act.workNo, act.afterIntake, act.reason, act.by],
  )
}
