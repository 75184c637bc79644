export { type Bundle, writePaymentFile } from './write-payment-file.ts'
export {
  type AnswerFileResult,
  type AnswerHandlers,
  parseAnswerFile,
  parseAnswerStream,
} from './parse-answer-file.ts'
