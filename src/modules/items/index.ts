export { atRest } from './at-rest.ts'
export { type Chain, correct, revoke, standingOf, textOf, type Version, type WantedLine } from './correct.ts'
export {
  type Calculated,
  type Closing,
  type Decision,
  type Difference,
  differenceOf,
  type ItemKey,
  type Open,
  type Part,
  type Standing,
  type Wanted,
} from './difference.ts'
export { type AdjustmentPlan, adjust, giveBack, planAdjustment, type Planned, planLot } from './adjust.ts'
export {
  ordersAdjustedIn,
  type PersonsPlan,
  readPlans,
  recordPlans,
  takenInPayments,
  type TakenThere,
} from './adjustments.ts'
export {
  grossIn,
  isClaimed,
  isOverpaid,
  type Line,
  lineOf,
  type Lines,
  type Lot,
  lotAt,
  moved,
  type PaidItem,
  type Taken,
} from './item.ts'
export { withheldOf } from './claimed.ts'
export {
  type CausedMovement,
  type Movement,
  movement,
  type Place,
  OVERPAID_PLACES,
  PLACES,
  recordMovements,
  TURN_OF_ITEM,
} from './movement.ts'
export {
  answeredSince,
  type Correcting,
  type DecidedClaim,
  claimsDecidedBy,
  ordersPaidFor,
  readCorrecting,
} from './read-decisions.ts'
export { type Items, readItems, readLines, whatIsTaken } from './read-items.ts'
export { ordersOnOlderCards, readUnsent, withdrawUnsent } from './unsent.ts'
export { crossYear } from './cross-year.ts'
export { type NetClaim, netClaimsAt, YEAR_END } from './open-claims.ts'
export { claimOf, repay, type Repayment } from './repay.ts'
export { suppress } from './suppress.ts'
export { type Link, ordersBeside, readLinks } from './together.ts'
export { IS_GIVEN_BACK, IS_GIVEN_BACK_THERE, IS_TAKEN, IS_TAKEN_THERE } from './taken.ts'
export {
  type ApprovedLot,
  approveOutcome,
  OUTCOMES,
  type OutcomeKind,
  type OverpaidCause,
  type OverpaidLot,
  type Proposal,
  type ProposedLot,
  proposeOutcome,
  readOverpaid,
  readSuppressed,
  CAME_LAST,
  CAUSE_OF_OVERPAID,
  waitingProposals,
} from './outcomes.ts'
