/**
 * Of which benefits what was overpaid may be taken in coming payments of the same benefit, and how much of each payment
 * is left. Dated data. No provision was found that lets a municipality do so of its own accord: each row is `assumed`,
 * and a municipality decides it case by case (`toek decide`) or by the order.
 */
import type { Day, Period } from '../../base/date.ts'
import { valid } from './data/forever.ts'
import type { BenefitRule, Sourced } from './rate-book.ts'

/** @da regulering i kommende udbetaling */
export interface AdjustmentRule extends Sourced {
  /** Keys of benefits. */
  readonly benefits: readonly string[]
  readonly valid: Period
  /** The part of each payment's gross that is paid whatever is to be adjusted; millionths. */
  readonly leaves: number
}

/** Instalments of one adjustment: five years of monthly payments. */
export const MOST_INSTALMENTS = 60

const ADJUSTMENT_RULES: readonly AdjustmentRule[] = [
  {
    benefits: ['kontanthjaelp', 'uddannelseshjaelp', 'revalideringsydelse', 'ledighedsydelse'],
    valid: valid('2000-01-01'),
    leaves: 800_000,
    source:
      'Lov om aktiv socialpolitik §§ 91–95 name repayment by decision; taking it in later help, and leaving four fifths, is assumed',
    assumed: true,
  },
  {
    benefits: ['ressourceforloebsydelse', 'jobafklaring_ydelse', 'flekstilskud'],
    valid: valid('2000-01-01'),
    leaves: 800_000,
    source: 'As the row above, for benefits of lov om aktiv socialpolitik ch. 6 a and 6 b and LAB § 123; assumed',
    assumed: true,
  },
  {
    benefits: ['sygedagpenge', 'tabt_arbejdsfortjeneste'],
    valid: valid('2000-01-01'),
    leaves: 800_000,
    source: 'Sygedagpengeloven § 71 and barnets lov name repayment by decision; taking it in later payments is assumed',
    assumed: true,
  },
]

/** Undefined where it is not allowed: earmarked help, employers' refunds, and what no row names. */
export function adjustmentRule(benefit: Pick<BenefitRule, 'key'>, day: Day): AdjustmentRule | undefined {
  return ADJUSTMENT_RULES.find(
    (row) => row.benefits.includes(benefit.key) && row.valid.from <= day && day < row.valid.to,
  )
}

/** Whether a rule allows it on a day, by the benefit's key alone: what the door can ask. */
export function mayBeAdjusted(key: string, day: Day): boolean {
  return adjustmentRule({ key }, day) !== undefined
}
