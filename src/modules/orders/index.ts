/** Orders and their versions as they came in, and what holds them before they are calculated. */
export { instalmentsOf } from './adjustments.ts'
export { newestCalculated, orderAgain } from './again.ts'
export {
  calculatedThoughHeld,
  holdAsPlanned,
  holdForEvents,
  releaseRestored,
  type TouchedOrder,
  touchedOrders,
} from './event-holds.ts'
export { MOST_MONTHS_GATHERED, releaseGathered, waitedOrders } from './gathered.ts'
export { HOLD_DETAIL, HOLD_OF_EVENT, type HoldDetail, type HoldFacts, type UnfoundedWhy } from './hold-kinds.ts'
export {
  decideHoldsAgain,
  holdFromBatch,
  holdBehindNewer,
  holdSuperseded,
  settledOrders,
  releaseWaiting,
  supersede,
  holdOrder,
  releasedHolds,
  releaseOrder,
} from './hold-orders.ts'
export * from './order.ts'
export {
  type Base,
  knownOrders,
  ordersWithBase,
  PAID_BEFORE,
  type PaidBefore,
  recordBases,
  releaseForBases,
} from './paid-before.ts'
export { holdPossibleDuplicates } from './possible-duplicates.ts'
export { knownOrderKeys, type OrderReference, referencesOf } from './references.ts'
export { openOrderReceiver, type ParsedOrder, type Verdict } from './receive-orders.ts'
export { type DueLine, readBatchLines } from './due-lines.ts'
export {
  countHeld,
  type DueOrder,
  type FaultyLine,
  inOrderOfPlan,
  type Intake,
  IS_DUE,
  loadedIntake,
  lockMunicipality,
  nextIntakeNo,
  NOT_HELD,
  orderKeysOf,
  readBenefitLines,
  readDueOrders,
  readDueOrdersOf,
  readFaults,
  recordFaults,
  recordIntake,
  refusedIntake,
  storedVersions,
  versionsOf,
} from './store.ts'
