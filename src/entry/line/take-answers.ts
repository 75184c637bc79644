/**
 * Takes in what the rail laid in the folder: any number of times, half files refused, what cannot be placed set aside.
 */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Tx } from '../../base/db.ts'
import { batchOf, type Municipality, RECORDS_PER_BATCH } from '../../base/id.ts'
import { postingDays } from '../../modules/ledger/index.ts'
import {
  type AnswerFile,
  type AnswerFileHeader,
  type AnswerRow,
  type FileProblem,
  fileOfId,
  filesToSendAgain,
  lookAgainAfterAnswers,
  newestAttempts,
  paymentOfEndToEndId,
  type PaymentRun,
  type RailAnswer,
  type ReceivedFile,
  recordAnswers,
  type RecallAnswered,
  recordRecallAnswers,
  recordReceivedFiles,
  recordRefusedFiles,
  recordWarnings,
  runSizes,
  type Warning,
} from '../../modules/payments/index.ts'
import type { MonthClock } from './clock.ts'
import { hashOf, knownFiles, UNBOOKABLE } from './incoming.ts'
import type { Line } from './line.ts'
import { railAccounts } from './item-accounts.ts'
import { planWork } from './plan-month.ts'
import { RAILS } from './rails.ts'
import { meantPayments, type Refused, refusedFiles } from './rail-words.ts'
import { isRecallAnswer, readRecallAnswers } from './take-recall-answers.ts'
import { readThrough } from './read-in-place.ts'
import { fileNumbers } from './work-numbers.ts'

/** Answer files of one run, each numbered after those that were taken before. */
export interface RunAnswers {
  /** Undefined: of a run that we never made. */
  readonly run: PaymentRun | undefined
  readonly names: readonly string[]
}

interface AnswersRead {
  readonly file: AnswerFile
  readonly received: ReceivedFile
  readonly refusals: readonly Refused[]
  readonly warnings: readonly Warning[]
  readonly recalls: readonly RecallAnswered[]
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
    const known = await knownFiles(tx, municipality, ['answers'])
    const sizes = await runSizes(tx, municipality)
    const { ofAnswers } = await fileNumbers(tx, municipality, [])
    const attempts = await newestAttempts(tx, municipality)
    const postedOn = await postingDays(tx, municipality)
    const read: AnswersRead[] = []
    for (const { run, names } of given) {
      const when = timesOf(run, postedOn, clock, attempts.get(run?.runNo ?? 0)?.at ?? '')
      for (const name of names) {
        if (await known.isTaken(line.folders.in, name)) continue
        const path = join(line.folders.in, name)
        const one: OneFile = isRecallAnswer(name)
          ? { ...NOTHING, when, ...(await readRecallAnswers(tx, { municipality, run }, path)) }
          : await readAnswers(tx, { municipality, run, sizes }, path, when)
        if (known.isSame(name, one.sha256)) continue
        const came = known.cameBefore(one.sha256) ? 'again' : undefined
        read.push(numbered(one, { run, name, label: known.label(name), workNo: ofAnswers(run), came }))
        line.at('answers:read')
      }
    }
    await recordAll(tx, line, municipality, read, attempts)
    line.at('answers:before-commit')
    return await filesToSendAgain(tx, municipality, clock.closed)
  })
  line.at('answers:after-commit')
  return again
}

/** Keeps a file that could not be booked as received, and why. */
export async function refuseAnswers(
  line: Line,
  municipality: Municipality,
  { run, names }: RunAnswers,
  problem: FileProblem,
  clock: MonthClock,
): Promise<void> {
  await line.connection.inTurn(municipality, async (tx) => {
    const known = await knownFiles(tx, municipality, ['answers'])
    const { ofAnswers } = await fileNumbers(tx, municipality, [])
    const when = timesOf(run, await postingDays(tx, municipality), clock, '')
    const read: AnswersRead[] = []
    for (const name of names) {
      if (await known.isTaken(line.folders.in, name)) continue
      const path = join(line.folders.in, name)
      const { size } = await stat(path).catch(() => ({ size: 0 }))
      const one = { ...NOTHING, when, sha256: await hashOf(path), bytes: size }
      if (known.isSame(name, one.sha256)) continue
      const place = { run, name, label: known.label(name), workNo: ofAnswers(run), came: UNBOOKABLE } as const
      read.push(numbered({ ...one, problems: [problem] }, place))
    }
    await recordAll(tx, line, municipality, read, new Map())
  })
}

async function recordAll(
  tx: Tx,
  line: Line,
  municipality: Municipality,
  read: readonly AnswersRead[],
  attempts: Attempts,
): Promise<void> {
  const works = read.map(({ received }) => ({ ...received, cause: received.name }))
  await planWork(tx, municipality, 'answers', works)
  const files = read.map(({ file }) => file)
  await recordAnswers(tx, municipality, files, railAccounts(line.rates))
  await lookAgainAfterAnswers(tx, municipality, files, railAccounts(line.rates))
  await recordReceivedFiles(
    tx,
    municipality,
    read.map(({ received }) => received),
  )
  const refusals = read.flatMap((one) => one.refusals)
  await recordRefusedFiles(tx, municipality, refusedFiles(refusals, attempts))
  const warnings = read.flatMap((one) => one.warnings)
  await recordWarnings(tx, municipality, warnings)
  const recalls = read.flatMap((one) => one.recalls)
  await recordRecallAnswers(tx, municipality, recalls)
}

