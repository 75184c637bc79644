/** Reads a file into the same memory again and again: what is given is true until the next is asked for. */
import { createHash } from 'node:crypto'
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Refusal } from '../../base/refusal.ts'

/** Bytes read at a time. */
const READ_BYTES = 1 << 18
/**
 * Bytes given at a time: some 50 orders. What is made of a piece lives until the next, and V8's collector copies what
 * lives.
 */
const PIECE = 1 << 16

/** Nobody waits for a pipe to which nobody writes. */
export const READ_AT_ONCE = constants.O_RDONLY | constants.O_NONBLOCK

export function notAFile(path: string): Refusal {
  return new Refusal(
    'not_a_file',
    `${path} is not a file that can be read: it is a folder, a pipe, or a link that leads nowhere. ` +
      'Take it away or lay the file there, then start again.',
  )
}

/** @throws Refusal not_a_file */
export async function sizeOfFile(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined)
  if (found?.isFile() !== true) throw notAFile(path)
  return found.size
}

/**
 * Waits for the disk itself: a piece that a helper thread reads costs ten times what the read does, and a month comes
 * in three thousand files.
 */
export async function* readInPlace(path: string): AsyncGenerator<Uint8Array, void, undefined> {
  const file = openSync(path, READ_AT_ONCE)
  try {
    const found = fstatSync(file)
    if (!found.isFile()) throw notAFile(path)
    const read = Buffer.allocUnsafeSlow(Math.max(1, Math.min(READ_BYTES, found.size)))
    for (;;) {
      const bytes = readSync(file, read, 0, read.length, null)
      if (bytes === 0) return
      for (let at = 0; at < bytes; at += PIECE) yield read.subarray(at, Math.min(at + PIECE, bytes))
    }
  } finally {
    closeSync(file)
  }
}

/** Gives a file to a reader piece by piece; its SHA-256 and its size. */
export async function readThrough(
  path: string,
  reader: { write(bytes: Uint8Array): void | Promise<void> },
): Promise<{ sha256: Buffer; bytes: number }> {
  const sha256 = createHash('sha256')
  let bytes = 0
  for await (const piece of readInPlace(path)) {
    sha256.update(piece)
    bytes += piece.length
    await reader.write(piece)
  }
  return { sha256: sha256.digest(), bytes }
}
