export { type Bundle, writePaymentFile } from './write-payment-file.ts'
export { stopAnswerReader, writeStop } from './stop.ts'
export { answerReader, parseAnswerFile } from './parse-answer-file.ts'
