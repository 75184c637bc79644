/**
 * Danish identifiers, as numbers that can be checked without asking a register. Pure; no number is stored or logged
 * here. Sources: the CPR office's note on numbers without a check digit (cpr.dk, 2007 and later) · the CPR office's
 * table of centuries by seventh digit · the weights of CVR and SE numbers as published by Erhvervsstyrelsen and
 * Skatteforvaltningen.
 */
import { assert } from '../../base/assert.ts'
import { civil, type Day, dayOf, daysInMonth } from '../../base/date.ts'

/** Why a text cannot be a CPR number at all. A missing check digit is no problem: see `cprPassesMod11`. */
export type CprProblem = 'not_ten_digits' | 'no_such_date'

/**
 * What makes a text impossible as a CPR number, or undefined. Replacement numbers carry the day of birth + 60
 * (the first digit + 6); they are accepted, because hospitals and registers issue them.
 */
export function cprProblem(id: string): CprProblem | undefined {
  if (!isDigits(id, 10)) return 'not_ten_digits'
  const written = pair(id, 0)
  const day = written > 60 ? written - 60 : written
  const month = pair(id, 2)
  if (month < 1 || month > 12 || day < 1) return 'no_such_date'
  if (day <= 28) return undefined
  return day > daysInMonth(birthYear(id), month) ? 'no_such_date' : undefined
}

/**
 * Whether the check digit holds (weights 4 3 2 7 6 5 4 3 2 1, sum divisible by 11). Numbers without it have been issued
 * since October 2007, so this may only ever be a warning. The text must be ten digits.
 */
export function cprPassesMod11(id: string): boolean {
  const sum =
    4 * digit(id, 0) +
    3 * digit(id, 1) +
    2 * digit(id, 2) +
    7 * digit(id, 3) +
    6 * digit(id, 4) +
    5 * digit(id, 5) +
    4 * digit(id, 6) +
    3 * digit(id, 7) +
    2 * digit(id, 8) +
    digit(id, 9)
  return sum % 11 === 0
}

/** Whether a text is a CVR number: 8 digits, the first not 0, weights 2 7 6 5 4 3 2 1, sum divisible by 11. */
export function cvrIsValid(id: string): boolean {
  if (!isDigits(id, 8) || id.charCodeAt(0) === 48) return false
  const sum =
    2 * digit(id, 0) +
    7 * digit(id, 1) +
    6 * digit(id, 2) +
    5 * digit(id, 3) +
    4 * digit(id, 4) +
    3 * digit(id, 5) +
    2 * digit(id, 6) +
    digit(id, 7)
  return sum % 11 === 0
}

/** SE numbers are drawn from the same series and by the same rule as CVR numbers. */
export const seIsValid = cvrIsValid

/** A production unit number: ten digits without a check digit. @da P-nummer */
export function pNumberIsValid(id: string): boolean {
  return isDigits(id, 10)
}

/** Whether a CPR number belongs to nobody by its form: day of birth + 60. All invented citizens here are such. */
export function isImpossiblePerson(id: string): boolean {
  return cprProblem(id) === undefined && pair(id, 0) > 60
}

/** The day of birth that a CPR number tells, a replacement number's 60 taken off; undefined when it tells none. */
export function cprBirthDay(id: string): Day | undefined {
  if (cprProblem(id) !== undefined) return undefined
  const day = pair(id, 0)
  return dayOf(birthYear(id), pair(id, 2), day > 60 ? day - 60 : day)
}

/**
 * An invented citizen: the CPR number of this birthday with day + 60. `serial` is the last four digits, 0–9999; its
 * first digit must tell the century of the birthday, as in real numbers.
 */
export function impossiblePerson(birth: Day, serial: number): string {
  assert(Number.isInteger(serial) && serial >= 0 && serial <= 9999, `serial out of range: ${serial}`)
  const { year, month, day } = civil(birth)
  const id = two(day + 60) + two(month) + two(year % 100) + String(serial).padStart(4, '0')
  assert(birthYear(id) === year, `serial ${serial} does not tell the century of ${year}`)
  return id
}

/** Seventh digit and two-digit year give the century. The text must be ten digits. */
function birthYear(id: string): number {
  const year = pair(id, 4)
  const seventh = digit(id, 6)
  if (seventh <= 3) return 1900 + year
  if (seventh === 4 || seventh === 9) return (year <= 36 ? 2000 : 1900) + year
  return (year <= 57 ? 2000 : 1800) + year
}

function isDigits(text: string, length: number): boolean {
  if (text.length !== length) return false
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i)
    if (code < 48 || code > 57) return false
  }
  return true
}

function digit(text: string, at: number): number {
  return text.charCodeAt(at) - 48
}

function pair(text: string, at: number): number {
  return digit(text, at) * 10 + digit(text, at + 1)
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value)
}
