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
  await recordAudits(tx, [row])
}

/** Acts that were done together, in their order. */
export async function recordAudits(tx: Tx, rows: readonly AuditRow[]): Promise<void> {
  if (rows.length === 0) return
  await tx.run(
    `insert into audit_log (municipality_code, at, actor, command, subject, detail)
     select r.municipality, r.at, r.actor, r.command, r.subject, coalesce(r.detail, '{}')
     from jsonb_array_elements($1::jsonb) with ordinality as e (body, n),
       jsonb_to_record(e.body) as r (municipality smallint, at timestamptz, actor text, command text, subject text,
         detail jsonb)
     order by e.n`,
    [JSON.stringify(rows)],
  )
}
