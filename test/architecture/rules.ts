/** The shape of the product as rules over its text. Each offence names the offender, mostly as `from -> to`. */
import { posix } from 'node:path'
import { functionsOf, importsOf, scan } from './scan.ts'

/** Path from the root of the repository → text. */
export type Sources = ReadonlyMap<string, string>

export interface Exceptions {
  /** Imports past a module's door that only take types: `from -> to`. */
  readonly typesPastTheDoor: readonly string[]
  /** One adapter that may use another: `fake-rail -> bank`. */
  readonly adapters: readonly string[]
  /** Folders and files that are tables of data or text: no limit of length. */
  readonly data: readonly string[]
  /** `file#function` → the lines that it may have until it is cut. */
  readonly longFunctions: Readonly<Record<string, number>>
  /** File → the lines that it may have until it is cut. */
  readonly longFiles: Readonly<Record<string, number>>
  /** File → the widest line that it may have until it is broken. */
  readonly wideLines: Readonly<Record<string, number>>
  /** Files or folders that take random numbers for passwords, tokens and locks, never for what is booked or told. */
  readonly secrets: readonly string[]
}

export interface Judgement {
  readonly files: number
  readonly offences: readonly string[]
  /** Exceptions that nothing needs any more. */
  readonly stale: readonly string[]
}

const ROOMS = ['base', 'modules', 'adapters', 'entry', 'main']
/** A module imports only modules that stand before it here. */
export const MODULES = (
  'access work-items rates parties ledger claims orders effectuation payments items deliveries letters ' +
  'reconciliation events overview'
).split(' ')

/** The database handle is a module's only outside. */
const MODULES_MAY_USE = new Set(['node:crypto'])

export const LONGEST_FUNCTION = 70
export const LONGEST_FILE = 400
export const WIDEST_LINE = 120
/** A line that carries text in quotes or in a template: formatters do not break text. */
export const WIDEST_TEXT_LINE = 200

interface Place {
  readonly room: string
  /** The module, adapter or door within the room. */
  readonly part: string
}

export function isTest(path: string): boolean {
  return /^(test|bench)\//.test(path) || /(\.test|\.long|(^|\/)testing)\.ts$/.test(path)
}

function placeOf(path: string): Place {
  if (path === 'src/main.ts') return { room: 'main', part: '' }
  const [, room = '', part = ''] = path.split('/')
  return { room, part: part.endsWith('.ts') ? '' : part }
}

export function judge(sources: Sources, exceptions: Exceptions): Judgement {
  const used = new Set<string>()
  const offences: string[] = []
  for (const [path, text] of sources) {
    const scanned = scan(text)
    for (const one of importsOf(scanned)) {
      if (!one.to.startsWith('.')) {
        const outside = path.startsWith('src/modules/') && !isTest(path) && !MODULES_MAY_USE.has(one.to)
        if (outside) offences.push(`${path} -> ${one.to}: modules do no network and no files`)
        continue
      }
      const to = posix.normalize(posix.join(posix.dirname(path), one.to))
      const why = importOffence(path, to, one.typeOnly, exceptions, used)
      if (why !== undefined) offences.push(`${path} -> ${to}: ${why}`)
    }
    offences.push(...lengthOffences(path, text, exceptions, used))
    if (!isTest(path)) offences.push(...inputOffences(path, scanned.code, exceptions, used))
  }
  const all = [
    ...exceptions.typesPastTheDoor,
    ...exceptions.adapters,
    ...exceptions.secrets,
    ...Object.keys(exceptions.longFunctions),
    ...Object.keys(exceptions.longFiles),
    ...Object.keys(exceptions.wideLines),
  ]
  return { files: sources.size, offences, stale: all.filter((one) => !used.has(one)) }
}

function importOffence(
  path: string,
  to: string,
  typeOnly: boolean,
  exceptions: Exceptions,
  used: Set<string>,
): string | undefined {
  if (isTest(path)) return undefined
  if (isTest(to)) return 'only tests use what is for tests'
  if (!to.startsWith('src/')) return undefined
  const [a, b] = [placeOf(path), placeOf(to)]
  if (ROOMS.indexOf(b.room) < 0) return `${b.room || to} is no room of src`
  if (ROOMS.indexOf(b.room) > ROOMS.indexOf(a.room)) return `${a.room} does not know ${b.room}`
  const same = a.room === b.room && a.part === b.part
  if (b.room === 'modules' && !same) {
    const edge = `${path} -> ${to}`
    if (typeOnly && exceptions.typesPastTheDoor.includes(edge)) {
      used.add(edge)
      return undefined
    }
    if (!MODULES.includes(b.part)) return `${b.part} has no place in the order of modules`
    if (a.room === 'modules' && MODULES.indexOf(b.part) > MODULES.indexOf(a.part)) {
      return `${b.part} comes after ${a.part}`
    }
    if (to !== `src/modules/${b.part}/index.ts`) return 'past the door: a module is reached through its index.ts'
  }
  if (a.room === 'adapters' && b.room === 'adapters' && !same) {
    const edge = `${a.part} -> ${b.part}`
    if (!exceptions.adapters.includes(edge)) return 'adapters do not know each other'
    used.add(edge)
  }
  return undefined
}

