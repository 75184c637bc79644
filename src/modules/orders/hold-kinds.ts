/** The hold that an event of a party places. */
import { PARTY_EVENT_KINDS, type StoppingEvent } from '../parties/index.ts'

interface EventHold {
  readonly kind: string
  /** Before the date. */
  readonly words: string
}

export const EVENT_HOLDS: Readonly<Record<StoppingEvent, EventHold>> = {
  death: { kind: 'dead', words: 'The person died on ' },
  missing: { kind: 'missing', words: 'The person is missing since ' },
  bankruptcy: { kind: 'bankrupt', words: 'The company went bankrupt on ' },
  closed: { kind: 'closed', words: 'The company closed on ' },
}

/** The same as rows `k` (event, kind). */
export const HOLD_OF_EVENT = `(values ${Object.entries(EVENT_HOLDS)
  .map(([event, { kind }]) => `(${PARTY_EVENT_KINDS.indexOf(event as StoppingEvent)}::smallint, '${kind}')`)
  .join(', ')}) k (event, kind)`

/** Fixed hold numbers, so that a decision taken again is the same row. Numbers from 10 are placed by hand. */
export const HOLD_NO = { duplicate: 1, superseded: 4, manual: 10 } as const
