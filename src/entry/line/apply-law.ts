/**
 * What was paid before a law change that recodes it backwards in time: the decisions are there again to be calculated,
 * each as its newest version. The next run then moves their cost and their reports, without money and without tax,
 * batch by batch as it calculates everything. What a law changes of rates stands as it was paid.
 */
import { createHash } from 'node:crypto'
import type { Tx } from '../../base/db.ts'
import { type Municipality, type OrderId, orderOfItem } from '../../base/id.ts'
import { recordAudit } from '../../modules/access/index.ts'
import { atRest } from '../../modules/items/index.ts'
import { newestCalculated, nextIntakeNo, orderAgain, recordIntake } from '../../modules/orders/index.ts'
import { type RateReader, ratesIn, withApprovedLaws } from '../../modules/rates/index.ts'
import type { LawAct } from './change-law.ts'
import type { Line } from './line.ts'
import { readCalculated } from './read-calculated.ts'
import { isRecoded } from './what-if.ts'

export interface Applied {
  /** Decisions that the next run takes up. */
  readonly orders: number
  /** Items of them that stand booked or told otherwise than the law says, and their gross in øre. */
  readonly items: number
  readonly gross: number
  /** Decisions that wait: a payment of theirs is due, on its way, or came back. To be applied to them later. */
  readonly waiting: number
}

type Standing = Pick<Applied, 'items' | 'gross'>

/** The intake is of facts: no source system has sent it. */
const OF_FACTS = 9

/** One transaction. Done before, or with nothing to move, it does nothing. */
export async function applyLaws(line: Line, municipality: Municipality, act: LawAct): Promise<Applied> {
  return await line.connection.inTurn(municipality, async (tx) => {
    const after = await withApprovedLaws(tx, line.rates)
    const found = await standingOtherwise(tx, municipality, after)
    const newest = await newestCalculated(tx, municipality, [...found.keys()])
    const all = new Set(newest.values())
    const rest = await atRest(tx, municipality, [...all])
    const applied = { orders: rest.size, items: 0, gross: 0, waiting: all.size - rest.size }
    for (const [order, version] of newest) {
      if (!rest.has(version)) continue
      applied.items += found.get(order)?.items ?? 0
      applied.gross += found.get(order)?.gross ?? 0
    }
    if (applied.orders > 0) await takeUp(tx, municipality, [...rest], `law ${after.laws}`, act)
    if (applied.orders > 0) {
      const { orders, items, gross: gross_ore } = applied
      const what = {
        command: 'law.apply',
        subject: `approved laws: ${after.laws}`,
        detail: { orders, items, gross_ore },
      }
      await recordAudit(tx, { municipality, at: act.at, actor: act.by, ...what })
    }
    return applied
  })
}

/** By the order that they stand for. */
async function standingOtherwise(
  tx: Tx,
  municipality: Municipality,
  after: RateReader,
): Promise<Map<OrderId, Standing>> {
  const rates = await ratesIn(tx, after, municipality)
  const trial = { codes: new Map<RateReader, Map<number, string>>(), rates, after }
  const found = new Map<OrderId, Standing>()
  for await (const persons of readCalculated(tx, municipality)) {
    for (const { orders, stored } of persons) {
      for (const one of orders.flatMap((order) => order.benefits)) {
        const was = stored.get(one.item)
        if (was === undefined || !isRecoded(trial, was, one)) continue
        const order = orderOfItem(was.at)
        const sum = found.get(order) ?? { items: 0, gross: 0 }
        found.set(order, { items: sum.items + 1, gross: sum.gross + was.stands })
      }
    }
  }
  return found
}

/** The versions again, in an intake of their own. */
async function takeUp(tx: Tx, municipality: Municipality, orders: readonly OrderId[], cause: string, act: LawAct) {
  const intakeNo = await nextIntakeNo(tx, municipality)
  const fileId = `${cause}, ${intakeNo}`
  await recordIntake(tx, {
    municipality,
    intakeNo,
    source: OF_FACTS,
    fileId,
    sha256: createHash('sha256').update(fileId).digest(),
    state: 'loaded',
    month: null,
    lines: orders.length,
    accepted: orders.length,
    held: 0,
    refused: 0,
    findings: [],
    knownAt: act.at,
    actor: act.by,
  })
  const sorted = [...orders].sort((a, b) => a - b)
  await orderAgain(
    tx,
    municipality,
    sorted.map((order) => ({ order, intakeNo })),
  )
}
