/** Records of a fact file that a municipality tells of itself: its own rules, and what its old system paid. */
import { isClock } from '../../base/danish-time.ts'
import type { Day } from '../../base/date.ts'
import { type Millionths, type Ore, ZERO } from '../../base/money.ts'
import { type PaidBefore, SOURCE_SYSTEM_ID, SOURCE_SYSTEMS, type SourceSystem } from '../../modules/orders/index.ts'
import {
  AT_CUT_OFF,
  GATE_CHECK_NAMES,
  GATE_CHECKS,
  GATE_EFFECTS,
  type GateCheck,
  LIMITATION_MONTHS,
  LOCAL_RULE_KINDS,
  type LocalRule,
  type LocalRuleKind,
  NO_ACCOUNT_TREATMENTS,
  RAIL_KEYS,
  type RailKey,
  RELEASES,
  SMALL_AMOUNT_TREATMENTS,
  UNCLAIMED_TREATMENTS,
  UNIT_KINDS,
} from '../../modules/rates/index.ts'
import {
  checkIdentifier,
  dayAt,
  type JsonObject,
  keyOf,
  MAX_KEY,
  note,
  oneOf,
  oreFromZero,
  partyAt,
  periodAt,
  positiveOre,
  type Sink,
  textOf,
} from './fields.ts'
import { type BenefitPeriods, checkBenefitOn, decisionAt, kleOf, parseFixed, quantityAt } from './parse-line.ts'

/** A rule as it is told: the benefit is its key. */
export interface LocalRuleFact {
  readonly record: LocalRuleKind
  readonly source: number
  readonly benefit: string
  readonly validFrom: Day
  readonly amount: Ore
  readonly months: number
  readonly treatment: LocalRule['treatment']
  readonly check: GateCheck | ''
  readonly percent: number
  readonly unit: string
  readonly rail: RailKey | ''
  /** Of a shared account, and an error account. */
  readonly account: string
  readonly bankDays?: number
  readonly clock?: string
  readonly hours?: number
  readonly owner?: string
}
export type PaidBeforeFact = PaidBefore & { readonly record: 'paid_before' }
export type LocalFact = LocalRuleFact | PaidBeforeFact

export const LOCAL_FACT_FIELDS: Record<LocalFact['record'], ReadonlySet<string>> = {
  takeover: new Set(['record', 'municipality', 'source_system', 'date']),
  look_back: new Set(['record', 'municipality', 'source_system', 'benefit', 'months', 'valid_from']),
  set_off_minimum: new Set(['record', 'municipality', 'source_system', 'benefit', 'amount_ore', 'valid_from']),
  small_amount: new Set([
    'record',
    'municipality',
    'source_system',
    'benefit',
    'amount_ore',
    'treatment',
    'valid_from',
  ]),
  gate: new Set([
    'record',
    'municipality',
    'source_system',
    'benefit',
    'check',
    'effect',
    'amount_ore',
    'percent',
    'valid_from',
  ]),
  release: new Set(['record', 'municipality', 'source_system', 'benefit', 'approval', 'valid_from']),
  two_approvers_over: new Set(['record', 'municipality', 'source_system', 'benefit', 'amount_ore', 'valid_from']),
  rail: new Set(['record', 'municipality', 'unit', 'rail', 'valid_from']),
  shared_account: new Set(['record', 'municipality', 'account', 'valid_from']),
  closing_day: new Set(['record', 'municipality', 'date']),
  cut_off: new Set(['record', 'municipality', 'rail', 'bank_days_before', 'time', 'valid_from']),
  at_cut_off: new Set(['record', 'municipality', 'treatment', 'hours_before', 'valid_from']),
  escalation: new Set(['record', 'municipality', 'hours_before', 'owner', 'valid_from']),
  no_account: new Set(['record', 'municipality', 'treatment', 'account', 'valid_from']),
  unclaimed: new Set(['record', 'municipality', 'source_system', 'benefit', 'months', 'treatment', 'valid_from']),
  paid_before: new Set([
    'record',
    'municipality',
    'source_system',
    'order_key',
    'line_key',
    'case_key',
    'decision',
    'beneficiary',
    'payee',
    'employee',
    'benefit',
    'component',
    'period',
    'quantity',
    'kle',
    'gross_ore',
    'own_atp_ore',
    'am_ore',
    'tax_ore',
    'net_ore',
    'employer_atp_ore',
    'pension_ore',
    'tax_rate_percent',
    'allowance_ore',
    'frikort_ore',
    'disposition_date',
  ]),
}

