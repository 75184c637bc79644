/**
 * The dates of one month: when which system pays, and for which period. Bank closing days by the rule of Danish
 * closing days (Nationalbanken's lists of 2026 and 2027 agree with it).
 */
import { MONTH_NAMES } from '../../../base/danish-time.ts'
import type { Day, Period } from '../../../base/date.ts'
import { addDays, civil, dayOf, firstOfMonth, firstOfNextMonth, mondayOf, weekday } from '../../../base/date.ts'

/** Easter Sunday in the Gregorian calendar (Meeus). */
export function easter(year: number): Day {
  const a = year % 19
  const b = Math.floor(year / 100)
  const c = year % 100
  const d = Math.floor(b / 4)
  const g = Math.floor((8 * b + 13) / 25)
  const h = (19 * a + b - d - g + 15) % 30
  const l = (32 + 2 * (b % 4) + 2 * Math.floor(c / 4) - h - (c % 4)) % 7
  const m = Math.floor((a + 11 * h + 19 * l) / 433)
  const month = Math.floor((h + l - 7 * m + 90) / 25)
  return dayOf(year, month, (h + l - 7 * m + 33 * month + 19) % 32)
}

/** Days from Easter Sunday: Maundy Thursday … Whit Monday, and the bank's own day after Ascension. */
const AROUND_EASTER = [-3, -2, 0, 1, 39, 40, 49, 50]

export function isBankDay(value: Day): boolean {
  if (weekday(value) > 5) return false
  const { year, month, day } = civil(value)
  if ((month === 1 && day === 1) || (month === 6 && day === 5)) return false
  if (month === 12 && (day === 31 || (day >= 24 && day <= 26))) return false
  const fromEaster = value - easter(year)
  return !AROUND_EASTER.includes(fromEaster) && !(year <= 2023 && fromEaster === 26)
}

export function bankDayOnOrBefore(value: Day): Day {
  let found = value
  while (!isBankDay(found)) found = addDays(found, -1)
  return found
}

function lastThursday(month: Period): Day {
  let found = addDays(month.to, -1)
  while (weekday(found) !== 4) found = addDays(found, -1)
  return found
}

/** ISO week number of a day. */
export function isoWeek(value: Day): number {
  const thursday = addDays(mondayOf(value), 3)
  return Math.floor((thursday - dayOf(civil(thursday).year, 1, 1)) / 7) + 1
}

export interface Round {
  readonly disposition: Day
  /** The Monday that each week of the round starts on. */
  readonly weeks: readonly Day[]
}

export interface MonthDates {
  readonly month: Period
  readonly year: number
  /** `2026-03`. */
  readonly text: string
  readonly nameDa: string
  readonly lastBankDay: Day
  /** One-off benefits (enkeltydelser) are paid on these. */
  readonly oneOff: readonly Day[]
  /** Sygedagpenge to citizens: 4 or 5 weeks. */
  readonly citizens: Round
  /** Refunds to employers: fortnightly, two rounds. */
  readonly employers: readonly [Round, Round]
  readonly pensions: readonly Day[]
}

function mondays(from: Day, to: Day): Day[] {
  const found: Day[] = []
  for (let monday = from; monday < to; monday = addDays(monday, 7)) found.push(monday)
  return found
}

/** The pattern is a municipal payment calendar's: sygedagpenge on Thursdays, the week before the last Monday closed. */
export function monthDates(month: Period): MonthDates {
  const { year, month: number } = civil(month.from)
  const before = firstOfMonth(addDays(month.from, -1))
  const thursday = lastThursday(month)
  const closed = addDays(thursday, -3)
  const opened = addDays(lastThursday({ from: before, to: firstOfNextMonth(before) }), -3)
  const on = (day: number) => bankDayOnOrBefore(dayOf(year, number, day))
  const lastBankDay = bankDayOnOrBefore(addDays(month.to, -1))
  const middle = addDays(closed, -14)
  return {
    month,
    year,
    text: `${String(year).padStart(4, '0')}-${String(number).padStart(2, '0')}`,
    nameDa: MONTH_NAMES[number - 1] as string,
    lastBankDay,
    oneOff: [on(6), on(13), on(20), on(27)],
    citizens: { disposition: bankDayOnOrBefore(thursday), weeks: mondays(opened, closed) },
    employers: [
      { disposition: bankDayOnOrBefore(addDays(thursday, -14)), weeks: mondays(opened, middle) },
      { disposition: bankDayOnOrBefore(thursday), weeks: mondays(middle, closed) },
    ],
    pensions: [on(10), on(20), lastBankDay],
  }
}
