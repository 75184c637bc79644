/**
 * Writes what the municipality's ERP is told of effectuated items: G69 postings only, never G68, which is a payment
 * order and would pay a second time beside NemKonto. Each section of the file balances by itself.
 */
import { assert } from '../../base/assert.ts'
import { civil, dayOf, formatDay, parseDay, type Day } from '../../base/date.ts'
import { municipalityText } from '../../base/id.ts'
import { digitsAt, drain, gathered, newSink, putText, room, type Sink } from '../../base/latin-sink.ts'
import type { DeliveryHeader, DeliveryWriter, ToldItem, ToldPosting } from '../../modules/deliveries/index.ts'
import {
  FIELDS,
  KINDS,
  KIND_TEXTS,
  LINE_END,
  LINE_HEAD,
  LINES_PER_SECTION,
  MACHINE,
  RECIPIENT_CPR,
  SECTION_END,
  SECTION_HEAD,
  type PostingKind,
  type TextKind,
} from './layout.ts'

/** The file is written in this encoding; every character in it is one byte. */
export const encoding = 'latin1' as const

/** Account numbers of a posting: what is debited and what is credited. Dated, by the book of a batch of work. */
export type AccountsOf = (
  kind: PostingKind,
  benefit: number,
  /** The first day of the benefit period. */
  day: Day,
  workNo?: number,
) => { readonly debit: string; readonly credit: string }

export interface ErpOptions {
  /** Field 103, 5 digits, given by the receiver. */
  readonly machine: string
  readonly linesPerSection: number
}

/** One open sum: an account on a posting date, one side. */
interface Bucket {
  readonly account: string
  readonly date: Day
  readonly side: 'D' | 'K'
  readonly kind: TextKind
  sum: number
}

interface State {
  readonly sink: Sink
  readonly accounts: AccountsOf
  readonly org: string
  readonly machine: string
  readonly sectionHead: string
  readonly limit: number
  readonly buckets: Map<string, Bucket>
  /** benefit, period and book → day → its accounts and buckets, so that an item costs no look-up by text. */
  readonly plans: Map<number, Map<Day, Plan>>
  /** The postings that an item may have, by day, account and side: what they have in common stands ready. */
  readonly postings: Map<string, Posting>
  line: number
  number: number
  lines: number
  debit: number
  credit: number
  items: number
}

/** The accounts of one benefit on one day, each asked for when the first amount needs it. */
interface Plan {
  /** By position in KINDS. */
  readonly ways: (Way | undefined)[]
}

interface Way {
  /** One of the two: employer's ATP and pension have no line of their own per item, their debit is aggregated too. */
  readonly cost: Posting | undefined
  readonly debitSum: Bucket | undefined
  readonly creditSum: Bucket
}

/** A posting line up to its text, with zeros where its numbers, its amount and its recipient go. */
interface Posting {
  readonly account: string
  readonly side: 'D' | 'K'
  readonly withRecipient: Uint8Array
  readonly without: Uint8Array
  readonly numberAt: number
  readonly amountAt: number
  /** Where the number stands a second time. */
  readonly referenceAt: number
}

/** The first six kinds are the gross; their debit is the item's cost. */
const GROSS_KINDS = 6
const TEXT_MAX = FIELDS.find((field) => field.name === 'text')?.max ?? 0
/** The most lines that one item can add: a debit per gross part, and new sums. */
const LINES_PER_ITEM = 24

const NUMBER_DIGITS = 7
const AMOUNT_DIGITS = 12
const MINUS = 45
const BLANK = 32
const PLUS = 43
const QUESTION = 63
const RECIPIENT = `&132${RECIPIENT_CPR}&133`
const RECIPIENT_DIGITS = 10
const TEXT = '&153'
/** Bounds what a file of very many accounts and days may hold ready; what is beyond it is made anew each time. */
const POSTINGS_MAX = 10_000
/** Above every benefit, and every day of a period: together with a batch of work they are one safe whole number. */
const BENEFITS_MAX = 4_096
const DAYS_MAX = 65_536

