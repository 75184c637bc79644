/** Builders for tests and benches of the calculation; no part of the product uses them. */
import { type Period, day } from '../../base/date.ts'
import { itemId } from '../../base/id.ts'
import { type Ore, ore } from '../../base/money.ts'
import { builtInRateBook, lookup } from '../rates/index.ts'
import type { BenefitToCalculate, DeductionToTake, OrderToCalculate, PersonToCalculate } from './calculation.ts'
import type { TaxCard } from './tax.ts'

export const rates = lookup(builtInRateBook())

export const BENEFIT = {
  kontanthjaelp: 1,
  revalideringsydelse: 2,
  flekstilskud: 6,
  enkeltydelse: 7,
  tabt_arbejdsfortjeneste: 10,
  sygedagpenge: 21,
  sygedagpenge_arbejdsgiver: 22,
  helbredstillaeg: 32,
} as const

export function period(from: string, to: string): Period {
  return { from: day(from), to: day(to) }
}

export const MARCH = period('2026-03-01', '2026-04-01')

export function kroner(amount: number): Ore {
  return ore(Math.round(amount * 100))
}

export function line(order: number, at: number, given: Partial<BenefitToCalculate> = {}): BenefitToCalculate {
  return {
    item: itemId(order, at),
    line: at,
    benefit: BENEFIT.kontanthjaelp,
    period: MARCH,
    unit: 'month',
    thousandths: 1_000,
    gross: kroner(12_498),
    repayable: false,
    ...given,
  }
}

export function order(
  number: number,
  benefits: readonly BenefitToCalculate[],
  deductions: readonly DeductionToTake[] = [],
  given: Partial<OrderToCalculate> = {},
): OrderToCalculate {
  return {
    order: number,
    person: 1,
    personIsCompany: false,
    dispositionDate: day('2026-03-31'),
    benefits,
    deductions,
    ...given,
  }
}

export function card(municipality: number, given: Partial<TaxCard> = {}): TaxCard {
  return {
    party: 1,
    se: Number(rates.municipality(municipality).cvr),
    cardNo: 1,
    kind: 'hovedkort',
    rate: 370_000,
    allowanceMonth: kroner(4_500),
    allowanceWeek: kroner(1_038),
    allowanceDay: kroner(148),
    frikortLeft: ore(0),
    valid: period('2026-01-01', '2027-01-01'),
    ...given,
  }
}

export function person(
  orders: readonly OrderToCalculate[],
  cards: readonly TaxCard[],
  given: Partial<PersonToCalculate> = {},
): PersonToCalculate {
  return { municipality: 751, person: 1, orders, cards, used: [], claims: [], ...given }
}
