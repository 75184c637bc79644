/**
 * Takes in what the bank laid in the folder, or the ERP's copy of it: any number of times, under any name, several
 * statements in a file. What does not add up is refused whole. A notification (camt.054) tells of movements that a
 * statement tells too: it is kept, and never booked.
 */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
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
  type StatementFile,
  type StatementHeader,
  type StatementsBefore,
  statementsBefore,
} from '../../modules/payments/index.ts'
import { type LocalRules, readLocalRules } from '../../modules/rates/index.ts'
import type { MonthClock } from './clock.ts'
import { undoStops } from './booked-after-stop.ts'
import { hashOf, type KnownFiles, knownFiles, UNBOOKABLE } from './incoming.ts'
import type { Line } from './line.ts'
import { railAccounts } from './item-accounts.ts'
import { planWork } from './plan-month.ts'
import { clearByReference } from './settle-outside.ts'
import { type BookedAs, type Limits, type Report, type Scanned, scan, take } from './scan-statement.ts'
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
    const limits = { atOnce: movementsAtOnce, most: MOST_PIECES * movementsAtOnce }
    for (const name of names) {
      if (await taking.known.isTaken(line.folders.in, name)) continue
      const scanned = await readAndBook(taking, pile, join(line.folders.in, name), limits)
      if (taking.known.isSame(name, scanned.sha256)) continue
      for (const report of await judgeFile(taking, name, scanned)) await pile.add(report)
    }
    await pile.book()
    await pile.settled()
    await lookAgainAfterStatements(tx, municipality, taking.late, railAccounts(line.rates))
    await recordTaken(tx, municipality, taking.received)
    const last = taking.received.at(-1)
    if (pile.askMore() > 0 && last !== undefined) {
      await undoStops(tx, line.rates, municipality, last.knownAt)
      await clearByReference(tx, line.rates, municipality, last.knownAt)
    }
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
    if (taking.known.isSame(name, read.sha256)) return
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
  readonly before: StatementsBefore
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
    before: await statementsBefore(tx, municipality),
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

function bookAs({ clock, postedOn, rules }: Taking, report: Report, workNo: number): BookedAs {
  const header = report.header as StatementHeader
  const { account, date } = header
  const [shared, isErrorAccount] = [rules.isShared(account, date), rules.isErrorAccount(account, date)]
  return { workNo, knownAt: clock.statement(date), postingDate: postedOn(date), header, shared, isErrorAccount }
}

/**
 * Reads a file through. What is certainly new is booked while the rest is read, so that server and parser work at the
 * same time, and is undone when the file proves not to add up.
 */
async function readAndBook(taking: Taking, pile: Pile, path: string, limits: Limits): Promise<Scanned> {
  let books: boolean | undefined
  const scanned = await scan(path, limits, async (report, isFirst) => {
    if (!isFirst || report.count - report.before < limits.atOnce || report.count > limits.most) return
    books ??=
      isOurs(taking, report.header) && taking.before.isNext(report.header) && taking.known.isNew(await hashOf(path))
    if (!books) return
    if (report.bookedAs === undefined) await pile.mayUndo()
    report.bookedAs ??= bookAs(taking, report, taking.numbers.ofStatement(report.header.date))
    await pile.addFull(report)
  })
  if (books === true && !scanned.whole) await pile.undo()
  else await pile.settled()
  return scanned
}

