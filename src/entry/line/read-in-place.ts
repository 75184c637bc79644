/** Reads a file into the same memory again and again: what is given is true until the next is asked for. */
import { createHash } from 'node:crypto'
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

/** Bytes read at a time. */
const READ_BYTES = 1 << 18
/**
 * Bytes given at a time: some 50 orders. What is made of a piece lives until the next, and V8's collector copies what
 * lives.
 */
const PIECE = 1 << 16

/**
 * Waits for the disk itself: a piece that a helper thread reads costs ten times what the read does, and a month comes
 * in three thousand files.
 */
export async function* readInPlace(path: string): AsyncGenerator<Uint8Array, void, undefined> {
  const file = openSync(path, 'r')
  try {
    const read = Buffer.allocUnsafeSlow(Math.max(1, Math.min(READ_BYTES, fstatSync(file).size)))
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
