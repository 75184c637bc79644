/**
 * Takes in what the bank laid in the folder, or the ERP's copy of it: any number of times, under any name, several
 * statements in a file. What does not add up is refused whole. A notification (camt.054) tells of movements that a
 * statement tells too: it is kept, and never booked.
 */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { statementReader } from '../../adapters/bank/index.ts'
import type { Tx } from '../../base/db.ts'
import { type Day, formatDay } from '../../base/date.ts'
import { type Municipality, municipalityText } from '../../base/id.ts'
import { LEDGER_BATCHES_PER_WORK, postingDays } from '../../modules/ledger/index.ts'
import {
  type Came,
  type Explains,
  type FileProblem,
  lookAgainAfterStatements,
  type RailAccounts,
  type ReceivedFile,
  readRuns,
  recordReceivedFiles,
  recordStatements,
  type StatementEntry,
  type StatementFile,
  type StatementHeader,
  statementsBefore,
} from '../../modules/payments/index.ts'
import { type LocalRules, readLocalRules } from '../../modules/rates/index.ts'
import type { MonthClock } from './clock.ts'
import { bban, hashOf, type KnownFiles, knownFiles, UNBOOKABLE } from './incoming.ts'
import type { Line } from './line.ts'
import { railAccounts } from './pay-run.ts'
import { planWork } from './plan-month.ts'
import { readInPlace, readThrough } from './read-in-place.ts'
import { type FileNumbers, fileNumbers } from './work-numbers.ts'

/** Movements that are held in memory and booked at once; a larger statement is booked in pieces of so many. */
const MOVEMENTS_AT_ONCE = 20_000
/** A piece is a ledger batch; the last one is kept for what is found when it is looked at again. */
const MOST_PIECES = LEDGER_BATCHES_PER_WORK - 1

export interface HowTaken {
  /** One file after its set could not be booked: with references that the bank has given before. */
  readonly alone?: boolean
  readonly movementsAtOnce?: number
}

/** Books the bank statements of a municipality that are new, in one transaction. */
export async function takeStatements(
  line: Line,
  municipality: Municipality,
  given: readonly string[],
  clock: MonthClock,
  { alone = false, movementsAtOnce = MOVEMENTS_AT_ONCE }: HowTaken = {},
): Promise<void> {
  if (given.length === 0) return
  // By day, then account: so that a resumed run books them in the order of an undisturbed one.
  const names = [...given].sort((a, b) => dayIn(a).localeCompare(dayIn(b)) || a.localeCompare(b))
  await line.connection.inTurn(municipality, async (tx) => {
    const taking = await openTaking(tx, line, municipality, clock)
    const pile = statementPile(tx, municipality, railAccounts(line.rates), movementsAtOnce, alone)
    for (const name of names) {
      if (await taking.known.isTaken(line.folders.in, name)) continue
      const path = join(line.folders.in, name)
      const scanned = await scan(path, movementsAtOnce)
      if (taking.known.isSame(name, scanned.sha256)) continue
      for (const { file, index, entries } of await judgeFile(taking, name, scanned)) {
        if (entries !== undefined) await pile.add({ ...file, piece: 0, before: 0, entries })
        else await pile.addInPieces(file, path, index)
      }
    }
    await pile.book()
    await lookAgainAfterStatements(tx, municipality, taking.late, railAccounts(line.rates))
    await recordTaken(tx, municipality, taking.received)
    line.at('statement:before-commit')
  })
  line.at('statement:after-commit')
}

/** Keeps a file that could not be booked as received, and why. */
export async function refuseStatement(
  line: Line,
  municipality: Municipality,
  name: string,
  problem: FileProblem,
  clock: MonthClock,
): Promise<void> {
  await line.connection.inTurn(municipality, async (tx) => {
    const taking = await openTaking(tx, line, municipality, clock)
    if (await taking.known.isTaken(line.folders.in, name)) return
    const path = join(line.folders.in, name)
    const { size } = await stat(path).catch(() => ({ size: 0 }))
    const read = { sha256: await hashOf(path), bytes: size, whole: false, problems: [problem], reports: [] }
    await judgeFile(taking, name, read, UNBOOKABLE)
    await recordTaken(tx, municipality, taking.received)
  })
}

