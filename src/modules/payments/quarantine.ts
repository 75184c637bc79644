/**
 * What could not be read or placed of a received file (karantæne): it lies with the file, by its line, and the rest of
 * the file is booked. A person says what became of it. A file that is refused whole is forgiven when it comes whole.
 * @da karantæne
 */
import type { Db, Tx } from '../../base/db.ts'
import type { Municipality } from '../../base/id.ts'
import { Refusal } from '../../base/refusal.ts'

/** Of a received file `f`: nothing of it was booked. */
export const IS_REFUSED = `not (f.header->>'whole')::boolean`

/** A whole one has come in the place of a file `f` that was not: by its name, or by what it calls itself. */
const CAME_WHOLE = `exists (select from received_files g where g.municipality_code = f.municipality_code
  and g.kind = f.kind and (g.header->>'whole')::boolean
  and (coalesce(g.header->>'file', g.name) = coalesce(f.header->>'file', f.name)
    or g.header->>'answerId' = f.header->>'answerId' or g.header->>'statementId' = f.header->>'statementId'))`

/** An entry that the bank has not booked yet is told again when it has; nobody needs to do anything. */
const NOT_BOOKED = 'not_booked'

/**
 * Received files `f` of the municipalities $1, each problem `x.p` with its number `x.n`, as long as neither a person
 * nor a whole file has settled it. Few files have any.
 */
export const OPEN_PROBLEMS = `received_files f
  cross join lateral jsonb_array_elements(f.problems) with ordinality as x (p, n)
  where f.municipality_code = any ($1) and f.problems <> '[]' and x.p->>'code' <> '${NOT_BOOKED}'
    and not (${IS_REFUSED} and ${CAME_WHOLE})
    and not exists (select from quarantine_resolutions q where q.municipality_code = f.municipality_code
      and q.work_no = f.work_no and q.problem_no = x.n)`

export interface Quarantined {
  /** As it is called in our tables; the file itself lies in the folder. */
  readonly file: string
  readonly kind: 'answers' | 'statement' | 'notification'
  readonly workNo: number
  readonly problem: number
  /** In the file; 0: of the file as a whole. */
  readonly line: number
  readonly code: string
  readonly detail: string
  /** Nothing of the file was booked. */
  readonly refused: boolean
  readonly knownAt: string
}

/** What lies in quarantine, oldest first. */
export async function readQuarantine(db: Db, municipality: Municipality, limit: number): Promise<Quarantined[]> {
  return await db.rows<Quarantined>(
    `select f.name as file, f.kind, f.work_no as "workNo", x.n::int as problem, (x.p->>'line')::int as line,
       x.p->>'code' as code, x.p->>'detail' as detail, ${IS_REFUSED} as refused, f.known_at as "knownAt"
     from ${OPEN_PROBLEMS} order by f.known_at, f.work_no, x.n limit $2`,
    [[municipality], limit],
  )
}

/**
 * A person says what became of what lies in quarantine of a file: of one line, or of all. Gives how many.
 * Refuses `reason_missing`, and `not_in_quarantine` when there is nothing of the kind.
 */
export async function resolveQuarantine(
  tx: Tx,
  municipality: Municipality,
  what: { readonly file: string; readonly line: number | undefined },
  act: { readonly at: string; readonly by: string; readonly reason: string },
): Promise<number> {
  if (act.reason.trim() === '') throw new Refusal('reason_missing', 'Say what became of it.')
  const done = await tx.run(
    `insert into quarantine_resolutions
     select f.municipality_code, f.work_no, x.n, $4, $5, $6 from ${OPEN_PROBLEMS} and f.name = $2
       and ($3::int is null or (x.p->>'line')::int = $3)`,
    [[municipality], what.file, what.line ?? null, act.at, act.by, act.reason],
  )
  if (done === 0) {
    const line = what.line === undefined ? '' : `, line ${what.line}`
    throw new Refusal('not_in_quarantine', `Nothing of ${what.file}${line} lies in quarantine here.`)
  }
  return done
}
