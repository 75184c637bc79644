/**
 * Writes the report of paid benefits to eIndkomst (fixed width) for one municipality and month of disposition.
 * Items must come sorted by beneficiary. Because a running line number goes through the whole file and persons stand
 * under their income period and type, the sums are kept per group and written at the end.
 */
import { assert } from '../../base/assert.ts'
import { civil, firstOfMonth, firstOfNextMonth, formatDay, type Day } from '../../base/date.ts'
import type { ControlTotals, DeliveryHeader, DeliveryWriter, ToldItem } from '../../modules/deliveries/index.ts'
import type { BenefitRule } from '../../modules/rates/index.ts'
import { compile, drain, newSink, number, record, text, type Sink, type Template } from './fixed-width.ts'
import { ATP_CODES, FIELD_NUMBERS, LAYOUT } from './layout.ts'

/** The file is written in this encoding; every character in it is one byte. */
export const encoding = 'latin1' as const

export interface RateReaderLike {
  /** The rule of a benefit on the first day of the period it is paid for. */
  readonly rule: (benefit: number, day: Day) => BenefitRule
}

export interface EindkomstOptions {
  /** `P` only when the receiver is the production system. */
  readonly mode: 'T' | 'P'
  /** The account in Ydelsesrefusion of a reimbursed benefit. Not public: by default the key of its cost account. */
  readonly refundAccount: (rule: BenefitRule) => string
}

const DEFAULTS: EindkomstOptions = { mode: 'T', refundAccount: (rule) => rule.costAccount }

const LINE_END = '\r\n'
const T1000 = compile(LAYOUT[1000], LINE_END)
const T2001 = compile(LAYOUT[2001], LINE_END)
const T5000 = compile(LAYOUT[5000], LINE_END)
const T6000 = compile(LAYOUT[6000], LINE_END)
const T6002 = compile(LAYOUT[6002], LINE_END)
const T6004 = compile(LAYOUT[6004], LINE_END)
const T9999 = compile(LAYOUT[9999], LINE_END)
/** One template per amount field, so that its number is already in place. */
const AM_INCOME = amountTemplate(FIELD_NUMBERS.amIncome)
const A_INCOME = amountTemplate(FIELD_NUMBERS.aIncome)
const A_TAX = amountTemplate(FIELD_NUMBERS.aTax)
const AM_BIDRAG = amountTemplate(FIELD_NUMBERS.amBidrag)
const ATP = amountTemplate(FIELD_NUMBERS.atp)
const PENSION = amountTemplate(FIELD_NUMBERS.pension)

function amountTemplate(fieldNo: string): Template {
  return compile(LAYOUT[6001], LINE_END, { Felt_nr: fieldNo })
}

/** What one person got of one kind of income in one group. */
interface PersonSum {
  readonly group: Group
  readonly isCompany: boolean
  readonly id: string
  readonly kind: string
  readonly account: string
  readonly atpCode: string
  from: number
  to: number
  amIncome: number
  aIncome: number
  aTax: number
  am: number
  atp: number
  pension: number
}

interface Group {
  readonly se: number
  readonly month: Day
  readonly incomeType: string
  lastDisposition: Day
  readonly persons: PersonSum[]
}

interface State {
  readonly options: EindkomstOptions
  readonly groups: Group[]
  /** The sums of the person whose items are arriving. */
  open: PersonSum[]
  person: string
  lastGroup: Group | undefined
  items: number
  persons: number
}

/** @da eIndkomst-indberetning */
export function eindkomstWriter(
  header: DeliveryHeader,
  rates: RateReaderLike,
  options: Partial<EindkomstOptions> = {},
): DeliveryWriter {
  const state: State = {
    options: { ...DEFAULTS, ...options },
    groups: [],
    open: [],
    person: '',
    lastGroup: undefined,
    items: 0,
    persons: 0,
  }
  return {
    item(item) {
      const rule = rates.rule(item.benefit, item.period.from)
      if (rule.incomeType !== null) add(state, item, rule, rule.incomeType)
      return ''
    },
    end() {
      return write(header, state)
    },
  }
}

