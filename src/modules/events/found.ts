/** Counts the facts that no event batch stands for. */
import { type EventKind, REPORTED } from './kinds.ts'

/** `$1` is the municipalities. Columns: kind, municipality_code, source_system, ref, events, known_at. */
export interface Found {
  readonly kinds: readonly EventKind[]
  readonly sql: string
  /**
   * The same from sums, in half the time, where a paying unit and ydelsesart belong to one source system on a date
   * (as in the rate book). A row without a source system says that they do not: then `sql` is asked.
   */
  readonly quick?: string
}

/** The fact has no event batch of this kind. */
function open(kind: string, municipality: string, ref: string): string {
  return `not exists (select from event_batches e where e.municipality_code = ${municipality} and e.kind = ${kind}
    and e.ref = ${ref})`
}

/** A hold is told by its own number: order × 2^15 + number. */
const HOLD_REF = '(h.order_id << 15) | h.hold_no'

/** A file of answers is told once for both kinds: most files have none on a waiting account, and stay told. */
const NOT_ANSWERED = (file: string): string => `not exists (select from event_batches e
  where e.municipality_code = ${file}.municipality_code and e.kind in ('accepted', 'waiting_account')
    and e.ref = ${file}.work_no)`

/** Item parts by payment, for the runs of chosen payments: gathered once, used by every kind. */
const PARTS = `part as materialized (
    select t.municipality_code, x.payment_id, p.source_system, count(*) as n
    from touched t join payment_runs r on r.municipality_code = t.municipality_code and r.run_no = t.run_no
    join payables p on p.municipality_code = r.municipality_code and p.disposition_date = r.disposition_date
    join payment_parts x on x.municipality_code = p.municipality_code and x.item_id = p.item_id and x.part = p.part
      and (x.payment_id >> 24)::int = t.run_no
    group by 1, 2, 3)`

/**
 * The payments that a statement's matched entry settles: a bundle without what was refused before it, or one
 * payment.
 */
function settled(from: string, more: string): string {
  return `select ${from}, p.payment_id from statement_entries s
    join payments p on p.municipality_code = s.municipality_code and p.unit = s.unit
      and p.payment_id >= s.run_no::bigint << 24 and p.payment_id < (s.run_no::bigint + 1) << 24
    where s.match = 'settled' and s.amount_ore < 0 and s.run_no > 0 and ${more} and not exists (select from payment_returns q
      where q.municipality_code = p.municipality_code and q.payment_id = p.payment_id and q.answer in (2, 7))
    union all
    select ${from}, s.payment_id from statement_entries s
    where s.match = 'settled' and s.amount_ore < 0 and s.payment_id > 0 and ${more}`
}

