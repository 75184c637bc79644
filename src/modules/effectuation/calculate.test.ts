import assert from 'node:assert/strict'
import { test } from 'node:test'
import { day } from '../../base/date.ts'
import { ore } from '../../base/money.ts'
import { builtInRateBook, lookup } from '../rates/index.ts'
import { calculatePerson } from './calculate.ts'
import type { Calculation, PersonToCalculate } from './calculation.ts'
import { BENEFIT, card, kroner, line, MARCH, order, period, person, rates } from './testing.ts'

function one(input: PersonToCalculate, reader = rates): Calculation {
  return calculatePerson(input, reader).calculations[0] as Calculation
}

/** The parts in kroner: own ATP, AM-bidrag, A-skat, net. */
function parts(c: Calculation): number[] {
  return [c.ownAtp, c.am, c.tax, c.net].map((amount) => amount / 100)
}

test('kontanthjælp, hovedkort 37 %, allowance 4,500', () => {
  const c = one(person([order(1, [line(1, 0)])], [card(751)]))
  assert.deepEqual(parts(c), [99, 0, 2_920, 9_479])
  assert.deepEqual([c.employerAtp, c.pension, c.taxBase, c.allowanceUsed], [19_800, 26_000, 789_900, 450_000])
  assert.deepEqual(
    [c.card, c.cardNo, c.se, c.taxRate, c.method],
    ['hovedkort', 1, 55133018, 370_000, 'base_tens_tax_up'],
  )
})

test('obligatory pension by the year of the benefit, not of the payment', () => {
  for (const [year, expected] of [
    [2024, 186],
    [2025, 223],
    [2026, 260],
    [2027, 298],
    [2030, 409],
  ] as const) {
    const march = period(`${year}-03-01`, `${year}-04-01`)
    const paid = { dispositionDate: day(`${year + 1}-01-15`) }
    const c = one(person([order(1, [line(1, 0, { period: march })], [], paid)], []))
    assert.equal(c.pension, expected * 100, String(year))
  }
})

test('the person of the acceptance scenarios: 12,550 with ATP 95/189, allowance 4,600, 38 %, øre dropped', () => {
  const book = builtInRateBook()
  const older = { ...book, atp: book.atp.filter((row) => row.valid.from === day('2021-01-01')) }
  const reader = lookup({
    ...older,
    atp: older.atp.map((row) => ({ ...row, valid: period('2020-01-01', '2030-01-01') })),
  })
  const may = period('2025-05-01', '2025-06-01')
  const paid = { dispositionDate: day('2025-05-28') }
  const lines = [line(1, 0, { gross: kroner(12_550), period: may })]
  const odense = (rate: number): PersonToCalculate =>
    person(
      [order(1, lines, [], paid)],
      [card(461, { rate, allowanceMonth: kroner(4_600), valid: period('2025-01-01', '2026-01-01') })],
      {
        municipality: 461,
      },
    )
  const c = one(odense(380_000), reader)
  assert.deepEqual(parts(c), [95, 0, 2_984, 9_471])
  assert.deepEqual([c.employerAtp, c.pension], [18_900, 22_400])
  // The card changes to 41 % before the payment: 236 kroner less.
  assert.deepEqual(parts(one(odense(410_000), reader)), [95, 0, 3_220, 9_235])
})

test('an increase for an earlier month has no allowance left, no second ATP, and its own pension', () => {
  const increase = [1, 2].map((month, i) =>
    line(2, i, { gross: kroner(600), period: period(`2026-0${month}-01`, `2026-0${month + 1}-01`) }),
  )
  const used = increase.map((l) => ({
    se: 55133018,
    cardNo: 1,
    payPeriod: l.period,
    allowance: kroner(4_500),
    frikort: ore(0),
  }))
  const { calculations } = calculatePerson(
    person([order(2, increase)], [card(751, { rate: 380_000 })], { used }),
    rates,
  )
  assert.deepEqual(calculations.map(parts), [
    [0, 0, 228, 372],
    [0, 0, 228, 372],
  ])
  assert.deepEqual(
    calculations.map((c) => c.pension),
    [1_300, 1_300],
  )
})

