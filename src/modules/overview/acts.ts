/**
 * What somebody did and looked at: the audit trail, with the steps of payment runs and the files that were handed in,
 * which say themselves who it was. @da kontrolspor
 */
import type { Db } from '../../base/db.ts'
import { type Municipality, municipalityText } from '../../base/id.ts'
import { fileIdSql } from '../payments/index.ts'

export interface Act {
  readonly municipality: string
  /** When, in UTC to the microsecond. */
  readonly at: string
  readonly actor: string
  /** What: `order.put`, `order.read`, `run.released`, `intake.loaded`. */
  readonly command: string
  readonly subject: string
  readonly detail: Readonly<Record<string, unknown>>
}

export interface ActsAsked {
  readonly actor: string
  /** ISO times, half-open. */
  readonly from: string
  readonly to: string
  /** The `next` of what was read before; undefined: from the beginning. */
  readonly after?: string | undefined
  readonly limit: number
}

/** As text that sorts as time does. */
const AT = `to_char(a.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`

/** Three sources, each with a place of its own in the order of what was done at the same time. */
const ACTS = `select a.municipality_code, a.at, 'a' || lpad(a.audit_no::text, 19, '0') as place, a.actor, a.command, a.subject, a.detail
  from audit_log a where a.municipality_code = any ($1) and a.actor = $2 and a.at >= $3::timestamptz and a.at < $4::timestamptz
  union all
  select s.municipality_code, s.at, 's' || lpad(s.run_no::text, 10, '0') || s.step, s.by_actor, 'run.' || s.step,
    ${fileIdSql('s')}, jsonb_build_object('amount_ore', s.amount_ore)
  from payment_run_steps s where s.municipality_code = any ($1) and s.by_actor = $2 and s.at >= $3::timestamptz and s.at < $4::timestamptz
  union all
  -- A single order has its own row in the audit trail.
  select i.municipality_code, i.known_at, 'i' || lpad(i.intake_no::text, 10, '0'), i.actor, 'intake.' || i.state, i.file_id,
    jsonb_build_object('source_system', coalesce((select s.key from source_systems s where s.source_system = i.source_system), 'FAKTA'),
      'intake', i.intake_no, 'lines', i.lines, 'accepted', i.accepted, 'refused', i.refused)
  from intakes i where i.municipality_code = any ($1) and i.actor = $2 and i.known_at >= $3::timestamptz
    and i.known_at < $4::timestamptz and not exists (select from audit_log p where p.municipality_code = i.municipality_code
      and p.command = 'order.put' and p.actor = i.actor and p.at = i.known_at and (p.detail->>'intake')::int = i.intake_no)`

/** In the order of their time, at most `limit`; `next`: where it goes on, undefined when these are the last. */
export async function readActs(
  db: Db,
  municipalities: readonly Municipality[],
  asked: ActsAsked,
): Promise<{ readonly acts: readonly Act[]; readonly next: string | undefined }> {
  const rows = await db.rows<Omit<Act, 'municipality'> & { municipality: Municipality; cursor: string }>(
    `select c.* from (select a.municipality_code as municipality, ${AT} as at, a.actor, a.command, a.subject, a.detail,
         (${AT} || ' ' || lpad(a.municipality_code::text, 4, '0') || ' ' || a.place) collate "C" as cursor
       from (${ACTS}) a) c
     where $5::text is null or c.cursor > $5 order by c.cursor limit $6`,
    [municipalities, asked.actor, asked.from, asked.to, asked.after ?? null, asked.limit],
  )
  const acts = rows.map(({ municipality, at, actor, command, subject, detail }) => {
    return { at, municipality: municipalityText(municipality), actor, command, subject, detail }
  })
  return { acts, next: rows.length < asked.limit ? undefined : rows.at(-1)?.cursor }
}
