/**
 * Possible double payments: same right holder and benefit (or benefits that exclude each other) and overlapping periods
 * under another key. Of two, the one with the later (decision date, source system, key) is held, unless the other is
 * calculated already; a line that is vouched for by `not_duplicate_of` is none.
 */
import type { Db, Tx, Value } from '../../base/db.ts'
import { formatDay } from '../../base/date.ts'
import { type Municipality, type OrderId, RECORDS_PER_BATCH } from '../../base/id.ts'
import type { BenefitExclusion } from '../rates/index.ts'
import { HOLD_NO } from './hold-kinds.ts'

/** Holds those that this intake brings. */
export async function holdPossibleDuplicates(
  tx: Tx,
  municipality: Municipality,
  exclusions: readonly BenefitExclusion[],
  intakeNo: number,
  knownAt: string,
): Promise<void> {
  const range = [intakeNo * RECORDS_PER_BATCH, (intakeNo + 1) * RECORDS_PER_BATCH]
  const pairs = await readPairs(tx, municipality, exclusions, 'f.order_id >= $3 and f.order_id < $4', range)
  if (pairs.length === 0) return
  await tx.often.run(
    `${JUDGED}
     insert into order_holds
     select distinct on (held) $1::smallint, held, ${HOLD_NO.duplicate},
       case when same_benefit then 'possible_duplicate' else 'excluding_benefit' end, '', related, $3::timestamptz, 'toek'
     from judged order by held, related on conflict do nothing`,
    [municipality, JSON.stringify(pairs), knownAt],
  )
}

/** A hold that has no other order left falls away. */
export async function releaseNoDuplicates(
  tx: Tx,
  municipality: Municipality,
  exclusions: readonly BenefitExclusion[],
  knownAt: string,
): Promise<void> {
  const open = await tx.often.rows<{ order_id: OrderId }>(
    `select h.order_id from order_holds h where h.municipality_code = $1 and h.hold_no = ${HOLD_NO.duplicate}
       and not exists (select from order_hold_releases r where r.municipality_code = h.municipality_code
         and r.order_id = h.order_id and r.hold_no = h.hold_no)`,
    [municipality],
  )
  if (open.length === 0) return
  const orders = open.map((row) => row.order_id)
  const pairs = await readPairs(tx, municipality, exclusions, 'f.order_id = any ($3)', [orders])
  await tx.run(
    `${JUDGED}
     insert into order_hold_releases
     select $1::smallint, o.order_id, ${HOLD_NO.duplicate}, '', $3::timestamptz, 'toek'
     from unnest($4::bigint[]) as o (order_id) where o.order_id not in (select held from judged)
     on conflict do nothing`,
    [municipality, JSON.stringify(pairs), knownAt, orders],
  )
}

interface Pair {
  readonly one: OrderId
  readonly other: OrderId
  readonly same_benefit: boolean
}

/**
 * What the chosen lines `f` overlap, under another key. Asked of every file that comes: `offset 0` keeps each step a
 * look-up of few rows, by right holder and the end of the period and then by number, whatever the statistics say; and
 * who of two is held is asked only when there are two.
 */
async function readPairs(
  db: Db,
  municipality: Municipality,
  exclusions: readonly BenefitExclusion[],
  chosen: string,
  values: readonly Value[],
): Promise<Pair[]> {
  return await db.rows<Pair>(
    `with exclusion as materialized (
       select a, b, v_from, v_to from jsonb_to_recordset($2::jsonb) as x (a smallint, b smallint, v_from date, v_to date))
     select distinct f.order_id as one, e.order_id as other, f.benefit = e.benefit as same_benefit
     from order_lines f
     cross join lateral (select l.order_id, l.benefit, l.line_key, l.not_duplicate_of from order_lines l
       where l.municipality_code = $1 and l.right_holder = f.right_holder and l.kind = 0
         and l.period_to > f.period_from and l.period_from < f.period_to and l.order_id <> f.order_id offset 0) e
     cross join lateral (select a.source_system, a.order_key from orders a where a.municipality_code = $1
       and a.order_id = f.order_id and a.state = 0 offset 0) a
     cross join lateral (select b.source_system, b.order_key from orders b where b.municipality_code = $1
       and b.order_id = e.order_id and b.state = 0 offset 0) b
     where f.municipality_code = $1 and ${chosen} and f.kind = 0
       and (e.benefit = f.benefit or exists (select from exclusion x where x.a = f.benefit and x.b = e.benefit
         and f.period_from < x.v_to and f.period_to > x.v_from))
       and (a.source_system, a.order_key) <> (b.source_system, b.order_key)
       and f.not_duplicate_of is distinct from b.order_key || '/' || e.line_key
       and e.not_duplicate_of is distinct from a.order_key || '/' || f.line_key`,
    [municipality, exclusionPairs(exclusions), ...values],
  )
}

/** Both ways round, for the query. */
function exclusionPairs(exclusions: readonly BenefitExclusion[]): string {
  return JSON.stringify(
    exclusions.flatMap(({ a, b, valid }) => {
      const dates = { v_from: formatDay(valid.from), v_to: formatDay(valid.to) }
      return [
        { a, b, ...dates },
        { a: b, b: a, ...dates },
      ]
    }),
  )
}

/** Some version of the order's key is calculated: it stands, whatever a newer one says. */
const keyIsCalculated = (order: 'a' | 'b') =>
  `exists (select from orders v join calculations c on c.municipality_code = $1 and c.order_id = v.order_id
    where v.municipality_code = $1 and v.source_system = ${order}.source_system and v.order_key = ${order}.order_key)`

/** Who of two is held: (decision date, system, key) decides, unless the other is calculated already. */
const LATER = `((a.decision_date, a.source_system, a.order_key, a.order_id)
    > (b.decision_date, b.source_system, b.order_key, b.order_id)
  and not ${keyIsCalculated('a')}) or ${keyIsCalculated('b')}`

/** Of the pairs $2 which is held; $1 municipality. What a newer version has replaced is nobody's double. */
const JUDGED = `with pair as materialized (
    select p.one, p.other, p.same_benefit
    from jsonb_to_recordset($2::jsonb) as p (one bigint, other bigint, same_benefit boolean)
    where not exists (select from order_holds h where h.municipality_code = $1 and h.kind = 'superseded'
      and h.order_id in (p.one, p.other))),
  ranked as (
    select a.order_id as a_id, b.order_id as b_id, p.same_benefit, (${LATER}) as later
    from pair p
    cross join lateral (select * from orders a where a.municipality_code = $1 and a.order_id = p.one offset 0) a
    cross join lateral (select * from orders b where b.municipality_code = $1 and b.order_id = p.other offset 0) b),
  judged as (
    select case when later then a_id else b_id end as held, case when later then b_id else a_id end as related,
      same_benefit from ranked)`
