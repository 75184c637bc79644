/**
 * Seeded numbers on 32-bit integers. Every person and every order has a stream of its own, started from a hash of
 * (seed, municipality, what, number): so any part can be generated alone, in any order, with the same result.
 */
export interface Stream {
  state: number
}

/** Two 32-bit integers into one, well mixed (murmur3's finish). */
export function mix(a: number, b: number): number {
  let h = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(b + 0x7f4a7c15, 0xc2b2ae35)
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}

export function stream(seed: number): Stream {
  return { state: seed | 0 }
}

/** 0 … 2^32−1 (splitmix32). */
export function next(from: Stream): number {
  from.state = (from.state + 0x9e3779b9) | 0
  let h = from.state
  h = Math.imul(h ^ (h >>> 16), 0x21f0aaad)
  h = Math.imul(h ^ (h >>> 15), 0x735a2d97)
  return (h ^ (h >>> 15)) >>> 0
}

/** A whole number 0 … bound−1. */
export function below(from: Stream, bound: number): number {
  return Math.floor((next(from) * bound) / 4294967296)
}

/** True in `perMille` of a thousand. */
export function chance(from: Stream, perMille: number): boolean {
  return next(from) * 1000 < perMille * 4294967296
}

/** A whole number low … high, both in. */
export function between(from: Stream, low: number, high: number): number {
  return low + below(from, high - low + 1)
}

const HEX: readonly string[] = Array.from({ length: 65536 }, (_, i) => i.toString(16).padStart(4, '0'))

/** A UUID of version 4's shape from a hash: the same input, the same UUID. */
export function uuid(seed: number): string {
  const from = stream(seed)
  const a = next(from)
  const b = next(from)
  const c = next(from)
  const d = next(from)
  const hex = HEX as string[]
  return (
    `${hex[a >>> 16]}${hex[a & 0xffff]}-${hex[b >>> 16]}-${hex[0x4000 | (b & 0x0fff)]}-` +
    `${hex[0x8000 | ((c >>> 16) & 0x3fff)]}-${hex[c & 0xffff]}${hex[d >>> 16]}${hex[d & 0xffff]}`
  )
}
