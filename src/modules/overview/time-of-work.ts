/**
 * What time makes into work: runs that wait near their cut-off or behind it, oversight that is not signed, days that
 * are not approved, and answers that are late. All follow from the time that is asked about, and are worked out here
 * for the query that finds the work.
 */
import type { Tx } from '../../base/db.ts'
import { danishDaySql, danishInstant } from '../../base/danish-time.ts'
import { addDays, type Day, formatDay, formatMonth } from '../../base/date.ts'
import type { Municipality } from '../../base/id.ts'
import { cutOffOf, fileIdOf, fileIdSql, IS_RUN_RELEASED, type RunPurpose, STOPPED_OF_RUN } from '../payments/index.ts'
import {
  atCutOff,
  dayDeadline,
  escalationLevels,
  lateBefore,
  levelAt,
  nearCutOff,
  oversightDeadline,
  RAIL_KEYS,
  type RailKey,
  railRow,
  readLocalRules,
} from '../rates/index.ts'

/** For `$3` of the query. */
export interface TimeOfWork {
  /** Of each rail: what was sent up to these times is late; null: no answer is due. */
  readonly late: readonly { readonly rail: string; readonly file: string; readonly payment: string | null }[]
  /** Null: nobody has said what time it is; then what waits goes on waiting as it was. */
  readonly waits: readonly Waiting[] | null
}

interface Waiting {
  readonly kind: 'run_waits' | 'oversight_due' | 'day_due'
  readonly municipality: Municipality
  readonly subject: string
  readonly owner: string
  readonly amount: number | null
  readonly since: string
  readonly detail: Readonly<Record<string, unknown>>
}

/**
 * `at`: when the work is listed. `time`: what time it is, where that is known; without it nothing is said of cut-offs,
 * for the scripted end of a month lies behind them all.
 */
export async function timeOfWork(
  tx: Tx,
  municipalities: readonly Municipality[],
  at: string,
  time: string | undefined,
): Promise<TimeOfWork> {
  const late = RAIL_KEYS.map((rail) => {
    const { file, payment } = railRow(rail).answerHours
    return {
      rail,
      file: lateBefore(time ?? at, file),
      payment: payment === 0 ? null : lateBefore(time ?? at, payment),
    }
  })
  if (time === undefined) return { late, waits: null }
  const waits = [
    ...(await waitingRuns(tx, municipalities, time)),
    ...(await unsignedMonths(tx, municipalities, time)),
    ...(await unapprovedDays(tx, municipalities, time)),
  ]
  return { late, waits }
}

interface WaitingRow {
  readonly m: Municipality
  readonly runNo: number
  readonly date: Day
  readonly rail: RailKey
  readonly purpose: RunPurpose
  readonly payments: number
  readonly amount: number
  readonly since: string
}

/** Runs that are not released and have reached a level of escalation, or their cut-off. */
async function waitingRuns(tx: Tx, municipalities: readonly Municipality[], time: string): Promise<Waiting[]> {
  const rows = await tx.rows<WaitingRow>(
    `select r.municipality_code as m, r.run_no as "runNo", r.disposition_date as date, r.rail, r.purpose,
       (r.payments - z.payments)::int as payments, r.amount_ore - z.ore as amount, r.known_at::text as since
     from (select r.* from payment_runs r where r.municipality_code = any ($1) and not ${IS_RUN_RELEASED} offset 0) r
     ${STOPPED_OF_RUN} where r.payments > z.payments order by 1, 2`,
    [municipalities],
  )
  const waiting: Waiting[] = []
  for (const [municipality, own] of Map.groupBy(rows, (row) => row.m)) {
    const rules = await readLocalRules(tx, municipality)
    for (const { runNo, date, rail, purpose, payments, amount, since } of own) {
      const until = cutOffOf({ rail, dispositionDate: date, purpose }, rules)
      const { level, owner } = levelAt(time, until, escalationLevels(date, rules))
      const passed = nearCutOff(time, until, 0) === 'passed'
      if (level === 0 && !passed) continue
      const { treatment } = atCutOff(date, rules)
      waiting.push({
        kind: 'run_waits',
        municipality,
        subject: fileIdOf(municipality, runNo),
        owner: owner ?? 'kommune',
        amount,
        since,
        detail: { payments, cut_off: until, passed, level, treatment },
      })
    }
  }
  return waiting
}

/** Of the queries below: the Danish day of the time `$2`. */
const TODAY = danishDaySql('$2::timestamptz')

/** Months before the one at hand of which the oversight is asked for. */
const MONTHS_OVERSEEN = 12

