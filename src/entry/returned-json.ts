/** What came back and what was paid again, in the names of the outer contract: for API and command line alike. */
import { formatDay } from '../base/date.ts'
import { type Municipality, municipalityText } from '../base/id.ts'
import { ageBand, type AgeSum, type OpenReturn } from '../modules/overview/index.ts'
import { type Closing, endToEndIdOf, type UnclaimedPart } from '../modules/payments/index.ts'
import type { AskedAccount } from './line/ask-account.ts'
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
    band: ageBand(one.age),
    asked_on: one.asked === undefined ? null : formatDay(one.asked.askedOn),
    answer_by: one.asked === undefined ? null : formatDay(one.asked.answerBy),
    again_on: one.againOn === undefined ? null : formatDay(one.againOn),
    taken_over: one.takenOver ?? null,
  }
}

/** By the bands that they are looked through by. */
export function agesJson(ages: readonly AgeSum[]) {
  return ages.map(({ band, payments, amount }) => ({ band, payments, amount_ore: amount }))
}

export function paidAgainJson(municipality: Municipality, { payments, amount, on, left }: PaidAgain) {
  return {
    payments: payments.map((one) => endToEndIdOf(municipality, one)),
    amount_ore: amount,
    on: on === undefined ? null : formatDay(on),
    not_paid_again: left.map(({ payment, why }) => ({ payment: endToEndIdOf(municipality, payment), code: why })),
  }
}

export function askedJson({ letterNo, answerBy, files, again }: AskedAccount) {
  return { letter: letterNo, answer_by: formatDay(answerBy), files, again }
}

export function unclaimedJson(municipality: Municipality, { payment, amount, treatment, since }: UnclaimedPart) {
  return {
    municipality: municipalityText(municipality),
    end_to_end_id: endToEndIdOf(municipality, payment),
    amount_ore: amount,
    treatment,
    first_since: formatDay(since),
  }
}

export function closingJson({ municipality, closingNo, asOf, parts, amount, by }: Closing) {
  return {
    municipality: municipalityText(municipality),
    closing: closingNo,
    as_of: formatDay(asOf),
    parts,
    amount_ore: amount,
    by,
  }
}
