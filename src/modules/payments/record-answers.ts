/** What the rail answered on payments: facts, and the open items that refusals leave on the return account. */
import { rowWriter } from '../../base/copy.ts'
import type { Db, Tx } from '../../base/db.ts'
import type { Day } from '../../base/date.ts'
import { batchOf, type Municipality, type PaymentId, RECORDS_PER_BATCH } from '../../base/id.ts'
import { type LedgerBatchWriter, ledgerBatchNo, ledgerWriter } from '../ledger/index.ts'
import type { FileProblem } from './message.ts'
import { asText, numbersIn, type Ranges, rangesOf } from './number-ranges.ts'
import { type Part, readParts } from './part.ts'
import { isAtState } from './settlement.ts'
import { STOPPED_OF_PAYMENT } from './stopped.ts'

export interface RailAccounts {
  readonly rail: number
  readonly bank: number
  readonly returned: number
  /** Bank movements that nothing matches. */
  readonly unmatched: number
}

export interface AnswerRow {
  readonly payment: PaymentId
  readonly answer: 2 | 7 | 8 | 9
  readonly reason: string
  readonly waitingAccount: boolean
}

/** How many payments each released run has: so that an answer about a payment that we never sent is seen. */
export async function runSizes(db: Db, municipality: Municipality): Promise<Map<number, number>> {
  const rows = await db.often.rows<{ run_no: number; payments: number }>(
    `select r.run_no, r.payments from payment_runs r where r.municipality_code = $1 and exists (select from
       payment_run_steps s where s.municipality_code = $1 and s.run_no = r.run_no and s.step = 'released')`,
    [municipality],
  )
  return new Map(rows.map((row) => [row.run_no, row.payments]))
}

/** A whole file of answers. */
export interface AnswerFile {
  readonly workNo: number
  /** Posting date of what is refused: an open day, when the day that it is about is closed. */
  readonly date: Day
  readonly valueDate: Day
  readonly knownAt: string
  readonly answers: readonly AnswerRow[]
}

/** Records files of answers in their order; an answer that is known already has no effect. */
export async function recordAnswers(
  tx: Tx,
  municipality: Municipality,
  files: readonly AnswerFile[],
  accounts: RailAccounts,
): Promise<void> {
  const named = new Set<number>()
  for (const { answers } of files) for (const answer of answers) named.add(batchOf(answer.payment))
  if (named.size === 0) return
  const known = await knownAnswers(tx, municipality, [...named])
  const rows = rowWriter(1 << 12)
  const accepted: Accepted[] = []
  const refused: (ReturnedPayment & { workNo: number })[] = []
  for (const { workNo, answers } of files) {
    accepted.push(...acceptedIn(workNo, answers, known.accepted))
    for (const { payment, answer, reason } of answers) {
      const key = payment * 10 + answer
      if (answer === 8 || known.others.has(key)) continue
      known.others.add(key)
      rows.row(5)
      rows.i16(municipality)
      rows.i64(payment)
      rows.i16(answer)
      rows.i32(workNo)
      rows.text(reason)
      if (answer !== 9) refused.push({ workNo, payment, answer, reason })
    }
  }
  if (rows.rows > 0) await tx.copyIn('payment_answers', 'municipality_code, payment_id, answer, work_no, reason', rows)
  await insertAccepted(tx, municipality, accepted)
  await returnRefused(tx, municipality, files, refused, accounts)
}

interface Accepted {
  readonly workNo: number
  readonly runNo: number
  readonly waitingAccount: boolean
  readonly payments: number
  readonly numbers: Ranges
}

/** What a file accepts and no file before it did, by run. `known` takes them in. */
function acceptedIn(workNo: number, answers: readonly AnswerRow[], known: Map<number, Set<number>>): Accepted[] {
  const lists = new Map<number, number[]>()
  for (const { payment, answer, waitingAccount } of answers) {
    if (answer !== 8) continue
    const key = batchOf(payment) * 2 + (waitingAccount ? 1 : 0)
    const list = lists.get(key)
    if (list === undefined) lists.set(key, [payment % RECORDS_PER_BATCH])
    else list.push(payment % RECORDS_PER_BATCH)
  }
  const accepted: Accepted[] = []
  for (const [key, list] of lists) {
    const runNo = key >> 1
    const before = known.get(runNo) ?? new Set<number>()
    const fresh = [...new Set(list)].filter((number) => !before.has(number)).sort((a, b) => a - b)
    for (const number of fresh) before.add(number)
    known.set(runNo, before)
    if (fresh.length === 0) continue
    accepted.push({ workNo, runNo, waitingAccount: (key & 1) === 1, payments: fresh.length, numbers: rangesOf(fresh) })
  }
  return accepted
}

async function insertAccepted(tx: Tx, municipality: Municipality, accepted: readonly Accepted[]): Promise<void> {
  if (accepted.length === 0) return
  await tx.run(
    `insert into accepted_payments (municipality_code, work_no, run_no, waiting_account, payments, numbers)
     select $1, w, r, a, p, n::int4multirange
     from unnest($2::int[], $3::int[], $4::boolean[], $5::int[], $6::text[]) as x (w, r, a, p, n)`,
    [
      municipality,
      accepted.map((one) => one.workNo),
      accepted.map((one) => one.runNo),
      accepted.map((one) => String(one.waitingAccount)),
      accepted.map((one) => one.payments),
      accepted.map((one) => asText(one.numbers)),
    ],
  )
}

