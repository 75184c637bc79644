/**
 * What needs a person, found in the facts themselves: one query for all municipalities, of which the list of work items
 * is made. Each part gives the columns that work items are made of; its key names the thing by our own keys, never
 * by a CPR number.
 */
import type { Tx } from '../../base/db.ts'
import type { Municipality } from '../../base/id.ts'
import { CAME_LAST, CAUSE_OF_OVERPAID, IS_TAKEN, PLACES } from '../items/index.ts'
import { HOLD_DETAIL, HOLD_OF_EVENT } from '../orders/index.ts'
import { IN_FORCE } from '../parties/index.ts'
import {
  endToEndIdSql,
  fileIdSql,
  IS_REFUSED,
  isHeld,
  IS_RELEASED,
  lineNoOf,
  NOT_STOPPED,
  OPEN_PROBLEMS,
  STOPPED_ALONE,
  STOPPED_OF_RUN,
  whatPartsAre,
} from '../payments/index.ts'
import { FOUND_COLUMNS, syncWorkItems } from '../work-items/index.ts'
import { CLAIM_DIFFERS } from './claim-balances.ts'
import { BOOKED_AFTER_STOP, HELD_OR_DOUBLE } from './held-payments.ts'
import { ACUTE_RUNS, OUTSIDE_OPEN } from './special-payments.ts'
import { RETURNED } from './returned-payments.ts'
import { REFUSED_FILE, RUN_STOP_ASKED, STOP_ASKED, WARNED } from './rail-work.ts'
import { TOLD_LACKS } from './told-lacks.ts'
import { LATE_OF_RAIL, TIME_WAITS, timeOfWork } from './time-of-work.ts'
import { WAITS_FOR_SECOND_PERSON } from './waits-for-second-person.ts'

/** Months after which an event of a party is looked at no more: what was paid has been seen, or was held. */
const MONTHS_LOOKED_BACK = 13

/** Months without a payment that anything could be taken in: then somebody must decide what becomes of the rest. */
const MONTHS_WITHOUT_PAYMENT = 2

const OVERPAID = PLACES.indexOf('overpaid')
const ADJUSTING = PLACES.indexOf('adjusting')
const STANDS = PLACES.indexOf('stands')

/**
 * An earlier version that was stopped and is not paid either: it gives way to this one, also while this one is held.
 */
const STOPPED_BEFORE = `(select jsonb_build_object('version', e.version, 'cause', min(z.cause), 'amount_ore', sum(z.amount_ore))
  from orders e
  join orders a on a.municipality_code = e.municipality_code and a.source_system = e.source_system
    and a.order_key = e.order_key and a.version = e.version and a.again = e.again + 1
  join stopped_parts z on z.municipality_code = e.municipality_code and z.item_id >= e.order_id << 6
    and z.item_id < (e.order_id + 1) << 6
  where e.municipality_code = h.municipality_code and e.source_system = o.source_system and e.order_key = o.order_key
    and e.version < o.version and not exists (select from calculations c where c.municipality_code = a.municipality_code
      and c.order_id = a.order_id)
  group by e.version order by e.version desc limit 1)`

/** Holds that a person or the source system must do something about. */
const HELD = `select h.municipality_code, 'held' as kind, s.key || ' ' || o.order_key as subject, o.source_system,
    case when bool_and(h.kind = 'unfounded_repayment') then s.key else 'kommune' end as owner,
    (select sum(l.amount_ore) from order_lines l where l.municipality_code = h.municipality_code
      and l.order_id = o.order_id and l.kind = 0)::bigint as amount_ore, min(h.at) as since,
    jsonb_build_object('order_key', o.order_key, 'version', o.version, 'holds', jsonb_agg(h.kind order by h.hold_no),
      'why', jsonb_agg(jsonb_build_object('kind', h.kind, 'reason', h.reason, 'detail', ${HOLD_DETAIL}) order by h.hold_no),
      'disposition_date', o.disposition_date, 'stopped', case when o.version > 1 then ${STOPPED_BEFORE} end) as detail
  from order_holds h join orders o on o.municipality_code = h.municipality_code and o.order_id = h.order_id
    and o.state = 0
  join source_systems s on s.source_system = o.source_system
  where h.municipality_code = any ($1) and h.kind not in ('superseded', 'awaits_answer', 'awaits_corrections', 'small_amount')
    and not exists (select from order_hold_releases r where r.municipality_code = h.municipality_code
      and r.order_id = h.order_id and r.hold_no = h.hold_no)
    and not exists (select from order_holds r where r.municipality_code = h.municipality_code
      and r.order_id = h.order_id and r.kind = 'superseded')
    and not exists (select from calculations c where c.municipality_code = h.municipality_code
      and c.order_id = h.order_id)
  group by h.municipality_code, o.order_id, s.key, o.order_key, o.source_system, o.version, o.disposition_date`

