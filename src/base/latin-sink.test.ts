import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { digitsAt, drain, gathered, newSink, put, putDecimal, putText, putWhole, ready, room } from './latin-sink.ts'

/** 1234567 → `12345.67` */
function decimal(amount: number): string {
  const digits = String(Math.abs(amount)).padStart(3, '0')
  return `${amount < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`
}

test('property: what was put comes out in its order, whatever its characters and however long', () => {
  const text = fc.string({ unit: 'binary', maxLength: 60 })
  const whole = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })
  const amount = fc.integer({ min: -90_000_000_000, max: 90_000_000_000 })
  fc.assert(
    fc.property(
      fc.array(fc.tuple(text, whole, amount), { maxLength: 20 }),
      fc.integer({ min: 1, max: 400 }),
      (all, n) => {
        const sink = newSink()
        let out = ''
        let expected = ''
        for (let i = 0; i < n; i++) {
          for (const [one, number, ore] of all) {
            putText(sink, one)
            put(sink, ready(one))
            putWhole(sink, number)
            putDecimal(sink, ore)
            expected += `${one}${one}${number}${decimal(ore)}`
          }
          out += gathered(sink)
        }
        assert.ok(out + drain(sink) === expected)
        assert.equal(drain(sink), '')
      },
    ),
    { numRuns: 30, verbose: 1 },
  )
})

test('a text longer than the buffer is put whole', () => {
  const sink = newSink()
  const long = 'Æ'.repeat(100_000)
  putText(sink, 'a')
  putText(sink, long)
  put(sink, ready(long))
  assert.ok(drain(sink) === 'a' + long + long)
})

test('digits fill their field, and a number that is too long is a defect', () => {
  const sink = newSink()
  room(sink, 20)
  digitsAt(sink.buffer, 0, 20, Number.MAX_SAFE_INTEGER)
  assert.equal(sink.buffer.toString('latin1', 0, 20), '00009007199254740991')
  assert.throws(() => digitsAt(sink.buffer, 0, 3, 1000), /a field of 3 digits got 1000/)
  assert.throws(() => digitsAt(sink.buffer, 0, 3, 2 ** 40), /a field of 3 digits/)
})
