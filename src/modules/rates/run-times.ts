/**
 * What time does to payment runs: when a rail must have the file, what happens to a run that still waits then, whose it
 * is before that, and when an answer is late. Pure: the time that is asked about is an argument. @da skæringstidspunkt
 */
import { addMinutes, danishInstant, inDenmark, isAfter, minuteOf } from '../../base/danish-time.ts'
import { type Day, firstOfNextMonth } from '../../base/date.ts'
import type { Municipality } from '../../base/id.ts'
import type { RateReader } from './book.ts'
import {
  addBankDays,
  bankDayOnOrAfter,
  bankDayOnOrBefore,
  type ExtraClosingDays,
  isBankDay,
  lastBankDayOfMonth,
  nextBankDay,
  previousBankDay,
} from './calendar.ts'
import type { LocalRule, LocalRules } from './local-rules.ts'
import { type RailKey, railRow } from './rails.ts'

/**
 * What becomes of a run that is not released at its cut-off. `wait`: nothing, a person must; `next_bank_day`: it is
 * paid on the first bank day that it can still reach; `when_clean`: shortly before, it is let go when nothing was found
 * and one person would have been enough; what is then left waits.
 */
export type AtCutOff = 'wait' | 'next_bank_day' | 'when_clean'
export const AT_CUT_OFF: readonly AtCutOff[] = ['wait', 'next_bank_day', 'when_clean']

/** Hours before the cut-off at which `when_clean` acts. Assumed. */
const CLEAN_HOURS = 2

/** When offices are open, by a Danish clock on bank days. Assumed: each municipality has its own. @da åbningstid */
const OPENING_HOURS = { from: '08:00', to: '16:00' } as const

/** The latest rule of a kind that applies on a day; `also` narrows it. */
function latest(
  { rules }: LocalRules,
  kind: LocalRule['kind'],
  on: Day,
  also: (rule: LocalRule) => boolean = () => true,
): LocalRule | undefined {
  let found: LocalRule | undefined
  for (const rule of rules) {
    if (rule.kind !== kind || rule.validFrom > on || !also(rule)) continue
    if (found === undefined || rule.validFrom >= found.validFrom) found = rule
  }
  return found
}

/** How long before the disposition date a rail must have the file: the municipality's own rule, else the rail's. */
export function cutOffRule(
  rail: RailKey,
  disposition: Day,
  rules: LocalRules,
): { readonly bankDaysBefore: number; readonly time: string; readonly told: boolean; readonly assumed: boolean } {
  const rule = latest(rules, 'cut_off', disposition, (one) => one.rail === rail)
  if (rule === undefined) return { ...railRow(rail).cutOff, told: false, assumed: railRow(rail).assumed }
  return { bankDaysBefore: rule.bankDays ?? 0, time: rule.clock ?? '', told: true, assumed: false }
}

/**
 * The last instant at which a rail takes a file for a disposition date. Counted in bank days and told by a Danish
 * clock: so it stands still for people when summer time comes and goes.
 */
export function cutOff(rail: RailKey, disposition: Day, rules: LocalRules, extra?: ExtraClosingDays): string {
  const { bankDaysBefore, time } = cutOffRule(rail, disposition, rules)
  const day =
    bankDaysBefore === 0 ? bankDayOnOrBefore(disposition, extra) : addBankDays(disposition, -bankDaysBefore, extra)
  return danishInstant(day, time)
}

/** The last instant at which a rail takes what waits for no ordinary run: on the day itself, where it can. */
export function acuteCutOff(rail: RailKey, disposition: Day, rules: LocalRules, extra?: ExtraClosingDays): string {
  const { sameDayBefore } = railRow(rail)
  return sameDayBefore === '' ? cutOff(rail, disposition, rules, extra) : danishInstant(disposition, sameDayBefore)
}

/** The same bank day where the rail can and it is early enough; else the first that it can. @da akut udbetaling */
export function acuteDay(at: string, rail: RailKey, rules: LocalRules, closed?: ExtraClosingDays): Day {
  let day = bankDayOnOrAfter(inDenmark(at).day, closed)
  while (isAfter(at, acuteCutOff(rail, day, rules))) day = nextBankDay(day, closed)
  return day
}

/** The first bank day after a disposition date whose cut-off is not passed. */
export function nextReachable(
  rail: RailKey,
  disposition: Day,
  at: string,
  rules: LocalRules,
  closed?: ExtraClosingDays,
): Day {
  let day = nextBankDay(disposition, closed)
  while (isAfter(at, cutOff(rail, day, rules))) day = nextBankDay(day, closed)
  return day
}

