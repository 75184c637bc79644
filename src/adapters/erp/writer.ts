/**
 * Writes what the municipality's ERP is told of effectuated items: G69 postings only, never G68, which is a payment
 * order and would pay a second time beside NemKonto. Each section of the file balances by itself.
 */
import { assert } from '../../base/assert.ts'
import { civil, dayOf, formatDay, parseDay, type Day } from '../../base/date.ts'
import { municipalityText } from '../../base/id.ts'
import type { DeliveryHeader, DeliveryWriter, ToldItem } from '../../modules/deliveries/index.ts'
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
} from './layout.ts'

/** The file is written in this encoding; every character in it is one byte. */
export const encoding = 'latin1' as const

/** Account numbers of a posting: what is debited and what is credited. Dated: the chart changes by year. */
export type AccountsOf = (
  kind: PostingKind,
  benefit: number,
  day: Day,
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
  readonly kind: PostingKind
  sum: number
}

interface State {
  readonly accounts: AccountsOf
  readonly org: string
  readonly machine: string
  readonly sectionHead: string
  readonly limit: number
  readonly buckets: Map<string, Bucket>
  /** benefit × day → its accounts and buckets, so that an item costs no look-up by text. */
  plans: Map<number, Plan>
  line: number
  number: number
  lines: number
  debit: number
  credit: number
  items: number
}

/** The accounts of one benefit on one day, each asked for when the first amount needs it. */
interface Plan {
  readonly day: string
  /** By position in KINDS. */
  readonly ways: (Way | undefined)[]
}

interface Way {
  readonly debit: string
  /** Employer's ATP and pension have no line of their own per item: their debit is aggregated too. */
  readonly debitSum: Bucket | undefined
  readonly creditSum: Bucket
}

/** The first six kinds are the gross; their debit is the item's cost. */
const GROSS_KINDS = 6
const TEXT_MAX = FIELDS.find((field) => field.name === 'text')?.max ?? 0
/** The most lines that one item can add: a debit per gross part, and new sums. */
const LINES_PER_ITEM = 24

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
      const tail = closeSection(state)
      const totals = { lines: state.lines, debit_ore: state.debit, credit_ore: state.credit, items: state.items }
      return { head: state.sectionHead, tail, totals }
    },
  }
}

function item(state: State, told: ToldItem): string {
  const full = state.line + state.buckets.size + LINES_PER_ITEM > state.limit
  let text = full ? closeSection(state) + state.sectionHead : ''
  const plan = planOf(state, told)
  const parts = [told.ownAtp, told.am, told.tax, told.setOff, told.thirdParty, told.net, told.employerAtp, told.pension]
  let account = ''
  let cost = 0
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i] as number
    if (part === 0) continue
    const way = plan.ways[i] ?? openWay(state, told, plan, i)
    way.creditSum.sum += part
    if (way.debitSum !== undefined) way.debitSum.sum += part
    else {
      if (way.debit !== account) {
        text += costLine(state, told, plan.day, account, cost)
        account = way.debit
        cost = 0
      }
      cost += part
    }
  }
  text += costLine(state, told, plan.day, account, cost)
  state.items++
  return text
}

function costLine(state: State, told: ToldItem, day: string, account: string, cost: number): string {
  if (cost === 0) return ''
  const party = told.beneficiary
  const recipient = party.type === 'cpr' ? `&132${RECIPIENT_CPR}&133${zeros(party.id, 10)}` : ''
  return posting(state, day, account, cost, 'D', recipient, `${told.orderKey}/${told.lineKey} ${told.text}`)
}

function planOf(state: State, told: ToldItem): Plan {
  const key = told.benefit * 4_000_000 + told.dispositionDate
  let plan = state.plans.get(key)
  if (plan === undefined) {
    plan = { day: compactDay(told.dispositionDate), ways: KINDS.map(() => undefined) }
    state.plans.set(key, plan)
  }
  return plan
}

function openWay(state: State, told: ToldItem, plan: Plan, position: number): Way {
  const kind = KINDS[position] as PostingKind
  const date = told.dispositionDate
  const { debit, credit } = state.accounts(kind, told.benefit, date)
  const debitSum = position < GROSS_KINDS ? undefined : bucketOf(state, debit, date, 'D', kind)
  const way: Way = { debit, debitSum, creditSum: bucketOf(state, credit, date, 'K', kind) }
  plan.ways[position] = way
  return way
}

function bucketOf(state: State, account: string, date: Day, side: 'D' | 'K', kind: PostingKind): Bucket {
  const key = `${date}|${side}|${kind}|${account}`
  const known = state.buckets.get(key)
  if (known !== undefined) return known
  const bucket: Bucket = { account, date, side, kind, sum: 0 }
  state.buckets.set(key, bucket)
  return bucket
}

/** The aggregated postings by date, side, account and kind, then the end line. */
function closeSection(state: State): string {
  let text = ''
  const keys = [...state.buckets.keys()].sort()
  for (const key of keys) {
    const { account, date, side, kind, sum } = state.buckets.get(key) as Bucket
    if (sum !== 0) text += posting(state, compactDay(date), account, sum, side, '', KIND_TEXTS[kind])
  }
  text += SECTION_END + zeros(String(state.line), 5) + LINE_END
  state.buckets.clear()
  state.plans.clear()
  state.line = 0
  return text
}

function posting(
  state: State,
  day: string,
  account: string,
  amount: number,
  side: 'D' | 'K',
  recipient: string,
  text: string,
): string {
  const line = zeros(String(++state.line), LINE_HEAD.lineDigits)
  const number = zeros(String(++state.number), 7)
  state.lines++
  if (side === 'D') state.debit += amount
  else state.credit += amount
  const digits = zeros(String(amount < 0 ? -amount : amount), 12)
  return (
    LINE_HEAD.before +
    line +
    state.org +
    LINE_HEAD.after +
    '&103' +
    state.machine +
    '&104' +
    number +
    '&110' +
    day +
    '&111' +
    account +
    '&112' +
    digits +
    (amount < 0 ? '-' : ' ') +
    '&113' +
    side +
    '&114' +
    day.slice(0, 4) +
    '&117' +
    day +
    state.machine +
    number +
    recipient +
    '&153' +
    plainText(text) +
    LINE_END
  )
}

const ZEROS = Array.from({ length: 21 }, (_, n) => '0'.repeat(n))

function zeros(text: string, length: number): string {
  const missing = length - text.length
  assert(missing >= 0, `a posting field of ${length} digits got ${text.length}`)
  return missing === 0 ? text : (ZEROS[missing] as string) + text
}

/** `&` begins a field and a line end a record: neither may come from a source system's text. */
function plainText(text: string): string {
  const cut = text.length > TEXT_MAX ? text.slice(0, TEXT_MAX) : text
  for (let i = 0; i < cut.length; i++) {
    const code = cut.charCodeAt(i)
    if (code === 38 || code < 32 || code > 255 || (code > 126 && code < 160)) return replaceFrom(cut, i)
  }
  return cut
}

function replaceFrom(text: string, from: number): string {
  let safe = text.slice(0, from)
  for (let i = from; i < text.length; i++) {
    const code = text.charCodeAt(i)
    safe += code === 38 ? '+' : code > 255 ? '?' : code < 32 || (code > 126 && code < 160) ? ' ' : text[i]
  }
  return safe
}

function compactDay(day: Day): string {
  const text = formatDay(day)
  return text.slice(0, 4) + text.slice(5, 7) + text.slice(8, 10)
}
