/**
 * The fake's memory: an append-only file, synced after every act and re-read at start. A file of payments is one group
 * that counts only with its last line; a tail that was torn by a kill is cut off, and the act happens again.
 */
import { closeSync, fsyncSync, ftruncateSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { type Day, formatDay, parseDay } from '../../base/date.ts'
import { assert } from '../../base/assert.ts'
import { accountOf, type Books, bookFile, type FileMark, type Misdeed, type StagedBundle } from './books.ts'

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

export interface Journal {
  readonly books: Books
  act(act: Act): void
  file(file: FileMark, bundles: readonly StagedBundle[]): ReturnType<typeof bookFile>
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
      const account = accountOf(books, act.account)
      account.number++
      account.balance = act.closing
      account.last = dayFrom(act.date)
      for (const at of act.booked) (books.bundles[at] as Books['bundles'][number]).booked = account.last
      for (const at of act.returned) (books.bundles[at] as Books['bundles'][number]).returned = account.last
      return
    }
    case 'answered':
      for (const file of books.unanswered) if (file.name === act.file) books.unanswered.delete(file)
      return
    case 'told':
      for (const at of act.bundles) (books.bundles[at] as Books['bundles'][number]).told = true
      return
    case 'profile':
      books.singleBooked.clear()
      for (const account of act.singleBooked) books.singleBooked.add(account)
      return
    case 'drop':
      books.dropped.add(act.endToEndId)
      return
    case 'misdeed':
      books.misdeeds.set(act.misdeed.ref, act.misdeed)
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

export function openJournal(folder: string, books: Books): Journal {
  mkdirSync(folder, { recursive: true })
  const path = join(folder, 'journal.ndjson')
  closeSync(openSync(path, 'a'))
  const fd = openSync(path, 'r+')
  let end = replay(fd, books)
  ftruncateSync(fd, end)
  const append = (text: string): void => {
    const bytes = Buffer.from(text, 'utf8')
    for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done, bytes.length - done, end + done)
    end += bytes.length
  }
  return {
    books,
    act(act) {
      append(`${JSON.stringify(act)}\n`)
      fsyncSync(fd)
      perform(books, act)
    },
    file(file, bundles) {
      for (const piece of groupLines(file, bundles)) append(piece)
      fsyncSync(fd)
      return bookFile(books, file, bundles)
    },
    close: () => closeSync(fd),
  }
}
