/** SQL of the specification. Everything is asked for by municipality and primary key, or by an index that exists. */
import type { Db } from '../../base/db.ts'
import type { Day } from '../../base/date.ts'
import type { ItemId, Municipality, OrderId, PartyId, PaymentId } from '../../base/id.ts'
import { HOLD_DETAIL, type HoldFacts } from '../orders/index.ts'
import { PARTY_TYPES, type PartyRef, type PartyType } from '../parties/index.ts'
import type { StandsAlready } from '../effectuation/index.ts'
import {
  isBookedAfterStop,
  PARTS_EVER,
  payDayOf,
  RECALL_OF_PAYMENT,
  type RecallState,
  type StopCause,
  STOPPED_OF_PAYMENT,
} from '../payments/index.ts'
import type { UnclaimedTreatment } from '../rates/index.ts'

export interface PaymentRow {
  readonly payment_id: PaymentId
  readonly run_no: number
  readonly payee: PartyId
  readonly unit: number
  readonly rail_kind: string
  /** Without the parts that were stopped of it; as it was when it is stopped whole. */
  readonly amount_ore: number
  readonly stopped: boolean
  readonly disposition_date: Day
  readonly steps: readonly string[]
  readonly answers: readonly number[]
  readonly presumed: boolean
  readonly waiting_account: boolean
  readonly return_answer: number | null
  readonly return_reason: string | null
  readonly settled_on: Day | null
  readonly acute: string | null
  readonly recall: RecallState | null
  readonly asked_on: Day | null
  readonly answer_by: Day | null
  /** What became of it as nobody claimed it. */
  readonly closed: UnclaimedTreatment | null
}

export async function readPayments(
  db: Db,
  municipality: Municipality,
  payments: readonly PaymentId[],
): Promise<PaymentRow[]> {
  if (payments.length === 0) return []
  return await db.often.rows(
    `select p.payment_id, (p.payment_id >> 24)::int as run_no, p.payee, p.unit, p.rail_kind, z.whole as stopped,
       case when z.whole then p.amount_ore else p.amount_ore - z.ore end as amount_ore, ${payDayOf('p', 'r')} as disposition_date,
       array(select s.step from payment_run_steps s where s.municipality_code = $1 and s.run_no = r.run_no) as steps,
       array(select a.answer from payment_answers a where a.municipality_code = $1 and a.payment_id = p.payment_id)
         || case when e.waiting_account is null then '{}' else '{8}' end::smallint[] as answers,
       coalesce(e.waiting_account, false) as waiting_account,
       exists (select from presumed_payments q where q.municipality_code = $1 and q.run_no = r.run_no
         and q.numbers @> (p.payment_id & 16777215)::int) as presumed,
       b.answer as return_answer, b.reason as return_reason,
       (select min(e.value_date) from statement_entries e where e.municipality_code = $1 and e.match = 'settled'
          and ((e.run_no = r.run_no and e.unit = p.unit) or e.payment_id = p.payment_id))
         as settled_on,
       case r.purpose when 'at_once' then '' when 'acute' then (select min(d.reason) from pay_days d
         where d.municipality_code = $1 and d.work_no = r.until_work_no) end as acute,
       ${RECALL_OF_PAYMENT} as recall,
       a.asked_on, a.answer_by, k.treatment as closed
     from payments p ${STOPPED_OF_PAYMENT}
     left join payment_runs r on r.municipality_code = $1 and r.run_no = (p.payment_id >> 24)::int
     left join payment_returns b on b.municipality_code = $1 and b.payment_id = p.payment_id
       and not ${isBookedAfterStop('b')}
     left join lateral (select a.asked_on, a.answer_by from asked_returns a where b.answer is not null
       and a.municipality_code = $1 and a.payment_id = p.payment_id order by a.asked_on desc limit 1) a on true
     left join lateral (select min(k.treatment) as treatment from closed_returns k where b.answer is not null
       and k.municipality_code = $1 and k.payment_id = p.payment_id and not exists (select from reopened_returns r
         where r.municipality_code = $1 and r.item_id = k.item_id and r.part = k.part)) k on true
     left join lateral (select bool_or(e.waiting_account) as waiting_account from accepted_payments e
       where e.municipality_code = $1 and e.run_no = r.run_no and e.numbers @> (p.payment_id & 16777215)::int) e on true
     where p.municipality_code = $1 and p.payment_id = any ($2) order by p.payment_id`,
    [municipality, payments],
  )
}

