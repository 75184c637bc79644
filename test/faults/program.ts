/** The real program as a process, in a place of its own: a database, a data folder and a fake rail beside it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { hash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import pg from 'pg'
import { builtInRateBook } from '../../src/modules/rates/index.ts'
import { referenceOf } from '../../src/entry/reference.ts'
import { testDatabase } from '../database.ts'

const root = resolve(import.meta.dirname, '../..')
const NODE_FLAGS = ['--disable-warning=ExperimentalWarning']
/** A program that has not ended after this many milliseconds hangs. */
const LONGEST_MS = 45_000
const ROLES = ['owner', 'reader', 'writer', 'loader']

export interface Place {
  /** Undefined: the program starts the embedded server of its data folder. */
  readonly url: string | undefined
  readonly dataDir: string
}

export interface Ended {
  readonly code: number | null
  readonly signal: string | null
  readonly out: string
  readonly err: string
  readonly ms: number
}

export interface Running {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
}

export interface Env {
  readonly TOEK_FAILPOINT?: string
  readonly PORT?: string
}

const made: string[] = []
const fakes = new Set<ChildProcess>()

/** A scratch folder, removed by `cleanUp`. */
export function scratch(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `toek-fault-${name}-`))
  // As root the embedded server runs as another account, which must be able to walk through to its cluster.
  if (process.getuid?.() === 0) chmodSync(folder, 0o711)
  made.push(folder)
  return folder
}

/** A place on the test server, with a database that holds the reference data and nothing else. */
export async function newPlace(name: string): Promise<Place & { readonly url: string }> {
  const { url } = await testDatabase({ reference: referenceOf(builtInRateBook()) })
  return { url, dataDir: scratch(name) }
}

/** Ends the fakes that were started here or by the program, and removes the folders. */
export async function cleanUp(): Promise<void> {
  for (const folder of made) await quitFake(folder)
  for (const fake of fakes) fake.kill('SIGKILL')
  for (const folder of made) rmSync(folder, { recursive: true, force: true })
}

export function start(place: Place, args: readonly string[], env: Env = {}): Running {
  const began = performance.now()
  const { PATH, HOME, NODE_COMPILE_CACHE } = process.env
  const database = place.url === undefined ? {} : { DATABASE_URL: place.url }
  const child = spawn(process.execPath, [...NODE_FLAGS, join(root, 'src/main.ts'), ...args], {
    env: { PATH, HOME, NODE_COMPILE_CACHE, TOEK_DATA: place.dataDir, ...database, ...env } as NodeJS.ProcessEnv,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = new Promise<Ended>((done) => {
    let out = ''
    let err = ''
    const alarm = setTimeout(() => {
      err += `\nIT HANGS: killed after ${LONGEST_MS} ms`
      child.kill('SIGKILL')
    }, LONGEST_MS)
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text
    })
    child.on('close', (code, signal) => {
      clearTimeout(alarm)
      done({ code, signal, out, err, ms: performance.now() - began })
    })
  })
  return { child, ended }
}

/** The address that `start` prints; when it ends instead, what it said of that. */
export async function addressOf({ child, ended }: Running): Promise<string> {
  return await new Promise((told) => {
    let said = ''
    child.stdout?.on('data', (text: string) => {
      said += text
      const [, address] = /^URL (http\S+)\n/m.exec(said) ?? []
      if (address !== undefined) told(address)
    })
    void ended.then(({ err }) => told(err))
  })
}

export function toek(place: Place, args: readonly string[], env: Env = {}): Promise<Ended> {
  return start(place, args, env).ended
}

export interface Fake {
  readonly child: ChildProcess
  post(path: string, body: unknown): Promise<void>
}