function add(state: State, item: ToldItem, rule: BenefitRule, incomeType: string): void {
  const person = item.beneficiary.id
  if (person !== state.person) {
    state.person = person
    state.open = []
    state.persons++
  }
  state.items++
  const group = groupOf(state, item, incomeType)
  const sum = sumOf(state, group, item, rule)
  const income = item.gross - item.ownAtp
  if (rule.amLiable) sum.amIncome += income
  else sum.aIncome += income
  sum.aTax += item.tax
  sum.am += item.am
  sum.atp += item.ownAtp + item.employerAtp
  sum.pension += item.pension
  if (item.period.from < sum.from) sum.from = item.period.from
  if (item.period.to > sum.to) sum.to = item.period.to
}

function groupOf(state: State, item: ToldItem, incomeType: string): Group {
  const se = item.payingUnit.se
  const disposition = item.dispositionDate
  const last = state.lastGroup
  if (last !== undefined && disposition === last.lastDisposition && se === last.se && incomeType === last.incomeType) {
    return last
  }
  const month = firstOfMonth(disposition)
  let group = state.groups.find((one) => one.se === se && one.month === month && one.incomeType === incomeType)
  if (group === undefined) {
    group = { se, month, incomeType, lastDisposition: disposition, persons: [] }
    state.groups.push(group)
  } else if (disposition > group.lastDisposition) group.lastDisposition = disposition
  state.lastGroup = group
  return group
}

function sumOf(state: State, group: Group, item: ToldItem, rule: BenefitRule): PersonSum {
  const kind = rule.incomeKind ?? '0'
  const account = rule.reimbursed ? state.options.refundAccount(rule) : ''
  const atpCode = ATP_CODES[rule.atp]
  for (const one of state.open) {
    if (one.group === group && one.kind === kind && one.account === account && one.atpCode === atpCode) return one
  }
  const type = item.beneficiary.type
  assert(type !== 'p', 'a P-number cannot receive income that is reported to eIndkomst')
  const sum: PersonSum = {
    group,
    isCompany: type !== 'cpr',
    id: item.beneficiary.id,
    kind,
    account,
    atpCode,
    from: item.period.from,
    to: item.period.to,
    amIncome: 0,
    aIncome: 0,
    aTax: 0,
    am: 0,
    atp: 0,
    pension: 0,
  }
  state.open.push(sum)
  group.persons.push(sum)
  return sum
}

interface Sums {
  /** The line number of the last record. */
  line: number
  amIncome: number
  aIncome: number
  aTax: number
  am: number
  atp: number
  pension: number
}

function write(header: DeliveryHeader, state: State): { head: string; tail: string; totals: ControlTotals } {
  const sums: Sums = { line: 0, amIncome: 0, aIncome: 0, aTax: 0, am: 0, atp: 0, pension: 0 }
  const sink = newSink()
  const id = reportId(header)
  const { cvr } = header.municipality
  const at = header.createdAt
  const date = at.slice(0, 4) + at.slice(5, 7) + at.slice(8, 10)
  const time = at.slice(11, 13) + at.slice(14, 16) + at.slice(17, 19)
  put(sink, T1000, sums, [date, time, cvr, cvr, id, state.options.mode])
  const head = drain(sink)
  const groups = state.groups.sort(
    (a, b) =>
      a.se - b.se || a.month - b.month || (a.incomeType < b.incomeType ? -1 : a.incomeType > b.incomeType ? 1 : 0),
  )
  let se = -1
  for (let i = 0; i < groups.length; i++) {
    const group = groups[i] as Group
    if (group.se !== se) {
      se = group.se
      put(sink, T2001, sums, [String(se)])
    }
    const groupId = id.slice(0, 12) + String(i + 1).padStart(4, '0')
    const lastDay = (firstOfNextMonth(group.month) - 1) as Day
    const days = [compactDay(group.month), compactDay(lastDay), compactDay(group.lastDisposition)]
    put(sink, T5000, sums, [groupId, ...days, group.incomeType])
    for (const person of group.persons) personRecords(sink, person, sums)
  }
  put(sink, T9999, sums, [String(sums.line + 1)])
  return { head, tail: drain(sink), totals: totalsOf(state, sums) }
}

