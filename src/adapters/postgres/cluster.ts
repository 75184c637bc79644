import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { Refusal } from '../../base/refusal.ts'
import { postgresMajor, sharedPlaces } from './binaries.ts'
import { namesIn } from './lock.ts'
import { type Account, readOr, run } from './process.ts'

/** The one superuser of an embedded server; it exists nowhere else. */
export const superuser = 'toek'
/** The database that the product lives in. */
export const database = 'toek'

/** Kept in TOEK_DATA/pg/access.json (0600). The port is chosen once and kept, so that a URL noted down stays true. */
export interface Access {
  readonly port: number
  readonly password: string
}

/** The file in TOEK_DATA/pg that says where the cluster stands when the server's account cannot reach TOEK_DATA. */
const pointerName = 'elsewhere'

/** Where the cluster of this folder stands, or undefined when it has none yet. */
export function findCluster(dataDir: string): string | undefined {
  const pointer = readOr(join(dataDir, pointerName), '').trim()
  const path = pointer === '' ? join(dataDir, 'cluster') : pointer
  if (existsSync(join(path, 'PG_VERSION'))) return path
  if (pointer === '') return readableOr(path)
  throw new Refusal(
    'database_gone',
    `The database of this folder stood in ${pointer}, and it is not there (or not readable for this account). ` +
      `Put it back from a backup, or remove ${dataDir} to begin with an empty database.`,
  )
}

/** PG_VERSION of another account's cluster cannot be seen: that must not be taken for an empty folder. */
function readableOr(path: string): string | undefined {
  if (!existsSync(path)) return undefined
  const owner = statSync(path).uid
  throw new Refusal(
    'database_of_another_account',
    `The database in ${path} belongs to another account (uid ${owner}). Start as that account or as root.`,
  )
}

/**
 * The account a server runs as when we are root, which PostgreSQL refuses to be: the one that owns the cluster, else an
 * existing unprivileged one. No account is ever made.
 * @returns undefined when we are not root: the server then runs as ourselves.
 */
export function serverAccount(cluster: string | undefined): Account | undefined {
  if (process.getuid?.() !== 0) return undefined
  const accounts = readAccounts()
  if (cluster !== undefined) {
    const { uid, gid } = statSync(cluster)
    if (uid !== 0) return accounts.find((account) => account.uid === uid) ?? { name: `uid ${uid}`, uid, gid }
    throw new Refusal(
      'database_of_root',
      `The database in ${cluster} belongs to root, and PostgreSQL refuses to run as root. ` +
        `Give it to an ordinary account (chown -R) and start again.`,
    )
  }
  const chosen =
    accounts.find(({ name }) => name === 'postgres') ??
    accounts.find(({ name }) => name === 'nobody') ??
    accounts.find(({ uid }) => uid >= 1000)
  if (chosen !== undefined) return chosen
  throw new Refusal(
    'no_account_for_database',
    'PostgreSQL refuses to run as root, and /etc/passwd names no other account. ' +
      'Start as an ordinary account, or name a server with DATABASE_URL.',
  )
}

function readAccounts(): Account[] {
  const accounts: Account[] = []
  for (const line of readOr('/etc/passwd', '').split('\n')) {
    const [name, , uid, gid] = line.split(':')
    if (name === undefined || uid === undefined || gid === undefined || Number(uid) === 0) continue
    // macOS writes nobody's numbers as -2; the kernel knows them as unsigned.
    accounts.push({ name, uid: Number(uid) >>> 0, gid: Number(gid) >>> 0 })
  }
  return accounts
}

/** @throws Refusal database_of_another_version */
export function checkVersion(cluster: string): void {
  const version = readFileSync(join(cluster, 'PG_VERSION'), 'utf8').trim()
  if (version === postgresMajor) return
  throw new Refusal(
    'database_of_another_version',
    `The database in ${cluster} was made by PostgreSQL ${version}, and this program brings ${postgresMajor}. ` +
      `Run it with a PostgreSQL ${version} of your own through DATABASE_URL, or begin in another TOEK_DATA folder.`,
  )
}

/**
 * Makes an empty cluster: UTF-8, sorted by code point with Unicode case rules (no locale of the machine takes part),
 * passwords by SCRAM only, page checksums. It is made aside and renamed, so a start that was cut off leaves none
 * behind.
 * @returns where it stands
 */
