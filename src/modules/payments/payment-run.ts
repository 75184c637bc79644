/**
 * A payment run (udbetalingskørsel): what is due in one municipality on one disposition date. planned → assembled →
 * controlled → approved → released → sent; each step is a row with its actor. The runs of a municipality go in sets: as
 * many statements for thirty as for one.
 */
import { rowWriter, type RowReader, rowReader } from '../../base/copy.ts'
import type { Db, Tx } from '../../base/db.ts'
import { type Day, formatDay } from '../../base/date.ts'
import { type Municipality, municipalityText, type PaymentId, RECORDS_PER_BATCH } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { Refusal } from '../../base/refusal.ts'
import { assert } from '../../base/assert.ts'
import { firstOpen, ledgerBatchNo, ledgerWriter, SHUT, type Shut } from '../ledger/index.ts'
import type { RailKey } from '../rates/index.ts'
import { benefitKey, ofBenefitKey, type RunPurpose } from './gather.ts'
import { STOPPED_OF_RUN, stoppedOfUnit } from './stopped.ts'

/** In their order. `controlled`: the gate has looked at it. @da kontrolleret */
export const RUN_STEPS = ['planned', 'assembled', 'controlled', 'approved', 'released', 'sent'] as const
export type RunStep = (typeof RUN_STEPS)[number]

export interface PaymentRun {
  readonly municipality: Municipality
  readonly runNo: number
  readonly workNo: number
  readonly dispositionDate: Day
  readonly rail: RailKey
  readonly purpose: RunPurpose
  /** When it was assembled: nothing is told of it as earlier. */
  readonly knownAt: string
  readonly payments: number
  readonly parts: number
  readonly amount: Ore
  readonly steps: readonly RunStep[]
  /** How many persons must approve it. */
  readonly approvers: number
  /** A finding stops it, and nobody has lifted that. */
  readonly blocked: boolean
}

/** A file that is sent again under a new id says which attempt it is. */
export function fileIdOf(municipality: Municipality, runNo: number, attempt = 1): string {
  return `${municipalityText(municipality)}R${runNo}${attempt > 1 ? `A${attempt}` : ''}`
}

/** The run and attempt that a file id of ours names. */
export function fileOfId(id: string): { municipality: Municipality; runNo: number; attempt: number } | undefined {
  const match = /^(\d{4})R(\d{1,7})(?:A(\d{1,2}))?$/.exec(id)
  if (!match) return undefined
  return { municipality: Number(match[1]), runNo: Number(match[2]), attempt: Number(match[3] ?? 1) }
}

/** The same in SQL, of a row `of` with municipality and run. */
export function fileIdSql(of: string): string {
  return `lpad(${of}.municipality_code::text, 4, '0') || 'R' || ${of}.run_no`
}

export function bundleIdOf(municipality: Municipality, runNo: number, unit: number): string {
  return `${fileIdOf(municipality, runNo)}U${unit}`
}

export function endToEndIdOf(municipality: Municipality, payment: PaymentId): string {
  const runNo = Math.floor(payment / RECORDS_PER_BATCH)
  return `${municipalityText(municipality)}R${runNo}N${payment % RECORDS_PER_BATCH}`
}

/** The same in SQL, of a row `of` with municipality and payment. */
export function endToEndIdSql(of: string, payment = `${of}.payment_id`): string {
  return `lpad(${of}.municipality_code::text, 4, '0') || 'R' || (${payment} >> 24) || 'N' || (${payment} & 16777215)`
}

/** The payment that an end-to-end id of ours names; undefined when it is not of ours. */
export function paymentOfEndToEndId(id: string): { municipality: Municipality; payment: PaymentId } | undefined {
  const match = /^(\d{4})R(\d{1,7})N(\d{1,8})$/.exec(id)
  if (!match) return undefined
  return { municipality: Number(match[1]), payment: Number(match[2]) * RECORDS_PER_BATCH + Number(match[3]) }
}

/** The run and unit that a bundle id of ours names. */
export function bundleOfId(id: string): { municipality: Municipality; runNo: number; unit: number } | undefined {
  const match = /^(\d{4})R(\d{1,7})U(\d{1,9})$/.exec(id)
  return match ? { municipality: Number(match[1]), runNo: Number(match[2]), unit: Number(match[3]) } : undefined
}

