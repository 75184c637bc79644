export { readBasis, type ToldWeek } from './read-basis.ts'
export { encoding, ydelsesrefusionWriter } from './writer.ts'
export type { RateReaderLike } from './writer.ts'
