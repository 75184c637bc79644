/** Counts the facts that no event batch stands for. */
import {
  isBookedAfterStop,
  isHeld,
  isPaidAgain,
  NOT_STOPPED,
  STOPPED_OF_PAYMENT,
  stoppedOfUnit,
} from '../payments/index.ts'
import { YEAR_END } from '../items/index.ts'
import { type EventKind, LINE_OF_CLAIM_MOVEMENT, REPORTED, WITH_CALCULATION, WITH_STOP } from './kinds.ts'

/** `$1` is the municipalities. Columns: kind, municipality_code, source_system, ref, events, known_at. */
export interface Found {
  readonly kinds: readonly EventKind[]
  /** Published together with this kind it is told behind it; else in the order of the kinds. */
  readonly after?: EventKind
  readonly sql: string
}

/** The fact has no event batch of this kind. */
function open(kind: string, municipality: string, ref: string): string {
  return `not exists (select from event_batches e where e.municipality_code = ${municipality} and e.kind = ${kind}
    and e.ref = ${ref})`
}

/** A hold is told by its own number: order × 2^15 + number. */
const HOLD_REF = '(h.order_id << 15) | h.hold_no'

/** Of the sums of a run by system and benefit. */
const STOPPED_OF_SUM = stoppedOfUnit('and s.source_system = b.source_system and s.benefit = b.benefit')

/**
 * Payments told, counted by their parts: each payment is of one source system. A bundle is paid without what was
 * refused before the bank, and without what is paid again, which is told as such; a file of answers accepts payments by
 * ranges of their numbers within a run.
 */
