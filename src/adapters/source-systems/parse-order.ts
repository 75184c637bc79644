/**
 * One order as a source system sends it → an Order, or every fault in it. Never throws on any JSON value.
 * What is decided here without asking anything but code lists: form, ranges, keys, sums within the order.
 * What needs the database (newest version, base of a movement, claims) is decided behind the door.
 */
import { type Day, formatDay } from '../../base/date.ts'
import { LINES_PER_ORDER, type Municipality } from '../../base/id.ts'
import type { Fault } from '../../base/refusal.ts'
import { isBankDay, MOST_INSTALMENTS, mayBeAdjusted, openPayDay } from '../../modules/rates/index.ts'
import { type Order, type OrderLine, SETTLES, SOURCE_SYSTEMS, type SourceSystem } from '../../modules/orders/index.ts'
import {
  dayAt,
  type JsonObject,
  keyOf,
  MAX_REASON,
  municipalityAt,
  newSink,
  note,
  objectOf,
  oneOf,
  onlyFields,
  partyAt,
  type Sink,
  shape,
  textOf,
  versionOf,
} from './fields.ts'
import { fault } from './fault-codes.ts'
import { type BenefitPeriods, decisionAt, parseLine } from './parse-line.ts'

/** What an order is read against: the code lists, and what the address or the envelope already said. */
export interface ParseContext {
  readonly municipalities: ReadonlySet<number>
  /** Keys of known benefits. */
  readonly benefits: ReadonlySet<string>
  readonly benefitSystem: ReadonlyMap<string, SourceSystem>
  readonly benefitPeriods?: BenefitPeriods | undefined
  /** Of the address or the envelope: the order must agree. */
  readonly sourceSystem: SourceSystem
  /** Of the address: the order must agree. */
  readonly orderKey?: string | undefined
  /** Of the envelope: the order must agree. */
  readonly municipality?: Municipality | undefined
}

export type ParsedOrder =
  | { readonly order: Order; readonly warnings: readonly Fault[]; readonly faults?: undefined }
  | { readonly faults: readonly Fault[]; readonly order?: undefined; readonly warnings?: undefined }

/** Lines per order. The item id has room for 64; the last place is kept free. */
export const MAX_LINES = LINES_PER_ORDER - 1

export const ORDER_FIELDS: ReadonlySet<string> = new Set([
  'order_key',
  'version',
  'source_system',
  'municipality',
  'case_key',
  'state',
  'reason',
  'decision',
  'beneficiary',
  'payee',
  'disposition_date',
  'settle',
  'adjusts',
  'instead_of',
  'overpaid',
  'lines',
])

const STATES = ['active', 'withdrawn'] as const

export function parseOrder(value: unknown, context: ParseContext): ParsedOrder {
  const sink = newSink()
  const body = objectOf(sink, value, '')
  if (body === undefined) return { faults: sink.faults }
  onlyFields(sink, body, '', ORDER_FIELDS)
  const orderKey = keyOf(sink, body['order_key'], '', 'order_key')
  if (context.orderKey !== undefined && orderKey !== '' && orderKey !== context.orderKey) {
    note(sink, 'key_mismatch', '/order_key', 'The address names another order key.')
  }
  const version = versionOf(sink, body, '')
  const sourceSystem = sourceSystemOf(sink, body, context)
  const municipality = municipalityAt(sink, body, '', context.municipalities)
  if (context.municipality !== undefined && municipality > 0 && municipality !== context.municipality) {
    note(sink, 'wrong_municipality', '/municipality', 'The envelope names another municipality.')
  }
  const caseKey = keyOf(sink, body['case_key'], '', 'case_key')
  const state = oneOf(sink, body['state'], '', 'state', STATES)
  const reason = reasonOf(sink, body)
  const adjusts = adjustsOf(sink, body, orderKey, version)
  const order: Order = {
    sourceSystem,
    orderKey,
    version,
    municipality,
    caseKey,
    state,
    reason,
    decision: decisionAt(sink, body, ''),
    beneficiary: partyAt(sink, body['beneficiary'], '', 'beneficiary'),
    payee: partyAt(sink, body['payee'], '', 'payee'),
    dispositionDate: dayAt(sink, body['disposition_date'], '', 'disposition_date'),
    settle: oneOf(sink, body['settle'], '', 'settle', SETTLES),
    adjusts,
    insteadOf: insteadOf(sink, body, orderKey),
    overpaid: overpaidOf(sink, body),
    lines: linesOf(sink, body, adjusts !== undefined, context),
  }
  // A rule says something only when every line could be read.
  if (sink.faults.length === 0) for (const one of adjustmentFaults(order)) sink.faults.push(one)
  if (order.beneficiary.type === 'cpr') warnOfEmployees(sink, order)
  warnOfClosedDay(sink, order)
  return sink.faults.length > 0 ? { faults: sink.faults } : { order, warnings: sink.warnings }
}

