/** Chance that is the same for the same seed. */

/** A number below `sides`. */
export type Dice = (sides: number) => number

export function diceOf(seed: number): Dice {
  let state = seed | 0
  return (sides) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % sides
  }
}

export function pick<T>(roll: Dice, list: readonly T[]): T {
  return list[roll(list.length)] as T
}
