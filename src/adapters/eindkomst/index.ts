export { FIELD_NUMBERS } from './layout.ts'
export { readReport, type ToldAmount } from './read-report.ts'
export { eindkomstWriter, encoding } from './writer.ts'
export type { EindkomstOptions, RateReaderLike } from './writer.ts'
