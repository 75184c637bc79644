/**
 * Control sums of a file: did everything that was sent arrive? Pure; it is told of each line once, in any order.
 *
 * The sums are over the lines *as sent*. So an order that can be read but is refused alone still counts with the
 * amounts that can be read in it: whether its CPR number is right says nothing about whether the file is whole. An
 * amount counts when it is a whole number of øre within LARGEST_ORE; of a movement it is the signed delta. A line
 * whose kind or amount cannot be read is treated as an unreadable line is: it may leave a shortfall, which is a
 * finding, never a silence.
 *
 * With only readable lines, every sum must be equal. With unreadable ones, no readable sum may exceed its declared one;
 * that holds for files of movements too, where the signed sum can exceed by what was not read: such a file is refused,
 * because nothing proves it whole.
 */
import { formatKroner, LARGEST_ORE } from '../../base/money.ts'
import type { Fault } from '../../base/refusal.ts'
import { LINE_KINDS, type LineKind, type Order, type OrderLine } from '../../modules/orders/index.ts'
import { fault } from './fault-codes.ts'
import { isObject } from './fields.ts'
import type { ControlSums, Envelope } from './parse-envelope.ts'

export type FileVerdict =
  | { readonly ok: true; readonly findings: readonly Fault[]; readonly found: ControlSums; readonly count: number }
  | { readonly ok: false; readonly faults: readonly Fault[]; readonly found: ControlSums; readonly count: number }

/** Each method is called once for a non-empty line after the envelope. @da filkontrol */
export interface FileCheck {
  /** A line that became an order. */
  readonly add: (order: Order) => void
  /** A line that is JSON, but was refused as an order. */
  readonly addFaulty: (value: unknown) => void
  /** A line of a fact file: it has no lines of its own, and only counts. */
  readonly addFact: () => void
  /** A line that is not UTF-8, too long, or not JSON. */
  readonly addUnreadable: () => void
  /** Øre of benefits that can be read in the refused orders among them. */
  readonly refusedOre: () => number
  readonly verdict: () => FileVerdict
}

interface Running {
  lines: number
  ore: number
}
type RunningSums = Record<LineKind, Running>

export function fileCheck(envelope: Envelope): FileCheck {
  const found: RunningSums = {
    benefit: { lines: 0, ore: 0 },
    set_off: { lines: 0, ore: 0 },
    third_party: { lines: 0, ore: 0 },
    repayment: { lines: 0, ore: 0 },
  }
  let count = 0
  let unread = 0
  let refused = 0
  return {
    add(order) {
      count++
      for (let i = 0; i < order.lines.length; i++) {
        const line = order.lines[i] as OrderLine
        tally(found[line.kind], line.amount)
      }
    },
    addFaulty(value) {
      count++
      const before = found.benefit.ore
      if (!addRaw(found, value)) unread++
      refused += found.benefit.ore - before
    },
    addFact() {
      count++
    },
    addUnreadable() {
      count++
      unread++
    },
    refusedOre: () => refused,
    verdict: () => verdict(envelope, found, count, unread),
  }
}

/** A sum that left the exact whole numbers becomes NaN and stays so: it equals nothing and is below nothing. */
function tally(sum: Running, amount: number): void {
  sum.lines++
  sum.ore += amount
  if (sum.ore > Number.MAX_SAFE_INTEGER || sum.ore < -Number.MAX_SAFE_INTEGER) sum.ore = Number.NaN
}

/** Adds what can be read of a refused order; false when something in it could not be. */
function addRaw(found: RunningSums, value: unknown): boolean {
  if (!isObject(value)) return false
  const lines = value['lines']
  if (!Array.isArray(lines)) return lines === undefined && value['state'] === 'withdrawn'
  let whole = true
  for (const line of lines as readonly unknown[]) {
    const kind = isObject(line) ? LINE_KINDS.find((known) => known === line['kind']) : undefined
    if (!isObject(line) || kind === undefined) {
      whole = false
      continue
    }
    const amount = line['amount_ore'] ?? line['delta_ore']
    const readable = typeof amount === 'number' && Number.isInteger(amount) && Math.abs(amount) <= LARGEST_ORE
    tally(found[kind], readable ? amount : 0)
    if (!readable) whole = false
  }
  return whole
}

function verdict(envelope: Envelope, found: RunningSums, count: number, unread: number): FileVerdict {
  const faults: Fault[] = []
  const findings: Fault[] = []
  if (count !== envelope.count) {
    const what = `The envelope says ${envelope.count} lines, the file has ${count}.`
    faults.push(fault('count_differs', '/count', what))
  }
  if (envelope.sums !== undefined) {
    for (const kind of LINE_KINDS) compare(envelope.sums, found, kind, unread, faults, findings)
  }
  return faults.length > 0 ? { ok: false, faults, found, count } : { ok: true, findings, found, count }
}

function compare(
  declaredSums: ControlSums,
  found: RunningSums,
  kind: LineKind,
  unread: number,
  faults: Fault[],
  findings: Fault[],
): void {
  const declared = declaredSums[kind]
  const sum = found[kind]
  if (sum.lines === declared.lines && sum.ore === declared.ore) return
  const what =
    `${kind}: declared are ${declared.lines} lines of ${formatKroner(declared.ore)} kroner, ` +
    `found are ${sum.lines} lines of ${Number.isNaN(sum.ore) ? 'uncountably many' : formatKroner(sum.ore)} kroner.`
  const may = unread > 0 && sum.lines <= declared.lines && sum.ore <= declared.ore
  if (!may) faults.push(fault('sum_differs', `/sums/${kind}`, what))
  else {
    const lines = declared.lines - sum.lines
    const rest = `${lines} lines of ${formatKroner(declared.ore - sum.ore)} kroner are missing, ${unread} lines unread.`
    findings.push(fault('sum_shortfall', `/sums/${kind}`, `${what} ${rest}`))
  }
}
