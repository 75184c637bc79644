/**
 * Payments that came back, and whether they may be paid again: a second attempt on the same payment. Tax was told and
 * cost was booked by the first one, so neither is again. @da genudbetaling
 */
import type { Db } from '../../base/db.ts'
import type { Day } from '../../base/date.ts'
import { type ItemId, type Municipality, type PartyId, type PaymentId, TAKEN_OVER } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { isDueAgain, lineOfPart, whatPartsAre } from './part.ts'
import { PAYEE_NOW, PAYEE_OF_PART } from './parts-again.ts'
import { IS_RELEASED, NOT_STOPPED, REFUSED_OF_BUNDLE, stoppedOfUnit } from './stopped.ts'
import { STILL_UNMATCHED } from './look-again.ts'
import type { UnclaimedTreatment } from '../rates/index.ts'
import { backAt, payDayOf } from './opening-returns.ts'

/** Why a payment is not paid again now, or ever. */
export type NotAgain =
  /** It is not released, or no return of it is booked. */
  | 'not_returned'
  /** On the state's waiting account: final for us. */
  | 'final_at_state'
  /** NemKonto says returned (9), and the bank's statement has not brought the money yet. */
  | 'not_back_yet'
  /** Refused before the bank, and no statement has shown yet that the bank booked the bundle without it. */
  | 'not_booked_yet'
  /** The bank or a later answer says that it was paid after all. */
  | 'may_be_paid'
  /** It is due again already, or a later version has taken over all that it was for. */
  | 'nothing_left'
  /** A later version says that part of it is not wanted as it was. */
  | 'corrected_since'
  /** Nobody claimed it until it was time-barred, and two persons closed it. */
  | 'time_barred'

export interface PaymentAgain {
  readonly payment: PaymentId
  /** What the rail said when it came back; undefined of what has not. */
  readonly returned: { readonly answer: number; readonly code: string; readonly since: string } | undefined
  /** Of the attempt that came back. */
  readonly dispositionDate: Day
  readonly why: NotAgain | undefined
  /** What would be paid again. */
  readonly parts: readonly PartAgain[]
}

export interface PartAgain {
  readonly item: ItemId
  readonly part: number
  readonly source: number
  readonly benefit: number
  readonly amount: Ore
  readonly beneficiary: PartyId
  /** Whom it is paid to now, when no arrangement says otherwise. */
  readonly payee: PartyId
  /** The citizen's own net of a right that its order pays to the citizen: an arrangement may apply. */
  readonly own: boolean
  /** What became of it as nobody claimed it. */
  readonly closed: UnclaimedTreatment | undefined
}

/** Øre that the bank is still to book of bundle `b`; below zero: it booked one that was refused. */
const LEFT_OF_BUNDLE = `b.amount_ore - z.ore - ${REFUSED_OF_BUNDLE}
  + coalesce((select sum(e.amount_ore) from statement_entries e
      left join payments o on o.municipality_code = e.municipality_code and o.payment_id = e.payment_id
      where e.municipality_code = b.municipality_code and e.match = 'settled' and e.amount_ore < 0
        and ((e.run_no = b.run_no and e.unit = b.unit) or (e.payment_id >= b.run_no::bigint << 24
          and e.payment_id < (b.run_no::bigint + 1) << 24 and o.unit = b.unit))), 0)`

const ACCEPTED = (
  more: string,
) => `exists (select from accepted_payments a where a.municipality_code = p.municipality_code
  and a.run_no = (p.payment_id >> 24)::int and a.numbers @> (p.payment_id & 16777215)::int ${more})`

/**
 * Payment `p` with its return `b`: a later answer or a bank line says that it was paid, though it came back: it was
 * refused before the bank and accepted, or there is a debit of its own that nothing explains. What was accepted and
 * then stopped at our asking is no doubt.
 */
const IN_DOUBT = `((b.answer in (2, 7) and ${ACCEPTED('')} and not exists (select from recall_answers a
    where a.municipality_code = p.municipality_code and a.payment_id = p.payment_id and a.outcome = 'cancelled'))
  or exists (select from statement_entries e where e.municipality_code = p.municipality_code
    and e.payment_id = p.payment_id and e.amount_ore < 0 and ${STILL_UNMATCHED}))`

interface Row {
  readonly payment: PaymentId
  readonly date: Day
  readonly answer: number | null
  readonly code: string
  readonly since: string
  readonly at_state: boolean
  readonly said_returned: boolean
  readonly left: number
  readonly in_doubt: boolean
}

