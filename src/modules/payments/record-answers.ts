/** What the rail answered on payments: facts, and the open items that refusals leave on the return account. */
import { rowWriter } from '../../base/copy.ts'
import type { Db, Tx } from '../../base/db.ts'
import type { Day } from '../../base/date.ts'
import { batchOf, type Municipality, type PaymentId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { type LedgerBatchWriter, ledgerBatch, ledgerBatchNo } from '../ledger/index.ts'
import type { FileProblem } from './message.ts'
import { type Part, partOf, readParts } from './part.ts'

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

/** How many payments each run of a municipality has: so that an answer about a payment we never made is seen. */
export async function runSizes(db: Db, municipality: Municipality): Promise<Map<number, number>> {
  const rows = await db.rows<{ run_no: number; payments: number }>(
    'select run_no, payments from payment_runs where municipality_code = $1',
    [municipality],
  )
  return new Map(rows.map((row) => [row.run_no, row.payments]))
}

interface AnswerFile {
  readonly municipality: Municipality
  readonly workNo: number
  /** Posting date of what is refused. */
  readonly date: Day
  readonly knownAt: string
}

/** Records a file of answers; an answer that is known already has no effect. Gives how many were new. */
export async function recordAnswers(
  tx: Tx,
  file: AnswerFile,
  answers: readonly AnswerRow[],
  accounts: RailAccounts,
): Promise<number> {
  const known = await knownAnswers(tx, file.municipality, answers)
  const rows = rowWriter(1 << 16)
  const refused: AnswerRow[] = []
  for (const answer of answers) {
    const key = answer.payment * 10 + answer.answer
    if (known.has(key)) continue
    known.add(key)
    rows.row(6)
    rows.i16(file.municipality)
    rows.i64(answer.payment)
    rows.i16(answer.answer)
    rows.i32(file.workNo)
    rows.bool(answer.waitingAccount)
    rows.text(answer.reason)
    if (answer.answer === 2 || answer.answer === 7) refused.push(answer)
  }
  const taken = rows.rows
  if (taken > 0) {
    await tx.copyIn(
      'payment_answers',
      'municipality_code, payment_id, answer, work_no, waiting_account, reason',
      rows.take(),
    )
  }
  await returnRefused(tx, file, refused, accounts)
  return taken
}

async function knownAnswers(db: Db, municipality: Municipality, answers: readonly AnswerRow[]): Promise<Set<number>> {
  const known = new Set<number>()
  for (const run of new Set(answers.map((answer) => batchOf(answer.payment)))) {
    const rows = await db.rows<{ payment_id: number; answer: number }>(
      `select payment_id, answer from payment_answers where municipality_code = $1
         and payment_id >= $2::bigint << 24 and payment_id < ($2::bigint + 1) << 24`,
      [municipality, run],
    )
    for (const row of rows) known.add(row.payment_id * 10 + row.answer)
  }
  return known
}

/** Refused before the bank (2, 7): the money never left. The payment is an open item on the return account. */
async function returnRefused(
  tx: Tx,
  file: AnswerFile,
  refused: readonly AnswerRow[],
  accounts: RailAccounts,
): Promise<void> {
  if (refused.length === 0) return
  const fresh = await recordReturns(
    tx,
    file,
    refused.map(({ payment, answer, reason }) => ({ payment, answer, reason })),
  )
  const ledger = ledgerBatch(file.municipality, ledgerBatchNo(file.workNo, 0), file.date)
  ledger.entry(file.workNo)
  await postItems(tx, file.municipality, ledger, fresh, accounts.rail, accounts.returned)
  await ledger.write(tx, file.knownAt)
}

export interface ReturnedPayment {
  readonly payment: PaymentId
  readonly answer: number
  readonly reason: string
}

/** Open items on the return account; a payment returns once. Gives those that were new. */
export async function recordReturns(
  tx: Tx,
  file: { municipality: Municipality; workNo: number },
  returned: readonly ReturnedPayment[],
): Promise<Set<PaymentId>> {
  const rows = await tx.rows<{ payment_id: number }>(
    `insert into payment_returns (municipality_code, payment_id, answer, work_no, amount_ore, reason)
     select p.municipality_code, p.payment_id, r.answer, $2, p.amount_ore, r.reason
     from jsonb_to_recordset($3::jsonb) as r (payment bigint, answer smallint, reason text)
     join payments p on p.municipality_code = $1 and p.payment_id = r.payment
     order by p.payment_id on conflict do nothing returning payment_id`,
    [file.municipality, file.workNo, JSON.stringify(returned)],
  )
  return new Set(rows.map((row) => row.payment_id))
}

/** The item parts of chosen payments, run by run. */
async function* partsOf(db: Db, municipality: Municipality, payments: ReadonlySet<PaymentId>): AsyncGenerator<Part> {
  if (payments.size === 0) return
  const dates = await db.rows<{ run_no: number; date: Day }>(
    `select run_no, disposition_date as date from payment_runs where municipality_code = $1 and run_no = any($2)
     order by run_no`,
    [municipality, [...new Set([...payments].map(batchOf))]],
  )
  for (const run of dates) {
    const rows = await readParts(db, municipality, run.run_no, run.date)
    while (rows.next()) {
      const part = partOf(rows)
      if (payments.has(part.payment)) yield part
    }
  }
}

/** Posts chosen payments item by item: for what comes back, where each item is followed. */
export async function postItems(
  tx: Tx,
  municipality: Municipality,
  ledger: LedgerBatchWriter,
  payments: ReadonlySet<PaymentId>,
  debit: number,
  credit: number,
): Promise<void> {
  for await (const part of partsOf(tx, municipality, payments)) {
    ledger.transfer(part.source, part.benefit, debit, credit, part.amount, part.item)
  }
}

/** Posts chosen payments as sums by system and benefit: for what goes as it should. */
export async function postSums(
  tx: Tx,
  municipality: Municipality,
  ledger: LedgerBatchWriter,
  payments: ReadonlySet<PaymentId>,
  debit: number,
  credit: number,
): Promise<void> {
  const sums = new Map<number, number>()
  for await (const part of partsOf(tx, municipality, payments)) {
    const key = part.source * 65_536 + part.benefit
    sums.set(key, (sums.get(key) ?? 0) + part.amount)
  }
  for (const key of [...sums.keys()].sort((a, b) => a - b)) {
    ledger.transfer(Math.floor(key / 65_536), key % 65_536, debit, credit, sums.get(key) as Ore, 0)
  }
}

export async function recordReceivedFile(
  tx: Tx,
  file: {
    municipality: Municipality
    workNo: number
    kind: 'answers' | 'statement'
    name: string
    sha256: Uint8Array
    header: unknown
    problems: readonly FileProblem[]
    knownAt: string
  },
): Promise<void> {
  await tx.run(
    `insert into received_files (municipality_code, work_no, kind, name, sha256, header, problems, known_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      file.municipality,
      file.workNo,
      file.kind,
      file.name,
      file.sha256,
      JSON.stringify(file.header),
      JSON.stringify(file.problems),
      file.knownAt,
    ],
  )
}
