/** What the rail and the bank answered: facts about payments, and the open items that they leave. */
import { rowWriter } from '../../base/copy.ts'
import type { Db, Tx } from '../../base/db.ts'
import type { Day } from '../../base/date.ts'
import type { Municipality, PaymentId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { ledgerBatchNo, writeEntryFromQuery } from '../ledger/index.ts'
import type { FileProblem, StatementEntry, StatementHeader } from './message.ts'
import { bundleOfId, paymentOfEndToEndId } from './payment-run.ts'

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

/** Records a file of answers; an answer that is known already has no effect. Gives how many were new. */
export async function recordAnswers(
  tx: Tx,
  file: { municipality: Municipality; workNo: number; date: Day; knownAt: string },
  answers: readonly AnswerRow[],
  accounts: RailAccounts,
): Promise<number> {
  const rows = rowWriter(1 << 16)
  for (const answer of answers) {
    rows.row(6)
    rows.i16(file.municipality)
    rows.i64(answer.payment)
    rows.i16(answer.answer)
    rows.i32(file.workNo)
    rows.bool(answer.waitingAccount)
    rows.text(answer.reason)
  }
  const columns = 'municipality_code, payment_id, answer, work_no, waiting_account, reason'
  const first = answers[0]
  if (first === undefined) return 0
  const before = await tx.first(
    `select 1 from payment_answers where municipality_code = $1 and payment_id >= ($2::bigint >> 24) << 24
       and payment_id < (($2::bigint >> 24) + 1) << 24 limit 1`,
    [file.municipality, first.payment],
  )
  let taken = answers.length
  if (before === undefined) await tx.copyIn('payment_answers', columns, rows.take())
  else {
    await tx.run('create temporary table if not exists told_answers (like payment_answers) on commit delete rows')
    await tx.copyIn('told_answers', columns, rows.take())
    taken = await tx.run('insert into payment_answers select * from told_answers on conflict do nothing')
    await tx.run('truncate told_answers')
  }
  await returnRefused(tx, file, accounts)
  return taken
}

/** Refused before the bank (2, 7): the money never left. The payment is an open item on the return account. */
async function returnRefused(
  tx: Tx,
  file: { municipality: Municipality; workNo: number; date: Day; knownAt: string },
  accounts: RailAccounts,
): Promise<void> {
  const returned = await tx.run(
    `insert into payment_returns (municipality_code, payment_id, answer, work_no, amount_ore, reason)
     select a.municipality_code, a.payment_id, a.answer, a.work_no, p.amount_ore, a.reason
     from payment_answers a join payments p on p.municipality_code = a.municipality_code and p.payment_id = a.payment_id
     where a.municipality_code = $1 and a.work_no = $2 and a.answer in (2, 7) on conflict do nothing`,
    [file.municipality, file.workNo],
  )
  if (returned === 0) return
  await writeEntryFromQuery(
    tx,
    {
      municipality: file.municipality,
      batchNo: ledgerBatchNo(file.workNo, 0),
      postingDate: file.date,
      knownAt: file.knownAt,
      cause: file.workNo,
    },
    partsOf(
      accounts.rail,
      accounts.returned,
      'select payment_id from payment_returns where municipality_code = $1 and work_no = $2',
    ),
    [file.workNo],
  )
}

/** Item parts of chosen payments, as transfers. `chosen` selects payment ids. */
function partsOf(debit: number, credit: number, chosen: string): string {
  return `select p.source_system, p.benefit, ${debit} as debit_account, ${credit} as credit_account, p.amount_ore,
      p.item_id, p.item_id as sort_a, p.part as sort_b
    from (${chosen}) c
    join payment_runs r on r.municipality_code = $1 and r.run_no = (c.payment_id >> 24)::int
    join payables p on p.municipality_code = $1 and p.disposition_date = r.disposition_date
    join payment_parts x on x.municipality_code = $1 and x.item_id = p.item_id and x.part = p.part
      and x.payment_id = c.payment_id`
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

/** Books a bank statement: bundles and single payments leave the rail's account, returns come back as open items. */
export async function recordStatement(
  tx: Tx,
  file: { municipality: Municipality; workNo: number; knownAt: string; header: StatementHeader },
  entries: readonly StatementEntry[],
  accounts: RailAccounts,
): Promise<void> {
  const rows = rowWriter(1 << 14)
  for (const [i, entry] of entries.entries()) {
    const bundle = bundleOfId(entry.bundleId)
    const payment = entry.endToEndId === '' ? undefined : paymentOfEndToEndId(entry.endToEndId)
    const ours = (party: { municipality: number } | undefined) => party?.municipality === file.municipality
    rows.row(14)
    rows.i16(file.municipality)
    rows.i32(file.workNo)
    rows.i32(i + 1)
    rows.text(file.header.account)
    rows.text(entry.bankRef)
    rows.i64(entry.amount)
    rows.date(entry.bookingDate)
    rows.date(entry.valueDate)
    rows.i32(payment === undefined && bundle && ours(bundle) ? bundle.runNo : 0)
    rows.i32(payment === undefined && bundle && ours(bundle) ? bundle.unit : 0)
    rows.i64(payment && ours(payment) ? payment.payment : 0)
    rows.i32(entry.count)
    rows.text(entry.reason)
    rows.text(entry.endToEndId || entry.bundleId)
  }
  await tx.copyIn(
    'statement_entries',
    `municipality_code, work_no, entry_no, account, bank_ref, amount_ore, booking_date, value_date, run_no, unit,
     payment_id, payments, reason, named`,
    rows.take(),
  )
  await bookStatement(tx, file, accounts)
}

/** Payments that an outgoing statement entry settles: the whole bundle less what was refused, or the one payment. */
const SETTLED = `
  select p.payment_id, p.amount_ore, s.entry_no from statement_entries s
  join payments p on p.municipality_code = s.municipality_code and p.unit = s.unit
    and p.payment_id >= s.run_no::bigint << 24 and p.payment_id < (s.run_no::bigint + 1) << 24
  where s.municipality_code = $1 and s.work_no = $2 and s.amount_ore < 0 and s.run_no > 0
    and not exists (select from payment_returns r where r.municipality_code = p.municipality_code
      and r.payment_id = p.payment_id and r.answer in (2, 7))
  union all
  select p.payment_id, p.amount_ore, s.entry_no from statement_entries s
  join payments p on p.municipality_code = s.municipality_code and p.payment_id = s.payment_id
  where s.municipality_code = $1 and s.work_no = $2 and s.amount_ore < 0 and s.payment_id > 0`

async function bookStatement(
  tx: Tx,
  file: { municipality: Municipality; workNo: number; knownAt: string; header: StatementHeader },
  accounts: RailAccounts,
): Promise<void> {
  const base = {
    municipality: file.municipality,
    postingDate: file.header.date,
    knownAt: file.knownAt,
    cause: file.workNo,
  }
  // An entry whose amount is not that of its payments settles nothing: it stands on the account for unmatched movements.
  await tx.run(
    `insert into statement_matches (municipality_code, work_no, entry_no, kind)
     select s.municipality_code, s.work_no, s.entry_no,
       case when s.amount_ore < 0 and t.ore = -s.amount_ore then 'settled'
            when s.amount_ore > 0 and p.amount_ore = s.amount_ore then 'returned' else 'unmatched' end
     from statement_entries s
     left join (select entry_no, sum(amount_ore) as ore from (${SETTLED}) q group by entry_no) t on t.entry_no = s.entry_no
     left join payments p on p.municipality_code = s.municipality_code and p.payment_id = s.payment_id
     where s.municipality_code = $1 and s.work_no = $2`,
    [file.municipality, file.workNo],
  )
  const matched = `select entry_no from statement_matches where municipality_code = $1 and work_no = $2 and kind =`
  await writeEntryFromQuery(
    tx,
    { ...base, batchNo: ledgerBatchNo(file.workNo, 0) },
    partsOf(
      accounts.rail,
      accounts.bank,
      `select q.payment_id from (${SETTLED}) q where q.entry_no in (${matched} 'settled')`,
    ),
    [file.workNo],
  )
  await tx.run(
    `insert into payment_returns (municipality_code, payment_id, answer, work_no, amount_ore, reason)
     select s.municipality_code, s.payment_id, 9, s.work_no, s.amount_ore, s.reason from statement_entries s
     where s.municipality_code = $1 and s.work_no = $2 and s.entry_no in (${matched} 'returned') on conflict do nothing`,
    [file.municipality, file.workNo],
  )
  await writeEntryFromQuery(
    tx,
    { ...base, batchNo: ledgerBatchNo(file.workNo, 1) },
    partsOf(
      accounts.bank,
      accounts.returned,
      'select payment_id from payment_returns where municipality_code = $1 and work_no = $2',
    ),
    [file.workNo],
  )
  await writeEntryFromQuery(
    tx,
    { ...base, batchNo: ledgerBatchNo(file.workNo, 2) },
    `select 0::smallint as source_system, 0::smallint as benefit,
       case when amount_ore < 0 then ${accounts.unmatched} else ${accounts.bank} end as debit_account,
       case when amount_ore < 0 then ${accounts.bank} else ${accounts.unmatched} end as credit_account,
       abs(amount_ore) as amount_ore, 0::bigint as item_id, entry_no::bigint as sort_a, 0 as sort_b
     from statement_entries where municipality_code = $1 and work_no = $2 and amount_ore <> 0
       and entry_no in (${matched} 'unmatched')`,
    [file.workNo],
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
