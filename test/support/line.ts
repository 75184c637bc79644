/**
 * The whole line for tests: a database of its own, the fake rail as a process, and every step done in this process one
 * after the other. Municipalities are strangers to each other, so one line serves many tests: one municipality each.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Period, parseMonth } from '../../src/base/date.ts'
import { type Connection, connect } from '../../src/base/db.ts'
import type { Municipality } from '../../src/base/id.ts'
import { type FakeRail, fakeRail } from '../../src/entry/cli/fake-rail.ts'
import type { World } from '../../src/entry/cli/world.ts'
import { monthClock } from '../../src/entry/line/clock.ts'
import { type ImportResult, importFile } from '../../src/entry/line/import-file.ts'
import type { Failpoint, Line } from '../../src/entry/line/line.ts'
import { type MonthResult, type RailControl, runMonth } from '../../src/entry/line/month.ts'
import type { Pool } from '../../src/entry/line/pool.ts'
import { takeStatements } from '../../src/entry/line/take-statements.ts'
import { doTask, type Task } from '../../src/entry/line/tasks.ts'
import { referenceOf } from '../../src/entry/reference.ts'
import { builtInRateBook, lookup, type RateReader } from '../../src/modules/rates/index.ts'
import { testDatabase } from '../database.ts'

export interface TestLine {
  readonly url: string
  readonly rates: RateReader
  /** As the bulk line sees the database: every municipality. */
  readonly loader: Connection
  /** As pages and API see it: nothing without a scope. */
  readonly reader: Connection
  readonly rail: FakeRail
  /** Where files to the outside are laid. */
  readonly out: string
  /** Where rail and bank lay theirs. */
  readonly incoming: string
  readonly at: Line['at']
  /** The next time that the line comes to this point it throws `Crash`. */
  crashAt(point: Failpoint | undefined): void
  /** Called around each step of a month. */
  around(before: AroundTask | undefined, after: AroundTask | undefined): void
  /** Called when the rail has laid answers, or the bank has closed a day, before the line reads what they laid. */
  whenLaid(seen: ((by: 'rail' | 'bank') => void) | undefined): void
  importText(text: string, month: string): Promise<ImportResult>
  /** `waits`: up to the approval of its runs. */
  runMonth(
    month: string,
    municipalities: readonly Municipality[],
    waits?: 'waits',
    /** What time it is; else the scripted one. */
    at?: string,
  ): Promise<MonthResult>
  close(): Promise<void>
}

export type AroundTask = (task: Task) => Promise<void>

export function monthOf(text: string): Period {
  const month = parseMonth(text)
  if (month === undefined) throw new Error(`not a month: ${text}`)
  return month
}

/** The program ends here: what was not committed is lost. */
export class Crash extends Error {}

/** `movementsAtOnce`: a bank statement with more is booked in pieces. */
export async function testLine(movementsAtOnce?: number): Promise<TestLine> {
  const book = builtInRateBook()
  const rates = lookup(book)
  const { url } = await testDatabase({ reference: referenceOf(book) })
  const dir = mkdtempSync(join(tmpdir(), 'toek-line-'))
  const folders = { out: join(dir, 'out'), in: join(dir, 'in'), books: join(dir, 'books') }
  for (const folder of Object.values(folders)) mkdirSync(folder)
  const root = resolve(import.meta.dirname, '../..')
  const rail = await fakeRail({ root } as unknown as World, folders, rates)
  const loader = await connect(url, 'loader', 'test line')
  const reader = await connect(url, 'reader', 'test line')
  let armed: Failpoint | undefined
  let ended = false
  const at = (point: Failpoint): void => {
    if (point !== armed) return
    armed = undefined
    ended = true
    throw new Crash(point)
  }
  const line = { connection: loader, rates, folders, at }
  let [before, after]: [AroundTask | undefined, AroundTask | undefined] = [undefined, undefined]
  let laid: ((by: 'rail' | 'bank') => void) | undefined
  const watched: RailControl = {
    exchange: async (date) => {
      await rail.exchange(date)
      laid?.('rail')
    },
    dayEnd: async (date) => {
      await rail.dayEnd(date)
      laid?.('bank')
    },
    nextDebit: rail.nextDebit,
  }
  const pool = oneAfterTheOther(line, movementsAtOnce, {
    before: async (task) => {
      // As a lane does: what failed within a copy is not to be trusted.
      if (line.connection.broken) line.connection = await connect(url, 'loader', 'test line')
      await before?.(task)
    },
    after: async (task) => after?.(task),
    ended: () => ended,
  })
  return {
    url,
    rates,
    get loader() {
      return line.connection
    },
    reader,
    rail,
    out: folders.out,
    incoming: folders.in,
    at,
    crashAt: (point) => {
      armed = point
    },
    around: (first, last) => {
      ;[before, after] = [first, last]
    },
    whenLaid: (seen) => {
      laid = seen
    },
    importText: (text, month) =>
      importFile(line, () => chunksOf(text), { knownAt: monthClock(monthOf(month)).intake, actor: 'test' }),
    runMonth(month, municipalities, waits, asked) {
      ended = false
      return runMonth(pool, {
        month: monthOf(month),
        municipalities,
        files: [],
        actors:
          waits === undefined
            ? { planner: 'planlægger', approver: 'godkender', second: 'anden godkender' }
            : { planner: 'planlægger', approver: undefined },
        asked: { at: asked },
        rail: watched,
        incoming: folders.in,
        rates,
        // Autovacuum does it in time for the few rows of a test.
        refreshStatistics: () => Promise.resolve(),
        onStage: () => undefined,
        onDone: () => undefined,
        // What was asked for and not begun when a step failed is refused before anything else is done.
      }).finally(() => pool.idle())
    },
    async close() {
      await rail.quit()
      await line.connection.close()
      await reader.close()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** As the line does when much was loaded; without, what is asked is planned for few rows. */
export async function refreshStatistics({ url }: TestLine): Promise<void> {
  const owner = await connect(url, undefined)
  await owner.db.rows('analyze').finally(() => owner.close())
}

/** A pool without threads: there is one connection, so steps that were asked for at once wait for each other. */
function oneAfterTheOther(
  line: Line,
  movementsAtOnce: number | undefined,
  around: { readonly before: AroundTask; readonly after: AroundTask; readonly ended: () => boolean },
): Pool & { readonly idle: () => Promise<void> } {
  let last: Promise<unknown> = Promise.resolve()
  return {
    threads: 1,
    do(task) {
      const next = last.then(async () => {
        // A program that has ended does no step that it was about to do.
        if (around.ended()) throw new Crash('ended')
        await around.before(task)
        const done =
          task.kind === 'statements' && movementsAtOnce !== undefined
            ? await takeStatements(line, task.municipality, task.names, monthClock(task.month), {
                ...task,
                movementsAtOnce,
              })
            : await doTask(line, task)
        await around.after(task)
        return done
      })
      last = next.catch(() => undefined)
      return next as never
    },
    async idle() {
      for (let seen: unknown; seen !== last; ) {
        seen = last
        await last
        await new Promise((done) => setImmediate(done))
      }
    },
    close: () => Promise.resolve(),
  }
}

async function* chunksOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}
