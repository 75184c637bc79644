/** What main.ts gives every verb: the environment read once, the clock, the streams. Nothing else is global. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { startEmbedded } from '../../adapters/postgres/embedded.ts'
import { type Connection, connect, type DbRole } from '../../base/db.ts'
import { type Mode, migrate } from '../../base/migrate.ts'
import type { Municipality } from '../../base/id.ts'
import { Refusal } from '../../base/refusal.ts'
import { builtInRateBook, lookup, type RateReader, withApprovedLaws } from '../../modules/rates/index.ts'
import type { Asked } from '../line/cut-off.ts'
import type { Line } from '../line/line.ts'
import type { LaneSettings } from '../line/pool.ts'
import { referenceOf } from '../reference.ts'
import { type Progress, progress } from './progress.ts'

/** Exit codes of every verb. */
export const EXIT = { done: 0, wrong: 1, partly: 2, person: 3, refused: 4 } as const

export interface Settings {
  readonly dataDir: string
  readonly databaseUrl: string | undefined
  readonly mode: Mode | undefined
  readonly port: number | undefined
  readonly host: string
  readonly failpoint: LaneSettings['failpoint']
}

export interface World {
  readonly settings: Settings
  readonly root: string
  readonly out: (text: string) => void
  readonly err: NodeJS.WriteStream
  /** Milliseconds since 1970; for progress and audit, never for the ledger. */
  readonly now: () => number
  readonly pid: number
  /** The account that runs the program: who acts, when nobody else is named. */
  readonly user: string
}

export interface Folders {
  readonly out: string
  readonly in: string
  readonly books: string
}

export function foldersOf(world: World): Folders {
  const { dataDir } = world.settings
  const folders = { out: join(dataDir, 'out'), in: join(dataDir, 'in'), books: join(dataDir, 'books') }
  for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true, mode: 0o700 })
  return folders
}

export interface Opened {
  readonly url: string
  readonly mode: Mode
  readonly rates: RateReader
  readonly adopted: boolean
  /** The schema was made or changed now. */
  readonly applied: number
  close(): Promise<void>
}

/** The named database, or the embedded one: started, joined or adopted; and its schema brought up to date. */
export async function openDatabase(world: World, log: (line: string) => void): Promise<Opened> {
  const { settings } = world
  mkdirSync(settings.dataDir, { recursive: true, mode: 0o700 })
  const server =
    settings.databaseUrl === undefined
      ? await startEmbedded({ dataDir: join(settings.dataDir, 'pg'), log })
      : { url: settings.databaseUrl, adopted: true, stop: () => Promise.resolve() }
  try {
    const book = builtInRateBook()
    const mode = settings.mode ?? 'demo'
    const { mode: fixed, applied } = await migrate(server.url, { mode, reference: referenceOf(book), log })
    if (settings.mode !== undefined && settings.mode !== fixed) {
      throw new Refusal(
        'mode_fixed',
        `This database was created in the mode ${fixed}; the mode cannot be changed later.`,
      )
    }
    return {
      url: server.url,
      mode: fixed,
      rates: await approvedRates(server.url, lookup(book)),
      adopted: server.adopted,
      applied,
      close: () => server.stop(),
    }
  } catch (error) {
    await server.stop()
    throw error
  }
}

/** What a verb does with a database and one connection to it: both are closed however it ends. */
export async function withDatabase<T>(
  world: World,
  role: DbRole,
  verb: string,
  work: (opened: Opened, connection: Connection) => Promise<T>,
  log: (line: string) => void = () => undefined,
): Promise<T> {
  const opened = await openDatabase(world, log)
  try {
    const connection = await connect(opened.url, role, whoAmI(world, verb))
    try {
      return await work(opened, connection)
    } finally {
      await connection.close()
    }
  } finally {
    await opened.close()
  }
}

/** The line, for what a verb has it do. */
export function lineFor(world: World, { rates }: Opened, connection: Connection): Line {
  return { connection, rates, folders: foldersOf(world), at: () => undefined }
}

/** The book that ships, with the law changes that are approved. */
async function approvedRates(url: string, rates: RateReader): Promise<RateReader> {
  const connection = await connect(url, 'reader', 'toek rates')
  try {
    return await withApprovedLaws(connection.db, rates)
  } finally {
    await connection.close()
  }
}

export function reporter(world: World, silent: boolean): Progress {
  return progress({ stream: world.err, now: world.now, silent })
}

/** `0751`, `0751,0101` or `all`. */
export function municipalitiesOf(text: string | undefined, rates: RateReader): Municipality[] {
  if (text === undefined || text === '')
    throw new Refusal('usage', 'Say which municipality: --municipality 0751[,0101…] or all.')
  if (text === 'all') return [...rates.known.municipalities].sort((a, b) => a - b)
  return text.split(',').map((code) => {
    const number = Number(code)
    if (!/^\d{3,4}$/.test(code) || !rates.known.municipalities.has(number)) {
      throw new Refusal('unknown_municipality', `There is no municipality ${code}. Use four digits, for example 0751.`)
    }
    return number
  })
}

/** The one municipality that is acted on: `0751`. */
export function municipalityOf(text: string | undefined, rates: RateReader): Municipality {
  const [municipality, ...more] = text === undefined || text === 'all' ? [] : municipalitiesOf(text, rates)
  if (municipality === undefined || more.length > 0) {
    throw new Refusal('usage', `Say one municipality: --municipality 0751${text === undefined ? '' : `, not ${text}`}.`)
  }
  return municipality
}

/** By what time cut-offs are judged: as somebody says; outside the demo, whose months lie behind it, by the clock. */
export function askedOf(mode: Opened['mode'], at: string | undefined, now: string): Asked {
  return { at, now: mode === 'operation' ? now : undefined }
}

export function whoAmI(world: World, verb: string): string {
  return `toek ${verb} (process ${world.pid})`
}

/** Reads a small JSON file, or gives undefined when it is not there. */
export function readJsonFile<T>(path: string): T | undefined {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as T) : undefined
}

export function settingsFrom(env: NodeJS.ProcessEnv): Settings {
  const point = env['TOEK_FAILPOINT']?.split('#')
  const mode = env['TOEK_MODE']
  if (mode !== undefined && mode !== 'demo' && mode !== 'operation') {
    throw new Refusal('usage', `TOEK_MODE is demo or operation, not ${mode}.`)
  }
  const port = env['PORT'] === undefined ? undefined : Number(env['PORT'])
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port < 65_536)) {
    throw new Refusal('usage', `PORT is a number from 0 to 65535, not ${env['PORT']}.`)
  }
  const databaseUrl = env['DATABASE_URL'] || undefined
  if (databaseUrl !== undefined && !/^postgres(ql)?:\/\/[^/]*\/[^/?]+/.test(databaseUrl)) {
    throw new Refusal('usage', 'DATABASE_URL is of the form postgres://user:password@host:port/database.')
  }
  return {
    dataDir: resolve(env['TOEK_DATA'] ?? 'data'),
    databaseUrl,
    mode,
    port,
    host: env['TOEK_HOST'] ?? '127.0.0.1',
    failpoint: point?.[0] ? { point: point[0], nth: Number(point[1] ?? 1) } : undefined,
  }
}
