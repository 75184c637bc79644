export { encoding, ydelsesindeksWriter } from './writer.ts'
export type { YdelsesindeksOptions } from './writer.ts'
