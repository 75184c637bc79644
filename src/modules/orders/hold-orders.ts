/**
 * Holds (tilbageholdelser): an order that waits for a person or for its source, while everybody else's goes on.
 * What is held is decided by the set of orders alone, never by their order of arrival.
 */
import type { Tx, Value } from '../../base/db.ts'
import { formatDay } from '../../base/date.ts'
import { type Municipality, type OrderId, RECORDS_PER_BATCH } from '../../base/id.ts'
import { Refusal } from '../../base/refusal.ts'
import type { BenefitExclusion } from '../rates/rate-book.ts'
import { holdForEvents, touchedOrders } from './event-holds.ts'

/** Fixed hold numbers, so that a decision taken again is the same row. Numbers from 10 are placed by hand. */
const HOLD_NO = { duplicate: 1, superseded: 4, manual: 10 } as const

/** Holds versions `o` of which a newer one `n` came before they were calculated: they never are. Gives them. */
async function holdBehind(tx: Tx, which: string, values: readonly Value[]): Promise<ReadonlySet<OrderId>> {
  const rows = await tx.rows<{ order_id: OrderId }>(
    `insert into order_holds select distinct on (o.order_id) $1::smallint, o.order_id, ${HOLD_NO.superseded},
       'superseded', 'Version ' || o.version || ' is replaced by version ' || n.version, n.order_id, $2::timestamptz,
       'toek'
     from orders n join orders o on o.municipality_code = n.municipality_code and o.source_system = n.source_system
       and o.order_key = n.order_key and (o.version, o.again) < (n.version, n.again)
     where n.municipality_code = $1 and ${which} and not exists (select from calculations c
       where c.municipality_code = o.municipality_code and c.order_id = o.order_id)
     order by o.order_id, n.version, n.again on conflict do nothing returning order_id`,
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
  const which = '((n.order_id >= $3 and n.order_id < $4) or (o.order_id >= $3 and o.order_id < $4))'
  const range = [intakeNo * RECORDS_PER_BATCH, (intakeNo + 1) * RECORDS_PER_BATCH]
  await holdBehind(tx, which, [municipality, knownAt, ...range])
}

/** Of these versions, which are there again to be calculated, those that a newer one has come of: gives them. */
export async function holdBehindNewer(
  tx: Tx,
  municipality: Municipality,
  orders: readonly OrderId[],
  knownAt: string,
): Promise<ReadonlySet<OrderId>> {
  if (orders.length === 0) return new Set()
  return await holdBehind(tx, 'o.order_id = any ($3)', [municipality, knownAt, orders])
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
       'Version ' || o.version || ' is replaced by version ' || n.version, n.order_id, $3::timestamptz, 'toek'
     from unnest($2::bigint[]) as u (order_id)
     cross join lateral (select n.* from orders n where n.municipality_code = $1 and n.order_id = u.order_id offset 0) n
     cross join lateral (select o.order_id, o.version from orders o where o.municipality_code = $1
       and o.source_system = n.source_system and o.order_key = n.order_key
       and (o.version, o.again) < (n.version, n.again) offset 0) o
     on conflict do nothing`,
    [municipality, orders, knownAt],
  )
}

/** Orders that could not be calculated when their batch was: each with its reason. */
export async function holdFromBatch(
  tx: Tx,
  municipality: Municipality,
  held: readonly { readonly order: OrderId; readonly kind: string; readonly reason: string }[],
  knownAt: string,
): Promise<void> {
  if (held.length === 0) return
  await tx.run(
    `insert into order_holds select $1::smallint, u.order_id, (select coalesce(max(h.hold_no), ${HOLD_NO.manual - 1}) + 1
         from order_holds h where h.municipality_code = $1 and h.order_id = u.order_id
           and h.hold_no >= ${HOLD_NO.manual}), u.kind, u.reason, null::bigint, $5::timestamptz, 'toek'
     from unnest($2::bigint[], $3::text[], $4::text[]) as u (order_id, kind, reason)`,
    [municipality, held.map((one) => one.order), held.map((one) => one.kind), held.map((one) => one.reason), knownAt],
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
     select h.municipality_code, h.order_id, h.hold_no, 'The earlier versions are answered', $3::timestamptz, 'toek'
     from order_holds h where h.municipality_code = $1 and h.order_id = any ($2)
       and h.kind in ('awaits_answer', 'awaits_corrections') on conflict do nothing`,
    [municipality, orders, knownAt],
  )
}

/**
 * Possible double payments: same right holder and benefit (or benefits that exclude each other) and overlapping
 * periods under another key. Of two, the one with the later (decision date, source system, key) is held, unless the
 * other is calculated already; a line that is vouched for by `not_duplicate_of` is none.
 */
