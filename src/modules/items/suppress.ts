/**
 * What a decision leaves overpaid of a benefit is let go when all of it together is below the municipality's limit: the
 * cost stays, no tax and no report is corrected, and it is listed. Together with a later decrease it may reach the
 * limit: then all of it is overpaid again. A later increase of the same item closes it first: nobody is paid twice.
 * Pure. @da bagatelgrænse
 */
import type { Ore } from '../../base/money.ts'
import type { Chain } from './correct.ts'
import { lineOf, type Lot, moved, type PaidItem } from './item.ts'
import { type Movement, movement } from './movement.ts'

/** `limitOf`: of a benefit; undefined where the municipality lets nothing go. Below it, not at it. */
export function suppress(
  decision: string,
  { items, lines }: Chain,
  limitOf: (benefit: number) => Ore | undefined,
): { readonly movements: readonly Movement[]; readonly items: readonly PaidItem[] } {
  const found = items
    .filter((item) => item.standing === 'current')
    .flatMap((item) => item.spots.map((lot) => ({ item: item.item, lot, line: lineOf(lines, lot.at) })))
    .filter(({ lot, line }) => line.decision === decision && (lot.place === 'overpaid' || lot.place === 'suppressed'))
  const now = new Map(items.map((item) => [item.item, item]))
  const movements: Movement[] = []
  for (const own of Map.groupBy(found, ({ line }) => `${line.rightHolder}:${line.benefit}`).values()) {
    const limit = limitOf((own[0] as (typeof own)[0]).line.benefit)
    if (limit === undefined) continue
    const total = own.reduce((sum, { lot }) => sum + lot.gross, 0)
    const place = total < limit ? 'suppressed' : 'overpaid'
    for (const { item, lot } of own) {
      if (lot.place === place) continue
      const one = toPlace(item, lot, place)
      movements.push(one)
      now.set(item, moved(now.get(item) as PaidItem, one, lines))
    }
  }
  return { movements, items: [...now.values()] }
}

function toPlace(item: number, { place: from, ref, gross }: Lot, to: 'suppressed' | 'overpaid'): Movement {
  return movement({ item, from: { place: from, ref }, to: { place: to, ref }, gross })
}