/** What becomes of a run at its cut-off, and from when `when_clean` acts. Without a rule it waits for a person. */
export function atCutOff(
  disposition: Day,
  rules: LocalRules,
): { readonly treatment: AtCutOff; readonly hours: number; readonly told: boolean } {
  const rule = latest(rules, 'at_cut_off', disposition)
  if (rule === undefined) return { treatment: 'wait', hours: CLEAN_HOURS, told: false }
  return { treatment: rule.treatment as AtCutOff, hours: rule.hours || CLEAN_HOURS, told: true }
}

/** How near its cut-off a run is. */
export type BeforeCutOff = 'before' | 'near' | 'passed'

export function nearCutOff(at: string, cutOffAt: string, hours: number): BeforeCutOff {
  if (isAfter(at, cutOffAt)) return 'passed'
  return isAfter(addMinutes(cutOffAt, -60 * hours), at) ? 'before' : 'near'
}

/** Danish clock by which a month's oversight is to be signed, on the last bank day of the month after it; assumed. */
const OVERSIGHT_CLOCK = '16:00'

/** By when the oversight of the month that begins on this day is to be signed: a business time. @da ledelsestilsyn */
export function oversightDeadline(month: Day): { readonly day: Day; readonly at: string } {
  const last = lastBankDayOfMonth(firstOfNextMonth(month))
  return { day: last, at: danishInstant(last, OVERSIGHT_CLOCK) }
}

/** Bank days to the approval of a day, and the Danish clock; assumed. */
const DAYS_TO_APPROVE = 3
const APPROVAL_CLOCK = '16:00'

/** By when a day of payments is to be approved, where days are: a business time. @da godkendt dag */
export function dayDeadline(paidOn: Day): { readonly day: Day; readonly at: string } {
  const last = addBankDays(paidOn, DAYS_TO_APPROVE)
  return { day: last, at: danishInstant(last, APPROVAL_CLOCK) }
}

/** From so many hours before the cut-off a run that waits is this owner's. @da eskalering */
export interface EscalationLevel {
  readonly hours: number
  readonly owner: string
}

/** The levels that apply to a disposition date, the earliest first; of the same hours the newest rule counts. */
export function escalationLevels(disposition: Day, { rules }: LocalRules): EscalationLevel[] {
  const byHours = new Map<number, LocalRule>()
  for (const rule of rules) {
    if (rule.kind !== 'escalation' || rule.validFrom > disposition) continue
    const other = byHours.get(rule.hours ?? 0)
    if (other === undefined || rule.validFrom >= other.validFrom) byHours.set(rule.hours ?? 0, rule)
  }
  return [...byHours].map(([hours, rule]) => ({ hours, owner: rule.owner ?? '' })).sort((a, b) => b.hours - a.hours)
}

/** Whose a waiting run is at a time: 0 and no owner before the first level. */
export function levelAt(
  at: string,
  cutOffAt: string,
  levels: readonly EscalationLevel[],
): { readonly level: number; readonly owner: string | undefined } {
  const level = levels.filter(({ hours }) => nearCutOff(at, cutOffAt, hours) !== 'before').length
  return { level, owner: levels[level - 1]?.owner }
}

/** The municipality's closing days beside those of the banks, by its own rules and by the book; undefined: none. */
export function closedDays(
  rates: RateReader | undefined,
  rules: LocalRules,
  municipality: Municipality,
): ExtraClosingDays | undefined {
  const own = rules.rules.filter((rule) => rule.kind === 'closing_day').map((rule) => rule.validFrom)
  const known = rates?.closedIn(municipality)
  return own.length === 0 ? known : new Set([...(known ?? []), ...own])
}

/**
 * What was sent at this instant or before, and is to be answered within so many hours, is late at a time: an alarm goes
 * off in opening hours alone, and stays until the answer comes.
 */
export function lateBefore(at: string, hours: number): string {
  return addMinutes(lastOpen(at), -60 * hours)
}

/** The last instant up to a time at which offices were open: the time itself in opening hours. */
function lastOpen(at: string): string {
  const { day, minute } = inDenmark(at)
  const [from, to] = [minuteOf(OPENING_HOURS.from), minuteOf(OPENING_HOURS.to)]
  if (isBankDay(day) && minute >= from && minute < to) return at
  const last = isBankDay(day) && minute >= to ? day : previousBankDay(day)
  return danishInstant(last, OPENING_HOURS.to)
}
