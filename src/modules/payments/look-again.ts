/**
 * A bank line that nothing matched is judged again when what comes late explains it: a refusal, as the bank booked the
 * bundle without a payment that we did not know was refused; or the statement of an earlier day, as money came back
 * that we did not know had left. The line stays as it came; a second entry beside it, known by the bank's reference and
 * a mark, says that it settles the bundle or is a return, and the ledger clears the account of what is unmatched.
 */
import type { Tx } from '../../base/db.ts'
import type { Day } from '../../base/date.ts'
import { batchOf, type Municipality } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { ledgerBatchNo, ledgerWriter } from '../ledger/index.ts'
import { oreAfterStop, recordBookedAfterStop } from './booked-after-stop.ts'
import { readParts } from './part.ts'
import { readSums } from './payment-run.ts'
import { type AnswerFile, postItems, type RailAccounts, recordReturns } from './record-answers.ts'
import { copyEntries, settledSums } from './record-statement.ts'
import { type Judged, readPosition } from './settlement.ts'

/** Behind the bank's reference of a line: the entry that says what it was found to be. */
export const MARK = '~'

/** Of entry `e`: no later one says what it was found to be. */
export const NOT_EXPLAINED_SINCE = `not exists (select from statement_entries later
  where later.municipality_code = e.municipality_code and later.account = e.account
    and later.bank_ref = e.bank_ref || '${MARK}')`

/** Of entries `e`: nothing matched it, nor has anything since. */
export const STILL_UNMATCHED = `e.match = 'unmatched' and ${NOT_EXPLAINED_SINCE}`

export interface LineAgain {
  readonly account: string
  readonly bank_ref: string
  readonly amount_ore: Ore
  readonly booking_date: Day
  readonly value_date: Day
  readonly payments: number
  readonly unit: number
  readonly named: string
  readonly reason: string
}

/** The work that explains: its number and the ledger batch within it, the day it is posted on, when it was known. */
export interface Explains {
  readonly workNo: number
  readonly position: number
  readonly date: Day
  readonly valueDate: Day
  readonly knownAt: string
}

/** Position of the ledger batch behind that of what was refused, and behind every piece of a statement. */
const BEHIND_REFUSED = 1
const BEHIND_PIECES = 63
/** Number of the first entry behind those that a statement itself may have. */
const BEHIND_ENTRIES = 2 ** 24

/** After the answers of these files are recorded. */
export async function lookAgainAfterAnswers(
  tx: Tx,
  municipality: Municipality,
  files: readonly AnswerFile[],
  accounts: RailAccounts,
): Promise<void> {
  const refusing = files.filter((file) => file.answers.some(({ answer }) => answer === 2 || answer === 7))
  const runs = new Set(refusing.flatMap((file) => file.answers.map(({ payment }) => batchOf(payment))))
  const last = refusing.at(-1)
  if (last !== undefined) await lookAgain(tx, municipality, [...runs], { ...last, position: BEHIND_REFUSED }, accounts)
}

/** After statements are booked that came behind later ones of their account. */
export async function lookAgainAfterStatements(
  tx: Tx,
  municipality: Municipality,
  late: readonly Omit<Explains, 'position'>[],
  accounts: RailAccounts,
): Promise<void> {
  const last = late.at(-1)
  if (last === undefined) return
  const rows = await tx.rows<{ run: number }>(
    `select distinct case when payment_id > 0 then (payment_id >> 24)::int else run_no end as run
     from statement_entries where municipality_code = $1 and work_no = any ($2) and match = 'settled' order by 1`,
    [municipality, late.map((one) => one.workNo)],
  )
  const runs = rows.map((row) => row.run)
  if (runs.length > 0) await lookAgain(tx, municipality, runs, { ...last, position: BEHIND_PIECES }, accounts)
}

