/**
 * Files to the outside: written under a temporary name and flushed to disk, then recorded with their hash, then renamed.
 * A reader never sees half a file, and nothing has a name before the database knows it.
 */
import { createHash, hash } from 'node:crypto'
import { type FileHandle, mkdir, open, readFile, rename, stat, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Refusal } from '../../base/refusal.ts'
import type { Line } from './line.ts'

export interface StagedFile {
  readonly fileName: string
  readonly path: string
  readonly sha256: Buffer
  readonly bytes: number
}

export interface FileStager {
  write(text: string): Promise<void> | undefined
  finish(): Promise<StagedFile>
  /** Removes the temporary file after a fault. */
  abandon(): Promise<void>
}

/** Characters collected before they are encoded and written. */
const PIECE = 1 << 18

const SENTENCES = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM', 'EIO', 'ENOTDIR', 'EEXIST'])

/** A fault of the disk as a sentence; anything else as it was. */
function inWords(error: unknown, path: string): unknown {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === undefined || !SENTENCES.has(code)) return error
  return new Refusal(
    'file_not_written',
    `The file ${path} could not be written (${message}). Make room or give access, then run again: nothing is lost and nothing is sent twice.`,
  )
}

export async function stageFile(
  line: Line,
  folder: string,
  fileName: string,
  encoding: 'utf8' | 'latin1' = 'utf8',
): Promise<FileStager> {
  const path = join(line.folders.out, folder, fileName)
  const temporary = `${path}.tmp`
  const digest = createHash('sha256')
  let pieces: string[] = []
  let length = 0
  let bytes = 0
  let file: FileHandle
  try {
    await mkdir(dirname(path), { recursive: true })
    file = await open(temporary, 'w')
  } catch (error) {
    throw inWords(error, path)
  }
  async function flush(): Promise<void> {
    const buffer = Buffer.from(pieces.join(''), encoding)
    pieces = []
    length = 0
    digest.update(buffer)
    bytes += buffer.length
    await file.write(buffer)
  }
  return {
    write(text) {
      pieces.push(text)
      length += text.length
      return length < PIECE ? undefined : flush()
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
      await unlink(temporary).catch(() => undefined)
    },
  }
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
        await unlink(`${path}.tmp`)
        continue
      }
      line.at('file:before-rename')
      await rename(`${path}.tmp`, path)
      folders.add(dirname(path))
      line.at('file:after-rename')
    } catch (error) {
      throw inWords(error, path)
    }
  }
  await Promise.all([...folders].map(syncFolder))
}

async function liesThere(path: string, sha256: Buffer, bytes: number): Promise<boolean> {
  const found = await stat(path).catch(() => undefined)
  return found?.size === bytes && hash('sha256', await readFile(path), 'buffer').equals(sha256)
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
