/** Bank statements: every movement is settled, returned or unmatched, and the bank account always equals the bank's. */
import { type RowWriter, rowWriter } from '../../base/copy.ts'
import type { Db, Tx } from '../../base/db.ts'
import type { Day } from '../../base/date.ts'
import type { Municipality, PaymentId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { ledgerBatchNo, ledgerWriter } from '../ledger/index.ts'
import type { StatementEntry, StatementHeader } from './message.ts'
import { oreAfterStop, recordBookedAfterStop } from './booked-after-stop.ts'
import { readParts, sumParts } from './part.ts'
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
  /** Others pay from the account too: what names nothing of ours is not ours, and no fault. */
  readonly shared: boolean
  /** The municipality's own error account: what comes in there found no account. */
  readonly isErrorAccount: boolean
  /** 0 for the first; each has a ledger batch of its own. */
  readonly piece: number
  /** Movements in the pieces before. */
  readonly before: number
  readonly entries: readonly StatementEntry[]
}

/** A received file `f` is a bank statement that was booked: whole, and none that came before. */
export const IS_BOOKED = `f.kind = 'statement' and f.header->>'account' is not null and (f.header->>'whole')::boolean
  and not f.header ? 'came'`

/**
 * Books statements in their order; the caller has seen that each adds up as a whole. `refsAgain`: the bank has given a
 * reference twice, which it should not; the later one is marked. Gives of how many movements more is
 * to be asked: nothing has matched them, or they undo a stop.
 */
