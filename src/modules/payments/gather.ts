/**
 * Gathers due item parts into payments: one to each payee, or by each payee
 * arrangement, for each disposition date, paying unit, source system and
 * NemKonto ydelsesart. Pure; numbers follow from the parts alone, never from the order in which they were read.
 */
import type { Day } from '../../base/date.ts'
import { type ItemId, numbered, type PartyId, type PaymentId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'

/** @da forfalden ydelsespost */
export interface DuePart {
  readonly item: ItemId
  readonly part: number
  readonly payee: PartyId
  readonly benefit: number
  readonly amount: Ore
  /** The batch that calculated it. */
  readonly workNo: number
  /** The payee arrangement that says the payee; 0: none. */
  readonly arrangement: number
}

/** Parts that may be gathered together, as far as their payee is the same. */
export interface DueGroup {
  readonly date: Day
  readonly unit: number
  readonly source: number
  readonly railKind: string
  readonly parts: DuePart[]
}

export interface GatheredPayment {
  readonly payee: PartyId
  /** All its parts are of this arrangement; 0: of none. */
  readonly arrangement: number
  readonly parts: readonly DuePart[]
  readonly amount: Ore
}

export interface GatheredGroup extends Omit<DueGroup, 'parts'> {
  /** By payee. */
  readonly payments: readonly GatheredPayment[]
}

/** Everything due on one date, by unit, system and ydelsesart: the payments of a run, in the order of their numbers. */
export interface GatheredRun {
  readonly date: Day
  readonly groups: readonly GatheredGroup[]
  /** The last batch that has something in it. */
  readonly untilWorkNo: number
}

/** Collects parts in any order. */
export function dueParts() {
  const groups = new Map<string, DueGroup>()
  return {
    add(date: Day, unit: number, source: number, railKind: string, part: DuePart): void {
      const key = `${date}:${unit}:${source}:${railKind}`
      let group = groups.get(key)
      if (group === undefined) {
        group = { date, unit, source, railKind, parts: [] }
        groups.set(key, group)
      }
      group.parts.push(part)
    },
    /** By date. */
    runs(): GatheredRun[] {
      const dates = new Map<Day, DueGroup[]>()
      for (const group of groups.values()) dates.set(group.date, [...(dates.get(group.date) ?? []), group])
      return [...dates].sort(([a], [b]) => a - b).map(([date, own]) => gather(date, own))
    },
  }
}

function gather(date: Day, groups: readonly DueGroup[]): GatheredRun {
  let untilWorkNo = 0
  for (const group of groups) {
    for (const part of group.parts) if (part.workNo > untilWorkNo) untilWorkNo = part.workNo
  }
  const ordered = [...groups].sort(
    (a, b) =>
      a.unit - b.unit || a.source - b.source || (a.railKind < b.railKind ? -1 : a.railKind > b.railKind ? 1 : 0),
  )
  return { date, groups: ordered.map((group) => ({ ...group, payments: byPayee(group.parts) })), untilWorkNo }
}

function byPayee(parts: DuePart[]): GatheredPayment[] {
  parts.sort((a, b) => a.payee - b.payee || a.arrangement - b.arrangement || a.item - b.item || a.part - b.part)
  const payments: GatheredPayment[] = []
  for (let from = 0; from < parts.length; ) {
    const { payee, arrangement } = parts[from] as DuePart
    let to = from
    let amount = 0
    for (; to < parts.length; to++) {
      const part = parts[to] as DuePart
      if (part.payee !== payee || part.arrangement !== arrangement) break
      amount += part.amount
    }
    payments.push({ payee, arrangement, parts: parts.slice(from, to), amount: amount as Ore })
    from = to
  }
  return payments
}

/** The payments of a run in the order of their numbers. */
export function* numberedPayments(
  runNo: number,
  gathered: GatheredRun,
): Generator<{ readonly id: PaymentId; readonly group: GatheredGroup; readonly payment: GatheredPayment }> {
  let number = 0
  for (const group of gathered.groups) {
    for (const payment of group.payments) yield { id: numbered(runNo, ++number), group, payment }
  }
}
