export {
  type ClearingAccount,
  type Compared,
  type Finding,
  type Reconciliation,
  reconcileMunicipality,
  type Totals,
} from './reconcile.ts'