/** A day on which nobody is paid: the municipality's own closing days are not known here. */
function warnOfClosedDay(sink: Sink, { state, dispositionDate }: Order): void {
  if (state !== 'active' || sink.faults.length > 0 || isBankDay(dispositionDate)) return
  const paid = formatDay(openPayDay(dispositionDate, 0 as Day))
  const words = `The banks are closed on ${formatDay(dispositionDate)}: it is paid on ${paid}.`
  sink.warnings.push(fault('day_without_payments', '/disposition_date', words))
}

/** Of an employer's refund the right is the employee's; a person's benefit is the person's own, whoever is named. */
function warnOfEmployees(sink: Sink, { beneficiary, lines }: Order): void {
  for (const [i, line] of lines.entries()) {
    if (line.kind !== 'benefit' || line.employee === undefined || line.employee === beneficiary.id) continue
    const words = 'An employee is named on an order to a person: the benefit counts as the person’s own.'
    sink.warnings.push(fault('employee_not_used', `/lines/${i}/employee`, words))
  }
}

/**
 * What must hold for all lines of an active full-state order together. A movement is held to it after it has been
 * expanded, not before: its own lines are only changes.
 */
export function wholeFaults(lines: readonly OrderLine[]): readonly Fault[] {
  let gross = 0
  let deducted = 0
  let firstDeduction = -1
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] as OrderLine
    if (line.kind === 'benefit') gross += line.amount
    else if (line.kind !== 'repayment') {
      deducted += line.amount
      if (firstDeduction < 0) firstDeduction = i
    }
  }
  if (deducted <= gross) return NONE
  const sink = newSink()
  if (gross === 0) note(sink, 'nothing_to_set_off_from', `/lines/${firstDeduction}`, 'The order has no benefit line.')
  else note(sink, 'deductions_exceed_gross', '/lines', `The deductions are ${deducted} øre of ${gross} øre gross.`)
  return sink.faults
}

const NONE: readonly Fault[] = []

function sourceSystemOf(sink: Sink, body: JsonObject, context: ParseContext): SourceSystem {
  const value = body['source_system']
  if (value === context.sourceSystem) return context.sourceSystem
  if (value === undefined) note(sink, 'missing_field', '/source_system', 'The field /source_system is missing.')
  else if (typeof value !== 'string') note(sink, 'wrong_type', '/source_system', `Here is ${shape(value)}, not a text.`)
  else if (!(SOURCE_SYSTEMS as readonly string[]).includes(value)) {
    note(sink, 'unknown_source_system', '/source_system', 'This source system is not known.')
  } else note(sink, 'wrong_source_system', '/source_system', `The order came in by way of ${context.sourceSystem}.`)
  return context.sourceSystem
}

function reasonOf(sink: Sink, body: JsonObject): string | undefined {
  const value = body['reason']
  if (body['state'] === 'withdrawn') {
    if (value !== undefined) return textOf(sink, body['reason'], '', 'reason', MAX_REASON)
    note(sink, 'reason_missing', '/reason', 'The withdrawal has no reason.')
  } else if (value !== undefined && body['state'] === 'active') {
    note(sink, 'reason_not_allowed', '/reason', 'Only a withdrawn order has a reason.')
  }
  return undefined
}

const ADJUSTS_FIELDS: ReadonlySet<string> = new Set(['order_key', 'version'])

