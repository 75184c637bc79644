/**
 * A repayment decision takes what it decides out of what is overpaid, never more: what was overpaid becomes a claim. Of
 * what was paid in the year of the decision it is claimed without the tax and contributions that were withheld of it,
 * and these are corrected; of a later year by the benefit's rule. Pure.
 */
import { civil, type Day, overlaps } from '../../base/date.ts'
import { type OrderId, orderOfItem } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { laterYearRule, type RateReader } from '../rates/index.ts'
import { changeOfClaim, withheldOf } from './claimed.ts'
import { type Chain, keyOf } from './correct.ts'
import type { ItemKey } from './difference.ts'
import { byAge, isOverpaid, type Lines, type Lot, moved, type PaidItem } from './item.ts'
import { type Movement, movement, OVERPAID_PLACES, type Spot } from './movement.ts'

export interface Repayment extends ItemKey {
  readonly source: number
  readonly claimId: number
  /** The earlier versions of the order that decides: theirs is whatever the right holder, an employer's refunds too. */
  readonly own: ReadonlySet<OrderId>
  /** Before tax: it is the gross that was paid without right (LAS §§ 91, 94). */
  readonly gross: Ore
  readonly decided: Day
}

export interface Repaid {
  readonly movements: readonly Movement[]
  readonly items: readonly PaidItem[]
  /** What is claimed. */
  readonly claimed: Ore
  /** What the decision says beyond what is overpaid; then nothing is to be done. */
  readonly beyond: Ore
}

/**
 * Of the items whose right, benefit, component and time the decision names: its own first, then the oldest period. What
 * was let go as too little, or waits to be taken in coming payments, comes after what is undecided, and is then
 * claimed.
 */
export function repay(decision: Repayment, { items, lines }: Chain, rates: RateReader): Repaid {
  const found = items
    .toSorted(byAge(lines))
    .filter((item) => item.source === decision.source && (item.standing === 'current' || item.standing === 'partly'))
    .flatMap((item) => item.spots.filter(isOverpaid).map((lot) => ({ item: item.item, lot })))
    .filter(({ lot }) => isOf(decision, lot, keyOf(lines, lot.at)))
    .sort(
      (a, b) =>
        Number(isOwn(decision, b.lot)) - Number(isOwn(decision, a.lot)) ||
        rankOf(a.lot) - rankOf(b.lot) ||
        keyOf(lines, a.lot.at).period.from - keyOf(lines, b.lot.at).period.from,
    )
  const now = new Map(items.map((item) => [item.item, item]))
  const movements: Movement[] = []
  let left = decision.gross as number
  let claimed = 0
  for (const { item: id, lot } of found) {
    const gross = Math.min(left, lot.gross) as Ore
    if (gross === 0) continue
    const item = now.get(id) as PaidItem
    const one = claimOf(item, lot, gross, decision, lines, rates)
    now.set(id, moved(item, one, lines))
    movements.push(one)
    left -= gross
    claimed += gross + withheldOf(one.change)
  }
  // All of it was ATP: the citizen had nothing of it that could be paid back.
  const beyond = claimed === 0 ? decision.gross : left
  return { movements, items: [...now.values()], claimed: claimed as Ore, beyond: beyond as Ore }
}

function rankOf({ place }: Lot): number {
  return OVERPAID_PLACES.findIndex((one) => one === place)
}

/** What is overpaid becomes a claim, without what is freed of tax and contributions by it. */
export function claimOf(
  item: PaidItem,
  lot: Lot,
  gross: Ore,
  { claimId, decided }: Pick<Repayment, 'claimId' | 'decided'>,
  lines: Lines,
  rates: RateReader,
): Movement {
  const to: Spot = { place: placeOf(item, decided, rates), ref: claimId }
  const change = changeOfClaim(item, lot, to, gross, lines, rates)
  return movement({ item: item.item, from: { place: lot.place, ref: lot.ref }, to, gross, change })
}

function isOwn(decision: Repayment, lot: Lot): boolean {
  return decision.own.has(orderOfItem(lot.at))
}

function isOf(decision: Repayment, lot: Lot, key: ItemKey): boolean {
  return (
    (key.rightHolder === decision.rightHolder || isOwn(decision, lot)) &&
    key.benefit === decision.benefit &&
    key.component === decision.component &&
    overlaps(key.period, decision.period)
  )
}

function placeOf(item: PaidItem, decided: Day, rates: RateReader): 'claim' | 'gross_claim' {
  if (civil(item.payDay).year >= civil(decided).year) return 'claim'
  const rule = rates.ofWork(item.workNo).benefitRule(item.benefit, item.period.from)
  return laterYearRule(rule, decided).claimed === 'net' ? 'claim' : 'gross_claim'
}
