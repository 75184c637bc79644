/** What is let go below a limit, as a table: what stood overpaid, and what was let go before. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { itemId, type ItemId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { type Line, moved, movement, type PaidItem, type Place, suppress } from './index.ts'
import { KONTANTHJAELP, LEDIGHED, month, paidItem, TERMS } from './testing.ts'

type Lot = readonly [benefit: number, place: Place, gross: number]

/** An item of a month for each lot, which is all that is not standing of it. */
function chainOf(lots: readonly Lot[], standing: PaidItem['standing'] = 'current') {
  const lines = new Map<ItemId, Line>()
  const items = lots.map(([benefit, place, gross], i) => {
    const at = itemId(1, i + 1)
    const key = { rightHolder: 1, benefit, component: 'x', period: month(i + 1) }
    lines.set(at, { ...key, at, decision: 'KY-1', version: 1, lineKey: String(i), kind: String(benefit), ...TERMS })
    const item = { ...paidItem({ ...key, at, line: i + 1, gross: 100_000 as Ore }, 100_000 as Ore), standing }
    const to = { place, ref: at }
    return moved(item, movement({ item: at, from: { place: 'stands', ref: at }, to, gross: gross as Ore }), lines)
  })
  return { lines, items }
}

const CASES: readonly {
  readonly name: string
  readonly lots: readonly Lot[]
  readonly after: readonly Place[]
}[] = [
  { name: 'below the limit', lots: [[KONTANTHJAELP, 'overpaid', 9_999]], after: ['suppressed'] },
  { name: 'at the limit', lots: [[KONTANTHJAELP, 'overpaid', 10_000]], after: ['overpaid'] },
  {
    name: 'together at the limit',
    lots: [
      [KONTANTHJAELP, 'overpaid', 4_000],
      [KONTANTHJAELP, 'overpaid', 6_000],
    ],
    after: ['overpaid', 'overpaid'],
  },
  {
    name: 'together with what was let go before',
    lots: [
      [KONTANTHJAELP, 'suppressed', 4_000],
      [KONTANTHJAELP, 'overpaid', 6_000],
    ],
    after: ['overpaid', 'overpaid'],
  },
  {
    name: 'another benefit is another sum',
    lots: [
      [KONTANTHJAELP, 'overpaid', 6_000],
      [LEDIGHED, 'overpaid', 6_000],
    ],
    after: ['suppressed', 'suppressed'],
  },
  { name: 'decided already', lots: [[KONTANTHJAELP, 'kept', 100]], after: ['kept'] },
  { name: 'planned to be adjusted', lots: [[KONTANTHJAELP, 'adjusting', 100]], after: ['adjusting'] },
]

for (const { name, lots, after } of CASES) {
  test(`small amounts: ${name}`, () => {
    const { items } = suppress('KY-1', chainOf(lots), () => 10_000 as Ore)
    assert.deepEqual(
      items.map((item) => item.spots.find((lot) => lot.place !== 'stands')?.place),
      after,
    )
  })
}

test('without a limit nothing moves, nor of another decision, nor of what came back', () => {
  const lots: readonly Lot[] = [[KONTANTHJAELP, 'overpaid', 100]]
  assert.deepEqual(suppress('KY-1', chainOf(lots), () => undefined).movements, [])
  assert.deepEqual(suppress('KY-2', chainOf(lots), () => 10_000 as Ore).movements, [])
  assert.deepEqual(suppress('KY-1', chainOf(lots, 'returned'), () => 10_000 as Ore).movements, [])
})
