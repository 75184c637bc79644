/** Everything that is known of some orders, read once and indexed, before anything is made of it. */
import { assert } from '../../base/assert.ts'
import type { Db } from '../../base/db.ts'
import { type ItemId, itemId, type Municipality, type OrderId, type PartyId, type PaymentId } from '../../base/id.ts'
import { type OrderReference, referencesOf } from '../orders/index.ts'
import type { PartyRef } from '../parties/index.ts'
import { lineOfPart } from '../payments/index.ts'
import type { RateReader } from '../rates/index.ts'
import type { StandsAlready } from '../effectuation/index.ts'
import { readChanges } from './changes.ts'
import { readCorrections } from './corrections.ts'
import { type Arranged, readArranged, readPayeeNotes, type UnsentNet } from './payees.ts'
import type { SpecifiedChange, SpecifiedCorrection, SpecifiedPayeeNote } from './specification-types.ts'
import * as store from './store.ts'

export interface OrderFacts {
  readonly municipality: Municipality
  readonly orders: ReadonlyMap<OrderId, store.OrderRow>
  readonly lines: readonly store.LineRow[]
  readonly calculations: ReadonlyMap<ItemId, store.CalculationRow>
  readonly deductions: ReadonlyMap<ItemId, readonly store.DeductionRow[]>
  readonly parts: ReadonlyMap<ItemId, readonly store.PartRow[]>
  readonly payments: readonly store.PaymentRow[]
  readonly untaken: readonly store.UntakenRow[]
  readonly holds: ReadonlyMap<OrderId, readonly store.HoldRow[]>
  readonly told: readonly store.ToldRow[]
  readonly atp: readonly store.AtpRow[]
  readonly claimsLeft: ReadonlyMap<string, number>
  readonly claimsOf: ReadonlyMap<string, store.ClaimOf>
  readonly standing: ReadonlyMap<ItemId, StandsAlready>
  readonly changes: readonly SpecifiedChange[]
  readonly corrections: readonly SpecifiedCorrection[]
  readonly payeeNotes: readonly SpecifiedPayeeNote[]
  readonly references: readonly OrderReference[]
  readonly arranged: Arranged
  party(id: PartyId): PartyRef
}

/** `known`: payments that were read already. */
export async function readOrderFacts(
  db: Db,
  municipality: Municipality,
  ids: readonly OrderId[],
  known: readonly store.PaymentRow[],
  rates: RateReader,
): Promise<OrderFacts> {
  const orders = await store.readOrders(db, municipality, ids)
  const lines = await store.readLines(db, municipality, ids)
  const calculated = await store.readCalculations(db, municipality, ids)
  const items = calculated.map((row) => itemId(row.order_id, row.line_no))
  const parts = await store.readParts(db, municipality, ids)
  const more = new Set<PaymentId>(parts.flatMap((part) => part.payment_id ?? []))
  for (const payment of known) more.delete(payment.payment_id)
  const payments = [...known, ...(await store.readPayments(db, municipality, [...more]))]
  const claimKeys = new Set(lines.flatMap((line) => (line.kind === 1 ? (line.claim_key ?? []) : [])))
  const claimsOf = await store.readWhatClaimsAreOf(db, municipality, [...claimKeys])
  const parties = await store.readPartyRefs(db, municipality, [
    ...partiesOf(orders, lines, payments),
    ...claimsOf.map((one) => one.right_holder),
  ])
  // By another book than today's it may have been taken.
  const takesAtp =
    rates.laws > 0 ||
    lines.some(
      (line) =>
        line.kind === 0 && line.period_from && rates.benefitRule(line.benefit, line.period_from).atp === 'monthly',
    )
  return {
    municipality,
    orders: new Map(orders.map((order) => [order.order_id, order])),
    lines,
    calculations: new Map(calculated.map((row) => [itemId(row.order_id, row.line_no), row])),
    deductions: Map.groupBy(await store.readDeductions(db, municipality, items), (row) => row.item_id),
    parts: Map.groupBy(parts, (row) => row.item_id),
    payments,
    untaken: await store.readUntaken(db, municipality, ids),
    holds: Map.groupBy(await store.readOpenHolds(db, municipality, ids), (row) => row.order_id),
    told: await store.readTold(db, municipality, [...new Set(calculated.map((row) => row.work_no))]),
    atp: takesAtp ? await store.readAtpTaken(db, municipality, [...new Set(orders.map((one) => one.beneficiary))]) : [],
    claimsLeft: await store.readClaimsLeft(db, municipality, [...claimKeys]),
    claimsOf: new Map(claimsOf.map((one) => [one.claim_key, one])),
    standing: await store.readStanding(db, municipality, ids),
    changes: [...(await readChanges(db, municipality, ids, rates)).values()].flat(),
    corrections: await readCorrections(db, municipality, ids, rates),
    payeeNotes: await readPayeeNotes(
      db,
      municipality,
      orders.filter((order) => order.version > 1).map((order) => order.order_id),
    ),
    references: await readReferences(db, municipality, orders),
    arranged: await readArranged(
      db,
      municipality,
      payments.map((one) => one.payment_id),
      unsentNet(orders, calculated, parts),
    ),
    party(id) {
      const found = parties.get(id)
      assert(found !== undefined, `party ${id} is not in municipality ${municipality}`)
      return found
    },
  }
}

async function readReferences(
  db: Db,
  municipality: Municipality,
  orders: readonly store.OrderRow[],
): Promise<OrderReference[]> {
  const found: OrderReference[] = []
  for (const [source, own] of Map.groupBy(orders, (order) => order.source_system)) {
    const keys = [...new Set(own.map((order) => order.order_key))]
    found.push(...(await referencesOf(db, municipality, source, keys)))
  }
  return found
}

/** What is due to the order's payee and in no run. */
function unsentNet(
  orders: readonly store.OrderRow[],
  calculated: readonly store.CalculationRow[],
  parts: readonly store.PartRow[],
): UnsentNet[] {
  const isOpen = (part: store.PartRow) =>
    lineOfPart(part.part) === 0 && part.payment_id === null && part.outside === null && !part.again
  const open = new Set(parts.filter(isOpen).map((part) => part.item_id))
  return calculated.flatMap((row) => {
    const order = orders.find((one) => one.order_id === row.order_id)
    if (order === undefined || !open.has(itemId(row.order_id, row.line_no))) return []
    return { beneficiary: order.beneficiary, payee: order.payee, benefit: row.benefit, date: row.disposition_date }
  })
}

function partiesOf(
  orders: readonly store.OrderRow[],
  lines: readonly store.LineRow[],
  payments: readonly store.PaymentRow[],
): PartyId[] {
  const ids = new Set<PartyId>()
  for (const order of orders) ids.add(order.beneficiary).add(order.payee)
  for (const line of lines) {
    if (line.right_holder !== 0) ids.add(line.right_holder)
    if (line.payee !== null) ids.add(line.payee)
  }
  for (const payment of payments) ids.add(payment.payee)
  return [...ids]
}
