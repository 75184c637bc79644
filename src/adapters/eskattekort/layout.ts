/**
 * Layout of a delivery of eSkattekort, as data. What a card carries, the answer types and the number of the head record
 * are public (Skatteforvaltningen, oid=1745927 and 1745933); the positions and the other record numbers are assumed.
 */

/** First position, from 1, and length. */
export type Field = readonly [at: number, length: number]

export const RECORD_TYPE: Field = [1, 4]
export const RECORD = { start: '0607', card: '0608', end: '0699' } as const

export const START = { delivery: [13, 8], run: [21, 8] } as const satisfies Record<string, Field>
export const CARD = {
  se: [5, 8],
  cpr: [13, 10],
  answer: [23, 1],
  /** eSkatløbenr.: of several valid cards the highest counts, whenever it came. */
  serial: [24, 7],
  from: [31, 8],
  year: [39, 4],
  /** Hundredths of a per cent. */
  rate: [43, 4],
  /** The rate kept for benefits under § 17 of inddrivelsesbekendtgørelsen (kontanthjælp and the like). */
  rate17: [47, 4],
  /** Whole kroner. */
  month: [51, 7],
  week: [58, 7],
  day: [65, 7],
  frikort: [72, 8],
} as const satisfies Record<string, Field>
export const END = { lines: [5, 8] } as const satisfies Record<string, Field>

/** The answer types: which card it is, and whether its § 17 rate is the one to use. */
export const ANSWERS: Readonly<Record<string, { readonly card: string; readonly section17: boolean }>> = {
  '0': { card: 'none', section17: false },
  // Bruttotrækkort: a rate and no allowance, as a second card.
  '1': { card: 'bikort', section17: false },
  '2': { card: 'hovedkort', section17: false },
  '3': { card: 'frikort', section17: false },
  '4': { card: 'bikort', section17: false },
  '5': { card: 'bikort', section17: true },
  '6': { card: 'hovedkort', section17: true },
  '7': { card: 'bikort', section17: true },
}
