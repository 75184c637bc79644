/**
 * Writes the report of paid benefits to eIndkomst (fixed width) for one municipality and month of disposition.
 * Items must come sorted by beneficiary. Because a running line number goes through the whole file and persons stand
 * under their income period and type, the sums are kept per group and written at the end.
 */
import { assert } from '../../base/assert.ts'
import { civil, firstOfMonth, firstOfNextMonth, formatDay, type Day, type Period } from '../../base/date.ts'
import type { ControlTotals, DeliveryHeader, DeliveryWriter, ToldItem } from '../../modules/deliveries/index.ts'
import type { BenefitRule, PayingUnit } from '../../modules/rates/index.ts'
import { compile, drain, newSink, number, record, type Sink, type Template, text } from './fixed-width.ts'
import { ATP_CODES, LAYOUT } from './layout.ts'
import { AMOUNTS, LINE_END, putPerson, type Way } from './person-records.ts'

/** The file is written in this encoding; every character in it is one byte. */
export const encoding = 'latin1' as const

export interface RateReaderLike {
  /** The rule of a benefit on the first day of the period it is paid for. */
  readonly rule: (benefit: number, day: Day, workNo?: number) => BenefitRule
}

export interface EindkomstOptions {
  /** `P` only when the receiver is the production system. */
  readonly mode: 'T' | 'P'
  /** The account in Ydelsesrefusion of a reimbursed benefit. Not public: by default the key of its cost account. */
  readonly refundAccount: (rule: BenefitRule) => string
}

const DEFAULTS: EindkomstOptions = { mode: 'T', refundAccount: (rule) => rule.costAccount }

const T1000 = compile(LAYOUT[1000], LINE_END)
const T2001 = compile(LAYOUT[2001], LINE_END)
const T5000 = compile(LAYOUT[5000], LINE_END)
const T9999 = compile(LAYOUT[9999], LINE_END)

/** What the persons of a group got, each of one kind of income, in columns: they live until the file is written. */
interface Group {
  readonly se: number
  readonly month: Day
  readonly incomeType: string
  lastDisposition: Day
  readonly ids: string[]
  /** AMOUNTS of each. */
  amounts: Float64Array
  /** First day, day after the last, way × 2 + (1 for a company) of each. */
  facts: Int32Array
}

/** Where items of one benefit, paying unit and day of disposition belong. */
interface Place {
  readonly rule: BenefitRule
  readonly unit: PayingUnit
  readonly disposition: Day
  readonly group: Group
  /** Its position in `ways`. */
  readonly way: number
}

/** One sum of the person whose items are arriving. */
interface Open {
  group: Group
  way: number
  /** Its position in the group. */
  row: number
}

interface State {
  readonly options: EindkomstOptions
  readonly groups: Group[]
  readonly ways: Way[]
  /** Places found before, each where its numbers lead to; what meets an occupied one takes it over. */
  readonly places: (Place | undefined)[]
  /** The first `count` are those of the person; the objects are used again for the next. */
  readonly open: Open[]
  count: number
  person: string
  items: number
  persons: number
}

const PLACES = 512
const ROWS_AT_FIRST = 128
/** Positions among AMOUNTS. */
const AM_INCOME = 0
const A_INCOME = 1
const A_TAX = 2
const AM_BIDRAG = 3
const ATP = 4
const PENSION = 5
const REPAID = 6
/** Facts of a row. */
const FROM = 0
const TO = 1
const WAY = 2
const FACTS = 3

/** @da eIndkomst-indberetning */
export function eindkomstWriter(
  header: DeliveryHeader,
  rates: RateReaderLike,
  options: Partial<EindkomstOptions> = {},
): DeliveryWriter {
  const state: State = {
    options: { ...DEFAULTS, ...options },
    groups: [],
    ways: [],
    places: [],
    open: [],
    count: 0,
    person: '',
    items: 0,
    persons: 0,
  }
  return {
    item(item) {
      if (item.correction?.income === false) return ''
      const rule = rates.rule(item.benefit, item.period.from, item.workNo)
      if (rule.incomeType !== null) add(state, item, rule, rule.incomeType)
      return ''
    },
    end() {
      return write(header, state)
    },
  }
}

function add(state: State, item: ToldItem, rule: BenefitRule, incomeType: string): void {
  const { beneficiary, period, ownAtp } = item
  if (beneficiary.id !== state.person) {
    state.person = beneficiary.id
    state.count = 0
    state.persons++
  }
  state.items++
  const { group, way } = placeOf(state, item, rule, incomeType)
  const row = rowOf(state, group, way, item)
  const { amounts, facts } = group
  const at = row * AMOUNTS.length
  const income = at + (rule.amLiable ? AM_INCOME : A_INCOME)
  amounts[income] = (amounts[income] as number) + item.gross - ownAtp
  amounts[at + A_TAX] = (amounts[at + A_TAX] as number) + item.tax
  amounts[at + AM_BIDRAG] = (amounts[at + AM_BIDRAG] as number) + item.am
  amounts[at + ATP] = (amounts[at + ATP] as number) + ownAtp + item.employerAtp
  amounts[at + PENSION] = (amounts[at + PENSION] as number) + item.pension
  amounts[at + REPAID] = (amounts[at + REPAID] as number) + (item.repaid ?? 0)
  const fact = row * FACTS
  if (period.from < (facts[fact + FROM] as number)) facts[fact + FROM] = period.from
  if (period.to > (facts[fact + TO] as number)) facts[fact + TO] = period.to
}

