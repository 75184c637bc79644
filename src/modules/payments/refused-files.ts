/**
 * Files that the rail refused whole: nothing of them was carried out, and their payments stand in their run as before.
 * A technical fault is sent again of itself, later each time; anything else waits for a person. An attempt has a row
 * before it has a file, and none without the refusal of the one before it. @da afvist fil
 */
import type { Db, Tx } from '../../base/db.ts'
import { type Municipality, RECORDS_PER_BATCH } from '../../base/id.ts'
import { Refusal } from '../../base/refusal.ts'
import type { AnswerClass } from './message.ts'
import { fileIdOf, fileIdSql } from './payment-run.ts'
import { STOPPED_OF_PAYMENT } from './stopped.ts'

export interface RefusedFile {
  readonly runNo: number
  readonly attempt: number
  readonly workNo: number
  /** The rail's id of the answer: the same one, taken twice, refuses once. */
  readonly answerId: string
  readonly class: AnswerClass & ('functional_refusal' | 'technical_fault')
  readonly reason: string
  readonly detail: string
  readonly knownAt: string
  /** When it is sent again of itself, as far as nothing of it has been answered; undefined: a person must. */
  readonly retryAt: string | undefined
}

export async function recordRefusedFiles(
  tx: Tx,
  municipality: Municipality,
  refused: readonly RefusedFile[],
): Promise<void> {
  if (refused.length === 0) return
  await tx.run(
    `insert into refused_files (municipality_code, run_no, attempt, work_no, answer_id, class, reason, detail, retry_at,
       known_at)
     select $1, r."runNo", r.attempt, r."workNo", r."answerId", r.class, r.reason, r.detail, r."retryAt", r."knownAt"
     from jsonb_to_recordset($2::jsonb) as r ("runNo" int, attempt int, "workNo" int, "answerId" text, class text,
       reason text, detail text, "retryAt" timestamptz, "knownAt" timestamptz)
     on conflict do nothing`,
    [municipality, JSON.stringify(refused)],
  )
}

/** A file that goes again. Attempt 1 is the release's and stands with the run. */
export interface FileAttempt {
  readonly runNo: number
  readonly attempt: number
  readonly at: string
  readonly by: string
}

const AT = (column: string): string => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"')`

/** Nothing of run `f.run_no` was answered: what is answered was carried out, whatever the refusal says. */
const NOTHING_ANSWERED = `not exists (select from accepted_payments a where a.municipality_code = f.municipality_code
    and a.run_no = f.run_no)
  and not exists (select from payment_answers a where a.municipality_code = f.municipality_code
    and a.payment_id >= f.run_no::bigint << 24 and a.payment_id < (f.run_no::bigint + 1) << 24)`

/** Of refused file `f`: it was not sent again. */
const WAITS = `not exists (select from file_attempts n where n.municipality_code = f.municipality_code
  and n.run_no = f.run_no and n.after_attempt = f.attempt)`

/** Attempts that are due by a time, recorded now, and those that were recorded and cut off before they were sent. */
export async function attemptsToSend(
  tx: Tx,
  municipality: Municipality,
  until: string,
): Promise<readonly (FileAttempt & { readonly isRecorded: boolean; readonly releasedAt: string })[]> {
  await tx.run(
    `insert into file_attempts
     select f.municipality_code, f.run_no, f.attempt + 1, f.attempt, f.retry_at, 'toek' from refused_files f
     where f.municipality_code = $1 and f.retry_at <= $2 and ${WAITS} and ${NOTHING_ANSWERED}`,
    [municipality, until],
  )
  return await tx.rows(
    `select a.run_no as "runNo", a.attempt, ${AT('a.at')} as at, a.by_actor as by, d.delivery_no is not null as "isRecorded",
       ${AT('s.at')} as "releasedAt"
     from file_attempts a
     join payment_run_steps s on s.municipality_code = a.municipality_code and s.run_no = a.run_no and s.step = 'released'
     left join deliveries d on d.municipality_code = a.municipality_code
       and d.cause = ${fileIdSql('a')} || 'A' || a.attempt
     where a.municipality_code = $1 and not exists (select from deliveries_sent x
       where x.municipality_code = a.municipality_code and x.delivery_no = d.delivery_no)
     order by a.run_no, a.attempt`,
    [municipality],
  )
}

