export {
  parseStatement,
  type StatementHandlers,
  type StatementReader,
  type StatementResult,
  statementReader,
} from './parse-statement.ts'
export { ACCOUNT_PROFILE, type BankProfile, PARTY_PROFILE } from './profile.ts'
export { type StatusOptions, statusReader } from './parse-status.ts'
export {
  type RecalledPayment,
  recallAnswerReader,
  type RecallHeader,
  writeFileRecall,
  writeRecall,
} from './recall.ts'
export { writePain001 } from './write-pain001.ts'
export { type NotificationHeader } from './write-statement.ts'
