export { type MemoFile, type MemoMessage, memoOf } from './memo.ts'
