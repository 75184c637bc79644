import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { dayOf, type Period } from '../../base/date.ts'
import { itemId, type ItemId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { builtInRateBook, lookup } from '../rates/index.ts'
import {
  type Chain,
  correct,
  grossIn,
  type Line,
  moved,
  movement,
  type PaidItem,
  repay,
  type WantedLine,
} from './index.ts'
import { checkItems, KONTANTHJAELP, LEDIGHED, month, paidItem, TAX_FREE } from './testing.ts'

const SEED = 2026_1127
const rates = lookup(builtInRateBook())
const NO_OWN: ReadonlySet<number> = new Set()
const DECISION = 'KY-1'

interface Wish {
  readonly benefit: number
  readonly month: number
  readonly gross: number
}

/** One decision, kept the plain way: what was calculated, and where its gross is. */
class Decision {
  lines = new Map<ItemId, Line>()
  items: PaidItem[] = []
  claims = new Map<number, number>()
  version = 0

  /** False when nothing could be done. */
  apply(wishes: readonly Wish[]): boolean {
    const order = ++this.version
    const wanted = wishes.map((wish, i): WantedLine => {
      const key = { rightHolder: 1, benefit: wish.benefit, component: 'x', period: month(wish.month) }
      const at = itemId(order, i + 1)
      this.lines.set(at, {
        ...key,
        at,
        decision: DECISION,
        version: order,
        lineKey: String(i + 1),
        kind: String(wish.benefit),
      })
      return { ...key, at, line: i + 1, gross: wish.gross as Ore }
    })
    const chain: Chain = { lines: this.lines, items: this.items }
    const made = correct({ wanted, settled: false, decision: DECISION }, chain, this.claims, rates)
    if (made === 'unanswered' || made === 'came_back') return false
    for (const left of this.claims.values()) assert.ok(left >= 0, 'a claim is never less than nothing')
    this.items = [...made.items]
    for (const { line, gross } of made.paid) this.items.push(paidItem(wanted[line - 1] as WantedLine, gross))
    return true
  }

  claim(benefit: number, period: Period, gross: number, year: number): void {
    const claimId = 1_000 + this.claims.size
    const decision = { rightHolder: 1, benefit, component: 'x', period, source: 1, claimId, own: NO_OWN }
    const chain: Chain = { lines: this.lines, items: this.items }
    const made = repay({ ...decision, gross: gross as Ore, decided: dayOf(year, 12, 1) }, chain, rates)
    if (made.beyond > 0) return
    assert.ok(made.claimed > 0 && made.claimed <= gross)
    this.items = [...made.items]
    this.claims.set(claimId, made.claimed)
  }

  stands(): Map<string, number> {
    const sums = new Map<string, number>()
    for (const lot of this.items.flatMap((item) => item.spots.filter((one) => one.place === 'stands'))) {
      const { benefit, period } = this.lines.get(lot.at) as Line
      const key = `${benefit}:${period.from}`
      sums.set(key, (sums.get(key) ?? 0) + lot.gross)
    }
    return sums
  }
}

const wish = fc.record({
  benefit: fc.constantFrom(KONTANTHJAELP, LEDIGHED, TAX_FREE),
  month: fc.integer({ min: 1, max: 6 }),
  gross: fc.integer({ min: 1, max: 2_000_000 }),
})
const history = fc.array(
  fc.record({
    wishes: fc.array(wish, { maxLength: 5 }),
    standings: fc.array(fc.constantFrom<PaidItem['standing']>('current', 'current', 'current', 'returned', 'unsent'), {
      minLength: 8,
      maxLength: 8,
    }),
    claims: fc.array(fc.record({ share: fc.integer({ min: 1, max: 100 }), later: fc.boolean() }), { maxLength: 4 }),
  }),
  { minLength: 12, maxLength: 14 },
)

test(`12 versions and more, with claims and returns: every øre is somewhere, and nothing below zero (seed ${SEED})`, () => {
  const seen = { claimed: 0, closed: 0, withdrawn: 0, waited: 0 }
  fc.assert(
    fc.property(history, (versions) => {
      const decision = new Decision()
      for (const { wishes, standings, claims } of versions) {
        if (!decision.apply(wishes)) {
          seen.waited++
          return
        }
        checkItems(decision)
        const wanted = new Map<string, number>()
        for (const { benefit, month: of, gross } of wishes) {
          const key = `${benefit}:${month(of).from}`
          wanted.set(key, (wanted.get(key) ?? 0) + gross)
        }
        assert.deepEqual([...decision.stands()].sort(), [...wanted].sort(), 'what stands is what is wanted')
        // The rail answers on what was paid now: what has moved since was accepted before.
        decision.items = decision.items.map((item, i) =>
          item.spots.length === 1 && item.spots[0]?.ref === item.item
            ? { ...item, standing: standings[i % standings.length] ?? 'current' }
            : { ...item, standing: 'current' },
        )
        claims.forEach(({ share, later }, i) => {
          const item = decision.items[i % decision.items.length]
          const lot = item?.spots.find((one) => one.place === 'overpaid')
          if (item === undefined || lot === undefined || item.standing !== 'current') return
          const { benefit, period } = decision.lines.get(lot.at) as Line
          decision.claim(benefit, period, Math.max(1, Math.floor((lot.gross * share) / 100)), later ? 2027 : 2026)
          seen.claimed++
        })
        checkItems(decision)
        seen.withdrawn += decision.items.filter((item) => grossIn(item, ['withdrawn']) > 0).length
        seen.closed += [...decision.claims.values()].filter((left) => left === 0).length
      }
    }),
    { seed: SEED, numRuns: 1_000 },
  )
  for (const [what, times] of Object.entries(seen)) if (what !== 'waited') assert.ok(times > 100, `${what}: ${times}`)
})

test('what was claimed and stands again is taxed as it was first', () => {
  const decision = new Decision()
  decision.apply([{ benefit: KONTANTHJAELP, month: 3, gross: 1_255_000 }])
  const [first] = decision.items
  decision.items = decision.items.map((item) => ({ ...item, standing: 'current' }))
  decision.apply([{ benefit: KONTANTHJAELP, month: 3, gross: 955_000 }])
  decision.claim(KONTANTHJAELP, month(3), 300_000, 2026)
  assert.deepEqual([...decision.claims.values()], [186_000], '3.000 kr. without 38 % tax of them')
  decision.apply([{ benefit: KONTANTHJAELP, month: 3, gross: 1_255_000 }])
  assert.deepEqual([...decision.claims.values()], [0])
  assert.deepEqual(decision.items[0]?.withheld, first?.calculated)
})

test('a movement takes only what is there', () => {
  const decision = new Decision()
  decision.apply([{ benefit: TAX_FREE, month: 3, gross: 100 }])
  const [item] = decision.items as [PaidItem]
  const from = { place: 'stands', ref: item.item } as const
  const too = movement({ item: item.item, from, to: { place: 'overpaid', ref: item.item }, gross: 101 as Ore })
  assert.throws(() => moved(item, too, decision.lines), /101 øre are not stands/)
})
