import { randomBytes } from 'node:crypto'
import { realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Refusal } from '../../base/refusal.ts'
import { runnableBinaries } from './binaries.ts'
import {
  type Access,
  checkVersion,
  createCluster,
  database,
  findCluster,
  prepareFolder,
  readAccess,
  removeCluster,
  serverAccount,
  superuser,
  writeAccess,
  writePrivate,
} from './cluster.ts'
import { removeQuietly, withLock } from './lock.ts'
import { adoptServer, bringUp, freePort, portIsFree, readPostmaster, socketFolder, stopServer } from './server.ts'
import { addUser, countUsers } from './users.ts'

export interface EmbeddedOptions {
  /** TOEK_DATA/pg. Everything else (users, database_url) stands beside it in TOEK_DATA. */
  readonly dataDir: string
  readonly log: (line: string) => void
  /** Server settings over the ones in server.ts, for example `fsync: 'off'` for a scratch server of tests. */
  readonly settings?: Readonly<Record<string, string>>
}

export interface EmbeddedServer {
  /**
   * A superuser URL; the one over 127.0.0.1 is also written to TOEK_DATA/database_url (0600). Ours goes over the
   * server's Unix socket where there is one (`?host=FOLDER`): bulk rows take less of the machine there than over TCP.
   */
  readonly url: string
  /** True when a running server was joined: one of another program of ours, or one that outlived its program. */
  readonly adopted: boolean
  /** Leaves the server; the last user stops it. Safe to call twice. */
  stop(): Promise<void>
}

/**
 * Starts the PostgreSQL of a data folder, or joins the one that runs there already. Several programs may use one
 * server; each calls this and later its `stop`, and only the last one out stops it. A program that was killed leaves
 * the server behind, and the next start takes it over.
 * @throws Refusal with a sentence and the server's last log lines when it does not come up.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedServer> {
  try {
    return await start(options)
  } catch (error) {
    throw inWords(error, options.dataDir)
  }
}

async function start({ dataDir: given, log, settings = {} }: EmbeddedOptions): Promise<EmbeddedServer> {
  prepareFolder(given)
  const dataDir = realpathSync(given)
  const lock = join(dirname(dataDir), 'pg.lock')
  return withLock(lock, log, async () => {
    const { access, adopted } = await startOrAdopt(dataDir, log, settings)
    const tcp = `postgres://${superuser}:${access.password}@127.0.0.1:${access.port}/${database}`
    writePrivate(join(dirname(dataDir), 'database_url'), `${tcp}\n`)
    const socket = socketFolder(findCluster(dataDir) ?? '', access.port)
    const url = socket === undefined ? tcp : `${tcp}?host=${encodeURIComponent(socket)}`
    const user = addUser(dataDir)
    let stopping: Promise<void> | undefined
    const stop = () => {
      stopping ??= withLock(lock, log, () => leave(dataDir, user))
      return stopping
    }
    return { url, adopted, stop }
  })
}

async function startOrAdopt(
  dataDir: string,
  log: (line: string) => void,
  settings: Readonly<Record<string, string>>,
): Promise<{ access: Access; adopted: boolean }> {
  const existing = findCluster(dataDir)
  if (existing !== undefined) checkVersion(existing)
  const account = serverAccount(existing)
  let access = existing === undefined ? undefined : accessOf(dataDir)
  if (existing !== undefined && access !== undefined) {
    const port = await adoptServer(existing, access, log)
    if (port !== undefined) return { access: keepAccess(dataDir, { ...access, port }), adopted: true }
  }
  const binaries = await runnableBinaries(account)
  let cluster = existing
  if (cluster === undefined || access === undefined) {
    log('making an empty PostgreSQL database …')
    access = keepAccess(dataDir, { port: await freePort(), password: randomBytes(24).toString('base64url') })
    cluster = await createCluster(dataDir, binaries, account, access.password)
  } else if (!(await portIsFree(access.port))) {
    log(`port ${access.port} is taken by another program; the database chooses a new one`)
    access = keepAccess(dataDir, { ...access, port: await freePort() })
  }
  const logFile = join(dataDir, 'server.log')
  const port = await bringUp({ binaries, cluster, account, access, logFile, settings, log })
  return { access: keepAccess(dataDir, { ...access, port }), adopted: false }
}

function keepAccess(dataDir: string, access: Access): Access {
  const kept = readAccess(dataDir)
  if (kept?.port !== access.port || kept.password !== access.password) writeAccess(dataDir, access)
  return access
}

function accessOf(dataDir: string): Access {
  const access = readAccess(dataDir)
  if (access !== undefined) return access
  throw new Refusal(
    'database_password_gone',
    `${join(dataDir, 'access.json')} with the password of the database is missing (or not readable). Put it back from a backup, ` +
      `or move ${dataDir} away to begin with an empty database.`,
  )
}

async function leave(dataDir: string, user: string): Promise<void> {
  removeQuietly(user)
  if (countUsers(dataDir) > 0) return
  await stopIfRunning(dataDir)
}

async function stopIfRunning(dataDir: string): Promise<void> {
  const cluster = findCluster(dataDir)
  if (cluster === undefined || readPostmaster(cluster) === undefined) return
  const account = serverAccount(cluster)
  const binaries = await runnableBinaries(account)
  await stopServer({ binaries, cluster, account, logFile: join(dataDir, 'server.log') }, readAccess(dataDir))
}

/**
 * Stops the server of a scratch data folder and deletes its database. For tests and benches.
 * @returns false when a living program still uses it; nothing is touched then.
 */
export async function removeEmbedded(given: string, log: (line: string) => void): Promise<boolean> {
  prepareFolder(given)
  const dataDir = realpathSync(given)
  return withLock(join(dirname(dataDir), 'pg.lock'), log, async () => {
    if (countUsers(dataDir) > 0) return false
    await stopIfRunning(dataDir)
    removeCluster(dataDir)
    removeQuietly(join(dirname(dataDir), 'database_url'))
    return true
  })
}

function inWords(error: unknown, dataDir: string): unknown {
  const { code, path } = error as NodeJS.ErrnoException
  const where = path ?? dataDir
  if (code === 'ENOSPC') {
    return new Refusal(
      'disk_full',
      `The disk is full: ${where} could not be written. Free some space, then start again.`,
    )
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new Refusal(
      'data_folder_not_writable',
      `${where} may not be read or written by this account (${code}). Choose another TOEK_DATA folder, or give it to you.`,
    )
  }
  return error
}
