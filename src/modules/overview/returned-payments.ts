/**
 * Payments that came back and have not ended: by a later attempt that was paid, by a new version that has taken them
 * over, or closed as nobody claims them. Where they lie, why, how old they are, and what to do about them. @da
 * returneret betaling
 */
import { danishDaySql } from '../../base/danish-time.ts'
import type { Db } from '../../base/db.ts'
import { type Day, formatDay } from '../../base/date.ts'
import { type Municipality, type PaymentId, TAKEN_OVER } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { SOURCE_SYSTEMS, type SourceSystem } from '../orders/index.ts'
import {
  type Asked,
  backAt,
  CLOSED,
  endToEndIdOf,
  endToEndIdSql,
  isDueAgain,
  ORDERED_AGAIN,
  type TakenOver,
  takenOverJson,
  whatPartsAre,
} from '../payments/index.ts'
import { returnCause, type ReturnStep } from '../rates/index.ts'

const IS_DUE_AGAIN = isDueAgain({ municipality: 'x.municipality_code', item: 'x.item_id', part: 'x.part' })

/**
 * What is due again of attempt `x` has come to an end: it was paid, here or elsewhere, came back anew, or was stopped
 * or taken back.
 */
const ATTEMPT_ENDED = `(exists (select from payment_parts y
    join payments p on p.municipality_code = y.municipality_code and p.payment_id = y.payment_id
    where y.municipality_code = n.municipality_code and y.item_id = n.item_id and y.part = n.part
      and (exists (select from payment_returns b where b.municipality_code = y.municipality_code
          and b.payment_id = y.payment_id)
        or exists (select from statement_entries e where e.municipality_code = y.municipality_code and e.match = 'settled'
          and e.amount_ore < 0 and (e.payment_id = y.payment_id
            or (e.run_no = (y.payment_id >> 24)::int and e.unit = p.unit)))))
  or exists (select from outside_parts u where u.municipality_code = n.municipality_code and u.item_id = n.item_id
    and u.part = n.part)
  or exists (select from stopped_parts s where s.municipality_code = n.municipality_code and s.item_id = n.item_id
    and s.part = n.part)
  or exists (select from item_movements v where v.municipality_code = n.municipality_code and v.item_id = n.item_id
    and v.to_place = 1 and v.to_ref = 0))`

/** Of later attempts: when the first one came back. Few payments are paid again. */
const FIRST_BACK = `select x.municipality_code, x.payment_id, min(e.known_at) as first_at from parts_again n
  cross join lateral (select x.* from payment_parts x where x.municipality_code = n.municipality_code
    and x.item_id = n.item_id and x.part = n.part and n.municipality_code = any ($1) offset 0) x
  cross join lateral (select ${backAt('q', 'w')} as known_at from payment_parts e
    join payment_returns q on q.municipality_code = e.municipality_code and q.payment_id = e.payment_id
    join work_batches w on w.municipality_code = q.municipality_code and w.work_no = q.work_no
    where e.municipality_code = n.municipality_code and e.item_id = n.item_id and e.part & 63 = n.part & 63
      and e.part < n.part offset 0) e
  group by 1, 2`

/** At most 7, 30 and 90 days since the first attempt came back, or more. @da aldersbånd */
export type AgeBand = 'week' | 'month' | 'quarter' | 'older'

/** The most days of each band but the last. */
const BANDS: readonly (readonly [days: number, band: AgeBand])[] = [
  [7, 'week'],
  [30, 'month'],
  [90, 'quarter'],
]

/** The band that so many days are in. */
export function ageBand(days: number): AgeBand {
  return BANDS.find(([most]) => days <= most)?.[1] ?? 'older'
}

/** The same in SQL. */
function ageBandSql(days: string): string {
  return `case ${BANDS.map(([most, band]) => `when ${days} <= ${most} then '${band}'`).join(' ')} else 'older' end`
}

/** Danish days from the one on which the first attempt came back to `day`. */
function daysOld(day: string): string {
  return `(${day} - ${danishDaySql('r.first_at')})`
}

