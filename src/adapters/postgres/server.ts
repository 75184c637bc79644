import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { closeSync, existsSync, openSync, readdirSync, renameSync, rmSync, statfsSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { Refusal } from '../../base/refusal.ts'
import { type Access, database, giveToOwnerOfFolder, superuser } from './cluster.ts'
import { type Account, asAccount, commandLine, processIdentity, readOr, run } from './process.ts'

const pollMs = 50
const tellEveryMs = 10_000
/** A server that replays its log after a crash is waited for; one that says nothing for this long is given up. */
const longestStartMs = 10 * 60_000
/**
 * A clean stop writes everything out. One that takes longer is cut short: the next start reads the log again, and what
 * was committed is there.
 */
const STOPS = [
  ['fast', 120],
  ['immediate', 60],
] as const
/** What a killed server's own processes may still need to end: they look for it between their steps. */
const longestOrphansMs = 60_000
const orphansMs = 250
/** A server that was told to stop by somebody else is waited for so long before it is cut short. */
const longestEndMs = 180_000
const longestRecoveryMs = 60_000
const largestLogBytes = 20 * 1024 * 1024

/**
 * Fast, and durable in full: what was committed survives a power cut. The memory fits a laptop that runs the demo.
 * Statements and row values stay out of the log: they hold citizens' numbers.
 */
const defaults: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  max_connections: '60',
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  shared_buffers: '256MB',
  wal_buffers: '64MB',
  max_wal_size: '4GB',
  checkpoint_timeout: '15min',
  jit: 'off',
  autovacuum: 'on',
  timezone: 'UTC',
  log_timezone: 'UTC',
  password_encryption: 'scram-sha-256',
  log_checkpoints: 'off',
  log_error_verbosity: 'terse',
  log_min_error_statement: 'panic',
  log_line_prefix: '%m [%p] ',
}

export interface ServerPlace {
  readonly binaries: string
  readonly cluster: string
  readonly account: Account | undefined
  readonly logFile: string
}

export interface BringUp extends ServerPlace {
  readonly access: Access
  readonly settings: Readonly<Record<string, string>>
  readonly log: (line: string) => void
}

interface Postmaster {
  readonly pid: number
  /** The folder as the server was told it: it may have been moved since. */
  readonly cluster: string
  readonly port: number
  /** 'starting', 'ready', 'stopping' … as the server writes it; '' while it has not got that far. */
  readonly status: string
}

/**
 * What the server of a cluster says about itself in postmaster.pid: pid on line 1, folder on 2, port on 4, status on 8.
 */
export function readPostmaster(cluster: string): Postmaster | undefined {
  const lines = readOr(join(cluster, 'postmaster.pid'), '').split('\n')
  const pid = Number(lines[0])
  if (!Number.isInteger(pid) || pid <= 0) return undefined
  return { pid, cluster: lines[1] ?? '', port: Number(lines[3]), status: lines[7]?.trim() ?? '' }
}

/**
 * Joins the server that runs on this cluster, waiting when it is on its way up or down.
 * @returns its port, or undefined when none runs (any more)
 * @throws Refusal database_not_ours, database_not_started
 */
export async function adoptServer(
  cluster: string,
  access: Access,
  log: (line: string) => void,
): Promise<number | undefined> {
  for (let waitedMs = 0; waitedMs < longestStartMs; waitedMs += pollMs) {
    const postmaster = readPostmaster(cluster)
    if (postmaster === undefined || !isServer(postmaster)) {
      removeLocks(cluster)
      return undefined
    }
    if (postmaster.status === 'ready' && (await answers({ ...access, port: postmaster.port }))) return postmaster.port
    if (waitedMs > 0 && waitedMs % tellEveryMs === 0) log(`the database (process ${postmaster.pid}) is not ready yet …`)
    // Whoever told it to stop is gone, and it does not end by itself.
    if (postmaster.status === 'stopping' && waitedMs === longestEndMs) process.kill(postmaster.pid, 'SIGQUIT')
    await sleep(pollMs)
  }
  throw new Refusal(
    'database_not_started',
    `A PostgreSQL runs on ${cluster} (process ${readPostmaster(cluster)?.pid}) but takes no connections. ` +
      'Look into server.log, end that process, then start again.',
  )
}

/**
 * What a killed server leaves: its own lock and that of its socket. PostgreSQL believes any living process of the
 * number in them; ours has ended, and the number may have gone to another. Its processes that still live are seen by
 * the next server all the same, by the memory that they share.
 */
