/**
 * Growing text, filled byte by byte: one byte per character, as in ISO-8859-1. Measured with 380,000 items: filling
 * bytes and writing them takes half the time that joining strings takes, and leaves only the finished text to collect.
 * The rare text with other characters stands between two fillings as it is, so that nothing is lost of it.
 */
import { Buffer } from 'node:buffer'
import { assert } from './assert.ts'

export interface Sink {
  buffer: Buffer
  /** Where the next byte goes. */
  at: number
  /** What was filled before the buffer began anew. */
  text: string
}

/** Bytes that are put whole, or the text itself when a character of it needs more than a byte. */
export type Ready = Uint8Array | string

const SINK_BYTES = 32_768
const ZERO = 48
const MINUS = 45
const POINT = 46

/** It takes its memory when the first byte is put. */
export function newSink(): Sink {
  return { buffer: Buffer.alloc(0), at: 0, text: '' }
}

/** What was put so far, as text; the sink is empty afterwards. */
export function drain(sink: Sink): string {
  spill(sink)
  const { text } = sink
  sink.text = ''
  return text
}

/** What has been put, once it is a buffer's worth; '' before that. For whoever writes as the sink fills. */
export function gathered(sink: Sink): string {
  return sink.text === '' ? '' : drain(sink)
}

/** Makes sure that `bytes` follow each other in the buffer. */
export function room(sink: Sink, bytes: number): void {
  if (sink.at + bytes > sink.buffer.length) makeRoom(sink, bytes)
}

function makeRoom(sink: Sink, bytes: number): void {
  spill(sink)
  if (bytes > sink.buffer.length) sink.buffer = Buffer.allocUnsafeSlow(Math.max(SINK_BYTES, bytes))
}

function spill(sink: Sink): void {
  if (sink.at > 0) sink.text += sink.buffer.toString('latin1', 0, sink.at)
  sink.at = 0
}

export function ready(text: string): Ready {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 255) return text
  return new Uint8Array(Buffer.from(text, 'latin1'))
}

export function put(sink: Sink, what: Ready): void {
  if (typeof what === 'string') putText(sink, what)
  else putBytes(sink, what)
}

export function putBytes(sink: Sink, bytes: Uint8Array): void {
  room(sink, bytes.length)
  sink.buffer.set(bytes, sink.at)
  sink.at += bytes.length
}

export function putText(sink: Sink, text: string): void {
  const { length } = text
  room(sink, length)
  const { buffer, at } = sink
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i)
    if (code > 255) {
      spill(sink)
      sink.text += text
      return
    }
    buffer[at + i] = code
  }
  sink.at = at + length
}

/** A whole number that is not negative, in as many digits as it has. */
export function putWhole(sink: Sink, value: number): void {
  const digits = digitsOf(value)
  room(sink, digits)
  digitsAt(sink.buffer, sink.at, digits, value)
  sink.at += digits
}

/** Whole øre as kroner with a point and two decimals. */
export function putDecimal(sink: Sink, amount: number): void {
  const absolute = amount < 0 ? -amount : amount
  const rest = absolute % 100
  const kroner = (absolute - rest) / 100
  const digits = digitsOf(kroner)
  room(sink, digits + 4)
  const { buffer } = sink
  if (amount < 0) buffer[sink.at++] = MINUS
  const point = sink.at + digits
  digitsAt(buffer, sink.at, digits, kroner)
  const tens = (rest / 10) | 0
  buffer[point] = POINT
  buffer[point + 1] = ZERO + tens
  buffer[point + 2] = ZERO + rest - tens * 10
  sink.at = point + 3
}

function digitsOf(value: number): number {
  if (value < 1000) return value < 10 ? 1 : value < 100 ? 2 : 3
  if (value < 1_000_000) return value < 10_000 ? 4 : value < 100_000 ? 5 : 6
  let digits = 7
  for (let limit = 10_000_000; value >= limit; limit *= 10) digits++
  return digits
}

/** Fills `length` places with a whole number that is not negative, zeros to the left. */
export function digitsAt(buffer: Uint8Array, first: number, length: number, value: number): void {
  let rest = value
  let at = first + length - 1
  // Beyond 31 bits the division is one of floating numbers, which is exact too but slower.
  for (; rest > 0x7fffffff && at >= first; at--) {
    const next = Math.floor(rest / 10)
    buffer[at] = ZERO + (rest - next * 10)
    rest = next
  }
  for (; rest > 0 && at >= first; at--) {
    const next = (rest / 10) | 0
    buffer[at] = ZERO + (rest - next * 10)
    rest = next
  }
  for (; at >= first; at--) buffer[at] = ZERO
  assert(rest === 0, `a field of ${length} digits got ${value}`)
}
