/** Takes in what the rail and the bank laid in the folder: any number of times, half files refused. */
import { hash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseStatement } from '../../adapters/bank/index.ts'
import { parseAnswerFile } from '../../adapters/nemkonto/index.ts'
import type { Tx } from '../../base/db.ts'
import type { Day } from '../../base/date.ts'
import { batchOf, type Municipality, RECORDS_PER_BATCH } from '../../base/id.ts'
import {
  type AnswerFileHeader,
  type AnswerRow,
  type FileProblem,
  lastStatement,
  type PaymentRun,
  paymentOfEndToEndId,
  readRuns,
  recordAnswers,
  recordReceivedFile,
  recordStatement,
  runSizes,
  type StatementEntry,
  type StatementHeader,
} from '../../modules/payments/index.ts'
import type { MonthClock } from './clock.ts'
import type { Line } from './line.ts'
import { railAccounts } from './pay-run.ts'
import { RUN_WORK_NUMBERS } from './plan-month.ts'

/** Answer files take the numbers behind their run from 1, statements from here. */
const STATEMENT_SLOT = 16

/** What lies in the incoming folder, sorted by whom it is for: read once for all municipalities. */
export interface Incoming {
  /** Answer files by the file that they answer. */
  readonly answers: ReadonlyMap<string, readonly string[]>
  /** Statements by account; of one account by day. */
  readonly statements: ReadonlyMap<string, readonly string[]>
}

/** Whole files only; a name that is none of ours is left alone. */
export async function listIncoming(folder: string): Promise<Incoming> {
  const answers = new Map<string, string[]>()
  const statements = new Map<string, string[]>()
  const names = await readdir(folder).catch(() => [])
  for (const name of names.sort()) {
    const answer = /^NKS-(\d{4}R\d+)-.*\.xml$/.exec(name)?.[1]
    const account = /^camt053-(\w+)-.*\.xml$/.exec(name)?.[1]
    if (answer !== undefined) answers.set(answer, [...(answers.get(answer) ?? []), name])
    if (account !== undefined) statements.set(account, [...(statements.get(account) ?? []), name])
  }
  return { answers, statements }
}

async function knownFiles(tx: Tx, municipality: Municipality, kind: string): Promise<Set<string>> {
  const rows = await tx.rows<{ name: string }>(
    'select name from received_files where municipality_code = $1 and kind = $2',
    [municipality, kind],
  )
  return new Set(rows.map((row) => row.name))
}

/** Books every new answer file of one run. Answer files are named by the file that they answer. */
export async function takeAnswers(
  line: Line,
  run: PaymentRun,
  names: readonly string[],
  clock: MonthClock,
): Promise<void> {
  if (names.length === 0) return
  const folder = line.folders.in
  const known = await line.connection.transaction([run.municipality], (tx) =>
    knownFiles(tx, run.municipality, 'answers'),
  )
  for (const [i, name] of names.entries()) {
    if (known.has(name)) continue
    const bytes = await readFile(join(folder, name))
    line.at('answers:read')
    await line.connection.inTurn(run.municipality, async (tx) => {
      await takeAnswerFile(tx, line, run, { name, bytes, workNo: run.workNo + 1 + i }, clock)
      line.at('answers:before-commit')
    })
    line.at('answers:after-commit')
  }
}

interface ReceivedFile {
  readonly name: string
  readonly bytes: Buffer
  readonly workNo: number
}

async function takeAnswerFile(
  tx: Tx,
  line: Line,
  run: PaymentRun,
  file: ReceivedFile,
  clock: MonthClock,
): Promise<void> {
  const { municipality } = run
  const problems: FileProblem[] = []
  const sizes = await runSizes(tx, municipality)
  const answers: AnswerRow[] = []
  let header: AnswerFileHeader | undefined
  let place = 0
  const result = parseAnswerFile([file.bytes], {
    header: (told) => {
      header = told
    },
    answer(answer) {
      place++
      const { kind } = answer
      if (kind === 0)
        problems.push({
          line: place,
          field: 'ref',
          code: 'file_refused',
          detail: `The rail could not read ${answer.ref}: ${answer.reason}`,
        })
      if (kind === 0 || kind === 1) return
      const named = paymentOfEndToEndId(answer.ref)
      const number = named === undefined ? 0 : named.payment % RECORDS_PER_BATCH
      const size = named === undefined ? 0 : (sizes.get(batchOf(named.payment)) ?? 0)
      if (named?.municipality !== municipality || number < 1 || number > size) {
        problems.push({
          line: place,
          field: 'ref',
          code: 'unknown_payment',
          detail: `No payment of ours is called ${answer.ref}.`,
        })
      } else {
        answers.push({
          payment: named.payment,
          answer: kind,
          reason: answer.reason,
          waitingAccount: answer.waitingAccount,
        })
      }
    },
  })
  const at = clock.answered(run.dispositionDate)
  await tx.run(
    `insert into work_batches (municipality_code, work_no, kind, cause, known_at) values ($1, $2, 'answers', $3, $4)`,
    [municipality, file.workNo, file.name, at],
  )
  if (result.whole) {
    await recordAnswers(
      tx,
      { municipality, workNo: file.workNo, date: run.dispositionDate, knownAt: at },
      answers,
      railAccounts(line.rates),
    )
  }
  await recordReceivedFile(tx, {
    municipality,
    workNo: file.workNo,
    kind: 'answers',
    name: file.name,
    sha256: hash('sha256', file.bytes, 'buffer'),
    header: { ...header, whole: result.whole, answers: answers.length },
    problems: [...result.problems, ...problems],
    knownAt: at,
  })
}

