/** Sends files again that the rail refused whole: by itself when nothing was wrong with them, else as a person says. */
import type { Tx } from '../../base/db.ts'
import type { Municipality } from '../../base/id.ts'
import { markFilesDelivered, recordDeliveries } from '../../modules/deliveries/index.ts'
import { ledgerHead } from '../../modules/ledger/index.ts'
import { attemptsToSend, fileIdOf, orderAttempt, readRuns } from '../../modules/payments/index.ts'
import { recordAudit } from '../../modules/access/index.ts'
import { railRow } from '../../modules/rates/index.ts'
import type { Line } from './line.ts'
import { publishAll } from './out-file.ts'
import { paymentFiles, type RunToSend } from './payment-files.ts'
import { RAILS } from './rails.ts'

/** A person who sends one run's file again. */
export interface OrderedAttempt {
  readonly runNo: number
  readonly at: string
  readonly by: string
  readonly reason: string
}

/**
 * Every attempt that is due by a time, and the one that is ordered. Recorded with its hash before it has its name, so
 * that a crash neither loses nor doubles one.
 * @returns names of the files that lie in the outgoing folder now
 */
export function sendAgain(
  line: Line,
  municipality: Municipality,
  until: string,
  ordered?: OrderedAttempt,
): Promise<readonly string[]> {
  return line.connection.layingOut(municipality, () => layAgain(line, municipality, until, ordered))
}

async function layAgain(
  line: Line,
  municipality: Municipality,
  until: string,
  ordered: OrderedAttempt | undefined,
): Promise<readonly string[]> {
  const files = await line.connection.inTurn(municipality, async (tx) => {
    if (ordered !== undefined) await order(tx, municipality, ordered)
    const attempts = await attemptsToSend(tx, municipality, until)
    if (attempts.length === 0) return []
    const runs = new Map((await readRuns(tx, municipality)).map((run) => [run.runNo, run]))
    const acts = attempts.flatMap(({ runNo, attempt, at, releasedAt, isRecorded }) => {
      const run = runs.get(runNo)
      if (run === undefined) return []
      // The same id again means the same bytes again, with the time of the first.
      const isSame = railRow(run.rail).resend === 'same_id'
      return [{ run, attempt, at: isSame ? releasedAt : at, sentAt: at, isRecorded }]
    })
    const staged = await paymentFiles(tx, line, municipality, acts satisfies RunToSend[])
    const head = await ledgerHead(tx, municipality)
    const fresh = acts.filter((act) => !act.isRecorded)
    await recordDeliveries(
      tx,
      municipality,
      fresh.map(({ run, attempt, sentAt }) => ({
        ...(staged.get(run.runNo) as NonNullable<ReturnType<typeof staged.get>>),
        kind: RAILS[run.rail].delivery,
        cause: fileIdOf(municipality, run.runNo, attempt),
        // Its payments were told with the first: of what is sent again nothing is counted twice.
        totals: { attempt, again: run.payments, again_ore: run.amount },
        ledgerHead: Buffer.from(head, 'hex'),
        knownAt: sentAt,
      })),
    )
    return acts.flatMap(({ run, sentAt }) => {
      const file = staged.get(run.runNo)
      return file === undefined ? [] : [{ ...file, at: sentAt }]
    })
  })
  await publishAll(line, files)
  if (files.length > 0) {
    await line.connection.transaction([municipality], (tx) => markFilesDelivered(tx, municipality, files))
  }
  return files.map((file) => file.fileName)
}

async function order(tx: Tx, municipality: Municipality, { runNo, at, by, reason }: OrderedAttempt): Promise<void> {
  await orderAttempt(tx, municipality, runNo, { at, by })
  const subject = fileIdOf(municipality, runNo)
  await recordAudit(tx, { municipality, at, actor: by, command: 'run.resend', subject, detail: { reason } })
}