const TODAY = danishDaySql('$2::timestamptz')

/**
 * What is left of each return of municipalities `$1`: no later attempt at it has ended, nor has a later version taken
 * it back. `again_on`: a later attempt is on its way.
 */
export const OPEN_RETURNS = `select b.municipality_code, b.payment_id, b.answer, b.reason, p.source_system, ${backAt('b', 'w')} as known_at,
    coalesce(f.first_at, ${backAt('b', 'w')}) as first_at, g.again_on, y.asked_on, y.answer_by,
    b.amount_ore - coalesce(t.ore, 0) - coalesce(g.ore, 0) - coalesce(k.ore, 0) as amount_ore
  from payment_returns b
  join payments p on p.municipality_code = b.municipality_code and p.payment_id = b.payment_id
  join work_batches w on w.municipality_code = b.municipality_code and w.work_no = b.work_no
  left join (select x.municipality_code, x.payment_id, sum(m.amount_ore)::bigint as ore
    from (select distinct i.municipality_code, i.item_id from item_movements i
      where i.municipality_code = any ($1) and i.returned_ore > 0) i
    join payment_parts x on x.municipality_code = i.municipality_code and x.item_id = i.item_id and not ${IS_DUE_AGAIN}
    ${whatPartsAre('x')} group by 1, 2) t on t.municipality_code = b.municipality_code and t.payment_id = b.payment_id
  left join (select x.municipality_code, x.payment_id,
      sum(case when ${ATTEMPT_ENDED} then m.amount_ore else 0 end)::bigint as ore,
      max(n.disposition_date) filter (where not ${ATTEMPT_ENDED}) as again_on from ${ORDERED_AGAIN}
    group by 1, 2) g on g.municipality_code = b.municipality_code and g.payment_id = b.payment_id
  left join (select y.municipality_code, y.payment_id, max(y.asked_on) as asked_on, max(y.answer_by) as answer_by
    from asked_returns y where y.municipality_code = any ($1) group by 1, 2) y
    on y.municipality_code = b.municipality_code and y.payment_id = b.payment_id
  left join (select k.municipality_code, k.payment_id, sum(k.amount_ore) as ore from ${CLOSED} group by 1, 2) k
    on k.municipality_code = b.municipality_code and k.payment_id = b.payment_id
  left join (${FIRST_BACK}) f on f.municipality_code = b.municipality_code and f.payment_id = b.payment_id
  where b.municipality_code = any ($1) and b.amount_ore > coalesce(t.ore, 0) + coalesce(g.ore, 0) + coalesce(k.ore, 0)`

/** As what needs a person; `$2` is when. */
export const RETURNED = `select r.municipality_code, 'returned' as kind,
    ${endToEndIdSql('r')} as subject,
    r.source_system, 'kommune' as owner, r.amount_ore, r.known_at as since,
    jsonb_build_object('answer', r.answer, 'code', r.reason, 'again', r.again_on, 'age', ${ageBandSql(daysOld(TODAY))},
      'taken_over', r.payment_id >= ${TAKEN_OVER}, 'asked', r.asked_on, 'answer_by', r.answer_by, 'overdue', r.answer_by < ${TODAY}) as detail
  from (${OPEN_RETURNS}) r`

export interface OpenReturn {
  readonly municipality: Municipality
  readonly endToEndId: string
  readonly sourceSystem: SourceSystem
  /** Keys of the orders that it pays, at most ten. */
  readonly orders: readonly string[]
  /** Of attempts at the same payment: 1 is the first. */
  readonly attempt: number
  readonly amount: Ore
  readonly answer: number
  readonly code: string
  /** In plain Danish. */
  readonly cause: string
  readonly step: ReturnStep
  /** When it came back, and when the first attempt did. */
  readonly since: Day
  readonly firstSince: Day
  /** Whole days since the first attempt came back. */
  readonly age: number
  /** A later attempt is on its way, to be paid on this day. */
  readonly againOn: Day | undefined
  /** Its payee was asked for an account, and until when the answer is waited for. */
  readonly asked: Asked | undefined
  /** It came back to an old system before the takeover. @da overtaget returnering */
  readonly takenOver: TakenOver | undefined
}