function placeOf(state: State, item: ToldItem, rule: BenefitRule, incomeType: string): Place {
  const { dispositionDate, payingUnit } = item
  const at = (item.benefit * 31 + dispositionDate) & (PLACES - 1)
  const known = state.places[at]
  if (known?.rule === rule && known.unit === payingUnit && known.disposition === dispositionDate) return known
  const group = groupOf(state, payingUnit.se, dispositionDate, incomeType)
  const made = { rule, unit: payingUnit, disposition: dispositionDate, group, way: wayOf(state, rule) }
  state.places[at] = made
  return made
}

function groupOf(state: State, se: number, disposition: Day, incomeType: string): Group {
  const month = firstOfMonth(disposition)
  let group = state.groups.find((one) => one.se === se && one.month === month && one.incomeType === incomeType)
  if (group === undefined) {
    const amounts = new Float64Array(ROWS_AT_FIRST * AMOUNTS.length)
    const facts = new Int32Array(ROWS_AT_FIRST * FACTS)
    group = { se, month, incomeType, lastDisposition: disposition, ids: [], amounts, facts }
    state.groups.push(group)
  } else if (disposition > group.lastDisposition) group.lastDisposition = disposition
  return group
}

function wayOf(state: State, rule: BenefitRule): number {
  const kind = rule.incomeKind ?? '0'
  const account = rule.reimbursed ? state.options.refundAccount(rule) : ''
  const atpCode = ATP_CODES[rule.atp]
  const known = state.ways.findIndex((one) => one.kind === kind && one.account === account && one.atpCode === atpCode)
  return known >= 0 ? known : state.ways.push({ kind, account, atpCode, templates: [] }) - 1
}

function rowOf(state: State, group: Group, way: number, item: ToldItem): number {
  const { open, count } = state
  for (let i = 0; i < count; i++) {
    const one = open[i] as Open
    if (one.group === group && one.way === way) return one.row
  }
  const row = newRow(group, way, item)
  const used = open[count]
  if (used === undefined) open.push({ group, way, row })
  else {
    used.group = group
    used.way = way
    used.row = row
  }
  state.count++
  return row
}

function newRow(group: Group, way: number, item: ToldItem): number {
  const { type, id } = item.beneficiary
  assert(type !== 'p', 'a P-number cannot receive income that is reported to eIndkomst')
  const row = group.ids.push(id) - 1
  if (row * FACTS === group.facts.length) {
    const amounts = new Float64Array(group.amounts.length * 2)
    amounts.set(group.amounts)
    group.amounts = amounts
    const facts = new Int32Array(group.facts.length * 2)
    facts.set(group.facts)
    group.facts = facts
  }
  const fact = row * FACTS
  group.facts[fact + FROM] = item.period.from
  group.facts[fact + TO] = item.period.to
  group.facts[fact + WAY] = way * 2 + (type === 'cpr' ? 0 : 1)
  return row
}

interface PeriodText extends Period {
  readonly bytes: Uint8Array
}

interface Sums {
  /** The line number of the last record. */
  line: number
  readonly amounts: Float64Array
}

function write(header: DeliveryHeader, state: State): { head: string; tail: string; totals: ControlTotals } {
  const sums: Sums = { line: 0, amounts: new Float64Array(AMOUNTS.length) }
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
    putPersons(sink, state.ways, group, sums)
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

function putPersons(sink: Sink, ways: readonly Way[], group: Group, sums: Sums): void {
  const { ids, amounts, facts } = group
  const periods: (PeriodText | undefined)[] = []
  for (let row = 0; row < ids.length; row++) {
    const fact = row * FACTS
    const first = row * AMOUNTS.length
    const way = facts[fact + WAY] as number
    const isCompany = (way & 1) === 1
    const { bytes } = periodOf(periods, facts[fact + FROM] as Day, facts[fact + TO] as Day)
    sums.line = putPerson(sink, ways[way >> 1] as Way, isCompany, ids[row] as string, amounts, first, bytes, sums.line)
    for (let i = 0; i < AMOUNTS.length; i++) {
      sums.amounts[i] = (sums.amounts[i] as number) + (amounts[first + i] as number)
    }
  }
}

/** First and last day as the benefit period is told; known ones stand as the places of items do. */
function periodOf(known: (PeriodText | undefined)[], from: Day, to: Day): PeriodText {
  const at = (from * 31 + to) & (PLACES - 1)
  const found = known[at]
  if (found?.from === from && found.to === to) return found
  const bytes = Buffer.from(compactDay(from) + compactDay((to - 1) as Day), 'latin1')
  return (known[at] = { from, to, bytes })
}

function totalsOf(state: State, sums: Sums): ControlTotals {
  return {
    records: sums.line,
    persons: state.persons,
    items: state.items,
    am_income_ore: sums.amounts[AM_INCOME] as number,
    a_income_ore: sums.amounts[A_INCOME] as number,
    a_skat_ore: sums.amounts[A_TAX] as number,
    am_ore: sums.amounts[AM_BIDRAG] as number,
    atp_ore: sums.amounts[ATP] as number,
    pension_ore: sums.amounts[PENSION] as number,
    repaid_ore: sums.amounts[REPAID] as number,
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
  const long = formatDay(day)
  return long.slice(0, 4) + long.slice(5, 7) + long.slice(8, 10)
}
