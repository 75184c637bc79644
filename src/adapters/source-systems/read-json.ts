/**
 * Text → JSON value, refusing what JSON.parse silently decides: of a field that stands twice it keeps the last, so
 * that a sender and we could mean different amounts. Never throws.
 */
import type { Fault } from '../../base/refusal.ts'
import { fault } from './fault-codes.ts'

export type ReadJson =
  | { readonly value: unknown; readonly fault?: undefined }
  | { readonly fault: Fault; readonly value?: undefined }

/** Levels; far deeper than any record of the contract. */
const MAX_DEPTH = 64

export function readJson(text: string): ReadJson {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { fault: fault('not_json', '', 'This cannot be read as JSON.') }
  }
  const fields = countFields(value, 0)
  if (Number.isNaN(fields))
    return { fault: fault('too_deep', '', `The JSON is nested deeper than ${MAX_DEPTH} levels.`) }
  // All colons are at least those outside texts, and those are at least the fields that were kept.
  if (allColons(text) !== fields && colonsOutside(text) !== fields) {
    return { fault: fault('duplicate_field', '', 'A field name stands twice in one object.') }
  }
  return { value }
}

/** Colons wherever they stand: one native search each, where a look at every character costs as much as JSON.parse. */
function allColons(text: string): number {
  let colons = 0
  for (let at = text.indexOf(':'); at >= 0; at = text.indexOf(':', at + 1)) colons++
  return colons
}

/** Colons outside texts: one for each field as written. The text must be JSON. */
function colonsOutside(text: string): number {
  let colons = 0
  let at = 0
  for (;;) {
    const quote = text.indexOf('"', at)
    const end = quote < 0 ? text.length : quote
    for (let i = at; i < end; i++) if (text.charCodeAt(i) === 58) colons++
    if (quote < 0) return colons
    at = endOfString(text, quote + 1)
  }
}

/** The place after the closing quote of a string that begins at `from`. */
function endOfString(text: string, from: number): number {
  let end = text.indexOf('"', from)
  for (;;) {
    let backslashes = 0
    while (text.charCodeAt(end - 1 - backslashes) === 92) backslashes++
    if (backslashes % 2 === 0) return end + 1
    end = text.indexOf('"', end + 1)
  }
}

/** Fields of all objects in a value; NaN, which equals nothing, when it is too deep to be a record. */
function countFields(value: unknown, depth: number): number {
  if (typeof value !== 'object' || value === null) return 0
  if (depth > MAX_DEPTH) return Number.NaN
  let fields = 0
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) fields += countFields(value[i], depth + 1)
    return fields
  }
  const object = value as Readonly<Record<string, unknown>>
  for (const name in object) {
    fields++
    const inner = object[name]
    if (typeof inner === 'object') fields += countFields(inner, depth + 1)
  }
  return fields
}
