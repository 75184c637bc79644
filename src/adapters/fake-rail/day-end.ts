/** The end of a bank day: a statement for each account that moved, and a notification for money that came back. */
import { type Day, formatDay } from '../../base/date.ts'
import type { StatementEntry } from '../../modules/payments/index.ts'
import { writeNotification, writeStatement } from '../bank/write-statement.ts'
import {
  accountOf,
  type BookedBundle,
  type Books,
  hasGap,
  isDebited,
  type Misdeed,
  type Movements,
  nextMovements,
  returnCodeOf,
} from './books.ts'
import { dueReturns } from './exchange.ts'
import { type WholeFile, writeWhole } from './files.ts'
import type { Act, Journal } from './journal.ts'
import { isWrong, type Laid, laidWrong, wrongsOn } from './wrongs.ts'

export interface DayEndResult {
  statements: string[]
  notifications: string[]
  answers: string[]
  entries: number
}

const VERSION = '08'

function moved(date: Day, amount: number, more: Partial<StatementEntry>): StatementEntry {
  const plain = {
    bankRef: '',
    amount,
    bookingDate: date,
    valueDate: date,
    bundleId: '',
    endToEndId: '',
    reason: '',
    count: 1,
  }
  return { ...plain, ...more } as StatementEntry
}

function* debits(books: Books, movements: Movements, date: Day): Generator<StatementEntry> {
  const { account } = movements
  for (const at of movements.booked) {
    const bundle = books.bundles[at] as BookedBundle
    if (!books.singleBooked.has(account)) {
      yield moved(date, -bundle.acceptedSum, { bundleId: bundle.bundleId, count: bundle.accepted })
      continue
    }
    for (let i = bundle.first; i < bundle.first + bundle.count; i++) {
      if (!isDebited(books.fates[i] as number)) continue
      yield moved(date, -(books.amounts[i] as number), { endToEndId: books.ids[i] as string })
    }
  }
}

/** What others move on the account. */
function* foreign(books: Books, account: string, date: Day): Generator<StatementEntry> {
  for (const one of wrongsOn(books.wrongs, formatDay(date))) {
    if (one.how !== 'foreign' || one.of !== account) continue
    for (const amount of one.amounts) yield moved(date, amount, { endToEndId: one.named ?? '' })
  }
}

function* credits(books: Books, movements: Movements, date: Day): Generator<StatementEntry> {
  for (const at of movements.returned) {
    const bundle = books.bundles[at] as BookedBundle
    for (let i = bundle.first; i < bundle.first + bundle.count; i++) {
      const reason = returnCodeOf(books.fates[i] as number)
      if (reason === undefined) continue
      const more = { endToEndId: books.ids[i] as string, reason }
      yield moved(date, books.amounts[i] as number, more)
    }
  }
}

function misdeedOf(books: Books, entry: StatementEntry): Misdeed | undefined {
  return books.misdeeds.size === 0 ? undefined : books.misdeeds.get(entry.bundleId || entry.endToEndId)
}

function isNameless(books: Books, { bundleId, endToEndId }: StatementEntry): boolean {
  return books.wrongs.some((one) => one.how === 'nameless' && one.of === (bundleId || endToEndId))
}

/** The entries with the bank's references, and with what we were told to do wrong. Can be gone through again. */
function numbered(books: Books, date: Day, source: () => Iterable<StatementEntry>): Iterable<StatementEntry> {
  const prefix = formatDay(date).replaceAll('-', '')
  return {
    *[Symbol.iterator]() {
      let number = 0
      for (const entry of source()) {
        number++
        const misdeed = misdeedOf(books, entry)
        if (misdeed && misdeed.by === undefined) continue
        const by = misdeed?.by ?? 0
        yield {
          ...(isNameless(books, entry) ? { ...entry, bundleId: '', endToEndId: '', reason: '', count: 1 } : entry),
          bankRef: `${prefix}-${number}`,
          amount: entry.amount < 0 ? entry.amount - by : entry.amount + by,
        } as StatementEntry
      }
    },
  }
}

