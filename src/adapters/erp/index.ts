export { encoding, g69Writer } from './writer.ts'
export type { AccountsOf } from './writer.ts'
export type { PostingKind } from './layout.ts'