/** @da økonomipostering (G69) */
export function g69Writer(
  header: DeliveryHeader,
  accounts: AccountsOf,
  options: Partial<ErpOptions> = {},
): DeliveryWriter {
  const org = municipalityText(header.municipality.code)
  const created = parseDay(header.createdAt.slice(0, 10))
  assert(created !== undefined, `not a business time: ${header.createdAt}`)
  const dayOfYear = created - dayOf(civil(created).year, 1, 1) + 1
  const state: State = {
    sink: newSink(),
    accounts,
    org,
    machine: (options.machine ?? MACHINE).padStart(5, '0'),
    sectionHead:
      SECTION_HEAD.before +
      org +
      SECTION_HEAD.middle +
      String(dayOfYear).padStart(3, '0') +
      SECTION_HEAD.after +
      LINE_END,
    limit: options.linesPerSection ?? LINES_PER_SECTION,
    buckets: new Map(),
    plans: new Map(),
    postings: new Map(),
    line: 0,
    number: 0,
    lines: 0,
    debit: 0,
    credit: 0,
    items: 0,
  }
  return {
    item: (told) => item(state, told),
    end() {
      closeSection(state)
      const tail = drain(state.sink)
      const totals = { lines: state.lines, debit_ore: state.debit, credit_ore: state.credit, items: state.items }
      return { head: state.sectionHead, tail, totals }
    },
  }
}

function item(state: State, told: ToldItem): string {
  if (state.line + state.buckets.size + LINES_PER_ITEM > state.limit) {
    closeSection(state)
    putText(state.sink, state.sectionHead)
  }
  state.items++
  if (told.correction !== undefined) {
    for (const posting of told.correction.postings) correctionLines(state, told, told.correction.postedOn, posting)
    return gathered(state.sink)
  }
  const { ways } = planOf(state, told)
  let cost = 0
  let at: Posting | undefined
  for (let i = 0; i < KINDS.length; i++) {
    const part = partOf(told, i)
    if (part === 0) continue
    const way = ways[i] ?? openWay(state, told, ways, i)
    way.creditSum.sum += part
    if (way.debitSum !== undefined) way.debitSum.sum += part
    if (way.cost === undefined) continue
    if (way.cost.account !== at?.account) {
      costLine(state, told, at, cost)
      at = way.cost
      cost = 0
    }
    cost += part
  }
  costLine(state, told, at, cost)
  return gathered(state.sink)
}

/** A line for what is debited, with the item's text; what is credited is summed. */
function correctionLines(state: State, told: ToldItem, date: Day, { debit, credit, amount }: ToldPosting): void {
  costLine(state, told, postingOf(state, date, debit, 'D'), amount)
  bucketOf(state, credit, date, 'K', 'correction').sum += amount
}

/** A correction is booked when it is made, whatever day it corrects. */
function dayOfPosting(told: ToldItem): Day {
  return told.correction?.postedOn ?? told.dispositionDate
}

/** The amount of a kind, by its position in KINDS. */
function partOf(told: ToldItem, position: number): number {
  switch (position) {
    case 0:
      return told.ownAtp
    case 1:
      return told.am
    case 2:
      return told.tax
    case 3:
      return told.setOff
    case 4:
      return told.thirdParty
    case 5:
      return told.net
    case 6:
      return told.employerAtp
    default:
      return told.pension
  }
}

function costLine(state: State, told: ToldItem, cost: Posting | undefined, amount: number): void {
  if (amount === 0 || cost === undefined) return
  const { sink } = state
  const { type, id } = told.beneficiary
  putPosting(state, cost, amount, type === 'cpr' ? id : undefined)
  let left = TEXT_MAX
  left -= putPlain(sink, told.orderKey, left)
  left -= putPlain(sink, '/', left)
  left -= putPlain(sink, told.lineKey, left)
  left -= putPlain(sink, ' ', left)
  putPlain(sink, told.text, left)
  putText(sink, LINE_END)
}

function planOf(state: State, told: ToldItem): Plan {
  const key = ((told.workNo ?? 0) * DAYS_MAX + told.period.from) * BENEFITS_MAX + told.benefit
  let days = state.plans.get(key)
  if (days === undefined) {
    days = new Map()
    state.plans.set(key, days)
  }
  const day = dayOfPosting(told)
  let plan = days.get(day)
  if (plan === undefined) {
    plan = { ways: KINDS.map(() => undefined) }
    days.set(day, plan)
  }
  return plan
}

function openWay(state: State, told: ToldItem, ways: (Way | undefined)[], position: number): Way {
  const kind = KINDS[position] as PostingKind
  const date = dayOfPosting(told)
  const { debit, credit } = state.accounts(kind, told.benefit, told.period.from, told.workNo)
  const ofGross = position < GROSS_KINDS
  const way: Way = {
    cost: ofGross ? postingOf(state, date, debit, 'D') : undefined,
    debitSum: ofGross ? undefined : bucketOf(state, debit, date, 'D', kind),
    creditSum: bucketOf(state, credit, date, 'K', kind),
  }
  ways[position] = way
  return way
}

