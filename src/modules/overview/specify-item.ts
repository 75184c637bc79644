/** One benefit line of an order, with its calculation, what was taken of it, and how far it is on the four axes. */
import { assert } from '../../base/assert.ts'
import type { Day } from '../../base/date.ts'
import { itemId, type PaymentId } from '../../base/id.ts'
import { ore, type Ore, sum } from '../../base/money.ts'
import {
  atpTaken,
  type BenefitToCalculate,
  type Calculation,
  calculationLines,
  together,
  toldLines,
} from '../effectuation/index.ts'
import { PAID_BEFORE, QUANTITY_UNITS, type QuantityUnit, SOURCE_SYSTEMS, type SourceSystem } from '../orders/index.ts'
import { CARD_KINDS, type CardKind } from '../parties/index.ts'
import { lineOfPart } from '../payments/index.ts'
import { type BenefitRule, type RateReader, TAX_METHODS, type TaxMethod } from '../rates/index.ts'
import type { OrderFacts } from './order-facts.ts'
import type {
  Axes,
  Axis,
  SpecifiedCalculation,
  SpecifiedItem,
  SpecifiedPart,
  SpecifiedPayment,
  SpecifiedSetOff,
  SpecifiedThirdParty,
  Waiting,
} from './specification-types.ts'
import type { CalculationRow, LineRow, OrderRow, PartRow } from './store.ts'

export function specifyItem(
  facts: OrderFacts,
  newest: RateReader,
  line: LineRow,
  payments: ReadonlyMap<PaymentId, SpecifiedPayment>,
  here: ReadonlySet<PaymentId>,
): SpecifiedItem {
  const order = facts.orders.get(line.order_id) as OrderRow
  const item = itemId(line.order_id, line.line_no)
  const period = { from: line.period_from as Day, to: line.period_to as Day }
  const calculated = facts.calculations.get(item)
  const rates = newest.ofWork(calculated?.work_no)
  const rule = rates.benefitRule(line.benefit, period.from)
  // A row of zeros says that the order is done and pays nothing.
  const row = calculated?.gross_ore === 0 ? undefined : calculated
  const parts = facts.parts.get(item) ?? []
  const deductions = facts.deductions.get(item) ?? []
  const isArranged = parts.some((part) => part.payment_id !== null && facts.arranged.byPayment.has(part.payment_id))
  const lineOf = (no: number) =>
    facts.lines.find((one) => one.order_id === line.order_id && one.line_no === no) as LineRow
  const setOffs = deductions.flatMap((d): SpecifiedSetOff[] => {
    if (d.kind !== 1) return []
    const claimKey = lineOf(d.line_no).claim_key ?? ''
    const left = facts.claimsLeft.get(claimKey)
    return [{ claimKey, amount: ore(d.amount_ore), claimLeft: left === undefined ? undefined : ore(left) }]
  })
  const thirdParties = deductions.flatMap((d): SpecifiedThirdParty[] => {
    if (d.kind !== 2) return []
    const { payee, reference } = lineOf(d.line_no)
    return [{ payee: facts.party(payee as number), reference: reference ?? '', amount: ore(d.amount_ore) }]
  })
  const calculation = row === undefined ? undefined : specifyCalculation(facts, rates, order, row, parts.length > 0)
  if (calculation !== undefined && order.state !== PAID_BEFORE) agree(calculation, setOffs, thirdParties, parts, item)
  return {
    orderKey: order.order_key,
    sourceSystem: SOURCE_SYSTEMS[order.source_system - 1] as SourceSystem,
    version: order.version,
    caseKey: order.case_key,
    lineKey: line.line_key,
    benefit: rule.key,
    benefitName: rule.nameDa,
    component: line.component ?? '',
    text: line.text ?? '',
    legalBasis: line.legal_basis ?? '',
    period,
    dispositionDate: row?.disposition_date ?? order.disposition_date,
    orderedFor: order.disposition_date,
    gross: ore(line.amount_ore),
    concerns: line.right_holder === order.payee && !isArranged ? undefined : facts.party(line.right_holder),
    reference: line.reference ?? undefined,
    calculation,
    setOffs,
    thirdParties,
    axes: axesOf(facts, rule, order.state === PAID_BEFORE ? 'by_old_solution' : calculated, parts, payments),
    paidHere: sum(...parts.filter((part) => isIn(part, payments, here)).map((part) => ore(part.amount_ore))),
    waiting: waitingOf(facts, order, row, parts),
  }
}

