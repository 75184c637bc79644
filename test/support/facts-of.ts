/**
 * What a municipality's month came to, read from the facts in the database: rows that both people (scenarios) and
 * properties can compare. No ids in them: ids follow the order of arrival, what they name must not.
 */
import type { Db } from '../../src/base/db.ts'
import type { Municipality } from '../../src/base/id.ts'
import { CARD_KINDS } from '../../src/modules/parties/index.ts'
import { isBookedAfterStop, STOPPED_OF_PAYMENT } from '../../src/modules/payments/index.ts'

export interface CalculatedRow {
  municipality: string
  system: string
  order: string
  version: number
  line: string
  benefit: string
  gross: number
  own_atp: number
  am: number
  tax: number
  set_off: number
  third_party: number
  net: number
  employer_atp: number
  pension: number
  allowance: number
  card: string
}

const code = (column: string): string => `lpad(${column}::text, 4, '0')`

export async function calculatedRows(db: Db, municipalities: readonly Municipality[]): Promise<CalculatedRow[]> {
  const rows = await db.rows<Omit<CalculatedRow, 'card'> & { card: number }>(
    `select ${code('c.municipality_code')} as municipality, s.key as system, o.order_key as order, o.version,
       l.line_key as line, coalesce(b.key, '') as benefit, gross_ore as gross, own_atp_ore as own_atp, am_ore as am,
       tax_ore as tax, set_off_ore as set_off, third_party_ore as third_party, net_ore as net,
       employer_atp_ore as employer_atp, pension_ore as pension, allowance_used_ore as allowance, c.card
     from calculations c join orders o using (municipality_code, order_id)
     join order_lines l using (municipality_code, order_id, line_no)
     join source_systems s on s.source_system = o.source_system left join benefits b on b.benefit = c.benefit
     where c.municipality_code = any($1) order by 1, 2, 3, 4, 5`,
    [municipalities],
  )
  return rows.map((row) => ({ ...row, card: CARD_KINDS[row.card] ?? '?' }))
}

export type PaymentState =
  | 'due'
  | 'in_run'
  | 'stopped'
  | 'sent'
  | 'accepted'
  | 'presumed'
  | 'settled'
  | 'waiting_account'
  | 'returned'

export interface PaymentRow {
  municipality: string
  /** The payee's CPR or CVR. */
  payee: string
  date: string
  amount: number
  parts: number
  state: PaymentState
  /** 2, 7 or 9 when it came back. */
  answer: number | null
}

const SETTLED = `exists (select from statement_entries e
  where e.municipality_code = p.municipality_code and e.match = 'settled' and e.amount_ore < 0
    and (e.payment_id = p.payment_id or (e.run_no > 0 and e.run_no = p.payment_id >> 24 and e.unit = p.unit)))`

export async function paymentRows(db: Db, municipalities: readonly Municipality[]): Promise<PaymentRow[]> {
  return await db.rows<PaymentRow>(
    `select ${code('p.municipality_code')} as municipality, y.identifier as payee, r.disposition_date::text as date,
       case when z.whole then p.amount_ore else p.amount_ore - z.ore end as amount,
       (p.parts - z.parts)::int as parts, b.answer,
       case when z.whole then 'stopped' when b.payment_id is not null and not ${isBookedAfterStop('p')} then 'returned'
         when ${SETTLED} then case when a.waiting_account then 'waiting_account' else 'settled' end
         when exists (select from presumed_payments q where q.municipality_code = r.municipality_code
           and q.run_no = r.run_no and q.numbers @> (p.payment_id & 16777215)::int) then 'presumed'
         when a.run_no is not null then 'accepted'
         when exists (select from payment_run_steps t where t.municipality_code = r.municipality_code
           and t.run_no = r.run_no and t.step = 'sent') then 'sent' else 'in_run' end as state
     from payments p ${STOPPED_OF_PAYMENT}
     join payment_runs r on r.municipality_code = p.municipality_code and r.run_no = p.payment_id >> 24
     join parties y on y.municipality_code = p.municipality_code and y.party_id = p.payee
     left join payment_returns b on b.municipality_code = p.municipality_code and b.payment_id = p.payment_id
     left join lateral (select a.run_no, a.waiting_account from accepted_payments a
       where a.municipality_code = p.municipality_code and a.run_no = r.run_no
         and a.numbers @> (p.payment_id & 16777215)::int) a on true
     where p.municipality_code = any($1)
     union all
     select ${code('d.municipality_code')}, y.identifier, d.disposition_date::text, d.amount_ore, 1, null::smallint, 'due'
     from payables d join parties y on y.municipality_code = d.municipality_code and y.party_id = d.payee
     left join payment_parts x on x.municipality_code = d.municipality_code and x.item_id = d.item_id
       and x.part = d.part
     where d.municipality_code = any($1) and x.item_id is null
     order by 1, 2, 3, 4, 5`,
    [municipalities],
  )
}

export interface HoldRow {
  municipality: string
  system: string
  order: string
  version: number
  kind: string
  reason: string
  /** What whoever let it go wrote; '' where TØK did, `by` says who. */
  released: string | null
  by: string | null
}

export async function holdRows(db: Db, municipalities: readonly Municipality[]): Promise<HoldRow[]> {
  return await db.rows<HoldRow>(
    `select ${code('h.municipality_code')} as municipality, s.key as system, o.order_key as order, o.version, h.kind,
       h.reason, r.reason as released, r.by_actor as by
     from order_holds h join orders o using (municipality_code, order_id)
     join source_systems s on s.source_system = o.source_system
     left join order_hold_releases r using (municipality_code, order_id, hold_no)
     where h.municipality_code = any($1) order by 1, 2, 3, 4, 5, 6`,
    [municipalities],
  )
}

export interface ClaimRow {
  municipality: string
  claim: string
  amount: number
  left: number
}

export async function claimRows(db: Db, municipalities: readonly Municipality[]): Promise<ClaimRow[]> {
  return await db.rows<ClaimRow>(
    `select ${code('c.municipality_code')} as municipality, c.claim_key as claim, c.amount_ore as amount,
       (c.amount_ore - coalesce(sum(m.amount_ore), 0))::bigint as left
     from claims c left join claim_movements m using (municipality_code, claim_id)
     where c.municipality_code = any($1) group by 1, 2, 3 order by 1, 2`,
    [municipalities],
  )
}

export interface UntakenRow {
  municipality: string
  system: string
  order: string
  line: string
  amount: number
  reason: string
}

export async function untakenRows(db: Db, municipalities: readonly Municipality[]): Promise<UntakenRow[]> {
  return await db.rows<UntakenRow>(
    `select ${code('u.municipality_code')} as municipality, s.key as system, o.order_key as order, l.line_key as line,
       u.amount_ore as amount, u.reason
     from untaken_deductions u join orders o using (municipality_code, order_id)
     join order_lines l using (municipality_code, order_id, line_no)
     join source_systems s on s.source_system = o.source_system
     where u.municipality_code = any($1) order by 1, 2, 3, 4`,
    [municipalities],
  )
}