test('AM-bidrag of tabt arbejdsfortjeneste under the four lawful ways of rounding', () => {
  const lost = line(1, 0, { benefit: BENEFIT.tabt_arbejdsfortjeneste, gross: kroner(38_305.35) })
  const expected: Record<number, number[]> = {
    751: [0, 3_064, 9_813, 25_428.35], // DataLøn's own example
    265: [0, 3_064, 9_814, 25_427.35], // 9,814.4865 to the nearest krone
    461: [0, 3_064, 9_814, 25_427.35], // øre dropped of both
    825: [0, 3_064.43, 9_814.32, 25_426.6], // øre kept
  }
  for (const [code, amounts] of Object.entries(expected)) {
    const municipality = Number(code)
    const own = card(municipality, { rate: 390_000, allowanceMonth: kroner(10_076) })
    assert.deepEqual(parts(one(person([order(1, [lost])], [own], { municipality }))), amounts, code)
  }
})

test('no card: 55 % without allowance', () => {
  const gone = card(751, { valid: period('2025-01-01', '2026-03-31') })
  const elsewhere = card(751, { se: 11111111 })
  const told = card(751, { kind: 'none', cardNo: 7 })
  for (const cards of [[], [gone], [elsewhere], [told]]) {
    const c = one(person([order(1, [line(1, 0)])], cards))
    assert.deepEqual(parts(c), [99, 0, 6_815, 5_584]) // 12,390 × 55 % = 6,814.50, up
    assert.deepEqual([c.card, c.cardNo, c.taxRate], ['none', 0, 550_000])
  }
})

test('bikort: the rate and no allowance', () => {
  const c = one(person([order(1, [line(1, 0)])], [card(751, { kind: 'bikort', rate: 400_000 })]))
  assert.deepEqual(parts(c), [99, 0, 4_956, 7_443])
  assert.equal(c.allowanceUsed, 0)
})

test('of two cards that are valid the one told last applies', () => {
  const cards = [card(751, { cardNo: 2, rate: 410_000 }), card(751, { cardNo: 1, rate: 380_000 })]
  assert.equal(one(person([order(1, [line(1, 0)])], cards)).taxRate, 410_000)
})

test('a frikort runs out: what exceeds it is taxed by its own rate, else as without a card', () => {
  const free = card(751, { kind: 'frikort', frikortLeft: kroner(30_000), rate: 0 })
  const months = [1, 2, 3].map((m) => period(`2026-0${m}-01`, `2026-0${m + 1}-01`))
  const orders = months.map((p, i) => order(i + 1, [line(i + 1, 0, { period: p })]))
  const used = [{ se: 55133018, cardNo: 1, payPeriod: MARCH, allowance: ore(0), frikort: kroner(4_000) }]
  const { calculations } = calculatePerson(person(orders, [free], { used }), rates)
  assert.deepEqual(
    calculations.map((c) => c.frikortUsed / 100),
    [12_399, 12_399, 1_202],
  )
  assert.deepEqual(
    calculations.map((c) => c.tax / 100),
    [0, 0, 6_155],
  ) // 11,197 → 11,190 × 55 % = 6,154.50
  assert.deepEqual(
    calculations.map((c) => c.taxRate),
    [0, 0, 550_000],
  )
  // One that tells its own rate (BEK 2104/2021 § 14).
  const own = calculatePerson(person(orders, [{ ...free, rate: 370_000 }], { used }), rates).calculations
  assert.deepEqual(
    own.map((c) => c.tax / 100),
    [0, 0, 4_141],
  ) // 11,190 × 37 % = 4,140.30
})

