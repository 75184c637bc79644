/**
 * What is told to others: each file with its hash, and what eIndkomst, the ERP and Ydelsesrefusion are to be told,
 * item by item.
 */
export { RECEIPTS_TOLD } from './read-told-receipts.ts'
export { batchesToTell, readToldItems } from './read-told-items.ts'
export {
  type DeliveryKind,
  tellsOfMonth,
  markBatchesTold,
  markFilesDelivered,
  type RecordedDelivery,
  readDeliveries,
  recordDeliveries,
} from './record-delivery.ts'
export { readWithheld, recordToldCheck, type Withheld, worksOfMonth, worksTold } from './told-checks.ts'
export type { ControlTotals, DeliveryHeader, DeliveryWriter, ToldItem, ToldLine, ToldPosting } from './told-item.ts'
