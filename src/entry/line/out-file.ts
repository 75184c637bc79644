/**
 * Files to the outside: written under a temporary name and flushed to disk, then recorded with their hash, then
 * renamed. A reader never sees half a file, and nothing has a name before the database knows it.
 */
import { createHash, hash } from 'node:crypto'
import { mkdirSync, renameSync, statSync, unlinkSync } from 'node:fs'
import { type FileHandle, open, readFile, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { assert } from '../../base/assert.ts'
import { Refusal } from '../../base/refusal.ts'
import type { Line } from './line.ts'

export interface StagedFile {
  readonly fileName: string
  readonly path: string
  readonly sha256: Buffer
  readonly bytes: number
}

export interface FileStager {
  /** A promise that it gives must be waited for before the next text. */
  write(text: string): Promise<void> | undefined
  finish(): Promise<StagedFile>
  /** Removes the temporary file after a fault. */
  abandon(): Promise<void>
}

/** Bytes collected before they are hashed and written. */
const COLLECTED = 1 << 18
/** The most bytes that one UTF-16 unit of a text becomes. */
const WIDEST = { latin1: 1, utf8: 3 } as const

const SENTENCES = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 'EROFS', 'EACCES', 'EPERM', 'EIO', 'ENOTDIR', 'EEXIST'])

/** A fault of the disk as a sentence; anything else as it was. */
function inWords(error: unknown, path: string): unknown {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === undefined || !SENTENCES.has(code)) return error
  return new Refusal(
    'file_not_written',
    `The file ${path} could not be written (${message}). Make room or give access, then run again: nothing is lost and nothing is sent twice.`,
  )
}

type Stage = (folder: string, fileName: string, encoding?: 'utf8' | 'latin1') => Promise<FileStager>

/** What stages files: after a fault they are closed, and what was written of them is removed. */
export async function staging<T>(line: Line, work: (stage: Stage) => Promise<T>): Promise<T> {
  const open: FileStager[] = []
  try {
    return await work(async (folder, fileName, encoding) => {
      const stager = await stageFile(line, folder, fileName, encoding)
      open.push(stager)
      return stager
    })
  } catch (error) {
    for (const stager of open) await stager.abandon()
    throw error
  }
}

async function stageFile(
  line: Line,
  folder: string,
  fileName: string,
  encoding: 'utf8' | 'latin1' = 'utf8',
): Promise<FileStager> {
  const path = join(line.folders.out, folder, fileName)
  const file = await openTemporary(path)
  const digest = createHash('sha256')
  const widest = WIDEST[encoding]
  // One buffer for the whole file: to join texts and encode them into new memory costs twenty times what this does.
  const buffer = Buffer.allocUnsafeSlow(COLLECTED)
  let at = 0
  let bytes = 0
  let writing = false
  async function flush(): Promise<void> {
    writing = true
    // The hash is reckoned while the disk writes. A disk may take less than it is given.
    let rest = buffer.subarray(0, at)
    let taken = file.write(rest)
    digest.update(rest)
    for (;;) {
      rest = rest.subarray((await taken).bytesWritten)
      if (rest.length === 0) break
      taken = file.write(rest)
    }
    bytes += at
    at = 0
    writing = false
  }
  /** A text that does not fit in what is left of the buffer. */
  async function flushAnd(text: string): Promise<void> {
    for (let from = 0; from < text.length; ) {
      const to = cut(text, from, Math.floor(COLLECTED / widest))
      await flush()
      at = buffer.write(text.slice(from, to), encoding)
      from = to
    }
  }
  return {
    write(text) {
      assert(!writing, `${fileName}: a text came while the one before was being written`)
      const left = COLLECTED - at
      if (text.length * widest > left && Buffer.byteLength(text, encoding) > left) return flushAnd(text)
      at += buffer.write(text, at, encoding)
      return undefined
    },
    async finish() {
      try {
        line.at('file:half-written')
        await flush()
        await file.sync()
        await file.close()
      } catch (error) {
        throw inWords(error, path)
      }
      const sha256 = digest.digest()
      return { fileName, path, sha256, bytes }
    },
    async abandon() {
      await file.close().catch(() => undefined)
      await unlink(`${path}.tmp`).catch(() => undefined)
    },
  }
}

async function openTemporary(path: string): Promise<FileHandle> {
  try {
    mkdirSync(dirname(path), { recursive: true })
    return await open(`${path}.tmp`, 'w')
  } catch (error) {
    throw inWords(error, path)
  }
}

/** Where a text that begins at `from` is cut after at most `most` units: never within a surrogate pair. */
function cut(text: string, from: number, most: number): number {
  const to = from + most
  if (to >= text.length) return text.length
  const code = text.charCodeAt(to)
  return code >= 0xdc00 && code <= 0xdfff ? to - 1 : to
}

/**
 * Gives files their names, in their order. A file that lies there with the same bytes is left untouched. The names
 * themselves must survive a power cut: each folder is flushed once.
 */
export async function publishAll(line: Line, files: readonly StagedFile[]): Promise<void> {
  const folders = new Set<string>()
  for (const { path, sha256, bytes } of files) {
    try {
      if (await liesThere(path, sha256, bytes)) {
        unlinkSync(`${path}.tmp`)
        continue
      }
      line.at('file:before-rename')
      renameSync(`${path}.tmp`, path)
      folders.add(dirname(path))
      line.at('file:after-rename')
    } catch (error) {
      throw inWords(error, path)
    }
  }
  await Promise.all([...folders].map(syncFolder))
}

async function liesThere(path: string, sha256: Buffer, bytes: number): Promise<boolean> {
  const found = statSync(path, { throwIfNoEntry: false })
  return found?.size === bytes && hash('sha256', await readFile(path), 'buffer').equals(sha256)
}

/** What was named in it has its name on disk. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