/** What is known while the files of a municipality are taken in, and what has been received of them. */
interface Taking {
  readonly known: KnownFiles
  readonly numbers: FileNumbers
  readonly rules: LocalRules
  /** Of the municipality's offices. */
  readonly accounts: ReadonlySet<string>
  readonly postedOn: (wish: Day) => Day
  readonly cameBefore: Awaited<ReturnType<typeof statementsBefore>>
  readonly clock: MonthClock
  readonly municipality: Municipality
  readonly received: ReceivedFile[]
  readonly late: Omit<Explains, 'position'>[]
}

async function openTaking(tx: Tx, line: Line, municipality: Municipality, clock: MonthClock): Promise<Taking> {
  const units = line.rates.book.units.filter((unit) => unit.municipality === municipality)
  return {
    known: await knownFiles(tx, municipality, ['statement', 'notification']),
    numbers: await fileNumbers(tx, municipality, await readRuns(tx, municipality)),
    rules: await readLocalRules(tx, municipality),
    accounts: new Set(units.map((unit) => unit.debitAccount)),
    postedOn: await postingDays(tx, municipality),
    cameBefore: await statementsBefore(tx, municipality),
    clock,
    municipality,
    received: [],
    late: [],
  }
}

async function recordTaken(tx: Tx, municipality: Municipality, received: readonly ReceivedFile[]): Promise<void> {
  const works = received.map(({ workNo, name, knownAt }) => ({ workNo, cause: name, knownAt }))
  await planWork(tx, municipality, 'statement', works)
  await recordReceivedFiles(tx, municipality, received)
}

/** `foreign`: of an account that is none of the municipality's. */
type CameAs = Came | 'foreign' | typeof UNBOOKABLE

interface ToBook {
  readonly file: Omit<StatementFile, 'piece' | 'before' | 'entries'>
  /** Which report of the file. */
  readonly index: number
  readonly entries: readonly StatementEntry[] | undefined
}

/** Records what a file is, report by report, and gives those that are to be booked. */
async function judgeFile(taking: Taking, name: string, scanned: Scanned, as?: typeof UNBOOKABLE): Promise<ToBook[]> {
  const { known, numbers, rules, clock, postedOn, received } = taking
  const { sha256, bytes, whole } = scanned
  const copy = as === undefined && known.cameBefore(sha256)
  const label = known.label(name)
  const toBook: ToBook[] = []
  const reports = copy || !whole ? scanned.reports.slice(0, 1) : scanned.reports
  for (const [index, report] of reports.length === 0 ? [[0, undefined] as const] : reports.entries()) {
    const told = report?.header
    const date = told?.date ?? (0 as Day)
    const workNo = numbers.ofStatement(told?.date)
    const knownAt = clock.statement(date)
    const problems = index === 0 && !copy ? [...scanned.problems] : []
    let came: CameAs = as ?? (copy ? 'again' : 'new')
    if (whole && !copy && report !== undefined && report.isStatement) came = await standsWhere(taking, report, problems)
    if (report !== undefined && report.isStatement && whole && (came === 'new' || came === 'late')) {
      const header = report.header as StatementHeader
      const postingDate = postedOn(date)
      const isErrorAccount = rules.isErrorAccount(header.account, date)
      // The error account may tell that money came before the other account tells that it left.
      if (came === 'late' || rules.hasErrorAccount)
        taking.late.push({ workNo, date: postingDate, valueDate: date, knownAt })
      const shared = rules.isShared(header.account, date)
      const file = { workNo, knownAt, postingDate, header, shared, isErrorAccount }
      toBook.push({ file, index, entries: report.entries })
    }
    const says = { whole, file: name, bytes, entries: report?.count ?? 0 }
    received.push({
      workNo,
      kind: report?.isStatement === false ? 'notification' : 'statement',
      name: index === 0 ? label : known.label(`${label} #${index + 1}`),
      sha256,
      header: { ...told, ...says, ...(came === 'new' || came === 'late' ? {} : { came }) },
      problems,
      knownAt,
    })
  }
  return toBook
}

