/** What was paid elsewhere in the names of the outer contract: for API and command line alike. */
import { type Day, formatDay } from '../base/date.ts'
import { type Municipality, municipalityText } from '../base/id.ts'
import { SOURCE_SYSTEMS } from '../modules/orders/index.ts'
import type { Outside } from '../modules/payments/index.ts'

export const OUTSIDE_STATES = ['waiting', 'open', 'settled', 'ended'] as const

/** `waiting`: for a second person; `open`: for an order that pays just that. */
export function outsideState({ settled, ended, approvedAt }: Outside): (typeof OUTSIDE_STATES)[number] {
  if (settled) return 'settled'
  if (ended !== undefined) return 'ended'
  return approvedAt === undefined ? 'waiting' : 'open'
}

/** Its age on the clearing account is reckoned until `today`, while no bank line has shown. */
export function outsideJson(municipality: Municipality, one: Outside, today: Day) {
  const isOpen = one.settled && one.bankRef === undefined
  return {
    municipality: municipalityText(municipality),
    outside: one.outsideNo,
    state: outsideState(one),
    source_system: SOURCE_SYSTEMS[one.source - 1],
    order_key: one.orderKey,
    line_key: one.lineKey === '' ? null : one.lineKey,
    amount_ore: one.amount,
    paid_on: formatDay(one.paidOn),
    reference: one.reference,
    document: one.document,
    registered_by: one.by,
    approved_by: one.approvedBy ?? null,
    bank_ref: one.bankRef ?? null,
    age_days: isOpen ? Math.max(0, today - one.paidOn) : null,
  }
}