/** Payments told, summed by what a source system follows from: run, paying unit and ydelsesart. */
const PAYMENTS_BY_SUMS = `with run as materialized (
    select s.municipality_code, s.run_no, k.kind, s.at as known_at from payment_run_steps s
    join (values ('assembled', 'in_round'), ('sent', 'sent')) k (step, kind) on k.step = s.step
    where s.municipality_code = any($1) and ${open('k.kind', 's.municipality_code', 's.run_no')}),
  answer as materialized (
    select a.municipality_code, a.work_no, case when a.waiting_account then 'waiting_account' else 'accepted' end as kind,
      (p.payment_id >> 24)::int as run_no, p.unit, p.rail_kind, sum(p.parts) as parts
    from work_batches w
    join payment_answers a on a.municipality_code = w.municipality_code and a.work_no = w.work_no and a.answer = 8
    join payments p on p.municipality_code = a.municipality_code and p.payment_id = a.payment_id
    where w.municipality_code = any($1) and w.kind = 'answers' and ${NOT_ANSWERED('w')}
    group by 1, 2, 3, 4, 5, 6),
  settled as materialized (
    select s.municipality_code, s.work_no, s.run_no, s.unit, s.payment_id from statement_entries s
    where s.municipality_code = any($1) and s.match = 'settled' and s.amount_ore < 0
      and ${open(`'paid'`, 's.municipality_code', 's.work_no')}),
  runs as materialized (
    select municipality_code, run_no from run union select municipality_code, run_no from settled where run_no > 0),
  bundle as materialized (
    select p.municipality_code, r.run_no, p.unit, p.rail_kind, sum(p.parts) as parts,
      sum(p.parts) filter (where q.payment_id is not null) as refused
    from runs r join payments p on p.municipality_code = r.municipality_code
      and p.payment_id >= r.run_no::bigint << 24 and p.payment_id < (r.run_no::bigint + 1) << 24
    left join payment_returns q on q.municipality_code = p.municipality_code and q.payment_id = p.payment_id
      and q.answer in (2, 7)
    group by 1, 2, 3, 4),
  told as materialized (
    select r.kind, b.municipality_code, r.run_no::bigint as ref, r.known_at, b.run_no, b.unit, b.rail_kind, b.parts
    from run r join bundle b on b.municipality_code = r.municipality_code and b.run_no = r.run_no
    union all
    select a.kind, a.municipality_code, a.work_no, w.known_at, a.run_no, a.unit, a.rail_kind, a.parts
    from answer a join work_batches w on w.municipality_code = a.municipality_code and w.work_no = a.work_no
    union all
    select 'returned', q.municipality_code, q.work_no, w.known_at, (p.payment_id >> 24)::int, p.unit, p.rail_kind, p.parts
    from payment_returns q
    join payments p on p.municipality_code = q.municipality_code and p.payment_id = q.payment_id
    join work_batches w on w.municipality_code = q.municipality_code and w.work_no = q.work_no
    where q.municipality_code = any($1) and ${open(`'returned'`, 'q.municipality_code', 'q.work_no')}
    union all
    select 'paid', s.municipality_code, s.work_no, w.known_at, b.run_no, b.unit, b.rail_kind,
      b.parts - coalesce(b.refused, 0)
    from settled s join bundle b on b.municipality_code = s.municipality_code and b.run_no = s.run_no and b.unit = s.unit
    join work_batches w on w.municipality_code = s.municipality_code and w.work_no = s.work_no
    where s.run_no > 0
    union all
    select 'paid', s.municipality_code, s.work_no, w.known_at, (p.payment_id >> 24)::int, p.unit, p.rail_kind,
      sum(p.parts)
    from settled s join payments p on p.municipality_code = s.municipality_code and p.payment_id = s.payment_id
    join work_batches w on w.municipality_code = s.municipality_code and w.work_no = s.work_no
    where s.payment_id > 0 group by 2, 3, 4, 5, 6, 7),
  owner as materialized (
    select r.municipality_code, r.run_no, p.unit, p.rail_kind,
      case when min(p.source_system) = max(p.source_system) then min(p.source_system) end as source_system
    from (select distinct municipality_code, run_no from told) t
    join payment_runs r on r.municipality_code = t.municipality_code and r.run_no = t.run_no
    join payables p on p.municipality_code = r.municipality_code and p.disposition_date = r.disposition_date
    group by 1, 2, 3, 4)
  select t.kind, t.municipality_code, o.source_system, t.ref, sum(t.parts)::bigint as events, t.known_at
  from told t left join owner o on o.municipality_code = t.municipality_code and o.run_no = t.run_no
    and o.unit = t.unit and o.rail_kind = t.rail_kind
  group by 1, 2, 3, 4, 6 having sum(t.parts) > 0`