function agree(
  c: SpecifiedCalculation,
  setOffs: readonly SpecifiedSetOff[],
  thirdParties: readonly SpecifiedThirdParty[],
  parts: readonly PartRow[],
  item: number,
): void {
  const same = (what: string, is: number, should: number) =>
    assert(is === should, `item ${item}: ${what} is ${is} øre, should be ${should}`)
  same('gross', sum(c.ownAtp, c.am, c.tax, c.setOff, c.thirdParty, c.net), c.gross)
  same('set off', sum(...setOffs.map((one) => one.amount)), c.setOff)
  same('third parties', sum(...thirdParties.map((one) => one.amount)), c.thirdParty)
  const due = (third: boolean) =>
    sum(...parts.filter((p) => !p.again && lineOfPart(p.part) > 0 === third).map((p) => ore(p.amount_ore)))
  same('net due', due(false), c.net)
  same('due to third parties', due(true), c.thirdParty)
}

function specifyCalculation(
  facts: OrderFacts,
  rates: RateReader,
  order: OrderRow,
  row: CalculationRow,
  isBack: boolean,
): SpecifiedCalculation {
  const c = calculationOf(row)
  // Of what an old system had back, what was withheld is not told.
  if (order.state === PAID_BEFORE) return { ...c, lines: toldLines(c).filter((one) => !isBack || one.kind === 'net') }
  const benefits = facts.lines
    .filter((line) => line.kind === 0 && line.order_id === order.order_id)
    .map((line) => toCalculate(line, facts))
  const own = benefits.find((line) => line.item === c.item)
  assert(own !== undefined, `item ${c.item} is no benefit line`)
  // Where the month's ATP was taken before, no line of it pays any; what took it may have been withdrawn since.
  const mayBeTaken = benefits
    .filter((line) => together(line, own))
    .map((line) => facts.calculations.get(line.item))
    .every((one) => one === undefined || one.own_atp_ore + one.employer_atp_ore === 0)
  const lines = calculationLines(c, rates, {
    dispositionDate: row.disposition_date,
    personIsCompany: order.beneficiary_type !== 0,
    benefits,
    methodChange: rates.taxMethodChange(facts.municipality, row.disposition_date),
    atpTaken: mayBeTaken && atpTaken(earlierAtp(facts, order, row), own),
  })
  return { ...c, lines }
}

/** ATP that earlier orders of the same person took: by batch, and within a batch by date, then order. */
function earlierAtp(facts: OrderFacts, order: OrderRow, row: CalculationRow) {
  return facts.atp
    .filter(
      (one) =>
        one.person === order.beneficiary &&
        (one.work_no - row.work_no || one.disposition_date - row.disposition_date || one.order_id - order.order_id) < 0,
    )
    .map((one) => ({ benefit: one.benefit, from: one.period_from, to: one.period_to }))
}

function toCalculate(line: LineRow, facts: OrderFacts): BenefitToCalculate {
  const id = itemId(line.order_id, line.line_no)
  const standing = facts.standing.get(id)
  const added = facts.calculations.get(id)?.gross_ore ?? 0
  return {
    item: id,
    line: line.line_no,
    benefit: line.benefit,
    period: { from: line.period_from as Day, to: line.period_to as Day },
    unit: QUANTITY_UNITS[line.quantity_unit ?? 0] as QuantityUnit,
    thousandths: line.quantity_thousandths ?? 0,
    gross: ore(standing === undefined ? line.amount_ore : added),
    repayable: line.repayable ?? false,
    ...(standing === undefined ? {} : { standing }),
  }
}