/** Whether a statement is of an account of ours, and whether it came before, under whatever name. */
async function standsWhere(
  { accounts, municipality, cameBefore, rules }: Taking,
  { header, count }: Report,
  problems: FileProblem[],
): Promise<CameAs> {
  const told = header as StatementHeader
  if (!accounts.has(told.account) && !rules.isErrorAccount(told.account, told.date)) {
    const detail = `Account ${told.account} is neither of a paying unit nor the error account of municipality ${municipalityText(municipality)}.`
    problems.push({ line: 0, field: 'Acct', code: 'unknown_account', detail })
    return 'foreign'
  }
  const came = await cameBefore({ ...told, entries: count })
  if (came === 'changed') {
    const detail =
      `Statement ${told.number} of account ${told.account} of ${formatDay(told.date)} came before and said something ` +
      'else; the first one counts.'
    problems.push({ line: 0, field: 'number', code: 'statement_changed', detail })
  }
  return came
}

/** Statements that wait to be booked together, as many as memory allows. */
function statementPile(tx: Tx, municipality: Municipality, accounts: RailAccounts, atOnce: number, alone: boolean) {
  let files: StatementFile[] = []
  let movements = 0
  async function book(): Promise<void> {
    const waiting = files
    files = []
    movements = 0
    await recordStatements(tx, municipality, waiting, accounts, alone)
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
    async addInPieces(file: ToBook['file'], path: string, index: number): Promise<void> {
      const entries: StatementEntry[] = []
      let at = -1
      const reader = statementReader({
        header: () => void at++,
        notification: () => void at++,
        entry: (entry) => void (at === index && entries.push(entry)),
      })
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
function dayIn(name: string): string {
  return name.slice(-14, -4)
}

/** One statement or notification of a file. */
interface Report {
  readonly isStatement: boolean
  readonly header: Pick<StatementHeader, 'number' | 'account' | 'date'>
  /** Undefined when there are too many to be held at once. */
  entries: StatementEntry[] | undefined
  count: number
}

interface Scanned {
  readonly sha256: Buffer
  readonly bytes: number
  readonly whole: boolean
  readonly problems: readonly FileProblem[]
  readonly reports: readonly Report[]
}

/** Reads a file through: nothing of one that does not add up is booked. */
async function scan(path: string, atOnce: number): Promise<Scanned> {
  const reports: Report[] = []
  let held = 0
  const begin = (isStatement: boolean, header: Report['header']): void =>
    void reports.push({ isStatement, header: { ...header, account: bban(header.account) }, entries: [], count: 0 })
  const reader = statementReader({
    header: (header) => begin(true, header),
    notification: (header) => begin(false, header),
    entry(entry) {
      const report = reports.at(-1) as Report
      report.count++
      if (!report.isStatement) return
      // What was held of it is dropped with it: it is read again, in pieces.
      if (++held > atOnce) report.entries = undefined
      else report.entries?.push(entry)
    },
  })
  const { sha256, bytes } = await readThrough(path, reader)
  const { whole, problems } = reader.finish()
  const tooLarge = reports.find((report) => report.isStatement && report.count > MOST_PIECES * atOnce)
  if (tooLarge === undefined) return { sha256, bytes, whole, problems, reports }
  const detail = `The statement has ${tooLarge.count} movements; ${MOST_PIECES * atOnce} are taken in one.`
  const problem = { line: 0, field: 'Stmt', code: 'too_many_entries', detail }
  return { sha256, bytes, whole: false, problems: [...problems, problem], reports }
}
