/**
 * What a claim is worth: gross without what was withheld of it. The tax and contributions of an item follow what is not
 * claimed of it, by the calculation that was made; the newest claim of an item is closed first, so that what was freed
 * last is withheld again first. Pure.
 */
import { changeOf, NOTHING_WITHHELD, type Withheld, withheldAt } from '../effectuation/index.ts'
import type { RateReader } from '../rates/index.ts'
import { grossIn, kindOf, type Lines, liveOfKind, type Lot, type PaidItem } from './item.ts'
import type { Spot } from './movement.ts'

export function withheldOf(change: Withheld): number {
  return change.ownAtp + change.am + change.tax
}

function notClaimed(item: PaidItem): number {
  return item.gross - grossIn(item, ['claim', 'withdrawn'])
}

/** What is freed of tax and contributions when `gross` of the lot is claimed; never more than its kind was told. */
export function changeOfClaim(
  item: PaidItem,
  lot: Lot,
  to: Pick<Spot, 'place'>,
  gross: number,
  lines: Lines,
  rates: RateReader,
): Withheld {
  if (to.place !== 'claim' || gross === 0) return NOTHING_WITHHELD
  const kind = kindOf(lines, lot.at)
  const told = item.kinds.get(kind) ?? NOTHING_WITHHELD
  const left = liveOfKind(item, lines, kind) - gross
  const marginal = changeOf(withheldAt(item, notClaimed(item) - gross, rates), item.withheld)
  // Of a kind of which nothing is left nothing stays withheld, though the item stands as another kind; and no income
  // is less than the ATP that was taken of it.
  const least = Math.max(0, told.ownAtp - left)
  const { allowance, frikort } = marginal
  const freed = left === 0 ? { ...told, allowance, frikort } : { ...marginal, ownAtp: Math.max(marginal.ownAtp, least) }
  // Rounding of a tax base can free more than is taken back: a claim is an øre at least, unless all of it was ATP.
  return changeOf(within(freed, told, Math.max(gross - 1, least)), NOTHING_WITHHELD)
}

/**
 * What is withheld again when `gross` of a claim counts again; of all of it what it freed, whatever else of the item is
 * claimed beside it.
 */
export function changeOfClosing(item: PaidItem, lot: Lot, gross: number, rates: RateReader): Withheld {
  if (lot.place !== 'claim' || gross === 0) return NOTHING_WITHHELD
  if (gross === lot.gross) return lot.freed
  const again = changeOf(item.withheld, withheldAt(item, notClaimed(item) + gross, rates))
  const { allowance, frikort } = again
  const bounded = {
    ...within(again, lot.freed, gross),
    allowance: Math.max(0, Math.min(allowance, lot.freed.allowance)),
    frikort: Math.max(0, Math.min(frikort, lot.freed.frikort)),
  }
  return atLeast(bounded, lot.freed, withheldOf(lot.freed) - (lot.gross - gross))
}

/**
 * How much gross of a claim can count again, `most` at most, when so much of the claim is left: what is repaid stays
 * repaid. Rounding makes the worth of a little more gross a little less now and then, so what is found is tried.
 */
export function closable(item: PaidItem, lot: Lot, left: number, rates: RateReader, most: number = lot.gross): number {
  const valueOf = (gross: number) => gross - withheldOf(changeOfClosing(item, lot, gross, rates))
  let [low, high] = [0, Math.min(most, lot.gross)]
  if (valueOf(high) <= left) return high
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (valueOf(middle) <= left) low = middle
    else high = middle
  }
  return low
}

/** So much that no more than its gross stays freed of what is still claimed. */
function atLeast(amounts: Withheld, limits: Withheld, least: number): Withheld {
  let lacks = Math.max(0, least - withheldOf(amounts))
  const filled = (amount: number, limit: number) => {
    const more = Math.min(lacks, limit - amount)
    lacks -= more
    return amount + more
  }
  const tax = filled(amounts.tax, limits.tax)
  const am = filled(amounts.am, limits.am)
  return { ...amounts, tax, am, ownAtp: filled(amounts.ownAtp, limits.ownAtp) }
}

/** Each amount between zero and its limit; tax, AM-bidrag and own ATP together at most `most`. */
function within(amounts: Withheld, limits: Withheld, most: number): Withheld {
  const at = (amount: number, limit: number, bound = limit) => Math.max(0, Math.min(amount, limit, bound))
  // ATP first: it lowers the income that is told, and must not be left when nothing of the income is.
  const ownAtp = at(amounts.ownAtp, limits.ownAtp, most)
  const am = at(amounts.am, limits.am, most - ownAtp)
  const tax = at(amounts.tax, limits.tax, most - ownAtp - am)
  return {
    tax,
    am,
    ownAtp,
    employerAtp: at(amounts.employerAtp, limits.employerAtp),
    pension: at(amounts.pension, limits.pension),
    // Not told by kind: the card's use goes back with the tax.
    allowance: Math.max(0, amounts.allowance),
    frikort: Math.max(0, amounts.frikort),
  }
}
