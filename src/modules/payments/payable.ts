/** What is due to whom and when. Written with the calculation, taken by a payment run. @da forfalden ydelsespost */
import { rowWriter } from '../../base/copy.ts'
import type { Tx } from '../../base/db.ts'
import type { Day } from '../../base/date.ts'
import type { ItemId, Municipality, PartyId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'

export interface PayableWriter {
  /** part 0 is the payee's net; otherwise the third-party line. Nothing is due of zero. */
  add(
    date: Day,
    item: ItemId,
    part: number,
    payee: PartyId,
    unit: number,
    railKind: string,
    source: number,
    benefit: number,
    amount: Ore,
  ): void
  write(tx: Tx): Promise<void>
}

const COLUMNS = `municipality_code, disposition_date, item_id, part, payee, unit, rail_kind, source_system, benefit,
  amount_ore, work_no`

export function payableWriter(municipality: Municipality, workNo: number): PayableWriter {
  const rows = rowWriter(1 << 17)
  return {
    add(date, item, part, payee, unit, railKind, source, benefit, amount) {
      if (amount === 0) return
      rows.row(11)
      rows.i16(municipality)
      rows.date(date)
      rows.i64(item)
      rows.i16(part)
      rows.i64(payee)
      rows.i32(unit)
      rows.text(railKind)
      rows.i16(source)
      rows.i16(benefit)
      rows.i64(amount)
      rows.i32(workNo)
    },
    async write(tx) {
      if (rows.rows > 0) await tx.copyIn('payables', COLUMNS, rows.take())
    },
  }
}
