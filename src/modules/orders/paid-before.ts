/**
 * What the old system paid of a decision before the takeover: version 0 of its order, so that the first version that
 * comes to us is a correction of it. Nothing of it is due here. @da importeret grundlag
 */
import type { Tx } from '../../base/db.ts'
import { type Day, formatDay, type Period } from '../../base/date.ts'
import type { Municipality, OrderId, PartyId } from '../../base/id.ts'
import type { Millionths, Ore } from '../../base/money.ts'
import { PARTY_TYPES, type PartyRef } from '../parties/index.ts'
import { QUANTITY_UNITS, SENSITIVITIES, SOURCE_SYSTEM_ID, type SourceSystem } from './order.ts'

/** State of the version that stands for what was paid before. */
export const PAID_BEFORE = 2

/** One item as the old system paid it: gross = own ATP + AM-bidrag + A-skat + net. */
export interface PaidBefore {
  readonly sourceSystem: SourceSystem
  readonly orderKey: string
  readonly lineKey: string
  readonly caseKey: string
  readonly decision: { readonly key: string; readonly date: Day }
  readonly beneficiary: PartyRef
  readonly payee: PartyRef
  /** CPR of whom it is about, on an employer's refund. */
  readonly employee: string | undefined
  readonly benefit: string
  readonly component: string
  readonly period: Period
  readonly quantity: { readonly unit: (typeof QUANTITY_UNITS)[number]; readonly thousandths: number }
  readonly kle: string
  readonly gross: Ore
  readonly ownAtp: Ore
  readonly am: Ore
  readonly tax: Ore
  /** After tax, whoever got it. */
  readonly net: Ore
  readonly employerAtp: Ore
  readonly pension: Ore
  readonly taxRate: Millionths
  readonly allowance: Ore
  readonly frikort: Ore
  /** When it was paid, and the day that eIndkomst was told. */
  readonly dispositionDate: Day
}

/** Whose right it is: of an employer's refund the employee's, else the beneficiary's. */
function holderOf({ beneficiary, employee }: PaidBefore): PartyRef {
  return employee === undefined || beneficiary.type === 'cpr' ? beneficiary : { type: 'cpr', id: employee }
}

/** Everything that was paid before of one decision. */
export interface Base {
  readonly order: OrderId
  readonly hash: Uint8Array
  readonly items: readonly PaidBefore[]
}

export interface KnownOrder {
  readonly source: number
  readonly orderKey: string
  /** Whether what was paid before is told already. */
  readonly base: boolean
  /** Whether a version of ours is calculated: then its difference was made without it. */
  readonly calculated: boolean
}

/** Of these keys (`source key`) those that are known. */
export async function knownOrders(
  tx: Tx,
  municipality: Municipality,
  keys: readonly { readonly source: number; readonly orderKey: string }[],
): Promise<KnownOrder[]> {
  return await tx.rows<KnownOrder>(
    `select o.source_system as source, o.order_key as "orderKey", bool_or(o.version = 0) as base,
       bool_or(o.version > 0 and exists (select from calculations c where c.municipality_code = $1
         and c.order_id = o.order_id)) as calculated
     from jsonb_to_recordset($2::jsonb) as k (source smallint, "orderKey" text)
     join orders o on o.municipality_code = $1 and o.source_system = k.source and o.order_key = k."orderKey"
     group by 1, 2`,
    [municipality, JSON.stringify(keys)],
  )
}

