import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RUN_STEPS } from './payment-run.ts'
import { type RunProgress, runState } from './run-state.ts'

const sent: RunProgress = {
  steps: RUN_STEPS,
  payments: 3,
  amount: 300,
  answered: 0,
  refused: 0,
  booked: 0,
  openReturns: 0,
}

test('a run is where its last step is, until it has left', () => {
  for (const [i, step] of RUN_STEPS.entries()) {
    if (step === 'sent') continue
    assert.equal(runState({ ...sent, steps: RUN_STEPS.slice(0, i + 1) }), step)
  }
  assert.equal(runState({ ...sent, steps: [] }), 'planned')
})

test('then answered when nothing is without answer, settled by the bank alone, reconciled when nothing is open', () => {
  const cases: [Partial<RunProgress>, string][] = [
    [{}, 'sent'],
    [{ answered: 2 }, 'sent'],
    [{ answered: 3 }, 'answered'],
    [{ answered: 3, booked: 299 }, 'answered'],
    [{ answered: 3, booked: 300 }, 'reconciled'],
    // The bank has paid, and the rail has not answered on all of it.
    [{ answered: 2, booked: 300 }, 'settled'],
    // One was refused before the bank, and is not paid again.
    [{ answered: 3, refused: 100, booked: 200, openReturns: 1 }, 'settled'],
    [{ answered: 3, refused: 100, booked: 100 }, 'answered'],
    [{ answered: 3, refused: 100, booked: 200 }, 'reconciled'],
    [{ answered: 3, refused: 300, openReturns: 3 }, 'settled'],
  ]
  for (const [more, state] of cases) assert.equal(runState({ ...sent, ...more }), state, JSON.stringify(more))
})
