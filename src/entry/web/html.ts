/**
 * Templates that are safe by construction: what is put into a template is escaped by ghtml, unless it is itself the
 * result of a template. There is no way to say "do not escape this text".
 */
import { html as escaping } from 'ghtml'

const MARKUP = Symbol('markup')

export interface Html {
  readonly [MARKUP]: string
}

type Part = string | number | Html | undefined | false | readonly Part[]

function put(part: Part): string {
  if (part === undefined || part === false) return ''
  if (typeof part === 'string' || typeof part === 'number') return escaping`${String(part)}`
  return MARKUP in part ? part[MARKUP] : part.map(put).join('')
}

/** `html\`<p>${text}</p>\`` */
export function html(literals: TemplateStringsArray, ...parts: readonly Part[]): Html {
  let markup = literals[0] as string
  for (const [i, part] of parts.entries()) markup += put(part) + (literals[i + 1] as string)
  return { [MARKUP]: markup }
}

export function markupOf(made: Html): string {
  return made[MARKUP]
}
