/** The batch of work that a person's act is: numbered behind everything that is planned, done at once. */
import type { Tx } from '../../base/db.ts'
import type { Municipality } from '../../base/id.ts'
import { nextWorkNo, planWork } from './plan-month.ts'

/** Gives its number. `what` is told with the number as its cause; `totals` is what it came to. */
export async function actWork(
  tx: Tx,
  municipality: Municipality,
  what: string,
  knownAt: string,
  totals: Readonly<Record<string, number>>,
): Promise<number> {
  const workNo = await nextWorkNo(tx, municipality)
  await planWork(tx, municipality, 'facts', [{ workNo, cause: `${what} ${workNo}`, knownAt }])
  await tx.run('insert into work_done values ($1, $2, $3)', [municipality, workNo, JSON.stringify(totals)])
  return workNo
}
