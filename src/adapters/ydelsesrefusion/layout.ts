/**
 * The basis for Ydelsesrefusion as data. No public layout exists: the whole table is assumed, and a row is what the
 * ladder needs (one person, one benefit, one touched calendar week; kommunefinansieringsloven § 5).
 */
export const COLUMNS = [
  { name: 'kommune', content: 'municipality code, 4 digits', assumed: true },
  { name: 'person', content: 'CPR of the person whose week it is; the employee on an employer refund', assumed: true },
  { name: 'ydelse', content: 'key of the benefit', assumed: true },
  { name: 'ydelsesnavn', content: 'name of the benefit', assumed: true },
  { name: 'uge', content: 'ISO week, 2026-W01', assumed: true },
  { name: 'ugestart', content: 'Monday of the week', assumed: true },
  { name: 'dage', content: 'days of the week that are paid for, 1–7', assumed: true },
  { name: 'brutto_oere', content: 'gross of the week in whole øre', assumed: true },
] as const

export const SEPARATOR = ';'
export const LINE_END = '\r\n'
