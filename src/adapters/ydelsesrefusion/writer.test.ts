import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { golden, header, month, plain, rates, RULES, run, told } from '../../../test/golden/told-items.ts'
import { day, mondayOf, type Day } from '../../base/date.ts'
import type { Ore } from '../../base/money.ts'
import { encoding, ydelsesrefusionWriter } from './index.ts'
import { cell, isoWeek } from './writer.ts'

const rows = (text: string): string[][] =>
  text
    .split('\r\n')
    .slice(1, -1)
    .map((line) => line.split(';'))

test('the file of a small month is the golden one', () => {
  const { text } = run(ydelsesrefusionWriter(header, rates), month())
  golden('ydelsesrefusion/month.csv', text, encoding)
})

test('gross is spread by days over the touched weeks, the remainder in the last, also over a change of year', () => {
  const period = { from: day('2025-12-26'), to: day('2026-01-07') }
  const { text } = run(ydelsesrefusionWriter(header, rates), [told(1, { ...plain(100000), period })])
  assert.deepEqual(
    rows(text).map((row) => row.slice(4)),
    [
      ['2025-W52', '2025-12-22', '3', '25000'],
      ['2026-W01', '2025-12-29', '7', '58333'],
      ['2026-W02', '2026-01-05', '2', '16667'],
    ],
  )
})

test('two items of one benefit in the same week become one row; days are not counted twice', () => {
  const period = { from: day('2026-03-02'), to: day('2026-03-05') }
  const { text, totals } = run(ydelsesrefusionWriter(header, rates), [
    told(1, { ...plain(300), period }),
    told(2, { ...plain(30), period: { from: day('2026-03-04'), to: day('2026-03-07') } }),
  ])
  assert.deepEqual(rows(text), [
    ['0751', '6103850000', 'kontanthjaelp', 'Kontanthjælp', '2026-W10', '2026-03-02', '5', '330'],
  ])
  assert.deepEqual(totals, { rows: 1, gross_ore: 330, items: 2, persons: 1 })
})

test('an employer refund is the week of the employee, and a CPR number keeps its leading zero', () => {
  const company = { type: 'cvr', id: '29189420' }
  const { text } = run(ydelsesrefusionWriter(header, rates), [
    told(1, { benefit: 1, beneficiary: company, employee: '0165900003' }),
    told(2, { benefit: 1, beneficiary: company, employee: '6565900004' }),
  ])
  assert.deepEqual([...new Set(rows(text).map((row) => row[1]))], ['0165900003', '6565900004'])
})

test('a benefit that is not reimbursed is not told', () => {
  const { text, totals } = run(ydelsesrefusionWriter(header, rates), [told(1, { benefit: 2 })])
  assert.equal(rows(text).length, 0)
  assert.deepEqual(totals, { rows: 0, gross_ore: 0, items: 0, persons: 0 })
})

test('no cell can be run as a formula, and separators in text stay inside their cell', () => {
  for (const first of ['=', '+', '-', '@', '\t', '\r', ' =']) assert.equal(cell(`${first}1`).replace('"', '')[0], "'")
  assert.equal(cell('a;"b'), '"a;""b"')
  assert.equal(cell('Kontanthjælp'), 'Kontanthjælp')
  const { text } = run(ydelsesrefusionWriter(header, rates), [told(1, { benefit: 4 })])
  assert.match(text, /;"'=HYPERLINK\(""http:\/\/example\.invalid"";""x""\)";/)
})

test('property: weeks sum exactly to the gross, each touched week is told once', () => {
  const item = fc.record({
    person: fc.integer({ min: 0, max: 3 }),
    benefit: fc.integer({ min: 0, max: 3 }),
    gross: fc.integer({ min: -1_000_000, max: 10_000_000 }),
    from: fc.integer({ min: day('2025-11-01'), max: day('2026-03-31') }),
    days: fc.integer({ min: 0, max: 70 }),
  })
  fc.assert(
    fc.property(fc.array(item, { maxLength: 20 }), (drawn) => {
      drawn.sort((a, b) => a.person - b.person)
      const items = drawn.map((one, i) =>
        told(i, {
          ...plain(one.gross),
          benefit: one.benefit,
          beneficiary: { type: 'cpr', id: `610385000${one.person}` },
          period: { from: one.from, to: one.from + one.days },
        }),
      )
      const { text, totals } = run(ydelsesrefusionWriter(header, rates), items)
      const toldHere = items.filter((one) => RULES[one.benefit]?.reimbursed)
      const gross = toldHere.reduce((total, one) => total + one.gross, 0)
      const lines = rows(text)
      assert.equal(totals['gross_ore'], gross)
      assert.equal(
        lines.reduce((total, row) => total + Number(row[7]), 0),
        gross,
      )
      const expected = new Set<string>()
      for (const one of toldHere) {
        let at = one.period.from
        do {
          expected.add(`${one.beneficiary.id} ${RULES[one.benefit]?.key} ${isoWeek(mondayOf(at))}`)
          at = (at + 1) as Day
        } while (at < one.period.to)
      }
      assert.deepEqual(lines.map((row) => `${row[1]} ${row[2]} ${row[4]}`).sort(), [...expected].sort())
      assert.equal(totals['rows'], lines.length)
      assert.equal(totals['items'], toldHere.length)
      assert.equal(totals['persons'], new Set(toldHere.map((one) => one.beneficiary.id)).size)
    }),
    { verbose: 1 },
  )
})

test('property: however often an item is corrected, its weeks are those of what is left', () => {
  const drawn = fc.record({
    totals: fc.array(fc.integer({ min: 0, max: 3_000_000 }), { minLength: 2, maxLength: 12 }),
    from: fc.integer({ min: day('2025-11-01'), max: day('2026-03-31') }),
    days: fc.integer({ min: 1, max: 70 }),
  })
  const weeksOf = (items: Parameters<typeof run>[1]) =>
    rows(run(ydelsesrefusionWriter(header, rates), items).text).map((row) => row.slice(4))
  fc.assert(
    fc.property(drawn, ({ totals, from, days }) => {
      const period = { from: from as Day, to: (from + days) as Day }
      const told1 = (gross: number, before?: number) => {
        const correction = { postedOn: from as Day, income: false, refund: true, between: undefined, moved: undefined }
        const all = { ...correction, before: before as Ore, postings: [] }
        return told(1, { ...plain(gross), period, ...(before === undefined ? {} : { correction: all }) })
      }
      const items = totals.map((total, i) =>
        i === 0 ? told1(total) : told1(total - (totals[i - 1] as number), totals[i - 1]),
      )
      assert.deepEqual(weeksOf(items), weeksOf([told1(totals.at(-1) as number)]))
    }),
    { seed: 2026_1127, numRuns: 500 },
  )
})

test('ISO weeks at the change of year', () => {
  assert.equal(isoWeek(day('2020-12-28')), '2020-W53')
  assert.equal(isoWeek(day('2024-12-30')), '2025-W01')
  assert.equal(isoWeek(day('2026-12-28')), '2026-W53')
})
