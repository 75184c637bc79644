/**
 * Lets go what was held or stopped: a person does, with a reason, or the line when a register takes an event back. An
 * order is calculated again by the next run; a third party's part of what was paid already is due again on its own.
 */
import type { Tx } from '../../base/db.ts'
import type { Day } from '../../base/date.ts'
import type { Municipality, OrderId, PartyId } from '../../base/id.ts'
import { Refusal } from '../../base/refusal.ts'
import { nextIntakeNo, releaseOrder, releaseRestored, versionsOf } from '../../modules/orders/index.ts'
import { restoredParties } from '../../modules/parties/index.ts'
import { lastReleasedDay, letPartsGo, type StoppedPart, stoppedPartsOf } from '../../modules/payments/index.ts'
import { addBankDays } from '../../modules/rates/index.ts'
import { nextWorkNo, planWork } from './plan-month.ts'

/** Bank days from the last payment that left the house to one that is let go. */
const DAYS_TO_PAY = 2

export interface LettingGo {
  readonly municipality: Municipality
  readonly order: OrderId
  readonly reason: string
  readonly at: string
  readonly by: string
}

/** Every open hold of an order that a person may release, and every stopped part; refused when there is neither. */
export async function letGo(tx: Tx, act: LettingGo): Promise<number> {
  if (act.reason.trim() === '') throw new Refusal('reason_missing', 'Say why the hold is released.')
  const holds = await releaseOrder(tx, act)
  const orders = await versionsOf(tx, act.municipality, act.order)
  const parts = await stoppedPartsOf(tx, act.municipality, { orders })
  if (holds + parts.length === 0) {
    throw new Refusal('nothing_held', 'The order has no open hold that a person may release.')
  }
  await payAgain(tx, parts, act)
  return holds + parts.length
}

/** What this intake takes back holds and stops nothing any more. */
export async function letRestoredGo(
  tx: Tx,
  of: { readonly municipality: Municipality; readonly intakeNo: number; readonly knownAt: string },
): Promise<void> {
  const { municipality, intakeNo, knownAt } = of
  const parties: PartyId[] = await restoredParties(tx, municipality, intakeNo)
  if (parties.length === 0) return
  await releaseRestored(tx, municipality, intakeNo, knownAt)
  const parts = await stoppedPartsOf(tx, municipality, { parties })
  await payAgain(tx, parts, { municipality, reason: 'The register has taken it back', at: knownAt, by: 'toek' })
}

async function payAgain(tx: Tx, parts: readonly StoppedPart[], act: Omit<LettingGo, 'order'>): Promise<void> {
  if (parts.length === 0) return
  const { municipality, reason, by } = act
  const workNo = await nextWorkNo(tx, municipality)
  await planWork(tx, municipality, 'facts', [{ workNo, cause: `let go ${workNo}`, knownAt: act.at }])
  await tx.run('insert into work_done values ($1, $2, $3)', [
    municipality,
    workNo,
    JSON.stringify({ parts: parts.length }),
  ])
  const last = await lastReleasedDay(tx, municipality)
  const dated = parts.map((part) => {
    return { ...part, dispositionDate: addBankDays(Math.max(part.dispositionDate, last) as Day, DAYS_TO_PAY) }
  })
  const afterIntake = (await nextIntakeNo(tx, municipality)) - 1
  await letPartsGo(tx, municipality, dated, { workNo, afterIntake, reason, by })
}
