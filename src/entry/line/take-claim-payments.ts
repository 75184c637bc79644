/**
 * Takes what debtors pay on their claims, as the debtor system tells it: each takes its claim down against the account
 * with that system. What goes beyond the claim is ordered to be paid back; a payment that bounced takes all of it back.
 */
import { danishDay } from '../../base/danish-time.ts'
import type { Tx } from '../../base/db.ts'
import type { Day } from '../../base/date.ts'
import { type Municipality, numbered, type OrderId, RECORDS_PER_BATCH } from '../../base/id.ts'
import { formatKroner, type Ore } from '../../base/money.ts'
import { type ClaimPaymentFact, contentHash, type FaultCode, fault } from '../../adapters/source-systems/index.ts'
import {
  type BookedPayment,
  bookedPayments,
  type ClaimPayment,
  claimsToPay,
  type ClaimToPay,
  recordClaimPayments,
} from '../../modules/claims/index.ts'
import { ledgerBatchNo, ledgerWriter, postingDays } from '../../modules/ledger/index.ts'
import {
  type FaultyLine,
  holdSuperseded,
  type Order,
  openOrderReceiver,
  SOURCE_SYSTEMS,
  type SourceSystem,
} from '../../modules/orders/index.ts'
import type { PartyBook } from '../../modules/parties/index.ts'
import { claimSurplusRule, closedDays, type RateReader, readLocalRules } from '../../modules/rates/index.ts'
import { firstPayDay } from './correction-facts.ts'
import { accountOfSystem } from './item-accounts.ts'
import { nextWorkNo } from './plan-month.ts'
import type { Intake } from './take-local-facts.ts'

export interface PaymentRead {
  readonly fact: ClaimPaymentFact
  /** Of the file. */
  readonly line: number
}

/** A payment to be booked, with its claim. */
type Booked = BookedPayment & { readonly claim: ClaimToPay }

/** Gives what was refused; a payment that is known with the same content has no effect. */
export async function takeClaimPayments(
  tx: Tx,
  rates: RateReader,
  intake: Intake,
  read: readonly PaymentRead[],
  parties: PartyBook,
): Promise<FaultyLine[]> {
  if (read.length === 0) return []
  const { municipality } = intake
  const keys = read.flatMap(({ fact }) => [fact.paymentKey, ...(fact.reverses === undefined ? [] : [fact.reverses])])
  // A claim may have been opened before it in the same file.
  await parties.flush(tx)
  const claims = await claimsToPay(tx, municipality, [...new Set(read.map(({ fact }) => fact.claimKey))])
  const known = new Map((await bookedPayments(tx, municipality, keys)).map((one) => [one.paymentKey, one]))
  const reversed = new Set([...known.values()].flatMap((one) => one.reverses ?? []))
  const refused: FaultyLine[] = []
  const booked: Booked[] = []
  for (const { fact, line } of read) {
    const claim = claims.get(fact.claimKey)
    const before = known.get(fact.paymentKey)
    const wrong = before === undefined ? faultOf(fact, claim, known, reversed) : conflict(fact, before)
    if (wrong !== undefined) refused.push({ line, orderKey: fact.claimKey, version: 0, faults: [wrong] })
    if (wrong !== undefined || before !== undefined || claim === undefined) continue
    const of = fact.reverses === undefined ? undefined : known.get(fact.reverses)
    const one = of === undefined ? paid(fact, claim) : takenBack(fact, claim, of)
    if (of !== undefined) reversed.add(of.paymentKey)
    known.set(fact.paymentKey, one)
    booked.push({ ...one, claim })
    const left = (claim.left - one.taken) as Ore
    const beforeTaxLeft = (claim.beforeTaxLeft - one.beforeTax) as Ore
    claims.set(fact.claimKey, { ...claim, left, beforeTaxLeft, payments: claim.payments + 1 })
  }
  await book(tx, rates, intake, booked)
  await orderSurplus(tx, rates, intake, booked, parties)
  return refused
}

