/**
 * The fake's own books: what it received, what it answered and what it moved. Payments lie in columns, because there
 * are hundreds of thousands of them. Every change goes through a function here, live and when the journal is re-read.
 */
import { type Day, formatDay } from '../../base/date.ts'
import { bankDayFrom, nextBankDay } from './bank-days.ts'
import type { Outcome } from './recalls.ts'
import { isWrong, type Wrong, wrongsOn } from './wrongs.ts'

/** What happens to a payment, by the last four digits of the payee's CPR. */
export const FATE = {
  paid: 0,
  formalError: 2,
  noAccount: 7,
  waitingAccount: 8,
  returned: 9,
  warned: 10,
  deceased: 11,
  stopped: 12,
  timedOut: 13,
} as const

/** Of money that the bank sends back: why. Undefined of another fate. */
export function returnCodeOf(fate: number): string | undefined {
  return fate === FATE.returned ? 'AC04' : fate === FATE.deceased ? 'MD07' : undefined
}

/** One bundle as it was read from a file, or from the journal. */
export interface StagedBundle {
  readonly bundleId: string
  readonly account: string
  readonly disposition: Day
  readonly ids: string[]
  readonly amounts: number[]
  readonly fates: number[]
}

export interface FileMark {
  readonly name: string
  readonly fileId: string
  /** Size and time of last change: a file that changed was sent again. */
  readonly mark: string
  readonly sha: string
  /** 1 the first time that this name was received. */
  readonly attempt: number
  readonly date: string
  /** Why the file could not be read; '' when it could. */
  readonly unreadable: string
  /** Of a file to the bank: its version of pain.001. */
  readonly pain?: PainVersion
  /** The reason for which it was refused whole, as we were told to do. */
  readonly refused?: string
  /** It came when the rail had closed, and pays a bank day later. */
  readonly late?: true
}

export type PainVersion = '03' | '09'

export interface BookedBundle {
  readonly file: FileMark
  readonly bundleId: string
  readonly account: string
  readonly disposition: Day
  /** Before it nothing leaves the account. */
  readonly earliest: Day
  /** Position of its first payment in the columns; its payments follow each other. */
  readonly first: number
  readonly count: number
  readonly sum: number
  /** Without those that were stopped since. */
  accepted: number
  acceptedSum: number
  returns: number
  returnSum: number
  /** Answer 9 has been told. */
  told: boolean
  booked: Day | undefined
  returned: Day | undefined
  /** The day under which it lies in the diary; undefined when no more money of it moves. */
  waits: Day | undefined
}

export interface AccountBook {
  /** As the last statement said. */
  balance: number
  number: number
  last: Day | undefined
}

export interface Fault {
  readonly kind: 'double_payment' | 'file_again' | 'file_other_bytes' | 'unreadable'
  readonly file: string
  readonly count: number
  readonly detail: string
}

/** A fault done on purpose, so that it can be seen that we notice. */
export interface Misdeed {
  readonly ref: string
  /** Øre added to the size of the entry; undefined when the entry is left out. */
  readonly by: number | undefined
  /** True: balances and totals follow, so that only we can notice; false: the statement contradicts itself. */
  readonly consistent: boolean
}

export interface Books {
  /** Every payment id that was ever received. */
  readonly known: Set<string>
  readonly ids: string[]
  readonly amounts: number[]
  readonly fates: number[]
  readonly bundles: BookedBundle[]
  readonly files: Map<string, FileMark>
  /** Files that are booked and not yet answered. */
  readonly unanswered: Map<FileMark, readonly BookedBundle[]>
  /** Positions of bundles whose money still moves, by a day that is never after the one on which it does. */
  readonly diary: Map<Day, Set<number>>
  /** Positions of bundles with returns that have not been told. */
  readonly untold: Set<number>
  readonly shas: Set<string>
  /** Files that ask a payment back, by name. */
  readonly recalls: Map<string, { readonly mark: string; readonly outcome: Outcome }>
  readonly accounts: Map<string, AccountBook>
  readonly singleBooked: Set<string>
  readonly dropped: Set<string>
  readonly misdeeds: Map<string, Misdeed>
  /** Files that shall be refused whole, by the start of their id: with what reason, and how often yet. */
  readonly refusals: Map<string, { readonly reason: string; times: number }>
  /** Ids of files that were refused whole. */
  readonly refusedIds: Set<string>
  /** Runs whose files came when the rail had closed. */
  readonly cameLate: Set<string>
  /** Until the files that they are about are laid. */
  wrongs: readonly Wrong[]
  readonly faults: Fault[]
  doubles: number
}

