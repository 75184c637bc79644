/** One entry of a statement or a notification, with the payments that it stands for. */
import { type Day, formatDay, parseDay } from '../../base/date.ts'
import type { StatementEntry } from '../../modules/payments/index.ts'
import { type Attributes, parseAmount, parseCount, type Shape, type XmlReader } from '../../base/xml-in.ts'

/** A date, or the date of a time. */
export function parseDate(text: string): Day | undefined {
  return parseDay(text.length > 10 && text.charCodeAt(10) === 84 ? text.slice(0, 10) : text)
}

/** An amount in kroner; refuses the file and gives -1 when it is not one. */
export function krone(reader: XmlReader, field: string, text: string, attributes: Attributes): number {
  const currency = attributes['Ccy'] ?? ''
  if (currency !== 'DKK') {
    reader.refuse(field, 'other_currency', `only DKK is kept here, found ${currency.slice(0, 10) || 'none'}`)
    return -1
  }
  const amount = parseAmount(text)
  if (amount < 0) reader.refuse(field, 'not_an_amount', `not kroner with at most two decimals: ${text.slice(0, 40)}`)
  return amount
}

export interface EntrySink {
  begin(): void
  /** The day of the statement: of an entry whose own cannot be read. */
  day(): Day | undefined
  entry(entry: StatementEntry, booked: boolean): void
  detail(detail: StatementEntry): void
}

/** An entry as it is being read. */
interface Open {
  entryRef: string
  bankRef: string
  amount: number
  direction: string
  status: string
  booking: Day | undefined
  value: Day | undefined
  /** From the batch information. */
  batchId: string
  batchCount: number
  details: number
  /** Sum of the details without sign; -1 when one of them tells no amount. */
  detailSum: number
  /** The only detail so far; told late, because an entry of one payment is told as one. */
  first: Detail | undefined
}

interface Detail {
  bankRef: string
  bundleId: string
  endToEndId: string
  amount: number
  direction: string
  reason: string
}

function emptyEntry(): Open {
  return {
    entryRef: '',
    bankRef: '',
    amount: -1,
    direction: '',
    status: '',
    booking: undefined,
    value: undefined,
    batchId: '',
    batchCount: -1,
    details: 0,
    detailSum: 0,
    first: undefined,
  }
}

function emptyDetail(): Detail {
  return { bankRef: '', bundleId: '', endToEndId: '', amount: -1, direction: '', reason: '' }
}

/** ISO 20022 for "there is none". */
const NOT_PROVIDED = 'NOTPROVIDED'

function detailEntry(entry: Open, detail: Detail): StatementEntry {
  const amount = detail.amount < 0 ? 0 : detail.amount
  return {
    bankRef: detail.bankRef || entry.bankRef || entry.entryRef,
    amount: (detail.direction || entry.direction) === 'DBIT' ? 0 - amount : amount,
    bookingDate: entry.booking,
    valueDate: entry.value ?? entry.booking,
    bundleId: detail.bundleId || entry.batchId,
    endToEndId: detail.endToEndId,
    reason: detail.reason,
    count: 1,
  } as StatementEntry
}

/**
 * The entry as it is told, or undefined when it cannot be used and the file was refused: without amount or direction
 * nobody knows what the account came to. What else is wrong with it is a problem, and the money has moved all the same.
 */
function closeEntry(entry: Open, reader: XmlReader, day: Day | undefined): StatementEntry | undefined {
  // A reference of ours where the bank has none: unique in the account, and where the entry stands.
  const ref = entry.bankRef || entry.entryRef || `${day === undefined ? '' : formatDay(day)} line ${reader.line}`
  if (entry.amount < 0) return void reader.refuse('Amt', 'amount_missing', `entry ${ref} has no amount`)
  if (entry.direction !== 'DBIT' && entry.direction !== 'CRDT') {
    return void reader.refuse('CdtDbtInd', 'not_a_direction', `entry ${ref}`)
  }
  const problem = problemOf(entry)
  if (problem !== undefined) reader.problem(problem[0], problem[1], `entry ${ref} ${problem[2]}`)
  // Its details are not to be relied on when they contradict it.
  const agrees = problem?.[0] !== 'TxDtls' && problem?.[0] !== 'Btch/NbOfTxs'
  const { details, batchCount } = entry
  const only = agrees && details === 1 && batchCount <= 1 ? entry.first : undefined
  const booking = entry.booking ?? day
  return {
    bankRef: ref,
    amount: entry.direction === 'DBIT' ? 0 - entry.amount : entry.amount,
    bookingDate: booking,
    valueDate: entry.value ?? booking,
    bundleId: agrees ? entry.batchId || entry.first?.bundleId || (details === 0 ? entry.entryRef : '') : '',
    endToEndId: only?.endToEndId ?? '',
    reason: only?.reason ?? '',
    count: Math.min(MOST_PAYMENTS, Math.max(1, details, batchCount)),
  } as StatementEntry
}

/** Payments of one entry that anybody would believe. */
const MOST_PAYMENTS = 100_000_000

type Wrong = readonly [field: string, code: string, detail: string]

