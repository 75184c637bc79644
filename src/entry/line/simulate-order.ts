/**
 * What an order would come to: it is taken in and calculated for real, in a transaction that is rolled back. So the
 * answer is what the line would do, by the same code, and nothing is changed. @da simulering
 */
import { danishDay } from '../../base/danish-time.ts'
import type { Tx } from '../../base/db.ts'
import { type Day, monthOf, type Period } from '../../base/date.ts'
import { entryIn, type Municipality, municipalityText, type OrderId } from '../../base/id.ts'
import { type Fault, Refusal } from '../../base/refusal.ts'
import { type CalculatedLine, readCalculatedLines, type UntakenReason } from '../../modules/effectuation/index.ts'
import { readOrderStatus } from '../../modules/events/index.ts'
import { answeredSince, lineOf, ordersAdjustedIn, readCorrecting, readItems } from '../../modules/items/index.ts'
import { ledgerBatchNo } from '../../modules/ledger/index.ts'
import {
  holdAsPlanned,
  lockMunicipality,
  type Order,
  readBenefitLines,
  releaseGathered,
  releaseWaiting,
  SOURCE_SYSTEM_ID,
} from '../../modules/orders/index.ts'
import { CARD_KINDS } from '../../modules/parties/index.ts'
import { dueDays } from '../../modules/payments/index.ts'
import { type RateReader, ratesIn, takeLawsIntoUse } from '../../modules/rates/index.ts'
import { holdCause } from '../text/index.ts'
import { calculateIn } from './calculate-batch.ts'
import { crossYearOf } from './cross-year.ts'
import { readDueTogether } from './group-orders.ts'
import type { Line } from './line.ts'
import { planPayDays } from './pay-days.ts'
import { nextWorkNo } from './plan-month.ts'
import { NO_DIFFERENCE, readDifference, type SimulatedDifference } from './simulated-difference.ts'
import { type OrderTaken, takeOrderIn } from './take-order.ts'
import { totalsToTell } from './tell-month.ts'

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

export interface Simulation {
  readonly order_key: string
  readonly version: number
  readonly source_system: string
  readonly municipality: string
  /**
   * calculated: as the items say. corrects: so too, beside what is withdrawn, moved, closed and overpaid of earlier
   * versions. held: so too, once the holds are released, unless the hold is of what the order itself says. waits: an
   * earlier version is not answered. unchanged.
   */
  readonly outcome: 'calculated' | 'held' | 'corrects' | 'waits' | 'unchanged'
  /** The reason in Danish. */
  readonly holds: readonly { kind: string; reason: string }[]
  /** What stands of earlier versions, and what the order wants. */
  readonly before: { readonly gross_ore: number }
  readonly after: { readonly gross_ore: number }
  readonly difference: SimulatedDifference & { readonly gross_ore: number }
  /** What is paid by it. */
  readonly items: readonly SimulatedItem[]
  readonly totals: Amounts
  readonly untaken: readonly { line_key: string; amount_ore: number; reason: UntakenReason }[]
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
  /** Calculated, or replaced by a later version: it changes nothing. */
  readonly done: boolean
}

async function simulate(tx: Tx, rates: RateReader, order: Order, knownAt: string): Promise<Simulation> {
  const { municipality } = order
  const newest = (await tx.first<NewestOrder>(
    `select o.order_id as id, o.beneficiary as person, o.state = 0 as active, exists (select from calculations c
       where c.municipality_code = $1 and c.order_id = o.order_id) or exists (select from orders n
       where n.municipality_code = $1 and n.source_system = $2 and n.order_key = $3 and n.version > $4) as done
     from orders o where o.municipality_code = $1 and o.source_system = $2 and o.order_key = $3 and o.version = $4
     order by o.again desc limit 1`,
    [municipality, SOURCE_SYSTEM_ID[order.sourceSystem], order.orderKey, order.version],
  )) as NewestOrder
  const wanted = newest.active ? await readBenefitLines(tx, municipality, newest.id) : []
  const after = wanted.reduce((sum, one) => sum + one.gross, 0)
  const before = newest.done ? after : await standingBefore(tx, rates, municipality, newest.id)
  const month = monthOf(Math.max(order.dispositionDate, danishDay(knownAt)) as Day)
  const isDue = !newest.done && (newest.active || before !== undefined)
  // As the month's run does before it plans.
  if (isDue) await crossYearOf(tx, rates, municipality, [newest.person], { month, knownAt })
  const workNo = await nextWorkNo(tx, municipality)
  if (isDue) await calculateBeside(tx, rates, municipality, newest, { month, workNo, knownAt })
  const { done } = newest
  const holds = await openHolds(tx, order)
  const lines = (await readCalculatedLines(tx, municipality, newest.id)).filter((line) => line.gross_ore > 0)
  const difference = await readDifference(tx, municipality, newest.id, workNo)
  const changed = !done && (lines.length > 0 || Object.values(difference).some((list) => list.length > 0))
  return {
    ...nameOf(order),
    outcome: outcomeOf(holds, changed, before !== undefined),
    holds,
    before: { gross_ore: before ?? 0 },
    after: { gross_ore: after },
    difference: { ...(done ? NO_DIFFERENCE : difference), gross_ore: after - (before ?? 0) },
    items: lines.map(itemOf),
    totals: totalsOf(lines),
    untaken: await readUntaken(tx, municipality, newest.id),
    postings: done ? [] : await readPostings(tx, municipality, newest.id, workNo),
    reports: changed
      ? await totalsToTell(
          tx,
          rates,
          municipality,
          month,
          workNo,
          (item) => item.orderKey === order.orderKey && item.sourceSystem === order.sourceSystem,
        )
      : {},
  }
}

