/**
 * A change of a rate, a rule, a code or an account, tried on what was paid: how many items, what difference by benefit,
 * how much would be overpaid, the largest. Reads only, some thousand lines at a time. @da hvad nu hvis
 */
import type { Tx } from '../../base/db.ts'
import type { Day } from '../../base/date.ts'
import {
  type ItemId,
  lineOfItem,
  type Municipality,
  municipalityText,
  type OrderId,
  orderOfItem,
} from '../../base/id.ts'
import { type Again, type BenefitToCalculate, reckonAgain } from '../../modules/effectuation/index.ts'
import { codesOf, openPayDay, type RateReader, ratesIn } from '../../modules/rates/index.ts'
import type { Line } from './line.ts'
import { type CalculatedPerson, readCalculated, type Stored } from './read-calculated.ts'
import { cardsBy, readSeen, type Seen } from './seen.ts'

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
  /** Items that would be paid on another day. */
  redated: number
}

export interface WhatIf {
  readonly items: number
  /** Items that are not reckoned to what was calculated, by the book that is compared with. */
  readonly not_reproduced: number
  readonly totals: WhatIfSums
  readonly by_benefit: Readonly<Record<string, WhatIfSums>>
  readonly largest: readonly {
    readonly municipality: string
    readonly order_key: string
    readonly line_no: number
    readonly net_ore: number
    /** The payer's ATP and pension. */
    readonly contributions_ore: number
    readonly recoded_ore: number
  }[]
}

export interface WhatIfOptions {
  readonly municipalities: readonly Municipality[]
  /** The first day of payment that is looked at. */
  readonly since: Day
  /** What is compared with; left out: for each item the book that it was calculated with. */
  readonly before?: RateReader
  readonly after: RateReader
  readonly onDone?: (items: number) => void
  /** Each item, as it was and as it would be. */
  readonly onItem?: (item: ItemId, again: Again) => void
}

const LARGEST = 10

export async function whatIf(line: Line, options: WhatIfOptions): Promise<WhatIf> {
  const state: State = { items: 0, notReproduced: 0, by: new Map(), largest: [] }
  for (const municipality of options.municipalities) {
    await line.connection.transaction([municipality], async (tx) => {
      const rates = options.before ?? (await ratesIn(tx, line.rates, municipality))
      const seen = await readSeen(tx, municipality)
      const trial: Trial = { ...options, municipality, rates, seen, codes: new Map() }
      for await (const persons of readCalculated(tx, municipality)) {
        for (const person of persons) judge(person, trial, state)
        options.onDone?.(state.items)
      }
    })
  }
  const sums = [...state.by.values()]
  const names = await line.connection.transaction(options.municipalities, (tx) => namesOf(tx, state.largest))
  const named = [...state.by].map(([benefit, sum]) => [keyOf(options.after, benefit), sum] as const)
  return {
    items: state.items,
    not_reproduced: state.notReproduced,
    totals: sums.reduce(added, noSums()),
    by_benefit: Object.fromEntries(named.sort(([a], [b]) => (a < b ? -1 : 1))),
    largest: names,
  }
}

/** Calculated items that stand: for a bar. */
export async function itemsToTry(line: Line, municipalities: readonly Municipality[], since: Day): Promise<number> {
  const row = await line.connection.transaction(municipalities, (tx) =>
    tx.first<{ n: number }>(
      `select count(*) as n from calculations where municipality_code = any ($1::smallint[]) and gross_ore > 0
         and disposition_date >= '1970-01-01'::date + $2::int`,
      [municipalities, since],
    ),
  )
  return row?.n ?? 0
}

interface Trial extends WhatIfOptions {
  readonly municipality: Municipality
  /** The municipality's own: it knows each batch's book, unless one book is compared with. */
  readonly rates: RateReader
  /** What each batch of work saw. */
  readonly seen: (workNo: number) => Seen
  /** What benefits are booked and told as, by book, benefit and first day: looked up once each. */
  readonly codes: Map<RateReader, Map<number, string>>
}

interface Large {
  readonly municipality: Municipality
  readonly order: OrderId
  readonly line: number
  readonly net: number
  readonly contributions: number
  readonly recoded: number
}

interface State {
  items: number
  notReproduced: number
  readonly by: Map<number, WhatIfSums>
  /** The largest first. */
  readonly largest: Large[]
}

