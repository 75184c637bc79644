export {
  type HeldOrder,
  type MonthOverview,
  type MonthRun,
  type ReturnedPayment,
  type SearchHit,
  findByKey,
  findRun,
  monthsToShow,
  readMonthOverview,
} from './month.ts'
export { type Act, readActs } from './acts.ts'
export { readChanges } from './changes.ts'
export {
  ageBand,
  type AgeBand,
  type AgeSum,
  causeOfReturn,
  type OpenReturn,
  readOpenReturns,
} from './returned-payments.ts'
export {
  drawOversight,
  markOversight,
  type Oversight,
  type OversightAct,
  readOversight,
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
export { asKnownBefore, KNOWN_BY, ONLY_NOW, TIMELESS } from './known-on.ts'
export { type NewPayee, type NewPayees, readNewPayees } from './new-payees.ts'
export { type PersonExtract, readPerson, subjectOfParty } from './person.ts'
export { readSpecification, type Wanted } from './specification.ts'
export type * from './specification-types.ts'
export { readSmallAmounts, type SmallAmount } from './small-amounts.ts'
export { readYearEnd } from './year-end.ts'
export { readRunStates, type StatedRun } from './run-states.ts'
