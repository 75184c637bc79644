import assert from 'node:assert/strict'
import { test } from 'node:test'
import { day } from '../../base/date.ts'
import { type Arrangement, arrangementFor, type ArrangementKind } from './index.ts'

const COMPANY = 7
const BENEFIT = 22

function one(no: number, kind: ArrangementKind, more: Partial<Arrangement> = {}): Arrangement {
  return {
    arrangementNo: no,
    kind,
    receivedOn: undefined,
    claim: undefined,
    beneficiary: { type: 'cvr', id: '29189420' },
    beneficiaryId: COMPANY,
    benefit: undefined,
    payee: { type: 'cvr', id: '29189420' },
    payeeId: 100 + no,
    account: undefined,
    from: day('2026-01-01'),
    to: undefined,
    reason: 'r',
    document: 'd',
    entered: { at: '', by: 'a' },
    approved: { at: '', by: 'b' },
    ended: undefined,
    ...more,
  }
}

const received = (text: string) => ({ receivedOn: day(text) })

/** What is in force on 31 March 2026, and the number that is paid. */
const CASES: readonly (readonly [string, readonly Arrangement[], number | undefined])[] = [
  ['nothing', [], undefined],
  ['one for the benefit goes before one for all', [one(1, 'payee'), one(2, 'payee', { benefit: BENEFIT })], 2],
  [
    'the first received goes first, whatever was entered first',
    [one(1, 'udlaeg', received('2026-02-10')), one(2, 'transport', received('2026-02-01'))],
    2,
  ],
  ['received on one day: the first entered', [1, 2].map((no) => one(no, 'transport', received('2026-02-01'))), 1],
  [
    'a holder of a claim goes before an account for the benefit',
    [one(1, 'payee', { benefit: BENEFIT }), one(2, 'transport', received('2026-02-01'))],
    2,
  ],
  ['one for another benefit', [one(1, 'transport', { ...received('2026-02-01'), benefit: 23 })], undefined],
  ['not approved yet', [one(1, 'transport', { ...received('2026-02-01'), approved: undefined })], undefined],
  [
    'ended: the next one',
    [
      one(1, 'transport', {
        ...received('2026-02-01'),
        ended: { at: '', by: 'a', from: day('2026-03-31'), reason: 'betalt' },
      }),
      one(2, 'udlaeg', received('2026-02-10')),
    ],
    2,
  ],
]

for (const [what, all, expected] of CASES) {
  test(`who is paid: ${what}`, () => {
    const found = arrangementFor(all, { beneficiary: COMPANY, benefit: BENEFIT, date: day('2026-03-31') })
    assert.equal(found?.arrangementNo, expected)
  })
}
