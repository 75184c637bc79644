/** From a new version and what became of the earlier ones to movements of gross, and what is left to be paid. Pure. */
import type { ItemId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import {
  changeOf,
  NOTHING_WITHHELD,
  pensionTogether,
  type StandsAlready,
  type Withheld,
} from '../effectuation/index.ts'
import type { RateReader } from '../rates/index.ts'
import { changeOfClosing, closable, withheldOf } from './claimed.ts'
import {
  type Calculated,
  type Difference,
  differenceOf,
  isSameKey,
  type Open,
  type Part,
  type Wanted,
} from './difference.ts'
import {
  byAge,
  grossIn,
  isClaimed,
  isOverpaid,
  isRepaid,
  kindOf,
  liveOfKind,
  lineOf,
  type Lines,
  type Lot,
  lotOf,
  moved,
  type PaidItem,
  shareOfKind,
} from './item.ts'
import { type Movement, movement, OVERPAID_PLACES, type Spot } from './movement.ts'
import { recode, sameTerms, settleTerms } from './terms.ts'

/**
 * A decision as it stands: every benefit line of its versions, and every item with gross at one of them. What was
 * adjusted counts for the line that it was taken in: an item of another decision may have a part here, and the other
 * way round.
 */
export interface Chain {
  readonly lines: Lines
  readonly items: readonly PaidItem[]
}

export interface WantedLine extends Wanted {
  /** The line's own item id. */
  readonly at: ItemId
}

export interface Version {
  readonly wanted: readonly WantedLine[]
  /** A person has seen that something came back and something did not: what did not come back stands. */
  readonly settled: boolean
  /** Nothing is withheld of what a company gets. */
  readonly isCompany?: boolean
  /** Of the chain's lines, its own. */
  readonly decision: string
}

export interface Correction {
  readonly paid: readonly Part[]
  readonly movements: readonly Movement[]
  /** The items after the movements. */
  readonly items: readonly PaidItem[]
  /** What stands of lines that pay own ATP of what is overpaid; of the others `standingOf` says it. */
  readonly standing: ReadonlyMap<number, StandsAlready>
}

/**
 * `unanswered`: something of the decision is on its way. `came_back`: a part of an item came back and another did not,
 * and something of it is not claimed or would be claimed no more, or all came back after it was claimed; a person must
 * say that it is settled. `claimLeft`: what remains of the claims that were decided of these items; it goes down by
 * what is closed.
 */
export function correct(
  { wanted, settled, decision, isCompany }: Version,
  chain: Chain,
  claimLeft: Map<number, number>,
  rates: RateReader,
): Correction | 'unanswered' | 'came_back' {
  const isOwn = (lot: Lot) => lineOf(chain.lines, lot.at).decision === decision
  const own = chain.items.filter((item) => item.spots.some(isOwn)).toSorted(byAge(chain.lines))
  if (!settled && own.some((item) => isTorn(item, isOwn))) return 'came_back'
  const shop = workshop({ ...chain, items: own }, claimLeft, rates)
  const items = shop.all()
  const calculated = items.flatMap((item, turn) => calculatedOf(item, turn, chain.lines, isOwn))
  const open = items.flatMap((item, turn) => openOf(item, turn, chain.lines, isOwn, claimLeft, rates))
  const difference = differenceOf({ wanted, calculated, open, alike: (a, b) => sameTaxation(rates, a, b) })
  if (difference === 'unanswered') return 'unanswered'
  // Claimed whole it rests, until a version counts it as had again: what came back of it nobody has.
  if (!settled && difference.closed.some((one) => shop.of(one.item).standing === 'partly')) return 'came_back'
  for (const item of items) {
    if (item.standing === 'returned' && !isTorn(item, isOwn)) shop.withdraw(item)
    else if (difference.withdrawn.includes(item.item)) shop.withdraw(item)
  }
  const left = apply(difference, wanted, shop)
  const standing = isCompany === true ? new Map<number, StandsAlready>() : settleTerms(wanted, left, shop, rates)
  recode(wanted, left, shop)
  const paid = [...left].sort(([a], [b]) => a - b).map(([line, gross]) => ({ line, gross: gross as Ore }))
  return { paid, movements: shop.movements, items: shop.all(), standing }
}

/** Claims that are decided no more: what they claim is overpaid again, as far as it is not repaid. */
export function revoke(
  claims: ReadonlySet<number>,
  chain: Chain,
  claimLeft: Map<number, number>,
  rates: RateReader,
): Pick<Correction, 'movements' | 'items'> {
  const shop = workshop(chain, claimLeft, rates)
  for (const item of chain.items) {
    for (const lot of item.spots) {
      if (isClaimed(lot) && claims.has(lot.ref) && !isRepaid(item, lot)) shop.reopen(item.item, lot, 'overpaid', lot.at)
    }
  }
  return { movements: shop.movements, items: shop.all() }
}

type IsOwn = (lot: Lot) => boolean

/**
 * Some of it came back and some did not, or what came back is claimed, kept, or taken in another decision's payment.
 */
function isTorn(item: PaidItem, isOwn: IsOwn): boolean {
  if (item.standing === 'partly') return grossIn(item, ['stands', ...OVERPAID_PLACES]) > 0
  const elsewhere = item.spots.some((lot) => lot.place !== 'withdrawn' && !isOwn(lot))
  return item.standing === 'returned' && (elsewhere || grossIn(item, ['claim', 'gross_claim', 'kept']) > 0)
}

function openKindOf(lot: Lot): Open['kind'] | undefined {
  if (isClaimed(lot)) return 'claim'
  if (lot.place === 'kept') return 'kept'
  return OVERPAID_PLACES.find((place) => place === lot.place)
}

/** Items by id while movements are made of them. */
function workshop({ items, lines }: Chain, claimLeft: Map<number, number>, rates: RateReader) {
  const now = new Map(items.map((item) => [item.item, item]))
  const movements: Movement[] = []
  function move(one: Movement): void {
    if (one.gross === 0) return
    now.set(one.item, moved(now.get(one.item) as PaidItem, one, lines))
    movements.push(one)
  }
  /** What is claimed counts again, as far as the claim is not repaid; gives how much did. */
  function reopen(id: ItemId, lot: Lot, place: 'stands' | 'overpaid', at: ItemId, most = lot.gross as number): number {
    const item = now.get(id) as PaidItem
    const left = claimLeft.get(lot.ref) ?? 0
    const gross = closable(item, lot, left, rates, most)
    const change = changeOfClosing(item, lot, gross, rates)
    claimLeft.set(lot.ref, left - (gross - withheldOf(change)))
    const from = { place: lot.place, ref: lot.ref }
    move(movement({ item: id, from, to: { place, ref: at }, gross: gross as Ore, change }))
    return gross
  }
  return {
    lines,
    rates,
    movements,
    of: (id: ItemId) => now.get(id) as PaidItem,
    all: () => [...now.values()],
    move,
    reopen,
    withdraw: (item: PaidItem) => {
      for (const one of withdrawalOf(now.get(item.item) as PaidItem, lines)) move(one)
    },
  }
}

type Workshop = ReturnType<typeof workshop>

function calculatedOf(item: PaidItem, turn: number, lines: Lines, isOwn: IsOwn): Calculated[] {
  // What is torn and settled stands as it is: what came back of it lies on the return account.
  const standing = item.standing === 'partly' || isTorn(item, isOwn) ? 'current' : item.standing
  return item.spots
    .filter((lot) => lot.place === 'stands' && isOwn(lot))
    .map((lot) => ({ ...keyOf(lines, lot.at), item: item.item, turn, at: lot.ref, gross: lot.gross, standing }))
}

function openOf(
  item: PaidItem,
  turn: number,
  lines: Lines,
  isOwn: IsOwn,
  claimLeft: ReadonlyMap<number, number>,
  rates: RateReader,
): Open[] {
  if (item.standing === 'unsent' || item.standing === 'unanswered') return []
  if (item.standing === 'returned' && !isTorn(item, isOwn)) return []
  const open: Open[] = []
  let now = item
  // The newest claim first: what each is worth follows from what was closed before it.
  for (const lot of [...item.spots].sort((a, b) => b.ref - a.ref)) {
    const kind = openKindOf(lot)
    if (kind === undefined || !isOwn(lot) || isRepaid(item, lot)) continue
    const left = kind === 'claim' ? closable(now, lot, claimLeft.get(lot.ref) ?? 0, rates) : lot.gross
    if (left === 0) continue
    open.push({ ...keyOf(lines, lot.at), kind, item: item.item, turn, id: lot.ref, left: left as Ore })
    if (kind !== 'claim') continue
    const [from, to] = [{ place: lot.place, ref: lot.ref }, { place: 'stands', ref: lot.at } as const]
    const change = changeOfClosing(now, lot, left, rates)
    now = moved(now, movement({ item: item.item, from, to, gross: left as Ore, change }), lines)
  }
  return open
}

/**
 * Everything of the item, also what was found overpaid of it: it never reached anybody. Each lot takes along what is
 * withheld as its kind of income, then what was set off, then what was to be paid; together they are its gross.
 */
export function withdrawalOf(item: PaidItem, lines: Lines): Movement[] {
  const kinds = new Map(item.kinds)
  let setOff = item.setOff as number
  let paid = item.net + item.thirdParty
  let back = item.standing === 'returned' ? (item.returned as number) : 0
  // What the card was used for is not told by kind of income.
  let card = { allowance: item.withheld.allowance, frikort: item.withheld.frikort }
  return item.spots.flatMap((lot) => {
    if (lot.place !== 'stands' && !isOverpaid(lot)) return []
    const kind = kindOf(lines, lot.at)
    const told = kinds.get(kind) ?? NOTHING_WITHHELD
    let rest = lot.gross as number
    const take = (amount: number) => {
      const taken = Math.min(amount, rest)
      rest -= taken
      return taken
    }
    const taxes = { ownAtp: take(told.ownAtp), am: take(told.am), tax: take(told.tax) }
    const withheld: Withheld = { ...told, ...taxes, ...card }
    card = { allowance: 0, frikort: 0 }
    kinds.set(kind, changeOf(withheld, told))
    const own = { setOff: take(setOff) as Ore, paid: take(paid) as Ore }
    setOff -= own.setOff
    paid -= own.paid
    const returned = Math.min(own.paid, back) as Ore
    back -= returned
    const from = { place: lot.place, ref: lot.ref }
    const change = changeOf(withheld, NOTHING_WITHHELD)
    const to = { place: 'withdrawn', ref: 0 } as const
    return [movement({ item: item.item, from, to, gross: lot.gross, change, ...own, returned })]
  })
}

/** Gives what is to be paid, by line: what the difference says, and what a claim could not be closed by. */
function apply(difference: Difference, wanted: readonly WantedLine[], shop: Workshop): Map<number, number> {
  const atOf = (line: number): ItemId => wanted.find((one) => one.line === line)?.at ?? 0
  const lineAt = (line: number): Spot => ({ place: 'stands', ref: atOf(line) })
  const paid = new Map<number, number>(difference.paid.map(({ line, gross }) => [line, gross]))
  for (const { line, item, kind, id, gross } of difference.closed) {
    const lot = openLot(shop, item, kind, id, atOf(line))
    if (lot === undefined) continue
    // On other terms it stands as it did first: the terms are settled of all that stands.
    const target = sameTerms(shop, lot.at, atOf(line)) ? atOf(line) : lot.at
    if (kind !== 'claim') {
      const carried = carriedBy(shop.of(item), shop.lines, lot, target, gross)
      shop.move(
        movement({ item, from: { place: kind, ref: id }, to: { place: 'stands', ref: target }, gross, carried }),
      )
      continue
    }
    // Another line of the version may have closed of the same claim before.
    const closed = shop.reopen(item, lot, 'stands', target, gross)
    if (closed < gross) paid.set(line, (paid.get(line) ?? 0) + gross - closed)
  }
  for (const { item, at, line, gross } of difference.moved) {
    const from: Spot = { place: 'stands', ref: at }
    const lot = lotOf(shop.of(item), from, at, shop.lines) as Lot
    const carried = carriedBy(shop.of(item), shop.lines, lot, atOf(line), gross)
    const change = pensionOfMove(shop, item, lot, wanted.find((one) => one.line === line) as WantedLine, gross)
    shop.move(movement({ item, from, to: lineAt(line), gross, carried, change }))
  }
  for (const { item, at, gross } of difference.overpaid) {
    shop.move(movement({ item, from: { place: 'stands', ref: at }, to: { place: 'overpaid', ref: at }, gross }))
  }
  return paid
}

/** What is open of an item under this id; of a claim that which counts for the same right and time as the line. */
function openLot(shop: Workshop, id: ItemId, kind: Open['kind'], ref: number, line: ItemId): Lot | undefined {
  const places = kind === 'claim' ? (['gross_claim', 'claim'] as const) : [kind]
  return places.map((place) => lotOf(shop.of(id), { place, ref }, line, shop.lines)).find((one) => one !== undefined)
}

/** Of help with a duty to repay no pension is paid: it goes, or comes, when a move is from one to the other. */
function pensionOfMove(shop: Workshop, item: ItemId, lot: Lot, to: WantedLine, gross: number): Withheld {
  const [from, target] = [lineOf(shop.lines, lot.at), lineOf(shop.lines, to.at)]
  if (from.repayable === target.repayable) return NOTHING_WITHHELD
  const share = shareOfKind(shop.of(item), shop.lines, from.kind, gross)
  if (target.repayable) return { ...NOTHING_WITHHELD, pension: -share.pension }
  const { benefit, period } = to
  const line = { ...target, benefit, period, item: to.at, line: to.line, gross: gross as Ore }
  return { ...NOTHING_WITHHELD, pension: pensionTogether([line], 0, [share.ownAtp], shop.rates) }
}

/**
 * What was withheld and contributed goes along to another benefit, kind of income or account: it is told and booked
 * there.
 */
export function carriedBy(
  item: PaidItem,
  lines: Lines,
  lot: Pick<Lot, 'at'>,
  to: ItemId,
  gross: number,
): Movement['carried'] {
  const [from, target] = [lineOf(lines, lot.at), lineOf(lines, to)]
  const isSame = from.benefit === target.benefit && from.kind === target.kind && from.code === target.code
  return isSame ? NOTHING_WITHHELD : shareOfKind(item, lines, from.kind, gross)
}

const KRONE = 100

/** What stands already of a line's item: contributions are reckoned of the whole. */
export function standingOf(line: WantedLine, { items, lines }: Chain): StandsAlready {
  const total = { gross: 0, ownAtp: 0, employerAtp: 0, pension: 0 }
  const { decision } = lineOf(lines, line.at)
  for (const item of items) {
    // Of all lots of an item together: each by itself would lose the rest of its division.
    const gross = item.spots.reduce((sum, lot) => {
      const of = lineOf(lines, lot.at)
      return lot.place === 'stands' && of.decision === decision && isSameKey(of, line) ? sum + lot.gross : sum
    }, 0)
    if (gross === 0) continue
    const share = contributedBy(item, lines, line.at, gross)
    total.gross += gross
    total.ownAtp += share.ownAtp
    total.employerAtp += share.employerAtp
    total.pension += share.pension
  }
  return total as { -readonly [K in keyof StandsAlready]: number } as StandsAlready
}

/**
 * What was contributed of a part of an item that stands as a line. Pension is whole kroner: what was kept, is claimed
 * before tax or was taken in other decisions' payments takes along no part of one. ATP is of a month, and stays with
 * the decision that paid it while anything of the item stands there.
 */
export function contributedBy(
  item: PaidItem,
  lines: Lines,
  at: ItemId,
  gross: number,
): Pick<Withheld, 'ownAtp' | 'employerAtp' | 'pension'> {
  const { decision, kind } = lineOf(lines, item.item)
  const isAway = (one: Pick<Lot, 'at'>) => lineOf(lines, one.at).decision !== decision
  const away = item.spots.filter((one) => one.place === 'stands' && isAway(one))
  const shareInKroner = (of: Pick<Lot, 'at'>, part: number) => {
    const share = shareOfKind(item, lines, kindOf(lines, of.at), part)
    if (part === liveOfKind(item, lines, kindOf(lines, of.at))) return share
    return { ...share, pension: Math.round(share.pension / KRONE) * KRONE }
  }
  if (away.length === 0) return shareInKroner({ at }, gross)
  const spots = item.spots.filter((one) => !isAway(one))
  const staysHome = spots.some((one) => one.place === 'stands')
  if (isAway({ at })) {
    const share = shareInKroner({ at }, gross)
    return staysHome ? { ...share, ownAtp: 0, employerAtp: 0 } : share
  }
  const told = item.kinds.get(kind) ?? NOTHING_WITHHELD
  const pension = away.reduce((left, one) => left - shareInKroner(one, one.gross).pension, told.pension)
  const home = { ...item, spots, kinds: new Map(item.kinds).set(kind, { ...told, pension: Math.max(0, pension) }) }
  return shareOfKind(home, lines, kindOf(lines, at), gross)
}

function sameTaxation(rates: RateReader, a: LineKey, b: LineKey): boolean {
  const x = rates.benefitRule(a.benefit, a.period.from)
  const y = rates.benefitRule(b.benefit, b.period.from)
  return (
    x.taxable === y.taxable &&
    x.amLiable === y.amLiable &&
    x.earmarked === y.earmarked &&
    x.sourceSystem === y.sourceSystem
  )
}

type LineKey = Pick<Wanted, 'rightHolder' | 'benefit' | 'component' | 'period'>

export function keyOf(lines: Lines, at: ItemId): LineKey {
  const { rightHolder, benefit, component, period } = lineOf(lines, at)
  return { rightHolder, benefit, component, period }
}

export function textOf({ rightHolder, benefit, component, period }: LineKey): string {
  return `${rightHolder}:${benefit}:${component}:${period.from}:${period.to}`
}
