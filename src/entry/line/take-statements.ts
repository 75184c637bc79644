/** Takes in what the bank laid in the folder: any number of times, statements that do not add up refused whole. */
import { join } from 'node:path'
import { statementReader } from '../../adapters/bank/index.ts'
import type { Tx } from '../../base/db.ts'
import type { Day } from '../../base/date.ts'
import type { Municipality } from '../../base/id.ts'
import { postingDays } from '../../modules/ledger/index.ts'
import {
  type BookedStatement,
  bookedStatement,
  type Explains,
  type FileProblem,
  lastStatements,
  lookAgainAfterStatements,
  type RailAccounts,
  type ReceivedFile,
  readRuns,
  recordReceivedFiles,
  recordStatements,
  type StatementEntry,
  type StatementFile,
  type StatementHeader,
} from '../../modules/payments/index.ts'
import type { MonthClock } from './clock.ts'
import type { Line } from './line.ts'
import { railAccounts } from './pay-run.ts'
import { planWork } from './plan-month.ts'
import { readInPlace, readThrough } from './read-in-place.ts'
import { knownFiles } from './take-answers.ts'
import { fileNumbers } from './work-numbers.ts'

/** Movements that are held in memory and booked at once; a larger statement is booked in pieces of so many. */
const MOVEMENTS_AT_ONCE = 20_000

/** Books the bank statements of a municipality that are new, in one transaction. The name carries account and date. */
export async function takeStatements(
  line: Line,
  municipality: Municipality,
  given: readonly string[],
  clock: MonthClock,
  atOnce = MOVEMENTS_AT_ONCE,
): Promise<void> {
  if (given.length === 0) return
  // By day, then account: so that a resumed run books them in the order of an undisturbed one.
  const names = [...given].sort((a, b) => dayIn(a).localeCompare(dayIn(b)) || a.localeCompare(b))
  await line.connection.inTurn(municipality, async (tx) => {
    const known = await knownFiles(tx, municipality, 'statement')
    const { ofStatement } = await fileNumbers(tx, municipality, await readRuns(tx, municipality))
    const postedOn = await postingDays(tx, municipality)
    const cameBefore = statementsBefore(tx, municipality, await lastStatements(tx, municipality))
    const pile = statementPile(tx, municipality, railAccounts(line.rates), atOnce)
    const received: ReceivedFile[] = []
    const late: Omit<Explains, 'position'>[] = []
    for (const name of names) {
      if (known.has(name)) continue
      const path = join(line.folders.in, name)
      const { header: told, entries, count, whole, problems, sha256 } = await scan(path, atOnce)
      const date = told?.date ?? (0 as Day)
      const workNo = ofStatement(told?.date)
      const knownAt = clock.statement(date)
      const came = told === undefined || !whole ? 'new' : await cameBefore({ ...told, entries: count })
      if (told !== undefined && came === 'changed') problems.push(changed(told))
      if (told !== undefined && whole && (came === 'new' || came === 'late')) {
        if (came === 'late') late.push({ workNo, date: postedOn(date), valueDate: date, knownAt })
        const file = { workNo, knownAt, postingDate: postedOn(date), header: told }
        if (entries !== undefined) await pile.add({ ...file, piece: 0, before: 0, entries })
        else await pile.addInPieces(file, path)
      }
      const header = { ...told, whole, entries: count, ...(came === 'again' || came === 'changed' ? { came } : {}) }
      received.push({ workNo, kind: 'statement', name, sha256, header, problems, knownAt })
    }
    await pile.book()
    await lookAgainAfterStatements(tx, municipality, late, railAccounts(line.rates))
    await planWork(
      tx,
      municipality,
      'statement',
      received.map(({ workNo, name, knownAt }) => ({ workNo, cause: name, knownAt })),
    )
    await recordReceivedFiles(tx, municipality, received)
    line.at('statement:before-commit')
  })
  line.at('statement:after-commit')
}

/** Statements that wait to be booked together, as many as memory allows. */
function statementPile(tx: Tx, municipality: Municipality, accounts: RailAccounts, atOnce: number) {
  let files: StatementFile[] = []
  let movements = 0
  async function book(): Promise<void> {
    const waiting = files
    files = []
    movements = 0
    await recordStatements(tx, municipality, waiting, accounts)
  }
  async function add(file: StatementFile): Promise<void> {
    if (movements + file.entries.length > atOnce) await book()
    files.push(file)
    movements += file.entries.length
  }
  return {
    book,
    add,
    /** A statement that was seen to be whole, and is too large to be held: read again, a piece at a time. */
    async addInPieces(file: Omit<StatementFile, 'piece' | 'before' | 'entries'>, path: string): Promise<void> {
      const entries: StatementEntry[] = []
      const reader = statementReader({ entry: (entry) => entries.push(entry) })
      let piece = 0
      for await (const bytes of readInPlace(path)) {
        reader.write(bytes)
        while (entries.length >= atOnce) {
          await add({ ...file, piece, before: piece * atOnce, entries: entries.splice(0, atOnce) })
          piece++
        }
      }
      if (entries.length > 0) await add({ ...file, piece, before: piece * atOnce, entries })
    },
  }
}

/** `…-2026-03-31.xml` → `2026-03-31`. */
export function dayIn(name: string): string {
  return name.slice(-14, -4)
}

interface Scanned {
  readonly header: StatementHeader | undefined
  /** Undefined when there are too many to be held at once. */
  readonly entries: readonly StatementEntry[] | undefined
  readonly count: number
  readonly whole: boolean
  readonly problems: FileProblem[]
  readonly sha256: Buffer
}

/** Reads a statement through: nothing of one that does not add up is booked. Only the first of a file counts. */
async function scan(path: string, atOnce: number): Promise<Scanned> {
  const headers: StatementHeader[] = []
  let entries: StatementEntry[] | undefined = []
  let count = 0
  const reader = statementReader({
    header: (header) => headers.push(header),
    entry(entry) {
      if (headers.length > 1) return
      count++
      if (count > atOnce) entries = undefined
      entries?.push(entry)
    },
  })
  const sha256 = await readThrough(path, reader)
  const { whole, problems } = reader.finish()
  return { header: headers[0], entries, count, whole, problems: [...problems], sha256 }
}

type Told = Pick<StatementHeader, 'account' | 'number' | 'date'> & BookedStatement

/**
 * Whether a statement came before, under whatever name: then it is not booked again. Banks send one again, and people
 * lay it into the folder twice. Asked of the database only when its number is not beyond the last one's.
 */
function statementsBefore(tx: Tx, municipality: Municipality, last: ReadonlyMap<string, number>) {
  const now = new Map<string, BookedStatement>()
  return async (told: Told): Promise<'new' | 'late' | 'again' | 'changed'> => {
    const key = `${told.account} ${told.date} ${told.number}`
    const isBeyond = told.number > (last.get(told.account) ?? 0)
    const before = now.get(key) ?? (isBeyond ? undefined : await bookedStatement(tx, municipality, told))
    if (before === undefined) {
      now.set(key, told)
      return isBeyond ? 'new' : 'late'
    }
    const same = before.opening === told.opening && before.closing === told.closing && before.entries === told.entries
    return same ? 'again' : 'changed'
  }
}

function changed({ account, number }: StatementHeader): FileProblem {
  const detail = `Statement ${number} of account ${account} came before and said something else; the first one counts.`
  return { line: 0, field: 'number', code: 'statement_changed', detail }
}