async function lookAgain(
  tx: Tx,
  municipality: Municipality,
  runs: readonly number[],
  by: Explains,
  accounts: RailAccounts,
): Promise<void> {
  const lines = await unmatchedOf(tx, municipality, runs)
  if (lines.length === 0) return
  const entries = lines.map((line) => ({
    bankRef: `${line.bank_ref}${MARK}`,
    amount: line.amount_ore,
    bookingDate: line.booking_date,
    valueDate: line.value_date,
    bundleId: line.unit > 0 ? line.named : '',
    endToEndId: line.unit > 0 ? '' : line.named,
    reason: line.reason,
    count: line.payments,
  }))
  const position = await readPosition(tx, municipality, entries)
  const found = lines
    .map((line, i) => ({ line, one: position.judge(entries[i] as (typeof entries)[number]) }))
    .filter(({ one }) => one.match !== 'unmatched')
  if (found.length > 0) await bookAgain(tx, municipality, found, by, accounts, accounts.unmatched)
}

/**
 * Puts an entry beside each line, and takes its money from where the line was booked to (`contra`) to where it belongs.
 */
export async function bookAgain(
  tx: Tx,
  municipality: Municipality,
  found: readonly { readonly line: LineAgain; readonly one: Judged }[],
  by: Explains,
  accounts: RailAccounts,
  contra: number,
): Promise<void> {
  const { workNo, date, valueDate, knownAt } = by
  await copyEntries(
    tx,
    municipality,
    found.map(({ line: { account }, one }, i) => ({
      file: { workNo, before: by.position === BEHIND_PIECES ? BEHIND_ENTRIES + i : i, header: { account } },
      entries: [one],
    })),
  )
  const judged = found.map(({ one }) => one)
  for (const { line, one } of found) {
    await recordBookedAfterStop(tx, municipality, { workNo, account: line.account }, [one])
  }
  const returned = judged.filter((one) => one.match === 'returned')
  const reasons = returned.map(({ payment, entry }) => ({ payment, answer: 9, reason: entry.reason, workNo }))
  const fresh = await recordReturns(tx, municipality, reasons)
  const parts = Map.groupBy(await readParts(tx, municipality, fresh), (part) => part.payment)
  const runs = [...new Set(judged.map((one) => one.runNo))].filter((runNo) => runNo > 0)
  const sums = Map.groupBy(await readSums(tx, municipality, runs), (sum) => `${sum.runNo}:${sum.unit}`)
  const book = ledgerWriter(municipality)
  const ledger = book.batch(ledgerBatchNo(workNo, by.position), date, knownAt, valueDate)
  ledger.entry(workNo)
  for (const sum of await settledSums(tx, municipality, judged, sums)) {
    ledger.transfer(sum.source, sum.benefit, accounts.rail, contra, sum.amount, 0)
  }
  if (contra !== accounts.unmatched) ledger.transfer(0, 0, accounts.unmatched, contra, oreAfterStop(judged), 0)
  ledger.entry(workNo)
  for (const payment of fresh) postItems(ledger, parts.get(payment) ?? [], contra, accounts.returned)
  await book.write(tx)
}

/** What left before what came back, so that it is known to have left. */
async function unmatchedOf(tx: Tx, municipality: Municipality, runs: readonly number[]): Promise<LineAgain[]> {
  // Statements are numbered behind their run: of a run that no bank has booked yet there is nothing to read.
  return await tx.rows<LineAgain>(
    `select e.account, e.bank_ref, e.amount_ore, e.booking_date, e.value_date, e.payments, e.unit, e.named, e.reason
     from statement_entries e
     where e.municipality_code = $1 and e.work_no > (select min(r.work_no) from payment_runs r
         where r.municipality_code = $1 and r.run_no = any ($2))
       and case when e.payment_id > 0 then (e.payment_id >> 24)::int else e.run_no end = any ($2)
       and ${STILL_UNMATCHED} order by e.amount_ore > 0, e.work_no, e.entry_no`,
    [municipality, runs],
  )
}
