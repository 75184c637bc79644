/** What is known of what the orders of a batch correct and claim: read once, before anything is made of it. */
import { danishDay } from '../../base/danish-time.ts'
import type { Tx } from '../../base/db.ts'
import type { Day } from '../../base/date.ts'
import { itemId, type ItemId, type Municipality, type OrderId, orderOfItem, type PartyId } from '../../base/id.ts'
import { claimsLeft, type DecidedBefore, decidedBefore } from '../../modules/claims/index.ts'
import {
  claimsDecidedBy,
  type Correcting,
  type DecidedClaim,
  type Lines,
  ordersAdjustedIn,
  ordersPaidFor,
  type PaidItem,
  type PersonsPlan,
  readCorrecting,
  readItems,
  readLines,
} from '../../modules/items/index.ts'
import { type DueLine, instalmentsOf, orderKeysOf, settledOrders } from '../../modules/orders/index.ts'
import { readParties } from '../../modules/parties/index.ts'
import {
  addBankDays,
  closedDays,
  type ExtraClosingDays,
  type LocalRules,
  type RateReader,
} from '../../modules/rates/index.ts'
import type { DueOrderLines, PlannedBatch } from './batch-book.ts'

export interface CorrectionFacts {
  readonly correcting: ReadonlyMap<OrderId, Correcting>
  readonly items: ReadonlyMap<ItemId, PaidItem>
  /** Items of each order, and those with gross at its lines. */
  readonly itemsOf: ReadonlyMap<OrderId, readonly ItemId[]>
  readonly lines: Lines
  /** In how many coming payments an order says that what it takes away is to be taken. */
  readonly instalments: ReadonlyMap<OrderId, number>
  /** Orders with items of a right holder: what is moved stays with its own. */
  readonly ordersOf: ReadonlyMap<PartyId, ReadonlySet<OrderId>>
  readonly claimLeft: ReadonlyMap<number, number>
  /** Claims that orders decided, by order. */
  readonly claimsBy: ReadonlyMap<OrderId, readonly DecidedClaim[]>
  /** Claim keys that were taken before the batch, and in it. */
  readonly decided: ReadonlyMap<string, DecidedBefore>
  readonly decidedNow: Set<string>
  readonly orderKeys: ReadonlyMap<OrderId, string>
  /** What third-party lines of the batch's corrections call themselves. */
  readonly thirdParties: ReadonlyMap<ItemId, NamedThirdParty>
  /** Companies among those who were paid what is decided to be paid back. */
  readonly companies: ReadonlySet<PartyId>
  /** Orders of which a person has said that what came back is settled. */
  readonly settled: ReadonlySet<OrderId>
  /** The day on which it is calculated. */
  readonly today: Day
  /** The first bank day on which something that is calculated now can be paid. */
  readonly firstPayDay: Day
}

/** All orders of the persons of whom something is corrected, claimed or to be taken. */
export interface WhoCorrects {
  readonly dues: readonly DueOrderLines[]
  /** Of them the later versions, and those that decide a repayment. */
  readonly later: readonly DueOrderLines[]
  readonly claiming: readonly DueOrderLines[]
  readonly plans: readonly PersonsPlan[]
  /** Something of the municipality was to be adjusted once. */
  readonly adjusts: boolean
  readonly rules: LocalRules
}

/** Bank days from calculation to payment: a run is assembled, approved and sent in between. */
const DAYS_TO_PAY = 2

export function firstPayDay(knownAt: string, closed?: ExtraClosingDays): Day {
  return addBankDays(danishDay(knownAt), DAYS_TO_PAY, closed)
}

