/** Bank statements: every movement is settled, returned or unmatched, and the bank account always equals the bank's. */
import { type RowWriter, rowWriter } from '../../base/copy.ts'
import type { Db, Tx } from '../../base/db.ts'
import type { Day } from '../../base/date.ts'
import type { Municipality, PaymentId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { ledgerBatchNo, ledgerWriter } from '../ledger/index.ts'
import type { StatementEntry, StatementHeader } from './message.ts'
import { type Part, readParts } from './part.ts'
import { bySystemAndBenefit, type RunSum, readSums } from './payment-run.ts'
import { postItems, type RailAccounts, recordReturns } from './record-answers.ts'
import { type Judged, readPosition } from './settlement.ts'

/** A bank statement, or a piece of one that is too large to be booked at once. */
export interface StatementFile {
  readonly workNo: number
  readonly knownAt: string
  /** The day of the statement, or the first open one after it. */
  readonly postingDate: Day
  readonly header: StatementHeader
  /** 0 for the first; each has a ledger batch of its own. */
  readonly piece: number
  /** Movements in the pieces before. */
  readonly before: number
  readonly entries: readonly StatementEntry[]
}

/** A received file `f` is a bank statement that was booked: whole, and none that came before. */
export const IS_BOOKED = `f.kind = 'statement' and f.header->>'account' is not null and (f.header->>'whole')::boolean
  and not f.header ? 'came'`

/** Books statements in their order; the caller has seen that each adds up as a whole. */
export async function recordStatements(
  tx: Tx,
  municipality: Municipality,
  files: readonly StatementFile[],
  accounts: RailAccounts,
): Promise<void> {
  if (files.length === 0) return
  const position = await readPosition(
    tx,
    municipality,
    files.flatMap((file) => file.entries),
  )
  const judged = files.map((file) => ({ file, entries: file.entries.map((entry) => position.judge(entry)) }))
  await copyEntries(tx, municipality, judged)
  const returned = judged.flatMap(({ file, entries }) =>
    entries
      .filter((one) => one.match === 'returned')
      .map((one) => ({ payment: one.payment, answer: 9, reason: one.entry.reason, workNo: file.workNo })),
  )
  const fresh = await recordReturns(tx, municipality, returned)
  const single = new Set(judged.flatMap(({ entries }) => entries.flatMap((one) => one.apart)))
  const parts = Map.groupBy(await readParts(tx, municipality, new Set([...fresh, ...single])), (part) => part.payment)
  const runs = [...new Set(judged.flatMap(({ entries }) => entries.map((one) => one.runNo)))].filter((no) => no > 0)
  const sums = Map.groupBy(await readSums(tx, municipality, runs), (sum) => `${sum.runNo}:${sum.unit}`)
  const book = ledgerWriter(municipality)
  for (const { file, entries } of judged) {
    const { postingDate, knownAt, header } = file
    const ledger = book.batch(ledgerBatchNo(file.workNo, file.piece), postingDate, knownAt, header.date)
    ledger.entry(file.workNo)
    for (const sum of settledSums(entries, sums, parts)) {
      ledger.transfer(sum.source, sum.benefit, accounts.rail, accounts.bank, sum.amount, 0)
    }
    ledger.entry(file.workNo)
    for (const { match, payment } of entries) {
      if (match !== 'returned' || !fresh.has(payment)) continue
      postItems(ledger, parts.get(payment) ?? [], accounts.bank, accounts.returned)
    }
    ledger.entry(file.workNo)
    for (const { entry, match } of entries) {
      if (match !== 'unmatched') continue
      const out = entry.amount < 0
      const [debit, credit] = out ? [accounts.unmatched, accounts.bank] : [accounts.bank, accounts.unmatched]
      ledger.transfer(0, 0, debit, credit, Math.abs(entry.amount) as Ore, 0)
    }
  }
  await book.write(tx)
}

/** What left the account as it should, by system and benefit: whole bundles without the payments that stand apart. */
export function settledSums(
  entries: readonly Judged[],
  sums: ReadonlyMap<string, readonly RunSum[]>,
  parts: ReadonlyMap<PaymentId, readonly Part[]>,
): ReturnType<typeof bySystemAndBenefit> {
  const all: { source: number; benefit: number; amount: number }[] = []
  for (const { match, payment, runNo, unit, apart } of entries) {
    if (match !== 'settled') continue
    if (payment === 0) for (const sum of sums.get(`${runNo}:${unit}`) ?? []) all.push(sum)
    const sign = payment === 0 ? -1 : 1
    for (const one of apart) {
      for (const { source, benefit, amount } of parts.get(one) ?? []) {
        all.push({ source, benefit, amount: sign * amount })
      }
    }
  }
  return bySystemAndBenefit(all)
}

const ENTRY_COLUMNS = `municipality_code, work_no, entry_no, account, bank_ref, amount_ore, booking_date, value_date,
  run_no, unit, payment_id, payments, reason, named, match`

/** The file as an entry names it. */
interface FileOfEntries extends Pick<StatementFile, 'workNo' | 'before'> {
  readonly header: Pick<StatementHeader, 'account'>
}

export async function copyEntries(
  tx: Tx,
  municipality: Municipality,
  judged: readonly { file: FileOfEntries; entries: readonly Judged[] }[],
): Promise<void> {
  const rows = rowWriter(1 << 14)
  for (const { file, entries } of judged) {
    for (const [i, one] of entries.entries()) putEntry(rows, municipality, file, file.before + i + 1, one)
  }
  if (rows.rows > 0) await tx.copyIn('statement_entries', ENTRY_COLUMNS, rows)
}

function putEntry(rows: RowWriter, municipality: Municipality, file: FileOfEntries, number: number, one: Judged): void {
  const { entry } = one
  rows.row(15)
  rows.i16(municipality)
  rows.i32(file.workNo)
  rows.i32(number)
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

/** The highest number of a statement of each account that was booked. */
export async function lastStatements(db: Db, municipality: Municipality): Promise<Map<string, number>> {
  const rows = await db.rows<{ account: string; number: number }>(
    `select f.header->>'account' as account, max((f.header->>'number')::int) as number from received_files f
     where f.municipality_code = $1 and ${IS_BOOKED} group by 1`,
    [municipality],
  )
  return new Map(rows.map(({ account, number }) => [account, number]))
}

/** What tells one statement of a number and day from another. */
export interface BookedStatement {
  readonly opening: Ore
  readonly closing: Ore
  readonly entries: number
}

export async function bookedStatement(
  db: Db,
  municipality: Municipality,
  { account, number, date }: Pick<StatementHeader, 'account' | 'number' | 'date'>,
): Promise<BookedStatement | undefined> {
  return await db.first<BookedStatement>(
    `select (f.header->>'opening')::bigint as opening, (f.header->>'closing')::bigint as closing,
       (f.header->>'entries')::int as entries
     from received_files f where f.municipality_code = $1 and ${IS_BOOKED} and f.header->>'account' = $2
       and (f.header->>'number')::int = $3 and (f.header->>'date')::int = $4`,
    [municipality, account, number, date],
  )
}
