/**
 * Reading one field of a JSON value: each reader notes what is wrong and gives back a stand-in, so that parsing goes
 * on and every fault is listed. Stand-ins never leave a parser: a sink with a fault gives no record. Hot path: no
 * exceptions, no regular expressions, and a pointer is put together only when something is wrong.
 */
import { type Day, day, parseDay, type Period } from '../../base/date.ts'
import { LARGEST_ORE, type Ore, ZERO } from '../../base/money.ts'
import type { Fault } from '../../base/refusal.ts'
import {
  cprPassesMod11,
  cprProblem,
  cvrIsValid,
  pNumberIsValid,
  seIsValid,
  type PartyRef,
  type PartyType,
} from '../../modules/parties/index.ts'
import { type FaultCode, fault } from './fault-codes.ts'

/** Dates outside are taken as mistakes: an empty date of an old system (1970) or an "until further notice" (2999). */
export const EARLIEST_DAY = day('2000-01-01')
export const LATEST_DAY = day('2100-01-01')
/** Days. Two years, both of them leap years at most. */
const MAX_PERIOD_DAYS = 366 * 2
/** Characters (UTF-16 units). */
export const MAX_KEY = 100
/** Characters: what a payee's statement carries (ISO 20022 unstructured remittance information). */
export const MAX_TEXT = 140
/** Characters, for the reason of a withdrawal. */
export const MAX_REASON = 500
/** Whole numbers that fit a database integer. */
export const MAX_VERSION = 2_147_483_647
/** Above what every known field of 63 lines can cause; unknown fields alone are without number. */
export const MAX_FAULTS = 1500
/** Characters of a field's name that a pointer repeats. */
const MAX_NAME_SHOWN = 60

export interface Sink {
  readonly faults: Fault[]
  readonly warnings: Fault[]
}

export type JsonObject = Readonly<Record<string, unknown>>

export function newSink(): Sink {
  return { faults: [], warnings: [] }
}

export function note(sink: Sink, code: FaultCode, pointer: string, what: string): void {
  if (sink.faults.length < MAX_FAULTS) sink.faults.push(fault(code, pointer, what))
  else if (sink.faults.length === MAX_FAULTS) {
    sink.faults.push(fault('too_many_faults', '', `There are more than ${MAX_FAULTS} faults.`))
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The JSON type of a value, for a sentence. The value itself is never repeated: it may be a person's. */
export function shape(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  switch (typeof value) {
    case 'object':
      return 'an object'
    case 'boolean':
      return 'true or false'
    default:
      return `a ${typeof value}`
  }
}

/** Notes a value that is absent or of another type than wanted. */
function noteWrong(sink: Sink, value: unknown, pointer: string, code: FaultCode, wanted: string): void {
  if (value === undefined) note(sink, 'missing_field', pointer, `The field ${pointer} is missing.`)
  else note(sink, code, pointer, `Here is ${shape(value)}, not ${wanted}.`)
}

export function onlyFields(sink: Sink, object: JsonObject, base: string, known: ReadonlySet<string>): void {
  for (const name in object) {
    if (known.has(name)) continue
    if (name.length > MAX_NAME_SHOWN)
      note(sink, 'unknown_field', base, 'There is an unknown field with a very long name.')
    else note(sink, 'unknown_field', `${base}/${escapeName(name)}`, 'This field is not known here.')
    if (sink.faults.length > MAX_FAULTS) return
  }
}

/** A name in a JSON pointer (RFC 6901). */
function escapeName(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1').toWellFormed()
}

export function objectOf(sink: Sink, value: unknown, pointer: string): JsonObject | undefined {
  if (isObject(value)) return value
  noteWrong(sink, value, pointer, 'not_an_object', 'an object')
  return undefined
}

/** A text of at most `max` characters without control characters. */
export function textOf(sink: Sink, value: unknown, base: string, name: string, max: number): string {
  if (typeof value !== 'string') {
    noteWrong(sink, value, `${base}/${name}`, 'wrong_type', 'a text')
    return ''
  }
  if (value.length > max) {
    note(
      sink,
      'text_too_long',
      `${base}/${name}`,
      `The text has ${value.length} characters; at most ${max} are allowed.`,
    )
    return ''
  }
  const found = inspect(value)
  if (found === PLAIN) return value
  if (found === BLANK) note(sink, 'text_empty', `${base}/${name}`, 'The text is empty.')
  else if (found === CONTROL) {
    note(sink, 'text_control_character', `${base}/${name}`, 'The text holds a character that cannot be printed.')
  } else sink.warnings.push(fault('text_damaged', `${base}/${name}`, 'The text holds the mark of a lost letter.'))
  return value
}

export function optionalTextOf(
  sink: Sink,
  value: unknown,
  base: string,
  name: string,
  max: number,
): string | undefined {
  return value === undefined ? undefined : textOf(sink, value, base, name, max)
}

const PLAIN = 0
const BLANK = 1
const CONTROL = 2
const DAMAGED = 3

/** One look at each character: controls, direction marks, byte order marks, halves of surrogate pairs, lost letters. */
function inspect(text: string): number {
  let blank = true
  let found = PLAIN
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c > 0x20 && c < 0x7f) blank = false
    else if (c === 0x20 || c === 0xa0) continue
    else if (c < 0xa0) return CONTROL
    else {
      blank = false
      if (c < 0x200b) continue
      if (c < 0xd800) {
        if (c <= 0x200f || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f)) return CONTROL
      } else if (c < 0xdc00) {
        const next = text.charCodeAt(i + 1) // NaN at the end
        if (!(next >= 0xdc00 && next <= 0xdfff)) return CONTROL
        i++
      } else if (c < 0xe000 || c === 0xfeff || c >= 0xfffe) return CONTROL
      else if (c === 0xfffd) found = DAMAGED
    }
  }
  return blank ? BLANK : found
}

