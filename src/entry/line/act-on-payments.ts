/** A person's act on payments: in the municipality's turn, and the list of what needs a person follows at once. */
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

/** `0751R3N17`. */
export function paymentNamed(name: string): { municipality: Municipality; payment: number } {
  const found = paymentOfEndToEndId(name)
  if (found === undefined) throw new Refusal('unknown_payment', `${name} is no name of a payment; one is 0751R3N17.`)
  return found
}
