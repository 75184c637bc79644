export {
  ADJUSTMENT_RULES,
  type AdjustmentRule,
  adjustmentRule,
  mayBeAdjusted,
  MOST_INSTALMENTS,
} from './adjustment-rules.ts'
export { type KnownKeys, type RateReader, builtInRateBook, lookup } from './book.ts'
export {
  type ExtraClosingDays,
  addBankDays,
  bankDayOnOrAfter,
  bankDayOnOrBefore,
  closingDays,
  easter,
  isBankDay,
  lastBankDayOfMonth,
  nextBankDay,
  openPayDay,
  previousBankDay,
} from './calendar.ts'
export { municipalityCvr, municipalityName } from './data/municipalities.ts'
export { TAX_METHOD_ROWS, type TaxMethodRow } from './data/tax-methods.ts'
export { CLAIM_SURPLUS } from './data/benefits.ts'
export {
  claimSurplusRule,
  codesOf,
  POSTING_KINDS,
  POSTING_RULES,
  type PostingKind,
  type PostingOptions,
  type PostingRule,
  postingAccounts,
} from './posting-rules.ts'
export {
  type Account,
  type AtpRate,
  type AtpRule,
  type BenefitExclusion,
  type BenefitRule,
  type DatedRate,
  type MunicipalityRow,
  type NamedRate,
  type PayingUnit,
  type PensionRule,
  type RateBook,
  type Sourced,
  TAX_METHODS,
  type TaxMethod,
} from './rate-book.ts'
export {
  type ReturnCode,
  returnCause,
  returnCode,
  type ReturnStep,
  STOPPED_AS_ASKED,
  technicalCodes,
} from './return-codes.ts'
export { type LaterYearRule, LATER_YEAR_RULES, laterYearRule } from './repayment-rules.ts'
export { type BookChange, type LawText, readChanges, readLaw } from './book-change.ts'
export { changedBook } from './change-book.ts'
export {
  approveLaw,
  enterLaw,
  LAW_USES,
  NEWEST_LAW,
  newestRates,
  type LawUses,
  type LawChange,
  type LawTest,
  ratesIn,
  readApprovedLaws,
  readLawChange,
  readLaws,
  recordLawAccounts,
  recordLawTest,
  takeLawsIntoUse,
  withApprovedLaws,
  withUses,
  workDone,
} from './law.ts'
export { DEFAULT_RAIL, RAIL_KEYS, type RailKey, type RailRow, railRow } from './rails.ts'
export { UNIT_KINDS } from './data/units.ts'
export {
  ACCOUNT_CHANGED_DAYS,
  GATE_CHECK_NAMES,
  GATE_CHECKS,
  GATE_EFFECTS,
  type GateCheck,
  type GateEffect,
  type GateSetting,
  type Release,
  RELEASES,
} from './gate-rules.ts'
export {
  LOCAL_RULE_KINDS,
  type LocalRule,
  type LocalRuleKind,
  type LocalRules,
  localRules,
  approveRules,
  readLocalRules,
  recordLocalRules,
  errorAccounts,
  type WaitingRule,
  waitingRules,
  SMALL_AMOUNT_TREATMENTS,
  type SmallAmountTreatment,
  LIMITATION_MONTHS,
  NO_ACCOUNT_TREATMENTS,
  type NoAccountTreatment,
  UNCLAIMED_TREATMENTS,
  type UnclaimedTreatment,
} from './local-rules.ts'
export { type PlannedRun, plannedRuns } from './pay-calendar.ts'
export {
  acuteCutOff,
  acuteDay,
  AT_CUT_OFF,
  type AtCutOff,
  atCutOff,
  closedDays,
  cutOff,
  cutOffRule,
  escalationLevels,
  lateBefore,
  levelAt,
  dayDeadline,
  oversightDeadline,
  nearCutOff,
  nextReachable,
  OPENING_HOURS,
} from './run-times.ts'
export { contributionRefund, incomeDeadline } from './told-rules.ts'
