/** The books of many histories at once, read by queries of their own, and what must hold of them. */
import assert from 'node:assert/strict'
import type { Db } from '../../src/base/db.ts'
import type { Municipality } from '../../src/base/id.ts'
import { YEAR_END } from '../../src/modules/items/index.ts'
import { type Key, textOf } from './history-records.ts'
import type { Fate } from './history-stands.ts'

/** Places of `item_movements`. */
export const [STANDS, WITHDRAWN, OVERPAID, CLAIM, GROSS_CLAIM, ADJUSTING, SUPPRESSED] = [0, 1, 2, 3, 4, 6, 7] as const

export interface Taken {
  readonly order: string
  readonly key: string
  readonly to: string
  readonly gross: number
}

/** Rows of one municipality, by order. */
export interface Books {
  /** Gross by key. */
  readonly stands: ReadonlyMap<string, ReadonlyMap<string, number>>
  readonly overpaid: ReadonlyMap<string, ReadonlyMap<string, number>>
  readonly adjusting: ReadonlyMap<string, ReadonlyMap<string, number>>
  readonly suppressed: ReadonlyMap<string, ReadonlyMap<string, number>>
  /** Of what was to be adjusted at a key of an order: what was taken in a payment, by its version and both keys. */
  readonly taken: ReadonlyMap<string, ReadonlyMap<string, Taken>>
  /** Gross by claim and key. */
  readonly claims: ReadonlyMap<string, ReadonlyMap<string, number>>
  /** By version and key: gross that was calculated. */
  readonly paid: ReadonlyMap<string, ReadonlyMap<string, number>>
  /** By version and key, line by line. */
  readonly fates: ReadonlyMap<string, ReadonlyMap<string, readonly { fate: Fate; gross: number }[]>>
  /** By version, claim and key: gross that the version made stand again. */
  readonly closed: ReadonlyMap<string, ReadonlyMap<string, number>>
  /** By order and version that claims, or claims no more, by claim and key: gross. */
  readonly revoked: ReadonlyMap<string, ReadonlyMap<string, number>>
  readonly claimed: ReadonlyMap<string, ReadonlyMap<string, number>>
  /** By version and key: gross that the version planned to be taken in coming payments. */
  readonly planned: ReadonlyMap<string, ReadonlyMap<string, number>>
  /** Orders with an item of which some came back and some did not, and something of it stands or is overpaid. */
  readonly torn: ReadonlyMap<string, ReadonlyMap<string, true>>
  /** By order: claims of such items. */
  readonly tornClaims: ReadonlyMap<string, ReadonlyMap<string, true>>
  /** Orders of which something that stands is on its way, and not answered for good. */
  readonly unanswered: ReadonlyMap<string, ReadonlyMap<string, true>>
  /** Kinds of open holds by version. */
  readonly held: ReadonlyMap<string, ReadonlyMap<string, string>>
  /** The same of holds by facts about persons and companies. */
  readonly stopped: ReadonlyMap<string, ReadonlyMap<string, string>>
}

type Sheet<T> = Map<string, Map<string, T>>
type WritableBooks = {
  readonly [K in keyof Books]: Books[K] extends ReadonlyMap<string, ReadonlyMap<string, infer T>> ? Sheet<T> : never
}

interface KeyRow extends Key {
  readonly m: Municipality
  readonly order: string
}

const KEY = `h.identifier as holder, b.key as benefit, l.component, l.period_from::text as from,
  l.period_to::text as to`
const KEY_JOINS = `join orders o on o.municipality_code = l.municipality_code and o.order_id = l.order_id
  join parties h on h.municipality_code = l.municipality_code and h.party_id = l.right_holder
  join benefits b on b.benefit = l.benefit`

/** A version that was stopped, and is there again, is one more: 2, 2.001, 2.002. */
const VERSION = (order: 'o' | 'n') => `(${order}.version + ${order}.again / 1000.0)::float8 as version`

/** Part `x` was stopped after it was put in a run, or came back and is due again. */
const IS_GONE = `(exists (select from stopped_parts z where z.municipality_code = x.municipality_code
    and z.item_id = x.item_id and z.part = x.part)
  or exists (select from parts_again n where n.municipality_code = x.municipality_code and n.item_id = x.item_id
    and n.part = x.part + 64))`

