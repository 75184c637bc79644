import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { golden, header, month, plain, rates, RULES, run, told } from '../../../test/golden/told-items.ts'
import { day } from '../../base/date.ts'
import type { Ore } from '../../base/money.ts'
import { eindkomstWriter, encoding, readReport } from './index.ts'
import { compile, drain, newSink, record, text } from './fixed-width.ts'
import { LAYOUT } from './layout.ts'

const lines = (text: string): string[] => text.split('\r\n').filter((line) => line !== '')
const records = (text: string, no: string): string[] => lines(text).filter((line) => line.slice(7, 11) === no)
/** 6001 amounts by field number, in øre. */
const amounts = (text: string, fieldNo: string): number =>
  records(text, '6001')
    .filter((line) => line.slice(11, 15) === fieldNo)
    .reduce((sum, line) => {
      const value = Number(line.slice(15, 25)) * 100 + Number(line.slice(25, 27))
      return sum + (line[31] === '-' ? -value : value)
    }, 0)

test('the file of a small month is the golden one', () => {
  const { text } = run(eindkomstWriter(header, rates), month())
  golden('eindkomst/month.txt', text, encoding)
})

test('the known positions hold: line number, record number, income type at 74, CPR at 20', () => {
  const { text } = run(eindkomstWriter(header, rates), month())
  lines(text).forEach((line, i) => assert.equal(line.slice(0, 7), String(i + 1).padStart(7, '0')))
  assert.deepEqual(
    records(text, '5000').map((line) => line.slice(73, 75)),
    ['00', '06', '07'],
  )
  assert.equal(records(text, '5000')[0]?.[11], ' ')
  const person = records(text, '6000').find((line) => line.slice(19, 29) === '0163850001')
  assert.ok(person, 'the leading zero of a CPR number stays')
  assert.equal(person.slice(29, 37), '00000000')
  assert.equal(person.slice(37, 52), ' '.repeat(15))
})

test('a company stands as SE number in place of a CPR number', () => {
  const { text } = run(eindkomstWriter(header, rates), month())
  const company = records(text, '6000').find((line) => line.slice(29, 37) === '29189420')
  assert.equal(company?.slice(19, 29), '0000000000')
})

test('two items of one person and kind become one report of the sum, after own ATP', () => {
  const { text, totals } = run(eindkomstWriter(header, rates), [told(1), told(2, plain(100001))])
  assert.equal(records(text, '6000').length, 1)
  assert.equal(amounts(text, '0014'), 1249800 - 9900 + 100001)
  assert.equal(amounts(text, '0046'), 9900 + 19800)
  assert.equal(amounts(text, '0015'), 292000)
  assert.equal(totals['persons'], 1)
  assert.match(records(text, '6004')[0] as string, /^.{11}01155\.57\.73\.1\.007 +$/)
  assert.equal(records(text, '6002')[0]?.slice(11), '0045000000000A')
})

test('only benefits with an income type are told; AM-liable income stands in field 13', () => {
  const untold = run(eindkomstWriter(header, rates), [told(1, { benefit: 2, ...plain(500) })])
  assert.equal(untold.totals['items'], 0)
  assert.equal(records(untold.text, '6000').length, 0)
  const liable = run(eindkomstWriter(header, rates), [told(1, { benefit: 3, am: 80000, net: 817900 })])
  assert.equal(amounts(liable.text, '0013'), 1239900)
  assert.equal(amounts(liable.text, '0016'), 80000)
  assert.equal(amounts(liable.text, '0014'), 0)
})

test('items of two disposition months and two SE numbers are reported apart', () => {
  const other = { ...told(1).payingUnit, se: 99999999 }
  const { text } = run(eindkomstWriter(header, rates), [
    told(1),
    told(2, { dispositionDate: day('2026-04-30') }),
    told(3, { payingUnit: other }),
  ])
  assert.deepEqual(
    records(text, '2001').map((line) => line.slice(27, 35)),
    ['01234567', '99999999'],
  )
  assert.deepEqual(
    records(text, '5000').map((line) => line.slice(44, 68)),
    ['202603012026033120260331', '202604012026043020260430', '202603012026033120260331'],
  )
})

test('a lower amount is told with a minus', () => {
  const { text, totals } = run(eindkomstWriter(header, rates), [told(1, plain(-150))])
  assert.equal(records(text, '6001')[0]?.slice(11), '00140000000001500000-')
  assert.equal(totals['a_income_ore'], -150)
})

