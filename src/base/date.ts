/**
 * A date is a count of days since 1970-01-01 in a branded number: no clock, no time zone, cheap to compare and to
 * store. Periods are half-open: `from` is in, `to` is out.
 */
import { assert } from './assert.ts'

declare const dayBrand: unique symbol
/** Days since 1970-01-01. @da dato */
export type Day = number & { readonly [dayBrand]: true }

/** Half-open: from ≤ day < to. */
export interface Period {
  readonly from: Day
  readonly to: Day
}

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

function isLeap(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
}

export function daysInMonth(year: number, month: number): number {
  return month === 2 && isLeap(year) ? 29 : (MONTH_DAYS[month - 1] as number)
}

/** The day of a Gregorian date; the date must exist. */
export function dayOf(year: number, month: number, day: number): Day {
  // Days from civil, in whole numbers: the year starts in March, so that the leap day is its last.
  const y = month <= 2 ? year - 1 : year
  const era = Math.floor(y / 400)
  const yearOfEra = y - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return (era * 146097 + dayOfEra - 719468) as Day
}

/** `YYYY-MM-DD` → Day; undefined when the text is not a date that exists. */
export function parseDay(text: string): Day | undefined {
  if (text.length !== 10 || text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45) return undefined
  const year = digits(text, 0, 4)
  const month = digits(text, 5, 7)
  const day = digits(text, 8, 10)
  if (year < 0 || month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined
  return dayOf(year, month, day)
}

function digits(text: string, from: number, to: number): number {
  let value = 0
  for (let i = from; i < to; i++) {
    const digit = text.charCodeAt(i) - 48
    if (digit < 0 || digit > 9) return -1
    value = value * 10 + digit
  }
  return value
}

/** For constants in code and tests: `day('2026-03-31')`. */
export function day(text: string): Day {
  const parsed = parseDay(text)
  assert(parsed !== undefined, `not a date: ${text}`)
  return parsed
}

export function civil(value: Day): { year: number; month: number; day: number } {
  const z = value + 719468
  const era = Math.floor(z / 146097)
  const dayOfEra = z - era * 146097
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36524) - Math.floor(dayOfEra / 146096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const shifted = Math.floor((5 * dayOfYear + 2) / 153)
  const month = shifted < 10 ? shifted + 3 : shifted - 9
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1,
  }
}

const formatted = new Map<number, string>()

/** Day → `YYYY-MM-DD`. */
export function formatDay(value: Day): string {
  const known = formatted.get(value)
  if (known !== undefined) return known
  const { year, month, day: d } = civil(value)
  const text = `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(d).padStart(2, '0')}`
  if (formatted.size < 100_000) formatted.set(value, text)
  return text
}

export function addDays(value: Day, days: number): Day {
  return (value + days) as Day
}

/** 1 = Monday … 7 = Sunday. */
export function weekday(value: Day): number {
  return ((((value + 3) % 7) + 7) % 7) + 1
}

/** The Monday of the calendar week (ISO week) that a day lies in. */
export function mondayOf(value: Day): Day {
  return (value - (weekday(value) - 1)) as Day
}

export function overlaps(a: Period, b: Period): boolean {
  return a.from < b.to && b.from < a.to
}

export function overlapDays(a: Period, b: Period): number {
  return Math.max(0, Math.min(a.to, b.to) - Math.max(a.from, b.from))
}

/** `2026-03` → the month as a period; undefined when it is not a month. */
export function parseMonth(text: string): Period | undefined {
  const from = /^\d{4}-\d{2}$/.test(text) ? parseDay(`${text}-01`) : undefined
  return from === undefined ? undefined : { from, to: firstOfNextMonth(from) }
}

export function firstOfMonth(value: Day): Day {
  const { year, month } = civil(value)
  return dayOf(year, month, 1)
}

export function firstOfNextMonth(value: Day): Day {
  const { year, month } = civil(value)
  return month === 12 ? dayOf(year + 1, 1, 1) : dayOf(year, month + 1, 1)
}

/** The month that a day is in. */
export function monthOf(value: Day): Period {
  return { from: firstOfMonth(value), to: firstOfNextMonth(value) }
}

export function formatMonth(value: Day): string {
  return formatDay(value).slice(0, 7)
}