/** What became of part `x`, which has not come back, is not known. */
const IS_UNANSWERED = `(not exists (select from accepted_payments a where a.municipality_code = x.municipality_code
    and a.run_no = (x.payment_id >> 24)::int and a.numbers @> (x.payment_id & 16777215)::int)
  or exists (select from payment_answers a where a.municipality_code = x.municipality_code
    and a.payment_id = x.payment_id))`

/** Holds by facts about persons and companies. */
export const EVENT_HOLDS: readonly string[] = ['dead', 'missing', 'bankrupt', 'closed']

/** Gross by item, place and reference. */
export const LOTS = `lot as materialized (
  select m, item, place, ref, sum(gross)::bigint as gross from (
    select municipality_code as m, order_id * 64 + line_no as item, 0 as place, order_id * 64 + line_no as ref,
      gross_ore as gross from calculations where municipality_code = any ($1) and gross_ore > 0
    union all select municipality_code, item_id, to_place, to_ref, gross_ore from item_movements
      where municipality_code = any ($1)
    union all select municipality_code, item_id, from_place, from_ref, -gross_ore from item_movements
      where municipality_code = any ($1)) x
  group by 1, 2, 3, 4)`

/** A movement by which an open claim became one before tax; a claim goes up by a movement that names the year. */
export const AT_YEAR_END = (movement: string): string => `exists (select from work_batches w
  where w.municipality_code = ${movement}.municipality_code and w.work_no = ${movement}.work_no
    and starts_with(w.cause, '${YEAR_END}'))`

export async function readBooks(db: Db, codes: readonly Municipality[]): Promise<Map<Municipality, Books>> {
  const books = new Map(codes.map((code): [Municipality, WritableBooks] => [code, emptyBooks()]))
  const of = (m: Municipality) => books.get(m) as WritableBooks
  for (const row of await readStanding(db, codes)) {
    assert.ok(row.gross > 0, `nothing is negative in any place: ${JSON.stringify(row)}`)
    const { stands, overpaid, suppressed, adjusting } = of(row.m)
    const sheets = new Map([
      [STANDS, stands],
      [OVERPAID, overpaid],
      [SUPPRESSED, suppressed],
      [ADJUSTING, adjusting],
    ])
    add(sheets.get(row.place as typeof STANDS) as typeof stands, row.order, textOf(row), row.gross)
  }
  for (const { m, by, version, order, gross, target, ...from } of await readTaken(db, codes)) {
    const [key, to] = [textOf(from), textOf(target)]
    const at = `${version} ${order} ${key} ${to}`
    const before = of(m).taken.get(by)?.get(at)?.gross ?? 0
    put(of(m).taken, by, at, { order, key, to, gross: gross + before })
  }
  for (const row of await readClaimed(db, codes)) {
    add(of(row.m).claims, row.order, `${row.claim} ${textOf(row)}`, row.gross)
    const at = `${row.version} ${row.claim} ${textOf(row)}`
    if (row.gross > 0) add(of(row.m).claimed, row.order, `${row.by} ${at}`, row.gross)
    else if (row.place === OVERPAID) add(of(row.m).revoked, row.order, `${row.by} ${at}`, -row.gross)
    else add(of(row.m).closed, row.order, at, -row.gross)
  }
  for (const row of await readPaid(db, codes)) {
    const at = `${row.version} ${textOf(row)}`
    add(of(row.m).paid, row.order, at, row.gross)
    const before = of(row.m).fates.get(row.order)?.get(at) ?? []
    put(of(row.m).fates, row.order, at, [...before, { fate: fateOf(row), gross: row.gross }])
  }
  for (const row of await readPlanned(db, codes))
    add(of(row.m).planned, row.order, `${row.version} ${textOf(row)}`, row.gross)
  for (const { m, order, claim } of await readTorn(db, codes)) {
    put(claim === null ? of(m).torn : of(m).tornClaims, order, claim ?? 'torn', true)
  }
  for (const { m, order } of await readUnanswered(db, codes)) put(of(m).unanswered, order, 'unanswered', true)
  for (const row of await readHeld(db, codes)) {
    const isEvent = EVENT_HOLDS.includes(row.kind)
    put(isEvent ? of(row.m).stopped : of(row.m).held, row.order, String(row.version), row.kind)
  }
  return books
}