function calculationOf(row: CalculationRow): Calculation {
  return {
    item: itemId(row.order_id, row.line_no),
    order: row.order_id,
    benefit: row.benefit,
    gross: ore(row.gross_ore),
    ownAtp: ore(row.own_atp_ore),
    am: ore(row.am_ore),
    tax: ore(row.tax_ore),
    setOff: ore(row.set_off_ore),
    thirdParty: ore(row.third_party_ore),
    net: ore(row.net_ore),
    employerAtp: ore(row.employer_atp_ore),
    pension: ore(row.pension_ore),
    taxBase: ore(row.tax_base_ore),
    allowanceUsed: ore(row.allowance_used_ore),
    frikortUsed: ore(row.frikort_used_ore),
    taxRate: row.tax_rate_millionths,
    card: CARD_KINDS[row.card] as CardKind,
    cardNo: row.card_no,
    se: row.se,
    method: TAX_METHODS[row.tax_method] as TaxMethod,
  }
}

/** What is stopped of a payment that went is in it no more. */
function isIn(
  part: PartRow,
  payments: ReadonlyMap<PaymentId, SpecifiedPayment>,
  here: ReadonlySet<PaymentId>,
): boolean {
  if (part.payment_id === null || !here.has(part.payment_id)) return false
  return part.stopped === null || payments.get(part.payment_id)?.state === 'stopped'
}

/** `row` and `parts`: of an item that is calculated; without them it is the order that waits. */
export function waitingOf(
  facts: OrderFacts,
  order: OrderRow,
  row?: CalculationRow,
  parts: readonly PartRow[] = [],
): Waiting | undefined {
  if (order.state === PAID_BEFORE) return { kind: 'paid_before', back: parts.length > 0 }
  if (order.state === 1) return { kind: 'withdrawn', reason: order.reason ?? '' }
  if (row === undefined) {
    const done = [...facts.calculations.values()].some((one) => one.order_id === order.order_id)
    if (done) return { kind: 'covered' }
    const holds = facts.holds.get(order.order_id) ?? []
    if (holds.length === 0) return { kind: 'not_calculated' }
    return {
      kind: 'held',
      holds: holds.map(({ kind, reason, detail, at }) => ({ kind, reason, detail, at })),
    }
  }
  if (parts.length === 0) return { kind: 'nothing_to_pay' }
  const stopped = parts.find((part) => part.stopped !== null && !part.again)?.stopped
  if (stopped) return { kind: 'stopped', cause: stopped }
  const outside = parts.find((part) => part.outside !== null)?.outside
  if (outside !== undefined && outside !== null) return { kind: 'paid_outside', reference: outside }
  return parts.some((part) => part.payment_id === null) ? { kind: 'in_no_run' } : undefined
}

function stateOfPart({ outside, stopped }: PartRow, payment: SpecifiedPayment | undefined): SpecifiedPart['state'] {
  if (outside !== null) return outside === '' ? 'paid' : 'paid_outside'
  return stopped === null ? payment?.state : 'stopped'
}

function axesOf(
  facts: OrderFacts,
  rule: BenefitRule,
  row: CalculationRow | 'by_old_solution' | undefined,
  parts: readonly PartRow[],
  payments: ReadonlyMap<PaymentId, SpecifiedPayment>,
): Axes {
  const axis = (kind: string, applies: boolean): Axis => {
    if (!applies) return { state: 'not_applicable', file: undefined }
    if (row === 'by_old_solution') return { state: row, file: undefined }
    // It pays nothing: what covers it was told with the versions that paid, and what it changes is posted with it.
    if (row?.gross_ore === 0 && kind !== 'g69') return { state: 'with_earlier', file: undefined }
    const told = facts.told.find((one) => one.kind === kind && one.work_no === row?.work_no)
    if (told === undefined) return { state: 'not_yet', file: undefined }
    return { state: told.sent ? 'sent' : 'recorded', file: told.file_name }
  }
  return {
    paid: parts.map((part): SpecifiedPart => {
      const payment = part.payment_id === null ? undefined : payments.get(part.payment_id)
      return {
        part: part.part,
        amount: part.amount_ore as Ore,
        endToEndId: payment?.endToEndId,
        state: stateOfPart(part, payment),
      }
    }),
    reported: axis('eindkomst', rule.incomeType !== null),
    posted: axis('g69', true),
    reimbursed: axis('ydelsesrefusion', rule.reimbursed),
  }
}
