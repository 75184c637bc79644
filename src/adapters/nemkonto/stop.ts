/** NemKonto's own stop of a payment that is sent and not carried out, and the answer to it. Every name is layout. */
import { type XmlReader, xmlReader } from '../../base/xml-in.ts'
import { xmlAmount, xmlId, xmlText } from '../../base/xml-out.ts'
import type {
  RecallAnswerHandlers,
  RecallAnswerReader,
  RecallOutcome,
  RecallRequest,
} from '../../modules/payments/index.ts'
import { PARTIES, STOP, STOP_ANSWER, STOP_STATUS } from './layout.ts'
import { element, envelope } from './write-payment-file.ts'

/** One payment; same input, same bytes. @da stop af betaling */
export function writeStop(stop: RecallRequest): string {
  const { recallId, fileId, createdAt, unit, endToEndId, amount, reason } = stop
  const message = STOP.message.element
  const [before, after] = envelope(message, recallId, createdAt, unit.cvr, PARTIES.nemKonto)
  const header = element(STOP.stopId, xmlId(recallId, 'stopId')) + element(STOP.createdAt, xmlText(createdAt))
  return (
    `${before}<${message}>\n${element(STOP.header, header + element(STOP.fileId, xmlId(fileId, 'fileId')))}\n` +
    element(STOP.endToEndId, xmlId(endToEndId, 'endToEndId')) +
    element(STOP.amount, xmlAmount(amount)) +
    element(STOP.reason, xmlText(reason)) +
    `\n</${message}>\n${after}`
  )
}

/** Reads the answer to one stop. Never throws because of the file. */
export function stopAnswerReader(handlers: RecallAnswerHandlers): RecallAnswerReader {
  const at = `Envelope/Body/${STOP_ANSWER.message.element}`
  const head = `${at}/${STOP_ANSWER.header.element}`
  let [answerId, createdAt, fileId, ref, status, reason, messages] = ['', '', '', '', '', '', 0]
  const outcomes: Readonly<Record<string, RecallOutcome>> = STOP_STATUS
  const reader: XmlReader = xmlReader({
    [at]: {
      open: () => void messages++,
      close() {
        const outcome = outcomes[status]
        if (outcome !== undefined && ref !== '') return handlers.answer({ about: 'payment', ref, outcome, reason })
        reader.problem('Sts', 'unknown_answer', `unknown answer ${status.slice(0, 20)} about ${ref.slice(0, 35)}`)
      },
    },
    [`${head}/${STOP_ANSWER.answerId.element}`]: { close: (text) => void (answerId = text) },
    [`${head}/${STOP_ANSWER.createdAt.element}`]: { close: (text) => void (createdAt = text) },
    [`${head}/${STOP_ANSWER.fileId.element}`]: { close: (text) => void (fileId = text) },
    [`${at}/${STOP_ANSWER.endToEndId.element}`]: { close: (text) => void (ref = text) },
    [`${at}/${STOP_ANSWER.status.element}`]: { close: (text) => void (status = text) },
    [`${at}/${STOP_ANSWER.reason.element}`]: { close: (text) => void (reason = text) },
  })
  return {
    write: (chunk) => reader.write(chunk),
    finish() {
      if (reader.end() && messages === 0) reader.refuse('Envelope', 'other_message', 'the file holds no stop answer')
      const header = messages > 0 ? { answerId, fileId, createdAt } : undefined
      return { header, whole: reader.end(), problems: reader.problems }
    },
  }
}

/** Writes the answer as the NemKonto system would. For the fake and the tests. */
export function writeStopAnswer(
  header: { readonly answerId: string; readonly fileId: string; readonly createdAt: string },
  answer: { readonly endToEndId: string; readonly status: keyof typeof STOP_STATUS; readonly reason: string },
): string {
  const { answerId, fileId, createdAt } = header
  const message = STOP_ANSWER.message.element
  const [before, after] = envelope(message, answerId, createdAt, PARTIES.nemKonto, fileId)
  const group =
    element(STOP_ANSWER.answerId, xmlId(answerId, 'answerId')) +
    element(STOP_ANSWER.createdAt, xmlText(createdAt)) +
    element(STOP_ANSWER.fileId, xmlId(fileId, 'fileId'))
  return (
    `${before}<${message}>\n${element(STOP_ANSWER.header, group)}\n` +
    element(STOP_ANSWER.endToEndId, xmlId(answer.endToEndId, 'endToEndId')) +
    element(STOP_ANSWER.status, answer.status) +
    (answer.reason === '' ? '' : element(STOP_ANSWER.reason, xmlText(answer.reason))) +
    `\n</${message}>\n${after}`
  )
}
