/**
 * What an order would come to: it is taken in and calculated for real, in a transaction that is rolled back. So the
 * answer is what the line would do, by the same code, and nothing is changed. @da simulering
 */
import type { Tx } from '../../base/db.ts'
import { type Day, formatDay, parseMonth, type Period } from '../../base/date.ts'
import { itemId, type Municipality, municipalityText, numbered, type OrderId, orderOfItem } from '../../base/id.ts'
import { type Fault, Refusal } from '../../base/refusal.ts'
import { type CalculatedLine, readCalculatedBefore, readCalculatedLines } from '../../modules/effectuation/index.ts'
import { type OrderItem, type PaymentState, readOrderStatus } from '../../modules/events/index.ts'
import { type Calculated, differenceOf, isUnchanged, type Standing } from '../../modules/items/index.ts'
import { ledgerBatchNo } from '../../modules/ledger/index.ts'
import {
  type BenefitWanted,
  lockMunicipality,
  type Order,
  readBenefitLines,
  readDueOrdersOf,
  SOURCE_SYSTEM_ID,
} from '../../modules/orders/index.ts'
import { CARD_KINDS } from '../../modules/parties/index.ts'
import type { RateReader } from '../../modules/rates/index.ts'
import { calculateIn } from '../line/calculate-batch.ts'
import type { Line } from '../line/line.ts'
import { nextWorkNo } from '../line/plan-month.ts'
import { totalsToTell } from '../line/tell-month.ts'
import { type OrderTaken, takeOrderIn } from './take-order.ts'

const AMOUNTS = [
  'gross_ore',
  'own_atp_ore',
  'am_ore',
  'tax_ore',
  'set_off_ore',
  'third_party_ore',
  'net_ore',
  'employer_atp_ore',
  'pension_ore',
] as const

/** Amounts of one line, or of all. */
export type Amounts = Record<(typeof AMOUNTS)[number], number>

export interface SimulatedItem extends Amounts {
  readonly line_key: string
  readonly benefit: string
  readonly card: string
}

export interface SimulatedDifference {
  readonly withdrawn: readonly { version: number; line_key: string; gross_ore: number }[]
  readonly paid: readonly { line_key: string; gross_ore: number }[]
  readonly moved: readonly { from_version: number; from_line_key: string; line_key: string; gross_ore: number }[]
  readonly overpaid: readonly { version: number; line_key: string; gross_ore: number }[]
}

export interface Simulation {
  readonly order_key: string
  readonly version: number
  readonly source_system: string
  readonly municipality: string
  /**
   * calculated: as the items say. held: so too, once the holds are released. corrects: an earlier version is in a run;
   * the difference is told in gross, tax is not derived yet. waits: an earlier version is not answered. unchanged.
   */
  readonly outcome: 'calculated' | 'held' | 'corrects' | 'waits' | 'unchanged'
  readonly holds: readonly { kind: string; reason: string }[]
  readonly before: { readonly gross_ore: number }
  readonly after: { readonly gross_ore: number }
  readonly difference: SimulatedDifference & { readonly gross_ore: number }
  readonly items: readonly SimulatedItem[]
  readonly totals: Amounts
  readonly untaken: readonly { line_key: string; amount_ore: number; reason: string }[]
  readonly postings: readonly { account: string; debit_ore: number; credit_ore: number }[]
  /** Control totals of what eIndkomst, the ERP, Ydelsesrefusion and Ydelsesindeks would be told of it. */
  readonly reports: Readonly<Record<string, Readonly<Record<string, number>>>>
}

export type Simulated =
  | { readonly kind: 'simulated'; readonly simulation: Simulation }
  | Exclude<OrderTaken, { readonly kind: 'new' | 'same' }>

/** Carries the answer out of the transaction, which its being thrown rolls back. */
class RolledBack extends Error {
  readonly simulated: Simulated
  constructor(simulated: Simulated) {
    super('a simulation')
    this.simulated = simulated
  }
}

export async function simulateOrder(
  line: Line,
  parsed: { readonly order: Order; readonly warnings: readonly Fault[] },
  act: { readonly knownAt: string; readonly actor: string },
): Promise<Simulated> {
  const { municipality } = parsed.order
  try {
    return await line.connection.transaction([municipality], async (tx) => {
      await lockMunicipality(tx, municipality)
      const taken = await takeOrderIn(tx, line.rates, parsed, act)
      if ('newest' in taken || 'faults' in taken) throw new RolledBack(taken)
      const simulation = await simulate(tx, line.rates, parsed.order, act.knownAt)
      throw new RolledBack({ kind: 'simulated', simulation })
    })
  } catch (error) {
    if (error instanceof RolledBack) return error.simulated
    throw error
  }
}

