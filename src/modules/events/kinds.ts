/**
 * Which kinds of events there are. Each has two queries over the same rows: in found.ts, what has no event batch yet is
 * counted; in expand.ts, one batch is listed in an order that never changes. Both must see the same rows, or numbers
 * would move.
 */

/** In the order of the line: facts published together are numbered in this order. */
export const EVENT_KINDS = [
  'received',
  'refused',
  'held',
  'released',
  'calculated',
  'claim_opened',
  'claim_changed',
  'in_round',
  'sent',
  'accepted',
  'waiting_account',
  'returned',
  'paid',
  'reported',
] as const
/** @da hændelse til fagsystem */
export type EventKind = (typeof EVENT_KINDS)[number]

/** Benefits that eIndkomst is told of. */
export const REPORTED = `(select (b.body->>'benefit')::smallint from reference_rows b
  where b.kind = 'benefit' and b.body->>'incomeType' is not null)`
