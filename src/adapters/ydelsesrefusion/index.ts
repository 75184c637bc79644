export { readBasis } from './read-basis.ts'
export { encoding, ydelsesrefusionWriter } from './writer.ts'
export type { RateReaderLike } from './writer.ts'
