/**
 * A bank line that nothing matched is judged again when a late refusal explains it: the bank booked the bundle without
 * a payment that we did not know was refused. The line stays as it came; a second entry beside it, known by the bank's
 * reference and a mark, says that it settles the bundle, and the ledger clears the account of what is unmatched.
 */
import type { Tx } from '../../base/db.ts'
import type { Day } from '../../base/date.ts'
import { batchOf, type Municipality } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { ledgerBatchNo, ledgerWriter } from '../ledger/index.ts'
import { readParts } from './part.ts'
import { readSums } from './payment-run.ts'
import type { AnswerFile, RailAccounts } from './record-answers.ts'
import { copyEntries, settledSums } from './record-statement.ts'
import { readPosition } from './settlement.ts'

const MARK = '~'

/** Of entries `e`: nothing matched it, nor has anything since. */
export const STILL_UNMATCHED = `e.match = 'unmatched' and not exists (select from statement_entries later
  where later.municipality_code = e.municipality_code and later.account = e.account
    and later.bank_ref = e.bank_ref || '${MARK}')`

interface Line {
  readonly account: string
  readonly bank_ref: string
  readonly amount_ore: Ore
  readonly booking_date: Day
  readonly value_date: Day
  readonly payments: number
  readonly named: string
}

/** After the answers of these files are recorded; `firstWorkNo` is the number of the first run that they answer. */
export async function lookAgain(
  tx: Tx,
  municipality: Municipality,
  files: readonly AnswerFile[],
  firstWorkNo: number,
  accounts: RailAccounts,
): Promise<void> {
  const refusing = files.filter((file) => file.answers.some(({ answer }) => answer === 2 || answer === 7))
  const runs = new Set(refusing.flatMap((file) => file.answers.map(({ payment }) => batchOf(payment))))
  if (runs.size === 0) return
  // Statements are numbered behind their run: of a run that no bank has booked yet there is nothing to read.
  const lines = await tx.rows<Line>(
    `select e.account, e.bank_ref, e.amount_ore, e.booking_date, e.value_date, e.payments, e.named
     from statement_entries e where e.municipality_code = $1 and e.work_no > $2 and e.run_no = any ($3) and e.unit > 0
       and ${STILL_UNMATCHED} order by e.work_no, e.entry_no`,
    [municipality, firstWorkNo, [...runs]],
  )
  const entries = lines.map((line) => ({
    bankRef: `${line.bank_ref}${MARK}`,
    amount: line.amount_ore,
    bookingDate: line.booking_date,
    valueDate: line.value_date,
    bundleId: line.named,
    endToEndId: '',
    reason: '',
    count: line.payments,
  }))
  const position = await readPosition(tx, municipality, entries)
  const found = lines
    .map((line, i) => ({ line, one: position.judge(entries[i] as (typeof entries)[number]) }))
    .filter(({ one }) => one.match === 'settled')
  if (found.length === 0) return
  const file = refusing.at(-1) as AnswerFile
  await copyEntries(
    tx,
    municipality,
    found.map(({ line: { account }, one }, before) => {
      return { file: { workNo: file.workNo, before, header: { account } }, entries: [one] }
    }),
  )
  const judged = found.map(({ one }) => one)
  const apart = new Set(judged.flatMap((one) => one.apart))
  const parts = Map.groupBy(await readParts(tx, municipality, apart), (part) => part.payment)
  const sums = Map.groupBy(await readSums(tx, municipality, [...runs]), (sum) => `${sum.runNo}:${sum.unit}`)
  const book = ledgerWriter(municipality)
  // Beside the batch of what was refused.
  const ledger = book.batch(ledgerBatchNo(file.workNo, 1), file.date, file.knownAt)
  ledger.entry(file.workNo)
  for (const sum of settledSums(judged, sums, parts)) {
    ledger.transfer(sum.source, sum.benefit, accounts.rail, accounts.unmatched, sum.amount, 0)
  }
  await book.write(tx)
}
