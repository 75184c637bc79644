/** A person says what a bank line is: one transaction, a work batch of its own. */
import { postingDays } from '../../modules/ledger/index.ts'
import { recordAudit } from '../../modules/access/index.ts'
import type { Municipality } from '../../base/id.ts'
import { type HandMatch, matchByHand } from '../../modules/payments/index.ts'
import type { Line } from './line.ts'
import { railAccounts } from './item-accounts.ts'
import { nextWorkNo } from './plan-month.ts'

export async function matchLine(
  line: Line,
  municipality: Municipality,
  match: HandMatch & { readonly at: string },
): Promise<'settled' | 'returned' | 'outside'> {
  return await line.connection.inTurn(municipality, async (tx) => {
    const workNo = await nextWorkNo(tx, municipality)
    await tx.run(
      `insert into work_batches (municipality_code, work_no, kind, cause, known_at) values ($1, $2, 'outcome', $3, $4)`,
      [municipality, workNo, `match ${workNo}`, match.at],
    )
    const act = { workNo, at: match.at, postedOn: await postingDays(tx, municipality) }
    const found = await matchByHand(tx, municipality, match, act, railAccounts(line.rates))
    await recordAudit(tx, {
      municipality,
      at: match.at,
      actor: match.by,
      command: 'bank_line.match',
      subject: match.bankRef,
      detail: { to: match.to, reason: match.reason },
    })
    return found
  })
}
