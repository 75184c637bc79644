/**
 * Gross to net for one person: what goes in, and what comes out. The function itself is in calculate.ts.
 * Order of the steps (KOMBIT's KY model): gross → own ATP → AM-bidrag → A-skat → set-offs and third parties → net;
 * beside it the employer's ATP and the obligatory pension, which are never taken from the citizen.
 */
import type { Day, Period } from '../../base/date.ts'
import type { ItemId, Municipality, OrderId, PartyId } from '../../base/id.ts'
import type { Millionths, Ore } from '../../base/money.ts'
import type { QuantityUnit } from '../orders/index.ts'
import type { CardKind, TaxCard } from '../parties/index.ts'
import type { TaxMethod } from '../rates/index.ts'

export interface BenefitToCalculate {
  readonly item: ItemId
  readonly line: number
  readonly benefit: number
  readonly period: Period
  readonly unit: QuantityUnit
  readonly thousandths: number
  readonly gross: Ore
  readonly repayable: boolean
  /** What stands of the same already, when this only raises it: contributions are reckoned of the whole. */
  readonly standing?: StandsAlready
}

export interface StandsAlready {
  readonly gross: Ore
  readonly ownAtp: Ore
  readonly employerAtp: Ore
  readonly pension: Ore
}

export interface DeductionToTake {
  readonly line: number
  readonly kind: 'set_off' | 'third_party'
  readonly amount: Ore
  /** set_off only: the claim. */
  readonly claimKey: string | undefined
  /** set_off only: the source says that it may also take from earmarked tax-free supplements. */
  readonly takesEarmarked?: boolean
}

export interface OrderToCalculate {
  readonly order: OrderId
  readonly person: PartyId
  /** The tax belongs to persons: a company is never taxed. */
  readonly personIsCompany: boolean
  readonly dispositionDate: Day
  readonly benefits: readonly BenefitToCalculate[]
  readonly deductions: readonly DeductionToTake[]
  /** What set-offs leave of the net that they may take from; nothing when left out. */
  readonly setOffMinimum?: Ore
}

/** What an earlier calculation of the same person and withholding SE used of allowance or frikort. */
export interface CardUse {
  readonly se: number
  readonly cardNo: number
  readonly payPeriod: Period
  readonly allowance: Ore
  readonly frikort: Ore
}

/** One month's ATP of one benefit, taken already; half-open days. */
export interface AtpTaken {
  readonly benefit: number
  readonly from: number
  readonly to: number
}

/** What remains of a claim of this person. */
export interface ClaimLeft {
  readonly claimKey: string
  readonly left: Ore
  /** The claim is somebody else's: nothing may be set off in it. */
  readonly ofOther?: boolean
}

export interface PersonToCalculate {
  readonly municipality: Municipality
  readonly person: PartyId
  /** Sorted by (disposition date, source system, order key): never by arrival. */
  readonly orders: readonly OrderToCalculate[]
  readonly cards: readonly TaxCard[]
  readonly used: readonly CardUse[]
  /** ATP that earlier calculations took by the month; none when left out. */
  readonly atp?: readonly AtpTaken[]
  readonly claims: readonly ClaimLeft[]
}

/** One item, calculated. gross = ownAtp + am + tax + setOff + thirdParty + net, always. @da beregning */
export interface Calculation {
  readonly item: ItemId
  readonly order: OrderId
  readonly benefit: number
  readonly gross: Ore
  readonly ownAtp: Ore
  readonly am: Ore
  readonly tax: Ore
  readonly setOff: Ore
  readonly thirdParty: Ore
  readonly net: Ore
  readonly employerAtp: Ore
  readonly pension: Ore
  /** The base that the tax was reckoned of, after allowance or frikort, before the method's own rounding. */
  readonly taxBase: Ore
  readonly allowanceUsed: Ore
  readonly frikortUsed: Ore
  readonly taxRate: Millionths
  readonly card: CardKind
  /** 0 when there is no card. */
  readonly cardNo: number
  readonly se: number
  readonly method: TaxMethod
}

/** How much of which deduction line was taken from which item. */
export interface Deduction {
  readonly item: ItemId
  readonly order: OrderId
  readonly line: number
  readonly kind: 'set_off' | 'third_party'
  readonly amount: Ore
  readonly claimKey: string | undefined
}

/**
 * claim_of_other: the claim is somebody else's. minimum_left: the municipality's minimum stays with the citizen.
 * taken_already: an earlier version took more than this one says; nothing is given back by itself.
 */
export type UntakenReason =
  | 'claim_unknown'
  | 'claim_of_other'
  | 'claim_exhausted'
  | 'net_too_small'
  | 'minimum_left'
  | 'taken_already'

/** A deduction, or a part of one, that could not be taken, and why. The rest of the order goes on. */
export interface Untaken {
  readonly order: OrderId
  readonly line: number
  readonly kind: 'set_off' | 'third_party'
  readonly amount: Ore
  readonly reason: UntakenReason
}

export interface PersonCalculated {
  readonly calculations: readonly Calculation[]
  readonly deductions: readonly Deduction[]
  readonly untaken: readonly Untaken[]
}

/** One line of an explanation, as screen, letter and report show it. */
export interface CalculationLine {
  readonly kind: 'gross' | 'own_atp' | 'am' | 'tax' | 'set_off' | 'third_party' | 'net' | 'employer_atp' | 'pension'
  readonly amount: Ore
  /** What the rate was applied to; undefined when the line is not a product. */
  readonly basis: Ore | undefined
  readonly rate: Millionths | undefined
  readonly rounding: string | undefined
  /** Corrections: what of the whole was paid or taken before. */
  readonly before?: Ore | undefined
  readonly source: string
  readonly assumed: boolean
}
