/**
 * Which kinds of events there are. Each has two queries over the same rows: in found.ts, what has no event batch yet is
 * counted; in expand.ts, one batch is listed in an order that never changes. Both must see the same rows, or numbers
 * would move.
 */
import { GIVEN_BACK_BY_STOP } from '../claims/index.ts'

/** In the order of the line: facts published together are numbered in this order. */
export const EVENT_KINDS = [
  'received',
  'refused',
  'held',
  'released',
  'calculated',
  'overpaid',
  'claim_opened',
  'claim_changed',
  'in_round',
  'stopped',
  'sent',
  'accepted',
  'waiting_account',
  'presumed_paid',
  'returned',
  'paid',
  'paid_again',
  'reported',
] as const
/** @da hændelse til fagsystem */
export type EventKind = (typeof EVENT_KINDS)[number]

/**
 * The line of the calculation `c` that a movement `m` of a claim is told with: that of the item that was set off; what
 * a correction gives back or closes names line 0, and goes with the order's first.
 */
export const LINE_OF_CLAIM_MOVEMENT = `case when (m.item_id & 63) > 0 then (m.item_id & 63)::smallint
  else (select min(f.line_no) from calculations f where f.municipality_code = m.municipality_code
    and f.order_id = m.item_id >> 6) end`

/**
 * Movements `m` of a claim by their number: told with the calculation of their item; what was given back when an order
 * was stopped, told with the stop, as the order may never be calculated again; that a year ended, told by itself.
 */
export const WITH_CALCULATION = `m.line_no < ${GIVEN_BACK_BY_STOP}`
export const WITH_STOP = `m.line_no >= ${GIVEN_BACK_BY_STOP} and m.line_no < 1900`

/** Benefits that eIndkomst is told of. */
export const REPORTED = `(select (b.body->>'benefit')::smallint from reference_rows b
  where b.kind = 'benefit' and b.body->>'incomeType' is not null)`
