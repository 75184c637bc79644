/**
 * Orders that a municipality's own rules keep back until a person or a fact lets them go: time before the takeover of
 * which nobody has told what was paid, and changes of time longer ago than is corrected without a person.
 */
import type { Tx } from '../../base/db.ts'
import { type Day, formatDay, overlaps, type Period } from '../../base/date.ts'
import type { OrderId } from '../../base/id.ts'
import { itemId } from '../../base/id.ts'
import { type Line as BenefitLine, type Lines, type PaidItem, textOf } from '../../modules/items/index.ts'
import {
  type DueLine,
  type HoldDetail,
  ordersWithBase,
  releasedHolds,
  SOURCE_SYSTEMS,
  type SourceSystem,
} from '../../modules/orders/index.ts'
import type { LocalRules } from '../../modules/rates/index.ts'
import type { DueOrderLines, PlannedBatch } from './batch-book.ts'

/** What is known of the orders of a batch that local rules may hold. */
export interface Guard {
  readonly rules: LocalRules
  /** Orders whose decision was paid before the takeover, as far as it is told. */
  readonly based: ReadonlySet<OrderId>
  /** Holds that a person released, `order kind`: what they are about is vouched for. */
  readonly vouched: ReadonlySet<string>
}

export type GuardKind = 'before_takeover' | 'before_look_back'
const GUARD_KINDS: readonly GuardKind[] = ['before_takeover', 'before_look_back']

export interface GuardHold {
  readonly order: OrderId
  readonly kind: GuardKind
  readonly detail: HoldDetail
}

/** Asks the database nothing when the municipality has no such rules. */
export async function readGuard(
  tx: Tx,
  batch: PlannedBatch,
  rules: LocalRules,
  dues: readonly DueOrderLines[],
): Promise<Guard> {
  if (!mayHold(rules)) return { rules, based: new Set(), vouched: new Set() }
  const tookOver = (due: DueOrderLines) => rules.takeover((due.lines[0] as DueLine).source) !== undefined
  const first = dues.filter((due) => (due.lines[0] as DueLine).version === 1 && tookOver(due))
  const ids = first.map((due) => due.order.order)
  const based = new Set(ids.length > 0 ? await ordersWithBase(tx, batch.municipality, ids) : [])
  // A first version too may leave out what was paid before.
  const mayBe = dues.filter((due) => based.has(due.order.order) || isGuarded(due, rules))
  const guarded = mayBe.map((due) => due.order.order)
  const released = await releasedHolds(tx, batch.municipality, guarded, GUARD_KINDS)
  return { rules, based, vouched: new Set(released.map(({ order, kind }) => `${order} ${kind}`)) }
}

/** Whether the municipality has rules of this kind at all. */
export function mayHold(rules: LocalRules): boolean {
  return rules.rules.some((rule) => rule.kind === 'takeover' || rule.kind === 'look_back')
}

/** Whether a rule may hold the order: it names time before the takeover, or there is a limit that it may be beyond. */
export function isGuarded({ lines }: DueOrderLines, rules: LocalRules): boolean {
  if (!mayHold(rules)) return false
  const { source, version } = lines[0] as DueLine
  const takeover = rules.takeover(source)
  return lines.some(
    (line) =>
      (line.kind === 0 && takeover !== undefined && line.periodFrom < takeover) ||
      limitOf(rules, line, line.benefit) !== undefined ||
      // What a later version leaves out is found with its earlier ones.
      (version > 1 && rules.rules.some((rule) => rule.kind === 'look_back')),
  )
}

function limitOf(rules: LocalRules, line: DueLine, benefit: number): Day | undefined {
  const limit = rules.lookBack(line.source, benefit, line.dispositionDate)
  return line.kind === 0 && limit !== undefined && line.periodFrom < limit ? limit : undefined
}

/** `itemsBefore`: what was made of the decision before, and whatever of other decisions was taken in its payments. */
export function heldByRule(
  { order, lines }: DueOrderLines,
  decision: string | undefined,
  itemsBefore: () => readonly PaidItem[],
  known: Lines,
  { rules, vouched }: Guard,
): GuardHold | undefined {
  if (!mayHold(rules)) return undefined
  const items = itemsBefore()
  const isVouched = (kind: GuardKind) => vouched.has(`${order.order} ${kind}`)
  const head = lines[0] as DueLine
  const wants = lines.filter((line) => line.kind === 0)
  const takeover = rules.takeover(head.source)
  if (takeover !== undefined && !isVouched('before_takeover')) {
    const stray = wants.find((line) => line.periodFrom < takeover && !isCovered(line, items, known))
    if (stray !== undefined) {
      const line_key = known.get(itemId(stray.order, stray.line))?.lineKey ?? String(stray.line)
      const source_system = SOURCE_SYSTEMS[stray.source - 1] as SourceSystem
      const span = spanOf({ from: stray.periodFrom, to: stray.periodTo })
      const detail = { line_key, ...span, source_system, limit: formatDay(takeover) }
      return { order: order.order, kind: 'before_takeover', detail }
    }
  }
  if (isVouched('before_look_back')) return undefined
  for (const { benefit, period } of changedBy(wants, decision, items, known)) {
    const limit = rules.lookBack(head.source, benefit, head.dispositionDate)
    if (limit === undefined || period.from >= limit) continue
    return { order: order.order, kind: 'before_look_back', detail: { ...spanOf(period), limit: formatDay(limit) } }
  }
  return undefined
}

function spanOf({ from, to }: Period): Required<Pick<HoldDetail, 'from' | 'to'>> {
  return { from: formatDay(from), to: formatDay(to) }
}

/** Something of the same right and time was made of the decision: here, or by the old system. */
function isCovered(line: DueLine, items: readonly PaidItem[], known: Lines): boolean {
  const holder = known.get(itemId(line.order, line.line))?.rightHolder ?? line.person
  const period = { from: line.periodFrom, to: line.periodTo }
  return items.some((item) => {
    const of = known.get(item.item)
    return of !== undefined && of.benefit === line.benefit && of.rightHolder === holder && overlaps(of.period, period)
  })
}

/** What the version wants otherwise than it stands: new, more, less or no more. */
function changedBy(
  wants: readonly DueLine[],
  decision: string | undefined,
  items: readonly PaidItem[],
  known: Lines,
): Pick<BenefitLine, 'benefit' | 'period'>[] {
  const sums = new Map<string, { of: Pick<BenefitLine, 'benefit' | 'period'>; ore: number }>()
  const add = (key: string, of: Pick<BenefitLine, 'benefit' | 'period'>, ore: number) => {
    const sum = sums.get(key) ?? { of, ore: 0 }
    sums.set(key, { of, ore: sum.ore + ore })
  }
  for (const line of wants) {
    const own = known.get(itemId(line.order, line.line))
    const of = { benefit: line.benefit, period: { from: line.periodFrom, to: line.periodTo } }
    add(own === undefined ? `line ${line.line}` : textOf(own), of, line.amount)
  }
  for (const lot of items.flatMap((item) => item.spots)) {
    const at = known.get(lot.at)
    // What was taken in another decision's payment stands there: this one says nothing of it.
    if (lot.place === 'stands' && at?.decision === decision && at !== undefined) add(textOf(at), at, -lot.gross)
  }
  return [...sums.values()].filter(({ ore }) => ore !== 0).map(({ of }) => of)
}
