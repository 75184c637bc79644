import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { golden, header, month, plain, run, told } from '../../../test/golden/told-items.ts'
import { day } from '../../base/date.ts'
import { encoding, g69Writer, type AccountsOf } from './index.ts'
import { FIELDS, KINDS } from './layout.ts'

const accounts: AccountsOf = (kind, benefit) => {
  if (kind === 'employer_atp') return { debit: '851520100', credit: '95200100' }
  if (kind === 'pension') return { debit: '851520123', credit: '95200123' }
  return { debit: `55773${benefit}007`, credit: `9590000${KINDS.indexOf(kind)}` }
}

interface Line {
  readonly head: string
  readonly fields: Map<string, string>
}

/** An independent reading of the file, by sections. */
function read(text: string): Line[][] {
  const sections: Line[][] = []
  for (const line of text.split('\n').filter((one) => one !== '')) {
    if (line.startsWith('Z300')) sections.push([])
    else if (line.startsWith('SLUTD')) assert.equal(Number(line.slice(5)), sections.at(-1)?.length)
    else {
      const [head, ...fields] = line.split('&')
      sections
        .at(-1)
        ?.push({ head: head as string, fields: new Map(fields.map((one) => [one.slice(0, 3), one.slice(3)])) })
    }
  }
  return sections
}

const sum = (lines: readonly Line[], side: string): number =>
  lines
    .filter((line) => line.fields.get('113') === side)
    .reduce((total, line) => {
      const text = line.fields.get('112') as string
      return total + Number(text.slice(0, 12)) * (text[12] === '-' ? -1 : 1)
    }, 0)

test('the file of a small month is the golden one', () => {
  const { text } = run(g69Writer(header, accounts), month())
  golden('erp/month.g69', text, encoding)
})

test('a line begins as the interface says and its fields ascend', () => {
  const { text } = run(g69Writer(header, accounts), month())
  const lines = read(text).flat()
  lines.forEach((line, i) => {
    assert.equal(line.head, `000G69${String(i + 1).padStart(5, '0')}075101NORFLYD`)
    const numbers = [...line.fields.keys()]
    assert.deepEqual(numbers, [...numbers].sort())
    assert.ok(numbers.every((no) => FIELDS.some((field) => String(field.no) === no)))
    const reference = (line.fields.get('110') ?? '') + line.fields.get('103') + line.fields.get('104')
    assert.equal(line.fields.get('117'), reference)
  })
  assert.doesNotMatch(text, /G68/)
})

test('one debit of the gross per item with the CPR of the recipient, zero first; credits are aggregated', () => {
  const zero = { type: 'cpr', id: '0163850001' }
  const { text, totals } = run(g69Writer(header, accounts), [
    told(1, { beneficiary: zero }),
    told(2, { beneficiary: zero }),
  ])
  const lines = read(text).flat()
  const costs = lines.filter((line) => line.fields.has('133'))
  assert.equal(costs.length, 2)
  assert.ok(costs.every((line) => line.fields.get('133') === '0163850001' && line.fields.get('132') === '02'))
  assert.ok(costs.every((line) => line.fields.get('112') === '000001249800 ' && line.fields.get('110') === '20260331'))
  const net = lines.find((line) => line.fields.get('111') === '95900005')
  assert.equal(net?.fields.get('112'), '000001795800 ')
  assert.deepEqual(totals, { lines: lines.length, debit_ore: 2591200, credit_ore: 2591200, items: 2 })
})

test('an account is asked for only when an amount needs it', () => {
  const asked: string[] = []
  const careful: AccountsOf = (kind, benefit, on) => {
    asked.push(kind)
    return accounts(kind, benefit, on)
  }
  run(g69Writer(header, careful), [told(1, plain(500)), told(2, plain(500))])
  assert.deepEqual(asked, ['net'])
})

test('parts with different cost accounts are debited apart', () => {
  const split: AccountsOf = (kind, benefit, on) =>
    kind === 'set_off' ? { debit: '1', credit: '2' } : accounts(kind, benefit, on)
  const { text } = run(g69Writer(header, split), [told(1)])
  const costs = read(text)
    .flat()
    .filter((line) => line.fields.has('133'))
    .map((line) => [line.fields.get('111'), Number(line.fields.get('112')?.slice(0, 12))])
  assert.deepEqual(costs, [
    ['557730007', 301900],
    ['1', 50000],
    ['557730007', 897900],
  ])
})

test('a company is not told as a CPR number', () => {
  const { text } = run(g69Writer(header, accounts), [told(1, { beneficiary: { type: 'cvr', id: '29189420' } })])
  assert.doesNotMatch(text, /&132|&133/)
})

test('text cannot begin a field or a line, and fits one byte per character', () => {
  const hostile = told(1, { text: 'a&113K\nb€æøå' })
  const { text } = run(g69Writer(header, accounts), [hostile])
  assert.equal(read(text).flat()[0]?.fields.get('153'), 'KY-2026-1/1 a+113K b?æøå')
  assert.equal(Buffer.from(text, encoding).toString(encoding), text)
})

test('a long file is several sections, and each balances', () => {
  const items = Array.from({ length: 300 }, (_, i) =>
    told(i, { dispositionDate: day(i % 2 ? '2026-03-31' : '2026-03-12') }),
  )
  const { text, totals } = run(g69Writer(header, accounts, { linesPerSection: 100 }), items)
  const sections = read(text)
  assert.ok(sections.length > 3)
  for (const section of sections) {
    assert.ok(section.length <= 100)
    assert.equal(sum(section, 'D'), sum(section, 'K'))
  }
  assert.equal(totals['lines'], sections.flat().length)
  assert.equal(new Set(sections.flat().map((line) => line.fields.get('104'))).size, totals['lines'])
})

test('property: debit equals credit, and both equal the sum of the items', () => {
  const item = fc.record({
    benefit: fc.integer({ min: 0, max: 4 }),
    net: fc.integer({ min: -1_000, max: 5_000_000 }),
    tax: fc.integer({ min: 0, max: 500_000 }),
    setOff: fc.integer({ min: 0, max: 10_000 }),
    employer: fc.integer({ min: 0, max: 20_000 }),
    pension: fc.integer({ min: 0, max: 300 }),
    date: fc.integer({ min: 10, max: 12 }),
  })
  fc.assert(
    fc.property(fc.array(item, { maxLength: 40 }), (drawn) => {
      const items = drawn.map((one, i) =>
        told(i, {
          ...plain(one.net + one.tax + one.setOff),
          net: one.net,
          tax: one.tax,
          setOff: one.setOff,
          employerAtp: one.employer,
          pension: one.pension * 100,
          benefit: one.benefit,
          dispositionDate: day(`2026-03-${one.date}`),
        }),
      )
      const { text, totals } = run(g69Writer(header, accounts, { linesPerSection: 60 }), items)
      const cost = items.reduce((total, one) => total + one.gross + one.employerAtp + one.pension, 0)
      assert.equal(totals['debit_ore'], cost)
      assert.equal(totals['credit_ore'], cost)
      const lines = read(text)
      assert.equal(sum(lines.flat(), 'D'), cost)
      for (const section of lines) assert.equal(sum(section, 'D'), sum(section, 'K'))
    }),
    { verbose: 1 },
  )
})
