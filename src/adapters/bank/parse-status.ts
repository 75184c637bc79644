/**
 * Reads a bank's answers to a payment file: pain.002, .03 and .10, as a stream. Never throws because of the file. Told
 * at three levels: a payment's own word goes before its bundle's, a bundle's before the file's, and the reader tells
 * them in that order. A file that is refused whole is one answer, 0: what is said of its payments beside it explains
 * the refusal, and nobody is refused by it.
 */
import type { AnswerFileHeader, AnswerHandlers, AnswerReader, RailAnswer } from '../../modules/payments/index.ts'
import { parseCount, type Shape, type XmlReader, xmlReader } from '../../base/xml-in.ts'
import { refusalClass, refusalKind, type Said, STATUS } from './statuses.ts'

export interface StatusOptions {
  /** The bank tells what fails and nothing else: the rest of a file that it has taken in is accepted. */
  readonly onlyFailures: boolean
}

/** Longest id that we ever gave out, in characters. */
const LONGEST_REF = 35

/** What is being said of a file, a bundle or a payment. */
interface Word {
  ref: string
  instruction: string
  status: string
  reason: string
  text: string
}

interface Reading {
  header: AnswerFileHeader | undefined
  answerId: string
  createdAt: string
  count: string
  readonly file: Word
  bundle: Word
  payment: Word
  answers: number
  quarantined: number
}

function word(): Word {
  return { ref: '', instruction: '', status: '', reason: '', text: '' }
}

function wordFields(at: string, of: () => Word, status: string): Shape {
  const set = (key: 'status' | 'reason') => ({ close: (text: string) => void (of()[key] ||= text) })
  return {
    [`${at}/${status}`]: set('status'),
    [`${at}/StsRsnInf/Rsn/Cd`]: set('reason'),
    [`${at}/StsRsnInf/Rsn/Prtry`]: set('reason'),
    [`${at}/StsRsnInf/AddtlInf`]: {
      close: (text) => void (of().text = `${of().text} ${text}`.trim().slice(0, LONGEST_TEXT)),
    },
  }
}

/** Characters of a bank's own words that are kept. */
const LONGEST_TEXT = 500

export function statusReader(handlers: AnswerHandlers, options: StatusOptions): AnswerReader {
  const reading: Reading = {
    header: undefined,
    answerId: '',
    createdAt: '',
    count: '',
    file: word(),
    bundle: word(),
    payment: word(),
    answers: 0,
    quarantined: 0,
  }
  const own = (): XmlReader => reader
  const tell = (answer: RailAnswer): void => {
    reading.answers++
    handlers.answer(answer, own().line)
  }
  const at = 'Document/CstmrPmtStsRpt'
  const bundle = `${at}/OrgnlPmtInfAndSts`
  let messages = 0
  const reader = xmlReader({
    Document: { open: (attributes, name) => checkNamespace(attributes, name, own()) },
    [at]: { open: () => void messages++, close: () => closeFile(reading, options, tell, own()) },
    ...headerFields(at, reading, own, (header) => handlers.header(header)),
    [bundle]: {
      open: () => void (reading.bundle = word()),
      close: () => closeBundle(reading, tell, own()),
    },
    [`${bundle}/OrgnlPmtInfId`]: { close: (text) => void (reading.bundle.ref = text) },
    ...wordFields(bundle, () => reading.bundle, 'PmtInfSts'),
    [`${bundle}/TxInfAndSts`]: {
      open: () => void (reading.payment = word()),
      close: () => closePayment(reading, tell, own()),
    },
    [`${bundle}/TxInfAndSts/OrgnlEndToEndId`]: { close: (text) => void (reading.payment.ref = text) },
    [`${bundle}/TxInfAndSts/OrgnlInstrId`]: { close: (text) => void (reading.payment.instruction = text) },
    ...wordFields(`${bundle}/TxInfAndSts`, () => reading.payment, 'TxSts'),
  })
  return {
    write: (chunk) => reader.write(chunk),
    finish() {
      if (reader.end() && messages === 0) reader.refuse('Document', 'other_message', 'the file holds no pain.002')
      const { header, answers, quarantined } = reading
      return { header, whole: reader.end(), answers, quarantined, problems: reader.problems }
    },
  }
}

const NAMESPACE = /^urn:iso:std:iso:20022:tech:xsd:pain\.002\.001\.(03|10)$/

function checkNamespace(attributes: Readonly<Record<string, string>>, name: string, reader: XmlReader): void {
  const prefix = name.indexOf(':')
  const namespace = attributes[prefix < 0 ? 'xmlns' : `xmlns:${name.slice(0, prefix)}`] ?? ''
  if (NAMESPACE.test(namespace)) return
  reader.refuse('Document', 'other_message', `only pain.002, .03 and .10, is read; found ${namespace.slice(0, 80)}`)
}

