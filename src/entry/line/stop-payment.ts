/**
 * Stops a payment, wherever it is: before release it leaves its run; what has left is asked back of the rail, in a file
 * of its own, until that is too late. Asking moves no money: the rail's answer and the bank's statement do.
 */
import type { Tx } from '../../base/db.ts'
import type { Municipality, PaymentId } from '../../base/id.ts'
import { Refusal } from '../../base/refusal.ts'
import { recordAudit } from '../../modules/access/index.ts'
import { markFilesDelivered, recordDeliveries } from '../../modules/deliveries/index.ts'
import { ledgerHead } from '../../modules/ledger/index.ts'
import {
  bundleIdOf,
  endToEndIdOf,
  fileIdOf,
  partsOfRun,
  paymentProgress,
  type PaymentRun,
  type RecallCode,
  recallIdOf,
  type RecallToSend,
  recallsToSend,
  readRuns,
  progressOfRun,
  recordRecalls,
  recordRunRecall,
  type RunRecallToSend,
  runRecallsToSend,
} from '../../modules/payments/index.ts'
import { railRow, type RateReader } from '../../modules/rates/index.ts'
import { actWork } from './act-work.ts'
import { holdLines, holdPayment, type Left } from './hold-payments.ts'
import type { Line } from './line.ts'
import { publishAll, type StagedFile, staging } from './out-file.ts'
import { RAILS } from './rails.ts'

export interface StoppingPayment {
  readonly municipality: Municipality
  readonly payment: PaymentId
  readonly reason: string
  readonly code?: RecallCode | undefined
  readonly at: string
  readonly by: string
}

/** `held`: out of its run; `asked`: of the rail, now or before; `too_late`: with where it is. */
export type Stopped =
  | { readonly state: 'held' }
  | { readonly state: 'asked'; readonly before: boolean }
  | { readonly state: 'too_late'; readonly where: Left }

/**
 * In the municipality's turn; `sendRecalls` lays the file afterwards. Asked again it does nothing. Refuses
 * `reason_missing`, `unknown_payment`, `held_already`, and `run_not_sent` of a run whose file is not laid out yet.
 */
export async function stopPayment(tx: Tx, act: StoppingPayment): Promise<Stopped> {
  const { municipality, payment, reason, at, by } = act
  const name = endToEndIdOf(municipality, payment)
  if (reason.trim() === '') throw new Refusal('reason_missing', 'Say why the payment is stopped.')
  const audit = (command: string) =>
    recordAudit(tx, { municipality, at, actor: by, command, subject: name, detail: { reason } })
  const progress = await paymentProgress(tx, municipality, payment)
  if (progress === undefined || progress.kind === 'unreleased' || progress.kind === 'stopped') {
    const where = await holdPayment(tx, act)
    if (where !== undefined) return { state: 'too_late', where }
    await audit('payment.hold')
    return { state: 'held' }
  }
  if (progress.recalled) return { state: 'asked', before: true }
  const run = (await readRuns(tx, municipality)).find(
    (one) => one.runNo === Math.floor(payment / 2 ** 24),
  ) as PaymentRun
  const where = progress.kind
  if (!mayAsk(run, where)) return { state: 'too_late', where }
  refuseUnsent(run)
  const workNo = await actWork(tx, municipality, 'recall', at, { payments: 1 })
  await recordRecalls(tx, municipality, [payment], { workNo, code: act.code ?? 'CUST', reason, at, by })
  await audit('payment.recall')
  return { state: 'asked', before: false }
}

function mayAsk(run: PaymentRun, where: Left): boolean {
  return where === 'sent' || where === 'accepted' || (where === 'paid' && RAILS[run.rail].recallsBooked)
}

function refuseUnsent(run: PaymentRun): void {
  if (run.steps.includes('sent')) return
  const name = fileIdOf(run.municipality, run.runNo)
  throw new Refusal('run_not_sent', `The file of ${name} is not laid out yet; run again.`)
}