/** Orders and lines of version 0; what was withheld and paid of them is recorded with the calculations. */
export async function recordBases(
  tx: Tx,
  municipality: Municipality,
  bases: readonly Base[],
  partyId: (ref: PartyRef) => PartyId,
  benefitId: (key: string) => number,
): Promise<void> {
  if (bases.length === 0) return
  const orders = bases.map(({ order, hash, items: [first] }) => {
    const { sourceSystem, orderKey, caseKey, decision, beneficiary, payee, dispositionDate } = first as PaidBefore
    return {
      order,
      hash: Buffer.from(hash).toString('hex'),
      source: SOURCE_SYSTEM_ID[sourceSystem],
      key: orderKey,
      case: caseKey,
      decision: decision.key,
      decided: formatDay(decision.date),
      who: partyId(beneficiary),
      type: PARTY_TYPES.indexOf(beneficiary.type),
      payee: partyId(payee),
      on: formatDay(dispositionDate),
    }
  })
  await tx.run(
    `insert into orders (municipality_code, order_id, source_system, order_key, version, content_hash, state, settle,
       beneficiary, beneficiary_type, payee, disposition_date, decision_date, decision_key, case_key)
     select $1, b."order", b.source, b.key, 0, decode(b.hash, 'hex'), ${PAID_BEFORE}, 1, b.who, b.type, b.payee, b."on",
       b.decided, b.decision, b."case"
     from jsonb_to_recordset($2::jsonb) as b ("order" bigint, hash text, source smallint, key text, "case" text,
       decision text, decided date, who bigint, type smallint, payee bigint, "on" date)`,
    [municipality, JSON.stringify(orders)],
  )
  const lines = bases.flatMap(({ order, items }) =>
    items.map((item, i) => ({
      order,
      no: i + 1,
      key: item.lineKey,
      ore: item.gross,
      benefit: benefitId(item.benefit),
      holder: partyId(holderOf(item)),
      from: formatDay(item.period.from),
      to: formatDay(item.period.to),
      unit: QUANTITY_UNITS.indexOf(item.quantity.unit),
      thousandths: item.quantity.thousandths,
      component: item.component,
      kle: item.kle,
    })),
  )
  await tx.run(
    `insert into order_lines (municipality_code, order_id, line_no, kind, line_key, amount_ore, benefit, right_holder,
       period_from, period_to, quantity_unit, quantity_thousandths, repayable, sensitivity, component, kle, legal_basis,
       text)
     select $1, l."order", l.no, 0, l.key, l.ore, l.benefit, l.holder, l."from", l."to", l.unit, l.thousandths, false,
       ${SENSITIVITIES.indexOf('FOELSOMME_PERSONOPLYSNINGER')}, l.component, l.kle, '', ''
     from jsonb_to_recordset($2::jsonb) as l ("order" bigint, no smallint, key text, ore bigint, benefit smallint,
       holder bigint, "from" date, "to" date, unit smallint, thousandths int, component text, kle text)`,
    [municipality, JSON.stringify(lines)],
  )
}

/** Of these orders those that have a version 0. */
export async function ordersWithBase(
  tx: Tx,
  municipality: Municipality,
  orders: readonly OrderId[],
): Promise<OrderId[]> {
  const rows = await tx.rows<{ order_id: OrderId }>(
    `select n.order_id from unnest($2::bigint[]) as u (order_id)
     cross join lateral (select n.order_id, n.source_system, n.order_key from orders n where n.municipality_code = $1
       and n.order_id = u.order_id offset 0) n
     cross join lateral (select from orders b where b.municipality_code = $1 and b.source_system = n.source_system
       and b.order_key = n.order_key and b.version = 0 offset 0) b`,
    [municipality, orders],
  )
  return rows.map((row) => row.order_id)
}

/** What these orders waited for has come: what was paid before of their decisions. */
export async function releaseForBases(
  tx: Tx,
  municipality: Municipality,
  bases: readonly OrderId[],
  knownAt: string,
): Promise<void> {
  if (bases.length === 0) return
  await tx.run(
    `insert into order_hold_releases
     select h.municipality_code, h.order_id, h.hold_no, '', $3::timestamptz, 'toek'
     from orders b join orders o on o.municipality_code = $1 and o.source_system = b.source_system
       and o.order_key = b.order_key and o.version > 0
     join order_holds h on h.municipality_code = $1 and h.order_id = o.order_id and h.kind = 'before_takeover'
     where b.municipality_code = $1 and b.order_id = any ($2) on conflict do nothing`,
    [municipality, bases, knownAt],
  )
}
