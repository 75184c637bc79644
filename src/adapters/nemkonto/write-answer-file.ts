/** Writes answers as the NemKonto system would. Only the fake uses it; it stands here because the layout does. */
import { assert } from '../../base/assert.ts'
import type { AnswerFileHeader, RailAnswer } from '../../modules/payments/index.ts'
import { CHUNK, xmlId, xmlText } from '../../base/xml-out.ts'
import { ANSWER, ANSWER_KINDS, PARTIES } from './layout.ts'
import { element, envelope } from './write-payment-file.ts'

function answerXml(answer: RailAnswer): string {
  const name = ANSWER_KINDS[answer.kind].element
  const ref = answer.kind === 0 || answer.kind === 1 ? ANSWER.receivedId : ANSWER.endToEndId
  return (
    `<${name}><${ref.element}>${xmlId(answer.ref, 'answer')}</${ref.element}>` +
    (answer.reason === '' ? '' : element(ANSWER.reason, xmlText(answer.reason))) +
    (answer.waitingAccount ? element(ANSWER.waitingAccount, 'true') : '') +
    `</${name}>\n`
  )
}

/** The file in chunks of about 64 KB; `header.count` must agree with the answers. */
export function* writeAnswerFile(header: AnswerFileHeader, answers: Iterable<RailAnswer>): Generator<string> {
  const message = ANSWER.message.element
  const [before, after] = envelope(message, header.answerId, header.createdAt, PARTIES.nemKonto, header.fileId)
  const group =
    element(ANSWER.answerId, xmlId(header.answerId, 'answerId')) +
    element(ANSWER.fileId, xmlId(header.fileId, 'fileId')) +
    element(ANSWER.createdAt, xmlText(header.createdAt)) +
    element(ANSWER.count, String(header.count))
  let out = `${before}<${message}>\n${element(ANSWER.header, group)}\n`
  let count = 0
  for (const answer of answers) {
    out += answerXml(answer)
    count++
    if (out.length >= CHUNK) {
      yield out
      out = ''
    }
  }
  assert(count === header.count, `answer file ${header.answerId} says ${header.count}, has ${count}`)
  yield `${out}</${message}>\n${after}`
}
