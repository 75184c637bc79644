import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, renameSync, rmdirSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Refusal } from '../../base/refusal.ts'
import { isRunning, processIdentity } from './process.ts'

const pollMs = 50
/** Longer than a crash recovery of max_wal_size takes on a slow disk. */
const longestWaitMs = 15 * 60_000
const tellAfterMs = 2_000

/**
 * Runs `body` while no other process of this machine runs one under the same lock.
 *
 * The lock is a directory with one file in it, named after its owner and put in place by one rename, so it is never
 * seen half made. A dead owner's file is removed by its exact name, and the empty directory is taken over by the next
 * rename: two who see the same dead owner cannot remove each other's live lock.
 * @throws Refusal database_busy when a live process has held it for a quarter of an hour.
 */
export async function withLock<T>(lock: string, log: (line: string) => void, body: () => Promise<T>): Promise<T> {
  let waitedMs = 0
  let release = tryLock(lock)
  while (release === undefined) {
    const owner = liveOwner(lock)
    if (owner !== undefined) {
      if (waitedMs === tellAfterMs) log(`waiting for process ${owner}, which is starting or stopping the database …`)
      if (waitedMs >= longestWaitMs) {
        throw new Refusal(
          'database_busy',
          `Process ${owner} has been starting or stopping the database for 15 minutes. End it, then start again.`,
        )
      }
      await sleep(pollMs)
      waitedMs += pollMs
    }
    release = tryLock(lock)
  }
  try {
    return await body()
  } finally {
    release()
  }
}

function tryLock(lock: string): (() => void) | undefined {
  // The name is unique for each taking: two takers within one process exclude each other as well.
  const mark = randomBytes(6).toString('hex')
  const owner = `${processIdentity(process.pid) ?? process.pid}-${mark}`
  const mine = `${lock}.${mark}`
  mkdirSync(mine)
  writeFileSync(join(mine, owner), '')
  try {
    renameSync(mine, lock)
  } catch (error) {
    unlinkSync(join(mine, owner))
    rmdirSync(mine)
    const code = (error as NodeJS.ErrnoException).code
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error
    return undefined
  }
  return () => {
    unlinkSync(join(lock, owner))
    try {
      rmdirSync(lock)
    } catch {
      // The next one has taken it over already.
    }
  }
}

/** The pid of the living owner; files of dead ones are removed on the way. */
function liveOwner(lock: string): number | undefined {
  for (const name of namesIn(lock)) {
    const identity = name.slice(0, name.lastIndexOf('-'))
    if (isRunning(identity)) return Number.parseInt(identity, 10)
    removeQuietly(join(lock, name))
  }
  return undefined
}

export function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}

export function removeQuietly(file: string): void {
  try {
    unlinkSync(file)
  } catch {
    // Someone else removed it first.
  }
}
