/**
 * Takes in what the rail laid in the folder: any number of times, half files refused, what cannot be placed set aside.
 */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { answerReader } from '../../adapters/nemkonto/index.ts'
import type { Tx } from '../../base/db.ts'
import { batchOf, type Municipality, RECORDS_PER_BATCH } from '../../base/id.ts'
import { postingDays } from '../../modules/ledger/index.ts'
import {
  type AnswerFile,
  type AnswerFileHeader,
  type AnswerRow,
  type FileProblem,
  type PaymentRun,
  lookAgainAfterAnswers,
  paymentOfEndToEndId,
  type RailAnswer,
  type ReceivedFile,
  recordAnswers,
  recordReceivedFiles,
  runSizes,
} from '../../modules/payments/index.ts'
import type { MonthClock } from './clock.ts'
import { hashOf, knownFiles, UNBOOKABLE } from './incoming.ts'
import type { Line } from './line.ts'
import { railAccounts } from './pay-run.ts'
import { planWork } from './plan-month.ts'
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
}

/** Books every new answer file of a municipality, in one transaction. */
export async function takeAnswers(
  line: Line,
  municipality: Municipality,
  given: readonly RunAnswers[],
  clock: MonthClock,
): Promise<void> {
  if (given.length === 0) return
  await line.connection.inTurn(municipality, async (tx) => {
    const known = await knownFiles(tx, municipality, ['answers'])
    const sizes = await runSizes(tx, municipality)
    const { ofAnswers } = await fileNumbers(tx, municipality, [])
    const postedOn = await postingDays(tx, municipality)
    const read: AnswersRead[] = []
    for (const { run, names } of given) {
      const when = timesOf(run, postedOn, clock)
      for (const name of names) {
        if (await known.isTaken(line.folders.in, name)) continue
        const one = await readAnswers(municipality, sizes, join(line.folders.in, name), when)
        if (known.isSame(name, one.sha256)) continue
        const came = known.cameBefore(one.sha256) ? 'again' : undefined
        read.push(numbered(one, { name, label: known.label(name), workNo: ofAnswers(run), came }))
        line.at('answers:read')
      }
    }
    await recordAll(tx, line, municipality, read)
    line.at('answers:before-commit')
  })
  line.at('answers:after-commit')
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
    const when = timesOf(run, await postingDays(tx, municipality), clock)
    const read: AnswersRead[] = []
    for (const name of names) {
      if (await known.isTaken(line.folders.in, name)) continue
      const path = join(line.folders.in, name)
      const { size } = await stat(path).catch(() => ({ size: 0 }))
      const one = { when, sha256: await hashOf(path), bytes: size, answers: [], header: {}, whole: false }
      const place = { name, label: known.label(name), workNo: ofAnswers(run), came: UNBOOKABLE } as const
      read.push(numbered({ ...one, problems: [problem] }, place))
    }
    await recordAll(tx, line, municipality, read)
  })
}

async function recordAll(tx: Tx, line: Line, municipality: Municipality, read: readonly AnswersRead[]): Promise<void> {
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
}

type Times = Pick<AnswerFile, 'date' | 'valueDate' | 'knownAt'>

/** About the run's disposition date; of a run that we never made the month's first day. */
function timesOf(
  run: PaymentRun | undefined,
  postedOn: (wish: Times['date']) => Times['date'],
  clock: MonthClock,
): Times {
  const valueDate = run?.dispositionDate ?? clock.from
  return { valueDate, date: postedOn(valueDate), knownAt: clock.answered(valueDate) }
}

interface OneFile {
  readonly when: Times
  readonly sha256: Buffer
  readonly bytes: number
  readonly header: Partial<AnswerFileHeader>
  readonly whole: boolean
  readonly answers: readonly AnswerRow[]
  readonly problems: readonly FileProblem[]
}

interface Place {
  readonly name: string
  readonly label: string
  readonly workNo: number
  readonly came: 'again' | typeof UNBOOKABLE | undefined
}

/** One that is not whole, or came before under another name, is kept as received and says nothing. */
function numbered(
  { when, sha256, bytes, header, whole, answers, problems }: OneFile,
  { name, label, workNo, came }: Place,
): AnswersRead {
  const counts = { whole, answers: answers.length, file: name, bytes, ...(came === undefined ? {} : { came }) }
  return {
    file: { workNo, ...when, answers: whole && came === undefined ? answers : [] },
    received: {
      workNo,
      kind: 'answers',
      name: label,
      sha256,
      header: { ...header, ...counts },
      problems: came === 'again' ? [] : problems,
      knownAt: when.knownAt,
    },
  }
}

async function readAnswers(
  municipality: Municipality,
  sizes: ReadonlyMap<number, number>,
  path: string,
  when: Times,
): Promise<OneFile> {
  const problems: FileProblem[] = []
  const answers: AnswerRow[] = []
  let header: Partial<AnswerFileHeader> = {}
  const reader = answerReader({
    header: (told) => {
      header = told
    },
    answer(answer, place) {
      const row = answerRow(municipality, sizes, answer, place, problems)
      if (row !== undefined) answers.push(row)
    },
  })
  const { sha256, bytes } = await readThrough(path, reader)
  const { whole, problems: found } = reader.finish()
  return { when, sha256, bytes, header, whole, answers, problems: [...found, ...problems] }
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
  const problem = (code: string, detail: string): void =>
    void problems.push({ line: place, field: 'ref', code, detail })
  if (kind === 0) problem('file_refused', `The rail could not read ${ref}: ${reason}`)
  if (kind === 0 || kind === 1) return undefined
  const named = paymentOfEndToEndId(ref)
  const number = named === undefined ? 0 : named.payment % RECORDS_PER_BATCH
  const size = named === undefined ? 0 : (sizes.get(batchOf(named.payment)) ?? 0)
  if (named?.municipality !== municipality || number < 1 || number > size) {
    problem('unknown_payment', `No payment of ours is called ${ref}; the rail says ${kind} of it. ${reason}`.trim())
    return undefined
  }
  return { payment: named.payment, answer: kind, reason, waitingAccount }
}
