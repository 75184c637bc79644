/** Reads a report as it was written: what is told of each person, by month and field. */
import { type Field, LAYOUT, type RecordNo } from './layout.ts'
import { LINE_END } from './person-records.ts'

/** One amount of a person in a month of disposition. */
export interface ToldAmount {
  /** CPR, or SE of a company: digits. */
  readonly person: string
  /** `2026-03`. */
  readonly month: string
  /** One of FIELD_NUMBERS. */
  readonly field: string
  /** Øre; below zero when it takes back. */
  readonly ore: number
}

const NO_PERSON = /^0+$/

/** Every amount of a report, in its order. What is no record of the layout is passed over. */
export function* readReport(report: string): Generator<ToldAmount, void, undefined> {
  let [month, person] = ['', '']
  for (let at = 0; at < report.length; ) {
    const found = report.indexOf(LINE_END, at)
    const end = found < 0 ? report.length : found
    const line = report.slice(at, end)
    at = end + LINE_END.length
    const record = line.slice(7, 11)
    if (record === '5000') {
      const from = cell(line, 5000, 'Periode_start')
      month = `${from.slice(0, 4)}-${from.slice(4, 6)}`
    } else if (record === '6000') {
      const cpr = cell(line, 6000, 'Person_CPR')
      person = NO_PERSON.test(cpr) ? cell(line, 6000, 'Person_SE') : cpr
    } else if (record === '6001') {
      const ore = Number(cell(line, 6001, 'Kroner')) * 100 + Number(cell(line, 6001, 'Decimaler').slice(0, 2))
      const sign = cell(line, 6001, 'Fortegn') === '-' ? -1 : 1
      yield { person, month, field: cell(line, 6001, 'Felt_nr'), ore: ore * sign }
    }
  }
}

const places = new Map<string, Field>(
  Object.entries(LAYOUT).flatMap(([no, fields]) => fields.map((field) => [`${no} ${field.name}`, field] as const)),
)

function cell(line: string, record: RecordNo, name: string): string {
  const field = places.get(`${record} ${name}`)
  return field === undefined ? '' : line.slice(field.from - 1, field.from - 1 + field.length)
}