test('one allowance for all of an SE: two components, then sygedagpenge of another system', () => {
  const components = order(1, [
    line(1, 0, { gross: kroner(3_000) }),
    line(1, 1, { gross: kroner(9_498) }),
    line(1, 2, { gross: kroner(500) }),
  ])
  const weeks = line(2, 0, {
    benefit: BENEFIT.sygedagpenge,
    gross: kroner(18_000),
    period: period('2026-03-02', '2026-03-30'),
    unit: 'hour',
    thousandths: 148_000,
  })
  const { calculations } = calculatePerson(person([components, order(2, [weeks])], [card(751)]), rates)
  assert.deepEqual(
    calculations.map((c) => c.allowanceUsed / 100),
    [2_901, 1_599, 0, 87.48],
  )
  // 4 weeks give 4,152; the month used 4,500 of which 28/31 fall in them.
  assert.equal(415_200 - Math.ceil((290_100 * 28) / 31) - Math.ceil((159_900 * 28) / 31), 8_748)
  assert.deepEqual(
    calculations.map((c) => c.ownAtp / 100),
    [99, 0, 0, 208],
    'one ATP a month; by the hour 52 a week',
  )
})

test('two halves of a month share the allowance of the month', () => {
  const halves = [period('2026-03-01', '2026-03-16'), period('2026-03-16', '2026-04-01')]
  const orders = halves.map((p, i) => order(i + 1, [line(i + 1, 0, { period: p, gross: kroner(6_000) })]))
  const { calculations } = calculatePerson(person(orders, [card(751)]), rates)
  assert.deepEqual(
    calculations.map((c) => c.allowanceUsed / 100),
    [4_500, 0],
  )
})

test('the allowance of the card follows the unit of the pay period', () => {
  const cases = [
    ['month', period('2026-01-01', '2026-04-01'), 3 * 4_500],
    ['month', period('2026-02-15', '2026-03-15'), 4_500],
    ['week', period('2026-03-02', '2026-03-16'), 2 * 1_038],
    ['hour', period('2026-03-02', '2026-03-30'), 4 * 1_038],
    ['hour', period('2026-03-02', '2026-03-12'), 10 * 148],
    ['day', period('2026-03-02', '2026-03-09'), 7 * 148],
  ] as const
  for (const [unit, p, expected] of cases) {
    const big = line(1, 0, { benefit: BENEFIT.tabt_arbejdsfortjeneste, unit, period: p, gross: kroner(90_000) })
    assert.equal(one(person([order(1, [big])], [card(751)])).allowanceUsed, expected * 100, `${unit} ${p.to - p.from}`)
  }
})

test('sygedagpenge by the hour: ATP and pension per week in whole kroner', () => {
  const week = { benefit: BENEFIT.sygedagpenge, unit: 'hour' } as const
  const four = line(1, 0, {
    ...week,
    gross: kroner(18_780),
    period: period('2026-03-02', '2026-03-30'),
    thousandths: 148_000,
  })
  const c = one(person([order(1, [four])], []))
  assert.deepEqual([c.ownAtp, c.employerAtp], [4 * 5_200, 4 * 10_500]) // 37 × 1.42 = 52.54, 37 × 2.84 = 105.08
  assert.equal(c.pension, 4 * 9_800) // (18,780 − 208) / 4 × 2.1 % = 97.50, up
  const part = line(1, 0, {
    ...week,
    gross: kroner(1_500),
    period: period('2026-03-02', '2026-03-06'),
    thousandths: 12_500,
  })
  assert.equal(one(person([order(1, [part])], [])).ownAtp, 1_700) // 12.5 × 1.42 = 17.75
})

test('weeks on both sides of a New Year have each their own rates of pension and ATP', () => {
  const five = (from: string, to: string) =>
    one(
      person(
        [
          order(1, [
            line(1, 0, {
              benefit: BENEFIT.sygedagpenge,
              unit: 'hour',
              thousandths: 185_000,
              gross: kroner(25_000),
              period: period(from, to),
            }),
          ]),
        ],
        [],
      ),
    )
  // Weeks 52 to 4: two of 2025 (1.8 %), of which the second begins on 29 December, and three of 2026 (2.1 %).
  const pension = five('2025-12-22', '2026-01-26')
  assert.equal(pension.pension, 2 * 8_900 + 3 * 10_400) // (25,000 − 260) / 5 = 4,948: 89.06 and 103.91
  // Of 2023 (1.34 an hour) and, from Monday 1 January, of 2024 (1.42).
  const atp = five('2023-12-18', '2024-01-22')
  assert.deepEqual([atp.ownAtp, atp.employerAtp], [2 * 4_900 + 3 * 5_200, 2 * 9_900 + 3 * 10_500])
})