/** The items of a payment. */
export async function readItemsOfPayment(db: Db, municipality: Municipality, payment: PaymentRow): Promise<ItemId[]> {
  const rows = await db.rows<{ item_id: ItemId }>(
    `select distinct x.item_id from payment_parts x where x.municipality_code = $1 and x.payment_id = $2 order by 1`,
    [municipality, payment.payment_id],
  )
  return rows.map((row) => row.item_id)
}

export interface PartRow {
  readonly item_id: ItemId
  readonly part: number
  readonly payee: PartyId
  readonly amount_ore: number
  readonly payment_id: PaymentId | null
  /** Why it was stopped. */
  readonly stopped: StopCause | null
  /** It was stopped, and is due under another number. */
  readonly again: boolean
  /** What was paid elsewhere is known by this reference; '': the bank booked it though it had been stopped. */
  readonly outside: string | null
}

/** What is, or was, due of these orders' items, and the payment that carries it. */
export async function readParts(db: Db, municipality: Municipality, orders: readonly OrderId[]): Promise<PartRow[]> {
  return await db.often.rows(
    `select c.order_id * 64 + c.line_no as item_id, p.part, p.payee, p.amount_ore, p.again, x.payment_id, s.cause as stopped,
       (select coalesce(e.reference, '') from outside_parts u left join outside_payments e on e.municipality_code = $1
           and e.outside_no = u.outside_no
         where u.municipality_code = $1 and u.item_id = c.order_id * 64 + c.line_no and u.part = p.part) as outside
     from calculations c ${PARTS_EVER}
     left join payment_parts x on x.municipality_code = $1 and x.item_id = c.order_id * 64 + c.line_no and x.part = p.part
     left join stopped_parts s on s.municipality_code = $1 and s.item_id = c.order_id * 64 + c.line_no and s.part = p.part
     where c.municipality_code = $1 and c.order_id = any ($2) order by 1, 2`,
    [municipality, orders],
  )
}

export interface OrderRow {
  readonly order_id: OrderId
  readonly source_system: number
  readonly order_key: string
  readonly version: number
  readonly case_key: string
  readonly state: number
  readonly reason: string | null
  readonly beneficiary: PartyId
  readonly beneficiary_type: number
  readonly payee: PartyId
  readonly disposition_date: Day
}

export async function readOrders(db: Db, municipality: Municipality, orders: readonly OrderId[]): Promise<OrderRow[]> {
  return await db.rows(
    `select order_id, source_system, order_key, version, case_key, state, reason, beneficiary, beneficiary_type, payee,
       disposition_date from orders where municipality_code = $1 and order_id = any ($2) order by order_id`,
    [municipality, orders],
  )
}

/** Every version of a key, oldest first; in several source systems when the key is used by more than one. */
export async function readVersions(
  db: Db,
  municipality: Municipality,
  sources: readonly number[],
  orderKey: string,
): Promise<{ order_id: OrderId; source_system: number; version: number; pays: boolean }[]> {
  return await db.rows(
    `select o.order_id, o.source_system, o.version, exists (select from calculations c where c.municipality_code = $1
       and c.order_id = o.order_id and c.gross_ore <> 0 and not exists (select from stopped_parts z
         where z.municipality_code = $1 and z.item_id = c.order_id * 64 + c.line_no)) as pays
     from orders o where o.municipality_code = $1 and o.source_system = any ($2) and o.order_key = $3
     order by o.source_system, o.version, o.again`,
    [municipality, sources, orderKey],
  )
}

export interface LineRow {
  readonly order_id: OrderId
  readonly line_no: number
  readonly kind: number
  readonly line_key: string
  readonly amount_ore: number
  readonly benefit: number
  readonly right_holder: PartyId
  readonly period_from: Day | null
  readonly period_to: Day | null
  readonly quantity_unit: number | null
  readonly quantity_thousandths: number | null
  readonly repayable: boolean | null
  readonly component: string | null
  readonly legal_basis: string | null
  readonly text: string | null
  readonly reference: string | null
  readonly payee: PartyId | null
  readonly claim_key: string | null
  readonly cause: string | null
  readonly decision_key: string | null
  readonly decision_date: Day | null
  readonly hearing_date: Day | null
  readonly notice_date: Day | null
}

