export { encoding, ydelsesrefusionWriter } from './writer.ts'
export type { RateReaderLike } from './writer.ts'
