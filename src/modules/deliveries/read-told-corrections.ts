/** Reads what corrections of a batch change of what was told: one line of a decision less, another more. */
import { type RowReader, rowReader } from '../../base/copy.ts'
import type { Db } from '../../base/db.ts'
import type { Day } from '../../base/date.ts'
import type { ItemId, Municipality, PartyId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { NOTHING_WITHHELD, plus } from '../effectuation/index.ts'
import { type Movement, movement, type Place, PLACES } from '../items/index.ts'
import { QUANTITY_UNITS, SENSITIVITIES, SOURCE_SYSTEMS } from '../orders/index.ts'
import type { PartyRef } from '../parties/index.ts'
import type { PayingUnit } from '../rates/index.ts'
import type { ToldCorrection, ToldItem, ToldLine } from './told-item.ts'

export const NOBODY: PartyRef = { type: 'cpr', id: '' }

const ZERO = 0 as Ore

/** Beside what moved of an item, when none of its order line is told: no money and no words. */
export const NOTHING_MORE = {
  beneficiary: NOBODY,
  payee: NOBODY,
  employee: '',
  gross: ZERO,
  ownAtp: ZERO,
  am: ZERO,
  tax: ZERO,
  setOff: ZERO,
  thirdParty: ZERO,
  net: ZERO,
  employerAtp: ZERO,
  pension: ZERO,
  unit: 'month',
  thousandths: 0,
  sensitivity: 'FOELSOMME_PERSONOPLYSNINGER',
  kle: '',
  text: '',
  grantUuid: '',
  grantBenefitId: '',
} as const

/** An item whose parties are numbers still. */
export interface ReadItem {
  readonly item: { -readonly [K in keyof ToldItem]: ToldItem[K] }
  readonly beneficiary: PartyId
  readonly payee: PartyId
  readonly rightHolder: PartyId
}

interface Row {
  readonly sign: -1 | 1
  readonly at: ItemId
  readonly before: Ore
  readonly item: ItemId
  readonly work: number
  readonly line_work: number | null
  readonly other_work: number | null
  readonly from_place: number
  readonly from_ref: number
  readonly to_place: number
  readonly to_ref: number
  readonly gross: Ore
  readonly own_atp: number
  readonly am: number
  readonly tax: number
  readonly employer_atp: number
  readonly pension: number
  readonly source: number
  readonly benefit: number
  readonly set_off: number
  readonly paid: number
  readonly carried_own_atp: number
  readonly carried_am: number
  readonly carried_tax: number
  readonly carried_employer_atp: number
  readonly carried_pension: number
  readonly disposition: Day
  readonly item_from: Day
  readonly item_to: Day
  readonly order_key: string
  readonly case_key: string
  readonly posted_on: Day
  readonly beneficiary: PartyId
  readonly payee: PartyId
  readonly line_key: string
  readonly right_holder: PartyId
  readonly line_benefit: number
  readonly period_from: Day
  readonly period_to: Day
  readonly other_benefit: number | null
  readonly other_from: Day | null
  readonly other_to: Day | null
  readonly unit: number
  readonly thousandths: number
  readonly sensitivity: number
  readonly component: string
  readonly kle: string
  readonly text: string
  readonly grant_uuid: string
  readonly grant_benefit_id: string
}

/**
 * Places 0 stands, 1 withdrawn, 2 overpaid, 3 and 4 claims, 5 kept, 6 to be adjusted, 7 suppressed. A movement takes
 * from the line that the gross stood at, and gives to the one that it stands at now; of a claim the line is that of
 * what was overpaid. What is decided to be adjusted is told when it is taken, and when that is given back.
 */
const SIDES = `select -1 as sign, m.from_ref as at, case when m.to_place = 0 then m.to_ref end as other
    where m.from_place in (0, 2, 6, 7) and (m.to_place <> 6 or m.from_place = 0) and not (m.from_place in (2, 6, 7) and m.to_place = 0)
  union all select 1, m.to_ref, case when m.from_place in (0, 5, 7) then m.from_ref end where m.to_place = 0
  union all select 1, m.to_ref, null where m.from_place in (3, 4) and m.to_place = 2`

/** What a movement changes of what is reimbursed, by the line: the sides above whose `refund` is true. */
const REFUNDED = (m: string) => `select -1 as sign, ${m}.from_ref as at
    where (${m}.from_place = 0 and ${m}.to_place in (0, 1)) or (${m}.from_place in (2, 6, 7) and ${m}.to_place in (1, 3, 4))
  union all select 1, ${m}.to_ref
    where (${m}.from_place = 0 and ${m}.to_place = 0) or (${m}.from_place in (3, 4) and ${m}.to_place in (0, 2))`

const KEY = (line: string) => `(${line}.benefit, ${line}.right_holder, ${line}.period_from, ${line}.period_to)`

/** What is reimbursed of the item for the benefit and time of line `l` before the side `s` of movement `m`. */
const BEFORE = (
  municipality: Municipality,
) => `case when m.to_place in (1, 3, 4) or m.from_place in (3, 4) or (m.from_place = 0 and m.to_place = 0)
    then case when ${KEY('i')} = ${KEY('l')} then c.gross_ore else 0 end + coalesce((select sum(r.sign * b.gross_ore)
      from item_movements b cross join lateral (${REFUNDED('b')}) r
      cross join lateral (select from order_lines y where y.municipality_code = ${municipality} and y.order_id = r.at >> 6
        and y.line_no = (r.at & 63)::smallint and ${KEY('y')} = ${KEY('l')} offset 0) y
      where b.municipality_code = ${municipality} and b.item_id = m.item_id
        and ((b.work_no, b.movement_no) < (m.work_no, m.movement_no)
          or (b.work_no, b.movement_no, s.sign) = (m.work_no, m.movement_no, 1) and r.sign < 0)), 0)
    else 0 end`

/** The batch of work that calculated the order of a line. */
const workOf = (municipality: Municipality, at: string) =>
  `(select min(w.work_no) from calculations w where w.municipality_code = ${municipality} and w.order_id = ${at} >> 6)`

/** Corrections that orders of these batches made, of beneficiaries after one and until another. */
export async function readCorrections(
  db: Db,
  municipality: Municipality,
  works: readonly number[],
  after: PartyId,
  until: PartyId,
  unitOf: (benefit: number, periodFrom: Day, payDay: Day) => PayingUnit,
): Promise<ReadItem[]> {
  const any = await db.often.first(
    'select 1 from item_movements where municipality_code = $1 and work_no = any ($2) limit 1',
    [municipality, works],
  )
  if (any === undefined) return []
  const rows = rowReader(
    await db.copyOut(`select s.sign, s.at, (${BEFORE(municipality)})::bigint, m.item_id, c.work_no,
       ${workOf(municipality, 's.at')}, ${workOf(municipality, 's.other')}, m.from_place, m.from_ref, m.to_place,
       m.to_ref, m.gross_ore, m.own_atp_ore, m.am_ore, m.tax_ore, m.employer_atp_ore, m.pension_ore, m.set_off_ore,
       m.paid_ore, m.carried_own_atp_ore, m.carried_am_ore, m.carried_tax_ore, m.carried_employer_atp_ore,
       m.carried_pension_ore, c.source_system, c.benefit, c.disposition_date, i.period_from, i.period_to, n.order_key,
       n.case_key, m.posted_on, o.beneficiary, o.payee, l.line_key, l.right_holder, l.benefit, l.period_from,
       l.period_to, x.benefit, x.period_from, x.period_to, coalesce(l.quantity_unit, 0::smallint),
       coalesce(l.quantity_thousandths, 0), coalesce(l.sensitivity, -1::smallint), coalesce(l.component, ''),
       coalesce(l.kle, ''), coalesce(l.text, ''), coalesce(l.grant_uuid::text, ''), coalesce(l.grant_benefit_id, '')
     from (select m.* from item_movements m where m.municipality_code = ${municipality} and m.work_no = any ('{${works.join(',')}}')) m
     -- offset 0 keeps these look-ups by key: a movement reads a few rows, of however many there are.
     cross join lateral (select n.order_key, n.case_key from orders n where n.municipality_code = ${municipality}
       and n.order_id = m.order_id and n.beneficiary > ${after} and n.beneficiary <= ${until} offset 0) n
     cross join lateral (${SIDES}) s
     cross join lateral (select o.beneficiary, o.payee from orders o where o.municipality_code = ${municipality}
       and o.order_id = m.item_id >> 6 offset 0) o
     cross join lateral (select c.* from calculations c where c.municipality_code = ${municipality} and c.order_id = m.item_id >> 6
       and c.line_no = (m.item_id & 63)::smallint offset 0) c
     cross join lateral (select i.benefit, i.right_holder, i.period_from, i.period_to from order_lines i where i.municipality_code = ${municipality}
       and i.order_id = c.order_id and i.line_no = c.line_no offset 0) i
     cross join lateral (select l.* from order_lines l where l.municipality_code = ${municipality} and l.order_id = s.at >> 6
       and l.line_no = (s.at & 63)::smallint offset 0) l
     left join lateral (select x.benefit, x.period_from, x.period_to from order_lines x where x.municipality_code = ${municipality}
       and x.order_id = s.other >> 6 and x.line_no = (s.other & 63)::smallint offset 0) x on true
     order by m.work_no, m.movement_no, s.sign`),
  )
  const items: ReadItem[] = []
  while (rows.next()) items.push(readItem(readRow(rows), unitOf))
  return items
}

function readRow(rows: RowReader): Row {
  const int = () => (rows.nothing() ? null : rows.i32())
  const small = () => (rows.nothing() ? null : rows.i16())
  const day = () => (rows.nothing() ? null : rows.date())
  return {
    sign: rows.i32() as Row['sign'],
    at: rows.i64(),
    before: rows.i64() as Ore,
    item: rows.i64(),
    work: rows.i32(),
    line_work: int(),
    other_work: int(),
    from_place: rows.i16(),
    from_ref: rows.i64(),
    to_place: rows.i16(),
    to_ref: rows.i64(),
    gross: rows.i64() as Ore,
    own_atp: rows.i64(),
    am: rows.i64(),
    tax: rows.i64(),
    employer_atp: rows.i64(),
    pension: rows.i64(),
    set_off: rows.i64(),
    paid: rows.i64(),
    carried_own_atp: rows.i64(),
    carried_am: rows.i64(),
    carried_tax: rows.i64(),
    carried_employer_atp: rows.i64(),
    carried_pension: rows.i64(),
    source: rows.i16(),
    benefit: rows.i16(),
    disposition: rows.date(),
    item_from: rows.date(),
    item_to: rows.date(),
    order_key: rows.text(),
    case_key: rows.text(),
    posted_on: rows.date(),
    beneficiary: rows.i64(),
    payee: rows.i64(),
    line_key: rows.text(),
    right_holder: rows.i64(),
    line_benefit: rows.i16(),
    period_from: rows.date(),
    period_to: rows.date(),
    other_benefit: small(),
    other_from: day(),
    other_to: day(),
    unit: rows.i16(),
    thousandths: rows.i32(),
    sensitivity: rows.i16(),
    component: rows.text(),
    kle: rows.text(),
    text: rows.text(),
    grant_uuid: rows.text(),
    grant_benefit_id: rows.text(),
  }
}

function readItem(row: Row, unitOf: (benefit: number, periodFrom: Day, payDay: Day) => PayingUnit): ReadItem {
  const item = {
    item: row.item,
    sourceSystem: SOURCE_SYSTEMS[row.source - 1] ?? 'KY',
    benefit: row.line_benefit,
    ...amountsOf(row),
    orderKey: row.order_key,
    caseKey: row.case_key,
    beneficiary: NOBODY,
    payee: NOBODY,
    employee: '',
    dispositionDate: row.disposition,
    lineKey: row.line_key,
    period: { from: row.period_from, to: row.period_to },
    unit: QUANTITY_UNITS[row.unit] ?? 'month',
    thousandths: row.thousandths,
    sensitivity: SENSITIVITIES[row.sensitivity] ?? 'FOELSOMME_PERSONOPLYSNINGER',
    component: row.component,
    kle: row.kle,
    text: row.text,
    grantUuid: row.grant_uuid,
    grantBenefitId: row.grant_benefit_id,
    payingUnit: unitOf(row.line_benefit, row.period_from, row.disposition),
    workNo: row.line_work ?? undefined,
    correction: correctionOf(row),
  } satisfies ToldItem
  return { item, beneficiary: row.beneficiary, payee: row.payee, rightHolder: row.right_holder }
}

function placesOf(row: Row): { from: Place; to: Place } {
  return { from: PLACES[row.from_place] ?? 'stands', to: PLACES[row.to_place] ?? 'stands' }
}

/** What changes at the line, signed. */
function amountsOf(row: Row): ToldAmounts {
  const { from, to } = placesOf(row)
  const gross = row.sign * row.gross
  const setOff = -row.set_off
  const { ownAtp, am, tax, employerAtp, pension } =
    from === 'stands' && to === 'stands'
      ? plus(carriedOf(row), row.sign > 0 ? changeOf(row) : NOTHING_WITHHELD)
      : changeOf(row)
  const net = gross - ownAtp - am - tax - setOff
  return { gross, ownAtp, am, tax, setOff, thirdParty: ZERO, net, employerAtp, pension } as ToldAmounts
}

type ToldAmounts = Pick<
  ToldItem,
  'gross' | 'ownAtp' | 'am' | 'tax' | 'setOff' | 'thirdParty' | 'net' | 'employerAtp' | 'pension'
>

function changeOf(row: Row) {
  return {
    ownAtp: row.own_atp,
    am: row.am,
    tax: row.tax,
    employerAtp: row.employer_atp,
    pension: row.pension,
    allowance: 0,
    frikort: 0,
  }
}

function carriedOf({ sign, ...row }: Row) {
  return {
    ownAtp: sign * row.carried_own_atp,
    am: sign * row.carried_am,
    tax: sign * row.carried_tax,
    employerAtp: sign * row.carried_employer_atp,
    pension: sign * row.carried_pension,
    allowance: 0,
    frikort: 0,
  }
}

/**
 * A claim before tax is told to the tax authority of money received; a move only when it is another kind of income, or
 * when its contributions change.
 */
function correctionOf(row: Row): ToldCorrection {
  const { from, to } = placesOf(row)
  const claimed = (place: Place) => place === 'claim' || place === 'gross_claim'
  const move = from === 'stands' && to === 'stands'
  const netClaim = from === 'claim' || to === 'claim'
  const otherKind = move && (isOtherIncome(row) || row.employer_atp !== 0 || row.pension !== 0)
  const whole = to === 'withdrawn'
  // A move is booked once, with the line that it goes to.
  const booked = !(move && row.sign < 0)
  const lines = linesOf(row)
  const [left, given] = [lines.get(row.from_ref), lines.get(row.to_ref)]
  return {
    postedOn: row.posted_on,
    income: whole || netClaim || otherKind,
    refund: whole || claimed(from) || claimed(to) || move,
    before: row.before,
    between: move && left !== undefined && given !== undefined ? [left, given] : undefined,
    moved: booked ? { movement: movementOf(row), of: itemOf(row), lines } : undefined,
    postings: [],
  }
}

/** What is withheld goes along only between two kinds of income; where nothing was, the gross alone says it. */
function isOtherIncome(row: Row): boolean {
  return row.other_benefit !== null && row.other_benefit !== row.line_benefit
}

function movementOf(row: Row): Movement {
  const { from, to } = placesOf(row)
  return movement({
    item: row.item,
    from: { place: from, ref: row.from_ref },
    to: { place: to, ref: row.to_ref },
    gross: row.gross,
    change: changeOf(row),
    carried: carriedOf({ ...row, sign: 1 }),
    setOff: row.set_off as Ore,
    paid: row.paid as Ore,
  })
}

function itemOf(row: Row) {
  const period = { from: row.item_from, to: row.item_to }
  return { source: row.source, benefit: row.benefit, period, workNo: row.work }
}

function linesOf(row: Row) {
  const period = { from: row.period_from, to: row.period_to }
  const own: ToldLine = { benefit: row.line_benefit, period, workNo: row.line_work ?? undefined }
  const lines = new Map([[row.at, own]])
  if (row.other_benefit !== null && row.other_from !== null && row.other_to !== null) {
    const other = row.sign > 0 ? row.from_ref : row.to_ref
    const of = { from: row.other_from, to: row.other_to }
    lines.set(other, { benefit: row.other_benefit, period: of, workNo: row.other_work ?? undefined })
  }
  return lines
}