interface NewestOrder {
  readonly id: OrderId
  readonly person: number
  readonly active: boolean
  readonly calculated: boolean
}

async function simulate(tx: Tx, rates: RateReader, order: Order, knownAt: string): Promise<Simulation> {
  const { municipality } = order
  const newest = (await tx.first<NewestOrder>(
    `select o.order_id as id, o.beneficiary as person, o.state = 0 as active, exists (select from calculations c
       where c.municipality_code = $1 and c.order_id = o.order_id) as calculated
     from orders o where o.municipality_code = $1 and o.source_system = $2 and o.order_key = $3 and o.version = $4`,
    [municipality, SOURCE_SYSTEM_ID[order.sourceSystem], order.orderKey, order.version],
  )) as NewestOrder
  const status = await readOrderStatus(tx, municipality, SOURCE_SYSTEM_ID[order.sourceSystem], order.orderKey)
  const holds = (status?.holds ?? [])
    .filter((hold) => hold.version === order.version && hold.released === null)
    .map(({ kind, reason }) => ({ kind, reason }))
  const wanted = newest.active ? await readBenefitLines(tx, municipality, newest.id) : []
  const after = wanted.reduce((sum, one) => sum + one.gross, 0)
  const told = { ...nameOf(order), holds, after: { gross_ore: after } }
  const compared = newest.calculated ? undefined : await compare(tx, order, wanted, status?.items ?? [])
  if (compared !== undefined) return { ...told, ...compared, ...NOTHING_CALCULATED }
  const workNo = await nextWorkNo(tx, municipality)
  const month = monthOf(order.dispositionDate)
  if (newest.active && !newest.calculated) {
    const orders = await ordersBeside(tx, municipality, newest, month)
    await tx.run(
      `insert into work_batches (municipality_code, work_no, kind, cause, known_at, order_ids)
       values ($1, $2, 'calculate', 'simulation', $3, $4)`,
      [municipality, workNo, knownAt, orders.includes(newest.id) ? orders : [...orders, newest.id]],
    )
    await calculateIn(tx, rates, { municipality, workNo, knownAt })
  }
  const lines = await readCalculatedLines(tx, municipality, newest.id)
  const paid = newest.calculated ? [] : lines.map(({ line_key, gross_ore }) => ({ line_key, gross_ore }))
  const before = newest.calculated ? after : 0
  return {
    ...told,
    outcome: holds.length > 0 ? 'held' : newest.calculated || !newest.active ? 'unchanged' : 'calculated',
    before: { gross_ore: before },
    difference: { ...NO_DIFFERENCE, gross_ore: after - before, paid },
    items: lines.map(itemOf),
    totals: totalsOf(lines),
    untaken: await readUntaken(tx, municipality, newest.id),
    postings: newest.calculated ? [] : await readPostings(tx, municipality, newest.id, workNo),
    reports:
      newest.calculated || !newest.active
        ? {}
        : await totalsToTell(tx, rates, municipality, month, workNo, (item) => orderOfItem(item.item) === newest.id),
  }
}

/**
 * What is calculated together with the order. Orders that a batch is calculating at this moment would be written by
 * both: then the simulation gives way. No batch is planned while it holds the municipality.
 */
async function ordersBeside(
  tx: Tx,
  municipality: Municipality,
  newest: NewestOrder,
  month: Period,
): Promise<readonly OrderId[]> {
  const read = () => readDueOrdersOf(tx, municipality, newest.person, month.to, newest.id)
  const open = await tx.first(
    `select 1 from work_batches w where w.municipality_code = $1 and w.kind = 'calculate'
       and w.order_ids && $2::bigint[] and not exists (select from work_done d
         where d.municipality_code = $1 and d.work_no = w.work_no)`,
    [municipality, await read()],
  )
  if (open !== undefined) {
    throw new Refusal('being_calculated', 'Orders of this person are being calculated. Try again in a moment.')
  }
  // Read again: a batch may have ended since.
  return await read()
}

function nameOf(order: Order) {
  return {
    order_key: order.orderKey,
    version: order.version,
    source_system: order.sourceSystem,
    municipality: municipalityText(order.municipality),
  }
}

/** The month that a day is in: what is due until its end is calculated together. */
function monthOf(day: Day): Period {
  return parseMonth(formatDay(day).slice(0, 7)) as Period
}