function conflict(told: ClaimPayment, before: BookedPayment) {
  const amount = Math.abs(before.amount)
  const same =
    told.claimKey === before.claimKey &&
    told.amount === amount &&
    told.paidOn === before.paidOn &&
    told.reverses === before.reverses &&
    told.balance === before.balance
  const what = `The payment is booked on the claim ${before.claimKey} with ${formatKroner(amount)} kr.`
  return same ? undefined : fault('claim_payment_conflict', '/payment_key', what)
}

function faultOf(
  told: ClaimPayment,
  claim: ClaimToPay | undefined,
  known: ReadonlyMap<string, BookedPayment>,
  reversed: ReadonlySet<string>,
) {
  if (claim === undefined) return fault('unknown_claim', '/claim_key', `The claim ${told.claimKey} is not known here.`)
  if (told.reverses === undefined) return undefined
  const of = known.get(told.reverses)
  const code: FaultCode = 'claim_payment_not_reversible'
  if (of === undefined || of.claimKey !== told.claimKey || of.reverses !== undefined)
    return fault(code, '/reverses', `On the claim ${told.claimKey} there is no such payment.`)
  if (reversed.has(of.paymentKey)) return fault(code, '/reverses', 'The payment is reversed already.')
  return of.amount === told.amount
    ? undefined
    : fault(code, '/amount_ore', `The payment was ${formatKroner(of.amount)} kr.`)
}

function paid(told: ClaimPayment, claim: ClaimToPay): BookedPayment {
  const taken = Math.min(told.amount, Math.max(0, claim.left)) as Ore
  const surplus = (told.amount - taken) as Ore
  const no = claim.payments + 1
  return {
    ...told,
    claimId: claim.claimId,
    no,
    taken,
    surplus,
    beforeTax: Math.min(taken, claim.beforeTaxLeft) as Ore,
    // What is told after the year in which it was paid has ended is taken off what has been owed since the new year.
    receivedOn: Math.max(told.paidOn, claim.beforeTaxSince ?? told.paidOn) as Day,
    left: (claim.left - told.amount) as Ore,
    // With a blank: no source system can send an order of this key.
    orderKey: surplus > 0 ? `${claim.claimKey} ${no}` : undefined,
  }
}

function takenBack(told: ClaimPayment, claim: ClaimToPay, of: BookedPayment): BookedPayment {
  return {
    ...told,
    amount: -of.amount as Ore,
    claimId: claim.claimId,
    no: claim.payments + 1,
    taken: (0 - of.taken) as Ore,
    surplus: (0 - of.surplus) as Ore,
    beforeTax: (0 - of.beforeTax) as Ore,
    // As much less of the day on which it was received.
    receivedOn: of.receivedOn,
    left: (claim.left + of.taken) as Ore,
    orderKey: of.orderKey,
  }
}

/** Booked as work of its own, which the ERP and the tax authority are told of. */
async function book(
  tx: Tx,
  rates: RateReader,
  { municipality, intakeNo, knownAt }: Intake,
  payments: readonly Booked[],
): Promise<void> {
  if (payments.length === 0) return
  const workNo = await nextWorkNo(tx, municipality)
  await tx.run(
    `insert into work_batches (municipality_code, work_no, kind, cause, known_at) values ($1, $2, 'outcome', $3, $4)`,
    [municipality, workNo, `claim payments ${intakeNo}`, knownAt],
  )
  await tx.run('insert into work_done values ($1, $2, $3)', [
    municipality,
    workNo,
    JSON.stringify({ payments: payments.length }),
  ])
  const today = danishDay(knownAt)
  const books = ledgerWriter(municipality)
  const ledger = books.batch(ledgerBatchNo(workNo, 0), (await postingDays(tx, municipality))(today), knownAt)
  const debtorSystem = rates.account('debtor_system').id
  for (const { claim, taken, surplus } of payments) {
    ledger.entry(claim.claimId)
    const post = (benefit: number, account: number, amount: Ore) => {
      if (amount > 0) ledger.transfer(claim.source, benefit, debtorSystem, account, amount, 0)
      if (amount < 0) ledger.transfer(claim.source, benefit, account, debtorSystem, -amount as Ore, 0)
    }
    const rule = claimSurplusRule(rates, systemOf(claim), today)
    post(claim.benefit, accountOfSystem(rates, 'claims', claim.source), taken)
    post(rule.benefit, accountOfSystem(rates, 'claim_surplus', claim.source), surplus)
  }
  await books.write(tx)
  await recordClaimPayments(tx, municipality, workNo, payments)
}

