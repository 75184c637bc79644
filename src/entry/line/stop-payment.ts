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
  isRecalled,
  paymentProgress,
  type PaymentRun,
  type RecallCode,
  recallIdOf,
  type RecallToSend,
  recallsToSend,
  readRuns,
  recordRecall,
} from '../../modules/payments/index.ts'
import { railRow, type RateReader } from '../../modules/rates/index.ts'
import { actWork } from './act-work.ts'
import { holdPayment, type Left } from './hold-payments.ts'
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
  if (await isRecalled(tx, municipality, payment)) return { state: 'asked', before: true }
  const run = (await readRuns(tx, municipality)).find(
    (one) => one.runNo === Math.floor(payment / 2 ** 24),
  ) as PaymentRun
  const where = progress.kind
  const mayAsk = where === 'sent' || where === 'accepted' || (where === 'paid' && RAILS[run.rail].recallsBooked)
  if (!mayAsk) return { state: 'too_late', where }
  if (!run.steps.includes('sent')) {
    throw new Refusal(
      'run_not_sent',
      `The file of ${fileIdOf(municipality, run.runNo)} is not laid out yet; run again.`,
    )
  }
  const workNo = await actWork(tx, municipality, 'recall', at, { payments: 1 })
  await recordRecall(tx, municipality, { payment, workNo, code: act.code ?? 'CUST', reason, at, by })
  await audit('payment.recall')
  return { state: 'asked', before: false }
}

/**
 * Lays every recall that is not known to lie in the outgoing folder: recorded with its hash before it has its name, so
 * that a crash neither loses nor doubles one. Gives the names of the files.
 */
export async function sendRecalls(line: Line, municipality: Municipality): Promise<readonly string[]> {
  const { connection, rates } = line
  const files = await connection.inTurn(municipality, async (tx) => {
    const due = await recallsToSend(tx, municipality)
    if (due.length === 0) return []
    const staged = await staging(line, async (stage) => {
      const made: (StagedFile & { readonly at: string })[] = []
      for (const one of due) {
        const { id, text } = recallFile(rates, municipality, one)
        const stager = await stage(RAILS[one.rail].delivery, `${id}.xml`)
        await stager.write(text)
        made.push({ ...(await stager.finish()), at: one.at })
      }
      return made
    })
    const head = Buffer.from(await ledgerHead(tx, municipality), 'hex')
    const deliveries = due.map(({ payment, rail, amount, at }, i) => {
      // Counted apart from what is paid.
      const totals = { recalled: 1, recalled_ore: amount }
      const file = staged[i] as StagedFile
      return {
        ...file,
        kind: RAILS[rail].delivery,
        cause: recallIdOf(endToEndIdOf(municipality, payment)),
        totals,
        ledgerHead: head,
        knownAt: at,
      }
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

function recallFile(
  rates: RateReader,
  municipality: Municipality,
  one: RecallToSend,
): { readonly id: string; readonly text: string } {
  const { runNo, dispositionDate, amount, attempt } = one
  const endToEndId = endToEndIdOf(municipality, one.payment)
  const unit = rates.units(municipality, dispositionDate).find((row) => row.unit === one.unit)
  if (unit === undefined) throw new Refusal('unit_missing', `No paying unit ${one.unit} on the day of ${endToEndId}.`)
  const isSame = railRow(one.rail).resend === 'same_id'
  const text = RAILS[one.rail].recall({
    recallId: recallIdOf(endToEndId),
    fileId: fileIdOf(municipality, runNo, isSame ? 1 : attempt),
    createdAt: one.at.slice(0, 19),
    unit,
    bundleId: bundleIdOf(municipality, runNo, one.unit),
    endToEndId,
    amount,
    dispositionDate,
    reason: one.code,
  })
  return { id: recallIdOf(endToEndId), text }
}
