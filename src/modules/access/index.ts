export { type Access, type AccessKind, findToken, issueToken, type NewToken } from './access.ts'
export { type AuditRow, recordAudit, recordAudits } from './audit.ts'
export { claimIdempotencyKey } from './idempotency.ts'
