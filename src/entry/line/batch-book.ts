/** The rows that a batch of calculations writes: calculation, ledger, claims and payables, person by person. */
import { assert } from '../../base/assert.ts'
import type { Tx } from '../../base/db.ts'
import type { Day } from '../../base/date.ts'
import { itemId, type Municipality, type OrderId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { type ClaimMovement, type ClaimPosition, recordClaimMovements } from '../../modules/claims/index.ts'
import {
  type Calculation,
  calculationWriter,
  type OrderToCalculate,
  type PersonCalculated,
} from '../../modules/effectuation/index.ts'
import { type LedgerBatchWriter, ledgerBatchNo, ledgerWriter } from '../../modules/ledger/index.ts'
import { type DueLine, SOURCE_SYSTEMS } from '../../modules/orders/index.ts'
import type { DueDays, RunPurpose } from '../../modules/payments/index.ts'
import type { PostingKind, RateReader } from '../../modules/rates/index.ts'
import type { Corrections } from './correct-orders.ts'
import { correctionBook } from './correction-book.ts'
import { accountOfSystem, accountsOf, payOf } from './item-accounts.ts'

export interface BatchTotals {
  orders: number
  items: number
  gross_ore: number
  own_atp_ore: number
  am_ore: number
  tax_ore: number
  set_off_ore: number
  third_party_ore: number
  net_ore: number
  employer_atp_ore: number
  pension_ore: number
  /** Calculated orders by source system, for the numbering of events. */
  by_source: Record<string, number>
}
export interface PlannedBatch {
  readonly municipality: Municipality
  readonly workNo: number
  readonly knownAt: string
}

export interface DueOrderLines {
  readonly order: OrderToCalculate
  readonly lines: readonly DueLine[]
}

/** The rows that a batch writes, collected person by person. */
export function batchBook(
  rates: RateReader,
  batch: PlannedBatch,
  corrections: Corrections | undefined,
  purposeOf: (order: OrderId) => RunPurpose,
) {
  const { municipality, workNo } = batch
  const calculations = calculationWriter(municipality, workNo)
  const movements: ClaimMovement[] = []
  const receivedBeforeTax = new Map<number, number>()
  const book = ledgerWriter(municipality)
  const ledgers = new Map<Day, LedgerBatchWriter>()
  const accounts = accountsOf(rates)
  const corrected = corrections && correctionBook(rates, batch, corrections, accounts, movements)
  const totals = emptyTotals()
  const days: DueDays = new Map()

  function ledgerOn(day: Day): LedgerBatchWriter {
    let ledger = ledgers.get(day)
    if (ledger === undefined) {
      ledger = book.batch(ledgerBatchNo(workNo, ledgers.size), day, batch.knownAt)
      ledgers.set(day, ledger)
    }
    return ledger
  }
  function paysOut(order: OrderId, day: Day): void {
    const purpose = purposeOf(order)
    const own = days.get(purpose)
    if (own === undefined) days.set(purpose, new Set([day]))
    else own.add(day)
  }
  function postItem(ledger: LedgerBatchWriter, c: Calculation, source: number, day: Day): void {
    const to = accounts(c.benefit, day)
    const post = (kind: PostingKind, amount: Ore): void => {
      if (amount > 0) ledger.transfer(source, c.benefit, to[kind].debit, to[kind].credit, amount, c.item)
    }
    post('own_atp', c.ownAtp)
    post('am', c.am)
    post('tax', c.tax)
    post('net', c.net)
    post('employer_atp', c.employerAtp)
    post('pension', c.pension)
  }
  function deduct(
    ledger: LedgerBatchWriter,
    due: DueOrderLines,
    result: PersonCalculated,
    claims: readonly ClaimPosition[],
  ): void {
    const head = due.lines[0] as DueLine
    for (const d of result.deductions) {
      if (d.order !== due.order.order) continue
      const line = due.lines.find((one) => one.line === d.line) as DueLine
      const item = due.lines.find((one) => itemId(one.order, one.line) === d.item) as DueLine
      const to = accounts(item.benefit, item.periodFrom)[d.kind]
      const claim = claims.find((one) => one.claimKey === d.claimKey)
      // A set-off clears the account of the system that the claim is of, whoever orders it.
      const credit = claim === undefined ? to.credit : accountOfSystem(rates, 'claims', claim.sourceSystem)
      ledger.transfer(head.source, item.benefit, to.debit, credit, d.amount, d.item)
      calculations.deduction(d, d.kind === 'third_party' ? line.linePayee : undefined)
      if (d.kind === 'third_party') paysOut(due.order.order, head.dispositionDate)
      if (d.kind === 'set_off') {
        movements.push(setOff(claim as ClaimPosition, d, head.dispositionDate))
      }
    }
  }
  /** What is taken of a claim before tax is received, and told, on the day of the payment. */
  function setOff(
    { claimId, beforeTaxLeft }: ClaimPosition,
    { item, line, amount }: PersonCalculated['deductions'][number],
    on: Day,
  ): ClaimMovement {
    const movement = { claimId, item, line, amount }
    if (beforeTaxLeft === 0) return movement
    const before = receivedBeforeTax.get(claimId) ?? 0
    const beforeTax = Math.min(amount, beforeTaxLeft - before) as Ore
    receivedBeforeTax.set(claimId, before + beforeTax)
    return beforeTax === 0 ? movement : { ...movement, received: { beforeTax, on } }
  }
  /** An order with nothing to pay is seen to be done by rows of zeros: one for each repayment, or one alone. */
  function nothingToPay(due: DueOrderLines): void {
    const repayments = due.lines.filter((line) => line.kind === 3)
    for (const line of repayments.length > 0 ? repayments : due.lines.slice(0, 1)) {
      const { payee, dispositionDate } = line
      const pay = { payee, dispositionDate, unit: 0, railKind: '' }
      calculations.calculation(nothing(line), line.line, line.source, pay)
    }
  }
  return {
    totals,
    /** The days on which it pays something out. */
    due: days,
    person(orders: readonly DueOrderLines[], result: PersonCalculated, claims: readonly ClaimPosition[]): void {
      let next = 0
      for (const due of orders) {
        const head = due.lines[0] as DueLine
        const ledger = ledgerOn(head.dispositionDate)
        ledger.entry(due.order.order)
        const pays = due.order.benefits.filter((one) => one.gross > 0)
        for (const benefit of pays) {
          const c = result.calculations[next++] as Calculation
          assert(c.item === benefit.item, `item ${c.item} was calculated for ${benefit.item}`)
          const { payee, dispositionDate } = head
          if (c.net > 0) paysOut(due.order.order, dispositionDate)
          const pay = payOf(rates, municipality, c.benefit, benefit.period.from, dispositionDate)
          calculations.calculation(c, benefit.line, head.source, { payee, dispositionDate, ...pay })
          postItem(ledger, c, head.source, benefit.period.from)
          count(totals, c)
        }
        deduct(ledger, due, result, claims)
        corrected?.order(ledger, due.order.order)
        for (const one of corrected?.takenAlready(due) ?? []) calculations.untaken(one)
        if (pays.length === 0) nothingToPay(due)
        totals.orders++
        const source = SOURCE_SYSTEMS[head.source - 1] as string
        totals.by_source[source] = (totals.by_source[source] ?? 0) + 1
      }
      for (const untaken of result.untaken) calculations.untaken(untaken)
    },
    async write(tx: Tx): Promise<void> {
      await book.write(tx)
      await calculations.write(tx)
      await corrected?.write(tx)
      await recordClaimMovements(tx, municipality, movements)
    },
  }
}

function emptyTotals(): BatchTotals {
  return {
    orders: 0,
    items: 0,
    gross_ore: 0,
    own_atp_ore: 0,
    am_ore: 0,
    tax_ore: 0,
    set_off_ore: 0,
    third_party_ore: 0,
    net_ore: 0,
    employer_atp_ore: 0,
    pension_ore: 0,
    by_source: {},
  }
}

function count(totals: BatchTotals, c: Calculation): void {
  totals.items++
  totals.gross_ore += c.gross
  totals.own_atp_ore += c.ownAtp
  totals.am_ore += c.am
  totals.tax_ore += c.tax
  totals.set_off_ore += c.setOff
  totals.third_party_ore += c.thirdParty
  totals.net_ore += c.net
  totals.employer_atp_ore += c.employerAtp
  totals.pension_ore += c.pension
}

/** A row of zeros, so that an order without benefits is seen to be done. */
function nothing(line: DueLine): Calculation {
  const zero = 0 as Ore
  return {
    item: itemId(line.order, line.line),
    order: line.order,
    benefit: line.benefit,
    gross: zero,
    ownAtp: zero,
    am: zero,
    tax: zero,
    setOff: zero,
    thirdParty: zero,
    net: zero,
    employerAtp: zero,
    pension: zero,
    taxBase: zero,
    allowanceUsed: zero,
    frikortUsed: zero,
    taxRate: 0,
    card: 'none',
    cardNo: 0,
    se: 0,
    method: 'base_tens_tax_up',
  }
}
