export {
  type Chain,
  correct,
  type Correction,
  shareOf,
  type WantedLine,
} from './correct.ts'
export {
  type Calculated,
  type Closing,
  type Decision,
  type Decrease,
  type Difference,
  differenceOf,
  isUnchanged,
  type ItemKey,
  type Move,
  type Open,
  type Part,
  type Standing,
  type Wanted,
} from './difference.ts'
export { grossIn, type Line, type Lot, moved, type PaidItem, type Taken } from './item.ts'
export { type CausedMovement, type Movement, type Place, PLACES, recordMovements, type Spot } from './movement.ts'
export {
  answeredSince,
  type Correcting,
  type Items,
  ordersPaidFor,
  readCorrecting,
  readItems,
  readLines,
  whatIsTaken,
} from './read-items.ts'
export { repay, type Repaid, type Repayment } from './repay.ts'
export {
  type ApprovedLot,
  approveOutcome,
  type OverpaidLot,
  type Proposal,
  type ProposedLot,
  proposeOutcome,
  readOverpaid,
  waitingProposals,
} from './outcomes.ts'
