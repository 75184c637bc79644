export { expandDelivery, type ExpandOptions } from './expand.ts'
export { encoding, ydelsesindeksWriter } from './writer.ts'
export type { YdelsesindeksOptions } from './writer.ts'
