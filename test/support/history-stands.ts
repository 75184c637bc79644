/** A decision as the model of a history has it, and what is given to the model. */
import type { Taken } from './check-history.ts'
import type { Key, Version } from './history-records.ts'

/** What became of the payments of a calculated line. */
export type Fate = 'unsent' | 'current' | 'returned' | 'partly returned'

/** What a municipality does with differences below its limit, in øre. */
export interface Small {
  readonly limit: number
  readonly treatment: 'gather' | 'suppress'
}

/** Holds by a municipality's own rules. */
export type GuardKind = 'before_takeover' | 'before_look_back'

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

/** What is overpaid, in the order in which it is closed and claimed. */
export const SHEETS = ['overpaid', 'suppressed', 'adjusting'] as const
export type Sheet = (typeof SHEETS)[number]

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
  /** Of what was overpaid: what is let go, below the municipality's limit. */
  suppressed: Map<string, number>
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
  held: 'came_back' | 'awaits_answer' | 'unfounded_repayment' | 'small_amount' | GuardKind | undefined
  /** The end of the month in which the newest version was first held as a small increase. */
  smallSince: string | undefined
  /** An old system paid of it. */
  readonly base: boolean
  /** Keys of which something was ever calculated. */
  readonly made: Set<string>
  /** Number and kind of holds that a person let go. */
  readonly vouched: Set<string>
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
  readonly takenOver: boolean
  readonly lookBack: number
  readonly small: Small | undefined
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
  /** The claim is of something that came back in part. */
  isTornClaim(order: string, claim: string): boolean
  /** Of what stands of the decision a part is on its way, and not answered for good. */
  isUnanswered(order: string): boolean
  /** What the version planned to be taken in coming payments. */
  plannedBy(version: Version, key: string): number
  benefitId(benefit: string): number
  isHeld(version: Version): boolean
  /** Why the version waits by the books. */
  waitsOf(version: Version): string | undefined
  /** A fact about a person or a company holds it. */
  isStopped(version: Version): boolean
  /** What is let go of a decision by the books. */
  suppressedOf(order: string): ReadonlyMap<string, number>
  /** Gross by key that stands of a decision before it is calculated. */
  standsOf(order: string): ReadonlyMap<string, number>
}

export function newModel(): Model {
  return {
    decisions: new Map(),
    keys: new Map(),
    decided: new Map(),
    touched: new Set(),
    takenOver: false,
    lookBack: 0,
    small: undefined,
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

export function claim(model: Model, order: string, key: string, name: string, gross: number, sheet: Sheet): void {
  const place = model.decisions.get(order) as Stands
  add(place[sheet], key, -gross)
  const known = place.claims.find((one) => one.claim === name && one.key === key)
  if (known === undefined) place.claims.push({ claim: name, key, gross })
  else known.gross += gross
}
