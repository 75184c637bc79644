/** What of an order's set-offs and third parties earlier versions have taken, and what is left to take. */
import { itemId, type ItemId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import type { DeductionToTake } from '../../modules/effectuation/index.ts'
import { type PaidItem, whatIsTaken } from '../../modules/items/index.ts'
import type { DueOrderLines } from './batch-book.ts'
import type { NamedThirdParty } from './correction-facts.ts'

interface Wanted {
  readonly deduction: DeductionToTake
  readonly what: string
  readonly named: NamedThirdParty | undefined
  left: number
}

/**
 * Deductions that earlier versions took stand: only what the version says beyond them is taken now. A set-off is the
 * same by its claim. A third party's part is the same by payee and reference: a contribution of another child is
 * another. One whose reference is new, at the key of a line whose reference is gone, is the same said in other words.
 */
export function leftToTake(
  due: DueOrderLines,
  items: readonly PaidItem[],
  thirdParties: ReadonlyMap<ItemId, NamedThirdParty>,
): { deductions: DeductionToTake[]; takenAlready: { line: number; amount: Ore }[] } {
  const wanted = due.order.deductions.map((deduction): Wanted => {
    const payee = due.lines.find((line) => line.line === deduction.line)?.linePayee ?? 0
    const what = whatIsTaken(deduction.kind === 'set_off' ? (deduction.claimKey ?? '') : undefined, payee)
    const named = thirdParties.get(itemId(due.order.order, deduction.line))
    return { deduction, what, named, left: deduction.amount }
  })
  const taken = items.flatMap((item) => item.taken).map((one) => ({ ...one, left: one.amount as number }))
  const isKnown = (want: Wanted) => taken.some((one) => isSame(want, one, byReference))
  const isSaid = (one: Taken) => wanted.some((want) => isSame(want, one, byReference))
  cover(wanted, taken, byReference)
  cover(
    wanted.filter((want) => !isKnown(want)),
    taken.filter((one) => !isSaid(one)),
    byLineKey,
  )
  return {
    deductions: wanted
      .filter((one) => one.left > 0)
      .map(({ deduction, left }) => ({ ...deduction, amount: left as Ore })),
    takenAlready: beyond(wanted, taken),
  }
}

type Same = (a: NamedThirdParty, b: NamedThirdParty) => boolean
type Taken = NamedThirdParty & { readonly what: string; left: number }

const byReference: Same = (a, b) => a.reference === b.reference
const byLineKey: Same = (a, b) => a.lineKey === b.lineKey

function isSame(want: Wanted, one: Taken, same: Same): boolean {
  return want.what === one.what && (want.named === undefined || same(want.named, one))
}

function cover(wanted: readonly Wanted[], taken: readonly Taken[], same: Same): void {
  for (const one of taken) {
    for (const want of wanted) {
      if (!isSame(want, one, same)) continue
      const covered = Math.min(want.left, one.left)
      want.left -= covered
      one.left -= covered
    }
  }
}

/** What was taken more than a line now says: told with the last line that says the same, or pays the same. */
function beyond(wanted: readonly Wanted[], taken: readonly Taken[]): { line: number; amount: Ore }[] {
  const lines = new Map<number, number>()
  for (const one of taken) {
    const told =
      wanted.findLast((want) => isSame(want, one, byReference)) ?? wanted.findLast((want) => want.what === one.what)
    if (one.left === 0 || told === undefined) continue
    lines.set(told.deduction.line, (lines.get(told.deduction.line) ?? 0) + one.left)
  }
  return [...lines].map(([line, amount]) => ({ line, amount: amount as Ore }))
}