const PAYMENTS = `with run as materialized (
    select s.municipality_code, s.run_no, k.kind, s.at as known_at from payment_run_steps s
    join (values ('assembled', 'in_round'), ('sent', 'sent')) k (step, kind) on k.step = s.step
    where s.municipality_code = any($1) and ${open('k.kind', 's.municipality_code', 's.run_no')}),
  answer as materialized (
    select a.municipality_code, a.work_no, a.run_no, a.payments, a.numbers, k.kind from accepted_payments a
    cross join lateral (select case when a.waiting_account then 'waiting_account' else 'accepted' end as kind) k
    where a.municipality_code = any($1) and ${open('k.kind', 'a.municipality_code', 'a.work_no')}),
  settled as materialized (
    select s.municipality_code, s.work_no, s.run_no, s.unit, s.payment_id from statement_entries s
    where s.municipality_code = any($1) and s.match = 'settled' and s.amount_ore < 0
      and ${open(`'paid'`, 's.municipality_code', 's.work_no')}),
  refused as materialized (
    select p.municipality_code, (p.payment_id >> 24)::int as run_no, p.unit, p.source_system,
      sum(p.parts - z.parts) as parts
    from payment_returns q join payments p on p.municipality_code = q.municipality_code and p.payment_id = q.payment_id
    ${STOPPED_OF_PAYMENT} where q.municipality_code = any($1) and q.answer in (2, 7) group by 1, 2, 3, 4),
  -- Few payments are paid again: nothing is looked up for the others.
  again as materialized (
    select p.municipality_code, p.payment_id, (p.payment_id >> 24)::int as run_no, p.unit, p.source_system,
      count(*) as parts
    from parts_again n
    cross join lateral (select x.* from payment_parts x where x.municipality_code = n.municipality_code
      and x.item_id = n.item_id and x.part = n.part and ${isPaidAgain('x')} and ${NOT_STOPPED} offset 0) x
    cross join lateral (select p.* from payments p where p.municipality_code = x.municipality_code
      and p.payment_id = x.payment_id offset 0) p
    where n.municipality_code = any($1) and not exists (select from payment_returns b
      where b.municipality_code = x.municipality_code and b.payment_id = x.payment_id and b.answer in (2, 7))
    group by 1, 2, 3, 4, 5),
  again_of_bundle as materialized (
    select municipality_code, run_no, unit, source_system, sum(parts) as parts from again group by 1, 2, 3, 4),
  told as (
    select r.kind, r.municipality_code, r.run_no::bigint as ref, r.known_at, b.source_system,
      b.parts - case when r.kind = 'sent' then z.parts else 0 end as parts
    from run r join payment_sums b on b.municipality_code = r.municipality_code and b.run_no = r.run_no
    ${STOPPED_OF_SUM}
    union all
    select a.kind, a.municipality_code, a.work_no, w.known_at, p.source_system, p.parts
    from answer a join work_batches w on w.municipality_code = a.municipality_code and w.work_no = a.work_no
    cross join lateral (select p.source_system, sum(p.parts) - (select count(*) from stopped_parts s
        where s.municipality_code = a.municipality_code and s.payment_id >= a.run_no::bigint << 24
          and s.payment_id < (a.run_no::bigint + 1) << 24 and a.numbers @> (s.payment_id & 16777215)::int
          and s.source_system = p.source_system) as parts from payments p
      where p.municipality_code = a.municipality_code and p.payment_id >= a.run_no::bigint << 24
        and p.payment_id < (a.run_no::bigint + 1) << 24 and a.numbers @> (p.payment_id & 16777215)::int
      group by 1 offset 0) p
    union all
    select 'returned', q.municipality_code, q.work_no, w.known_at, p.source_system, p.parts - z.parts
    from payment_returns q
    join payments p on p.municipality_code = q.municipality_code and p.payment_id = q.payment_id
    ${STOPPED_OF_PAYMENT}
    join work_batches w on w.municipality_code = q.municipality_code and w.work_no = q.work_no
    where q.municipality_code = any($1) and ${open(`'returned'`, 'q.municipality_code', 'q.work_no')}
    union all
    select 'paid', s.municipality_code, s.work_no, w.known_at, b.source_system,
      b.parts - coalesce(r.parts, 0) - coalesce(n.parts, 0)
    from settled s
    join work_batches w on w.municipality_code = s.municipality_code and w.work_no = s.work_no
    cross join lateral (select b.source_system, sum(b.parts - z.parts) as parts from payment_sums b
      ${STOPPED_OF_SUM}
      where b.municipality_code = s.municipality_code and b.run_no = s.run_no and b.unit = s.unit group by 1 offset 0) b
    left join refused r on r.municipality_code = s.municipality_code and r.run_no = s.run_no and r.unit = s.unit
      and r.source_system = b.source_system
    left join again_of_bundle n on n.municipality_code = s.municipality_code and n.run_no = s.run_no and n.unit = s.unit
      and n.source_system = b.source_system
    where s.run_no > 0
    union all
    select 'paid', s.municipality_code, s.work_no, w.known_at, p.source_system,
      p.parts - z.parts - coalesce(n.parts, 0)
    from settled s join payments p on p.municipality_code = s.municipality_code and p.payment_id = s.payment_id
    ${STOPPED_OF_PAYMENT} join work_batches w on w.municipality_code = s.municipality_code and w.work_no = s.work_no
    left join again n on n.municipality_code = s.municipality_code and n.payment_id = s.payment_id
    where s.payment_id > 0 and not ${isBookedAfterStop('s')}
    union all
    select 'paid_again', n.municipality_code, s.work_no, w.known_at, n.source_system, n.parts
    from again n
    cross join lateral (select s.municipality_code, s.work_no from statement_entries s
      where s.municipality_code = n.municipality_code and s.match = 'settled' and s.amount_ore < 0
        and (s.payment_id = n.payment_id or (s.run_no = n.run_no and s.unit = n.unit))
        and ${open(`'paid_again'`, 's.municipality_code', 's.work_no')} offset 0) s
    join work_batches w on w.municipality_code = s.municipality_code and w.work_no = s.work_no)
  select t.kind, t.municipality_code, t.source_system, t.ref, sum(t.parts)::bigint as events, t.known_at
  from told t group by 1, 2, 3, 4, 6 having sum(t.parts) > 0`

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
      join work w on w.municipality_code = c.municipality_code and w.work_no = c.work_no
      join claims l on l.municipality_code = m.municipality_code and l.claim_id = m.claim_id
      where m.municipality_code = any($1) and ${WITH_CALCULATION} and c.line_no = ${LINE_OF_CLAIM_MOVEMENT} group by 2, 3, 4, 6`,
  },
  {
    kinds: ['overpaid'],
    sql: `select 'overpaid' as kind, m.municipality_code, o.source_system, m.work_no::bigint as ref, count(*) as events,
        w.known_at
      from item_movements m
      join work_batches w on w.municipality_code = m.municipality_code and w.work_no = m.work_no
      join orders o on o.municipality_code = m.municipality_code and o.order_id = m.order_id
      where m.municipality_code = any($1) and (m.from_place in (2, 6) or m.to_place in (2, 6))
        and not starts_with(w.cause, '${YEAR_END}')
        and ${open(`'overpaid'`, 'm.municipality_code', 'm.work_no')} group by 2, 3, 4, 6`,
  },
  {
    kinds: ['claim_changed'],
    sql: `select 'claim_changed' as kind, w.municipality_code, k.source_system, w.work_no::bigint as ref,
        count(distinct k.claim_id) as events, w.known_at
      from work_batches w
      join item_movements m on m.municipality_code = w.municipality_code and m.work_no = w.work_no and m.from_place = 3
      join claims k on k.municipality_code = w.municipality_code and k.claim_id = m.from_ref
      where w.municipality_code = any($1) and w.kind = 'outcome' and starts_with(w.cause, '${YEAR_END}')
        and ${open(`'claim_changed'`, 'w.municipality_code', 'w.work_no')} group by 2, 3, 4, 6`,
  },
  {
    kinds: ['claim_changed'],
    sql: `select 'claim_changed' as kind, s.municipality_code, k.source_system, s.work_no::bigint as ref, count(*) as events,
        s.known_at
      from (select distinct w.municipality_code, w.work_no, w.known_at, v.order_id from work_batches w
        join item_movements v on v.municipality_code = w.municipality_code and v.work_no = w.work_no
        where w.municipality_code = any($1) and w.kind = 'outcome' and starts_with(w.cause, 'stop ')
          and ${open(`'claim_changed'`, 'w.municipality_code', 'w.work_no')}) s
      join claim_movements m on m.municipality_code = s.municipality_code and m.item_id = s.order_id << 6 and ${WITH_STOP}
      join claims k on k.municipality_code = m.municipality_code and k.claim_id = m.claim_id group by 2, 3, 4, 6`,
  },
  {
    // What debtors paid, by the work that took it in.
    kinds: ['claim_changed'],
    sql: `select 'claim_changed' as kind, p.municipality_code, k.source_system, p.work_no::bigint as ref, count(*) as events,
        w.known_at
      from claim_payments p
      join claims k on k.municipality_code = p.municipality_code and k.claim_id = p.claim_id
      join work_batches w on w.municipality_code = p.municipality_code and w.work_no = p.work_no
      where p.municipality_code = any ($1) and ${open(`'claim_changed'`, 'p.municipality_code', 'p.work_no')}
      group by 2, 3, 4, 6`,
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
    kinds: ['stopped'],
    sql: `select 'stopped' as kind, s.municipality_code, s.source_system, s.work_no::bigint as ref, count(*) as events,
        w.known_at
      from stopped_parts s
      join work_batches w on w.municipality_code = s.municipality_code and w.work_no = s.work_no
      where s.municipality_code = any($1) and not ${isHeld('s')} and ${open(`'stopped'`, 's.municipality_code', 's.work_no')}
      group by 2, 3, 4, 6
      union all
      select 'stopped', q.municipality_code, p.source_system, q.work_no, sum(p.parts - z.parts)::bigint, w.known_at
      from (select municipality_code, payment_id, work_no from recalls where municipality_code = any($1)
        union all select municipality_code, payment_id, work_no from recall_answers where municipality_code = any($1)) q
      join payments p on p.municipality_code = q.municipality_code and p.payment_id = q.payment_id
      ${STOPPED_OF_PAYMENT}
      join work_batches w on w.municipality_code = q.municipality_code and w.work_no = q.work_no
      where ${open(`'stopped'`, 'q.municipality_code', 'q.work_no')} group by 2, 3, 4, 6`,
  },
  {
    // What came back and nobody claimed; by work of its own.
    kinds: ['stopped'],
    after: 'returned',
    sql: `select 'stopped' as kind, k.municipality_code, k.source_system, k.work_no::bigint as ref, count(*) as events,
        w.known_at
      from closed_returns k
      join work_batches w on w.municipality_code = k.municipality_code and w.work_no = k.work_no
      where k.municipality_code = any($1) and ${open(`'stopped'`, 'k.municipality_code', 'k.work_no')}
      group by 2, 3, 4, 6`,
  },
  {
    // Lines of runs, by the number of the work; holds of orders have numbers far beyond.
    kinds: ['held', 'released'],
    sql: `select f.kind, f.municipality_code, f.source_system, f.work_no::bigint as ref, count(*) as events, w.known_at
      from (select 'held' as kind, s.municipality_code, s.source_system, s.work_no from stopped_parts s
          where s.municipality_code = any($1) and ${isHeld('s')}
        union all
        select 'released', n.municipality_code, s.source_system, n.work_no from parts_again n
        join stopped_parts s on s.municipality_code = n.municipality_code and s.item_id = n.item_id
          and s.part = n.part - 64 and ${isHeld('s')} where n.municipality_code = any($1)) f
      join work_batches w on w.municipality_code = f.municipality_code and w.work_no = f.work_no
      where ${open('f.kind', 'f.municipality_code', 'f.work_no')} group by 1, 2, 3, 4, 6`,
  },
  {
    kinds: ['in_round', 'sent', 'accepted', 'waiting_account', 'returned', 'paid', 'paid_again'],
    sql: PAYMENTS,
  },
  {
    // What was paid elsewhere, by the number of the work that took it in: no statement of ours has it.
    kinds: ['paid'],
    sql: `select 'paid' as kind, u.municipality_code, u.source_system, u.work_no::bigint as ref, count(*) as events, w.known_at
      from outside_parts u
      join work_batches w on w.municipality_code = u.municipality_code and w.work_no = u.work_no
      where u.municipality_code = any($1) and ${open(`'paid'`, 'u.municipality_code', 'u.work_no')} group by 2, 3, 4, 6`,
  },
  {
    // Of a rail that tells failures alone; ordinarily there are none.
    kinds: ['presumed_paid'],
    sql: `select 'presumed_paid' as kind, a.municipality_code, p.source_system, a.run_no::bigint as ref, p.parts as events,
        a.at as known_at
      from presumed_payments a
      cross join lateral (select p.source_system, sum(p.parts) - (select count(*) from stopped_parts s
          where s.municipality_code = a.municipality_code and s.payment_id >= a.run_no::bigint << 24
            and s.payment_id < (a.run_no::bigint + 1) << 24 and a.numbers @> (s.payment_id & 16777215)::int
            and s.source_system = p.source_system) as parts from payments p
        where p.municipality_code = a.municipality_code and p.payment_id >= a.run_no::bigint << 24
          and p.payment_id < (a.run_no::bigint + 1) << 24 and a.numbers @> (p.payment_id & 16777215)::int
        group by 1 offset 0) p
      where a.municipality_code = any($1) and ${open(`'presumed_paid'`, 'a.municipality_code', 'a.run_no')}`,
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
