/**
 * Holds (tilbageholdelser): an order that waits for a person or for its source, while everybody else's goes on.
 * What is held is decided by the set of orders alone, never by their order of arrival.
 */
import type { Tx, Value } from '../../base/db.ts'
import { type Municipality, type OrderId, RECORDS_PER_BATCH } from '../../base/id.ts'
import { Refusal } from '../../base/refusal.ts'
import type { BenefitExclusion } from '../rates/index.ts'
import { holdForEvents, touchedOrders } from './event-holds.ts'
import { HOLD_NO, type HoldDetail } from './hold-kinds.ts'
import { releaseNoDuplicates } from './possible-duplicates.ts'

/**
 * Holds versions `o` of which a newer one `n` came before they were calculated: they never are. Gives them. `which` of
 * the orders `i` have come, or come back: the other versions of each are looked up by its key, and `offset 0` keeps it
 * so.
 */
async function holdBehind(tx: Tx, which: string, values: readonly Value[]): Promise<ReadonlySet<OrderId>> {
  const rows = await tx.rows<{ order_id: OrderId }>(
    `with pair as (
       select least(i.at, v.at) as o, greatest(i.at, v.at) as n
       from (select array[i.version::bigint, i.again, i.order_id] as at, i.source_system, i.order_key from orders i
         where i.municipality_code = $1 and ${which}) i
       cross join lateral (select array[v.version::bigint, v.again, v.order_id] as at from orders v
         where v.municipality_code = $1 and v.source_system = i.source_system and v.order_key = i.order_key
         offset 0) v
       where v.at <> i.at)
     insert into order_holds select distinct on (o[3]) $1::smallint, o[3], ${HOLD_NO.superseded}, 'superseded',
       '', n[3], $2::timestamptz, 'toek'
     from pair where not exists (select from calculations c where c.municipality_code = $1 and c.order_id = o[3])
     order by o[3], n on conflict do nothing returning order_id`,
    values,
  )
  return new Set(rows.map((row) => row.order_id))
}

/** What this intake replaces, and what it brings too late. */
export async function holdSuperseded(
  tx: Tx,
  municipality: Municipality,
  intakeNo: number,
  knownAt: string,
): Promise<void> {
  const range = [intakeNo * RECORDS_PER_BATCH, (intakeNo + 1) * RECORDS_PER_BATCH]
  await holdBehind(tx, 'i.order_id >= $3 and i.order_id < $4', [municipality, knownAt, ...range])
}

/** Of these versions, which are there again to be calculated, those that a newer one has come of: gives them. */
export async function holdBehindNewer(
  tx: Tx,
  municipality: Municipality,
  orders: readonly OrderId[],
  knownAt: string,
): Promise<ReadonlySet<OrderId>> {
  if (orders.length === 0) return new Set()
  return await holdBehind(tx, 'i.order_id = any ($3)', [municipality, knownAt, orders])
}

/** Versions that were calculated and are now corrected by these. */
export async function supersede(
  tx: Tx,
  municipality: Municipality,
  orders: readonly OrderId[],
  knownAt: string,
): Promise<void> {
  if (orders.length === 0) return
  await tx.run(
    `insert into order_holds select $1::smallint, o.order_id, ${HOLD_NO.superseded}, 'superseded',
       '', n.order_id, $3::timestamptz, 'toek'
     from unnest($2::bigint[]) as u (order_id)
     cross join lateral (select n.* from orders n where n.municipality_code = $1 and n.order_id = u.order_id offset 0) n
     cross join lateral (select o.order_id from orders o where o.municipality_code = $1
       and o.source_system = n.source_system and o.order_key = n.order_key
       and (o.version, o.again) < (n.version, n.again) offset 0) o
     on conflict do nothing`,
    [municipality, orders, knownAt],
  )
}

/** Orders that could not be calculated when their batch was: each with what it waits for. */
export async function holdFromBatch(
  tx: Tx,
  municipality: Municipality,
  held: readonly { readonly order: OrderId; readonly kind: string; readonly detail?: HoldDetail }[],
  knownAt: string,
): Promise<void> {
  if (held.length === 0) return
  const rows = held.map(({ order, kind, detail }) => ({ order, kind, detail }))
  await tx.run(
    `insert into order_holds (municipality_code, order_id, hold_no, kind, reason, detail, at, by_actor) select $1::smallint, u."order", (select coalesce(max(h.hold_no), ${HOLD_NO.manual - 1}) + 1
         from order_holds h where h.municipality_code = $1 and h.order_id = u."order"
           and h.hold_no >= ${HOLD_NO.manual}), u.kind, '', u.detail, $3::timestamptz, 'toek'
     from jsonb_to_recordset($2::jsonb) as u ("order" bigint, kind text, detail jsonb)`,
    [municipality, JSON.stringify(rows), knownAt],
  )
}

