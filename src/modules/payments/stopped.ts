/**
 * Parts that are stopped after they were put in a run and before it was released. Rows of a run are never changed: what
 * is stopped is told beside them, and whoever asks what a run or a payment comes to takes it off.
 */
import type { Db, Tx } from '../../base/db.ts'
import { type Day, formatDay } from '../../base/date.ts'
import type { Municipality, OrderId, PartyId } from '../../base/id.ts'
import { isBookedAfterStop } from './booked-after-stop.ts'
import { DUE_OF_ITEM, isDueAgain } from './part.ts'

/** A fact about a party, or a tax card that came late. */
export type FactCause = 'death' | 'missing' | 'bankruptcy' | 'closed' | 'tax_card'

/**
 * Held by a person, by the control before approval, because an earlier attempt may have been paid after all, or for the
 * next day.
 */
const HOLD_CAUSES = ['held', 'gate', 'double', 'cut_off'] as const
export type HoldCause = (typeof HOLD_CAUSES)[number]

export type StopCause = FactCause | HoldCause

/** Stopped part `z` is held: told as such, and let go by a person or on a day. */
export function isHeld(z: string): string {
  return `${z}.cause in (${HOLD_CAUSES.map((cause) => `'${cause}'`).join(', ')})`
}

/** What is stopped of run `r`, as `z`: whole payments, parts and øre; a row for each run, of nothing too. */
export const STOPPED_OF_RUN = `cross join lateral (select count(*) filter (where s.empties) as payments,
    count(*) as parts, coalesce(sum(s.amount_ore), 0)::bigint as ore from stopped_parts s
  where s.municipality_code = r.municipality_code and s.payment_id >= r.run_no::bigint << 24
    and s.payment_id < (r.run_no::bigint + 1) << 24) z`

/** The same of unit `b.unit` of run `b.run_no`; `and` narrows it. */
export function stoppedOfUnit(and = ''): string {
  return `cross join lateral (select count(*) filter (where s.empties) as payments, count(*) as parts,
      coalesce(sum(s.amount_ore), 0)::bigint as ore from stopped_parts s
    where s.municipality_code = b.municipality_code and s.payment_id >= b.run_no::bigint << 24
      and s.payment_id < (b.run_no::bigint + 1) << 24 and s.unit = b.unit ${and}) z`
}

/** What is stopped of payment `p`, as `z`: a look-up for each. */
export const STOPPED_OF_PAYMENT = `cross join lateral (select coalesce(bool_or(s.empties), false) as whole, count(*) as parts,
    coalesce(sum(s.amount_ore), 0)::bigint as ore from stopped_parts s
  where s.municipality_code = p.municipality_code and s.payment_id = p.payment_id) z`

/** Part `x` of a payment is not stopped. */
export const NOT_STOPPED = `not exists (select from stopped_parts s where s.municipality_code = x.municipality_code
  and s.item_id = x.item_id and s.part = x.part)`

/** The run of payment `x.payment_id` is released: nothing of it can be stopped here any more. */
export const IS_RELEASED = `exists (select from payment_run_steps s where s.municipality_code = x.municipality_code
  and s.run_no = (x.payment_id >> 24)::int and s.step = 'released')`

const Z = { municipality: 'z.municipality_code', item: 'z.item_id', part: 'z.part' }

/** Of stopped part `z`: it alone, of an item that is not taken back; and it is not let go again. */
export const STOPPED_ALONE = `((z.part > 0 or ${isHeld('z')}) and not exists (select from item_movements m
    where m.municipality_code = z.municipality_code and m.item_id = z.item_id and m.to_place = 1 and m.to_ref = 0)
  and not ${isDueAgain(Z)})`

/** Stops the parts of a query `new`; `$1` is the municipality, `$2` the number of the work. */
export const STOP_NEW = `insert into stopped_parts
  select $1::smallint, n.item_id, n.part, n.payment_id, n.unit, n.source_system, n.benefit, n.amount_ore,
    n.payment_id > 0 and n.nth = 1 and n.now + coalesce(b.ore, 0) = y.amount_ore, n.cause, $2::int
  from (select e.*, row_number() over (partition by e.payment_id order by e.item_id, e.part) as nth,
      sum(e.amount_ore) over (partition by e.payment_id) as now from new e) n
  left join payments y on y.municipality_code = $1 and y.payment_id = n.payment_id
  left join (select s.payment_id, sum(s.amount_ore) as ore from stopped_parts s where s.municipality_code = $1
    group by 1) b on b.payment_id = n.payment_id`

