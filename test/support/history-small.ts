/** The model of small amounts: increases that are gathered, and what is overpaid and let go. */
import assert from 'node:assert/strict'
import type { Draft } from './history-repayments.ts'
import { numberOf, type Version } from './history-records.ts'
import { add, type Given, isSameBenefit, type Model, type Stands } from './history-stands.ts'

/** Months after which a small increase waits no more, and one that the month's end is behind. */
const MOST_MONTHS = 3 + 1

/** It may wait: all that it does is to pay a little more of what stands, and it has not waited too long. */
export function waitsAsSmall({ small, before }: Model, one: Stands, draft: Draft, version: Version): void {
  const of = `${one.order} ${numberOf(version)}`
  const gross = draft.fresh.reduce((sum, fresh) => sum + fresh.gross, 0)
  assert.ok(small !== undefined && gross > 0 && gross < small.limit, `${of} waits with ${gross} øre as small`)
  assert.deepEqual([draft.overpaid, draft.claims], [one.overpaid, one.claims], `${of} does more, and waits as small`)
  one.smallSince ??= before
  const months = (text: string): number => Number(text.slice(0, 4)) * 12 + Number(text.slice(5, 7))
  assert.ok(months(before) - months(one.smallSince) <= MOST_MONTHS, `${of} has waited since ${one.smallSince}`)
}

/** All that the decision has overpaid of a benefit is let go when it is below the limit, and else none of it. */
export function letGo(model: Model, one: Stands, given: Given): void {
  one.smallSince = undefined
  const { small } = model
  if (small?.treatment !== 'suppress' || (one.made.size === 0 && one.overpaid.size === 0)) return
  const keys = [...new Set([...one.overpaid.keys(), ...one.suppressed.keys()])]
  const all = (key: string): number => (one.overpaid.get(key) ?? 0) + (one.suppressed.get(key) ?? 0)
  for (const key of keys) {
    const sum = keys.filter((other) => isSameBenefit(other, key)).reduce((total, other) => total + all(other), 0)
    const gross = all(key)
    // Not of what came back in part: whatever of the key that is.
    const let_ = given.isTorn(one.order) ? (given.suppressedOf(one.order).get(key) ?? 0) : sum < small.limit ? gross : 0
    add(one.overpaid, key, gross - let_ - (one.overpaid.get(key) ?? 0))
    add(one.suppressed, key, let_ - (one.suppressed.get(key) ?? 0))
  }
}
