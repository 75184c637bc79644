/** The item parts that a run's payments are made of: what every movement of them is posted by. */
import { type RowReader, rowReader } from '../../base/copy.ts'
import type { Db } from '../../base/db.ts'
import { type Day, formatDay } from '../../base/date.ts'
import { type ItemId, type Municipality, type PaymentId, RECORDS_PER_BATCH } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'

export interface Part {
  readonly payment: PaymentId
  readonly item: ItemId
  readonly source: number
  readonly benefit: number
  readonly amount: Ore
}

/** Sorted by (item, part). Rows are read with `partOf`. */
export async function readParts(db: Db, municipality: Municipality, runNo: number, date: Day): Promise<RowReader> {
  return rowReader(
    await db.copyOut(`select x.payment_id, p.item_id, p.source_system, p.benefit, p.amount_ore
      from payables p join payment_parts x
        on x.municipality_code = p.municipality_code and x.item_id = p.item_id and x.part = p.part
      where p.municipality_code = ${municipality} and p.disposition_date = '${formatDay(date)}'
        and x.payment_id >= ${runNo * RECORDS_PER_BATCH} and x.payment_id < ${(runNo + 1) * RECORDS_PER_BATCH}
      order by p.item_id, p.part`),
  )
}

export function partOf(rows: RowReader): Part {
  return {
    payment: rows.i64(),
    item: rows.i64(),
    source: rows.i16(),
    benefit: rows.i16(),
    amount: rows.i64() as Ore,
  }
}