/** A rail that knows no recall of a file is asked payment by payment: of a larger run by another way than ours. */
export const MOST_STOPS = 1_000

export interface StoppingRun extends Omit<StoppingPayment, 'payment'> {
  readonly runNo: number
  /** Of one bundle alone: its paying unit. */
  readonly unit?: number | undefined
}

export interface StoppedRun {
  /** One for each payment of the run that was not stopped before, in their order. */
  readonly payments: readonly { readonly payment: PaymentId; readonly stopped: Stopped }[]
}

/**
 * Every payment of a run or bundle, in one act: held before release, asked back after, too late one by one. Refuses
 * `reason_missing`, `unknown_run`, `run_not_sent`, and `run_too_large` where a rail is asked payment by payment.
 */
export async function stopRun(tx: Tx, act: StoppingRun): Promise<StoppedRun> {
  const { municipality, runNo, unit, reason, at, by } = act
  if (reason.trim() === '') throw new Refusal('reason_missing', 'Say why the run is stopped.')
  const run = (await readRuns(tx, municipality)).find((one) => one.runNo === runNo)
  const name = unit === undefined ? fileIdOf(municipality, runNo) : bundleIdOf(municipality, runNo, unit)
  const all = (await progressOfRun(tx, municipality, runNo)).filter((one) => unit === undefined || one.unit === unit)
  if (run === undefined || all.length === 0) throw new Refusal('unknown_run', `There is no run ${name}.`)
  const payments = all.filter((one) => one.kind !== 'stopped')
  const audit = (command: string) =>
    recordAudit(tx, { municipality, at, actor: by, command, subject: name, detail: { reason } })
  if (!run.steps.includes('released')) {
    const own = new Set(payments.map((one) => one.payment))
    const parts = (await partsOfRun(tx, municipality, runNo)).filter((part) => own.has(part.payment))
    await holdLines(tx, municipality, parts, { cause: 'held', reason, owner: by, at, by })
    await audit('run.hold')
    return { payments: payments.map(({ payment }) => ({ payment, stopped: { state: 'held' } })) }
  }
  const open = payments.filter(({ kind, recalled }) => !recalled && mayAsk(run, kind as Left))
  const fresh = new Set(open.map((one) => one.payment))
  if (fresh.size > 0) {
    await askRun(tx, run, [...fresh], act)
    await audit('run.recall')
  }
  return {
    payments: payments.map(({ payment, kind, recalled }) => {
      if (recalled || fresh.has(payment)) return { payment, stopped: { state: 'asked', before: recalled } }
      return { payment, stopped: { state: 'too_late', where: kind as Left } }
    }),
  }
}

async function askRun(
  tx: Tx,
  run: PaymentRun,
  payments: readonly PaymentId[],
  {
    unit = 0,
    code = 'CUST',
    reason,
    at,
    by,
  }: Omit<StoppingPayment, 'municipality' | 'payment'> & { unit?: number | undefined },
): Promise<void> {
  const { municipality, runNo } = run
  refuseUnsent(run)
  const whole = RAILS[run.rail].recallFile !== undefined
  if (!whole && payments.length > MOST_STOPS) {
    throw new Refusal(
      'run_too_large',
      `NemKonto is asked payment by payment, at most ${MOST_STOPS}; ${fileIdOf(municipality, runNo)} has ` +
        `${payments.length} to be stopped. Ask NemKonto itself, or stop those that matter one by one.`,
    )
  }
  const workNo = await actWork(tx, municipality, 'recall', at, { payments: payments.length })
  await recordRunRecall(tx, municipality, { runNo, unit, workNo, whole, code, at })
  await recordRecalls(tx, municipality, payments, { workNo, code, reason, at, by })
}

interface RecallFile {
  readonly id: string
  readonly text: string
  readonly totals: { readonly recalled: number; readonly recalled_ore: number }
  readonly rail: PaymentRun['rail']
  readonly at: string
  readonly isRecorded: boolean
}

