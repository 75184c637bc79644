import assert from 'node:assert/strict'
import { test } from 'node:test'
import { day, formatDay } from '../../base/date.ts'
import { localRules } from './local-rules.ts'
import { acuteDay } from './run-times.ts'

const NONE = localRules([])

/** When (UTC), the rail, the day. The bank pays on the day what it has by 13, NemKonto on the next what it has by 14 */
const CASES: readonly (readonly [string, 'nemkonto' | 'bank_account', string])[] = [
  ['2026-03-12T09:00:00Z', 'nemkonto', '2026-03-13'],
  ['2026-03-12T09:00:00Z', 'bank_account', '2026-03-12'],
  // 14.00 in Denmark and a second after: Friday is out of reach.
  ['2026-03-12T13:00:00Z', 'nemkonto', '2026-03-13'],
  ['2026-03-12T13:00:01Z', 'nemkonto', '2026-03-16'],
  // 13.00 in Denmark and a second after, before and after summer time begins on 29 March.
  ['2026-03-12T12:00:00Z', 'bank_account', '2026-03-12'],
  ['2026-03-12T12:00:01Z', 'bank_account', '2026-03-13'],
  ['2026-03-30T11:00:00Z', 'bank_account', '2026-03-30'],
  ['2026-03-30T11:00:01Z', 'bank_account', '2026-03-31'],
  // Late in the evening it is the next day in Denmark; a Saturday waits for Monday, Maundy Thursday for after Easter.
  ['2026-03-12T23:30:00Z', 'bank_account', '2026-03-13'],
  ['2026-03-14T09:00:00Z', 'bank_account', '2026-03-16'],
  ['2026-04-02T09:00:00Z', 'bank_account', '2026-04-07'],
]

for (const [at, rail, expected] of CASES) {
  test(`asked for ${at}, by ${rail}: ${expected}`, () => {
    assert.equal(formatDay(acuteDay(at, rail, NONE)), expected)
  })
}

test('a day on which the municipality pays nothing out is no bank day', () => {
  const closed = new Set([day('2026-03-12')])
  assert.equal(formatDay(acuteDay('2026-03-12T09:00:00Z', 'bank_account', NONE, closed)), '2026-03-13')
})
