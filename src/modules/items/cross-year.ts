/**
 * A claim without its tax of which something is left when the year ends: by the benefit's dated rule what is left of it
 * is owed before tax from 1 January, by its share of the claim. What was withheld of that share is withheld again, and
 * the income of the original month is told again; what was repaid within the year stays repaid. Pure.
 *
 *   claimed      3.000 before tax, 1.860 without it    ├── 500 repaid ──┤├────── 1.360 left ──────┤
 *   1 January                                          ├── 500 ─────────┤├── 3.000 × 1.360 ÷ 1.860 = 2.193,55 ──┤
 *
 * @da årsskifte for krav
 */
import { civil, type Day } from '../../base/date.ts'
import type { Ore } from '../../base/money.ts'
import type { Withheld } from '../effectuation/index.ts'
import { laterYearRule, type RateReader } from '../rates/index.ts'
import { withheldOf } from './claimed.ts'
import type { Chain } from './correct.ts'
import { isClaimed, isRepaid, type Lot, moved, type PaidItem } from './item.ts'
import { type Movement, movement } from './movement.ts'

export interface OpenClaim {
  readonly claimId: number
  /** What is left of it to pay. */
  readonly left: Ore
}

export interface Crossed {
  readonly movements: readonly Movement[]
  readonly items: readonly PaidItem[]
  /** What each claim goes up by; nothing of a claim that stays as it is. */
  readonly more: ReadonlyMap<number, Ore>
}

/** `on`: the first of January. */
export function crossYear(claims: readonly OpenClaim[], { items, lines }: Chain, on: Day, rates: RateReader): Crossed {
  const now = new Map(items.map((item) => [item.item, item]))
  const movements: Movement[] = []
  const more = new Map<number, Ore>()
  for (const claim of claims) {
    const lots = items.flatMap((item) =>
      item.spots
        .filter((lot) => isClaimed(lot) && lot.ref === claim.claimId && !isRepaid(item, lot))
        .map((lot) => ({ item, lot })),
    )
    const worths = lots.map(({ lot }) => lot.gross - withheldOf(lot.freed))
    const lefts = shared(claim.left, worths)
    for (const [i, { item, lot }] of lots.entries()) {
      const left = lefts[i] as number
      if (left === 0 || lot.place !== 'claim' || !becomesGross(item, on, rates)) continue
      const change = withheldAgain(lot, left, worths[i] as number)
      const gross = (left + withheldOf(change)) as Ore
      const [from, over] = [{ place: 'claim', ref: lot.ref } as const, { place: 'overpaid', ref: lot.at } as const]
      for (const one of [
        movement({ item: item.item, from, to: over, gross, change }),
        movement({ item: item.item, from: over, to: { place: 'gross_claim', ref: lot.ref }, gross }),
      ]) {
        now.set(item.item, moved(now.get(item.item) as PaidItem, one, lines))
        movements.push(one)
      }
      more.set(claim.claimId, ((more.get(claim.claimId) ?? 0) + withheldOf(change)) as Ore)
    }
  }
  return { movements, items: [...now.values()], more }
}

/** An earlier year's, of a benefit whose rule says so. */
function becomesGross(item: PaidItem, on: Day, rates: RateReader): boolean {
  const rule = rates.ofWork(item.workNo).benefitRule(item.benefit, item.period.from)
  return civil(item.payDay).year < civil(on).year && laterYearRule(rule, on).openAtYearEnd.becomes === 'gross'
}

/** An amount by weights, to the øre: what each is short of the sum before it goes to the next. */
function shared(amount: number, weights: readonly number[]): number[] {
  const whole = weights.reduce((sum, one) => sum + one, 0)
  let [given, seen] = [0, 0]
  return weights.map((weight) => {
    seen += weight
    const until = whole === 0 ? 0 : Number((BigInt(amount) * BigInt(seen)) / BigInt(whole))
    const own = until - given
    given = until
    return own
  })
}

const KRONE = 100

/** Of what the claim freed, the share of what is left; ATP is of a month and comes whole, pension is whole kroner. */
function withheldAgain({ freed, gross }: Lot, left: number, worth: number): Withheld {
  if (left >= worth) return freed
  const part = (amount: number) => (amount * left) / worth
  // The gross is rounded to the nearest øre; no more comes back than was freed.
  let rest = Math.min(Math.round(part(gross)) - left, withheldOf(freed))
  const take = (limit: number, most: number) => {
    const taken = Math.max(0, Math.min(limit, Math.floor(most), rest))
    rest -= taken
    return taken
  }
  const ownAtp = take(freed.ownAtp, rest)
  const am = take(freed.am, part(freed.am))
  const tax = take(freed.tax, rest)
  return {
    ownAtp,
    am: am + take(freed.am - am, rest),
    tax,
    employerAtp: ownAtp > 0 || freed.ownAtp === 0 ? freed.employerAtp : 0,
    pension: Math.round(part(freed.pension) / KRONE) * KRONE,
    allowance: Math.floor(part(freed.allowance)),
    frikort: Math.floor(part(freed.frikort)),
  }
}
