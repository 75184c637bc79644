/**
 * A file or an HTTP body → its lines, as a stream of batches: bounded in memory whatever comes, one look at each byte.
 * Unpacks gzip by its first two bytes. On the way it reckons the SHA-256 and the size of the bytes as received.
 *
 * A block of whole lines is checked for UTF-8 and NUL and decoded at once; only a block with something wrong in it is
 * taken apart line by line.
 */
import { isAscii, isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { Fault } from '../../base/refusal.ts'
import { fault } from './fault-codes.ts'

/** Bytes of one line, without its end. */
export const MAX_LINE_BYTES = 1024 * 1024
/** Bytes of a file as received. */
const MAX_FILE_BYTES = 16 * 1024 ** 3
/** Bytes of a file when unpacked. */
const MAX_UNPACKED_BYTES = 64 * 1024 ** 3
/** How many times its size a packed file may unpack to. Records of one kind pack about 10 to 40 times. */
const MAX_EXPANSION = 250
/** Bytes up to which expansion is no matter. */
const EXPANSION_FREE = 16 * 1024 * 1024
/** Bytes decoded at a time; at most MAX_LINE_BYTES, so that no line inside a block can be too long. */
const BLOCK_BYTES = 256 * 1024

export type LineProblem = 'line_too_long' | 'invalid_utf8' | 'nul_byte'

export interface ReadLine {
  /** As an editor counts: the first line is 1, and empty lines count. */
  readonly number: number
  /** Empty when there is a problem. */
  readonly text: string
  readonly problem: LineProblem | undefined
}

/** What is known when all lines have been read. @da modtagelse */
export interface Receipt {
  /** Of the bytes as received, in hex. */
  readonly sha256: string
  /** As received. */
  readonly bytes: number
  readonly unpackedBytes: number
  readonly gzip: boolean
  /** A byte order mark stood first and was passed over: tolerated, and worth telling the sender. */
  readonly bom: boolean
  /** Non-empty lines, the envelope included. */
  readonly lines: number
  /** A file that cannot be read to its end is refused whole: the lines already given must be undone. */
  readonly faults: readonly Fault[]
}

export interface LineStream {
  readonly batches: AsyncGenerator<readonly ReadLine[], void, undefined>
  /** Undefined until the batches have ended. */
  readonly receipt: () => Receipt | undefined
}

/** Limits that tests make small. */
export interface LineLimits {
  readonly lineBytes?: number
  readonly fileBytes?: number
  readonly unpackedBytes?: number
}

interface Intake {
  readonly hash: ReturnType<typeof createHash>
  readonly fileBytes: number
  bytes: number
  unpackedBytes: number
  gzip: boolean
  tooLarge: boolean
}

/**
 * Reads lines from anything that gives bytes; a piece is done with when the next is asked for. Errors of the source
 * itself (a cut connection) are thrown through.
 */
export function readLines(source: AsyncIterable<Uint8Array>, limits: LineLimits = {}): LineStream {
  let receipt: Receipt | undefined
  async function* batches(): AsyncGenerator<readonly ReadLine[], void, undefined> {
    const intake: Intake = {
      hash: createHash('sha256'),
      fileBytes: limits.fileBytes ?? MAX_FILE_BYTES,
      bytes: 0,
      unpackedBytes: 0,
      gzip: false,
      tooLarge: false,
    }
    const state = newState(limits.lineBytes ?? MAX_LINE_BYTES)
    const faults: Fault[] = []
    try {
      for await (const chunk of unpacked(
        received(source, intake),
        intake,
        limits.unpackedBytes ?? MAX_UNPACKED_BYTES,
      )) {
        for (let at = 0; at < chunk.length; at += BLOCK_BYTES) feed(state, chunk.subarray(at, at + BLOCK_BYTES))
        if (state.batch.length > 0) yield takeBatch(state)
      }
      if (!intake.tooLarge) finish(state)
      if (state.batch.length > 0) yield takeBatch(state)
    } catch (error) {
      if (!isZlibError(error)) throw error
      faults.push(fault('gzip_damaged', '', 'The compressed file cannot be unpacked to its end.'))
    }
    if (intake.tooLarge)
      faults.push(fault('file_too_large', '', 'The file is larger than we take, or unpacks to more than that.'))
    receipt = {
      sha256: intake.hash.digest('hex'),
      bytes: intake.bytes,
      unpackedBytes: intake.unpackedBytes,
      gzip: intake.gzip,
      bom: state.bom,
      lines: state.lines,
      faults,
    }
  }
  return { batches: batches(), receipt: () => receipt }
}

/** The bytes as received, counted and hashed; ends early when there are too many. */
async function* received(source: AsyncIterable<Uint8Array>, intake: Intake): AsyncGenerator<Buffer, void, undefined> {
  for await (const chunk of source) {
    intake.bytes += chunk.length
    intake.hash.update(chunk)
    if (intake.bytes > intake.fileBytes) {
      intake.tooLarge = true
      return
    }
    yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
  }
}

/** The same bytes, unpacked when the first two say gzip; ends early when they unpack to too much. */
async function* unpacked(
  raw: AsyncGenerator<Buffer, void, undefined>,
  intake: Intake,
  limit: number,
): AsyncGenerator<Buffer, void, undefined> {
  let head: Buffer = Buffer.alloc(0)
  while (head.length < 2) {
    const next = await raw.next()
    if (next.done) break
    const whole = head.length === 0 && next.value.length >= 2
    head = whole ? next.value : Buffer.concat([head, next.value])
  }
  intake.gzip = head.length >= 2 && head[0] === 0x1f && head[1] === 0x8b
  const whole = prepend(head, raw)
  if (!intake.gzip) {
    for await (const chunk of whole) {
      intake.unpackedBytes += chunk.length
      yield chunk
    }
    return
  }
  const input = Readable.from(copied(whole), { objectMode: false, highWaterMark: BLOCK_BYTES })
  const gunzip = createGunzip({ chunkSize: BLOCK_BYTES })
  // pipe() passes no errors on: a failing source must end the reading, not leave it waiting.
  input.on('error', (error) => gunzip.destroy(error))
  input.pipe(gunzip)
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      intake.unpackedBytes += chunk.length
      const expanded = intake.unpackedBytes > EXPANSION_FREE && intake.unpackedBytes > intake.bytes * MAX_EXPANSION
      if (expanded || intake.unpackedBytes > limit) {
        intake.tooLarge = true
        return
      }
      yield chunk
    }
  } finally {
    input.destroy()
    gunzip.destroy()
  }
}

