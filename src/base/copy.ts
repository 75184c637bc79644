/**
 * PostgreSQL's binary COPY format, both ways. Measured against text COPY and unnest in
 * docs/decisions/0003-bulk-line.md. Dates travel as days since 2000-01-01, numbers big-endian, every field behind its
 * length.
 */
import { Buffer } from 'node:buffer'
import type { Day } from './date.ts'

const SIGNATURE = Buffer.from([
  0x50, 0x47, 0x43, 0x4f, 0x50, 0x59, 0x0a, 0xff, 0x0d, 0x0a, 0x00, 0, 0, 0, 0, 0, 0, 0, 0,
])
const DAYS_1970_TO_2000 = 10957
const MS_1970_TO_2000 = DAYS_1970_TO_2000 * 86_400_000
const TWO_32 = 4294967296

export interface RowWriter {
  /** Starts a row of so many fields. */
  row(fields: number): void
  i16(value: number): void
  i32(value: number): void
  /** A safe whole number as int8. */
  i64(value: number): void
  date(value: Day): void
  /** An ISO time with its offset, as timestamptz; whole milliseconds. */
  time(value: string): void
  bool(value: boolean): void
  text(value: string): void
  bytes(value: Uint8Array): void
  /** Bytes in hexadecimal, which cost no memory outside the heap; a uuid's dashes are passed over. */
  hex(value: string): void
  jsonb(value: unknown): void
  nothing(): void
  readonly rows: number
  /** A copy of the bytes so far with signature and trailer; the writer starts anew. */
  take(): Buffer
  /** The bytes themselves, until `release`: nothing may be put in between. */
  lend(): Buffer
  /** Starts anew, and gives the memory back to whoever writes next. */
  release(): void
}

/**
 * Memory that writers have given back. Each batch of a month fills a few megabytes and lets them go; taken from the
 * system anew each time, they made the garbage collector run five times a second.
 */
const spare: Buffer[] = []
const MOST_SPARE = 16
const LARGEST_SPARE = 1 << 23
/** Bytes of all spare memory of a thread. */
const SPARE_BYTES = 1 << 24

function memory(bytes: number): Buffer {
  let best = -1
  for (let i = 0; i < spare.length; i++) {
    const { length } = spare[i] as Buffer
    if (length >= bytes && (best < 0 || length < (spare[best] as Buffer).length)) best = i
  }
  if (best >= 0) return spare.splice(best, 1)[0] as Buffer
  return Buffer.allocUnsafeSlow(2 ** Math.ceil(Math.log2(bytes)))
}

function giveBack(buffer: Buffer): void {
  if (buffer.length === 0 || buffer.length > LARGEST_SPARE || spare.length === MOST_SPARE) return
  const held = spare.reduce((sum, one) => sum + one.length, 0)
  if (held + buffer.length <= SPARE_BYTES) spare.push(buffer)
}

const NOTHING = Buffer.alloc(0)

