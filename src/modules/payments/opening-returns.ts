/**
 * Payments that an old system had back when it was taken over. Each has a payment and a return like any that came back
 * here, and no run: so it is listed, explained, paid again and closed as they are. @da overtaget returnering
 */
import type { Db, Tx } from '../../base/db.ts'
import { type Day, formatDay } from '../../base/date.ts'
import { type ItemId, type Municipality, type PartyId, type PaymentId, TAKEN_OVER } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'

export interface OpeningReturn {
  readonly payment: PaymentId
  readonly item: ItemId
  readonly source: number
  readonly returnKey: string
  readonly hash: Buffer
  readonly payee: PartyId
  readonly unit: number
  readonly railKind: string
  readonly amount: Ore
  readonly paidOn: Day
  readonly returnedOn: Day
  readonly reference: string
  readonly text: string
  readonly answer: number
  readonly code: string
}

/** What is known by these keys: `source key` → the hash of its content. */
export async function knownOpeningReturns(
  db: Db,
  municipality: Municipality,
  keys: readonly { readonly source: number; readonly returnKey: string }[],
): Promise<Map<string, Buffer>> {
  const rows = await db.rows<{ key: string; hash: Buffer }>(
    `select o.source_system || ' ' || o.return_key as key, o.content_hash as hash
     from jsonb_to_recordset($2::jsonb) as k (source smallint, "returnKey" text)
     join opening_returns o on o.municipality_code = $1 and o.source_system = k.source and o.return_key = k."returnKey"`,
    [municipality, JSON.stringify(keys)],
  )
  return new Map(rows.map((row) => [row.key, row.hash]))
}

/** The caller has recorded what was paid: an order, an item and its calculation each. */
export async function recordOpeningReturns(
  tx: Tx,
  municipality: Municipality,
  workNo: number,
  returns: readonly OpeningReturn[],
): Promise<void> {
  const rows = returns.map(({ hash, paidOn, returnedOn, ...one }) => {
    return { ...one, hash: hash.toString('hex'), paid: formatDay(paidOn), back: formatDay(returnedOn) }
  })
  await tx.run(
    `with told as materialized (select * from jsonb_to_recordset($2::jsonb) as r (payment bigint, item bigint,
         source smallint, "returnKey" text, hash text, payee bigint, unit int, "railKind" text, amount bigint, paid date,
         back date, reference text, text text, answer smallint, code text)),
       payment as (insert into payments (municipality_code, payment_id, payee, unit, source_system, rail_kind,
           amount_ore, parts) select $1, payment, payee, unit, source, "railKind", amount, 1 from told),
       part as (insert into payment_parts (municipality_code, item_id, part, payment_id)
         select $1, item, 0, payment from told),
       back as (insert into payment_returns (municipality_code, payment_id, answer, work_no, amount_ore, reason)
         select $1, payment, answer, $3, amount, code from told)
     insert into opening_returns (municipality_code, payment_id, source_system, return_key, content_hash, amount_ore,
       paid_on, returned_on, reference, text)
     select $1, payment, source, "returnKey", decode(hash, 'hex'), amount, paid, back, reference, text from told`,
    [municipality, JSON.stringify(rows), workNo],
  )
}

/** Of a return or payment `b`, what its row among the taken over says; looked up by key for those alone. */
function takenOver(b: string, what: string): string {
  return `case when ${b}.payment_id >= ${TAKEN_OVER} then (select ${what} from opening_returns o
    where o.municipality_code = ${b}.municipality_code and o.payment_id = ${b}.payment_id) end`
}

/** When return `b` was booked by work `w`: with us, or before the takeover with the old system. */
export function backAt(b: string, w: string): string {
  return `coalesce((${takenOver(b, 'o.returned_on')})::timestamp at time zone 'UTC', ${w}.known_at)`
}

/** The day on which payment `p` was to be paid; `r` is its run, a left join. */
export function payDayOf(p: string, r: string): string {
  return `coalesce(${r}.disposition_date, ${takenOver(p, 'o.paid_on')})`
}

/** Whom it may concern knows it by these, as JSON; null of our own. */
export function takenOverJson(b: string): string {
  return takenOver(
    b,
    `jsonb_build_object('key', o.return_key, 'reference', o.reference, 'text', o.text,
      'paid_on', o.paid_on::text, 'returned_on', o.returned_on::text)`,
  )
}

/** As `takenOverJson` gives it. */
export interface TakenOver {
  readonly key: string
  readonly reference: string
  /** What it was for, as the old system says; '' none. */
  readonly text: string
  readonly paid_on: string
  readonly returned_on: string
}
