/**
 * One planned batch: read its orders, calculate person by person, and write calculation, ledger, claims and payables in
 * one transaction with the batch's checkpoint. The checkpoint goes first: a second program waits for it, or is refused.
 */
import { danishDay } from '../../base/danish-time.ts'
import { type Day, firstOfMonth, formatDay } from '../../base/date.ts'
import type { Tx } from '../../base/db.ts'
import { itemId, municipalityText, type OrderId, type PartyId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { Refusal } from '../../base/refusal.ts'
import { claimOwners, type ClaimPosition, claimsOf } from '../../modules/claims/index.ts'
import {
  anyCalculated,
  type BenefitToCalculate,
  calculatePerson,
  type Earlier,
  type DeductionToTake,
  readEarlier,
} from '../../modules/effectuation/index.ts'
import { readPlans, TURN_OF_ITEM } from '../../modules/items/index.ts'
import { firstOpen, SHUT, type Shut } from '../../modules/ledger/index.ts'
import { type DueLine, QUANTITY_UNITS, type QuantityUnit, readBatchLines } from '../../modules/orders/index.ts'
import { readCards, type TaxCard } from '../../modules/parties/index.ts'
import { type DueDays, keptDays, payDaysOf, runPurposeOf } from '../../modules/payments/index.ts'
import {
  LAW_USES,
  type LawUses,
  type LocalRules,
  closedDays,
  type ExtraClosingDays,
  isBankDay,
  openPayDay,
  type RateReader,
  readLocalRules,
  withUses,
} from '../../modules/rates/index.ts'
import { type BatchTotals, batchBook, type DueOrderLines, type PlannedBatch } from './batch-book.ts'
import { type Corrections, correctOrders, type WhatIsKnown } from './correct-orders.ts'
import { closingsOf } from './correction-book.ts'
import { firstPayDay } from './correction-facts.ts'
import { mayHold } from './guard-orders.ts'
import type { Line } from './line.ts'
import { lastIntakeOf, type Seen } from './seen.ts'
import { BEYOND_PLANNED } from './work-numbers.ts'

/**
 * Does the batch unless it is done; gives its totals, or undefined when it was done before. Refuses with
 * `moved_meanwhile` what another batch has taken since this one read it: nothing of the batch is kept.
 */
export async function calculateBatch(line: Line, batch: PlannedBatch): Promise<BatchTotals | undefined> {
  try {
    // Who holds an order finds it calculated, or is heard; and what is read of items is what movements are made of:
    // nobody decides, or stops, anything of them meanwhile. Whoever else calculates has the municipality's turn.
    return await line.connection.besideOthers(batch.municipality, (tx) =>
      calculateIn(tx, line.rates, batch, (point) => line.at(point)),
    )
  } catch (error) {
    if ((error as { constraint?: unknown }).constraint !== TURN_OF_ITEM) throw error
    const where = `${municipalityText(batch.municipality)}, work ${batch.workNo}`
    throw new Refusal('moved_meanwhile', `Another batch moved the same payment (${where}). Run the month again.`)
  }
}

/** The same within a transaction of the caller's. */
export async function calculateIn(
  tx: Tx,
  rates: RateReader,
  batch: PlannedBatch,
  at: Line['at'] = () => undefined,
): Promise<BatchTotals | undefined> {
  const facts = await readFacts(tx, rates, batch)
  if (facts === undefined) return undefined
  const made = calculateAll(facts.rates, batch, facts)
  // The marker first: it is unique, so no second program gets further than this.
  await tx.run('insert into work_done (municipality_code, work_no, totals) values ($1, $2, $3)', [
    batch.municipality,
    batch.workNo,
    JSON.stringify({ ...made.totals, due: keptDays(made.due), seen: facts.seen }),
  ])
  at('calculate:after-marker')
  await made.write(tx)
  at('calculate:after-copy')
  at('calculate:before-commit')
  return made.totals
}

type PayDays = Awaited<ReturnType<typeof payDaysOf>>

interface BatchFacts {
  /** The book that was approved when the batch was planned. */
  readonly rates: RateReader
  readonly lines: readonly DueLine[]
  readonly corrections: Corrections | undefined
  readonly cards: ReadonlyMap<PartyId, TaxCard[]>
  readonly earlier: ReadonlyMap<PartyId, Earlier>
  readonly claims: ReadonlyMap<PartyId, ClaimPosition[]>
  /** Claims that set-offs of a person name and that are somebody else's. */
  readonly foreign: ReadonlyMap<PartyId, readonly string[]>
  readonly rules: LocalRules
  readonly seen: Seen
  readonly payDays: PayDays | undefined
  /** Orders of a person may be paid in another order of days than they say. */
  readonly daysMoved: boolean
}

interface ReadState {
  readonly done: boolean
  readonly uses: LawUses
  readonly adjusts: boolean
  readonly work: number
  readonly dated: boolean
  readonly shut: Shut
}

async function readFacts(tx: Tx, newest: RateReader, batch: PlannedBatch): Promise<BatchFacts | undefined> {
  const { municipality, workNo } = batch
  const state = await tx.often.first<ReadState>(
    `select exists (select from work_done where municipality_code = $1 and work_no = $2) as done, ${LAW_USES} as uses,
       exists (select from adjustment_plans where municipality_code = $1) as adjusts,
       exists (select from pay_days where municipality_code = $1 and work_no = $2) as dated,
       (select max(work_no) from work_batches where municipality_code = $1 and work_no < ${BEYOND_PLANNED}) as work,
       ${SHUT} as shut`,
    [municipality, workNo],
  )
  if (state === undefined || state.done) return undefined
  const { adjusts } = state
  const rates = (await withUses(tx, newest, state.uses)).ofWork(workNo)
  const payDays = state.dated ? await payDaysOf(tx, municipality, workNo) : undefined
  const rules = await readLocalRules(tx, municipality)
  const closed = closedDays(rates, rules, municipality)
  const when = { knownAt: batch.knownAt, open: firstOpen(state.shut) }
  const asSaid = await readBatchLines(tx, municipality, workNo)
  const lines = onPayDays(asSaid, closed, when, payDays)
  const persons = [...new Set(lines.map((line) => line.person))]
  const plans = adjusts ? await readPlans(tx, municipality, persons) : []
  const known = { rules, plans, adjusts }
  const corrections = await correctOrders(tx, rates, batch, personsWhoMayCorrect(lines, known), known)
  const cards = await readCards(tx, municipality, persons)
  const earlier = (await anyCalculated(tx, municipality))
    ? await readEarlier(tx, municipality, earliestOf(lines, cards), ordersIn(lines), corrections?.changes)
    : new Map<PartyId, Earlier>()
  const debtors = new Set(lines.filter((line) => line.claimKey !== '').map((line) => line.person))
  const givenBack = new Map<number, number>()
  const give = (claimId: number, amount: number) => givenBack.set(claimId, (givenBack.get(claimId) ?? 0) + amount)
  for (const order of corrections?.orders.values() ?? []) {
    for (const one of order.withdrawn.flatMap((item) => item.taken)) if (one.claimId > 0) give(one.claimId, one.amount)
    for (const one of closingsOf(order)) give(one.claimId, -one.amount)
    for (const one of order.revoked) give(one.claim.claimId, -one.left)
  }
  const claims = new Map<PartyId, ClaimPosition[]>()
  for (const claim of debtors.size > 0 ? await claimsOf(tx, municipality, [...debtors]) : []) {
    const left = (claim.left + (givenBack.get(claim.claimId) ?? 0)) as Ore
    claims.set(claim.debtor, [...(claims.get(claim.debtor) ?? []), { ...claim, left }])
  }
  const foreign = await foreignClaims(tx, municipality, lines, claims)
  const seen = { intake: lastIntakeOf(cards.values()), work: state.work }
  const daysMoved = lines !== asSaid
  return { rates, lines, corrections, cards, earlier, claims, foreign, rules, seen, payDays, daysMoved }
}

/**
 * What came or was let go after its date is paid on the first day that can be: nobody can be paid in the past, nor on a
 * day that is approved, and the day decides card and tax year. What falls on a day on which the banks or the
 * municipality pay nothing out is paid on another. Ordinarily there is neither, and the same lines are given back.
 * `payDays`: what is planned to be paid on its own day.
 */
function onPayDays(
  lines: DueLine[],
  closed: ExtraClosingDays | undefined,
  { knownAt, open }: { readonly knownAt: string; readonly open: (wish: Day) => Day },
  payDays: PayDays | undefined,
): DueLine[] {
  const today = open(danishDay(knownAt))
  const stands = (line: DueLine) => line.dispositionDate >= today && isBankDay(line.dispositionDate, closed)
  if (payDays === undefined && lines.every(stands)) return lines
  const first = firstPayDay(formatDay(today), closed)
  return lines.map((line) => {
    const named = payDays?.get(line.order)?.payOn
    const own = named === undefined || open(named) === named ? named : first
    if (own !== undefined) return { ...line, dispositionDate: own, payOn: own }
    const due = line.dispositionDate < today ? first : line.dispositionDate
    const dispositionDate = openPayDay(due, first, closed)
    return dispositionDate === line.dispositionDate ? line : { ...line, dispositionDate }
  })
}

function ordersIn(lines: readonly DueLine[]): Set<OrderId> {
  return new Set(lines.map((line) => line.order))
}

/** Before any time that a benefit can be for. */
const FIRST_DAY = 0 as Day

/**
 * From when it matters what a person's cards were used for, and their ATP taken: from the month of the first line that
 * is calculated now; a frikort runs through the whole year.
 */
function earliestOf(lines: readonly DueLine[], cards: BatchFacts['cards']): Map<PartyId, Day> {
  const earliest = new Map<PartyId, Day>()
  for (const { person, kind, periodFrom } of lines) {
    if (kind !== 0) continue
    const known = earliest.get(person)
    if (known !== undefined && known <= periodFrom) continue
    earliest.set(person, periodFrom)
  }
  for (const [person, from] of earliest) {
    const runs = cards.get(person)?.some((card) => card.kind === 'frikort')
    earliest.set(person, runs ? FIRST_DAY : firstOfMonth(from))
  }
  return earliest
}

/** Asked only when a set-off names a claim that its debtor does not have. */
async function foreignClaims(
  tx: Tx,
  municipality: PlannedBatch['municipality'],
  lines: readonly DueLine[],
  claims: BatchFacts['claims'],
): Promise<Map<PartyId, string[]>> {
  const stray = lines.filter(
    (line) => line.kind === 1 && !(claims.get(line.person) ?? []).some((claim) => claim.claimKey === line.claimKey),
  )
  const owners = await claimOwners(
    tx,
    municipality,
    stray.map((line) => line.claimKey),
  )
  const foreign = new Map<PartyId, string[]>()
  for (const { person, claimKey } of stray) {
    if (owners.has(claimKey)) foreign.set(person, [...(foreign.get(person) ?? []), claimKey])
  }
  return foreign
}

/**
 * All orders of the persons of whom one is a later version or decides a repayment, whose payments something is to be
 * taken in, or that a rule may keep back: few in an ordinary month.
 */
function personsWhoMayCorrect(
  lines: readonly DueLine[],
  { rules, plans }: Pick<WhatIsKnown, 'rules' | 'plans'>,
): DueOrderLines[] {
  const adjusted = new Set(plans.map((plan) => plan.person))
  const held = mayHold(rules)
  const dues: DueOrderLines[] = []
  for (const [from, to] of personsIn(lines)) {
    let may = held || adjusted.has((lines[from] as DueLine).person)
    for (let at = from; at < to && !may; at++) {
      const { version, kind } = lines[at] as DueLine
      may = version > 1 || kind === 3
    }
    if (may) dues.push(...ordersOf(lines, from, to))
  }
  return dues
}

/** Where each person's lines begin and end. */
function* personsIn(lines: readonly DueLine[]): Generator<readonly [number, number]> {
  for (let from = 0; from < lines.length; ) {
    const person = (lines[from] as DueLine).person
    let to = from + 1
    while (to < lines.length && (lines[to] as DueLine).person === person) to++
    yield [from, to]
    from = to
  }
}

interface Made {
  readonly totals: BatchTotals
  readonly due: DueDays
  write(tx: Tx): Promise<void>
}

/** Pure but for its row buffers: facts in, rows out. */
function calculateAll(rates: RateReader, batch: PlannedBatch, facts: BatchFacts): Made {
  const { lines, corrections } = facts
  const purposeOf = (order: OrderId) => runPurposeOf(facts.payDays?.get(order)?.kind)
  const book = batchBook(rates, batch, corrections, purposeOf)
  for (const [from, to] of personsIn(lines)) {
    const { person } = lines[from] as DueLine
    const all = ordersOf(lines, from, to)
    const orders = corrections === undefined ? all : asCorrected(all, corrections)
    if (facts.daysMoved) orders.sort(byDispositionDate)
    const claims = facts.claims.get(person) ?? []
    const foreign = facts.foreign.get(person) ?? []
    const before = facts.earlier.get(person)
    const result = calculatePerson(
      {
        municipality: batch.municipality,
        person,
        orders: orders.map((one) => withMinimum(one, facts.rules)),
        cards: facts.cards.get(person) ?? [],
        used: before?.used ?? [],
        atp: before?.atp ?? [],
        claims: [
          ...claims.map((claim) => ({ claimKey: claim.claimKey, left: claim.left })),
          ...foreign.map((claimKey) => ({ claimKey, left: 0 as Ore, ofOther: true })),
        ],
      },
      rates,
    )
    book.person(orders, result, claims)
  }
  return book
}

/** What set-offs must leave of an order: the most that a rule says of any of its benefits. */
function withMinimum({ order, lines }: DueOrderLines, rules: LocalRules): DueOrderLines['order'] {
  if (rules.rules.length === 0 || !order.deductions.some((one) => one.kind === 'set_off')) return order
  const { source } = lines[0] as DueLine
  const least = order.benefits.map((one) => rules.setOffMinimum(source, one.benefit, order.dispositionDate))
  return { ...order, setOffMinimum: Math.max(0, ...least) as Ore }
}

/** As they are left to be calculated, by the day on which they are paid: a correction may be paid later than said. */
function asCorrected(orders: readonly DueOrderLines[], corrections: Corrections): DueOrderLines[] {
  return orders
    .filter((one) => !corrections.heldOrders.has(one.order.order))
    .map((one) => corrections.orders.get(one.order.order)?.due ?? one)
    .sort(byDispositionDate)
}

function byDispositionDate(a: DueOrderLines, b: DueOrderLines): number {
  return a.order.dispositionDate - b.order.dispositionDate
}

function ordersOf(lines: readonly DueLine[], from: number, to: number): DueOrderLines[] {
  const orders: DueOrderLines[] = []
  for (let start = from; start < to; ) {
    const head = lines[start] as DueLine
    const benefits: BenefitToCalculate[] = []
    const deductions: DeductionToTake[] = []
    const own: DueLine[] = []
    let at = start
    for (; at < to && (lines[at] as DueLine).order === head.order; at++) {
      const line = lines[at] as DueLine
      own.push(line)
      if (line.kind === 0) {
        benefits.push({
          item: itemId(line.order, line.line),
          line: line.line,
          benefit: line.benefit,
          period: { from: line.periodFrom, to: line.periodTo },
          unit: QUANTITY_UNITS[line.unit] as QuantityUnit,
          thousandths: line.thousandths,
          gross: line.amount,
          repayable: line.repayable,
        })
      } else if (line.kind === 1 || line.kind === 2) {
        deductions.push({
          line: line.line,
          kind: line.kind === 1 ? 'set_off' : 'third_party',
          amount: line.amount,
          claimKey: line.kind === 1 ? line.claimKey : undefined,
          ...(line.fromEarmarked ? { takesEarmarked: true } : {}),
        })
      }
    }
    orders.push({
      lines: own,
      order: {
        order: head.order,
        person: head.person,
        personIsCompany: head.personType !== 0,
        dispositionDate: head.dispositionDate,
        benefits,
        deductions,
      },
    })
    start = at
  }
  return orders
}
