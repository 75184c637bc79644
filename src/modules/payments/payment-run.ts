/**
 * A payment run (udbetalingskørsel): due items of one municipality and disposition date, gathered by payee, paying unit
 * and NemKonto ydelsesart. planned → assembled → approved → released → sent; each step is a row with its actor.
 */
import { assert } from '../../base/assert.ts'
import { type RowReader, rowReader } from '../../base/copy.ts'
import type { Db, Tx } from '../../base/db.ts'
import { type Day, formatDay } from '../../base/date.ts'
import { type Municipality, municipalityText, type PaymentId, RECORDS_PER_BATCH } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { Refusal } from '../../base/refusal.ts'
import { ledgerBatch, ledgerBatchNo } from '../ledger/index.ts'

export type RunStep = 'planned' | 'assembled' | 'approved' | 'released' | 'sent'
const STEPS: readonly RunStep[] = ['planned', 'assembled', 'approved', 'released', 'sent']

export interface PaymentRun {
  readonly municipality: Municipality
  readonly runNo: number
  readonly workNo: number
  readonly dispositionDate: Day
  readonly payments: number
  readonly parts: number
  readonly amount: Ore
  readonly steps: readonly RunStep[]
}

export function fileIdOf(municipality: Municipality, runNo: number): string {
  return `${municipalityText(municipality)}R${runNo}`
}

export function bundleIdOf(municipality: Municipality, runNo: number, unit: number): string {
  return `${fileIdOf(municipality, runNo)}U${unit}`
}

