/**
 * Reads camt.053 statements and camt.054 notifications, versions .02 and .08, as a stream. Never throws because of the
 * file. Money is all or nothing: one amount that cannot be read makes the whole file unusable (`whole: false`), and
 * then nothing that the handlers were told may be kept (tell them within one transaction). Whether a statement follows
 * on the one before is for reconciliation to say.
 */
import type { Day } from '../../base/date.ts'
import type { FileProblem, StatementEntry, StatementHeader } from '../../modules/payments/index.ts'
import { entryFields, type EntrySink, krone, parseDate } from './camt-entry.ts'
import { type Chunk, parseAmount, parseCount, type Shape, type XmlReader, xmlReader } from '../../base/xml-in.ts'
import type { NotificationHeader } from './write-statement.ts'

export interface StatementHandlers {
  /** Told before the entries of a statement (camt.053). */
  header?(header: StatementHeader): void
  /** Told before the entries of a notification (camt.054). */
  notification?(header: NotificationHeader): void
  entry(entry: StatementEntry): void
  /** Single payments within an entry that stands for several; the entry itself is told afterwards, once. */
  detail?(detail: StatementEntry): void
}

export interface StatementResult {
  /** False: torn, unreadable, or it does not add up. Nothing of it may be kept. */
  readonly whole: boolean
  readonly message: 'camt.053' | 'camt.054' | undefined
  readonly statements: number
  readonly entries: number
  readonly problems: readonly FileProblem[]
}

/** One line of the summary: how many entries, and their sum without sign; -1 when not told. */
interface Total {
  count: number
  sum: number
}

interface Report {
  id: string
  number: number
  account: string
  date: Day | undefined
  opening: number | undefined
  closing: number | undefined
  /** The header was told. */
  told: boolean
  readonly all: Total
  readonly credits: Total
  readonly debits: Total
  creditCount: number
  creditSum: number
  debitCount: number
  debitSum: number
  /** Sum of the entries that are booked. */
  moved: number
}

interface Totals {
  statements: number
  entries: number
  message: 'camt.053' | 'camt.054' | undefined
}

function emptyReport(): Report {
  const nothing = (): Total => ({ count: -1, sum: -1 })
  return {
    id: '',
    number: 0,
    account: '',
    date: undefined,
    opening: undefined,
    closing: undefined,
    told: false,
    all: nothing(),
    credits: nothing(),
    debits: nothing(),
    creditCount: 0,
    creditSum: 0,
    debitCount: 0,
    debitSum: 0,
    moved: 0,
  }
}

function balanceFields(at: string, report: () => Report, own: () => XmlReader): Shape {
  let code = ''
  let amount = -1
  let negative = false
  let date: Day | undefined
  const setDate = { close: (text: string) => void (date = parseDate(text)) }
  return {
    [at]: {
      open() {
        code = ''
        amount = -1
        negative = false
        date = undefined
      },
      close() {
        const now = report()
        const signed = negative ? 0 - amount : amount
        if (code === 'OPBD' || (code === 'PRCD' && now.opening === undefined)) now.opening = signed
        else if (code === 'CLBD') {
          now.closing = signed
          if (date === undefined) own().refuse('Bal/Dt', 'not_a_date', 'the closing balance has no date')
          now.date = date
        }
      },
    },
    [`${at}/Tp/CdOrPrtry/Cd`]: { close: (text) => void (code = text) },
    [`${at}/Amt`]: { close: (text, attributes) => void (amount = krone(own(), 'Bal/Amt', text, attributes)) },
    [`${at}/CdtDbtInd`]: { close: (text) => void (negative = text === 'DBIT') },
    [`${at}/Dt/Dt`]: setDate,
    [`${at}/Dt/DtTm`]: setDate,
  }
}

function summaryFields(at: string, report: () => Report, own: () => XmlReader): Shape {
  const line = (name: string, total: (report: Report) => Total): Shape => ({
    [`${at}/${name}/NbOfNtries`]: {
      close(text) {
        const count = parseCount(text)
        if (count < 0) own().refuse(`${name}/NbOfNtries`, 'not_a_count', `not a count: ${text.slice(0, 40)}`)
        total(report()).count = count
      },
    },
    [`${at}/${name}/Sum`]: {
      close(text) {
        const sum = parseAmount(text)
        if (sum < 0) own().refuse(`${name}/Sum`, 'not_an_amount', `not a sum: ${text.slice(0, 40)}`)
        total(report()).sum = sum
      },
    },
  })
  return {
    ...line('TtlNtries', (now) => now.all),
    ...line('TtlCdtNtries', (now) => now.credits),
    ...line('TtlDbtNtries', (now) => now.debits),
  }
}

/** Refuses a report whose summary, or whose balances, its own entries do not bear out. */
function checkReport(now: Report, isStatement: boolean, reader: XmlReader): void {
  const line = (name: string, told: Total, count: number, sum: number): void => {
    if (told.count >= 0 && told.count !== count) {
      reader.refuse(name, 'count_differs', `the summary says ${told.count} entries, the file has ${count}`)
    } else if (told.sum >= 0 && told.sum !== sum) {
      reader.refuse(name, 'sum_differs', `the summary says ${told.sum} øre, the entries have ${sum}`)
    }
  }
  line('TtlNtries', now.all, now.creditCount + now.debitCount, now.creditSum + now.debitSum)
  line('TtlCdtNtries', now.credits, now.creditCount, now.creditSum)
  line('TtlDbtNtries', now.debits, now.debitCount, now.debitSum)
  if (!isStatement || now.opening === undefined || now.closing === undefined) return
  if (now.opening + now.moved !== now.closing) {
    reader.refuse(
      'Bal',
      'balance_differs',
      `account ${now.account}, ${now.id}: opening ${now.opening} and movements ${now.moved} øre give ` +
        `${now.opening + now.moved}, and the statement closes with ${now.closing}`,
    )
  }
}

