/**
 * Ledelsestilsyn: a sample of a month's payments is drawn by a seed that nobody chooses, looked at payment by payment,
 * and signed by a person who has assembled and approved none of their runs. Each step is done once.
 * @da ledelsestilsyn
 */
import { createHash } from 'node:crypto'
import type { Db, Tx } from '../../base/db.ts'
import { formatDay, formatMonth, type Period } from '../../base/date.ts'
import { type Municipality, municipalityText, type PaymentId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { Refusal } from '../../base/refusal.ts'
import { recordAudit } from '../access/index.ts'
import { ledgerHead } from '../ledger/index.ts'
import { endToEndIdOf, STOPPED_OF_PAYMENT } from '../payments/index.ts'

/** Payments of a sample, assumed: no rule on how many was found; a month with fewer is looked at whole. */
const SAMPLE_SIZE = 20

export interface OversightAct {
  readonly municipality: Municipality
  readonly month: Period
  readonly at: string
  readonly by: string
}

export interface SampledPayment {
  readonly payment: PaymentId
  readonly endToEndId: string
  readonly amount: Ore
  readonly runNo: number
  readonly dispositionDate: string
  /** Undefined: not looked at yet. */
  readonly verdict: 'ok' | 'remark' | undefined
  readonly remark: string
  readonly markedBy: string | undefined
}

export interface Oversight {
  readonly municipality: Municipality
  readonly month: Period
  /** Hex. */
  readonly seed: string
  readonly ledgerHead: string
  /** Of which the sample was drawn. */
  readonly payments: number
  readonly amount: Ore
  readonly drawnBy: string
  readonly drawnAt: string
  readonly sample: readonly SampledPayment[]
  readonly signedBy: string | undefined
  readonly signedAt: string | undefined
}

/** What the sample is drawn by: SHA-256 of `0751|2026-03|HEAD`. */
export function seedOf(municipality: Municipality, month: Period, head: string): Buffer {
  return createHash('sha256')
    .update(`${municipalityText(municipality)}|${formatMonth(month.from)}|${head}`)
    .digest()
}

/** Released payments of the runs whose disposition date is in the month, as `p`, without what was stopped. */
const OF_MONTH = `payments p ${STOPPED_OF_PAYMENT}
  join payment_runs r on r.municipality_code = p.municipality_code and r.run_no = (p.payment_id >> 24)::int
    and r.disposition_date >= $2 and r.disposition_date < $3
  where p.municipality_code = $1 and not z.whole and exists (select from payment_run_steps s
    where s.municipality_code = p.municipality_code and s.run_no = r.run_no and s.step = 'released')`

/**
 * Draws the sample of a month: those whose hash under the seed is smallest. Refuses `oversight_drawn`, `month_not_paid`
 * while a run of the month waits, and `nothing_to_draw`.
 */
export async function drawOversight(tx: Tx, act: OversightAct, size: number = SAMPLE_SIZE): Promise<Oversight> {
  const { municipality, month, at, by } = act
  const [from, to, name] = [formatDay(month.from), formatDay(month.to), formatMonth(month.from)]
  if ((await readOversight(tx, municipality, month)) !== undefined) {
    throw new Refusal('oversight_drawn', `The sample of ${name} is drawn; it is drawn once.`)
  }
  const waiting = await tx.first(
    `select 1 as one from payment_runs r where r.municipality_code = $1 and r.disposition_date >= $2
       and r.disposition_date < $3 and r.payments > 0 and not exists (select from payment_run_steps s
         where s.municipality_code = $1 and s.run_no = r.run_no and s.step = 'released')
       and exists (select from payments p ${STOPPED_OF_PAYMENT} where p.municipality_code = $1
         and p.payment_id >= r.run_no::bigint << 24 and p.payment_id < (r.run_no::bigint + 1) << 24 and not z.whole)
     limit 1`,
    [municipality, from, to],
  )
  if (waiting !== undefined) {
    throw new Refusal('month_not_paid', `A payment run of ${name} is not released yet; draw when all are.`)
  }
  const head = await ledgerHead(tx, municipality)
  const seed = seedOf(municipality, month, head)
  const all = await tx.first<{ n: number; ore: Ore }>(
    `select count(*)::int as n, coalesce(sum(p.amount_ore - z.ore), 0)::bigint as ore from ${OF_MONTH}`,
    [municipality, from, to],
  )
  if (all === undefined || all.n === 0) throw new Refusal('nothing_to_draw', `Nothing was paid in ${name}.`)
  await tx.run('insert into oversight_samples values ($1, $2, $3, $4, $5, $6, $7, $8)', [
    municipality,
    from,
    seed,
    Buffer.from(head, 'hex'),
    all.n,
    all.ore,
    at,
    by,
  ])
  await tx.run(
    `insert into oversight_payments select $1, $2, d.payment_id from (select p.payment_id from ${OF_MONTH}
       order by sha256($4::bytea || int8send(p.payment_id)), p.payment_id limit $5) d`,
    [municipality, from, to, seed, size],
  )
  await recordAudit(tx, { municipality, at, actor: by, command: 'oversight.draw', subject: name })
  return await known(tx, act)
}

/** Undefined: not drawn. */
export async function readOversight(db: Db, municipality: Municipality, month: Period): Promise<Oversight | undefined> {
  const time = (column: string) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`
  const head = await db.first<Omit<Oversight, 'sample' | 'month' | 'municipality'>>(
    `select encode(o.seed, 'hex') as seed, encode(o.ledger_head, 'hex') as "ledgerHead", o.payments, o.amount_ore as amount,
       o.by_actor as "drawnBy", ${time('o.at')} as "drawnAt", s.by_actor as "signedBy", ${time('s.at')} as "signedAt"
     from oversight_samples o left join oversight_signatures s on s.municipality_code = $1 and s.month = o.month
     where o.municipality_code = $1 and o.month = $2`,
    [municipality, formatDay(month.from)],
  )
  if (head === undefined) return undefined
  const rows = await db.rows<Omit<SampledPayment, 'endToEndId'>>(
    `select p.payment_id as payment, (p.amount_ore - z.ore)::bigint as amount, r.run_no as "runNo",
       r.disposition_date::text as "dispositionDate", m.verdict, coalesce(m.remark, '') as remark, m.by_actor as "markedBy"
     from oversight_payments o
     join payments p ${STOPPED_OF_PAYMENT} on p.municipality_code = $1 and p.payment_id = o.payment_id
     join payment_runs r on r.municipality_code = $1 and r.run_no = (p.payment_id >> 24)::int
     left join oversight_marks m on m.municipality_code = $1 and m.month = o.month and m.payment_id = o.payment_id
     where o.municipality_code = $1 and o.month = $2 order by p.payment_id`,
    [municipality, formatDay(month.from)],
  )
  const sample = rows.map((row) => ({
    ...row,
    endToEndId: endToEndIdOf(municipality, row.payment),
    verdict: row.verdict ?? undefined,
    markedBy: row.markedBy ?? undefined,
  }))
  const signed = { signedBy: head.signedBy ?? undefined, signedAt: head.signedAt ?? undefined }
  return { ...head, ...signed, municipality, month, sample }
}

/**
 * What a person found of one payment. Refuses `not_in_sample`, `marked_already`, `oversight_signed`, `remark_missing`,
 * and `own_run` of somebody who assembled or approved a run of the sample.
 */
export async function markOversight(
  tx: Tx,
  act: OversightAct,
  payment: PaymentId,
  remark: string | undefined,
): Promise<Oversight> {
  const { municipality, month, at, by } = act
  const drawn = await open(tx, act)
  const name = endToEndIdOf(municipality, payment)
  const one = drawn.sample.find((row) => row.payment === payment)
  if (one === undefined)
    throw new Refusal('not_in_sample', `${name} is not in the sample of ${formatMonth(month.from)}.`)
  if (one.verdict !== undefined) throw new Refusal('marked_already', `${name} was looked at by ${one.markedBy}.`)
  if (remark !== undefined && remark.trim() === '') throw new Refusal('remark_missing', 'Write what was remarked.')
  const verdict = remark === undefined ? 'ok' : 'remark'
  const values = [municipality, formatDay(month.from), payment, verdict, remark ?? '', at, by]
  await tx.run('insert into oversight_marks values ($1, $2, $3, $4, $5, $6, $7)', values)
  await recordAudit(tx, { municipality, at, actor: by, command: 'oversight.mark', subject: name, detail: { verdict } })
  return await known(tx, act)
}

/** Signs a month whose whole sample has been looked at. Refuses `not_looked_at`, `oversight_signed` and `own_run`. */
export async function signOversight(tx: Tx, act: OversightAct): Promise<Oversight> {
  const { municipality, month, at, by } = act
  const drawn = await open(tx, act)
  const left = drawn.sample.filter((one) => one.verdict === undefined)
  const name = formatMonth(month.from)
  if (left.length > 0) {
    throw new Refusal('not_looked_at', `Of the sample of ${name} ${left.length} are not looked at yet.`)
  }
  const remarks = drawn.sample.filter((one) => one.verdict === 'remark').length
  const values = [municipality, formatDay(month.from), remarks, at, by]
  await tx.run('insert into oversight_signatures values ($1, $2, $3, $4, $5)', values)
  await recordAudit(tx, { municipality, at, actor: by, command: 'oversight.sign', subject: name, detail: { remarks } })
  return await known(tx, act)
}

async function known(tx: Tx, { municipality, month }: OversightAct): Promise<Oversight> {
  const found = await readOversight(tx, municipality, month)
  if (found === undefined) {
    throw new Refusal('oversight_not_drawn', `No sample of ${formatMonth(month.from)} is drawn here yet.`)
  }
  return found
}

/** Drawn, not signed, and none of its runs is this person's own. */
async function open(tx: Tx, act: OversightAct): Promise<Oversight> {
  const { municipality, month, by } = act
  if (by.trim() === '') throw new Refusal('by_missing', 'Say who looks.')
  const drawn = await known(tx, act)
  if (drawn.signedBy !== undefined) {
    throw new Refusal(
      'oversight_signed',
      `${formatMonth(month.from)} was signed by ${drawn.signedBy}; nothing is changed.`,
    )
  }
  const own = await tx.first<{ run: number }>(
    `select s.run_no as run from (select run_no, by_actor from payment_run_steps
         where municipality_code = $1 and step in ('assembled', 'approved', 'released')
       union all select run_no, by_actor from run_approvals where municipality_code = $1) s
     where s.run_no = any ($2) and s.by_actor = $3 order by 1 limit 1`,
    [municipality, [...new Set(drawn.sample.map((one) => one.runNo))], by],
  )
  if (own === undefined) return drawn
  const run = `${municipalityText(municipality)}R${own.run}`
  throw new Refusal('own_run', `${by} assembled, approved or released ${run}: somebody else must look.`)
}
