/**
 * Gathers due item parts into payments: one to each payee, or by each payee
 * arrangement, for each disposition date, paying unit, source system and
 * NemKonto ydelsesart. Pure; numbers follow from the parts alone, never from the order in which they were read.
 */
import type { Day } from '../../base/date.ts'
import { type ItemId, numbered, type PartyId, type PaymentId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { DEFAULT_RAIL, type RailKey, type RailRow, railRow } from '../rates/index.ts'

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

/** A benefit of a source system as one number, in the order of both. Ids of benefits stay below 65,536. */
export function benefitKey(source: number, benefit: number): number {
  return source * BENEFITS + benefit
}
/** The other way. */
export function ofBenefitKey(key: number): { source: number; benefit: number } {
  return { source: Math.floor(key / BENEFITS), benefit: key % BENEFITS }
}
const BENEFITS = 65_536

/** `at_once`: its source wants it paid so; `acute`: a person does. Each in runs of its own. @da akut udbetaling */
export const RUN_PURPOSES = ['ordinary', 'at_once', 'acute'] as const
export type RunPurpose = (typeof RUN_PURPOSES)[number]

/** Parts that may be gathered together, as far as their payee is the same. */
export interface DueGroup {
  readonly purpose: RunPurpose
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

/**
 * What is due on one date by one rail, as much as it takes in a file, by unit, system and ydelsesart: the payments of a
 * run, in the order of their numbers.
 */
export interface GatheredRun {
  readonly purpose: RunPurpose
  readonly date: Day
  readonly rail: RailKey
  readonly groups: readonly GatheredGroup[]
  /** The last batch that has something in it. */
  readonly untilWorkNo: number
}

/** The rail that a paying unit pays by on a date. */
export type RailOf = (unit: number, date: Day) => RailKey

/** Collects parts in any order. */
export function dueParts(railOf: RailOf = () => DEFAULT_RAIL, rowOf: (rail: RailKey) => RailRow = railRow) {
  const groups = new Map<string, DueGroup>()
  return {
    add(
      date: Day,
      unit: number,
      source: number,
      railKind: string,
      part: DuePart,
      purpose: RunPurpose = 'ordinary',
    ): void {
      const key = `${purpose}:${date}:${unit}:${source}:${railKind}`
      let group = groups.get(key)
      if (group === undefined) {
        group = { purpose, date, unit, source, railKind, parts: [] }
        groups.set(key, group)
      }
      group.parts.push(part)
    },
    /** By date, the ordinary ones first, then NemKonto's before the banks'. */
    runs(): GatheredRun[] {
      const dates = Map.groupBy(groups.values(), (group) => group.date)
      return [...dates]
        .sort(([a], [b]) => a - b)
        .flatMap(([date, own]) =>
          RUN_PURPOSES.flatMap((purpose) => {
            const some = own.filter((group) => group.purpose === purpose)
            return byRail(purpose, date, some, railOf, rowOf)
          }),
        )
    },
  }
}

function byRail(
  purpose: RunPurpose,
  date: Day,
  groups: readonly DueGroup[],
  railOf: RailOf,
  rowOf: (rail: RailKey) => RailRow,
): GatheredRun[] {
  let untilWorkNo = 0
  for (const group of groups) {
    for (const part of group.parts) if (part.workNo > untilWorkNo) untilWorkNo = part.workNo
  }
  const rails = [...Map.groupBy(groups, (group) => railOf(group.unit, date))]
  const rank = (rail: RailKey): string => (rail === DEFAULT_RAIL ? '' : rail)
  return rails
    .sort(([a], [b]) => (rank(a) < rank(b) ? -1 : 1))
    .flatMap(([rail, own]) =>
      // Everything that is due on the date is taken at once: what comes later is behind the last batch of them all.
      inFiles(gather(own), rowOf(rail).paymentsPerFile).map((file) => ({
        purpose,
        date,
        rail,
        groups: file,
        untilWorkNo,
      })),
    )
}

function gather(groups: readonly DueGroup[]): GatheredGroup[] {
  const ordered = [...groups].sort(
    (a, b) =>
      a.unit - b.unit || a.source - b.source || (a.railKind < b.railKind ? -1 : a.railKind > b.railKind ? 1 : 0),
  )
  return ordered.map((group) => ({ ...group, payments: byPayee(group.parts) }))
}

/** At most so many payments together; 0: as many as there are. */
function inFiles(groups: readonly GatheredGroup[], most: number): GatheredGroup[][] {
  if (most === 0) return [[...groups]]
  const files: GatheredGroup[][] = [[]]
  let room = most
  for (const group of groups) {
    for (let from = 0; from < group.payments.length; ) {
      if (room === 0) {
        files.push([])
        room = most
      }
      const payments = group.payments.slice(from, from + room)
      files.at(-1)?.push({ ...group, payments })
      from += payments.length
      room -= payments.length
    }
  }
  return files
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