/** Years are corrected back, not lifetimes. */
export const MAX_MONTHS = 600
/** A thousand times the ordinary. */
export const MAX_PERCENT = 100_000
/** A month of bank days, and of hours. */
export const MAX_BANK_DAYS = 20
export const MAX_HOURS = 720

const WITH_AMOUNT: readonly LocalRuleKind[] = ['set_off_minimum', 'small_amount', 'two_approvers_over']

export interface LocalContext {
  readonly benefits: ReadonlySet<string>
  readonly benefitSystem: ReadonlyMap<string, SourceSystem>
  readonly benefitPeriods?: BenefitPeriods | undefined
}

export function isLocalRule(record: string): record is LocalRuleKind {
  return (LOCAL_RULE_KINDS as readonly string[]).includes(record)
}

/** The municipality of the record is checked by the caller. */
export function localRuleOf(
  sink: Sink,
  value: JsonObject,
  record: LocalRuleKind,
  context: LocalContext,
): LocalRuleFact {
  const hasSource = record === 'takeover' || value['source_system'] !== undefined
  const source = hasSource
    ? SOURCE_SYSTEM_ID[oneOf(sink, value['source_system'], '', 'source_system', SOURCE_SYSTEMS)]
    : 0
  const benefit = value['benefit'] === undefined ? '' : benefitAt(sink, value, context)
  const dated = record === 'takeover' || record === 'closing_day' ? 'date' : 'valid_from'
  const validFrom = dayAt(sink, value[dated], '', dated)
  const hasAmount = WITH_AMOUNT.includes(record) || (record === 'gate' && value['amount_ore'] !== undefined)
  const check = record === 'gate' ? oneOf(sink, value['check'], '', 'check', GATE_CHECK_NAMES) : ''
  return {
    record,
    source,
    benefit,
    validFrom,
    amount: hasAmount ? oreFromZero(sink, value['amount_ore'], '', 'amount_ore') : ZERO,
    months: monthsAt(sink, value, record),
    treatment: treatmentAt(sink, value, record, check),
    check,
    percent: value['percent'] === undefined ? 0 : wholeAt(sink, value, 'percent', MAX_PERCENT),
    unit: record === 'rail' ? oneOf(sink, value['unit'], '', 'unit', UNIT_KINDS) : '',
    rail: record === 'rail' || record === 'cut_off' ? oneOf(sink, value['rail'], '', 'rail', RAIL_KEYS) : '',
    account: hasAccount(sink, value, record) ? accountAt(sink, value) : '',
    ...timeOf(sink, value, record),
  }
}

/** What only rules about time have. */
function timeOf(
  sink: Sink,
  value: JsonObject,
  record: LocalRuleKind,
): Pick<LocalRuleFact, 'bankDays' | 'clock' | 'hours' | 'owner'> {
  if (record === 'cut_off') {
    return { bankDays: wholeAt(sink, value, 'bank_days_before', MAX_BANK_DAYS), clock: clockAt(sink, value) }
  }
  if (record === 'at_cut_off') {
    return { hours: value['hours_before'] === undefined ? 0 : wholeAt(sink, value, 'hours_before', MAX_HOURS) }
  }
  if (record !== 'escalation') return {}
  return {
    hours: wholeAt(sink, value, 'hours_before', MAX_HOURS),
    owner: textOf(sink, value['owner'], '', 'owner', MAX_KEY),
  }
}

