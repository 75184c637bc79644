/**
 * What rail and bank do wrong to whole files when they are told to: so that it can be seen that we notice, and that
 * what comes right later is taken. What is kept back lies aside until it is mended.
 */
import { mkdirSync, readdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import type { WholeFile } from './files.ts'

/** `of`: the file that is answered (`0751R1`), an account, or a payment or bundle. */
export type Wrong = OneWrong & {
  /** Of an account: the statement of this day (`2026-03-31`); without it the next one. */
  readonly on?: string
}

type OneWrong =
  /** Half of the file's bytes; the rest is kept back. */
  | { readonly how: 'torn'; readonly of: string }
  /** The same bytes under another name too. */
  | { readonly how: 'twice'; readonly of: string }
  /** The file is kept back: it comes late, and out of order. */
  | { readonly how: 'withheld'; readonly of: string }
  /** So many answers of a file; the others are kept back. */
  | { readonly how: 'partial'; readonly of: string; readonly count: number }
  /** The payment is answered by a code that nobody knows. */
  | { readonly how: 'unknown_code'; readonly of: string }
  /** The file answers about a payment that it never held. */
  | { readonly how: 'stray'; readonly of: string }
  /** The rail has closed before its time: the file lies unread over an exchange, and pays a bank day later. */
  | { readonly how: 'closed'; readonly of: string }
  /** What becomes of a payment that is asked back is told the second time. */
  | { readonly how: 'undecided'; readonly of: string }
  /** The payment is stopped as it is asked, and booked all the same. */
  | { readonly how: 'stopped_in_vain'; readonly of: string }
  /** The next statement of the account closes with an øre too much; the right one is kept back. */
  | { readonly how: 'unbalanced'; readonly of: string }
  /** The next statement of the account skips a number; the empty one that has it is kept back. */
  | { readonly how: 'gap'; readonly of: string }
  /** Movements on the account that are none of ours, in øre; negative: money out. `named`: what they are called. */
  | { readonly how: 'foreign'; readonly of: string; readonly amounts: readonly number[]; readonly named?: string }
  /** The statement books the bundle or payment without naming it. */
  | { readonly how: 'nameless'; readonly of: string }

export const HOWS =
  'torn, twice, withheld, partial, unknown_code, stray, closed, undecided, stopped_in_vain, unbalanced, gap, foreign, nameless'.split(
    ', ',
  )

/** What goes wrong with the statement of this day. */
export function wrongsOn(wrongs: readonly Wrong[], day: string): readonly Wrong[] {
  return wrongs.filter((one) => one.on === undefined || one.on === day)
}

export function isWrong(wrongs: readonly Wrong[], how: Wrong['how'], of: string): boolean {
  return wrongs.some((one) => one.how === how && one.of === of)
}

/** Files as they are laid, and those that are kept back. */
export interface Laid {
  readonly files: WholeFile[]
  readonly aside: WholeFile[]
}

/** A file as it is laid when all that is known to go wrong with it has. */
export function laidWrong(wrongs: readonly Wrong[], of: string, file: WholeFile): Laid {
  const hows = new Set(wrongs.filter((one) => one.of === of).map((one) => one.how))
  if (hows.has('withheld')) return { files: [], aside: [file] }
  if (!hows.has('torn') && !hows.has('twice')) return { files: [file], aside: [] }
  const text = [...file.chunks].join('')
  const whole = { name: file.name, chunks: [text] }
  if (hows.has('torn')) return { files: [{ ...whole, chunks: [text.slice(0, text.length >> 1)] }], aside: [whole] }
  // Before the date, by which statements are known.
  return {
    files: [whole, { ...whole, name: file.name.replace(/((?:-\d{4}-\d\d-\d\d)?\.xml)$/, '-igen$1') }],
    aside: [],
  }
}

/** The answer about one payment gets a code that is none. */
export function withUnknownCode(file: WholeFile, ref: string): WholeFile {
  const text = [...file.chunks].join('')
  const answer = new RegExp(`<NKSResponse\\d>((?:(?!NKSResponse).)*>${ref}<.*?)</NKSResponse\\d>`, 's')
  return { name: file.name, chunks: [text.replace(answer, '<NKSResponse5>$1</NKSResponse5>')] }
}

/** A payment that the file never held. */
export function strayOf(fileId: string): string {
  return `${fileId}N9999999`
}

export function asideIn(books: string): string {
  const folder = join(books, 'aside')
  mkdirSync(folder, { recursive: true })
  return folder
}

/** Lays what was kept back, in the order of names; gives the names. */
export function mend(books: string, out: string): string[] {
  const aside = asideIn(books)
  const names = readdirSync(aside)
    .filter((name) => name.endsWith('.xml'))
    .sort()
  for (const name of names) renameSync(join(aside, name), join(out, name))
  return names
}
