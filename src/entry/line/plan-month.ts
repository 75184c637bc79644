/** Cuts what is due into batches by person, and fixes the numbers that everything later is made of. */
import { rowWriter } from '../../base/copy.ts'
import type { Tx } from '../../base/db.ts'
import type { Period } from '../../base/date.ts'
import type { Municipality } from '../../base/id.ts'
import { answeredSince, readLinks } from '../../modules/items/index.ts'
import { decideHoldsAgain, readDueOrders, releaseGathered, releaseWaiting } from '../../modules/orders/index.ts'
import { newestRates, takeLawsIntoUse } from '../../modules/rates/index.ts'
import type { MonthClock } from './clock.ts'
import { BATCH_ORDERS, cut } from './group-orders.ts'
import type { Line } from './line.ts'
import { type Planned, planPayDays } from './pay-days.ts'
import { BEYOND_PLANNED, mayPlan } from './work-numbers.ts'

export interface MonthPlan {
  readonly municipality: Municipality
  /** Batches of this month that are not done, in order. */
  readonly batches: readonly number[]
  /** Orders in them, by batch. */
  readonly orders: ReadonlyMap<number, number>
}

export async function nextWorkNo(tx: Tx, municipality: Municipality): Promise<number> {
  const row = await tx.often.first<{ next: number }>(
    `select coalesce(max(work_no), 0) + 1 as next from work_batches
     where municipality_code = $1 and work_no < ${BEYOND_PLANNED}`,
    [municipality],
  )
  return mayPlan(municipality, row?.next ?? 1)
}

/** Records planned work that names no orders. */
export async function planWork(
  tx: Tx,
  municipality: Municipality,
  kind: 'facts' | 'run' | 'answers' | 'statement',
  works: readonly { readonly workNo: number; readonly cause: string; readonly knownAt: string }[],
): Promise<void> {
  if (works.length === 0) return
  const rows = rowWriter(1 << 12)
  for (const { workNo, cause, knownAt } of works) {
    rows.row(5)
    rows.i16(municipality)
    rows.i32(workNo)
    rows.text(kind)
    rows.text(cause)
    rows.time(knownAt)
  }
  await tx.copyIn('work_batches', 'municipality_code, work_no, kind, cause, known_at', rows)
}

/**
 * Plans what is due and not planned, `most` orders in a batch; batches planned before and not done are taken up again.
 */
export async function planMonth(
  line: Line,
  municipality: Municipality,
  month: Period,
  clock: MonthClock,
  most = BATCH_ORDERS,
): Promise<MonthPlan> {
  return await line.connection.inTurn(municipality, async (tx) => {
    const open = await openBatches(tx, municipality)
    if (open.size === 0) {
      await releaseWaiting(tx, municipality, await answeredSince(tx, municipality), clock.calculated)
      const rates = await newestRates(tx, line.rates)
      await decideHoldsAgain(tx, municipality, rates.book.exclusions, clock.calculated)
      await releaseGathered(tx, municipality, month.to, clock.calculated)
      const due = await readDueOrders(tx, municipality, month.to)
      let workNo = await nextWorkNo(tx, municipality)
      if (due.length > 0) await takeLawsIntoUse(tx, municipality, workNo)
      // What is one batch is together as it is.
      const links = due.length > most ? await readLinks(tx, municipality, due) : []
      const otherwise: Planned[] = []
      for (const orders of cut(due, links, most)) {
        await tx.run(
          `insert into work_batches (municipality_code, work_no, kind, cause, known_at, order_ids)
           values ($1, $2, 'calculate', $3, $4, $5)`,
          [municipality, workNo, `calculate ${workNo}`, clock.calculated, orders.map((order) => order.order)],
        )
        open.set(workNo, orders.length)
        otherwise.push({ workNo, orders: orders.filter((one) => one.otherwise).map((one) => one.order) })
        workNo++
      }
      await planPayDays(tx, rates, municipality, {
        works: otherwise,
        due: () => due.flatMap((one) => (one.otherwise ? [] : [one.dispositionDate])),
        at: clock.calculated,
      })
    }
    return { municipality, batches: [...open.keys()], orders: open }
  })
}

async function openBatches(tx: Tx, municipality: Municipality): Promise<Map<number, number>> {
  const rows = await tx.rows<{ work_no: number; orders: number }>(
    `select w.work_no, cardinality(w.order_ids) as orders from work_batches w
     where w.municipality_code = $1 and w.kind = 'calculate' and not exists (select from work_done d
       where d.municipality_code = w.municipality_code and d.work_no = w.work_no) order by 1`,
    [municipality],
  )
  return new Map(rows.map((row) => [row.work_no, row.orders]))
}
