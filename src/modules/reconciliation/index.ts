export {
  type ClearingAccount,
  type Compared,
  type Finding,
  type Reconciliation,
  reconcileMunicipalities,
  reconcileMunicipality,
  type Totals,
} from './reconcile.ts'
