export { assembleRuns, type NewRun, readDue } from './assemble-runs.ts'
export * from './message.ts'
export {
  approveRuns,
  type Bundle,
  bundleIdOf,
  bundleOfId,
  endToEndIdOf,
  fileIdOf,
  type PaymentRun,
  paymentOfEndToEndId,
  type RunAct,
  readBundles,
  readRunPayments,
  readRuns,
  recordSteps,
  releaseRuns,
  type RunStep,
} from './payment-run.ts'
export {
  type AnswerFile,
  type AnswerRow,
  type RailAccounts,
  type ReceivedFile,
  recordAnswers,
  recordReceivedFiles,
  runSizes,
} from './record-answers.ts'
export {
  type HandMatch,
  matchByHand,
  notOurLines,
  type NotOurs,
  notOurs,
  type OpenLine,
  openLines,
} from './match-by-hand.ts'
export { type Explains, lookAgainAfterAnswers, lookAgainAfterStatements, STILL_UNMATCHED } from './look-again.ts'
export {
  type Came,
  IS_BOOKED,
  recordStatements,
  type StatementFile,
  statementsBefore,
  type ToldStatement,
} from './record-statement.ts'
export {
  IS_REFUSED,
  OPEN_PROBLEMS,
  type Quarantined,
  readQuarantine,
  resolveQuarantine,
} from './quarantine.ts'
export { DUE_OF_ITEM, PARTS_EVER, whatPartsAre } from './part.ts'
export { lastReleasedDay, letPartsGo, type StoppedPart, stoppedPartsOf } from './parts-again.ts'
export {
  IS_RELEASED,
  NOT_STOPPED,
  paysOnTo,
  type StopCause,
  STOPPED_ALONE,
  STOPPED_OF_PAYMENT,
  STOPPED_OF_RUN,
  type StoppedParty,
  stoppedOfUnit,
  stopOrders,
  stopThirdParties,
} from './stopped.ts'
