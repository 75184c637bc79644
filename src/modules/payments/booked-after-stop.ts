/**
 * Payments that the rail said it had stopped, and that the bank booked all the same. They are paid: only the statement
 * is final. Until it is known what was made of the stop, their money stands among what is unmatched.
 */
import type { Db, Tx } from '../../base/db.ts'
import type { Day } from '../../base/date.ts'
import type { Municipality, OrderId, PaymentId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import type { Judged } from './settlement.ts'

/** Payment `p` is one of them. */
export function isBookedAfterStop(p: string): string {
  return `exists (select from booked_after_stop k where k.municipality_code = ${p}.municipality_code
    and k.payment_id = ${p}.payment_id)`
}

/** Of `booked_after_stop` k: what was made of its stop is not undone. */
export const STOP_STANDS = `not exists (select from booked_after_stop_taken t where t.municipality_code = k.municipality_code
  and t.payment_id = k.payment_id)`

/** What the entries of one file booked though it was stopped; ordinarily nothing. */
export async function recordBookedAfterStop(
  tx: Tx,
  municipality: Municipality,
  of: { readonly workNo: number; readonly account: string },
  entries: readonly Judged[],
): Promise<void> {
  for (const { entry, afterStop } of entries) {
    if (afterStop === undefined) continue
    for (const { payment, amount } of afterStop) {
      const row = [municipality, payment, of.workNo, of.account, entry.bankRef, amount]
      await tx.run('insert into booked_after_stop values ($1, $2, $3, $4, $5, $6)', row)
    }
  }
}

/** Øre of them. */
export function oreAfterStop(entries: readonly Judged[]): Ore {
  let sum = 0
  for (const { afterStop } of entries) {
    if (afterStop !== undefined) for (const { amount } of afterStop) sum += amount
  }
  return sum as Ore
}

export interface BookedAfterStop {
  readonly payment: PaymentId
  readonly amount: Ore
  readonly bookedOn: Day
  readonly orders: readonly OrderId[]
  /** `item:line` of each of its parts. */
  readonly lines: readonly string[]
}

/** Those of which the stop stands, without what nobody claimed and is closed. */
export async function bookedAfterStop(db: Db, municipality: Municipality): Promise<BookedAfterStop[]> {
  return await db.rows<BookedAfterStop>(
    `select k.payment_id as payment, k.amount_ore as amount, min(e.booking_date) as "bookedOn",
       array_agg(distinct x.item_id >> 6) as orders,
       array_agg(distinct x.item_id || ':' || (x.part & 63)) as lines
     from booked_after_stop k
     join statement_entries e on e.municipality_code = $1 and e.work_no = k.work_no and e.account = k.account
       and e.bank_ref = k.bank_ref
     cross join lateral (select x.* from payment_parts x where x.municipality_code = $1 and x.payment_id = k.payment_id
       offset 0) x
     where k.municipality_code = $1 and ${STOP_STANDS}
     group by k.payment_id, k.amount_ore
     having not bool_or(exists (select from closed_returns c where c.municipality_code = $1 and c.item_id = x.item_id
       and c.part = x.part))
     order by 1`,
    [municipality],
  )
}

/** What was made of its stop is undone. */
export async function recordStopUndone(
  tx: Tx,
  municipality: Municipality,
  payment: PaymentId,
  workNo: number,
): Promise<void> {
  await tx.run('insert into booked_after_stop_taken values ($1, $2, $3)', [municipality, payment, workNo])
}
