/** Takes in what the rail laid in the folder: any number of times, half files refused. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Tx } from '../../base/db.ts'
import { batchOf, type Municipality, RECORDS_PER_BATCH } from '../../base/id.ts'
import {
  type AnswerFile,
  type AnswerFileHeader,
  type AnswerRow,
  type FileProblem,
  type PaymentRun,
  filesToSendAgain,
  lookAgainAfterAnswers,
  newestAttempts,
  paymentOfEndToEndId,
  type RailAnswer,
  type ReceivedFile,
  recordAnswers,
  recordReceivedFiles,
  recordRefusedFiles,
  recordWarnings,
  runSizes,
  type Warning,
} from '../../modules/payments/index.ts'
import type { MonthClock } from './clock.ts'
import type { Line } from './line.ts'
import { railAccounts } from './pay-run.ts'
import { planWork } from './plan-month.ts'
import { RAILS } from './rails.ts'
import { meantPayments, type Refused, refusedFiles } from './rail-words.ts'
import { readThrough } from './read-in-place.ts'

/** Answer files take the numbers behind their run from 1, statements from here. */
export const STATEMENT_SLOT = 16

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
    const answer = /^(?:NKS|PAIN002)-(\d{4}R\d+)(?:~\d+)?-.*\.xml$/.exec(name)?.[1]
    const account = /^camt053-(\w+)-.*\.xml$/.exec(name)?.[1]
    if (answer !== undefined) answers.set(answer, [...(answers.get(answer) ?? []), name])
    if (account !== undefined) statements.set(account, [...(statements.get(account) ?? []), name])
  }
  return { answers, statements }
}

/** Names of the files of a kind that were taken in before. */
export async function knownFiles(tx: Tx, municipality: Municipality, kind: string): Promise<Set<string>> {
  const rows = await tx.rows<{ name: string }>(
    'select name from received_files where municipality_code = $1 and kind = $2',
    [municipality, kind],
  )
  return new Set(rows.map((row) => row.name))
}

/** Answer files of one run, by name: taken in by name, each numbered after those that were taken before. */
export interface RunAnswers {
  readonly run: PaymentRun
  readonly names: readonly string[]
}

interface AnswerPath {
  readonly name: string
  readonly path: string
  readonly workNo: number
}

/**
 * Books every new answer file of a municipality, in one transaction.
 * @returns how many files were refused whole and go again of themselves
 */
export async function takeAnswers(
  line: Line,
  municipality: Municipality,
  given: readonly RunAnswers[],
  clock: MonthClock,
): Promise<number> {
  if (given.length === 0) return 0
  const again = await line.connection.inTurn(municipality, async (tx) => {
    const known = await knownFiles(tx, municipality, 'answers')
    const sizes = await runSizes(tx, municipality)
    const numberOf = await answerNumbers(tx, municipality)
    const attempts = await newestAttempts(tx, municipality)
    const read: ReadAnswers[] = []
    for (const { run, names } of given) {
      for (const name of names) {
        if (known.has(name)) continue
        const file = { name, path: join(line.folders.in, name), workNo: numberOf(run) }
        const sentAt = attempts.get(run.runNo)?.at ?? ''
        const answered = clock.answered(run.dispositionDate)
        read.push(await readAnswers(tx, run, sizes, file, sentAt > answered ? sentAt : answered))
        line.at('answers:read')
      }
    }
    await planWork(
      tx,
      municipality,
      'answers',
      read.map(({ file, received }) => ({ workNo: file.workNo, cause: received.name, knownAt: file.knownAt })),
    )
    await recordAnswers(
      tx,
      municipality,
      read.map(({ file }) => file),
      railAccounts(line.rates),
    )
    await lookAgainAfterAnswers(
      tx,
      municipality,
      read.map(({ file }) => file),
      railAccounts(line.rates),
    )
    await recordReceivedFiles(
      tx,
      municipality,
      read.map(({ received }) => received),
    )
    const told = read.flatMap((one) => one.refusals)
    await recordRefusedFiles(tx, municipality, refusedFiles(told, attempts))
    const warnings = read.flatMap((one) => one.warnings)
    await recordWarnings(tx, municipality, warnings)
    line.at('answers:before-commit')
    return await filesToSendAgain(tx, municipality, clock.closed)
  })
  line.at('answers:after-commit')
  return again
}

