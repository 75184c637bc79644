/**
 * What new versions and repayment decisions of a batch change of what was calculated before. The rules are those of
 * `items`; here their facts are read and their outcome is handed on: what is left to be paid, what is moved, what is
 * claimed, and what cannot be done and is held.
 */
import type { Tx } from '../../base/db.ts'
import { type Day, day as dayFrom } from '../../base/date.ts'
import { itemId, type ItemId, numbered, type OrderId, orderOfItem } from '../../base/id.ts'
import { formatKroner, type Ore } from '../../base/money.ts'
import { claimsLeft, type DecidedBefore, decidedBefore } from '../../modules/claims/index.ts'
import { NOTHING_WITHHELD, plus, type Withheld } from '../../modules/effectuation/index.ts'
import {
  type Chain,
  correct,
  type Correcting,
  grossIn,
  type Line as BenefitLine,
  type Movement,
  ordersPaidFor,
  type PaidItem,
  readCorrecting,
  readItems,
  readLines,
  repay,
  whatIsTaken,
} from '../../modules/items/index.ts'
import type { DueLine } from '../../modules/orders/index.ts'
import { addBankDays, type RateReader } from '../../modules/rates/index.ts'
import type { DueOrderLines, PlannedBatch } from './batch-book.ts'

/** Claims decided in orders are numbered behind opening claims, which carry intake numbers. */
export const DECIDED_CLAIMS = 2 ** 21

/** A claim that a repayment line opens. */
export interface Claimed {
  readonly line: DueLine
  readonly claimId: number
  /** What is claimed: the line's own amount when nothing of it was paid here. */
  readonly amount: Ore
  /** False when TØK holds no item of it: paid before the takeover. */
  readonly fromItems: boolean
}

export interface Held {
  readonly order: OrderId
  readonly kind: 'awaits_answer' | 'unfounded_repayment'
  readonly reason: string
}

/** An order as it is to be calculated and booked. */
export interface CorrectedOrder {
  readonly due: DueOrderLines
  /** Whether earlier versions came to something. */
  readonly corrects: boolean
  readonly movements: readonly Movement[]
  readonly claimed: readonly Claimed[]
  /** Items that are withdrawn whole, as they were. */
  readonly withdrawn: readonly PaidItem[]
  /** A deduction that was taken already, above what the version now says. */
  readonly takenAlready: readonly { readonly line: number; readonly amount: Ore }[]
}

export interface Corrections {
  readonly orders: ReadonlyMap<OrderId, CorrectedOrder>
  readonly held: readonly Held[]
  /** The items that movements name, before them, and every line that they count for. */
  readonly items: ReadonlyMap<ItemId, PaidItem>
  readonly lines: ReadonlyMap<ItemId, BenefitLine>
  /** What changes of each item's tax and contributions. */
  readonly changes: ReadonlyMap<ItemId, Withheld>
}

interface Facts {
  readonly correcting: ReadonlyMap<OrderId, Correcting>
  readonly items: Map<ItemId, PaidItem>
  readonly lines: ReadonlyMap<ItemId, BenefitLine>
  readonly claimLeft: ReadonlyMap<number, number>
  readonly decided: Map<string, DecidedBefore>
  /** The first bank day on which something that is calculated now can be paid. */
  readonly firstPayDay: Day
}

/** Undefined when nothing of the batch corrects or claims anything: as nearly every batch of a month. */
export async function correctOrders(
  tx: Tx,
  rates: RateReader,
  batch: PlannedBatch,
  dues: readonly DueOrderLines[],
): Promise<Corrections | undefined> {
  const later = dues.filter((due) => (due.lines[0] as DueLine).version > 1)
  const claiming = dues.filter((due) => due.lines.some((line) => line.kind === 3))
  if (later.length + claiming.length === 0) return undefined
  const facts = await readFacts(tx, batch, later, claiming)
  const before = new Map(facts.items)
  const made = new Map<OrderId, CorrectedOrder>()
  const held: Held[] = []
  let claims = 0
  const nextClaim = () => numbered(DECIDED_CLAIMS + batch.workNo, claims++)
  // What is overpaid by one order may be claimed by another: those that claim come last.
  for (const due of [...dues].sort((a, b) => Number(claiming.includes(a)) - Number(claiming.includes(b)))) {
    const one = correctOrder(due, facts, rates, nextClaim)
    if ('kind' in one) held.push(one)
    else made.set(due.order.order, one)
  }
  return { orders: made, held, items: before, lines: facts.lines, changes: changesOf([...made.values()]) }
}

