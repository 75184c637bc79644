/**
 * Reads source text without a compiler: what a file imports, which functions it has and how long they are. Comments and
 * text are blanked first, so that nothing inside them counts; line numbers stay as they are.
 */

export interface Import {
  /** As written, for example `../rates/index.ts` or `node:fs`. */
  readonly to: string
  readonly typeOnly: boolean
}

export interface Func {
  readonly name: string
  readonly line: number
  readonly lines: number
}

export interface Scanned {
  /** Comments blanked, text kept. */
  readonly uncommented: string
  /** Comments and the insides of text blanked; `${…}` stays. */
  readonly code: string
}

const KEYWORDS_BEFORE_REGEX = /(?:^|[=(,:;!&|?{}[\n]|\breturn|\bcase|\btypeof|=>)\s*$/

/** Blanks comments, and in `code` also strings, templates and regular expressions. */
export function scan(text: string): Scanned {
  const code = text.split('')
  const uncommented = text.split('')
  const blank = (target: string[], from: number, to: number): void => {
    for (let i = from; i < to; i++) if (target[i] !== '\n') target[i] = ' '
  }
  // Depth of braces at which each open template goes on.
  const templates: number[] = []
  let depth = 0
  let i = 0
  while (i < text.length) {
    const two = text.slice(i, i + 2)
    const one = text[i] as string
    let end = i + 1
    if (two === '//' || two === '/*') {
      end = endOf(text, two === '//' ? '\n' : '*/', i + 2, two === '//' ? 0 : 2)
      blank(code, i, end)
      blank(uncommented, i, end)
    } else if (one === "'" || one === '"') {
      end = endOfQuoted(text, i + 1, one)
      blank(code, i + 1, end - 1)
    } else if (one === '`' || (one === '}' && templates.at(-1) === depth)) {
      if (one === '}') templates.pop()
      end = endOfTemplatePart(text, i + 1)
      if (text[end - 1] === '{') templates.push(depth)
      blank(code, i + 1, end - 1)
    } else if (one === '/' && KEYWORDS_BEFORE_REGEX.test(text.slice(Math.max(0, i - 40), i))) {
      end = endOfRegex(text, i + 1)
      blank(code, i + 1, end - 1)
    } else if (one === '{') depth++
    else if (one === '}') depth--
    i = end
  }
  return { code: code.join(''), uncommented: uncommented.join('') }
}

function endOf(text: string, mark: string, from: number, after: number): number {
  const at = text.indexOf(mark, from)
  return at < 0 ? text.length : at + after
}

function endOfQuoted(text: string, from: number, quote: string): number {
  for (let i = from; i < text.length; i++) {
    if (text[i] === '\\') i++
    else if (text[i] === quote || text[i] === '\n') return i + 1
  }
  return text.length
}

/** Up to the closing backtick or past the next `${`. */
function endOfTemplatePart(text: string, from: number): number {
  for (let i = from; i < text.length; i++) {
    if (text[i] === '\\') i++
    else if (text[i] === '`') return i + 1
    else if (text[i] === '$' && text[i + 1] === '{') return i + 2
  }
  return text.length
}

function endOfRegex(text: string, from: number): number {
  let inClass = false
  for (let i = from; i < text.length; i++) {
    const one = text[i]
    if (one === '\n') return from
    if (one === '\\') i++
    else if (one === '[') inClass = true
    else if (one === ']') inClass = false
    else if (one === '/' && !inClass) return i + 1
  }
  return from
}

const FROM = /\b(import|export)\s+(type\s+)?((?:[\w$*\s,{}]+?)\s+from\s+)?'([^'\n]+)'/g
const BY_CALL = /\b(?:import\(|new URL\()\s*'([^'\n]+)'/g

/** Imports of a file: static, re-exported, by call, and worker files named by `new URL('./x.ts', …)`. */
export function importsOf(scanned: Scanned): Import[] {
  const found: Import[] = []
  for (const [, , type, names, to] of scanned.uncommented.matchAll(FROM)) {
    const listed =
      /\{([^}]*)\}/
        .exec(names ?? '')?.[1]
        ?.split(',')
        .map((name) => name.trim()) ?? []
    const named = listed.filter((name) => name !== '')
    const allTypes = named.length > 0 && named.every((name) => name.startsWith('type '))
    found.push({ to: to as string, typeOnly: type !== undefined || allTypes })
  }
  for (const [, to] of scanned.uncommented.matchAll(BY_CALL)) {
    const from = to as string
    if (from.endsWith('.ts') || from.startsWith('node:')) found.push({ to: from, typeOnly: false })
  }
  return found
}

const DECLARED = /\bfunction\b\s*\*?\s*([\w$]*)\s*(?:<[^(]*>)?\(/g
const METHOD = /^[ \t]+(?:async\s+|get\s+|set\s+|\*\s*)*([\w$]+)\s*(?:<[^(\n]*>)?\((?=[^\n]*\{[ \t]*$)/gm
const ARROW = /(?:\b([\w$]+)\s*(?::[^=\n]*)?[=:]\s*)?(?:async\s*)?(?:\([^()]*\)|[\w$]+)[^=;{}\n]*=>\s*\{/g
const NO_METHOD = new Set(['if', 'for', 'while', 'switch', 'catch', 'function', 'return', 'with'])

/** Functions, methods and arrows with a body; a nested one counts also in the one around it. */
export function functionsOf(scanned: Scanned): Func[] {
  const { code } = scanned
  const found = new Map<number, Func>()
  const add = (name: string, from: number, open: number): void => {
    if (open < 0 || found.has(open)) return
    const line = lineAt(code, from)
    found.set(open, { name, line, lines: lineAt(code, closing(code, open)) - line + 1 })
  }
  for (const match of code.matchAll(DECLARED)) {
    add(match[1] || 'function', match.index, bodyAfter(code, match.index + match[0].length - 1))
  }
  for (const match of code.matchAll(METHOD)) {
    const name = match[1] as string
    if (NO_METHOD.has(name)) continue
    const indent = match[0].length - match[0].trimStart().length
    add(name, match.index + indent, bodyAfter(code, match.index + match[0].length - 1))
  }
  for (const match of code.matchAll(ARROW)) add(match[1] ?? 'arrow', match.index, match.index + match[0].length - 1)
  return [...found.values()].sort((a, b) => a.line - b.line)
}

function lineAt(code: string, at: number): number {
  let line = 1
  for (let i = code.indexOf('\n'); i >= 0 && i < at; i = code.indexOf('\n', i + 1)) line++
  return line
}

/** Place of the brace or parenthesis that closes the one at `open`. */
function closing(code: string, open: number): number {
  const up = code[open] as string
  const down = up === '(' ? ')' : '}'
  let depth = 0
  for (let i = open; i < code.length; i++) {
    if (code[i] === up) depth++
    else if (code[i] === down && --depth === 0) return i
  }
  return code.length - 1
}

/** Place of the body's brace after a list of parameters; a return type may have braces of its own. -1: no body. */
function bodyAfter(code: string, parenthesis: number): number {
  let at = closing(code, parenthesis) + 1
  for (;;) {
    const open = code.indexOf('{', at)
    if (open < 0) return -1
    const between = code.slice(at, open)
    if (/[;}]/.test(between) || /\n\s*\n/.test(between)) return -1
    const end = closing(code, open)
    if (!/^\s*[{|&[>,]/.test(code.slice(end + 1, end + 40)) || !/[:<|&,]\s*[^=]*$/.test(between)) return open
    at = end + 1
  }
}
