/**
 * Everything that was calculated, right holder by right holder: in ranges of some thousand lines, so that a
 * municipality of any size takes the memory of one range.
 */
import { type RowReader, rowReader } from '../../base/copy.ts'
import type { Tx } from '../../base/db.ts'
import type { Day } from '../../base/date.ts'
import { itemId, type ItemId, type Municipality, type PartyId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import type { BenefitToCalculate, CalculatedOrder, StandsAlready } from '../../modules/effectuation/index.ts'
import { isBeyond, partsBeyond, readMoved } from './what-stood.ts'
import { QUANTITY_UNITS, type QuantityUnit } from '../../modules/orders/index.ts'
import { readCards, type TaxCard } from '../../modules/parties/index.ts'

/** What is stored of an item's calculation. */
export interface Stored {
  readonly ownAtp: number
  readonly am: number
  readonly tax: number
  readonly employerAtp: number
  readonly pension: number
  /** Gross that stands now. */
  readonly stands: number
  /** The line that it stands at: its own, or that of a later version; and the batch of work by whose book it does. */
  readonly at: ItemId
  readonly bookedBy: number
}

export interface CalculatedPerson {
  readonly person: PartyId
  readonly cards: readonly TaxCard[]
  /** By source system and order key. */
  readonly orders: readonly CalculatedOrder[]
  readonly stored: ReadonlyMap<ItemId, Stored>
}

/** Lines read at a time; a person is never split. Of 20.000 it is no faster and takes 470 MB instead of 310. */
const AT_ONCE = 5_000

/** Items that were withdrawn are left out: they stand nowhere. */
export async function* readCalculated(tx: Tx, municipality: Municipality): AsyncGenerator<CalculatedPerson[]> {
  const moved = await tx.first('select 1 from item_movements where municipality_code = $1 limit 1', [municipality])
  for (let after = -1; after < Number.MAX_SAFE_INTEGER; ) {
    const next = await tx.first<{ person: PartyId }>(
      `select right_holder as person from order_lines where municipality_code = $1 and kind = 0 and right_holder > $2
       order by right_holder offset ${AT_ONCE} limit 1`,
      [municipality, after],
    )
    const until = next?.person ?? Number.MAX_SAFE_INTEGER
    const persons = await readRange(tx, municipality, after, until, moved !== undefined)
    if (persons.length > 0) yield persons
    after = until
  }
}

async function readRange(
  tx: Tx,
  municipality: Municipality,
  after: PartyId,
  until: PartyId,
  moved: boolean,
): Promise<CalculatedPerson[]> {
  // Each look-up by its line: a join would read what the whole municipality has for every range.
  const bytes = await tx.copyOut(`select l.right_holder, o.order_id, o.source_system, o.order_key, o.beneficiary_type,
      l.line_no, l.benefit, l.period_from, l.period_to, l.quantity_unit, l.quantity_thousandths, l.repayable,
      ${moved ? 's.gross_ore, s.own_atp_ore, s.employer_atp_ore, s.pension_ore' : NOTHING_STANDS},
      c.disposition_date, c.work_no, c.gross_ore, c.own_atp_ore, c.am_ore, c.tax_ore, c.employer_atp_ore, c.pension_ore,
      ${moved ? STANDS : 'null::bigint, c.gross_ore, c.work_no'}
    from (select l.* from order_lines l where l.municipality_code = ${municipality} and l.kind = 0
      and l.right_holder > ${after} and l.right_holder <= ${until} offset 0) l
    cross join lateral (select o.order_id, o.source_system, o.order_key, o.beneficiary_type from orders o
      where o.municipality_code = ${municipality} and o.order_id = l.order_id offset 0) o
    left join lateral (select c.* from calculations c where c.municipality_code = ${municipality}
      and c.order_id = l.order_id and c.line_no = l.line_no and c.gross_ore > 0 offset 0) c on true
    ${moved ? movementsOf(municipality) : ''}
    where (c.order_id is not null ${moved ? 'or s.order_id is not null) and m.withdrawn is not true' : ')'}
    order by l.right_holder, o.source_system, o.order_key, l.order_id, l.line_no`)
  const persons = new Map<PartyId, Open>()
  for (const rows = rowReader(bytes); rows.next(); ) take(persons, rows)
  const cards = await readCards(tx, municipality, [...persons.keys()])
  const corrected = [...persons.values()].filter(({ orders }) => orders.some(isBeyond))
  const moves = await readMoved(
    tx,
    municipality,
    corrected.flatMap(({ stored }) => [...stored.keys()]),
  )
  return [...persons].map(([person, { orders, stored }]) => ({
    person,
    cards: cards.get(person) ?? [],
    // An order of which nothing is paid only says what stands.
    orders: orders
      .filter((order) => order.workNo > 0)
      .map((order) => (isBeyond(order) ? { ...order, beyond: partsBeyond(order, orders, moves) } : order)),
    stored,
  }))
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
const STANDS = 'm.at, (c.gross_ore + coalesce(m.more, 0))::bigint, coalesce(b.work_no, c.work_no)'

type Draft = { -readonly [K in keyof CalculatedOrder]: CalculatedOrder[K] } & { benefits: BenefitToCalculate[] }

interface Open {
  readonly orders: Draft[]
  readonly stored: Map<ItemId, Stored>
}

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
  const own: Open = persons.get(person) ?? { orders: [], stored: new Map() }
  if (own.orders.length === 0) persons.set(person, own)
  let head = own.orders.at(-1)
  if (head?.order !== order) {
    const none = { dispositionDate: 0 as Day, benefits: [], deductions: [], workNo: 0 }
    head = { ...none, order, person, personIsCompany, chain }
    own.orders.push(head)
  }
  const item = itemId(order, line)
  let gross = 0 as Ore
  if (rows.nothing()) for (let i = 0; i < 10; i++) rows.nothing()
  else {
    head.dispositionDate = rows.date()
    head.workNo = rows.i32()
    gross = rows.i64() as Ore
    const [ownAtp, am, tax, employerAtp, pension] = [rows.i64(), rows.i64(), rows.i64(), rows.i64(), rows.i64()]
    const at = rows.nothing() ? item : rows.i64()
    const [stands, bookedBy] = [rows.i64(), rows.i32()]
    own.stored.set(item, { ownAtp, am, tax, employerAtp, pension, at, stands, bookedBy })
  }
  const one = { item, line, benefit, period, unit, thousandths, gross, repayable }
  head.benefits.push(standing === undefined ? one : { ...one, standing })
}

/** Four amounts, or four times nothing. */
function standingIn(rows: RowReader): StandsAlready | undefined {
  const amount = (): Ore => rows.i64() as Ore
  if (!rows.nothing()) return { gross: amount(), ownAtp: amount(), employerAtp: amount(), pension: amount() }
  for (let i = 0; i < 3; i++) rows.nothing()
  return undefined
}
