/** The demo's NemKonto and bank: a process of its own, found again when it is running, started when it is not. */
import { spawn } from 'node:child_process'
import { mkdirSync, openSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { type Day, formatDay } from '../../base/date.ts'
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
  const running = readJsonFile<{ pid: number; port: number }>(join(folders.books, 'fake.json'))
  if (running !== undefined && (await answers(running.port))) await control(running).quit()
}

export async function fakeRail(world: World, folders: Folders, rates: RateReader): Promise<FakeRail> {
  const running = readJsonFile<{ pid: number; port: number }>(join(folders.books, 'fake.json'))
  if (running !== undefined && (await answers(running.port))) return await told(control(running), rates)
  mkdirSync(join(folders.out, 'nemkonto'), { recursive: true })
  const log = openSync(join(folders.books, 'fake.log'), 'a')
  const program = join(world.root, 'src/adapters/fake-rail/main.ts')
  const idle = ['--idle', String(IDLE_SECONDS)]
  const args = [
    '--in',
    join(folders.out, 'nemkonto'),
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
  child.unref()
  for (let i = 0; i < START_STEPS; i++) {
    await new Promise((done) => setTimeout(done, START_STEP))
    const started = readJsonFile<{ pid: number; port: number }>(join(folders.books, 'fake.json'))
    if (started !== undefined && started.pid === child.pid && (await answers(started.port))) {
      return await told(control(started), rates)
    }
  }
  throw new Refusal('fake_rail', `The fake NemKonto and bank did not start; see ${join(folders.books, 'fake.log')}.`)
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
    get: async <T>(path: string) => JSON.parse(await call(port, 'GET', path)) as T,
    post,
    quit: () => post('/quit', {}).catch(() => undefined),
  }
}

async function answers(port: number): Promise<boolean> {
  return await call(port, 'GET', '/cpu').then(
    () => true,
    () => false,
  )
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