/** What is overpaid of an item: by its order and line, and where it stood when that is another line. */
const LOT = `s.key || ' ' || o.order_key || '/' || l.line_key || ' v' || o.version || case when o.again > 0 then '.' || o.again
      else '' end || case when t.at = t.item_id then '' else '>' || t.at end`

const OF_LOT = `join orders o on o.municipality_code = t.municipality_code and o.order_id = t.item_id >> 6
  join order_lines l on l.municipality_code = t.municipality_code and l.order_id = t.item_id >> 6
    and l.line_no = (t.item_id & 63)::smallint
  join source_systems s on s.source_system = o.source_system`

/** Waits for a decision: the source system's when it is to be claimed. */
const OVERPAID_LOTS = `select t.municipality_code, 'overpaid' as kind, ${LOT} as subject,
    o.source_system, s.key as owner, t.ore as amount_ore, w.known_at as since,
    jsonb_build_object('order_key', o.order_key, 'version', o.version, 'line_key', l.line_key,
      'cause', ${CAUSE_OF_OVERPAID}) as detail
  from (select x.municipality_code, x.item_id, x.at, sum(x.ore)::bigint as ore, min(x.work_no) as work_no,
      max(x.order_id) as order_id, ${CAME_LAST} as came
    from (select m.municipality_code, m.item_id, m.to_ref as at, m.gross_ore as ore, m.work_no, m.movement_no,
          m.order_id, m.from_place as came from item_movements m
        where m.municipality_code = any ($1) and m.to_place = ${OVERPAID}
      union all select m.municipality_code, m.item_id, m.from_ref, -m.gross_ore, null, null, null, null from item_movements m
        where m.municipality_code = any ($1) and m.from_place = ${OVERPAID}) x
    group by 1, 2, 3 having sum(x.ore) > 0) t
  ${OF_LOT}
  join orders n on n.municipality_code = t.municipality_code and n.order_id = t.order_id
  join work_batches w on w.municipality_code = t.municipality_code and w.work_no = t.work_no`

/**
 * To be taken in coming payments, and none comes: the person died or cannot be found, or there was none for so long
 * that none is expected. Few lines have a plan; without any nothing is read.
 */
const NOT_TAKEN = `select t.municipality_code, 'not_taken' as kind, ${LOT} as subject, o.source_system, s.key as owner,
    t.ore as amount_ore, greatest(e.known_at, t.last) as since,
    jsonb_build_object('order_key', o.order_key, 'version', o.version, 'line_key', l.line_key,
      'cause', coalesce(e.kind, 'no_payment'), 'last', t.last::date) as detail
  from (select a.municipality_code, a.item_id, a.line_at as at, a.person, m.ore,
        greatest(a.planned, m.taken::timestamp at time zone 'UTC') as last
      from (select a.municipality_code, a.item_id, a.line_at, a.person, max(w.known_at) as planned
        from adjustment_plans a
        join work_batches w on w.municipality_code = a.municipality_code and w.work_no = a.work_no
        where a.municipality_code = any ($1) group by 1, 2, 3, 4) a
      cross join lateral (select sum(case when m.to_place = ${ADJUSTING} then m.gross_ore else -m.gross_ore end)::bigint as ore,
          max(m.posted_on) filter (where ${IS_TAKEN}) as taken
        from item_movements m where m.municipality_code = a.municipality_code and m.item_id = a.item_id
          and ((m.to_place = ${ADJUSTING} and m.to_ref = a.line_at) or (m.from_place = ${ADJUSTING} and m.from_ref = a.line_at))
        offset 0) m
      where m.ore > 0) t
  ${OF_LOT}
  left join lateral (select k.kind, i.known_at from party_events e
    join ${HOLD_OF_EVENT} on k.event = e.event
    join intakes i on i.municipality_code = e.municipality_code and i.intake_no = e.intake_no
    where e.municipality_code = t.municipality_code and e.party_id = t.person and ${IN_FORCE}
    order by i.known_at, e.event limit 1) e on true
  where e.kind is not null or t.last <= $2::timestamptz - interval '${MONTHS_WITHOUT_PAYMENT} months'`

