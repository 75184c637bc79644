/** What a lane can be asked to do: plain data in, plain data out, so that it crosses to a worker thread. */
import { createReadStream } from 'node:fs'
import type { Period } from '../../base/date.ts'
import type { Municipality } from '../../base/id.ts'
import type { PaymentRun } from '../../modules/payments/index.ts'
import { type Reconciliation, reconcileMunicipality } from '../../modules/reconciliation/index.ts'
import type { BatchTotals } from './batch-book.ts'
import { calculateBatch } from './calculate-batch.ts'
import { monthClock } from './clock.ts'
import { type ImportResult, importFile } from './import-file.ts'
import type { Line } from './line.ts'
import { type Actors, assembleRuns, payRun } from './pay-run.ts'
import { type MonthPlan, planMonth } from './plan-month.ts'
import { takeAnswers, takeStatements } from './take-answers.ts'
import { tellMonth } from './tell-month.ts'

export type Task =
  | { readonly kind: 'import'; readonly path: string; readonly knownAt: string; readonly actor: string }
  | { readonly kind: 'plan'; readonly municipality: Municipality; readonly month: Period }
  | {
      readonly kind: 'calculate'
      readonly municipality: Municipality
      readonly workNo: number
      readonly knownAt: string
    }
  | { readonly kind: 'assemble'; readonly municipality: Municipality; readonly month: Period; readonly actors: Actors }
  | { readonly kind: 'pay'; readonly run: PaymentRun; readonly month: Period; readonly actors: Actors }
  | { readonly kind: 'answers'; readonly run: PaymentRun; readonly month: Period; readonly names: readonly string[] }
  | {
      readonly kind: 'statements'
      readonly municipality: Municipality
      readonly month: Period
      readonly names: readonly string[]
    }
  | { readonly kind: 'tell'; readonly municipality: Municipality; readonly month: Period }
  | { readonly kind: 'reconcile'; readonly municipality: Municipality; readonly month: Period }

export interface TaskResults {
  import: ImportResult
  plan: MonthPlan
  calculate: BatchTotals | undefined
  assemble: PaymentRun[]
  pay: void
  answers: void
  statements: void
  tell: void
  reconcile: Reconciliation
}

export async function doTask(line: Line, task: Task): Promise<TaskResults[Task['kind']]> {
  switch (task.kind) {
    case 'import':
      return await importFile(line, () => createReadStream(task.path, { highWaterMark: 1 << 18 }), {
        knownAt: task.knownAt,
        actor: task.actor,
      })
    case 'plan':
      return await planMonth(line, task.municipality, task.month, monthClock(task.month))
    case 'calculate': {
      const totals = await calculateBatch(line, task)
      line.at('calculate:after-commit')
      return totals
    }
    case 'assemble':
      return await assembleRuns(line, task.municipality, task.month, monthClock(task.month), task.actors)
    case 'pay':
      return await payRun(line, task.run, monthClock(task.month), task.actors)
    case 'answers':
      return await takeAnswers(line, task.run, task.names, monthClock(task.month))
    case 'statements':
      return await takeStatements(line, task.municipality, task.names, monthClock(task.month))
    case 'tell':
      return await tellMonth(line, task.municipality, task.month, monthClock(task.month))
    case 'reconcile':
      return await line.connection.transaction([task.municipality], (tx) =>
        reconcileMunicipality(tx, task.municipality, task.month, line.rates.book.accounts),
      )
  }
}
