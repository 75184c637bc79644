/**
 * Writes the report of paid benefits to eIndkomst (fixed width) for one municipality and month of disposition.
 * Items must come sorted by beneficiary. Because a running line number goes through the whole file and persons stand
 * under their income period and type, the sums are kept per group and written at the end.
 */
import { assert } from '../../base/assert.ts'
import { civil, firstOfMonth, firstOfNextMonth, formatDay, type Day } from '../../base/date.ts'
import type { ControlTotals, DeliveryHeader, DeliveryWriter, ToldItem } from '../../modules/deliveries/told-item.ts'
import type { BenefitRule } from '../../modules/rates/rate-book.ts'
import { compile, latin1 } from './fixed-width.ts'
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
const r1000 = compile(LAYOUT[1000], LINE_END)
const r2001 = compile(LAYOUT[2001], LINE_END)
const r5000 = compile(LAYOUT[5000], LINE_END)
const r6000 = compile(LAYOUT[6000], LINE_END)
const r6001 = compile(LAYOUT[6001], LINE_END)
const r6002 = compile(LAYOUT[6002], LINE_END)
const r6004 = compile(LAYOUT[6004], LINE_END)
const r9999 = compile(LAYOUT[9999], LINE_END)

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
  const id = reportId(header)
  const at = header.createdAt
  const head = r1000(
    String(++sums.line),
    at.slice(0, 4) + at.slice(5, 7) + at.slice(8, 10),
    at.slice(11, 13) + at.slice(14, 16) + at.slice(17, 19),
    header.municipality.cvr,
    header.municipality.cvr,
    id,
    state.options.mode,
  )
  const groups = state.groups.sort(
    (a, b) =>
      a.se - b.se || a.month - b.month || (a.incomeType < b.incomeType ? -1 : a.incomeType > b.incomeType ? 1 : 0),
  )
  let tail = ''
  let se = -1
  for (let i = 0; i < groups.length; i++) {
    const group = groups[i] as Group
    if (group.se !== se) {
      se = group.se
      tail += r2001(String(++sums.line), String(se))
    }
    tail += r5000(
      String(++sums.line),
      id.slice(0, 12) + String(i + 1).padStart(4, '0'),
      compactDay(group.month),
      compactDay((firstOfNextMonth(group.month) - 1) as Day),
      compactDay(group.lastDisposition),
      group.incomeType,
    )
    for (const person of group.persons) tail += personRecords(person, sums)
  }
  const count = String(++sums.line)
  tail += r9999(count, count)
  return { head, tail, totals: totalsOf(state, sums) }
}

function personRecords(person: PersonSum, sums: Sums): string {
  const { id, isCompany } = person
  let text = r6000(String(++sums.line), isCompany ? '' : id, isCompany ? id : '', person.kind)
  text += amount(FIELD_NUMBERS.amIncome, person.amIncome, sums)
  text += amount(FIELD_NUMBERS.aIncome, person.aIncome, sums)
  text += amount(FIELD_NUMBERS.aTax, person.aTax, sums)
  text += amount(FIELD_NUMBERS.amBidrag, person.am, sums)
  text += amount(FIELD_NUMBERS.atp, person.atp, sums)
  text += amount(FIELD_NUMBERS.pension, person.pension, sums)
  if (person.atp !== 0 && person.atpCode !== '') {
    text += r6002(String(++sums.line), FIELD_NUMBERS.atpCode, person.atpCode)
  }
  if (person.account !== '') {
    text += r6004(String(++sums.line), FIELD_NUMBERS.refundAccount, latin1(person.account))
    const period = compactDay(person.from as Day) + compactDay((person.to - 1) as Day)
    text += r6004(String(++sums.line), FIELD_NUMBERS.benefitPeriod, period)
  }
  sums.amIncome += person.amIncome
  sums.aIncome += person.aIncome
  sums.aTax += person.aTax
  sums.am += person.am
  sums.atp += person.atp
  sums.pension += person.pension
  return text
}

/** Whole øre as kroner, decimals and sign. A field that is zero is left out. */
function amount(fieldNo: string, value: number, sums: Sums): string {
  if (value === 0) return ''
  const absolute = value < 0 ? -value : value
  const decimals = absolute % 100
  return r6001(
    String(++sums.line),
    fieldNo,
    String((absolute - decimals) / 100),
    decimals < 10 ? `0${decimals}` : String(decimals),
    value < 0 ? '-' : '+',
  )
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

function compactDay(day: Day): string {
  const text = formatDay(day)
  return text.slice(0, 4) + text.slice(5, 7) + text.slice(8, 10)
}