test('what is paid back before tax is told beside the income of its month, and is none', () => {
  const back = { ...told(2, plain(0)), repaid: 50_000 as Ore }
  const { text, totals } = run(eindkomstWriter(header, rates), [told(1, plain(100_000)), back])
  assert.equal(records(text, '6000').length, 1)
  assert.equal(amounts(text, '0014'), 100_000)
  assert.equal(amounts(text, '0098'), 50_000)
  assert.equal(totals['repaid_ore'], 50_000)
})

test('property: totals are the sums of the items and of the records', () => {
  const item = fc.record({
    person: fc.integer({ min: 0, max: 5 }),
    benefit: fc.integer({ min: 0, max: 4 }),
    net: fc.integer({ min: 0, max: 5_000_000 }),
    tax: fc.integer({ min: 0, max: 500_000 }),
    own: fc.integer({ min: 0, max: 9_900 }),
    month: fc.integer({ min: 1, max: 3 }),
  })
  fc.assert(
    fc.property(fc.array(item, { maxLength: 30 }), (drawn) => {
      drawn.sort((a, b) => a.person - b.person)
      const items = drawn.map((one, i) =>
        told(i, {
          ...plain(one.net + one.tax + one.own),
          net: one.net,
          tax: one.tax,
          ownAtp: one.own,
          benefit: one.benefit,
          beneficiary: { type: 'cpr', id: `610385000${one.person}` },
          dispositionDate: day(`2026-0${one.month}-15`),
        }),
      )
      const { text, totals } = run(eindkomstWriter(header, rates), items)
      const toldHere = items.filter((one) => RULES[one.benefit]?.incomeType !== null)
      const income = (liable: boolean): number =>
        toldHere
          .filter((one) => RULES[one.benefit]?.amLiable === liable)
          .reduce((sum, one) => sum + one.gross - one.ownAtp, 0)
      assert.equal(totals['items'], toldHere.length)
      assert.equal(totals['persons'], new Set(toldHere.map((one) => one.beneficiary.id)).size)
      assert.equal(totals['a_income_ore'], income(false))
      assert.equal(totals['am_income_ore'], income(true))
      assert.equal(
        totals['a_skat_ore'],
        toldHere.reduce((sum, one) => sum + one.tax, 0),
      )
      assert.equal(amounts(text, '0014'), totals['a_income_ore'])
      assert.equal(amounts(text, '0013'), totals['am_income_ore'])
      assert.equal(amounts(text, '0015'), totals['a_skat_ore'])
      assert.equal(amounts(text, '0046'), totals['atp_ore'])
      const read = [...readReport(text)]
      for (const [field, sum] of [
        ['0014', 'a_income_ore'],
        ['0015', 'a_skat_ore'],
        ['0046', 'atp_ore'],
      ] as const) {
        const all = read.filter((one) => one.field === field).reduce((ore, one) => ore + one.ore, 0)
        assert.equal(all, totals[sum], 'read again it is what was written')
      }
      const persons = new Set(toldHere.map((one) => one.beneficiary.id))
      assert.ok(read.every((one) => persons.has(one.person) && /^2026-0\d$/.test(one.month)))
      assert.equal(totals['records'], lines(text).length)
      assert.equal(lines(text).at(-1)?.slice(7), `9999${String(lines(text).length).padStart(7, '0')}`)
    }),
    { verbose: 1 },
  )
})

test('every field of the layout stands where it says; fields that overlap are refused', () => {
  for (const fields of Object.values(LAYOUT)) {
    const open = fields.filter((field) => field.fixed === undefined)
    const template = compile(fields, '')
    const sink = newSink()
    const start = record(sink, template)
    open.forEach((field, i) => text(sink, start, template, i, '7'.repeat(field.length)))
    const line = drain(sink)
    for (const field of open) {
      assert.equal(line.slice(field.from - 1, field.from - 1 + field.length), '7'.repeat(field.length), field.name)
    }
  }
  const [first] = LAYOUT[1000]
  assert.ok(first)
  assert.throws(() => compile([first, first], ''), /overlapping/)
})

test('an amount that does not fit its digits stops the file instead of losing its front', () => {
  const writer = eindkomstWriter(header, rates)
  for (let i = 0; i < 2; i++) writer.item(told(i, plain(600_000_000_000)))
  assert.throws(() => writer.end(), /10 digits/)
})

test('text that one byte per character cannot hold does not shift the positions', () => {
  const account = { refundAccount: () => 'konto € æøå\r\n1' }
  const { text } = run(eindkomstWriter(header, rates, account), [told(1)])
  assert.equal(records(text, '6004')[0]?.slice(15), 'konto ? æøå  1'.padEnd(58))
  assert.equal(Buffer.from(text, encoding).length, text.length)
})