function judge({ person, stored, orders, cards }: CalculatedPerson, trial: Trial, state: State): void {
  const { municipality, rates, after, since, onItem } = trial
  const closed = after.closedIn(municipality)
  const seen = (workNo: number) => {
    const { intake, work } = trial.seen(workNo)
    return { cards: cardsBy(intake, cards), work }
  }
  const again = reckonAgain({ municipality, person, items: stored, seen }, orders, {
    before: (order) => rates.ofWork(order.workNo),
    after,
    // It is tried whether the book has closed the day, not whether there is time.
    payDay: ({ dispositionDate: due }) => (closed?.has(due) ? openPayDay(due, 0 as Day, closed) : due),
  })
  for (const order of orders) {
    if (order.dispositionDate < since) continue
    for (const line of order.benefits) {
      const one = again.get(line.item)
      const was = stored.get(line.item)
      if (one === undefined || was === undefined || was.withdrawn) continue
      state.items++
      onItem?.(line.item, one)
      if (!isSame(one.before, was)) state.notReproduced++
      const recoded = isRecoded(trial, was, line) ? was.stands : 0
      count(state, municipality, line, one, recoded, one.payDay !== order.dispositionDate)
    }
  }
}

type Amounts = Pick<Stored, 'ownAtp' | 'am' | 'tax' | 'employerAtp' | 'pension'>

function isSame(a: Amounts, b: Amounts): boolean {
  return (
    a.ownAtp === b.ownAtp &&
    a.am === b.am &&
    a.tax === b.tax &&
    a.employerAtp === b.employerAtp &&
    a.pension === b.pension
  )
}

function count(
  state: State,
  municipality: Municipality,
  { item, benefit }: BenefitToCalculate,
  { before: a, after: b }: Again,
  recoded: number,
  redated: boolean,
): void {
  if (isSame(a, b) && recoded === 0 && !redated) return
  const sum = state.by.get(benefit) ?? noSums()
  state.by.set(benefit, sum)
  const own = { own_atp: b.ownAtp - a.ownAtp, am: b.am - a.am, tax: b.tax - a.tax }
  const net = 0 - own.own_atp - own.am - own.tax
  sum.items++
  sum.own_atp_ore += own.own_atp
  sum.am_ore += own.am
  sum.tax_ore += own.tax
  sum.employer_atp_ore += b.employerAtp - a.employerAtp
  sum.pension_ore += b.pension - a.pension
  sum.net_ore += net
  sum.overpaid_ore += Math.max(0, 0 - net)
  sum.underpaid_ore += Math.max(0, net)
  sum.recoded_ore += recoded
  if (redated) sum.redated++
  const contributions = b.employerAtp - a.employerAtp + b.pension - a.pension
  keepLargest(state, municipality, item, { net, contributions, recoded })
}

/** First what the payees would get, then what is contributed, then what is booked otherwise. */
function isLarger(a: Pick<Large, 'net' | 'contributions' | 'recoded'>, b: typeof a): boolean {
  const by = Math.abs(a.net) - Math.abs(b.net) || Math.abs(a.contributions) - Math.abs(b.contributions)
  return (by || a.recoded - b.recoded) > 0
}

function keepLargest(
  state: State,
  municipality: Municipality,
  item: ItemId,
  amounts: Pick<Large, 'net' | 'contributions' | 'recoded'>,
): void {
  const { largest } = state
  const at = largest.findIndex((one) => isLarger(amounts, one))
  if (at < 0 && largest.length === LARGEST) return
  const one = { municipality, order: orderOfItem(item), line: lineOfItem(item), ...amounts }
  largest.splice(at < 0 ? largest.length : at, 0, one)
  if (largest.length > LARGEST) largest.pop()
}

/** Booked or told otherwise than where it stands now. */
export function isRecoded(
  { codes, rates, after }: Pick<Trial, 'codes' | 'rates' | 'after'>,
  { stands, bookedBy }: Stored,
  line: Pick<BenefitToCalculate, 'benefit' | 'period'>,
): boolean {
  return stands > 0 && codeOf(codes, rates.ofWork(bookedBy), line) !== codeOf(codes, after, line)
}

function codeOf(
  codes: Trial['codes'],
  rates: RateReader,
  { benefit, period: { from } }: Pick<BenefitToCalculate, 'benefit' | 'period'>,
): string {
  const known = codes.get(rates) ?? new Map<number, string>()
  codes.set(rates, known)
  const key = benefit * 65_536 + from
  const code = known.get(key) ?? codesOf(rates.benefitRule(benefit, from), rates, from)
  known.set(key, code)
  return code
}

function noSums(): WhatIfSums {
  const amounts = Object.fromEntries(
    [...AMOUNTS, 'net', 'overpaid', 'underpaid', 'recoded'].map((one) => [`${one}_ore`, 0]),
  )
  return { ...amounts, items: 0, redated: 0 } as WhatIfSums
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
  for (const { municipality, order, line, net, contributions, recoded } of largest) {
    const row = await tx.first<{ order_key: string }>(
      'select order_key from orders where municipality_code = $1 and order_id = $2',
      [municipality, order],
    )
    const place = municipalityText(municipality)
    named.push({
      municipality: place,
      order_key: row?.order_key ?? '',
      line_no: line,
      net_ore: net,
      contributions_ore: contributions,
      recoded_ore: recoded,
    })
  }
  return named
}
