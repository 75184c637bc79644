/** Reads what the outside is told, once for all receivers: sorted by (beneficiary, item). */
import { rowReader } from '../../base/copy.ts'
import type { Db } from '../../base/db.ts'
import type { Day } from '../../base/date.ts'
import { itemId, type Municipality, type PartyId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import {
  QUANTITY_UNITS,
  type QuantityUnit,
  SENSITIVITIES,
  type Sensitivity,
  SOURCE_SYSTEMS,
  type SourceSystem,
} from '../orders/index.ts'
import { readParties } from '../parties/index.ts'
import type { PayingUnit } from '../rates/index.ts'
import { readClaimsBefore } from './read-told-claims.ts'
import { ANY_RECEIPTS, readReceipts } from './read-told-receipts.ts'
import { readClosings } from './read-told-closings.ts'
import { NOBODY, type ReadItem, readCorrections } from './read-told-corrections.ts'
import type { ToldItem } from './told-item.ts'

/** Calculated batches whose items are all released and that `kind` has not told of. */
export async function batchesToTell(db: Db, municipality: Municipality, kind: string): Promise<number[]> {
  const rows = await db.often.rows<{ work_no: number }>(
    `select w.work_no from work_batches w join work_done d on d.municipality_code = w.municipality_code
       and d.work_no = w.work_no
     where w.municipality_code = $1 and w.kind in ('calculate', 'outcome') and not exists (select from delivery_batches b
       where b.municipality_code = w.municipality_code and b.kind = $2 and b.work_no = w.work_no) order by 1`,
    [municipality, kind],
  )
  return rows.map((row) => row.work_no)
}

/** Orders of a batch from which its last person is a place to cut: smaller ones come within the cuts of others. */
const CUT_FROM = 2_500

interface Batch {
  readonly work_no: number
  readonly orders: number
  readonly low: PartyId
  readonly high: PartyId
  readonly receipts: boolean
}

/**
 * Items sorted by (beneficiary, item), read in ranges of persons: a batch holds its persons in order, so a range
 * touches one batch and the few that came later, and a municipality of any size takes the memory of one batch.
 */
export async function* readToldItems(
  db: Db,
  municipality: Municipality,
  workNos: readonly number[],
  unitOf: (benefit: number, periodFrom: Day, payDay: Day) => PayingUnit,
): AsyncGenerator<ToldItem> {
  const batches = await db.often.rows<Batch>(
    `select w.work_no, coalesce(cardinality(w.order_ids), 0) as orders, coalesce(a.beneficiary, 0) as low,
       coalesce(z.beneficiary, ${Number.MAX_SAFE_INTEGER}) as high, ${ANY_RECEIPTS} as receipts
     from work_batches w
     left join orders a on a.municipality_code = $1 and a.order_id = w.order_ids[1]
     left join orders z on z.municipality_code = $1 and z.order_id = w.order_ids[cardinality(w.order_ids)]
     where w.municipality_code = $1 and w.work_no = any ($2)`,
    [municipality, workNos],
  )
  const cuts = batches.filter((batch) => batch.orders >= CUT_FROM).map((batch) => batch.high)
  const ends = [...new Set(cuts)].sort((a, b) => a - b)
  // The last range has no end: small batches may reach beyond the large ones.
  ends[Math.max(0, ends.length - 1)] = Number.MAX_SAFE_INTEGER
  let after = -1
  for (const until of ends) {
    const works = batches.filter((batch) => batch.low <= until && batch.high > after).map((batch) => batch.work_no)
    const receipts = batches.some((batch) => batch.receipts)
    if (works.length > 0) yield* readRange(db, municipality, works, receipts, after, until, unitOf)
    after = until
  }
}

async function* readRange(
  db: Db,
  municipality: Municipality,
  works: readonly number[],
  receipts: boolean,
  after: PartyId,
  until: PartyId,
  unitOf: (benefit: number, periodFrom: Day, payDay: Day) => PayingUnit,
): AsyncGenerator<ToldItem> {
  const items = `from calculations c
    join orders o on o.municipality_code = ${municipality} and o.order_id = c.order_id
    join order_lines l on l.municipality_code = ${municipality} and l.order_id = c.order_id and l.line_no = c.line_no
      and l.kind = 0
    where c.municipality_code = ${municipality} and c.work_no = any('{${works.join(',')}}')
      and o.beneficiary > ${after} and o.beneficiary <= ${until} and c.gross_ore > 0`
  const bytes = await db.copyOut(`select o.beneficiary, o.payee, l.right_holder, c.order_id, c.line_no, c.source_system,
      c.benefit, c.gross_ore, c.own_atp_ore, c.am_ore, c.tax_ore, c.set_off_ore, c.third_party_ore, c.net_ore,
      c.employer_atp_ore, c.pension_ore, o.order_key, o.case_key, c.disposition_date, l.line_key, l.period_from,
      l.period_to, l.quantity_unit, l.quantity_thousandths, l.sensitivity, l.component, l.kle, l.text,
      l.grant_uuid::text, l.grant_benefit_id, c.work_no ${items} order by o.beneficiary, c.order_id, c.line_no`)
  const corrections = [
    ...(await readCorrections(db, municipality, works, after, until, unitOf)),
    ...(await readClaimsBefore(db, municipality, works, after, until, unitOf)),
    ...(await readClosings(db, municipality, works, after, until, unitOf)),
    ...(receipts ? await readReceipts(db, municipality, works, after, until, unitOf) : []),
  ].sort(byPersonAndItem)
  const parties = await readParties(db, municipality, namedIn(bytes, corrections))
  const named = ({ item, beneficiary, payee, rightHolder }: ReadItem): ToldItem => {
    item.beneficiary = parties.get(beneficiary) ?? NOBODY
    item.payee = parties.get(payee) ?? NOBODY
    item.employee = rightHolder === beneficiary ? '' : (parties.get(rightHolder)?.id ?? '')
    return item
  }
  // One at a time: thousands that wait for their turn would be moved about by the collector again and again.
  let next = 0
  for (const rows = rowReader(bytes); rows.next(); ) {
    const read = readItem(rows, unitOf)
    for (; next < corrections.length; next++) {
      const correction = corrections[next] as ReadItem
      if (byPersonAndItem(correction, read) >= 0) break
      yield named(correction)
    }
    yield named(read)
  }
  for (; next < corrections.length; next++) yield named(corrections[next] as ReadItem)
}

function byPersonAndItem(a: ReadItem, b: ReadItem): number {
  return a.beneficiary - b.beneficiary || a.item.item - b.item.item
}

/** Fields of a row, the three parties first. */
const FIELDS = 31

/** The parties of all rows and of these corrections. */
function namedIn(bytes: Buffer, corrections: readonly ReadItem[]): ReadonlySet<PartyId> {
  const named = new Set<PartyId>()
  for (const rows = rowReader(bytes); rows.next(); rows.skip(FIELDS - 3)) {
    named.add(rows.i64()).add(rows.i64()).add(rows.i64())
  }
  for (const one of corrections) named.add(one.beneficiary).add(one.payee).add(one.rightHolder)
  return named
}

function readItem(
  rows: ReturnType<typeof rowReader>,
  unitOf: (benefit: number, periodFrom: Day, payDay: Day) => PayingUnit,
): ReadItem {
  const [beneficiary, payee, rightHolder] = [rows.i64(), rows.i64(), rows.i64()]
  const item = itemId(rows.i64(), rows.i16())
  const sourceSystem = SOURCE_SYSTEMS[rows.i16() - 1] as SourceSystem
  const benefit = rows.i16()
  const money = {
    gross: rows.i64() as Ore,
    ownAtp: rows.i64() as Ore,
    am: rows.i64() as Ore,
    tax: rows.i64() as Ore,
    setOff: rows.i64() as Ore,
    thirdParty: rows.i64() as Ore,
    net: rows.i64() as Ore,
    employerAtp: rows.i64() as Ore,
    pension: rows.i64() as Ore,
  }
  const orderKey = rows.text()
  const caseKey = rows.text()
  const dispositionDate = rows.date()
  const lineKey = rows.text()
  const period = { from: rows.date(), to: rows.date() }
  const told = {
    item,
    sourceSystem,
    benefit,
    ...money,
    orderKey,
    caseKey,
    beneficiary: NOBODY,
    payee: NOBODY,
    employee: '',
    dispositionDate,
    lineKey,
    period,
    unit: QUANTITY_UNITS[rows.i16()] as QuantityUnit,
    thousandths: rows.i32(),
    sensitivity: SENSITIVITIES[rows.i16()] as Sensitivity,
    component: rows.text(),
    kle: rows.text(),
    text: rows.text(),
    grantUuid: rows.nothing() ? '' : rows.text(),
    grantBenefitId: rows.nothing() ? '' : rows.text(),
    workNo: rows.i32(),
    payingUnit: unitOf(benefit, period.from, dispositionDate),
  }
  return { item: told, beneficiary, payee, rightHolder }
}
