/**
 * Lets go what was held or stopped: a person does, with a reason, or the line when a register takes an event back. An
 * order is calculated again by the next run; a part that was stopped alone is due again on its own.
 */
import { danishDay } from '../../base/danish-time.ts'
import type { Tx } from '../../base/db.ts'
import type { Day } from '../../base/date.ts'
import type { Municipality, OrderId, PartyId } from '../../base/id.ts'
import { Refusal } from '../../base/refusal.ts'
import { nextIntakeNo, releaseOrder, releaseRestored, versionsOf } from '../../modules/orders/index.ts'
import { restoredParties, stoppingEvents } from '../../modules/parties/index.ts'
import { lastReleasedDay, letPartsGo, type StoppedPart, stoppedPartsOf } from '../../modules/payments/index.ts'
import {
  addBankDays,
  bankDayOnOrAfter,
  closedDays,
  type ExtraClosingDays,
  newestRates,
  type RateReader,
  readLocalRules,
} from '../../modules/rates/index.ts'
import { actWork } from './act-work.ts'

/** Bank days from the last payment that left the house, and from the act, to what is due again. */
const DAYS_TO_PAY = 2

export interface LettingGo {
  readonly municipality: Municipality
  readonly order: OrderId
  readonly reason: string
  readonly at: string
  readonly by: string
}

/** Every open hold of an order that a person may release, and every stopped part; refused when there is neither. */
export async function letGo(tx: Tx, rates: RateReader, act: LettingGo): Promise<number> {
  if (act.reason.trim() === '') throw new Refusal('reason_missing', 'Say why the hold is released.')
  const holds = await releaseOrder(tx, act)
  const orders = await versionsOf(tx, act.municipality, act.order)
  const parts = await stoppedPartsOf(tx, act.municipality, { orders })
  if (holds + parts.length === 0) {
    throw new Refusal('nothing_held', 'The order has no open hold that a person may release.')
  }
  await dueAgain(tx, rates, parts, act)
  return holds + parts.length
}

/** What this intake takes back holds and stops nothing any more. */
export async function letRestoredGo(
  tx: Tx,
  rates: RateReader,
  of: { readonly municipality: Municipality; readonly intakeNo: number; readonly knownAt: string },
): Promise<void> {
  const { municipality, intakeNo, knownAt } = of
  const parties: PartyId[] = await restoredParties(tx, municipality, intakeNo)
  if (parties.length === 0) return
  await releaseRestored(tx, municipality, intakeNo, knownAt)
  const parts = await stoppedPartsOf(tx, municipality, { parties })
  // Who is to have it by now may be somebody else, who may be paid nothing: it stays stopped until a person lets it go.
  const events = parts.length === 0 ? [] : await stoppingEvents(tx, municipality)
  const stopped = new Set(events.map((one) => one.party))
  const open = parts.filter((part) => !stopped.has(part.payee))
  await dueAgain(tx, rates, open, {
    municipality,
    reason: 'Registret har taget oplysningen tilbage',
    at: knownAt,
    by: 'toek',
  })
}

type Act = Omit<LettingGo, 'order'> & {
  /** Not before this day; it is said when the months that are run lie behind the clock. */
  readonly on?: Day | undefined
}

/** Parts that were stopped are due again, each on the first day that can be. */
export async function dueAgain(tx: Tx, rates: RateReader, parts: readonly StoppedPart[], act: Act): Promise<void> {
  if (parts.length === 0) return
  const last = await lastReleasedDay(tx, act.municipality)
  const closed = await ownClosingDays(tx, rates, act.municipality)
  const dated = parts.map((part) => {
    return { ...part, dispositionDate: firstPayDay(Math.max(part.dispositionDate, last) as Day, act, closed) }
  })
  await dueAgainOn(tx, dated, act)
}

/** Two bank days after what was before it and after the act itself; a person may name a later day, or their own. */
export function firstPayDay(after: Day, { at, on }: Pick<Act, 'at' | 'on'>, closed?: ExtraClosingDays): Day {
  const earliest = addBankDays(after, DAYS_TO_PAY, closed)
  const today = danishDay(at)
  const wanted = on === undefined ? addBankDays(today, DAYS_TO_PAY, closed) : bankDayOnOrAfter(on, closed)
  return wanted > earliest ? wanted : earliest
}

/** Days on which the municipality has said that it pays nothing out, and those that a law change has closed. */
export async function ownClosingDays(
  tx: Tx,
  rates: RateReader,
  municipality: Municipality,
): Promise<ExtraClosingDays | undefined> {
  return closedDays(await newestRates(tx, rates), await readLocalRules(tx, municipality), municipality)
}

/** Parts that were stopped or came back are due again on these days. Gives the number of the work. */
export async function dueAgainOn(tx: Tx, parts: readonly StoppedPart[], act: Act): Promise<number> {
  const { municipality, reason, by, at } = act
  const workNo = await actWork(tx, municipality, 'let go', at, { parts: parts.length })
  const afterIntake = (await nextIntakeNo(tx, municipality)) - 1
  await letPartsGo(tx, municipality, parts, { workNo, afterIntake, reason, by })
  return workNo
}
