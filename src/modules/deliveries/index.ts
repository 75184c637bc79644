export { RECEIPTS_TOLD } from './read-told-receipts.ts'
export { batchesToTell, readToldItems } from './read-told-items.ts'
export {
  type DeliveryKind,
  isPaymentFile,
  tellsOfMonth,
  markBatchesTold,
  markFilesDelivered,
  type NewDelivery,
  type RecordedDelivery,
  readDeliveries,
  recordDeliveries,
} from './record-delivery.ts'
export {
  type FoundByCheck,
  readWithheld,
  recordToldCheck,
  type Withheld,
  worksOfMonth,
  worksTold,
} from './told-checks.ts'
export type {
  ControlTotals,
  DeliveryHeader,
  DeliveryWriter,
  ToldCorrection,
  ToldItem,
  ToldMovement,
  ToldLine,
  ToldPosting,
} from './told-item.ts'
