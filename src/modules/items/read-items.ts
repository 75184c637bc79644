/** Reads what became of earlier versions: items, where their gross is, and how their payments stand. */
import { assert } from '../../base/assert.ts'
import { type RowReader, rowReader } from '../../base/copy.ts'
import type { Db } from '../../base/db.ts'
import type { Day } from '../../base/date.ts'
import type { ItemId, Municipality, OrderId, PartyId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { NOTHING_WITHHELD, type Withheld } from '../effectuation/index.ts'
import { QUANTITY_UNITS } from '../orders/index.ts'
import { isDueAgain, NOT_STOPPED, partsOutside } from '../payments/index.ts'
import { codesOf, type RateReader, TAX_METHODS } from '../rates/index.ts'
import { type Line, lineOf, type Lines, moved, type PaidItem, sourceOf, type Taken } from './item.ts'
import { type Movement, movement, OVERPAID_PLACES, PLACES } from './movement.ts'

export interface Items {
  readonly items: ReadonlyMap<ItemId, PaidItem>
  readonly lines: Lines
}

/** Every calculated item of these orders, where its gross is now, and the lines that it counts for. */
export async function readItems(
  db: Db,
  municipality: Municipality,
  orders: readonly OrderId[],
  rates: RateReader,
): Promise<Items> {
  if (orders.length === 0) return { items: new Map(), lines: new Map() }
  const rows = await readRows(db, municipality, orders)
  const ids = rows.map((row) => row.item)
  const taken = await readTaken(db, municipality, ids)
  const movements = await readMovements(db, municipality, ids)
  const named = new Set<ItemId>(ids)
  for (const spot of movements.flatMap(({ from, to }) => [from, to])) {
    if (['stands', 'kept', ...OVERPAID_PLACES].includes(spot.place)) named.add(spot.ref)
  }
  const lines = await readLines(db, municipality, [...named], rates)
  const items = new Map<ItemId, PaidItem>()
  const byItem = Map.groupBy(movements, (one) => one.item)
  for (const row of rows) {
    const item = itemOf(row, taken.get(row.item) ?? [], lineOf(lines, row.item))
    items.set(row.item, afterAll(item, byItem.get(row.item) ?? [], lines))
  }
  return { items, lines }
}

/**
 * The item after its movements. What was recorded before they had turns may have been moved side by side by batches of
 * one plan: each movement is made when what it takes is there.
 */
function afterAll(item: PaidItem, movements: readonly Movement[], lines: Lines): PaidItem {
  let now = item
  let left = movements
  while (left.length > 0) {
    const later: Movement[] = []
    for (const one of left) {
      if ((sourceOf(now, one, lines)?.gross ?? 0) >= one.gross) now = moved(now, one, lines)
      else later.push(one)
    }
    assert(later.length < left.length, `item ${item.item}: its movements take more than there is`)
    left = later
  }
  return now
}

/** The batch of work that calculated the order of a line `i.at`. */
const WORK_OF_LINE = (municipality: Municipality) =>
  `(select min(c.work_no) from calculations c where c.municipality_code = ${municipality} and c.order_id = i.at >> 6)`

/** Lines by their item id. */
export async function readLines(
  db: Db,
  municipality: Municipality,
  items: readonly ItemId[],
  rates: RateReader,
): Promise<Map<ItemId, Line>> {
  const lines = new Map<ItemId, Line>()
  if (items.length === 0) return lines
  const rows = rowReader(
    await db.copyOut(`select i.at, o.order_key, o.version, l.line_key, l.right_holder, l.benefit, coalesce(l.component, ''),
        l.period_from, l.period_to, coalesce(l.repayable, false), coalesce(l.quantity_unit, 0::smallint),
        coalesce(l.quantity_thousandths, 0), ${rates.laws === 0 ? '-1' : `coalesce(${WORK_OF_LINE(municipality)}, -1)`}
      from unnest('{${items.join(',')}}'::bigint[]) as i (at)
      cross join lateral (select o.version, o.order_key from orders o where o.municipality_code = ${municipality}
        and o.order_id = i.at >> 6 offset 0) o
      cross join lateral (select l.* from order_lines l where l.municipality_code = ${municipality}
        and l.order_id = i.at >> 6 and l.line_no = (i.at & 63)::smallint and l.kind in (0, 3) offset 0) l`),
  )
  while (rows.next()) {
    const line = readLine(rows, rates)
    lines.set(line.at, line)
  }
  return lines
}

function readLine(rows: RowReader, rates: RateReader): Line {
  const stored = {
    at: rows.i64(),
    decision: rows.text(),
    version: rows.i32(),
    lineKey: rows.text(),
    rightHolder: rows.i64(),
    benefit: rows.i16(),
    component: rows.text(),
    period: { from: rows.date(), to: rows.date() },
    repayable: rows.bool(),
    unit: QUANTITY_UNITS[rows.i16()] ?? 'month',
    thousandths: rows.i32(),
  }
  const work = rows.i32()
  const workNo = work < 0 ? undefined : work
  const book = rates.ofWork(workNo)
  const rule = book.benefitRule(stored.benefit, stored.period.from)
  const code = rates.laws === 0 ? undefined : codesOf(rule, book, stored.period.from)
  return { ...stored, kind: `${rule.incomeType ?? ''}${rule.incomeKind ?? ''}`, code, workNo }
}

interface Row {
  readonly item: ItemId
  readonly work: number
  readonly source: number
  readonly benefit: number
  readonly payee: PartyId
  /** Below zero: the old system paid it. */
  readonly paying_unit: number
  readonly pay_day: Day
  readonly gross: Ore
  readonly set_off: Ore
  readonly third_party: Ore
  readonly net: Ore
  readonly rate: number
  readonly method: number
  readonly own_atp: number
  readonly am: number
  readonly tax: number
  readonly employer_atp: number
  readonly pension: number
  readonly allowance: number
  readonly frikort: number
  readonly parts: number
  readonly open: number
  readonly returned: number
  readonly returned_ore: Ore
}

/**
 * Of the parts `x` of an item `c`: how many there are, how many the rail has not answered for good, and how many came
 * back. An answer 9 comes before the bank's own line; only the statement is final. While third parties are paid and the
 * citizen's own part is held, or due again and in no run yet, that counts as unanswered. What was paid elsewhere has
 * been answered.
 */
export const PARTS_OF_ITEM = `select count(*)::int + ${partsOutside()} as parts,
    count(*) filter (where b.payment_id is null and (a.yes is null or late.yes is not null))::int
      + (c.net_ore > 0 and count(*) + ${partsOutside()} > 0
        and count(*) filter (where x.part & 63 = 0) + ${partsOutside('and u.part & 63 = 0')} = 0)::int as open,
    count(b.payment_id)::int as returned,
    coalesce(sum(case when b.payment_id is null then 0 when x.part & 63 = 0 then c.net_ore
      else (select d.amount_ore from deductions d where d.municipality_code = x.municipality_code
        and d.item_id = x.item_id and d.line_no = (x.part & 63)::smallint) end), 0)::bigint as returned_ore
  from payment_parts x
  left join payment_returns b on b.municipality_code = x.municipality_code and b.payment_id = x.payment_id
  left join lateral (select true as yes from accepted_payments q where q.municipality_code = x.municipality_code
    and q.run_no = (x.payment_id >> 24)::int and q.numbers @> (x.payment_id & 16777215)::int limit 1) a on true
  left join lateral (select true as yes from payment_answers q where q.municipality_code = x.municipality_code
    and q.payment_id = x.payment_id limit 1) late on true`

/** What is stopped is in no run, nor is what came back and is due again. */
export const partsLeft = (municipality: string) =>
  `x.municipality_code = ${municipality} and x.item_id = c.order_id * 64 + c.line_no and ${NOT_STOPPED}
    and not ${isDueAgain({ municipality: 'x.municipality_code', item: 'x.item_id', part: 'x.part' })}`

async function readRows(db: Db, municipality: Municipality, orders: readonly OrderId[]): Promise<Row[]> {
  const rows = rowReader(
    await db.copyOut(`select c.order_id * 64 + c.line_no, c.work_no, c.source_system, c.benefit, c.payee, c.unit,
        c.disposition_date, c.gross_ore, c.set_off_ore,
        c.third_party_ore, c.net_ore, c.tax_rate_millionths, c.tax_method, c.own_atp_ore, c.am_ore, c.tax_ore,
        c.employer_atp_ore, c.pension_ore, c.allowance_used_ore, c.frikort_used_ore, s.parts, s.open, s.returned,
        s.returned_ore
      from unnest('{${orders.join(',')}}'::bigint[]) as n (order_id)
      cross join lateral (select c.* from calculations c where c.municipality_code = ${municipality}
        and c.order_id = n.order_id and c.gross_ore > 0 offset 0) c
      cross join lateral (${PARTS_OF_ITEM} where ${partsLeft(String(municipality))} offset 0) s
      order by 1`),
  )
  const found: Row[] = []
  while (rows.next()) found.push(readRow(rows))
  return found
}

function readRow(rows: RowReader): Row {
  return {
    item: rows.i64(),
    work: rows.i32(),
    source: rows.i16(),
    benefit: rows.i16(),
    payee: rows.i64(),
    paying_unit: rows.i32(),
    pay_day: rows.date(),
    gross: rows.i64() as Ore,
    set_off: rows.i64() as Ore,
    third_party: rows.i64() as Ore,
    net: rows.i64() as Ore,
    rate: rows.i32(),
    method: rows.i16(),
    own_atp: rows.i64(),
    am: rows.i64(),
    tax: rows.i64(),
    employer_atp: rows.i64(),
    pension: rows.i64(),
    allowance: rows.i64(),
    frikort: rows.i64(),
    parts: rows.i32(),
    open: rows.i32(),
    returned: rows.i32(),
    returned_ore: rows.i64() as Ore,
  }
}

function itemOf(row: Row, taken: readonly Taken[], { kind, period, unit, thousandths }: Line): PaidItem {
  const calculated: Withheld = {
    ownAtp: row.own_atp,
    am: row.am,
    tax: row.tax,
    employerAtp: row.employer_atp,
    pension: row.pension,
    allowance: row.allowance,
    frikort: row.frikort,
  }
  return {
    item: row.item,
    workNo: row.work,
    source: row.source,
    payee: row.payee,
    payDay: row.pay_day,
    dispositionDate: row.pay_day,
    benefit: row.benefit,
    period,
    unit,
    thousandths,
    gross: row.gross,
    net: row.net,
    thirdParty: row.third_party,
    setOff: row.set_off,
    taxRate: row.rate,
    method: TAX_METHODS[row.method] ?? 'base_tens_tax_up',
    calculated,
    withheld: calculated,
    kinds: new Map([[kind, calculated]]),
    standing: standingOf(row),
    returned: row.returned_ore,
    taken,
    spots: [{ place: 'stands', ref: row.item, at: row.item, gross: row.gross, freed: NOTHING_WITHHELD }],
    stoodAt: [row.item],
    turns: 0,
  }
}

/** What paid nobody stands as it is, and so does what the old system paid. */
function standingOf(row: Row): PaidItem['standing'] {
  const { net, third_party: thirdParty, paying_unit: unit, parts, open, returned } = row
  if (net + thirdParty === 0 || unit < 0) return 'current'
  if (parts === 0) return 'unsent'
  if (open > 0) return 'unanswered'
  if (returned > 0) return returned < parts ? 'partly' : 'returned'
  return 'current'
}

async function readTaken(db: Db, municipality: Municipality, items: readonly ItemId[]): Promise<Map<ItemId, Taken[]>> {
  const rows = await db.rows<{
    item_id: ItemId
    line_no: number
    kind: number
    amount_ore: Ore
    claim_key: string | null
    claim_id: number | null
    claim_source: number | null
    payee: PartyId | null
    reference: string | null
    line_key: string
  }>(
    `select d.item_id, d.line_no, d.kind, d.amount_ore, l.claim_key, k.claim_id,
       k.source_system as claim_source, coalesce(a.payee, l.payee) as payee, l.reference, l.line_key
     from unnest($2::bigint[]) as i (item_id)
     cross join lateral (select d.* from deductions d where d.municipality_code = $1 and d.item_id = i.item_id
       offset 0) d
     cross join lateral (select l.claim_key, l.payee, l.reference, l.line_key from order_lines l where l.municipality_code = $1
       and l.order_id = d.item_id >> 6 and l.line_no = d.line_no offset 0) l
     left join claims k on k.municipality_code = $1 and k.claim_key = l.claim_key and d.kind = 1
     left join lateral (select a.payee from parts_again a where a.municipality_code = $1 and a.item_id = d.item_id
       and a.part & 63 = d.line_no order by a.part desc limit 1) a on d.kind = 2
     order by 1, 2`,
    [municipality, items],
  )
  const taken = new Map<ItemId, Taken[]>()
  for (const row of rows) {
    const what = whatIsTaken(row.kind === 1 ? (row.claim_key ?? '') : undefined, row.payee ?? 0)
    const [claimId, claimSource] = row.kind === 1 ? [row.claim_id ?? 0, row.claim_source ?? 0] : [0, 0]
    const one = {
      what,
      reference: row.reference ?? '',
      lineKey: row.line_key,
      claimId,
      claimSource,
      amount: row.amount_ore,
    }
    taken.set(row.item_id, [...(taken.get(row.item_id) ?? []), one])
  }
  return taken
}

/** Which set-off (by its claim) or third party (by its payee) it is. */
export function whatIsTaken(claimKey: string | undefined, payee: PartyId): string {
  return claimKey === undefined ? `third party ${payee}` : `set-off ${claimKey}`
}

async function readMovements(db: Db, municipality: Municipality, items: readonly ItemId[]): Promise<Movement[]> {
  const rows = await db.rows<{
    item_id: ItemId
    from_place: number
    from_ref: number
    to_place: number
    to_ref: number
    gross_ore: Ore
    own_atp_ore: number
    am_ore: number
    tax_ore: number
    employer_atp_ore: number
    pension_ore: number
    allowance_ore: number
    frikort_ore: number
    carried_own_atp_ore: number
    carried_am_ore: number
    carried_tax_ore: number
    carried_employer_atp_ore: number
    carried_pension_ore: number
  }>(
    `select m.* from unnest($2::bigint[]) as i (item_id)
     cross join lateral (select m.* from item_movements m where m.municipality_code = $1 and m.item_id = i.item_id
       offset 0) m order by m.item_id, m.turn_no`,
    [municipality, items],
  )
  return rows.map((row) =>
    movement({
      item: row.item_id,
      from: { place: PLACES[row.from_place] ?? 'stands', ref: row.from_ref },
      to: { place: PLACES[row.to_place] ?? 'stands', ref: row.to_ref },
      gross: row.gross_ore,
      change: {
        ownAtp: row.own_atp_ore,
        am: row.am_ore,
        tax: row.tax_ore,
        employerAtp: row.employer_atp_ore,
        pension: row.pension_ore,
        allowance: row.allowance_ore,
        frikort: row.frikort_ore,
      },
      carried: {
        ownAtp: row.carried_own_atp_ore,
        am: row.carried_am_ore,
        tax: row.carried_tax_ore,
        employerAtp: row.carried_employer_atp_ore,
        pension: row.carried_pension_ore,
        allowance: 0,
        frikort: 0,
      },
    }),
  )
}
