/** A movement (`adjusts`) becomes full state at the door: the newest version plus its signed changes. */
import { adjustmentFaults, fault, MAX_LINES, wholeFaults } from '../../adapters/source-systems/index.ts'
import type { Tx } from '../../base/db.ts'
import type { Day } from '../../base/date.ts'
import type { Ore } from '../../base/money.ts'
import type { Fault } from '../../base/refusal.ts'
import {
  type BenefitLine,
  type Order,
  type OrderLine,
  type ParsedOrder,
  QUANTITY_UNITS,
  SENSITIVITIES,
  SOURCE_SYSTEM_ID,
} from '../../modules/orders/index.ts'
import type { PartyType } from '../../modules/parties/index.ts'
import { PARTY_TYPES } from '../../modules/parties/index.ts'

interface BaseLine {
  kind: number
  line_key: string
  amount_ore: number
  benefit_key: string | null
  component: string | null
  kle: string | null
  sensitivity: number | null
  legal_basis: string | null
  grant_uuid: string | null
  grant_benefit_id: string | null
  period_from: Day | null
  period_to: Day | null
  quantity_unit: number | null
  quantity_thousandths: number | null
  repayable: boolean | null
  text: string | null
  employee: string | null
  reference: string | null
  not_duplicate_of: string | null
  payee_type: number | null
  payee_id: string | null
  claim_key: string | null
  from_earmarked: boolean | null
  cause: string | null
  decision_key: string | null
  decision_date: Day | null
  hearing_date: Day | null
  notice_date: Day | null
}

export async function expandMovement(tx: Tx, parsed: ParsedOrder): Promise<ParsedOrder | { faults: Fault[] }> {
  const { order } = parsed
  const adjusts = order.adjusts as NonNullable<Order['adjusts']>
  if (adjusts.orderKey !== order.orderKey) {
    // Expanded under a key of its own it would pay the whole a second time.
    const what = `A movement is a new version of the order that it adjusts: send it as ${adjusts.orderKey}.`
    return { faults: [fault('adjusts_other_order', '/adjusts/order_key', what)] }
  }
  const base = await tx.first<{ order_id: number; version: number; beneficiary: number; taken: boolean }>(
    `select o.order_id, o.version, o.beneficiary, exists (select from orders t where t.municipality_code = $1
         and t.source_system = $2 and t.order_key = $3 and t.version = $4 and t.content_hash = decode($5, 'hex')) as taken
     from orders o where o.municipality_code = $1 and o.source_system = $2 and o.order_key = $3
     order by o.version desc, o.again desc limit 1`,
    [order.municipality, SOURCE_SYSTEM_ID[order.sourceSystem], adjusts.orderKey, order.version, parsed.hash],
  )
  if (base === undefined) {
    return { faults: [fault('base_unknown', '/adjusts/order_key', `The order ${adjusts.orderKey} is not known.`)] }
  }
  // The same movement sent again finds itself, also behind a newer one: the receiver judges it by its content.
  const isItself = base.version === order.version || base.taken
  if (base.version !== adjusts.version && !isItself) {
    return { faults: [fault('stale_base', '/adjusts/version', `The newest version is ${base.version}.`)] }
  }
  if (isItself) return { ...parsed, order: { ...order, lines: [] } }
  return apply(parsed, await baseLines(tx, order, base))
}

async function baseLines(tx: Tx, order: Order, base: { order_id: number; beneficiary: number }): Promise<OrderLine[]> {
  const rows = await tx.rows<BaseLine>(
    `select l.kind, l.line_key, l.amount_ore, b.key as benefit_key, l.component, l.kle, l.sensitivity, l.legal_basis,
       l.grant_uuid, l.grant_benefit_id, l.period_from, l.period_to, l.quantity_unit, l.quantity_thousandths,
       l.repayable, l.text, case when l.right_holder <> $3 then e.identifier end as employee, l.reference,
       l.not_duplicate_of, y.type as payee_type, y.identifier as payee_id, l.claim_key, l.from_earmarked, l.cause,
       l.decision_key, l.decision_date, d.hearing_date, d.notice_date
     from order_lines l left join benefits b on b.benefit = l.benefit
     left join parties e on e.municipality_code = l.municipality_code and e.party_id = l.right_holder
     left join parties y on y.municipality_code = l.municipality_code and y.party_id = l.payee
     left join repayment_notices d on d.municipality_code = l.municipality_code and d.order_id = l.order_id
       and d.line_no = l.line_no
     where l.municipality_code = $1 and l.order_id = $2 order by l.line_no`,
    [order.municipality, base.order_id, base.beneficiary],
  )
  return rows.map(lineOf)
}

