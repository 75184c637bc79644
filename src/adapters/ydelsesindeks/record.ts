/**
 * The records of the compact file, one JSON object a line: a head, a unit before its first effectuation, the
 * effectuations, an end. What is the same in all of them stands once; `expand.ts` makes KOMBIT's XML of it.
 */
import { Refusal } from '../../base/refusal.ts'

export const FORMAT = 'toek-ydelsesindeks-1'

export interface Head {
  readonly format: typeof FORMAT
  readonly delivery: string
  /** Time of registration with offset: the same for every effectuation. */
  readonly registered: string
  /** Our registration as an it-system with the common municipal administration module. */
  readonly system: { readonly uuid: string; readonly name: string }
  /** @da kommune */
  readonly municipality: { readonly code: string; readonly name: string; readonly cvr: string }
}

/** @da udbetalende enhed */
export interface Unit {
  /** Its number within this file, counted from 1. */
  readonly unit: number
  readonly los: string
  readonly name: string
  readonly cvr: string
}

/**
 * Amounts are kroner as decimal text; times have an offset; the end is the last day.
 * @da økonomisk effektuering (Ydelsesindeks)
 */
export interface Effectuation {
  readonly uuid: string
  readonly key: string
  readonly start: string
  readonly end: string
  /** KOMBIT's Dispositionsdato. */
  readonly due: string
  readonly unit: number
  readonly kle: string
  readonly gross: string
  readonly afterTax: string
  readonly sent: string
  readonly paid?: string
  /** Why less was sent than was left after tax. */
  readonly notSent?: string
  /** The grant, and its benefit within it. */
  readonly grant?: string
  readonly benefit?: string
  /** URN of the payee. */
  readonly recipient: string
}

/** The last line: without it the file is cut short. */
export interface End {
  readonly effectuations: number
}

export type Line = Head | Unit | Effectuation | End

const TEXTS = 'uuid key start end due kle gross afterTax sent recipient'.split(' ')
const MAYBE_TEXTS = 'paid notSent grant benefit'.split(' ')

/** Throws Refusal `delivery_damaged`, naming the line, when it is none of the records above. */
export function readLine(text: string, number: number): Line {
  let found: unknown
  try {
    found = JSON.parse(text)
  } catch {
    throw damaged(`line ${number} is not JSON`)
  }
  if (!isObject(found)) throw damaged(`line ${number} is not a record`)
  if (!isHead(found) && !isUnit(found) && !isEffectuation(found) && !isEnd(found)) {
    throw damaged(`line ${number} is no record of ${FORMAT}`)
  }
  return found
}

export function damaged(what: string): Refusal {
  const remedy = 'Send nothing more of it: take the file again from where TØK wrote it, whole and unchanged.'
  return new Refusal('delivery_damaged', `The file for Ydelsesindeks is damaged: ${what}. ${remedy}`)
}

type Fields = Readonly<Record<string, unknown>>

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function haveText(fields: Fields, names: readonly string[]): boolean {
  for (const name of names) if (typeof fields[name] !== 'string') return false
  return true
}

function isHead(fields: Fields): fields is Fields & Head {
  const { system, municipality } = fields
  return (
    fields['format'] === FORMAT &&
    haveText(fields, ['delivery', 'registered']) &&
    isObject(system) &&
    haveText(system, ['uuid', 'name']) &&
    isObject(municipality) &&
    haveText(municipality, ['code', 'name', 'cvr'])
  )
}

function isUnit(fields: Fields): fields is Fields & Unit {
  return Number.isSafeInteger(fields['unit']) && haveText(fields, ['los', 'name', 'cvr'])
}

function isEffectuation(fields: Fields): fields is Fields & Effectuation {
  if (!Number.isSafeInteger(fields['unit']) || !haveText(fields, TEXTS)) return false
  return MAYBE_TEXTS.every((name) => fields[name] === undefined || typeof fields[name] === 'string')
}

function isEnd(fields: Fields): fields is Fields & End {
  return Number.isSafeInteger(fields['effectuations'])
}

/**
 * A JSON string. Every sign that some reader takes for the end of a line is written as an escape, and so is half a
 * surrogate pair, which UTF-8 cannot carry.
 */
export function jsonText(text: string): string {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 32 || code === 34 || code === 92 || code === 0x85 || code >= 0x2028) return jsonLine(text)
  }
  return '"' + text + '"'
}

/** JSON on one line, for whatever a reader takes for the end of a line. */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll('\u0085', '\\u0085')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029')
}
