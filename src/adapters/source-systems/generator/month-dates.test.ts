import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Period } from '../../../base/date.ts'
import { day, formatDay, parseMonth } from '../../../base/date.ts'
import { isBankDay, isoWeek, monthDates } from './month-dates.ts'

const dates = (month: string) => monthDates(parseMonth(month) as Period)

test('bank closing days are those that Nationalbanken published for 2026 and 2027', () => {
  const closed = (year: number) => {
    const found: string[] = []
    for (let at = day(`${year}-01-01`); at < day(`${year + 1}-01-01`); at++) {
      if ((at + 3) % 7 < 5 && !isBankDay(at)) found.push(formatDay(at).slice(5))
    }
    return found.join(' ')
  }
  assert.equal(closed(2026), '01-01 04-02 04-03 04-06 05-14 05-15 05-25 06-05 12-24 12-25 12-31')
  assert.equal(closed(2027), '01-01 03-25 03-26 03-29 05-06 05-07 05-17 12-24 12-31')
})

test('the last bank day of each month', () => {
  const last = (year: number) =>
    Array.from({ length: 12 }, (_, i) =>
      formatDay(dates(`${year}-${String(i + 1).padStart(2, '0')}`).lastBankDay).slice(8),
    )
  assert.equal(last(2024).join(' '), '31 29 27 30 31 28 31 30 30 31 29 30')
  assert.equal(last(2025).join(' '), '31 28 31 30 28 30 31 29 30 31 28 30')
  assert.equal(last(2026).join(' '), '30 27 31 30 29 30 31 31 30 30 30 30')
})

test('sygedagpenge in March 2026: four weeks paid on Thursday the 26th, employers a fortnight at a time', () => {
  const march = dates('2026-03')
  assert.equal(formatDay(march.citizens.disposition), '2026-03-26')
  assert.deepEqual(march.citizens.weeks.map(formatDay), ['2026-02-23', '2026-03-02', '2026-03-09', '2026-03-16'])
  assert.deepEqual(
    march.employers.map((round) => formatDay(round.disposition)),
    ['2026-03-12', '2026-03-26'],
  )
  assert.deepEqual(march.citizens.weeks.map(isoWeek), [9, 10, 11, 12])
})

test('every week of two years is paid once, in rounds of four or five', () => {
  let expected = dates('2026-01').citizens.weeks[0] as number
  for (let i = 0; i < 24; i++) {
    const month = dates(`${2026 + Math.floor(i / 12)}-${String((i % 12) + 1).padStart(2, '0')}`)
    assert.ok(month.citizens.weeks.length === 4 || month.citizens.weeks.length === 5)
    for (const monday of month.citizens.weeks) {
      assert.equal(monday, expected)
      expected += 7
    }
    assert.deepEqual([...month.employers[0].weeks, ...month.employers[1].weeks], [...month.citizens.weeks])
  }
})
