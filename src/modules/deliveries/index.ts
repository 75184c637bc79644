export { batchesToTell, readToldItems } from './read-told-items.ts'
export {
  type DeliveryKind,
  markBatchesTold,
  markDelivered,
  markFileDelivered,
  type NewDelivery,
  type RecordedDelivery,
  readDeliveries,
  recordDelivery,
} from './record-delivery.ts'
export type { ControlTotals, DeliveryHeader, DeliveryWriter, ToldItem } from './told-item.ts'
