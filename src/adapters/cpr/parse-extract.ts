/** An extract of changes from CPR → party events, as the door takes them. Never throws. */
import {
  END,
  type Field,
  NAME_PROTECTION,
  PASSED_OVER,
  PERSON,
  PNR,
  PROTECTION,
  RECORD,
  RECORD_TYPE,
  START,
  STATUS,
} from './layout.ts'

/** A fact record of the door (`party_event`), or why the line cannot be read. Lines count from 1. */
export type CprLine =
  | { readonly line: number; readonly record: Readonly<Record<string, string>>; readonly problem?: undefined }
  | { readonly line: number; readonly problem: CprProblem; readonly record?: undefined }

export type CprProblem = 'record_unknown' | 'line_short' | 'code_unknown' | 'date_unreadable'

export interface CprExtract {
  /** Why nothing of the file may be taken: it has no head, or is cut off. */
  readonly torn: 'no_head' | 'no_tail' | 'count_differs' | undefined
  /** Read as they are asked for: a file may have many. */
  readonly lines: Iterable<CprLine>
}

export function parseCprExtract(text: string): CprExtract {
  const rows = text.split(/\r?\n/)
  while (rows.at(-1)?.trim() === '') rows.pop()
  const [head = '', tail = ''] = [rows[0], rows.at(-1)]
  const produced = dayOf(cut(head, START.produced)) ?? ''
  const torn = tornBy(head, tail, rows.length)
  if (torn !== undefined) return { torn, lines: [] }
  return { torn, lines: linesOf(rows, produced) }
}

function* linesOf(rows: readonly string[], produced: string): Generator<CprLine> {
  for (let i = 1; i < rows.length - 1; i++) {
    const line = parseLine(rows[i] as string, i + 1, produced)
    if (line !== undefined) yield line
  }
}

function tornBy(head: string, tail: string, rows: number): CprExtract['torn'] {
  if (cut(head, RECORD_TYPE) !== RECORD.start) return 'no_head'
  if (rows < 2 || cut(tail, RECORD_TYPE) !== RECORD.end) return 'no_tail'
  return Number(cut(tail, END.lines)) === rows - 2 ? undefined : 'count_differs'
}

function parseLine(row: string, line: number, produced: string): CprLine | undefined {
  const type = cut(row, RECORD_TYPE)
  switch (type) {
    case RECORD.person: {
      const status = cut(row, PERSON.status)
      if (status.length < PERSON.status[1]) return { line, problem: 'line_short' }
      const event = STATUS[status]
      if (event === undefined) return { line, problem: 'code_unknown' }
      if (event === null) return undefined
      // A death without a known day stops payments from the first day that it can have been.
      return eventOf(line, row, event, dayOf(cut(row, PERSON.since)) ?? produced)
    }
    case RECORD.protection: {
      if (cut(row, PROTECTION.type) !== NAME_PROTECTION) return undefined
      return eventOf(line, row, 'name_protection', dayOf(cut(row, PROTECTION.from).replaceAll('-', '')) ?? produced)
    }
    default:
      return PASSED_OVER.test(type) ? undefined : { line, problem: 'record_unknown' }
  }
}

function eventOf(line: number, row: string, event: string, date: string): CprLine {
  if (date === '') return { line, problem: 'date_unreadable' }
  // Whether the number is one is asked at the door.
  return { line, record: { record: 'party_event', cpr: cut(row, PNR).trim(), event, date } }
}

function cut(row: string, [at, length]: Field): string {
  return row.slice(at - 1, at - 1 + length)
}

/** `20260312…` → `2026-03-12`; a month or day of zeros is the first. Undefined when there is no year. */
function dayOf(digits: string): string | undefined {
  const match = /^(\d{4})(\d{2})(\d{2})/.exec(digits)
  if (match === null || match[1] === '0000') return undefined
  const [, year, month, day] = match
  return `${year}-${month === '00' ? '01' : month}-${month === '00' || day === '00' ? '01' : day}`
}
