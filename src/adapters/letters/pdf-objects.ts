/**
 * Reads the objects of a PDF by its cross-reference table (ISO 32000-1, 7.3 and 7.5.4). Never throws: what is
 * unreadable is null.
 */
import { inflateSync } from 'node:zlib'

export type PdfName = { readonly name: string }
export type PdfRef = { readonly ref: number }
export type PdfDict = ReadonlyMap<string, PdfValue>
export type PdfStream = { readonly dict: PdfDict; readonly bytes: Buffer }
export type PdfOperator = { readonly operator: string }
export type PdfValue =
  | null
  | boolean
  | number
  | string
  | PdfName
  | PdfRef
  | PdfOperator
  | readonly PdfValue[]
  | PdfDict
  | PdfStream

export interface Pdf {
  readonly trailer: PdfDict
  /** The value, or what a reference points at. */
  get(value: PdfValue | undefined): PdfValue
  dict(value: PdfValue | undefined): PdfDict
  array(value: PdfValue | undefined): readonly PdfValue[]
  /** `Span` of `/Span`; '' of anything else. */
  name(value: PdfValue | undefined): string
  /** What a stream holds, inflated. */
  content(value: PdfValue | undefined): Buffer
}

const EMPTY: PdfDict = new Map()

export const isDict = (value: PdfValue | undefined): value is PdfDict => value instanceof Map
export const isArray = (value: PdfValue | undefined): value is readonly PdfValue[] => Array.isArray(value)
const isPlain = (value: PdfValue | undefined): value is PdfName | PdfRef | PdfStream | PdfOperator =>
  typeof value === 'object' && value !== null && !isDict(value) && !isArray(value)
export const refOf = (value: PdfValue | undefined): number => (isPlain(value) && 'ref' in value ? value.ref : 0)
const streamOf = (value: PdfValue): PdfStream | undefined => (isPlain(value) && 'bytes' in value ? value : undefined)

/** Undefined when there is no cross-reference table, or it leads nowhere. */
export function readPdf(bytes: Buffer): Pdf | undefined {
  const text = bytes.toString('latin1')
  const start = Number(/startxref\s+(\d+)\s+%%EOF\s*$/.exec(text)?.[1] ?? -1)
  if (!text.startsWith('%PDF-') || start < 0 || !text.startsWith('xref', start)) return undefined
  const places = placesIn(text, start)
  const at = text.indexOf('trailer', start)
  const trailer = at < 0 ? null : reader(text, at + 7).value()
  if (!isDict(trailer)) return undefined
  const known = new Map<number, PdfValue>()
  function object(number: number): PdfValue {
    const found = known.get(number)
    if (found !== undefined) return found
    // An object that leads to itself is nothing.
    known.set(number, null)
    const place = places.get(number)
    const value = place === undefined ? null : objectAt(text, bytes, place, get)
    known.set(number, value)
    return value
  }
  const get = (value: PdfValue | undefined): PdfValue => (refOf(value) > 0 ? object(refOf(value)) : (value ?? null))
  return {
    trailer,
    get,
    dict(value) {
      const found = get(value)
      return isDict(found) ? found : (streamOf(found)?.dict ?? EMPTY)
    },
    array(value) {
      const found = get(value)
      return isArray(found) ? found : []
    },
    name(value) {
      const found = get(value)
      return isPlain(found) && 'name' in found ? found.name : ''
    },
    content(value) {
      const stream = streamOf(get(value))
      if (stream === undefined) return Buffer.alloc(0)
      try {
        return stream.dict.has('Filter') ? inflateSync(stream.bytes) : stream.bytes
      } catch {
        return Buffer.alloc(0)
      }
    },
  }
}

function placesIn(text: string, start: number): Map<number, number> {
  const places = new Map<number, number>()
  const table = /xref\s+((?:\d+ \d+\s+(?:\d{10} \d{5} [nf]\s+)+)+)/y
  table.lastIndex = start
  const rows = table.exec(text)?.[1] ?? ''
  let number = 0
  for (const [, first, place, kind] of rows.matchAll(/(\d+) \d+\s+(?=\d{10})|(\d{10}) \d{5} ([nf])/g)) {
    if (first !== undefined) number = Number(first)
    else {
      if (kind === 'n') places.set(number, Number(place))
      number++
    }
  }
  return places
}

