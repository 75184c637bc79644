/** What becomes due by time alone, without a month being run: cut-offs, what is presumed paid, late answers. */
import type { Municipality } from '../../base/id.ts'
import { publishEvents } from '../../modules/events/index.ts'
import { findWork } from '../../modules/overview/index.ts'
import { presumePaid, readRuns } from '../../modules/payments/index.ts'
import { readLocalRules } from '../../modules/rates/index.ts'
import { undoStops } from './booked-after-stop.ts'
import { judgeCutOffs } from './cut-off.ts'
import type { Line } from './line.ts'

export interface Swept {
  readonly municipality: Municipality
  /** Runs that did not reach their cut-off. */
  readonly late: number
  /** Payments that are presumed paid since. */
  readonly presumed: number
}

/** Safe to do again at any time: nothing is done twice. */
export async function sweep(line: Line, municipality: Municipality, at: string): Promise<Swept> {
  return await line.connection.inTurn(municipality, async (tx) => {
    const rules = await readLocalRules(tx, municipality)
    const judging = { rates: line.rates, rules, asked: { at }, scripted: () => at }
    const { late } = await judgeCutOffs(tx, municipality, await readRuns(tx, municipality), judging)
    await undoStops(tx, line.rates, municipality, at)
    const presumed = await presumePaid(tx, [municipality], at)
    await findWork(tx, [municipality], at, at)
    await publishEvents(tx, [municipality])
    return { municipality, late: late.size, presumed }
  })
}
