export { type CprExtract, type CprLine, type CprProblem, parseCprExtract } from './parse-extract.ts'
export { type CprChange, writeCprExtract } from './write-extract.ts'
