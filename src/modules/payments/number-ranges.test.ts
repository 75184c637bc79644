import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { asText, numbersIn, rangesOf } from './number-ranges.ts'

test('ranges of numbers, as PostgreSQL writes them', () => {
  assert.equal(asText(rangesOf([])), '{}')
  assert.equal(asText(rangesOf([1, 2, 3, 6])), '{[1,4),[6,7)}')
  assert.equal(asText(rangesOf([9])), '{[9,10)}')
})

test('what goes in as numbers comes out as the same numbers', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 2 ** 24 - 1 }), { maxLength: 200 }), (numbers) => {
      const sorted = numbers.sort((a, b) => a - b)
      assert.deepEqual([...numbersIn(asText(rangesOf(sorted)))], sorted)
    }),
  )
})
