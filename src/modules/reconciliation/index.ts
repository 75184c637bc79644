/** Balances of clearing accounts beside the items that explain them, what does not agree, and the approval of days. */
export { approvedUntil, approveDay } from './approve-day.ts'
export { type DayItem, type DayMatch, type DayReason, type DaySystem, matchDay, objectionsTo } from './match-day.ts'
export { type OpenItem, type OpenItems, readOpenItems } from './open-items.ts'
export {
  type ClearingAccount,
  type Compared,
  type Finding,
  type Reconciliation,
  reconcileMunicipalities,
  reconcileMunicipality,
  type Totals,
} from './reconcile.ts'