/** The next free number behind a run: a file that comes late may have a name before one that is taken in. */
async function answerNumbers(tx: Tx, municipality: Municipality): Promise<(run: PaymentRun) => number> {
  const used = await tx.rows<{ work_no: number }>(
    `select work_no from work_batches where municipality_code = $1 and kind = 'answers'`,
    [municipality],
  )
  const taken = used.map((row) => row.work_no)
  return (run) => {
    const [from, to] = [run.workNo + 1, run.workNo + STATEMENT_SLOT]
    const number = taken.reduce((next, one) => (one >= next && one < to ? one + 1 : next), from)
    taken.push(number)
    return number
  }
}

interface ReadAnswers {
  readonly file: AnswerFile
  readonly received: ReceivedFile
  readonly refusals: readonly Refused[]
  readonly warnings: readonly Warning[]
}

/** What a file says; one that is not whole is kept as received and says nothing. */
async function readAnswers(
  tx: Tx,
  run: PaymentRun,
  sizes: ReadonlyMap<number, number>,
  { name, path, workNo }: AnswerPath,
  knownAt: string,
): Promise<ReadAnswers> {
  const problems: FileProblem[] = []
  const answers: AnswerRow[] = []
  const broad: RailAnswer[] = []
  const refusals: Refused[] = []
  let header: AnswerFileHeader | undefined
  let place = 0
  const reader = RAILS[run.rail].answers({
    header: (told) => {
      header = told
    },
    answer(answer) {
      place++
      if (answer.about !== undefined) return void broad.push(answer)
      if (answer.kind === 0)
        return void refusals.push({ run, answer, workNo, answerId: header?.answerId ?? '', knownAt })
      const row = answerRow(run.municipality, sizes, answer, place, problems)
      if (row !== undefined) answers.push(row)
    },
  })
  const sha256 = await readThrough(path, reader)
  const result = reader.finish()
  const { whole } = result
  // What is said of a file or a bundle is said of those of its payments that nothing else is said of.
  if (whole && broad.length > 0) answers.push(...(await meantPayments(tx, run, broad, answers, problems)))
  const warned = whole ? answers.filter((row) => row.answer === 8 && row.reason !== '') : []
  return {
    file: { workNo, date: run.dispositionDate, knownAt, answers: whole ? answers : [] },
    received: {
      workNo,
      kind: 'answers',
      name,
      sha256,
      header: { ...header, whole, answers: answers.length },
      problems: [...result.problems, ...problems],
      knownAt,
    },
    refusals: whole ? refusals : [],
    warnings: warned.map(({ payment, reason }) => ({ payment, reason, workNo })),
  }
}

/** An answer about a payment of ours; undefined for receipts, and for what becomes a problem. */
function answerRow(
  municipality: Municipality,
  sizes: ReadonlyMap<number, number>,
  answer: RailAnswer,
  place: number,
  problems: FileProblem[],
): AnswerRow | undefined {
  const { kind, ref, reason, waitingAccount } = answer
  if (kind === 0 || kind === 1) return undefined
  const named = paymentOfEndToEndId(ref)
  const number = named === undefined ? 0 : named.payment % RECORDS_PER_BATCH
  const size = named === undefined ? 0 : (sizes.get(batchOf(named.payment)) ?? 0)
  if (named?.municipality !== municipality || number < 1 || number > size) {
    problems.push({
      line: place,
      field: 'ref',
      code: 'unknown_payment',
      detail: `No payment of ours is called ${ref}.`,
    })
    return undefined
  }
  return { payment: named.payment, answer: kind, reason, waitingAccount }
}
