/**
 * A rate book with a change laid over it: what a rule would be from a date. For trying a change on what was paid before
 * it is entered; each laid row says that it is a trial.
 */
import { type Day, parseDay, type Period } from '../../base/date.ts'
import { Refusal } from '../../base/refusal.ts'
import type { Ore } from '../../base/money.ts'
import { lookup } from './book.ts'
import { OPEN_END } from './data/forever.ts'
import type { AtpRate, AtpRule, BenefitRule, NamedRate, PensionRule, RateBook } from './rate-book.ts'

/** One change, from `from` until `to` (half-open; without it from then on). @da ændring af sats eller regel */
export type BookChange = { readonly from: string; readonly to?: string } & (
  | { readonly kind: 'rate'; readonly name: NamedRate; readonly rate_percent: string }
  | {
      readonly kind: 'atp'
      readonly rule: AtpRule
      readonly own_ore: number
      readonly employer_ore: number
      readonly minimum_ore?: number
    }
  | {
      readonly kind: 'benefit'
      readonly benefit: string
      readonly taxable?: boolean
      readonly am_liable?: boolean
      readonly atp?: AtpRule
      readonly pension?: PensionRule
      /** Kind of income in eIndkomst. */
      readonly income_kind?: string
      /** Key of the chart of accounts. */
      readonly cost_account?: string
    }
)

const TRIAL = { source: 'a change that is tried', assumed: true } as const

/**
 * The book with the changes first: where two rows overlap, the first applies. @throws Refusal `usage` with what is
 * wrong.
 */
export function changedBook(book: RateBook, changes: readonly BookChange[]): RateBook {
  return changes.reduce((now, change, i) => laid(now, change, `change ${i + 1}`), book)
}

function laid(book: RateBook, change: BookChange, name: string): RateBook {
  const valid = periodOf(change, name)
  switch (change.kind) {
    case 'rate': {
      if (!book.rates.some((row) => row.name === change.name)) throw wrong(name, `there is no rate ${change.name}`)
      const rate = Math.round(Number(change.rate_percent) * 10_000)
      if (!Number.isSafeInteger(rate) || rate < 0 || rate > 1_000_000) throw wrong(name, 'rate_percent is 0 to 100')
      return { ...book, rates: [{ name: change.name, valid, rate, ...TRIAL }, ...book.rates] }
    }
    case 'atp': {
      const before = lookup(book).atpRate(change.rule, valid.from)
      const amounts = [change.own_ore, change.employer_ore, change.minimum_ore ?? before.minimumBenefit]
      if (amounts.some((amount) => !Number.isSafeInteger(amount) || amount < 0)) throw wrong(name, 'whole øre from 0')
      const [own, employer, minimumBenefit] = amounts as [Ore, Ore, Ore]
      const row: AtpRate = { ...before, ...TRIAL, valid, own, employer, minimumBenefit }
      return { ...book, atp: [row, ...book.atp] }
    }
    case 'benefit': {
      const before = lookup(book).benefitByKey(change.benefit, valid.from)
      const row: BenefitRule = {
        ...before,
        ...TRIAL,
        valid,
        taxable: change.taxable ?? before.taxable,
        amLiable: change.am_liable ?? before.amLiable,
        atp: change.atp ?? before.atp,
        pension: change.pension ?? before.pension,
        incomeKind: change.income_kind ?? before.incomeKind,
        costAccount: change.cost_account ?? before.costAccount,
      }
      lookup(book).account(row.costAccount)
      return { ...book, benefits: [row, ...book.benefits] }
    }
    default:
      throw wrong(name, 'kind is rate, atp or benefit')
  }
}

function periodOf(change: BookChange, name: string): Period {
  const from = parseDay(String(change.from))
  const to: Day | undefined = change.to === undefined ? OPEN_END : parseDay(change.to)
  if (from === undefined || to === undefined || to <= from) throw wrong(name, 'from and to are dates, from first')
  return { from, to }
}

function wrong(name: string, what: string): Refusal {
  return new Refusal('usage', `${name}: ${what}.`)
}
