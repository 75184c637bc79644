/** What a hold is told by: its kind, and the days, amounts and names that its sentence needs. */
import { PARTY_EVENT_KINDS, type StoppingEvent } from '../parties/index.ts'

/** The hold that an event of a party places. */
export const EVENT_HOLDS: Readonly<Record<StoppingEvent, string>> = {
  death: 'dead',
  missing: 'missing',
  bankruptcy: 'bankrupt',
  closed: 'closed',
}

/** The same as rows `k` (event, kind). */
export const HOLD_OF_EVENT = `(values ${Object.entries(EVENT_HOLDS)
  .map(([event, kind]) => `(${PARTY_EVENT_KINDS.indexOf(event as StoppingEvent)}::smallint, '${kind}')`)
  .join(', ')}) k (event, kind)`

/** Fixed hold numbers, so that a decision taken again is the same row. Numbers from 10 are placed by hand. */
export const HOLD_NO = { duplicate: 1, superseded: 4, manual: 10 } as const

/** Why a repayment decision is unfounded. */
export type UnfoundedWhy =
  /** More than is overpaid: `ore` is decided, `of_ore` overpaid. */
  | 'too_much'
  | 'of_other_person'
  | 'of_employer'
  /** Nothing is paid of a time that is ours since `limit`. */
  | 'nothing_paid'
  | 'several_paid'
  | 'decided_twice'
  | 'withdrawn'
  /** The order decided it before, of `of_ore`. */
  | 'amount_changed'
  /** Another order did. */
  | 'of_other_order'

/** Days are YYYY-MM-DD, amounts whole øre. */
export interface HoldDetail {
  /** The other order of a double, or the newer version of this one. */
  readonly order_key?: string
  readonly version?: number
  /** Of the event. */
  readonly date?: string
  readonly line_key?: string
  readonly from?: string
  readonly to?: string
  /** The day of the takeover, or the look-back limit. */
  readonly limit?: string
  readonly source_system?: string
  readonly why?: UnfoundedWhy
  readonly claim_key?: string
  /** What is paid more, or decided, and what it is compared with. */
  readonly ore?: number
  readonly of_ore?: number
}

/** A hold as it is told; `reason` is what a person wrote, '' when nobody did. */
export interface HoldFacts {
  readonly kind: string
  readonly reason: string
  readonly detail: HoldDetail | null
}

/** The detail of a hold `h` in SQL; $1 municipality. Another order is read from its own row. */
export const HOLD_DETAIL = `case when h.related_order is null then h.detail else (
    select jsonb_build_object('order_key', r.order_key, 'version', r.version) from orders r
    where r.municipality_code = h.municipality_code and r.order_id = h.related_order) end`
