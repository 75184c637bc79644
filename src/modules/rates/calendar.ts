/**
 * The Danish bank calendar, reckoned from a rule and therefore without an end. Closed are Saturdays and Sundays, the
 * church holidays, the day after Ascension, 5 June, 24–26 and 31 December, 1 January, and, through 2023, the fourth
 * Friday after Easter. Source: Danmarks Nationalbank, banklukkedage (2026 and 2027 are tests); lov nr. 214/2023.
 */
import { type Day, addDays, civil, dayOf, firstOfMonth, firstOfNextMonth, weekday } from '../../base/date.ts'

/** Days that are closed on top of the rule: a municipality's own, or those of the rate book. */
export type ExtraClosingDays = ReadonlySet<Day>

/** Days from Easter Sunday: Maundy Thursday … Whit Monday. The day after Ascension is the bank's own. */
const FROM_EASTER = [-3, -2, 0, 1, 39, 40, 49, 50]
const GREAT_PRAYER_DAY = 26
const LAST_YEAR_WITH_GREAT_PRAYER_DAY = 2023
/** Month and day. */
const FIXED = [
  [1, 1],
  [6, 5],
  [12, 24],
  [12, 25],
  [12, 26],
  [12, 31],
] as const

/** Easter Sunday of a year in the Gregorian calendar (Meeus, Jones, Butcher). @da påskedag */
export function easter(year: number): Day {
  const a = year % 19
  const b = Math.floor(year / 100)
  const c = year % 100
  const f = Math.floor((b + 8) / 25)
  const g = Math.floor((b - f + 1) / 3)
  const h = (19 * a + b - Math.floor(b / 4) - g + 15) % 30
  const l = (32 + 2 * (b % 4) + 2 * Math.floor(c / 4) - h - (c % 4)) % 7
  const m = Math.floor((a + 11 * h + 22 * l) / 451)
  const n = h + l - 7 * m + 114
  return dayOf(year, Math.floor(n / 31), (n % 31) + 1)
}

const closedByYear = new Map<number, ReadonlySet<Day>>()

/** The closing days of a year that follow from the rule, also those on a weekend. @da banklukkedage */
export function closingDays(year: number): ReadonlySet<Day> {
  const known = closedByYear.get(year)
  if (known !== undefined) return known
  const days = new Set<Day>()
  const sunday = easter(year)
  for (const distance of FROM_EASTER) days.add(addDays(sunday, distance))
  if (year <= LAST_YEAR_WITH_GREAT_PRAYER_DAY) days.add(addDays(sunday, GREAT_PRAYER_DAY))
  for (const [month, date] of FIXED) days.add(dayOf(year, month, date))
  closedByYear.set(year, days)
  return days
}

/** @da bankdag */
export function isBankDay(value: Day, extra?: ExtraClosingDays): boolean {
  if (weekday(value) > 5) return false
  if (extra?.has(value) === true) return false
  return !closingDays(civil(value).year).has(value)
}

/** The first bank day after a day; the day itself never counts. */
export function nextBankDay(value: Day, extra?: ExtraClosingDays): Day {
  return bankDayOnOrAfter(addDays(value, 1), extra)
}

/** The last bank day before a day; the day itself never counts. */
export function previousBankDay(value: Day, extra?: ExtraClosingDays): Day {
  return bankDayOnOrBefore(addDays(value, -1), extra)
}

export function bankDayOnOrAfter(value: Day, extra?: ExtraClosingDays): Day {
  let candidate = value
  while (!isBankDay(candidate, extra)) candidate = addDays(candidate, 1)
  return candidate
}

export function bankDayOnOrBefore(value: Day, extra?: ExtraClosingDays): Day {
  let candidate = value
  while (!isBankDay(candidate, extra)) candidate = addDays(candidate, -1)
  return candidate
}

/** The last bank day of the month that a day lies in. @da sidste bankdag i måneden */
export function lastBankDayOfMonth(value: Day, extra?: ExtraClosingDays): Day {
  return previousBankDay(firstOfNextMonth(value), extra)
}

/**
 * The day on which what is due on a day is paid: the day itself, when the banks are open and the municipality pays out.
 * Else the bank day before, so that the money is there in time; the first one after, when that is before `earliest` or
 * in another month: by the month it is taxed and told, and what is due on 1 January is no income of the year before.
 */
export function openPayDay(due: Day, earliest: Day, extra?: ExtraClosingDays): Day {
  if (isBankDay(due, extra)) return due
  const before = previousBankDay(due, extra)
  return before >= earliest && before >= firstOfMonth(due) ? before : nextBankDay(due, extra)
}

/**
 * So many bank days later (or earlier, when negative). Zero gives the day itself, or the next bank day if it is
 * closed.
 */
export function addBankDays(value: Day, count: number, extra?: ExtraClosingDays): Day {
  if (count === 0) return bankDayOnOrAfter(value, extra)
  let at = value
  for (let i = 0; i < Math.abs(count); i++) at = count > 0 ? nextBankDay(at, extra) : previousBankDay(at, extra)
  return at
}
