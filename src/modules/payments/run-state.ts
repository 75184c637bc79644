/**
 * How far a payment run has come: by its steps while it is here, and by what the rail and the bank have said of it when
 * it has left. Derived, never stored. Pure. @da tilstand for udbetalingskørsel
 */
import { RUN_STEPS, type RunStep } from './payment-run.ts'

/**
 * In their order. `answered`: the rail has said something of every payment. `settled`: the bank has booked all that was
 * to leave. `reconciled`: and nothing that came back is still open.
 */
export const RUN_STATES = [...RUN_STEPS, 'answered', 'settled', 'reconciled'] as const
export type RunState = (typeof RUN_STATES)[number]

export interface RunProgress {
  readonly steps: readonly RunStep[]
  /** Without what is stopped. */
  readonly payments: number
  readonly amount: number
  readonly answered: number
  /** Øre that were refused before the bank. */
  readonly refused: number
  /** Øre that the bank has booked. */
  readonly booked: number
  /** Returned payments of it that have not ended. */
  readonly openReturns: number
}

export function runState(run: RunProgress): RunState {
  const last = RUN_STEPS.findLast((step) => run.steps.includes(step)) ?? 'planned'
  if (last !== 'sent') return last
  if (run.booked < run.amount - run.refused) return run.answered < run.payments ? 'sent' : 'answered'
  return run.openReturns === 0 && run.answered >= run.payments ? 'reconciled' : 'settled'
}
