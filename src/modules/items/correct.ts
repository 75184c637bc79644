/** From a new version and what became of the earlier ones to movements of gross, and what is left to be paid. Pure. */
import type { ItemId } from '../../base/id.ts'
import { type Ore, ZERO } from '../../base/money.ts'
import { changeOf, NOTHING_WITHHELD, type StandsAlready, type Withheld, withheldAt } from '../effectuation/index.ts'
import type { RateReader } from '../rates/index.ts'
import { type Calculated, type Difference, differenceOf, type Open, type Part, type Wanted } from './difference.ts'
import { grossIn, type Line, type Lot, moved, type PaidItem } from './item.ts'
import type { Movement, Spot } from './movement.ts'

/** A decision as it stands: every benefit line of its versions, and every item that was calculated of them. */
export interface Chain {
  readonly lines: ReadonlyMap<ItemId, Line>
  readonly items: readonly PaidItem[]
}

export interface WantedLine extends Wanted {
  /** The line's own item id. */
  readonly at: ItemId
}

export interface Correction {
  readonly paid: readonly (Part & { readonly standing: StandsAlready })[]
  readonly movements: readonly Movement[]
  /** The items after the movements. */
  readonly items: readonly PaidItem[]
}

/** Items by id while movements are made of them. */
function workshop(items: readonly PaidItem[]) {
  const now = new Map(items.map((item) => [item.item, item]))
  const movements: Movement[] = []
  return {
    movements,
    of: (item: ItemId) => now.get(item) as PaidItem,
    all: () => [...now.values()],
    move(movement: Movement): void {
      if (movement.gross === 0) return
      now.set(movement.item, moved(now.get(movement.item) as PaidItem, movement))
      movements.push(movement)
    },
  }
}

/**
 * `unanswered`: something of the decision is on its way, or part of an item came back and part did not. `claimLeft`:
 * what remains of the claims that were decided of these items.
 */
export function correct(
  wanted: readonly WantedLine[],
  chain: Chain,
  claimLeft: ReadonlyMap<number, number>,
  rates: RateReader,
): Correction | 'unanswered' {
  const returned = chain.items.filter((item) => item.standing === 'returned')
  if (returned.some((item) => grossIn(item, ['claim', 'gross_claim', 'kept']) > 0)) return 'unanswered'
  const calculated = chain.items.flatMap((item) => calculatedOf(item, chain.lines))
  const open = chain.items.flatMap((item) => openOf(item, chain.lines, claimLeft))
  const difference = differenceOf({ wanted, calculated, open, alike: (a, b) => sameTaxation(rates, a, b) })
  if (difference === 'unanswered') return 'unanswered'
  const shop = workshop(chain.items)
  for (const item of chain.items) {
    if (difference.withdrawn.includes(item.item) || returned.includes(item)) withdraw(shop.move, item)
  }
  apply(difference, wanted, shop)
  return {
    paid: paidOf(difference.paid, wanted, shop.all(), chain.lines),
    movements: shop.movements,
    items: shop.all(),
  }
}

function calculatedOf(item: PaidItem, lines: Chain['lines']): Calculated[] {
  return item.spots
    .filter((lot) => lot.place === 'stands')
    .map((lot) => ({
      ...keyOf(lines, lot.at),
      item: item.item,
      at: lot.ref,
      gross: lot.gross,
      standing: item.standing,
    }))
}

function openOf(item: PaidItem, lines: Chain['lines'], claimLeft: ReadonlyMap<number, number>): Open[] {
  if (item.standing !== 'current') return []
  return item.spots.flatMap((lot): Open[] => {
    if (lot.place !== 'overpaid' && lot.place !== 'claim' && lot.place !== 'gross_claim') return []
    const kind = lot.place === 'overpaid' ? 'overpaid' : 'claim'
    const left = kind === 'overpaid' ? lot.gross : closable(lot, claimLeft.get(lot.ref) ?? 0)
    return left === 0 ? [] : [{ ...keyOf(lines, lot.at), kind, item: item.item, id: lot.ref, left: left as Ore }]
  })
}

/** How much gross of a claim can stand again, when so much of the claim is left: what is repaid stays repaid. */
function closable(lot: Lot, left: number): number {
  const valueOf = (gross: number) => gross - withheldOf(changeOfClosing(lot, gross))
  let [low, high] = [0, lot.gross as number]
  if (valueOf(high) <= left) return high
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (valueOf(middle) <= left) low = middle
    else high = middle
  }
  return low
}

export function withheldOf(change: Withheld): number {
  return change.ownAtp + change.am + change.tax
}

/** Its share of what was freed when the claim was made is withheld again. */
function changeOfClosing(lot: Lot, gross: number): Withheld {
  const { ownAtp, am, tax, employerAtp, pension, allowance, frikort } = lot.freed
  const share = (amount: number) => shareOf(amount, gross, lot.gross)
  return {
    ownAtp: share(ownAtp),
    am: share(am),
    tax: share(tax),
    employerAtp: share(employerAtp),
    pension: share(pension),
    allowance: share(allowance),
    frikort: share(frikort),
  }
}