async function readFacts(
  tx: Tx,
  batch: PlannedBatch,
  later: readonly DueOrderLines[],
  claiming: readonly DueOrderLines[],
): Promise<Facts> {
  const { municipality } = batch
  const idsOf = (list: readonly DueOrderLines[]) => list.map((due) => due.order.order)
  const correcting = later.length > 0 ? await readCorrecting(tx, municipality, idsOf(later)) : new Map()
  const own = [...later.filter((due) => correcting.has(due.order.order)), ...claiming].flatMap((due) =>
    due.lines.map((line) => itemId(line.order, Math.max(line.line, 0))),
  )
  const ownLines = await readLines(tx, municipality, [...new Set(own)])
  const repayments = claiming.flatMap((due) => due.lines.filter((line) => line.kind === 3))
  const named = repayments.flatMap((line) => ownLines.get(itemId(line.order, line.line)) ?? [])
  const orders = new Set<OrderId>(named.length > 0 ? await ordersPaidFor(tx, municipality, named) : [])
  for (const one of correcting.values()) for (const order of one.earlier) orders.add(order)
  const { items, lines } = await readItems(tx, municipality, [...orders])
  const claims = [...items.values()].flatMap((item) =>
    item.spots.filter((lot) => lot.place === 'claim' || lot.place === 'gross_claim').map((lot) => lot.ref),
  )
  return {
    correcting,
    items: new Map(items),
    lines: new Map([...lines, ...ownLines]),
    claimLeft: await claimsLeft(tx, municipality, claims),
    decided: await decidedBefore(
      tx,
      municipality,
      repayments.map((line) => line.claimKey),
    ),
    firstPayDay: addBankDays(dayFrom(batch.knownAt.slice(0, 10)), 2),
  }
}

function correctOrder(
  due: DueOrderLines,
  facts: Facts,
  rates: RateReader,
  nextClaim: () => number,
): CorrectedOrder | Held {
  const chainOf = facts.correcting.get(due.order.order)
  const own = chainOf === undefined ? plain(due) : correctVersion(due, chainOf, facts, rates)
  if ('kind' in own) return own
  const after = new Map(own.items.map((item) => [item.item, item]))
  const claimed: Claimed[] = []
  const movements = [...own.order.movements]
  for (const line of due.lines) {
    if (line.kind !== 3) continue
    const one = claim(line, chainOf, facts, after, rates, nextClaim)
    if (one === undefined) continue
    if ('kind' in one) return one
    for (const item of one.items) after.set(item.item, item)
    movements.push(...one.movements)
    claimed.push(one.claimed)
  }
  for (const [id, item] of after) facts.items.set(id, item)
  for (const { line } of claimed) facts.decided.set(line.claimKey, { order: line.order, amount: line.amount })
  return { ...own.order, movements, claimed }
}

function plain(due: DueOrderLines): { order: CorrectedOrder; items: readonly PaidItem[] } {
  const nothing = { corrects: false, movements: [], claimed: [], withdrawn: [], takenAlready: [] }
  return { order: { due, ...nothing }, items: [] }
}

function correctVersion(
  due: DueOrderLines,
  { order, earlier }: Correcting,
  facts: Facts,
  rates: RateReader,
): { order: CorrectedOrder; items: readonly PaidItem[] } | Held {
  const isEarlier = new Set(earlier)
  const items = [...facts.items.values()].filter((item) => isEarlier.has(orderOfItem(item.item)))
  const chain: Chain = { items, lines: facts.lines }
  const wanted = due.order.benefits.map((benefit) => {
    const { rightHolder, component, period } = facts.lines.get(benefit.item) as BenefitLine
    const { line, gross, item: at } = benefit
    return { rightHolder, benefit: benefit.benefit, component, period, line, gross, at }
  })
  const correction = correct(wanted, chain, facts.claimLeft, rates)
  if (correction === 'unanswered') {
    const reason = 'An earlier version is in a payment run and not answered for good'
    return { order, kind: 'awaits_answer', reason }
  }
  const benefits = correction.paid.flatMap(({ line, gross, standing }) =>
    due.order.benefits.filter((one) => one.line === line).map((one) => ({ ...one, gross, standing })),
  )
  const withdrawn = items.filter((item) =>
    correction.movements.some((one) => one.item === item.item && one.to.place === 'withdrawn'),
  )
  const stays = correction.items.filter((item) => grossIn(item, ['withdrawn']) === 0)
  const { deductions, takenAlready } = leftToTake(due, stays)
  const dispositionDate = Math.max(due.order.dispositionDate, facts.firstPayDay) as Day
  const lines = due.lines.map((line) => ({ ...line, dispositionDate }))
  const paid = { lines, order: { ...due.order, dispositionDate, benefits, deductions } }
  return {
    order: { due: paid, corrects: true, movements: correction.movements, claimed: [], withdrawn, takenAlready },
    items: correction.items,
  }
}

