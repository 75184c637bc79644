/** What a lane can be asked to do: plain data in, plain data out, so that it crosses to a worker thread. */
import type { Period } from '../../base/date.ts'
import type { Municipality } from '../../base/id.ts'
import { findUntold, type Untold } from '../../modules/events/index.ts'
import { findWork } from '../../modules/overview/index.ts'
import { type FileProblem, type PaymentRun, presumePaid } from '../../modules/payments/index.ts'
import { type Reconciliation, reconcileMunicipalities } from '../../modules/reconciliation/index.ts'
import type { BatchTotals } from './batch-book.ts'
import { calculateBatch } from './calculate-batch.ts'
import { recordCheck } from './check-told.ts'
import { monthClock } from './clock.ts'
import { type ImportMemory, type ImportResult, importFile } from './import-file.ts'
import { crossYears } from './cross-year.ts'
import { importRegister, type RegisterFile } from './import-register.ts'
import type { Asked } from './cut-off.ts'
import type { Line } from './line.ts'
import { readInPlace } from './read-in-place.ts'
import { type Actors, assembleMonth, payRuns } from './pay-run.ts'
import { type MonthPlan, planMonth } from './plan-month.ts'
import { sendAgain } from './send-again.ts'
import { sendRecalls } from './stop-payment.ts'
import { refuseAnswers, type RunAnswers, takeAnswers } from './take-answers.ts'
import { refuseStatement, takeStatements } from './take-statements.ts'
import { errorAccounts } from '../../modules/rates/index.ts'
import { tellMonth } from './tell-month.ts'

export type Task =
  /** Files of one municipality, in their order. */
  | { readonly kind: 'import'; readonly paths: readonly string[]; readonly knownAt: string; readonly actor: string }
  /** Files from registers about one municipality, in their order. */
  | {
      readonly kind: 'registers'
      readonly files: readonly RegisterFile[]
      readonly knownAt: string
      readonly actor: string
    }
  | { readonly kind: 'plan'; readonly municipality: Municipality; readonly month: Period }
  | {
      readonly kind: 'calculate'
      readonly municipality: Municipality
      readonly workNo: number
      readonly knownAt: string
    }
  | {
      readonly kind: 'assemble'
      readonly municipality: Municipality
      readonly month: Period
      readonly actors: Actors
      readonly asked?: Asked | undefined
    }
  | {
      readonly kind: 'pay'
      readonly municipality: Municipality
      readonly runs: readonly PaymentRun[]
      readonly month: Period
      readonly actors: Actors
      readonly asked?: Asked | undefined
    }
  | {
      readonly kind: 'answers'
      readonly municipality: Municipality
      readonly runs: readonly RunAnswers[]
      readonly month: Period
    }
  | {
      readonly kind: 'statements'
      readonly municipality: Municipality
      readonly month: Period
      readonly names: readonly string[]
      /** One file after its set could not be booked. */
      readonly alone: boolean
    }
  /** Which of these accounts, of no paying unit, are error accounts of these municipalities. */
  | {
      readonly kind: 'error-accounts'
      readonly municipalities: readonly Municipality[]
      readonly accounts: readonly string[]
    }
  | {
      readonly kind: 'refuse-answers'
      readonly municipality: Municipality
      readonly month: Period
      readonly answers: RunAnswers
      readonly problem: FileProblem
    }
  | {
      readonly kind: 'refuse-statement'
      readonly municipality: Municipality
      readonly month: Period
      readonly name: string
      readonly problem: FileProblem
    }
  /** Files that the rail refused whole and that go again of themselves. */
  | { readonly kind: 'again'; readonly municipality: Municipality; readonly month: Period }
  | { readonly kind: 'tell'; readonly municipality: Municipality; readonly month: Period }
  | {
      readonly kind: 'reconcile'
      readonly municipalities: readonly Municipality[]
      readonly month: Period
      readonly asked?: Asked | undefined
    }
  | { readonly kind: 'find-untold'; readonly municipalities: readonly Municipality[] }

export interface TaskResults {
  import: ImportResult[]
  registers: ImportResult[]
  plan: MonthPlan
  calculate: BatchTotals | undefined
  assemble: PaymentRun[]
  /** Numbers of the runs that are sent. */
  pay: readonly number[]
  answers: number
  again: readonly string[]
  statements: void
  'error-accounts': readonly { readonly municipality: Municipality; readonly account: string }[]
  'refuse-answers': void
  'refuse-statement': void
  tell: void
  reconcile: Reconciliation[]
  'find-untold': Untold[]
}

export async function doTask(line: Line, task: Task): Promise<TaskResults[Task['kind']]> {
  switch (task.kind) {
    case 'import':
      return await importFiles(line, task.paths, task.knownAt, task.actor)
    case 'registers': {
      const results: ImportResult[] = []
      for (const file of task.files) results.push(await importRegister(line, file, task))
      return results
    }
    case 'plan':
      await crossYears(line, task.municipality, task.month, monthClock(task.month))
      return await planMonth(line, task.municipality, task.month, monthClock(task.month))
    case 'calculate': {
      const totals = await calculateBatch(line, task)
      line.at('calculate:after-commit')
      return totals
    }
    case 'assemble':
      return await assembleMonth(line, task.municipality, task.month, monthClock(task.month), task.actors, task.asked)
    case 'pay':
      await sendRecalls(line, task.municipality)
      return await payRuns(line, task.municipality, task.runs, monthClock(task.month), task.actors, task.asked)
    case 'answers':
      return await takeAnswers(line, task.municipality, task.runs, monthClock(task.month))
    case 'again':
      return await sendAgain(line, task.municipality, monthClock(task.month).closed)
    case 'statements':
      return await takeStatements(line, task.municipality, task.names, monthClock(task.month), task)
    case 'error-accounts':
      return await line.connection.transaction(task.municipalities, (tx) =>
        errorAccounts(tx, task.municipalities, task.accounts),
      )
    case 'refuse-answers':
      return await refuseAnswers(line, task.municipality, task.answers, task.problem, monthClock(task.month))
    case 'refuse-statement':
      return await refuseStatement(line, task.municipality, task.name, task.problem, monthClock(task.month))
    case 'tell':
      return await tellMonth(line, task.municipality, task.month, monthClock(task.month))
    case 'reconcile':
      return await line.connection.transaction(task.municipalities, async (tx) => {
        const { closed } = monthClock(task.month)
        const time = task.asked?.at ?? task.asked?.now
        await presumePaid(tx, task.municipalities, time ?? closed)
        const found = await reconcileMunicipalities(tx, task.municipalities, task.month, line.rates.book.accounts)
        // Sums that differ are asked line by line, and only they.
        for (const { municipality, findings } of found) {
          if (!findings.some((one) => one.what === 'delivery_differs' && one.ref === 'eindkomst')) continue
          await recordCheck(tx, line, municipality, task.month, { at: closed, by: 'toek' })
        }
        await findWork(tx, task.municipalities, closed, time)
        return found
      })
    case 'find-untold':
      return await line.connection.transaction(task.municipalities, (tx) => findUntold(tx, task.municipalities))
  }
}

async function importFiles(
  line: Line,
  paths: readonly string[],
  knownAt: string,
  actor: string,
): Promise<ImportResult[]> {
  const memory: ImportMemory = { parties: undefined }
  const results: ImportResult[] = []
  for (const path of paths) results.push(await importFile(line, () => readInPlace(path), { knownAt, actor, memory }))
  return results
}
