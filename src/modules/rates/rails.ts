/** What a rail is, for those who assemble runs and judge answers. @da betalingsvej */
import { assert } from '../../base/assert.ts'
import { RAILS } from './data/rails.ts'

export interface RailRow<Key extends string = RailKey> {
  readonly rail: Key
  /** For people, in Danish. */
  readonly name: string
  readonly message: 'nks' | 'iso20022'
  /** Most payments in a file; 0: no limit is known. What is due beyond it makes a run of its own. */
  readonly paymentsPerFile: number
  /** The rail tells what fails and nothing else. */
  readonly onlyFailures: boolean
  /** Until this Danish time (`HH:MM`) what is paid acutely is paid on the same bank day; '': never. */
  readonly sameDayBefore: string
  /** A file that was refused whole is sent again with the same bytes, or under a new id. */
  readonly resend: 'same_id' | 'new_id'
  /** Minutes from the first, second … technical fault of a file until it is sent again; then a person must. */
  readonly retryMinutes: readonly number[]
  /**
   * When it must have the file: bank days before the disposition date, and a Danish clock time. @da skæringstidspunkt
   */
  readonly cutOff: { readonly bankDaysBefore: number; readonly time: string }
  /** Hours from sending until an answer is late: the first about a file, and one about each payment; 0: none is due. */
  readonly answerHours: { readonly file: number; readonly payment: number }
  /**
   * Of a rail that tells failures alone: bank days after the disposition date until what it has taken is presumed paid.
   */
  readonly presumedAfter: number
  readonly source: string
  readonly assumed: boolean
}

export type RailKey = (typeof RAILS)[number]['rail']
export const RAIL_KEYS: readonly RailKey[] = RAILS.map((row) => row.rail)
/** Of a unit without a rule. */
export const DEFAULT_RAIL: RailKey = 'nemkonto'

export function railRow(rail: string): RailRow {
  const row = RAILS.find((one) => one.rail === rail)
  assert(row !== undefined, `no rail is called ${rail}`)
  return row
}
