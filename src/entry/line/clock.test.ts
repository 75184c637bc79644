import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseMonth, type Period } from '../../base/date.ts'
import { incomeDeadline, lastBankDayOfMonth } from '../../modules/rates/index.ts'
import { monthClock } from './clock.ts'

test('a month is told to the income register in time, after its last statement', () => {
  for (let year = 2024; year <= 2028; year++) {
    for (let number = 1; number <= 12; number++) {
      const month = parseMonth(`${year}-${String(number).padStart(2, '0')}`) as Period
      const clock = monthClock(month)
      assert.ok(clock.told <= incomeDeadline(month.from), clock.told)
      assert.ok(clock.statement(lastBankDayOfMonth(month.from)) < clock.told, clock.told)
    }
  }
})
