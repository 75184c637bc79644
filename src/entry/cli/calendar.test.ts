import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseMonth, type Period } from '../../base/date.ts'
import type { Ore } from '../../base/money.ts'
import type { StatedRun } from '../../modules/overview/index.ts'
import { builtInRateBook, localRules, lookup, plannedRuns } from '../../modules/rates/index.ts'
import { asText, rowsOf } from './calendar.ts'

const RATES = lookup(builtInRateBook())
const RULES = localRules([])

test('an acute run stands by itself beside what is planned for its day, with its own cut-off', () => {
  const planned = plannedRuns(751, parseMonth('2026-03') as Period, RATES, RULES)
  const one = planned[0]
  assert.ok(one !== undefined)
  const run = { rail: one.rail, dispositionDate: one.dispositionDate, payments: 1, amount: 100 as Ore, state: 'sent' }
  const runs = (['ordinary', 'acute'] as const).map((purpose, i) => ({ ...run, runNo: i + 1, purpose }) as StatedRun)
  const rows = rowsOf(751, [one], runs, RULES, RATES)
  assert.deepEqual(
    rows.map((row) => [row.calendar !== null, row.runs.map((made) => made.run)]),
    [
      [true, ['0751R1']],
      [false, ['0751R2']],
    ],
  )
  const bank = rowsOf(751, [], [{ ...runs[1], rail: 'bank_account' } as StatedRun], RULES, RATES)
  assert.equal(bank[0]?.cut_off.slice(0, 10), bank[0]?.disposition_date)
})

test('a cut-off that nothing public and no rule of the municipality says is marked as assumed', () => {
  const [one] = plannedRuns(751, parseMonth('2026-04') as Period, RATES, RULES)
  assert.ok(one !== undefined)
  const shown = (rules: typeof RULES) => {
    const rows = rowsOf(751, [one], [], rules, RATES)
    return [rows[0]?.cut_off_assumed, asText(rows)]
  }
  const built = shown(RULES)
  assert.equal(built[0], true)
  assert.match(String(built[1]), /, senest \S+ 14:00 \(antaget\)  /)
  const told = shown(
    localRules([{ kind: 'cut_off', rail: one.rail, bankDays: 1, clock: '12:00', validFrom: 0 } as never]),
  )
  assert.equal(told[0], false)
  assert.doesNotMatch(String(told[1]), /antaget/)
})
