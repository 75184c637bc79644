/**
 * Runs the tests on one PostgreSQL server: `npm test`, `npm test -- FILE-OR-FOLDER …`, `npm run test:long`.
 * The server is an embedded one in a scratch folder, or the one that DATABASE_URL names. The closing lines of node:test
 * are the last of the output.
 */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, globSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { removeEmbedded, startEmbedded } from '../src/adapters/postgres/embedded.ts'
import { processIdentity } from '../src/adapters/postgres/process.ts'
import { dropAllOfRun } from './database.ts'

const root = resolve(import.meta.dirname, '..')
const scratchPrefix = 'toek-test-'
const filesAtOnce = 2
const longestTestMs = 10 * 60_000
const refused = 4

const warn = (line: string): void => {
  process.stderr.write(`${line}\n`)
}

/** A scratch server may lose everything in a power cut. It still survives the kill of any process. */
const scratchSettings = { fsync: 'off', full_page_writes: 'off', max_wal_size: '1GB', max_connections: '100' }

interface TestServer {
  readonly url: string
  close(): Promise<void>
}

async function openServer(): Promise<TestServer> {
  const given = process.env['DATABASE_URL']
  if (given !== undefined && given !== '') return { url: given, close: () => dropAllOfRun(given) }
  await removeAbandoned()
  const scratch = mkdtempSync(join(tmpdir(), `${scratchPrefix}${process.pid}-`))
  // As root the server runs as another account, which must be able to walk through.
  if (process.getuid?.() === 0) chmodSync(scratch, 0o711)
  const dataDir = join(scratch, 'pg')
  const server = await startEmbedded({ dataDir, log: () => {}, settings: scratchSettings })
  const close = async (): Promise<void> => {
    await server.stop()
    await removeEmbedded(dataDir, warn)
    rmSync(scratch, { recursive: true, force: true })
  }
  return { url: server.url, close }
}

/** Servers of test runs that were killed live on; nobody else would ever end them. */
async function removeAbandoned(): Promise<void> {
  for (const name of readdirSync(tmpdir())) {
    const pid = new RegExp(`^${scratchPrefix}(\\d+)-`).exec(name)?.[1]
    if (pid === undefined || processIdentity(Number(pid)) !== undefined) continue
    const scratch = join(tmpdir(), name)
    try {
      if (statSync(scratch).uid !== process.getuid?.()) continue
      if (await removeEmbedded(join(scratch, 'pg'), warn)) rmSync(scratch, { recursive: true, force: true })
    } catch (error) {
      warn(`the scratch folder ${scratch} of an earlier test run could not be removed: ${(error as Error).message}`)
    }
  }
}

/** Test files under the given paths, or all; files of long tests only when asked for, or named one by one. */
function findFiles(paths: readonly string[], long: boolean): string[] {
  const patterns = ['src/**/*.test.ts', 'test/**/*.test.ts', ...(long ? ['test/**/*.long.ts'] : [])]
  const all = globSync(patterns, { cwd: root }).toSorted()
  if (paths.length === 0) return all
  const chosen: string[] = []
  for (const path of paths) {
    const wanted = relative(root, resolve(path))
    const found = all.filter((file) => file === wanted || file.startsWith(`${wanted}/`) || wanted === '')
    if (found.length === 0 && /\.(test|long)\.ts$/.test(wanted) && existsSync(join(root, wanted))) found.push(wanted)
    if (found.length === 0) {
      warn(`No test file is, or lies under, ${path}.`)
      process.exit(refused)
    }
    chosen.push(...found)
  }
  return [...new Set(chosen)]
}

/** They begin first: what is long and begins last is waited for with one core idle. */
const LONGEST = [
  'test/scenarios.test.ts',
  'test/corrections.test.ts',
  'test/faults/kill.test.ts',
  'test/faults/server.test.ts',
]

function longestFirst(chosen: readonly string[]): string[] {
  const rank = (file: string): number => LONGEST.indexOf(file) + (LONGEST.includes(file) ? 0 : LONGEST.length + 1)
  return chosen.toSorted((a, b) => rank(a) - rank(b))
}

function runTests(chosen: readonly string[], url: string): Promise<number> {
  const { DATABASE_URL: _, NODE_TEST_CONTEXT: __, ...environment } = process.env
  const flags = ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, 'in-order.ts')]
  const limits = [String(filesAtOnce), String(long ? 0 : longestTestMs)]
  return new Promise((done) => {
    const child = spawn(process.execPath, [...flags, ...limits, ...longestFirst(chosen)], {
      cwd: root,
      env: { ...environment, TOEK_TEST_DATABASE_URL: url },
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    // Ours is to wait for the tests and stop the server; the signal reaches them from the terminal or from here.
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => child.kill(signal))
    child.on('error', (error) => {
      warn(`The tests could not be started: ${error.message}`)
      done(1)
    })
    child.on('close', (code) => done(code ?? 1))
  })
}

const args = process.argv.slice(2)
const long = args.includes('--long')
const files = findFiles(
  args.filter((arg) => arg !== '--long'),
  long,
)
if (files.length === 0) {
  warn('There is no test file at all: a checkout without tests proves nothing.')
  process.exit(refused)
}
process.env['TOEK_TEST_RUN'] ??= randomBytes(3).toString('hex')
const server = await openServer()
let code = 1
try {
  code = await runTests(files, server.url)
} finally {
  await server.close()
}
process.exitCode = code
