/** Holds lines of runs that are not released, and lets them go: by hand, or on the day that the hold names. */
import type { Tx } from '../../base/db.ts'
import { type Day, formatDay, type Period } from '../../base/date.ts'
import type { Municipality, PaymentId } from '../../base/id.ts'
import { formatKroner } from '../../base/money.ts'
import { Refusal } from '../../base/refusal.ts'
import {
  beyondClaims,
  endToEndIdOf,
  heldUntil,
  type HoldingParts,
  holdParts,
  type PartOfItem,
  paymentProgress,
  type PaymentProgress,
  readParts,
  stoppedPartsOf,
  suspectedDoubles,
} from '../../modules/payments/index.ts'
import {
  bankDayOnOrAfter,
  GATE_CHECKS,
  type GateCheck,
  type GateEffect,
  type RateReader,
} from '../../modules/rates/index.ts'
import { actWork } from './act-work.ts'
import type { MonthClock } from './clock.ts'
import { dateText } from '../text/index.ts'
import { dueAgain, dueAgainOn, ownClosingDays } from './let-go.ts'

/**
 * Holds those of these parts that are in a run which is not released and are not stopped, as an act of its own; gives
 * how many. The caller holds the municipality's turn.
 */
export async function holdLines(
  tx: Tx,
  municipality: Municipality,
  parts: readonly PartOfItem[],
  act: Omit<HoldingParts, 'workNo'>,
): Promise<number> {
  if (parts.length === 0) return 0
  const workNo = await actWork(tx, municipality, 'hold', act.at, { parts: parts.length })
  return await holdParts(tx, municipality, parts, { ...act, workNo })
}

export interface HoldingPayment {
  readonly municipality: Municipality
  readonly payment: PaymentId
  readonly reason: string
  /** Who must see to it; default who holds it. */
  readonly owner?: string | undefined
  readonly until?: Day | undefined
  readonly at: string
  readonly by: string
}

/** Where it is when it has left: what can be done follows from that. */
export type Left = Exclude<PaymentProgress['kind'], 'unreleased' | 'stopped'>

/** A person holds a payment. Undefined when it is held, and else where it is: then it is too late. */
export async function holdPayment(tx: Tx, act: HoldingPayment): Promise<Left | undefined> {
  const { municipality, payment } = act
  if (act.reason.trim() === '') throw new Refusal('reason_missing', 'Say why the payment is held.')
  const state = await paymentProgress(tx, municipality, payment)
  const name = endToEndIdOf(municipality, payment)
  if (state === undefined) throw new Refusal('unknown_payment', `There is no payment ${name} here.`)
  if (state.kind === 'stopped') throw new Refusal('held_already', `${name} is held or stopped already.`)
  if (state.kind !== 'unreleased') return state.kind
  const { until } = act
  if (until !== undefined && until <= state.dispositionDate) {
    const day = formatDay(state.dispositionDate)
    throw new Refusal('until_too_early', `${name} is to be paid on ${day}: hold it until a later day.`)
  }
  const parts = await readParts(tx, municipality, new Set([payment]))
  await holdLines(tx, municipality, parts, { ...act, cause: 'held', owner: act.owner ?? act.by })
  return undefined
}

/** A person lets a payment go that is held, or that a fact has stopped alone; it is due again on its own. */
export async function letPaymentGo(
  tx: Tx,
  rates: RateReader,
  act: Pick<HoldingPayment, 'municipality' | 'payment' | 'reason' | 'at' | 'by'> & { readonly on?: Day | undefined },
): Promise<number> {
  const { municipality, payment } = act
  if (act.reason.trim() === '') throw new Refusal('reason_missing', 'Say why the payment is let go.')
  const parts = await stoppedPartsOf(tx, municipality, { payments: [payment] })
  if (parts.length === 0) {
    throw new Refusal('nothing_held', `Nothing of ${endToEndIdOf(municipality, payment)} is held here.`)
  }
  await dueAgain(tx, rates, parts, act)
  return parts.length
}

/** What was held until a day of this month or before is due again on that day, or on the first bank day after it. */
export async function letDatedGo(
  tx: Tx,
  rates: RateReader,
  municipality: Municipality,
  month: Period,
  clock: MonthClock,
): Promise<void> {
  const held = await heldUntil(tx, municipality, month.to)
  if (held.length === 0) return
  const closed = await ownClosingDays(tx, rates, municipality)
  for (const [until, own] of Map.groupBy(held, (one) => one.until)) {
    const dispositionDate = bankDayOnOrAfter(until, closed)
    const parts = await stoppedPartsOf(tx, municipality, { payments: own.map((one) => one.payment) })
    const at = own.map((one) => one.at).reduce((a, b) => (a > b ? a : b), clock.assembled(dispositionDate))
    const reason = `Tilbageholdt til ${dateText(until)}`
    await dueAgainOn(
      tx,
      parts.map((part) => ({ ...part, dispositionDate })),
      { municipality, reason, at, by: 'toek' },
    )
  }
}

/**
 * What is paid again, and may have been paid by the attempt that came back, is held: before it is released, whenever it
 * is seen. What is released already is a work item.
 */
export async function holdDoubles(tx: Tx, municipality: Municipality, at: string): Promise<void> {
  const parts = await suspectedDoubles(tx, municipality)
  if (parts.length === 0) return
  const reason = 'Det tidligere forsøg kom retur, og banken eller et senere svar siger, at det blev betalt'
  await holdLines(tx, municipality, parts, { cause: 'double', reason, owner: 'kommune', by: 'toek', at })
}

/** A payment to the holder of a claim goes whole: one that is more than is left of the claim waits for a person. */
export async function holdBeyondClaims(tx: Tx, municipality: Municipality, at: string): Promise<void> {
  for (const { arrangementNo, left, parts } of await beyondClaims(tx, municipality)) {
    const reason = `Modtageraftale ${arrangementNo}: ${formatKroner(left)} kr. er tilbage af kravet`
    await holdLines(tx, municipality, parts, { cause: 'held', reason, owner: 'kommune', by: 'toek', at })
  }
}

/**
 * Holds payments of which the gate found what the municipality lets stop them; the rest of the run goes. Those of one
 * check are one act. The municipality's turn is held.
 */
export async function holdBlocked(
  tx: Tx,
  municipality: Municipality,
  findings: readonly { readonly check: GateCheck; readonly effect: GateEffect; readonly payment: PaymentId }[],
  at: string,
): Promise<void> {
  const held = new Set<PaymentId>()
  const blocked = findings.filter((one) => one.effect === 'block_line')
  for (const [check, own] of Map.groupBy(blocked, (one) => one.check)) {
    const payments = new Set(own.flatMap((one) => (held.has(one.payment) ? [] : [one.payment])))
    const parts = await readParts(tx, municipality, payments)
    const reason = `Kontrolfund: ${GATE_CHECKS[check].nameDa}`
    await holdLines(tx, municipality, parts, {
      cause: 'gate',
      reason,
      owner: 'kommune',
      by: 'toek',
      at,
    })
    for (const payment of payments) held.add(payment)
  }
}