export async function createCluster(
  dataDir: string,
  binaries: string,
  account: Account | undefined,
  password: string,
): Promise<string> {
  for (const name of namesIn(dataDir)) {
    if (name.startsWith('new-')) rmSync(join(dataDir, name), { recursive: true, force: true })
  }
  const place = await choosePlace(dataDir, account)
  const fresh = mkdtempSync(join(place, 'new-'))
  try {
    const cluster = join(fresh, 'cluster')
    const passwordFile = join(fresh, 'password')
    mkdirSync(cluster, { mode: 0o700 })
    writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 })
    give([fresh, cluster, passwordFile], account)
    const made = await run(join(binaries, 'bin', 'initdb'), initArguments(cluster, passwordFile), account)
    if (!made.ok) throw notMade(cluster, made.output)
    const final = join(place, 'cluster')
    renameSync(cluster, final)
    if (place !== dataDir) writeFileSync(join(dataDir, pointerName), `${final}\n`)
    return final
  } catch (error) {
    if (place !== dataDir) rmSync(place, { recursive: true, force: true })
    throw error
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
}

function initArguments(cluster: string, passwordFile: string): string[] {
  return [
    `--pgdata=${cluster}`,
    `--username=${superuser}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-instructions',
  ]
}

function notMade(cluster: string, output: string): Refusal {
  const last = output.trim().split('\n').slice(-8).join('\n')
  const why = output.includes('No space left on device') ? 'The disk is full. ' : ''
  return new Refusal('database_not_made', `${why}No database could be made in ${cluster}:\n${last}`)
}

/**
 * TOEK_DATA/pg itself, or a folder elsewhere when the server's account cannot get there (a clone under a 0700
 * home).
 */
async function choosePlace(dataDir: string, account: Account | undefined): Promise<string> {
  if (account === undefined || (await canUse(dataDir, account))) return dataDir
  for (const parent of sharedPlaces()) {
    try {
      const place = mkdtempSync(join(parent, 'toek-cluster-'))
      chmodSync(place, 0o755)
      if (await canUse(place, account)) return place
      rmSync(place, { recursive: true, force: true })
    } catch {
      // Read-only or full: the next one.
    }
  }
  throw new Refusal(
    'database_not_made',
    `The account ${account.name} can reach neither ${dataDir} nor ${sharedPlaces().join(', ')}. ` +
      'Choose a TOEK_DATA folder that it can reach, or name a server with DATABASE_URL.',
  )
}

/** Tried and not computed: mount options, access lists and squashed owners all take part. */
async function canUse(directory: string, account: Account): Promise<boolean> {
  const probe = join(directory, `new-probe-${randomBytes(4).toString('hex')}`)
  try {
    mkdirSync(probe, { mode: 0o700 })
    give([probe], account)
    return (await run('/bin/sh', ['-c', 'cd "$1" && : > file && rm file', 'sh', probe], account)).ok
  } catch {
    return false
  } finally {
    rmSync(probe, { recursive: true, force: true })
  }
}

function give(paths: readonly string[], account: Account | undefined): void {
  if (account === undefined) return
  for (const path of paths) chownSync(path, account.uid, account.gid)
}

/** Removes the cluster with everything in it, wherever it stands. Only for scratch databases of tests and benches. */
export function removeCluster(dataDir: string): void {
  const pointer = readOr(join(dataDir, pointerName), '').trim()
  if (pointer !== '') rmSync(join(pointer, '..'), { recursive: true, force: true })
  rmSync(dataDir, { recursive: true, force: true })
}

export function readAccess(dataDir: string): Access | undefined {
  const text = readOr(join(dataDir, 'access.json'), '')
  return text === '' ? undefined : (JSON.parse(text) as Access)
}

export function writeAccess(dataDir: string, access: Access): void {
  writePrivate(join(dataDir, 'access.json'), `${JSON.stringify(access)}\n`)
}

/** Written aside with 0600 and renamed: nobody reads half a file, and it is at no time open to others. */
export function writePrivate(file: string, text: string): void {
  const aside = `${file}.${randomBytes(4).toString('hex')}`
  writeFileSync(aside, text, { mode: 0o600, flush: true })
  giveToOwnerOfFolder(aside)
  renameSync(aside, file)
}

/** What root writes into another account's folder must not lock that account out later. */
export function giveToOwnerOfFolder(file: string): void {
  if (process.getuid?.() !== 0) return
  const { uid, gid } = statSync(dirname(file))
  if (uid !== 0) chownSync(file, uid, gid)
}

/** The folder of the database: closed to others, except that the server's account must be able to walk through it. */
export function prepareFolder(dataDir: string): void {
  if (existsSync(dataDir)) {
    if (lstatSync(dataDir).isDirectory()) return
    throw new Refusal('database_not_made', `${dataDir} is in the way: it is no folder. Move it and start again.`)
  }
  mkdirSync(dataDir, { recursive: true })
  chmodSync(dataDir, process.getuid?.() === 0 ? 0o711 : 0o700)
}