export async function holdPossibleDuplicates(
  tx: Tx,
  municipality: Municipality,
  exclusions: readonly BenefitExclusion[],
  intakeNo: number,
  knownAt: string,
): Promise<void> {
  await tx.run(
    `${judged('f.order_id >= $2 and f.order_id < $3')}
     insert into order_holds
     select distinct on (held) $1::smallint, held, ${HOLD_NO.duplicate},
       case when same_benefit then 'possible_duplicate' else 'excluding_benefit' end,
       case when same_benefit then 'Same benefit and overlapping period as order ' || against
            else 'A benefit that excludes that of order ' || against end, related, $5::timestamptz, 'toek'
     from judged order by held, related on conflict do nothing`,
    [
      municipality,
      intakeNo * RECORDS_PER_BATCH,
      (intakeNo + 1) * RECORDS_PER_BATCH,
      exclusionPairs(exclusions),
      knownAt,
    ],
  )
}

/** Both ways round, for the query. */
function exclusionPairs(exclusions: readonly BenefitExclusion[]): string {
  return JSON.stringify(
    exclusions.flatMap(({ a, b, valid }) => {
      const dates = { v_from: formatDay(valid.from), v_to: formatDay(valid.to) }
      return [
        { a, b, ...dates },
        { a: b, b: a, ...dates },
      ]
    }),
  )
}

/** Who of two is held: (decision date, system, key) decides, unless the other is calculated already. */
const LATER = `((a.decision_date, a.source_system, a.order_key, a.order_id)
    > (b.decision_date, b.source_system, b.order_key, b.order_id)
  and not ${keyIsCalculated('a')}) or ${keyIsCalculated('b')}`

/** Some version of the order's key is calculated: it stands, whatever a newer one says. */
function keyIsCalculated(order: 'a' | 'b'): string {
  return `exists (select from orders v join calculations c on c.municipality_code = $1 and c.order_id = v.order_id
    where v.municipality_code = $1 and v.source_system = ${order}.source_system and v.order_key = ${order}.order_key)`
}

/** Pairs of which one is held, for the lines that `chosen` picks; $1 municipality, $4 exclusions. */
function judged(chosen: string): string {
  return `with exclusion as materialized (
       select a, b, v_from, v_to from jsonb_to_recordset($4::jsonb) as x (a smallint, b smallint, v_from date, v_to date)),
     pair as (
       select f.order_id as one, e.order_id as other, f.benefit = e.benefit as same_benefit,
         f.line_key as one_line, e.line_key as other_line, f.not_duplicate_of as one_not, e.not_duplicate_of as other_not
       from order_lines f
       -- offset 0 keeps this a look-up by right holder for each line, whatever the statistics say.
       cross join lateral (select l.order_id, l.benefit, l.line_key, l.not_duplicate_of from order_lines l
         where l.municipality_code = $1 and l.right_holder = f.right_holder and l.kind = 0
           and l.period_from < f.period_to and l.period_to > f.period_from and l.order_id <> f.order_id offset 0) e
       where f.municipality_code = $1 and ${chosen} and f.kind = 0
         and (e.benefit = f.benefit or exists (select from exclusion x where x.a = f.benefit and x.b = e.benefit
           and f.period_from < x.v_to and f.period_to > x.v_from))),
     ranked as (
       select a.order_id as a_id, a.order_key as a_key, b.order_id as b_id, b.order_key as b_key, p.same_benefit,
         (${LATER}) as later
       from pair p
       join orders a on a.municipality_code = $1 and a.order_id = p.one and a.state = 0
       join orders b on b.municipality_code = $1 and b.order_id = p.other and b.state = 0
       where (a.source_system, a.order_key) <> (b.source_system, b.order_key)
         and p.one_not is distinct from b.order_key || '/' || p.other_line
         and p.other_not is distinct from a.order_key || '/' || p.one_line
         and not exists (select from order_holds h where h.municipality_code = $1 and h.kind = 'superseded'
                         and h.order_id in (a.order_id, b.order_id))),
     judged as (
       select case when later then a_id else b_id end as held, case when later then b_key else a_key end as against,
         case when later then b_id else a_id end as related, same_benefit from ranked)`
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
  const open = await tx.rows<{ order_id: number }>(
    `select h.order_id from order_holds h where h.municipality_code = $1 and h.hold_no = ${HOLD_NO.duplicate}
       and not exists (select from order_hold_releases r where r.municipality_code = h.municipality_code
         and r.order_id = h.order_id and r.hold_no = h.hold_no)`,
    [municipality],
  )
  if (open.length > 0) {
    await tx.run(
      `${judged('f.order_id = any($2::bigint[])')}
       insert into order_hold_releases
       select $1::smallint, o.order_id, ${HOLD_NO.duplicate}, 'The other order has ended', $3::timestamptz, 'toek'
       from unnest($2::bigint[]) as o (order_id) where o.order_id not in (select held from judged)
       on conflict do nothing`,
      [municipality, open.map((row) => row.order_id), knownAt, exclusionPairs(exclusions)],
    )
  }
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
