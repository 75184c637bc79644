/**
 * Closes what came back and nobody claims, as the municipality's rules say and two persons decide: its money goes from
 * the return account to where the rule puts it, and the ERP is told. Whoever claims it later is paid again: then it
 * goes back first. @da lukning af uafhentede betalinger
 */
import { danishDay } from '../../base/danish-time.ts'
import type { Tx } from '../../base/db.ts'
import type { Day } from '../../base/date.ts'
import { type ItemId, type Municipality, type OrderId, orderOfItem } from '../../base/id.ts'
import { recordAudit } from '../../modules/access/index.ts'
import { readLines } from '../../modules/items/index.ts'
import { ledgerBatchNo, ledgerWriter, postingDays } from '../../modules/ledger/index.ts'
import {
  approveClosing,
  type Closing,
  closedPartsOf,
  type PaymentAgain,
  proposeClosing,
  recordClosed,
  recordReopened,
  type UnclaimedPart,
} from '../../modules/payments/index.ts'
import { type RateReader, ratesIn, readLocalRules } from '../../modules/rates/index.ts'
import { reopen } from './correction-book.ts'
import { accountsOf } from './item-accounts.ts'
import { nextWorkNo } from './plan-month.ts'

interface Act {
  readonly municipality: Municipality
  readonly at: string
  readonly by: string
}

/** Proposes everything that the rules cover on a day; the caller holds the municipality's turn. */
export async function proposeReturnClosing(tx: Tx, act: Act & { readonly asOf: Day }): Promise<Closing> {
  const { municipality, at, by } = act
  const made = await proposeClosing(tx, municipality, await readLocalRules(tx, municipality), act)
  const subject = `closing ${made.closingNo}`
  const detail = { amount_ore: made.amount, parts: made.parts }
  await recordAudit(tx, { municipality, at, actor: by, command: 'returns.propose', subject, detail })
  return made
}

/** Books what another person approves by the total that was shown, on `on`. Gives how many parts were closed. */
export async function approveReturnClosing(
  tx: Tx,
  newest: RateReader,
  act: Act & { readonly closingNo: number; readonly total: number; readonly on: Day },
): Promise<number> {
  const { municipality, closingNo, at, by } = act
  const rates = await ratesIn(tx, newest, municipality)
  const rules = await readLocalRules(tx, municipality)
  const workNo = await nextWorkNo(tx, municipality)
  const parts = await approveClosing(tx, municipality, rules, closingNo, { ...act, workNo })
  await planTold(tx, municipality, { workNo, cause: `unclaimed ${closingNo}`, at, items: parts.map((one) => one.item) })
  const postedOn = (await postingDays(tx, municipality))(act.on)
  const booked = await withAccounts(tx, rates, municipality, parts)
  const book = ledgerWriter(municipality)
  const ledger = book.batch(ledgerBatchNo(workNo, 0), postedOn, at)
  ledger.entry(workNo)
  const returned = rates.account('returned').id
  for (const { source, benefit, account, amount, item } of booked) {
    ledger.transfer(source, benefit, returned, account, amount, item)
  }
  await book.write(tx)
  await recordClosed(tx, municipality, booked, { workNo, postedOn })
  const subject = `closing ${closingNo}`
  const detail = { amount_ore: act.total, parts: parts.length }
  await recordAudit(tx, { municipality, at, actor: by, command: 'returns.close', subject, detail })
  return parts.length
}

/**
 * Of what is paid again, the money of what was closed goes back to the return account first, in work of its own that
 * the ERP is told of.
 */
export async function openAgain(
  tx: Tx,
  rates: RateReader,
  payments: readonly Pick<PaymentAgain, 'parts'>[],
  act: Omit<Act, 'by'>,
): Promise<void> {
  const { municipality, at } = act
  const wanted = payments.flatMap((one) => one.parts).filter((part) => part.closed !== undefined)
  if (wanted.length === 0) return
  const keys = new Set(wanted.map(({ item, part }) => `${item}:${part}`))
  const closed = await closedPartsOf(tx, municipality, [...new Set(wanted.map((one) => one.item))])
  const parts = closed.filter(({ item, part }) => keys.has(`${item}:${part}`))
  const workNo = await nextWorkNo(tx, municipality)
  await planTold(tx, municipality, { workNo, cause: `reopened ${workNo}`, at, items: parts.map((one) => one.item) })
  const postedOn = (await postingDays(tx, municipality))(danishDay(at))
  const book = ledgerWriter(municipality)
  const ledger = book.batch(ledgerBatchNo(workNo, 0), postedOn, at)
  ledger.entry(workNo)
  reopen(rates, ledger, parts)
  await book.write(tx)
  await recordReopened(
    tx,
    municipality,
    workNo,
    parts.map((part) => ({ ...part, postedOn })),
  )
}

/** What is income goes back to the cost that it was: nobody got it. What is the citizen's is owed to them. */
async function withAccounts(
  tx: Tx,
  rates: RateReader,
  municipality: Municipality,
  parts: readonly UnclaimedPart[],
): Promise<(UnclaimedPart & { readonly account: number })[]> {
  const lines = await readLines(tx, municipality, [...new Set(parts.map((one) => one.item))], rates)
  const accounts = accountsOf(rates)
  return parts.map((part) => {
    const line = lines.get(part.item)
    const cost = () => accounts(part.benefit, line?.period.from ?? (0 as Day), line?.workNo).net.debit
    return { ...part, account: part.treatment === 'claim' ? rates.account('unclaimed').id : cost() }
  })
}

/** A batch of work that is done at once and told on, as what becomes of overpaid amounts is. */
async function planTold(
  tx: Tx,
  municipality: Municipality,
  work: { readonly workNo: number; readonly cause: string; readonly at: string; readonly items: readonly ItemId[] },
): Promise<void> {
  const orders = await tx.rows<{ order: OrderId }>(
    `select order_id as order from orders where municipality_code = $1 and order_id = any ($2)
     order by beneficiary, order_id`,
    [municipality, [...new Set(work.items.map(orderOfItem))]],
  )
  await tx.run(
    `insert into work_batches (municipality_code, work_no, kind, cause, known_at, order_ids)
     values ($1, $2, 'outcome', $3, $4, $5)`,
    [municipality, work.workNo, work.cause, work.at, orders.map((row) => row.order)],
  )
  await tx.run('insert into work_done values ($1, $2, $3)', [
    municipality,
    work.workNo,
    JSON.stringify({ items: work.items.length }),
  ])
}
