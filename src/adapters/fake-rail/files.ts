/** Files that are there as a whole or not at all. */
import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'

/** Writes under a temporary name, syncs, renames. The same act again gives the same bytes under the same name. */
export function writeWhole(folder: string, name: string, chunks: Iterable<string>): void {
  const temporary = join(folder, `${name}.tmp`)
  const fd = openSync(temporary, 'w')
  try {
    for (const chunk of chunks) {
      const bytes = Buffer.from(chunk, 'utf8')
      for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done)
    }
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
  renameSync(temporary, join(folder, name))
}