/** The sum that the closing balance follows: what is told, except where the statement shall contradict itself. */
function movedSum(books: Books, source: () => Iterable<StatementEntry>): number {
  let sum = 0
  for (const entry of source()) {
    const misdeed = misdeedOf(books, entry)
    if (!misdeed || !misdeed.consistent) sum += entry.amount
    else if (misdeed.by !== undefined) sum += entry.amount < 0 ? entry.amount - misdeed.by : entry.amount + misdeed.by
  }
  return sum
}

/** The statement of one account, the notification with it, and the act that they are. */
function statementOf(books: Books, movements: Movements, date: Day, result: DayEndResult): [Laid, Act] {
  const { account } = movements
  const book = accountOf(books, account)
  const day = formatDay(date)
  const all = function* (): Generator<StatementEntry> {
    yield* debits(books, movements, date)
    yield* credits(books, movements, date)
    yield* foreign(books, account, date)
  }
  const closing = book.balance + movedSum(books, all)
  const skips = hasGap(books, account, date)
  const number = book.number + (skips ? 2 : 1)
  const compact = day.replaceAll('-', '')
  const options = { version: VERSION, createdAt: `${day}T23:00:00` } as const
  const statement = { statementId: `${account}-${compact}`, number, account, date, opening: book.balance, closing }
  const name = `camt053-${account}-${day}.xml`
  const entries = numbered(books, date, all)
  const write = (told: object, of: Iterable<StatementEntry>, as: string): WholeFile => {
    return { name: as, chunks: writeStatement(told as Parameters<typeof writeStatement>[0], of, options) }
  }
  const wrongs = wrongsOn(books.wrongs, day)
  const { files, aside } = laidWrong(wrongs, account, write(statement, entries, name))
  if (isWrong(wrongs, 'unbalanced', account)) {
    aside.push(...files.splice(0, files.length, write({ ...statement, closing: closing + 1 }, entries, name)))
  }
  if (skips) {
    const empty = { statementId: `${account}-${compact}-0`, number: number - 1, closing: book.balance }
    aside.push(write({ ...statement, ...empty }, [], `camt053-${account}-0-${day}.xml`))
  }
  result.statements.push(name)
  for (const _ of entries) result.entries++
  if (movements.returned.length > 0) {
    const notice = `camt054-${account}-${day}.xml`
    const header = { notificationId: `${account}-${compact}-C`, number, account, date }
    const returned = {
      *[Symbol.iterator]() {
        for (const entry of numbered(books, date, all)) if (entry.reason !== '') yield entry
      },
    }
    files.push({ name: notice, chunks: writeNotification(header, returned, options) })
    result.notifications.push(notice)
  }
  const { booked, returned } = movements
  return [
    { files, aside },
    { t: 'statement', account, date: day, closing, booked, returned },
  ]
}

/**
 * Closes every day up to `date` that has movements. Repeated, it finds nothing more to do. The statements of a day are
 * one group: killed before it is in the journal, the same numbers are given again to the same bytes.
 */
export async function dayEnd(journal: Journal, out: string, aside: string, date: Day): Promise<DayEndResult> {
  const { books } = journal
  const result: DayEndResult = { statements: [], notifications: [], answers: [], entries: 0 }
  for (let next = nextMovements(books, date); next; next = nextMovements(books, date)) {
    const { day, accounts } = next
    const made = [...accounts.keys()]
      .sort()
      .map((account) => statementOf(books, accounts.get(account) as Movements, day, result))
    await writeWhole(
      aside,
      made.flatMap(([laid]) => laid.aside),
    )
    await writeWhole(
      out,
      made.flatMap(([laid]) => laid.files),
    )
    await journal.act(...made.map(([, act]) => act))
  }
  const returns = dueReturns(books, date)
  await writeWhole(out, returns.files)
  await journal.act(...returns.acts)
  result.answers = returns.files.map((file) => file.name)
  return result
}
