/** A layout of fields, compiled once into a function that is fast enough to run a million times. */
import { assert } from '../../base/assert.ts'
import type { Field, FieldType } from './layout.ts'

const ZEROS = Array.from({ length: 200 }, (_, n) => '0'.repeat(n))
const BLANKS = Array.from({ length: 200 }, (_, n) => ' '.repeat(n))

/** `text` in exactly `length` characters. Text that is too long is cut; a number that is too long is our defect. */
export function fit(text: string, length: number, type: FieldType): string {
  const missing = length - text.length
  if (missing === 0) return text
  if (missing < 0) {
    assert(type === 'A' || type === 'AR', `does not fit in ${length} digits: ${text.length} digits`)
    return text.slice(0, length)
  }
  if (type === 'N') return ZEROS[missing] + text
  if (type === 'A') return text + BLANKS[missing]
  return type === 'NR' ? text + ZEROS[missing] : BLANKS[missing] + text
}

/** The values of the fields that have none fixed, in their order in the layout. Lb_nr is the first. */
export type RecordWriter = (...values: readonly string[]) => string

/**
 * Compiles a layout. Fields must not overlap; gaps become blanks.
 * The function takes one value for each field without fixed content, in order of position.
 */
export function compile(fields: readonly Field[], lineEnd: string): RecordWriter {
  const literals: string[] = []
  const open: Field[] = []
  let literal = ''
  let position = 1
  for (const field of fields) {
    assert(field.from >= position, `overlapping fields at ${field.name}`)
    literal += BLANKS[field.from - position]
    if (field.fixed !== undefined) literal += fit(field.fixed, field.length, field.type)
    else {
      open.push(field)
      literals.push(literal)
      literal = ''
    }
    position = field.from + field.length
  }
  literals.push(literal + lineEnd)
  return (...values) => {
    assert(values.length === open.length, `a record of ${open.length} open fields got ${values.length} values`)
    let text = literals[0] as string
    for (let i = 0; i < open.length; i++) {
      const field = open[i] as Field
      text += fit(values[i] as string, field.length, field.type) + (literals[i + 1] as string)
    }
    return text
  }
}

/** Text that ISO-8859-1 can hold, without control characters: what it cannot hold becomes `?`. */
export function latin1(text: string): string {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code > 255 || code < 32 || (code > 126 && code < 160)) return replaceFrom(text, i)
  }
  return text
}

function replaceFrom(text: string, from: number): string {
  let safe = text.slice(0, from)
  for (let i = from; i < text.length; i++) {
    const code = text.charCodeAt(i)
    safe += code > 255 ? '?' : code < 32 || (code > 126 && code < 160) ? ' ' : text[i]
  }
  return safe
}
