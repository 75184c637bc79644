/** The other side of the extract, for the fake: one line for each change. */
import { END, type Field, NAME_PROTECTION, PERSON, PNR, PROTECTION, RECORD, RECORD_TYPE, START } from './layout.ts'

export interface CprChange {
  readonly cpr: string
  readonly event: 'death' | 'missing' | 'name_protection' | 'restored'
  /** `YYYY-MM-DD`. */
  readonly date: string
}

const STATUS_OF = { death: '90', missing: '70', restored: '01' } as const

export function writeCprExtract(produced: string, changes: readonly CprChange[]): string {
  const rows = [
    row([RECORD_TYPE, RECORD.start], [START.task, '000000'], [START.produced, produced.replaceAll('-', '')]),
    ...changes.map((change) =>
      change.event === 'name_protection'
        ? row(
            [RECORD_TYPE, RECORD.protection],
            [PNR, change.cpr],
            [PROTECTION.type, NAME_PROTECTION],
            [PROTECTION.from, change.date],
          )
        : row(
            [RECORD_TYPE, RECORD.person],
            [PNR, change.cpr],
            [PERSON.status, STATUS_OF[change.event]],
            [PERSON.since, `${change.date.replaceAll('-', '')}0000`],
          ),
    ),
    row([RECORD_TYPE, RECORD.end], [END.lines, String(changes.length).padStart(8, '0')]),
  ]
  return `${rows.join('\n')}\n`
}

function row(...cells: readonly (readonly [Field, string])[]): string {
  const end = Math.max(...cells.map(([[at, length]]) => at - 1 + length))
  const text = Array.from({ length: end }, () => ' ')
  for (const [[at, length], value] of cells) {
    for (let i = 0; i < length; i++) text[at - 1 + i] = value[i] ?? ' '
  }
  return text.join('')
}
