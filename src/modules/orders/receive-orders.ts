/**
 * Takes parsed orders in: same version and content has no effect, also behind a newer one; other content is a conflict;
 * a version that comes after a higher one is kept as seen. Orders are taken in chunks, one look-up per chunk, and
 * copied when there are enough of them.
 */
import { type RowWriter, rowWriter } from '../../base/copy.ts'
import type { Tx } from '../../base/db.ts'
import { type Municipality, numbered, type OrderId } from '../../base/id.ts'
import type { Fault } from '../../base/refusal.ts'
import { PARTY_TYPES, type PartyBook } from '../parties/index.ts'
import { recordInstalments } from './adjustments.ts'
import { addNotices, recordNotices, type RepaymentNotice } from './notices.ts'
import { recordReferences } from './references.ts'
import {
  LINE_KINDS,
  type Order,
  type OrderLine,
  QUANTITY_UNITS,
  SENSITIVITIES,
  SETTLES,
  SOURCE_SYSTEM_ID,
  type SourceSystem,
} from './order.ts'

export interface ParsedOrder {
  readonly order: Order
  /** In hexadecimal. */
  readonly hash: string
  readonly warnings: readonly Fault[]
}

export type Verdict =
  | { readonly kind: 'new'; readonly orderId: OrderId }
  | { readonly kind: 'same' }
  | { readonly kind: 'version_conflict' | 'superseded'; readonly newest: number }

export interface OrderReceiver {
  /** Verdicts in the order of the chunk. Numbers are the record numbers within the intake. */
  add(chunk: readonly ParsedOrder[], firstNumber: number): Promise<Verdict[]>
  /** Copies what waits: last of all, and before somebody else reads what was added. */
  flush(): Promise<void>
  /** Whether an order replaced an earlier version: only then are older versions looked for. */
  readonly newVersions: boolean
}

interface Known {
  readonly id: OrderId
  readonly version: number
  readonly hash: string
}

export interface ReceiverContext {
  readonly municipality: Municipality
  readonly source: SourceSystem
  readonly intakeNo: number
  readonly parties: PartyBook
  readonly benefitId: ReadonlyMap<string, number>
}

/** Keys of one file are remembered up to here; beyond it, the database is asked. */
const REMEMBERED_KEYS = 500_000
/** Orders that wait for their COPY: it costs the same for few and many, as long as memory does not count. */
const WAITING_ORDERS = 1_000

export async function openOrderReceiver(tx: Tx, context: ReceiverContext): Promise<OrderReceiver> {
  const { municipality, source } = context
  const orders = rowWriter(1 << 18)
  const lines = rowWriter(1 << 19)
  const seen = new Map<string, Known[]>()
  const state = { newVersions: false }
  const earlier = await tx.often.first(
    'select 1 from orders where municipality_code = $1 and source_system = $2 limit 1',
    [municipality, SOURCE_SYSTEM_ID[source]],
  )
  let ask = earlier !== undefined

  async function versionsOf(chunk: readonly ParsedOrder[]): Promise<Map<string, Known[]>> {
    if (seen.size > REMEMBERED_KEYS) {
      await flush()
      seen.clear()
      ask = true
    }
    if (!ask) return seen
    const unknown = chunk.map((parsed) => parsed.order.orderKey).filter((key) => !seen.has(key))
    const rows = await tx.rows<Known & { order_key: string }>(
      `select order_id as id, order_key, version, encode(content_hash, 'hex') as hash from orders
       where municipality_code = $1 and source_system = $2 and order_key = any($3)`,
      [municipality, SOURCE_SYSTEM_ID[source], unknown],
    )
    for (const { order_key: key, ...known } of rows) pushTo(seen, key, known)
    return seen
  }

  async function flush(): Promise<void> {
    await context.parties.flush(tx)
    if (orders.rows === 0) return
    await tx.copyIn('orders', ORDER_COLUMNS, orders)
    await tx.copyIn('order_lines', LINE_COLUMNS, lines)
  }

  return {
    get newVersions() {
      return state.newVersions
    },
    flush,
    async add(chunk, firstNumber) {
      const versions = await versionsOf(chunk)
      const verdicts: Verdict[] = []
      const instalments = new Map<OrderId, number>()
      const referring: Order[] = []
      const notices: RepaymentNotice[] = []
      for (const [i, parsed] of chunk.entries()) {
        const known = versions.get(parsed.order.orderKey)
        const { hash } = parsed
        const verdict = known === undefined ? undefined : judge(known, parsed.order.version, hash)
        const orderId = numbered(context.intakeNo, firstNumber + i)
        if (verdict === undefined || (verdict.kind === 'superseded' && !has(known, parsed.order.version))) {
          putOrder(orders, lines, context, parsed, orderId)
          if (parsed.order.overpaid !== undefined) instalments.set(orderId, parsed.order.overpaid.instalments)
          if (parsed.order.insteadOf !== undefined) referring.push(parsed.order)
          addNotices(notices, orderId, parsed.order)
          pushTo(versions, parsed.order.orderKey, { id: orderId, version: parsed.order.version, hash })
          if (known !== undefined) state.newVersions = true
        }
        verdicts.push(verdict ?? { kind: 'new', orderId })
      }
      if (orders.rows >= WAITING_ORDERS || instalments.size + referring.length + notices.length > 0) await flush()
      await recordInstalments(tx, municipality, instalments)
      await recordReferences(tx, municipality, referring)
      await recordNotices(tx, municipality, notices)
      return verdicts
    },
  }
}

