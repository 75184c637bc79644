/** The books of many histories at once, read by queries of their own, and what must hold of them. */
import assert from 'node:assert/strict'
import type { Db } from '../../src/base/db.ts'
import type { Municipality } from '../../src/base/id.ts'
import { type Key, textOf } from './history-records.ts'
import type { Fate } from './history-model.ts'

/** Places of `item_movements`. */
const [STANDS, WITHDRAWN, OVERPAID, CLAIM, GROSS_CLAIM] = [0, 1, 2, 3, 4] as const

/** Rows of one municipality, by order. */
export interface Books {
  /** Gross by key. */
  readonly stands: ReadonlyMap<string, ReadonlyMap<string, number>>
  readonly overpaid: ReadonlyMap<string, ReadonlyMap<string, number>>
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
  /** Kinds of open holds by version. */
  readonly held: ReadonlyMap<string, ReadonlyMap<string, string>>
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

/** Gross by item, place and reference. */
const LOTS = `lot as materialized (
  select m, item, place, ref, sum(gross)::bigint as gross from (
    select municipality_code as m, order_id * 64 + line_no as item, 0 as place, order_id * 64 + line_no as ref,
      gross_ore as gross from calculations where municipality_code = any ($1) and gross_ore > 0
    union all select municipality_code, item_id, to_place, to_ref, gross_ore from item_movements
      where municipality_code = any ($1)
    union all select municipality_code, item_id, from_place, from_ref, -gross_ore from item_movements
      where municipality_code = any ($1)) x
  group by 1, 2, 3, 4)`

export async function readBooks(db: Db, codes: readonly Municipality[]): Promise<Map<Municipality, Books>> {
  const books = new Map(codes.map((code): [Municipality, WritableBooks] => [code, emptyBooks()]))
  const of = (m: Municipality) => books.get(m) as WritableBooks
  for (const row of await readStanding(db, codes)) {
    assert.ok(row.gross > 0, `nothing is negative in any place: ${JSON.stringify(row)}`)
    if (row.place === STANDS) add(of(row.m).stands, row.order, textOf(row), row.gross)
    else add(of(row.m).overpaid, row.order, textOf(row), row.gross)
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
  for (const row of await readHeld(db, codes)) put(of(row.m).held, row.order, String(row.version), row.kind)
  return books
}

function emptyBooks(): WritableBooks {
  return {
    stands: new Map(),
    overpaid: new Map(),
    claims: new Map(),
    paid: new Map(),
    fates: new Map(),
    closed: new Map(),
    revoked: new Map(),
    claimed: new Map(),
    held: new Map(),
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
  return await db.rows<KeyRow & { place: number; gross: number }>(
    `with ${LOTS}
     select t.m, o.order_key as order, t.place, t.gross, ${KEY} from lot t
     join order_lines l on l.municipality_code = t.m and l.order_id = t.ref >> 6 and l.line_no = (t.ref & 63)::smallint
     ${KEY_JOINS} where t.place in (${STANDS}, ${OVERPAID}) and t.gross <> 0`,
    [codes],
  )
}

/** Into a claim (above zero) and out of it again: the line is that which it was overpaid at, or stands at. */
async function readClaimed(db: Db, codes: readonly Municipality[]) {
  return await db.rows<KeyRow & { claim: string; gross: number; by: string; version: number; place: number }>(
    `select v.m, o.order_key as order, n.order_key as by, n.version, k.claim_key as claim, v.gross, v.place, ${KEY}
     from (
       select municipality_code as m, order_id, from_ref as at, to_ref as claim, to_place as place, gross_ore as gross
         from item_movements
         where municipality_code = any ($1) and to_place in (${CLAIM}, ${GROSS_CLAIM})
       union all select municipality_code, order_id, to_ref, from_ref, to_place, -gross_ore from item_movements
         where municipality_code = any ($1) and from_place in (${CLAIM}, ${GROSS_CLAIM})) v
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
  return await db.rows<PaidRow>(
    `select c.municipality_code as m, o.order_key as order, o.version, c.gross_ore as gross,
       c.net_ore + c.third_party_ore as due, p.parts, p.returned, ${KEY}
     from calculations c
     join order_lines l on l.municipality_code = c.municipality_code and l.order_id = c.order_id
       and l.line_no = c.line_no
     ${KEY_JOINS}
     cross join lateral (select count(*)::int as parts, count(r.payment_id)::int as returned from payment_parts x
       left join payment_returns r on r.municipality_code = x.municipality_code and r.payment_id = x.payment_id
       where x.municipality_code = c.municipality_code and x.item_id = c.order_id * 64 + c.line_no) p
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

async function readHeld(db: Db, codes: readonly Municipality[]) {
  return await db.rows<{ m: Municipality; order: string; version: number; kind: string }>(
    `select h.municipality_code as m, o.order_key as order, o.version, h.kind
     from order_holds h join orders o on o.municipality_code = h.municipality_code and o.order_id = h.order_id
     where h.municipality_code = any ($1) and h.kind <> 'superseded' and not exists (select from order_hold_releases r
       where r.municipality_code = h.municipality_code and r.order_id = h.order_id and r.hold_no = h.hold_no)`,
    [codes],
  )
}

/** Rows that must not be: each query finds what breaks one rule. */
const NEVER: readonly (readonly [string, string])[] = [
  [
    'an amount is below zero in a place, or an item is not all in its places',
    `with ${LOTS} select t.m, t.item, min(t.gross) as least from lot t
     join calculations c on c.municipality_code = t.m and c.order_id = t.item >> 6
       and c.line_no = (t.item & 63)::smallint
     group by 1, 2, c.gross_ore having min(t.gross) < 0 or sum(t.gross) <> c.gross_ore`,
  ],
  [
    'a withdrawn item keeps something, or money of it has not come back',
    `with ${LOTS} select t.m, t.item from lot t where t.place = ${WITHDRAWN} and (
       exists (select from lot o where o.m = t.m and o.item = t.item and o.place <> ${WITHDRAWN} and o.gross <> 0)
       or exists (select from payment_parts x where x.municipality_code = t.m and x.item_id = t.item
         and not exists (select from payment_returns r where r.municipality_code = t.m
           and r.payment_id = x.payment_id)))`,
  ],
  [
    'what is withheld of an item is below zero, or above what was calculated',
    `select c.municipality_code as m, c.order_id, c.line_no from calculations c
     join item_movements v on v.municipality_code = c.municipality_code and v.item_id = c.order_id * 64 + c.line_no
     where c.municipality_code = any ($1)
     group by c.municipality_code, c.order_id, c.line_no
     having sum(v.own_atp_ore) not between -c.own_atp_ore and 0 or sum(v.am_ore) not between -c.am_ore and 0
       or sum(v.tax_ore) not between -c.tax_ore and 0 or sum(v.pension_ore) not between -c.pension_ore and 0
       or sum(v.employer_atp_ore) not between -c.employer_atp_ore and 0
       or sum(v.allowance_ore) not between -c.allowance_used_ore and 0
       or sum(v.frikort_ore) not between -c.frikort_used_ore and 0`,
  ],
  [
    'an item is paid in two payments, or a part of it is',
    `select municipality_code as m, item_id, part from payment_parts where municipality_code = any ($1)
     group by 1, 2, 3 having count(*) > 1`,
  ],
  [
    'a claim is not what was found overpaid less what was withheld of it',
    `select k.municipality_code as m, k.claim_key, k.amount_ore, v.ore from claims k
     join (select municipality_code, to_ref, sum(gross_ore + own_atp_ore + am_ore + tax_ore) as ore
       from item_movements
       where municipality_code = any ($1) and to_place in (${CLAIM}, ${GROSS_CLAIM}) group by 1, 2) v
       on v.municipality_code = k.municipality_code and v.to_ref = k.claim_id
     where k.municipality_code = any ($1) and k.amount_ore <> v.ore`,
  ],
  [
    'more is taken of a claim than it is, or given back than was taken',
    `select k.municipality_code as m, k.claim_key, k.amount_ore, sum(v.amount_ore) as taken from claims k
     join claim_movements v on v.municipality_code = k.municipality_code and v.claim_id = k.claim_id
     where k.municipality_code = any ($1) group by 1, 2, 3 having sum(v.amount_ore) not between 0 and k.amount_ore`,
  ],
  [
    'a claim before tax frees tax, or is not of an earlier year, or one of an earlier year is after tax',
    `select v.municipality_code as m, v.item_id, v.to_place from item_movements v
     join calculations c on c.municipality_code = v.municipality_code and c.order_id = v.item_id >> 6
       and c.line_no = (v.item_id & 63)::smallint
     join claims k on k.municipality_code = v.municipality_code and k.claim_id = v.to_ref
     where v.municipality_code = any ($1) and v.to_place in (${CLAIM}, ${GROSS_CLAIM})
       and (v.to_place = ${GROSS_CLAIM}) <> (c.benefit = 1
         and extract(year from c.disposition_date) < extract(year from k.due_date))
     union all select v.municipality_code, v.item_id, v.to_place from item_movements v
     where v.municipality_code = any ($1) and v.to_place in (${OVERPAID}, ${GROSS_CLAIM}) and v.from_place <> ${CLAIM}
       and (v.tax_ore <> 0 or v.am_ore <> 0 or v.own_atp_ore <> 0 or v.pension_ore <> 0 or v.employer_atp_ore <> 0)`,
  ],
  [
    'income or tax of a month is below zero',
    `with told as (
       select municipality_code as m, order_id, disposition_date as on_day, gross_ore - own_atp_ore as income,
         tax_ore as tax, am_ore as am from calculations where municipality_code = any ($1)
       union all select v.municipality_code, v.item_id >> 6, c.disposition_date,
         case when v.to_place in (${WITHDRAWN}, ${CLAIM}) then -v.gross_ore
           when v.from_place = ${CLAIM} then v.gross_ore else 0 end - v.own_atp_ore, v.tax_ore, v.am_ore
       from item_movements v join calculations c on c.municipality_code = v.municipality_code
         and c.order_id = v.item_id >> 6 and c.line_no = (v.item_id & 63)::smallint
       where v.municipality_code = any ($1))
     select t.m, o.beneficiary, date_trunc('month', t.on_day) as month, sum(t.income) as income, sum(t.tax) as tax
     from told t join orders o on o.municipality_code = t.m and o.order_id = t.order_id group by 1, 2, 3
     having sum(t.income) < 0 or sum(t.tax) < 0 or sum(t.am) < 0`,
  ],
  [
    'A-skat that is owed is not what was withheld less what was given back',
    `with owed as (select l.municipality as m, sum(l.credit_ore - l.debit_ore) as ore from ledger_lines_v1 l
         join reference_rows r on r.kind = 'account' and r.body->>'number' = l.account
           and r.body->>'purpose' = 'a_skat' where l.municipality = any ($1) group by 1),
       withheld as (select m, sum(ore) as ore from (
         select municipality_code as m, tax_ore as ore from calculations where municipality_code = any ($1)
         union all select municipality_code, tax_ore from item_movements
           where municipality_code = any ($1)) x group by 1)
     select m, coalesce(o.ore, 0) as owed, w.ore as withheld from withheld w left join owed o using (m)
     where coalesce(o.ore, 0) <> w.ore`,
  ],
]

/** What breaks a rule, by municipality. */
export async function faultsIn(db: Db, codes: readonly Municipality[]): Promise<Map<Municipality, string[]>> {
  const faults = new Map<Municipality, string[]>()
  for (const [what, sql] of NEVER) {
    for (const { m, ...row } of await db.rows<{ m: Municipality }>(sql, [codes])) {
      faults.set(m, [...(faults.get(m) ?? []), `${what}: ${JSON.stringify(row)}`])
    }
  }
  return faults
}

/** How often gross went from one place to another, and money was taken of an item. */
export async function countMovements(db: Db, codes: readonly Municipality[]): Promise<Map<string, number>> {
  const places = ['stands', 'withdrawn', 'overpaid', 'claim', 'gross_claim', 'kept']
  const rows = await db.rows<{ a: number; b: number; returned: boolean; n: number }>(
    `select from_place as a, to_place as b, returned_ore > 0 as returned, count(*)::int as n from item_movements
     where municipality_code = any ($1) group by 1, 2, 3`,
    [codes],
  )
  const taken = await db.rows<{ kind: number; n: number }>(
    'select kind, count(*)::int as n from deductions where municipality_code = any ($1) group by 1',
    [codes],
  )
  return new Map([
    ...rows.map(({ a, b, returned, n }): [string, number] => [
      `${places[a]} to ${places[b]}${returned ? ', returned' : ''}`,
      n,
    ]),
    ...taken.map(({ kind, n }): [string, number] => [kind === 1 ? 'set-offs' : 'third parties', n]),
  ])
}
