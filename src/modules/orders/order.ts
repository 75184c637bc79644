import type { Day, Period } from '../../base/date.ts'
import type { Municipality } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import type { PartyRef } from '../parties/party.ts'

/** The systems that decide benefits and send orders. @da fagsystem */
export type SourceSystem = 'KY' | 'KSD' | 'KP'
export const SOURCE_SYSTEMS: readonly SourceSystem[] = ['KY', 'KSD', 'KP']
/** Stored as smallint. 0 is nobody's (national or technical). */
export const SOURCE_SYSTEM_ID: Record<SourceSystem, number> = { KY: 1, KSD: 2, KP: 3 }

export type Settle = 'at_once' | 'on_disposition_date' | 'with_next_ordinary'
export const SETTLES: readonly Settle[] = ['at_once', 'on_disposition_date', 'with_next_ordinary']

export type LineKind = 'benefit' | 'set_off' | 'third_party' | 'repayment'
/** Stored as smallint: the position in this list. */
export const LINE_KINDS: readonly LineKind[] = ['benefit', 'set_off', 'third_party', 'repayment']

/** Stored as smallint: the position in this list. Lowest first. */
export const SENSITIVITIES = [
  'IKKE_FORTROLIGE_DATA',
  'FORTROLIGE_PERSONOPLYSNINGER',
  'FOELSOMME_PERSONOPLYSNINGER',
  'VIP_SAGER',
] as const
export type Sensitivity = (typeof SENSITIVITIES)[number]

export type QuantityUnit = 'month' | 'week' | 'day' | 'hour'
export const QUANTITY_UNITS: readonly QuantityUnit[] = ['month', 'week', 'day', 'hour']

export interface Decision {
  readonly key: string
  readonly date: Day
}

/** With what the source system says of how it was made. */
export interface RepaymentDecision extends Decision {
  /** When the debtor was heard: at the latest when it was made (forvaltningsloven § 19). @da partshøring */
  readonly hearingDate: Day | undefined
  /** When the debtor was told: at the earliest when it was made (forvaltningsloven §§ 22-24). @da meddelelse */
  readonly noticeDate: Day | undefined
}

interface LineBase {
  readonly lineKey: string
  /** Always positive in a full-state order; signed in a movement (`delta`). */
  readonly amount: Ore
  /** The movement form: the amount is `delta_ore`, signed. */
  readonly delta: boolean
}

/** Gross. @da udbetaling */
export interface BenefitLine extends LineBase {
  readonly kind: 'benefit'
  readonly benefit: string
  readonly component: string
  readonly kle: string
  readonly sensitivity: Sensitivity
  readonly legalBasis: string
  /** With its own period, when the source tells it: the line lies within it. */
  readonly grant: { readonly uuid: string; readonly benefitId: string; readonly period?: Period } | undefined
  readonly period: Period
  /** In thousandths of the unit, so that 37.5 hours is whole. */
  readonly quantity: { readonly unit: QuantityUnit; readonly thousandths: number }
  readonly repayable: boolean
  readonly text: string
  /** Employer refunds: the employee whose right it is, and the payee's own reference. */
  readonly employee: string | undefined
  readonly reference: string | undefined
  /** `order_key/line_key` that the source vouches is another payment. */
  readonly notDuplicateOf: string | undefined
}

/** Net, against a named claim. @da modregning */
export interface SetOffLine extends LineBase {
  readonly kind: 'set_off'
  readonly claimKey: string
  /** It may take from earmarked tax-free supplements too. */
  readonly fromEarmarked: boolean
}

/** Net, to a named payee. @da tredjepart */
export interface ThirdPartyLine extends LineBase {
  readonly kind: 'third_party'
  readonly payee: PartyRef
  readonly reference: string
}

/** A decided claim, not cash received. @da tilbagebetaling */
export interface RepaymentLine extends LineBase {
  readonly kind: 'repayment'
  readonly benefit: string
  readonly component: string
  readonly period: Period
  readonly claimKey: string
  readonly cause: string
  readonly legalBasis: string | undefined
  readonly decision: RepaymentDecision
}

export type OrderLine = BenefitLine | SetOffLine | ThirdPartyLine | RepaymentLine

/** The full desired state of one decision, or a movement against it. @da effektueringsordre */
export interface Order {
  readonly sourceSystem: SourceSystem
  readonly orderKey: string
  readonly version: number
  readonly municipality: Municipality
  readonly caseKey: string
  readonly state: 'active' | 'withdrawn'
  readonly reason: string | undefined
  readonly decision: Decision
  readonly beneficiary: PartyRef
  readonly payee: PartyRef
  readonly dispositionDate: Day
  readonly settle: Settle
  readonly adjusts: { readonly orderKey: string; readonly version: number } | undefined
  /**
   * The key of another order of the same source system and municipality that this one takes the place of: paid to the
   * wrong person, or under the wrong case. It moves no money: each order says what is wanted. @da ordrehenvisning
   */
  readonly insteadOf: string | undefined
  /**
   * What the decision has paid too much is taken in so many coming payments of the same benefit; without it, it waits
   * for a decision. It speaks of what is overpaid when this version is calculated; a later version need not say it
   * again, and does not take it back by leaving it out. @da regulering i kommende udbetalinger
   */
  readonly overpaid: { readonly instalments: number } | undefined
  readonly lines: readonly OrderLine[]
}
