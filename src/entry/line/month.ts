/**
 * The line for a month: files → batches → runs → rail and bank → told on → reconciled. Municipalities overlap; within
 * one, every step waits for the one before. Every step is safe to run again: a killed run goes on where it stopped.
 */
import type { Day, Period } from '../../base/date.ts'
import { type Municipality, municipalityText } from '../../base/id.ts'
import type { Untold } from '../../modules/events/index.ts'
import { fileIdOf, type PaymentRun } from '../../modules/payments/index.ts'
import { nextBankDay, type RateReader } from '../../modules/rates/index.ts'
import type { Reconciliation } from '../../modules/reconciliation/index.ts'
import { monthClock } from './clock.ts'
import type { Asked } from './cut-off.ts'
import type { ImportResult } from './import-file.ts'
import { registerFiles } from './import-register.ts'
import type { Actors } from './pay-run.ts'
import type { Pool } from './pool.ts'
import { listIncoming, type Looked, takeApart } from './incoming.ts'
import type { RunAnswers } from './take-answers.ts'

/** The rail as the line sees it: the demo's fake, or nothing when others carry the files to and from the folders. */
export interface RailControl {
  /** The rail reads what lies in the folder and answers, as of a business date. */
  exchange(date: Day): Promise<void>
  /** The bank ends its day and sends statements. */
  dayEnd(date: Day): Promise<void>
  /** The next bank day on which something that it was sent leaves an account; undefined: all has. */
  nextDebit(): Promise<Day | undefined>
}

export interface MonthOptions {
  readonly month: Period
  readonly municipalities: readonly Municipality[]
  readonly files: readonly string[]
  readonly actors: Actors
  /** What time it is, where it is not the scripted one. */
  readonly asked?: Asked | undefined
  readonly rail: RailControl | undefined
  /** Where the rail and the bank lay their files, and registers theirs in folders of their own. */
  readonly incoming: string
  readonly rates: RateReader
  /** Refreshes the planner's statistics after much has been loaded. */
  readonly refreshStatistics: (loaded: 'intake' | 'calculated' | 'assembled' | 'paid') => Promise<void>
  readonly onStage: (stage: string, total: number) => void
  readonly onDone: (count: number) => void
}

export interface MonthResult {
  readonly imports: readonly ImportResult[]
  /** False when something due waits for a person to approve it. */
  readonly released: boolean
  readonly reconciliations: readonly Reconciliation[]
  /** Statements of accounts that no municipality has: they are left as they lie. */
  readonly strayStatements: readonly StrayStatement[]
}

export interface StrayStatement {
  readonly name: string
  readonly account: string
}

export async function runMonth(pool: Pool, options: MonthOptions): Promise<MonthResult> {
  const { month } = options
  const clock = monthClock(month)
  const imports = await importAll(pool, options, clock.intake)
  imports.push(...(await importRegisters(pool, options, clock.intake)))
  if (imports.some((one) => one.state === 'loaded')) await options.refreshStatistics('intake')
  if (await calculateAll(pool, options)) await options.refreshStatistics('calculated')
  options.onStage('udbetalingskørsler', options.municipalities.length)
  const runs = (
    await Promise.all(
      options.municipalities.map(async (municipality) => {
        const made = await pool.do({
          kind: 'assemble',
          municipality,
          month,
          actors: options.actors,
          asked: options.asked,
        })
        options.onDone(1)
        return made
      }),
    )
  ).flat()
  const due = runs.filter((run) => run.dispositionDate < month.to && run.payments > 0)
  if (due.some((run) => !run.steps.includes('sent'))) await options.refreshStatistics('assembled')
  const { sent, strayStatements } = await payAll(pool, options, due, runs)
  if (due.some((run) => sent.has(run) && !run.steps.includes('sent'))) await options.refreshStatistics('paid')
  // A municipality is told of when nothing of it waits; what waits in one keeps no other back.
  const waiting = new Set(due.filter((run) => !sent.has(run)).map((run) => run.municipality))
  await tellAll(
    pool,
    options,
    options.municipalities.filter((one) => !waiting.has(one)),
  )
  options.onStage('afstemning', options.municipalities.length)
  const reconciliations = await reconcileAll(pool, options)
  return { imports, released: waiting.size === 0, reconciliations, strayStatements }
}

