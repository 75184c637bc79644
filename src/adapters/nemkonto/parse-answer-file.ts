/**
 * Reads an answer file of the NemKonto system as a stream. Never throws because of the file: what cannot be read or
 * placed becomes a problem, and a file that is not whole is said to be so; then nothing that the handlers were told
 * may be kept (tell them within one transaction).
 */
import type {
  AnswerFileHeader,
  AnswerFileResult,
  AnswerHandlers,
  AnswerReader,
  RailAnswer,
} from '../../modules/payments/index.ts'
import { type Chunk, type Field, parseCount, type Shape, type XmlReader, xmlReader } from '../../base/xml-in.ts'
import { ANSWER, ANSWER_KINDS, ENVELOPE, type Name } from './layout.ts'

type Kind = RailAnswer['kind']

/** Longest id that we ever gave out, in characters. */
const LONGEST_REF = 35

interface Reading {
  header: AnswerFileHeader | undefined
  answers: number
  quarantined: number
  ref: string
  reason: string
  waiting: string
}

function headerFields(
  at: string,
  reading: Reading,
  reader: () => XmlReader,
  told: (h: AnswerFileHeader) => void,
): Shape {
  let answerId = ''
  let fileId = ''
  let createdAt = ''
  let count = ''
  const path = (name: Name): string => `${at}/${name.element}`
  return {
    [at]: {
      close() {
        if (reading.header) return reader().refuse(ANSWER.header.element, 'header_twice', 'a second header')
        const number = parseCount(count)
        if (number < 0)
          return reader().refuse(ANSWER.count.element, 'count_missing', `not a count: ${count.slice(0, 40)}`)
        if (fileId === '' || fileId.length > LONGEST_REF || answerId === '' || answerId.length > LONGEST_REF) {
          return reader().refuse(ANSWER.fileId.element, 'id_missing', 'the header names no file or no answer')
        }
        reading.header = { answerId, fileId, createdAt, count: number }
        told(reading.header)
      },
    },
    [path(ANSWER.answerId)]: { close: (text) => void (answerId = text) },
    [path(ANSWER.fileId)]: { close: (text) => void (fileId = text) },
    [path(ANSWER.createdAt)]: { close: (text) => void (createdAt = text) },
    [path(ANSWER.count)]: { close: (text) => void (count = text) },
  }
}

function answerFields(
  at: string,
  kind: Kind,
  reading: Reading,
  reader: () => XmlReader,
  told: (a: RailAnswer, line: number) => void,
): Shape {
  const element = ANSWER_KINDS[kind].element
  const isFile = kind === 0 || kind === 1
  const setAside = (field: Name, code: string, detail: string): void => {
    reading.quarantined++
    reader().problem(field.element, code, detail)
  }
  const close = (): void => {
    const { ref, reason, waiting } = reading
    if (!reading.header) return reader().refuse(element, 'header_missing', 'an answer before the header')
    if (ref === '' || ref.length > LONGEST_REF) {
      return setAside(
        isFile ? ANSWER.receivedId : ANSWER.endToEndId,
        'ref_missing',
        `answer ${kind} names nothing of ours`,
      )
    }
    if (waiting !== '' && waiting !== 'false' && waiting !== 'true') {
      return setAside(ANSWER.waitingAccount, 'not_a_flag', `${ref}: neither true nor false`)
    }
    reading.answers++
    told({ kind, ref, reason, waitingAccount: waiting === 'true' }, reader().line)
  }
  const path = (name: Name): string => `${at}/${element}/${name.element}`
  return {
    [`${at}/${element}`]: { open: () => clear(reading), close },
    [path(isFile ? ANSWER.receivedId : ANSWER.endToEndId)]: { close: (text) => void (reading.ref = text) },
    [path(ANSWER.reason)]: { close: (text) => void (reading.reason = text) },
    [path(ANSWER.waitingAccount)]: { close: (text) => void (reading.waiting = text) },
  }
}

function clear(reading: Reading): void {
  reading.ref = ''
  reading.reason = ''
  reading.waiting = ''
}

/** Answers that are not among the published ones, such as 5: kept as a problem with the payment they name. */
function unknownAnswer(at: string, reading: Reading, reader: () => XmlReader): Shape {
  let name = ''
  const any: Field = {
    open(_, element) {
      name = element
      clear(reading)
    },
    close() {
      reading.quarantined++
      reader().problem(
        name,
        'unknown_answer',
        `unknown answer about ${reading.ref.slice(0, LONGEST_REF) || 'nothing named'}`,
      )
    },
  }
  return {
    [`${at}/*`]: any,
    [`${at}/*/${ANSWER.endToEndId.element}`]: { close: (text) => void (reading.ref = text) },
  }
}

/** Reads a file whose bytes are given piece by piece. */
export function answerReader(handlers: AnswerHandlers): AnswerReader {
  const { reader, finish } = readerOf(handlers)
  return { write: (chunk) => reader.write(chunk), finish }
}

function readerOf(handlers: AnswerHandlers): { reader: XmlReader; finish: () => AnswerFileResult } {
  const reading: Reading = { header: undefined, answers: 0, quarantined: 0, ref: '', reason: '', waiting: '' }
  const at = `${local(ENVELOPE.root)}/${local(ENVELOPE.body)}/${ANSWER.message.element}`
  let messages = 0
  const own = (): XmlReader => reader
  const kinds: readonly Kind[] = [0, 1, 2, 7, 8, 9]
  const reader: XmlReader = xmlReader({
    [at]: { open: () => void messages++ },
    ...headerFields(`${at}/${ANSWER.header.element}`, reading, own, (header) => handlers.header(header)),
    ...Object.assign(
      {},
      ...kinds.map((kind) => answerFields(at, kind, reading, own, (a, line) => handlers.answer(a, line))),
    ),
    ...unknownAnswer(at, reading, own),
  })
  const finish = (): AnswerFileResult => {
    if (reader.end()) {
      const found = reading.answers + reading.quarantined
      if (messages === 0)
        reader.refuse(ANSWER.message.element, 'not_an_answer_file', 'the file holds no answers of NemKonto')
      else if (!reading.header) reader.refuse(ANSWER.header.element, 'header_missing', 'the file has no header')
      else if (found !== reading.header.count) {
        reader.refuse(
          ANSWER.count.element,
          'count_differs',
          `the header says ${reading.header.count} answers, the file has ${found}`,
        )
      }
    }
    const { header, answers, quarantined } = reading
    return { header, whole: reader.end(), answers, quarantined, problems: reader.problems }
  }
  return { reader, finish }
}

/** Names in a shape go without their prefix. */
function local(name: Name): string {
  return name.element.slice(name.element.indexOf(':') + 1)
}

/** Reads a file that is at hand in chunks. @da retursvar */
export function parseAnswerFile(chunks: Iterable<Chunk>, handlers: AnswerHandlers): AnswerFileResult {
  const { reader, finish } = readerOf(handlers)
  for (const chunk of chunks) reader.write(chunk)
  return finish()
}