/** The unpacker takes pieces ahead of those who read, and a source may use its memory again for the next piece. */
async function* copied(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  for await (const piece of pieces) yield Buffer.from(piece)
}

async function* prepend(head: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  if (head.length > 0) yield head
  yield* rest
}

function isZlibError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('Z_')
}

interface State {
  readonly maxLine: number
  /** The unfinished line. It grows by doubling: bytes may come one at a time. */
  carry: Buffer
  carried: number
  /** The unfinished line is already too long: its rest is passed over. */
  dropping: boolean
  first: boolean
  bom: boolean
  number: number
  lines: number
  batch: ReadLine[]
}

function newState(maxLine: number): State {
  const carry = Buffer.allocUnsafe(Math.min(maxLine + 1, 8192))
  return { maxLine, carry, carried: 0, dropping: false, first: true, bom: false, number: 0, lines: 0, batch: [] }
}

function takeBatch(state: State): readonly ReadLine[] {
  const batch = state.batch
  state.batch = []
  return batch
}

function feed(state: State, chunk: Buffer): void {
  const firstEnd = chunk.indexOf(10)
  if (firstEnd < 0) return keep(state, chunk)
  let start = 0
  if (state.carried > 0 || state.dropping || state.first) {
    keep(state, chunk.subarray(0, firstEnd))
    endCarried(state)
    start = firstEnd + 1
  }
  const lastEnd = chunk.lastIndexOf(10)
  if (lastEnd >= start) takeBlock(state, chunk.subarray(start, lastEnd))
  keep(state, chunk.subarray(lastEnd + 1))
}

function keep(state: State, part: Buffer): void {
  if (state.dropping || part.length === 0) return
  const length = state.carried + part.length
  // One more than allowed is kept for a carriage return.
  if (length > state.maxLine + 1) {
    state.dropping = true
    state.carried = 0
    return
  }
  if (length > state.carry.length) {
    const larger = Buffer.allocUnsafe(Math.min(Math.max(length, state.carry.length * 2), state.maxLine + 1))
    state.carry.copy(larger, 0, 0, state.carried)
    state.carry = larger
  }
  part.copy(state.carry, state.carried)
  state.carried = length
}

function endCarried(state: State): void {
  let line = state.carry.subarray(0, state.carried)
  if (state.first) {
    state.first = false
    if (line.length >= 3 && line[0] === 0xef && line[1] === 0xbb && line[2] === 0xbf) {
      state.bom = true
      line = line.subarray(3)
    }
  }
  if (state.dropping) push(state, '', 'line_too_long')
  else takeLine(state, line)
  state.carried = 0
  state.dropping = false
}

function finish(state: State): void {
  if (state.carried > 0 || state.dropping) endCarried(state)
}

/** Whole lines without the last line's end. */
function takeBlock(state: State, block: Buffer): void {
  const ascii = isAscii(block)
  if ((!ascii && !isUtf8(block)) || block.indexOf(0) >= 0 || block.length > state.maxLine)
    return takeEachLine(state, block)
  const text = block.toString(ascii ? 'latin1' : 'utf8')
  let start = 0
  for (;;) {
    const end = text.indexOf('\n', start)
    const stop = end < 0 ? text.length : end
    const cut = stop > start && text.charCodeAt(stop - 1) === 13 ? stop - 1 : stop
    push(state, text.slice(start, cut), undefined)
    if (end < 0) return
    start = end + 1
  }
}

function takeEachLine(state: State, block: Buffer): void {
  let start = 0
  for (;;) {
    const end = block.indexOf(10, start)
    takeLine(state, block.subarray(start, end < 0 ? block.length : end))
    if (end < 0) return
    start = end + 1
  }
}

function takeLine(state: State, bytes: Buffer): void {
  const length = bytes.length > 0 && bytes[bytes.length - 1] === 13 ? bytes.length - 1 : bytes.length
  const line = bytes.subarray(0, length)
  if (length > state.maxLine) push(state, '', 'line_too_long')
  else if (!isUtf8(line)) push(state, '', 'invalid_utf8')
  else if (line.includes(0)) push(state, '', 'nul_byte')
  else push(state, line.toString('utf8'), undefined)
}

function push(state: State, text: string, problem: LineProblem | undefined): void {
  state.number++
  if (problem === undefined && isBlank(text)) return
  state.lines++
  state.batch.push({ number: state.number, text, problem })
}

function isBlank(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c !== 32 && c !== 9 && c !== 13) return false
  }
  return true
}