/** How many refused files go again of themselves by a time, or were cut off on their way. */
export async function filesToSendAgain(db: Db, municipality: Municipality, until: string): Promise<number> {
  const row = await db.often.first<{ n: number }>(
    `select count(*)::int as n from refused_files f where f.municipality_code = $1
       and (f.retry_at <= $2 and ${WAITS} and ${NOTHING_ANSWERED} or exists (select from file_attempts a
         left join deliveries d on d.municipality_code = a.municipality_code
           and d.cause = ${fileIdSql('a')} || 'A' || a.attempt
         left join deliveries_sent x on x.municipality_code = a.municipality_code and x.delivery_no = d.delivery_no
         where a.municipality_code = f.municipality_code and a.run_no = f.run_no and a.after_attempt = f.attempt
           and x.delivery_no is null))`,
    [municipality, until],
  )
  return row?.n ?? 0
}

/** The newest attempt of each run that has more than one, and when it was sent. */
export async function newestAttempts(
  db: Db,
  municipality: Municipality,
): Promise<ReadonlyMap<number, { readonly attempt: number; readonly at: string }>> {
  const rows = await db.rows<{ run: number; attempt: number; at: string }>(
    `select distinct on (run_no) run_no as run, attempt, ${AT('at')} as at from file_attempts
     where municipality_code = $1 order by run_no, attempt desc`,
    [municipality],
  )
  return new Map(rows.map(({ run, ...newest }) => [run, newest]))
}

/**
 * A person says that a refused file goes again, as what was wrong is mended.
 * @throws Refusal `file_not_refused` when its newest attempt was not, `file_answered` when payments of it were: then it
 * was carried out.
 */
export async function orderAttempt(
  tx: Tx,
  municipality: Municipality,
  runNo: number,
  act: { readonly at: string; readonly by: string },
): Promise<number> {
  const name = fileIdOf(municipality, runNo)
  const row = await tx.first<{ attempt: number; waits: boolean; untouched: boolean }>(
    `select f.attempt, ${WAITS} as waits, ${NOTHING_ANSWERED} as untouched from refused_files f
     where f.municipality_code = $1 and f.run_no = $2 order by f.attempt desc limit 1`,
    [municipality, runNo],
  )
  if (row === undefined || !row.waits) {
    throw new Refusal('file_not_refused', `The rail has not refused the file of run ${name} as it was sent last.`)
  }
  if (!row.untouched) {
    throw new Refusal(
      'file_answered',
      `The rail has answered payments of run ${name}: it was carried out. Ask the rail.`,
    )
  }
  await tx.run('insert into file_attempts values ($1, $2, $3, $4, $5, $6)', [
    municipality,
    runNo,
    row.attempt + 1,
    row.attempt,
    act.at,
    act.by,
  ])
  return row.attempt + 1
}

/** Numbers of the payments of a run, or of one unit of it, that went out: what an answer about all of them means. */
export async function numbersSent(
  db: Db,
  municipality: Municipality,
  runNo: number,
  unit: number | undefined,
): Promise<number[]> {
  const rows = await db.rows<{ n: number }>(
    `select (p.payment_id & ${RECORDS_PER_BATCH - 1})::int as n from payments p ${STOPPED_OF_PAYMENT}
     where p.municipality_code = $1 and p.payment_id >= $2 and p.payment_id < $3 and ($4::int is null or p.unit = $4)
       and not z.whole order by 1`,
    [municipality, runNo * RECORDS_PER_BATCH, (runNo + 1) * RECORDS_PER_BATCH, unit ?? null],
  )
  return rows.map((row) => row.n)
}

export interface Warning {
  readonly payment: number
  readonly workNo: number
  readonly reason: string
}

/** What the rail said beside payments that it accepted. @da advarsel */
export async function recordWarnings(tx: Tx, municipality: Municipality, warnings: readonly Warning[]): Promise<void> {
  if (warnings.length === 0) return
  await tx.run(
    `insert into accepted_warnings (municipality_code, payment_id, work_no, reason)
     select $1, w.payment, w."workNo", w.reason
     from jsonb_to_recordset($2::jsonb) as w (payment bigint, "workNo" int, reason text) on conflict do nothing`,
    [municipality, JSON.stringify(warnings)],
  )
}
