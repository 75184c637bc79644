/** A decision as the model of a history has it, and what is given to the model. */
import type { Taken } from './check-history.ts'
import type { Key, Version } from './history-records.ts'

/** What became of the payments of a calculated line. */
export type Fate = 'unsent' | 'current' | 'returned' | 'partly returned'

export interface Claim {
  readonly claim: string
  readonly key: string
  gross: number
}

export interface Fresh {
  readonly version: number
  readonly key: string
  readonly gross: number
}

/** One decision, as it stands. */
export interface Stands {
  readonly order: string
  readonly system: string
  readonly beneficiary: string
  /** The newest version that is calculated. */
  calculated: Version | undefined
  /** Gross by key that this version wants. */
  wanted: Map<string, number>
  /** What of it the newest version pays; its fate is known when the next is calculated. */
  fresh: Fresh[]
  /** What the newest version took of what was to be adjusted, until it is sent. */
  taken: readonly (Taken & { readonly on: string })[]
  overpaid: Map<string, number>
  /** Of what was overpaid: what is to be taken in coming payments. */
  adjusting: Map<string, number>
  /** Decided not to be paid back: it was paid, and counts before more is paid. */
  kept: Map<string, number>
  claims: Claim[]
  /** The version of which a person has said that what came back is settled. */
  settled: number
  /** What was calculated is stopped, and a newer version has come: it is never paid, whatever becomes of the newer. */
  stopped: boolean
  /** The newest version that has come, and why it waits. */
  newest: Version | undefined
  held: 'came_back' | 'unfounded_repayment' | undefined
}

interface Decided {
  readonly order: string
  readonly version: number
  readonly amount: number
  /** A later version of the order named it no more. */
  readonly dropped: boolean
}

export interface Model {
  readonly decisions: Map<string, Stands>
  readonly keys: Map<string, Key>
  readonly decided: Map<string, Decided>
  /** Claims that a set-off has named: it may have taken of them. */
  readonly touched: Set<string>
  /** Days on which something was taken of what was to be adjusted at a key of an order. */
  readonly takenOn: Set<string>
  /** The end of the month that is calculated. */
  before: string
  /** What was ever calculated: system and key, and order and key. */
  readonly paid: Set<string>
}

/** What is given: the rail's answers, what was closed of a claim that was set off, where among equals was claimed. */
export interface Given {
  /** Of each line of a key, and its gross. */
  fatesOf(order: string, version: number, key: string): readonly { readonly fate: Fate; readonly gross: number }[]
  closedOf(order: string, version: number, claim: string, key: string): number
  /** What became overpaid again at a key of an order, as the version names the claim no more. */
  revokedOf(by: Version, claim: string, order: string, key: string): number
  /** Gross at a key of an order that the version of another (or the same) claims. */
  claimedOf(by: Version, claim: string, order: string, key: string): number
  /** What the payment of a version took of what was to be adjusted. */
  takenBy(version: Version): readonly Taken[]
  /** Of the decision something came back in part, and was not all claimed. */
  isTorn(order: string): boolean
  /** What the version planned to be taken in coming payments. */
  plannedBy(version: Version, key: string): number
  benefitId(benefit: string): number
  isHeld(version: Version): boolean
}

export function newModel(): Model {
  return {
    decisions: new Map(),
    keys: new Map(),
    decided: new Map(),
    touched: new Set(),
    takenOn: new Set(),
    before: '',
    paid: new Set(),
  }
}

export function add(map: Map<string, number>, key: string, gross: number): void {
  const sum = (map.get(key) ?? 0) + gross
  if (sum === 0) map.delete(key)
  else map.set(key, sum)
}

/** Of a key: its right holder and benefit. */
export function isSameBenefit(a: string, b: string): boolean {
  return a.split(' ').slice(2, 4).join() === b.split(' ').slice(2, 4).join()
}

export function claim(
  model: Model,
  order: string,
  key: string,
  name: string,
  gross: number,
  sheet: 'overpaid' | 'adjusting',
): void {
  const place = model.decisions.get(order) as Stands
  add(place[sheet], key, -gross)
  const known = place.claims.find((one) => one.claim === name && one.key === key)
  if (known === undefined) place.claims.push({ claim: name, key, gross })
  else known.gross += gross
}