function lineOf(row: BaseLine): OrderLine {
  const head = { lineKey: row.line_key, amount: row.amount_ore as Ore, delta: false }
  switch (row.kind) {
    case 1:
      return { ...head, kind: 'set_off', claimKey: row.claim_key ?? '', fromEarmarked: row.from_earmarked ?? false }
    case 2:
      return {
        ...head,
        kind: 'third_party',
        payee: { type: PARTY_TYPES[row.payee_type ?? 0] as PartyType, id: row.payee_id ?? '' },
        reference: row.reference ?? '',
      }
    case 3:
      return {
        ...head,
        kind: 'repayment',
        benefit: row.benefit_key ?? '',
        component: row.component ?? '',
        period: { from: row.period_from as Day, to: row.period_to as Day },
        claimKey: row.claim_key ?? '',
        cause: row.cause ?? '',
        legalBasis: row.legal_basis ?? undefined,
        decision: {
          key: row.decision_key ?? '',
          date: row.decision_date as Day,
          hearingDate: row.hearing_date ?? undefined,
          noticeDate: row.notice_date ?? undefined,
        },
      }
    default:
      return { ...head, ...benefitOf(row) }
  }
}

function benefitOf(row: BaseLine): Omit<BenefitLine, 'lineKey' | 'amount' | 'delta'> {
  return {
    kind: 'benefit',
    benefit: row.benefit_key ?? '',
    component: row.component ?? '',
    kle: row.kle ?? '',
    sensitivity: SENSITIVITIES[row.sensitivity ?? 0] as BenefitLine['sensitivity'],
    legalBasis: row.legal_basis ?? '',
    grant: row.grant_uuid === null ? undefined : { uuid: row.grant_uuid, benefitId: row.grant_benefit_id ?? '' },
    period: { from: row.period_from as Day, to: row.period_to as Day },
    quantity: {
      unit: QUANTITY_UNITS[row.quantity_unit ?? 0] as BenefitLine['quantity']['unit'],
      thousandths: row.quantity_thousandths ?? 0,
    },
    repayable: row.repayable ?? false,
    text: row.text ?? '',
    employee: row.employee ?? undefined,
    reference: row.reference ?? undefined,
    notDuplicateOf: row.not_duplicate_of ?? undefined,
  }
}

/** Lines with the same key change by the delta; a line that comes to nothing goes; a new key must be positive. */
function apply(parsed: ParsedOrder, base: readonly OrderLine[]): ParsedOrder | { faults: Fault[] } {
  const changes = new Map(parsed.order.lines.map((line, i) => [line.lineKey, { line, i }]))
  const lines: OrderLine[] = []
  const faults: Fault[] = []
  const put = (line: OrderLine, amount: number, i: number): void => {
    if (amount < 0) {
      const what = `The line ${line.lineKey} would be ${amount} øre.`
      faults.push(fault('movement_below_zero', `/lines/${i}/delta_ore`, what))
    } else if (amount > 0) lines.push({ ...line, amount: amount as Ore, delta: false })
  }
  for (const line of base) {
    const change = changes.get(line.lineKey)
    if (change === undefined) lines.push(line)
    else put(line, line.amount + change.line.amount, change.i)
    changes.delete(line.lineKey)
  }
  for (const { line, i } of changes.values()) put(line, line.amount, i)
  if (lines.length > MAX_LINES) {
    const what = `With the movement the order has ${lines.length} lines; it may have ${MAX_LINES}.`
    faults.push(fault('too_many_lines', '/lines', what))
  }
  faults.push(...wholeFaults(lines), ...adjustmentFaults({ ...parsed.order, lines }))
  return faults.length > 0 ? { faults } : { ...parsed, order: { ...parsed.order, lines, adjusts: undefined } }
}
