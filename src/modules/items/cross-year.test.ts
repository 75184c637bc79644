/** What becomes of open claims when a year ends: by a table, and of random claims whatever they are of. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { dayOf } from '../../base/date.ts'
import { itemId, type ItemId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { builtInRateBook, lookup } from '../rates/index.ts'
import { crossYear, grossIn, type Line, moved, movement, type PaidItem, repay, withheldOf } from './index.ts'
import { checkItems, KONTANTHJAELP, LEDIGHED, month, paidItem, TERMS } from './testing.ts'

const rates = lookup(builtInRateBook())
const CLAIM = 900
const SYGEDAGPENGE = rates.benefitByKey('sygedagpenge', dayOf(2026, 1, 1)).benefit
const NEW_YEAR = dayOf(2027, 1, 1)

/** Of each item of the benefit so much is overpaid, and all of it claimed in the same year. */
function claimed(benefit: number, gross: readonly (readonly [of: number, overpaid: number])[]) {
  const lines = new Map<ItemId, Line>()
  let items: PaidItem[] = gross.map(([of, overpaid], i) => {
    const at = itemId(1, i + 1)
    const key = { rightHolder: 1, benefit, component: 'x', period: month(i + 1) }
    lines.set(at, { ...key, at, decision: 'KY-1', version: 1, lineKey: String(i), kind: String(benefit), ...TERMS })
    const item = paidItem({ ...key, at, line: i + 1, gross: of as Ore }, of as Ore)
    const [from, to] = [{ place: 'stands', ref: at } as const, { place: 'overpaid', ref: at } as const]
    return moved(item, movement({ item: at, from, to, gross: overpaid as Ore }), lines)
  })
  const sum = gross.reduce((total, [, overpaid]) => total + overpaid, 0) as Ore
  const decision = { rightHolder: 1, benefit, component: 'x', source: 1, claimId: CLAIM, own: new Set<number>() }
  const period = { from: month(1).from, to: month(12).to }
  const made = repay({ ...decision, period, gross: sum, decided: dayOf(2026, 12, 1) }, { items, lines }, rates)
  items = [...made.items]
  return { chain: { items, lines }, worth: made.claimed as number }
}

const THREE_THOUSAND = [[1_255_000, 300_000]] as const

const CASES = [
  // Of 3.000 kr. 1.860 without tax: what is left by its share.
  { name: 'a part is repaid', benefit: KONTANTHJAELP, left: 136_000, gross: 219_355 },
  { name: 'nothing is repaid', benefit: KONTANTHJAELP, left: 186_000, gross: 300_000 },
  { name: 'an øre is left', benefit: KONTANTHJAELP, left: 1, gross: 2 },
  { name: 'another benefit of lov om aktiv socialpolitik', benefit: LEDIGHED, left: 136_000, gross: 219_355 },
  { name: 'a benefit whose own year is corrected', benefit: SYGEDAGPENGE, left: 136_000, gross: undefined },
] as const

for (const { name, benefit, left, gross } of CASES) {
  test(`year's end: ${name}`, () => {
    const { chain, worth } = claimed(benefit, THREE_THOUSAND)
    assert.equal(worth, 186_000)
    const made = crossYear([{ claimId: CLAIM, left: left as Ore }], chain, NEW_YEAR, rates)
    const more = made.more.get(CLAIM)
    assert.equal(more === undefined ? undefined : left + more, gross)
    assert.equal(grossIn(made.items[0] as PaidItem, ['gross_claim']), gross ?? 0)
  })
}

test('within the year nothing changes, and what has changed does not change again', () => {
  const { chain } = claimed(KONTANTHJAELP, THREE_THOUSAND)
  const claims = [{ claimId: CLAIM, left: 136_000 as Ore }]
  assert.deepEqual(crossYear(claims, chain, dayOf(2026, 1, 1), rates).movements, [])
  const { items, more } = crossYear(claims, chain, NEW_YEAR, rates)
  const left = (136_000 + (more.get(CLAIM) ?? 0)) as Ore
  assert.deepEqual(crossYear([{ claimId: CLAIM, left }], { ...chain, items }, NEW_YEAR, rates).movements, [])
})

test('whatever a claim is of: no øre is lost, nothing is withheld twice, and what is repaid stays repaid', () => {
  const item = fc
    .record({ of: fc.integer({ min: 1, max: 2_000_000 }), part: fc.integer({ min: 1, max: 100 }) })
    .map(({ of, part }) => [of, Math.max(1, Math.floor((of * part) / 100))] as const)
  const claim = fc.record({
    items: fc.array(item, { minLength: 1, maxLength: 4 }),
    repaid: fc.integer({ max: 99, min: 0 }),
  })
  fc.assert(
    fc.property(claim, ({ items, repaid }) => {
      const { chain, worth } = claimed(KONTANTHJAELP, items)
      if (worth === 0) return
      const left = worth - Math.floor((worth * repaid) / 100)
      const made = crossYear([{ claimId: CLAIM, left: left as Ore }], chain, NEW_YEAR, rates)
      checkItems({ ...chain, items: made.items })
      const more = made.more.get(CLAIM) ?? 0
      const gross = made.items.reduce((sum, one) => sum + grossIn(one, ['gross_claim']), 0)
      assert.equal(gross, left + more)
      const still = made.items.flatMap((one) => one.spots.filter((lot) => lot.place === 'claim'))
      const repaidNow = still.reduce((sum, lot) => sum + lot.gross - withheldOf(lot.freed), 0)
      assert.equal(repaidNow, worth - left, 'what was repaid')
      for (const lot of still)
        for (const amount of Object.values(lot.freed)) assert.ok(amount >= 0, JSON.stringify(lot))
      for (const one of made.items)
        for (const [kind, amount] of Object.entries(one.withheld)) {
          assert.ok(amount <= one.calculated[kind as 'tax'], `${kind} is withheld twice`)
        }
    }),
    { seed: 2026_1127, numRuns: 1_000 },
  )
})
