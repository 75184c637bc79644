export { calculatePerson } from './calculate.ts'
export type {
  BenefitToCalculate,
  Calculation,
  CalculationLine,
  DeductionToTake,
  OrderToCalculate,
  PersonCalculated,
  StandsAlready,
  Untaken,
  UntakenReason,
} from './calculation.ts'
export { atpByHours, atpTaken, pensionTogether, together } from './contributions.ts'
export { calculationLines, TOLD_BEFORE, toldLines } from './explain.ts'
export {
  anyCalculated,
  type CalculatedLine,
  readCalculatedLines,
  calculationWriter,
  NOT_OURS,
  readEarlier,
  recordStanding,
  type Earlier,
} from './record-calculations.ts'
export { changeOf, NOTHING_WITHHELD, plus, type Reducible, type Withheld, withheldAt } from './reduce.ts'
export {
  type Again,
  type Books,
  type CalculatedItem,
  type CalculatedOrder,
  type ChangedSince,
  reckonAgain,
  type StandingPart,
} from './what-if.ts'