function lengthOffences(path: string, text: string, exceptions: Exceptions, used: Set<string>): string[] {
  if (covers(exceptions.data, path) !== undefined) return []
  const found: string[] = []
  const scanned = scan(text)
  const lines = text.split('\n')
  const withText = scanned.code.split('\n')
  for (const [i, line] of lines.entries()) {
    const usual = isComment(scanned, i, withText) ? WIDEST_LINE : widestOf(line)
    if (line.length > usual) used.add(path)
    const limit = Math.max(usual, exceptions.wideLines[path] ?? 0)
    if (line.length > limit) found.push(`${path}:${i + 1}: ${line.length} characters, ${limit} at most`)
  }
  const fileLimit = exceptions.longFiles[path] ?? LONGEST_FILE
  if (lines.length - 1 > LONGEST_FILE) used.add(path)
  if (lines.length - 1 > fileLimit) found.push(`${path}: ${lines.length - 1} lines, ${fileLimit} at most`)
  if (isTest(path)) return found
  for (const one of functionsOf(scanned)) {
    if (one.lines <= LONGEST_FUNCTION) continue
    const key = `${path}#${one.name}`
    used.add(key)
    const limit = exceptions.longFunctions[key] ?? LONGEST_FUNCTION
    if (one.lines > limit) found.push(`${key} (line ${one.line}): ${one.lines} lines, ${limit} at most`)
  }
  return found
}

/** The entry of a list of files and folders (`folder/`) that a path falls under. */
function covers(list: readonly string[], path: string): string | undefined {
  return list.find((one) => path === one || (one.endsWith('/') && path.startsWith(one)))
}

function isComment(scanned: { uncommented: string }, i: number, code: readonly string[]): boolean {
  return (code[i] ?? '').trim() === '' && (scanned.uncommented.split('\n', i + 1)[i] ?? '').trim() === ''
}

function widestOf(line: string): number {
  return /['"`<]|\b(select|from|where|join|and|values|on)\b/.test(line) ? WIDEST_TEXT_LINE : WIDEST_LINE
}

const INPUTS: readonly (readonly [RegExp, string])[] = [
  [/\bprocess\s*\.\s*env\b/, 'only main.ts reads the environment'],
  [/\bDate\s*\.\s*now\b|\bnew Date\(\s*\)|\bperformance\s*\.\s*now\b/, 'only main.ts reads the clock'],
  [/\bMath\s*\.\s*random\b/, 'nothing is left to chance'],
]

function inputOffences(path: string, code: string, exceptions: Exceptions, used: Set<string>): string[] {
  const found: string[] = []
  for (const [i, line] of code.split('\n').entries()) {
    for (const [pattern, why] of INPUTS) {
      if (path !== 'src/main.ts' && pattern.test(line)) found.push(`${path}:${i + 1}: ${why}`)
    }
    if (!/\brandom(Bytes|UUID|Int|FillSync)\b|\bgetRandomValues\b/.test(line)) continue
    const allowed = covers(exceptions.secrets, path)
    if (allowed !== undefined) used.add(allowed)
    else found.push(`${path}:${i + 1}: random numbers are for secrets only`)
  }
  return found
}

/** The Danish words of `@da` tags and of comments on tables and views, with the place where each stands. */
export function danishWords(sources: Sources): Map<string, string> {
  const words = new Map<string, string>()
  for (const [path, text] of sources) {
    if (isTest(path)) continue
    for (const [, tag] of text.matchAll(/@da ([^\n]*?)(?:\*\/|\n|\. |\.$)/g)) words.set(clean(tag as string), path)
    for (const [, comment] of text.matchAll(/comment on (?:table|view) \w+ is '[^']*\(([^)']*)\)'/g)) {
      words.set(clean(comment as string), path)
    }
  }
  return words
}

function clean(text: string): string {
  return text.replace(/[.\s]+$/, '').trim()
}

/** Words in the Danish column of the glossary, lower case. Several in one cell are parted by commas or `/`. */
export function glossaryWords(markdown: string): Set<string> {
  const words = new Set<string>()
  for (const line of markdown.split('\n')) {
    const cells = line.split('|').map((cell) => cell.trim())
    if (cells.length < 6 || /^-+$/.test(cells[2] ?? '')) continue
    words.add((cells[2] ?? '').toLowerCase())
    for (const word of (cells[2] ?? '').split(/,| \/ /)) words.add(word.trim().toLowerCase())
  }
  return words
}

/** A phrase is known as a whole, or when each of its parts is. */
export function unknownWords(phrase: string, known: ReadonlySet<string>): string[] {
  if (known.has(phrase.toLowerCase())) return []
  const parts = phrase.split(/,|:| og | \/ /).map((part) => part.trim().toLowerCase())
  return parts.filter((part) => part !== '' && !known.has(part))
}