/** Up to so many municipalities, files are handed out one by one. */
const FEW_MUNICIPALITIES = 4
/** Sets of municipalities that are asked about beside each other: as many as a small machine has cores. */
const SETS = 2

/** A municipality's files one after the other, facts first; municipalities beside each other. */
async function importAll(pool: Pool, options: MonthOptions, knownAt: string): Promise<ImportResult[]> {
  options.onStage('modtagelse', options.files.length)
  const groups = new Map<string, string[]>()
  for (const path of options.files) {
    const name = path.slice(path.lastIndexOf('/') + 1)
    const key = /^\d{4}-/.test(name) ? name.slice(0, 4) : ''
    groups.set(key, [...(groups.get(key) ?? []), path])
  }
  // Of a few municipalities each file is told of when it is in; of many, each municipality.
  const few = groups.size <= FEW_MUNICIPALITIES
  const results = await Promise.all(
    [...groups.values()].map(async (all) => {
      const made: ImportResult[] = []
      for (const paths of few ? all.map((path) => [path]) : [all]) {
        // Whoever runs the month has handed them in: of local rules another person must approve.
        made.push(...(await pool.do({ kind: 'import', paths, knownAt, actor: options.actors.planner })))
        options.onDone(paths.length)
      }
      return made
    }),
  )
  return results.flat()
}

/** What registers have laid in their folders; after the files of facts, before anything is planned. */
async function importRegisters(pool: Pool, options: MonthOptions, knownAt: string): Promise<ImportResult[]> {
  const files = await registerFiles(options.incoming, options.municipalities)
  if (files.length === 0) return []
  options.onStage('registre', files.length)
  const groups = Map.groupBy(files, (file) => file.municipality)
  const results = await Promise.all(
    [...groups.values()].map(async (own) => {
      const made = await pool.do({ kind: 'registers', files: own, knownAt, actor: 'register' })
      options.onDone(own.length)
      return made
    }),
  )
  return results.flat()
}

/** True when something was calculated. */
async function calculateAll(pool: Pool, options: MonthOptions): Promise<boolean> {
  const { month } = options
  const clock = monthClock(month)
  options.onStage('planlægning', options.municipalities.length)
  const plans = await Promise.all(
    options.municipalities.map(async (municipality) => {
      const plan = await pool.do({ kind: 'plan', municipality, month })
      options.onDone(1)
      return plan
    }),
  )
  const batches = plans.flatMap((plan) =>
    plan.batches.map((workNo) => ({ municipality: plan.municipality, workNo, orders: plan.orders.get(workNo) ?? 0 })),
  )
  options.onStage(
    'beregning',
    batches.reduce((sum, batch) => sum + batch.orders, 0),
  )
  await Promise.all(
    batches.map(async ({ municipality, workNo, orders }) => {
      await pool.do({ kind: 'calculate', municipality, workNo, knownAt: clock.calculated })
      options.onDone(orders)
    }),
  )
  return batches.length > 0
}

/**
 * Every municipality's runs are released together, each at its own business time; what a municipality has laid out the
 * rail may answer while the next is released. Then the bank closes its days, one after the other.
 */
