/**
 * Payment runs from what is due to what the bank booked: assembled, controlled, approved, sent, answered, returned,
 * stopped.
 */
export { type GatheredRun, type RailOf, RUN_PURPOSES, type RunPurpose } from './gather.ts'
export { type DueDays, keptDays } from './due-works.ts'
export {
  assembledDays,
  dueDays,
  type PayDay,
  payDaysOf,
  runPurposeOf,
  recordPayDays,
  type SettledOtherwise,
  settledOtherwise,
  wantedAtOnce,
} from './pay-days.ts'
export { beyondClaims, paidToHolders } from './holders.ts'
export { type OrderPart, partsOfOrders } from './parts-of-order.ts'
export {
  backAt,
  knownOpeningReturns,
  type OpeningReturn,
  payDayOf,
  recordOpeningReturns,
  type TakenOver,
  takenOverJson,
} from './opening-returns.ts'
export {
  approveOutside,
  endOutside,
  lineOfOutside,
  type NewOutside,
  orderOfOutside,
  type Outside,
  partsOutside,
  readOutside,
  recordOutsideParts,
  registerOutside,
} from './outside.ts'
export { clearOutside, type OutsideAccounts, outsideLinesByReference } from './outside-lines.ts'
export {
  bookedAfterStop,
  isBookedAfterStop,
  recordStopUndone,
  STOP_STANDS,
} from './booked-after-stop.ts'
export { assembleRuns, type NewRun, readDue } from './assemble-runs.ts'
export * from './message.ts'
export { approveRuns, type RunView, viewOf } from './approve-runs.ts'
export {
  controlRuns,
  type FindNewPayees,
  liftFinding,
  readFindings,
  readPolicies,
  type RunFinding,
} from './control-runs.ts'
export {
  heldBySwitch,
  type KillSwitch,
  openSwitches,
  recordSwitchHold,
  type SwitchAct,
  switchOff,
  switchOn,
  unreleasedParts,
} from './kill-switch.ts'
export type { PolicyReason, RunPolicy } from './release-policy.ts'
export {
  type Bundle,
  bundleIdOf,
  bundleOfId,
  endToEndIdOf,
  endToEndIdSql,
  fileIdOf,
  fileIdSql,
  fileOfId,
  type PaymentRun,
  paymentOfEndToEndId,
  readBundles,
  readRunPayments,
  readRuns,
  recordSteps,
  releaseRuns,
  RUN_STEPS,
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
  attemptsToSend,
  filesToSendAgain,
  newestAttempts,
  numbersSent,
  orderAttempt,
  type RefusedFile,
  recordRefusedFiles,
  recordWarnings,
  type Warning,
} from './refused-files.ts'
export { type HandMatch, matchByHand, notOurLines, notOurs, type OpenLine, openLines } from './match-by-hand.ts'
export { type Explains, lookAgainAfterAnswers, lookAgainAfterStatements, STILL_UNMATCHED } from './look-again.ts'
export {
  type Came,
  IS_BOOKED,
  recordStatements,
  type StatementFile,
  type StatementsBefore,
  statementsBefore,
} from './record-statement.ts'
export {
  IS_REFUSED,
  OPEN_PROBLEMS,
  type Quarantined,
  readQuarantine,
  resolveQuarantine,
} from './quarantine.ts'
export {
  DUE_OF_ITEM,
  isDueAgain,
  isPaidAgain,
  lineNoOf,
  lineOfPart,
  ORDERED_AGAIN,
  PART_AGAIN,
  PARTS_EVER,
  readParts,
  whatPartsAre,
} from './part.ts'
export {
  failedPayments,
  faultyPayments,
  type NotAgain,
  type PartAgain,
  type PaymentAgain,
  readPaymentsAgain,
  SUSPECTED_DOUBLES,
  suspectedDoubles,
} from './returned.ts'
export { type Asked, askedAbout, recordAsked } from './asked-returns.ts'
export {
  approveClosing,
  CLOSED,
  type ClosedPart,
  closedPartsOf,
  type Closing,
  proposeClosing,
  recordClosed,
  recordReopened,
  type UnclaimedPart,
  unclaimedParts,
  waitingClosings,
} from './closed-returns.ts'
export {
  heldOrders,
  heldUntil,
  type HoldingParts,
  holdParts,
  type PartOfItem,
  paymentProgress,
  type PaymentProgress,
  progressOfRun,
} from './hold-parts.ts'
export {
  isRecalled,
  RECALL_CODES,
  RECALL_OF_PAYMENT,
  type RecallAnswered,
  type RecallCode,
  recalledBy,
  recallIdOf,
  type RecallState,
  type RecallToSend,
  recallsToSend,
  recalledOfRun,
  recordRecalls,
  recordRunRecall,
  type RunRecallToSend,
  runRecallsToSend,
  recordRecallAnswers,
} from './recalls.ts'
export { lastReleasedDay, letPartsGo, type StoppedPart, stoppedPartsOf } from './parts-again.ts'
export {
  type FactCause,
  isHeld,
  IS_RELEASED,
  NOT_STOPPED,
  paysOnTo,
  type StopCause,
  STOPPED_ALONE,
  STOPPED_OF_PAYMENT,
  STOPPED_OF_RUN,
  stoppedOfUnit,
  stopOrders,
  stopThirdParties,
} from './stopped.ts'
export { RUN_STATES, type RunProgress, type RunState, runState } from './run-state.ts'
export { cutOffOf, isCutOffAssumed, IS_RUN_RELEASED, partName, partsOfRun } from './cut-off.ts'
export { presumePaid } from './presumed.ts'
