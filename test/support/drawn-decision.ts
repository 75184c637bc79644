/** What random histories are drawn of: a decision, and how a version of it is told. */
import { addDays, type Day, day, firstOfNextMonth, formatDay } from '../../src/base/date.ts'
import type { SourceSystem } from '../../src/modules/orders/index.ts'
import { addBankDays, isBankDay } from '../../src/modules/rates/index.ts'
import type { Dice } from './dice.ts'
import {
  ADJUSTABLE,
  BENEFITS,
  type Content,
  type Key,
  monthText,
  type OpeningClaim,
  type Version,
} from './history-records.ts'

/** A decision as its source system has it. */
export interface Decision {
  readonly order: string
  readonly system: SourceSystem
  readonly beneficiary: string
  /** Whose right its lines are of. */
  readonly holders: readonly string[]
  readonly benefits: readonly string[]
  version: number
  content: Content
  /** What it said before, when that was something. */
  before: Content | undefined
  /** A version that was made and has not come yet. */
  missing: Version | undefined
}

/** Decisions about three citizens, beside others' in their municipality. */
export interface History {
  readonly roll: Dice
  readonly citizens: readonly string[]
  readonly claims: readonly OpeningClaim[]
  readonly facts: (municipality: string, se: string) => string
  readonly decisions: Decision[]
  /** Which decision speaks of a benefit of somebody in a month. */
  readonly taken: Map<string, string>
  /** Claims that are decided, by debtor. */
  readonly decided: Map<string, string[]>
  /** How often each kind of change was drawn. */
  readonly drawn: Map<string, number>
  next: number
}

/** Keys of orders and claims that a history may use. */
export const KEYS = 1_000

/** What is known of the books when versions are made. */
export interface Known {
  overpaid(system: SourceSystem, holder: string): readonly (Key & { readonly gross: number })[]
  isDecided(claim: string): boolean
}

export function amountOf(roll: Dice): number {
  if (roll(12) === 0) return 1 + roll(900)
  return roll(3) === 0 ? 1 + roll(1_500_000) : 100 * (1 + roll(16_000))
}

export function draw(history: History, what: string): void {
  history.drawn.set(what, (history.drawn.get(what) ?? 0) + 1)
}

/** Bank days of a month on which something is due: few, as each is a payment run of every municipality. */
export const DAYS = [2, 14]

/** Makes it the newest version. `past`: it may say a day that is gone. */
export function tell(history: History, decision: Decision, content: Content, now: number, past: boolean): Version {
  const { roll } = history
  const { order, system, beneficiary } = decision
  const month = past && roll(4) === 0 ? Math.max(0, now - 1 - roll(3)) : now
  const date = formatDay(addBankDays(day(`${monthText(month)}-01`), DAYS[roll(DAYS.length)] as number))
  if (!decision.content.withdrawn) decision.before = decision.content
  decision.content = content
  decision.version++
  const mayAdjust = decision.version > 1 && [...decision.benefits, 'kontanthjaelp'].every((one) => ADJUSTABLE.has(one))
  const instalments = mayAdjust && roll(4) === 0 ? 1 + roll(3) : undefined
  const said = saidFor(day(date), decision.version)
  if (said !== date) draw(history, 'the banks are closed')
  return { order, system, beneficiary, version: decision.version, again: 0, date, said, instalments, ...content }
}

/** What is paid on a day may be said for the day after, when the banks are closed on it. */
function saidFor(date: Day, version: number): string {
  const after = addDays(date, 1)
  const isSaid = version % 2 === 1 && !isBankDay(after) && after < firstOfNextMonth(date)
  return formatDay(isSaid ? after : date)
}

export function periodOf(benefit: string, month: number, half: 0 | 1 | 2, months = 1): Pick<Key, 'from' | 'to'> {
  const from = `${monthText(month)}-01`
  const daysOn = (days: number): string => formatDay(addDays(day(from), days))
  // Four whole weeks, so that what is reckoned by the week is.
  const weekly = BENEFITS[benefit]?.unit === 'hour'
  const [middle, to] = weekly ? [daysOn(14), daysOn(28)] : [daysOn(15), `${monthText(month + months)}-01`]
  if (half === 0) return { from, to }
  return half === 1 ? { from, to: middle } : { from: middle, to }
}
