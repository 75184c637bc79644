/**
 * Writes the gross amount of reimbursed benefits per person, benefit and touched calendar week. The central system
 * decides the step of the ladder; we deliver its basis and reconcile its answer.
 */
import { civil, dayOf, formatDay, mondayOf, type Day } from '../../base/date.ts'
import { municipalityText } from '../../base/id.ts'
import {
  drain,
  gathered,
  newSink,
  putText,
  putWhole,
  type Ready,
  ready,
  room,
  type Sink,
} from '../../base/latin-sink.ts'
import type { DeliveryHeader, DeliveryWriter, ToldItem } from '../../modules/deliveries/index.ts'
import type { BenefitRule } from '../../modules/rates/index.ts'
import { COLUMNS, LINE_END, SEPARATOR } from './layout.ts'

export const encoding = 'utf8' as const

export interface RateReaderLike {
  /** The rule of a benefit on the first day of the period it is paid for. */
  readonly rule: (benefit: number, day: Day, workNo?: number) => BenefitRule
}

/** What a person got of a benefit, by week; the weeks are few and in a row. Used again for one person after another. */
interface Weeks {
  person: string
  benefit: number
  cells: string
  /** How many of `weeks` are this person's. */
  count: number
  readonly weeks: Week[]
}

interface Week {
  monday: Day
  /** Bit 0 is Monday: the days that are paid for. */
  days: number
  gross: number
}

/** A period cut by calendar weeks. */
interface Cut {
  readonly from: Day
  readonly to: Day
  readonly pieces: readonly Piece[]
}

interface Piece {
  readonly monday: Day
  readonly days: number
  readonly mask: number
}

/** A row of a benefit and a week up to its gross, with zeros for the person and for the days. */
interface Start {
  readonly cells: string
  readonly monday: Day
  readonly start: Ready
}

interface State {
  readonly sink: Sink
  readonly place: string
  readonly rates: RateReaderLike
  readonly benefitCells: Map<number, string>
  /** Periods cut before, each at the place that its days lead to; what meets an occupied place takes it over. */
  readonly cuts: (Cut | undefined)[]
  /** Kept in the same way. */
  readonly starts: (Start | undefined)[]
  readonly persons: Set<string>
  beneficiary: string
  /** The first `count` are those of the beneficiary whose items are arriving. */
  readonly open: Weeks[]
  count: number
  rows: number
  gross: number
  items: number
}

const CUTS = 512
/** A longer period is cut each time: it is rare, and its pieces are many. */
const PIECES_KEPT = 16
const STARTS = 1024
/** Characters of a CPR number. */
const PERSON = 10
const ZERO = 48

/** @da grundlag for Ydelsesrefusion */
export function ydelsesrefusionWriter(header: DeliveryHeader, rates: RateReaderLike): DeliveryWriter {
  const state: State = {
    sink: newSink(),
    place: municipalityText(header.municipality.code) + SEPARATOR,
    rates,
    benefitCells: new Map(),
    cuts: [],
    starts: [],
    persons: new Set(),
    beneficiary: '',
    open: [],
    count: 0,
    rows: 0,
    gross: 0,
    items: 0,
  }
  return {
    item: (told) => item(state, told),
    end() {
      flush(state)
      const tail = drain(state.sink)
      const head = COLUMNS.map((column) => column.name).join(SEPARATOR) + LINE_END
      const totals = { rows: state.rows, gross_ore: state.gross, items: state.items, persons: state.persons.size }
      return { head, tail, totals }
    },
  }
}

function item(state: State, told: ToldItem): string {
  const { benefit, period, gross } = told
  if (told.correction?.refund === false) return ''
  const rule = state.rates.rule(benefit, period.from, told.workNo)
  if (!rule.reimbursed) return ''
  const { id } = told.beneficiary
  if (id !== state.beneficiary) {
    flush(state)
    state.beneficiary = id
  }
  state.items++
  state.gross += gross
  const entry = weeksOf(state, told.employee === '' ? id : told.employee, benefit, rule)
  spread(entry, cutOf(state, period.from, period.to), gross, told.correction?.before ?? 0)
  return gathered(state.sink)
}

function weeksOf(state: State, person: string, benefit: number, rule: BenefitRule): Weeks {
  const { open, count } = state
  for (let i = 0; i < count; i++) {
    const one = open[i] as Weeks
    if (one.benefit === benefit && one.person === person) return one
  }
  const cells = benefitCells(state, benefit, rule)
  state.count++
  const used = open[count]
  if (used === undefined) {
    const made = { person, benefit, cells, count: 0, weeks: [] }
    open.push(made)
    return made
  }
  used.person = person
  used.benefit = benefit
  used.cells = cells
  used.count = 0
  return used
}

