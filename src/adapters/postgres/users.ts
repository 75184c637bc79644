import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { giveToOwnerOfFolder } from './cluster.ts'
import { namesIn, removeQuietly } from './lock.ts'
import { isRunning, processIdentity } from './process.ts'

/**
 * Who uses the embedded server just now: one empty file per user in TOEK_DATA/users, named `<pid>.<start>-<mark>`.
 * Only the last user stops the server. A user that was killed is known by its process being gone.
 */
export function addUser(dataDir: string): string {
  const directory = usersOf(dataDir)
  if (mkdirSync(directory, { recursive: true }) !== undefined) giveToOwnerOfFolder(directory)
  const file = join(directory, `${processIdentity(process.pid) ?? process.pid}-${randomBytes(4).toString('hex')}`)
  writeFileSync(file, '')
  return file
}

/** How many living users there are; the files of dead ones are removed on the way. */
export function countUsers(dataDir: string): number {
  const directory = usersOf(dataDir)
  let living = 0
  for (const name of namesIn(directory)) {
    if (isRunning(name.slice(0, name.lastIndexOf('-')))) living++
    else removeQuietly(join(directory, name))
  }
  return living
}

function usersOf(dataDir: string): string {
  return join(dirname(dataDir), 'users')
}
