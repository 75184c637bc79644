import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Day, dayOf } from '../../base/date.ts'
import { itemId, type ItemId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { builtInRateBook, lookup } from '../rates/index.ts'
import {
  adjust,
  type AdjustmentPlan,
  type Chain,
  claimOf,
  correct,
  isClaimed,
  isOverpaid,
  type Line,
  moved,
  type Movement,
  movement,
  type PaidItem,
  planAdjustment,
  planLot,
  repay,
  revoke,
  standingOf,
  textOf,
  type WantedLine,
  withheldOf,
} from './index.ts'
import { checkItems, KONTANTHJAELP, LEDIGHED, month, paidItem, TAX_FREE, TERMS } from './testing.ts'

const SEED = 2026_1127
const rates = lookup(builtInRateBook())
const NO_OWN: ReadonlySet<number> = new Set()
/** The rule leaves four fifths of each line. */
const FIFTH = 5

interface Wish {
  readonly benefit: number
  readonly month: number
  readonly gross: number
  /** Granted with a duty to repay: the pension of it is none. */
  readonly repayable?: boolean
}

/** One citizen's decisions, kept the plain way: what each wants, what was calculated, and where its gross is. */
class Household {
  lines = new Map<ItemId, Line>()
  items: PaidItem[] = []
  claims = new Map<number, number>()
  plans: AdjustmentPlan[] = []
  wanted = new Map<string, Map<string, number>>()
  orders = 0
  taken = 0

  get chain(): Chain {
    return { lines: this.lines, items: this.items }
  }

  keep(items: readonly PaidItem[]): void {
    const now = new Map([...this.items, ...items].map((item) => [item.item, item]))
    this.items = [...now.values()]
  }

  do(one: Movement): void {
    this.keep([moved(this.items.find((item) => item.item === one.item) as PaidItem, one, this.lines)])
  }

  /** A version of a decision, paid on a day. False when nothing could be done. */
  apply(decision: string, wishes: readonly Wish[], day: Day, instalments?: number, settled = false): boolean {
    const order = ++this.orders
    const wanted = wishes.map((wish, i): WantedLine => {
      const key = { rightHolder: 1, benefit: wish.benefit, component: 'x', period: month(wish.month) }
      const at = itemId(order, i + 1)
      const line = {
        ...key,
        at,
        version: order,
        lineKey: String(i + 1),
        kind: String(wish.benefit),
        ...TERMS,
        repayable: wish.repayable ?? TERMS.repayable,
      }
      this.lines.set(at, { ...line, decision })
      return { ...key, at, line: i + 1, gross: wish.gross as Ore }
    })
    const made = correct({ wanted, settled, decision }, this.chain, this.claims, rates)
    if (made === 'unanswered' || made === 'came_back') return false
    this.keep(made.items)
    this.wanted.set(decision, sums(wanted.map((line) => [textOf(line), line.gross])))
    if (instalments !== undefined) {
      const planned = planAdjustment(decision, instalments, this.chain, day, rates)
      this.keep(planned.items)
      this.replan(planned.plans)
    }
    const paid = new Map<number, number>(made.paid.map(({ line, gross }) => [line, gross]))
    const coming = wanted.filter(
      (line) => paid.get(line.line) === line.gross && standingOf(line, this.chain).gross === 0,
    )
    const before = this.plans
    const adjusted = adjust({ source: 1, day, lines: coming }, before, this.chain, rates)
    this.checkTaken(before, adjusted.plans, day)
    this.keep(adjusted.items)
    this.replan(adjusted.plans)
    for (const [line, gross] of paid) {
      const less = adjusted.less.get(line) ?? 0
      assert.ok(less * FIFTH <= gross || less === 0, `${less} of ${gross} øre were taken`)
      this.taken += less
      this.items.push(paidItem(wanted[line - 1] as WantedLine, (gross - less) as Ore))
    }
    return true
  }

  /** What is left of the claim is nothing: what is not repaid of it is overpaid again, and not an øre more. */
  revoke(claim: number): void {
    const worth = () => this.items.reduce((sum, item) => sum + worthOf(item, claim), 0)
    const [before, left] = [worth(), this.claims.get(claim) as number]
    const made = revoke(new Set([claim]), this.chain, this.claims, rates)
    this.keep(made.items)
    assert.equal(before - worth(), left - (this.claims.get(claim) as number), 'the claim goes down by what it is worth')
  }

  replan(plans: readonly AdjustmentPlan[]): void {
    const now = new Map([...this.plans, ...plans].map((plan) => [`${plan.item}:${plan.at}`, plan]))
    this.plans = [...now.values()]
  }

  /** Of no plan more than its part is taken on a date, but for the odd øre of the last. */
  checkTaken(before: readonly AdjustmentPlan[], after: readonly AdjustmentPlan[], day: Day): void {
    for (const { item, at, total, instalments, taken } of after) {
      const old = before.find((one) => one.item === item && one.at === at)?.taken.get(day) ?? 0
      const gross = (taken.get(day) ?? 0) - old
      assert.ok(gross >= 0 && old + gross <= Math.floor(total / instalments) + (total % instalments))
    }
  }

  /** What is overpaid and may be decided: undecided, or waiting to be taken. */
  overpaid() {
    return this.items
      .filter((item) => item.standing === 'current')
      .flatMap((item) => item.spots.filter(isOverpaid).map((lot) => ({ item, lot })))
  }

  check(): void {
    checkItems(this)
    const standing = sums(
      this.items.flatMap((item) =>
        item.spots
          .filter((lot) => lot.place === 'stands')
          .map((lot) => [`${this.lines.get(lot.at)?.decision} ${textOf(this.lines.get(lot.at) as Line)}`, lot.gross]),
      ),
    )
    const wanted = sums([...this.wanted].flatMap(([of, keys]) => [...keys].map(([key, ore]) => [`${of} ${key}`, ore])))
    assert.deepEqual([...standing].sort(), [...wanted].sort(), 'each decision stands as its newest version wants')
    for (const left of this.claims.values()) assert.ok(left >= 0, 'a claim is never less than nothing')
  }
}

/** What a claim is of an item: its gross without what it freed. */
function worthOf({ spots }: PaidItem, claim: number): number {
  return spots
    .filter((lot) => isClaimed(lot) && lot.ref === claim)
    .reduce((sum, { gross, freed }) => sum + gross - (freed.ownAtp + freed.am + freed.tax), 0)
}

function sums(list: readonly (readonly [string, number])[]): Map<string, number> {
  const found = new Map<string, number>()
  for (const [key, ore] of list) found.set(key, (found.get(key) ?? 0) + ore)
  return found
}

const wish = fc.record({
  benefit: fc.constantFrom(KONTANTHJAELP, KONTANTHJAELP, LEDIGHED, TAX_FREE),
  month: fc.integer({ min: 1, max: 6 }),
  gross: fc.integer({ min: 1, max: 2_000_000 }),
  repayable: fc.boolean(),
})
const step = fc.record({
  decision: fc.constantFrom('KY-1', 'KY-2', 'KY-3', 'KY-4'),
  wishes: fc.array(wish, { maxLength: 4 }),
  instalments: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
  answers: fc.array(
    fc.constantFrom<PaidItem['standing']>('current', 'current', 'current', 'current', 'returned', 'unsent'),
    {
      minLength: 5,
      maxLength: 5,
    },
  ),
  /** One in ten: something that was accepted comes back after all. */
  late: fc.integer({ min: 0, max: 9 }),
  pick: fc.nat(100),
  share: fc.integer({ min: 1, max: 100 }),
  outcome: fc.constantFrom('adjust', 'technical_error', 'kept', 'claim', 'claim', 'repaid', 'revoke', 'none'),
  later: fc.boolean(),
})

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** One decision on a part of what is overpaid in one lot; or of a claim: a part is repaid, or it is decided no more. */
function decide(home: Household, { pick, share, outcome, later }: Step, seen: Seen): void {
  if (outcome === 'repaid' || outcome === 'revoke') {
    const [claim, left] = [...home.claims].toReversed()[pick % Math.max(home.claims.size, 1)] ?? [0, 0]
    if (left === 0) return
    seen[outcome]++
    if (outcome === 'repaid') home.claims.set(claim, left - Math.floor((left * share) / 100))
    else home.revoke(claim)
    return
  }
  const lots = home.overpaid()
  const found = lots[pick % Math.max(lots.length, 1)]
  if (found === undefined || outcome === 'none') return
  const { item, lot } = found
  const gross = Math.max(1, Math.floor((lot.gross * share) / 100)) as Ore
  const line = home.lines.get(lot.at) as Line
  const decided = dayOf(later ? 2027 : 2026, 12, 1)
  const claimId = 1_000 + home.claims.size
  if (outcome === 'adjust') {
    if (lot.place === 'adjusting' || line.benefit === TAX_FREE) return
    const made = planLot(item, lot, gross, 1 + (pick % 6), home.lines)
    home.do(made.movement)
    home.replan([made.plan])
  } else if (outcome === 'technical_error') {
    const one = claimOf(item, lot, gross, { claimId, decided }, home.lines, rates)
    if (gross + withheldOf(one.change) <= 0) return
    home.do(one)
    home.claims.set(claimId, gross + withheldOf(one.change))
  } else if (outcome === 'kept') {
    const from = { place: lot.place, ref: lot.ref }
    home.do(movement({ item: item.item, from, to: { place: 'kept', ref: lot.ref }, gross }))
  } else {
    const { benefit, period } = line
    const key = { rightHolder: 1, benefit, component: 'x', period }
    const made = repay({ ...key, source: 1, claimId, own: NO_OWN, gross, decided }, home.chain, rates)
    if (made.beyond > 0) return
    home.keep(made.items)
    home.claims.set(claimId, made.claimed)
  }
  seen[outcome]++
}

type Outcomes = 'adjust' | 'technical_error' | 'kept' | 'claim' | 'repaid' | 'revoke'
type Seen = Record<Outcomes | 'taken' | 'waited' | 'settled' | 'away', number>

test(`decisions of one citizen that are adjusted in each other's payments: every øre in one place (seed ${SEED})`, () => {
  const zero = { adjust: 0, technical_error: 0, kept: 0, claim: 0, repaid: 0, revoke: 0 }
  const seen: Seen = { ...zero, taken: 0, waited: 0, settled: 0, away: 0 }
  fc.assert(
    fc.property(fc.array(step, { minLength: 12, maxLength: 16 }), (steps) => {
      const home = new Household()
      steps.forEach((one, i) => {
        const known = new Set(home.items.map((item) => item.item))
        const day = (dayOf(2026, 1, 30) + 20 * i) as Day
        if (!home.apply(one.decision, one.wishes, day, one.instalments)) {
          seen.waited++
          // A person has seen that it is settled.
          if (!home.apply(one.decision, one.wishes, day, one.instalments, true)) return
          seen.settled++
        }
        home.check()
        home.items = home.items.map((item, n) =>
          known.has(item.item) ? item : { ...item, standing: one.answers[n % one.answers.length] ?? 'current' },
        )
        decide(home, one, seen)
        home.check()
        if (one.late === 0) {
          const late = one.pick % home.items.length
          home.items = home.items.map((item, n) =>
            n === late && item.standing === 'current' ? { ...item, standing: 'returned' } : item,
          )
        }
        seen.away += home.items.filter((item) =>
          item.spots.some((lot) => home.lines.get(lot.at)?.decision !== home.lines.get(item.item)?.decision),
        ).length
      })
      seen.taken += Number(home.taken > 0)
    }),
    { seed: SEED, numRuns: 1_000 },
  )
  for (const [what, times] of Object.entries(seen)) assert.ok(times > 100, `${what}: ${times}`)
})

/** 3.000 kr. of January are overpaid and to be taken in so many payments. */
function overpaid(instalments: number, gross = 300_000): Household {
  const home = new Household()
  home.apply('KY-1', [{ benefit: KONTANTHJAELP, month: 1, gross: 1_000_000 }], dayOf(2026, 1, 30))
  home.items = home.items.map((item) => ({ ...item, standing: 'current' }))
  home.apply('KY-1', [{ benefit: KONTANTHJAELP, month: 1, gross: 1_000_000 - gross }], dayOf(2026, 2, 27), instalments)
  return home
}

/** What is paid less of each of these payments, one order each; `on`: the month whose last days it is paid on. */
const CASES: readonly [string, number, number, readonly (Wish & { readonly on?: number })[], readonly number[]][] = [
  ['a third of each', 3, 300_000, months([2, 3, 4, 5], 1_000_000), [100_000, 100_000, 100_000, 0]],
  ['the last takes the odd øre', 3, 100_001, months([2, 3, 4], 1_000_000), [33_333, 33_333, 33_335]],
  ['a fifth of a line at most', 2, 300_000, months([2, 3], 500_000), [100_000, 100_000]],
  ['what is left over goes on', 1, 300_000, months([2, 3, 4], 600_000), [120_000, 120_000, 60_000]],
  ['an odd line keeps the odd øre', 1, 300_000, months([2], 4), [0]],
  ['once for a date', 3, 300_000, [...months([2, 3], 1_000_000, 2)], [100_000, 0]],
  ['not of another benefit', 3, 300_000, [{ benefit: LEDIGHED, month: 2, gross: 1_000_000 }], [0]],
  ['not of the same month', 3, 300_000, [{ benefit: KONTANTHJAELP, month: 1, gross: 1_000_000 }], [0]],
]

function months(list: readonly number[], gross: number, on?: number) {
  return list.map((one) => ({ benefit: KONTANTHJAELP, month: one, gross, ...(on === undefined ? {} : { on }) }))
}

for (const [what, instalments, gross, payments, less] of CASES) {
  test(`adjusted in coming payments: ${what}`, () => {
    const home = overpaid(instalments, gross)
    const taken = payments.map(({ on, ...one }, i) => {
      const before = home.taken
      home.apply(`KY-${i + 2}`, [one], dayOf(2026, on ?? one.month, 28))
      home.check()
      return home.taken - before
    })
    assert.deepEqual(taken, less)
  })
}

test('ATP stays with the month that paid it while anything of the month stands; else it goes along', () => {
  const home = overpaid(3)
  home.apply('KY-2', [{ benefit: KONTANTHJAELP, month: 2, gross: 1_000_000 }], dayOf(2026, 2, 28))
  const line = { rightHolder: 1, benefit: KONTANTHJAELP, component: 'x', period: month(2), line: 1, gross: 0 as Ore }
  const at = home.items.at(-1)?.item as ItemId
  home.items = home.items.slice(0, 1)
  // Pension of 10.000 kr. less ATP is 208 kr.; a tenth of it, to whole kroner.
  const of = { gross: 100_000, ownAtp: 0, employerAtp: 0, pension: 2_100 }
  assert.deepEqual(standingOf({ ...line, at }, home.chain), of)
  home.apply('KY-1', [], dayOf(2026, 3, 30))
  assert.equal(standingOf({ ...line, at }, home.chain).ownAtp, 990)
})

test('a payment that came back after it was taken from waits for a person, in both decisions', () => {
  const home = overpaid(3)
  home.apply('KY-2', [{ benefit: KONTANTHJAELP, month: 2, gross: 1_000_000 }], dayOf(2026, 2, 28))
  home.items = home.items.map((item, i) => ({ ...item, standing: i === 0 ? 'returned' : 'current' }))
  const [first, second] = [
    [{ benefit: KONTANTHJAELP, month: 1, gross: 700_000 }],
    [{ benefit: KONTANTHJAELP, month: 2, gross: 1_000_000 }],
  ]
  const before = home.items
  assert.equal(home.apply('KY-1', first, dayOf(2026, 3, 30)), false)
  assert.equal(home.apply('KY-2', second, dayOf(2026, 3, 30)), false)
  assert.deepEqual(home.items, before)
  assert.equal(home.apply('KY-2', second, dayOf(2026, 3, 30), undefined, true), true)
  home.check()
})
