/** Reads what a rail says to a recall. What it has stopped never left, and is refused as any payment is. */
import type { Tx } from '../../base/db.ts'
import type { Municipality, PaymentId } from '../../base/id.ts'
import {
  type AnswerFileHeader,
  type AnswerRow,
  bundleOfId,
  endToEndIdOf,
  type FileProblem,
  fileOfId,
  isRecalled,
  paymentOfEndToEndId,
  paymentProgress,
  type PaymentRun,
  type RecallAnswer,
  type RecallAnswered,
  recalledBy,
  recalledOfRun,
} from '../../modules/payments/index.ts'
import { STOPPED_AS_ASKED } from '../../modules/rates/index.ts'
import { RAILS } from './rails.ts'
import { readThrough } from './read-in-place.ts'

/** Names under which answers to recalls come: NemKonto's, and a bank's camt.029. */
export function isRecallAnswer(name: string): boolean {
  return name.startsWith('NKSSTOP-') || name.startsWith('CAMT029-')
}

export interface RecallAnswersRead {
  readonly sha256: Buffer
  readonly bytes: number
  readonly header: Partial<AnswerFileHeader>
  readonly whole: boolean
  /** Payments that never left. */
  readonly answers: readonly AnswerRow[]
  readonly recalls: readonly Omit<RecallAnswered, 'workNo'>[]
  readonly problems: readonly FileProblem[]
}

/** What is said of a payment goes before what is said of the recall as a whole. */
export async function readRecallAnswers(
  tx: Tx,
  { municipality, run }: { readonly municipality: Municipality; readonly run: PaymentRun | undefined },
  path: string,
): Promise<RecallAnswersRead> {
  const said: RecallAnswer[] = []
  const reader = RAILS[run?.rail ?? 'nemkonto'].recallAnswers({ answer: (answer) => void said.push(answer) })
  const { sha256, bytes } = await readThrough(path, reader)
  const { header, whole, problems: found } = reader.finish()
  const problems: FileProblem[] = [...found]
  const answers: AnswerRow[] = []
  const recalls = new Map<PaymentId, Omit<RecallAnswered, 'workNo'>>()
  // Payments, then bundles, then the file, then the recall as a whole.
  const order: readonly RecallAnswer['about'][] = ['payment', 'bundle', 'file', 'recall']
  const recall = said.find((one) => one.about === 'recall')
  const single = paymentOfEndToEndId(recalledBy(recall?.ref ?? '')) !== undefined
  for (const about of whole ? order : []) {
    for (const one of said.filter((answer) => answer.about === about)) {
      // In the answer about one payment, what is said of its file is of that payment.
      const meant = single && recall !== undefined && about !== 'payment' ? { ...recall, outcome: one.outcome } : one
      const payments = await recalledPayments(tx, municipality, meant)
      const isSaid = recalls.size > 0 || problems.length > found.length
      if (payments === undefined && (about === 'payment' || !isSaid)) {
        const detail = `No stop of ours is about ${one.ref}; the rail says ${one.outcome} of it. ${one.reason}`.trim()
        problems.push({ line: 0, field: 'ref', code: 'unknown_payment', detail })
      }
      for (const payment of payments ?? []) {
        if (!recalls.has(payment)) recalls.set(payment, { payment, outcome: one.outcome, reason: one.reason })
      }
    }
  }
  for (const { payment, outcome } of recalls.values()) {
    // What the bank has booked, or sent back, moves by its statement alone.
    if (outcome !== 'cancelled') continue
    const where = (await paymentProgress(tx, municipality, payment))?.kind
    if (where !== 'sent' && where !== 'accepted') continue
    answers.push({ payment, answer: 2, reason: STOPPED_AS_ASKED, waitingAccount: false })
  }
  return { sha256, bytes, header: header ?? {}, whole, answers, recalls: [...recalls.values()], problems }
}

/** What an answer is about, of what was asked back; undefined: of nothing of ours. */
async function recalledPayments(
  tx: Tx,
  municipality: Municipality,
  { about, ref }: RecallAnswer,
): Promise<readonly PaymentId[] | undefined> {
  const id = about === 'recall' ? recalledBy(ref) : ref
  const payment = paymentOfEndToEndId(id)
  if (payment !== undefined) {
    const isOurs = payment.municipality === municipality && (await isRecalled(tx, municipality, payment.payment))
    return isOurs && endToEndIdOf(municipality, payment.payment) === id ? [payment.payment] : undefined
  }
  const bundle = bundleOfId(id)
  const of = bundle ?? fileOfId(id)
  if (of?.municipality !== municipality) return undefined
  const asked = await recalledOfRun(tx, municipality, of.runNo, bundle?.unit)
  return asked.length === 0 ? undefined : asked
}
