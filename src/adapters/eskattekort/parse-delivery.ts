/** A delivery of eSkattekort → tax cards, as the door takes them. Never throws. */
import { ANSWERS, CARD, END, type Field, RECORD, RECORD_TYPE, START } from './layout.ts'

/** A fact record of the door (`tax_card`) without its municipality, or why the line cannot be read. */
export type CardLine =
  | {
      readonly line: number
      readonly record: Readonly<Record<string, string | number>>
      readonly problem?: undefined
    }
  | { readonly line: number; readonly problem: CardProblem; readonly record?: undefined }

export type CardProblem = 'record_unknown' | 'line_short' | 'code_unknown' | 'number_unreadable' | 'date_unreadable'

export interface CardDelivery {
  readonly torn: 'no_head' | 'no_tail' | 'count_differs' | undefined
  /** Read as they are asked for: a file may have many. */
  readonly lines: Iterable<CardLine>
}

export function parseCardDelivery(text: string): CardDelivery {
  const rows = text.split(/\r?\n/)
  while (rows.at(-1)?.trim() === '') rows.pop()
  const [head = '', tail = ''] = [rows[0], rows.at(-1)]
  if (cut(head, RECORD_TYPE) !== RECORD.start) return { torn: 'no_head', lines: [] }
  if (rows.length < 2 || cut(tail, RECORD_TYPE) !== RECORD.end) return { torn: 'no_tail', lines: [] }
  if (Number(cut(tail, END.lines)) !== rows.length - 2) return { torn: 'count_differs', lines: [] }
  const delivery = numberOf(head, START.delivery) ?? 0
  return { torn: undefined, lines: linesOf(rows, delivery) }
}

function* linesOf(rows: readonly string[], delivery: number): Generator<CardLine> {
  for (let i = 1; i < rows.length - 1; i++) yield parseCard(rows[i] as string, i + 1, delivery)
}

/** Deliveries that a serial of a card is followed by in one number. */
const DELIVERIES = 10 ** 8

function parseCard(row: string, line: number, delivery: number): CardLine {
  if (cut(row, RECORD_TYPE) !== RECORD.card) return { line, problem: 'record_unknown' }
  if (row.length < CARD.frikort[0] - 1 + CARD.frikort[1]) return { line, problem: 'line_short' }
  const answer = ANSWERS[cut(row, CARD.answer)]
  if (answer === undefined) return { line, problem: 'code_unknown' }
  const numbers = [CARD.serial, CARD.year, answer.section17 ? CARD.rate17 : CARD.rate, CARD.month, CARD.week, CARD.day]
  const [serial, year, rate, month, week, day] = numbers.map((field) => numberOf(row, field))
  const frikort = numberOf(row, CARD.frikort)
  if (serial === undefined || rate === undefined || month === undefined || week === undefined || day === undefined) {
    return { line, problem: 'number_unreadable' }
  }
  if (frikort === undefined) return { line, problem: 'number_unreadable' }
  const from = /^(\d{4})(\d{2})(\d{2})$/.exec(cut(row, CARD.from))
  if (from === null || year === undefined) return { line, problem: 'date_unreadable' }
  const record = {
    record: 'tax_card',
    cpr: cut(row, CARD.cpr).trim(),
    se: cut(row, CARD.se).trim(),
    card: answer.card,
    rate_percent: rate / 100,
    allowance_month_ore: month * 100,
    allowance_week_ore: week * 100,
    allowance_day_ore: day * 100,
    frikort_left_ore: frikort * 100,
    valid_from: `${from[1]}-${from[2]}-${from[3]}`,
    // A card is valid within its tax year.
    valid_to: `${year + 1}-01-01`,
    serial: serial * DELIVERIES + delivery,
  }
  return { line, record }
}

function cut(row: string, [at, length]: Field): string {
  return row.slice(at - 1, at - 1 + length)
}

function numberOf(row: string, field: Field): number | undefined {
  const text = cut(row, field)
  return /^\d+$/.test(text) ? Number(text) : undefined
}