export async function readCorrectionFacts(
  tx: Tx,
  rates: RateReader,
  batch: PlannedBatch,
  { dues, later, claiming, plans, adjusts, rules }: WhoCorrects,
): Promise<CorrectionFacts> {
  const { municipality } = batch
  const idsOf = (list: readonly DueOrderLines[]) => list.map((due) => due.order.order)
  const correcting =
    later.length > 0 ? await readCorrecting(tx, municipality, idsOf(later)) : new Map<OrderId, Correcting>()
  const instalments =
    later.length > 0 ? await instalmentsOf(tx, municipality, idsOf(later)) : new Map<OrderId, number>()
  const own = new Set<ItemId>()
  const coming = dues.filter(isComing([...plans.map((plan) => plan.person), ...sayingSo(later, instalments)]))
  for (const due of [...later.filter((one) => correcting.has(one.order.order)), ...claiming, ...coming]) {
    for (const line of due.lines) own.add(itemId(line.order, line.line))
  }
  const ownLines = await readLines(tx, municipality, [...own], rates)
  const earlier = [...correcting.values()].flatMap((one) => one.earlier)
  const claims = await claimsDecidedBy(tx, municipality, earlier)
  const repayments = claiming.flatMap((due) => due.lines.filter((line) => line.kind === 3))
  const named = repayments.flatMap((line) => ownLines.get(itemId(line.order, line.line)) ?? [])
  const orders = new Set<OrderId>([...earlier, ...claims.flatMap((claim) => claim.ofOrders)])
  for (const { item } of plans) orders.add(orderOfItem(item))
  if (adjusts && earlier.length > 0)
    for (const one of await ordersAdjustedIn(tx, municipality, earlier)) orders.add(one)
  if (named.length > 0) for (const order of await ordersPaidFor(tx, municipality, named)) orders.add(order)
  const { items, lines } = await readItems(tx, municipality, [...orders], rates)
  const claimed = [...items.values()].flatMap((item) =>
    item.spots.filter((lot) => lot.place === 'claim' || lot.place === 'gross_claim').map((lot) => lot.ref),
  )
  const decided = await decidedBefore(
    tx,
    municipality,
    repayments.map((line) => line.claimKey),
  )
  return {
    correcting,
    items,
    itemsOf: itemsByOrder(items),
    lines: new Map([...lines, ...ownLines]),
    instalments,
    ordersOf: ordersByHolder(items, lines),
    claimLeft: await claimsLeft(tx, municipality, [...claimed, ...claims.map((claim) => claim.claimId)]),
    claimsBy: Map.groupBy(claims, (claim) => claim.order),
    decided,
    decidedNow: new Set(),
    thirdParties: await namedThirdParties(tx, municipality, later),
    companies: await companiesPaid(tx, municipality, repayments, [...items.values()]),
    orderKeys: decided.size > 0 ? await orderKeysOf(tx, municipality, idsOf(claiming)) : new Map(),
    settled: new Set(await settledOrders(tx, municipality, idsOf(later))),
    today: danishDay(batch.knownAt),
    firstPayDay: firstPayDay(batch.knownAt, closedDays(rates, rules, municipality)),
  }
}

/** Of these persons: in their payments something may be taken. */
function isComing(persons: readonly PartyId[]): (due: DueOrderLines) => boolean {
  const known = new Set(persons)
  return (due) => known.has(due.order.person)
}

function sayingSo(later: readonly DueOrderLines[], instalments: ReadonlyMap<OrderId, number>): PartyId[] {
  return later.filter((due) => instalments.has(due.order.order)).map((due) => due.order.person)
}

function itemsByOrder(items: ReadonlyMap<ItemId, PaidItem>): Map<OrderId, ItemId[]> {
  const found = new Map<OrderId, ItemId[]>()
  for (const [id, { spots }] of items) {
    for (const order of new Set([id, ...spots.map((lot) => lot.at)].map(orderOfItem))) {
      const own = found.get(order)
      if (own === undefined) found.set(order, [id])
      else own.push(id)
    }
  }
  return found
}

function ordersByHolder(items: ReadonlyMap<ItemId, PaidItem>, lines: Lines): Map<PartyId, Set<OrderId>> {
  const orders = new Map<PartyId, Set<OrderId>>()
  for (const id of items.keys()) {
    const holder = lines.get(id)?.rightHolder ?? 0
    const own = orders.get(holder) ?? new Set()
    orders.set(holder, own.add(orderOfItem(id)))
  }
  return orders
}

/** A third-party line: a contribution is told from another by its reference, or by the key of its line. */
export interface NamedThirdParty {
  readonly reference: string
  readonly lineKey: string
}

async function namedThirdParties(
  tx: Tx,
  municipality: Municipality,
  later: readonly DueOrderLines[],
): Promise<Map<ItemId, NamedThirdParty>> {
  const orders = later.filter((due) => due.lines.some((line) => line.kind === 2)).map((due) => due.order.order)
  if (orders.length === 0) return new Map()
  const rows = await tx.rows<NamedThirdParty & { item: ItemId }>(
    `select order_id * 64 + line_no as item, coalesce(reference, '') as reference, line_key as "lineKey"
     from order_lines where municipality_code = $1 and order_id = any ($2) and kind = 2`,
    [municipality, orders],
  )
  return new Map(rows.map((row) => [row.item, row]))
}

async function companiesPaid(
  tx: Tx,
  municipality: Municipality,
  repayments: readonly DueLine[],
  items: readonly PaidItem[],
): Promise<Set<PartyId>> {
  if (repayments.length === 0) return new Set()
  const persons = new Set(repayments.map((line) => line.person))
  const payees = [...repayments, ...items].map((one) => one.payee)
  return await companiesOf(
    tx,
    municipality,
    payees.filter((payee) => !persons.has(payee)),
  )
}

/** Those of these parties who are companies. */
export async function companiesOf(
  tx: Tx,
  municipality: Municipality,
  parties: readonly PartyId[],
): Promise<Set<PartyId>> {
  if (parties.length === 0) return new Set()
  const known = await readParties(tx, municipality, new Set(parties))
  return new Set([...known].filter(([, party]) => party.type !== 'cpr').map(([id]) => id))
}