export const FOUND: readonly Found[] = [
  {
    kinds: ['received'],
    sql: `select 'received' as kind, i.municipality_code, i.source_system, i.intake_no::bigint as ref,
        n.taken - coalesce(seen.n, 0) as events, i.known_at
      from intakes i
      cross join lateral (select count(*) as taken from orders o where o.municipality_code = i.municipality_code
        and o.order_id >= i.intake_no::bigint << 24 and o.order_id < (i.intake_no::bigint + 1) << 24) n
      left join (
        select o.municipality_code, (o.order_id >> 24)::int as intake_no, count(distinct o.order_id) as n
        from intake_faults f join intakes j on j.municipality_code = f.municipality_code and j.intake_no = f.intake_no
        join orders o on o.municipality_code = f.municipality_code and o.source_system = j.source_system
          and o.order_key = f.order_key and o.version = f.version and (o.order_id >> 24)::int = f.intake_no
        where f.municipality_code = any($1) and f.faults @> '[{"code":"superseded"}]' group by 1, 2) seen
        on seen.municipality_code = i.municipality_code and seen.intake_no = i.intake_no
      where i.municipality_code = any($1) and i.source_system < 9
        and ${open(`'received'`, 'i.municipality_code', 'i.intake_no')} and n.taken > coalesce(seen.n, 0)`,
  },
  {
    kinds: ['refused'],
    sql: `select 'refused' as kind, i.municipality_code, i.source_system, i.intake_no::bigint as ref,
        count(*) as events, i.known_at
      from intakes i join intake_faults f on f.municipality_code = i.municipality_code and f.intake_no = i.intake_no
      where i.municipality_code = any($1) and i.source_system < 9 and ${open(`'refused'`, 'i.municipality_code', 'i.intake_no')}
      group by 2, 3, 4, 6`,
  },
  {
    kinds: ['held', 'released'],
    sql: `select k.kind, h.municipality_code, o.source_system, ${HOLD_REF} as ref, 1::bigint as events, k.at as known_at
      from order_holds h
      cross join lateral (select 'held' as kind, h.at
        union all select 'released', r.at from order_hold_releases r where r.municipality_code = h.municipality_code
          and r.order_id = h.order_id and r.hold_no = h.hold_no) k
      join orders o on o.municipality_code = h.municipality_code and o.order_id = h.order_id
      where h.municipality_code = any($1) and h.kind <> 'superseded' and ${open('k.kind', 'h.municipality_code', HOLD_REF)}`,
  },
  {
    kinds: ['calculated', 'claim_changed'],
    sql: `with work as materialized (
        select w.municipality_code, w.work_no, w.known_at, w.order_ids from work_batches w
        join work_done d on d.municipality_code = w.municipality_code and d.work_no = w.work_no
        where w.municipality_code = any($1) and w.kind = 'calculate' and ${open(`'calculated'`, 'w.municipality_code', 'w.work_no')}),
      low as materialized (
        select w.municipality_code, min(u.order_id) as lowest from work w cross join unnest(w.order_ids) u (order_id)
        group by 1),
      item as materialized (
        select c.municipality_code, c.work_no, c.source_system, count(*) as events
        from low cross join lateral (select c.municipality_code, c.work_no, c.source_system from calculations c
          where c.municipality_code = low.municipality_code and c.order_id >= low.lowest offset 0) c
        group by 1, 2, 3)
      select 'calculated' as kind, i.municipality_code, i.source_system, i.work_no::bigint as ref, i.events, w.known_at
      from item i join work w on w.municipality_code = i.municipality_code and w.work_no = i.work_no
      union all
      select 'claim_changed', w.municipality_code, l.source_system, w.work_no, count(*), w.known_at
      from claim_movements m
      join calculations c on c.municipality_code = m.municipality_code and c.order_id = m.item_id >> 6
        and c.line_no = (m.item_id & 63)
      join work w on w.municipality_code = c.municipality_code and w.work_no = c.work_no
      join claims l on l.municipality_code = m.municipality_code and l.claim_id = m.claim_id
      where m.municipality_code = any($1) group by 2, 3, 4, 6`,
  },
  {
    kinds: ['claim_opened'],
    sql: `select 'claim_opened' as kind, c.municipality_code, c.source_system, c.claim_id >> 24 as ref,
        count(*) as events, coalesce(w.known_at, i.known_at) as known_at
      from claims c
      left join work_batches w on c.claim_id >= 2097152::bigint << 24 and w.municipality_code = c.municipality_code
        and w.work_no = (c.claim_id >> 24) - 2097152
      left join intakes i on c.claim_id < 2097152::bigint << 24 and i.municipality_code = c.municipality_code
        and i.intake_no = c.claim_id >> 24
      where c.municipality_code = any($1) and ${open(`'claim_opened'`, 'c.municipality_code', 'c.claim_id >> 24')}
      group by 2, 3, 4, 6`,
  },
  {
    kinds: ['in_round', 'sent', 'accepted', 'waiting_account', 'returned', 'paid'],
    quick: PAYMENTS_BY_SUMS,
    sql: `with chosen as materialized (
        select case when a.waiting_account then 'waiting_account' else 'accepted' end as kind, a.municipality_code,
          a.work_no, a.payment_id from payment_answers a
        where a.municipality_code = any($1) and a.answer = 8 and ${NOT_ANSWERED('a')}
        union all
        select 'returned', r.municipality_code, r.work_no, r.payment_id from payment_returns r
        where r.municipality_code = any($1) and ${open(`'returned'`, 'r.municipality_code', 'r.work_no')}
        union all
        ${settled(`'paid', s.municipality_code, s.work_no`, `s.municipality_code = any($1) and ${open(`'paid'`, 's.municipality_code', 's.work_no')}`)}),
      run as materialized (
        select s.municipality_code, s.run_no, k.kind, s.at as known_at from payment_run_steps s
        join (values ('assembled', 'in_round'), ('sent', 'sent')) k (step, kind) on k.step = s.step
        where s.municipality_code = any($1) and ${open('k.kind', 's.municipality_code', 's.run_no')}),
      touched as (
        select municipality_code, run_no from run
        union select municipality_code, (payment_id >> 24)::int from chosen),
      ${PARTS}
      select r.kind, r.municipality_code, p.source_system, r.run_no::bigint as ref, sum(p.n)::bigint as events, r.known_at
      from run r join part p on p.municipality_code = r.municipality_code and (p.payment_id >> 24)::int = r.run_no
      group by 1, 2, 3, 4, 6
      union all
      select c.kind, c.municipality_code, p.source_system, c.work_no, sum(p.n)::bigint, w.known_at
      from chosen c join part p on p.municipality_code = c.municipality_code and p.payment_id = c.payment_id
      join work_batches w on w.municipality_code = c.municipality_code and w.work_no = c.work_no
      group by 1, 2, 3, 4, 6`,
  },
  {
    kinds: ['reported'],
    sql: `with told as materialized (
        select d.municipality_code, d.delivery_no, s.at as known_at, w.work_no,
          (select min(u.order_id) from unnest(w.order_ids) u (order_id)) as lowest
        from deliveries d
        join deliveries_sent s on s.municipality_code = d.municipality_code and s.delivery_no = d.delivery_no
        join delivery_batches b on b.municipality_code = d.municipality_code and b.kind = d.kind
          and b.delivery_no = d.delivery_no
        join work_batches w on w.municipality_code = b.municipality_code and w.work_no = b.work_no
        where d.municipality_code = any($1) and d.kind = 'eindkomst'
          and ${open(`'reported'`, 'd.municipality_code', 'd.delivery_no')}),
      item as materialized (
        select c.municipality_code, c.work_no, c.source_system, count(*) as n
        from (select municipality_code, min(lowest) as lowest from told group by 1) low
        cross join lateral (select c.municipality_code, c.work_no, c.source_system from calculations c
          where c.municipality_code = low.municipality_code and c.order_id >= low.lowest and c.gross_ore > 0
            and c.benefit in ${REPORTED} offset 0) c
        group by 1, 2, 3)
      select 'reported' as kind, t.municipality_code, i.source_system, t.delivery_no::bigint as ref,
        sum(i.n)::bigint as events, t.known_at
      from told t join item i on i.municipality_code = t.municipality_code and i.work_no = t.work_no
      group by 2, 3, 4, 6`,
  },
]