test('flekstilskud: 5 % of it, at most 500 kroner a month, all the recipient’s own', () => {
  for (const [gross, own] of [
    [9_990, 500],
    [10_010, 500],
    [8_010, 401],
    [16_000, 500],
  ] as const) {
    const c = one(person([order(1, [line(1, 0, { benefit: BENEFIT.flekstilskud, gross: kroner(gross) })])], []))
    assert.equal(c.ownAtp, own * 100, String(gross))
    assert.equal(c.employerAtp, 0)
  }
})

test('ATP by the month: from the smallest benefit on, once a month, of the line that can bear it', () => {
  const own = (...grosses: number[]): number[] => {
    const lines = grosses.map((gross, i) => line(1, i, { gross: kroner(gross) }))
    return calculatePerson(person([order(1, lines)], []), rates).calculations.map((c) => c.ownAtp / 100)
  }
  assert.deepEqual(own(11_697.99), [0])
  assert.deepEqual(own(11_698), [99])
  assert.deepEqual(own(50, 11_648), [0, 99])
  assert.deepEqual(own(6_000, 5_698), [99, 0])
  const twice = person([order(1, [line(1, 0)]), order(2, [line(2, 0)])], [])
  assert.deepEqual(
    calculatePerson(twice, rates).calculations.map((c) => c.ownAtp / 100),
    [99, 0],
  )
  const quarter = line(1, 0, { period: period('2026-01-01', '2026-04-01'), gross: kroner(37_494) })
  assert.equal(one(person([order(1, [quarter])], [])).ownAtp, 29_700)
})

test('help with a duty to repay gives no pension; components are rounded together', () => {
  assert.equal(one(person([order(1, [line(1, 0, { repayable: true })])], [])).pension, 0)
  const lines = [4_166, 4_166, 4_166].map((gross, i) => line(1, i, { gross: kroner(gross) }))
  const { calculations } = calculatePerson(person([order(1, lines)], []), rates)
  assert.equal(
    calculations.reduce((sum, c) => sum + c.pension, 0),
    26_000,
  )
})

test('tax-free help and companies get the whole amount', () => {
  const glasses = one(person([order(1, [line(1, 0, { benefit: BENEFIT.helbredstillaeg })])], [card(751)]))
  const refund = one(
    person([order(1, [line(1, 0, { benefit: BENEFIT.sygedagpenge_arbejdsgiver })], [], { personIsCompany: true })], []),
  )
  const odd = one(person([order(1, [line(1, 0)], [], { personIsCompany: true })], [card(751)]))
  for (const c of [glasses, refund, odd]) {
    assert.equal(c.net, c.gross)
    assert.deepEqual([c.tax, c.taxBase, c.taxRate, c.employerAtp, c.pension, c.allowanceUsed], [0, 0, 0, 0, 0, 0])
  }
})

