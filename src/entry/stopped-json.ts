/** A stopped run in the names of the outer contract: for API and command line alike. */
import type { Municipality } from '../base/id.ts'
import { endToEndIdOf } from '../modules/payments/index.ts'
import type { StoppedRun } from './line/stop-payment.ts'
import { stoppedText } from './text/index.ts'

export function stoppedRunJson(municipality: Municipality, { payments }: StoppedRun) {
  const told = payments.map(({ payment, stopped }) => {
    const state = stopped.state === 'asked' && stopped.before ? 'asked_before' : stopped.state
    return { payment: endToEndIdOf(municipality, payment), state, text: stoppedText(stopped) } as const
  })
  const count = (state: (typeof told)[number]['state']) => told.filter((one) => one.state === state).length
  return {
    held: count('held'),
    asked: count('asked'),
    asked_before: count('asked_before'),
    too_late: count('too_late'),
    payments: told,
  }
}
