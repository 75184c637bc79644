/** The demo's NemKonto and bank: a process of its own, found again when it is running, started when it is not. */
import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { ALREADY_KEPT } from '../../adapters/fake-rail/hold.ts'
import { type Day, formatDay, parseDay } from '../../base/date.ts'
import { Refusal } from '../../base/refusal.ts'
import type { RateReader } from '../../modules/rates/index.ts'
import type { RailControl } from '../line/month.ts'
import { type Folders, readJsonFile, type World } from './world.ts'

export interface FakeRail extends RailControl {
  readonly port: number
  readonly pid: number
  get<T>(path: string): Promise<T>
  post(path: string, body: unknown): Promise<void>
  quit(): Promise<void>
}

/** Milliseconds between looks while it starts, and how many looks. */
const START_STEP = 50
const START_STEPS = 200
/** It outlives the program that started it, for the next one to find; unused, it ends by itself. */
const IDLE_SECONDS = 1800

/** Ends the fake of these folders when it runs. */
export async function quitFakeRail(folders: Folders): Promise<void> {
  await (await runningOn(folders))?.quit()
}

/** The fake that keeps these books, when it answers. */
async function runningOn(folders: Folders): Promise<FakeRail | undefined> {
  const named = readJsonFile<{ pid: number; port: number }>(join(folders.books, 'fake.json'))
  if (named === undefined) return undefined
  // Its port may be another's by now.
  const answer = await call(named.port, 'GET', '/cpu').catch(() => '{}')
  return pidIn(answer) === named.pid ? control(named) : undefined
}

function pidIn(answer: string): number | undefined {
  try {
    return (JSON.parse(answer) as { pid?: number } | null)?.pid
  } catch {
    return undefined
  }
}

export async function fakeRail(world: World, folders: Folders, rates: RateReader): Promise<FakeRail> {
  const running = await runningOn(folders)
  if (running !== undefined) return await told(running, rates)
  for (const rail of ['nemkonto', 'iso20022']) mkdirSync(join(folders.out, rail), { recursive: true })
  let hasGivenWay = startOn(world, folders)
  for (let i = 0; i < START_STEPS; i++) {
    await new Promise((done) => setTimeout(done, START_STEP))
    // Not only ours: one that was started before it, and had not come to answer yet, ends ours and is joined.
    const started = await runningOn(folders)
    if (started !== undefined) return await told(started, rates)
    // Or the one before was about to end.
    if (hasGivenWay()) hasGivenWay = startOn(world, folders)
  }
  throw new Refusal('fake_rail', `The fake NemKonto and bank did not start; see ${join(folders.books, 'fake.log')}.`)
}

/** Starts a fake; whether it found another one on the books and has ended. */
function startOn(world: World, folders: Folders): () => boolean {
  const log = openSync(join(folders.books, 'fake.log'), 'a')
  const program = join(world.root, 'src/adapters/fake-rail/main.ts')
  const idle = ['--idle', String(IDLE_SECONDS)]
  const args = [
    '--in',
    join(folders.out, 'nemkonto'),
    '--bank',
    join(folders.out, 'iso20022'),
    '--out',
    folders.in,
    '--books',
    folders.books,
    '--port',
    '0',
    ...idle,
  ]
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, ...args], {
    detached: true,
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  child.unref()
  let hasGivenWay = false
  child.once('exit', (code) => {
    hasGivenWay = code === ALREADY_KEPT
  })
  return () => hasGivenWay
}

/** Told at every joining: the program that started it may have been killed before it could. */
async function told(fake: FakeRail, rates: RateReader): Promise<FakeRail> {
  await fake.post('/profile', { single_booked_accounts: singleBooked(rates) })
  return fake
}

function singleBooked(rates: RateReader): string[] {
  const single = new Set(rates.book.municipalities.filter((row) => !row.batchBooking).map((row) => row.code))
  const units = rates.book.units.filter((unit) => single.has(unit.municipality))
  return [...new Set(units.map((unit) => unit.debitAccount))].sort()
}

function control({ pid, port }: { pid: number; port: number }): FakeRail {
  const post = async (path: string, body: unknown): Promise<void> => {
    await call(port, 'POST', path, JSON.stringify(body))
  }
  return {
    pid,
    port,
    exchange: (date: Day) => post('/exchange', { date: formatDay(date) }),
    dayEnd: (date: Day) => post('/day-end', { date: formatDay(date) }),
    nextDebit: async () => {
      const { date } = JSON.parse(await call(port, 'GET', '/next-debit')) as { date: string | null }
      return date === null ? undefined : parseDay(date)
    },
    get: async <T>(path: string) => JSON.parse(await call(port, 'GET', path)) as T,
    post,
    quit: () => post('/quit', {}).catch(() => undefined),
  }
}

/** Plain node:http: an exchange may take longer than a fetch would wait. */
function call(port: number, method: string, path: string, body?: string): Promise<string> {
  return new Promise((done, failed) => {
    const asked = request({ host: '127.0.0.1', port, method, path, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
      })
      response.on('error', failed)
      response.on('end', () => {
        if (response.statusCode === 200) done(text)
        else
          failed(
            new Refusal('fake_rail', `The fake rail answered ${response.statusCode} on ${path}: ${text.slice(0, 300)}`),
          )
      })
    })
    asked.on('error', (error) => {
      const detail = `The fake rail does not answer on ${path} (${error.message}).`
      failed(new Refusal('fake_rail', `${detail} Start again: it is started anew, from its own books.`))
    })
    asked.end(body)
  })
}
