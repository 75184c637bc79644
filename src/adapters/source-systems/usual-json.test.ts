import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { exampleOrder, places, put } from './examples.ts'
import { monthFiles } from './generator/generate-month.ts'
import { readUsual } from './usual-json.ts'

/** The example without what makes it unusual: an optional field that is rare, a repayment. */
function usualOrder() {
  const order = exampleOrder()
  const { not_duplicate_of: _, ...benefit } = order.lines[0] as Record<string, unknown>
  return { ...order, lines: [benefit, ...order.lines.slice(1, 3)] }
}

/** As JSON.parse has it, order of fields included, and no field lost to another of the same name. */
function sameAsParse(text: string): boolean {
  const usual = readUsual(text)
  if (usual === undefined) return false
  const value: unknown = JSON.parse(text)
  assert.deepEqual(usual, value)
  assert.equal(JSON.stringify(usual), JSON.stringify(value))
  assert.equal(JSON.stringify(value), text, 'a field was lost, or a number is written in another way')
  return true
}

test('what is read as usual is what JSON.parse reads, and generated orders are read so', () => {
  assert.ok(sameAsParse(JSON.stringify(usualOrder())))
  const count = { usual: 0, all: 0 }
  for (const file of monthFiles({ month: '2026-03', municipalities: [751], scale: 1, seed: 2, orders: 1000 })) {
    for (const line of [...file.chunks()].join('').split('\n')) {
      if (!line.startsWith('{"order_key"')) continue
      count.all++
      if (sameAsParse(line)) count.usual++
    }
  }
  assert.ok(count.all > 500 && count.usual > 0.95 * count.all, JSON.stringify(count))
})

test('any other value at any place is read alike, or left to JSON.parse', () => {
  const other = fc.oneof(
    fc.jsonValue(),
    fc.constant(undefined),
    fc.integer(),
    fc.double(),
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom('"', '\\', ',', '}', ']', ':', 'a', '\u0000', '\u2028', '\ud800') }),
  )
  let usual = 0
  fc.assert(
    fc.property(fc.constantFrom(...places(usualOrder())), other, (pointer, to) => {
      if (sameAsParse(JSON.stringify(put(usualOrder(), pointer, to)))) usual++
    }),
    { seed: 11, numRuns: 800 },
  )
  assert.ok(usual > 40, `${usual} were read as usual`)
})

test('a text cut, doubled or altered anywhere is read as JSON.parse reads it, or left to it', () => {
  const text = JSON.stringify(usualOrder())
  const at = fc.nat(text.length)
  const piece = fc.string({
    unit: fc.constantFrom(...'{}[]":,\\0123456789.-e ', 'true', '"version":1,', '"\\u0061', '\n', 'ø', '–'),
    maxLength: 3,
  })
  fc.assert(
    fc.property(at, at, piece, (from, to, by) => {
      sameAsParse(text.slice(0, from) + by + text.slice(to))
      sameAsParse(text.slice(0, from) + by + text.slice(from + by.length))
    }),
    { seed: 12, numRuns: 5000 },
  )
  for (let i = 0; i <= text.length; i++) {
    for (const c of ['"', '\\', ' ', '0', '}', '\u001f']) {
      sameAsParse(text.slice(0, i) + c + text.slice(i))
      sameAsParse(text.slice(0, i) + c + text.slice(i + 1))
    }
  }
})

test('long and hostile texts are left at once, and nothing throws', () => {
  const text = JSON.stringify(usualOrder())
  const head = text.slice(0, text.indexOf('"lines":[') + 9)
  const line = text.slice(head.length, text.indexOf('},{"line_key"') + 1)
  const hostile = [
    head + `${line},`.repeat(10_000),
    head + `${line},`.repeat(100),
    `${head}{"line_key":"${'a'.repeat(60_000)}`,
    `${head}{"line_key":"${'a'.repeat(10_000_000)}"`,
    `{"order_key":"${'a'.repeat(60_000)}`,
    '{"order_key":"a","version":1'.repeat(2000),
  ]
  for (const one of hostile) assert.equal(readUsual(one), undefined)
})