interface Known {
  /** Numbers by run. */
  readonly accepted: Map<number, Set<number>>
  /** payment × 10 + answer. */
  readonly others: Set<number>
}

async function knownAnswers(db: Db, municipality: Municipality, runs: readonly number[]): Promise<Known> {
  const others = await db.rows<{ payment_id: number; answer: number }>(
    `select payment_id, answer from payment_answers where municipality_code = $1
       and payment_id >= $2 and payment_id < $3 and (payment_id >> 24) = any ($4)`,
    [municipality, Math.min(...runs) * RECORDS_PER_BATCH, (Math.max(...runs) + 1) * RECORDS_PER_BATCH, runs],
  )
  const rows = await db.rows<{ run_no: number; numbers: string }>(
    `select run_no, numbers::text as numbers from accepted_payments where municipality_code = $1 and run_no = any ($2)`,
    [municipality, runs],
  )
  const accepted = new Map<number, Set<number>>()
  for (const { run_no: runNo, numbers } of rows) {
    const set = accepted.get(runNo) ?? new Set<number>()
    for (const number of numbersIn(numbers)) set.add(number)
    accepted.set(runNo, set)
  }
  return { accepted, others: new Set(others.map((row) => row.payment_id * 10 + row.answer)) }
}

/** Refused before the bank (2, 7): the money never left. The payment is an open item on the return account. */
async function returnRefused(
  tx: Tx,
  municipality: Municipality,
  files: readonly AnswerFile[],
  refused: readonly (ReturnedPayment & { workNo: number })[],
  accounts: RailAccounts,
): Promise<void> {
  const fresh = await recordReturns(tx, municipality, refused)
  if (fresh.size === 0) return
  const parts = await readParts(tx, municipality, fresh)
  const book = ledgerWriter(municipality)
  for (const file of files) {
    const own = new Set(refused.filter((one) => one.workNo === file.workNo).map((one) => one.payment))
    if (own.size === 0) continue
    const ledger = book.batch(ledgerBatchNo(file.workNo, 0), file.date, file.knownAt, file.valueDate)
    ledger.entry(file.workNo)
    postItems(
      ledger,
      parts.filter((part) => own.has(part.payment)),
      accounts.rail,
      accounts.returned,
    )
  }
  await book.write(tx)
}

export interface ReturnedPayment {
  readonly payment: PaymentId
  readonly answer: number
  readonly reason: string
}

/**
 * Open items on the return account; a payment returns once, and one on the state's waiting account never. Gives those
 * that were new.
 */
export async function recordReturns(
  tx: Tx,
  municipality: Municipality,
  returned: readonly (ReturnedPayment & { workNo: number })[],
): Promise<Set<PaymentId>> {
  if (returned.length === 0) return new Set()
  const rows = await tx.often.rows<{ payment_id: number }>(
    `insert into payment_returns (municipality_code, payment_id, answer, work_no, amount_ore, reason)
     select p.municipality_code, p.payment_id, r.answer, r."workNo", p.amount_ore - z.ore, r.reason
     from jsonb_to_recordset($2::jsonb) as r (payment bigint, answer smallint, "workNo" int, reason text)
     join payments p on p.municipality_code = $1 and p.payment_id = r.payment
     ${STOPPED_OF_PAYMENT} where not z.whole and not exists (${isAtState('$1', 'p.payment_id')})
     order by r."workNo", r.payment on conflict do nothing returning payment_id`,
    [municipality, JSON.stringify(returned)],
  )
  return new Set(rows.map((row) => row.payment_id))
}

/** Posts parts item by item: for what comes back, where each item is followed. */
export function postItems(ledger: LedgerBatchWriter, parts: readonly Part[], debit: number, credit: number): void {
  for (const part of parts) ledger.transfer(part.source, part.benefit, debit, credit, part.amount, part.item)
}

export interface ReceivedFile {
  readonly workNo: number
  readonly kind: 'answers' | 'statement' | 'notification'
  readonly name: string
  readonly sha256: Uint8Array
  readonly header: unknown
  readonly problems: readonly FileProblem[]
  readonly knownAt: string
}

const RECEIVED_COLUMNS = 'municipality_code, work_no, kind, name, sha256, header, problems, known_at'

export async function recordReceivedFiles(
  tx: Tx,
  municipality: Municipality,
  files: readonly ReceivedFile[],
): Promise<void> {
  if (files.length === 0) return
  const rows = rowWriter(1 << 12)
  for (const file of files) {
    rows.row(8)
    rows.i16(municipality)
    rows.i32(file.workNo)
    rows.text(file.kind)
    rows.text(file.name)
    rows.bytes(file.sha256)
    rows.jsonb(file.header)
    rows.jsonb(file.problems)
    rows.time(file.knownAt)
  }
  await tx.copyIn('received_files', RECEIVED_COLUMNS, rows)
}