function outcomeOf(holds: Simulation['holds'], changed: boolean, corrects: boolean): Simulation['outcome'] {
  if (holds.some((hold) => hold.kind === 'awaits_answer')) return 'waits'
  if (holds.length > 0) return 'held'
  if (!changed) return 'unchanged'
  return corrects ? 'corrects' : 'calculated'
}

/** Gross that stands of earlier versions; undefined when nothing was calculated of them. */
async function standingBefore(
  tx: Tx,
  newest: RateReader,
  municipality: Municipality,
  order: OrderId,
): Promise<number | undefined> {
  const of = (await readCorrecting(tx, municipality, [order])).get(order)
  if (of === undefined) return undefined
  const others = await ordersAdjustedIn(tx, municipality, of.earlier)
  const rates = await ratesIn(tx, newest, municipality)
  const { items, lines } = await readItems(tx, municipality, [...new Set([...of.earlier, ...others])], rates)
  return [...items.values()]
    .flatMap((item) =>
      item.spots.filter((lot) => lot.place === 'stands' && lineOf(lines, lot.at).decision === of.decision),
    )
    .reduce((sum, lot) => sum + lot.gross, 0)
}

async function openHolds(tx: Tx, order: Order): Promise<{ kind: string; reason: string }[]> {
  const { municipality, sourceSystem, orderKey, version } = order
  const status = await readOrderStatus(tx, municipality, SOURCE_SYSTEM_ID[sourceSystem], orderKey)
  return (status?.holds ?? [])
    .filter((hold) => hold.version === version && hold.released === null && hold.kind !== 'superseded')
    .map((hold) => ({ kind: hold.kind, reason: holdCause(hold) }))
}

async function calculateBeside(
  tx: Tx,
  rates: RateReader,
  municipality: Municipality,
  newest: NewestOrder,
  work: { readonly month: Period; readonly workNo: number; readonly knownAt: string },
): Promise<void> {
  const { month, workNo, knownAt } = work
  await releaseWaiting(tx, municipality, await answeredSince(tx, municipality), knownAt)
  await releaseGathered(tx, municipality, month.to, knownAt)
  const orders = await ordersBeside(tx, municipality, newest, month, knownAt)
  await tx.run(
    `insert into work_batches (municipality_code, work_no, kind, cause, known_at, order_ids)
     values ($1, $2, 'calculate', 'simulation', $3, $4)`,
    [municipality, workNo, knownAt, orders],
  )
  await takeLawsIntoUse(tx, municipality, workNo)
  await planPayDays(tx, rates, municipality, {
    works: [{ workNo, orders }],
    due: () => dueDays(tx, municipality, month.from, month.to),
    at: knownAt,
  })
  await calculateIn(tx, rates, { municipality, workNo, knownAt })
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
  knownAt: string,
): Promise<readonly OrderId[]> {
  const read = () => readDueTogether(tx, municipality, newest.person, month.to, newest.id)
  const open = await tx.first(
    `select 1 from work_batches w where w.municipality_code = $1 and w.kind = 'calculate'
       and w.order_ids && $2::bigint[] and not exists (select from work_done d
         where d.municipality_code = $1 and d.work_no = w.work_no)`,
    [municipality, await read()],
  )
  if (open !== undefined) {
    throw new Refusal('being_calculated', 'Orders of this person are being calculated. Try again in a moment.')
  }
  // Read again: a batch may have ended since, and what a death or a bankruptcy holds is not calculated.
  await holdAsPlanned(tx, municipality, await read(), knownAt)
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

function itemOf({ card, ...line }: CalculatedLine): SimulatedItem {
  return { ...line, card: CARD_KINDS[card] ?? 'none' }
}

function totalsOf(lines: readonly Amounts[]): Amounts {
  return Object.fromEntries(AMOUNTS.map((name) => [name, lines.reduce((sum, line) => sum + line[name], 0)])) as Amounts
}

async function readUntaken(tx: Tx, municipality: Municipality, order: OrderId) {
  return await tx.rows<Simulation['untaken'][number]>(
    `select l.line_key, u.amount_ore, u.reason from untaken_deductions u
     join order_lines l on l.municipality_code = $1 and l.order_id = u.order_id and l.line_no = u.line_no
     where u.municipality_code = $1 and u.order_id = $2 order by u.line_no`,
    [municipality, order],
  )
}

/** Of the entry that the order causes: what it pays and what it corrects. */
async function readPostings(tx: Tx, municipality: Municipality, order: OrderId, workNo: number) {
  return await tx.rows<{ account: string; debit_ore: number; credit_ore: number }>(
    `select l.account, sum(l.debit_ore)::bigint as debit_ore, sum(l.credit_ore)::bigint as credit_ore
     from entries e join ledger_lines_v1 l on l.municipality = e.municipality_code and l.entry_id = e.entry_id
     where e.municipality_code = $1 and e.entry_id >= $2 and e.entry_id < $3 and e.cause_id = $4
     group by l.account order by l.account`,
    [municipality, entryIn(ledgerBatchNo(workNo, 0), 0), entryIn(ledgerBatchNo(workNo + 1, 0), 0), order],
  )
}
