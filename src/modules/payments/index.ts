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
  lastStatement,
  type RailAccounts,
  recordAnswers,
  recordReceivedFile,
  recordStatement,
  runSizes,
} from './record-answers.ts'