/** A record with its running line number and the values of its other open fields, in order of position. */
function put(sink: Sink, template: Template, sums: Sums, values: readonly string[]): void {
  assert(values.length + 1 === template.slots.length, `a record with ${template.slots.length} open fields`)
  const start = record(sink, template)
  number(sink, start, template, 0, ++sums.line)
  for (let i = 0; i < values.length; i++) text(sink, start, template, i + 1, values[i] as string)
}

function personRecords(sink: Sink, person: PersonSum, sums: Sums): void {
  const start = record(sink, T6000)
  number(sink, start, T6000, 0, ++sums.line)
  text(sink, start, T6000, person.isCompany ? 2 : 1, person.id)
  text(sink, start, T6000, 3, person.kind)
  amount(sink, AM_INCOME, person.amIncome, sums)
  amount(sink, A_INCOME, person.aIncome, sums)
  amount(sink, A_TAX, person.aTax, sums)
  amount(sink, AM_BIDRAG, person.am, sums)
  amount(sink, ATP, person.atp, sums)
  amount(sink, PENSION, person.pension, sums)
  if (person.atp !== 0 && person.atpCode !== '') put(sink, T6002, sums, [FIELD_NUMBERS.atpCode, person.atpCode])
  if (person.account !== '') {
    const period = compactDay(person.from as Day) + compactDay((person.to - 1) as Day)
    put(sink, T6004, sums, [FIELD_NUMBERS.refundAccount, person.account])
    put(sink, T6004, sums, [FIELD_NUMBERS.benefitPeriod, period])
  }
  sums.amIncome += person.amIncome
  sums.aIncome += person.aIncome
  sums.aTax += person.aTax
  sums.am += person.am
  sums.atp += person.atp
  sums.pension += person.pension
}

/** Whole øre as kroner, six decimals and sign. A field that is zero is left out. */
function amount(sink: Sink, template: Template, value: number, sums: Sums): void {
  if (value === 0) return
  const absolute = value < 0 ? -value : value
  const rest = absolute % 100
  const start = record(sink, template)
  number(sink, start, template, 0, ++sums.line)
  number(sink, start, template, 1, (absolute - rest) / 100)
  number(sink, start, template, 2, rest * 10_000)
  text(sink, start, template, 3, value < 0 ? '-' : '+')
}

function totalsOf(state: State, sums: Sums): ControlTotals {
  return {
    records: sums.line,
    persons: state.persons,
    items: state.items,
    am_income_ore: sums.amIncome,
    a_income_ore: sums.aIncome,
    a_skat_ore: sums.aTax,
    am_ore: sums.am,
    atp_ore: sums.atp,
    pension_ore: sums.pension,
  }
}

/** 16 characters, unique per municipality and delivery: municipality, year and month, number of the delivery. */
function reportId(header: DeliveryHeader): string {
  const { year, month } = civil(header.month)
  const number = header.deliveryId.slice(header.deliveryId.lastIndexOf('-') + 1).slice(-4)
  const place = String(header.municipality.code).padStart(4, '0')
  return `${place}${String(year % 100).padStart(2, '0')}${String(month).padStart(2, '0')}${number.padStart(4, '0')}0000`
}

const compactDays = new Map<Day, string>()

function compactDay(day: Day): string {
  let compact = compactDays.get(day)
  if (compact === undefined) {
    const long = formatDay(day)
    compact = long.slice(0, 4) + long.slice(5, 7) + long.slice(8, 10)
    if (compactDays.size < 10_000) compactDays.set(day, compact)
  }
  return compact
}