function headerFields(
  at: string,
  reading: Reading,
  own: () => XmlReader,
  told: (header: AnswerFileHeader) => void,
): Shape {
  const file = `${at}/OrgnlGrpInfAndSts`
  return {
    [`${at}/GrpHdr/MsgId`]: { close: (text) => void (reading.answerId = text) },
    [`${at}/GrpHdr/CreDtTm`]: { close: (text) => void (reading.createdAt = text) },
    [file]: {
      close() {
        const { answerId, createdAt, file: original } = reading
        if (reading.header) return own().refuse('OrgnlGrpInfAndSts', 'header_twice', 'a second original file')
        if (original.ref === '' || original.ref.length > LONGEST_REF || answerId === '') {
          return own().refuse('OrgnlMsgId', 'id_missing', `the answer names no file of ours; ${sentence(original)}`)
        }
        const count = Math.max(0, parseCount(reading.count))
        reading.header = { answerId, fileId: original.ref, createdAt, count }
        told(reading.header)
      },
    },
    [`${file}/OrgnlMsgId`]: { close: (text) => void (reading.file.ref = text) },
    [`${file}/OrgnlNbOfTxs`]: { close: (text) => void (reading.count = text) },
    ...wordFields(file, () => reading.file, 'GrpSts'),
  }
}

/** A status with its reason and the bank's words, for the person who reads a problem. */
function sentence({ status, reason, text }: Word): string {
  return [status, reason, text].filter((one) => one !== '').join(' ') || 'without a status'
}

/** What a word says; undefined when it says nothing, or what nobody knows, which is set aside. */
function saidBy(reading: Reading, one: Word, field: string, reader: XmlReader): Said | undefined {
  if (one.status === '') return undefined
  const said = STATUS[one.status]
  if (said !== undefined) return said
  reading.quarantined++
  reader.problem(field, 'unknown_answer', `unknown status ${one.status.slice(0, 20)} about ${one.ref.slice(0, 35)}`)
  return undefined
}

function fileIsRefused({ file }: Reading): boolean {
  return STATUS[file.status] === 'refused'
}

function closePayment(reading: Reading, tell: (answer: RailAnswer) => void, reader: XmlReader): void {
  const { payment, bundle } = reading
  // Banks that shorten a bundle's answer say its status once, and the payments' only where they differ.
  const inherited = payment.status === '' ? { ...payment, status: bundle.status, reason: bundle.reason } : payment
  const ref = payment.ref === '' || payment.ref === 'NOTPROVIDED' ? payment.instruction : payment.ref
  const said = saidBy(reading, { ...inherited, ref }, 'TxSts', reader)
  if (ref === '' || ref.length > LONGEST_REF) {
    reading.quarantined++
    reader.problem('OrgnlEndToEndId', 'ref_missing', `a payment without an id of ours: ${sentence(inherited)}`)
  } else if (fileIsRefused(reading)) {
    reader.problem('TxInfAndSts', 'named_in_refusal', `${ref}: ${sentence(inherited)}`)
  } else answer(said, ref, inherited, undefined, tell)
}

function closeBundle(reading: Reading, tell: (answer: RailAnswer) => void, reader: XmlReader): void {
  const { bundle } = reading
  const said = saidBy(reading, bundle, 'PmtInfSts', reader)
  if (!fileIsRefused(reading)) answer(said, bundle.ref, bundle, 'bundle', tell)
  else if (said === 'refused') reader.problem('PmtInfSts', 'named_in_refusal', `${bundle.ref}: ${sentence(bundle)}`)
}

function closeFile(
  reading: Reading,
  { onlyFailures }: StatusOptions,
  tell: (answer: RailAnswer) => void,
  reader: XmlReader,
): void {
  const { file } = reading
  const said = saidBy(reading, file, 'GrpSts', reader)
  const about = { ref: file.ref, waitingAccount: false }
  if (said === 'refused') {
    const reason = file.reason || 'NARR'
    tell({ ...about, kind: 0, reason, class: refusalClass(reason), text: file.text })
    return
  }
  if (said !== undefined) tell({ ...about, kind: 1, reason: '' })
  answer(onlyFailures && (said === 'received' || said === 'in_part') ? 'accepted' : said, file.ref, file, 'file', tell)
}

/** What is received, or accepted in part, decides nothing yet. */
function answer(
  said: Said | undefined,
  ref: string,
  { reason: told, text }: Word,
  about: RailAnswer['about'],
  tell: (answer: RailAnswer) => void,
): void {
  const named = about === undefined ? { ref, waitingAccount: false } : { ref, waitingAccount: false, about }
  if (said === 'accepted') tell({ ...named, kind: 8, reason: '' })
  if (said === 'accepted_with_warning') {
    tell({ ...named, kind: 8, reason: told || 'NARR', class: 'accepted_with_warning', text })
  }
  if (said !== 'refused') return
  const reason = told || 'NARR'
  tell({ ...named, kind: refusalKind(reason), reason, class: refusalClass(reason), text })
}