/** Records what a file is, report by report, and gives those that are to be booked. */
async function judgeFile(taking: Taking, name: string, scanned: Scanned, as?: typeof UNBOOKABLE): Promise<Report[]> {
  const { known, numbers, rules, clock, received } = taking
  const { sha256, bytes, whole } = scanned
  const copy = as === undefined && known.cameBefore(sha256)
  const label = known.label(name)
  const toBook: Report[] = []
  const reports = copy || !whole ? scanned.reports.slice(0, 1) : scanned.reports
  for (const [index, report] of reports.length === 0 ? [[0, undefined] as const] : reports.entries()) {
    const told = report?.header
    const date = told?.date ?? (0 as Day)
    const workNo = report?.bookedAs?.workNo ?? numbers.ofStatement(told?.date)
    const knownAt = clock.statement(date)
    const problems = index === 0 && !copy ? [...scanned.problems] : []
    let came: CameAs = as ?? (copy ? 'again' : 'new')
    if (whole && !copy && report !== undefined && report.isStatement) came = await standsWhere(taking, report, problems)
    if (report !== undefined && report.isStatement && whole && (came === 'new' || came === 'late')) {
      report.bookedAs ??= bookAs(taking, report, workNo)
      const { postingDate } = report.bookedAs
      // The error account may tell that money came before the other account tells that it left.
      if (came === 'late' || rules.hasErrorAccount)
        taking.late.push({ workNo, date: postingDate, valueDate: date, knownAt })
      toBook.push(report)
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

function isOurs({ accounts, rules }: Taking, { account, date }: Report['header']): boolean {
  return accounts.has(account) || rules.isErrorAccount(account, date)
}

/** Whether a statement is of an account of ours, and whether it came before, under whatever name. */
async function standsWhere(taking: Taking, { header, count }: Report, problems: FileProblem[]): Promise<CameAs> {
  const { municipality } = taking
  const told = header as StatementHeader
  if (!isOurs(taking, told)) {
    const detail = `Account ${told.account} is neither of a paying unit nor the error account of municipality ${municipalityText(municipality)}.`
    problems.push({ line: 0, field: 'Acct', code: 'unknown_account', detail })
    return 'foreign'
  }
  const came = await taking.before.came({ ...told, entries: count })
  if (came === 'changed') {
    const detail =
      `Statement ${told.number} of account ${told.account} of ${formatDay(told.date)} came before and said something ` +
      'else; the first one counts.'
    problems.push({ line: 0, field: 'number', code: 'statement_changed', detail })
  }
  return came
}

type Pile = ReturnType<typeof statementPile>

/**
 * Statements that wait to be booked together, as many as memory allows. While the server books some, the next are read;
 * who asks the transaction for something else waits until they are `settled`.
 */
function statementPile(tx: Tx, municipality: Municipality, accounts: RailAccounts, atOnce: number, alone: boolean) {
  let files: StatementFile[] = []
  let movements = 0
  let more = 0
  let booking = Promise.resolve()
  const settled = (): Promise<void> => booking
  async function book(): Promise<void> {
    const waiting = files
    files = []
    movements = 0
    await settled()
    booking = recordStatements(tx, municipality, waiting, accounts, alone).then((found) => void (more += found))
    // What fails is told to whoever waits next; until then nobody does.
    booking.catch(() => undefined)
  }
  async function addPiece(report: Report): Promise<void> {
    const entries = take(report, atOnce)
    if (movements + entries.length > atOnce) await book()
    files.push({ ...(report.bookedAs as BookedAs), piece: report.pieces, before: report.before, entries })
    movements += entries.length
    report.pieces++
    report.before += entries.length
  }
  async function addFull(report: Report): Promise<void> {
    while (report.count - report.before >= atOnce) await addPiece(report)
  }
  return {
    book,
    settled,
    /** Movements that nothing matched, or that undo a stop. */
    askMore: () => more,
    addFull,
    async add(report: Report): Promise<void> {
      await addFull(report)
      if (report.pieces === 0 || report.count > report.before) await addPiece(report)
    },
    /** What is added from now on may be undone. */
    async mayUndo(): Promise<void> {
      await book()
      await settled()
      await tx.run('savepoint statement')
    },
    async undo(): Promise<void> {
      files = []
      movements = 0
      await booking.catch(() => undefined)
      booking = Promise.resolve()
      await tx.run('rollback to savepoint statement')
    },
  }
}

/** `…-2026-03-31.xml` → `2026-03-31`. */
function dayIn(name: string): string {
  return name.slice(-14, -4)
}
