export { FIELD_NUMBERS } from './layout.ts'
export { readReport } from './read-report.ts'
export { eindkomstWriter, encoding } from './writer.ts'
export type { RateReaderLike } from './writer.ts'
