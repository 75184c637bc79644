/** What a caseworker looks at for a municipality and a month: runs and their steps, held orders, returned payments. */
import type { Db } from '../../base/db.ts'
import { type Day, formatDay, type Period } from '../../base/date.ts'
import type { Municipality, PaymentId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { HOLD_DETAIL, type HoldFacts, SOURCE_SYSTEM_ID, SOURCE_SYSTEMS, type SourceSystem } from '../orders/index.ts'
import { type OverpaidLot, readOverpaid } from '../items/index.ts'
import {
  endToEndIdOf,
  payDayOf,
  readFindings,
  readPolicies,
  RUN_STEPS,
  type RunFinding,
  type RunPolicy,
  type RunState,
  STOPPED_OF_RUN,
} from '../payments/index.ts'
import type { RateReader } from '../rates/index.ts'
import { readWorkItems, type WorkItem } from '../work-items/index.ts'
import { type NewPayees, readNewPayees } from './new-payees.ts'
import { readRunStates } from './run-states.ts'
import { readSmallAmounts, type SmallAmount } from './small-amounts.ts'
import { readYearEnd, type YearEndClaim } from './year-end.ts'
import type { PaymentReturn } from './specification-types.ts'

export interface MonthRun {
  readonly runNo: number
  readonly dispositionDate: Day
  readonly payments: number
  readonly amount: Ore
  readonly steps: readonly { readonly step: string; readonly at: string; readonly by: string }[]
  readonly state: RunState
}

export interface HeldOrder extends HoldFacts {
  readonly sourceSystem: SourceSystem
  readonly orderKey: string
  readonly version: number
  readonly dispositionDate: Day
}

export interface ReturnedPayment extends PaymentReturn {
  readonly endToEndId: string
  readonly amount: Ore
  readonly dispositionDate: Day
  /** Of third parties: the reference of each part, such as a contribution and its child. */
  readonly references: readonly string[]
}

/** `Total` counts all; the lists stop at the limit asked for. */
export interface MonthOverview {
  readonly runs: readonly MonthRun[]
  readonly held: readonly HeldOrder[]
  readonly heldTotal: number
  readonly returned: readonly ReturnedPayment[]
  readonly returnedTotal: number
  /** The oldest first. */
  readonly overpaid: readonly OverpaidLot[]
  readonly overpaidTotal: number
  readonly overpaidOre: Ore
  /** Below the municipality's limit: gathered, or let go. The oldest first. */
  readonly small: readonly SmallAmount[]
  readonly smallTotal: number
  /** In November and December: claims that become claims before tax on the first of January. */
  readonly yearEnd: readonly YearEndClaim[]
  /** Open work items of the municipality, whatever month they are of; the oldest first. */
  readonly work: readonly WorkItem[]
  readonly workTotal: number
  /** Whom runs that wait for approval pay for the first time. */
  readonly newPayees: NewPayees
  /** What was found of them: what stops something first, then the largest. */
  readonly findings: readonly RunFinding[]
  readonly findingsTotal: number
  /** Who must approve them, when it is not one person as everywhere. */
  readonly policies: readonly RunPolicy[]
}

/** Runs whose disposition date lies in the month; open holds of orders due before its end; returns of its runs. */
export async function readMonthOverview(
  db: Db,
  municipality: Municipality,
  month: Period,
  limit: number,
  rates: RateReader,
): Promise<MonthOverview> {
  const dates = [formatDay(month.from), formatDay(month.to)]
  const steps = await db.rows<Omit<MonthRun, 'state'>>(
    `select r.run_no as "runNo", r.disposition_date as "dispositionDate", (r.payments - z.payments)::int as payments,
       r.amount_ore - z.ore as amount,
       coalesce((select json_agg(json_build_object('step', s.step, 'at', s.at::text, 'by', s.by_actor)
         order by array_position($4::text[], s.step))
         from payment_run_steps s where s.municipality_code = $1 and s.run_no = r.run_no), '[]') as steps
     from payment_runs r ${STOPPED_OF_RUN}
     where r.municipality_code = $1 and r.disposition_date >= $2 and r.disposition_date < $3 order by r.run_no`,
    [municipality, ...dates, RUN_STEPS],
  )
  const states = new Map((await readRunStates(db, municipality, month)).map((run) => [run.runNo, run.state]))
  const runs = steps.map<MonthRun>((run) => ({ ...run, state: states.get(run.runNo) ?? 'planned' }))
  const held = await heldOrders(db, municipality, month, limit)
  const overpaid = await readOverpaid(db, municipality)
  const waiting = runs.filter((run) => !run.steps.some(({ step }) => step === 'approved')).map((run) => run.runNo)
  const findings = await readFindings(db, municipality, waiting)
  const policies = await readPolicies(db, municipality, waiting)
  const returned = await returnedPayments(db, municipality, month, limit)
  const small = await readSmallAmounts(db, municipality)
  const work = await readWorkItems(db, [municipality], limit)
  return {
    runs,
    held: held.map((one) => ({
      sourceSystem: SOURCE_SYSTEMS[one.source_system - 1] as SourceSystem,
      orderKey: one.orderKey,
      version: one.version,
      dispositionDate: one.dispositionDate,
      kind: one.kind,
      reason: one.reason,
      detail: one.detail,
    })),
    heldTotal: held[0]?.total ?? 0,
    returned: returned.map((one) => ({
      endToEndId: endToEndIdOf(municipality, one.payment_id),
      amount: one.amount,
      dispositionDate: one.dispositionDate,
      answer: one.answer,
      reason: one.reason,
      references: one.references,
    })),
    returnedTotal: returned[0]?.total ?? 0,
    overpaid: overpaid.slice(0, limit),
    overpaidTotal: overpaid.length,
    newPayees: await readNewPayees(db, municipality, waiting, limit),
    findings: findings.slice(0, limit),
    findingsTotal: findings.length,
    policies: policies.filter((one) => one.reasons.length > 0),
    overpaidOre: overpaid.reduce((sum, lot) => sum + lot.gross, 0) as Ore,
    small: small.slice(0, limit),
    smallTotal: small.length,
    yearEnd: await readYearEnd(db, municipality, month.from, rates),
    work: work.items,
    workTotal: work.total,
  }
}

async function heldOrders(db: Db, municipality: Municipality, month: Period, limit: number) {
  return await db.rows<
    Omit<HeldOrder, 'sourceSystem'> & {
      source_system: number
      total: number
    }
  >(
    `select o.source_system, o.order_key as "orderKey", o.version, o.disposition_date as "dispositionDate", h.kind,
       h.reason, ${HOLD_DETAIL} as detail, count(*) over ()::int as total
     from order_holds h
     join orders o on o.municipality_code = $1 and o.order_id = h.order_id and o.disposition_date < $2 and o.state = 0
     where h.municipality_code = $1 and h.kind <> 'superseded'
       and not exists (select from order_hold_releases e where e.municipality_code = $1 and e.order_id = h.order_id
         and e.hold_no = h.hold_no)
       and not exists (select from calculations c where c.municipality_code = $1 and c.order_id = h.order_id)
     order by o.disposition_date, o.order_key, h.hold_no limit $3`,
    [municipality, formatDay(month.to), limit],
  )
}

async function returnedPayments(db: Db, municipality: Municipality, month: Period, limit: number) {
  return await db.rows<Omit<ReturnedPayment, 'endToEndId'> & { payment_id: PaymentId; total: number }>(
    `select b.payment_id, b.answer, b.reason, b.amount_ore as amount, ${payDayOf('b', 'r')} as "dispositionDate",
       count(*) over ()::int as total,
       array(select l.reference from payment_parts x join order_lines l on l.municipality_code = $1
         and l.order_id = x.item_id >> 6 and l.line_no = (x.part & 63)::smallint and l.reference is not null
         where x.municipality_code = $1 and x.payment_id = b.payment_id and (x.part & 63) > 0 order by x.item_id, x.part) as references
     from payment_returns b
     left join work_batches w on w.municipality_code = $1 and w.work_no = b.work_no
     left join payment_runs r on r.municipality_code = $1 and r.run_no = (b.payment_id >> 24)::int
     -- What an old system had back: in the month in which it was taken over.
     cross join lateral (select coalesce(r.disposition_date, (w.known_at at time zone 'UTC')::date) as date) d
     where b.municipality_code = $1 and d.date >= $2 and d.date < $3 order by b.payment_id limit $4`,
    [municipality, formatDay(month.from), formatDay(month.to), limit],
  )
}

/** Of a time: the first of its month, as the sums of a month are taken. */
const MONTH_OF = (time: string) => `date_trunc('month', ${time} at time zone 'UTC')::date`

/**
 * Months of which there is something to show: orders came in for them, or in them something was calculated, paid or
 * reported, such as what a law change or a late answer makes of an earlier month; a letter alone makes none. Within the
 * scope of the transaction; the newest month first.
 */
export async function monthsToShow(db: Db): Promise<{ municipality: Municipality; month: Day }[]> {
  return await db.rows(
    `select municipality_code as municipality, month from intakes
       where state = 'loaded' and month is not null and source_system in (1, 2, 3)
     union select municipality_code, ${MONTH_OF('known_at')} from work_batches where kind = 'calculate'
     union select municipality_code, date_trunc('month', disposition_date)::date from payment_runs
     union select municipality_code, ${MONTH_OF('known_at')} from deliveries where kind <> 'letter'
     order by month desc, municipality`,
  )
}

export interface SearchHit {
  readonly municipality: Municipality
  readonly sourceSystem: SourceSystem
  readonly orderKey: string
}

/** Orders with exactly this key in these municipalities. */
export async function findByKey(
  db: Db,
  municipalities: readonly Municipality[],
  orderKey: string,
): Promise<SearchHit[]> {
  const rows = await db.rows<{ municipality: Municipality; source_system: number }>(
    `select distinct municipality_code as municipality, source_system from orders
     where municipality_code = any ($1::smallint[]) and source_system = any ($2::smallint[]) and order_key = $3
     order by 1, 2`,
    [municipalities, Object.values(SOURCE_SYSTEM_ID), orderKey],
  )
  return rows.map((row) => ({
    municipality: row.municipality,
    sourceSystem: SOURCE_SYSTEMS[row.source_system - 1] as SourceSystem,
    orderKey,
  }))
}

/** A run and the day that it pays on; undefined when there is none of this number. */
export async function findRun(
  db: Db,
  municipality: Municipality,
  runNo: number,
): Promise<{ municipality: Municipality; dispositionDate: Day } | undefined> {
  return await db.first(
    `select municipality_code as municipality, disposition_date as "dispositionDate" from payment_runs
     where municipality_code = $1 and run_no = $2`,
    [municipality, runNo],
  )
}