/** Every run of a municipality with the steps it has taken, oldest first; without what is stopped of it. */
export async function readRuns(db: Db, municipality: Municipality): Promise<PaymentRun[]> {
  return await db.often.rows<PaymentRun>(
    `select r.municipality_code as municipality, r.run_no as "runNo", r.work_no as "workNo",
       r.disposition_date as "dispositionDate", r.rail, r.purpose,
       to_char(r.known_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"') as "knownAt", (r.payments - z.payments)::int as payments,
       (r.parts - z.parts)::int as parts, r.amount_ore - z.ore as amount,
       array(select s.step from payment_run_steps s where s.municipality_code = r.municipality_code
         and s.run_no = r.run_no) as steps,
       coalesce((select p.approvers from run_policies p where p.municipality_code = $1 and p.run_no = r.run_no), 1)
         as approvers,
       exists (select from run_findings f where f.municipality_code = $1 and f.run_no = r.run_no
         and f.effect = 'block_run' and not exists (select from run_finding_lifts l where l.municipality_code = $1
           and l.run_no = f.run_no and l.finding_no = f.finding_no)) as blocked
     from payment_runs r ${STOPPED_OF_RUN} where r.municipality_code = $1 order by r.run_no`,
    [municipality],
  )
}

/** A person's act on a run, at a business time. */
export interface RunAct {
  readonly run: PaymentRun
  readonly at: string
  readonly by: string
}

const STEP_COLUMNS = 'municipality_code, run_no, step, at, by_actor, amount_ore'

export async function recordSteps(
  tx: Tx,
  acts: readonly (RunAct & { readonly step: RunStep; readonly amount?: Ore })[],
): Promise<void> {
  if (acts.length === 0) return
  const rows = rowWriter(1 << 12)
  for (const { run, step, at, by, amount } of acts) {
    rows.row(6)
    rows.i16(run.municipality)
    rows.i32(run.runNo)
    rows.text(step)
    rows.time(at)
    rows.text(by)
    rows.i64(amount ?? run.amount)
  }
  await tx.copyIn('payment_run_steps', STEP_COLUMNS, rows)
}

/** Releases approved runs: their payments move from the systems' clearing accounts to the rail's, as sums. */
export async function releaseRuns(
  tx: Tx,
  municipality: Municipality,
  acts: readonly RunAct[],
  accounts: { readonly rail: number; readonly netPayable: ReadonlyMap<number, number> },
): Promise<void> {
  if (acts.length === 0) return
  const numbers = acts.map((act) => act.run.runNo)
  const { unapproved, shut } = (await tx.often.first<{ unapproved: number | null; shut: Shut }>(
    `select (select n from unnest($2::int[]) as n where not exists (select from payment_run_steps s
       where s.municipality_code = $1 and s.run_no = n and s.step = 'approved') limit 1) as unapproved, ${SHUT} as shut`,
    [municipality, numbers],
  )) as { unapproved: number | null; shut: Shut }
  if (unapproved !== null) {
    throw new Refusal('run_not_approved', `Run ${fileIdOf(municipality, unapproved)} is not approved.`)
  }
  const postedOn = firstOpen(shut)
  const sums = await readSums(tx, municipality, numbers)
  const book = ledgerWriter(municipality)
  for (const { run, at } of acts) {
    const { dispositionDate } = run
    const ledger = book.batch(ledgerBatchNo(run.workNo, 0), postedOn(dispositionDate), at, dispositionDate)
    ledger.entry(run.runNo)
    for (const { source, benefit, amount } of bySystemAndBenefit(sums.filter((sum) => sum.runNo === run.runNo))) {
      ledger.transfer(source, benefit, accounts.netPayable.get(source) ?? 0, accounts.rail, amount, 0)
    }
    assert(ledger.amount === run.amount, `run ${run.runNo} pays ${run.amount}, its items are ${ledger.amount}`)
  }
  await book.write(tx)
  await recordSteps(
    tx,
    acts.map((act) => ({ ...act, step: 'released' })),
  )
}

