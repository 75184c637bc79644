/** A person's act on payments: in the municipality's turn, and the list of what needs a person follows at once. */
import { danishDay } from '../../base/danish-time.ts'
import { type Day, formatDay } from '../../base/date.ts'
import type { Tx } from '../../base/db.ts'
import type { Municipality } from '../../base/id.ts'
import { Refusal } from '../../base/refusal.ts'
import { findWork } from '../../modules/overview/index.ts'
import { paymentOfEndToEndId } from '../../modules/payments/index.ts'
import type { Line } from './line.ts'

export async function actOnPayments<T>(
  line: Line,
  municipality: Municipality,
  at: string,
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  return await line.connection.inTurn(municipality, async (tx) => {
    const done = await work(tx)
    await findWork(tx, [municipality], at)
    return done
  })
}

/** In operation nothing is paid on a day that has passed; the months of the demo lie behind the clock. */
export function notPassed(mode: 'demo' | 'operation', on: Day | undefined, now: string): void {
  if (mode === 'demo' || on === undefined || on >= danishDay(now)) return
  throw new Refusal('day_passed', `${formatDay(on)} has passed; name a day to come, or none.`)
}

/** `0751R3N17`. */
export function paymentNamed(name: string): { municipality: Municipality; payment: number } {
  const found = paymentOfEndToEndId(name)
  if (found === undefined) throw new Refusal('unknown_payment', `${name} is no name of a payment; one is 0751R3N17.`)
  return found
}
