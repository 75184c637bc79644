/**
 * What stood when something was calculated, from the movements. Of a correction what it was reckoned beyond: for each
 * of its lines the parts of earlier items that stood as that benefit and time, once what the correction itself moved
 * was done; of them a changed rule says anew what was contributed. Of each item what was withheld of it less, and when.
 */
import { type RowReader, rowReader } from '../../base/copy.ts'
import type { Tx } from '../../base/db.ts'
import { itemId, type ItemId, type Municipality, type OrderId } from '../../base/id.ts'
import type {
  BenefitToCalculate,
  CalculatedOrder,
  ChangedSince,
  StandingPart,
} from '../../modules/effectuation/index.ts'
import { type Place, PLACES } from '../../modules/items/index.ts'

interface Moved extends ChangedSince {
  readonly order: OrderId
  /** Where it stood, and where it then stands. */
  readonly from: ItemId | undefined
  readonly to: ItemId | undefined
  readonly gross: number
}

/** By item, in the order in which they were made. */
export type MovedOfItems = ReadonlyMap<ItemId, readonly Moved[]>

export async function readMoved(tx: Tx, municipality: Municipality, items: readonly ItemId[]): Promise<MovedOfItems> {
  const found = new Map<ItemId, Moved[]>()
  if (items.length === 0) return found
  const rows = rowReader(
    await tx.copyOut(`select m.item_id, m.work_no, m.order_id, m.gross_ore, m.own_atp_ore, m.allowance_ore, m.frikort_ore,
        case when m.to_place in (${GONE}) then m.gross_ore else 0 end
          - case when m.from_place in (${GONE}) then m.gross_ore else 0 end,
        case m.from_place when 0 then m.from_ref end, case m.to_place when 0 then m.to_ref end
      from item_movements m where m.municipality_code = ${municipality} and m.item_id = any ('{${items.join(',')}}'::bigint[])
      order by m.work_no, m.movement_no`),
  )
  const spot = (): ItemId | undefined => (rows.nothing() ? undefined : rows.i64())
  while (rows.next()) {
    const item = rows.i64()
    const one = {
      workNo: rows.i32(),
      order: rows.i64(),
      gross: rows.i64(),
      ...changeIn(rows),
      from: spot(),
      to: spot(),
    }
    const own = found.get(item)
    if (own === undefined) found.set(item, [one])
    else own.push(one)
  }
  return found
}

/** Places of gross of which nothing is withheld any more: withdrawn, and claimed after tax. */
const GONE = ['withdrawn', 'claim'].map((place) => PLACES.indexOf(place as Place)).join(', ')

function changeIn(rows: RowReader): Omit<ChangedSince, 'workNo'> {
  return { ownAtp: rows.i64(), allowance: rows.i64(), frikort: rows.i64(), gone: rows.i64() }
}

/** What of it changes what later calculations find. */
export function changedSince(moved: readonly Moved[]): readonly ChangedSince[] {
  return moved.filter((one) => one.ownAtp !== 0 || one.allowance !== 0 || one.frikort !== 0 || one.gone !== 0)
}

/** Whether anything stood of earlier versions when the order was calculated. */
export function isBeyond(order: CalculatedOrder): boolean {
  return order.benefits.some((line) => (line.standing?.gross ?? 0) > 0)
}

/**
 * `orders`: all of the person, those too of which nothing is paid. Parts by the line that is first of its benefit and
 * time.
 */
export function partsBeyond(
  of: CalculatedOrder,
  orders: readonly CalculatedOrder[],
  moved: MovedOfItems,
): ReadonlyMap<number, readonly StandingPart[]> {
  const firstOf = new Map<string, number>()
  for (const line of of.benefits) {
    const key = keyOf(of, line)
    if (line.standing !== undefined && !firstOf.has(key)) firstOf.set(key, line.line)
  }
  const lineOf = new Map<ItemId, number | undefined>()
  for (const order of orders)
    for (const line of order.benefits) lineOf.set(itemId(order.order, line.line), firstOf.get(keyOf(order, line)))
  const parts = new Map<number, StandingPart[]>()
  for (const order of orders) {
    if (order.workNo === 0 || order.workNo >= of.workNo) continue
    for (const { item, gross: whole } of order.benefits) {
      const spots = new Map<ItemId, number>([[item, whole]])
      for (const one of moved.get(item) ?? []) {
        if (one.workNo >= of.workNo && one.order !== of.order) continue
        if (one.from !== undefined) spots.set(one.from, (spots.get(one.from) ?? 0) - one.gross)
        if (one.to !== undefined) spots.set(one.to, (spots.get(one.to) ?? 0) + one.gross)
      }
      const gross = new Map<number, number>()
      for (const [at, ore] of spots) {
        const line = lineOf.get(at)
        if (line !== undefined) gross.set(line, (gross.get(line) ?? 0) + ore)
      }
      for (const [line, ore] of gross) {
        if (ore > 0) parts.set(line, [...(parts.get(line) ?? []), { item, gross: ore, whole }])
      }
    }
  }
  return parts
}

function keyOf({ chain }: CalculatedOrder, { benefit, period }: BenefitToCalculate): string {
  return `${chain} ${benefit} ${period.from} ${period.to}`
}