function removeLocks(cluster: string): void {
  for (const name of readdirSync(cluster)) {
    if (name === 'postmaster.pid' || name.startsWith('.s.PGSQL.')) rmSync(join(cluster, name), { force: true })
  }
}

/** Whether the process of that number is a server of that folder, and not another that was given the number since. */
function isServer({ pid, cluster }: Postmaster): boolean {
  const command = processIdentity(pid) === undefined ? '' : commandLine(pid)
  return command.includes('postgres') && command.includes(cluster)
}

/** @throws Refusal database_not_ours when the server there does not know our password. */
async function answers(access: Access): Promise<boolean> {
  try {
    await query(access, ['select 1'])
    return true
  } catch (error) {
    const code = (error as { code?: string }).code ?? ''
    // 57P03 and 57P01: starting up, shutting down. Class 53: no connection free, which a server that lives may say.
    if (code.startsWith('53')) return true
    if (code.startsWith('28')) {
      throw new Refusal(
        'database_not_ours',
        `The PostgreSQL on port ${access.port} does not accept the password kept for it in pg/access.json. ` +
          'Put the right file back, or name the server with DATABASE_URL.',
      )
    }
    return false
  }
}

async function query(access: Access, statements: readonly string[]): Promise<pg.QueryResult[]> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port: access.port,
    user: superuser,
    password: access.password,
    database: 'postgres',
    connectionTimeoutMillis: 5_000,
    ssl: false,
  })
  client.on('error', () => {})
  await client.connect()
  try {
    const results: pg.QueryResult[] = []
    for (const statement of statements) results.push(await client.query(statement))
    return results
  } finally {
    await client.end()
  }
}

/**
 * Starts the server in a session of its own (a Ctrl-C in the terminal does not reach it) and waits until it answers.
 * A port that was taken in the last moment is replaced.
 * @returns the port
 */
export async function bringUp(options: BringUp): Promise<number> {
  let access = options.access
  let waitedMs = 0
  for (let attempt = 1; ; ) {
    const before = rotate(options.logFile)
    const failure = await spawnServer({ ...options, access })
    if (failure === undefined) break
    const said = readOr(options.logFile, '').slice(before)
    if (said.includes('is still in use') && waitedMs < longestOrphansMs) {
      if (waitedMs === 0) options.log('processes of a database server that was killed are still ending …')
      await sleep(orphansMs)
      waitedMs += orphansMs
      continue
    }
    const portTaken = said.includes('could not bind') || said.includes('could not create any TCP/IP sockets')
    if (!portTaken || attempt++ === 3) throw notStarted(options, failure, said)
    access = { ...access, port: await freePort() }
  }
  await makeDatabase(access)
  return access.port
}

/** @returns undefined when it answers, else what happened instead. */
async function spawnServer(options: BringUp): Promise<string | undefined> {
  const { binaries, cluster, account, access, log } = options
  const found = { ...sharedMemory(), ...(await compression(options)) }
  const sockets = { unix_socket_directories: socketsFit(cluster) ? cluster : '', unix_socket_permissions: '0700' }
  const settings = { ...defaults, ...sockets, ...found, ...options.settings, port: String(access.port) }
  const args = ['-D', cluster]
  for (const [name, value] of Object.entries(settings)) args.push('-c', `${name}=${value}`)
  const output = openSync(options.logFile, 'a', 0o600)
  giveToOwnerOfFolder(options.logFile)
  let ended: string | undefined
  let child: ChildProcess
  try {
    const stdio = ['ignore', output, output] as const
    child = spawn(join(binaries, 'bin', 'postgres'), args, { ...asAccount(account), detached: true, stdio: [...stdio] })
  } finally {
    closeSync(output)
  }
  child.on('error', (error) => {
    ended = error.message
  })
  child.on('exit', (code, signal) => {
    ended ??= `it ended with ${signal ?? `code ${code}`}`
  })
  child.unref()
  for (let waitedMs = 0; waitedMs < longestStartMs; waitedMs += pollMs) {
    await sleep(pollMs)
    if (ended !== undefined) return ended
    const postmaster = readPostmaster(cluster)
    if (postmaster?.pid === child.pid && postmaster?.status === 'ready' && (await answers(access))) return undefined
    if (waitedMs > 0 && waitedMs % tellEveryMs === 0) log('the database is still starting (it may be recovering) …')
  }
  child.kill('SIGINT')
  return `it was not ready after ${longestStartMs / 60_000} minutes`
}