/** Months of which something was paid, whose oversight is not signed by its deadline, or near it by a level. */
async function unsignedMonths(tx: Tx, municipalities: readonly Municipality[], time: string): Promise<Waiting[]> {
  const rows = await tx.rows<{ m: Municipality; month: Day; since: string; drawn: boolean }>(
    `select r.municipality_code as m, date_trunc('month', r.disposition_date)::date as month,
       max(s.at)::text as since, bool_or(o.month is not null) as drawn
     from payment_runs r
     join payment_run_steps s on s.municipality_code = r.municipality_code and s.run_no = r.run_no and s.step = 'released'
     left join oversight_samples o on o.municipality_code = r.municipality_code
       and o.month = date_trunc('month', r.disposition_date)::date
     where r.municipality_code = any ($1) and r.payments > 0
       and r.disposition_date < date_trunc('month', ${TODAY})::date
       and r.disposition_date >= date_trunc('month', ${TODAY})::date - interval '${MONTHS_OVERSEEN} months'
       and not exists (select from oversight_signatures g where g.municipality_code = r.municipality_code
         and g.month = date_trunc('month', r.disposition_date)::date)
     group by 1, 2 order by 1, 2`,
    [municipalities, time],
  )
  const waiting: Waiting[] = []
  for (const [municipality, own] of Map.groupBy(rows, (row) => row.m)) {
    const rules = await readLocalRules(tx, municipality)
    for (const { month, since, drawn } of own) {
      const { day, at: until } = oversightDeadline(month)
      const { level, owner } = levelAt(time, until, escalationLevels(day, rules))
      const passed = nearCutOff(time, until, 0) === 'passed'
      if (level === 0 && !passed) continue
      waiting.push({
        kind: 'oversight_due',
        municipality,
        subject: `oversight ${formatMonth(month)}`,
        owner: owner ?? 'kommune',
        amount: null,
        since,
        detail: { month: formatMonth(month), deadline: until, passed, drawn, level },
      })
    }
  }
  return waiting
}

/** The first day of payments after the last approved one, by its deadline; of who approves no days nothing is asked. */
async function unapprovedDays(tx: Tx, municipalities: readonly Municipality[], time: string): Promise<Waiting[]> {
  const rows = await tx.rows<{ m: Municipality; day: Day }>(
    `select a.municipality_code as m, min(r.disposition_date) as day
     from (select municipality_code, max(day) as until from approved_days where municipality_code = any ($1) group by 1) a
     join payment_runs r on r.municipality_code = a.municipality_code and r.disposition_date > a.until
       and r.disposition_date < ${TODAY} and r.payments > 0
     group by 1 order by 1`,
    [municipalities, time],
  )
  const waiting: Waiting[] = []
  for (const { m: municipality, day } of rows) {
    const { day: last, at: until } = dayDeadline(day)
    const { level, owner } = levelAt(time, until, escalationLevels(last, await readLocalRules(tx, municipality)))
    const passed = nearCutOff(time, until, 0) === 'passed'
    if (level === 0 && !passed) continue
    waiting.push({
      kind: 'day_due',
      municipality,
      subject: `day ${formatDay(day)}`,
      owner: owner ?? 'kommune',
      amount: null,
      since: danishInstant(addDays(day, 1), '00:00'),
      detail: { day: formatDay(day), deadline: until, passed, level },
    })
  }
  return waiting
}

/** What time has made due, as what needs a person. Without a time it stands until what it is about is done. */
export const TIME_WAITS = `select g.municipality as municipality_code, g.kind, g.subject,
    null::smallint as source_system, g.owner, g.amount as amount_ore, g.since, g.detail
  from jsonb_to_recordset(coalesce(nullif($3::jsonb->'waits', 'null'), '[]')) as g (municipality smallint, kind text, subject text,
    owner text, amount bigint, since timestamptz, detail jsonb)
  union all
  select w.municipality_code, w.kind, w.subject, w.source_system, w.owner, w.amount_ore, w.opened_at, w.detail
  from (select * from work_items w where $3::jsonb->'waits' = 'null' and w.municipality_code = any ($1)
    and w.kind = 'run_waits' and w.closed_at is null offset 0) w
  cross join lateral (select r.* from payment_runs r where r.municipality_code = w.municipality_code
    and ${fileIdSql('r')} = w.subject offset 0) r
  ${STOPPED_OF_RUN} where r.payments > z.payments and not ${IS_RUN_RELEASED}
  union all
  select w.municipality_code, w.kind, w.subject, w.source_system, w.owner, w.amount_ore, w.opened_at, w.detail
  from work_items w where $3::jsonb->'waits' = 'null' and w.municipality_code = any ($1)
    and w.kind = 'oversight_due' and w.closed_at is null and not exists (select from oversight_signatures g
      where g.municipality_code = w.municipality_code and g.month = (w.detail->>'month' || '-01')::date)
  union all
  select w.municipality_code, w.kind, w.subject, w.source_system, w.owner, w.amount_ore, w.opened_at, w.detail
  from work_items w where $3::jsonb->'waits' = 'null' and w.municipality_code = any ($1)
    and w.kind = 'day_due' and w.closed_at is null and not exists (select from approved_days a
      where a.municipality_code = w.municipality_code and a.day >= (w.detail->>'day')::date)`

/** The times of `late`, for run `r`, as `g`. */
export const LATE_OF_RAIL = `join jsonb_to_recordset($3::jsonb->'late') as g (rail text, file timestamptz,
  payment timestamptz) on g.rail = r.rail`
