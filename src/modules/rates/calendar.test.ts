import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Day, addDays, day, dayOf, formatDay, weekday } from '../../base/date.ts'
import {
  addBankDays,
  bankDayOnOrAfter,
  closingDays,
  easter,
  isBankDay,
  lastBankDayOfMonth,
  nextBankDay,
  previousBankDay,
} from './calendar.ts'

const SEED = 20260331

test('Easter falls where the church has it', () => {
  const known = ['2019-04-21', '2020-04-12', '2021-04-04', '2022-04-17', '2023-04-09', '2024-03-31', '2025-04-20']
  known.push('2026-04-05', '2027-03-28', '2028-04-16', '2038-04-25', '2285-03-22')
  for (const date of known) assert.equal(formatDay(easter(Number(date.slice(0, 4)))), date)
})

test('the closing days are those that Nationalbanken has published', () => {
  const official: Record<number, string> = {
    2026: '01-01 04-02 04-03 04-06 05-14 05-15 05-25 06-05 12-24 12-25 12-31',
    2027: '01-01 03-25 03-26 03-29 05-06 05-07 05-17 12-24 12-31',
  }
  for (const [year, list] of Object.entries(official)) {
    const ours = [...closingDays(Number(year))].filter((d) => weekday(d) <= 5).sort((a, b) => a - b)
    assert.equal(ours.map((d) => formatDay(d).slice(5)).join(' '), list)
  }
})

test('store bededag closed the banks through 2023 and not since', () => {
  assert.equal(isBankDay(day('2023-05-05')), false)
  assert.equal(isBankDay(day('2024-04-26')), true)
})

test('the last bank day of each month', () => {
  const table: Record<number, string> = {
    2024: '01-31 02-29 03-27 04-30 05-31 06-28 07-31 08-30 09-30 10-31 11-29 12-30',
    2025: '01-31 02-28 03-31 04-30 05-28 06-30 07-31 08-29 09-30 10-31 11-28 12-30',
    2026: '01-30 02-27 03-31 04-30 05-29 06-30 07-31 08-31 09-30 10-30 11-30 12-30',
    2027: '01-29 02-26 03-31 04-30 05-31 06-30 07-30 08-31 09-30 10-29 11-30 12-30',
    2028: '01-31 02-29 03-31 04-28 05-31 06-30 07-31 08-31 09-29 10-31 11-30 12-29',
  }
  for (const [year, list] of Object.entries(table)) {
    const ours = Array.from({ length: 12 }, (_, i) => formatDay(lastBankDayOfMonth(dayOf(Number(year), i + 1, 15))))
    assert.equal(ours.map((d) => d.slice(5)).join(' '), list)
  }
  for (const published of ['2021-12-30', '2022-04-29', '2022-07-29', '2022-12-30'])
    assert.equal(formatDay(lastBankDayOfMonth(day(published))), published)
})

test('bank days per year', () => {
  const expected = { 2024: 250, 2025: 249, 2026: 250, 2027: 252 }
  for (const [year, count] of Object.entries(expected)) {
    let found = 0
    for (let d = dayOf(Number(year), 1, 1); d < dayOf(Number(year) + 1, 1, 1); d = addDays(d, 1))
      if (isBankDay(d)) found++
    assert.equal(found, count, year)
  }
})

test('a municipality may close 1 May; the banks do not', () => {
  const firstOfMay = day('2026-05-01')
  assert.equal(isBankDay(firstOfMay), true)
  assert.equal(isBankDay(firstOfMay, new Set([firstOfMay])), false)
  assert.equal(formatDay(nextBankDay(day('2026-04-30'), new Set([firstOfMay]))), '2026-05-04')
})

test('stepping over Easter', () => {
  assert.equal(formatDay(nextBankDay(day('2026-04-01'))), '2026-04-07')
  assert.equal(formatDay(previousBankDay(day('2026-04-07'))), '2026-04-01')
  assert.equal(formatDay(addBankDays(day('2026-04-01'), 2)), '2026-04-08')
  assert.equal(formatDay(addBankDays(day('2026-04-08'), -2)), '2026-04-01')
  assert.equal(formatDay(addBankDays(day('2026-04-04'), 0)), '2026-04-07')
})

test(`going forward and back by bank days ends where it began (seed ${SEED})`, () => {
  const anyDay = fc.integer({ min: dayOf(2000, 1, 1), max: dayOf(2099, 12, 31) }) as fc.Arbitrary<Day>
  fc.assert(
    fc.property(anyDay, fc.integer({ min: 1, max: 40 }), (d, n) => {
      const start = bankDayOnOrAfter(d)
      const there = addBankDays(start, n)
      assert.ok(isBankDay(there) && there > start)
      assert.equal(addBankDays(there, -n), start)
      assert.equal(addBankDays(previousBankDay(start), 1), start)
    }),
    { seed: SEED, numRuns: 500 },
  )
})
