export { memoOf } from './memo.ts'
