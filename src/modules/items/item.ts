/** A calculated item with everything that became of it. */
import type { Day } from '../../base/date.ts'
import type { ItemId, PartyId } from '../../base/id.ts'
import { assert } from '../../base/assert.ts'
import type { Ore } from '../../base/money.ts'
import { changeOf, NOTHING_WITHHELD, plus, type Reducible, type Withheld } from '../effectuation/index.ts'
import type { ItemKey, Standing } from './difference.ts'
import type { Movement, Place, Spot } from './movement.ts'

/** A benefit line of some version: what items count for. */
export interface Line extends ItemKey {
  readonly at: ItemId
  readonly version: number
  readonly lineKey: string
}

/** A set-off or a third party's part of an item. */
export interface Taken {
  /** Which set-off or third party it is, whatever line of whatever version says it. */
  readonly what: string
  readonly claimId: number
  readonly line: number
  readonly amount: Ore
}

export interface PaidItem extends Reducible {
  readonly item: ItemId
  readonly source: number
  readonly payee: PartyId
  readonly payDay: Day
  readonly net: Ore
  readonly thirdParty: Ore
  readonly setOff: Ore
  readonly standing: Standing
  readonly taken: readonly Taken[]
  /** What is withheld now. */
  readonly withheld: Withheld
  /** Its gross by spot; what is empty is left out. */
  readonly spots: readonly Lot[]
}

/** Gross of an item in one spot. */
export interface Lot extends Spot {
  readonly gross: Ore
  /** The line that it counts for, or counted for before it was overpaid or claimed. */
  readonly at: ItemId
  /** Of a claim: what was freed of tax and contributions when it was made, as far as it is claimed still. */
  readonly freed: Withheld
}

/** The item after a movement of it. */
export function moved(item: PaidItem, movement: Movement): PaidItem {
  assert(movement.item === item.item, 'a movement of another item')
  const { from, to, gross, change } = movement
  const source = item.spots.find((lot) => isAt(lot, from))
  assert(source !== undefined && source.gross >= gross, `item ${item.item}: ${gross} øre are not ${from.place}`)
  const target = item.spots.find((lot) => isAt(lot, to))
  const others = item.spots.filter((lot) => lot !== source && lot !== target)
  const at = to.place === 'stands' || to.place === 'overpaid' ? to.ref : source.at
  const { freed } = source
  const after = target ?? { ...to, at, gross: 0 as Ore, freed: NOTHING_WITHHELD }
  const spots = [
    ...others,
    {
      ...source,
      gross: (source.gross - gross) as Ore,
      freed: from.place === 'claim' ? changeOf(change, freed) : freed,
    },
    {
      ...after,
      gross: (after.gross + gross) as Ore,
      freed: to.place === 'claim' ? changeOf(change, after.freed) : after.freed,
    },
  ]
  return { ...item, spots: spots.filter((lot) => lot.gross > 0), withheld: plus(item.withheld, change) }
}

export function isAt(lot: Spot, spot: Spot): boolean {
  return lot.place === spot.place && lot.ref === spot.ref
}

export function grossIn(item: PaidItem, places: readonly Place[]): number {
  return item.spots.reduce((sum, lot) => sum + (places.includes(lot.place) ? lot.gross : 0), 0)
}