/** Stops every part of these orders' items; the caller has seen that nothing of them is released. */
export async function stopOrders(
  tx: Tx,
  municipality: Municipality,
  workNo: number,
  orders: readonly { readonly order: OrderId; readonly cause: FactCause }[],
): Promise<void> {
  if (orders.length === 0) return
  await tx.run(
    `with new as (
       select c.order_id * 64 + c.line_no as item_id, p.part, coalesce(x.payment_id, 0) as payment_id, c.unit,
         c.source_system, c.benefit, p.amount_ore, u.cause
       from unnest($3::bigint[], $4::text[]) as u (order_id, cause)
       cross join lateral (select c.* from calculations c where c.municipality_code = $1 and c.order_id = u.order_id
         offset 0) c
       ${DUE_OF_ITEM}
       left join payment_parts x on x.municipality_code = $1 and x.item_id = c.order_id * 64 + c.line_no
         and x.part = p.part
       where not exists (select from stopped_parts s where s.municipality_code = $1
         and s.item_id = c.order_id * 64 + c.line_no and s.part = p.part)) ${STOP_NEW}`,
    [municipality, workNo, orders.map((one) => one.order), orders.map((one) => one.cause)],
  )
}

/** Øre of bundle `b` that were refused before the bank: it books the bundle without them, and has not all the same. */
export const REFUSED_OF_BUNDLE = `coalesce((select sum(q.amount_ore) from payment_returns q
    join payments o on o.municipality_code = q.municipality_code and o.payment_id = q.payment_id and o.unit = b.unit
  where q.municipality_code = b.municipality_code and q.answer in (2, 7) and not ${isBookedAfterStop('q')}
    and q.payment_id >= b.run_no::bigint << 24 and q.payment_id < (b.run_no::bigint + 1) << 24), 0)`

/** A party that may be paid nothing from a day on. */
export interface StoppedParty {
  readonly party: PartyId
  readonly cause: FactCause
  readonly date: Day
  readonly intakeNo: number
}

const PARTIES = 'jsonb_to_recordset($3::jsonb) as e (party bigint, cause text, date date, "intakeNo" int)'

/** Third parties' parts, and what is paid again. */
const PAID_ALONE = `select x.item_id, x.part, x.payment_id, y.unit, c.source_system, c.benefit,
    coalesce(d.amount_ore, c.net_ore) as amount_ore, t.cause,
    row_number() over (partition by x.item_id, x.part order by t.date, t.cause) as once
  from (select d.item_id, d.line_no as part, e.cause, e.date from ${PARTIES} join deductions d
      on d.municipality_code = $1 and d.kind = 2 and d.payee = e.party
    union all select a.item_id, a.part, e.cause, e.date from ${PARTIES} join parts_again a
      on a.municipality_code = $1 and a.payee = e.party and a.after_intake < e."intakeNo") t
  join payment_parts x on x.municipality_code = $1 and x.item_id = t.item_id and x.part = t.part
  left join deductions d on d.municipality_code = $1 and d.item_id = t.item_id and d.line_no = (t.part & 63)::smallint
  join payments y on y.municipality_code = $1 and y.payment_id = x.payment_id
  join payment_runs r on r.municipality_code = $1 and r.run_no = (x.payment_id >> 24)::int and r.disposition_date >= t.date
  join calculations c on c.municipality_code = $1 and c.order_id = x.item_id >> 6
    and c.line_no = (x.item_id & 63)::smallint
  where ${NOT_STOPPED} and not ${IS_RELEASED}`

function asJson(parties: readonly StoppedParty[]): string {
  return JSON.stringify(parties.map((one) => ({ ...one, date: formatDay(one.date) })))
}

/** Whether a run that is not released pays something on, or again, to one of these parties. */
export async function paysOnTo(db: Db, municipality: Municipality, parties: readonly StoppedParty[]): Promise<boolean> {
  if (parties.length === 0) return false
  // Ordinarily none of them is a third party, nor paid again, and to plan the rest takes longer than to see that.
  const any = await db.often.first(
    `select 1 from unnest($2::bigint[]) as e (party) where exists (select from deductions d where d.municipality_code = $1
         and d.kind = 2 and d.payee = e.party)
       or exists (select from parts_again a where a.municipality_code = $1 and a.payee = e.party) limit 1`,
    [municipality, parties.map((one) => one.party)],
  )
  if (any === undefined) return false
  const found = await db.first(
    `with new as (select * from (${PAID_ALONE.replaceAll('$3', '$2')}) t where t.once = 1) select 1 from new limit 1`,
    [municipality, asJson(parties)],
  )
  return found !== undefined
}

/** Stops what goes on to these parties of others' benefits (rent, contributions), or to them again; the rest goes. */
export async function stopThirdParties(
  tx: Tx,
  municipality: Municipality,
  workNo: number,
  parties: readonly StoppedParty[],
): Promise<void> {
  await tx.run(`with new as (select * from (${PAID_ALONE}) t where t.once = 1) ${STOP_NEW}`, [
    municipality,
    workNo,
    asJson(parties),
  ])
}