/** Deductions that earlier versions took stand: only what the version says beyond them is taken now. */
function leftToTake(due: DueOrderLines, items: readonly PaidItem[]) {
  const taken = new Map<string, number>()
  for (const one of items.flatMap((item) => item.taken)) {
    taken.set(one.what, (taken.get(one.what) ?? 0) + one.amount)
  }
  const says = new Map<string, number>()
  const deductions = due.order.deductions.flatMap((deduction) => {
    const payee = due.lines.find((line) => line.line === deduction.line)?.linePayee ?? 0
    const what = whatIsTaken(deduction.kind === 'set_off' ? (deduction.claimKey ?? '') : undefined, payee)
    const before = taken.get(what) ?? 0
    const covered = Math.min(before, deduction.amount)
    taken.set(what, before - covered)
    says.set(what, deduction.line)
    return covered === deduction.amount ? [] : [{ ...deduction, amount: (deduction.amount - covered) as Ore }]
  })
  const takenAlready = [...says].flatMap(([what, line]) => {
    const amount = taken.get(what) ?? 0
    return amount > 0 ? [{ line, amount: amount as Ore }] : []
  })
  return { deductions, takenAlready }
}

interface ClaimMade {
  readonly claimed: Claimed
  readonly movements: readonly Movement[]
  readonly items: readonly PaidItem[]
}

/** What a repayment line comes to; undefined when an earlier version of the order decided it already. */
function claim(
  line: DueLine,
  chainOf: Correcting | undefined,
  facts: Facts,
  after: ReadonlyMap<ItemId, PaidItem>,
  rates: RateReader,
  nextClaim: () => number,
): ClaimMade | Held | undefined {
  const refuse = (reason: string): Held => ({ order: line.order, kind: 'unfounded_repayment', reason })
  const before = facts.decided.get(line.claimKey)
  if (before !== undefined) {
    if (chainOf?.earlier.includes(before.order) === true && before.amount === line.amount) return undefined
    return refuse(`Claim ${line.claimKey} is decided already, of ${formatKroner(before.amount)} kr.`)
  }
  const at = itemId(line.order, line.line)
  const decision = facts.lines.get(at) as BenefitLine
  const items = [...new Map([...facts.items, ...after]).values()]
  const own = new Set(chainOf?.earlier)
  const isKnown = items.some((item) => isSame(item, line.source, decision, own, facts))
  if (!isKnown && line.personType !== 0)
    return refuse(`Line ${decision.lineKey}: what an employer is to repay is decided in the order that paid it.`)
  if (!isKnown) {
    const claimed = { line, claimId: nextClaim(), amount: line.amount, fromItems: false }
    return { claimed, movements: [], items: [] }
  }
  const claimId = nextClaim()
  const { source, decisionDate: decided, amount: gross } = line
  const repaid = repay({ ...decision, source, claimId, gross, decided, own }, { items, lines: facts.lines }, rates)
  if (repaid.beyond > 0) {
    const [said, overpaid] = [formatKroner(gross), formatKroner(gross - repaid.beyond)]
    return refuse(`Line ${decision.lineKey} decides ${said} kr. to be paid back; overpaid of it is ${overpaid} kr.`)
  }
  const { movements, items: changed } = repaid
  return { claimed: { line, claimId, amount: repaid.claimed, fromItems: true }, movements, items: changed }
}

/** Whether an item is what a repayment decision is about: of the same right and time. */
function isSame(
  item: PaidItem,
  source: number,
  decision: BenefitLine,
  own: ReadonlySet<OrderId>,
  { lines }: Facts,
): boolean {
  const line = lines.get(item.item)
  return (
    item.source === source &&
    line !== undefined &&
    (line.rightHolder === decision.rightHolder || own.has(orderOfItem(item.item))) &&
    line.benefit === decision.benefit &&
    line.period.from < decision.period.to &&
    decision.period.from < line.period.to
  )
}

function changesOf(orders: readonly CorrectedOrder[]): Map<ItemId, Withheld> {
  const changes = new Map<ItemId, Withheld>()
  for (const { item, change } of orders.flatMap((order) => order.movements)) {
    changes.set(item, plus(changes.get(item) ?? NOTHING_WITHHELD, change))
  }
  return changes
}