/** How these payments stand; those that we do not know are left out. In the order of their numbers. */
export async function readPaymentsAgain(
  db: Db,
  municipality: Municipality,
  payments: readonly PaymentId[],
): Promise<PaymentAgain[]> {
  const rows = await db.often.rows<Row>(
    `with asked as materialized (
       select p.* from unnest($2::bigint[]) as n (payment_id)
       cross join lateral (select p.* from payments p where p.municipality_code = $1 and p.payment_id = n.payment_id
         offset 0) p),
     bundle as materialized (
       select b.run_no, b.unit, ${LEFT_OF_BUNDLE} as left from payment_bundles b ${stoppedOfUnit()}
       where b.municipality_code = $1 and (b.run_no, b.unit) in (select (a.payment_id >> 24)::int, a.unit from asked a))
     select p.payment_id as payment, ${payDayOf('p', 'r')} as date, b.answer, b.reason as code,
       ${backAt('b', 'w')} as since, ${ACCEPTED('and a.waiting_account')} as at_state,
       exists (select from payment_answers q where q.municipality_code = $1 and q.payment_id = p.payment_id
         and q.answer = 9) as said_returned,
       coalesce(u.left, 0)::bigint as left, coalesce(${IN_DOUBT}, false) as in_doubt
     from asked p
     left join payment_runs r on r.municipality_code = $1 and r.run_no = (p.payment_id >> 24)::int
     left join bundle u on u.run_no = r.run_no and u.unit = p.unit
     left join payment_returns b on b.municipality_code = $1 and b.payment_id = p.payment_id
     left join work_batches w on w.municipality_code = $1 and w.work_no = b.work_no
     order by 1`,
    [municipality, payments],
  )
  const parts = await readPartsAgain(
    db,
    municipality,
    rows.flatMap((row) => (row.answer === null ? [] : [row.payment])),
  )
  return rows.map((row) => {
    const own = parts.get(row.payment) ?? []
    const why = whyNot(row, own)
    const { payment, date: dispositionDate, answer, code, since } = row
    const returned = answer === null ? undefined : { answer, code, since }
    return { payment, returned, dispositionDate, why, parts: why === undefined ? own : [] }
  })
}

function whyNot(row: Row, parts: readonly (PartAgain & { readonly corrected: boolean })[]): NotAgain | undefined {
  if (row.at_state) return 'final_at_state'
  if (row.answer === null) return row.said_returned ? 'not_back_yet' : 'not_returned'
  if (parts.length === 0) return 'nothing_left'
  if (row.in_doubt || (row.answer !== 9 && row.left < 0)) return 'may_be_paid'
  if (row.answer !== 9 && row.left > 0) return 'not_booked_yet'
  if (parts.some((part) => part.corrected)) return 'corrected_since'
  return parts.some((part) => part.closed === 'limitation') ? 'time_barred' : undefined
}

/** What is left of these payments: neither due again nor taken over by a later version. */
async function readPartsAgain(
  db: Db,
  municipality: Municipality,
  payments: readonly PaymentId[],
): Promise<Map<PaymentId, (PartAgain & { readonly corrected: boolean })[]>> {
  if (payments.length === 0) return new Map()
  type Row = Omit<PartAgain, 'own' | 'closed'> & { payment: PaymentId; to: PartyId; corrected: boolean }
  const rows = await db.often.rows<Row & { closed: UnclaimedTreatment | null }>(
    `select z.payment_id as payment, z.item_id as item, z.part, e.treatment as closed, c.source_system as source, c.benefit, m.amount_ore as amount,
       o.beneficiary, k.payee as "to", ${PAYEE_OF_PART} as payee,
       exists (select from item_movements v where v.municipality_code = $1 and v.item_id = z.item_id
         and v.to_place > 1) as corrected
     from unnest($2::bigint[]) as f (payment_id)
     cross join lateral (select x.* from payment_parts x where x.municipality_code = $1 and x.payment_id = f.payment_id
       and ${NOT_STOPPED} and not ${isDueAgain({ municipality: 'x.municipality_code', item: 'x.item_id', part: 'x.part' })}
       and not exists (select from item_movements v where v.municipality_code = $1 and v.item_id = x.item_id
         and v.to_place = 1 and v.to_ref = 0) offset 0) z
     join payments y on y.municipality_code = $1 and y.payment_id = z.payment_id
     ${whatPartsAre('z')}
     join calculations k on k.municipality_code = $1 and k.order_id = z.item_id >> 6 and k.line_no = (z.item_id & 63)::smallint
     join orders o on o.municipality_code = $1 and o.order_id = z.item_id >> 6
     left join closed_returns e on e.municipality_code = $1 and e.item_id = z.item_id and e.part = z.part
     ${PAYEE_NOW} order by 1, 2, 3`,
    [municipality, payments],
  )
  const parts = rows.map(({ to, closed, ...part }) => {
    return { ...part, closed: closed ?? undefined, own: lineOfPart(part.part) === 0 && to === part.beneficiary }
  })
  return Map.groupBy(parts, (part) => part.payment)
}