function tellHeader(now: Report, isStatement: boolean, handlers: StatementHandlers, reader: XmlReader): void {
  if (now.told) return
  now.told = true
  const { id, number, account, date, opening, closing } = now
  if (id === '' || account === '') return reader.refuse('Acct', 'header_missing', 'no id or no account')
  if (!isStatement) {
    if (date === undefined) return reader.refuse('CreDtTm', 'not_a_date', 'the notification has no date')
    handlers.notification?.({ notificationId: id, number, account, date })
  } else if (opening === undefined || closing === undefined || date === undefined) {
    reader.refuse(
      'Bal',
      'balance_missing',
      'a statement needs an opening and a closing booked balance before its entries',
    )
  } else {
    const header = { statementId: id, number, account, date, opening, closing }
    handlers.header?.(header as StatementHeader)
  }
}

function reportFields(
  at: string,
  isStatement: boolean,
  totals: Totals,
  handlers: StatementHandlers,
  own: () => XmlReader,
): Shape {
  let now = emptyReport()
  const report = (): Report => now
  const sink: EntrySink = {
    begin: () => tellHeader(now, isStatement, handlers, own()),
    day: () => now.date,
    entry(entry, booked) {
      totals.entries++
      if (entry.amount < 0) {
        now.debitCount++
        now.debitSum -= entry.amount
      } else {
        now.creditCount++
        now.creditSum += entry.amount
      }
      if (!booked) return own().problem('Sts', 'not_booked', `entry ${entry.bankRef} is not booked and is left out`)
      now.moved += entry.amount
      handlers.entry(entry)
    },
    detail: (detail) => handlers.detail?.(detail),
  }
  const setAccount = { close: (text: string) => void (now.account = text) }
  return {
    [at]: {
      open() {
        now = emptyReport()
        totals.statements++
        totals.message = isStatement ? 'camt.053' : 'camt.054'
      },
      close() {
        tellHeader(now, isStatement, handlers, own())
        checkReport(now, isStatement, own())
      },
    },
    [`${at}/Id`]: { close: (text) => void (now.id = text) },
    [`${at}/ElctrncSeqNb`]: { close: (text) => void (now.number = parseCount(text)) },
    [`${at}/LglSeqNb`]: { close: (text) => void (now.number = now.number > 0 ? now.number : parseCount(text)) },
    [`${at}/CreDtTm`]: { close: (text) => void (isStatement || (now.date = parseDate(text))) },
    [`${at}/Acct/Id/IBAN`]: setAccount,
    [`${at}/Acct/Id/Othr/Id`]: setAccount,
    [`${at}/Acct/Ccy`]: {
      close(text) {
        if (text !== 'DKK') own().refuse('Acct/Ccy', 'other_currency', `an account in ${text.slice(0, 10)}`)
      },
    },
    ...balanceFields(`${at}/Bal`, report, own),
    ...summaryFields(`${at}/TxsSummry`, report, own),
    ...entryFields(`${at}/Ntry`, sink, own),
  }
}

const NAMESPACE = /^urn:iso:std:iso:20022:tech:xsd:camt\.05[34]\.001\.0[28]$/

export interface StatementReader {
  write(chunk: Chunk): void
  finish(): StatementResult
}

/** Reads a file whose bytes are given piece by piece. */
export function statementReader(handlers: StatementHandlers): StatementReader {
  const { reader, finish } = readerOf(handlers)
  return { write: (chunk) => reader.write(chunk), finish }
}

function readerOf(handlers: StatementHandlers): { reader: XmlReader; finish: () => StatementResult } {
  const totals: Totals = { statements: 0, entries: 0, message: undefined }
  const own = (): XmlReader => reader
  const reader: XmlReader = xmlReader({
    Document: {
      open(attributes, name) {
        const prefix = name.indexOf(':')
        const namespace = attributes[prefix < 0 ? 'xmlns' : `xmlns:${name.slice(0, prefix)}`] ?? ''
        if (!NAMESPACE.test(namespace)) {
          reader.refuse(
            'Document',
            'other_message',
            `only camt.053 and camt.054, .02 and .08, are read; found ${namespace.slice(0, 80)}`,
          )
        }
      },
    },
    ...reportFields('Document/BkToCstmrStmt/Stmt', true, totals, handlers, own),
    ...reportFields('Document/BkToCstmrDbtCdtNtfctn/Ntfctn', false, totals, handlers, own),
  })
  const finish = (): StatementResult => {
    if (reader.end() && totals.statements === 0)
      reader.refuse('Document', 'other_message', 'no statement and no notification')
    return { ...totals, whole: reader.end(), problems: reader.problems }
  }
  return { reader, finish }
}

/** Reads a file that is at hand in chunks. */
export function parseStatement(chunks: Iterable<Chunk>, handlers: StatementHandlers): StatementResult {
  const { reader, finish } = readerOf(handlers)
  for (const chunk of chunks) reader.write(chunk)
  return finish()
}
