/** What is due is looked for by the days that each batch keeps: a day that is missing would never be paid. */
import assert from 'node:assert/strict'
import type { TestLine } from './line.ts'

/** Every day on which a batch makes something due, and in what kind of run, is among those that it keeps. */
export async function checkDueDays({ reader }: Pick<TestLine, 'reader'>, codes: readonly number[]): Promise<void> {
  const missing = await reader.transaction([...codes], (tx) =>
    tx.often.rows(
      `select distinct c.municipality_code, c.work_no, c.disposition_date::text || coalesce(' ' || y.kind, '') as day
       from calculations c
       join work_batches w on w.municipality_code = c.municipality_code and w.work_no = c.work_no and w.kind = 'calculate'
       join work_done d on d.municipality_code = c.municipality_code and d.work_no = c.work_no
       left join pay_days y on y.municipality_code = c.municipality_code and y.work_no = c.work_no
         and y.order_id = c.order_id and y.kind <> 'with_next_ordinary'
       where c.municipality_code = any ($1) and c.unit >= 0 and (c.net_ore > 0 or exists (select from deductions x
           where x.municipality_code = c.municipality_code and x.item_id = c.order_id * 64 + c.line_no and x.kind = 2))
         and not d.totals->'due' ? (c.disposition_date::text || coalesce(' ' || y.kind, ''))`,
      [codes],
    ),
  )
  assert.deepEqual(missing, [])
}
