export { FOUND, type Found } from './found.ts'
export { EVENT_KINDS, type EventKind } from './kinds.ts'
export {
  type AxisState,
  municipalitiesOfOrder,
  type OrderItem,
  type OrderStatus,
  type PaymentState,
  readOrderStatus,
} from './order-status.ts'
export { readOrderEvents } from './order-events.ts'
export { findUntold, publishEvents, type Untold } from './publish-events.ts'
export { lastEventNo, readEvents, type SourceEvent } from './read-events.ts'
