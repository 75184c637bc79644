/**
 * What a correction was reckoned beyond: for each of its lines the parts of earlier items that stood as that benefit
 * and time, once what the correction itself moved was done. Of them a changed rule says anew what was contributed.
 */
import { rowReader } from '../../base/copy.ts'
import type { Tx } from '../../base/db.ts'
import { itemId, type ItemId, type Municipality, type OrderId } from '../../base/id.ts'
import type { BenefitToCalculate, CalculatedOrder, StandingPart } from '../../modules/effectuation/index.ts'

interface Moved {
  readonly work: number
  readonly order: OrderId
  readonly from: ItemId | undefined
  readonly to: ItemId | undefined
  readonly gross: number
}

/** By item, in the order in which they were made; only what takes from what stands, or gives to it. */
export type MovedOfItems = ReadonlyMap<ItemId, readonly Moved[]>

export async function readMoved(tx: Tx, municipality: Municipality, items: readonly ItemId[]): Promise<MovedOfItems> {
  const found = new Map<ItemId, Moved[]>()
  if (items.length === 0) return found
  const rows = rowReader(
    await tx.copyOut(`select m.item_id, m.work_no, m.order_id, m.gross_ore, case m.from_place when 0 then m.from_ref end,
        case m.to_place when 0 then m.to_ref end
      from item_movements m where m.municipality_code = ${municipality} and (m.from_place = 0 or m.to_place = 0)
        and m.item_id = any ('{${items.join(',')}}'::bigint[])
      order by m.work_no, m.movement_no`),
  )
  const spot = (): ItemId | undefined => (rows.nothing() ? undefined : rows.i64())
  while (rows.next()) {
    const item = rows.i64()
    const one = { work: rows.i32(), order: rows.i64(), gross: rows.i64(), from: spot(), to: spot() }
    const own = found.get(item)
    if (own === undefined) found.set(item, [one])
    else own.push(one)
  }
  return found
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
        if (one.work >= of.workNo && one.order !== of.order) continue
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
