export {
  type Access,
  type AccessKind,
  endTokens,
  findToken,
  type GivenAccess,
  issueToken,
  type NewToken,
  readTokens,
} from './access.ts'
export { type AuditRow, recordAudit, recordAudits } from './audit.ts'
export { claimIdempotencyKey } from './idempotency.ts'
