export {
  type Access,
  type AccessKind,
  endTokens,
  findToken,
  type GivenAccess,
  issueToken,
  readTokens,
} from './access.ts'
export { recordAudit, recordAudits } from './audit.ts'
export { claimIdempotencyKey } from './idempotency.ts'
