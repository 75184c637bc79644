/**
 * What is withheld of an item, and contributed beside it, when less of its gross stands than was paid: by the card, the
 * allowance and the rounding that it was calculated with, for its own income period. Pure.
 */
import type { Day, Period } from '../../base/date.ts'
import type { Millionths, Ore } from '../../base/money.ts'
import type { RateReader, TaxMethod } from '../rates/index.ts'
import type { BenefitToCalculate } from './calculation.ts'
import { pensionOfLine } from './contributions.ts'
import { amOf, taxOf } from './tax.ts'

/** Of an item, or the change of it: then signed. */
export interface Withheld {
  readonly ownAtp: number
  readonly am: number
  readonly tax: number
  readonly employerAtp: number
  readonly pension: number
  /** Used of the card's allowance and of a frikort. */
  readonly allowance: number
  readonly frikort: number
}

export const NOTHING_WITHHELD: Withheld = {
  ownAtp: 0,
  am: 0,
  tax: 0,
  employerAtp: 0,
  pension: 0,
  allowance: 0,
  frikort: 0,
}

/** A calculation as it was made. */
export interface Reducible {
  readonly benefit: number
  readonly period: Period
  readonly unit: BenefitToCalculate['unit']
  readonly thousandths: number
  readonly dispositionDate: Day
  readonly gross: Ore
  readonly calculated: Withheld
  readonly taxRate: Millionths
  readonly method: TaxMethod
  /** The batch of work that calculated it. */
  readonly workNo?: number | undefined
}

/**
 * Never more than was calculated, and nothing of nothing. ATP is taken of the benefit as such: it stays while anything
 * stands (assumed: which smaller benefit frees of ATP afterwards is not public). By the book that it was calculated
 * with: a law that changes backwards in time changes what is calculated after it.
 */
export function withheldAt(item: Reducible, gross: number, newest: RateReader): Withheld {
  const { calculated } = item
  const rates = newest.ofWork(item.workNo)
  if (gross === item.gross) return calculated
  if (gross === 0) return NOTHING_WITHHELD
  const rule = rates.benefitRule(item.benefit, item.period.from)
  const ownAtp = Math.min(calculated.ownAtp, gross)
  const afterAtp = (gross - ownAtp) as Ore
  const amRate = calculated.am > 0 ? rates.rate('am_bidrag', item.dispositionDate).rate : 0
  const am = Math.min(calculated.am, amOf(afterAtp, amRate, item.method))
  const base = afterAtp - am
  const allowance = Math.min(calculated.allowance, base)
  const frikort = Math.min(calculated.frikort, base - allowance)
  const tax = Math.min(calculated.tax, taxOf((base - allowance - frikort) as Ore, item.taxRate, item.method))
  const line = { ...item, item: 0, line: 1, gross: gross as Ore, repayable: false }
  const pension =
    calculated.pension === 0 ? 0 : Math.min(calculated.pension, pensionOfLine([line], 0, [ownAtp], rule, rates))
  return { ownAtp, am, tax, employerAtp: calculated.employerAtp, pension, allowance, frikort }
}

/** `b − a`, name by name. */
export function changeOf(a: Withheld, b: Withheld): Withheld {
  return {
    ownAtp: b.ownAtp - a.ownAtp,
    am: b.am - a.am,
    tax: b.tax - a.tax,
    employerAtp: b.employerAtp - a.employerAtp,
    pension: b.pension - a.pension,
    allowance: b.allowance - a.allowance,
    frikort: b.frikort - a.frikort,
  }
}

/** `a + b`, name by name. */
export function plus(a: Withheld, b: Withheld): Withheld {
  return {
    ownAtp: a.ownAtp + b.ownAtp,
    am: a.am + b.am,
    tax: a.tax + b.tax,
    employerAtp: a.employerAtp + b.employerAtp,
    pension: a.pension + b.pension,
    allowance: a.allowance + b.allowance,
    frikort: a.frikort + b.frikort,
  }
}
