/** Takes in what the rail laid in the folder: any number of times, half files refused. */
import { readdir } from 'node:fs/promises'
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
import type { Line } from './line.ts'
import { railAccounts } from './pay-run.ts'
import { planWork } from './plan-month.ts'
import { readThrough } from './read-in-place.ts'
import { fileNumbers } from './work-numbers.ts'

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

/** Books every new answer file of a municipality, in one transaction. */
export async function takeAnswers(
  line: Line,
  municipality: Municipality,
  given: readonly RunAnswers[],
  clock: MonthClock,
): Promise<void> {
  if (given.length === 0) return
  await line.connection.inTurn(municipality, async (tx) => {
    const known = await knownFiles(tx, municipality, 'answers')
    const sizes = await runSizes(tx, municipality)
    const { ofAnswers } = await fileNumbers(tx, municipality, [])
    const postedOn = await postingDays(tx, municipality)
    const read: { file: AnswerFile; received: ReceivedFile; name: string }[] = []
    for (const { run, names } of given) {
      for (const name of names) {
        if (known.has(name)) continue
        const file = { name, path: join(line.folders.in, name), workNo: ofAnswers(run) }
        const days = { valueDate: run.dispositionDate, date: postedOn(run.dispositionDate) }
        read.push({
          name,
          ...(await readAnswers(run, sizes, file, { ...days, knownAt: clock.answered(days.valueDate) })),
        })
        line.at('answers:read')
      }
    }
    await planWork(
      tx,
      municipality,
      'answers',
      read.map(({ file, name }) => ({ workNo: file.workNo, cause: name, knownAt: file.knownAt })),
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
    line.at('answers:before-commit')
  })
  line.at('answers:after-commit')
}

/** What a file says; one that is not whole is kept as received and says nothing. */
async function readAnswers(
  run: PaymentRun,
  sizes: ReadonlyMap<number, number>,
  { name, path, workNo }: AnswerPath,
  when: Pick<AnswerFile, 'date' | 'valueDate' | 'knownAt'>,
): Promise<{ file: AnswerFile; received: ReceivedFile }> {
  const problems: FileProblem[] = []
  const answers: AnswerRow[] = []
  let header: AnswerFileHeader | undefined
  let place = 0
  const reader = answerReader({
    header: (told) => {
      header = told
    },
    answer(answer) {
      place++
      const row = answerRow(run.municipality, sizes, answer, place, problems)
      if (row !== undefined) answers.push(row)
    },
  })
  const sha256 = await readThrough(path, reader)
  const result = reader.finish()
  return {
    file: { workNo, ...when, answers: result.whole ? answers : [] },
    received: {
      workNo,
      kind: 'answers',
      name,
      sha256,
      header: { ...header, whole: result.whole, answers: answers.length },
      problems: [...result.problems, ...problems],
      knownAt: when.knownAt,
    },
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
  const problem = (code: string, detail: string): void =>
    void problems.push({ line: place, field: 'ref', code, detail })
  if (kind === 0) problem('file_refused', `The rail could not read ${ref}: ${reason}`)
  if (kind === 0 || kind === 1) return undefined
  const named = paymentOfEndToEndId(ref)
  const number = named === undefined ? 0 : named.payment % RECORDS_PER_BATCH
  const size = named === undefined ? 0 : (sizes.get(batchOf(named.payment)) ?? 0)
  if (named?.municipality !== municipality || number < 1 || number > size) {
    problem('unknown_payment', `No payment of ours is called ${ref}.`)
    return undefined
  }
  return { payment: named.payment, answer: kind, reason, waitingAccount }
}