export async function readLines(db: Db, municipality: Municipality, orders: readonly OrderId[]): Promise<LineRow[]> {
  return await db.rows(
    `select order_id, line_no, kind, line_key, amount_ore, benefit, right_holder, period_from, period_to, quantity_unit,
       quantity_thousandths, repayable, component, legal_basis, text, reference, payee, claim_key, cause,
       decision_key, decision_date, hearing_date, notice_date
     from order_lines left join repayment_notices using (municipality_code, order_id, line_no)
     where municipality_code = $1 and order_id = any ($2) order by order_id, line_no`,
    [municipality, orders],
  )
}

export interface CalculationRow {
  readonly order_id: OrderId
  readonly line_no: number
  readonly work_no: number
  readonly benefit: number
  readonly gross_ore: number
  readonly own_atp_ore: number
  readonly am_ore: number
  readonly tax_ore: number
  readonly set_off_ore: number
  readonly third_party_ore: number
  readonly net_ore: number
  readonly employer_atp_ore: number
  readonly pension_ore: number
  readonly tax_base_ore: number
  readonly allowance_used_ore: number
  readonly frikort_used_ore: number
  readonly tax_rate_millionths: number
  readonly card: number
  readonly card_no: number
  readonly se: number
  readonly tax_method: number
  readonly disposition_date: Day
}

export async function readCalculations(
  db: Db,
  municipality: Municipality,
  orders: readonly OrderId[],
): Promise<CalculationRow[]> {
  return await db.rows(
    `select order_id, line_no, work_no, benefit, gross_ore, own_atp_ore, am_ore, tax_ore, set_off_ore, third_party_ore,
       net_ore, employer_atp_ore, pension_ore, tax_base_ore, allowance_used_ore, frikort_used_ore, tax_rate_millionths,
       card, card_no, se, tax_method, disposition_date
     from calculations where municipality_code = $1 and order_id = any ($2) order by order_id, line_no`,
    [municipality, orders],
  )
}

/** What stood already of the lines that corrections raise. */
export async function readStanding(
  db: Db,
  municipality: Municipality,
  orders: readonly OrderId[],
): Promise<Map<ItemId, StandsAlready>> {
  const rows = await db.rows<StandsAlready & { item: ItemId }>(
    `select order_id * 64 + line_no as item, gross_ore as gross, own_atp_ore as "ownAtp",
       employer_atp_ore as "employerAtp", pension_ore as pension
     from standing_lines where municipality_code = $1 and order_id = any ($2)`,
    [municipality, orders],
  )
  return new Map(rows.map(({ item, ...stands }) => [item, stands]))
}

export interface DeductionRow {
  readonly item_id: ItemId
  readonly line_no: number
  readonly kind: number
  readonly amount_ore: number
}

export async function readDeductions(
  db: Db,
  municipality: Municipality,
  items: readonly ItemId[],
): Promise<DeductionRow[]> {
  return await db.rows(
    `select item_id, line_no, kind, amount_ore from deductions where municipality_code = $1 and item_id = any ($2)
     order by item_id, line_no`,
    [municipality, items],
  )
}

export interface UntakenRow {
  readonly order_id: OrderId
  readonly line_no: number
  readonly amount_ore: number
  readonly reason: string
}

export async function readUntaken(
  db: Db,
  municipality: Municipality,
  orders: readonly OrderId[],
): Promise<UntakenRow[]> {
  return await db.rows(
    `select order_id, line_no, amount_ore, reason from untaken_deductions
     where municipality_code = $1 and order_id = any ($2) order by order_id, line_no`,
    [municipality, orders],
  )
}

