export { type CprProblem, parseCprExtract } from './parse-extract.ts'
export { type CprChange, writeCprExtract } from './write-extract.ts'
