/**
 * The fake's own calendar of bank days, so that it is a second opinion on ours.
 * Public: Danmarks Nationalbank's list of closing days (nationalbanken.dk), for 2024 and later.
 */
import { addDays, civil, type Day, dayOf, weekday } from '../../base/date.ts'

/** Easter Sunday by the Gregorian computus (Meeus, Jones, Butcher). */
function easter(year: number): Day {
  const a = year % 19
  const b = Math.floor(year / 100)
  const c = year % 100
  const h = (19 * a + b - Math.floor(b / 4) - Math.floor((b - Math.floor((b + 8) / 25) + 1) / 3) + 15) % 30
  const l = (32 + 2 * (b % 4) + 2 * Math.floor(c / 4) - h - (c % 4)) % 7
  const m = Math.floor((a + 11 * h + 22 * l) / 451)
  const number = h + l - 7 * m + 114
  return dayOf(year, Math.floor(number / 31), (number % 31) + 1)
}

/** Days from Easter Sunday: Thursday and Friday before, Monday, Ascension and the day after, Whit Monday. */
const AROUND_EASTER = new Set([-3, -2, 1, 39, 40, 50])
/** Month × 100 + day. */
const FIXED = new Set([101, 605, 1224, 1225, 1226, 1231])

export function isBankDay(date: Day): boolean {
  if (weekday(date) > 5) return false
  const { year, month, day } = civil(date)
  return !FIXED.has(month * 100 + day) && !AROUND_EASTER.has(date - easter(year))
}

/** The day itself when it is a bank day, otherwise the first one after it. */
export function bankDayFrom(date: Day): Day {
  let found = date
  while (!isBankDay(found)) found = addDays(found, 1)
  return found
}

export function nextBankDay(date: Day): Day {
  return bankDayFrom(addDays(date, 1))
}
