/**
 * A change of a rate, a rule, a code or an account, tried on what was paid: how many items, what difference by benefit,
 * how much would be overpaid, the largest. Reads only, some thousand items at a time. @da hvad nu hvis
 */
import { type RowReader, rowReader } from '../../base/copy.ts'
import type { Tx } from '../../base/db.ts'
import { type Day, formatDay } from '../../base/date.ts'
import { itemId, type Municipality, municipalityText, type OrderId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import {
  type BenefitToCalculate,
  type CalculatedOrder,
  reckonAgain,
  type StandsAlready,
  type StoredAmounts,
} from '../../modules/effectuation/index.ts'
import { QUANTITY_UNITS, type QuantityUnit } from '../../modules/orders/index.ts'
import { CARD_KINDS, type CardKind } from '../../modules/parties/index.ts'
import { postingAccounts, type RateReader, TAX_METHODS, type TaxMethod } from '../../modules/rates/index.ts'
import type { Line } from './line.ts'

const AMOUNTS = ['own_atp', 'am', 'tax', 'employer_atp', 'pension'] as const

/** Differences in whole øre: what would be more, negative what would be less. */
export type WhatIfSums = Record<`${(typeof AMOUNTS)[number]}_ore` | 'net_ore', number> & {
  /** Items of which something changes. */
  items: number
  /** What the payees got too much: the sum of lower nets. */
  overpaid_ore: number
  /** What they got too little. */
  underpaid_ore: number
  /** Gross that would be booked on another account, or told as another kind of income. */
  recoded_ore: number
}

export interface WhatIf {
  readonly items: number
  /** Items that today's book does not give the same for as was calculated: corrections that stand beside others. */
  readonly not_reproduced: number
  readonly totals: WhatIfSums
  readonly by_benefit: Readonly<Record<string, WhatIfSums>>
  readonly largest: readonly {
    readonly municipality: string
    readonly order_key: string
    readonly line_no: number
    readonly net_ore: number
  }[]
}

export interface WhatIfOptions {
  readonly municipalities: readonly Municipality[]
  /** The first day of payment that is looked at. */
  readonly since: Day
  readonly before: RateReader
  readonly after: RateReader
  readonly onDone?: (items: number) => void
}

/** Items read at a time. */
const AT_ONCE = 20_000
const LARGEST = 10

export async function whatIf(line: Line, options: WhatIfOptions): Promise<WhatIf> {
  const state: State = { items: 0, notReproduced: 0, by: new Map(), largest: [] }
  for (const municipality of options.municipalities) {
    await line.connection.transaction([municipality], (tx) => tryOn(tx, municipality, options, state))
  }
  const sums = [...state.by.values()]
  const names = await line.connection.transaction(options.municipalities, (tx) => namesOf(tx, state.largest))
  const named = [...state.by].map(([benefit, sum]) => [keyOf(options.before, benefit), sum] as const)
  return {
    items: state.items,
    not_reproduced: state.notReproduced,
    totals: sums.reduce(added, noSums()),
    by_benefit: Object.fromEntries(named.sort(([a], [b]) => (a < b ? -1 : 1))),
    largest: names,
  }
}

interface Large {
  readonly municipality: Municipality
  readonly order: OrderId
  readonly line: number
  readonly net: number
}

interface State {
  items: number
  notReproduced: number
  readonly by: Map<number, WhatIfSums>
  largest: Large[]
}

async function tryOn(tx: Tx, municipality: Municipality, options: WhatIfOptions, state: State): Promise<void> {
  for (let after = -1; ; ) {
    const orders = await readOrders(tx, municipality, options.since, after)
    for (const { order, calculated } of orders.all) judge(municipality, order, calculated, options, state)
    options.onDone?.(state.items)
    if (orders.next === undefined) return
    after = orders.next
  }
}

function judge(
  municipality: Municipality,
  order: OrderId,
  calculated: CalculatedOrder,
  { before, after }: WhatIfOptions,
  state: State,
): void {
  const [now, then] = [reckonAgain(calculated, before), reckonAgain(calculated, after)]
  calculated.lines.forEach((line, i) => {
    state.items++
    const [a, b, stored] = [now[i], then[i], calculated.calculated[i]]
    if (a === undefined || b === undefined || stored === undefined) return
    const same =
      a.tax === stored.tax && a.am === stored.am && a.ownAtp === stored.ownAtp && a.pension === stored.pension
    if (!same) state.notReproduced++
    const own = { own_atp: b.ownAtp - a.ownAtp, am: b.am - a.am, tax: b.tax - a.tax }
    const beside = { employer_atp: b.employerAtp - a.employerAtp, pension: b.pension - a.pension }
    const net = 0 - own.own_atp - own.am - own.tax
    const recoded = codeOf(before, line) === codeOf(after, line) ? 0 : line.gross
    const changed =
      own.own_atp !== 0 || own.am !== 0 || own.tax !== 0 || beside.employer_atp !== 0 || beside.pension !== 0
    if (!changed && recoded === 0) return
    const sum = state.by.get(line.benefit) ?? noSums()
    state.by.set(line.benefit, sum)
    sum.items++
    sum.own_atp_ore += own.own_atp
    sum.am_ore += own.am
    sum.tax_ore += own.tax
    sum.employer_atp_ore += beside.employer_atp
    sum.pension_ore += beside.pension
    sum.net_ore += net
    sum.overpaid_ore += Math.max(0, 0 - net)
    sum.underpaid_ore += Math.max(0, net)
    sum.recoded_ore += recoded
    if (net !== 0) keepLargest(state, { municipality, order, line: line.line, net })
  })
}

function keepLargest(state: State, one: Large): void {
  const least = state.largest.at(-1)
  if (state.largest.length === LARGEST && least !== undefined && Math.abs(least.net) >= Math.abs(one.net)) return
  state.largest = [...state.largest, one].sort((a, b) => Math.abs(b.net) - Math.abs(a.net)).slice(0, LARGEST)
}

const codes = new WeakMap<RateReader, Map<string, string>>()

/** The cost account and the kind of income of a line, looked up once each. */
function codeOf(rates: RateReader, { benefit, period }: BenefitToCalculate): string {
  const known = codes.get(rates) ?? new Map<string, string>()
  codes.set(rates, known)
  const key = `${benefit} ${period.from}`
  let code = known.get(key)
  if (code === undefined) {
    const rule = rates.benefitRule(benefit, period.from)
    code = `${postingAccounts('net', rule, rates, { day: period.from }).debit.key} ${rule.incomeType} ${rule.incomeKind}`
    known.set(key, code)
  }
  return code
}

function noSums(): WhatIfSums {
  const amounts = Object.fromEntries(
    [...AMOUNTS, 'net', 'overpaid', 'underpaid', 'recoded'].map((one) => [`${one}_ore`, 0]),
  )
  return { ...amounts, items: 0 } as WhatIfSums
}

function added(a: WhatIfSums, b: WhatIfSums): WhatIfSums {
  return Object.fromEntries(
    Object.entries(a).map(([name, one]) => [name, one + b[name as keyof WhatIfSums]]),
  ) as WhatIfSums
}

function keyOf(rates: RateReader, benefit: number): string {
  return rates.book.benefits.find((row) => row.benefit === benefit)?.key ?? String(benefit)
}

async function namesOf(tx: Tx, largest: readonly Large[]): Promise<WhatIf['largest']> {
  const named: WhatIf['largest'][number][] = []
  for (const { municipality, order, line, net } of largest) {
    const row = await tx.first<{ order_key: string }>(
      'select order_key from orders where municipality_code = $1 and order_id = $2',
      [municipality, order],
    )
    const place = municipalityText(municipality)
    named.push({ municipality: place, order_key: row?.order_key ?? '', line_no: line, net_ore: net })
  }
  return named
}

interface Page {
  readonly all: readonly { readonly order: OrderId; readonly calculated: CalculatedOrder }[]
  /** The last order of the page; undefined when there are no more. */
  readonly next: OrderId | undefined
}

/**
 * Calculated items that were not withdrawn, order by order; the order that a page ends in is read again with the next.
 */
async function readOrders(tx: Tx, municipality: Municipality, since: Day, after: OrderId): Promise<Page> {
  const bytes = await tx.copyOut(`select c.order_id, c.line_no, o.beneficiary_type, c.disposition_date, c.benefit,
      l.period_from, l.period_to, l.quantity_unit, l.quantity_thousandths, l.repayable, c.gross_ore, c.own_atp_ore,
      c.am_ore, c.tax_ore, c.employer_atp_ore, c.pension_ore, c.allowance_used_ore, c.frikort_used_ore,
      c.tax_rate_millionths, c.card, c.tax_method, s.gross_ore, s.own_atp_ore, s.employer_atp_ore, s.pension_ore
    from (select c.* from calculations c where c.municipality_code = ${municipality} and c.order_id > ${after}
      order by c.order_id, c.line_no limit ${AT_ONCE}) c
    cross join lateral (select o.beneficiary_type from orders o where o.municipality_code = ${municipality}
      and o.order_id = c.order_id offset 0) o
    cross join lateral (select l.* from order_lines l where l.municipality_code = ${municipality}
      and l.order_id = c.order_id and l.line_no = c.line_no offset 0) l
    left join standing_lines s on s.municipality_code = ${municipality} and s.order_id = c.order_id
      and s.line_no = c.line_no
    where c.gross_ore > 0 and c.disposition_date >= '${formatDay(since)}'
      and not exists (select from item_movements m where m.municipality_code = ${municipality}
        and m.item_id = c.order_id * 64 + c.line_no and m.to_place = 1 and m.to_ref = 0)
    order by c.order_id, c.line_no`)
  const last = await tx.first<{ n: number; last: OrderId | null }>(
    `select count(*)::int as n, max(c.order_id) as last from (select c.order_id from calculations c
       where c.municipality_code = $1 and c.order_id > $2 order by c.order_id, c.line_no limit ${AT_ONCE}) c`,
    [municipality, after],
  )
  const all: { order: OrderId; calculated: CalculatedOrder }[] = []
  const full = last?.n === AT_ONCE
  for (const rows = rowReader(bytes); rows.next(); ) {
    const { order, head, line, stored } = readRow(rows)
    if (full && order === last.last) break
    const open = all.at(-1)
    if (open?.order === order) {
      ;(open.calculated.lines as BenefitToCalculate[]).push(line)
      ;(open.calculated.calculated as StoredAmounts[]).push(stored)
    } else all.push({ order, calculated: { ...head, lines: [line], calculated: [stored] } })
  }
  return { all, next: full ? (last.last as OrderId) - 1 : undefined }
}

function readRow(rows: RowReader) {
  const order = rows.i64()
  const number = rows.i16()
  const head = { personIsCompany: rows.i16() !== 0, dispositionDate: rows.date() }
  const benefit = rows.i16()
  const period = { from: rows.date(), to: rows.date() }
  const unit = QUANTITY_UNITS[rows.i16()] as QuantityUnit
  const thousandths = rows.i32()
  const repayable = rows.bool()
  const gross = rows.i64() as Ore
  const amount = (): Ore => rows.i64() as Ore
  const [ownAtp, am, tax, employerAtp, pension, allowanceUsed, frikortUsed] = [
    amount(),
    amount(),
    amount(),
    amount(),
    amount(),
    amount(),
    amount(),
  ]
  const taxRate = rows.i32()
  const card = CARD_KINDS[rows.i16()] as CardKind
  const method = TAX_METHODS[rows.i16()] as TaxMethod
  const standing = standingIn(rows, amount)
  const line = { item: itemId(order, number), line: number, benefit, period, unit, thousandths, gross, repayable }
  return {
    order,
    head,
    line: standing === undefined ? line : { ...line, standing },
    stored: { ownAtp, am, tax, employerAtp, pension, allowanceUsed, frikortUsed, taxRate, card, method },
  }
}

/** Four amounts, or four times nothing. */
function standingIn(rows: RowReader, amount: () => Ore): StandsAlready | undefined {
  if (!rows.nothing()) return { gross: amount(), ownAtp: amount(), employerAtp: amount(), pension: amount() }
  for (let i = 0; i < 3; i++) rows.nothing()
  return undefined
}