/** What is left of claims, by key. */
export async function readClaimsLeft(
  db: Db,
  municipality: Municipality,
  keys: readonly string[],
): Promise<Map<string, number>> {
  if (keys.length === 0) return new Map()
  const rows = await db.rows<{ claim_key: string; left: number }>(
    `select c.claim_key, (c.amount_ore - coalesce((select sum(m.amount_ore) from claim_movements m
       where m.municipality_code = $1 and m.claim_id = c.claim_id), 0))::bigint as left
     from claims c where c.municipality_code = $1 and c.claim_key = any ($2)`,
    [municipality, keys],
  )
  return new Map(rows.map((row) => [row.claim_key, row.left]))
}

export interface HoldRow extends HoldFacts {
  readonly order_id: OrderId
  readonly at: string
}

export async function readOpenHolds(
  db: Db,
  municipality: Municipality,
  orders: readonly OrderId[],
): Promise<HoldRow[]> {
  return await db.often.rows(
    `select h.order_id, h.kind, h.reason, ${HOLD_DETAIL} as detail, h.at from order_holds h
     where h.municipality_code = $1 and h.order_id = any ($2) and not exists (select from order_hold_releases e
       where e.municipality_code = $1 and e.order_id = h.order_id and e.hold_no = h.hold_no)
     order by h.order_id, h.hold_no`,
    [municipality, orders],
  )
}

export interface ToldRow {
  readonly kind: string
  readonly work_no: number
  readonly file_name: string
  readonly sent: boolean
}

/** Which files tell of these calculated batches. */
export async function readTold(db: Db, municipality: Municipality, workNos: readonly number[]): Promise<ToldRow[]> {
  if (workNos.length === 0) return []
  return await db.rows(
    `select b.kind, b.work_no, d.file_name, exists (select from deliveries_sent s where s.municipality_code = $1
       and s.delivery_no = d.delivery_no) as sent
     from delivery_batches b join deliveries d on d.municipality_code = $1 and d.delivery_no = b.delivery_no
     where b.municipality_code = $1 and b.work_no = any ($2)`,
    [municipality, workNos],
  )
}

export interface AtpRow {
  readonly order_id: OrderId
  readonly disposition_date: Day
  readonly person: PartyId
  readonly work_no: number
  readonly benefit: number
  readonly period_from: Day
  readonly period_to: Day
}

/** Where own ATP was taken of these persons: an earlier order of the same batch may have taken the month's. */
export async function readAtpTaken(db: Db, municipality: Municipality, persons: readonly PartyId[]): Promise<AtpRow[]> {
  return await db.rows(
    `select c.order_id, c.disposition_date, l.right_holder as person, c.work_no, c.benefit, l.period_from, l.period_to
     from order_lines l
     join calculations c on c.municipality_code = $1 and c.order_id = l.order_id and c.line_no = l.line_no
     where l.municipality_code = $1 and l.kind = 0 and l.right_holder = any ($2) and c.own_atp_ore > 0`,
    [municipality, persons],
  )
}

export async function readPartyRefs(
  db: Db,
  municipality: Municipality,
  parties: readonly PartyId[],
): Promise<Map<PartyId, PartyRef>> {
  const rows = await db.rows<{ party_id: PartyId; type: number; identifier: string }>(
    'select party_id, type, identifier from parties where municipality_code = $1 and party_id = any ($2)',
    [municipality, parties],
  )
  return new Map(rows.map((row) => [row.party_id, { type: PARTY_TYPES[row.type] as PartyType, id: row.identifier }]))
}

/** Whose right and what time a claim is of: of a claim from before the takeover the debtor. */
export interface ClaimOf {
  readonly claim_key: string
  readonly right_holder: PartyId
  readonly period_from: Day
  readonly period_to: Day
}

export async function readWhatClaimsAreOf(
  db: Db,
  municipality: Municipality,
  keys: readonly string[],
): Promise<ClaimOf[]> {
  if (keys.length === 0) return []
  return await db.rows<ClaimOf>(
    `select c.claim_key, c.period_from, c.period_to, coalesce((select l.right_holder from item_movements m
       join order_lines l on l.municipality_code = $1 and l.order_id = m.item_id >> 6 and l.line_no = (m.item_id & 63)
       where m.municipality_code = $1 and m.to_ref = c.claim_id and m.to_place in (3, 4)
       order by m.work_no, m.movement_no limit 1), c.debtor) as right_holder
     from claims c where c.municipality_code = $1 and c.claim_key = any ($2)`,
    [municipality, keys],
  )
}