/** The newest attempt of each run whose file was sent more than once. */
type Attempts = Awaited<ReturnType<typeof newestAttempts>>

type Times = Pick<AnswerFile, 'date' | 'valueDate' | 'knownAt'>

/** About the run's disposition date, or when its file was sent last; of a run that we never made the month's first. */
function timesOf(
  run: PaymentRun | undefined,
  postedOn: (wish: Times['date']) => Times['date'],
  clock: MonthClock,
  sentAt: string,
): Times {
  const valueDate = run?.dispositionDate ?? clock.from
  const answered = clock.answered(valueDate)
  const knownAt = [answered, sentAt, run?.knownAt ?? ''].reduce((a, b) => (a > b ? a : b))
  return { valueDate, date: postedOn(valueDate), knownAt }
}

interface OneFile {
  readonly when: Times
  readonly sha256: Buffer
  readonly bytes: number
  readonly header: Partial<AnswerFileHeader>
  readonly whole: boolean
  readonly answers: readonly AnswerRow[]
  /** Answers that refuse the file of the run whole. */
  readonly refusals: readonly RailAnswer[]
  /** What is said of payments that were asked back. */
  readonly recalls?: readonly Omit<RecallAnswered, 'workNo'>[]
  readonly problems: readonly FileProblem[]
}

const NOTHING = { header: {}, whole: false, answers: [], refusals: [] } as const

interface Place {
  readonly run: PaymentRun | undefined
  readonly name: string
  readonly label: string
  readonly workNo: number
  readonly came: 'again' | typeof UNBOOKABLE | undefined
}

/** One that is not whole, or came before under another name, is kept as received and says nothing. */
function numbered(
  { when, sha256, bytes, header, whole, answers, refusals, recalls = [], problems }: OneFile,
  { run, name, label, workNo, came }: Place,
): AnswersRead {
  const says = whole && came === undefined
  const answerId = header.answerId ?? ''
  const warned = answers.filter((row) => row.answer === 8 && row.reason !== '')
  const counts = { whole, answers: answers.length, file: name, bytes, ...(came === undefined ? {} : { came }) }
  return {
    file: { workNo, ...when, answers: says ? answers : [] },
    received: {
      workNo,
      kind: 'answers',
      name: label,
      sha256,
      header: { ...header, ...counts },
      problems: came === 'again' ? [] : problems,
      knownAt: when.knownAt,
    },
    refusals:
      says && run !== undefined
        ? refusals.map((answer) => ({ run, answer, workNo, answerId, knownAt: when.knownAt }))
        : [],
    recalls: says ? recalls.map((one) => ({ ...one, workNo })) : [],
    warnings: says ? warned.map(({ payment, reason }) => ({ payment, reason, workNo })) : [],
  }
}

/** Whose answers are read. */
interface Answered {
  readonly municipality: Municipality
  readonly run: PaymentRun | undefined
  readonly sizes: ReadonlyMap<number, number>
}

async function readAnswers(
  tx: Tx,
  { municipality, run, sizes }: Answered,
  path: string,
  when: Times,
): Promise<OneFile> {
  const problems: FileProblem[] = []
  const answers: AnswerRow[] = []
  const broad: { answer: RailAnswer; line: number }[] = []
  const refusals: RailAnswer[] = []
  let header: Partial<AnswerFileHeader> = {}
  const reader = RAILS[run?.rail ?? 'nemkonto'].answers({
    header: (told) => {
      header = told
    },
    answer(answer, place) {
      if (answer.about !== undefined) return void broad.push({ answer, line: place })
      if (answer.kind === 0) return void (isOf(run, answer, place, problems) && refusals.push(answer))
      const row = answerRow(municipality, sizes, answer, place, problems)
      if (row !== undefined) answers.push(row)
    },
  })
  const { sha256, bytes } = await readThrough(path, reader)
  const { whole, problems: found } = reader.finish()
  // What is said of a file or a bundle is said of those of its payments that nothing else is said of.
  if (whole && broad.length > 0) {
    answers.push(...(await meantPayments(tx, { municipality, run }, broad, answers, problems)))
  }
  return { when, sha256, bytes, header, whole, answers, refusals, problems: [...found, ...problems] }
}

/** Whether a refusal of a whole file is of the run's; else it is set aside. */
function isOf(
  run: PaymentRun | undefined,
  { ref, reason }: RailAnswer,
  place: number,
  problems: FileProblem[],
): run is PaymentRun {
  const named = fileOfId(ref) ?? run
  if (run !== undefined && named?.municipality === run.municipality && named.runNo === run.runNo) return true
  const detail = `The rail could not read ${ref}, which is no file of this run: ${reason}`
  problems.push({ line: place, field: 'ref', code: 'file_refused', detail })
  return false
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
    const detail = `No payment of ours is called ${ref}; the rail says ${kind} of it. ${reason}`.trim()
    problems.push({ line: place, field: 'ref', code: 'unknown_payment', detail })
    return undefined
  }
  return { payment: named.payment, answer: kind, reason, waitingAccount }
}