/** The fake rail on the folders of a place; `toek run` joins it. */
export async function startFake(place: Place): Promise<Fake> {
  const folder = (name: string): string => join(place.dataDir, name)
  const program = join(root, 'src/adapters/fake-rail/main.ts')
  const to = ['--in', folder('out/nemkonto'), '--bank', folder('out/iso20022')]
  const args = [...to, '--out', folder('in'), '--books', folder('books'), '--port', '0']
  mkdirSync(place.dataDir, { recursive: true })
  const child = spawn(process.execPath, [...NODE_FLAGS, program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  fakes.add(child)
  // Whatever happens to the test, its fake ends with it.
  child.unref()
  process.once('exit', () => child.kill('SIGKILL'))
  await new Promise<void>((done, failed) => {
    child.stdout.once('data', () => {
      child.stdout.destroy()
      done()
    })
    child.once('exit', (code) => failed(new Error(`the fake rail ended with ${code}`)))
  })
  return {
    child,
    post: async (path, body) => {
      const response = await fetch(`${fakeUrl(place)}${path}`, { method: 'POST', body: JSON.stringify(body) })
      if (!response.ok) throw new Error(`${path}: ${await response.text()}`)
    },
  }
}

function fakeUrl(place: Place): string {
  const { port } = JSON.parse(readFileSync(join(place.dataDir, 'books/fake.json'), 'utf8')) as { port: number }
  return `http://127.0.0.1:${port}`
}

export async function quitFake(dataDir: string): Promise<void> {
  if (!existsSync(join(dataDir, 'books/fake.json'))) return
  await fetch(`${fakeUrl({ url: undefined, dataDir })}/quit`, { method: 'POST' }).catch(() => undefined)
}

export interface FakeBooks {
  readonly doubles: number
  readonly faults: readonly unknown[]
  readonly totals: { readonly received: number; readonly received_ore: number }
}

export async function fakeBooks(place: Place): Promise<FakeBooks> {
  return (await (await fetch(`${fakeUrl(place)}/books`)).json()) as FakeBooks
}

export async function fakePayments(
  place: Place,
): Promise<{ end_to_end_id: string; amount_ore: number; bundle: string; file: string }[]> {
  const text = await (await fetch(`${fakeUrl(place)}/books/payments`)).text()
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}

/** Every file under a folder with the hash of its bytes; files that are still being made do not count. */
export function filesUnder(folder: string): Record<string, string> {
  const found: Record<string, string> = {}
  if (!existsSync(folder)) return found
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isFile()) found[path.slice(folder.length + 1)] = hash('sha256', readFileSync(path))
  }
  return Object.fromEntries(Object.entries(found).sort(([a], [b]) => a.localeCompare(b)))
}

export async function sql<T extends pg.QueryResultRow>(
  url: string,
  text: string,
  values: unknown[] = [],
): Promise<T[]> {
  const client = new pg.Client({ connectionString: url, application_name: 'fault test' })
  client.on('error', () => undefined)
  await client.connect()
  try {
    const result = await client.query<T>(text, values)
    return Array.isArray(result) ? [] : result.rows
  } finally {
    await client.end()
  }
}

/** As a superuser who has switched the triggers off: what an honest program cannot do. */
export async function tamper(url: string, statements: string): Promise<void> {
  await sql(url, `begin; set local session_replication_role = replica; ${statements}; commit`)
}

let copies = 0

/** A copy of a database, file by file, as a backup would be; its roles are members of the original's. */
export async function copyDatabase(url: string): Promise<string> {
  await goneFrom(url)
  const from = new URL(url).pathname.slice(1)
  const name = `${from}_${++copies}`
  const other = new URL(url)
  other.pathname = '/postgres'
  await sql(other.href, `create database ${name} template ${from} strategy file_copy`)
  for (const role of ROLES) {
    const bypass = role === 'loader' ? ' bypassrls' : ''
    await sql(other.href, `create role ${name}_${role} nologin${bypass} in role ${from}_${role}`)
    await sql(other.href, `grant ${name}_${role} to current_user`)
  }
  other.pathname = `/${name}`
  return other.href
}

/** Waits until the server has ended what a killed program had begun: its last commit may still be on its way. */
export async function goneFrom(url: string): Promise<void> {
  const name = new URL(url).pathname.slice(1)
  const other = new URL(url)
  other.pathname = '/postgres'
  for (let i = 0; i < 600; i++) {
    const [row] = await sql<{ n: number }>(
      other.href,
      'select count(*)::int as n from pg_stat_activity where datname = $1',
      [name],
    )
    if (row?.n === 0) return
    await new Promise((done) => setTimeout(done, 20))
  }
  throw new Error(`somebody is still connected to ${name}`)
}