/** Of an agreement the municipality's own error account alone is told. */
function hasAccount(sink: Sink, value: JsonObject, record: LocalRuleKind): boolean {
  if (record !== 'no_account') return record === 'shared_account'
  if (value['treatment'] === 'error_account') return true
  if (value['account'] !== undefined) {
    note(sink, 'unknown_field', '/account', 'Only an error account is told: leave out the account.')
  }
  return false
}

/** What nobody claims is not closed at once, nor time-barred before the law says so. */
function monthsAt(sink: Sink, value: JsonObject, record: LocalRuleKind): number {
  if (record !== 'look_back' && record !== 'unclaimed') return 0
  const before = sink.faults.length
  const months = wholeAt(sink, value, 'months', MAX_MONTHS)
  if (record === 'look_back' || sink.faults.length > before) return months
  const least = value['treatment'] === 'limitation' ? LIMITATION_MONTHS : 1
  if (months < least) note(sink, 'months_too_few', '/months', `Here are at least ${least} months.`)
  return months
}

function treatmentAt(
  sink: Sink,
  value: JsonObject,
  record: LocalRuleKind,
  check: GateCheck | '',
): LocalRule['treatment'] {
  if (record === 'small_amount') return oneOf(sink, value['treatment'], '', 'treatment', SMALL_AMOUNT_TREATMENTS)
  if (record === 'at_cut_off') return oneOf(sink, value['treatment'], '', 'treatment', AT_CUT_OFF)
  if (record === 'no_account') return oneOf(sink, value['treatment'], '', 'treatment', NO_ACCOUNT_TREATMENTS)
  if (record === 'unclaimed') return oneOf(sink, value['treatment'], '', 'treatment', UNCLAIMED_TREATMENTS)
  if (record === 'release') return oneOf(sink, value['approval'], '', 'approval', RELEASES)
  if (record !== 'gate') return ''
  // What is found of a whole run is no payment's; of an unknown check nothing can be said.
  const ofRun = check !== '' && value['check'] === check && GATE_CHECKS[check].of === 'run'
  const may = GATE_EFFECTS.filter((effect) => effect !== 'block_line' || !ofRun)
  return oneOf(sink, value['effect'], '', 'effect', may)
}

/** A benefit that this system decides, and a period in which it is given. */
export function benefitAndPeriod(sink: Sink, value: JsonObject, context: LocalContext, sourceSystem: string) {
  const benefit = benefitAt(sink, value, context)
  if (benefit !== '' && context.benefitSystem.get(benefit) !== sourceSystem)
    note(sink, 'benefit_of_other_system', '/benefit', `This benefit is not decided in ${sourceSystem}.`)
  const period = periodAt(sink, value, '')
  checkBenefitOn(sink, context.benefitPeriods, benefit, period, '')
  return { benefit, period }
}

