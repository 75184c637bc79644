/** Transfers, entries and batches, their digests and seals, and the days and periods that are open. */
export { firstOpen, lockPosting, postingDays, SHUT, type Shut } from './open-period.ts'
export { headOf, ledgerHead, sealLedger } from './seal.ts'
export { LEDGER_BATCHES_PER_WORK, type LedgerBatchWriter, ledgerBatchNo, ledgerWriter } from './transfer.ts'
export { type FirstBad, verifyMunicipality } from './verify.ts'