/**
 * Spreads whole øre over the weeks that a period touches, by days; each week is rounded towards zero and the last
 * takes what is left, so that the sum is exact. A correction of what was `before` is the weeks of what is after it less
 * those: whatever is corrected, the weeks in all are those of what is left.
 */
function spread(entry: Weeks, { from, to, pieces }: Cut, gross: number, before: number): void {
  const days = to - from
  const after = before + gross
  const last = pieces.length - 1
  let left = gross
  for (let i = 0; i <= last; i++) {
    const piece = pieces[i] as Piece
    const part = i === last ? left : Math.trunc((after * piece.days) / days) - Math.trunc((before * piece.days) / days)
    left -= part
    const week = weekOf(entry, piece.monday)
    week.gross += part
    week.days |= piece.mask
  }
}

function weekOf(entry: Weeks, monday: Day): Week {
  const { weeks, count } = entry
  let at = count
  // From behind, so that they stay in order: nearly always the new week is the last.
  for (; at > 0; at--) {
    const one = weeks[at - 1] as Week
    if (one.monday === monday) return one
    if (one.monday < monday) break
  }
  const week = weeks[count] ?? { monday, days: 0, gross: 0 }
  for (let i = count; i > at; i--) weeks[i] = weeks[i - 1] as Week
  weeks[at] = week
  week.monday = monday
  week.days = 0
  week.gross = 0
  entry.count++
  return week
}

function cutOf(state: State, from: Day, to: Day): Cut {
  const at = (from * 31 + to) & (CUTS - 1)
  const known = state.cuts[at]
  if (known !== undefined && known.from === from && known.to === to) return known
  const made = { from, to, pieces: cutByWeeks(from, to) }
  if (made.pieces.length <= PIECES_KEPT) state.cuts[at] = made
  return made
}

/** A period without days belongs to the week in which it begins. */
function cutByWeeks(from: Day, to: Day): Piece[] {
  const pieces: Piece[] = []
  let at = from
  do {
    const monday = mondayOf(at)
    const end = Math.min(monday + 7, Math.max(to, from)) as Day
    pieces.push({ monday, days: end - at, mask: ((1 << (end - at)) - 1) << (at - monday) })
    at = end
  } while (at < to)
  return pieces
}

/** Writes what the beneficiary got, or the employees whose weeks they are. */
function flush(state: State): void {
  const { open, count, persons } = state
  for (let i = 0; i < count; i++) {
    const { person, benefit, cells, weeks, count: rows } = open[i] as Weeks
    if (i === 0 || person !== open[i - 1]?.person) persons.add(person)
    state.rows += rows
    for (let row = 0; row < rows; row++) putRow(state, person, benefit, cells, weeks[row] as Week)
  }
  state.count = 0
}

function putRow(state: State, person: string, benefit: number, cells: string, week: Week): void {
  const { sink, place } = state
  const { monday, gross } = week
  const { start } = startOf(state, benefit, cells, monday)
  if (!putStart(sink, start, place.length, person, bits(week.days))) {
    putText(sink, place + person + cells + weekCells(monday) + bits(week.days) + SEPARATOR)
  }
  if (gross < 0) putText(sink, '-')
  putWhole(sink, gross < 0 ? -gross : gross)
  putText(sink, LINE_END)
}

/** False, and nothing is put, when the start or the person is not of the usual form. */
function putStart(sink: Sink, start: Ready, personAt: number, person: string, days: number): boolean {
  if (typeof start === 'string' || person.length !== PERSON) return false
  room(sink, start.length)
  const { buffer, at } = sink
  buffer.set(start, at)
  let codes = 0
  for (let i = 0; i < PERSON; i++) {
    const code = person.charCodeAt(i)
    codes |= code
    buffer[at + personAt + i] = code
  }
  if (codes > 255) return false
  sink.at = at + start.length
  buffer[sink.at - SEPARATOR.length - 1] = ZERO + days
  return true
}

function startOf(state: State, benefit: number, cells: string, monday: Day): Start {
  const at = (monday * 31 + benefit) & (STARTS - 1)
  const known = state.starts[at]
  if (known?.monday === monday && known.cells === cells) return known
  const start = ready(`${state.place}${'0'.repeat(PERSON)}${cells}${weekCells(monday)}0${SEPARATOR}`)
  return (state.starts[at] = { cells, monday, start })
}

function weekCells(monday: Day): string {
  return isoWeek(monday) + SEPARATOR + formatDay(monday) + SEPARATOR
}

function benefitCells(state: State, benefit: number, rule: BenefitRule): string {
  let cells = state.benefitCells.get(benefit)
  if (cells === undefined) {
    cells = SEPARATOR + cell(rule.key) + SEPARATOR + cell(rule.nameDa) + SEPARATOR
    state.benefitCells.set(benefit, cells)
  }
  return cells
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
