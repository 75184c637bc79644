/**
 * The match of a day: what was sent of each source system, what the rail answered, what the bank booked, what the ERP
 * was told of it, and the open items that the difference is made of. A day stands for itself and for the days before it
 * that are not approved, since it is approved with them. @da dagsafstemning
 */
import { createHash } from 'node:crypto'
import type { Db } from '../../base/db.ts'
import { addDays, type Day, formatDay, monthOf } from '../../base/date.ts'
import type { Municipality } from '../../base/id.ts'
import {
  endToEndIdSql,
  fileIdSql,
  IS_RUN_RELEASED,
  isBookedAfterStop,
  NOT_STOPPED,
  STOPPED_OF_PAYMENT,
  STOPPED_OF_RUN,
} from '../payments/index.ts'
import type { Account } from '../rates/index.ts'
import { type Finding, reconcileMunicipalities, TOLD_AFTER_ALL_RUNS } from './reconcile.ts'

export interface Counted {
  readonly payments: number
  readonly ore: number
}

/**
 * `returned`: came back, or never left the rail. `in_transit`: the bank has not booked it. `not_told`: sent, and the
 * ERP is told at the month's end. `told_before`: sent once more, and told with the first attempt.
 */
export type DayReason = 'returned' | 'in_transit' | 'not_told' | 'told_before'

export interface DayItem extends Counted {
  readonly why: DayReason
  /** Our ids of the first payments. */
  readonly named: readonly string[]
}

export interface DaySystem {
  readonly source_system: string
  readonly sent: Counted
  readonly accepted: Counted
  readonly returned: Counted
  readonly bank_ore: number
  /** Of these payments. */
  readonly erp_ore: number
  /** ERP less bank. */
  readonly difference_ore: number
  readonly explained: readonly DayItem[]
}

export interface DayApproval {
  readonly day: Day
  readonly by: string
  readonly at: string
}

export interface DayMatch {
  readonly municipality: Municipality
  readonly day: Day
  /** The last approved day before it; null: none. */
  readonly after: Day | null
  readonly systems: readonly DaySystem[]
  /** Net of what came back, by the bank's own lines. */
  readonly bank_ore: number
  /** Due by the end of the day and not released, by run; `due`: in no run. */
  readonly waits: readonly (Counted & { readonly what: string })[]
  /** By clearing account, source system or the bank: what no listed item explains. */
  readonly unexplained: readonly { readonly what: string; readonly ore: number }[]
  readonly findings: readonly Finding[]
  /** With which day it was approved. */
  readonly approved: DayApproval | undefined
  /** Stands for all of this but the approval: sent back with it. */
  readonly view: string
}

/** Hexadecimal digits: enough that none is met by chance. */
const VIEW_DIGITS = 16
/** Payments that are named of an item. */
const MOST_NAMED = 20

/** As everything stands now; the connection must be in the municipality's scope. */
export async function matchDay(
  db: Db,
  municipality: Municipality,
  day: Day,
  accounts: readonly Account[],
): Promise<DayMatch> {
  const { approved, after } = await readApprovals(db, municipality, day)
  const period = [municipality, after === null ? '-infinity' : formatDay(after), formatDay(day)] as const
  const systems = await readSystems(db, period)
  const bank = await db.first<{ ore: number }>(
    `with ${RUNS} select coalesce(-sum(e.amount_ore), 0)::bigint as ore from statement_entries e
     where e.municipality_code = $1 and e.match in ('settled', 'returned')
       and case when e.payment_id > 0 then (e.payment_id >> 24)::int else e.run_no end in (select run_no from runs)`,
    period,
  )
  const end = addDays(day, 1)
  const month = { from: monthOf(day).from, to: end }
  const [now] = await reconcileMunicipalities(db, [municipality], month, accounts, end)
  const bankOre = bank?.ore ?? 0
  const seen = {
    municipality,
    day,
    after,
    systems,
    bank_ore: bankOre,
    waits: await readWaits(db, municipality, day),
    unexplained: [
      ...(now?.clearing ?? []).map((one) => ({
        what: [one.purpose, one.source_system].filter((part) => part !== null).join(' '),
        ore: one.balance_ore - one.explained_ore,
      })),
      ...systems.map((one) => ({ what: one.source_system, ore: one.difference_ore - sumOf(one.explained) })),
      { what: 'bank', ore: bankOre - systems.reduce((sum, one) => sum + one.bank_ore, 0) },
    ].filter((one) => one.ore !== 0),
    // Tax is told when every run of the month has gone: it is compared with the month, not with a day of it.
    findings: (now?.findings ?? []).filter((one) => one.what !== 'delivery_differs' || one.ref !== TOLD_AFTER_ALL_RUNS),
  }
  const view = createHash('sha256').update(JSON.stringify(seen)).digest('hex').slice(0, VIEW_DIGITS)
  return { ...seen, approved, view }
}

