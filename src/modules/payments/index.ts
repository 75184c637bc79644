export * from './message.ts'
export { type PayableWriter, payableWriter } from './payable.ts'
export {
  approveRun,
  assembleRun,
  bundleIdOf,
  bundleOfId,
  dueDates,
  endToEndIdOf,
  fileIdOf,
  markRunSent,
  type PaymentRun,
  paymentOfEndToEndId,
  readBundles,
  readRunPayments,
  readRuns,
  releaseRun,
  type RunStep,
} from './payment-run.ts'
export {
  type AnswerRow,
  type RailAccounts,
  recordAnswers,
  recordReceivedFile,
  runSizes,
} from './record-answers.ts'
export { lastStatement, recordStatement } from './record-statement.ts'
