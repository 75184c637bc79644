/**
 * Pays again what came back: a second attempt on the same payment. A person orders it with a reason; its money moves
 * from the return account to the system's clearing account, item by item, and the next run pays it. Nothing is told to
 * the tax authority again, and the benefit has cost what it cost. @da genudbetaling
 */
import { danishDay } from '../../base/danish-time.ts'
import type { Tx } from '../../base/db.ts'
import type { Day } from '../../base/date.ts'
import type { Municipality, PaymentId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { Refusal } from '../../base/refusal.ts'
import { recordAudit } from '../../modules/access/index.ts'
import { ledgerBatchNo, ledgerWriter, postingDays } from '../../modules/ledger/index.ts'
import { arrangementFor, readArrangements, stoppingEvents } from '../../modules/parties/index.ts'
import {
  endToEndIdOf,
  failedPayments,
  faultyPayments,
  fileIdOf,
  lastReleasedDay,
  lineOfPart,
  type NotAgain,
  type PartAgain,
  type PaymentAgain,
  readPaymentsAgain,
  readRuns,
} from '../../modules/payments/index.ts'
import { addBankDays, type RateReader, returnCause, technicalCodes } from '../../modules/rates/index.ts'
import { openAgain } from './close-returns.ts'
import { netPayableAccounts } from './item-accounts.ts'
import { undoStops } from './booked-after-stop.ts'
import { dueAgainOn, firstPayDay, ownClosingDays } from './let-go.ts'

/** A changed NemKonto counts at the latest so many bank days after it is registered (BEK 788 of 20 June 2025 § 10). */
const DAYS_TO_NEW_ACCOUNT = 5

export interface PayingAgain {
  readonly municipality: Municipality
  readonly reason: string
  readonly by: string
  readonly at: string
  /** Not before this day; default two bank days after it is ordered. */
  readonly on?: Day | undefined
  /** The day on which the payee named a new account to NemKonto: the payment waits until it counts. */
  readonly accountNamed?: Day | undefined
}

export type Refused =
  | NotAgain
  | 'payee_stopped'
  /** By the bank's word alone: no register has told it yet. */
  | 'payee_dead'

export interface PaidAgain {
  readonly payments: readonly PaymentId[]
  readonly amount: Ore
  /** When it is paid; undefined when nothing is. */
  readonly on: Day | undefined
  /** What came back of what was asked for, and is not paid again now. */
  readonly left: readonly { readonly payment: PaymentId; readonly why: Refused }[]
}

export const WHY_NOT: Readonly<Record<Refused, string>> = {
  not_returned: 'it has not come back',
  final_at_state: "it is on the state's waiting account, which pays it on: for the municipality it is final",
  not_back_yet: 'NemKonto says that it is returned, but the bank statement has not brought the money; wait for it',
  not_booked_yet: 'the bank statement has not shown yet that the money stayed; wait for the statement of its day',
  may_be_paid: 'the bank or a later answer says that it was paid after all; find out before anything is paid',
  nothing_left: 'it is due again already, or a later version of the order has taken it over',
  corrected_since: 'the order was changed since; the source system must send a new version, which pays what is left',
  time_barred: 'nobody claimed it until it was time-barred, and two persons have closed it',
  payee_dead: 'the bank says that the payee is dead; enter the estate with «toek payee enter»',
  payee_stopped: 'the payee is dead, missing, bankrupt or closed; enter whom it is paid to with «toek payee enter»',
}

/** One payment. Refuses, with the reason, what is not to be paid again. */
export async function payAgain(tx: Tx, rates: RateReader, payment: PaymentId, act: PayingAgain): Promise<PaidAgain> {
  needReason(act)
  const name = endToEndIdOf(act.municipality, payment)
  const [found] = await judged(tx, rates, act, [payment])
  if (found === undefined) throw new Refusal('unknown_payment', `There is no payment ${name} here.`)
  if (found.why !== undefined) throw new Refusal(found.why, `${name} is not paid again: ${WHY_NOT[found.why]}.`)
  return await order(tx, rates, [found], act)
}

/** The failed part of a run, exactly and once: what is not to be paid again is told, and stops nothing else. */
export async function repayFailed(tx: Tx, rates: RateReader, runNo: number, act: PayingAgain): Promise<PaidAgain> {
  needReason(act)
  const runs = await readRuns(tx, act.municipality)
  if (!runs.some((run) => run.runNo === runNo)) {
    throw new Refusal('unknown_run', `There is no run ${fileIdOf(act.municipality, runNo)} here.`)
  }
  return await order(tx, rates, await judged(tx, rates, act, await failedPayments(tx, act.municipality, runNo)), act)
}

/** Bank days from the month's beginning to the second and the third attempt; then a person must. Assumed. */
const DAYS_TO_RETRY = [2, 5] as const

/**
 * What came back for a technical fault of banks, before this time: nothing is wrong with it, so it is paid again by
 * itself, later each time.
 */
export async function retryFaults(tx: Tx, rates: RateReader, municipality: Municipality, at: string): Promise<void> {
  const of = { codes: technicalCodes(), attempts: DAYS_TO_RETRY.length, until: at }
  const faulty = await faultyPayments(tx, municipality, of)
  for (const [attempt, own] of Map.groupBy(faulty, (one) => one.attempt)) {
    const on = addBankDays(danishDay(at), DAYS_TO_RETRY[attempt] ?? 0)
    const act = { municipality, reason: 'Bankerne havde en teknisk fejl', by: 'toek', at, on }
    const payments = own.map((one) => one.payment)
    await order(tx, rates, await judged(tx, rates, act, payments), act)
  }
}

function needReason({ reason }: PayingAgain): void {
  if (reason.trim() === '') throw new Refusal('reason_missing', 'Say why it is paid again.')
}

type Judged = Omit<PaymentAgain, 'why'> & { readonly why: Refused | undefined }

/** Also by whom it would be paid to: nobody who may be paid nothing, unless an arrangement names another. */
async function judged(tx: Tx, rates: RateReader, act: PayingAgain, payments: readonly PaymentId[]): Promise<Judged[]> {
  const { municipality } = act
  // What came back of a second attempt, when the first was booked though it had been stopped, has been paid.
  await undoStops(tx, rates, municipality, act.at)
  const found = await readPaymentsAgain(tx, municipality, payments)
  const events = await stoppingEvents(tx, municipality)
  const dead = found.some(isDead)
  if ((events.length === 0 && !dead) || found.length === 0) return found
  const stopped = new Set(events.map((one) => one.party))
  const arrangements = await readArrangements(tx, municipality)
  const on = await payDay(tx, rates, act, found)
  const arranged = ({ own, beneficiary, benefit }: PartAgain) =>
    own ? arrangementFor(arrangements, { beneficiary, benefit, date: on })?.payeeId : undefined
  return found.map((one) => {
    if (one.why !== undefined) return one
    // An arrangement may name the payee itself, and another account.
    const open = one.parts.filter((part) => (arranged(part) ?? part.payee) === part.payee)
    const isStopped =
      one.parts.some((part) => stopped.has(arranged(part) ?? part.payee)) ||
      open.some(({ beneficiary, part }) => lineOfPart(part) === 0 && stopped.has(beneficiary))
    if (isStopped) return { ...one, why: 'payee_stopped' as const }
    return open.length > 0 && isDead(one) ? { ...one, why: 'payee_dead' as const } : one
  })
}

/** The code that it came back with says that the payee is dead. */
function isDead({ returned }: Pick<PaymentAgain, 'returned'>): boolean {
  if (returned === undefined) return false
  return returnCause(returned.answer, returned.code, danishDay(returned.since)).step === 'estate'
}

/** Also after the last payment that left, and after a new account counts. */
async function payDay(tx: Tx, rates: RateReader, act: PayingAgain, payments: readonly Dated[]): Promise<Day> {
  const account = act.accountNamed === undefined ? 0 : addBankDays(act.accountNamed, DAYS_TO_NEW_ACCOUNT)
  const last = Math.max(await lastReleasedDay(tx, act.municipality), lastOf(payments), account)
  return firstPayDay(last as Day, act, await ownClosingDays(tx, rates, act.municipality))
}

type Dated = Pick<PaymentAgain, 'dispositionDate'>

function lastOf(payments: readonly Dated[]): number {
  return Math.max(...payments.map((one) => one.dispositionDate))
}

/** Orders what may be paid again, in one batch of work of its own. */
async function order(tx: Tx, rates: RateReader, found: readonly Judged[], act: PayingAgain): Promise<PaidAgain> {
  const { municipality, at, by, reason } = act
  const again = found.filter((one) => one.why === undefined)
  const left = found.flatMap(({ payment, why }) => (why === undefined ? [] : [{ payment, why }]))
  if (again.length === 0) return { payments: [], amount: 0 as Ore, on: undefined, left }
  const on = await payDay(tx, rates, act, again)
  await openAgain(tx, rates, again, act)
  const parts = again.flatMap((one) => one.parts.map((part) => ({ ...part, dispositionDate: on })))
  const workNo = await dueAgainOn(tx, parts, act)
  const netPayable = netPayableAccounts(rates)
  const book = ledgerWriter(municipality)
  const ordered = Math.max(lastOf(again), danishDay(at)) as Day
  const posted = (await postingDays(tx, municipality))(ordered)
  const ledger = book.batch(ledgerBatchNo(workNo, 0), posted, at, ordered)
  ledger.entry(workNo)
  for (const { source, benefit, amount, item } of parts) {
    ledger.transfer(source, benefit, rates.account('returned').id, netPayable.get(source) ?? 0, amount, item)
  }
  await book.write(tx)
  const payments = again.map((one) => one.payment)
  for (const payment of payments) {
    const subject = endToEndIdOf(municipality, payment)
    await recordAudit(tx, { municipality, at, actor: by, command: 'payment.again', subject, detail: { reason } })
  }
  return { payments, amount: ledger.amount as Ore, on, left }
}