const NO_DIFFERENCE = { withdrawn: [], paid: [], moved: [], overpaid: [] }
const NOTHING_CALCULATED = { items: [], totals: totalsOf([]), untaken: [], postings: [], reports: {} }

/** The difference from what earlier versions have come to; undefined when nothing of them is calculated. */
async function compare(
  tx: Tx,
  order: Order,
  wanted: readonly BenefitWanted[],
  items: readonly OrderItem[],
): Promise<Pick<Simulation, 'outcome' | 'before' | 'difference'> | undefined> {
  const { municipality, orderKey: key, version } = order
  const source = SOURCE_SYSTEM_ID[order.sourceSystem]
  const earlier = await readCalculatedBefore(tx, municipality, { source, key, version })
  if (earlier.length === 0) return undefined
  const standings = new Map(
    items.map((item) => [`${item.version}/${item.line_key}`, standingOf(item.payments.map((one) => one.state))]),
  )
  const calculated = earlier.map<Calculated>(({ from, to, ...one }) => ({
    ...one,
    period: { from, to },
    standing: standings.get(`${one.version}/${one.lineKey}`) ?? 'current',
  }))
  const difference = differenceOf({
    wanted: wanted.map(({ from, to, ...one }) => ({ ...one, period: { from, to } })),
    calculated,
    open: [],
  })
  const before = { gross_ore: earlier.reduce((sum, one) => sum + one.gross, 0) }
  const gross = wanted.reduce((sum, one) => sum + one.gross, 0) - before.gross_ore
  if (difference === 'unanswered')
    return { outcome: 'waits', before, difference: { ...NO_DIFFERENCE, gross_ore: gross } }
  const old = new Map(earlier.map((one) => [one.item, one]))
  const of = (item: number) => {
    const one = old.get(item)
    return { version: one?.version ?? 0, line_key: one?.lineKey ?? '' }
  }
  const keyOf = (line: number): string => wanted.find((one) => one.line === line)?.lineKey ?? ''
  return {
    outcome: isUnchanged(difference) ? 'unchanged' : 'corrects',
    before,
    difference: {
      gross_ore: gross,
      withdrawn: difference.withdrawn.map((item) => ({ ...of(item), gross_ore: old.get(item)?.gross ?? 0 })),
      paid: difference.paid.map(({ line, gross: gross_ore }) => ({ line_key: keyOf(line), gross_ore })),
      moved: difference.moved.map(({ item, line, gross: gross_ore }) => {
        const from = of(item)
        return { from_version: from.version, from_line_key: from.line_key, line_key: keyOf(line), gross_ore }
      }),
      overpaid: difference.overpaid.map(({ item, gross: gross_ore }) => ({ ...of(item), gross_ore })),
    },
  }
}

/** What a calculation has become, by the state of its payments; one that paid nobody stands as it is. */
function standingOf(states: readonly PaymentState[]): Standing {
  if (states.includes('in_round') || states.includes('sent')) return 'unanswered'
  if (states.includes('returned')) return 'returned'
  return states.length > 0 && states.every((state) => state === 'due') ? 'unsent' : 'current'
}

function itemOf({ card, ...line }: CalculatedLine): SimulatedItem {
  return { ...line, card: CARD_KINDS[card] ?? 'none' }
}

function totalsOf(lines: readonly Amounts[]): Amounts {
  return Object.fromEntries(AMOUNTS.map((name) => [name, lines.reduce((sum, line) => sum + line[name], 0)])) as Amounts
}

async function readUntaken(tx: Tx, municipality: Municipality, order: OrderId) {
  return await tx.rows<{ line_key: string; amount_ore: number; reason: string }>(
    `select l.line_key, u.amount_ore, u.reason from untaken_deductions u
     join order_lines l on l.municipality_code = $1 and l.order_id = u.order_id and l.line_no = u.line_no
     where u.municipality_code = $1 and u.order_id = $2 order by u.line_no`,
    [municipality, order],
  )
}

async function readPostings(tx: Tx, municipality: Municipality, order: OrderId, workNo: number) {
  return await tx.rows<{ account: string; debit_ore: number; credit_ore: number }>(
    `select account, sum(debit_ore)::bigint as debit_ore, sum(credit_ore)::bigint as credit_ore from ledger_lines_v1
     where municipality = $1 and entry_id >= $2 and entry_id < $3 and item_id >= $4 and item_id < $5
     group by account order by account`,
    [
      municipality,
      numbered(ledgerBatchNo(workNo, 0), 0),
      numbered(ledgerBatchNo(workNo + 1, 0), 0),
      itemId(order, 0),
      itemId(order + 1, 0),
    ],
  )
}
