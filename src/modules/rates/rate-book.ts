/**
 * The rate book: everything dated that the rules need, read once from the reference tables and handed to pure
 * functions. Plain data, so that it can be posted to a worker thread. Each row has its source; a row without a public
 * source is `assumed` and is shown as such wherever its effect is shown.
 */
import type { Day, Period } from '../../base/date.ts'
import type { Municipality } from '../../base/id.ts'
import type { Millionths, Ore } from '../../base/money.ts'
import type { SourceSystem } from '../orders/order.ts'
import type { BookChange } from './book-change.ts'

/** Where a value is from. `assumed` is true when no public source was found. */
export interface Sourced {
  readonly source: string
  readonly assumed: boolean
}

/** How ATP is taken of a benefit. @da ATP-regel */
export type AtpRule = 'none' | 'monthly' | 'hourly' | 'flekstilskud'
/** How obligatory pension is reckoned beside a benefit. @da obligatorisk pension */
export type PensionRule = 'none' | 'month_nearest_krone' | 'week_nearest_krone'

/** What a benefit is, from a date. @da ydelse */
export interface BenefitRule extends Sourced {
  readonly benefit: number
  readonly key: string
  readonly sourceSystem: SourceSystem
  readonly nameDa: string
  readonly valid: Period
  readonly taxable: boolean
  readonly amLiable: boolean
  readonly atp: AtpRule
  readonly pension: PensionRule
  /** eIndkomst: indkomsttype and indtægtsart; null when it is not reported. */
  readonly incomeType: string | null
  readonly incomeKind: string | null
  /** Whether the state reimburses through Ydelsesrefusion (refusionstrappen). */
  readonly reimbursed: boolean
  /** Tax-free supplement for a purpose: never touched by a set-off. @da øremærket tillæg */
  readonly earmarked: boolean
  /** Cost account (hovedkonto … gruppering), key into the chart of accounts. */
  readonly costAccount: string
  /** Cost accounts of its contributions, where a law change names them; else as the posting rules say. */
  readonly atpCostAccount?: string
  readonly pensionCostAccount?: string
  /** Payable accounts for ATP and pension of this benefit, keys into the chart of accounts. */
  readonly atpAccount: string
  readonly pensionAccount: string
  readonly kle: string
  /** Key of the kind of office that pays it; with the municipality it names the paying unit. */
  readonly unitKind: string
  /** NemKonto's ydelsesart. */
  readonly nemKontoKind: string
  /** Ordered by TØK alone: at the door it is not known. */
  readonly ours?: boolean
}

/** Two benefits that a person cannot have for the same time. @da ydelser der udelukker hinanden */
export interface BenefitExclusion extends Sourced {
  readonly a: number
  readonly b: number
  readonly valid: Period
}

/** ATP contribution rates. Amounts per month, or per hour for `hourly`. */
export interface AtpRate extends Sourced {
  readonly rule: AtpRule
  readonly valid: Period
  readonly own: Ore
  readonly employer: Ore
  /** No ATP when the benefit for the month is lower than this. */
  readonly minimumBenefit: Ore
  /** `flekstilskud`: the recipient's share of the benefit, and its cap per month. */
  readonly ownRate: Millionths
  readonly ownCap: Ore
}

export type NamedRate = 'am_bidrag' | 'obligatory_pension' | 'tax_without_card'
export interface DatedRate extends Sourced {
  readonly name: NamedRate
  readonly valid: Period
  readonly rate: Millionths
}

/** The four lawful ways to round A-skat; a municipality keeps to one. */
export type TaxMethod = 'exact_ore' | 'nearest_krone' | 'drop_ore' | 'base_tens_tax_up'
export const TAX_METHODS: readonly TaxMethod[] = ['exact_ore', 'nearest_krone', 'drop_ore', 'base_tens_tax_up']

/** The office that pays, and what the rail must know of it. @da udbetalende enhed */
export interface PayingUnit extends Sourced {
  readonly unit: number
  readonly municipality: Municipality
  readonly kind: string
  readonly valid: Period
  readonly name: string
  /** 8 digits as text. */
  readonly cvr: string
  /** Withholding and reporting SE number, 8 digits as a number. */
  readonly se: number
  readonly losKey: string
  readonly piAgreement: string
  /** reg.nr (4) + account (10). */
  readonly debitAccount: string
}

export interface MunicipalityRow {
  readonly code: Municipality
  readonly name: string
  readonly population: number
  readonly cvr: string
  readonly taxMethod: TaxMethod
  /** Whether the bank books a whole bundle as one entry (true) or each payment (false). */
  readonly batchBooking: boolean
}

/** How a municipality rounds tax, from a date, when that has been changed. @da afrundingsmetode */
export interface DatedTaxMethod extends Sourced {
  readonly municipality: Municipality
  readonly valid: Period
  readonly method: TaxMethod
}

/** A day on which a municipality pays nothing out, beside those of the banks; without one: every municipality. */
export interface LocalClosingDay extends Sourced {
  readonly municipality: Municipality | undefined
  readonly day: Day
}

export interface Account extends Sourced {
  readonly id: number
  readonly key: string
  /** As shown to people and sent to the ERP, for example `5.57.73.1.007`. */
  readonly number: string
  readonly nameDa: string
  /** Clearing accounts must be explained by open items, all the time. @da mellemregningskonto */
  readonly clearing: boolean
  /** For clearing accounts: what it clears. */
  readonly purpose: string | null
  readonly sourceSystem: SourceSystem | null
}

export interface RateBook {
  readonly municipalities: readonly MunicipalityRow[]
  readonly benefits: readonly BenefitRule[]
  readonly exclusions: readonly BenefitExclusion[]
  readonly atp: readonly AtpRate[]
  readonly rates: readonly DatedRate[]
  readonly units: readonly PayingUnit[]
  readonly accounts: readonly Account[]
  /** Bank closing days that do not follow from the calendar rule, by year; see calendar.ts. */
  readonly closingDays: readonly Day[]
  /** Before `municipalities`. */
  readonly taxMethods: readonly DatedTaxMethod[]
  readonly localClosingDays: readonly LocalClosingDay[]
  /** Of a book with approved law changes: what it was without them, and they. */
  readonly approved?: { readonly base: RateBook; readonly laws: readonly ApprovedLaw[] }
}

/** A law change that two persons have entered and approved. @da lovændring */
export interface ApprovedLaw {
  /** In the order of approval, from 1: a book with n changes holds the first n. */
  readonly approvalNo: number
  readonly changeNo: number
  readonly name: string
  readonly legalSource: string
  readonly changes: readonly BookChange[]
}
