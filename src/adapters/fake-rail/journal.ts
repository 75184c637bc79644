/**
 * The fake's memory: an append-only file, synced once for all that is done together and re-read at start. A file of
 * payments is one group that counts only with its last line; a tail that was torn by a kill is cut off, and the act
 * happens again. What lies safe is then performed on the books, so that they never know more than the journal.
 */
import { closeSync, ftruncateSync, mkdirSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { type Day, formatDay, parseDay } from '../../base/date.ts'
import { assert } from '../../base/assert.ts'
import {
  type BookedBundle,
  type Books,
  bookFile,
  closeDay,
  type FileMark,
  markLate,
  markTold,
  type Misdeed,
  type StagedBundle,
} from './books.ts'
import { synced, writeFully } from './files.ts'
import { markRecalled, type Outcome } from './recalls.ts'
import type { Wrong } from './wrongs.ts'

export type Act =
  | {
      readonly t: 'statement'
      readonly account: string
      readonly date: string
      readonly closing: number
      readonly booked: readonly number[]
      readonly returned: readonly number[]
    }
  | { readonly t: 'answered'; readonly file: string }
  | { readonly t: 'told'; readonly bundles: readonly number[] }
  | { readonly t: 'profile'; readonly singleBooked: readonly string[] }
  | { readonly t: 'drop'; readonly endToEndId: string }
  | { readonly t: 'misdeed'; readonly misdeed: Misdeed }
  /** The next files of a run are refused whole, so many times. */
  | { readonly t: 'refuse'; readonly run: string; readonly reason: string; readonly times: number }
  | { readonly t: 'wrong'; readonly wrong: Wrong }
  /** What was said to a file that asks a payment back. */
  | {
      readonly t: 'recalled'
      readonly name: string
      readonly mark: string
      readonly endToEndId: string
      readonly outcome: Outcome
    }
  /** The file of this run came when the rail had closed. */
  | { readonly t: 'late'; readonly run: string }

export interface StagedFile {
  readonly file: FileMark
  readonly bundles: readonly StagedBundle[]
}

export interface Journal {
  readonly books: Books
  act(...acts: readonly Act[]): Promise<void>
  /** Books files in the order given; the bundles of them all. */
  file(files: readonly StagedFile[]): Promise<BookedBundle[]>
  close(): void
}

function dayFrom(text: string): Day {
  const date = parseDay(text)
  assert(date !== undefined, `not a date in the journal: ${text}`)
  return date
}

function perform(books: Books, act: Act): void {
  switch (act.t) {
    case 'statement': {
      const { account, booked, returned } = act
      closeDay(books, { account, booked: [...booked], returned: [...returned] }, dayFrom(act.date), act.closing)
      return
    }
    case 'answered':
      for (const file of books.unanswered.keys()) if (file.name === act.file) books.unanswered.delete(file)
      return
    case 'told':
      markTold(books, act.bundles)
      return
    case 'profile':
      books.singleBooked.clear()
      for (const account of act.singleBooked) books.singleBooked.add(account)
      return
    case 'drop':
      books.dropped.add(act.endToEndId)
      return
    case 'refuse':
      books.refusals.set(act.run, { reason: act.reason, times: act.times })
      return
    case 'misdeed':
      books.misdeeds.set(act.misdeed.ref, act.misdeed)
      return
    case 'recalled':
      return markRecalled(books, act)
    case 'late':
      return markLate(books, act.run)
    case 'wrong':
      books.wrongs = [...books.wrongs, act.wrong]
      return
  }
}

const PAYMENT_LINE = 'P'
const END_LINE = 'E'

/** What is being read of a group, until its last line. */
interface Group {
  file: FileMark | undefined
  bundles: StagedBundle[]
}

/** Takes one line; true when everything up to and with it counts. */
function replayLine(books: Books, group: Group, line: string): boolean {
  if (line.startsWith(PAYMENT_LINE)) {
    const [, id, amount, fate] = line.split('\t') as [string, string, string, string]
    const bundle = group.bundles[group.bundles.length - 1] as StagedBundle
    bundle.ids.push(id)
    bundle.amounts.push(Number(amount))
    bundle.fates.push(Number(fate))
    return false
  }
  if (line === END_LINE) {
    bookFile(books, group.file as FileMark, group.bundles)
    group.file = undefined
    group.bundles = []
    return true
  }
  const record = JSON.parse(Buffer.from(line, 'latin1').toString('utf8')) as Record<string, unknown>
  if (record['t'] === 'file') {
    group.file = record['file'] as FileMark
    group.bundles = []
    return false
  }
  if (record['t'] === 'bundle') {
    const { bundleId, account, disposition } = record as { bundleId: string; account: string; disposition: string }
    group.bundles.push({ bundleId, account, disposition: dayFrom(disposition), ids: [], amounts: [], fates: [] })
    return false
  }
  perform(books, record as unknown as Act)
  return true
}

/** Re-reads the journal and answers how many bytes of it count. */
function replay(fd: number, books: Books): number {
  const buffer = Buffer.allocUnsafe(1 << 20)
  const group: Group = { file: undefined, bundles: [] }
  let rest = ''
  let offset = 0
  let counts = 0
  for (;;) {
    const size = readSync(fd, buffer, 0, buffer.length, null)
    if (size === 0) return counts
    const lines = (rest + buffer.toString('latin1', 0, size)).split('\n')
    rest = lines.pop() as string
    for (const line of lines) {
      offset += line.length + 1
      if (replayLine(books, group, line)) counts = offset
    }
  }
}

/** Lines of one group, in pieces of about 64 KB. */
function* groupLines(file: FileMark, bundles: readonly StagedBundle[]): Generator<string> {
  let out = `${JSON.stringify({ t: 'file', file })}\n`
  for (const { bundleId, account, disposition, ids, amounts, fates } of bundles) {
    out += `${JSON.stringify({ t: 'bundle', bundleId, account, disposition: formatDay(disposition) })}\n`
    for (let i = 0; i < ids.length; i++) {
      out += `${PAYMENT_LINE}\t${ids[i]}\t${amounts[i]}\t${fates[i]}\n`
      if (out.length > 65_536) {
        yield out
        out = ''
      }
    }
  }
  yield `${out}${END_LINE}\n`
}

function* allLines(files: readonly StagedFile[]): Generator<string> {
  for (const { file, bundles } of files) yield* groupLines(file, bundles)
}

export function openJournal(folder: string, books: Books): Journal {
  mkdirSync(folder, { recursive: true })
  const path = join(folder, 'journal.ndjson')
  closeSync(openSync(path, 'a'))
  const fd = openSync(path, 'r+')
  let end = replay(fd, books)
  ftruncateSync(fd, end)
  const append = async (pieces: Iterable<string>): Promise<void> => {
    let reached = end
    try {
      for (const piece of pieces) {
        const bytes = Buffer.from(piece, 'utf8')
        writeFully(fd, bytes, reached)
        reached += bytes.length
      }
      if (reached > end) await synced(fd)
    } catch (error) {
      // What could not be written as a whole never was: nothing of it may stand behind what is written next.
      ftruncateSync(fd, end)
      throw error
    }
    end = reached
  }
  return {
    books,
    async act(...acts) {
      await append(acts.map((act) => `${JSON.stringify(act)}\n`))
      for (const act of acts) perform(books, act)
    },
    async file(files) {
      await append(allLines(files))
      return files.flatMap(({ file, bundles }) => bookFile(books, file, bundles))
    },
    close: () => closeSync(fd),
  }
}