function pushTo(map: Map<string, Known[]>, key: string, known: Known): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [known])
  else list.push(known)
}

function has(known: readonly Known[] | undefined, version: number): boolean {
  return known?.some((one) => one.version === version) ?? false
}

/**
 * undefined: a new version. Sent again, a version is answered as it was the first time. Ids grow with time: what has no
 * higher version before it was accepted when it came. A copy (`again`) has the version and content of its first.
 */
function judge(known: readonly Known[], version: number, hash: string): Verdict | undefined {
  const newest = known.reduce((most, one) => Math.max(most, one.version), 0)
  const equal = known.filter((one) => one.version === version)
  if (equal.some((one) => one.hash !== hash)) return { kind: 'version_conflict', newest }
  const came = Math.min(...equal.map((one) => one.id))
  if (known.some((one) => one.version > version && one.id < came)) return { kind: 'superseded', newest }
  return equal.length === 0 ? undefined : { kind: 'same' }
}

export const ORDER_COLUMNS = `municipality_code, order_id, source_system, order_key, version, content_hash, state, settle,
  beneficiary, beneficiary_type, payee, disposition_date, decision_date, decision_key, case_key, reason, warnings`

function putOrder(
  orders: RowWriter,
  lines: RowWriter,
  context: ReceiverContext,
  parsed: ParsedOrder,
  orderId: OrderId,
): void {
  const { order } = parsed
  const beneficiary = context.parties.id(order.beneficiary)
  orders.row(17)
  orders.i16(context.municipality)
  orders.i64(orderId)
  orders.i16(SOURCE_SYSTEM_ID[order.sourceSystem])
  orders.text(order.orderKey)
  orders.i32(order.version)
  orders.hex(parsed.hash)
  orders.i16(order.state === 'active' ? 0 : 1)
  orders.i16(SETTLES.indexOf(order.settle))
  orders.i64(beneficiary)
  orders.i16(PARTY_TYPES.indexOf(order.beneficiary.type))
  orders.i64(context.parties.id(order.payee))
  orders.date(order.dispositionDate)
  orders.date(order.decision.date)
  orders.text(order.decision.key)
  orders.text(order.caseKey)
  textOrNothing(orders, order.reason)
  if (parsed.warnings.length > 0) orders.jsonb(parsed.warnings)
  else orders.nothing()
  for (const [i, line] of order.lines.entries())
    putLine(lines, context, line, orderId, i, holderOf(context, order, line, beneficiary))
}