test('a set-off stops at the claim, at the net, and before earmarked help', () => {
  const setOff = (at: number, amount: number, claimKey: string) => ({
    line: at,
    kind: 'set_off' as const,
    amount: kroner(amount),
    claimKey,
  })
  const glasses = line(1, 0, { benefit: BENEFIT.enkeltydelse, gross: kroner(700) })
  const deductions = [
    setOff(10, 1_000, 'F-1'),
    setOff(11, 300, 'F-9'),
    { line: 12, kind: 'third_party' as const, amount: kroner(1_200), claimKey: undefined },
    setOff(13, 100_000, 'F-2'),
  ]
  const again = order(2, [line(2, 0, { benefit: BENEFIT.revalideringsydelse })], [setOff(10, 1_000, 'F-1')])
  const input = person([order(1, [glasses, line(1, 1)], deductions), again], [card(751)], {
    claims: [
      { claimKey: 'F-1', left: kroner(1_360) },
      { claimKey: 'F-2', left: kroner(1_000_000) },
    ],
  })
  const { calculations, deductions: taken, untaken } = calculatePerson(input, rates)
  assert.deepEqual(
    taken.map((d) => [d.order, d.item % 64, d.line, d.kind, d.amount / 100, d.claimKey]),
    [
      [1, 1, 10, 'set_off', 1_000, 'F-1'],
      [1, 0, 12, 'third_party', 700, undefined],
      [1, 1, 12, 'third_party', 500, undefined],
      [1, 1, 13, 'set_off', 7_979, 'F-2'],
      [2, 0, 10, 'set_off', 360, 'F-1'],
    ],
  )
  assert.deepEqual(
    untaken.map((u) => [u.order, u.line, u.amount / 100, u.reason]),
    [
      [1, 11, 300, 'claim_unknown'],
      [1, 13, 92_021, 'net_too_small'],
      [2, 10, 640, 'claim_exhausted'],
    ],
  )
  assert.deepEqual(
    calculations.slice(0, 2).map((c) => [c.setOff / 100, c.thirdParty / 100, c.net / 100]),
    [
      [0, 700, 0],
      [8_979, 500, 0],
    ],
  )
})

test('amounts beyond what a product of safe numbers holds are still exact', () => {
  const huge = line(1, 0, { benefit: BENEFIT.tabt_arbejdsfortjeneste, gross: ore(99_999_999_999) })
  const c = one(person([order(1, [huge])], []))
  assert.equal(c.am, 8_000_000_000)
  assert.equal(c.tax, 50_599_999_500) // 919,999,990 kroner × 55 % = 505,999,994.50, up
})

test('a benefit that did not exist, or a negative gross, is never paid', () => {
  const gone = line(1, 0, { benefit: 11, period: MARCH })
  assert.throws(() => one(person([order(1, [gone])], [])), /benefit 11 on 2026-03-01/)
  assert.throws(() => one(person([order(1, [line(1, 0, { gross: ore(-1) })])], [])), /gross -1/)
})

test('what another SE, or an earlier frikort, used is not taken of this card', () => {
  const used = [
    { se: 11111111, cardNo: 1, payPeriod: MARCH, allowance: kroner(4_500), frikort: kroner(4_500) },
    { se: 55133018, cardNo: 1, payPeriod: MARCH, allowance: ore(0), frikort: kroner(4_500) },
  ]
  assert.equal(one(person([order(1, [line(1, 0)])], [card(751)], { used })).allowanceUsed, kroner(4_500))
  const free = card(751, { kind: 'frikort', cardNo: 2, frikortLeft: kroner(12_399) })
  assert.equal(one(person([order(1, [line(1, 0)])], [free], { used })).tax, 0)
})

test('flekstilskud in so many components that none bears the ATP: the largest gives what it has', () => {
  const lines = Array.from({ length: 40 }, (_, i) =>
    line(1, i, { benefit: BENEFIT.flekstilskud, gross: kroner(i === 7 ? 301 : 300) }),
  )
  const { calculations } = calculatePerson(person([order(1, lines)], []), rates)
  assert.deepEqual(
    calculations.filter((c) => c.ownAtp > 0).map((c) => [c.item % 64, c.ownAtp / 100, c.net]),
    [[7, 301, 0]],
  )
})

test('a repayable component has no part in the rounding of the pension of the others', () => {
  const lines = [line(1, 0, { gross: kroner(24), repayable: true }), line(1, 1, { gross: kroner(24) })]
  assert.deepEqual(
    calculatePerson(person([order(1, lines)], []), rates).calculations.map((c) => c.pension / 100),
    [0, 1], // 24 × 2.1 % = 0.504, up; rounded behind the other 24 it would be 1.008 − 0.504 = 1 − 1 = 0
  )
})
