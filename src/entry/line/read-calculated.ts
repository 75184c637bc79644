/**
 * Everything that was calculated, right holder by right holder: in ranges of some thousand lines, so that a
 * municipality of any size takes the memory of one range.
 */
import { type RowReader, rowReader } from '../../base/copy.ts'
import type { Tx } from '../../base/db.ts'
import type { Day } from '../../base/date.ts'
import { itemId, type ItemId, type Municipality, type PartyId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import {
  type BenefitToCalculate,
  type CalculatedItem,
  type CalculatedOrder,
  NOT_OURS,
  type StandsAlready,
} from '../../modules/effectuation/index.ts'
import { changedSince, isBeyond, partsBeyond, readMoved } from './what-stood.ts'
import { QUANTITY_UNITS, type QuantityUnit } from '../../modules/orders/index.ts'
import { readCards, type TaxCard } from '../../modules/parties/index.ts'

/** What is stored of an item's calculation. */
export interface Stored extends CalculatedItem {
  /** Never reached the citizen, and was calculated anew: it stands nowhere. */
  readonly withdrawn: boolean
  /** Gross that stands now. */
  readonly stands: number
  /** The line that it stands at: its own, or that of a later version; and the batch of work by whose book it does. */
  readonly at: ItemId
  readonly bookedBy: number
}

export interface CalculatedPerson {
  readonly person: PartyId
  readonly cards: readonly TaxCard[]
  /** By disposition date, source system and order key, as a batch of work takes them. */
  readonly orders: readonly CalculatedOrder[]
  readonly stored: ReadonlyMap<ItemId, Stored>
}

/** Lines read at a time; a person is never split. Of 20.000 it is no faster and takes 470 MB instead of 310. */
const AT_ONCE = 5_000

/** Items that were withdrawn too: what was calculated before they were saw what they used. */
export async function* readCalculated(tx: Tx, municipality: Municipality): AsyncGenerator<CalculatedPerson[]> {
  // A correction that only raises moves nothing, and was reckoned beyond what stood all the same.
  const corrected = await tx.first(
    `select 1 from item_movements where municipality_code = $1
     union all select 1 from standing_lines where municipality_code = $1 limit 1`,
    [municipality],
  )
  for (let after = -1; after < Number.MAX_SAFE_INTEGER; ) {
    const next = await tx.first<{ person: PartyId }>(
      `select right_holder as person from order_lines where municipality_code = $1 and kind = 0 and right_holder > $2
       order by right_holder offset ${AT_ONCE} limit 1`,
      [municipality, after],
    )
    const until = next?.person ?? Number.MAX_SAFE_INTEGER
    const persons = await readRange(tx, municipality, after, until, corrected !== undefined)
    if (persons.length > 0) yield persons
    after = until
  }
}

async function readRange(
  tx: Tx,
  municipality: Municipality,
  after: PartyId,
  until: PartyId,
  corrected: boolean,
): Promise<CalculatedPerson[]> {
  // Each look-up by its line: a join would read what the whole municipality has for every range.
  const bytes = await tx.copyOut(`select l.right_holder, o.order_id, o.source_system, o.order_key, o.beneficiary_type,
      l.line_no, l.benefit, l.period_from, l.period_to, l.quantity_unit, l.quantity_thousandths, l.repayable,
      ${corrected ? 's.gross_ore, s.own_atp_ore, s.employer_atp_ore, s.pension_ore' : NOTHING_STANDS},
      c.disposition_date, c.work_no, c.gross_ore, c.own_atp_ore, c.am_ore, c.tax_ore, c.employer_atp_ore, c.pension_ore,
      c.allowance_used_ore, c.frikort_used_ore, c.se, c.card_no, c.unit = ${NOT_OURS},
      ${corrected ? BECAME : 'null::boolean, null::bigint, c.gross_ore, c.work_no'}
    from (select l.* from order_lines l where l.municipality_code = ${municipality} and l.kind = 0
      and l.right_holder > ${after} and l.right_holder <= ${until} offset 0) l
    cross join lateral (select o.order_id, o.source_system, o.order_key, o.beneficiary_type, o.disposition_date
      from orders o where o.municipality_code = ${municipality} and o.order_id = l.order_id offset 0) o
    left join lateral (select c.* from calculations c where c.municipality_code = ${municipality}
      and c.order_id = l.order_id and c.line_no = l.line_no and c.gross_ore > 0 offset 0) c on true
    ${corrected ? movementsOf(municipality) : ''}
    where c.order_id is not null ${corrected ? 'or s.order_id is not null' : ''}
    order by l.right_holder, o.disposition_date, o.source_system, o.order_key, l.order_id, l.line_no`)
  const persons = new Map<PartyId, Open>()
  for (const rows = rowReader(bytes); rows.next(); ) take(persons, rows)
  const cards = await readCards(tx, municipality, [...persons.keys()])
  const moves = await readMoved(
    tx,
    municipality,
    [...persons.values()].flatMap((open) => open.moved),
  )
  return [...persons].map(([person, { orders, stored, moved }]) => {
    for (const item of moved) {
      const one = stored.get(item) as Stored
      stored.set(item, { ...one, changes: changedSince(moves.get(item) ?? []) })
    }
    // An order of which nothing is paid only says what stands.
    const paid = orders
      .filter((order) => order.workNo > 0)
      .map((order) => (isBeyond(order) ? { ...order, beyond: partsBeyond(order, orders, moves) } : order))
    return { person, cards: cards.get(person) ?? [], orders: paid, stored }
  })
}

/** What stood already of a line's item, what became of the item, and the line that it was moved to last. */
const movementsOf = (municipality: Municipality) => `left join lateral (select s.* from standing_lines s
    where s.municipality_code = ${municipality} and s.order_id = l.order_id and s.line_no = l.line_no offset 0) s on true
  left join lateral (select
      bool_or(m.to_place = 1 and m.to_ref = 0) as withdrawn,
      sum(case m.to_place when 0 then m.gross_ore else 0 end
        - case m.from_place when 0 then m.gross_ore else 0 end) as more,
      (array_agg(m.to_ref order by m.work_no desc, m.movement_no desc) filter (where m.to_place = 0))[1] as at
    from item_movements m where m.municipality_code = ${municipality} and m.item_id = l.order_id * 64 + l.line_no) m on true
  left join lateral (select min(w.work_no) as work_no from calculations w where w.municipality_code = ${municipality}
    and w.order_id = m.at >> 6) b on true`

const NOTHING_STANDS = 'null::bigint, null::bigint, null::bigint, null::bigint'
const BECAME = `m.withdrawn, m.at, (c.gross_ore + coalesce(m.more, 0))::bigint, coalesce(b.work_no, c.work_no)`

type Draft = { -readonly [K in keyof CalculatedOrder]: CalculatedOrder[K] } & { benefits: BenefitToCalculate[] }

interface Open {
  readonly orders: Draft[]
  readonly stored: Map<ItemId, Stored>
  /** Items of which something was moved. */
  readonly moved: ItemId[]
}

const NO_CHANGES: CalculatedItem['changes'] = []

function take(persons: Map<PartyId, Open>, rows: RowReader): void {
  const person = rows.i64()
  const order = rows.i64()
  const chain = `${rows.i16()} ${rows.text()}`
  const personIsCompany = rows.i16() !== 0
  const line = rows.i16()
  const benefit = rows.i16()
  const period = { from: rows.date(), to: rows.date() }
  const unit = QUANTITY_UNITS[rows.i16()] as QuantityUnit
  const thousandths = rows.i32()
  const repayable = rows.bool()
  const standing = standingIn(rows)
  const own: Open = persons.get(person) ?? { orders: [], stored: new Map(), moved: [] }
  if (own.orders.length === 0) persons.set(person, own)
  let head = own.orders.at(-1)
  if (head?.order !== order) {
    const none = { dispositionDate: 0 as Day, benefits: [], deductions: [], workNo: 0, told: false }
    head = { ...none, order, person, personIsCompany, chain }
    own.orders.push(head)
  }
  const item = itemId(order, line)
  let gross = 0 as Ore
  if (rows.nothing()) for (let i = 0; i < COLUMNS_OF_STORED - 1; i++) rows.nothing()
  else {
    head.dispositionDate = rows.date()
    head.workNo = rows.i32()
    const one = storedIn(rows, item)
    gross = one.gross
    head.told = one.told
    own.stored.set(item, one.stored)
    if (one.moved) own.moved.push(item)
  }
  const one = { item, line, benefit, period, unit, thousandths, gross, repayable }
  head.benefits.push(standing === undefined ? one : { ...one, standing })
}

const COLUMNS_OF_STORED = 17

function storedIn(rows: RowReader, item: ItemId) {
  const gross = rows.i64() as Ore
  const [ownAtp, am, tax] = [rows.i64() as Ore, rows.i64() as Ore, rows.i64() as Ore]
  const [employerAtp, pension] = [rows.i64() as Ore, rows.i64() as Ore]
  const [allowanceUsed, frikortUsed, se, cardNo] = [rows.i64() as Ore, rows.i64() as Ore, rows.i32(), rows.i16()]
  const told = rows.bool()
  const moved = !rows.nothing()
  const withdrawn = moved && rows.bool()
  const at = rows.nothing() ? item : rows.i64()
  const [stands, bookedBy] = [rows.i64(), rows.i32()]
  const amounts = { gross, ownAtp, am, tax, employerAtp, pension, allowanceUsed, frikortUsed, se, cardNo }
  return { gross, told, moved, stored: { ...amounts, changes: NO_CHANGES, withdrawn, at, stands, bookedBy } }
}

/** Four amounts, or four times nothing. */
function standingIn(rows: RowReader): StandsAlready | undefined {
  const amount = (): Ore => rows.i64() as Ore
  if (!rows.nothing()) return { gross: amount(), ownAtp: amount(), employerAtp: amount(), pension: amount() }
  for (let i = 0; i < 3; i++) rows.nothing()
  return undefined
}
