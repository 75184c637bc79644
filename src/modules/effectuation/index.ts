export { calculatePerson } from './calculate.ts'
export type {
  BenefitToCalculate,
  Calculation,
  CalculationLine,
  CardUse,
  ClaimLeft,
  Deduction,
  DeductionToTake,
  OrderToCalculate,
  PersonCalculated,
  PersonToCalculate,
  Untaken,
} from './calculation.ts'
export { atpTaken } from './contributions.ts'
export { calculationLines, type ExplainFacts } from './explain.ts'
export {
  anyCalculated,
  type CalculatedBefore,
  type CalculatedLine,
  readCalculatedBefore,
  readCalculatedLines,
  type CalculationWriter,
  calculationWriter,
  readEarlier,
  type Earlier,
} from './record-calculations.ts'
