/**
 * Layout of an extract of changes from CPR, as data. Record types, positions and status codes are public; the head and
 * tail records' positions are assumed. Positions count from 1, as the register's own documentation does.
 */

/** First position and length. */
export type Field = readonly [at: number, length: number]

export const RECORD_TYPE: Field = [1, 3]
export const PNR: Field = [4, 10]

export const RECORD = {
  start: '000',
  /** Persondata: the person's status and since when. */
  person: '001',
  /** Beskyttelse. */
  protection: '004',
  end: '999',
} as const

/** Assumed. */
export const START = { task: [14, 6], produced: [20, 8] } as const satisfies Record<string, Field>
/** Public (record 001 of CPR Direkte). */
export const PERSON = { status: [24, 2], since: [26, 12] } as const satisfies Record<string, Field>
/** Type public (0001: name and address), positions as in record 004 of CPR Direkte. */
export const PROTECTION = { type: [14, 4], from: [18, 10] } as const satisfies Record<string, Field>
/** Assumed: the lines between head and tail. */
export const END = { lines: [14, 8] } as const satisfies Record<string, Field>

/**
 * Status codes of CPR and what they are to us: a person has one at a time, so one who lives is neither dead nor missing
 * any more. A number that is annulled, deleted or replaced says nothing of a person.
 */
export const STATUS: Readonly<Record<string, 'death' | 'missing' | 'restored' | null>> = {
  '01': 'restored', // lives in Denmark
  '03': 'restored', // the same, on a high road code
  '05': 'restored', // lives in Greenland
  '07': 'restored', // the same, on a high road code
  '20': 'restored', // has no home in Denmark, and a number for tax
  '30': null, // annulled number
  '50': null, // deleted number
  '60': null, // has another number
  '70': 'missing',
  '80': 'restored', // has left the country
  '90': 'death',
}
export const NAME_PROTECTION = '0001'

/** Record types that a file may carry and that say nothing of what may be paid: passed over. */
export const PASSED_OVER = /^(00[2356789]|0[1-9]\d|[1-8]\d\d|9[0-8]\d|99[0-8])$/