async function payAll(
  pool: Pool,
  options: MonthOptions,
  runs: readonly PaymentRun[],
  all: readonly PaymentRun[],
): Promise<{ readonly sent: ReadonlySet<PaymentRun>; readonly strayStatements: readonly StrayStatement[] }> {
  const { month, rail, actors } = options
  const sent = new Set<PaymentRun>()
  const made = new Set(all.map((run) => fileIdOf(run.municipality, run.runNo)))
  const byMunicipality = new Map<Municipality, PaymentRun[]>()
  for (const run of runs) byMunicipality.set(run.municipality, [...(byMunicipality.get(run.municipality) ?? []), run])
  const due = [...new Set(runs.map((run) => run.dispositionDate))].sort((a, b) => a - b)
  options.onStage('udbetaling', runs.length * 2)
  // Files that this run has handed out: none is looked at twice.
  const taken: Taken = { names: new Set(), looked: new Map() }
  const laidOut: Municipality[] = []
  const answer = async (): Promise<void> => {
    const own = laidOut.splice(0)
    if (own.length === 0) return
    await rail?.exchange(due[0] as Day)
    await answersOf(pool, options, byMunicipality, own, taken, (count) => options.onDone(count))
  }
  let carried: Promise<void> = Promise.resolve()
  await Promise.all(
    options.municipalities.map(async (municipality) => {
      const own = byMunicipality.get(municipality) ?? []
      if (own.length === 0) return
      const numbers = new Set(
        await pool.do({ kind: 'pay', municipality, runs: own, month, actors, asked: options.asked }),
      )
      const gone = own.filter((run) => numbers.has(run.runNo))
      for (const run of gone) sent.add(run)
      byMunicipality.set(municipality, gone)
      options.onDone(own.length)
      if (gone.length === 0) return
      laidOut.push(municipality)
      carried = carried.then(answer)
      await carried
    }),
  )
  const dates = new Set([...sent].map((run) => run.dispositionDate))
  const ends = [...new Set([...dates].flatMap((date) => [date, nextBankDay(date)]))].sort((a, b) => a - b)
  options.onStage('bank', ends.length)
  for (const end of ends) {
    await rail?.dayEnd(end)
    options.onDone(1)
  }
  // What is sent for a day that the bank has closed leaves on its next one, and what comes back comes the day after.
  for (let day = await rail?.nextDebit(); day !== undefined; day = await rail?.nextDebit()) {
    for (const end of [day, nextBankDay(day)]) await rail?.dayEnd(end)
  }
  const strayStatements = await statementsOf(pool, options, taken)
  // Late answers (9 after 8) have come with the statements.
  await answersOf(pool, options, byMunicipality, options.municipalities, taken, () => undefined, made)
  return { sent, strayStatements }
}

interface Taken {
  readonly names: Set<string>
  readonly looked: Looked
}

async function answersOf(
  pool: Pool,
  options: MonthOptions,
  runs: ReadonlyMap<Municipality, readonly PaymentRun[]>,
  municipalities: readonly Municipality[],
  taken: Taken,
  onDone: (runs: number) => void,
  /** Every run that there is: what answers none of them is kept and set aside. Undefined: later. */
  made?: ReadonlySet<string>,
): Promise<void> {
  const { answers } = await listIncoming(options.incoming, taken.looked)
  const strays = made === undefined ? [] : [...answers].filter(([fileId]) => !made.has(fileId))
  const refused: Municipality[] = []
  await Promise.all(
    municipalities.map(async (municipality) => {
      const own = runs.get(municipality) ?? []
      const told: RunAnswers[] = own.map((run) => ({
        run,
        names: answers.get(fileIdOf(municipality, run.runNo)) ?? [],
      }))
      for (const [fileId, names] of strays) {
        if (fileId.startsWith(`${municipalityText(municipality)}R`)) told.push({ run: undefined, names })
      }
      const fresh = told.filter(({ names }) => names.some((name) => !taken.names.has(name)))
      for (const { names } of fresh) for (const name of names) taken.names.add(name)
      onDone(own.length)
      if (fresh.length === 0) return
      const again = await takeAnswerFiles(pool, options.month, municipality, fresh)
      if (again > 0) refused.push(municipality)
    }),
  )
  if (refused.length === 0) return
  // Nothing was wrong with these files: they go again, and are answered again. A rail's patience has an end.
  for (const municipality of refused) await pool.do({ kind: 'again', municipality, month: options.month })
  const [date] = refused.flatMap((one) => runs.get(one) ?? []).map((run) => run.dispositionDate)
  if (date === undefined) return
  await options.rail?.exchange(date)
  await answersOf(pool, options, runs, refused, taken, () => undefined)
}

