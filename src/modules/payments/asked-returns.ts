/** Who was asked for an account, and until when the answer is waited for. */
import type { Db, Tx } from '../../base/db.ts'
import { type Day, formatDay } from '../../base/date.ts'
import type { Municipality, PaymentId } from '../../base/id.ts'

export interface Asked {
  readonly askedOn: Day
  readonly answerBy: Day
}

/** The newest time. */
export async function askedAbout(db: Db, municipality: Municipality, payment: PaymentId): Promise<Asked | undefined> {
  return await db.first<Asked>(
    `select asked_on as "askedOn", answer_by as "answerBy" from asked_returns
     where municipality_code = $1 and payment_id = $2 order by asked_on desc limit 1`,
    [municipality, payment],
  )
}

/** Asked again on the same day nothing is changed. */
export async function recordAsked(
  tx: Tx,
  municipality: Municipality,
  payment: PaymentId,
  { askedOn, answerBy, at, by }: Asked & { readonly at: string; readonly by: string },
): Promise<void> {
  await tx.run('insert into asked_returns values ($1, $2, $3, $4, $5, $6) on conflict do nothing', [
    municipality,
    payment,
    formatDay(askedOn),
    formatDay(answerBy),
    at,
    by,
  ])
}
