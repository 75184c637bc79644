/**
 * Money is whole øre in a branded number: exact up to 90 billion kroner, never floating.
 * Rates are whole millionths (8 % = 80_000), so that every product is a product of whole numbers.
 */
import { assert } from './assert.ts'

declare const oreBrand: unique symbol
/** Whole øre. @da øre */
export type Ore = number & { readonly [oreBrand]: true }

export const ZERO = 0 as Ore

/** The largest single amount that we accept anywhere: 1 billion kroner, in øre. */
export const LARGEST_ORE = 100_000_000_000

export function ore(value: number): Ore {
  assert(Number.isSafeInteger(value), `not whole øre: ${value}`)
  return value as Ore
}

export function sum(...amounts: readonly Ore[]): Ore {
  let total = 0
  for (const amount of amounts) total += amount
  return total as Ore
}

/** A rate in millionths: 8 % is 80_000, 0.3 % is 3_000. */
export type Millionths = number

/** How the exact product of an amount and a rate becomes whole øre. */
export type Rounding = 'down_to_ore' | 'nearest_ore' | 'down_to_krone' | 'nearest_krone' | 'up_to_krone'

const UNIT: Record<Rounding, number> = {
  down_to_ore: 1,
  nearest_ore: 1,
  down_to_krone: 100,
  nearest_krone: 100,
  up_to_krone: 100,
}

/** `amount × rate`, rounded once. The amount must not be negative; both factors are whole, so nothing floats. */
export function share(amount: Ore, rate: Millionths, rounding: Rounding): Ore {
  const unit = UNIT[rounding] * 1_000_000
  const product = amount * rate
  assert(amount >= 0 && Number.isSafeInteger(product), `share out of range: ${amount} × ${rate}`)
  const rest = product % unit
  const down = (product - rest) / unit
  const up =
    rounding === 'up_to_krone'
      ? rest > 0
      : rounding === 'nearest_krone' || rounding === 'nearest_ore'
        ? rest * 2 >= unit
        : false
  return ((up ? down + 1 : down) * UNIT[rounding]) as Ore
}

/** `amount` cut down to a multiple of `unit` øre. */
export function downTo(amount: Ore, unit: number): Ore {
  return (amount - (amount % unit)) as Ore
}

/** 1234567 → `12.345,67`, as Danish readers expect. */
export function formatKroner(amount: number): string {
  const sign = amount < 0 ? '-' : ''
  const digits = String(Math.abs(amount)).padStart(3, '0')
  const kroner = digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, '.')
  return `${sign}${kroner},${digits.slice(-2)}`
}

/** 1234567 → `12.345,67 kr.` */
export function kroner(amount: number): string {
  return `${formatKroner(amount)} kr.`
}
