import assert from 'node:assert/strict'
import { test } from 'node:test'
import { day, formatDay } from '../../base/date.ts'
import { acuteDay } from './acute-day.ts'

/** When (UTC), the rail's last Danish time for the same day, the day. */
const CASES: readonly (readonly [string, string, string])[] = [
  ['2026-03-12T09:00:00Z', '', '2026-03-13'],
  ['2026-03-12T09:00:00Z', '13:00', '2026-03-12'],
  // 12.59 and 13.00 in Denmark, before and after summer time begins on 29 March.
  ['2026-03-12T11:59:00Z', '13:00', '2026-03-12'],
  ['2026-03-12T12:00:00Z', '13:00', '2026-03-13'],
  ['2026-03-30T10:59:00Z', '13:00', '2026-03-30'],
  ['2026-03-30T11:00:00Z', '13:00', '2026-03-31'],
  // Late in the evening it is the next day in Denmark; a Saturday waits for Monday, Maundy Thursday for after Easter.
  ['2026-03-12T23:30:00Z', '13:00', '2026-03-13'],
  ['2026-03-14T09:00:00Z', '13:00', '2026-03-16'],
  ['2026-04-02T09:00:00Z', '13:00', '2026-04-07'],
]

for (const [at, before, expected] of CASES) {
  test(`asked for ${at}, the rail takes the same day before ${before || 'never'}: ${expected}`, () => {
    assert.equal(formatDay(acuteDay(at, { sameDayBefore: before })), expected)
  })
}

test('a day on which the municipality pays nothing out is no bank day', () => {
  const closed = new Set([day('2026-03-12')])
  assert.equal(formatDay(acuteDay('2026-03-12T09:00:00Z', { sameDayBefore: '13:00' }, closed)), '2026-03-13')
})
