/** What the fake's books say, for comparing with ours. */
import { formatDay } from '../../base/date.ts'
import { type BookedBundle, type Books, FATE, isDebited, returnCodeOf } from './books.ts'

export interface AccountTotals {
  readonly account: string
  /** Received, accepted and refused by disposition date; debited and returned by booking date. */
  readonly date: string
  received: number
  received_ore: number
  accepted: number
  accepted_ore: number
  refused: number
  refused_ore: number
  debited: number
  debited_ore: number
  returned: number
  returned_ore: number
}

function totalsOf(account: string, date: string): AccountTotals {
  const payments = { received: 0, received_ore: 0, accepted: 0, accepted_ore: 0, refused: 0, refused_ore: 0 }
  return { account, date, ...payments, debited: 0, debited_ore: 0, returned: 0, returned_ore: 0 }
}

/** Totals by account and date, all or of one date. */
export function booksReport(books: Books, date: string): Record<string, unknown> {
  const rows = new Map<string, AccountTotals>()
  const row = (account: string, day: string): AccountTotals => {
    const key = `${account} ${day}`
    const found = rows.get(key) ?? totalsOf(account, day)
    rows.set(key, found)
    return found
  }
  for (const bundle of books.bundles) {
    const at = row(bundle.account, formatDay(bundle.disposition))
    at.received += bundle.count
    at.received_ore += bundle.sum
    at.accepted += bundle.accepted
    at.accepted_ore += bundle.acceptedSum
    at.refused += bundle.count - bundle.accepted
    at.refused_ore += bundle.sum - bundle.acceptedSum
    if (bundle.booked !== undefined) {
      const debit = row(bundle.account, formatDay(bundle.booked))
      debit.debited += bundle.accepted
      debit.debited_ore += bundle.acceptedSum
    }
    if (bundle.returned !== undefined) {
      const credit = row(bundle.account, formatDay(bundle.returned))
      credit.returned += bundle.returns
      credit.returned_ore += bundle.returnSum
    }
  }
  const accounts = [...rows.keys()].sort().map((key) => rows.get(key) as AccountTotals)
  const shown = date === '' ? accounts : accounts.filter((each) => each.date === date)
  const balances = Object.fromEntries([...books.accounts].sort().map(([account, book]) => [account, book.balance]))
  const { doubles, faults } = books
  return { files: books.files.size, accounts: shown, totals: addUp(shown), balances, doubles, faults }
}

function addUp(rows: readonly AccountTotals[]): Omit<AccountTotals, 'account' | 'date'> {
  const { account: _, date: __, ...total } = totalsOf('', '')
  for (const row of rows) {
    for (const key of Object.keys(total) as (keyof typeof total)[]) total[key] += row[key]
  }
  return total
}

/** One line per payment; `file` is a file name or a file id, '' for all. */
export function* paymentLines(books: Books, file: string): Generator<string> {
  let out = ''
  for (const bundle of books.bundles) {
    if (file !== '' && bundle.file.name !== file && bundle.file.fileId !== file) continue
    for (let i = bundle.first; i < bundle.first + bundle.count; i++) {
      out += `${JSON.stringify(paymentLine(books, bundle, i))}\n`
      if (out.length > 65_536) {
        yield out
        out = ''
      }
    }
  }
  if (out !== '') yield out
}

function paymentLine(books: Books, bundle: BookedBundle, i: number): Record<string, unknown> {
  const fate = books.fates[i] as number
  const { booked, returned } = bundle
  return {
    end_to_end_id: books.ids[i],
    amount_ore: books.amounts[i],
    file: bundle.file.name,
    bundle: bundle.bundleId,
    account: bundle.account,
    disposition_date: formatDay(bundle.disposition),
    answer:
      returnCodeOf(fate) !== undefined ? (bundle.told ? 9 : 8) : isDebited(fate) ? 8 : fate === FATE.noAccount ? 7 : 2,
    waiting_account: fate === FATE.waitingAccount,
    debited: booked !== undefined && isDebited(fate) ? formatDay(booked) : null,
    returned: returned !== undefined && returnCodeOf(fate) !== undefined ? formatDay(returned) : null,
  }
}
