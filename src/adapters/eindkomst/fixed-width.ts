/**
 * A layout of fields, compiled once into a template of bytes that is copied and filled. Measured with 200,000 items:
 * filling bytes takes a fifth of the time that concatenating padded strings took.
 */
import { assert } from '../../base/assert.ts'
import { digitsAt, putBytes, type Sink } from '../../base/latin-sink.ts'
import type { Field, FieldType } from './layout.ts'

export { drain, newSink, type Sink } from '../../base/latin-sink.ts'

/** A field whose value the writer supplies: its place in the record, counted from 0. */
export interface Slot {
  readonly at: number
  readonly length: number
  readonly type: FieldType
}

export interface Template {
  readonly bytes: Uint8Array
  /** In order of position. */
  readonly slots: readonly Slot[]
}

const BLANK = 32
const QUESTION = 63

/** `text` in exactly `length` characters. Text that is too long is cut; a number that is too long is our defect. */
function fit(text: string, length: number, type: FieldType): string {
  if (type === 'A') return text.slice(0, length).padEnd(length)
  if (type === 'AR') return text.slice(0, length).padStart(length)
  assert(text.length <= length, `a field of ${length} digits got ${text.length}`)
  return type === 'N' ? text.padStart(length, '0') : text.padEnd(length, '0')
}

/** Compiles a layout, with some values fixed by name. Fields must not overlap; gaps become blanks. */
export function compile(
  fields: readonly Field[],
  lineEnd: string,
  fixed: Readonly<Record<string, string>> = {},
): Template {
  const slots: Slot[] = []
  let text = ''
  for (const field of fields) {
    assert(field.from > text.length, `overlapping fields at ${field.name}`)
    const value = fixed[field.name] ?? field.fixed
    text = text.padEnd(field.from - 1)
    if (value === undefined) slots.push({ at: field.from - 1, length: field.length, type: field.type })
    text += fit(value ?? '', field.length, field.type)
  }
  return { bytes: Buffer.from(text + lineEnd, 'latin1'), slots }
}

/** Copies the template to the end; the answer is where the record begins in the buffer, for `number` and `text`. */
export function record(sink: Sink, { bytes }: Template): number {
  putBytes(sink, bytes)
  return sink.at - bytes.length
}

/** Fills slot `index` with a whole number that is not negative. */
export function number(sink: Sink, start: number, template: Template, index: number, value: number): void {
  const slot = template.slots[index] as Slot
  digitsAt(sink.buffer, start + slot.at, slot.length, value)
}

/** Fills slot `index` with text. */
export function text(sink: Sink, start: number, template: Template, index: number, value: string): void {
  textAt(sink.buffer, start, template.slots[index] as Slot, value)
}

/** Fills a slot of the record that begins at `start` with text: fitted by its type, its characters as `clean` has. */
export function textAt(buffer: Uint8Array, start: number, slot: Slot, value: string): void {
  const { length } = slot
  const fitted = value.length === length ? value : fit(value, length, slot.type)
  const first = start + slot.at
  for (let i = 0; i < length; i++) {
    const code = fitted.charCodeAt(i)
    buffer[first + i] = code > 255 ? QUESTION : code < 32 || (code > 126 && code < 160) ? BLANK : code
  }
}

/** A character that ISO-8859-1 cannot hold becomes `?`, one that is no sign a blank. */
export function clean(value: string): string {
  let cleaned = ''
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i)
    cleaned += code > 255 ? '?' : code < 32 || (code > 126 && code < 160) ? ' ' : value.charAt(i)
  }
  return cleaned
}
