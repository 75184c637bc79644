/**
 * Increases below the municipality's limit wait (bagatelgrænse): they are paid with the next payment of the same
 * benefit to the same payee, when more of the same reaches the limit together, or at the latest after a time. Money
 * that somebody has a right to is never let go, only gathered.
 */
import type { Tx } from '../../base/db.ts'
import type { Day } from '../../base/date.ts'
import type { OrderId, PartyId } from '../../base/id.ts'
import { type DueLine, waitedOrders } from '../../modules/orders/index.ts'
import type { LocalRules } from '../../modules/rates/index.ts'
import type { DueOrderLines, PlannedBatch } from './batch-book.ts'
import type { Held } from './claim-overpaid.ts'
import type { CorrectedOrder } from './correct-orders.ts'

export interface Gathered {
  readonly held: ReadonlyMap<OrderId, Held>
  /** On which day an order is paid, together with what it waited for. */
  readonly payDays: ReadonlyMap<OrderId, Day>
}

const NOTHING: Gathered = { held: new Map(), payDays: new Map() }

/** A version whose whole effect is to pay a little more of what stands. */
interface SmallIncrease {
  readonly order: OrderId
  readonly person: PartyId
  readonly payee: PartyId
  readonly source: number
  readonly benefits: ReadonlySet<number>
  readonly day: Day
  readonly gross: number
  readonly limit: number
}

/** `tryOne`: what a later version would come to by itself; nothing of it is kept. */
export async function gatherSmall(
  tx: Tx,
  { municipality, knownAt }: PlannedBatch,
  rules: LocalRules,
  dues: readonly DueOrderLines[],
  later: readonly DueOrderLines[],
  tryOne: (due: DueOrderLines) => CorrectedOrder | Held,
): Promise<Gathered> {
  if (!rules.rules.some((rule) => rule.kind === 'small_amount')) return NOTHING
  const tried = new Map(later.map((due) => [due.order.order, tryOne(due)]))
  const small = [...tried.values()].flatMap((one) => ('kind' in one ? [] : (smallIncrease(one, rules) ?? [])))
  if (small.length === 0) return NOTHING
  const waits = new Set(small.map((one) => one.order))
  const waited = await waitedOrders(tx, municipality, [...waits], knownAt)
  const enough = new Set(waited.filter((one) => one.enough).map((one) => one.order))
  const coming = dues.flatMap((due) => {
    if (waits.has(due.order.order)) return []
    const one = tried.get(due.order.order)
    if (one === undefined) return [due]
    return 'kind' in one ? [] : [one.due]
  })
  const held = new Map<OrderId, Held>()
  const payDays = new Map<OrderId, Day>()
  for (const one of small) {
    if (enough.has(one.order)) continue
    const beside = small.filter((other) => isOfTheSame(one, other))
    const sum = beside.reduce((total, other) => total + other.gross, 0)
    const next = nextPayment(one, coming)
    if (next !== undefined) payDays.set(one.order, next)
    else if (sum >= one.limit) payDays.set(one.order, Math.max(...beside.map((other) => other.day)) as Day)
    else held.set(one.order, heldOf(one))
  }
  return { held, payDays }
}

/** The same order, paid on another day. */
export function paidOn(order: CorrectedOrder, day: Day | undefined): CorrectedOrder {
  if (day === undefined) return order
  const lines = order.due.lines.map((line) => ({ ...line, dispositionDate: day }))
  return { ...order, due: { lines, order: { ...order.due.order, dispositionDate: day } } }
}

function smallIncrease(one: CorrectedOrder, rules: LocalRules): SmallIncrease | undefined {
  const { due, movements, claimed, revoked, plans, corrects } = one
  const { order, person, dispositionDate: day, benefits, deductions } = due.order
  if (!corrects || movements.length + claimed.length + revoked.length + plans.length + deductions.length > 0)
    return undefined
  const paid = benefits.filter((benefit) => benefit.gross > 0)
  // Of an item of which nothing stands it is a payment of its own, however little.
  if (paid.length === 0 || paid.some((benefit) => (benefit.standing?.gross ?? 0) === 0)) return undefined
  const { source, payee } = due.lines[0] as DueLine
  const limit = Math.min(...paid.map((benefit) => rules.smallAmount(source, benefit.benefit, day)?.limit ?? 0))
  const gross = paid.reduce((sum, benefit) => sum + benefit.gross, 0)
  const kinds = new Set(paid.map((benefit) => benefit.benefit))
  return gross < limit ? { order, person, payee, source, benefits: kinds, day, gross, limit } : undefined
}

function isOfTheSame(a: SmallIncrease, b: SmallIncrease): boolean {
  const same = a.person === b.person && a.payee === b.payee && a.source === b.source
  return same && [...a.benefits].some((benefit) => b.benefits.has(benefit))
}

/** The day of the first payment, not before its own, that it can go along with. */
function nextPayment(one: SmallIncrease, coming: readonly DueOrderLines[]): Day | undefined {
  const days = coming
    .filter(({ order, lines: [head] }) => {
      if (order.person !== one.person || head?.payee !== one.payee || head.source !== one.source) return false
      return order.benefits.some(({ gross, benefit }) => gross > 0 && one.benefits.has(benefit))
    })
    .map(({ order }) => order.dispositionDate)
    .filter((day) => day >= one.day)
  return days.length === 0 ? undefined : (Math.min(...days) as Day)
}

function heldOf({ order, gross, limit }: SmallIncrease): Held {
  return { order, kind: 'small_amount', detail: { ore: gross, of_ore: limit } }
}
