import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type PaymentFacts, paymentState } from './payment-state.ts'

const sent: PaymentFacts = {
  steps: ['planned', 'assembled', 'controlled', 'approved', 'released', 'sent'],
  answers: [],
  settled: false,
  returned: undefined,
  stopped: false,
}

test('presumed paid is more than accepted, and gives way to the bank’s word and to a return', () => {
  const returned = { answer: 9, reason: 'AC04' } as const
  const cases: [Partial<PaymentFacts>, string][] = [
    [{}, 'sent'],
    [{ answers: [8] }, 'accepted'],
    [{ answers: [8], presumed: true }, 'presumed'],
    [{ answers: [8], presumed: true, settled: true }, 'paid'],
    [{ answers: [8], presumed: true, settled: true, returned }, 'returned'],
    [{ answers: [8], presumed: true, returned }, 'returned'],
    [{ steps: ['planned'], stopped: true }, 'stopped'],
  ]
  for (const [more, state] of cases) assert.equal(paymentState({ ...sent, ...more }), state, JSON.stringify(more))
})