/** Why it cannot be approved, one by one; nothing: it can. */
export function objectionsTo({ waits, unexplained, findings }: DayMatch): string[] {
  return [
    ...unexplained.map(({ what, ore }) => `${what}: ${ore} øre that no open item explains`),
    ...findings.map(({ what, ref, detail }) => `${what} ${ref}: ${detail}`),
    ...waits.map(({ what, payments, ore }) => `${what}: ${payments} of ${ore} øre not released`),
  ]
}

function sumOf(items: readonly Counted[]): number {
  return items.reduce((sum, one) => sum + one.ore, 0)
}

/** With which day it was approved, and the last approved day before it. */
export async function readApprovals(db: Db, municipality: Municipality, day: Day) {
  const row = await db.first<{ after: Day | null; day: Day | null; by: string; at: string }>(
    `select (select max(a.day) from approved_days a where a.municipality_code = $1 and a.day < $2) as after, b.day,
       b.by_actor as by, to_char(b.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as at
     from (select 1) one left join lateral (select * from approved_days a where a.municipality_code = $1 and a.day >= $2
       order by a.day limit 1) b on true`,
    [municipality, formatDay(day)],
  )
  const approved = row === undefined || row.day === null ? undefined : { day: row.day, by: row.by, at: row.at }
  return { approved, after: row?.after ?? null }
}

/** Released runs of municipality $1 due after $2 and up to $3. */
const RUNS = `runs as materialized (select r.municipality_code, r.run_no from payment_runs r
    where r.municipality_code = $1 and r.disposition_date > $2 and r.disposition_date <= $3 and ${IS_RUN_RELEASED})`

/** Their payments: what the rail answered, and whether the bank has booked them, alone or in their bundle. */
const PAID = `bundles as materialized (select distinct e.run_no, e.unit from statement_entries e
    where e.municipality_code = $1 and e.match = 'settled' and e.payment_id = 0 and e.amount_ore < 0),
  alone as materialized (select distinct e.payment_id from statement_entries e
    where e.municipality_code = $1 and e.match = 'settled' and e.payment_id > 0 and e.amount_ore < 0),
  paid as materialized (select p.payment_id, p.source_system, p.amount_ore - z.ore as ore, ${endToEndIdSql('p')} as name,
      exists (select from accepted_payments a where a.municipality_code = $1 and a.run_no = r.run_no
        and a.numbers @> (p.payment_id & 16777215)::int) as accepted,
      q.payment_id is not null and not ${isBookedAfterStop('p')} as returned,
      b.unit is not null or o.payment_id is not null as booked
    from runs r join payments p on p.municipality_code = $1 and p.payment_id >= r.run_no::bigint << 24
      and p.payment_id < (r.run_no::bigint + 1) << 24
    ${STOPPED_OF_PAYMENT}
    left join payment_returns q on q.municipality_code = $1 and q.payment_id = p.payment_id
    left join bundles b on b.run_no = r.run_no and b.unit = p.unit
    left join alone o on o.payment_id = p.payment_id where not z.whole)`

/** Parts of what they paid. `again`: a later attempt, which the ERP was told of with the first. */
const PARTS = `parts as materialized (select y.source_system, y.payment_id, x.part >= 64 as again, b.work_no is not null as told,
      case when x.part & 63 = 0 then c.net_ore else d.amount_ore end as ore
    from runs r
    cross join lateral (select x.* from payment_parts x where x.municipality_code = $1
      and x.payment_id >= r.run_no::bigint << 24 and x.payment_id < (r.run_no::bigint + 1) << 24 offset 0) x
    join paid y on y.payment_id = x.payment_id
    join calculations c on c.municipality_code = $1 and c.order_id = x.item_id >> 6 and c.line_no = (x.item_id & 63)::smallint
    left join deductions d on d.municipality_code = $1 and d.item_id = x.item_id and d.line_no = (x.part & 63)::smallint
    left join delivery_batches b on b.municipality_code = $1 and b.kind = 'g69' and b.work_no = c.work_no
    where ${NOT_STOPPED})`