function adjustsOf(
  sink: Sink,
  body: JsonObject,
  orderKey: string,
  version: number,
): { orderKey: string; version: number } | undefined {
  if (body['adjusts'] === undefined) return undefined
  const base = { orderKey: '', version: 1 }
  const adjusts = objectOf(sink, body['adjusts'], '/adjusts')
  if (adjusts === undefined) return base
  if (body['state'] === 'withdrawn') note(sink, 'withdrawn_movement', '/adjusts', 'A withdrawn order moves nothing.')
  onlyFields(sink, adjusts, '/adjusts', ADJUSTS_FIELDS)
  const before = sink.faults.length
  base.orderKey = keyOf(sink, adjusts['order_key'], '/adjusts', 'order_key')
  base.version = versionOf(sink, adjusts, '/adjusts')
  if (sink.faults.length === before && base.orderKey === orderKey && base.version >= version) {
    note(sink, 'adjusts_itself', '/adjusts', 'The movement starts from its own version or a later one.')
  }
  return base
}

/** Whether the other order is known is decided behind the door. */
function insteadOf(sink: Sink, body: JsonObject, orderKey: string): string | undefined {
  if (body['instead_of'] === undefined) return undefined
  const other = keyOf(sink, body['instead_of'], '', 'instead_of')
  if (other === orderKey && other !== '') {
    note(sink, 'instead_of_itself', '/instead_of', 'The order names itself: a new version replaces the one before.')
  }
  return other
}

const OVERPAID_FIELDS: ReadonlySet<string> = new Set(['instalments'])

function overpaidOf(sink: Sink, body: JsonObject): Order['overpaid'] {
  if (body['overpaid'] === undefined) return undefined
  const overpaid = objectOf(sink, body['overpaid'], '/overpaid')
  if (overpaid === undefined) return undefined
  onlyFields(sink, overpaid, '/overpaid', OVERPAID_FIELDS)
  const instalments = overpaid['instalments']
  if (isInstalments(instalments)) return { instalments }
  const pointer = '/overpaid/instalments'
  if (instalments === undefined) note(sink, 'missing_field', pointer, `The field ${pointer} is missing.`)
  else note(sink, 'instalments_invalid', pointer, `Here is no whole number from 1 to ${MOST_INSTALMENTS}.`)
  return undefined
}

function isInstalments(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) <= MOST_INSTALMENTS
}

/** What is overpaid may be taken in coming payments only where the rule of each benefit of the order allows it. */
export function adjustmentFaults({ overpaid, lines, dispositionDate }: Order): readonly Fault[] {
  if (overpaid === undefined) return NONE
  for (const line of lines) {
    if (line.kind !== 'benefit' || mayBeAdjusted(line.benefit, dispositionDate)) continue
    const what = `Line ${line.lineKey} is of ${line.benefit}, of which nothing is taken in coming payments.`
    return [fault('adjustment_not_allowed', '/overpaid', what)]
  }
  return NONE
}

function linesOf(sink: Sink, body: JsonObject, movement: boolean, context: ParseContext): readonly OrderLine[] {
  const value = body['lines']
  const withdrawn = body['state'] === 'withdrawn'
  const lines: OrderLine[] = []
  if (!Array.isArray(value)) {
    if (value === undefined) {
      if (!withdrawn) note(sink, 'missing_field', '/lines', 'The field /lines is missing.')
    } else note(sink, 'not_a_list', '/lines', `Here is ${shape(value)}, not a list of lines.`)
    return lines
  }
  if (value.length === 0 && !withdrawn) note(sink, 'no_lines', '/lines', 'The order has no lines.')
  if (value.length > MAX_LINES) {
    note(sink, 'too_many_lines', '/lines', `The order has ${value.length} lines; at most ${MAX_LINES} are allowed.`)
  }
  const before = sink.faults.length
  const count = Math.min(value.length, MAX_LINES)
  for (let i = 0; i < count; i++) {
    const line = parseLine(sink, value[i], `/lines/${i}`, movement, context)
    if (line === undefined) continue
    // At most 63 lines: looking back is cheaper than a set.
    for (let j = 0; j < lines.length; j++) {
      if (lines[j]?.lineKey !== line.lineKey || line.lineKey === '') continue
      note(sink, 'duplicate_line_key', `/lines/${i}/line_key`, 'An earlier line has the same key.')
      break
    }
    lines.push(line)
  }
  // Sums say something only when every line could be read.
  if (sink.faults.length === before && !movement && !withdrawn) for (const f of wholeFaults(lines)) sink.faults.push(f)
  return lines
}
