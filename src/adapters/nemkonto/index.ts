export { type Bundle, writePaymentFile } from './write-payment-file.ts'
export {
  type AnswerFileResult,
  type AnswerHandlers,
  type AnswerReader,
  answerReader,
  parseAnswerFile,
  parseAnswerStream,
} from './parse-answer-file.ts'
