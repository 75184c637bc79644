/** The hold that an event of a party places, with its fixed number: a decision taken again is the same row. */
import { PARTY_EVENT_KINDS, type StoppingEvent } from '../parties/index.ts'

interface EventHold {
  readonly no: number
  readonly kind: string
  /** Before the date. */
  readonly words: string
}

export const EVENT_HOLDS: Readonly<Record<StoppingEvent, EventHold>> = {
  death: { no: 3, kind: 'dead', words: 'The person died on ' },
  missing: { no: 40, kind: 'missing', words: 'The person is missing since ' },
  bankruptcy: { no: 41, kind: 'bankrupt', words: 'The company went bankrupt on ' },
  closed: { no: 42, kind: 'closed', words: 'The company closed on ' },
}

/** The same as rows `k` (event, no, kind, words). */
export const HOLD_OF_EVENT = `(values ${Object.entries(EVENT_HOLDS)
  .map(([event, { no, kind, words }]) => {
    return `(${PARTY_EVENT_KINDS.indexOf(event as StoppingEvent)}::smallint, ${no}::smallint, '${kind}', '${words}')`
  })
  .join(', ')}) k (event, no, kind, words)`
