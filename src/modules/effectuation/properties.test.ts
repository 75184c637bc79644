import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Day, addDays, day, dayOf } from '../../base/date.ts'
import { type Ore, ore } from '../../base/money.ts'
import { calculatePerson } from './calculate.ts'
import type {
  BenefitToCalculate,
  Calculation,
  CardUse,
  DeductionToTake,
  OrderToCalculate,
  PersonCalculated,
  PersonToCalculate,
} from './calculation.ts'
import { calculationLines } from './explain.ts'
import { monthSpan } from './periods.ts'
import { cardOn, entitlement, payPeriod, type TaxCard } from './tax.ts'
import { card, line, order, period, person, rates } from './testing.ts'

const SEED = 751_2026
const RUNS = { seed: SEED, numRuns: 3_000 }
const CLAIMS = ['F-1', 'F-2', 'F-3']
const amount = (max: number): fc.Arbitrary<Ore> =>
  fc.oneof(
    fc.integer({ min: 0, max }),
    fc.integer({ min: 0, max: max / 100 }).map((kr) => kr * 100),
    fc.integer({ max: 200, min: 0 }),
  ) as fc.Arbitrary<Ore>

const months = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 2 })).map(([m, n]) => ({
  from: dayOf(2026, m, 1),
  to: dayOf(2026, m + n, 1),
}))
const weeks = fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 1, max: 5 })).map(([w, n]) => ({
  from: addDays(day('2026-01-05'), w * 7),
  to: addDays(day('2026-01-05'), (w + n) * 7),
}))
const days = fc.tuple(fc.integer({ min: 0, max: 150 }), fc.integer({ min: 1, max: 45 })).map(([d, n]) => ({
  from: addDays(day('2026-01-01'), d),
  to: addDays(day('2026-01-01'), d + n),
}))

const benefit = fc.record({
  benefit: fc.constantFrom(1, 2, 3, 6, 7, 10, 21, 22, 32),
  period: fc.oneof(months, months, weeks, days),
  unit: fc.constantFrom('month' as const, 'week' as const, 'day' as const, 'hour' as const),
  thousandths: fc.integer({ min: 0, max: 200_000 }),
  gross: amount(3_000_000),
  repayable: fc.boolean(),
})
const deduction: fc.Arbitrary<Omit<DeductionToTake, 'line'>> = fc.oneof(
  fc.record({
    kind: fc.constant('set_off' as const),
    amount: amount(1_000_000).map((a) => ore(a + 1)),
    claimKey: fc.constantFrom(...CLAIMS, 'F-unknown'),
  }),
  fc.record({
    kind: fc.constant('third_party' as const),
    amount: amount(500_000).map((a) => ore(a + 1)),
    claimKey: fc.constant(undefined),
  }),
)
const anyOrder = fc.record({
  benefits: fc.array(benefit, { minLength: 1, maxLength: 4 }),
  deductions: fc.array(deduction, { maxLength: 3 }),
  date: fc.constantFrom('2026-02-27', '2026-03-31', '2026-05-29').map(day),
  company: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
})
const anyCard = fc.record({
  kind: fc.constantFrom(
    'hovedkort' as const,
    'hovedkort' as const,
    'bikort' as const,
    'frikort' as const,
    'none' as const,
  ),
  rate: fc.integer({ min: 0, max: 1_000_000 }),
  allowanceMonth: amount(600_000),
  allowanceWeek: amount(150_000),
  allowanceDay: amount(25_000),
  frikortLeft: amount(5_000_000),
  valid: fc.constantFrom(period('2026-01-01', '2027-01-01'), period('2026-03-01', '2026-05-01')),
})
const earlier = fc.record({ payPeriod: fc.oneof(months, weeks), allowance: amount(300_000), frikort: amount(300_000) })

const anyPerson = fc
  .record({
    municipality: fc.constantFrom(751, 265, 461, 825),
    orders: fc.array(anyOrder, { minLength: 1, maxLength: 4 }),
    cards: fc.array(anyCard, { maxLength: 3 }),
    used: fc.array(earlier, { maxLength: 2 }),
    claims: fc.array(amount(500_000), { minLength: 3, maxLength: 3 }),
  })
  .map(({ municipality, orders, cards, used, claims }): PersonToCalculate => {
    const made = orders.map((o, n): OrderToCalculate => {
      const lines = o.benefits.map((b, i) => line(n + 1, i, b))
      const taken = o.deductions.map((d, i): DeductionToTake => ({ ...d, line: lines.length + i }))
      return order(n + 1, lines, taken, { dispositionDate: o.date, personIsCompany: o.company })
    })
    const se = Number(rates.municipality(municipality).cvr)
    return person(
      made,
      cards.map((c, i) => card(municipality, { ...c, cardNo: i + 1 })),
      {
        municipality,
        used: used.map((u) => ({ ...u, se, cardNo: 1 })),
        claims: claims.map((left, i) => ({ claimKey: CLAIMS[i] as string, left })),
      },
    )
  })

function property(name: string, check: (input: PersonToCalculate, result: PersonCalculated) => void): void {
  test(`${name} (seed ${SEED})`, () => {
    fc.assert(
      fc.property(anyPerson, (input) => check(input, calculatePerson(input, rates))),
      RUNS,
    )
  })
}

function lineOf(input: PersonToCalculate, c: Calculation): BenefitToCalculate {
  return orderOf(input, c).benefits.find((b) => b.item === c.item) as BenefitToCalculate
}

function orderOf(input: PersonToCalculate, c: Calculation): OrderToCalculate {
  return input.orders.find((o) => o.order === c.order) as OrderToCalculate
}