/** Books the bank statements of a municipality that are new. The name carries account and date. */
export async function takeStatements(
  line: Line,
  municipality: Municipality,
  given: readonly string[],
  clock: MonthClock,
): Promise<void> {
  if (given.length === 0) return
  const folder = line.folders.in
  // By day, then account: so that a resumed run books them in the order of an undisturbed one.
  const names = [...given].sort((a, b) => dayIn(a).localeCompare(dayIn(b)) || a.localeCompare(b))
  const known = await line.connection.transaction([municipality], (tx) => knownFiles(tx, municipality, 'statement'))
  for (const name of names) {
    if (known.has(name)) continue
    const bytes = await readFile(join(folder, name))
    await line.connection.inTurn(municipality, async (tx) => {
      await takeStatementFile(tx, line, municipality, { name, bytes }, clock)
      line.at('statement:before-commit')
    })
    line.at('statement:after-commit')
  }
}

/** `…-2026-03-31.xml` → `2026-03-31`. */
export function dayIn(name: string): string {
  return name.slice(-14, -4)
}

interface ReadStatement {
  readonly header: StatementHeader
  readonly entries: StatementEntry[]
}

async function takeStatementFile(
  tx: Tx,
  line: Line,
  municipality: Municipality,
  file: { name: string; bytes: Buffer },
  clock: MonthClock,
): Promise<void> {
  const statements: ReadStatement[] = []
  const result = parseStatement([file.bytes], {
    header: (header) => statements.push({ header, entries: [] }),
    entry: (entry) => statements.at(-1)?.entries.push(entry),
  })
  const statement = statements[0]
  const date = statement?.header.date ?? (0 as Day)
  const workNo = await statementWorkNo(tx, municipality, date)
  const problems = [...result.problems]
  const at = clock.statement(date)
  await tx.run(
    `insert into work_batches (municipality_code, work_no, kind, cause, known_at) values ($1, $2, 'statement', $3, $4)`,
    [municipality, workNo, file.name, at],
  )
  if (statement !== undefined) problems.push(...(await discontinuities(tx, municipality, statement.header)))
  if (statement !== undefined && result.whole) {
    await recordStatement(
      tx,
      { municipality, workNo, knownAt: at, header: statement.header },
      statement.entries,
      railAccounts(line.rates),
    )
  }
  await recordReceivedFile(tx, {
    municipality,
    workNo,
    kind: 'statement',
    name: file.name,
    sha256: hash('sha256', file.bytes, 'buffer'),
    header: { ...statement?.header, whole: result.whole, entries: statement?.entries.length ?? 0 },
    problems,
    knownAt: at,
  })
}

/**
 * A statement takes a number behind the last run whose disposition date it covers, so that numbers follow the order of
 * business and not the order of arrival.
 */
async function statementWorkNo(tx: Tx, municipality: Municipality, date: Day): Promise<number> {
  const runs = await readRuns(tx, municipality)
  const run = runs.filter((one) => one.dispositionDate <= date).at(-1) ?? runs[0]
  const from = (run?.workNo ?? 1) + STATEMENT_SLOT
  const row = await tx.first<{ next: number }>(
    `select coalesce(max(work_no) + 1, $2::int) as next from work_batches
     where municipality_code = $1 and work_no >= $2 and work_no < $3`,
    [municipality, from, (run?.workNo ?? 1) + RUN_WORK_NUMBERS],
  )
  return row?.next ?? from
}

/** Numbers follow each other, and what one closes with the next opens with. */
async function discontinuities(tx: Tx, municipality: Municipality, header: StatementHeader): Promise<FileProblem[]> {
  const last = await lastStatement(tx, municipality, header.account)
  const number = (last?.number ?? 0) + 1
  const problems: FileProblem[] = []
  if (header.number !== number) {
    problems.push({
      line: 0,
      field: 'number',
      code: 'statement_gap',
      detail: `Statement ${header.number} of account ${header.account} came where ${number} was due.`,
    })
  }
  if (last !== undefined && last.closing !== header.opening) {
    problems.push({
      line: 0,
      field: 'opening',
      code: 'statement_discontinuous',
      detail: `Account ${header.account}: statement ${header.number} opens with ${header.opening} øre, the one before closed with ${last.closing}.`,
    })
  }
  return problems
}
