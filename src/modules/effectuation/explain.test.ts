import assert from 'node:assert/strict'
import { test } from 'node:test'
import { day } from '../../base/date.ts'
import { type Ore, ore } from '../../base/money.ts'
import { calculatePerson } from './calculate.ts'
import type { Calculation } from './calculation.ts'
import { calculationLines } from './explain.ts'
import { BENEFIT, card, kroner, line, order, person, rates } from './testing.ts'

const given = order(1, [line(1, 0)], [{ line: 1, kind: 'set_off', amount: kroner(500), claimKey: 'F' }])
const facts = { dispositionDate: day('2026-03-31'), personIsCompany: false, benefits: given.benefits, atpTaken: false }
const claims = [{ claimKey: 'F', left: kroner(9_000) }]
const stored = calculatePerson(person([given], [card(751)], { claims }), rates).calculations[0] as Calculation

test('the lines in the order in which they are taken, each with basis, rate, rounding and source', () => {
  const lines = calculationLines(stored, rates, facts)
  assert.deepEqual(
    lines.map((l) => [
      l.kind,
      l.amount / 100,
      l.basis === undefined ? '' : l.basis / 100,
      l.rate ?? '',
      l.rounding ?? '',
    ]),
    [
      ['gross', 12_498, '', '', ''],
      ['own_atp', 99, '', '', ''],
      ['tax', 2_920, 7_899, 370_000, 'base_tens_tax_up'],
      ['set_off', 500, '', '', ''],
      ['net', 8_979, '', '', ''],
      ['employer_atp', 198, '', '', ''],
      ['pension', 260, 12_399, 21_000, 'month_nearest_krone'],
    ],
  )
  assert.match(lines[2]?.source ?? '', /hovedkort.*oid=2292833/)
  assert.deepEqual(
    [lines[2]?.assumed, lines[1]?.assumed],
    [false, true],
    'the smallest benefit of ATP is assumed for 2026',
  )
})

test('what exceeds a frikort is shown with its own rate; that of no card is an assumption', () => {
  for (const [rate, by, assumed] of [
    [0, 550_000, true],
    [370_000, 370_000, false],
  ] as const) {
    const free = card(751, { kind: 'frikort', frikortLeft: kroner(1_000), rate })
    const c = calculatePerson(person([order(1, given.benefits)], [free]), rates).calculations[0] as Calculation
    const tax = calculationLines(c, rates, facts).find((l) => l.kind === 'tax')
    assert.deepEqual([tax?.rate, tax?.assumed], [by, assumed])
  }
})

test('AM-bidrag has a line of its own', () => {
  const lost = order(1, [line(1, 0, { benefit: BENEFIT.tabt_arbejdsfortjeneste, gross: kroner(38_305.35) })])
  const c = calculatePerson(person([lost], [card(751)]), rates).calculations[0] as Calculation
  const am = calculationLines(c, rates, { ...facts, benefits: lost.benefits }).find((l) => l.kind === 'am')
  assert.deepEqual([am?.amount, am?.basis, am?.rate, am?.rounding], [306_400, 3_830_535, 80_000, 'nearest_krone'])
})

test('a row that was changed afterwards is found out', () => {
  const changes: Partial<Calculation>[] = [
    { tax: ore(291_900), net: ore(897_900 + 100) },
    { taxBase: ore(789_000) },
    { ownAtp: ore(0), net: ore(stored.net + stored.ownAtp) },
    { pension: ore(0) },
    { employerAtp: ore(0) },
    { net: (stored.net + 1) as Ore },
    { gross: ore(1_249_900), net: ore(stored.net + 100) },
    { taxRate: 380_000 },
  ]
  for (const change of changes)
    assert.throws(() => calculationLines({ ...stored, ...change }, rates, facts), /item 64: /)
})
