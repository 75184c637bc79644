/** Files that are there as a whole or not at all. */
import { closeSync, fsync, openSync, renameSync, writeSync } from 'node:fs'
import { join } from 'node:path'

export interface WholeFile {
  readonly name: string
  /** Made when it is written, so that few of many files are in memory at a time. */
  readonly chunks: Iterable<string>
}

/** Files that are being synced at a time. */
const AT_ONCE = 32

/**
 * Writes under temporary names, syncs beside each other, and when all lie safe gives them their names in the order
 * given. Writing only fills the page cache; it is the syncs that wait for the disk, and beside each other they share
 * its turns. The same act again gives the same bytes under the same names.
 */
export async function writeWhole(folder: string, files: readonly WholeFile[]): Promise<void> {
  let next = 0
  const write = async (): Promise<void> => {
    for (let file = files[next++]; file !== undefined; file = files[next++]) {
      try {
        await writeSynced(temporaryIn(folder, file), file.chunks)
      } catch (error) {
        next = files.length
        throw error
      }
    }
  }
  const writers = await Promise.allSettled(Array.from({ length: Math.min(AT_ONCE, files.length) }, write))
  for (const writer of writers) if (writer.status === 'rejected') throw writer.reason
  for (const file of files) renameSync(temporaryIn(folder, file), join(folder, file.name))
}

function temporaryIn(folder: string, { name }: WholeFile): string {
  return join(folder, `${name}.tmp`)
}

async function writeSynced(path: string, chunks: Iterable<string>): Promise<void> {
  const fd = openSync(path, 'w')
  try {
    for (const chunk of chunks) writeFully(fd, Buffer.from(chunk, 'utf8'), null)
    await synced(fd)
  } finally {
    closeSync(fd)
  }
}

/** Writes all bytes, at a place in the file or at its end. */
export function writeFully(fd: number, bytes: Buffer, at: number | null): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(fd, bytes, done, bytes.length - done, at === null ? null : at + done)
  }
}

export function synced(fd: number): Promise<void> {
  return new Promise((done, failed) => fsync(fd, (error) => (error === null ? done() : failed(error))))
}
