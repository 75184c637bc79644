/** The accounts and the paying office of an item, looked up once each. */
import type { Day } from '../../base/date.ts'
import type { Municipality } from '../../base/id.ts'
import { SOURCE_SYSTEM_ID, SOURCE_SYSTEMS } from '../../modules/orders/index.ts'
import type { OutsideAccounts, RailAccounts } from '../../modules/payments/index.ts'
import { POSTING_KINDS, type PostingKind, postingAccounts, type RateReader } from '../../modules/rates/index.ts'

/** The account of what is to be paid, by source system. */
export function netPayableAccounts(rates: RateReader): ReadonlyMap<number, number> {
  return new Map(SOURCE_SYSTEMS.map((system) => [SOURCE_SYSTEM_ID[system], rates.account(`net_payable:${system}`).id]))
}

export type ItemAccounts = Record<PostingKind, { debit: number; credit: number }>

/** Posting accounts by benefit and the first day of its period; of what was calculated before, by its own book. */
export type AccountsOf = (benefit: number, day: Day, workNo?: number | undefined) => ItemAccounts

export function accountsOf(newest: RateReader): AccountsOf {
  const known = new Map<number, ItemAccounts>()
  return (benefit, day, workNo) => {
    const rates = newest.ofWork(workNo)
    const key = (rates.laws * 1_000_000 + day) * 4096 + benefit
    let found = known.get(key)
    if (found === undefined) {
      const rule = rates.benefitRule(benefit, day)
      found = Object.fromEntries(
        POSTING_KINDS.map((kind) => {
          const { debit, credit } = postingAccounts(kind, rule, rates, { day })
          return [kind, { debit: debit.id, credit: credit.id }]
        }),
      ) as ItemAccounts
      known.set(key, found)
    }
    return found
  }
}

/** What a source system's money stands on. */
export function accountOfSystem(
  rates: RateReader,
  purpose: 'claims' | 'overpaid' | 'claim_surplus',
  sourceSystem: number,
): number {
  return rates.account(`${purpose}:${SOURCE_SYSTEMS[sourceSystem - 1]}`).id
}

/** What a benefit is follows its period; which office pays it follows the date of payment. */
export function payOf(
  rates: RateReader,
  municipality: Municipality,
  benefit: number,
  periodFrom: Day,
  payDay: Day,
): { unit: number; railKind: string } {
  const rule = rates.benefitRule(benefit, periodFrom)
  return { unit: rates.unit(municipality, rule.unitKind, payDay).unit, railKind: rule.nemKontoKind }
}

export function railAccounts(rates: RateReader): RailAccounts & OutsideAccounts {
  return {
    rail: rates.account('rail').id,
    bank: rates.account('bank').id,
    returned: rates.account('returned').id,
    unmatched: rates.account('unmatched').id,
    paidOutside: rates.account('paid_outside').id,
  }
}
