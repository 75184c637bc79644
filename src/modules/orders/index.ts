export { instalmentsOf } from './adjustments.ts'
export {
  decideHoldsAgain,
  holdFromBatch,
  holdSuperseded,
  settledOrders,
  releaseWaiting,
  supersede,
  holdOrder,
  holdPossibleDuplicates,
  releaseOrder,
} from './hold-orders.ts'
export * from './order.ts'
export {
  type OrderReceiver,
  openOrderReceiver,
  type ParsedOrder,
  type ReceiverContext,
  type Verdict,
} from './receive-orders.ts'
export {
  type BenefitWanted,
  countHeld,
  type DueLine,
  type DueOrder,
  type FaultyLine,
  type Intake,
  loadedIntake,
  lockMunicipality,
  nextIntakeNo,
  orderKeysOf,
  readBatchLines,
  readBenefitLines,
  readDueOrders,
  readDueOrdersOf,
  recordFaults,
  recordIntake,
} from './store.ts'
