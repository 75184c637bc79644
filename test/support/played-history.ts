/** The histories of a municipality while they are played. */
import { isDeepStrictEqual } from 'node:util'
import type { Municipality } from '../../src/base/id.ts'
import type { Line } from '../../src/entry/line/line.ts'
import type { Dice } from './dice.ts'
import type { OrderRecord } from './files.ts'
import type { Model } from './history-stands.ts'
import type { TestLine } from './line.ts'
import type { History } from './random-history.ts'

/** The histories of a municipality; `seed` is that of the first, the next ones follow it. */
export interface Played {
  readonly seed: number
  readonly code: Municipality
  readonly histories: readonly History[]
  readonly model: Model
  /** Lives the same, with the files of each month in another order. */
  readonly twin: Municipality | undefined
  /** Every version that was told, for whoever looks into a failure. */
  readonly told: string[]
  /** Files that came, and those of the twin. */
  readonly files: string[]
  readonly twinFiles: string[]
  /** The newest of each order in full, and how each version was said: in full, or as a movement. */
  readonly records: { readonly newest: Map<string, OrderRecord>; readonly said: Map<string, OrderRecord> }
  /** What was found wrong; then it is played no further. */
  readonly faults: string[]
  /** For what is drawn of the play itself, so that it changes no history. */
  readonly roll: Dice
}

export function textOfCode(code: Municipality): string {
  return String(code).padStart(4, '0')
}

export function doer(line: TestLine): Line {
  return { connection: line.loader, rates: line.rates, folders: { out: '', in: '' }, at: line.at }
}

/** Notes what is not as it should be, with what was told of the order. */
export function same(play: Played, what: string, order: string, actual: unknown, expected: unknown): void {
  if (isDeepStrictEqual(actual, expected)) return
  const told = play.told.filter((one) => one.includes(`"${order}"`)).join('\n  ')
  const sides = `is ${JSON.stringify(actual)}\n  not ${JSON.stringify(expected)}`
  play.faults.push(`${what} of ${order}: ${sides}\n  ${told}`)
}
