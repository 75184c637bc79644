export { type CvrProblem, parseCvrChanges } from './parse-changes.ts'
export { type CvrChange, writeCvrChanges } from './write-changes.ts'
