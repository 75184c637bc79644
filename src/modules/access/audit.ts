/** Who did and saw what. No CPR number and no free text from outside goes in. @da kontrolspor */
import type { Tx } from '../../base/db.ts'
import type { Municipality } from '../../base/id.ts'

export interface AuditRow {
  readonly municipality: Municipality
  /** ISO time. */
  readonly at: string
  readonly actor: string
  /** What was done, for example `order.put` or `order.read`. */
  readonly command: string
  /** Whom or what it was about, by our keys. */
  readonly subject: string
  readonly detail?: Readonly<Record<string, string | number | boolean | null>>
}

export async function recordAudit(tx: Tx, row: AuditRow): Promise<void> {
  await tx.run(
    'insert into audit_log (municipality_code, at, actor, command, subject, detail) values ($1, $2, $3, $4, $5, $6)',
    [row.municipality, row.at, row.actor, row.command, row.subject, JSON.stringify(row.detail ?? {})],
  )
}
