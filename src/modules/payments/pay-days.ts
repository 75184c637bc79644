/**
 * Orders that are paid on another day than they say: at once, as their source or a person asks, or with the next
 * ordinary run. The day is decided when the work is planned and kept, so that it is the same whenever it is done.
 */
import type { Db, Tx } from '../../base/db.ts'
import { type Day, formatDay } from '../../base/date.ts'
import type { Municipality, OrderId } from '../../base/id.ts'
import { IS_DUE, SETTLES } from '../orders/index.ts'
import type { RunPurpose } from './gather.ts'

/** @da udbetalingsdag */
export interface PayDay {
  readonly workNo: number
  readonly order: OrderId
  readonly kind: 'at_once' | 'with_next_ordinary' | 'acute'
  readonly payOn: Day
  /** Of what a person asks; else ''. */
  readonly reason: string
}

/** The kind of run that pays an order whose day is decided so. */
export function runPurposeOf(kind: PayDay['kind'] | undefined): RunPurpose {
  return kind === undefined || kind === 'with_next_ordinary' ? 'ordinary' : kind
}

export async function recordPayDays(
  tx: Tx,
  municipality: Municipality,
  days: readonly PayDay[],
  act: { readonly at: string; readonly by: string },
): Promise<void> {
  if (days.length === 0) return
  const rows = days.map((one) => ({ ...one, payOn: formatDay(one.payOn) }))
  await tx.run(
    `insert into pay_days select $1, d."workNo", d.order, d.kind, d."payOn", d.reason, $3, $4
     from jsonb_to_recordset($2::jsonb) as d ("workNo" int, "order" bigint, kind text, "payOn" date, reason text)`,
    [municipality, JSON.stringify(rows), act.at, act.by],
  )
}

/** The orders of a batch of work that are paid on a day of their own. */
export async function payDaysOf(
  db: Db,
  municipality: Municipality,
  workNo: number,
): Promise<Map<OrderId, Pick<PayDay, 'kind' | 'payOn'>>> {
  const rows = await db.rows<{ order_id: OrderId } & Pick<PayDay, 'kind' | 'payOn'>>(
    'select order_id, kind, pay_on as "payOn" from pay_days where municipality_code = $1 and work_no = $2',
    [municipality, workNo],
  )
  return new Map(rows.map(({ order_id, kind, payOn }) => [order_id, { kind, payOn }]))
}

/** An order that is not paid on the day that it says, and the kinds of benefit and time in it. */
export interface SettledOtherwise {
  readonly order: OrderId
  readonly kind: 'at_once' | 'with_next_ordinary'
  readonly dispositionDate: Day
  readonly benefits: readonly { readonly benefit: number; readonly from: Day }[]
}

/** Those of these orders. */
export async function settledOtherwise(
  db: Db,
  municipality: Municipality,
  orders: readonly OrderId[],
): Promise<SettledOtherwise[]> {
  const rows = await db.rows<{ order: OrderId; settle: number; date: Day; benefit: number | null; from: Day }>(
    `select o.order_id as order, o.settle, o.disposition_date as date, l.benefit, coalesce(l.period_from, o.disposition_date) as from
     from orders o left join order_lines l on l.municipality_code = $1 and l.order_id = o.order_id and l.kind = 0
     where o.municipality_code = $1 and o.order_id = any ($2) and o.settle <> $3 order by 1, l.line_no`,
    [municipality, orders, SETTLES.indexOf('on_disposition_date')],
  )
  return [...Map.groupBy(rows, (row) => row.order)].map(([order, own]) => ({
    order,
    kind: own[0]?.settle === SETTLES.indexOf('at_once') ? 'at_once' : 'with_next_ordinary',
    dispositionDate: own[0]?.date as Day,
    benefits: own.flatMap(({ benefit, from }) => (benefit === null ? [] : [{ benefit, from }])),
  }))
}

/** Days before one on which something is due that asks for its own day and is not calculated. */
export async function dueDays(db: Db, municipality: Municipality, from: Day, before: Day): Promise<Day[]> {
  const rows = await db.rows<{ date: Day }>(
    `select distinct o.disposition_date as date from orders o where o.municipality_code = $1 and o.settle = $4
       and o.disposition_date >= $2 and o.disposition_date < $3 and ${IS_DUE} order by 1`,
    [municipality, formatDay(from), formatDay(before), SETTLES.indexOf('on_disposition_date')],
  )
  return rows.map((row) => row.date)
}

/** Days of ordinary runs that are assembled already. */
export async function assembledDays(db: Db, municipality: Municipality, from: Day): Promise<ReadonlySet<Day>> {
  const rows = await db.rows<{ date: Day }>(
    `select distinct r.disposition_date as date from payment_runs r where r.municipality_code = $1
       and r.disposition_date >= $2 and r.purpose = 'ordinary'`,
    [municipality, formatDay(from)],
  )
  return new Set(rows.map((row) => row.date))
}

/** Orders that their sources want paid at once and that are not calculated. */
export async function wantedAtOnce(db: Db, municipality: Municipality): Promise<OrderId[]> {
  const rows = await db.rows<{ order_id: OrderId }>(
    `select o.order_id from orders o where o.municipality_code = $1 and o.settle = $2 and ${IS_DUE} order by 1`,
    [municipality, SETTLES.indexOf('at_once')],
  )
  return rows.map((row) => row.order_id)
}
