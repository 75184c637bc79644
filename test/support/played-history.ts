/** The histories of a municipality while they are played. */
import { isDeepStrictEqual } from 'node:util'
import type { Municipality, PaymentId } from '../../src/base/id.ts'
import type { Line } from '../../src/entry/line/line.ts'
import type { Arranged } from './arrange-history.ts'
import type { Dice } from './dice.ts'
import type { History } from './drawn-decision.ts'
import type { OrderRecord } from './files.ts'
import type { Model, Small } from './history-stands.ts'
import type { TestLine } from './line.ts'

/** What a year of a municipality has beside corrections: drawn, so that each is seen and none costs them all. */
export interface Ways {
  /** Files of the rail and the bank come twice, late and in another order. */
  readonly disorder: boolean
  /** At the end of the year the events are held against the books: they are many. */
  readonly heard: boolean
  /** Two persons enter whom citizens' money is paid to instead, and end it. */
  readonly arranged: boolean
  /** An old system paid before the first month, as far as it is told. */
  readonly takenOver: boolean
  /** Months that a person must see who wants older ones changed; 0: none. */
  readonly lookBack: number
  /** Persons die and companies close, and nobody lets their orders go at once. */
  readonly stopped: boolean
  /** What came back is paid again by a person. */
  readonly again: boolean
  /** What is done with small differences. */
  readonly small: Small | undefined
}

export function waysOf(roll: Dice): Ways {
  const [disorder, arranged, takenOver, limited] = [roll(2), roll(2), roll(2), roll(3)].map((one) => one === 0)
  const limit = [10_000, 50_000, 200_000][roll(3)] as number
  const small = roll(2) === 0 ? undefined : { limit, treatment: (['gather', 'suppress'] as const)[roll(2) as 0 | 1] }
  const again = roll(2) === 0
  return {
    again,
    small,
    stopped: roll(2) === 0,
    heard: roll(3) === 0,
    disorder: disorder === true,
    arranged: arranged === true,
    takenOver: takenOver === true,
    lookBack: limited === true ? 3 + roll(5) : 0,
  }
}

/** The histories of a municipality; `seed` is that of the first, the next ones follow it. */
export interface Played {
  readonly seed: number
  readonly code: Municipality
  readonly ways: Ways
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
  /** Facts about persons and companies in force: who, and which versions of orders (`KY-1 2`) a person let go since. */
  readonly events: { readonly who: string; readonly event: string; readonly letGo: Set<string> }[]
  /** Payee arrangements that were entered. */
  readonly arranged: Arranged[]
  /** Payments that were looked at, by municipality: up to this one. */
  readonly seenPayments: Map<Municipality, number>
  /** What was found wrong; then it is played no further. */
  readonly faults: string[]
  /** For what is drawn of the play itself, so that it changes no history. */
  readonly roll: Dice
  /** For what is paid again, so that it changes nothing else that is drawn. */
  readonly again: Dice
  /** Payments of which nothing is left to be paid again. */
  readonly nothingLeft: Map<Municipality, Set<PaymentId>>
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