/** Collects rows for one table; it grows as needed. `capacity` is how many bytes it begins with. */
export function rowWriter(capacity = 1 << 16): RowWriter {
  let buffer: Buffer = NOTHING
  let view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength)
  let at = 0
  let rows = 0

  function need(bytes: number): void {
    if (at + bytes <= buffer.length) return
    const larger = memory(Math.max(capacity, buffer.length * 2, SIGNATURE.length + at + bytes))
    if (at === 0) at = SIGNATURE.copy(larger)
    else buffer.copy(larger, 0, 0, at)
    giveBack(buffer)
    buffer = larger
    view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength)
  }
  function end(): Buffer {
    need(2)
    view.setInt16(at, -1)
    return buffer.subarray(0, at + 2)
  }
  function release(): void {
    giveBack(buffer)
    buffer = NOTHING
    at = 0
    rows = 0
  }
  function i32(value: number): void {
    need(8)
    view.setInt32(at, 4)
    view.setInt32(at + 4, value)
    at += 8
  }
  function i64(value: number): void {
    need(12)
    const high = Math.floor(value / TWO_32)
    view.setInt32(at, 8)
    view.setInt32(at + 4, high)
    view.setUint32(at + 8, value - high * TWO_32)
    at += 12
  }
  function text(value: string): void {
    const length = value.length
    need(4 + length * 3)
    const start = at + 4
    let i = 0
    for (; i < length; i++) {
      const code = value.charCodeAt(i)
      if (code > 127) break
      buffer[start + i] = code
    }
    const written = i === length ? length : i + buffer.write(i === 0 ? value : value.slice(i), start + i, 'utf8')
    view.setInt32(at, written)
    at = start + written
  }
  return {
    row(fields) {
      need(2)
      view.setInt16(at, fields)
      at += 2
      rows++
    },
    i16(value) {
      need(6)
      view.setInt32(at, 2)
      view.setInt16(at + 4, value)
      at += 6
    },
    i32,
    i64,
    date(value) {
      i32(value - DAYS_1970_TO_2000)
    },
    time(value) {
      i64((Date.parse(value) - MS_1970_TO_2000) * 1000)
    },
    bool(value) {
      need(5)
      view.setInt32(at, 1)
      buffer[at + 4] = value ? 1 : 0
      at += 5
    },
    text,
    bytes(value) {
      need(4 + value.length)
      view.setInt32(at, value.length)
      buffer.set(value, at + 4)
      at += 4 + value.length
    },
    hex(value) {
      need(4 + value.length / 2)
      const end = putHex(buffer, at + 4, value)
      view.setInt32(at, end - at - 4)
      at = end
    },
    jsonb(value) {
      const json = Buffer.from(JSON.stringify(value))
      need(5 + json.length)
      view.setInt32(at, json.length + 1)
      buffer[at + 4] = 1
      json.copy(buffer, at + 5)
      at += 5 + json.length
    },
    nothing() {
      need(4)
      view.setInt32(at, -1)
      at += 4
    },
    get rows() {
      return rows
    },
    take() {
      const bytes = Buffer.from(end())
      release()
      return bytes
    },
    lend: end,
    release,
  }
}

const DASH = 45

/** The place after the last byte. */
function putHex(to: Buffer, start: number, value: string): number {
  let at = start
  for (let i = 0; i < value.length; i++) {
    if (value.charCodeAt(i) === DASH) continue
    to[at++] = (hexDigit(value.charCodeAt(i)) << 4) | hexDigit(value.charCodeAt(++i))
  }
  return at
}

function hexDigit(code: number): number {
  return code <= 57 ? code - 48 : (code | 32) - 87
}

export interface RowReader {
  /** Steps to the next row; false after the last. */
  next(): boolean
  i16(): number
  i32(): number
  i64(): number
  date(): Day
  bool(): boolean
  text(): string
  bytes(): Buffer
  /** True, and the field is passed, when the field at hand is null. */
  nothing(): boolean
  /** Passes over so many fields, whatever they are. */
  skip(fields: number): void
}

/** Reads what `copy (…) to stdout (format binary)` gave. Fields are read in order; a null must be asked for first. */
export function rowReader(bytes: Buffer): RowReader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = SIGNATURE.length
  return {
    next() {
      const fields = view.getInt16(at)
      at += 2
      return fields >= 0
    },
    i16() {
      at += 6
      return view.getInt16(at - 2)
    },
    i32() {
      at += 8
      return view.getInt32(at - 4)
    },
    i64() {
      at += 12
      return view.getInt32(at - 8) * TWO_32 + view.getUint32(at - 4)
    },
    date() {
      at += 8
      return (view.getInt32(at - 4) + DAYS_1970_TO_2000) as Day
    },
    bool() {
      at += 5
      return bytes[at - 1] === 1
    },
    text() {
      const length = view.getInt32(at)
      at += 4 + length
      return bytes.toString('utf8', at - length, at)
    },
    bytes() {
      const length = view.getInt32(at)
      at += 4 + length
      return bytes.subarray(at - length, at)
    },
    nothing() {
      if (view.getInt32(at) !== -1) return false
      at += 4
      return true
    },
    skip(fields) {
      for (let i = 0; i < fields; i++) at += 4 + Math.max(0, view.getInt32(at))
    },
  }
}
