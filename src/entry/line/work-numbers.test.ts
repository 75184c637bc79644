import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Tx } from '../../base/db.ts'
import { addDays, day } from '../../base/date.ts'
import { entryIn, RECORDS_PER_BATCH } from '../../base/id.ts'
import { LEDGER_BATCHES_PER_WORK, ledgerBatchNo } from '../../modules/ledger/index.ts'
import type { PaymentRun } from '../../modules/payments/index.ts'
import { BEYOND_PLANNED, fileNumbers, LAST_WORK_NO, mayPlan, RUN_WORK_NUMBERS } from './work-numbers.ts'

const run = (runNo: number, workNo: number, date: string) =>
  ({ runNo, workNo, dispositionDate: day(date) }) as unknown as PaymentRun
const taken = (numbers: readonly number[]) =>
  ({ often: { rows: () => Promise.resolve(numbers.map((one) => ({ work_no: one }))) } }) as unknown as Tx

test('every number of work gives entries whose numbers are safe', () => {
  const last = entryIn(ledgerBatchNo(LAST_WORK_NO, LEDGER_BATCHES_PER_WORK - 1), RECORDS_PER_BATCH - 1)
  assert.equal(last, Number.MAX_SAFE_INTEGER)
})

test('planned work ends with a sentence, before a run could run over into what lies beyond', () => {
  assert.equal(mayPlan(751, BEYOND_PLANNED - RUN_WORK_NUMBERS), BEYOND_PLANNED - RUN_WORK_NUMBERS)
  assert.throws(() => mayPlan(751, BEYOND_PLANNED - RUN_WORK_NUMBERS + 1), /0751 has used all its numbers for planned/)
})

test('files of a run take the numbers behind it, then those of their place, and no number comes twice', async () => {
  const runs = [run(1, 100, '2026-03-31'), run(2, 132, '2026-04-30')]
  const numbers = await fileNumbers(taken([101, 116]), 751, runs)
  assert.deepEqual([numbers.ofAnswers(runs[0]), numbers.ofStatement(day('2026-04-15'))], [102, 117])
  const given = new Set([101, 102, 116, 117])
  for (let i = 0; i < 200; i++) {
    for (const one of runs) given.add(numbers.ofAnswers(one))
    given.add(numbers.ofStatement(addDays(day('2026-03-31'), Math.floor(i / 90))))
    given.add(numbers.ofAnswers(undefined))
    given.add(numbers.ofStatement(undefined))
  }
  assert.equal(given.size, 4 + 1_000)
  const behind = [...given].filter((one) => one < BEYOND_PLANNED)
  assert.deepEqual(Math.min(...behind), 101)
  assert.ok(Math.max(...behind) < 132 + RUN_WORK_NUMBERS)
  assert.ok(Math.max(...given) <= LAST_WORK_NO)
  assert.ok(!given.has(100) && !given.has(132), 'a run keeps its own')
})

test('before there is a run, statements lie beyond all that is planned', async () => {
  const numbers = await fileNumbers(taken([]), 751, [])
  assert.ok(numbers.ofStatement(day('2026-03-31')) > BEYOND_PLANNED)
})