/** A key: at most 100 characters, letters, digits and punctuation, so that two keys that look alike are alike. */
export function keyOf(sink: Sink, value: unknown, base: string, name: string): string {
  if (typeof value !== 'string') {
    noteWrong(sink, value, `${base}/${name}`, 'wrong_type', 'a text')
    return ''
  }
  if (value.length === 0) note(sink, 'text_empty', `${base}/${name}`, 'The key is empty.')
  else if (value.length > MAX_KEY) {
    note(
      sink,
      'text_too_long',
      `${base}/${name}`,
      `The key has ${value.length} characters; at most ${MAX_KEY} are allowed.`,
    )
  } else if (!isKey(value))
    note(sink, 'key_characters', `${base}/${name}`, 'The key holds a character that keys cannot have.')
  return value
}

/** ASCII without blanks, and the composed Latin letters (À to ſ). */
function isKey(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if ((c > 0x20 && c < 0x7f) || (c >= 0xc0 && c <= 0x17f)) continue
    return false
  }
  return true
}

export function oneOf<T extends string>(
  sink: Sink,
  value: unknown,
  base: string,
  name: string,
  allowed: readonly T[],
): T {
  // Ours and not the one that came: one string for all orders, found again by identity.
  for (let i = 0; i < allowed.length; i++) if (allowed[i] === value) return allowed[i] as T
  const pointer = `${base}/${name}`
  if (typeof value === 'string') note(sink, 'unknown_value', pointer, `The value is not one of ${allowed.join(', ')}.`)
  else noteWrong(sink, value, pointer, 'wrong_type', `one of ${allowed.join(', ')}`)
  return allowed[0] as T
}

export function booleanOf(sink: Sink, value: unknown, base: string, name: string): boolean {
  if (typeof value === 'boolean') return value
  noteWrong(sink, value, `${base}/${name}`, 'wrong_type', 'true or false')
  return false
}

export function dayAt(sink: Sink, value: unknown, base: string, name: string): Day {
  if (typeof value !== 'string') {
    noteWrong(sink, value, `${base}/${name}`, 'wrong_type', 'a date as text')
    return EARLIEST_DAY
  }
  const found = parseDay(value)
  if (found === undefined) {
    note(sink, 'date_invalid', `${base}/${name}`, 'This is not a date that exists.')
    return EARLIEST_DAY
  }
  if (found < EARLIEST_DAY || found > LATEST_DAY) {
    note(sink, 'date_out_of_range', `${base}/${name}`, 'The date lies outside 2000-01-01 to 2100-01-01.')
  }
  return found
}

const PERIOD_FIELDS: ReadonlySet<string> = new Set(['from', 'to'])

export function periodAt(sink: Sink, object: JsonObject, base: string): Period {
  const pointer = `${base}/period`
  const value = objectOf(sink, object['period'], pointer)
  if (value === undefined) return { from: EARLIEST_DAY, to: LATEST_DAY }
  onlyFields(sink, value, pointer, PERIOD_FIELDS)
  const before = sink.faults.length
  const from = dayAt(sink, value['from'], pointer, 'from')
  const to = dayAt(sink, value['to'], pointer, 'to')
  if (sink.faults.length === before) {
    if (to <= from) note(sink, 'period_empty', pointer, 'The period holds no day.')
    else if (to - from > MAX_PERIOD_DAYS) {
      note(sink, 'period_too_long', pointer, `The period is ${to - from} days; at most ${MAX_PERIOD_DAYS} are allowed.`)
    }
  }
  return { from, to }
}

/** Whole øre, above zero and at most LARGEST_ORE. */
export function positiveOre(sink: Sink, value: unknown, base: string, name: string): Ore {
  if (typeof value === 'number' && value > 0 && value <= LARGEST_ORE && Number.isInteger(value)) return value as Ore
  if (wholeOre(sink, value, `${base}/${name}`) !== undefined) {
    note(sink, 'amount_not_positive', `${base}/${name}`, 'The amount is not above zero.')
  }
  return ZERO
}

