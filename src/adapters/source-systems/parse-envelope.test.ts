import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { day } from '../../base/date.ts'
import { CONTEXT, exampleEnvelope, places, put } from './examples.ts'
import { parseEnvelope } from './parse-envelope.ts'

const faultsOf = (value: unknown): string[] =>
  (parseEnvelope(value, CONTEXT).faults ?? []).map((f) => `${f.pointer} ${f.code}`)

test('an envelope is read whole', () => {
  assert.deepEqual(parseEnvelope(exampleEnvelope(), CONTEXT).envelope, {
    fileId: 'KY-0751-2026-03-01',
    sourceSystem: 'KY',
    municipality: 751,
    month: { from: day('2026-03-01'), to: day('2026-04-01') },
    count: 1,
    sums: exampleEnvelope().sums,
  })
})

test('facts need no sums, orders do', () => {
  const { municipalities } = CONTEXT
  const facts = { ...exampleEnvelope(), source_system: 'FAKTA', sums: undefined }
  assert.deepEqual(parseEnvelope(facts, { municipalities }).faults, undefined)
  const orders = parseEnvelope({ ...facts, source_system: 'KP' }, { municipalities })
  assert.deepEqual(
    orders.faults?.map((f) => `${f.pointer} ${f.code}`),
    ['/sums missing_field'],
  )
})

test('each mistake gives its fault, and all are listed', () => {
  const cases: [string, unknown, string][] = [
    ['/record', 'order', ' envelope_missing'],
    ['/schema', 2, '/schema unknown_schema'],
    ['/schema', '1', '/schema unknown_schema'],
    ['/file_id', 'x'.repeat(101), '/file_id text_too_long'],
    ['/file_id', 'a\tb', '/file_id text_control_character'],
    ['/source_system', 'SAP', '/source_system unknown_source_system'],
    ['/source_system', 'KP', '/source_system wrong_source_system'],
    ['/municipality', '0000', '/municipality unknown_municipality'],
    ['/month', '2026-13', '/month month_invalid'],
    ['/month', '1970-01', '/month month_invalid'],
    ['/month', '2100-01', '/month month_invalid'],
    ['/month', '2026-3', '/month month_invalid'],
    ['/month', 202603, '/month month_invalid'],
    ['/count', -1, '/count count_invalid'],
    ['/count', 1.5, '/count count_invalid'],
    ['/count', 2 ** 24, '/count count_invalid'],
    ['/sums/benefit/ore', 1.5, '/sums/benefit/ore sum_invalid'],
    ['/sums/benefit/ore', 2 ** 53, '/sums/benefit/ore sum_invalid'],
    ['/sums/benefit/lines', -1, '/sums/benefit/lines sum_invalid'],
    ['/sums/gift', { lines: 0, ore: 0 }, '/sums/gift unknown_field'],
    ['/sums/benefit/kroner', 1, '/sums/benefit/kroner unknown_field'],
    ['/sender', 'x', '/sender unknown_field'],
  ]
  for (const [pointer, value, expected] of cases) {
    assert.deepEqual(faultsOf(put(exampleEnvelope(), pointer, value)), [expected], pointer)
  }
  for (const pointer of places(exampleEnvelope()).filter((p) => p !== '/record')) {
    assert.deepEqual(faultsOf(put(exampleEnvelope(), pointer, undefined)), [`${pointer} missing_field`])
  }
  assert.equal(faultsOf({ record: 'envelope' }).length, 7)
  for (const value of [null, [], 'x', 1, exampleEnvelope().sums])
    assert.deepEqual(faultsOf(value), [' envelope_missing'])
})

test('no JSON value makes it throw', () => {
  const change = fc.constantFrom(...places(exampleEnvelope()))
  fc.assert(
    fc.property(change, fc.jsonValue(), (pointer, value) => {
      const { envelope, faults } = parseEnvelope(put<unknown>(exampleEnvelope(), pointer, value), CONTEXT)
      assert.equal(envelope === undefined, (faults?.length ?? 0) > 0)
    }),
    { seed: 3, numRuns: 500 },
  )
})
