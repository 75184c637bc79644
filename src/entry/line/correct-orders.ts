/**
 * What new versions and repayment decisions of a batch change of what was calculated before. The rules are those of
 * `items`; here each order is taken through them: what is left to be paid, what is moved, what is claimed, and what
 * cannot be done and is held.
 */
import type { Tx } from '../../base/db.ts'
import type { Day } from '../../base/date.ts'
import { itemId, type ItemId, numbered, type OrderId, orderOfItem, type PartyId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { NOTHING_WITHHELD, plus, type Withheld } from '../../modules/effectuation/index.ts'
import {
  type Chain,
  correct,
  type Correcting,
  type DecidedClaim,
  grossIn,
  type Lines,
  type Movement,
  type PaidItem,
  type PersonsPlan,
  revoke,
  suppress,
} from '../../modules/items/index.ts'
import type { DueLine } from '../../modules/orders/index.ts'
import { type ClosedPart, closedPartsOf } from '../../modules/payments/index.ts'
import type { LocalRules, RateReader } from '../../modules/rates/index.ts'
import { planned, reckoned, takeInstalments, wantedOf } from './adjust-orders.ts'
import type { DueOrderLines, PlannedBatch } from './batch-book.ts'
import { type Claimed, claimOverpaid, DECIDED_CLAIMS, type Facts, type Held } from './claim-overpaid.ts'
import { type CorrectionFacts, readCorrectionFacts } from './correction-facts.ts'
import { gatherSmall, paidOn } from './gather-small.ts'
import { heldByRule, isGuarded, readGuard } from './guard-orders.ts'
import { leftToTake } from './left-to-take.ts'

/** A claim of before the takeover that is decided no more, and what was left of it. */
export interface Revoked {
  readonly claim: DecidedClaim
  readonly left: Ore
}

/** An order as it is to be calculated and booked. */
export interface CorrectedOrder {
  readonly due: DueOrderLines
  /** Whether earlier versions were calculated. */
  readonly corrects: boolean
  readonly movements: readonly Movement[]
  readonly claimed: readonly Claimed[]
  readonly revoked: readonly Revoked[]
  /** Items that are withdrawn whole, as they were. */
  readonly withdrawn: readonly PaidItem[]
  /** What is to be taken in coming payments, as it is spread now. */
  readonly plans: readonly PersonsPlan[]
  /** A deduction that was taken already, above what the version now says. */
  readonly takenAlready: readonly { readonly line: number; readonly amount: Ore }[]
}

export interface Corrections {
  readonly orders: ReadonlyMap<OrderId, CorrectedOrder>
  readonly held: readonly Held[]
  readonly heldOrders: ReadonlySet<OrderId>
  /** The items that movements name, before them, and every line that they count for. */
  readonly items: ReadonlyMap<ItemId, PaidItem>
  readonly lines: Lines
  /** What changes of each item's tax and contributions. */
  readonly changes: ReadonlyMap<ItemId, Withheld>
  /** Of what came back and is withdrawn: what was closed, as nobody claimed it, and is open again first. */
  readonly closed: ReadonlyMap<ItemId, readonly ClosedPart[]>
}

/** What holds while the orders of a batch are taken one after the other. */
interface Now {
  readonly items: Map<ItemId, PaidItem>
  readonly claimLeft: Map<number, number>
  /** By the line that is overpaid. */
  readonly plans: Map<string, PersonsPlan>
}

/** What the municipality has decided, and what is to be taken of the batch's persons. */
export interface WhatIsKnown {
  readonly rules: LocalRules
  readonly plans: readonly PersonsPlan[]
  /** Something of the municipality was to be adjusted once. */
  readonly adjusts: boolean
}

/** Undefined when nothing of the batch corrects or claims anything: as nearly every batch of a month. */
export async function correctOrders(
  tx: Tx,
  rates: RateReader,
  batch: PlannedBatch,
  dues: readonly DueOrderLines[],
  before: WhatIsKnown,
): Promise<Corrections | undefined> {
  const { rules } = before
  const guard = await readGuard(tx, batch, rules, dues)
  const later = dues.filter((due) => (due.lines[0] as DueLine).version > 1 || guard.based.has(due.order.order))
  const claiming = dues.filter((due) => due.lines.some((line) => line.kind === 3))
  const guarded = dues.some((due) => isGuarded(due, rules))
  if (later.length + claiming.length + before.plans.length === 0 && !guarded) return undefined
  const read = await readCorrectionFacts(tx, rates, batch, { dues, later, claiming, ...before })
  const facts = { ...read, guard }
  const made = new Map<OrderId, CorrectedOrder>()
  const held: Held[] = []
  let claims = 0
  const nextClaim = () => numbered(DECIDED_CLAIMS + batch.workNo, claims++)
  const plans = new Map(before.plans.map((plan) => [`${plan.item}:${plan.at}`, plan]))
  const now: Now = { items: new Map(facts.items), claimLeft: new Map(facts.claimLeft), plans }
  const small = await gatherSmall(tx, batch, rules, dues, later, (due) =>
    correctOrder(due, facts, now, apart(now), rates, () => 0),
  )
  for (const due of inTurn(dues, later, claiming)) {
    const waits = small.held.get(due.order.order)
    if (waits !== undefined) {
      held.push(waits)
      continue
    }
    // An order that is held changes nothing: what it changes is kept apart until it is done.
    const own = apart(now)
    const one = correctOrder(due, facts, now, own, rates, nextClaim)
    if ('kind' in one) {
      held.push(one)
      continue
    }
    made.set(due.order.order, paidOn(one, small.payDays.get(due.order.order)))
    for (const [id, item] of own.items) now.items.set(id, item)
    for (const [id, left] of own.claimLeft) now.claimLeft.set(id, left)
    for (const [at, plan] of own.plans) now.plans.set(at, plan)
    for (const { line } of one.claimed) facts.decidedNow.add(line.claimKey)
  }
  const heldOrders = new Set(held.map((one) => one.order))
  const changes = changesOf([...made.values()])
  const closed = await closedOf(tx, batch, [...made.values()])
  return { orders: made, held, heldOrders, items: facts.items, lines: facts.lines, changes, closed }
}

async function closedOf(
  tx: Tx,
  { municipality }: PlannedBatch,
  made: readonly CorrectedOrder[],
): Promise<Corrections['closed']> {
  const cameBack = made.flatMap((one) => one.movements).filter((one) => one.returned > 0)
  const parts = await closedPartsOf(tx, municipality, [...new Set(cameBack.map((one) => one.item))])
  return Map.groupBy(parts, (part) => part.item)
}

/**
 * What is overpaid by one order may be claimed by another, and taken in a third one's payment: new versions come first,
 * those that claim last.
 */
function inTurn(
  dues: readonly DueOrderLines[],
  later: readonly DueOrderLines[],
  claiming: readonly DueOrderLines[],
): DueOrderLines[] {
  const [isLater, claims] = [new Set(later), new Set(claiming)]
  const rest = dues.filter((one) => !claims.has(one))
  return [...rest.filter((one) => isLater.has(one)), ...rest.filter((one) => !isLater.has(one)), ...claiming]
}

/** Where one order is tried: what it changes is seen there alone. */
function apart(now: Now): Now {
  return { items: new Map(), claimLeft: new LaidOver(now.claimLeft), plans: new Map() }
}

/** A map that shows another beneath it, and holds only what is set in it. */
class LaidOver extends Map<number, number> {
  readonly #beneath: ReadonlyMap<number, number>
  constructor(beneath: ReadonlyMap<number, number>) {
    super()
    this.#beneath = beneath
  }
  override get(id: number): number | undefined {
    return super.get(id) ?? this.#beneath.get(id)
  }
}

function correctOrder(
  due: DueOrderLines,
  facts: Facts,
  before: Now,
  own: Now,
  rates: RateReader,
  nextClaim: () => number,
): CorrectedOrder | Held {
  const { order } = due.order
  const chainOf = facts.correcting.get(order)
  const itemsOf = (orders: Iterable<OrderId>) => itemsNow(orders, facts, before, own)
  const keep = (items: readonly PaidItem[]) => {
    for (const item of items) own.items.set(item.item, item)
  }
  const earlier = () => itemsOf(chainOf?.earlier ?? [])
  const guarded = heldByRule(due, chainOf?.decision, earlier, facts.lines, facts.guard)
  if (guarded !== undefined) return guarded
  const movements: Movement[] = []
  const revoked: Revoked[] = []
  for (const claim of revocable(due, chainOf, facts)) {
    const left = (own.claimLeft.get(claim.claimId) ?? 0) as Ore
    if (claim.ofOrders.length === 0 && left > 0) {
      revoked.push({ claim, left })
      own.claimLeft.set(claim.claimId, 0)
    }
    const chain = { items: itemsOf(claim.ofOrders), lines: facts.lines }
    const made = revoke(new Set([claim.claimId]), chain, own.claimLeft, rates)
    movements.push(...made.movements)
    keep(made.items)
  }
  const version =
    chainOf === undefined ? plain(due) : correctVersion(due, chainOf, itemsOf, facts, own.claimLeft, rates)
  if ('kind' in version) return version
  keep(version.items)
  movements.push(...version.order.movements)
  const claimed: Claimed[] = []
  for (const line of due.lines) {
    if (line.kind !== 3) continue
    const holder = facts.lines.get(itemId(line.order, line.line))?.rightHolder ?? 0
    const about = new Set([...(chainOf?.earlier ?? []), ...(facts.ordersOf.get(holder) ?? [])])
    const one = claimOverpaid(line, chainOf, facts, itemsOf(about), rates, nextClaim, claimed)
    if (one === undefined) continue
    if ('kind' in one) return one
    keep(one.items)
    movements.push(...one.movements)
    claimed.push(one.claimed)
    own.claimLeft.set(one.claimed.claimId, one.claimed.amount)
  }
  const plans: PersonsPlan[] = []
  const instalments = facts.instalments.get(order)
  if (chainOf !== undefined && instalments !== undefined) {
    const made = planned(due, chainOf, instalments, { items: itemsOf(chainOf.own), lines: facts.lines }, rates)
    keep(made.items)
    movements.push(...made.movements)
    plans.push(...made.plans)
    for (const plan of made.plans) own.plans.set(`${plan.item}:${plan.at}`, plan)
  }
  const small = letGo(due, chainOf, itemsOf, facts)
  keep(small.items)
  movements.push(...small.movements)
  const open = plansOf(due.order.person, before, own)
  if (open.length === 0) return { ...version.order, movements, claimed, revoked, plans }
  const chain = { items: itemsOf(open.map((plan) => orderOfItem(plan.item))), lines: facts.lines }
  const taken = takeInstalments(version.order.due, open, chain, itemsOf(chainOf?.earlier ?? []), rates)
  keep(taken.items)
  movements.push(...taken.movements)
  for (const plan of taken.plans) own.plans.set(`${plan.item}:${plan.at}`, plan)
  return { ...version.order, due: taken.due, movements, claimed, revoked, plans }
}

/** What is to be taken in a person's payments, as it is now. */
function plansOf(person: PartyId, before: Now, own: Now): PersonsPlan[] {
  const found = new Map<string, PersonsPlan>()
  for (const { plans } of [before, own]) {
    for (const [at, plan] of plans) if (plan.person === person) found.set(at, plan)
  }
  return [...found.values()]
}

/** The items of these orders, each once, as they are now. */
function itemsNow(orders: Iterable<OrderId>, facts: Facts, before: Now, own: Now): PaidItem[] {
  const found = new Map<ItemId, PaidItem>()
  for (const order of orders) {
    for (const id of facts.itemsOf.get(order) ?? []) {
      if (!found.has(id)) found.set(id, (own.items.get(id) ?? before.items.get(id)) as PaidItem)
    }
  }
  return [...found.values()]
}

/** Claims that earlier versions of the order decided and this one names no more. */
function revocable(due: DueOrderLines, chainOf: Correcting | undefined, facts: CorrectionFacts): DecidedClaim[] {
  if (chainOf === undefined) return []
  const named = new Set(due.lines.filter((line) => line.kind === 3).map((line) => line.claimKey))
  return chainOf.earlier
    .flatMap((order) => facts.claimsBy.get(order) ?? [])
    .filter((claim) => !named.has(claim.claimKey))
}

function plain(due: DueOrderLines): { order: CorrectedOrder; items: readonly PaidItem[] } {
  const nothing = {
    corrects: false,
    movements: [],
    claimed: [],
    revoked: [],
    withdrawn: [],
    plans: [],
    takenAlready: [],
  }
  return { order: { due, ...nothing }, items: [] }
}

function correctVersion(
  due: DueOrderLines,
  { decision, earlier }: Correcting,
  itemsOf: (orders: Iterable<OrderId>) => PaidItem[],
  facts: Facts,
  claimLeft: Map<number, number>,
  rates: RateReader,
): { order: CorrectedOrder; items: readonly PaidItem[] } | Held {
  const { order } = due.order
  const items = itemsOf(earlier)
  const chain: Chain = { items, lines: facts.lines }
  const wanted = wantedOf(due, facts.lines)
  const correction = correct(
    { wanted, settled: facts.settled.has(order), decision, isCompany: due.order.personIsCompany },
    chain,
    claimLeft,
    rates,
  )
  if (correction === 'unanswered') return { order, kind: 'awaits_answer' }
  if (correction === 'came_back') return { order, kind: 'came_back' }
  // Lines that pay nothing go along: contributions are reckoned of all lines of a benefit and a time together.
  const settled: Chain = { items: correction.items, lines: facts.lines }
  const paid = new Map(correction.paid.map(({ line, gross }) => [line, gross]))
  const benefits = reckoned(due, wanted, settled, correction.standing).map((one) => ({
    ...one,
    gross: paid.get(one.line) ?? (0 as Ore),
  }))
  const withdrawn = items.filter((item) =>
    correction.movements.some(({ item: id, to }) => id === item.item && to.place === 'withdrawn' && to.ref === 0),
  )
  // Of the decision's own items, also of those that were all taken in other payments; of others' items nothing: their
  // rent was paid for them.
  const after = new Map([...items, ...correction.items].map((item) => [item.item, item]))
  const stays = [...after.values()].filter(
    (item) => facts.lines.get(item.item)?.decision === decision && grossIn(item, ['withdrawn']) === 0,
  )
  const { deductions, takenAlready } = leftToTake(due, stays, facts.thirdParties)
  const corrects = items.length > 0
  const own = due.lines[0]?.payOn
  const dispositionDate =
    corrects && own === undefined
      ? (Math.max(due.order.dispositionDate, facts.firstPayDay) as Day)
      : due.order.dispositionDate
  const isMoved = dispositionDate !== due.order.dispositionDate
  const lines = isMoved ? due.lines.map((line) => ({ ...line, dispositionDate })) : due.lines
  const left = { lines, order: { ...due.order, dispositionDate, benefits, deductions } }
  const { movements } = correction
  return {
    order: { due: left, corrects: true, movements, claimed: [], revoked: [], withdrawn, plans: [], takenAlready },
    items: correction.items,
  }
}

/** What is left overpaid, where the municipality lets small amounts go. */
function letGo(
  { order, lines }: DueOrderLines,
  chainOf: Correcting | undefined,
  itemsOf: (orders: Iterable<OrderId>) => PaidItem[],
  facts: Facts,
): ReturnType<typeof suppress> {
  const mayLetGo = facts.guard.rules.rules.some((rule) => rule.treatment === 'suppress')
  if (chainOf === undefined || !mayLetGo) return { movements: [], items: [] }
  const { source } = lines[0] as DueLine
  return suppress(chainOf.decision, { items: itemsOf(chainOf.earlier), lines: facts.lines }, (benefit) => {
    const rule = facts.guard.rules.smallAmount(source, benefit, order.dispositionDate)
    return rule?.treatment === 'suppress' ? rule.limit : undefined
  })
}

function changesOf(orders: readonly CorrectedOrder[]): Map<ItemId, Withheld> {
  const changes = new Map<ItemId, Withheld>()
  for (const { item, change } of orders.flatMap((order) => order.movements)) {
    changes.set(item, plus(changes.get(item) ?? NOTHING_WITHHELD, change))
  }
  return changes
}
