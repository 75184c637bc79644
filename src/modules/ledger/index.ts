export { ledgerHead, sealLedger } from './seal.ts'
export {
  LEDGER_BATCHES_PER_WORK,
  type LedgerBatchWriter,
  ledgerBatch,
  ledgerBatchNo,
} from './transfer.ts'
export { type FirstBad, verifyMunicipality } from './verify.ts'
