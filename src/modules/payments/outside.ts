/**
 * Payments that were made elsewhere: registered by one person with what they rest on, approved by another. What they
 * settle of an order is the last attempt at its parts, and in no run of ours. @da betalt udenom
 */
import type { Db, Tx } from '../../base/db.ts'
import { type Day, formatDay } from '../../base/date.ts'
import type { ItemId, Municipality, OrderId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { Refusal } from '../../base/refusal.ts'

export interface NewOutside {
  /** Number of the source system. */
  readonly source: number
  readonly orderKey: string
  /** Of a third party's line; '': the payee's own money. */
  readonly lineKey: string
  readonly amount: Ore
  readonly paidOn: Day
  /** What whoever paid it knows it by. */
  readonly reference: string
  /** The number of the document in the municipality's archive. */
  readonly document: string
}

export interface Outside extends NewOutside {
  readonly outsideNo: number
  readonly at: string
  readonly by: string
  readonly approvedAt: string | undefined
  readonly approvedBy: string | undefined
  /** Why it was given up; undefined: it was not. */
  readonly ended: string | undefined
  /** What of an order it has settled: all of it, or nothing yet. */
  readonly settled: boolean
  /** The bank's reference of the line that it left the account with, of an account that we read. */
  readonly bankRef: string | undefined
}

interface Act {
  readonly at: string
  readonly by: string
}

const OUTSIDE = `select u.outside_no as "outsideNo", u.source_system as source, u.order_key as "orderKey",
    u.line_key as "lineKey", u.amount_ore as amount, u.paid_on as "paidOn", u.reference, u.document, u.at::text as at,
    u.by_actor as by, to_char(a.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"') as "approvedAt", a.by_actor as "approvedBy", e.reason as ended,
    l.bank_ref as "bankRef", exists (select from outside_parts p where p.municipality_code = $1 and p.outside_no = u.outside_no) as settled
  from outside_payments u
  left join outside_approvals a on a.municipality_code = $1 and a.outside_no = u.outside_no
  left join outside_ends e on e.municipality_code = $1 and e.outside_no = u.outside_no
  left join outside_lines l on l.municipality_code = $1 and l.outside_no = u.outside_no
  where u.municipality_code = $1`

/** Every one of a municipality, oldest first; `open`: neither settled nor given up. */
export async function readOutside(db: Db, municipality: Municipality, open = false): Promise<Outside[]> {
  const rows = await db.often.rows<Outside>(`${OUTSIDE} order by 1`, [municipality])
  const all = rows.map((row) => ({
    ...row,
    approvedAt: row.approvedAt ?? undefined,
    approvedBy: row.approvedBy ?? undefined,
    ended: row.ended ?? undefined,
    bankRef: row.bankRef ?? undefined,
  }))
  return open ? all.filter((one) => !one.settled && one.ended === undefined) : all
}

/** Refuses `registered_already` what has the same reference of the same order. */
export async function registerOutside(tx: Tx, municipality: Municipality, one: NewOutside, act: Act): Promise<number> {
  const known = await readOutside(tx, municipality)
  const same = known.find(
    (other) =>
      other.source === one.source &&
      other.orderKey === one.orderKey &&
      other.lineKey === one.lineKey &&
      other.reference === one.reference,
  )
  if (same !== undefined) {
    throw new Refusal('registered_already', `${one.reference} is registered as number ${same.outsideNo} already.`)
  }
  const no = (known.at(-1)?.outsideNo ?? 0) + 1
  await tx.run('insert into outside_payments values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)', [
    municipality,
    no,
    one.source,
    one.orderKey,
    one.lineKey,
    one.amount,
    formatDay(one.paidOn),
    one.reference,
    one.document,
    act.at,
    act.by,
  ])
  return no
}

async function waitingOne(tx: Tx, municipality: Municipality, no: number): Promise<Outside> {
  const one = (await readOutside(tx, municipality, true)).find((other) => other.outsideNo === no)
  if (one === undefined)
    throw new Refusal('outside_not_open', `No payment made elsewhere with number ${no} waits here.`)
  return one
}

/** Never by who registered it. */
export async function approveOutside(tx: Tx, municipality: Municipality, no: number, act: Act): Promise<void> {
  const one = await waitingOne(tx, municipality, no)
  if (one.approvedAt !== undefined) throw new Refusal('outside_not_open', `Number ${no} is approved already.`)
  if (one.by === act.by) throw new Refusal('four_eyes', `${act.by} registered it; another person must approve it.`)
  await tx.run('insert into outside_approvals values ($1, $2, $3, $4)', [municipality, no, act.at, act.by])
}

/** It was registered in error; what it has settled stays. */
export async function endOutside(
  tx: Tx,
  municipality: Municipality,
  no: number,
  act: Act & { readonly reason: string },
): Promise<void> {
  if (act.reason.trim() === '') throw new Refusal('reason_missing', 'Say why it is given up.')
  await waitingOne(tx, municipality, no)
  await tx.run('insert into outside_ends values ($1, $2, $3, $4, $5)', [municipality, no, act.reason, act.at, act.by])
}

/** The newest version of the order that it is of; undefined: none has come. */
export async function orderOfOutside(
  db: Db,
  municipality: Municipality,
  { source, orderKey }: Pick<Outside, 'source' | 'orderKey'>,
): Promise<{ readonly order: OrderId; readonly calculated: boolean } | undefined> {
  return await db.first(
    `select o.order_id as order, exists (select from calculations c where c.municipality_code = $1
       and c.order_id = o.order_id) as calculated
     from orders o where o.municipality_code = $1 and o.source_system = $2 and o.order_key = $3
     order by o.version desc, o.again desc limit 1`,
    [municipality, source, orderKey],
  )
}

/** The number of a third party's line within its order; undefined: there is no such line. */
export async function lineOfOutside(
  db: Db,
  municipality: Municipality,
  order: OrderId,
  lineKey: string,
): Promise<number | undefined> {
  const row = await db.first<{ line: number }>(
    `select line_no as line from order_lines where municipality_code = $1 and order_id = $2 and line_key = $3 and kind = 2`,
    [municipality, order, lineKey],
  )
  return row?.line
}

export interface SettledPart {
  readonly item: ItemId
  /** The number of the attempt that was made elsewhere. */
  readonly part: number
  readonly source: number
  readonly benefit: number
  readonly amount: Ore
}

export async function recordOutsideParts(
  tx: Tx,
  municipality: Municipality,
  of: { readonly outsideNo: number; readonly workNo: number },
  parts: readonly SettledPart[],
): Promise<void> {
  await tx.run(
    `insert into outside_parts select $1, p.item, p.part, $3, $4, p.source, p.benefit, p.amount
     from jsonb_to_recordset($2::jsonb) as p (item bigint, part smallint, source smallint, benefit smallint, amount bigint)`,
    [municipality, JSON.stringify(parts), of.outsideNo, of.workNo],
  )
}

/**
 * How many parts of item `c` (of calculations) were paid elsewhere; `and` narrows `u`. Hardly any municipality has any:
 * without, nothing is looked up.
 */
export function partsOutside(and = ''): string {
  return `(case when (select exists (select from outside_parts)) then (select count(*) from outside_parts u
    where u.municipality_code = c.municipality_code and u.item_id = c.order_id * 64 + c.line_no ${and}) else 0 end)::int`
}
