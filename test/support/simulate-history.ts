/** Random histories: what a simulation of a version says is what is done when nothing comes between. */
import assert from 'node:assert/strict'
import type { Tx } from '../../src/base/db.ts'
import type { Municipality, OrderId } from '../../src/base/id.ts'
import { parseOrder } from '../../src/adapters/source-systems/index.ts'
import { monthClock } from '../../src/entry/line/clock.ts'
import { type Simulation, simulateOrder } from '../../src/entry/line/simulate-order.ts'
import { readDifference } from '../../src/entry/line/simulated-difference.ts'
import { readCalculatedLines } from '../../src/modules/effectuation/index.ts'
import type { SourceSystem } from '../../src/modules/orders/index.ts'
import { EVENT_HOLDS } from './check-history.ts'
import { recordOf, type Version } from './history-records.ts'
import { monthOf, type TestLine } from './line.ts'
import { doer, type Played, same, textOfCode } from './played-history.ts'

export interface Sample {
  readonly play: Played
  readonly version: Version
  readonly simulation: Simulation
}

export async function simulate(
  line: TestLine,
  version: Version,
  code: Municipality,
  month: string,
): Promise<Simulation> {
  const { order: orderKey, system: sourceSystem } = version
  const context = { ...line.rates.known, sourceSystem: sourceSystem as SourceSystem, orderKey }
  const parsed = parseOrder(recordOf(version, textOfCode(code)), context)
  assert.ok(parsed.faults === undefined, JSON.stringify(parsed.faults))
  const knownAt = monthClock(monthOf(month)).calculated
  const simulated = await simulateOrder(doer(line), parsed, { knownAt, actor: 'test' })
  assert.equal(simulated.kind, 'simulated')
  return (simulated as { simulation: Simulation }).simulation
}

export async function compareSample(line: TestLine, { play, version, simulation }: Sample): Promise<void> {
  const { code } = play
  const is = (what: string, actual: unknown, expected: unknown) =>
    same(
      play,
      `${version.date}: ${what} of a simulation of version ${version.version}`,
      version.order,
      actual,
      expected,
    )
  await line.loader.transaction([code], async (tx) => {
    const done = await tx.first<{ order_id: number; work_no: number | null }>(
      `select o.order_id, (select max(c.work_no) from calculations c where c.municipality_code = $1
         and c.order_id = o.order_id) as work_no
       from orders o where o.municipality_code = $1 and o.order_key = $2 and o.version = $3`,
      [code, version.order, version.version],
    )
    const { order_id: order, work_no: workNo } = done as NonNullable<typeof done>
    const held = await tx.rows<{ kind: string }>(
      `select h.kind from order_holds h where h.municipality_code = $1 and h.order_id = $2 and h.kind <> 'superseded'
         and not (h.kind = any ($3) and exists (select from order_hold_releases r where r.municipality_code = $1
           and r.order_id = h.order_id and r.hold_no = h.hold_no))`,
      [code, order, EVENT_HOLDS],
    )
    const kinds = (list: readonly { kind: string }[]) => list.map(({ kind }) => kind)
    // What somebody let go since is not held; of what is held the simulation says what it comes to all the same.
    const waits = kinds(held).some((kind) => EVENT_HOLDS.includes(kind))
    const said = kinds(simulation.holds).filter((kind) => waits || !EVENT_HOLDS.includes(kind))
    if (waits) is('holds', said.filter((kind) => EVENT_HOLDS.includes(kind)).sort(), kinds(held).sort())
    if (waits || (await letGoBeside(tx, code, order))) return
    is('holds', said, kinds(held))
    const made = (await readCalculatedLines(tx, code, order)).filter((one) => one.gross_ore > 0)
    is('items', simulation.items.map(amountsOf), made.map(amountsOf))
    const { gross_ore: _, ...difference } = simulation.difference
    is('the difference', difference, await readDifference(tx, code, order, workNo ?? 0))
  })
}

/**
 * Something came between: an order about the same persons was held when it was simulated, was let go since, and was
 * calculated with it. It may have had of the same card, claim or payment.
 */
async function letGoBeside(tx: Tx, code: Municipality, order: OrderId): Promise<boolean> {
  const found = await tx.first(
    `with beside as materialized (
       select distinct h.order_id from work_batches w
       join order_holds h on h.municipality_code = $1 and h.order_id = any (w.order_ids) and h.order_id <> $2
         and h.kind = any ($3)
       join order_hold_releases r on r.municipality_code = $1 and r.order_id = h.order_id and r.hold_no = h.hold_no
         and r.at > w.known_at
       where w.municipality_code = $1 and $2 = any (w.order_ids)),
     about as materialized (
       select n.order_id, p.person from orders n
       join orders e on e.municipality_code = $1 and e.source_system = n.source_system and e.order_key = n.order_key
       cross join lateral (select e.beneficiary as person union select l.right_holder from order_lines l
         where l.municipality_code = $1 and l.order_id = e.order_id and l.right_holder > 0) p
       where n.municipality_code = $1 and (n.order_id = $2 or n.order_id in (select order_id from beside)))
     select 1 from about own join about other on other.person = own.person and other.order_id <> $2
     where own.order_id = $2`,
    [code, order, EVENT_HOLDS],
  )
  return found !== undefined
}

function amountsOf(line: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(line).filter(([key]) => key === 'line_key' || key.endsWith('_ore')))
}
