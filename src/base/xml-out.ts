/** Writing XML by hand, because it is the quickest and its bytes are ours to promise. */
import { assert } from './assert.ts'

/** Characters in a chunk that a writer hands over. */
export const CHUNK = 65_536

export const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'

/** Text for between tags. Characters that XML 1.0 cannot carry become a space; half a surrogate pair becomes `?`. */
export function xmlText(text: string): string {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 32 || code === 38 || code === 60 || code === 62 || code === 34 || code > 0xd7ff) return escaped(text)
  }
  return text
}

function escaped(text: string): string {
  let out = ''
  for (const character of text) {
    const code = character.codePointAt(0) as number
    if (code === 38) out += '&amp;'
    else if (code === 60) out += '&lt;'
    else if (code === 62) out += '&gt;'
    else if (code === 34) out += '&quot;'
    else if (code < 32 || code === 0xfffe || code === 0xffff) out += ' '
    else if (code >= 0xd800 && code <= 0xdfff) out += '?'
    else out += character
  }
  return out
}

/** Øre → `12345.67`; the sign is told elsewhere. */
export function xmlAmount(ore: number): string {
  const whole = ore < 0 ? -ore : ore
  const rest = whole % 100
  return `${(whole - rest) / 100}${rest < 10 ? '.0' : '.'}${rest}`
}

/** An id of at most 35 characters, as ISO 20022 and NKS allow. */
export function xmlId(id: string, what: string): string {
  assert(id.length > 0 && id.length <= 35, `${what} must have 1 to 35 characters: ${id}`)
  return xmlText(id)
}