interface Row {
  readonly municipality: Municipality
  readonly payment: PaymentId
  readonly source: number
  readonly orders: readonly string[]
  readonly attempt: number
  readonly amount: Ore
  readonly answer: number
  readonly code: string
  readonly since: Day
  readonly first_since: Day
  readonly again_on: Day | null
  readonly asked_on: Day | null
  readonly answer_by: Day | null
  readonly taken_over: TakenOver | null
  readonly total: number
}

/** What an old system had back is not paid again by itself. */
export function causeOfReturn(
  { answer, code, takenOver }: { readonly answer: number; readonly code: string; readonly takenOver: boolean },
  since: Day,
): Pick<OpenReturn, 'cause' | 'step'> {
  const { cause, step } = returnCause(answer, code, since)
  return { cause, step: step === 'retry' && takenOver ? 'ask_bank' : step }
}

export interface AgeSum {
  readonly band: AgeBand
  readonly payments: number
  readonly amount: Ore
}

/** By band, of all: the youngest first; a band without any is left out. */
async function readAges(db: Db, municipalities: readonly Municipality[], asOf: Day): Promise<AgeSum[]> {
  const days = daysOld('$2::date')
  return await db.rows<AgeSum>(
    `select ${ageBandSql(days)} as band, count(*)::int as payments, sum(r.amount_ore)::bigint as amount from (${OPEN_RETURNS}) r
     group by 1 order by min(${days})`,
    [municipalities, formatDay(asOf)],
  )
}

/** The oldest first, as many as were asked for; `asOf` is the day on which their age is reckoned. */
export async function readOpenReturns(
  db: Db,
  municipalities: readonly Municipality[],
  asOf: Day,
  limit: number,
): Promise<{ readonly total: number; readonly ages: readonly AgeSum[]; readonly listed: readonly OpenReturn[] }> {
  const rows = await db.rows<Row>(
    `select r.municipality_code as municipality, r.payment_id as payment, r.source_system as source,
       r.amount_ore::bigint as amount, r.answer, r.reason as code, r.again_on, r.asked_on, r.answer_by, ${takenOverJson('r')} as taken_over,
       f.attempt, f.orders,
       ${danishDaySql('r.known_at')} as since, ${danishDaySql('r.first_at')} as first_since, count(*) over ()::int as total
     from (${OPEN_RETURNS}) r
     cross join lateral (select max(x.part >> 6) + 1 as attempt,
         (array_agg(distinct o.order_key order by o.order_key))[1:10] as orders
       from payment_parts x join orders o on o.municipality_code = x.municipality_code and o.order_id = x.item_id >> 6
       where x.municipality_code = r.municipality_code and x.payment_id = r.payment_id) f
     order by r.first_at, r.municipality_code, r.payment_id limit $2`,
    [municipalities, limit],
  )
  return {
    total: rows[0]?.total ?? 0,
    ages: await readAges(db, municipalities, asOf),
    listed: rows.map((row) => {
      const { since, first_since: firstSince } = row
      return {
        municipality: row.municipality,
        endToEndId: endToEndIdOf(row.municipality, row.payment),
        sourceSystem: SOURCE_SYSTEMS[row.source - 1] as SourceSystem,
        orders: row.orders,
        attempt: row.attempt,
        amount: row.amount,
        answer: row.answer,
        code: row.code,
        ...causeOfReturn({ ...row, takenOver: row.taken_over !== null }, since),
        since,
        firstSince,
        age: Math.max(0, asOf - firstSince),
        againOn: row.again_on ?? undefined,
        asked:
          row.asked_on === null || row.answer_by === null
            ? undefined
            : { askedOn: row.asked_on, answerBy: row.answer_by },
        takenOver: row.taken_over ?? undefined,
      }
    }),
  }
}
