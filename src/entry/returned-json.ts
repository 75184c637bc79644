/** What came back and what was paid again, in the names of the outer contract: for API and command line alike. */
import { formatDay } from '../base/date.ts'
import { type Municipality, municipalityText } from '../base/id.ts'
import type { OpenReturn } from '../modules/overview/index.ts'
import { endToEndIdOf } from '../modules/payments/index.ts'
import type { PaidAgain } from './line/pay-again.ts'

export function openReturnJson(one: OpenReturn) {
  return {
    municipality: municipalityText(one.municipality),
    end_to_end_id: one.endToEndId,
    source_system: one.sourceSystem,
    orders: one.orders,
    attempt: one.attempt,
    amount_ore: one.amount,
    answer: one.answer,
    code: one.code,
    cause: one.cause,
    step: one.step,
    since: formatDay(one.since),
    first_since: formatDay(one.firstSince),
    age_days: one.age,
    again_on: one.againOn === undefined ? null : formatDay(one.againOn),
  }
}

export function paidAgainJson(municipality: Municipality, { payments, amount, on, left }: PaidAgain) {
  return {
    payments: payments.map((one) => endToEndIdOf(municipality, one)),
    amount_ore: amount,
    on: on === undefined ? null : formatDay(on),
    not_paid_again: left.map(({ payment, why }) => ({ payment: endToEndIdOf(municipality, payment), code: why })),
  }
}
