/**
 * Payments that have left and are asked back. Asking moves no money: what the rail answers is kept, and a payment that
 * never left is then refused like any other; one that has left comes back on the bank's statement, or does not.
 * @da tilbagekaldt betaling
 */
import type { Db, Tx } from '../../base/db.ts'
import type { Day } from '../../base/date.ts'
import type { Municipality, PaymentId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import type { RailKey } from '../rates/index.ts'
import type { RecallOutcome } from './message.ts'
import { endToEndIdSql, fileIdSql } from './payment-run.ts'
import { STOPPED_OF_PAYMENT } from './stopped.ts'

/** ISO 20022: asked by the payer, a double, a wrong amount, a technical fault, fraud. */
export const RECALL_CODES = ['CUST', 'DUPL', 'AM09', 'TECH', 'FRAD'] as const
export type RecallCode = (typeof RECALL_CODES)[number]

export interface Recall {
  /** The number of the act. */
  readonly workNo: number
  readonly code: RecallCode
  readonly reason: string
  /** Business time. */
  readonly at: string
  readonly by: string
}

/** False when it was asked back before: then nothing is done. */
export async function isRecalled(db: Db, municipality: Municipality, payment: PaymentId): Promise<boolean> {
  const found = await db.first(`select 1 as one from recalls where municipality_code = $1 and payment_id = $2`, [
    municipality,
    payment,
  ])
  return found !== undefined
}

export async function recordRecalls(
  tx: Tx,
  municipality: Municipality,
  payments: readonly PaymentId[],
  { workNo, code, reason, at, by }: Recall,
): Promise<void> {
  await tx.run(`insert into recalls select $1, p, $3, $4, $5, $6, $7 from unnest($2::bigint[]) as u (p)`, [
    municipality,
    payments,
    workNo,
    code,
    reason,
    at,
    by,
  ])
}

interface NewRunRecall extends Pick<Recall, 'workNo' | 'code' | 'at'> {
  readonly runNo: number
  readonly unit: number
  readonly whole: boolean
}

/**
 * The act asks the whole run back, or a bundle of it (`unit` above 0); `whole`: in one message. What was asked back so
 * before goes payment by payment.
 */
export async function recordRunRecall(
  tx: Tx,
  municipality: Municipality,
  { runNo, unit, workNo, whole, code, at }: NewRunRecall,
): Promise<void> {
  const row = [municipality, runNo, unit, workNo, whole, code, at]
  await tx.run('insert into run_recalls values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing', row)
}

/** A recall whose file is not known to lie in the outgoing folder. */
export interface RecallToSend {
  readonly payment: PaymentId
  readonly code: RecallCode
  readonly at: string
  readonly runNo: number
  readonly unit: number
  readonly rail: RailKey
  readonly amount: Ore
  readonly dispositionDate: Day
  /** Which time the file of its run was sent last. */
  readonly attempt: number
  readonly isRecorded: boolean
}

/** Its file is a delivery of the rail's kind, with the recall's id as its cause. */
export async function recallsToSend(db: Db, municipality: Municipality): Promise<RecallToSend[]> {
  return await db.often.rows<RecallToSend>(
    `select q.payment_id as payment, q.code, to_char(q.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"') as at,
       r.run_no as "runNo", p.unit, r.rail, (p.amount_ore - z.ore)::bigint as amount,
       r.disposition_date as "dispositionDate", coalesce((select max(a.attempt) from file_attempts a
         where a.municipality_code = $1 and a.run_no = r.run_no and a.at <= q.at), 1)::int as attempt,
       d.delivery_no is not null as "isRecorded"
     from recalls q
     join payments p ${STOPPED_OF_PAYMENT} on p.municipality_code = $1 and p.payment_id = q.payment_id
     join payment_runs r on r.municipality_code = $1 and r.run_no = (q.payment_id >> 24)::int
     left join deliveries d on d.municipality_code = $1 and d.kind in ('nemkonto', 'iso20022')
       and d.cause = ${endToEndIdSql('q')} || 'S'
     where q.municipality_code = $1 and not exists (select from deliveries_sent s where s.municipality_code = $1
       and s.delivery_no = d.delivery_no)
       and not exists (select from run_recalls w where w.municipality_code = $1 and w.work_no = q.work_no and w.whole)
     order by q.work_no, q.payment_id`,
    [municipality],
  )
}

export type RunRecallToSend = Omit<RecallToSend, 'payment'> & {
  readonly payments: number
  /** Of one bundle alone: that of `unit`. */
  readonly ofBundle: boolean
}

/** Whole runs asked back in one message that is not known to lie in the outgoing folder. */
export async function runRecallsToSend(db: Db, municipality: Municipality): Promise<RunRecallToSend[]> {
  return await db.often.rows<RunRecallToSend>(
    `select w.code, to_char(w.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"') as at, r.run_no as "runNo", coalesce(nullif(w.unit, 0), b.unit) as unit, w.unit > 0 as "ofBundle",
       r.rail, q.ore as amount, q.n as payments, r.disposition_date as "dispositionDate",
       coalesce((select max(a.attempt) from file_attempts a where a.municipality_code = $1 and a.run_no = r.run_no
         and a.at <= w.at), 1)::int as attempt, d.delivery_no is not null as "isRecorded"
     from run_recalls w
     join payment_runs r on r.municipality_code = $1 and r.run_no = w.run_no
     cross join lateral (select min(b.unit) as unit from payment_bundles b where b.municipality_code = $1
       and b.run_no = r.run_no) b
     cross join lateral (select count(*)::int as n, sum(p.amount_ore - z.ore)::bigint as ore from recalls q
       join payments p ${STOPPED_OF_PAYMENT} on p.municipality_code = $1 and p.payment_id = q.payment_id
       where q.municipality_code = $1 and q.work_no = w.work_no) q
     left join deliveries d on d.municipality_code = $1 and d.kind in ('nemkonto', 'iso20022')
       and d.cause = ${fileIdSql('w')} || case when w.unit > 0 then 'U' || w.unit else '' end || 'S'
     where w.municipality_code = $1 and w.whole and not exists (select from deliveries_sent s
       where s.municipality_code = $1 and s.delivery_no = d.delivery_no)
     order by w.work_no`,
    [municipality],
  )
}

/** Of a run what was asked back, and of it a bundle's alone: what an answer to all of it is about. */
export async function recalledOfRun(
  db: Db,
  municipality: Municipality,
  runNo: number,
  unit?: number,
): Promise<PaymentId[]> {
  const rows = await db.rows<{ payment: PaymentId }>(
    `select q.payment_id as payment from recalls q
     join payments p on p.municipality_code = $1 and p.payment_id = q.payment_id
     where q.municipality_code = $1 and q.payment_id >= $2::bigint << 24 and q.payment_id < ($2::bigint + 1) << 24
       and ($3::int is null or p.unit = $3) order by 1`,
    [municipality, runNo, unit ?? null],
  )
  return rows.map((row) => row.payment)
}

export interface RecallAnswered {
  readonly payment: PaymentId
  readonly outcome: RecallOutcome
  readonly workNo: number
  readonly reason: string
}

/** The same answer again has no effect. */
export async function recordRecallAnswers(
  tx: Tx,
  municipality: Municipality,
  answers: readonly RecallAnswered[],
): Promise<void> {
  if (answers.length === 0) return
  await tx.run(
    `insert into recall_answers select $1, a.payment, a.outcome, a."workNo", a.reason
     from jsonb_to_recordset($2::jsonb) as a (payment bigint, outcome text, "workNo" int, reason text)
     on conflict do nothing`,
    [municipality, JSON.stringify(answers)],
  )
}

/** How a recall of payment `p` stands: asked, or what the rail said last; null when it was not recalled. */
export const RECALL_OF_PAYMENT = `coalesce((select a.outcome from recall_answers a
    where a.municipality_code = p.municipality_code and a.payment_id = p.payment_id
    order by a.outcome = 'pending', a.work_no desc limit 1),
  (select 'asked' from recalls q where q.municipality_code = p.municipality_code and q.payment_id = p.payment_id))`

export type RecallState = RecallOutcome | 'asked'

/** What a recall of a payment, bundle or file calls itself at the rail, and what its file is called: `0751R3N17S`. */
export function recallIdOf(id: string): string {
  return `${id}S`
}

/** The payment, bundle or file that a rail's answer to a recall is about, by the id of either. */
export function recalledBy(ref: string): string {
  return ref.endsWith('S') ? ref.slice(0, -1) : ref
}