/** To a third party who closed, or paid again to somebody who has died: the rest was paid. */
const STOPPED = `select z.municipality_code, 'stopped_part' as kind,
    s.key || ' ' || o.order_key || '/' || l.line_key || ' v' || o.version as subject, z.source_system,
    'kommune' as owner, sum(z.amount_ore)::bigint as amount_ore, min(w.known_at) as since,
    jsonb_build_object('order_key', o.order_key, 'version', o.version, 'line_key', l.line_key,
      'cause', min(z.cause)) as detail
  from stopped_parts z
  join orders o on o.municipality_code = z.municipality_code and o.order_id = z.item_id >> 6
  join order_lines l on l.municipality_code = z.municipality_code and l.order_id = z.item_id >> 6
    and l.line_no = ${lineNoOf('z')}
  join source_systems s on s.source_system = z.source_system
  join work_batches w on w.municipality_code = z.municipality_code and w.work_no = z.work_no
  where z.municipality_code = any ($1) and not ${isHeld('z')} and ${STOPPED_ALONE}
  group by z.municipality_code, s.key, o.order_key, l.line_key, o.version, z.source_system`

/**
 * A run is one item, whatever the number of payments that wait: a file is answered as a whole. It opens when an answer
 * is late, sooner of a file of which nothing was answered.
 */
const UNANSWERED = `select r.municipality_code, 'unanswered' as kind, ${fileIdSql('r')} as subject,
    null::smallint as source_system, 'kommune' as owner, null::bigint as amount_ore, t.at as since,
    jsonb_build_object('payments', r.payments - z.payments - coalesce(a.n, 0) - coalesce(q.n, 0),
      'of', r.payments - z.payments) as detail
  from payment_runs r
  ${LATE_OF_RAIL}
  join payment_run_steps t on t.municipality_code = r.municipality_code and t.run_no = r.run_no and t.step = 'sent'
  ${STOPPED_OF_RUN}
  left join (select a.municipality_code, a.run_no, sum(a.payments) as n from accepted_payments a
    where a.municipality_code = any ($1) group by 1, 2) a
    on a.municipality_code = r.municipality_code and a.run_no = r.run_no
  left join (select q.municipality_code, (q.payment_id >> 24)::int as run_no, count(distinct q.payment_id) as n
    from payment_answers q where q.municipality_code = any ($1) and not exists (select from accepted_payments a
      where a.municipality_code = q.municipality_code and a.run_no = (q.payment_id >> 24)::int
        and a.numbers @> (q.payment_id & 16777215)::int) group by 1, 2) q
    on q.municipality_code = r.municipality_code and q.run_no = r.run_no
  where r.municipality_code = any ($1) and r.payments - z.payments - coalesce(a.n, 0) - coalesce(q.n, 0) > 0
    and t.at <= case when coalesce(a.n, 0) + coalesce(q.n, 0) = 0 then g.file else g.payment end`

/**
 * Item parts that were sent for a party on or after its event: of its own orders by the index of right holders, to it
 * as payee by the payments of the runs since. Few parties have events; without any nothing is read.
 */
const PAID_AFTER = `with e as materialized (
    select distinct on (e.municipality_code, e.party_id, e.event) e.municipality_code, e.party_id, e.event, e.date, k.kind,
      i.known_at, y.type
    from party_events e
    join ${HOLD_OF_EVENT} on k.event = e.event
    join intakes i on i.municipality_code = e.municipality_code and i.intake_no = e.intake_no
    join parties y on y.municipality_code = e.municipality_code and y.party_id = e.party_id
    where e.municipality_code = any ($1) and ${IN_FORCE}
      and i.known_at > $2::timestamptz - interval '${MONTHS_LOOKED_BACK} months'
    -- Told again with another date it is the same event: what was paid since the first is asked about.
    order by 1, 2, 3, e.date),
  -- Looked for once: planned as one row they were looked for anew beside each event.
  part as materialized (
    select e.municipality_code, e.party_id, e.event, x.item_id, x.part, x.payment_id
    from e
    cross join lateral (select distinct l.order_id from order_lines l where l.municipality_code = e.municipality_code
      and l.right_holder = e.party_id and l.kind = 0 offset 0) l
    join orders o on o.municipality_code = e.municipality_code and o.order_id = l.order_id
      and o.beneficiary = e.party_id
    cross join lateral (select x.item_id, x.part, x.payment_id from payment_parts x
      where x.municipality_code = e.municipality_code and x.item_id >= l.order_id << 6
        and x.item_id < (l.order_id + 1) << 6 offset 0) x
    union
    select e.municipality_code, e.party_id, e.event, x.item_id, x.part, x.payment_id
    from e
    join payment_runs r on r.municipality_code = e.municipality_code and r.disposition_date >= e.date and e.type > 0
    cross join lateral (select p.payment_id from payments p where p.municipality_code = e.municipality_code
      and p.payment_id >= r.run_no::bigint << 24 and p.payment_id < (r.run_no::bigint + 1) << 24
      and p.payee = e.party_id offset 0) p
    cross join lateral (select x.item_id, x.part, x.payment_id from payment_parts x
      where x.municipality_code = e.municipality_code and x.payment_id = p.payment_id offset 0) x),
  paid as materialized (
    select x.*, m.amount_ore, d.disposition_date, o.order_key, s.key as source from part x ${whatPartsAre('x')}
    join calculations d on d.municipality_code = x.municipality_code and d.order_id = x.item_id >> 6
      and d.line_no = (x.item_id & 63)::smallint
    join orders o on o.municipality_code = x.municipality_code and o.order_id = x.item_id >> 6
    join source_systems s on s.source_system = o.source_system
    where ${IS_RELEASED} and ${NOT_STOPPED}
      and not exists (select from payment_returns b where b.municipality_code = x.municipality_code
        and b.payment_id = x.payment_id)
      -- What is overpaid, claimed or kept since is not asked about twice.
      and d.gross_ore > coalesce((select sum(case when m.from_place = ${STANDS} then m.gross_ore else 0 end
          - case when m.to_place = ${STANDS} then m.gross_ore else 0 end)
        from item_movements m where m.municipality_code = x.municipality_code and m.item_id = x.item_id), 0))
  select e.municipality_code, 'paid_after_event' as kind, e.kind || ' ' || e.party_id as subject,
    null::smallint as source_system, 'kommune' as owner, sum(p.amount_ore)::bigint as amount_ore,
    min(e.known_at) as since,
    jsonb_build_object('event', e.kind, 'date', e.date, 'payments', jsonb_agg(jsonb_build_object(
      'order', p.source || ' ' || p.order_key, 'payment', ${endToEndIdSql('e', 'p.payment_id')}, 'paid_on', p.disposition_date, 'amount_ore', p.amount_ore)
      order by p.item_id, p.part)) as detail
  from e join paid p on p.municipality_code = e.municipality_code and p.party_id = e.party_id and p.event = e.event
    and p.disposition_date >= e.date
  group by e.municipality_code, e.kind, e.party_id, e.date`