/** Of these orders those of which a person released the hold `came_back`: what came back is dealt with. */
export async function settledOrders(
  tx: Tx,
  municipality: Municipality,
  orders: readonly OrderId[],
): Promise<OrderId[]> {
  if (orders.length === 0) return []
  const rows = await tx.rows<{ order_id: OrderId }>(
    `select h.order_id from order_holds h join order_hold_releases r on r.municipality_code = $1
       and r.order_id = h.order_id and r.hold_no = h.hold_no
     where h.municipality_code = $1 and h.order_id = any ($2) and h.kind = 'came_back'`,
    [municipality, orders],
  )
  return rows.map((row) => row.order_id)
}

/** Holds of these kinds on these orders that a person released: what they are about is vouched for. */
export async function releasedHolds(
  tx: Tx,
  municipality: Municipality,
  orders: readonly OrderId[],
  kinds: readonly string[],
): Promise<{ readonly order: OrderId; readonly kind: string }[]> {
  if (orders.length === 0) return []
  return await tx.rows(
    `select h.order_id as order, h.kind from order_holds h join order_hold_releases r on r.municipality_code = $1
       and r.order_id = h.order_id and r.hold_no = h.hold_no and r.by_actor <> 'toek'
     where h.municipality_code = $1 and h.order_id = any ($2) and h.kind = any ($3)`,
    [municipality, orders, kinds],
  )
}

/** What these orders waited for has come. */
export async function releaseWaiting(
  tx: Tx,
  municipality: Municipality,
  orders: readonly OrderId[],
  knownAt: string,
): Promise<void> {
  if (orders.length === 0) return
  await tx.run(
    `insert into order_hold_releases
     select h.municipality_code, h.order_id, h.hold_no, '', $3::timestamptz, 'toek'
     from order_holds h where h.municipality_code = $1 and h.order_id = any ($2)
       and h.kind in ('awaits_answer', 'awaits_corrections') on conflict do nothing`,
    [municipality, orders, knownAt],
  )
}

/**
 * Decided again before calculation, by the orders as they stand now: a hold that has no other order left falls away,
 * and orders to those who died, disappeared, went bankrupt or closed are held; a decision that has ended pays nothing.
 */
export async function decideHoldsAgain(
  tx: Tx,
  municipality: Municipality,
  exclusions: readonly BenefitExclusion[],
  knownAt: string,
): Promise<void> {
  await releaseNoDuplicates(tx, municipality, exclusions, knownAt)
  await holdForEvents(tx, municipality, await touchedOrders(tx, municipality, knownAt, 'waiting'), knownAt)
}

/** A person holds an order, with a reason. */
export async function holdOrder(
  tx: Tx,
  act: { municipality: Municipality; order: OrderId; reason: string; at: string; by: string },
): Promise<number> {
  if (act.reason.trim() === '') throw new Refusal('reason_missing', 'Say why the order is held.')
  const paid = await tx.first('select 1 from calculations where municipality_code = $1 and order_id = $2 limit 1', [
    act.municipality,
    act.order,
  ])
  if (paid !== undefined) throw new Refusal('already_calculated', 'The order is in a payment run already.')
  const last = await tx.first<{ hold_no: number }>(
    'select max(hold_no)::int as hold_no from order_holds where municipality_code = $1 and order_id = $2',
    [act.municipality, act.order],
  )
  const number = Math.max(last?.hold_no ?? 0, HOLD_NO.manual - 1) + 1
  await tx.run(`insert into order_holds values ($1, $2, $3, 'manual', $4, null, $5, $6)`, [
    act.municipality,
    act.order,
    number,
    act.reason,
    act.at,
    act.by,
  ])
  return number
}

/** A person releases every open hold of an order that a person may release: how many. */
export async function releaseOrder(
  tx: Tx,
  act: { municipality: Municipality; order: OrderId; reason: string; at: string; by: string },
): Promise<number> {
  return await tx.run(
    `insert into order_hold_releases
     select h.municipality_code, h.order_id, h.hold_no, $3, $4, $5 from order_holds h
     where h.municipality_code = $1 and h.order_id = $2 and h.kind not in ('awaits_corrections', 'awaits_answer', 'superseded')
     on conflict do nothing`,
    [act.municipality, act.order, act.reason, act.at, act.by],
  )
}
