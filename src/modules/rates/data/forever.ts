import { type Day, type Period, day } from '../../../base/date.ts'

/** The open end of a row that still applies. */
export const OPEN_END: Day = day('9999-12-31')

/** `from` is in, `to` is out; without `to` the row still applies. */
export function valid(from: string, to?: string): Period {
  return { from: day(from), to: to === undefined ? OPEN_END : day(to) }
}