/** What is freed of the item's tax and contributions when `gross` more of it is claimed. */
export function changeOfClaim(item: PaidItem, to: Pick<Spot, 'place'>, gross: number, rates: RateReader): Withheld {
  if (to.place !== 'claim' || gross === 0) return NOTHING_WITHHELD
  const stays = item.gross - grossIn(item, ['claim']) - gross
  return atMost(changeOf(item.withheld, withheldAt(item, stays, rates)), gross - 1)
}

/** Rounding of a tax base can free more than is taken back: a claim is never less than an øre. */
function atMost(change: Withheld, most: number): Withheld {
  const less = (amount: number, limit = Number.MAX_SAFE_INTEGER) => Math.min(Math.max(0, -amount), limit)
  const tax = less(change.tax, most)
  const am = less(change.am, most - tax)
  const ownAtp = less(change.ownAtp, most - tax - am)
  const { employerAtp, pension, allowance, frikort } = change
  return changeOf(
    {
      tax,
      am,
      ownAtp,
      employerAtp: less(employerAtp),
      pension: less(pension),
      allowance: less(allowance),
      frikort: less(frikort),
    },
    NOTHING_WITHHELD,
  )
}

/** Everything of the item, also what was found overpaid of it: it never reached anybody. */
function withdraw(move: (movement: Movement) => void, item: PaidItem): void {
  let change = changeOf(item.withheld, NOTHING_WITHHELD)
  let returned = item.standing === 'returned' ? item.net + item.thirdParty : 0
  for (const lot of item.spots) {
    if (lot.place !== 'stands' && lot.place !== 'overpaid') continue
    const from = { place: lot.place, ref: lot.ref }
    const to = { place: 'withdrawn', ref: 0 } as const
    move({ item: item.item, from, to, gross: lot.gross, change, returned: returned as Ore })
    change = NOTHING_WITHHELD
    returned = 0
  }
}

function apply(difference: Difference, wanted: readonly WantedLine[], shop: ReturnType<typeof workshop>): void {
  const lineAt = (line: number): Spot => ({ place: 'stands', ref: wanted.find((one) => one.line === line)?.at ?? 0 })
  const plain = { change: NOTHING_WITHHELD, returned: ZERO }
  for (const { line, item, kind, id, gross } of difference.closed) {
    const now = shop.of(item)
    const lot = now.spots.find((one) => one.ref === id && (one.place === 'overpaid') === (kind === 'overpaid')) as Lot
    const from = { place: lot.place, ref: lot.ref }
    shop.move({ ...plain, item, from, to: lineAt(line), gross, change: changeOfClosing(lot, gross) })
  }
  for (const { item, at, line, gross } of difference.moved) {
    shop.move({ ...plain, item, from: { place: 'stands', ref: at }, to: lineAt(line), gross })
  }
  for (const { item, at, gross } of difference.overpaid) {
    shop.move({ ...plain, item, from: { place: 'stands', ref: at }, to: { place: 'overpaid', ref: at }, gross })
  }
}

function paidOf(
  paid: Difference['paid'],
  wanted: readonly WantedLine[],
  items: readonly PaidItem[],
  lines: Chain['lines'],
): Correction['paid'] {
  const seen = new Set<string>()
  return paid.map((part) => {
    const line = wanted.find((one) => one.line === part.line) as WantedLine
    const key = textOf(line)
    // Two lines of one item share what stands of it: the first bears it.
    const standing = seen.has(key) ? NOTHING_STANDS : standingOf(key, items, lines)
    seen.add(key)
    return { ...part, standing }
  })
}

const NOTHING_STANDS: StandsAlready = { gross: ZERO, ownAtp: ZERO, employerAtp: ZERO, pension: ZERO }

function standingOf(key: string, items: readonly PaidItem[], lines: Chain['lines']): StandsAlready {
  const total = { gross: 0, ownAtp: 0, employerAtp: 0, pension: 0 }
  for (const item of items) {
    for (const lot of item.spots) {
      if (lot.place !== 'stands' || textOf(keyOf(lines, lot.at)) !== key) continue
      total.gross += lot.gross
      total.ownAtp += shareOf(item.withheld.ownAtp, lot.gross, item.gross)
      total.employerAtp += shareOf(item.withheld.employerAtp, lot.gross, item.gross)
      total.pension += shareOf(item.withheld.pension, lot.gross, item.gross)
    }
  }
  return total as unknown as StandsAlready
}

/** The part of an amount that belongs to a part of the gross, down to whole øre. */
export function shareOf(amount: number, part: number, whole: number): number {
  return part === whole ? amount : Number((BigInt(amount) * BigInt(part)) / BigInt(whole))
}

function sameTaxation(rates: RateReader, a: Wanted | LineKey, b: Wanted | LineKey): boolean {
  const x = rates.benefitRule(a.benefit, a.period.from)
  const y = rates.benefitRule(b.benefit, b.period.from)
  return (
    x.taxable === y.taxable &&
    x.amLiable === y.amLiable &&
    x.earmarked === y.earmarked &&
    x.sourceSystem === y.sourceSystem
  )
}

type LineKey = Pick<Line, 'rightHolder' | 'benefit' | 'component' | 'period'>

export function keyOf(lines: Chain['lines'], at: ItemId): LineKey {
  const { rightHolder, benefit, component, period } = lines.get(at) as Line
  return { rightHolder, benefit, component, period }
}

function textOf({ rightHolder, benefit, component, period }: LineKey): string {
  return `${rightHolder}:${benefit}:${component}:${period.from}:${period.to}`
}
