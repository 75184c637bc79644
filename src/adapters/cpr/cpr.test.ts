import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseCprExtract, writeCprExtract } from './index.ts'

const head = writeCprExtract('2026-03-19', []).split('\n')[0] as string
const tail = (lines: number) => `999          ${String(lines).padStart(8, '0')}`
/** Record 001: type, number, valid number, status, since when. */
const person = (status: string, since: string) => `0016103850000${' '.repeat(10)}${status}${since}`

test('a line says a death, a disappearance, a protection, or nothing', () => {
  const event = (name: string, date: string) => ({ record: 'party_event', cpr: '6103850000', event: name, date })
  const cases: [string, unknown][] = [
    [person('90', '202603120000'), event('death', '2026-03-12')],
    [person('70', '202602200000'), event('missing', '2026-02-20')],
    // The day of a death may be unknown: the first that it can have been stops most.
    [person('90', '202603000000'), event('death', '2026-03-01')],
    [person('90', '202600000000'), event('death', '2026-01-01')],
    [person('90', '000000000000'), event('death', '2026-03-19')],
    // Who lives is not dead, and not missing any more.
    [person('01', '202603120000'), event('restored', '2026-03-12')],
    [person('80', '202603120000'), event('restored', '2026-03-12')],
    [person('60', '202603120000'), undefined],
    [`0046103850000000${'1'}2026-03-01`, event('name_protection', '2026-03-01')],
    [`00461038500000002${'2026-03-01'}`, undefined],
    [`0086103850000Navn`, undefined],
    [person('99', '202603120000'), 'code_unknown'],
    ['0016103850000', 'line_short'],
    ['ABC', 'record_unknown'],
    ['', 'record_unknown'],
  ]
  for (const [row, expected] of cases) {
    const { torn, lines: read } = parseCprExtract([head, row, person('60', '202601010000'), tail(2), ''].join('\n'))
    const lines = [...read]
    assert.equal(torn, undefined, row)
    assert.deepEqual(lines[0]?.record ?? lines[0]?.problem, expected, row)
  }
})

test('a file without head, without tail or with another count is torn', () => {
  const cases: [string[], string][] = [
    [[], 'no_head'],
    [[person('90', '202603120000'), tail(0)], 'no_head'],
    [[head], 'no_tail'],
    [[head, person('90', '202603120000')], 'no_tail'],
    [[head, person('90', '202603120000'), tail(2)], 'count_differs'],
  ]
  for (const [rows, torn] of cases) assert.deepEqual(parseCprExtract(rows.join('\n')).torn, torn)
})

test('whatever comes, it never throws; and what is written is read', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string(), fc.constant(person('90', '202603120000')))), (rows) => {
      Array.from(parseCprExtract(rows.join('\n')).lines)
      const { lines } = parseCprExtract([head, ...rows, tail(rows.length)].join('\n'))
      for (const one of lines) assert.ok((one.record === undefined) !== (one.problem === undefined))
    }),
    { seed: 20260319 },
  )
  const changes = [
    { cpr: '6103850000', event: 'death', date: '2026-03-12' },
    { cpr: '6103850000', event: 'name_protection', date: '2026-03-13' },
    { cpr: '6103850000', event: 'missing', date: '2026-03-14' },
    { cpr: '6103850000', event: 'restored', date: '2026-03-15' },
  ] as const
  const { lines } = parseCprExtract(writeCprExtract('2026-03-19', changes))
  assert.deepEqual(
    Array.from(lines, (one) => one.record),
    changes.map((one) => ({ record: 'party_event', ...one })),
  )
})
