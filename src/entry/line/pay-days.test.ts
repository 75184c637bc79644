import assert from 'node:assert/strict'
import { test } from 'node:test'
import { day, formatDay } from '../../base/date.ts'
import { nextOrdinaryDay } from './pay-days.ts'

/** The order's day, the first that can be paid on, what is due, runs that are assembled, when it is paid. */
const CASES: readonly (readonly [string, string, string[], string[], string])[] = [
  ['2026-03-10', '2026-03-03', ['2026-03-06', '2026-03-16', '2026-03-20'], [], '2026-03-16'],
  // On the same day it goes with the rest.
  ['2026-03-16', '2026-03-03', ['2026-03-16'], [], '2026-03-16'],
  // Its day has passed, or is too near to be reached.
  ['2026-02-10', '2026-03-03', ['2026-03-02', '2026-03-06'], [], '2026-03-06'],
  // Nothing else is due: the last bank day of the month, of the next one when that run is assembled.
  ['2026-03-20', '2026-03-03', ['2026-03-16'], [], '2026-03-31'],
  ['2026-03-20', '2026-03-03', [], ['2026-03-31'], '2026-04-30'],
  // A Saturday and 31 December are paid on the bank day before, which is the last of the month; if it can be reached.
  ['2026-05-30', '2026-05-04', [], [], '2026-05-29'],
  ['2026-12-31', '2026-12-03', [], [], '2026-12-30'],
  ['2026-12-31', '2027-01-04', [], [], '2027-01-29'],
  // A Saturday, before a Sunday on which others ask to be paid: all on the Friday.
  ['2027-02-27', '2027-02-10', ['2027-02-28'], [], '2027-02-26'],
  ['2027-02-28', '2027-02-10', ['2027-02-27'], [], '2027-02-26'],
  // The first of a month stays in its month: others due on Sunday 2 August go with it.
  ['2026-08-01', '2026-07-20', ['2026-07-31', '2026-08-02'], [], '2026-08-03'],
]

for (const [on, first, due, assembled, expected] of CASES) {
  test(`with the next ordinary run: ${on}, due ${due.join(', ') || 'nothing'}: ${expected}`, () => {
    const days = { due: due.map(day), assembled: new Set(assembled.map(day)) }
    assert.equal(formatDay(nextOrdinaryDay(day(on), day(first), days, undefined)), expected)
  })
}
