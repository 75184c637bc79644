/**
 * The bank line of what was paid elsewhere: when the bank is one that we read, it explains the account of what was paid
 * elsewhere. It is known by the reference that was registered, or is what a person says. Only what has settled an order
 * is cleared; until then its line is one that nothing matches.
 */
import type { Db, Tx } from '../../base/db.ts'
import type { Municipality } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { ledgerBatchNo, ledgerWriter } from '../ledger/index.ts'
import { type LineAgain, MARK, NOT_EXPLAINED_SINCE } from './look-again.ts'
import type { MatchAct } from './match-by-hand.ts'
import { copyEntries } from './record-statement.ts'

/** Of `outside_payments` u: it has settled an order, and no bank line of it has shown. */
export const OUTSIDE_UNCLEARED = `exists (select from outside_parts p where p.municipality_code = u.municipality_code
    and p.outside_no = u.outside_no)
  and not exists (select from outside_lines l where l.municipality_code = u.municipality_code
    and l.outside_no = u.outside_no)`

export interface OutsideLine {
  readonly outsideNo: number
  readonly line: LineAgain & { readonly match: string }
}

/** Lines that bear the reference of something paid elsewhere, of its amount: each once, the first of both first. */
export async function outsideLinesByReference(db: Db, municipality: Municipality): Promise<OutsideLine[]> {
  // A shared account has many lines of others: they are looked through only where something may be among them.
  const any = await db.first(
    `select 1 as one from outside_payments u where u.municipality_code = $1 and ${OUTSIDE_UNCLEARED} limit 1`,
    [municipality],
  )
  if (any === undefined) return []
  const rows = await db.rows<OutsideLine['line'] & { no: number }>(
    `select u.outside_no as no, e.account, e.bank_ref, e.amount_ore, e.booking_date, e.value_date, e.payments, e.unit,
       e.named, e.reason, e.match
     from outside_payments u
     join statement_entries e on e.municipality_code = $1 and e.match in ('unmatched', 'not_ours')
       and e.amount_ore = -u.amount_ore and u.reference in (e.named, e.bank_ref) and ${NOT_EXPLAINED_SINCE}
     where u.municipality_code = $1 and ${OUTSIDE_UNCLEARED}
     order by u.outside_no, e.work_no, e.entry_no`,
    [municipality],
  )
  const found = new Map<number, OutsideLine>()
  const taken = new Set<string>()
  for (const { no: outsideNo, ...line } of rows) {
    const key = `${line.account} ${line.bank_ref}`
    if (found.has(outsideNo) || taken.has(key)) continue
    found.set(outsideNo, { outsideNo, line })
    taken.add(key)
  }
  return [...found.values()]
}

/** Whether a line is that of something paid elsewhere: of its amount, and of one that has settled an order. */
export async function isLineOfOutside(
  db: Db,
  municipality: Municipality,
  outsideNo: number,
  amount: Ore,
): Promise<boolean> {
  const row = await db.first(
    `select 1 as one from outside_payments u where u.municipality_code = $1 and u.outside_no = $2
       and u.amount_ore = -$3::bigint and ${OUTSIDE_UNCLEARED}`,
    [municipality, outsideNo, amount],
  )
  return row !== undefined
}

export interface OutsideAccounts {
  readonly bank: number
  readonly unmatched: number
  readonly paidOutside: number
}

/** Puts an entry beside the line, and takes what it paid from where the line was booked to. */
export async function clearOutside(
  tx: Tx,
  municipality: Municipality,
  { outsideNo, line }: OutsideLine,
  { workNo, at, postedOn }: MatchAct,
  accounts: OutsideAccounts,
): Promise<void> {
  const parts = await tx.rows<{ source: number; benefit: number; amount: Ore; item: number }>(
    `select source_system as source, benefit, amount_ore as amount, item_id as item
     from outside_parts where municipality_code = $1 and outside_no = $2 order by item_id, part`,
    [municipality, outsideNo],
  )
  const file = { workNo, before: 0, header: { account: line.account } }
  await copyEntries(tx, municipality, [{ file, entries: [entryBeside(line)] }])
  const book = ledgerWriter(municipality)
  const ledger = book.batch(ledgerBatchNo(workNo, 0), postedOn(line.booking_date), at, line.booking_date)
  ledger.entry(outsideNo)
  const contra = line.match === 'not_ours' ? accounts.bank : accounts.unmatched
  for (const { source, benefit, amount, item } of parts) {
    ledger.transfer(source, benefit, accounts.paidOutside, contra, amount, item)
  }
  await book.write(tx)
  await tx.run('insert into outside_lines values ($1, $2, $3, $4, $5)', [
    municipality,
    outsideNo,
    workNo,
    line.account,
    line.bank_ref,
  ])
}

function entryBeside(line: LineAgain) {
  const entry = {
    bankRef: `${line.bank_ref}${MARK}`,
    amount: line.amount_ore,
    bookingDate: line.booking_date,
    valueDate: line.value_date,
    bundleId: '',
    endToEndId: line.named,
    reason: line.reason,
    count: line.payments,
  }
  return { entry, runNo: 0, unit: 0, payment: 0, match: 'outside' as const, apart: [] }
}
