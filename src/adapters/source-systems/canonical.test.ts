import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Order } from '../../modules/orders/index.ts'
import { canonicalBytes, contentHash } from './canonical.ts'
import { CONTEXT, exampleOrder, places, put } from './examples.ts'
import { parseOrder } from './parse-order.ts'

const SEED = 20260312

function orderOf(value: unknown): Order {
  const { order, faults } = parseOrder(value, CONTEXT)
  assert.ok(order, JSON.stringify(faults))
  return order
}
const hashOf = (value: unknown): string => contentHash(orderOf(value))

test('the hash is 16 bytes, and stays the same from release to release', () => {
  assert.equal(contentHash(orderOf(exampleOrder())).length, 32)
  // What is newer than the form adds nothing to an order that does not say it.
  const newer = ['/overpaid', '/instead_of', '/lines/3/legal_basis']
  for (const one of ['hearing_date', 'notice_date']) newer.push(`/lines/3/decision/${one}`)
  const old = newer.reduce<unknown>((order, pointer) => put(order, pointer, undefined), exampleOrder())
  assert.equal(hashOf(old), 'cbfcf40532f634724ebdb78dadaec80f')
})

test('order of fields, blanks and ways to write a number do not matter', () => {
  const shuffled = (value: unknown, by: (names: string[]) => string[]): unknown => {
    if (Array.isArray(value)) return value.map((inner) => shuffled(inner, by))
    if (typeof value !== 'object' || value === null) return value
    const object = value as Record<string, unknown>
    return Object.fromEntries(by(Object.keys(object)).map((name) => [name, shuffled(object[name], by)]))
  }
  const expected = hashOf(exampleOrder())
  fc.assert(
    fc.property(fc.array(fc.nat(), { minLength: 20, maxLength: 20 }), (numbers) => {
      const by = (names: string[]) =>
        names.toSorted((a, b) => (numbers[a.length] ?? 0) - (numbers[b.length] ?? 0) || (a < b ? 1 : -1))
      assert.equal(hashOf(shuffled(exampleOrder(), by)), expected)
    }),
    { seed: SEED, numRuns: 50 },
  )
  const text = JSON.stringify(exampleOrder(), null, 3).replace('1249800', '1.2498e6').replace('"§', '"\\u00a7')
  assert.equal(hashOf(JSON.parse(text)), expected)
  const upper = put(exampleOrder(), '/lines/0/grant/uuid', '0B7C2B0E-6F0E-4A8E-9D5E-0A9B4C1D2E3F')
  assert.equal(hashOf(upper), expected)
})

test('every change of any place changes the hash, and no two of them are alike', () => {
  const seen = new Map([[hashOf(exampleOrder()), 'unchanged']])
  for (const [pointer, value] of CHANGES) {
    const hash = hashOf(put(exampleOrder(), pointer, value))
    assert.equal(seen.get(hash), undefined, `${pointer} looks like ${seen.get(hash)}`)
    seen.set(hash, pointer)
  }
  // Every leaf of the order is in the table, so that a new field cannot be left out of the hash.
  const leaves = places(exampleOrder()).filter((p) => places(exampleOrder()).every((q) => !q.startsWith(`${p}/`)))
  const fixed = ['/source_system', '/state', '/lines/0/kind', '/lines/1/kind', '/lines/2/kind', '/lines/3/kind']
  const touched = CHANGES.map(([pointer]) => pointer)
  for (const leaf of leaves) {
    if (fixed.includes(leaf) || leaf.endsWith('/benefit')) continue
    assert.ok(
      touched.some((pointer) => leaf === pointer || leaf.startsWith(`${pointer}/`)),
      `${leaf} is not tried`,
    )
  }
})