function bucketOf(state: State, account: string, date: Day, side: 'D' | 'K', kind: TextKind): Bucket {
  const key = `${date}|${side}|${kind}|${account}`
  const known = state.buckets.get(key)
  if (known !== undefined) return known
  const bucket: Bucket = { account, date, side, kind, sum: 0 }
  state.buckets.set(key, bucket)
  return bucket
}

/** The aggregated postings by date, side, account and kind, then the end line. */
function closeSection(state: State): void {
  const { sink } = state
  const keys = [...state.buckets.keys()].sort()
  for (const key of keys) {
    const { account, date, side, kind, sum } = state.buckets.get(key) as Bucket
    if (sum === 0) continue
    putPosting(state, postingOf(state, date, account, side), sum, undefined)
    putPlain(sink, KIND_TEXTS[kind], TEXT_MAX)
    putText(sink, LINE_END)
  }
  putText(sink, SECTION_END + zeros(String(state.line), 5) + LINE_END)
  state.buckets.clear()
  state.plans.clear()
  state.line = 0
}

function postingOf(state: State, date: Day, account: string, side: 'D' | 'K'): Posting {
  const key = `${date}|${side}|${account}`
  let posting = state.postings.get(key)
  if (posting === undefined) {
    posting = newPosting(state, compactDay(date), account, side)
    if (state.postings.size < POSTINGS_MAX) state.postings.set(key, posting)
  }
  return posting
}

function newPosting(state: State, day: string, account: string, side: 'D' | 'K'): Posting {
  const number = zeros('', NUMBER_DIGITS)
  const { before, lineDigits, after } = LINE_HEAD
  const toNumber = before + zeros('', lineDigits) + state.org + after + '&103' + state.machine + '&104'
  const toAmount = toNumber + number + '&110' + day + '&111' + account + '&112'
  const toReference = `${toAmount}${zeros('', AMOUNT_DIGITS)} &113${side}&114${day.slice(0, 4)}&117${day}${state.machine}`
  return {
    account,
    side,
    withRecipient: bytes(toReference + number + RECIPIENT + zeros('', RECIPIENT_DIGITS) + TEXT),
    without: bytes(toReference + number + TEXT),
    numberAt: toNumber.length,
    amountAt: toAmount.length,
    referenceAt: toReference.length,
  }
}

/** A posting line up to its text; without `cpr` the recipient is not told. */
function putPosting(state: State, posting: Posting, amount: number, cpr: string | undefined): void {
  const { sink } = state
  const { numberAt, amountAt, referenceAt } = posting
  const line = cpr === undefined ? posting.without : posting.withRecipient
  state.line++
  state.number++
  state.lines++
  if (posting.side === 'D') state.debit += amount
  else state.credit += amount
  room(sink, line.length)
  const { buffer, at } = sink
  buffer.set(line, at)
  digitsAt(buffer, at + LINE_HEAD.before.length, LINE_HEAD.lineDigits, state.line)
  digitsAt(buffer, at + numberAt, NUMBER_DIGITS, state.number)
  digitsAt(buffer, at + amountAt, AMOUNT_DIGITS, amount < 0 ? -amount : amount)
  if (amount < 0) buffer[at + amountAt + AMOUNT_DIGITS] = MINUS
  digitsAt(buffer, at + referenceAt, NUMBER_DIGITS, state.number)
  sink.at = at + line.length
  if (cpr === undefined) return
  const filled = zeros(cpr, RECIPIENT_DIGITS)
  const recipientAt = sink.at - TEXT.length - RECIPIENT_DIGITS
  for (let i = 0; i < RECIPIENT_DIGITS; i++) buffer[recipientAt + i] = filled.charCodeAt(i)
}

function bytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'latin1'))
}

function zeros(text: string, length: number): string {
  const missing = length - text.length
  assert(missing >= 0, `a posting field of ${length} digits got ${text.length}`)
  return missing === 0 ? text : text.padStart(length, '0')
}

/**
 * At most `most` characters of a text; the answer is how many. `&` begins a field and a line end a record: neither may
 * come from a source system's text.
 */
function putPlain(sink: Sink, text: string, most: number): number {
  const length = text.length < most ? text.length : most
  room(sink, length)
  const { buffer, at } = sink
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i)
    buffer[at + i] = code === 38 ? PLUS : code > 255 ? QUESTION : code < 32 || (code > 126 && code < 160) ? BLANK : code
  }
  sink.at = at + length
  return length
}

function compactDay(day: Day): string {
  const text = formatDay(day)
  return text.slice(0, 4) + text.slice(5, 7) + text.slice(8, 10)
}