export function paidBeforeOf(sink: Sink, value: JsonObject, context: LocalContext): PaidBeforeFact {
  const sourceSystem = oneOf(sink, value['source_system'], '', 'source_system', SOURCE_SYSTEMS)
  const beneficiary = partyAt(sink, value['beneficiary'], '', 'beneficiary')
  const { benefit, period } = benefitAndPeriod(sink, value, context, sourceSystem)
  const amount = (name: string, required = true): Ore =>
    !required && value[name] === undefined ? ZERO : oreFromZero(sink, value[name], '', name)
  const before = sink.faults.length
  const gross = positiveOre(sink, value['gross_ore'], '', 'gross_ore')
  const [ownAtp, am, tax, net] = ['own_atp_ore', 'am_ore', 'tax_ore', 'net_ore'].map((name) => amount(name)) as [
    Ore,
    Ore,
    Ore,
    Ore,
  ]
  if (sink.faults.length === before && gross !== ownAtp + am + tax + net)
    note(
      sink,
      'paid_before_unbalanced',
      '/gross_ore',
      `Own ATP, AM-bidrag, tax and net are ${ownAtp + am + tax + net} øre.`,
    )
  return {
    record: 'paid_before',
    sourceSystem,
    orderKey: keyOf(sink, value['order_key'], '', 'order_key'),
    lineKey: keyOf(sink, value['line_key'], '', 'line_key'),
    caseKey: keyOf(sink, value['case_key'], '', 'case_key'),
    decision: decisionAt(sink, value, ''),
    beneficiary,
    payee: value['payee'] === undefined ? beneficiary : partyAt(sink, value['payee'], '', 'payee'),
    employee: value['employee'] === undefined ? undefined : employeeAt(sink, value),
    benefit,
    component: textOf(sink, value['component'], '', 'component', MAX_KEY),
    period,
    quantity: quantityAt(sink, value['quantity'], ''),
    kle: kleOf(sink, value, ''),
    gross,
    ownAtp,
    am,
    tax,
    net,
    employerAtp: amount('employer_atp_ore', false),
    pension: amount('pension_ore', false),
    taxRate: value['tax_rate_percent'] === undefined ? 0 : percentAt(sink, value, 'tax_rate_percent'),
    allowance: amount('allowance_ore', false),
    frikort: amount('frikort_ore', false),
    dispositionDate: dayAt(sink, value['disposition_date'], '', 'disposition_date'),
  }
}

export function benefitAt(sink: Sink, value: JsonObject, context: { readonly benefits: ReadonlySet<string> }): string {
  const before = sink.faults.length
  const benefit = textOf(sink, value['benefit'], '', 'benefit', MAX_KEY)
  if (sink.faults.length > before) return ''
  if (context.benefits.has(benefit)) return benefit
  note(sink, 'unknown_benefit', '/benefit', 'This benefit is not known.')
  return ''
}

function wholeAt(sink: Sink, value: JsonObject, name: string, most: number): number {
  const number = value[name]
  if (typeof number === 'number' && Number.isInteger(number) && number >= 0 && number <= most) return number
  if (number === undefined) note(sink, 'missing_field', `/${name}`, `The field /${name} is missing.`)
  else note(sink, 'wrong_type', `/${name}`, `Here is not a whole number from 0 to ${most}.`)
  return 0
}

/** Registration number and account in one. */
function accountAt(sink: Sink, value: JsonObject): string {
  const account = textOf(sink, value['account'], '', 'account', MAX_KEY)
  if (account === '' || /^\d{14}$/.test(account)) return account
  note(sink, 'wrong_type', '/account', 'Here are not 14 digits: registration number (4) and account (10).')
  return ''
}

/** By a Danish clock, `HH:MM`. */
function clockAt(sink: Sink, value: JsonObject): string {
  const time = textOf(sink, value['time'], '', 'time', MAX_KEY)
  if (time === '' || isClock(time)) return time
  note(sink, 'wrong_type', '/time', 'Here is no clock time such as 14:00.')
  return ''
}

function employeeAt(sink: Sink, value: JsonObject): string {
  const id = value['employee']
  if (typeof id !== 'string') return textOf(sink, id, '', 'employee', 10)
  checkIdentifier(sink, 'cpr', id, '', 'employee')
  return id
}

/** Millionths from a percentage with at most two decimals, as number or text. */
function percentAt(sink: Sink, value: JsonObject, name: string): Millionths {
  const written = value[name]
  const known = typeof written === 'number' || typeof written === 'string'
  const hundredths = known ? parseFixed(String(written), 2) : undefined
  if (hundredths !== undefined && hundredths <= 10_000) return (hundredths * 100) as Millionths
  note(sink, 'rate_invalid', `/${name}`, 'This is not a rate of tax that we can take.')
  return 0 as Millionths
}
