/**
 * The specification of a payment or of an order: one shape for KY, KSD and KP, for screen, letter, JSON and command
 * line. Amounts are whole øre and dates are Day; there are no sentences here, they are made of these values in the
 * entry room.
 */
import type { Day, Period } from '../../base/date.ts'
import type { Municipality, OrderId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import type { CalculationLine, Untaken } from '../effectuation/index.ts'
import type { HoldFacts, OrderReference, RepaymentDecision, SourceSystem } from '../orders/index.ts'
import type { Arrangement, CardKind, PartyRef } from '../parties/index.ts'
import type { Asked, FactCause, RecallState, StopCause } from '../payments/index.ts'
import type { UnclaimedTreatment } from '../rates/index.ts'

/** How far a payment is. `returned` is after `paid` or instead of it. @da betalingsstatus */
export type PaymentState =
  | 'planned'
  | 'approved'
  | 'stopped'
  | 'sent'
  | 'accepted'
  | 'presumed'
  | 'paid'
  /** By somebody else than us. */
  | 'paid_outside'
  | 'returned'

export interface PaymentReturn {
  /** 2 formal error, 7 no account, 9 returned by the bank. */
  readonly answer: 2 | 7 | 9
  /** The rail's or the bank's own code. */
  readonly reason: string
}

/** One payment as the rail knows it. @da udbetaling */
export interface SpecifiedPayment {
  readonly endToEndId: string
  readonly runNo: number
  readonly payee: PartyRef
  readonly amount: Ore
  readonly dispositionDate: Day
  readonly state: PaymentState
  /** Released: what it is made of, to whom and how much, changes no more. @da forventet og endelig specifikation */
  readonly isFinal: boolean
  readonly returned: PaymentReturn | undefined
  /** Its payee was asked for an account. */
  readonly asked: Asked | undefined
  /** It came back, nobody claimed it, and it was closed by the municipality's rule. */
  readonly closed: UnclaimedTreatment | undefined
  /** The money stands on the state's waiting account: final for the payer. @da statens ventekonto */
  readonly waitingAccount: boolean
  /** It was asked back after it had left, and what was said to it. */
  readonly recall: RecallState | undefined
  /** The day on which the bank booked it. */
  readonly settledOn: Day | undefined
  /** It is paid in a run of its own, as a person asks with this reason, or ('') as its source wants it at once. */
  readonly acute: string | undefined
}

/** Why something of an order is not paid yet. */
export type Waiting =
  | { readonly kind: 'held'; readonly holds: readonly SpecifiedHold[] }
  | { readonly kind: 'withdrawn'; readonly reason: string }
  | { readonly kind: 'not_calculated' }
  | { readonly kind: 'in_no_run' }
  /** Before it was sent, because of a fact about a party or a new tax card. @da standset udbetaling */
  | { readonly kind: 'stopped'; readonly cause: StopCause }
  /** By somebody else than us, known by this reference. @da betalt udenom */
  | { readonly kind: 'paid_outside'; readonly reference: string }
  | { readonly kind: 'nothing_to_pay' }
  /** What earlier versions were paid covers it. */
  | { readonly kind: 'covered' }
  /** By the old system, before the takeover; `back`: it came back, and is paid again or closed here. */
  | { readonly kind: 'paid_before'; readonly back: boolean }

export interface SpecifiedHold extends HoldFacts {
  readonly at: string
}

/** One of the three axes beside payment; they move independently of each other. */
export interface Axis {
  /**
   * with_earlier: the version pays nothing of it; what covers it was told with the versions that paid. by_old_solution:
   * told before the takeover, and never from here.
   */
  readonly state: 'not_applicable' | 'not_yet' | 'with_earlier' | 'by_old_solution' | 'recorded' | 'sent'
  readonly file: string | undefined
}

/** @da fire akser: udbetalt, indberettet, bogført, refunderet */
export interface Axes {
  /** A part of the item per payment; empty when nothing of it is in a payment. */
  readonly paid: readonly SpecifiedPart[]
  readonly reported: Axis
  /** Posted in the ledger with the calculation; the file is the one to the municipality's ERP. */
  readonly posted: Axis
  readonly reimbursed: Axis
}

/** What one payment carries of an item. */
export interface SpecifiedPart {
  /** 0 the payee's net; otherwise the line number of a third party. Plus 64 for each attempt before. */
  readonly part: number
  readonly amount: Ore
  readonly endToEndId: string | undefined
  readonly state: PaymentState | undefined
}

export interface SpecifiedSetOff {
  readonly claimKey: string
  readonly amount: Ore
  /** What is left of the claim now; undefined when no such claim is known. */
  readonly claimLeft: Ore | undefined
}

export interface SpecifiedThirdParty {
  readonly payee: PartyRef
  readonly reference: string
  readonly amount: Ore
}

export interface SpecifiedUntaken extends Pick<Untaken, 'kind' | 'amount' | 'reason'> {
  readonly orderKey: string
  readonly claimKey: string | undefined
}

export interface SpecifiedRepayment {
  readonly orderKey: string
  readonly claimKey: string
  readonly benefit: string
  readonly period: Period
  readonly amount: Ore
  readonly cause: string
  /** The provision that it is claimed by, where the source system says it. */
  readonly legalBasis: string | undefined
  readonly decision: RepaymentDecision
}

export interface Amounts {
  readonly gross: Ore
  readonly ownAtp: Ore
  readonly am: Ore
  readonly tax: Ore
  readonly setOff: Ore
  readonly thirdParty: Ore
  readonly net: Ore
  readonly employerAtp: Ore
  readonly pension: Ore
}

export interface SpecifiedCalculation extends Amounts {
  /** Gross to net, then what is paid beside it. */
  readonly lines: readonly CalculationLine[]
  readonly card: CardKind
  readonly allowanceUsed: Ore
  readonly frikortUsed: Ore
}

/** One benefit line of an order. @da ydelsespost */
export interface SpecifiedItem {
  readonly orderKey: string
  readonly sourceSystem: SourceSystem
  readonly version: number
  readonly caseKey: string
  readonly lineKey: string
  readonly benefit: string
  readonly benefitName: string
  readonly component: string
  readonly text: string
  readonly legalBasis: string
  readonly period: Period
  readonly dispositionDate: Day
  /** The day that the order says: another one when that could not be paid on. */
  readonly orderedFor: Day
  /** What the source system ordered. */
  readonly gross: Ore
  /** The citizen whose right it is, when somebody else is paid: an employee, or a person whose bill is paid. */
  readonly concerns: PartyRef | undefined
  /** The payee's own reference. */
  readonly reference: string | undefined
  readonly calculation: SpecifiedCalculation | undefined
  readonly setOffs: readonly SpecifiedSetOff[]
  readonly thirdParties: readonly SpecifiedThirdParty[]
  readonly axes: Axes
  /** What of the item is in the payment asked for, or in any payment when an order was asked for. */
  readonly paidHere: Ore
  readonly waiting: Waiting | undefined
}

export type SpecificationSubject =
  | { readonly kind: 'payment'; readonly endToEndId: string }
  | {
      readonly kind: 'order'
      readonly orderId: OrderId
      readonly sourceSystem: SourceSystem
      readonly orderKey: string
      readonly version: number
      /** Every version of the order, oldest first. */
      readonly versions: readonly number[]
    }

/** What a later version changed of what was paid, or a decision of what was overpaid. @da regulering */
export interface SpecifiedCorrection {
  readonly kind:
    | 'withdrawn'
    /** Before it was sent: the same version is calculated again. */
    | 'stopped'
    | 'moved'
    /** The same, with or without a duty to repay, or of other hours. */
    | 'terms_changed'
    /** The same, booked or told otherwise by a law change. */
    | 'recoded'
    /** Own ATP that is owed no more. */
    | 'atp_given_back'
    | 'overpaid'
    | 'stands_again'
    | 'claimed'
    | 'claimed_before_tax'
    | 'claimed_as_error'
    /** The year ended before the claim was paid. */
    | 'before_tax'
    | 'not_claimed'
    | 'kept'
    /** What was kept is wanted again: it was paid already. */
    | 'kept_counts'
    | 'to_be_adjusted'
    /** Too little to claim: let go by the municipality's limit. */
    | 'suppressed'
    | 'adjusted'
    /** The payment that it was taken in was stopped before it was sent. */
    | 'not_adjusted'
  /** The version that says so. */
  readonly version: number
  /** Recoded: the source of the rule. */
  readonly law: string | undefined
  readonly ofVersion: number
  readonly lineKey: string
  readonly benefitName: string
  /** The state reimburses some of the benefit. */
  readonly reimbursed: boolean
  readonly period: Period
  readonly gross: Ore
  /** Of a claim: what is claimed, or no longer claimed, without what was withheld. */
  readonly claimed: Ore
  /** `orderKey`: of another order, in whose payment it was taken. */
  readonly to: { readonly benefitName: string; readonly period: Period; readonly orderKey: string } | undefined
  /** What the change of terms changes of the payer's own contributions; `repayable` when the duty to repay changes. */
  readonly terms: {
    readonly repayable: boolean | undefined
    readonly employerAtp: number
    readonly pension: number
  }
  /** Of what is to be adjusted: in how many payments. */
  readonly instalments: number | undefined
  readonly claimKey: string | undefined
  /** Of what was stopped: why, what would have been paid, and what is; nothing yet while the order is held. */
  readonly stopped: { readonly cause: FactCause; readonly before: Ore; readonly now: Ore | undefined } | undefined
}

/** What a difference is made up of, in øre before tax; what goes down is positive too. */
export interface ChangeParts {
  /** Paid by the version. */
  readonly paid: number
  /** Was overpaid or claimed, and counts again. */
  readonly standsAgain: number
  readonly movedHere: number
  /** Taken of what was overpaid before. */
  readonly taken: number
  readonly movedAway: number
  readonly overpaid: number
  /** Own ATP that is owed no more, paid anew. */
  readonly atpGivenBack: number
  /** Calculated before and never with the citizen: no part of what was paid, nor of the difference. */
  readonly notReached: number
}

/** One right and time of a version: what was paid of it before, what it should have been, and the difference. */
export interface SpecifiedChange {
  readonly version: number
  readonly sourceSystem: SourceSystem
  /** The version ends the decision; `reason` is the source's own. */
  readonly ended: boolean
  readonly reason: string | undefined
  readonly decision: { readonly key: string; readonly date: Day }
  readonly benefitName: string
  readonly component: string
  readonly period: Period
  /** Whose right it is, when not the beneficiary's. */
  readonly concerns: PartyRef | undefined
  /** Before tax. */
  readonly before: Ore
  readonly after: Ore
  /** after − before = paid + standsAgain + movedHere + taken − movedAway − overpaid − atpGivenBack. */
  readonly parts: ChangeParts
}

/** Of an order whose payee is another than an earlier version's: what that one was paid stays. */
export interface SpecifiedPayeeNote {
  readonly ofVersion: number
  /** Who was paid by that version, and how much. */
  readonly payee: PartyRef
  readonly amount: Ore
  /** The version that names another, and whom. */
  readonly version: number
  readonly now: PartyRef
}

/**
 * Employer refunds: one line for each employee and period, and one for each that is set off of a refund: then negative,
 * with its claim. @da arbejdsgiverrefusion
 */
export interface SpecifiedRefund {
  readonly employee: PartyRef
  readonly period: Period
  readonly references: readonly string[]
  readonly amount: Ore
  readonly claimKey: string | undefined
}

/** @da specifikation */
export interface Specification {
  readonly municipality: Municipality
  readonly municipalityName: string
  readonly subject: SpecificationSubject
  readonly payee: PartyRef
  readonly payments: readonly SpecifiedPayment[]
  readonly items: readonly SpecifiedItem[]
  /** Of the first item; of an order that asks for no benefit, such as a repayment alone, of the order itself. */
  readonly waiting: Waiting | undefined
  readonly untaken: readonly SpecifiedUntaken[]
  readonly repayments: readonly SpecifiedRepayment[]
  /** By orders whose earlier versions were paid. */
  readonly changes: readonly SpecifiedChange[]
  readonly corrections: readonly SpecifiedCorrection[]
  readonly payeeNotes: readonly SpecifiedPayeeNote[]
  /** Of the orders: which takes the place of which. */
  readonly references: readonly OrderReference[]
  /** Payee arrangements that payments were made by, or that say whom what is due is paid to. */
  readonly arrangements: readonly Arrangement[]
  /** Empty unless every item is an employer's refund; together they are `totals.paidHere`. */
  readonly refunds: readonly SpecifiedRefund[]
  readonly totals: Amounts & { readonly paidHere: Ore }
}