export async function recordStatements(
  tx: Tx,
  municipality: Municipality,
  given: readonly StatementFile[],
  accounts: RailAccounts,
  refsAgain = false,
): Promise<number> {
  if (given.length === 0) return 0
  const files = refsAgain ? await withOwnRefs(tx, municipality, given) : given
  const position = await readPosition(
    tx,
    municipality,
    files.flatMap((file) => file.entries),
  )
  const judged = files.map((file) => ({
    file,
    entries: file.entries.map((entry) => ofWhom(file, position.judge(entry))),
  }))
  await copyEntries(tx, municipality, judged)
  const returned = judged.flatMap(({ file, entries }) =>
    entries
      .filter((one) => one.match === 'returned')
      .map((one) => ({ payment: one.payment, answer: 9, reason: one.entry.reason, workNo: file.workNo })),
  )
  const fresh = await recordReturns(tx, municipality, returned)
  const parts = Map.groupBy(await readParts(tx, municipality, fresh), (part) => part.payment)
  const runs = [...new Set(judged.flatMap(({ entries }) => entries.map((one) => one.runNo)))].filter((no) => no > 0)
  const sums = Map.groupBy(await readSums(tx, municipality, runs), (sum) => `${sum.runNo}:${sum.unit}`)
  const book = ledgerWriter(municipality)
  for (const { file, entries } of judged) {
    const { postingDate, knownAt, header } = file
    const ledger = book.batch(ledgerBatchNo(file.workNo, file.piece), postingDate, knownAt, header.date)
    ledger.entry(file.workNo)
    for (const sum of await settledSums(tx, municipality, entries, sums)) {
      ledger.transfer(sum.source, sum.benefit, accounts.rail, accounts.bank, sum.amount, 0)
    }
    ledger.transfer(0, 0, accounts.unmatched, accounts.bank, oreAfterStop(entries), 0)
    await recordBookedAfterStop(tx, municipality, { workNo: file.workNo, account: header.account }, entries)
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
  return judged.reduce((sum, { entries }) => sum + entries.filter(asksMore).length, 0)
}

/** Nothing has matched it, or it undoes a stop. */
function asksMore({ match, afterStop }: Judged): boolean {
  return match === 'unmatched' || match === 'not_ours' || afterStop !== undefined
}

/** Our own reason of a payment that came in on the error account: the bank tells none. */
const ON_ERROR_ACCOUNT = 'FEJLKONTO'

/** On a shared account what names no payment and no bundle of ours is somebody else's. @da ikke TØK */
function ofWhom({ shared, isErrorAccount }: StatementFile, one: Judged): Judged {
  const isOurs = !(shared || isErrorAccount) || one.match !== 'unmatched' || one.payment > 0 || one.runNo > 0
  if (!isOurs) return { ...one, match: 'not_ours' }
  if (!isErrorAccount || one.entry.amount < 0) return one
  return { ...one, entry: { ...one.entry, reason: ON_ERROR_ACCOUNT } }
}

/** Marks references that the account has had before, in these files or earlier. */
async function withOwnRefs(
  tx: Tx,
  municipality: Municipality,
  files: readonly StatementFile[],
): Promise<StatementFile[]> {
  const taken = new Set<string>()
  for (const { header, entries } of files) {
    const rows = await tx.rows<{ ref: string }>(
      `select bank_ref as ref from statement_entries where municipality_code = $1 and account = $2
         and split_part(bank_ref, '${REF_AGAIN}', 1) = any ($3)`,
      [municipality, header.account, entries.map((entry) => entry.bankRef)],
    )
    for (const { ref } of rows) taken.add(`${header.account} ${ref}`)
  }
  return files.map((file) => ({
    ...file,
    entries: file.entries.map((entry) => {
      let bankRef = entry.bankRef
      for (let n = 2; taken.has(`${file.header.account} ${bankRef}`); n++) bankRef = `${entry.bankRef}${REF_AGAIN}${n}`
      taken.add(`${file.header.account} ${bankRef}`)
      return { ...entry, bankRef }
    }),
  }))
}

const REF_AGAIN = ' no. '

/** What left the account as it should, by system and benefit: whole bundles without the payments that stand apart. */
export async function settledSums(
  db: Db,
  municipality: Municipality,
  entries: readonly Judged[],
  sums: ReadonlyMap<string, readonly RunSum[]>,
): Promise<ReturnType<typeof bySystemAndBenefit>> {
  const settled = entries.filter((one) => one.match === 'settled')
  const [alone, bundles] = [settled.filter((one) => one.payment > 0), settled.filter((one) => one.payment === 0)]
  const apart = (of: readonly Judged[]): Set<PaymentId> => new Set(of.flatMap((one) => one.apart))
  const [plus, minus] = [apart(alone), apart(bundles)]
  const whole = bundles.flatMap(({ runNo, unit }) => sums.get(`${runNo}:${unit}`) ?? [])
  // What was booked by itself and then stands apart from its bundle is in neither.
  const only = (these: Set<PaymentId>, those: Set<PaymentId>): PaymentId[] =>
    [...these].filter((one) => !those.has(one))
  const single = await sumParts(db, municipality, only(plus, minus), only(minus, plus))
  return bySystemAndBenefit([...whole, ...single])
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

/** What tells one statement of an account and day from another. */
export interface ToldStatement extends Pick<StatementHeader, 'account' | 'number' | 'date' | 'opening' | 'closing'> {
  readonly entries: number
}

/** `late`: behind later ones of its account. `changed`: the number of the day came before and said something else. */
export type Came = 'new' | 'late' | 'again' | 'changed'

export interface StatementsBefore {
  /** A statement that is to be told apart from those before; from now on it is one of them. */
  came(told: ToldStatement): Promise<Came>
  /** Behind the last day of its account: it cannot have come before. */
  isNext(told: Pick<ToldStatement, 'account' | 'date'>): boolean
}

/**
 * Whether a statement came before, under whatever name or number: then it is not booked again. Banks send one again,
 * people lay it into the folder twice, an ERP numbers its copy anew. Asked of the database only about days that are not
 * beyond the account's last.
 */
export async function statementsBefore(db: Db, municipality: Municipality): Promise<StatementsBefore> {
  const last = await lastDays(db, municipality)
  const now: ToldStatement[] = []
  const isNext = ({ account, date }: Pick<ToldStatement, 'account' | 'date'>) => date > (last.get(account) ?? -1)
  async function came(told: ToldStatement): Promise<Came> {
    const isBeyond = isNext(told)
    const before = [
      ...now.filter((one) => one.account === told.account && one.date === told.date),
      ...(isBeyond ? [] : await bookedOn(db, municipality, told)),
    ]
    if (before.some((one) => isSame(one, told))) return 'again'
    if (before.some((one) => one.number === told.number && told.number > 0)) return 'changed'
    now.push(told)
    const until = last.get(told.account)
    if (isBeyond) last.set(told.account, told.date)
    return isBeyond || (told.date === until && before.every((one) => one.number < told.number)) ? 'new' : 'late'
  }
  return { came, isNext }
}

/**
 * Under another number a copy may tell fewer or more lines: an account cannot go from one balance to another twice in a
 * day all the same.
 */
function isSame(a: ToldStatement, b: ToldStatement): boolean {
  if (a.opening !== b.opening || a.closing !== b.closing) return false
  return a.number === b.number ? a.entries === b.entries : a.opening !== a.closing
}

/** The last day of each account of which a statement was booked. */
async function lastDays(db: Db, municipality: Municipality): Promise<Map<string, Day>> {
  const rows = await db.rows<{ account: string; date: Day }>(
    `select f.header->>'account' as account, max((f.header->>'date')::int) as date from received_files f
     where f.municipality_code = $1 and ${IS_BOOKED} group by 1`,
    [municipality],
  )
  return new Map(rows.map(({ account, date }) => [account, date]))
}

async function bookedOn(
  db: Db,
  municipality: Municipality,
  { account, date }: Pick<StatementHeader, 'account' | 'date'>,
): Promise<ToldStatement[]> {
  return await db.rows<ToldStatement>(
    `select f.header->>'account' as account, (f.header->>'date')::int as date, (f.header->>'number')::bigint as number,
       (f.header->>'opening')::bigint as opening, (f.header->>'closing')::bigint as closing,
       (f.header->>'entries')::bigint as entries
     from received_files f where f.municipality_code = $1 and ${IS_BOOKED} and f.header->>'account' = $2
       and (f.header->>'date')::int = $3`,
    [municipality, account, date],
  )
}
