/** Files to the outside: under a temporary name, flushed to disk, then renamed. A reader never sees half a file. */
import { hash } from 'node:crypto'
import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Refusal } from '../../base/refusal.ts'
import type { Line } from './line.ts'

const DISK_FULL = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EIO'])

/** Writes bytes whose hash was recorded before. A file that lies there with the same bytes is left as it is. */
export async function writeOutFile(line: Line, folder: string, name: string, bytes: Buffer): Promise<void> {
  const path = join(line.folders.out, folder, name)
  try {
    if (await liesThere(path, bytes)) return
    await mkdir(dirname(path), { recursive: true })
    const temporary = `${path}.tmp`
    const file = await open(temporary, 'w')
    try {
      const half = bytes.length >> 1
      await file.write(bytes, 0, half)
      line.at('file:half-written')
      await file.write(bytes, half)
      await file.sync()
    } finally {
      await file.close()
    }
    line.at('file:before-rename')
    await rename(temporary, path)
    await syncFolder(dirname(path))
    line.at('file:after-rename')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === undefined || !DISK_FULL.has(code)) throw error
    throw new Refusal(
      'file_not_written',
      `The file ${path} could not be written (${message}). Make room or give access, then run again: nothing is lost and nothing was sent twice.`,
    )
  }
}

async function liesThere(path: string, bytes: Buffer): Promise<boolean> {
  try {
    return hash('sha256', await readFile(path)) === hash('sha256', bytes)
  } catch {
    return false
  }
}

/** The rename itself must survive a power cut. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
