/** Bank statements: every movement is settled, returned or unmatched, and the bank account always equals the bank's. */
import { rowReader, rowWriter } from '../../base/copy.ts'
import type { Db, Tx } from '../../base/db.ts'
import { batchOf, type Municipality, type PaymentId, RECORDS_PER_BATCH } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { ledgerBatch, ledgerBatchNo } from '../ledger/index.ts'
import type { StatementEntry, StatementHeader } from './message.ts'
import { bundleOfId, paymentOfEndToEndId } from './payment-run.ts'
import { postItems, postSums, type RailAccounts, recordReturns } from './record-answers.ts'

export interface StatementFile {
  readonly municipality: Municipality
  readonly workNo: number
  readonly knownAt: string
  readonly header: StatementHeader
}

type Match = 'settled' | 'returned' | 'unmatched'

interface Judged {
  readonly entry: StatementEntry
  readonly runNo: number
  readonly unit: number
  readonly payment: PaymentId
  readonly match: Match
}

/** Books a whole statement; the caller has seen that it adds up. */
export async function recordStatement(
  tx: Tx,
  file: StatementFile,
  entries: readonly StatementEntry[],
  accounts: RailAccounts,
): Promise<void> {
  const { municipality, workNo } = file
  const position = await openPosition(tx, municipality, entries)
  const settled = new Set<PaymentId>()
  const judged = entries.map((entry) => judge(municipality, position, entry, settled))
  await copyEntries(tx, file, judged)
  const returned = judged.filter((one) => one.match === 'returned')
  const fresh = await recordReturns(
    tx,
    file,
    returned.map((one) => ({ payment: one.payment, answer: 9, reason: one.entry.reason })),
  )
  const ledger = ledgerBatch(municipality, ledgerBatchNo(workNo, 0), file.header.date)
  ledger.entry(workNo)
  await postSums(tx, municipality, ledger, settled, accounts.rail, accounts.bank)
  ledger.entry(workNo)
  await postItems(tx, municipality, ledger, fresh, accounts.bank, accounts.returned)
  ledger.entry(workNo)
  for (const { entry, match } of judged) {
    if (match !== 'unmatched') continue
    const out = entry.amount < 0
    const [debit, credit] = out ? [accounts.unmatched, accounts.bank] : [accounts.bank, accounts.unmatched]
    ledger.transfer(0, 0, debit, credit, Math.abs(entry.amount) as Ore, 0)
  }
  await ledger.write(tx, file.knownAt)
}

interface Position {
  /** Payments that are sent and neither refused nor settled, by payment. */
  readonly open: Map<PaymentId, { unit: number; amount: number }>
  /** Settled payments that have not come back. */
  readonly gone: Map<PaymentId, number>
}

function runsNamed(municipality: Municipality, entries: readonly StatementEntry[]): Set<number> {
  const runs = new Set<number>()
  for (const entry of entries) {
    const payment = entry.endToEndId === '' ? undefined : paymentOfEndToEndId(entry.endToEndId)
    const bundle = payment === undefined ? bundleOfId(entry.bundleId) : undefined
    if (payment?.municipality === municipality) runs.add(batchOf(payment.payment))
    if (bundle?.municipality === municipality) runs.add(bundle.runNo)
  }
  return runs
}