function emptyBooks(): WritableBooks {
  return {
    stands: new Map(),
    overpaid: new Map(),
    adjusting: new Map(),
    suppressed: new Map(),
    taken: new Map(),
    claims: new Map(),
    paid: new Map(),
    fates: new Map(),
    closed: new Map(),
    revoked: new Map(),
    claimed: new Map(),
    torn: new Map(),
    tornClaims: new Map(),
    unanswered: new Map(),
    planned: new Map(),
    held: new Map(),
    stopped: new Map(),
  }
}

function put<T>(sheet: Sheet<T>, order: string, at: string, value: T): void {
  const row = sheet.get(order) ?? new Map<string, T>()
  sheet.set(order, row)
  row.set(at, value)
}

function add(sheet: Sheet<number>, order: string, at: string, gross: number): void {
  const sum = (sheet.get(order)?.get(at) ?? 0) + gross
  if (sum === 0) sheet.get(order)?.delete(at)
  else put(sheet, order, at, sum)
}

async function readStanding(db: Db, codes: readonly Municipality[]) {
  return await db.often.rows<KeyRow & { place: number; gross: number }>(
    `with ${LOTS}
     select t.m, o.order_key as order, t.place, t.gross, ${KEY} from lot t
     join order_lines l on l.municipality_code = t.m and l.order_id = t.ref >> 6 and l.line_no = (t.ref & 63)::smallint
     ${KEY_JOINS} where t.place in (${STANDS}, ${OVERPAID}, ${ADJUSTING}, ${SUPPRESSED}) and t.gross <> 0`,
    [codes],
  )
}

/** What waited for a coming payment: it stands again, and goes to the line of the payment at once. */
async function readTaken(db: Db, codes: readonly Municipality[]) {
  return await db.often.rows<KeyRow & { by: string; version: number; gross: number; target: Key }>(
    `select v.municipality_code as m, n.order_key as by, ${VERSION('n')}, v.gross_ore as gross, o.order_key as order, ${KEY},
       jsonb_build_object('holder', th.identifier, 'benefit', tb.key, 'component', t.component, 'from', t.period_from,
         'to', t.period_to) as target
     from item_movements v
     join item_movements w on w.municipality_code = v.municipality_code and w.work_no = v.work_no
       and w.movement_no = v.movement_no + 1 and w.item_id = v.item_id and w.from_place = ${STANDS}
       and w.to_place = ${STANDS} and w.from_ref = v.to_ref
     join orders n on n.municipality_code = v.municipality_code and n.order_id = v.order_id
     join order_lines l on l.municipality_code = v.municipality_code and l.order_id = v.from_ref >> 6
       and l.line_no = (v.from_ref & 63)::smallint
     ${KEY_JOINS}
     join order_lines t on t.municipality_code = v.municipality_code and t.order_id = w.to_ref >> 6
       and t.line_no = (w.to_ref & 63)::smallint
     join parties th on th.municipality_code = t.municipality_code and th.party_id = t.right_holder
     join benefits tb on tb.benefit = t.benefit
     where v.municipality_code = any ($1) and v.from_place = ${ADJUSTING} and v.to_place = ${STANDS}
       and v.from_ref = v.to_ref`,
    [codes],
  )
}

/**
 * Into a claim (above zero) and out of it again: the line is that which it was overpaid at, or stands at. That it
 * became one before tax is no claiming: no version did it.
 */
async function readClaimed(db: Db, codes: readonly Municipality[]) {
  return await db.often.rows<KeyRow & { claim: string; gross: number; by: string; version: number; place: number }>(
    `select v.m, o.order_key as order, n.order_key as by, ${VERSION('n')}, k.claim_key as claim, v.gross, v.place, ${KEY}
     from (
       select municipality_code as m, order_id, from_ref as at, to_ref as claim, to_place as place, gross_ore as gross
         from item_movements i
         where municipality_code = any ($1) and to_place in (${CLAIM}, ${GROSS_CLAIM}) and not ${AT_YEAR_END('i')}
       union all select municipality_code, order_id, to_ref, from_ref, to_place, -gross_ore from item_movements i
         where municipality_code = any ($1) and from_place in (${CLAIM}, ${GROSS_CLAIM}) and not ${AT_YEAR_END('i')}) v
     join claims k on k.municipality_code = v.m and k.claim_id = v.claim
     join orders n on n.municipality_code = v.m and n.order_id = v.order_id
     join order_lines l on l.municipality_code = v.m and l.order_id = v.at >> 6 and l.line_no = (v.at & 63)::smallint
     ${KEY_JOINS} order by v.gross desc`,
    [codes],
  )
}

