/**
 * Where the gross of a calculated item is. All of it stands at first at the item's own line; movements take parts of it
 * elsewhere, and every øre is always in one place. Nothing that was calculated is ever changed. @da regulering
 */
import { rowWriter } from '../../base/copy.ts'
import type { Tx } from '../../base/db.ts'
import type { Day } from '../../base/date.ts'
import type { ItemId, Municipality, OrderId } from '../../base/id.ts'
import { type Ore, ZERO } from '../../base/money.ts'
import { NOTHING_WITHHELD, type Withheld } from '../effectuation/index.ts'

export type Place =
  /** The newest version wants it; ref: the line that it counts for. */
  | 'stands'
  /** Never reached the citizen; calculated anew. ref: 0, the whole item; a line, own ATP of it that is given back. */
  | 'withdrawn'
  /** Paid, and wanted no more; ref: the line that it counted for. @da for meget udbetalt */
  | 'overpaid'
  /** Decided to be paid back, without what was withheld of it; ref: the claim. */
  | 'claim'
  /** The same before tax: decided in a later year than it was paid. */
  | 'gross_claim'
  /** Decided not to be paid back: the cost stays; ref: the line that it counted for. */
  | 'kept'
  /** Overpaid, and decided to be taken in coming payments; ref: the line that it counted for. @da til regulering */
  | 'adjusting'
  /**
   * Overpaid, and let go as too little by the municipality's rule; ref: the line that it counted for.
   * @da undertrykt beløb
   */
  | 'suppressed'

/** Stored as smallint: the position in this list. */
export const PLACES: readonly Place[] = [
  'stands',
  'withdrawn',
  'overpaid',
  'claim',
  'gross_claim',
  'kept',
  'adjusting',
  'suppressed',
]

/** Paid and wanted no more, in the order in which an increase closes them, and a decision claims them. */
export const OVERPAID_PLACES = ['overpaid', 'suppressed', 'adjusting'] as const
export type OverpaidPlace = (typeof OVERPAID_PLACES)[number]

export interface Spot {
  readonly place: Place
  readonly ref: number
}

export interface Movement {
  readonly item: ItemId
  readonly from: Spot
  readonly to: Spot
  readonly gross: Ore
  /** What changes of what was withheld of the item and contributed beside it; signed. */
  readonly change: Withheld
  /** Between lines of two kinds of income: what was withheld that goes with it. */
  readonly carried: Withheld
  /** Withdrawn: what was set off of it, and its net and third parties. With `change` they are the gross. */
  readonly setOff: Ore
  readonly paid: Ore
  /** Withdrawn, and the money is back: what it takes off the return account. */
  readonly returned: Ore
}

const NOTHING_ELSE = {
  change: NOTHING_WITHHELD,
  carried: NOTHING_WITHHELD,
  setOff: ZERO,
  paid: ZERO,
  returned: ZERO,
}

/** A movement; what is not named is nothing. */
export function movement(
  of: Pick<Movement, 'item' | 'from' | 'to' | 'gross'> & Partial<Omit<Movement, 'item' | 'from' | 'to' | 'gross'>>,
): Movement {
  return { ...NOTHING_ELSE, ...of }
}

/** A movement with the version that causes it and the day on which it is booked. */
export type CausedMovement = Movement & { readonly order: OrderId; readonly postedOn: Day }

/** Of an item one movement has each turn. */
export const TURN_OF_ITEM = 'item_movements_of_items'

const COLUMNS = `municipality_code, work_no, movement_no, order_id, posted_on, item_id, from_place, from_ref, to_place,
  to_ref, turn_no,
  gross_ore, own_atp_ore, am_ore, tax_ore, employer_atp_ore, pension_ore, allowance_ore, frikort_ore, set_off_ore,
  paid_ore, returned_ore, carried_own_atp_ore, carried_am_ore, carried_tax_ore, carried_employer_atp_ore, carried_pension_ore`

/**
 * Movements in the order in which they are made: within a batch, each at the version that causes it. `items`: as they
 * were read. The database refuses them by `TURN_OF_ITEM` when one was moved since.
 */
export async function recordMovements(
  tx: Tx,
  municipality: Municipality,
  workNo: number,
  movements: readonly CausedMovement[],
  items: ReadonlyMap<ItemId, { readonly turns: number }>,
): Promise<void> {
  if (movements.length === 0) return
  const rows = rowWriter(1 << 14)
  const turns = new Map<ItemId, number>()
  for (const [i, one] of movements.entries()) {
    const { turns: known } = items.get(one.item) as { turns: number }
    const turn = turns.get(one.item) ?? known
    turns.set(one.item, turn + 1)
    rows.row(27)
    rows.i16(municipality)
    rows.i32(workNo)
    rows.i32(i)
    rows.i64(one.order)
    rows.date(one.postedOn)
    rows.i64(one.item)
    rows.i16(PLACES.indexOf(one.from.place))
    rows.i64(one.from.ref)
    rows.i16(PLACES.indexOf(one.to.place))
    rows.i64(one.to.ref)
    rows.i32(turn)
    rows.i64(one.gross)
    const { ownAtp, am, tax, employerAtp, pension, allowance, frikort } = one.change
    for (const amount of [ownAtp, am, tax, employerAtp, pension, allowance, frikort]) rows.i64(amount)
    for (const amount of [one.setOff, one.paid, one.returned]) rows.i64(amount)
    const { carried } = one
    for (const amount of [carried.ownAtp, carried.am, carried.tax, carried.employerAtp, carried.pension])
      rows.i64(amount)
  }
  await tx.copyIn('item_movements', COLUMNS, rows)
}
