/**
 * Writes the gross amount of reimbursed benefits per person, benefit and touched calendar week. The central system
 * decides the step of the ladder; we deliver its basis and reconcile its answer.
 */
import { civil, dayOf, formatDay, mondayOf, type Day } from '../../base/date.ts'
import { municipalityText } from '../../base/id.ts'
import type { DeliveryHeader, DeliveryWriter, ToldItem } from '../../modules/deliveries/index.ts'
import type { BenefitRule } from '../../modules/rates/index.ts'
import { COLUMNS, LINE_END, SEPARATOR } from './layout.ts'

export const encoding = 'utf8' as const

export interface RateReaderLike {
  /** The rule of a benefit on the first day of the period it is paid for. */
  readonly rule: (benefit: number, day: Day) => BenefitRule
}

/** What a person got of a benefit, by week; the weeks are few and in a row. */
interface Weeks {
  readonly person: string
  readonly benefit: number
  readonly rule: BenefitRule
  readonly weeks: Week[]
}

interface Week {
  readonly monday: Day
  /** Bit 0 is Monday: the days that are paid for. */
  days: number
  gross: number
}

interface State {
  readonly place: string
  readonly rates: RateReaderLike
  readonly benefitCells: Map<number, string>
  readonly persons: Set<string>
  readonly weekCells: Map<Day, string>
  beneficiary: string
  open: Weeks[]
  rows: number
  gross: number
  items: number
}

/** @da grundlag for Ydelsesrefusion */
export function ydelsesrefusionWriter(header: DeliveryHeader, rates: RateReaderLike): DeliveryWriter {
  const state: State = {
    place: municipalityText(header.municipality.code) + SEPARATOR,
    rates,
    benefitCells: new Map(),
    persons: new Set(),
    weekCells: new Map(),
    beneficiary: '',
    open: [],
    rows: 0,
    gross: 0,
    items: 0,
  }
  return {
    item: (told) => item(state, told),
    end() {
      const tail = flush(state)
      const head = COLUMNS.map((column) => column.name).join(SEPARATOR) + LINE_END
      const totals = { rows: state.rows, gross_ore: state.gross, items: state.items, persons: state.persons.size }
      return { head, tail, totals }
    },
  }
}

function item(state: State, told: ToldItem): string {
  const rule = state.rates.rule(told.benefit, told.period.from)
  if (!rule.reimbursed) return ''
  let text = ''
  if (told.beneficiary.id !== state.beneficiary) {
    text = flush(state)
    state.beneficiary = told.beneficiary.id
  }
  state.items++
  state.gross += told.gross
  const person = told.employee === '' ? told.beneficiary.id : told.employee
  let entry = state.open.find((one) => one.person === person && one.benefit === told.benefit)
  if (entry === undefined) {
    entry = { person, benefit: told.benefit, rule, weeks: [] }
    state.open.push(entry)
  }
  spread(entry.weeks, told.period.from, told.period.to, told.gross)
  return text
}

/**
 * Spreads whole øre over the weeks that a period touches, by days; each week is rounded towards zero and the last
 * takes what is left, so that the sum is exact. A period without days belongs to the week in which it begins.
 */
function spread(weeks: Week[], from: Day, to: Day, gross: number): void {
  const days = to - from
  let left = gross
  let at = from
  do {
    const monday = mondayOf(at)
    const end = Math.min(monday + 7, Math.max(to, from)) as Day
    const part = end >= to ? left : Math.trunc((gross * (end - at)) / days)
    left -= part
    const week = weekOf(weeks, monday)
    week.gross += part
    week.days |= ((1 << (end - at)) - 1) << (at - monday)
    at = end
  } while (at < to)
}

function weekOf(weeks: Week[], monday: Day): Week {
  for (const one of weeks) if (one.monday === monday) return one
  const week = { monday, days: 0, gross: 0 }
  weeks.push(week)
  return week
}

function flush(state: State): string {
  let text = ''
  for (const { person, benefit, rule, weeks } of state.open) {
    state.persons.add(person)
    weeks.sort((a, b) => a.monday - b.monday)
    const start = state.place + person + benefitCell(state, benefit, rule)
    for (const week of weeks) {
      state.rows++
      text += start + weekCell(state, week.monday) + bits(week.days) + SEPARATOR + week.gross + LINE_END
    }
  }
  if (state.open.length > 0) state.open = []
  return text
}

function benefitCell(state: State, benefit: number, rule: BenefitRule): string {
  let text = state.benefitCells.get(benefit)
  if (text === undefined) {
    text = SEPARATOR + cell(rule.key) + SEPARATOR + cell(rule.nameDa) + SEPARATOR
    state.benefitCells.set(benefit, text)
  }
  return text
}

function weekCell(state: State, monday: Day): string {
  let text = state.weekCells.get(monday)
  if (text === undefined) {
    text = isoWeek(monday) + SEPARATOR + formatDay(monday) + SEPARATOR
    state.weekCells.set(monday, text)
  }
  return text
}

/** The ISO week of a Monday: its year is the year of its Thursday. */
export function isoWeek(monday: Day): string {
  const thursday = monday + 3
  const { year } = civil(thursday as Day)
  const week = Math.floor((thursday - dayOf(year, 1, 1)) / 7) + 1
  return `${year}-W${week < 10 ? '0' : ''}${week}`
}

function bits(mask: number): number {
  let count = 0
  for (let rest = mask; rest > 0; rest >>= 1) count += rest & 1
  return count
}

/**
 * A text cell. A spreadsheet runs a cell that begins with = + - @, a tab or a return as a formula, so an apostrophe
 * goes before it; a cell with a separator, quote or line end is quoted.
 */
export function cell(text: string): string {
  const first = text.trimStart().charAt(0)
  const raw = text.charAt(0)
  const risky = first === '=' || first === '+' || first === '-' || first === '@' || raw === '\t' || raw === '\r'
  const safe = risky ? `'${text}` : text
  return /[;"\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
