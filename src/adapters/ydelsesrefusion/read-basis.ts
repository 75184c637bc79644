/** Reads a basis as it was written: what is told of each person and benefit. */
import { COLUMNS, LINE_END, SEPARATOR } from './layout.ts'

export interface ToldWeek {
  /** CPR: digits. */
  readonly person: string
  /** Its key. */
  readonly benefit: string
  /** Øre; below zero when it takes back. */
  readonly ore: number
}

/** Every week of a basis, in its order. */
export function* readBasis(basis: string): Generator<ToldWeek, void, undefined> {
  const at = (name: (typeof COLUMNS)[number]['name']) => COLUMNS.findIndex((one) => one.name === name)
  const [person, benefit] = [at('person'), at('ydelse')]
  for (const line of basis.split(LINE_END).slice(1)) {
    if (line === '') continue
    const cells = line.split(SEPARATOR)
    // The name may hold a separator in quotes: the amount is the last.
    yield { person: cells[person] ?? '', benefit: cells[benefit] ?? '', ore: Number(cells.at(-1)) }
  }
}
