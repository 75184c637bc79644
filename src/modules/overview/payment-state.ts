import type { PaymentReturn, PaymentState } from './specification-types.ts'

export interface PaymentFacts {
  readonly steps: readonly string[]
  readonly answers: readonly number[]
  readonly settled: boolean
  readonly returned: PaymentReturn | undefined
  /** Every part of it was stopped before it was sent. */
  readonly stopped: boolean
  /** Its rail tells failures alone, and its day and margin have passed. */
  readonly presumed?: boolean
}

/** How far a payment is, derived from facts alone. A return outlives everything; only the bank's booking says paid. */
export function paymentState(facts: PaymentFacts): PaymentState {
  if (facts.stopped) return 'stopped'
  if (facts.returned !== undefined) return 'returned'
  if (facts.settled) return 'paid'
  if (facts.presumed === true) return 'presumed'
  if (facts.answers.includes(8)) return 'accepted'
  if (facts.steps.includes('sent') || facts.steps.includes('released')) return 'sent'
  return facts.steps.includes('approved') ? 'approved' : 'planned'
}