function objectAt(
  text: string,
  bytes: Buffer,
  place: number,
  get: (value: PdfValue | undefined) => PdfValue,
): PdfValue {
  const head = /(\d+) (\d+) obj/y
  head.lastIndex = place
  if (head.exec(text) === null) return null
  const read = reader(text, head.lastIndex)
  const value = read.value() ?? null
  if (!isDict(value)) return value
  const begin = /\s*stream\r?\n/y
  begin.lastIndex = read.at()
  if (begin.exec(text) === null) return value
  const length = get(value.get('Length'))
  const from = begin.lastIndex
  return { dict: value, bytes: bytes.subarray(from, from + (typeof length === 'number' ? length : 0)) }
}

const BLANK = /[\s\0]*(?:%[^\r\n]*[\s\0]*)*/y
const WORD = /[^\s\0()<>[\]{}/%]+/y
const REFERENCE = /(\d+)\s+(\d+)\s+R(?![^\s\0()<>[\]{}/%])/y

/** A text in round brackets, which may hold such brackets; and where it ends. */
function literalAt(text: string, from: number): readonly [string, number] {
  let depth = 1
  let out = ''
  let at = from
  for (; at < text.length; at++) {
    const one = text[at] as string
    if (one === '\\') out += text[++at] ?? ''
    else if (one === ')' && --depth === 0) break
    else {
      if (one === '(') depth++
      out += one
    }
  }
  return [out, at + 1]
}

/** `#20` in a name is a character by its number. */
function nameOf(text: string): PdfName {
  return {
    name: text.replaceAll(/#([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
  }
}

export interface PdfReader {
  /** Undefined at the end, and of a bracket that closes. */
  value(): PdfValue | undefined
  at(): number
}

/** Reads values one after the other; a word that is none is an operator of a content stream. */
export function reader(text: string, from = 0): PdfReader {
  let at = from
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at
    const found = pattern.exec(text)
    if (found !== null) at = pattern.lastIndex
    return found
  }
  function list(close: string): PdfValue[] {
    const values: PdfValue[] = []
    for (;;) {
      match(BLANK)
      if (at >= text.length || text.startsWith(close, at)) break
      const before = at
      const one = value()
      if (one === undefined || at === before) break
      values.push(one)
    }
    at += close.length
    return values
  }
  function dict(): PdfDict {
    const values = list('>>')
    const found = new Map<string, PdfValue>()
    for (let i = 0; i + 1 < values.length; i += 2) {
      const key = values[i]
      if (isPlain(key) && 'name' in key) found.set(key.name, values[i + 1] as PdfValue)
    }
    return found
  }
  function value(): PdfValue | undefined {
    match(BLANK)
    if (at >= text.length) return undefined
    const one = text[at] as string
    if (one === '<' && text[at + 1] === '<') {
      at += 2
      return dict()
    }
    if (one === '[') {
      at++
      return list(']')
    }
    if (one === '(') {
      const [literal, end] = literalAt(text, at + 1)
      at = end
      return literal
    }
    if (one === '<') {
      const [, hex = ''] = match(/<([0-9A-Fa-f\s]*)>/y) ?? []
      return Buffer.from(hex.replaceAll(/\s/g, ''), 'hex').toString('latin1')
    }
    if (one === '/') {
      at++
      const [name = ''] = match(WORD) ?? []
      return nameOf(name)
    }
    const reference = match(REFERENCE)
    if (reference !== null) return { ref: Number(reference[1]) }
    const [word] = match(WORD) ?? []
    if (word === undefined) return undefined
    if (word === 'true' || word === 'false') return word === 'true'
    if (word === 'null') return null
    return /^[+-]?(\d+\.?\d*|\.\d+)$/.test(word) ? Number(word) : { operator: word }
  }
  return { value, at: () => at }
}