/** What a run pays by unit, system and benefit. */
export interface RunSum {
  readonly runNo: number
  readonly unit: number
  readonly source: number
  readonly benefit: number
  readonly amount: Ore
}

export async function readSums(db: Db, municipality: Municipality, runs: readonly number[]): Promise<RunSum[]> {
  return await db.often.rows<RunSum>(
    `select b.run_no as "runNo", b.unit, b.source_system as source, b.benefit, b.amount_ore - z.ore as amount
     from payment_sums b ${stoppedOfUnit('and s.source_system = b.source_system and s.benefit = b.benefit')}
     where b.municipality_code = $1 and b.run_no = any ($2) and b.amount_ore > z.ore
     order by b.run_no, b.unit, b.source_system, b.benefit`,
    [municipality, runs],
  )
}

/** Adds sums up by system and benefit, in that order: the ledger has the sums, payment_parts each item behind them. */
export function bySystemAndBenefit(
  sums: readonly { readonly source: number; readonly benefit: number; readonly amount: number }[],
): { source: number; benefit: number; amount: Ore }[] {
  const total = new Map<number, number>()
  for (const { source, benefit, amount } of sums) {
    const key = benefitKey(source, benefit)
    total.set(key, (total.get(key) ?? 0) + amount)
  }
  return [...total].sort(([a], [b]) => a - b).map(([key, amount]) => ({ ...ofBenefitKey(key), amount: amount as Ore }))
}

/**
 * Reads the payments of runs that follow each other, for their files: by run, unit and number. `type` and `identifier`
 * name the payee, `account` is that of its arrangement. Parties are joined by hash: new payments have no statistics,
 * and a planner that takes them for a few looks each payee up.
 */
export async function readRunPayments(
  tx: Tx,
  municipality: Municipality,
  first: number,
  last: number,
): Promise<RowReader> {
  await tx.run('set local enable_nestloop = off')
  const rows = rowReader(
    await tx.copyOut(`select p.payment_id, p.unit, p.amount_ore - coalesce(z.ore, 0), p.rail_kind, y.type, y.identifier,
        g.account
      from payments p join parties y on y.municipality_code = ${municipality} and y.party_id = p.payee
      left join arranged_payments a on a.municipality_code = ${municipality} and a.payment_id = p.payment_id
      left join payee_arrangements g on g.municipality_code = ${municipality} and g.arrangement_no = a.arrangement_no
      left join (select payment_id, sum(amount_ore)::bigint as ore from stopped_parts
        where municipality_code = ${municipality} group by 1) z on z.payment_id = p.payment_id
      where p.amount_ore > coalesce(z.ore, 0) and p.municipality_code = ${municipality} and p.payment_id >= ${first * RECORDS_PER_BATCH}
        and p.payment_id < ${(last + 1) * RECORDS_PER_BATCH} order by p.payment_id`),
  )
  await tx.run('set local enable_nestloop = on')
  return rows
}

export interface Bundle {
  readonly runNo: number
  readonly unit: number
  readonly payments: number
  readonly amount: Ore
}

export async function readBundles(db: Db, municipality: Municipality, runs: readonly number[]): Promise<Bundle[]> {
  return await db.often.rows(
    `select b.run_no as "runNo", b.unit, (b.payments - z.payments)::int as payments, b.amount_ore - z.ore as amount
     from payment_bundles b ${stoppedOfUnit()}
     where b.municipality_code = $1 and b.run_no = any ($2) and b.payments > z.payments order by b.run_no, b.unit`,
    [municipality, runs],
  )
}

/** The last batch that has something in runs of a date and purpose, by `date:purpose`. */
export async function runDates(db: Db, municipality: Municipality, before: Day): Promise<ReadonlyMap<string, number>> {
  const rows = await db.often.rows<{ date: Day; purpose: RunPurpose; until: number }>(
    `select disposition_date as date, purpose, max(until_work_no) as until from payment_runs
     where municipality_code = $1 and disposition_date < $2 group by 1, 2`,
    [municipality, formatDay(before)],
  )
  return new Map(rows.map((row) => [`${row.date}:${row.purpose}`, row.until]))
}
