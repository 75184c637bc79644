/**
 * Posting rules as data: which two accounts each part of a calculation moves between. The gross is never posted as one
 * amount: cost is debited once for each part of it, so that cost = gross and every payable clears by itself.
 * Source: BRS (cost by grouping); which balance account holds a payable is local, see data/accounts.ts.
 */
import { type Day, type Period, formatDay } from '../../base/date.ts'
import { Refusal } from '../../base/refusal.ts'
import { CLAIM_SURPLUS } from './data/benefits.ts'
import { valid } from './data/forever.ts'
import type { RateReader } from './book.ts'
import type { Account, BenefitRule, Sourced } from './rate-book.ts'

/** @da konteringshændelse */
export type PostingKind = 'own_atp' | 'am' | 'tax' | 'set_off' | 'third_party' | 'net' | 'employer_atp' | 'pension'
export const POSTING_KINDS: readonly PostingKind[] = [
  'own_atp',
  'am',
  'tax',
  'set_off',
  'third_party',
  'net',
  'employer_atp',
  'pension',
]

type SourceSystem = BenefitRule['sourceSystem']

/**
 * An account named by its part: `@cost`, `@atp`, `@pension` are the benefit's own accounts, `@atp_cost` and
 * `@pension_cost` those of its contributions, `x:@system` the account x of the source system.
 */
export interface PostingRule extends Sourced {
  readonly kind: PostingKind
  readonly valid: Period
  readonly debit: string
  readonly credit: string
}

const DEFAULT = 'BRS; the balance accounts are our default and may be set by the municipality'

function rule(kind: PostingKind, debit: string, credit: string): PostingRule {
  return { kind, valid: valid('2014-01-01'), debit, credit, source: DEFAULT, assumed: true }
}

const POSTING_RULES: readonly PostingRule[] = [
  rule('own_atp', '@cost', '@atp'),
  rule('am', '@cost', 'am_bidrag:@system'),
  rule('tax', '@cost', 'a_skat:@system'),
  rule('set_off', '@cost', 'claims:@system'),
  rule('third_party', '@cost', 'net_payable:@system'),
  rule('net', '@cost', 'net_payable:@system'),
  rule('employer_atp', '@atp_cost', '@atp'),
  rule('pension', '@pension_cost', '@pension'),
]

/**
 * Groupings of 8.51.52 for the contributions beside a benefit (star.dk, konteringsregler november 2022): ATP,
 * pension.
 */
const CONTRIBUTION_COSTS: ReadonlyMap<string, readonly [string, string]> = new Map([
  ['kontanthjaelp', ['8.51.52.5.100', '8.51.52.5.123']],
  ['uddannelseshjaelp', ['8.51.52.5.100', '8.51.52.5.123']],
  ['sygedagpenge', ['8.51.52.5.101', '8.51.52.5.124']],
  ['revalideringsydelse', ['8.51.52.5.116', '8.51.52.5.124']],
  ['ledighedsydelse', ['8.51.52.5.116', '8.51.52.5.124']],
  ['flekstilskud', ['8.51.52.5.117', '8.51.52.5.124']],
  ['ressourceforloebsydelse', ['8.51.52.5.118', '8.51.52.5.124']],
  ['jobafklaring_ydelse', ['8.51.52.5.119', '8.51.52.5.124']],
])

function contributionCost(benefit: BenefitRule, which: 0 | 1): string {
  const named = which === 0 ? benefit.atpCostAccount : benefit.pensionCostAccount
  if (named !== undefined) return named
  const numbers = CONTRIBUTION_COSTS.get(benefit.key)
  const purpose = which === 0 ? 'atp_employer_cost' : 'pension_cost'
  return numbers === undefined ? purpose : `${purpose}:${numbers[which]}`
}

function keyOf(name: string, benefit: BenefitRule, system: SourceSystem): string {
  switch (name) {
    case '@cost':
      return benefit.costAccount
    case '@atp':
      return benefit.atpAccount
    case '@pension':
      return benefit.pensionAccount
    case '@atp_cost':
      return contributionCost(benefit, 0)
    case '@pension_cost':
      return contributionCost(benefit, 1)
    default:
      return name.replace('@system', system)
  }
}

/**
 * What a benefit is booked and told as for time from a day, as a text to be compared: cost accounts, kind of income,
 * whether the state reimburses. A law change may alter it backwards in time: then what was paid is moved, no money.
 */
export function codesOf(benefit: BenefitRule, rates: Pick<RateReader, 'account'>, day: Day): string {
  const costs = (['net', 'employer_atp', 'pension'] as const).map(
    (kind) => postingAccounts(kind, benefit, rates, { day }).debit.key,
  )
  return [...costs, benefit.incomeType, benefit.incomeKind, benefit.reimbursed].join(' ')
}

/** As what a debtor is paid back that was beyond a claim of a source system. @da for meget betalt på fordring */
export function claimSurplusRule(rates: Pick<RateReader, 'benefitByKey'>, system: SourceSystem, day: Day): BenefitRule {
  return rates.benefitByKey(`${CLAIM_SURPLUS}_${system.toLowerCase()}`, day)
}

export interface PostingOptions {
  /** The posting date; without it the first day on which the benefit rule applies. */
  readonly day?: Day
  /** set_off: the source system that the claim is of; without it the benefit's own. */
  readonly claimOf?: SourceSystem
}

/**
 * The two accounts of a posting. To be reckoned once per benefit, kind and claim system, not per order.
 * Throws Refusal `reference_missing` when no rule applies or an account is not in the chart.
 */
export function postingAccounts(
  kind: PostingKind,
  benefit: BenefitRule,
  rates: Pick<RateReader, 'account'>,
  options: PostingOptions = {},
): { readonly debit: Account; readonly credit: Account } {
  const day = options.day ?? benefit.valid.from
  const found = POSTING_RULES.find((row) => row.kind === kind && row.valid.from <= day && day < row.valid.to)
  if (found === undefined)
    throw new Refusal(
      'reference_missing',
      `There is no posting rule for ${kind} on ${formatDay(day)}. Add it, then try again.`,
    )
  const system = kind === 'set_off' ? (options.claimOf ?? benefit.sourceSystem) : benefit.sourceSystem
  return {
    debit: rates.account(keyOf(found.debit, benefit, system)),
    credit: rates.account(keyOf(found.credit, benefit, system)),
  }
}
