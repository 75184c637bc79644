import assert from 'node:assert/strict'
import { test } from 'node:test'
import { day, formatDay } from '../../base/date.ts'
import type { Ore } from '../../base/money.ts'
import { type LocalRule, localRules } from './local-rules.ts'
import { localRule as rule } from './testing.ts'

test('the newest takeover of a system counts, whatever its date; another system has none', () => {
  const rules = localRules([
    rule('takeover', '2026-03-01', { source: 1 }),
    rule('takeover', '2026-02-01', { source: 1 }),
  ])
  assert.equal(rules.takeover(1), day('2026-02-01'))
  assert.equal(rules.takeover(2), undefined)
})

test('benefit before system before all, then the latest date, then the newest; none before the first', () => {
  const minimum = (from: string, kroner: number, more: Partial<LocalRule> = {}) =>
    rule('set_off_minimum', from, { amount: (kroner * 100) as Ore, ...more })
  const rules = localRules([
    minimum('2026-01-01', 1),
    minimum('2026-02-01', 2),
    minimum('2026-02-01', 3),
    minimum('2026-01-01', 4, { source: 2 }),
    minimum('2026-01-01', 5, { benefit: 7 }),
  ])
  const cases: [number, number, string, number][] = [
    [1, 1, '2025-12-31', 0],
    [1, 1, '2026-01-01', 1],
    [1, 1, '2026-02-01', 3],
    [2, 1, '2026-02-01', 4],
    [2, 7, '2026-02-01', 5],
  ]
  for (const [source, benefit, on, kroner] of cases) {
    assert.equal(rules.setOffMinimum(source, benefit, day(on)), kroner * 100, `${source} ${benefit} ${on}`)
  }
})

test('the look-back limit is the first day of a month; 0 months and 0 kroner are no rule', () => {
  const of = (months: number) => localRules([rule('look_back', '2026-01-01', { months })])
  const cases: [number, string, string | undefined][] = [
    [6, '2026-08-31', '2026-02-01'],
    [12, '2026-01-30', '2025-01-01'],
    [14, '2026-01-30', '2024-11-01'],
    [0, '2026-08-31', undefined],
    [6, '2025-12-31', undefined],
  ]
  for (const [months, on, limit] of cases) {
    const found = of(months).lookBack(1, 1, day(on))
    assert.equal(found === undefined ? undefined : formatDay(found), limit, `${months} ${on}`)
  }
  const small = (amount: number) =>
    localRules([rule('small_amount', '2026-01-01', { amount: amount as Ore, treatment: 'gather' })])
  assert.deepEqual(small(100).smallAmount(1, 1, day('2026-02-01')), { limit: 100, treatment: 'gather' })
  assert.equal(small(0).smallAmount(1, 1, day('2026-02-01')), undefined)
})

test('a unit pays by NemKonto until the date from which its rule says another rail, and the last told of a date counts', () => {
  const rules = localRules([
    rule('rail', '2026-03-01', { unit: 'ydelse', rail: 'bank_account' }),
    rule('rail', '2026-05-01', { unit: 'ydelse', rail: 'bank_account' }),
    rule('rail', '2026-05-01', { unit: 'ydelse', rail: 'nemkonto' }),
  ])
  const railOn = (unit: string, on: string): string => rules.rail(unit, day(on))
  assert.equal(railOn('ydelse', '2026-02-28'), 'nemkonto')
  assert.equal(railOn('ydelse', '2026-03-01'), 'bank_account')
  assert.equal(railOn('sygedagpenge', '2026-03-01'), 'nemkonto')
  assert.equal(railOn('ydelse', '2026-05-04'), 'nemkonto')
})
