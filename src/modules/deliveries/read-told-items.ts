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
import type { PartyRef } from '../parties/index.ts'
import type { PayingUnit } from '../rates/index.ts'
import type { ToldItem } from './told-item.ts'

const NOBODY: PartyRef = { type: 'cpr', id: '' }

/** Calculated batches whose items are all released and that `kind` has not told of. */
export async function batchesToTell(db: Db, municipality: Municipality, kind: string): Promise<number[]> {
  const rows = await db.rows<{ work_no: number }>(
    `select w.work_no from work_batches w join work_done d on d.municipality_code = w.municipality_code
       and d.work_no = w.work_no
     where w.municipality_code = $1 and w.kind = 'calculate' and not exists (select from delivery_batches b
       where b.municipality_code = w.municipality_code and b.kind = $2 and b.work_no = w.work_no) order by 1`,
    [municipality, kind],
  )
  return rows.map((row) => row.work_no)
}

export async function* readToldItems(
  db: Db,
  municipality: Municipality,
  workNos: readonly number[],
  parties: ReadonlyMap<PartyId, PartyRef>,
  unitOf: (benefit: number, periodFrom: Day, payDay: Day) => PayingUnit,
): AsyncGenerator<ToldItem> {
  const rows = rowReader(
    await db.copyOut(`select c.order_id, c.line_no, c.source_system, c.benefit, c.gross_ore, c.own_atp_ore, c.am_ore,
        c.tax_ore, c.set_off_ore, c.third_party_ore, c.net_ore, c.employer_atp_ore, c.pension_ore, o.order_key,
        o.case_key, o.beneficiary, o.payee, o.disposition_date, l.line_key, l.right_holder, l.period_from, l.period_to,
        l.quantity_unit, l.quantity_thousandths, l.sensitivity, l.component, l.kle, l.text, l.grant_uuid::text,
        l.grant_benefit_id
      from calculations c
      join orders o on o.municipality_code = c.municipality_code and o.order_id = c.order_id
      join order_lines l on l.municipality_code = c.municipality_code and l.order_id = c.order_id
        and l.line_no = c.line_no and l.kind = 0
      where c.municipality_code = ${municipality} and c.work_no = any('{${workNos.join(',')}}')
      order by o.beneficiary, c.order_id, c.line_no`),
  )
  while (rows.next()) yield toldItem(rows, parties, unitOf)
}

function toldItem(
  rows: ReturnType<typeof rowReader>,
  parties: ReadonlyMap<PartyId, PartyRef>,
  unitOf: (benefit: number, periodFrom: Day, payDay: Day) => PayingUnit,
): ToldItem {
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
  const beneficiary = rows.i64()
  const payee = parties.get(rows.i64()) ?? NOBODY
  const dispositionDate = rows.date()
  const lineKey = rows.text()
  const rightHolder = rows.i64()
  const period = { from: rows.date(), to: rows.date() }
  return {
    item,
    sourceSystem,
    benefit,
    ...money,
    orderKey,
    caseKey,
    beneficiary: parties.get(beneficiary) ?? NOBODY,
    payee,
    employee: rightHolder === beneficiary ? '' : (parties.get(rightHolder)?.id ?? ''),
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
    payingUnit: unitOf(benefit, period.from, dispositionDate),
  }
}
