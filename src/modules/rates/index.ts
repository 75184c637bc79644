export { adjustmentRule, mayBeAdjusted, MOST_INSTALMENTS } from './adjustment-rules.ts'
export { type RateReader, builtInRateBook, lookup } from './book.ts'
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
} from './calendar.ts'
export { municipalityCvr, municipalityName } from './data/municipalities.ts'
export { TAX_METHOD_ROWS } from './data/tax-methods.ts'
export { CLAIM_SURPLUS } from './data/benefits.ts'
export { claimSurplusRule, codesOf, POSTING_KINDS, type PostingKind, postingAccounts } from './posting-rules.ts'
export {
  type Account,
  type AtpRate,
  type BenefitExclusion,
  type BenefitRule,
  type DatedRate,
  type MunicipalityRow,
  type PayingUnit,
  type RateBook,
  type Sourced,
  TAX_METHODS,
  type TaxMethod,
} from './rate-book.ts'
export { returnCause, returnCode, type ReturnStep, STOPPED_AS_ASKED, technicalCodes } from './return-codes.ts'
export { laterYearRule } from './repayment-rules.ts'
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
} from './run-times.ts'
export { contributionRefund, incomeDeadline } from './told-rules.ts'