/** @returns how many files of ours were refused whole and go again of themselves */
async function takeAnswerFiles(
  pool: Pool,
  month: Period,
  municipality: Municipality,
  runs: readonly RunAnswers[],
): Promise<number> {
  let again = 0
  await takeApart(
    runs.flatMap(({ run, names }) => names.map((name) => ({ run, name }))),
    async (some, alone) => {
      const own = alone ? some.map(({ run, name }) => ({ run, names: [name] })) : runs
      again = await pool.do({ kind: 'answers', municipality, month, runs: own })
    },
    async ({ run, name }, problem) => {
      await pool.do({ kind: 'refuse-answers', municipality, month, answers: { run, names: [name] }, problem })
    },
  )
  return again
}

/** @returns those of accounts that nobody has */
async function statementsOf(pool: Pool, options: MonthOptions, taken: Taken): Promise<StrayStatement[]> {
  const { statements } = await listIncoming(options.incoming, taken.looked)
  const names = new Map<Municipality, string[]>()
  for (const unit of options.rates.book.units) {
    const own = names.get(unit.municipality) ?? []
    for (const name of statements.get(unit.debitAccount) ?? []) {
      if (taken.names.has(name)) continue
      taken.names.add(name)
      own.push(name)
    }
    names.set(unit.municipality, own)
  }
  const accounts = [...statements].filter(([, some]) => some.some((name) => !taken.names.has(name))).map(([one]) => one)
  if (accounts.length > 0) {
    const municipalities = [...options.rates.known.municipalities]
    for (const { municipality, account } of await pool.do({ kind: 'error-accounts', municipalities, accounts })) {
      const own = (statements.get(account) ?? []).filter((name) => !taken.names.has(name))
      for (const name of own) taken.names.add(name)
      names.set(municipality, [...(names.get(municipality) ?? []), ...own])
    }
  }
  const strays = [...statements].flatMap(([account, some]) =>
    some.filter((name) => !taken.names.has(name)).map((name) => ({ name, account })),
  )
  await Promise.all(
    options.municipalities.map(async (municipality) => {
      const own = names.get(municipality) ?? []
      if (own.length === 0) return
      const { month } = options
      await takeApart(
        own,
        async (names, alone) => {
          await pool.do({ kind: 'statements', municipality, month, names, alone })
        },
        async (name, problem) => {
          await pool.do({ kind: 'refuse-statement', municipality, month, name, problem })
        },
      )
    }),
  )
  return strays
}

/** What is told of a municipality is the most memory that a lane takes: fewer at a time than a thread has lanes. */
const TOLD_AT_ONCE = 2

async function tellAll(pool: Pool, options: MonthOptions, municipalities: readonly Municipality[]): Promise<void> {
  options.onStage('indberetning', municipalities.length)
  const waiting = [...municipalities]
  const inTurn = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      await pool.do({ kind: 'tell', municipality: next, month: options.month })
      options.onDone(1)
    }
  }
  await Promise.all(Array.from({ length: TOLD_AT_ONCE * pool.threads }, inTurn))
}

async function reconcileAll(pool: Pool, options: MonthOptions): Promise<Reconciliation[]> {
  const { month, asked } = options
  return await bySet(options.municipalities, async (set) => {
    const reconciliations = await pool.do({ kind: 'reconcile', municipalities: set, month, asked })
    options.onDone(set.length)
    return reconciliations
  })
}

/** What the source systems have not been told of these municipalities. */
export async function findAllUntold(pool: Pool, municipalities: readonly Municipality[]): Promise<Untold[]> {
  return await bySet(municipalities, (set) => pool.do({ kind: 'find-untold', municipalities: set }))
}

/** Asked by set: a question for many municipalities costs little more than one for a few. */
async function bySet<T>(
  municipalities: readonly Municipality[],
  ask: (set: readonly Municipality[]) => Promise<readonly T[]>,
): Promise<T[]> {
  const size = Math.ceil(municipalities.length / SETS)
  const sets = Array.from({ length: SETS }, (_, i) => municipalities.slice(i * size, (i + 1) * size))
  return (await Promise.all(sets.filter((set) => set.length > 0).map(ask))).flat()
}