/** Whole øre of either sign but not zero, at most LARGEST_ORE. */
export function signedOre(sink: Sink, value: unknown, base: string, name: string): Ore {
  const whole = wholeOre(sink, value, `${base}/${name}`)
  if (whole === 0) note(sink, 'delta_zero', `${base}/${name}`, 'The change is zero.')
  return whole ?? ZERO
}

/** Whole øre of either sign. */
export function oreAt(sink: Sink, value: unknown, base: string, name: string): Ore {
  return wholeOre(sink, value, `${base}/${name}`) || ZERO
}

/** Whole øre from zero up; notes what else it is. */
export function oreFromZero(sink: Sink, value: unknown, base: string, name: string): Ore {
  const whole = wholeOre(sink, value, `${base}/${name}`)
  if (whole === undefined) return ZERO
  if (whole < 0) note(sink, 'amount_negative', `${base}/${name}`, 'The amount is negative.')
  return whole === 0 ? ZERO : whole
}

function wholeOre(sink: Sink, value: unknown, pointer: string): Ore | undefined {
  if (typeof value !== 'number') noteWrong(sink, value, pointer, 'amount_not_integer', 'a number of whole øre')
  else if (value > LARGEST_ORE || value < -LARGEST_ORE) {
    note(sink, 'amount_too_large', pointer, 'The amount is beyond what we take.')
  } else if (!Number.isInteger(value)) note(sink, 'amount_not_integer', pointer, 'The amount has a fraction of an øre.')
  else return value as Ore
  return undefined
}

export function versionOf(sink: Sink, object: JsonObject, base: string): number {
  const value = object['version']
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= MAX_VERSION) return value
  noteWrong(sink, value, `${base}/version`, 'version_invalid', 'a version number that we can take')
  return 1
}

const PARTY_FIELDS: ReadonlySet<string> = new Set(['type', 'id'])
const PARTY_TYPES: readonly PartyType[] = ['cpr', 'cvr', 'se', 'p']

export function partyAt(sink: Sink, given: unknown, base: string, name: string): PartyRef {
  const pointer = `${base}/${name}`
  const value = objectOf(sink, given, pointer)
  if (value === undefined) return { type: 'cpr', id: '' }
  onlyFields(sink, value, pointer, PARTY_FIELDS)
  const before = sink.faults.length
  const type = oneOf(sink, value['type'], pointer, 'type', PARTY_TYPES)
  const typeKnown = sink.faults.length === before
  const id = value['id']
  if (typeof id !== 'string') {
    noteWrong(sink, id, `${pointer}/id`, 'wrong_type', 'a number as text')
    return { type, id: '' }
  }
  if (typeKnown) checkIdentifier(sink, type, id, pointer, 'id')
  return { type, id }
}

/** Notes what is wrong with an identifier of a known type; the pointer is put together only then. */
export function checkIdentifier(sink: Sink, type: PartyType, id: string, base: string, name: string): void {
  switch (type) {
    case 'cpr': {
      const problem = cprProblem(id)
      if (problem === 'not_ten_digits')
        note(sink, 'cpr_invalid', `${base}/${name}`, 'The CPR number is not ten digits.')
      else if (problem === 'no_such_date')
        note(sink, 'cpr_invalid', `${base}/${name}`, 'The CPR number tells no possible date.')
      else if (!cprPassesMod11(id)) {
        sink.warnings.push(
          fault('cpr_without_mod11', `${base}/${name}`, 'The check digit of the CPR number does not hold.'),
        )
      }
      return
    }
    case 'cvr':
      if (!cvrIsValid(id)) note(sink, 'cvr_check_digit', `${base}/${name}`, 'This is not a CVR number.')
      return
    case 'se':
      if (!seIsValid(id)) note(sink, 'se_check_digit', `${base}/${name}`, 'This is not an SE number.')
      return
    case 'p':
      if (!pNumberIsValid(id))
        note(sink, 'p_number_invalid', `${base}/${name}`, 'This is not a production unit number.')
      return
  }
}

/** Four digits of a known municipality. */
export function municipalityAt(sink: Sink, object: JsonObject, base: string, known: ReadonlySet<number>): number {
  const value = object['municipality']
  if (typeof value !== 'string') {
    noteWrong(sink, value, `${base}/municipality`, 'wrong_type', 'a code of four digits as text')
    return 0
  }
  let code = value.length === 4 ? 0 : -1
  for (let i = 0; i < 4 && code >= 0; i++) {
    const digit = value.charCodeAt(i) - 48
    code = digit >= 0 && digit <= 9 ? code * 10 + digit : -1
  }
  if (!known.has(code))
    note(sink, 'unknown_municipality', `${base}/municipality`, 'This is not the code of a municipality.')
  return code
}
