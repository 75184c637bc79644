/**
 * What a new version of a decision changes. An order states everything that the decision wants; what was made of its
 * earlier versions stands item by item; the difference is derived here, the same way for every source system. Pure.
 *
 * A payable item is one right holder's one component of one benefit for one period, within one decision:
 * short chains, never across decisions, so that a change of one month can undo nothing of another.
 *
 *   wanted      ├── March 12.498 ──┤├── April 12.498 ──┤
 *   stands      ├── March  8.000 ──┤├── April 13.000 ──┤├── May 500 ──┤
 *   difference       pay 3.496            (502 of April and 500 of May are moved to March, nothing is left over)
 */
import { AssertionFailed } from '../../base/assert.ts'
import type { Day, Period } from '../../base/date.ts'
import type { ItemId, PartyId } from '../../base/id.ts'
import { type Ore, ZERO } from '../../base/money.ts'
import { OVERPAID_PLACES, type OverpaidPlace } from './movement.ts'

/** What makes two versions versions of the same. @da ydelse i en periode */
export interface ItemKey {
  readonly rightHolder: PartyId
  readonly benefit: number
  readonly component: string
  /** Half-open days. */
  readonly period: Period
}

export interface Wanted extends ItemKey {
  /** The line of the new version. */
  readonly line: number
  /** Gross, positive. */
  readonly gross: Ore
}

/** What a calculation of an earlier version has become. */
export type Standing =
  /** Calculated, and in no payment run yet. */
  | 'unsent'
  /** In a run, and not answered: nothing can be said of the difference before it is. */
  | 'unanswered'
  /** Accepted by the rail: the citizen has it, or gets it. */
  | 'current'
  /** Refused by the rail or sent back by the bank: it lies on the return account. */
  | 'returned'

export interface Calculated extends ItemKey {
  readonly item: ItemId
  /** Of several items the lower is the older. */
  readonly turn: number
  /** The line that it now counts for: its own, or that of a later version to which a part of it was moved. */
  readonly at: ItemId
  /** Gross that stands there. */
  readonly gross: Ore
  readonly standing: Standing
}

/**
 * What an earlier decrease left open on an item: overpaid, or a claim that was decided of it; or kept: nobody owes it,
 * but it was paid for this item and counts before more is paid.
 */
export interface Open extends ItemKey {
  readonly kind: OverpaidPlace | 'claim' | 'kept'
  readonly item: ItemId
  /** As of what is calculated. */
  readonly turn: number
  /** The claim; else the line that it counted for. */
  readonly id: number
  /** Gross. */
  readonly left: Ore
}

export interface Difference {
  /** Calculations that never reached the citizen: taken back whole, and calculated anew in what is paid. */
  readonly withdrawn: readonly ItemId[]
  /** To be calculated and paid. */
  readonly paid: readonly Part[]
  /** From an item that decreases to one that increases: posted and told again, no money. */
  readonly moved: readonly Move[]
  /** An increase that first closes what an earlier decrease of the same item left open. */
  readonly closed: readonly Closing[]
  /** Paid, and wanted no more. @da for meget udbetalt */
  readonly overpaid: readonly Decrease[]
}

/** Gross to one line of the new version. */
export interface Part {
  readonly line: number
  readonly gross: Ore
}
export interface Decrease {
  readonly item: ItemId
  readonly at: ItemId
  readonly gross: Ore
}
export interface Move extends Decrease {
  readonly line: number
}
export interface Closing extends Part, Pick<Open, 'kind' | 'item' | 'id'> {}

export interface Decision {
  /** Nothing when it is withdrawn. */
  readonly wanted: readonly Wanted[]
  readonly calculated: readonly Calculated[]
  readonly open: readonly Open[]
  /** Whether what was paid as one benefit can be said to be another: only where both are taxed alike. Else always. */
  readonly alike?: (a: ItemKey, b: ItemKey) => boolean
}

/**
 * The difference, or `unanswered` when something of the decision is on its way: then the new version waits, and is
 * derived on the newest position when its turn comes.
 *
 * Within an item an increase first closes what an earlier decrease left open: overpaid, then what was too little, then
 * what is to be adjusted, then claims, newest first, and last what was kept. Then
 * the decision's increases are covered by its own decreases, item by item in the order of their periods, the same
 * benefit first: one decision that says the same sum another way moves it, and what is left over is paid or overpaid.
 * Nothing is ever covered by another decision: that would be a set-off, which only a source system orders.
 */