/** What is wrong with an entry whose amount can be read. */
function problemOf(entry: Open): Wrong | undefined {
  const { details, batchCount } = entry
  if (details > 1 && entry.detailSum >= 0 && entry.detailSum !== entry.amount) {
    return ['TxDtls', 'details_differ', 'has details that do not add up to it']
  }
  if (details > 1 && batchCount >= 0 && batchCount !== details) {
    return ['Btch/NbOfTxs', 'count_differs', `says ${batchCount} payments and tells ${details}`]
  }
  if (entry.bankRef === '' && entry.entryRef === '')
    return ['AcctSvcrRef', 'ref_missing', 'has no reference of the bank']
  if (entry.booking === undefined)
    return ['BookgDt', 'not_a_date', 'has no booking date; it counts as of the statement']
  return undefined
}

/** What the fields of one report share: the entry and the detail that are open now. */
interface Now {
  entry: Open
  detail: Detail
}

function closeDetail(now: Now, sink: EntrySink): void {
  const { entry, detail } = now
  entry.details++
  if (entry.detailSum >= 0) entry.detailSum = detail.amount < 0 ? -1 : entry.detailSum + detail.amount
  if (entry.details === 1) entry.first = detail
  else {
    if (entry.details === 2) sink.detail(detailEntry(entry, entry.first as Detail))
    sink.detail(detailEntry(entry, detail))
  }
}

function detailFields(at: string, now: Now, sink: EntrySink, own: () => XmlReader): Shape {
  const amount = {
    close(text: string, attributes: Readonly<Record<string, string>>): void {
      now.detail.amount = krone(own(), 'TxDtls/Amt', text, attributes)
    },
  }
  const reason = { close: (text: string) => void (now.detail.reason = text) }
  return {
    [at]: { open: () => void (now.detail = emptyDetail()), close: () => closeDetail(now, sink) },
    [`${at}/Refs/AcctSvcrRef`]: { close: (text) => void (now.detail.bankRef = text) },
    [`${at}/Refs/PmtInfId`]: { close: (text) => void (now.detail.bundleId = text) },
    [`${at}/Refs/EndToEndId`]: { close: (text) => void (text === NOT_PROVIDED || (now.detail.endToEndId = text)) },
    // Our instruction goes by the name of the payment; a bank that keeps no end-to-end id may keep that.
    [`${at}/Refs/InstrId`]: { close: (text) => void (now.detail.endToEndId ||= text === NOT_PROVIDED ? '' : text) },
    [`${at}/Amt`]: amount,
    [`${at}/AmtDtls/TxAmt/Amt`]: amount,
    [`${at}/CdtDbtInd`]: { close: (text) => void (now.detail.direction = text) },
    [`${at}/RtrInf/Rsn/Cd`]: reason,
    [`${at}/RtrInf/Rsn/Prtry`]: reason,
  }
}

/** The shape of an entry at a path; `sink` is told when it is complete. */
export function entryFields(at: string, sink: EntrySink, own: () => XmlReader): Shape {
  const now: Now = { entry: emptyEntry(), detail: emptyDetail() }
  const setStatus = { close: (text: string) => void (now.entry.status = text) }
  const setBooking = { close: (text: string) => void (now.entry.booking = parseDate(text)) }
  const setValue = { close: (text: string) => void (now.entry.value = parseDate(text)) }
  return {
    [at]: {
      open() {
        now.entry = emptyEntry()
        sink.begin()
      },
      close() {
        const entry = closeEntry(now.entry, own(), sink.day())
        if (entry) sink.entry(entry, now.entry.status === 'BOOK')
      },
    },
    [`${at}/NtryRef`]: { close: (text) => void (now.entry.entryRef = text) },
    [`${at}/AcctSvcrRef`]: { close: (text) => void (now.entry.bankRef = text) },
    [`${at}/Amt`]: {
      close: (text, attributes) => void (now.entry.amount = krone(own(), 'Ntry/Amt', text, attributes)),
    },
    [`${at}/CdtDbtInd`]: { close: (text) => void (now.entry.direction = text) },
    // A bare code in .02, a choice in .08; the inner element closes first, and then the outer has no text of its own.
    [`${at}/Sts`]: { close: (text) => void (text === '' || (now.entry.status = text)) },
    [`${at}/Sts/Cd`]: setStatus,
    [`${at}/BookgDt/Dt`]: setBooking,
    [`${at}/BookgDt/DtTm`]: setBooking,
    [`${at}/ValDt/Dt`]: setValue,
    [`${at}/ValDt/DtTm`]: setValue,
    [`${at}/NtryDtls/Btch/PmtInfId`]: { close: (text) => void (now.entry.batchId = text) },
    [`${at}/NtryDtls/Btch/NbOfTxs`]: {
      close(text) {
        now.entry.batchCount = parseCount(text)
        if (now.entry.batchCount < 0) own().refuse('Btch/NbOfTxs', 'not_a_count', `not a count: ${text.slice(0, 40)}`)
      },
    },
    ...detailFields(`${at}/NtryDtls/TxDtls`, now, sink, own),
  }
}