property('every øre of the gross goes somewhere, and every item is calculated once', (input, { calculations }) => {
  assert.deepEqual(
    calculations.map((c) => c.item).sort((a, b) => a - b),
    input.orders.flatMap((o) => o.benefits.map((b) => b.item)).sort((a, b) => a - b),
  )
  for (const c of calculations) {
    assert.equal(c.gross, lineOf(input, c).gross)
    assert.equal(c.ownAtp + c.am + c.tax + c.setOff + c.thirdParty + c.net, c.gross)
    for (const part of [c.ownAtp, c.am, c.tax, c.setOff, c.thirdParty, c.net, c.employerAtp, c.pension])
      assert.ok(part >= 0)
  }
})

property('tax is never more than its base, and the base never more than the benefit', (input, { calculations }) => {
  for (const c of calculations) {
    assert.ok(c.tax <= c.taxBase)
    const taxed = !orderOf(input, c).personIsCompany && ![7, 22, 32].includes(c.benefit)
    assert.equal(c.taxBase, taxed ? c.gross - c.ownAtp - c.am - c.allowanceUsed - c.frikortUsed : 0)
    if (!taxed) assert.equal(c.net + c.setOff + c.thirdParty, c.gross)
  }
})

property('allowance and frikort are never used beyond what the card gives', (input, { calculations }) => {
  const uses: CardUse[] = [...input.used]
  const frikort = new Map<number, number>()
  for (const use of input.used) frikort.set(use.cardNo, (frikort.get(use.cardNo) ?? 0) + use.frikort)
  for (const c of calculations) {
    const item = lineOf(input, c)
    const own = cardOn(input.cards, c.se, orderOf(input, c).dispositionDate)
    if (c.allowanceUsed > 0) {
      const shared = payPeriod(item)
      let taken = c.allowanceUsed as number
      for (const use of uses) {
        const days = Math.max(0, Math.min(use.payPeriod.to, shared.to) - Math.max(use.payPeriod.from, shared.from))
        taken += (use.allowance * days) / (use.payPeriod.to - use.payPeriod.from)
      }
      assert.equal(c.card, 'hovedkort')
      assert.ok(taken <= entitlement(own as TaxCard, item) + 1e-6)
    }
    frikort.set(c.cardNo, (frikort.get(c.cardNo) ?? 0) + c.frikortUsed)
    if (c.frikortUsed > 0) assert.ok((frikort.get(c.cardNo) as number) <= (own as TaxCard).frikortLeft)
    uses.push({
      se: c.se,
      cardNo: c.cardNo,
      payPeriod: item.period,
      allowance: c.allowanceUsed,
      frikort: c.frikortUsed,
    })
  }
})

property(
  'what was ordered as deduction is taken or told untaken; claims and earmarked help are kept',
  (input, result) => {
    for (const o of input.orders)
      for (const d of o.deductions) {
        const taken = result.deductions.filter((t) => t.order === o.order && t.line === d.line)
        const left = result.untaken.filter((u) => u.order === o.order && u.line === d.line)
        const total = [...taken, ...left].reduce((sum, part) => sum + part.amount, 0)
        assert.equal(total, d.amount)
        assert.ok(left.length <= 1 && [...taken, ...left].every((part) => part.amount > 0 && part.kind === d.kind))
      }
    for (const claim of input.claims) {
      const taken = result.deductions.filter((d) => d.claimKey === claim.claimKey).reduce((sum, d) => sum + d.amount, 0)
      assert.ok(taken <= claim.left)
    }
    for (const c of result.calculations) {
      if ([7, 32].includes(c.benefit)) assert.equal(c.setOff, 0)
      const of = result.deductions.filter((d) => d.item === c.item)
      const sum = (kind: string): number => of.filter((d) => d.kind === kind).reduce((total, d) => total + d.amount, 0)
      assert.deepEqual([sum('set_off'), sum('third_party')], [c.setOff, c.thirdParty])
    }
  },
)

property('the order in which dates, lines, cards and uses come makes no difference', (input, result) => {
  const turned: PersonToCalculate = {
    ...input,
    orders: input.orders
      .map((o) => ({ ...o, benefits: o.benefits.toReversed(), deductions: o.deductions.toReversed() }))
      // Orders of one date are taken as given: the caller sorts them by system and key.
      .toSorted((a, b) => b.dispositionDate - a.dispositionDate),
    cards: input.cards.toReversed(),
    used: input.used.toReversed(),
    claims: input.claims.toReversed(),
  }
  assert.deepEqual(calculatePerson(turned, rates), result)
})

property('every stored calculation can be explained to the øre', (input, { calculations }) => {
  calculations.forEach((c, i) => {
    const o = orderOf(input, c)
    const span = monthSpan(lineOf(input, c).period)
    const atpTaken = calculations.slice(0, i).some((before) => {
      const other = monthSpan(lineOf(input, before).period)
      return (
        before.order !== c.order &&
        before.benefit === c.benefit &&
        before.ownAtp > 0 &&
        other.from < span.to &&
        span.from < other.to
      )
    })
    const facts = {
      dispositionDate: o.dispositionDate as Day,
      personIsCompany: o.personIsCompany,
      benefits: o.benefits,
      atpTaken,
    }
    const lines = calculationLines(c, rates, facts)
    const shown = (kinds: string[]): number =>
      lines.filter((l) => kinds.includes(l.kind)).reduce((sum, l) => sum + l.amount, 0)
    assert.equal(shown(['gross']), shown(['own_atp', 'am', 'tax', 'set_off', 'third_party', 'net']))
    assert.deepEqual([shown(['tax']), shown(['pension']), shown(['employer_atp'])], [c.tax, c.pension, c.employerAtp])
    assert.throws(() => calculationLines({ ...c, pension: (c.pension + 1) as Ore }, rates, facts), /item/)
  })
})
