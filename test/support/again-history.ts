/** Random histories: a person pays again what came back, as far as it may be. */
import assert from 'node:assert/strict'
import { Refusal } from '../../src/base/refusal.ts'
import type { Municipality, PaymentId } from '../../src/base/id.ts'
import { payAgain } from '../../src/entry/line/pay-again.ts'
import type { TestLine } from './line.ts'
import type { Played } from './played-history.ts'

/** Why something that came back is not paid again, and rightly. */
const RIGHTLY_NOT = ['nothing_left', 'not_booked_yet', 'corrected_since', 'payee_stopped']

/**
 * Everything that is back, in some months of the municipalities that do so; gives what of it was seen. Not a citizen's
 * own part beside third parties who have theirs: a version that waits for it is calculated within the same month, which
 * the model does not follow (a scenario does).
 */
export async function payAgainSome(
  line: TestLine,
  play: Played,
  codes: readonly Municipality[],
  month: string,
): Promise<string[]> {
  if (!play.ways.again || play.again(3) === 0) return []
  const seen: string[] = []
  for (const code of codes) {
    const back = await line.loader.db.rows<{ payment: PaymentId }>(
      `select b.payment_id as payment from payment_returns b where b.municipality_code = $1 and not exists (
         select from payment_parts x join calculations c on c.municipality_code = $1 and c.order_id = x.item_id >> 6
           and c.line_no = (x.item_id & 63)::smallint and c.third_party_ore > 0
         where x.municipality_code = $1 and x.payment_id = b.payment_id and x.part % 64 = 0) order by 1`,
      [code],
    )
    const settled = play.nothingLeft.get(code) ?? new Set<PaymentId>()
    play.nothingLeft.set(code, settled)
    for (const { payment } of back) {
      if (settled.has(payment)) continue
      const act = { municipality: code, reason: 'ny konto', by: 'anna', at: `${month}-01T07:30:00Z` }
      try {
        await line.loader.inTurn(code, (tx) => payAgain(tx, line.rates, payment, act))
        if (code === codes[0]) seen.push('paid again')
        settled.add(payment)
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        assert.ok(RIGHTLY_NOT.includes(error.code), error.message)
        if (error.code === 'nothing_left') settled.add(payment)
        if (code === codes[0]) seen.push(`not paid again, ${error.code}`)
      }
    }
  }
  if (seen.includes('paid again')) play.told.push(`${month}: paid again`)
  return seen
}
