/**
 * «Why this amount?»: one payment, or one order, taken apart to the øre. Nothing is stored for it: the lines are
 * reckoned again from the stored calculations and must agree, and the parts must add up to the payment.
 */
import { assert } from '../../base/assert.ts'
import type { Db } from '../../base/db.ts'
import { itemId, type Municipality, orderOfItem, type PartyId, TAKEN_OVER } from '../../base/id.ts'
import { ore, type Ore } from '../../base/money.ts'
import { SOURCE_SYSTEM_ID, SOURCE_SYSTEMS, type SourceSystem } from '../orders/index.ts'
import type { PartyRef } from '../parties/index.ts'
import { endToEndIdOf, paymentOfEndToEndId } from '../payments/index.ts'
import { type RateReader, ratesIn } from '../rates/index.ts'
import { type OrderFacts, readOrderFacts } from './order-facts.ts'
import { paymentState } from './payment-state.ts'
import { refundsOf } from './refunds.ts'
import { specifyItem, waitingOf } from './specify-item.ts'
import type {
  Amounts,
  PaymentReturn,
  Specification,
  SpecificationSubject,
  SpecifiedItem,
  SpecifiedPayment,
  SpecifiedRepayment,
  SpecifiedUntaken,
} from './specification-types.ts'
import { type LineRow, type PaymentRow, readItemsOfPayment, readPayments, readVersions } from './store.ts'

/** What to specify: an end-to-end id of ours, or an order; without a version the newest. */
export type Wanted =
  | string
  | {
      readonly orderKey: string
      readonly sourceSystem?: SourceSystem | undefined
      readonly version?: number | undefined
    }

/**
 * undefined: no such payment or order in this municipality. `db` must be a transaction whose scope holds the
 * municipality. Asserts when the parts do not add up, or when a line cannot be reckoned again.
 */
export async function readSpecification(
  db: Db,
  municipality: Municipality,
  wanted: Wanted,
  newest: RateReader,
): Promise<Specification | undefined> {
  const rates = await ratesIn(db, newest, municipality)
  return typeof wanted === 'string'
    ? await ofPayment(db, municipality, wanted, rates)
    : await ofOrder(db, municipality, wanted, rates)
}

async function ofPayment(
  db: Db,
  municipality: Municipality,
  endToEndId: string,
  rates: RateReader,
): Promise<Specification | undefined> {
  const named = paymentOfEndToEndId(endToEndId)
  if (named === undefined || named.municipality !== municipality) return undefined
  const [payment] = await readPayments(db, municipality, [named.payment])
  if (payment === undefined) return undefined
  const items = await readItemsOfPayment(db, municipality, payment)
  const orders = [...new Set(items.map(orderOfItem))]
  const facts = await readOrderFacts(db, municipality, orders, [payment], rates)
  const chosen = new Set(items)
  const spec = assemble(facts, rates, {
    subject: { kind: 'payment', endToEndId: endToEndIdOf(municipality, payment.payment_id) },
    payee: facts.party(payment.payee),
    payments: [payment],
    // Of an order, only the items that this payment carries: the others have payments of their own.
    lines: facts.lines.filter((line) => line.kind === 0 && chosen.has(itemId(line.order_id, line.line_no))),
  })
  assert(
    spec.totals.paidHere === payment.amount_ore,
    `payment ${endToEndId} is ${payment.amount_ore} øre, its parts are ${spec.totals.paidHere}`,
  )
  const told = spec.refunds.reduce((sum, one) => sum + one.amount, 0)
  assert(
    spec.refunds.length === 0 || told === payment.amount_ore,
    `payment ${endToEndId} is ${payment.amount_ore} øre, its employees are ${told}`,
  )
  return spec
}

async function ofOrder(
  db: Db,
  municipality: Municipality,
  wanted: Exclude<Wanted, string>,
  rates: RateReader,
): Promise<Specification | undefined> {
  const systems = wanted.sourceSystem === undefined ? SOURCE_SYSTEMS : [wanted.sourceSystem]
  const ids = systems.map((system) => SOURCE_SYSTEM_ID[system])
  const all = await readVersions(db, municipality, ids, wanted.orderKey)
  const versions = all.filter((one) => one.source_system === all[0]?.source_system)
  const same = versions.filter((one) => one.version === (wanted.version ?? versions.at(-1)?.version))
  // A version that is there again, only to move what it paid to another account, pays nothing by itself.
  const found = same.findLast((one) => one.pays) ?? same.at(-1)
  if (found === undefined) return undefined
  const facts = await readOrderFacts(db, municipality, [found.order_id], [], rates)
  const order = facts.orders.get(found.order_id)
  assert(order !== undefined, `order ${found.order_id} has gone`)
  return assemble(facts, rates, {
    subject: {
      kind: 'order',
      orderId: found.order_id,
      sourceSystem: SOURCE_SYSTEMS[found.source_system - 1] as SourceSystem,
      orderKey: order.order_key,
      version: found.version,
      versions: [...new Set(versions.map((one) => one.version))],
    },
    payee: facts.party(order.payee),
    payments: facts.payments,
    lines: facts.lines.filter((line) => line.kind === 0),
  })
}