/** Payments and øre of the rows that `condition` names. */
function counted(condition: string, payments = '*'): string {
  return `json_build_object('payments', count(${payments}) filter (where ${condition}),
    'ore', coalesce(sum(ore) filter (where ${condition}), 0))`
}

function named(condition: string): string {
  return `to_json(coalesce((array_agg(name order by payment_id) filter (where ${condition}))[1:${MOST_NAMED}], '{}'))`
}

interface SystemRow {
  readonly source_system: string
  readonly sent: Counted
  readonly accepted: Counted
  readonly returned: Counted
  readonly in_transit: Counted
  readonly bank_ore: number
  readonly returned_named: readonly string[]
  readonly in_transit_named: readonly string[]
  readonly told: Counted
  readonly not_told: Counted
  readonly told_before: Counted
}

async function readSystems(db: Db, period: readonly [Municipality, string, string]): Promise<DaySystem[]> {
  const open = 'not booked and not returned'
  const once = 'distinct payment_id'
  const rows = await db.rows<SystemRow>(
    `with ${RUNS}, ${PAID}, ${PARTS},
     payments as (select source_system, ${counted('true')} as sent, ${counted('accepted')} as accepted,
         ${counted('returned')} as returned, ${counted(open)} as in_transit,
         coalesce(sum(ore) filter (where booked and not returned), 0)::bigint as bank_ore,
         ${named('returned')} as returned_named, ${named(open)} as in_transit_named from paid group by 1),
     told as (select source_system, ${counted('told and not again', once)} as told,
         ${counted('not told and not again', once)} as not_told, ${counted('again', once)} as told_before
       from parts group by 1)
     select s.key as source_system, p.sent, p.accepted, p.returned, p.in_transit, p.bank_ore, p.returned_named,
       p.in_transit_named, t.told, t.not_told, t.told_before
     from payments p join told t on t.source_system = p.source_system
     join source_systems s on s.source_system = p.source_system order by s.source_system`,
    period,
  )
  return rows.map(systemOf)
}

function systemOf(row: SystemRow): DaySystem {
  const { source_system, sent, accepted, returned, bank_ore } = row
  const erp_ore = row.told.ore
  const less = ({ payments, ore }: Counted) => ({ payments, ore: 0 - ore, named: [] })
  const items: readonly DayItem[] = [
    { why: 'returned', ...returned, named: row.returned_named },
    { why: 'in_transit', ...row.in_transit, named: row.in_transit_named },
    { why: 'not_told', ...less(row.not_told) },
    { why: 'told_before', ...less(row.told_before) },
  ]
  const explained = items.filter((one) => one.payments > 0)
  return { source_system, sent, accepted, returned, bank_ore, erp_ore, difference_ore: erp_ore - bank_ore, explained }
}

/** In runs that wait, and in no run: calculated since the last was assembled. What is held is neither. */
async function readWaits(db: Db, municipality: Municipality, day: Day): Promise<DayMatch['waits']> {
  return await db.rows(
    `select ${fileIdSql('r')} as what, (r.payments - z.payments)::int as payments, r.amount_ore - z.ore as ore
     from payment_runs r ${STOPPED_OF_RUN} where r.municipality_code = $1 and r.disposition_date <= $2
       and r.payments > z.payments and not ${IS_RUN_RELEASED}
     union all
     select 'due', count(*)::int, sum(x.amount_ore)::bigint from payables x
     where x.municipality_code = $1 and x.disposition_date <= $2 and ${NOT_STOPPED}
       and not exists (select from payment_parts p where p.municipality_code = $1 and p.item_id = x.item_id
         and p.part = x.part) having count(*) > 0
     order by 1`,
    [municipality, formatDay(day)],
  )
}