export function emptyBooks(): Books {
  return {
    known: new Set(),
    ids: [],
    amounts: [],
    fates: [],
    bundles: [],
    files: new Map(),
    unanswered: new Map(),
    diary: new Map(),
    untold: new Set(),
    shas: new Set(),
    recalls: new Map(),
    accounts: new Map(),
    singleBooked: new Set(),
    dropped: new Set(),
    misdeeds: new Map(),
    refusals: new Map(),
    refusedIds: new Set(),
    cameLate: new Set(),
    wrongs: [],
    faults: [],
    doubles: 0,
  }
}

export function isDebited(fate: number): boolean {
  const kept: readonly number[] = [FATE.formalError, FATE.noAccount, FATE.stopped, FATE.timedOut]
  return !kept.includes(fate)
}

/** `0751R3A2` → `0751R3`: a run of ours, whichever time its file is sent. */
export function runIn(fileId: string): string {
  return /^\d{4}R\d+/.exec(fileId)?.[0] ?? fileId
}

/** Books one file. A payment id that is known is not paid again, but counted: it is the sender's fault. */
export function bookFile(books: Books, file: FileMark, staged: readonly StagedBundle[]): BookedBundle[] {
  const known = books.files.get(file.name)
  if (file.unreadable !== '') {
    books.faults.push({ kind: 'unreadable', file: file.name, count: 1, detail: file.unreadable })
  } else if (known && known.sha !== file.sha) {
    books.doubles++
    books.faults.push({
      kind: 'file_other_bytes',
      file: file.name,
      count: 1,
      detail: `was ${known.sha}, is ${file.sha}`,
    })
  } else if (known || books.shas.has(file.sha)) {
    books.faults.push({ kind: 'file_again', file: file.name, count: 1, detail: file.sha })
  }
  books.files.set(file.name, file)
  // A file that is sent again is booked as a fault and not answered again.
  const isAnswered = books.shas.has(file.sha)
  if (file.refused === undefined) books.shas.add(file.sha)
  else {
    books.refusedIds.add(file.fileId)
    const told = books.refusals.get(runIn(file.fileId))
    if (told !== undefined) told.times--
  }
  let doubles = 0
  let example = ''
  const booked: BookedBundle[] = []
  for (const bundle of staged) {
    const first = books.ids.length
    doubles += bookPayments(books, bundle, (id) => {
      example ||= id
    })
    booked.push(bookBundle(books, file, bundle, first))
  }
  if (!isAnswered) books.unanswered.set(file, booked)
  if (doubles > 0) {
    books.doubles += doubles
    books.faults.push({ kind: 'double_payment', file: file.name, count: doubles, detail: `for example ${example}` })
  }
  return booked
}

function bookPayments(books: Books, bundle: StagedBundle, double: (id: string) => void): number {
  const { known, ids, amounts, fates } = books
  let doubles = 0
  for (let i = 0; i < bundle.ids.length; i++) {
    const id = bundle.ids[i] as string
    if (known.has(id)) {
      doubles++
      double(id)
      continue
    }
    known.add(id)
    ids.push(id)
    amounts.push(bundle.amounts[i] as number)
    fates.push(bundle.fates[i] as number)
  }
  return doubles
}

function bookBundle(books: Books, file: FileMark, bundle: StagedBundle, first: number): BookedBundle {
  let sum = 0
  let accepted = 0
  let acceptedSum = 0
  let returns = 0
  let returnSum = 0
  for (let i = first; i < books.ids.length; i++) {
    const amount = books.amounts[i] as number
    const fate = books.fates[i] as number
    sum += amount
    if (isDebited(fate)) {
      accepted++
      acceptedSum += amount
    }
    if (returnCodeOf(fate) !== undefined) {
      returns++
      returnSum += amount
    }
  }
  const { bundleId, account, disposition } = bundle
  const count = books.ids.length - first
  const dates = { told: false, booked: undefined, returned: undefined, waits: undefined }
  const row: BookedBundle = {
    file,
    bundleId,
    account,
    disposition,
    earliest: file.late === true ? nextBankDay(disposition) : disposition,
    first,
    count,
    sum,
    accepted,
    acceptedSum,
    returns,
    returnSum,
    ...dates,
  }
  const at = books.bundles.push(row) - 1
  if (accepted > 0) putInDiary(books, at, row.earliest)
  // A bank says it by its statement alone.
  if (returns > 0 && file.pain === undefined) books.untold.add(at)
  return row
}

export function accountOf(books: Books, account: string): AccountBook {
  let book = books.accounts.get(account)
  if (!book) {
    book = { balance: 0, number: 0, last: undefined }
    books.accounts.set(account, book)
  }
  return book
}

