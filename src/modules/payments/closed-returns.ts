/**
 * Payments that came back and that nobody claims. A municipality's rule says what becomes of them after so many months;
 * one person proposes what the rules cover on a day, another approves that list, and their money leaves the return
 * account. Right, cost, tax and income are not touched: the payment alone is given up. Whoever claims it later is paid
 * again, unless it is time-barred; a new version of the order opens it again by itself. @da uafhentet betaling
 */
import { createHash } from 'node:crypto'
import { danishDaySql } from '../../base/danish-time.ts'
import type { Db, Tx } from '../../base/db.ts'
import { civil, type Day, dayOf, formatDay } from '../../base/date.ts'
import type { ItemId, Municipality, PaymentId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { Refusal } from '../../base/refusal.ts'
import type { LocalRules, UnclaimedTreatment } from '../rates/index.ts'
import { backAt } from './opening-returns.ts'
import { LEFT_OF_RETURN, type PartAgain, readPaymentsAgain } from './returned.ts'

/** A part that a rule covers. */
export interface UnclaimedPart extends Pick<PartAgain, 'item' | 'part' | 'source' | 'benefit' | 'amount'> {
  readonly payment: PaymentId
  /** When the first attempt came back. */
  readonly since: Day
  readonly treatment: UnclaimedTreatment
}

/**
 * What the rules cover on a day, in the order of payments: whose first attempt came back so many months before. Left
 * out is what may have been paid, what is corrected since, and what its payee was asked about and may still answer.
 */
export async function unclaimedParts(
  db: Db,
  municipality: Municipality,
  rules: LocalRules,
  asOf: Day,
): Promise<UnclaimedPart[]> {
  if (!rules.rules.some((rule) => rule.kind === 'unclaimed')) return []
  const since = await openSince(db, municipality, asOf)
  const standing = await readPaymentsAgain(db, municipality, [...since.keys()])
  return standing.flatMap(({ payment, why, parts }) =>
    parts.flatMap((part) => {
      const rule = rules.unclaimed(part.source, part.benefit, asOf)
      const from = since.get(payment) as Day
      if (why !== undefined || part.closed !== undefined || rule === undefined) return []
      if (monthsAfter(from, rule.months) > asOf) return []
      const { item, source, benefit, amount } = part
      return [{ payment, item, part: part.part, source, benefit, amount, since: from, treatment: rule.treatment }]
    }),
  )
}

/** The same day so many months later, or the last of that month. */
function monthsAfter(on: Day, months: number): Day {
  const { year, month, day } = civil(on)
  const first = (n: number): Day => dayOf(Math.floor(n / 12), (n % 12) + 1, 1)
  const at = year * 12 + month - 1 + months
  return Math.min(first(at) + day - 1, first(at + 1) - 1) as Day
}

/** Payments with something left that nobody is asked about, and since when the first attempt is back. */
async function openSince(db: Db, municipality: Municipality, asOf: Day): Promise<Map<PaymentId, Day>> {
  const rows = await db.rows<{ payment: PaymentId; since: Day }>(
    `select b.payment_id as payment, ${danishDaySql('f.first_at')} as since from payment_returns b
     cross join lateral (select min(${backAt('q', 'w')}) as first_at from payment_parts x
       join payment_parts e on e.municipality_code = $1 and e.item_id = x.item_id and e.part & 63 = x.part & 63
         and e.part <= x.part
       join payment_returns q on q.municipality_code = $1 and q.payment_id = e.payment_id
       join work_batches w on w.municipality_code = $1 and w.work_no = q.work_no
       where x.municipality_code = $1 and x.payment_id = b.payment_id offset 0) f
     where b.municipality_code = $1 and exists (${LEFT_OF_RETURN}) and f.first_at < $2::date + 1
       and not exists (select from asked_returns a where a.municipality_code = $1 and a.payment_id = b.payment_id
         and a.answer_by >= $2::date) order by 1`,
    [municipality, formatDay(asOf)],
  )
  return new Map(rows.map((row) => [row.payment, row.since]))
}

/** A proposal that waits for a second person. */
export interface Closing {
  readonly municipality: Municipality
  readonly closingNo: number
  readonly asOf: Day
  readonly parts: number
  readonly amount: Ore
  readonly by: string
}

export async function waitingClosings(db: Db, municipality: Municipality): Promise<Closing[]> {
  return await db.rows<Closing>(
    `select c.municipality_code as municipality, c.closing_no as "closingNo", c.as_of as "asOf", c.parts,
       c.amount_ore as amount, c.by_actor as by from return_closings c
     where c.municipality_code = $1 and not exists (select from return_closing_approvals a
       where a.municipality_code = $1 and a.closing_no = c.closing_no) order by 2`,
    [municipality],
  )
}

function hashOf(parts: readonly UnclaimedPart[]): Buffer {
  const told = parts.map(({ payment, item, part, amount, treatment }) => [payment, item, part, amount, treatment])
  return createHash('sha256').update(JSON.stringify(told)).digest()
}

const sumOf = (parts: readonly UnclaimedPart[]): Ore => parts.reduce((sum, part) => sum + part.amount, 0) as Ore

/** Proposes everything that the rules cover. The same list of the same day again is the same proposal. */
export async function proposeClosing(
  tx: Tx,
  municipality: Municipality,
  rules: LocalRules,
  act: { readonly asOf: Day; readonly at: string; readonly by: string },
): Promise<Closing> {
  const { asOf, at, by } = act
  const parts = await unclaimedParts(tx, municipality, rules, asOf)
  if (parts.length === 0) {
    throw new Refusal('nothing_unclaimed', `No rule covers anything that came back, on ${formatDay(asOf)}.`)
  }
  const sha256 = hashOf(parts)
  const known = await tx.first<{ no: number; by: string }>(
    `select closing_no as no, by_actor as by from return_closings where municipality_code = $1 and as_of = $2
       and sha256 = $3`,
    [municipality, formatDay(asOf), sha256],
  )
  const told = { municipality, asOf, parts: parts.length, amount: sumOf(parts) }
  if (known !== undefined) return { ...told, closingNo: known.no, by: known.by }
  const last = await tx.first<{ no: number }>(
    'select coalesce(max(closing_no), 0) as no from return_closings where municipality_code = $1',
    [municipality],
  )
  const closingNo = (last?.no ?? 0) + 1
  await tx.run('insert into return_closings values ($1, $2, $3, $4, $5, $6, $7, $8)', [
    municipality,
    closingNo,
    formatDay(asOf),
    sha256,
    parts.length,
    told.amount,
    at,
    by,
  ])
  return { ...told, closingNo, by }
}

/**
 * Approves a proposal; gives its parts, to be booked and recorded. Refuses `closing_not_waiting`, `four_eyes`,
 * `stale_total`, and `closing_changed` when the rules do not cover the same parts any more.
 */
export async function approveClosing(
  tx: Tx,
  municipality: Municipality,
  rules: LocalRules,
  closingNo: number,
  act: { readonly total: number; readonly workNo: number; readonly at: string; readonly by: string },
): Promise<UnclaimedPart[]> {
  const closing = (await waitingClosings(tx, municipality)).find((one) => one.closingNo === closingNo)
  if (closing === undefined) throw new Refusal('closing_not_waiting', `Closing ${closingNo} does not wait here.`)
  if (closing.by === act.by) {
    throw new Refusal('four_eyes', `${act.by} proposed the closing; another person must approve it.`)
  }
  if (closing.amount !== act.total) {
    throw new Refusal('stale_total', 'The total is not that of the closing. Look at it again, then approve.')
  }
  const parts = await unclaimedParts(tx, municipality, rules, closing.asOf)
  const shown = await tx.first(
    'select 1 from return_closings where municipality_code = $1 and closing_no = $2 and sha256 = $3',
    [municipality, closingNo, hashOf(parts)],
  )
  if (shown === undefined) {
    throw new Refusal(
      'closing_changed',
      'Something of it was paid again, corrected or asked about since. Propose it anew.',
    )
  }
  await tx.run('insert into return_closing_approvals values ($1, $2, $3, $4, $5)', [
    municipality,
    closingNo,
    act.workNo,
    act.at,
    act.by,
  ])
  return parts
}

export async function recordClosed(
  tx: Tx,
  municipality: Municipality,
  parts: readonly (UnclaimedPart & { readonly account: number })[],
  of: { readonly workNo: number; readonly postedOn: Day },
): Promise<void> {
  await tx.run(
    `insert into closed_returns select $1::smallint, p.item, p.part, p.payment, $3::int, $4::date, p.source, p.benefit,
       p.amount, p.account, p.treatment
     from jsonb_to_recordset($2::jsonb) as p (item bigint, part smallint, payment bigint, source smallint,
       benefit smallint, amount bigint, account int, treatment text)`,
    [municipality, JSON.stringify(parts), of.workNo, formatDay(of.postedOn)],
  )
}

/** A closed part that is to be opened again: where its money is. */
export interface ClosedPart {
  readonly item: ItemId
  readonly part: number
  readonly source: number
  readonly benefit: number
  readonly amount: Ore
  readonly account: number
}

/** Closed parts of these items that are not open again. */
export async function closedPartsOf(
  db: Db,
  municipality: Municipality,
  items: readonly ItemId[],
): Promise<ClosedPart[]> {
  if (items.length === 0) return []
  return await db.rows<ClosedPart>(
    `select k.item_id as item, k.part, k.source_system as source, k.benefit, k.amount_ore as amount, k.account
     from closed_returns k where k.municipality_code = $1 and k.item_id = any ($2)
       and not exists (select from reopened_returns r where r.municipality_code = $1 and r.item_id = k.item_id
         and r.part = k.part) order by 1, 2`,
    [municipality, items],
  )
}

export async function recordReopened(
  tx: Tx,
  municipality: Municipality,
  workNo: number,
  parts: readonly (Pick<ClosedPart, 'item' | 'part'> & { readonly postedOn: Day })[],
): Promise<void> {
  if (parts.length === 0) return
  const rows = parts.map(({ item, part, postedOn }) => ({ item, part, on: formatDay(postedOn) }))
  await tx.run(
    `insert into reopened_returns select $1::smallint, p.item, p.part, $3::int, p.on
     from jsonb_to_recordset($2::jsonb) as p (item bigint, part smallint, "on" date)`,
    [municipality, JSON.stringify(rows), workNo],
  )
}

/** What is closed of the payments of municipalities `$1` and not open again, as `k`: a tiny table. */
export const CLOSED = `closed_returns k where k.municipality_code = any ($1)
  and not exists (select from reopened_returns r where r.municipality_code = k.municipality_code
    and r.item_id = k.item_id and r.part = k.part)`
