import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readJson } from './read-json.ts'

test('JSON is read as JSON.parse reads it', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      assert.deepEqual(readJson(text), { value: JSON.parse(text) })
    }),
    { seed: 4, numRuns: 500 },
  )
  const tricky = '{"a:\\"b\\\\":"x:\\"y\\\\","c":[{"d":":"},{"d":"\\u003a"}],"":{"__proto__":1}}'
  assert.equal(readJson(tricky).fault, undefined)
})

test('a field that stands twice is refused, at any depth', () => {
  const cases = [
    '{"amount_ore":1,"amount_ore":2}',
    '{"lines":[{"amount_ore":1,"amount_ore":1}]}',
    '{"a":{"b":1,"\\u0062":2}}',
    '{"__proto__":1,"__proto__":2}',
    '{"a":"x:y\\"","a":1}',
    '{"1":1, "1" : 2}',
  ]
  for (const text of cases) assert.equal(readJson(text).fault?.code, 'duplicate_field', text)
})

test('what is not JSON is refused, and nothing throws', () => {
  for (const text of [
    '',
    '{',
    '{}{}',
    'NaN',
    '{"a":NaN}',
    "{'a':1}",
    '{"a":1,}',
    '\ufeff{}',
    '\u0000',
    '"\ud800',
    '[1] x',
    '01',
  ]) {
    assert.equal(readJson(text).fault?.code, 'not_json', JSON.stringify(text))
  }
  const deep = 300_000
  assert.equal(readJson('['.repeat(deep) + ']'.repeat(deep)).fault?.code, 'too_deep')
  assert.equal(readJson('{"a":'.repeat(deep) + '1' + '}'.repeat(deep)).fault?.code, 'too_deep')
  assert.deepEqual(readJson('1e999'), { value: Number.POSITIVE_INFINITY })
})
