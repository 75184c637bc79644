/** Reads what a rail says to a recall. What it has stopped never left, and is refused as any payment is. */
import type { Tx } from '../../base/db.ts'
import type { Municipality, PaymentId } from '../../base/id.ts'
import {
  type AnswerFileHeader,
  type AnswerRow,
  endToEndIdOf,
  type FileProblem,
  isRecalled,
  paymentOfEndToEndId,
  paymentProgress,
  type PaymentRun,
  type RecallAnswer,
  type RecallAnswered,
  recalledBy,
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
  const named = said.some((one) => one.about === 'payment')
  const problems: FileProblem[] = [...found]
  const answers: AnswerRow[] = []
  const recalls: Omit<RecallAnswered, 'workNo'>[] = []
  for (const one of whole ? said : []) {
    if (one.about === 'file' || (one.about === 'recall' && named)) continue
    const payment = await recalledPayment(tx, municipality, one)
    if (payment === undefined) {
      const detail = `No stop of ours is about ${one.ref}; the rail says ${one.outcome} of it. ${one.reason}`.trim()
      problems.push({ line: 0, field: 'ref', code: 'unknown_payment', detail })
      continue
    }
    recalls.push({ payment, outcome: one.outcome, reason: one.reason })
    // What the bank has booked, or sent back, moves by its statement alone.
    const where = (await paymentProgress(tx, municipality, payment))?.kind
    if (one.outcome !== 'cancelled' || (where !== 'sent' && where !== 'accepted')) continue
    answers.push({ payment, answer: 2, reason: STOPPED_AS_ASKED, waitingAccount: false })
  }
  return { sha256, bytes, header: header ?? {}, whole, answers, recalls, problems }
}

async function recalledPayment(
  tx: Tx,
  municipality: Municipality,
  { about, ref }: RecallAnswer,
): Promise<PaymentId | undefined> {
  const found = paymentOfEndToEndId(about === 'recall' ? recalledBy(ref) : ref)
  if (found?.municipality !== municipality || !(await isRecalled(tx, municipality, found.payment))) return undefined
  return endToEndIdOf(municipality, found.payment) === recalledBy(ref) ? found.payment : undefined
}