/** Of a file, however many of its lines: they are listed by `toek quarantine`. */
const QUARANTINED = `select f.municipality_code, 'quarantined' as kind, f.name as subject, null::smallint as source_system,
    'kommune' as owner, null::bigint as amount_ore, f.known_at as since,
    jsonb_build_object('lines', count(*), 'refused', bool_or(${IS_REFUSED}), 'code', min(x.p->>'code'),
      'first', min((x.p->>'line')::int)) as detail
  from ${OPEN_PROBLEMS} group by f.municipality_code, f.name, f.known_at`

const PARTS: readonly string[] = [
  HELD,
  OVERPAID_LOTS,
  NOT_TAKEN,
  RETURNED,
  STOPPED,
  UNANSWERED,
  REFUSED_FILE,
  WARNED,
  STOP_ASKED,
  RUN_STOP_ASKED,
  QUARANTINED,
  TIME_WAITS,
  PAID_AFTER,
  ACUTE_RUNS,
  OUTSIDE_OPEN,
  CLAIM_DIFFERS,
  TOLD_LACKS,
  ...HELD_OR_DOUBLE,
  ...WAITS_FOR_SECOND_PERSON,
]

/** Parts that find nothing while a table is empty. They look at much: to plan them costs more than to ask first. */
const STARTS_FROM: ReadonlyMap<string, string> = new Map([
  [HELD, 'order_holds'],
  [OVERPAID_LOTS, 'item_movements'],
  [NOT_TAKEN, 'adjustment_plans'],
  [RETURNED, 'payment_returns'],
  [STOPPED, 'stopped_parts'],
  [PAID_AFTER, 'party_events'],
  [RUN_STOP_ASKED, 'run_recalls'],
  [BOOKED_AFTER_STOP, 'booked_after_stop'],
  [CLAIM_DIFFERS, 'claim_payments'],
  [TOLD_LACKS, 'told_checks'],
])

const TABLES = [...new Set(STARTS_FROM.values())]

const HAS_ROWS = `select ${TABLES.map(
  (table) => `exists (select from ${table} where municipality_code = any ($1)) as ${table}`,
).join(', ')}`

/**
 * Brings the work items of these municipalities in step with the facts. The connection must be in their scope. `time`:
 * what time it is, where that is another than that of the facts: late answers and cut-offs are judged by it.
 */
export async function findWork(
  tx: Tx,
  municipalities: readonly Municipality[],
  at: string,
  time?: string,
): Promise<void> {
  if (municipalities.length === 0) return
  const times = await timeOfWork(tx, municipalities, at, time)
  const has = (await tx.often.first<Readonly<Record<string, boolean>>>(HAS_ROWS, [municipalities])) ?? {}
  const found = PARTS.filter((part) => has[STARTS_FROM.get(part) ?? ''] ?? true)
  const one = found.map((part) => `select ${FOUND_COLUMNS} from (${part}) found`).join(' union all ')
  await syncWorkItems(tx, municipalities, one, at, [JSON.stringify(times)])
}