interface PaidRow extends KeyRow {
  readonly version: number
  readonly gross: number
  readonly due: number
  readonly parts: number
  readonly returned: number
}

async function readPaid(db: Db, codes: readonly Municipality[]) {
  return await db.often.rows<PaidRow>(
    `select c.municipality_code as m, o.order_key as order, ${VERSION('o')}, c.gross_ore as gross,
       c.net_ore + c.third_party_ore as due, p.parts, p.returned, ${KEY}
     from calculations c
     join order_lines l on l.municipality_code = c.municipality_code and l.order_id = c.order_id
       and l.line_no = c.line_no
     ${KEY_JOINS}
     cross join lateral (select count(*)::int as parts, count(r.payment_id)::int as returned from payment_parts x
       left join payment_returns r on r.municipality_code = x.municipality_code and r.payment_id = x.payment_id
       where x.municipality_code = c.municipality_code and x.item_id = c.order_id * 64 + c.line_no
         and not ${IS_GONE}) p
     where c.municipality_code = any ($1) and c.gross_ore > 0`,
    [codes],
  )
}

/** Whoever was due nothing has had it. */
function fateOf({ due, parts, returned }: PaidRow): Fate {
  if (due === 0) return 'current'
  if (parts === 0) return 'unsent'
  if (returned === 0) return 'current'
  return returned === parts ? 'returned' : 'partly returned'
}

async function readPlanned(db: Db, codes: readonly Municipality[]) {
  return await db.often.rows<KeyRow & { version: number; gross: number }>(
    `select v.municipality_code as m, o.order_key as order, ${VERSION('n')}, v.gross_ore as gross, ${KEY}
     from item_movements v join orders n on n.municipality_code = v.municipality_code and n.order_id = v.order_id
     join order_lines l on l.municipality_code = v.municipality_code and l.order_id = v.from_ref >> 6
       and l.line_no = (v.from_ref & 63)::smallint
     ${KEY_JOINS} where v.municipality_code = any ($1) and v.to_place = ${ADJUSTING}
       and v.from_place <> ${STANDS}`,
    [codes],
  )
}

async function readTorn(db: Db, codes: readonly Municipality[]) {
  return await db.often.rows<{ m: Municipality; order: string; claim: string | null }>(
    `with ${LOTS}, torn as (select x.municipality_code as m, x.item_id as item from payment_parts x
       left join payment_returns r on r.municipality_code = x.municipality_code and r.payment_id = x.payment_id
       where x.municipality_code = any ($1) and not ${IS_GONE}
       group by 1, 2 having count(r.payment_id) > 0 and count(r.payment_id) < count(*)
         and not bool_or(r.payment_id is null and ${IS_UNANSWERED}))
     select distinct t.m, o.order_key as order, k.claim_key as claim from torn t
     join lot on lot.m = t.m and lot.item = t.item and lot.gross > 0
       and lot.place in (${STANDS}, ${OVERPAID}, ${CLAIM}, ${GROSS_CLAIM}, ${ADJUSTING}, ${SUPPRESSED})
     left join claims k on k.municipality_code = t.m and k.claim_id = lot.ref and lot.place in (${CLAIM}, ${GROSS_CLAIM})
     join orders o on o.municipality_code = t.m and o.order_id = t.item >> 6`,
    [codes],
  )
}

async function readUnanswered(db: Db, codes: readonly Municipality[]) {
  return await db.often.rows<{ m: Municipality; order: string }>(
    `with ${LOTS}, open as (select x.municipality_code as m, x.item_id as item from payment_parts x
       where x.municipality_code = any ($1)
         and not exists (select from payment_returns r where r.municipality_code = x.municipality_code
           and r.payment_id = x.payment_id)
         and not ${IS_GONE} and ${IS_UNANSWERED})
     select distinct t.m, o.order_key as order from open t
     join lot on lot.m = t.m and lot.item = t.item and lot.place = ${STANDS} and lot.gross > 0
     join orders o on o.municipality_code = t.m and o.order_id = lot.ref >> 6`,
    [codes],
  )
}