/** A bank day on or after `wish` that the account has no statement for yet. */
function openDay(books: Books, account: string, wish: Day): Day {
  const last = books.accounts.get(account)?.last
  return last !== undefined && wish <= last ? nextBankDay(last) : bankDayFrom(wish)
}

/** The day on which a bundle leaves the account, or undefined when it has left or never will. */
function debitDay(books: Books, bundle: BookedBundle): Day | undefined {
  if (bundle.booked !== undefined || bundle.accepted === 0) return undefined
  return openDay(books, bundle.account, bundle.earliest)
}

/** The next day on which something leaves an account; undefined: nothing waits to. */
export function nextDebit(books: Books): Day | undefined {
  const waiting = [...books.diary.values()].flatMap((page) => [...page])
  const days = waiting.flatMap((at) => debitDay(books, books.bundles[at] as BookedBundle) ?? [])
  return days.length === 0 ? undefined : days.reduce((a, b) => (a < b ? a : b))
}

/** The day on which returned money comes back: the bank day after it left. */
function returnDay(books: Books, bundle: BookedBundle): Day | undefined {
  if (bundle.returned !== undefined || bundle.returns === 0 || bundle.booked === undefined) return undefined
  return openDay(books, bundle.account, nextBankDay(bundle.booked))
}

/** The day on which answer 9 is told, whether or not the statement has been. */
export function tellDay(books: Books, bundle: BookedBundle): Day | undefined {
  if (bundle.told || bundle.returns === 0) return undefined
  const left = bundle.booked ?? debitDay(books, bundle)
  return left === undefined ? undefined : nextBankDay(left)
}

function putInDiary(books: Books, at: number, day: Day | undefined): void {
  const bundle = books.bundles[at] as BookedBundle
  if (bundle.waits !== undefined) {
    const page = books.diary.get(bundle.waits)
    page?.delete(at)
    if (page?.size === 0) books.diary.delete(bundle.waits)
  }
  bundle.waits = day
  if (day === undefined) return
  const page = books.diary.get(day)
  if (page) page.add(at)
  else books.diary.set(day, new Set([at]))
}

/** What moves on one account on one day: positions of bundles, in the order in which they came. */
export interface Movements {
  readonly account: string
  readonly booked: number[]
  readonly returned: number[]
}

/** The earliest day on or before `date` with movements, and those movements by account. */
export function nextMovements(books: Books, date: Day): { day: Day; accounts: Map<string, Movements> } | undefined {
  for (;;) {
    let day: Day | undefined
    for (const one of books.diary.keys()) if (day === undefined || one < day) day = one
    if (day === undefined || day > date) return undefined
    const accounts = new Map<string, Movements>()
    for (const at of [...(books.diary.get(day) as Set<number>)].sort((a, b) => a - b)) {
      const bundle = books.bundles[at] as BookedBundle
      const debit = debitDay(books, bundle)
      const due = debit ?? returnDay(books, bundle)
      // Closed days, and statements that went past it, put it off.
      if (due !== day) putInDiary(books, at, due)
      else {
        const movements = accounts.get(bundle.account) ?? { account: bundle.account, booked: [], returned: [] }
        ;(debit === undefined ? movements.returned : movements.booked).push(at)
        accounts.set(bundle.account, movements)
      }
    }
    if (accounts.size > 0) return { day, accounts }
  }
}

/** Whether the account's statement of this day skips a number. */
export function hasGap(books: Books, account: string, day: Day): boolean {
  return isWrong(wrongsOn(books.wrongs, formatDay(day)), 'gap', account)
}

/** The file of a run came when the rail had closed: it is read next time. */
export function markLate(books: Books, run: string): void {
  books.cameLate.add(run)
  books.wrongs = books.wrongs.filter((one) => one.how !== 'closed' || one.of !== run)
}

/** A statement has been told: its money has moved. */
export function closeDay(books: Books, movements: Movements, day: Day, closing: number): void {
  const account = accountOf(books, movements.account)
  account.number += hasGap(books, movements.account, day) ? 2 : 1
  account.balance = closing
  const done = new Set(wrongsOn(books.wrongs, formatDay(day)).filter((one) => one.of === movements.account))
  books.wrongs = books.wrongs.filter((one) => !done.has(one))
  account.last = day
  for (const at of movements.booked) {
    const bundle = books.bundles[at] as BookedBundle
    bundle.booked = day
    putInDiary(books, at, bundle.returns > 0 ? nextBankDay(day) : undefined)
  }
  for (const at of movements.returned) {
    ;(books.bundles[at] as BookedBundle).returned = day
    putInDiary(books, at, undefined)
  }
}

export function markTold(books: Books, bundles: readonly number[]): void {
  for (const at of bundles) {
    ;(books.bundles[at] as BookedBundle).told = true
    books.untold.delete(at)
  }
}