function systemOf({ source }: ClaimToPay): SourceSystem {
  return SOURCE_SYSTEMS[source - 1] as SourceSystem
}

/**
 * An order of ours for each amount beyond its claim: from there it is due, held, paid and explained as any other. When
 * the payment bounces the order ends: what is not sent is stopped, what is sent is overpaid.
 */
async function orderSurplus(
  tx: Tx,
  rates: RateReader,
  { municipality, intakeNo, knownAt }: Intake,
  booked: readonly Booked[],
  parties: PartyBook,
): Promise<void> {
  const beyond = booked.filter((one) => one.surplus !== 0)
  if (beyond.length === 0) return
  const dispositionDate = firstPayDay(knownAt, closedDays(rates, await readLocalRules(tx, municipality), municipality))
  let number = await recordsOf(tx, municipality, intakeNo)
  let newVersions = false
  for (const [system, payments] of Map.groupBy(beyond, ({ claim }) => systemOf(claim))) {
    const rule = claimSurplusRule(rates, system, danishDay(knownAt))
    const benefitId = new Map([[rule.key, rule.benefit]])
    const receiver = await openOrderReceiver(tx, { municipality, source: system, intakeNo, parties, benefitId })
    for (const one of payments) {
      const order = orderOf(one, { municipality, dispositionDate, rule, today: danishDay(knownAt) })
      await receiver.add([{ order, hash: contentHash(order), warnings: [] }], number++)
    }
    await receiver.flush()
    newVersions ||= receiver.newVersions
  }
  if (newVersions) await holdSuperseded(tx, municipality, intakeNo, knownAt)
}

/** Orders that the intake has already: what was paid before the takeover. */
export async function recordsOf(tx: Tx, municipality: Municipality, intakeNo: number): Promise<number> {
  const row = await tx.first<{ last: OrderId | null }>(
    'select max(order_id) as last from orders where municipality_code = $1 and order_id >= $2 and order_id < $3',
    [municipality, numbered(intakeNo, 0), numbered(intakeNo + 1, 0)],
  )
  return row?.last == null ? 0 : (row.last % RECORDS_PER_BATCH) + 1
}

function orderOf(
  { claim, surplus, orderKey = '', paymentKey, paidOn, reverses }: Booked,
  of: {
    readonly municipality: Municipality
    readonly dispositionDate: Day
    readonly rule: ReturnType<typeof claimSurplusRule>
    readonly today: Day
  },
): Order {
  const { rule, today, municipality, dispositionDate } = of
  const head = {
    sourceSystem: rule.sourceSystem,
    orderKey,
    municipality,
    caseKey: claim.claimKey,
    decision: { key: paymentKey, date: paidOn },
    beneficiary: claim.debtor,
    payee: claim.debtor,
    dispositionDate,
    settle: 'on_disposition_date',
    adjusts: undefined,
    insteadOf: undefined,
    overpaid: undefined,
  } as const
  if (reverses !== undefined)
    return { ...head, version: 2, state: 'withdrawn', reason: `Indbetalingen ${reverses} er ført tilbage`, lines: [] }
  const line = {
    kind: 'benefit',
    lineKey: '1',
    amount: surplus,
    delta: false,
    benefit: rule.key,
    component: 'overskydende',
    kle: rule.kle,
    sensitivity: 'FOELSOMME_PERSONOPLYSNINGER',
    legalBasis: '',
    grant: undefined,
    period: { from: today, to: (today + 1) as Day },
    quantity: { unit: 'day', thousandths: 1000 },
    repayable: false,
    text: `For meget betalt på fordring ${claim.claimKey}`,
    employee: undefined,
    reference: undefined,
    notDuplicateOf: undefined,
  } as const
  return { ...head, version: 1, state: 'active', reason: undefined, lines: [line] }
}