async function readHeld(db: Db, codes: readonly Municipality[]) {
  return await db.often.rows<{ m: Municipality; order: string; version: number; kind: string }>(
    `select h.municipality_code as m, o.order_key as order, ${VERSION('o')}, h.kind
     from order_holds h join orders o on o.municipality_code = h.municipality_code and o.order_id = h.order_id
     where h.municipality_code = any ($1) and h.kind <> 'superseded' and not exists (select from order_hold_releases r
       where r.municipality_code = h.municipality_code and r.order_id = h.order_id and r.hold_no = h.hold_no)`,
    [codes],
  )
}

export interface OutcomeRow {
  readonly order: string
  readonly key: string
  readonly from: 'overpaid' | 'adjusting'
  readonly to: string
  readonly claim: string
  readonly gross: number
}

/** What an outcome that was approved at a time has moved. */
export async function readOutcomeRows(db: Db, code: Municipality, at: string): Promise<OutcomeRow[]> {
  const rows = await db.often.rows<KeyRow & { place: number; target: number; claim: string | null; gross: number }>(
    `select v.municipality_code as m, o.order_key as order, v.from_place as place, v.to_place as target, k.claim_key as claim,
       v.gross_ore as gross, ${KEY}
     from outcome_approvals a
     join item_movements v on v.municipality_code = $1 and v.work_no = a.work_no
     left join claims k on k.municipality_code = $1 and k.claim_id = v.to_ref and v.to_place in (${CLAIM}, ${GROSS_CLAIM})
     join order_lines l on l.municipality_code = $1 and l.order_id = v.from_ref >> 6
       and l.line_no = (v.from_ref & 63)::smallint
     ${KEY_JOINS} where a.municipality_code = $1 and a.at = $2::timestamptz order by v.movement_no`,
    [code, at],
  )
  const places = ['', '', 'overpaid', 'claim', 'claim', 'kept', 'adjusting']
  return rows.map((row) => ({
    order: row.order,
    key: textOf(row),
    from: places[row.place] as 'overpaid' | 'adjusting',
    to: places[row.target] ?? '',
    claim: row.claim ?? '',
    gross: row.gross,
  }))
}

/** How often gross went from one place to another, and money was taken of an item. */
export async function countMovements(db: Db, codes: readonly Municipality[]): Promise<Map<string, number>> {
  const places = ['stands', 'withdrawn', 'overpaid', 'claim', 'gross_claim', 'kept', 'adjusting', 'suppressed']
  const rows = await db.often.rows<{ a: number; b: number; returned: boolean; n: number }>(
    `select from_place as a, to_place as b, returned_ore > 0 as returned, count(*)::int as n from item_movements
     where municipality_code = any ($1) group by 1, 2, 3`,
    [codes],
  )
  const taken = await db.often.rows<{ kind: number; n: number }>(
    'select kind, count(*)::int as n from deductions where municipality_code = any ($1) group by 1',
    [codes],
  )
  const stopped = await db.first<{ n: number; again: number }>(
    `select count(*)::int as n, count(n.part)::int as again from stopped_parts z
     left join parts_again n on n.municipality_code = z.municipality_code and n.item_id = z.item_id and n.part = z.part + 64
     where z.municipality_code = any ($1) and z.part & 63 > 0`,
    [codes],
  )
  return new Map([
    ['third parties stopped', stopped?.n ?? 0],
    ['third parties stopped, due again', stopped?.again ?? 0],
    ...rows.map(({ a, b, returned, n }): [string, number] => [
      `${places[a]} to ${places[b]}${returned ? ', returned' : ''}`,
      n,
    ]),
    ...taken.map(({ kind, n }): [string, number] => [kind === 1 ? 'set-offs' : 'third parties', n]),
  ])
}

/** Versions that were stopped and are there again: the newest of each order. */
export async function readAgain(
  db: Db,
  code: Municipality,
): Promise<{ order: string; version: number; again: number }[]> {
  return await db.often.rows(
    `select distinct on (order_key) order_key as order, version, again::int as again from orders
     where municipality_code = $1 and again > 0 order by order_key, version desc, again desc`,
    [code],
  )
}