/** Where the payments of the named runs stand before this statement. */
async function openPosition(db: Db, municipality: Municipality, entries: readonly StatementEntry[]): Promise<Position> {
  const position: Position = { open: new Map(), gone: new Map() }
  const runs = [...runsNamed(municipality, entries)]
  for (const run of runs) {
    const rows = rowReader(
      await db.copyOut(`select payment_id, unit, amount_ore from payments where municipality_code = ${municipality}
        and payment_id >= ${run * RECORDS_PER_BATCH} and payment_id < ${(run + 1) * RECORDS_PER_BATCH}`),
    )
    while (rows.next()) position.open.set(rows.i64(), { unit: rows.i32(), amount: rows.i64() })
  }
  const returned = await db.rows<{ payment_id: number; answer: number }>(
    `select payment_id, answer from payment_returns where municipality_code = $1 and (payment_id >> 24) = any($2)`,
    [municipality, runs],
  )
  const back = new Set(returned.filter((row) => row.answer === 9).map((row) => row.payment_id))
  for (const row of returned) if (row.answer !== 9) position.open.delete(row.payment_id)
  const before = await db.rows<{ run_no: number; unit: number; payment_id: number }>(
    `select run_no, unit, payment_id from statement_entries where municipality_code = $1 and match = 'settled'
       and (run_no = any($2) or (payment_id >> 24) = any($2))`,
    [municipality, runs],
  )
  const settle = (payment: PaymentId): void => {
    const one = position.open.get(payment)
    if (one !== undefined && !back.has(payment)) position.gone.set(payment, one.amount)
    position.open.delete(payment)
  }
  for (const row of before) {
    if (row.payment_id > 0) settle(row.payment_id)
    else for (const payment of bundle(position, row.run_no, row.unit)) settle(payment)
  }
  return position
}

function bundle(position: Position, runNo: number, unit: number): PaymentId[] {
  const payments: PaymentId[] = []
  for (const [payment, one] of position.open) {
    if (one.unit === unit && batchOf(payment) === runNo) payments.push(payment)
  }
  return payments
}

/** An entry whose amount is not that of its payments settles nothing: a person must look at it. */
function judge(municipality: Municipality, position: Position, entry: StatementEntry, settled: Set<PaymentId>): Judged {
  const named = entry.endToEndId === '' ? undefined : paymentOfEndToEndId(entry.endToEndId)
  const whole = named === undefined ? bundleOfId(entry.bundleId) : undefined
  const payment = named?.municipality === municipality ? named.payment : 0
  const ours = whole?.municipality === municipality ? whole : undefined
  const told = { entry, payment, runNo: ours?.runNo ?? 0, unit: ours?.unit ?? 0 }
  if (entry.amount > 0) {
    const back = payment > 0 && position.gone.get(payment) === entry.amount
    if (back) position.gone.delete(payment)
    return { ...told, match: back ? 'returned' : 'unmatched' }
  }
  const payments = payment > 0 ? [payment] : ours === undefined ? [] : bundle(position, ours.runNo, ours.unit)
  const sum = payments.reduce((total, one) => total + (position.open.get(one)?.amount ?? 0), 0)
  if (sum === 0 || sum !== -entry.amount) return { ...told, match: 'unmatched' }
  for (const one of payments) {
    settled.add(one)
    position.gone.set(one, position.open.get(one)?.amount ?? 0)
    position.open.delete(one)
  }
  return { ...told, match: 'settled' }
}

async function copyEntries(tx: Tx, file: StatementFile, judged: readonly Judged[]): Promise<void> {
  const rows = rowWriter(1 << 14)
  for (const [i, one] of judged.entries()) {
    const { entry } = one
    rows.row(15)
    rows.i16(file.municipality)
    rows.i32(file.workNo)
    rows.i32(i + 1)
    rows.text(file.header.account)
    rows.text(entry.bankRef)
    rows.i64(entry.amount)
    rows.date(entry.bookingDate)
    rows.date(entry.valueDate)
    rows.i32(one.runNo)
    rows.i32(one.unit)
    rows.i64(one.payment)
    rows.i32(entry.count)
    rows.text(entry.reason)
    rows.text(entry.endToEndId || entry.bundleId)
    rows.text(one.match)
  }
  await tx.copyIn(
    'statement_entries',
    `municipality_code, work_no, entry_no, account, bank_ref, amount_ore, booking_date, value_date, run_no, unit,
     payment_id, payments, reason, named, match`,
    rows.take(),
  )
}

/** The last statement of an account that was booked, for the continuity of numbers and balances. */
export async function lastStatement(
  db: Db,
  municipality: Municipality,
  account: string,
): Promise<{ number: number; closing: Ore } | undefined> {
  return await db.first(
    `select (header->>'number')::int as number, (header->>'closing')::bigint as closing from received_files
     where municipality_code = $1 and kind = 'statement' and header->>'account' = $2
     order by (header->>'number')::int desc limit 1`,
    [municipality, account],
  )
}