export function endToEndIdOf(municipality: Municipality, payment: PaymentId): string {
  const runNo = Math.floor(payment / RECORDS_PER_BATCH)
  return `${municipalityText(municipality)}R${runNo}N${payment % RECORDS_PER_BATCH}`
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

export interface DueDate {
  readonly date: Day
  /** Batches up to here were taken by earlier runs of the date. */
  readonly from: number
  /** The last batch that has something due on the date. */
  readonly until: number
}

/** The dates before `before` on which something is due that no run has taken. */
export async function dueDates(db: Db, municipality: Municipality, before: Day): Promise<DueDate[]> {
  const due = await db.rows<{ date: Day; until: number }>(
    `select disposition_date as date, max(work_no) as until from payables
     where municipality_code = $1 and disposition_date < $2 group by 1 order by 1`,
    [municipality, formatDay(before)],
  )
  const taken = await db.rows<{ date: Day; until: number }>(
    `select disposition_date as date, max(until_work_no) as until from payment_runs where municipality_code = $1
     group by 1`,
    [municipality],
  )
  const until = new Map(taken.map((row) => [row.date, row.until]))
  return due
    .map((row) => ({ date: row.date, from: until.get(row.date) ?? 0, until: row.until }))
    .filter((row) => row.until > row.from)
}

/** Gathers everything due on a date that is in no run yet. The key of payment_parts refuses a second payment. */
export async function assembleRun(
  tx: Tx,
  run: {
    readonly municipality: Municipality
    readonly runNo: number
    readonly workNo: number
    readonly due: DueDate
    readonly knownAt: string
    readonly by: string
  },
): Promise<{ payments: number; parts: number; amount: Ore }> {
  const date = formatDay(run.due.date)
  const made = await tx.first<{ payments: number; parts: number; amount: number }>(
    // Numbered by rank and not by a join: a join of two sets without statistics may be done row by row.
    `with due as materialized (
       select p.item_id, p.part, p.payee, p.unit, p.rail_kind, p.amount_ore, ($3::bigint << 24)
         + dense_rank() over (order by p.unit, p.payee, p.rail_kind) as payment_id
       from payables p where p.municipality_code = $1 and p.disposition_date = $2
         and p.work_no > $4 and p.work_no <= $5),
     gathered as materialized (
       select payment_id, payee, unit, rail_kind, sum(amount_ore)::bigint as amount_ore, count(*)::int as parts
       from due group by payment_id, unit, payee, rail_kind),
     payment as (
       insert into payments (municipality_code, payment_id, payee, unit, rail_kind, amount_ore, parts)
       select $1, payment_id, payee, unit, rail_kind, amount_ore, parts from gathered order by payment_id),
     part as (
       insert into payment_parts (municipality_code, item_id, part, payment_id)
       select $1, item_id, part, payment_id from due order by item_id, part),
     bundle as (
       insert into payment_bundles (municipality_code, run_no, unit, payments, amount_ore)
       select $1, $3, unit, count(*), sum(amount_ore) from gathered group by unit)
     select count(*)::int as payments, coalesce(sum(parts), 0)::int as parts,
       coalesce(sum(amount_ore), 0)::bigint as amount from gathered`,
    [run.municipality, date, run.runNo, run.due.from, run.due.until],
  )
  const { payments, parts, amount } = made ?? { payments: 0, parts: 0, amount: 0 }
  await tx.run(
    `insert into payment_runs (municipality_code, run_no, work_no, disposition_date, until_work_no, known_at,
       payments, parts, amount_ore) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [run.municipality, run.runNo, run.workNo, date, run.due.until, run.knownAt, payments, parts, amount],
  )
  await tx.run(
    `insert into payment_run_steps select $1, $2, s, $3, $4, $5 from unnest('{planned,assembled}'::text[]) s`,
    [run.municipality, run.runNo, run.knownAt, run.by, amount],
  )
  return { payments, parts, amount: amount as Ore }
}

async function recordStep(
  tx: Tx,
  municipality: Municipality,
  runNo: number,
  step: RunStep,
  at: string,
  by: string,
  amount: Ore,
): Promise<void> {
  await tx.run('insert into payment_run_steps values ($1, $2, $3, $4, $5, $6)', [
    municipality,
    runNo,
    step,
    at,
    by,
    amount,
  ])
}

/** Every run of a municipality with the steps it has taken, oldest first. */
export async function readRuns(db: Db, municipality: Municipality): Promise<PaymentRun[]> {
  return await db.rows<PaymentRun>(
    `select r.municipality_code as municipality, r.run_no as "runNo", r.work_no as "workNo",
       r.disposition_date as "dispositionDate", r.payments, r.parts, r.amount_ore as amount,
       array(select s.step from payment_run_steps s where s.municipality_code = r.municipality_code
         and s.run_no = r.run_no) as steps
     from payment_runs r where r.municipality_code = $1 order by r.run_no`,
    [municipality],
  )
}

/** A second person approves the total that was shown; whoever assembled the run may not. */
export async function approveRun(
  tx: Tx,
  act: { municipality: Municipality; runNo: number; total: Ore; at: string; by: string },
): Promise<void> {
  const steps = await tx.rows<{ step: RunStep; by_actor: string; amount_ore: number }>(
    'select step, by_actor, amount_ore from payment_run_steps where municipality_code = $1 and run_no = $2',
    [act.municipality, act.runNo],
  )
  const assembled = steps.find((step) => step.step === 'assembled')
  if (assembled === undefined || steps.length !== STEPS.indexOf('approved')) {
    throw new Refusal('run_not_ready', 'Only a run that is assembled and not yet approved can be approved.')
  }
  if (assembled.by_actor === act.by) {
    throw new Refusal('four_eyes', `${act.by} assembled the run; another person must approve it.`)
  }
  if (assembled.amount_ore !== act.total) {
    throw new Refusal('stale_total', 'The total has changed since it was shown. Look at the run again, then approve.')
  }
  await recordStep(tx, act.municipality, act.runNo, 'approved', act.at, act.by, act.total)
}

/** What a run pays by system and benefit: the ledger has the sums, payment_parts has each item behind them. */
async function sumsOfRun(db: Db, run: PaymentRun): Promise<{ source: number; benefit: number; amount: Ore }[]> {
  return await db.rows(
    `select p.source_system as source, p.benefit, sum(p.amount_ore)::bigint as amount
     from payment_runs r join payables p on p.municipality_code = r.municipality_code
       and p.disposition_date = r.disposition_date and p.work_no <= r.until_work_no
       and p.work_no > coalesce((select max(e.until_work_no) from payment_runs e
         where e.municipality_code = r.municipality_code and e.disposition_date = r.disposition_date
           and e.run_no < r.run_no), 0)
     where r.municipality_code = $1 and r.run_no = $2 group by 1, 2 order by 1, 2`,
    [run.municipality, run.runNo],
  )
}

/** Releases an approved run: its payments move from the systems' clearing accounts to the rail's, as sums. */
export async function releaseRun(
  tx: Tx,
  run: PaymentRun,
  accounts: { readonly rail: number; readonly netPayable: ReadonlyMap<number, number> },
  act: { at: string; by: string },
): Promise<void> {
  if (!run.steps.includes('approved') || run.steps.includes('released')) {
    throw new Refusal('run_not_approved', 'Only an approved run that is not yet released can be released.')
  }
  const ledger = ledgerBatch(run.municipality, ledgerBatchNo(run.workNo, 0), run.dispositionDate)
  ledger.entry(run.runNo)
  for (const sum of await sumsOfRun(tx, run)) {
    ledger.transfer(sum.source, sum.benefit, accounts.netPayable.get(sum.source) ?? 0, accounts.rail, sum.amount, 0)
  }
  assert(ledger.amount === run.amount, `run ${run.runNo} pays ${run.amount}, its items are ${ledger.amount}`)
  await ledger.write(tx, act.at)
  await recordStep(tx, run.municipality, run.runNo, 'released', act.at, act.by, run.amount)
}

export async function markRunSent(tx: Tx, run: PaymentRun, at: string, by: string): Promise<void> {
  await recordStep(tx, run.municipality, run.runNo, 'sent', at, by, run.amount)
}

/** Reads the payments of a run for its file: by unit, then number. `type` and `identifier` name the payee. */
export async function readRunPayments(db: Db, municipality: Municipality, runNo: number): Promise<RowReader> {
  return rowReader(
    await db.copyOut(`select p.payment_id, p.unit, p.amount_ore, p.rail_kind, y.type, y.identifier
      from payments p join parties y on y.municipality_code = p.municipality_code and y.party_id = p.payee
      where p.municipality_code = ${municipality} and p.payment_id >= ${runNo * RECORDS_PER_BATCH}
        and p.payment_id < ${(runNo + 1) * RECORDS_PER_BATCH}
      order by p.payment_id`),
  )
}

export async function readBundles(
  db: Db,
  municipality: Municipality,
  runNo: number,
): Promise<{ unit: number; payments: number; amount: Ore }[]> {
  return await db.rows(
    `select unit, payments, amount_ore as amount from payment_bundles where municipality_code = $1 and run_no = $2
     order by unit`,
    [municipality, runNo],
  )
}
