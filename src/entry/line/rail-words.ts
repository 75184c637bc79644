/** What a rail says of more than one payment at a time: of a bundle, or of a file as a whole. */
import type { Tx } from '../../base/db.ts'
import { type Municipality, numbered } from '../../base/id.ts'
import {
  type AnswerRow,
  bundleOfId,
  type FileProblem,
  fileOfId,
  numbersSent,
  type PaymentRun,
  type RailAnswer,
  type RefusedFile,
} from '../../modules/payments/index.ts'
import { railRow } from '../../modules/rates/index.ts'

/** Answers to each payment that `broad` ones mean: a bundle's before the file's, and those of `named` never. */
export async function meantPayments(
  tx: Tx,
  { municipality, run }: { readonly municipality: Municipality; readonly run: PaymentRun | undefined },
  broad: readonly { readonly answer: RailAnswer; readonly line: number }[],
  named: readonly AnswerRow[],
  problems: FileProblem[],
): Promise<AnswerRow[]> {
  const answered = new Set(named.map((row) => row.payment))
  const meant: AnswerRow[] = []
  for (const { answer, line } of broad) {
    const { kind, ref, about, reason, waitingAccount } = answer
    const bundle = about === 'bundle' ? bundleOfId(ref) : undefined
    const file = about === 'file' ? fileOfId(ref) : undefined
    const of = bundle ?? file
    if (kind === 0 || kind === 1 || of?.municipality !== municipality || of.runNo !== run?.runNo) {
      const detail = `No ${about} of ours here is called ${ref}; the rail says ${kind} of it. ${reason}`.trim()
      problems.push({ line, field: 'ref', code: 'unknown_payment', detail })
      continue
    }
    const { runNo } = run
    for (const number of await numbersSent(tx, municipality, runNo, bundle?.unit)) {
      const payment = numbered(runNo, number)
      if (answered.has(payment)) continue
      answered.add(payment)
      meant.push({ payment, answer: kind, reason, waitingAccount })
    }
  }
  return meant
}

/** A rail's refusal of the file of a run. */
export interface Refused {
  readonly run: PaymentRun
  readonly answer: RailAnswer
  readonly workNo: number
  readonly answerId: string
  readonly knownAt: string
}

/** Which attempt each refusal is of, and when it is tried again. */
export function refusedFiles(
  refused: readonly Refused[],
  newest: ReadonlyMap<number, { readonly attempt: number }>,
): RefusedFile[] {
  return refused.map(({ run, answer, workNo, answerId, knownAt }) => {
    const { runNo, rail } = run
    const { resend, retryMinutes } = railRow(rail)
    // A file that goes again under the same id is refused as it was sent last.
    const attempt = (resend === 'same_id' ? newest.get(runNo)?.attempt : fileOfId(answer.ref)?.attempt) ?? 1
    const isTechnical = answer.class === 'technical_fault'
    const minutes = isTechnical ? retryMinutes[attempt - 1] : undefined
    return {
      runNo,
      attempt,
      workNo,
      answerId,
      class: isTechnical ? 'technical_fault' : 'functional_refusal',
      reason: answer.reason,
      detail: answer.text ?? '',
      knownAt,
      retryAt: minutes === undefined ? undefined : minutesAfter(knownAt, minutes),
    }
  })
}

function minutesAfter(at: string, minutes: number): string {
  return `${new Date(Date.parse(at) + minutes * 60_000).toISOString().slice(0, 19)}+00:00`
}