const CHANGES: [string, unknown][] = [
  ['/order_key', 'KY-2026-0001235'],
  ['/version', 3],
  ['/municipality', '0101'],
  ['/case_key', 'KY-48214'],
  ['/decision/key', 'A-78'],
  ['/decision/date', '2026-03-13'],
  ['/beneficiary/id', '6103850019'],
  ['/beneficiary/type', 'p'],
  ['/payee/id', '6103850019'],
  ['/payee/type', 'p'],
  ['/disposition_date', '2026-04-01'],
  ['/settle', 'at_once'],
  ['/instead_of', undefined],
  ['/instead_of', 'KY-2026-0001111'],
  ['/overpaid', undefined],
  ['/overpaid/instalments', 4],
  ['/lines/0/line_key', '11'],
  ['/lines/0/component', 'tillaeg'],
  ['/lines/0/kle', '32.24.05'],
  ['/lines/0/sensitivity', 'VIP_SAGER'],
  ['/lines/0/legal_basis', 'LAS § 12'],
  ['/lines/0/grant', undefined],
  ['/lines/0/grant/uuid', '1b7c2b0e-6f0e-4a8e-9d5e-0a9b4c1d2e3f'],
  ['/lines/0/grant/benefit_id', '2'],
  ['/lines/0/period/from', '2026-03-02'],
  ['/lines/0/period/to', '2026-04-02'],
  ['/lines/0/quantity/unit', 'day'],
  ['/lines/0/quantity/value', '37.6'],
  ['/lines/0/amount_ore', 1249801],
  ['/lines/0/repayable', true],
  ['/lines/0/text', 'Kontanthjælp april 2026'],
  ['/lines/0/employee', '6103850019'],
  ['/lines/0/employee', undefined],
  ['/lines/0/reference', 'løn 4'],
  ['/lines/0/reference', undefined],
  ['/lines/0/not_duplicate_of', 'KY-2026-0001111/2'],
  ['/lines/0/not_duplicate_of', undefined],
  ['/lines/1/line_key', '12'],
  ['/lines/1/amount_ore', 50001],
  ['/lines/1/claim_key', 'KY-F-8'],
  ['/lines/2/line_key', '13'],
  ['/lines/2/amount_ore', 120001],
  ['/lines/2/payee/id', '64942212'],
  ['/lines/2/payee/type', 'se'],
  ['/lines/2/reference', 'husleje 04'],
  ['/lines/3/line_key', '14'],
  ['/lines/3/component', 'tillaeg'],
  ['/lines/3/period/from', '2026-01-02'],
  ['/lines/3/period/to', '2026-02-02'],
  ['/lines/3/amount_ore', 10001],
  ['/lines/3/claim_key', 'KY-F-11'],
  ['/lines/3/cause', 'andet'],
  ['/lines/3/decision/key', 'T-4'],
  ['/lines/3/decision/date', '2026-03-11'],
  ['/lines/3/legal_basis', 'LAS § 93'],
  ['/lines/3/legal_basis', undefined],
  ['/lines/3/decision/hearing_date', '2026-03-10'],
  ['/lines/3/decision/hearing_date', undefined],
  ['/lines/3/decision/notice_date', '2026-03-10'],
  ['/lines/3/decision/notice_date', undefined],
]

test('what stands in one text never passes for two: lengths, marks and long letters inside texts', () => {
  const pieces = fc.string({ unit: fc.constantFrom('1', '2', ':', ';', '-', 'd', 'r'), minLength: 1, maxLength: 6 })
  const texts = fc.tuple(pieces, pieces, pieces)
  const order = orderOf(exampleOrder())
  const textOf = ([a, b, c]: readonly string[]): string => {
    const first = order.lines[0]
    assert.ok(first?.kind === 'benefit' && a && b && c)
    return canonicalBytes({ ...order, lines: [{ ...first, component: a, employee: b, reference: c }] }).toString(
      'latin1',
    )
  }
  fc.assert(
    fc.property(texts, texts, (one, two) => {
      assert.equal(textOf(one) === textOf(two), one.join('\n') === two.join('\n'))
    }),
    { seed: SEED, numRuns: 2000 },
  )
})

test('a withdrawal, a movement and a full state never look alike', () => {
  const order = orderOf(exampleOrder())
  const lines = order.lines.map((line) => ({ ...line, delta: true }))
  const variants: Order[] = [
    order,
    { ...order, state: 'withdrawn', reason: 'fejl' },
    { ...order, lines },
    { ...order, lines, adjusts: { orderKey: order.orderKey, version: 1 } },
    { ...order, lines: [] },
    { ...order, lines: order.lines.toReversed() },
    { ...order, sourceSystem: 'KSD' },
  ]
  assert.equal(new Set(variants.map((v) => contentHash(v))).size, variants.length)
})

test('an order of any size is written whole, and leaves nothing behind for the next', () => {
  const order = orderOf(exampleOrder())
  const [first] = order.lines
  assert.ok(first?.kind === 'benefit')
  const large = (end: string): Order => ({
    ...order,
    lines: Array.from({ length: 63 }, () => ({ ...first, text: '\u20ac'.repeat(400) + end })),
  })
  const before = canonicalBytes(order)
  assert.ok(canonicalBytes(large('a')).length > 63 * 3 * 400)
  assert.notEqual(contentHash(large('a')), contentHash(large('b')))
  assert.deepEqual(canonicalBytes(order), before)
})
