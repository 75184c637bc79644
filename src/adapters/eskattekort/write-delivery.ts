/** The other side of the delivery, for the fake. */
import { CARD, END, type Field, RECORD, RECORD_TYPE, START } from './layout.ts'

export interface CardTold {
  readonly se: string
  readonly cpr: string
  /** Answer type 0–7. */
  readonly answer: number
  /** eSkatløbenr. */
  readonly serial: number
  /** `YYYY-MM-DD`. */
  readonly from: string
  readonly ratePercent: number
  /** Whole kroner. */
  readonly month: number
  readonly week: number
  readonly day: number
  readonly frikort: number
}

export function writeCardDelivery(delivery: number, run: string, cards: readonly CardTold[]): string {
  const rows = [
    row([RECORD_TYPE, RECORD.start], [START.delivery, digits(delivery, 8)], [START.run, run.replaceAll('-', '')]),
    ...cards.map((card) =>
      row(
        [RECORD_TYPE, RECORD.card],
        [CARD.se, card.se],
        [CARD.cpr, card.cpr],
        [CARD.answer, String(card.answer)],
        [CARD.serial, digits(card.serial, 7)],
        [CARD.from, card.from.replaceAll('-', '')],
        [CARD.year, card.from.slice(0, 4)],
        [CARD.rate, digits(Math.round(card.ratePercent * 100), 4)],
        [CARD.rate17, digits(Math.round(card.ratePercent * 100), 4)],
        [CARD.month, digits(card.month, 7)],
        [CARD.week, digits(card.week, 7)],
        [CARD.day, digits(card.day, 7)],
        [CARD.frikort, digits(card.frikort, 8)],
      ),
    ),
    row([RECORD_TYPE, RECORD.end], [END.lines, digits(cards.length, 8)]),
  ]
  return `${rows.join('\n')}\n`
}

function digits(value: number, length: number): string {
  return String(value).padStart(length, '0')
}

function row(...cells: readonly (readonly [Field, string])[]): string {
  const end = Math.max(...cells.map(([[at, length]]) => at - 1 + length))
  const text = Array.from({ length: end }, () => ' ')
  for (const [[at, length], value] of cells) {
    for (let i = 0; i < length; i++) text[at - 1 + i] = value[i] ?? ' '
  }
  return text.join('')
}
