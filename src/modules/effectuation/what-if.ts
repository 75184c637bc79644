/**
 * What was calculated, reckoned again under another rate book: contributions, AM-bidrag and tax of each item, with the
 * card and the allowance that it was given. Pure.
 */
import type { Day } from '../../base/date.ts'
import type { Ore } from '../../base/money.ts'
import type { RateReader } from '../rates/index.ts'
import type { BenefitToCalculate, Calculation } from './calculation.ts'
import { contributionsOf, withWhatStands } from './contributions.ts'
import { amOf, taxOf } from './tax.ts'

/** An order as it was calculated: its lines, and what came of each. */
export interface CalculatedOrder {
  readonly personIsCompany: boolean
  readonly dispositionDate: Day
  readonly lines: readonly BenefitToCalculate[]
  readonly calculated: readonly StoredAmounts[]
}

export type StoredAmounts = Pick<
  Calculation,
  'ownAtp' | 'am' | 'tax' | 'employerAtp' | 'pension' | 'allowanceUsed' | 'frikortUsed' | 'taxRate' | 'card' | 'method'
>

export interface Reckoned {
  readonly ownAtp: number
  readonly am: number
  readonly tax: number
  readonly employerAtp: number
  readonly pension: number
}

/** Each line's amounts under `rates`. ATP of a month that another order took stays taken. */
export function reckonAgain(order: CalculatedOrder, rates: RateReader): Reckoned[] {
  const { lines, calculated, dispositionDate: day } = order
  const whole = withWhatStands(lines)
  const ownAtp: number[] = []
  return lines.map((line, i) => {
    const stored = calculated[i] as StoredAmounts
    if (order.personIsCompany) return { ownAtp: 0, am: 0, tax: 0, employerAtp: 0, pension: 0 }
    const rule = rates.benefitRule(line.benefit, line.period.from)
    const taken = rule.atp === 'monthly' && calculated.every((one) => one.ownAtp === 0)
    const made = contributionsOf(lines, whole, i, rule, rates, taken, ownAtp)
    const { ownAtp: own, employerAtp, pension } = made
    if (!rule.taxable) return { ownAtp: own, am: 0, tax: 0, employerAtp, pension }
    const afterAtp = (line.gross - own) as Ore
    const am = rule.amLiable ? amOf(afterAtp, rates.rate('am_bidrag', day).rate, stored.method) : 0
    const base = Math.max(0, afterAtp - am - stored.allowanceUsed - stored.frikortUsed) as Ore
    const noCard = stored.card === 'none' || (stored.card === 'frikort' && base > 0)
    const rate = noCard ? rates.rate('tax_without_card', day).rate : stored.taxRate
    return { ownAtp: own, am, tax: taxOf(base, rate, stored.method), employerAtp, pension }
  })
}
