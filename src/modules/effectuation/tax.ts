/**
 * AM-bidrag and A-skat: the lawful ways of rounding, the card that applies, and what is free of tax under it.
 * Sources: kildeskatteloven § 48; Skatteforvaltningen oid=141834 and oid=2292833 (rounding); skat.dk, hovedkort, bikort
 * og frikort. Every function takes and gives whole øre.
 */
import { assert } from '../../base/assert.ts'
import { type Day, type Period, overlapDays } from '../../base/date.ts'
import { type Millionths, type Ore, type Rounding, ZERO, downTo, share } from '../../base/money.ts'
import { TAX_METHOD_ROWS, type TaxMethod } from '../rates/index.ts'
import type { BenefitToCalculate, CardUse, PersonToCalculate } from './calculation.ts'
import { monthSpan, wholeWeeks } from './periods.ts'

export type TaxCard = PersonToCalculate['cards'][number]

const TEN_KRONER = 1_000

/** `amount × rate` rounded once, never more than the amount. Exact for every amount that an order can carry. */
export function portion(amount: Ore, rate: Millionths, rounding: Rounding): Ore {
  const taken = Number.isSafeInteger(amount * rate) ? share(amount, rate, rounding) : wideShare(amount, rate, rounding)
  return taken > amount ? amount : taken
}

/** The same for amounts above some 160 million kroner, where the product is no longer a safe whole number. */
function wideShare(amount: Ore, rate: Millionths, rounding: Rounding): Ore {
  assert(amount >= 0, `a negative amount has no share: ${amount}`)
  const kroner = rounding !== 'down_to_ore' && rounding !== 'nearest_ore'
  const unit = kroner ? 100_000_000n : 1_000_000n
  const product = BigInt(amount) * BigInt(rate)
  const rest = product % unit
  const up = rounding === 'up_to_krone' ? rest > 0n : rounding.startsWith('nearest') && rest * 2n >= unit
  return Number((product / unit + (up ? 1n : 0n)) * (kroner ? 100n : 1n)) as Ore
}

/** AM-bidrag of the benefit after own ATP. @da AM-bidrag */
export function amOf(base: Ore, rate: Millionths, method: TaxMethod): Ore {
  return portion(base, rate, TAX_METHOD_ROWS[method].amRounding)
}

/** A-skat of a base after allowance; never more than the base. @da A-skat */
export function taxOf(base: Ore, rate: Millionths, method: TaxMethod): Ore {
  switch (method) {
    case 'exact_ore':
      return portion(base, rate, 'nearest_ore')
    case 'nearest_krone':
      return portion(base, rate, 'nearest_krone')
    case 'drop_ore':
      return portion(base, rate, 'down_to_krone')
    case 'base_tens_tax_up':
      return portion(downTo(base, TEN_KRONER), rate, 'up_to_krone')
  }
}

/**
 * The card of a withholding SE that is valid on a day; of several the highest serial, whenever it came, then the
 * one told last (Skatteforvaltningen, oid=1745933).
 */
export function cardOn(cards: readonly TaxCard[], se: number, day: Day): TaxCard | undefined {
  let found: TaxCard | undefined
  for (let i = 0; i < cards.length; i++) {
    const card = cards[i] as TaxCard
    if (card.se !== se || day < card.valid.from || day >= card.valid.to) continue
    if (found === undefined || isLater(card, found)) found = card
  }
  return found === undefined || found.kind === 'none' ? undefined : found
}

function isLater(card: TaxCard, than: TaxCard): boolean {
  const [a, b] = [card.serial ?? 0, than.serial ?? 0]
  return a === b ? card.cardNo > than.cardNo : a > b
}

/** The period that an item shares its allowance in: its own, by the month widened to whole months. */
export function payPeriod(item: Pick<BenefitToCalculate, 'unit' | 'period'>): Period {
  return item.unit === 'month' ? monthSpan(item.period) : item.period
}

/** The card's allowance for the pay period of an item, by the card's own figure for month, week or day. @da fradrag */
export function entitlement(card: TaxCard, item: Pick<BenefitToCalculate, 'unit' | 'period'>): number {
  const days = item.period.to - item.period.from
  switch (item.unit) {
    case 'month':
      return card.allowanceMonth * monthSpan(item.period).months
    case 'week':
    case 'hour': {
      const weeks = wholeWeeks(item.period)
      return weeks > 0 ? card.allowanceWeek * weeks : card.allowanceDay * days
    }
    case 'day':
      return card.allowanceDay * days
  }
}

/**
 * What is left for a pay period when others of the same SE had their share: each use is spread evenly over its own
 * period and counts by the days that overlap. Rounded so that never more than the entitlement is given.
 */
export function allowanceLeft(whole: number, period: Period, se: number, used: readonly CardUse[]): number {
  let left = whole
  for (let i = 0; i < used.length; i++) {
    const use = used[i] as CardUse
    if (use.se !== se || use.allowance === 0) continue
    const days = overlapDays(use.payPeriod, period)
    if (days === 0) continue
    const length = use.payPeriod.to - use.payPeriod.from
    left -= days === length ? use.allowance : Math.ceil((use.allowance * days) / length)
    if (left <= 0) return 0
  }
  return left
}

/** What is left of a frikort. */
export function frikortLeft(card: TaxCard, used: readonly CardUse[]): Ore {
  let left = card.frikortLeft as number
  for (const use of used) if (use.se === card.se && use.cardNo === card.cardNo) left -= use.frikort
  return left > 0 ? (left as Ore) : ZERO
}
