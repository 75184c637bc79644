/**
 * What debtors pay on their claims. The municipality's debtor system collects, so a payment is a fact that it tells;
 * its balance is compared with ours. @da indbetaling på fordring
 */
import type { Db, Tx } from '../../base/db.ts'
import { type Day, formatDay } from '../../base/date.ts'
import type { Municipality } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { PARTY_TYPES, type PartyRef } from '../parties/index.ts'
import { BEFORE_TAX_LEFT, LEFT } from './claim.ts'

/** As the debtor system tells it. */
export interface ClaimPayment {
  readonly claimKey: string
  /** The debtor system's own, in the municipality. */
  readonly paymentKey: string
  readonly amount: Ore
  /** When the money was received; of a reversal when it was taken back. */
  readonly paidOn: Day
  /** What the debtor system says is left, below zero when too much was paid; undefined when it does not. */
  readonly balance: Ore | undefined
  /** The payment that bounced: this takes all of it back. */
  readonly reverses: string | undefined
}

/** A payment as it was booked: amounts are below zero in a reversal. */
export interface BookedPayment extends ClaimPayment {
  readonly claimId: number
  readonly no: number
  /** What the claim went down by, what was beyond it, and what of it was received on a claim before tax. */
  readonly taken: Ore
  readonly surplus: Ore
  readonly beforeTax: Ore
  /** When that counts as received. */
  readonly receivedOn: Day
  readonly left: Ore
  /** Of the order that pays the surplus; undefined without one. */
  readonly orderKey: string | undefined
}

export interface ClaimToPay {
  readonly claimId: number
  readonly claimKey: string
  readonly source: number
  readonly benefit: number
  readonly debtor: PartyRef
  readonly left: Ore
  readonly beforeTaxLeft: Ore
  /** The first day of the year since which it is claimed before tax; undefined when nothing of it is. */
  readonly beforeTaxSince: Day | undefined
  /** How many payments were booked on it. */
  readonly payments: number
}

/** Claims by their keys; one that is not known is left out. */
export async function claimsToPay(
  db: Db,
  municipality: Municipality,
  keys: readonly string[],
): Promise<Map<string, ClaimToPay>> {
  type Row = Omit<ClaimToPay, 'debtor' | 'beforeTaxSince'> & { type: number; id: string; since: Day | null }
  const rows = await db.rows<Row>(
    `select c.claim_id as "claimId", c.claim_key as "claimKey", c.source_system as source, c.benefit, y.type,
       y.identifier as id, ${LEFT} as left, ${BEFORE_TAX_LEFT} as "beforeTaxLeft",
       (select date_trunc('year', max(m.posted_on))::date from item_movements m where m.municipality_code = $1
         and m.to_place = 4 and m.to_ref = c.claim_id) as since,
       (select count(*)::int from claim_payments p where p.municipality_code = $1 and p.claim_id = c.claim_id) as payments
     from claims c join parties y on y.municipality_code = $1 and y.party_id = c.debtor
     where c.municipality_code = $1 and c.claim_key = any ($2)`,
    [municipality, keys],
  )
  return new Map(
    rows.map(({ type, id, since, ...claim }) => [
      claim.claimKey,
      { ...claim, beforeTaxSince: since ?? undefined, debtor: { type: PARTY_TYPES[type] ?? 'cpr', id } },
    ]),
  )
}

/** Of these payments those that are booked, and what reverses one of them. */
export async function bookedPayments(
  db: Db,
  municipality: Municipality,
  keys: readonly string[],
): Promise<BookedPayment[]> {
  const rows = await db.rows<{ [K in keyof BookedPayment]: BookedPayment[K] | null }>(
    `select c.claim_key as "claimKey", p.claim_id as "claimId", p.payment_no as no, p.payment_key as "paymentKey",
       p.paid_on as "paidOn", p.amount_ore as amount, p.taken_ore as taken, p.surplus_ore as surplus,
       coalesce(m.before_tax_ore, 0)::bigint as "beforeTax",
       coalesce(m.received_on, p.paid_on) as "receivedOn", p.reverses, p.their_left_ore as balance,
       p.our_left_ore as left, p.order_key as "orderKey"
     from claim_payments p join claims c on c.municipality_code = $1 and c.claim_id = p.claim_id
     left join claim_movements m on m.municipality_code = $1 and m.claim_id = p.claim_id and m.item_id = 0
       and m.line_no = p.payment_no
     where p.municipality_code = $1 and (p.payment_key = any ($2) or p.reverses = any ($2))`,
    [municipality, keys],
  )
  return rows.map(
    (row) =>
      ({
        ...row,
        balance: row.balance ?? undefined,
        reverses: row.reverses ?? undefined,
        orderKey: row.orderKey ?? undefined,
      }) as BookedPayment,
  )
}

/** Records payments, and takes their claims down. */
export async function recordClaimPayments(
  tx: Tx,
  municipality: Municipality,
  workNo: number,
  payments: readonly BookedPayment[],
): Promise<void> {
  const rows = payments.map(({ paidOn, receivedOn, ...one }) => ({
    ...one,
    paidOn: formatDay(paidOn),
    receivedOn: formatDay(receivedOn),
  }))
  const read = `jsonb_to_recordset($2::jsonb) as p ("claimId" bigint, no smallint, "paymentKey" text, "paidOn" date,
    "receivedOn" date, amount bigint, taken bigint, surplus bigint, "beforeTax" bigint, reverses text, balance bigint,
    "left" bigint, "orderKey" text)`
  await tx.run(
    `insert into claim_payments select $1::smallint, p."claimId", p.no, p."paymentKey", p."paidOn", p.amount, p.taken,
       p.surplus, p.reverses, p.balance, p."left", p."orderKey", $3::int from ${read}`,
    [municipality, JSON.stringify(rows), workNo],
  )
  await tx.run(
    `insert into claim_movements (municipality_code, claim_id, item_id, line_no, amount_ore, before_tax_ore, received_on)
     select $1::smallint, p."claimId", 0, p.no, p.taken, p."beforeTax", case when p."beforeTax" <> 0 then p."receivedOn" end
     from ${read} where p.taken <> 0`,
    [municipality, JSON.stringify(rows)],
  )
}

/** Of the newest payment `p` on a claim: the debtor system says that another amount is left than stands here. */
export const BALANCE_DIFFERS = `p.their_left_ore <> p.our_left_ore and not exists (select from claim_payments n
  where n.municipality_code = p.municipality_code and n.claim_id = p.claim_id and n.payment_no > p.payment_no
    and n.their_left_ore is not null)`
