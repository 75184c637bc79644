export { eindkomstWriter, encoding } from './writer.ts'
export type { EindkomstOptions, RateReaderLike } from './writer.ts'