/** A socket's path has room for 107 bytes on Linux, 103 on macOS; its name takes 16. A comma divides folders. */
function socketsFit(cluster: string): boolean {
  return Buffer.byteLength(cluster) <= 85 && !cluster.includes(',')
}

/** The folder of the socket of the server that runs on this cluster; undefined when it has none that we may use. */
export function socketFolder(cluster: string, port: number): string | undefined {
  return socketsFit(cluster) && existsSync(join(cluster, `.s.PGSQL.${port}`)) ? cluster : undefined
}

/** Containers often have 64 MB in /dev/shm, too little for parallel queries; System V memory has no such lid. */
function sharedMemory(): Record<string, string> {
  try {
    const { blocks, bsize } = statfsSync('/dev/shm')
    return blocks * bsize < 512 * 1024 * 1024 ? { dynamic_shared_memory_type: 'sysv' } : {}
  } catch {
    return {}
  }
}

/** lz4 halves the log of bulk loads at little cost; not every build of the package has it, and pglz costs too much. */
async function compression({ binaries, cluster, account }: ServerPlace): Promise<Record<string, string>> {
  const args = ['-D', cluster, '-c', 'wal_compression=lz4', '-C', 'wal_compression']
  const known = await run(join(binaries, 'bin', 'postgres'), args, account)
  return { wal_compression: known.ok ? 'lz4' : 'off' }
}

/** The database of the product; its name leads the names of the database roles. */
async function makeDatabase(access: Access): Promise<void> {
  const [found] = await query(access, [`select 1 from pg_database where datname = '${database}'`])
  if (found?.rowCount === 0) await query(access, [`create database ${database}`])
}

/** One earlier log is kept. @returns the length of what stands in the log before this start. */
function rotate(logFile: string): number {
  const size = statSync(logFile, { throwIfNoEntry: false })?.size ?? 0
  if (size < largestLogBytes) return readOr(logFile, '').length
  renameSync(logFile, `${logFile}.1`)
  return 0
}

function notStarted({ cluster, logFile }: BringUp, failure: string, said: string): Refusal {
  const why = said.includes('No space left on device') ? 'The disk is full. ' : ''
  return new Refusal(
    'database_not_started',
    `${why}PostgreSQL on ${cluster} did not come up: ${failure}.\n${lastLines(said)}\nThe whole log: ${logFile}`,
  )
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-10).join('\n')
}

/**
 * Stops the server cleanly: connections are cut, transactions rolled back, everything written out.
 * @throws Refusal database_not_stopped
 */
export async function stopServer(place: ServerPlace, access: Access | undefined): Promise<void> {
  const { binaries, cluster, account, logFile } = place
  const postmaster = readPostmaster(cluster)
  if (postmaster === undefined || !isServer(postmaster)) return
  if (access !== undefined) await recovered(cluster, access)
  let said = ''
  for (const [mode, seconds] of STOPS) {
    const args = ['stop', '-D', cluster, '-m', mode, '-w', '-t', String(seconds), '-s']
    const stopped = await run(join(binaries, 'bin', 'pg_ctl'), args, account)
    if (stopped.ok || !isServer(postmaster)) return
    said = stopped.output
  }
  const why = `${said}\n${lastLines(readOr(logFile, ''))}`
  throw new Refusal('database_not_stopped', `PostgreSQL on ${cluster} did not stop: ${why}`)
}

/**
 * A process of the server that was killed, by a system short of memory say, makes it begin anew by itself. Told to stop
 * meanwhile, PostgreSQL 18 does neither, for ever: what was committed is read again first.
 */
async function recovered(cluster: string, access: Access): Promise<void> {
  for (let waitedMs = 0; waitedMs < longestRecoveryMs; waitedMs += pollMs) {
    const postmaster = readPostmaster(cluster)
    if (postmaster?.status !== 'ready' || !isServer(postmaster)) return
    if (await answers({ ...access, port: postmaster.port })) return
    await sleep(pollMs)
  }
}

/** Below the range that systems give to outgoing connections, so that a kept port is seldom taken by chance. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const port = randomInt(20_000, 32_000)
    if (await portIsFree(port)) return port
  }
  throw new Refusal('no_free_port', 'No free port was found on 127.0.0.1 for the database. Is networking switched off?')
}

export function portIsFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((done) => {
    const probe = createServer()
    probe.once('error', () => done(false))
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => done(true)))
  })
}