export function differenceOf(decision: Decision): Difference | 'unanswered' {
  if (decision.calculated.some((one) => one.standing === 'unanswered')) return 'unanswered'
  const items = itemsOf(decision)
  const closed: Closing[] = []
  const increases: Increase[] = []
  const decreases: { readonly key: ItemKey; readonly item: ItemId; readonly at: ItemId; gross: number }[] = []
  for (const item of items) {
    const stands = sum(item.current)
    let more = sum(item.wanted) - stands
    for (const one of item.wanted) {
      const own = Math.min(one.gross, Math.max(more, 0))
      if (own > 0) increases.push({ key: item.key, line: one.line, gross: own - close(item, one.line, own, closed) })
      more -= own
    }
    // The newest goes first: what was paid last is what was paid too much.
    for (const one of item.current.toReversed()) {
      const own = Math.min(one.gross, Math.max(-more, 0))
      if (own > 0) decreases.push({ key: item.key, item: one.item, at: one.at, gross: own })
      more += own
    }
  }
  const moved: Move[] = []
  const { alike = () => true } = decision
  for (const isNear of [sameBenefit, (a: ItemKey, b: ItemKey) => sameHolder(a, b) && alike(a, b)]) {
    for (const increase of increases) {
      for (const decrease of decreases) {
        const gross = Math.min(increase.gross, decrease.gross) as Ore
        if (gross === 0 || !isNear(increase.key, decrease.key)) continue
        increase.gross -= gross
        decrease.gross -= gross
        moved.push({ item: decrease.item, at: decrease.at, line: increase.line, gross })
      }
    }
  }
  const difference = {
    withdrawn: [...new Set(decision.calculated.filter((one) => one.standing !== 'current').map((one) => one.item))],
    paid: increases.filter((one) => one.gross > 0).map(({ line, gross }) => ({ line, gross: gross as Ore })),
    moved,
    closed,
    overpaid: decreases
      .filter((one) => one.gross > 0)
      .map(({ item, at, gross }) => ({ item, at, gross: gross as Ore })),
  }
  check(decision, difference)
  return difference
}

interface Increase {
  readonly key: ItemKey
  readonly line: number
  gross: number
}

interface Item {
  readonly key: ItemKey
  readonly wanted: Wanted[]
  /** Oldest first. */
  readonly current: Calculated[]
  readonly open: { readonly one: Open; left: number }[]
}

/** In the order in which an increase closes them. */
const OPEN_KINDS: readonly Open['kind'][] = [...OVERPAID_PLACES, 'claim', 'kept']

/** By period, right holder, benefit and component: an order of its own, whatever the lines came in. */
function itemsOf({ wanted, calculated, open }: Decision): Item[] {
  const items = new Map<string, Item>()
  const of = (key: ItemKey): Item => {
    const text = keyText(key)
    const found = items.get(text) ?? { key, wanted: [], current: [], open: [] }
    items.set(text, found)
    return found
  }
  for (const one of wanted.toSorted((a, b) => a.line - b.line)) of(one).wanted.push(one)
  for (const one of calculated.toSorted((a, b) => a.turn - b.turn || a.at - b.at)) {
    if (one.standing === 'current') of(one).current.push(one)
  }
  // Of claims the newest first: what it freed of tax was freed last.
  const inTurn = (a: Open, b: Open) =>
    OPEN_KINDS.indexOf(a.kind) - OPEN_KINDS.indexOf(b.kind) ||
    a.turn - b.turn ||
    (a.kind === 'claim' ? b.id - a.id : a.id - b.id)
  for (const one of open.toSorted(inTurn)) of(one).open.push({ one, left: one.left })
  return [...items].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item)
}

export function isSameKey(a: ItemKey, b: ItemKey): boolean {
  const sameRight = a.rightHolder === b.rightHolder && a.benefit === b.benefit && a.component === b.component
  return sameRight && a.period.from === b.period.from && a.period.to === b.period.to
}

/** Texts of keys compare as their periods do. */
function keyText({ period, rightHolder, benefit, component }: ItemKey): string {
  const day = (one: Day): string => String(one).padStart(6, '0')
  return `${day(period.from)}:${day(period.to)}:${rightHolder}:${benefit}:${component}`
}

function close(item: Item, line: number, most: number, closed: Closing[]): number {
  let rest = most
  for (const open of item.open) {
    const gross = Math.min(rest, open.left) as Ore
    if (gross === ZERO) continue
    open.left -= gross
    rest -= gross
    closed.push({ line, kind: open.one.kind, item: open.one.item, id: open.one.id, gross })
  }
  return most - rest
}

function sameBenefit(a: ItemKey, b: ItemKey): boolean {
  return a.rightHolder === b.rightHolder && a.benefit === b.benefit
}

function sameHolder(a: ItemKey, b: ItemKey): boolean {
  return a.rightHolder === b.rightHolder
}

function sum(list: readonly { readonly gross: number }[]): number {
  return list.reduce((total, one) => total + one.gross, 0)
}

/** What is wanted = what stands + paid + closed − overpaid, over the whole decision. */
function check({ wanted, calculated }: Decision, difference: Difference): void {
  const stands = sum(calculated.filter((one) => one.standing === 'current'))
  const after = stands + sum(difference.paid) + sum(difference.closed) - sum(difference.overpaid)
  if (after !== sum(wanted)) throw new AssertionFailed(`wanted ${sum(wanted)} øre, comes to ${after}`)
}