/**
 * Lays every recall that is not known to lie in the outgoing folder: recorded with its hash before it has its name, so
 * that a crash neither loses nor doubles one. Gives the names of the files.
 */
export function sendRecalls(line: Line, municipality: Municipality): Promise<readonly string[]> {
  return line.connection.layingOut(municipality, () => layRecalls(line, municipality))
}

async function layRecalls(line: Line, municipality: Municipality): Promise<readonly string[]> {
  const { connection, rates } = line
  const files = await connection.inTurn(municipality, async (tx) => {
    const single = await recallsToSend(tx, municipality)
    const whole = await runRecallsToSend(tx, municipality)
    const due = [
      ...single.map((one) => paymentRecall(rates, municipality, one)),
      ...whole.map((one) => fileRecall(rates, municipality, one)),
    ]
    if (due.length === 0) return []
    const staged = await staging(line, async (stage) => {
      const made: (StagedFile & { readonly at: string })[] = []
      for (const { id, text, rail, at } of due) {
        const stager = await stage(RAILS[rail].delivery, `${id}.xml`)
        await stager.write(text)
        made.push({ ...(await stager.finish()), at })
      }
      return made
    })
    const head = Buffer.from(await ledgerHead(tx, municipality), 'hex')
    const deliveries = due.map(({ id, rail, totals, at }, i) => {
      // Counted apart from what is paid.
      const file = staged[i] as StagedFile
      return { ...file, kind: RAILS[rail].delivery, cause: id, totals, ledgerHead: head, knownAt: at }
    })
    await recordDeliveries(
      tx,
      municipality,
      deliveries.filter((_, i) => due[i]?.isRecorded === false),
    )
    return staged
  })
  await publishAll(line, files)
  if (files.length > 0) {
    await connection.transaction([municipality], (tx) => markFilesDelivered(tx, municipality, files))
  }
  return files.map((file) => file.fileName)
}

function paymentRecall(rates: RateReader, municipality: Municipality, one: RecallToSend): RecallFile {
  const { amount, dispositionDate, runNo, unit, rail, at, isRecorded } = one
  const endToEndId = endToEndIdOf(municipality, one.payment)
  const bundleId = bundleIdOf(municipality, runNo, unit)
  const request = { ...requestOf(rates, municipality, one, endToEndId), bundleId, endToEndId, amount, dispositionDate }
  const totals = { recalled: 1, recalled_ore: amount }
  return { id: request.recallId, text: RAILS[rail].recall(request), totals, rail, at, isRecorded }
}

function fileRecall(rates: RateReader, municipality: Municipality, one: RunRecallToSend): RecallFile {
  const { payments, amount: sum, runNo, rail, at, isRecorded } = one
  const bundleId = one.ofBundle ? bundleIdOf(municipality, runNo, one.unit) : undefined
  const own = requestOf(rates, municipality, one, bundleId ?? fileIdOf(municipality, runNo))
  const request = { ...own, bundleId, payments, sum }
  const text = RAILS[rail].recallFile?.(request) ?? ''
  return { id: request.recallId, text, totals: { recalled: payments, recalled_ore: sum }, rail, at, isRecorded }
}

function requestOf(rates: RateReader, municipality: Municipality, one: Omit<RecallToSend, 'payment'>, id: string) {
  const { runNo, dispositionDate, attempt } = one
  const unit = rates.units(municipality, dispositionDate).find((row) => row.unit === one.unit)
  if (unit === undefined) throw new Refusal('unit_missing', `No paying unit ${one.unit} on the day of ${id}.`)
  const isSame = railRow(one.rail).resend === 'same_id'
  return {
    recallId: recallIdOf(id),
    fileId: fileIdOf(municipality, runNo, isSame ? 1 : attempt),
    createdAt: one.at.slice(0, 19),
    unit,
    reason: one.code,
  }
}