/** Payments of a run that came back and of which something is left and not given up: the failed part of it. */
export async function failedPayments(db: Db, municipality: Municipality, runNo: number): Promise<PaymentId[]> {
  const rows = await db.rows<{ payment: PaymentId }>(
    `select b.payment_id as payment from payment_returns b where b.municipality_code = $1
       and b.payment_id >= $2::bigint << 24 and b.payment_id < ($2::bigint + 1) << 24
       and exists (${LEFT_OF_RETURN}) order by 1`,
    [municipality, runNo],
  )
  return rows.map((row) => row.payment)
}

/**
 * Payments that came back with one of these codes by a time, after fewer than `attempts` attempts, and of which
 * something is left; each with the number of its attempt, 0 the first. Not what an old system had back: it has tried.
 */
export async function faultyPayments(
  db: Db,
  municipality: Municipality,
  of: { readonly codes: readonly string[]; readonly attempts: number; readonly until: string },
): Promise<{ readonly payment: PaymentId; readonly attempt: number }[]> {
  return await db.often.rows(
    `select b.payment_id as payment, a.attempt from payment_returns b
     join work_batches w on w.municipality_code = $1 and w.work_no = b.work_no and w.known_at <= $4::timestamptz
     cross join lateral (select max(x.part >> 6)::int as attempt from payment_parts x where x.municipality_code = $1
       and x.payment_id = b.payment_id) a
     where b.municipality_code = $1 and b.payment_id < ${TAKEN_OVER} and b.reason = any ($2) and a.attempt < $3 and exists (${LEFT_OF_RETURN}) order by 1`,
    [municipality, of.codes, of.attempts, of.until],
  )
}

/** Something of return `b` is neither due again nor taken over by a later version, nor closed as nobody claimed it. */
export const LEFT_OF_RETURN = `select from payment_parts x where x.municipality_code = b.municipality_code
  and x.payment_id = b.payment_id and ${NOT_STOPPED}
  and not ${isDueAgain({ municipality: 'x.municipality_code', item: 'x.item_id', part: 'x.part' })}
  and not exists (select from closed_returns k where k.municipality_code = x.municipality_code and k.item_id = x.item_id
    and k.part = x.part)
  and not exists (select from item_movements v where v.municipality_code = x.municipality_code and v.item_id = x.item_id
    and v.to_place = 1 and v.to_ref = 0)`

/**
 * Attempts `n` (of parts_again) behind one that came back, of which the bank or a later answer now says that it was
 * paid after all, with that payment as `p`. An attempt that was held for it and let go by a person is behind that one.
 * Looked up by key: few payments are paid again.
 */
export const SUSPECTED_DOUBLES = `parts_again n
  cross join lateral (select x.payment_id from payment_parts x where x.municipality_code = n.municipality_code
    and x.item_id = n.item_id and x.part = n.part - 64 offset 0) x
  cross join lateral (select b.* from payment_returns b where b.municipality_code = n.municipality_code
    and b.payment_id = x.payment_id offset 0) b
  cross join lateral (select p.* from payments p where p.municipality_code = n.municipality_code
    and p.payment_id = x.payment_id offset 0) p
  where ${IN_DOUBT}`

/** Parts that are in a run which is not released, and may be paid already by the attempt before. */
export async function suspectedDoubles(
  db: Db,
  municipality: Municipality,
): Promise<{ readonly item: ItemId; readonly part: number }[]> {
  const any = await db.first('select 1 from parts_again where municipality_code = $1 limit 1', [municipality])
  if (any === undefined) return []
  return await db.rows(
    `select d.item_id as item, d.part from (select n.municipality_code, n.item_id, n.part from ${SUSPECTED_DOUBLES}
       and n.municipality_code = $1 offset 0) d
     cross join lateral (select x.* from payment_parts x where x.municipality_code = $1 and x.item_id = d.item_id
       and x.part = d.part offset 0) x
     where ${NOT_STOPPED} and not ${IS_RELEASED} order by 1, 2`,
    [municipality],
  )
}
