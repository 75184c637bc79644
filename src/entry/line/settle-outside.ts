/**
 * What was paid elsewhere ends what is due of its order: it leaves its run, and its money moves to an account of its
 * own. An order that has not come is waited for; one that pays another amount is held for a person. @da betalt udenom
 */
import type { Tx } from '../../base/db.ts'
import type { Municipality } from '../../base/id.ts'
import { ledgerBatchNo, ledgerWriter, postingDays } from '../../modules/ledger/index.ts'
import {
  clearOutside,
  lineOfOutside,
  lineOfPart,
  orderOfOutside,
  type OrderPart,
  type Outside,
  outsideLinesByReference,
  PART_AGAIN,
  partsOfOrders,
  readOutside,
  readPaymentsAgain,
  recordOutsideParts,
} from '../../modules/payments/index.ts'
import type { RateReader } from '../../modules/rates/index.ts'
import { actWork } from './act-work.ts'
import { holdLines } from './hold-payments.ts'
import { later } from './clock.ts'
import { netPayableAccounts, railAccounts } from './item-accounts.ts'
import { dueAgainOn } from './let-go.ts'

/** Every approved one whose order pays just that; gives their numbers. Nothing is asked when none is registered. */
export async function settleOutside(
  tx: Tx,
  rates: RateReader,
  municipality: Municipality,
  at: string,
): Promise<readonly number[]> {
  const settled: number[] = []
  for (const one of await readOutside(tx, municipality, true)) {
    if (one.approvedAt === undefined) continue
    const parts = await partsPaid(tx, municipality, one)
    if (parts === undefined || !(await isAllOf(tx, municipality, one, parts))) continue
    await settle(tx, rates, municipality, one, parts, later(one.approvedAt, at))
    settled.push(one.outsideNo)
  }
  if (settled.length > 0) await clearByReference(tx, rates, municipality, at)
  return settled
}

/** What has settled an order, and of which the bank has booked a line with its reference. */
export async function clearByReference(
  tx: Tx,
  rates: RateReader,
  municipality: Municipality,
  at: string,
): Promise<void> {
  const accounts = railAccounts(rates)
  for (const found of await outsideLinesByReference(tx, municipality)) {
    const workNo = await actWork(tx, municipality, 'outside line', at, { lines: 1 })
    const act = { workNo, at, postedOn: await postingDays(tx, municipality) }
    await clearOutside(tx, municipality, found, act, accounts)
  }
}

/** What may be paid elsewhere is not let go until it is known: it is held in every run that is not released. */
export async function holdOutside(tx: Tx, municipality: Municipality, at: string): Promise<void> {
  for (const one of await readOutside(tx, municipality, true)) {
    const parts = (await partsPaid(tx, municipality, one)) ?? []
    const reason = `Betalt udenom (${one.reference}): se «toek outside»`
    const open = parts.filter((part) => part.state === 'unreleased')
    await holdLines(tx, municipality, open, { cause: 'held', reason, owner: one.by, by: 'toek', at })
  }
}

/** The parts of the order that it can be; undefined: the order has not come, or is not calculated. */
async function partsPaid(tx: Tx, municipality: Municipality, one: Outside): Promise<OrderPart[] | undefined> {
  const found = await orderOfOutside(tx, municipality, one)
  if (found === undefined || !found.calculated) return undefined
  const line = one.lineKey === '' ? 0 : await lineOfOutside(tx, municipality, found.order, one.lineKey)
  if (line === undefined) return undefined
  return (await partsOfOrders(tx, municipality, [found.order])).filter((part) => lineOfPart(part.part) === line)
}

/** They are of the same amount, none of them has left, and what came back has come back for good. */
async function isAllOf(
  tx: Tx,
  municipality: Municipality,
  one: Outside,
  parts: readonly OrderPart[],
): Promise<boolean> {
  if (parts.some((part) => part.state === 'released' || part.state === 'stopped')) return false
  if (parts.reduce((sum, part) => sum + part.amount, 0) !== one.amount) return false
  const returned = parts.flatMap((part) => (part.state === 'returned' ? [part.payment as number] : []))
  const again = await readPaymentsAgain(tx, municipality, [...new Set(returned)])
  return again.every((payment) => payment.why === undefined)
}

async function settle(
  tx: Tx,
  rates: RateReader,
  municipality: Municipality,
  one: Outside,
  parts: readonly OrderPart[],
  at: string,
): Promise<void> {
  const reason = `Betalt udenom: ${one.reference}`
  const to = rates.account('paid_outside').id
  await endParts(tx, rates, { ...one, municipality, cause: 'held', reason, to, at }, parts)
}

export interface EndingParts extends Pick<Outside, 'outsideNo' | 'paidOn' | 'by'> {
  readonly municipality: Municipality
  readonly cause: 'held' | 'double'
  readonly reason: string
  /** The account that their money goes to. */
  readonly to: number
  readonly at: string
}

/** Somebody else has made the last attempt at these parts: they leave their run. Gives the number of the work. */
export async function endParts(
  tx: Tx,
  rates: RateReader,
  act: EndingParts,
  parts: readonly OrderPart[],
): Promise<number> {
  const { municipality, outsideNo, paidOn, cause, reason, by, at } = act
  const unreleased = parts.filter((part) => part.state === 'unreleased')
  await holdLines(tx, municipality, unreleased, { cause, reason, owner: by, by: 'toek', at })
  const again = parts.map(({ item, part, payee }) => ({ item, part, payee, dispositionDate: paidOn }))
  const workNo = await dueAgainOn(tx, again, { municipality, reason, by, at })
  const settled = parts.map((part) => ({ ...part, part: part.part + PART_AGAIN }))
  await recordOutsideParts(tx, municipality, { outsideNo, workNo }, settled)
  const netPayable = netPayableAccounts(rates)
  const book = ledgerWriter(municipality)
  const ledger = book.batch(ledgerBatchNo(workNo, 0), (await postingDays(tx, municipality))(paidOn), at)
  ledger.entry(outsideNo)
  for (const { state, source, benefit, amount, item } of parts) {
    const from = state === 'returned' ? rates.account('returned').id : (netPayable.get(source) ?? 0)
    ledger.transfer(source, benefit, from, act.to, amount, item)
  }
  await book.write(tx)
  return workNo
}