/** Whose right it is: of an employer's refund the employee's, else the beneficiary's. */
function holderOf(context: ReceiverContext, order: ParsedOrder['order'], line: OrderLine, beneficiary: number): number {
  if (line.kind !== 'benefit' || line.employee === undefined || order.beneficiary.type === 'cpr') return beneficiary
  return context.parties.citizen(line.employee)
}

export const LINE_COLUMNS = `municipality_code, order_id, line_no, kind, line_key, amount_ore, benefit, right_holder,
  period_from, period_to, quantity_unit, quantity_thousandths, repayable, sensitivity, component, kle, legal_basis,
  grant_uuid, grant_benefit_id, text, reference, not_duplicate_of, payee, claim_key, cause, decision_key, decision_date,
  from_earmarked`

function putLine(
  rows: RowWriter,
  context: ReceiverContext,
  line: OrderLine,
  orderId: OrderId,
  index: number,
  rightHolder: number,
): void {
  rows.row(28)
  rows.i16(context.municipality)
  rows.i64(orderId)
  // Line numbers are positions from 1: part 0 of a payable is the net.
  rows.i16(index + 1)
  rows.i16(LINE_KINDS.indexOf(line.kind))
  rows.text(line.lineKey)
  rows.i64(line.amount)
  if (line.kind === 'benefit') putBenefit(rows, context, line, rightHolder)
  else putOther(rows, context, line, rightHolder)
}

function putBenefit(
  rows: RowWriter,
  context: ReceiverContext,
  line: OrderLine & { kind: 'benefit' },
  rightHolder: number,
): void {
  rows.i16(context.benefitId.get(line.benefit) ?? 0)
  rows.i64(rightHolder)
  rows.date(line.period.from)
  rows.date(line.period.to)
  rows.i16(QUANTITY_UNITS.indexOf(line.quantity.unit))
  rows.i32(line.quantity.thousandths)
  rows.bool(line.repayable)
  rows.i16(SENSITIVITIES.indexOf(line.sensitivity))
  rows.text(line.component)
  rows.text(line.kle)
  rows.text(line.legalBasis)
  if (line.grant === undefined) {
    rows.nothing()
    rows.nothing()
  } else {
    rows.hex(line.grant.uuid)
    rows.text(line.grant.benefitId)
  }
  rows.text(line.text)
  textOrNothing(rows, line.reference)
  textOrNothing(rows, line.notDuplicateOf)
  for (let i = 0; i < 6; i++) rows.nothing()
}

function putOther(
  rows: RowWriter,
  context: ReceiverContext,
  line: Exclude<OrderLine, { kind: 'benefit' }>,
  rightHolder: number,
): void {
  const repayment = line.kind === 'repayment' ? line : undefined
  rows.i16(repayment === undefined ? 0 : (context.benefitId.get(repayment.benefit) ?? 0))
  rows.i64(repayment === undefined ? 0 : rightHolder)
  if (repayment === undefined) {
    rows.nothing()
    rows.nothing()
  } else {
    rows.date(repayment.period.from)
    rows.date(repayment.period.to)
  }
  for (let i = 0; i < 4; i++) rows.nothing()
  textOrNothing(rows, repayment?.component)
  rows.nothing()
  textOrNothing(rows, repayment?.legalBasis)
  for (let i = 0; i < 3; i++) rows.nothing()
  textOrNothing(rows, line.kind === 'third_party' ? line.reference : undefined)
  rows.nothing()
  if (line.kind === 'third_party') rows.i64(context.parties.id(line.payee))
  else rows.nothing()
  textOrNothing(rows, line.kind === 'third_party' ? undefined : line.claimKey)
  textOrNothing(rows, repayment?.cause)
  textOrNothing(rows, repayment?.decision.key)
  if (repayment === undefined) rows.nothing()
  else rows.date(repayment.decision.date)
  if (line.kind === 'set_off' && line.fromEarmarked) rows.bool(true)
  else rows.nothing()
}

function textOrNothing(rows: RowWriter, value: string | undefined): void {
  if (value === undefined) rows.nothing()
  else rows.text(value)
}
