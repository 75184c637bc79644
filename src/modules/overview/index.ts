export {
  type HeldOrder,
  type MonthOverview,
  type MonthRun,
  type ReturnedPayment,
  type SearchHit,
  findByKey,
  monthsWithOrders,
  readMonthOverview,
} from './month.ts'
export { readChanges } from './changes.ts'
export { type AgeBand, type AgeSum, type OpenReturn, readOpenReturns } from './returned-payments.ts'
export {
  drawOversight,
  markOversight,
  type Oversight,
  type OversightAct,
  readOversight,
  SAMPLE_SIZE,
  type SampledPayment,
  seedOf,
  signOversight,
} from './oversight.ts'
export {
  addTheirs,
  COMPARED,
  type ComparedLine,
  compareMonth,
  type MonthLine,
  type TheirMonth,
} from './compare-month.ts'
export { findWork } from './what-needs-a-person.ts'
export { type NewPayee, type NewPayees, readNewPayees } from './new-payees.ts'
export { readSpecification, type Wanted } from './specification.ts'
export type * from './specification-types.ts'
export { readSmallAmounts, type SmallAmount } from './small-amounts.ts'
export { readYearEnd, type YearEndClaim } from './year-end.ts'
export { readRunStates, type StatedRun } from './run-states.ts'
