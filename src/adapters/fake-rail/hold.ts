/** One fake at a time on a folder of books: two would write one journal into each other. */
import { mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isRunning, processIdentity } from '../../base/process.ts'

/** Exit code of a fake that found another one on its books. */
export const ALREADY_KEPT = 3

/** Takings that may fail because others come and go; after that something else is wrong. */
const MOST_TRIES = 100

/**
 * Takes the folder for this process until it ends: a function that gives it back, or the pid of the living owner.
 *
 * The hold is a directory with one file in it, named after its owner and put in place by one rename, so it is never
 * seen half made. A dead owner's file is removed by its exact name, and the empty directory taken over by the next
 * rename: two who see the same dead owner cannot remove each other's hold.
 */
export function holdFolder(folder: string): (() => void) | number {
  const hold = join(folder, 'held')
  const owner = processIdentity(process.pid) ?? String(process.pid)
  const mine = join(folder, `held.${owner}`)
  rmSync(mine, { recursive: true, force: true })
  mkdirSync(mine)
  writeFileSync(join(mine, owner), '')
  for (let i = 0; i < MOST_TRIES; i++) {
    try {
      renameSync(mine, hold)
      return () => giveBack(hold, owner)
    } catch (error) {
      if (!isOneOf(error, ['ENOTEMPTY', 'EEXIST'])) throw error
    }
    const living = livingOwner(hold)
    if (living !== undefined) {
      rmSync(mine, { recursive: true })
      return living
    }
  }
  throw new Error(`${hold} can neither be taken nor names anybody who lives`)
}

function giveBack(hold: string, owner: string): void {
  unlinkSync(join(hold, owner))
  // It may be taken over in the moment that it is empty.
  quietly(() => rmdirSync(hold), ['ENOTEMPTY', 'EEXIST', 'ENOENT'])
}

function livingOwner(hold: string): number | undefined {
  let owners: string[] = []
  quietly(() => {
    owners = readdirSync(hold)
  }, ['ENOENT'])
  for (const owner of owners) {
    if (isRunning(owner)) return Number.parseInt(owner, 10)
    quietly(() => unlinkSync(join(hold, owner)), ['ENOENT'])
  }
  return undefined
}

function quietly(act: () => void, expected: readonly string[]): void {
  try {
    act()
  } catch (error) {
    if (!isOneOf(error, expected)) throw error
  }
}

function isOneOf(error: unknown, codes: readonly string[]): boolean {
  return codes.includes((error as NodeJS.ErrnoException).code ?? '')
}
