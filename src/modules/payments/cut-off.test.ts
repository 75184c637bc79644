import assert from 'node:assert/strict'
import { test } from 'node:test'
import { day } from '../../base/date.ts'
import { localRules } from '../rates/index.ts'
import { cutOffOf } from './cut-off.ts'

test('what waits for no ordinary run has until its own day where the rail pays on the same, else as any other', () => {
  const until = (rail: 'nemkonto' | 'bank_account', purpose: 'ordinary' | 'acute') =>
    cutOffOf({ rail, dispositionDate: day('2026-03-30'), purpose }, localRules([]))
  assert.equal(until('bank_account', 'ordinary'), '2026-03-27T14:00:00+00:00')
  assert.equal(until('bank_account', 'acute'), '2026-03-30T11:00:00+00:00')
  assert.equal(until('nemkonto', 'acute'), until('nemkonto', 'ordinary'))
})