interface Chosen {
  readonly subject: SpecificationSubject
  readonly payee: PartyRef
  readonly payments: readonly PaymentRow[]
  readonly lines: readonly LineRow[]
}

function assemble(facts: OrderFacts, rates: RateReader, chosen: Chosen): Specification {
  const payments = new Map(
    facts.payments.map((row) => [row.payment_id, specifyPayment(facts.municipality, row, facts.party)]),
  )
  const here = new Set(chosen.payments.map((row) => row.payment_id))
  const items = chosen.lines.map((line) => specifyItem(facts, rates, line, payments, here))
  const { subject } = chosen
  const order = items.length === 0 && subject.kind === 'order' ? facts.orders.get(subject.orderId) : undefined
  return {
    municipality: facts.municipality,
    municipalityName: rates.municipality(facts.municipality).name,
    subject: chosen.subject,
    payee: chosen.payee,
    payments: chosen.payments.map((row) => payments.get(row.payment_id) as SpecifiedPayment),
    items,
    waiting: items[0]?.waiting ?? (order && waitingOf(facts, order)),
    untaken: untakenOf(facts),
    repayments: repaymentsOf(facts, rates),
    changes: facts.changes,
    corrections: facts.corrections,
    payeeNotes: facts.payeeNotes,
    references: facts.references,
    arrangements: facts.arranged.arrangements,
    refunds: refundsOf(facts, items),
    totals: totalsOf(items),
  }
}

function specifyPayment(
  municipality: Municipality,
  row: PaymentRow,
  party: (id: PartyId) => PartyRef,
): SpecifiedPayment {
  const returned: PaymentReturn | undefined =
    row.return_answer === null
      ? undefined
      : { answer: row.return_answer as PaymentReturn['answer'], reason: row.return_reason ?? '' }
  return {
    endToEndId: endToEndIdOf(municipality, row.payment_id),
    runNo: row.run_no,
    payee: party(row.payee),
    amount: ore(row.amount_ore),
    dispositionDate: row.disposition_date,
    state: paymentState({
      steps: row.steps,
      answers: row.answers,
      settled: row.settled_on !== null,
      returned,
      stopped: row.stopped,
      presumed: row.presumed,
    }),
    isFinal: !row.stopped && (row.steps.includes('released') || row.payment_id >= TAKEN_OVER),
    returned,
    asked:
      row.asked_on === null || row.answer_by === null ? undefined : { askedOn: row.asked_on, answerBy: row.answer_by },
    closed: row.closed ?? undefined,
    waitingAccount: row.waiting_account,
    acute: row.acute ?? undefined,
    recall: row.recall ?? undefined,
    // Refused before the bank: the bundle was booked without it.
    settledOn: row.settled_on === null || returned?.answer === 2 || returned?.answer === 7 ? undefined : row.settled_on,
  }
}

function untakenOf(facts: OrderFacts): SpecifiedUntaken[] {
  return facts.untaken.map((row) => {
    const line = facts.lines.find((one) => one.order_id === row.order_id && one.line_no === row.line_no)
    return {
      orderKey: facts.orders.get(row.order_id)?.order_key ?? '',
      kind: line?.kind === 2 ? 'third_party' : 'set_off',
      amount: ore(row.amount_ore),
      reason: row.reason as SpecifiedUntaken['reason'],
      claimKey: line?.claim_key ?? undefined,
    }
  })
}

function repaymentsOf(facts: OrderFacts, rates: RateReader): SpecifiedRepayment[] {
  return facts.lines.flatMap((line) => {
    if (line.kind !== 3 || line.period_from === null || line.period_to === null || line.decision_date === null)
      return []
    return {
      orderKey: facts.orders.get(line.order_id)?.order_key ?? '',
      claimKey: line.claim_key ?? '',
      benefit: rates.benefitRule(line.benefit, line.period_from).nameDa,
      period: { from: line.period_from, to: line.period_to },
      amount: ore(line.amount_ore),
      cause: line.cause ?? '',
      legalBasis: line.legal_basis ?? undefined,
      decision: {
        key: line.decision_key ?? '',
        date: line.decision_date,
        hearingDate: line.hearing_date ?? undefined,
        noticeDate: line.notice_date ?? undefined,
      },
    }
  })
}

const AMOUNTS = ['gross', 'ownAtp', 'am', 'tax', 'setOff', 'thirdParty', 'net', 'employerAtp', 'pension'] as const

function totalsOf(items: readonly SpecifiedItem[]): Specification['totals'] {
  const totals = { paidHere: 0 } as Record<keyof Specification['totals'], number>
  for (const key of AMOUNTS) totals[key] = 0
  for (const item of items) {
    totals.paidHere += item.paidHere
    if (item.calculation === undefined) totals.gross += item.gross
    else for (const key of AMOUNTS) totals[key] += item.calculation[key]
  }
  return totals as Record<keyof Amounts | 'paidHere', Ore>
}
