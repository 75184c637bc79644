import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { day } from '../../base/date.ts'
import type { Ore } from '../../base/money.ts'
import { railRow } from '../rates/index.ts'
import { dueParts } from './gather.ts'
import { bundleIdOf, bundleOfId, endToEndIdOf, fileIdOf, fileOfId, paymentOfEndToEndId } from './index.ts'

const MARCH = day('2026-03-31')

/** Units 1 (by NemKonto) and 2 (by the bank), each with so many payees; a file of the bank takes three payments. */
function gathered(units: readonly (readonly [number, number])[]) {
  const due = dueParts(
    (unit) => (unit === 2 ? 'bank_account' : 'nemkonto'),
    (rail) => ({ ...railRow(rail), paymentsPerFile: rail === 'nemkonto' ? 0 : 3 }),
  )
  for (const [unit, payees] of units) {
    for (let payee = 1; payee <= payees; payee++) {
      const part = {
        item: payee,
        part: 0,
        payee,
        benefit: 1,
        amount: (payee * 100) as Ore,
        workNo: payee,
        arrangement: 0,
      }
      due.add(MARCH, unit, 1, 'KTHJ', part)
    }
  }
  return due.runs().map((run) => ({
    rail: run.rail,
    until: run.untilWorkNo,
    payees: run.groups.map((group) => [group.unit, ...group.payments.map((payment) => payment.payee)]),
  }))
}

test('a run is one file of one rail: units part by rail, and what is beyond its limit makes a run of its own', () => {
  const until = 7
  assert.deepEqual(
    gathered([
      [2, 7],
      [1, 5],
      [3, 1],
    ]),
    [
      {
        rail: 'nemkonto',
        until,
        payees: [
          [1, 1, 2, 3, 4, 5],
          [3, 1],
        ],
      },
      { rail: 'bank_account', until, payees: [[2, 1, 2, 3]] },
      { rail: 'bank_account', until, payees: [[2, 4, 5, 6]] },
      { rail: 'bank_account', until, payees: [[2, 7]] },
    ],
  )
  assert.deepEqual(gathered([[2, 3]]), [{ rail: 'bank_account', until: 3, payees: [[2, 1, 2, 3]] }])
})

test('every id that goes out has at most 35 characters and leads back to what it names', () => {
  const code = fc.integer({ min: 101, max: 999 })
  const run = fc.integer({ min: 1, max: 2 ** 22 - 1 })
  const number = fc.integer({ min: 1, max: 2 ** 24 - 1 })
  fc.assert(
    fc.property(code, run, number, fc.integer({ min: 1, max: 99 }), (municipality, runNo, n, attempt) => {
      const payment = runNo * 2 ** 24 + n
      const file = fileIdOf(municipality, runNo, attempt)
      const bundle = bundleIdOf(municipality, runNo, n)
      const endToEnd = endToEndIdOf(municipality, payment)
      for (const id of [file, bundle, endToEnd]) assert.match(id, /^[0-9A-Z]{1,35}$/)
      assert.deepEqual(fileOfId(file), { municipality, runNo, attempt })
      assert.deepEqual(bundleOfId(bundle), { municipality, runNo, unit: n })
      assert.deepEqual(paymentOfEndToEndId(endToEnd), { municipality, payment })
      assert.equal(fileOfId(bundle) ?? fileOfId(endToEnd) ?? bundleOfId(file) ?? paymentOfEndToEndId(file), undefined)
    }),
  )
})
