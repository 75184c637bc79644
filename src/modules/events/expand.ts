/** Lists the events of one event batch. */
import { isBookedAfterStop, isHeld, isPaidAgain, lineNoOf, NOT_STOPPED, whatPartsAre } from '../payments/index.ts'
import { TECHNICAL_ERROR } from '../claims/index.ts'
import { HOLD_DETAIL } from '../orders/index.ts'
import { IS_GIVEN_BACK, IS_TAKEN, YEAR_END } from '../items/index.ts'
import { type EventKind, LINE_OF_CLAIM_MOVEMENT, REPORTED, WITH_CALCULATION, WITH_STOP } from './kinds.ts'

/**
 * How one batch is read: `page` finds the keys of its events in their order, an offset and a limit are put behind it,
 * and `rows` looks up the rest for that page alone. `$1` municipality, `$2` ref, `$3` source system. Look-ups by
 * primary key stand in laterals with `offset 0`: planned as look-ups whether or not the tables have been analysed since
 * they were filled (as plain joins, a page took minutes when they had not).
 */
export interface Read {
  readonly page: string
  readonly rows: string
}

const ORDER = `cross join lateral (select o.order_key, o.version, o.source_system from orders o
  where o.municipality_code = $1 and o.order_id = q.order_id offset 0) o`
const LINE = `cross join lateral (select l.line_key, l.reference from order_lines l
  where l.municipality_code = $1 and l.order_id = q.order_id and l.line_no = q.line_no offset 0) l`

/** The line of what is overpaid: that which it counted for. */
const OVERPAID_LINE = 'case when m.to_place in (2, 6) then m.to_ref else m.from_ref end'

/** Taken in a coming payment, or given back by it: told of the order that is overpaid. */
const OF_PAYMENT = `(${IS_TAKEN} or ${IS_GIVEN_BACK})`

/** A decision that has ended has no line; nor has what a correction gives back to a claim. */
const LINE_IF_ANY = `left ${LINE.replace('cross join', 'join')} on true`

/**
 * Item parts of the payments `y` of one system in the runs that `runs` selects, when `kept` (joins or a condition)
 * holds. Parts lie run by run, and those of a run are read as a whole.
 */
function paymentPage(runs: string, kept: { readonly join?: string; readonly where?: string }, more = ''): string {
  return `select x.item_id, x.part, x.item_id >> 6 as order_id,
      ${lineNoOf('x')} as line_no, x.payment_id${more}
    from (select distinct n as run_no from (${runs}) r (n)) r
    cross join lateral (select x.municipality_code, x.item_id, x.part, x.payment_id from payment_parts x where x.municipality_code = $1
      and x.payment_id >= r.run_no::bigint << 24 and x.payment_id < (r.run_no::bigint + 1) << 24 offset 0) x
    join payments y on y.municipality_code = $1 and y.payment_id = x.payment_id and y.source_system = $3
    ${kept.join ?? ''}
    ${kept.where === undefined ? '' : `where ${kept.where}`}
    order by x.item_id, x.part`
}

function paymentRead(page: string, more = ''): Read {
  return {
    page,
    rows: `select o.order_key, o.version, l.line_key, m.amount_ore, q.payment_id${more},
        case when (q.part & 63) > 0 then l.reference end as reference, (select a.arrangement_no from arranged_payments a
          where a.municipality_code = $1 and a.payment_id = q.payment_id and (q.part & 63) = 0) as arrangement
      from (select $1::smallint as municipality_code, p.* from page p) q
      ${whatPartsAre('q')} ${ORDER} ${LINE}
      order by q.item_id, q.part`,
  }
}

function answered(waiting: boolean): Read {
  const numbers = `select a.run_no, a.numbers from accepted_payments a where a.municipality_code = $1
    and a.work_no = $2::int and a.waiting_account = ${waiting}`
  return paymentRead(
    paymentPage(`select a.run_no from (${numbers}) a`, {
      join: `join (${numbers}) a on a.run_no = r.run_no and a.numbers @> (x.payment_id & 16777215)::int`,
      where: NOT_STOPPED,
    }),
    // A warning beside it: few payments have one.
    waiting ? '' : WARNING,
  )
}

const PRESUMED =
  'select a.run_no, a.numbers from presumed_payments a where a.municipality_code = $1 and a.run_no = $2::int'

const WARNING = `, (select string_agg(w.reason, ', ' order by w.reason) from accepted_warnings w
    where w.municipality_code = $1 and w.payment_id = q.payment_id) as code`

/** Entries of a statement that were matched with what left the account. */
const SETTLED = `from statement_entries s
  where s.municipality_code = $1 and s.work_no = $2::int and s.match = 'settled' and s.amount_ore < 0`

/** Parts that left the account as they should, of the payments of these. */
function settledRead(parts: string): Read {
  return paymentRead(
    paymentPage(`select case when s.run_no > 0 then s.run_no else (s.payment_id >> 24)::int end ${SETTLED}`, {
      where: `${NOT_STOPPED} and (x.payment_id in (select s.payment_id ${SETTLED} and s.payment_id > 0 and not ${isBookedAfterStop('s')})
        or (r.run_no, y.unit) in (select s.run_no, s.unit ${SETTLED} and s.run_no > 0)
          and not exists (select from payment_returns b where b.municipality_code = $1
            and b.payment_id = x.payment_id and b.answer in (2, 7))) and ${parts}`,
    }),
  )
}

/** Or what was paid elsewhere, or booked though it was stopped, of the work that took it in. */
function orOutside({ page, rows }: Read): Read {
  return {
    page: `select * from (${page}) s union all
      select u.item_id, u.part, u.item_id >> 6, ${lineNoOf('u')}, 0::bigint from outside_parts u
      where u.municipality_code = $1 and u.work_no = $2::int and u.source_system = $3 order by item_id, part`,
    rows: rows.replace(
      'q.payment_id',
      `q.payment_id, case when q.payment_id = 0 then (select 'Betalt udenom den ' || e.paid_on || ': ' || e.reference
          from outside_parts u left join outside_payments e on e.municipality_code = $1 and e.outside_no = u.outside_no
          where u.municipality_code = $1 and u.item_id = q.item_id and u.part = q.part) end as text`,
    ),
  }
}

/** Of orders by the number of the hold; of lines of runs by that of the work that held them or let them go. */
function holdRead(kind: 'held' | 'released'): Read {
  const [of, when, parts] =
    kind === 'held'
      ? [
          'h',
          '',
          `select s.*, h.reason as text from stopped_parts s join payment_holds h on h.municipality_code = $1
            and h.work_no = s.work_no where s.work_no = $2::bigint`,
        ]
      : [
          'r',
          `join order_hold_releases r on r.municipality_code = h.municipality_code and r.order_id = h.order_id
            and r.hold_no = h.hold_no`,
          `select s.*, n.reason as text from parts_again n join stopped_parts s on s.municipality_code = $1
            and s.item_id = n.item_id and s.part = n.part - 64 where n.municipality_code = $1 and n.work_no = $2::bigint`,
        ]
  return {
    page: `select * from (
        select h.order_id, null::smallint as line_no, null::bigint as item_id, null::smallint as part,
          null::bigint as amount_ore, null::bigint as payment_id, h.kind as code, ${of}.reason as text,
          ${of}.by_actor as by, ${HOLD_DETAIL} as detail
        from order_holds h ${when}
        where h.municipality_code = $1 and h.order_id = $2::bigint >> 15 and h.hold_no = ($2::bigint & 32767)
        union all
        select s.item_id >> 6, ${lineNoOf('s')}, s.item_id, s.part, s.amount_ore, s.payment_id, 'payment_' || s.cause, s.text,
          null, null
        from (${parts}) s where s.municipality_code = $1 and ${isHeld('s')} and s.source_system = $3) h
      order by item_id, part`,
    rows: `select o.order_key, o.version, l.line_key, q.amount_ore, q.payment_id, q.code, q.text, q.by, q.detail from page q ${ORDER}
      ${LINE_IF_ANY} where o.source_system = $3 order by q.item_id, q.part`,
  }
}

/**
 * Calculated items of planned batches, in the order of their plan. What a batch held and another calculated is the
 * other's.
 */
function itemPage(works: string, more: string, where: string): string {
  return `select w.work_no, u.n, u.order_id, c.line_no, c.amount_ore${more}
    from work_batches w cross join unnest(w.order_ids) with ordinality u (order_id, n)
    cross join lateral (select c.*, c.gross_ore as amount_ore from calculations c where c.municipality_code = $1
      and c.order_id = u.order_id and c.work_no = w.work_no and c.source_system = $3 ${where} offset 0) c
    where w.municipality_code = $1 and w.work_no in (${works}) order by w.work_no, u.n, c.line_no`
}

/** What could not be taken of an order, told with its first line. */
const UNTAKEN = `select jsonb_agg(jsonb_build_object('line_key', l.line_key, 'amount_ore', u.amount_ore, 'reason', u.reason)
    order by u.line_no) as untaken
  from untaken_deductions u
  cross join lateral (select l.line_key from order_lines l where l.municipality_code = $1 and l.order_id = u.order_id
    and l.line_no = u.line_no offset 0) l
  where u.municipality_code = $1 and u.order_id = c.order_id and c.line_no = (select min(f.line_no) from calculations f
    where f.municipality_code = $1 and f.order_id = c.order_id)`

const MONEY = `c.gross_ore, c.own_atp_ore, c.am_ore, c.tax_ore, c.pension_ore, c.employer_atp_ore, c.set_off_ore,
  c.third_party_ore, c.net_ore, c.card`

/** A later version, told with its first line: what it changes can be explained. */
const CORRECTS = `case when o.version > 1 and c.line_no = (select min(f.line_no) from calculations f
    where f.municipality_code = $1 and f.order_id = c.order_id) then c.order_id end`

/**
 * A later version names another payee than an earlier one that was paid: what that one was paid stays. Looked up by key
 * for each order, whatever the statistics say.
 */
const PAYEE_STAYS = `case when o.version > 1 and exists (select from (select n.* from orders n
    where n.municipality_code = $1 and n.order_id = c.order_id offset 0) n
  cross join lateral (select e.order_id from orders e where e.municipality_code = $1 and e.source_system = n.source_system
    and e.order_key = n.order_key and e.version < n.version and e.payee <> n.payee offset 0) e
  cross join lateral (select k.order_id * 64 + k.line_no as item_id from calculations k where k.municipality_code = $1
    and k.order_id = e.order_id and k.net_ore > 0 offset 0) k
  cross join lateral (select from payment_parts x where x.municipality_code = $1 and x.item_id = k.item_id
    and x.part = 0 offset 0) x) then 'payee_stays' end`

export const READ: Record<EventKind, Read> = {
  received: {
    page: `select o.order_id from orders o
      where o.municipality_code = $1 and o.order_id >= $2::bigint << 24 and o.order_id < ($2::bigint + 1) << 24
        and o.source_system = $3 and (o.order_key, o.version) not in (select f.order_key, f.version from intake_faults f
          where f.municipality_code = $1 and f.intake_no = $2::int and f.faults @> '[{"code":"superseded"}]')
      order by o.order_id`,
    rows: `select o.order_key, o.version from page q ${ORDER} order by q.order_id`,
  },
  refused: {
    page: `select nullif(f.order_key, '') as order_key, nullif(f.version, 0) as version, f.line_no as file_line, f.faults
      from intake_faults f join intakes i on i.municipality_code = f.municipality_code and i.intake_no = f.intake_no
        and i.source_system = $3
      where f.municipality_code = $1 and f.intake_no = $2::int order by f.line_no`,
    rows: 'select * from page order by file_line',
  },
  held: holdRead('held'),
  released: holdRead('released'),
  calculated: {
    page: itemPage('$2::int', `, ${MONEY}`, ''),
    rows: `select o.order_key, o.version, l.line_key, c.net_ore as amount_ore, ${MONEY}, ${PAYEE_STAYS} as code, u.untaken,
        ${CORRECTS} as corrects
      from page c cross join lateral (select c.order_id, c.line_no) q ${ORDER} ${LINE_IF_ANY}
      left join lateral (${UNTAKEN}) u on true
      order by c.work_no, c.n, c.line_no`,
  },
  overpaid: {
    page: `select m.movement_no, case when ${OF_PAYMENT} or o.order_key <> p.order_key then (${OVERPAID_LINE}) >> 6
          else m.order_id end as order_id,
        (${OVERPAID_LINE}) >> 6 as old_order, ((${OVERPAID_LINE}) & 63)::smallint as line_no,
        (m.to_place in (2, 6))::int * m.gross_ore - (m.from_place in (2, 6))::int * m.gross_ore as amount_ore,
        m.gross_ore as gross,
        case when m.from_place in (3, 4) then 'not_claimed' when ${IS_TAKEN} then 'adjusted'
          when ${IS_GIVEN_BACK} then 'not_adjusted'
          when m.to_place in (3, 4) and exists (select from claims k where k.municipality_code = $1
            and k.claim_id = m.to_ref and k.cause = '${TECHNICAL_ERROR}') then 'technical_error'
          else (array['stands_again', 'withdrawn', 'overpaid', 'claimed', 'claimed', 'not_repayable', 'to_be_adjusted',
            'small_amount'])
            [m.to_place + 1] end as code
      from item_movements m
      cross join lateral (select o.source_system, o.order_key from orders o where o.municipality_code = $1
        and o.order_id = m.order_id offset 0) o
      cross join lateral (select p.order_key from orders p where p.municipality_code = $1
        and p.order_id = (${OVERPAID_LINE}) >> 6 offset 0) p
      where m.municipality_code = $1 and m.work_no = $2::int and (m.from_place in (2, 6) or m.to_place in (2, 6))
        and o.source_system = $3
      order by m.movement_no`,
    rows: `select o.order_key, o.version, l.line_key, q.amount_ore, q.code, q.gross as gross_ore from page q ${ORDER}
      cross join lateral (select l.line_key from order_lines l where l.municipality_code = $1
        and l.order_id = q.old_order and l.line_no = q.line_no offset 0) l order by q.movement_no`,
  },
  claim_opened: {
    page: `select c.claim_id, c.order_id, c.amount_ore, c.claim_key from claims c
      where c.municipality_code = $1 and c.claim_id >= $2::bigint << 24 and c.claim_id < ($2::bigint + 1) << 24
        and c.source_system = $3 order by c.claim_id`,
    rows: `select o.order_key, o.version, l.line_key, q.amount_ore, q.claim_key, l.legal_basis, l.hearing_date,
        l.notice_date from page q
      left join lateral (select o.order_key, o.version from orders o where o.municipality_code = $1
        and o.order_id = q.order_id and q.order_id > 0 offset 0) o on true
      left join lateral (select l.line_key, l.legal_basis, n.hearing_date::text, n.notice_date::text from order_lines l
        left join repayment_notices n using (municipality_code, order_id, line_no) where l.municipality_code = $1
        and l.order_id = q.order_id and q.order_id > 0 and l.kind = 3 and l.claim_key = q.claim_key limit 1) l on true
      order by q.claim_id`,
  },
  claim_changed: {
    page: `select m.claim_id, m.item_id, m.item_id >> 6 as order_id, m.line_no, m.amount_ore, k.claim_key,
        null::text as code from claim_movements m
      cross join lateral (select from calculations c where c.municipality_code = $1 and c.order_id = m.item_id >> 6
        and c.line_no = ${LINE_OF_CLAIM_MOVEMENT} and c.work_no = $2::int offset 0) c
      cross join lateral (select k.claim_key from claims k where k.municipality_code = $1 and k.claim_id = m.claim_id
        and k.source_system = $3 offset 0) k
      where m.municipality_code = $1 and ${WITH_CALCULATION}
      union all
      select m.claim_id, m.item_id, m.item_id >> 6, m.line_no, m.amount_ore, k.claim_key, null
      from (select distinct v.order_id from work_batches w
        join item_movements v on v.municipality_code = $1 and v.work_no = w.work_no
        where w.municipality_code = $1 and w.work_no = $2::int and starts_with(w.cause, 'stop ')) s
      join claim_movements m on m.municipality_code = $1 and m.item_id = s.order_id << 6 and ${WITH_STOP}
      join claims k on k.municipality_code = $1 and k.claim_id = m.claim_id and k.source_system = $3
      union all
      select k.claim_id, k.order_id * 64, k.order_id, 0::smallint,
        -sum(m.own_atp_ore + m.am_ore + m.tax_ore)::bigint, k.claim_key, 'before_tax'
      from work_batches w
      join item_movements m on m.municipality_code = $1 and m.work_no = w.work_no and m.from_place = 3
      join claims k on k.municipality_code = $1 and k.claim_id = m.from_ref and k.source_system = $3
      where w.municipality_code = $1 and w.work_no = $2::int and starts_with(w.cause, '${YEAR_END}')
      group by 1, 2, 3, 4, k.claim_key
      union all
      select p.claim_id, 0, k.order_id, p.payment_no, p.amount_ore, k.claim_key,
        case when p.reverses is not null then 'payment_reversed' when p.surplus_ore > 0 then 'paid_too_much' else 'paid' end
      from claim_payments p
      join claims k on k.municipality_code = $1 and k.claim_id = p.claim_id and k.source_system = $3
      where p.municipality_code = $1 and p.work_no = $2::int
      order by 1, 2, 4`,
    // An opening claim is of no order.
    rows: `select o.order_key, o.version, l.line_key, q.amount_ore, q.claim_key, q.code from page q
      left ${ORDER.replace('cross join', 'join')} on true ${LINE_IF_ANY}
      order by q.claim_id, q.item_id, q.line_no`,
  },
  in_round: paymentRead(paymentPage('select $2::int', {})),
  stopped: {
    page: `select s.item_id, s.part, s.item_id >> 6 as order_id,
        ${lineNoOf('s')} as line_no, s.amount_ore, s.payment_id,
        s.cause as code
      from stopped_parts s where s.municipality_code = $1 and s.work_no = $2::int and s.source_system = $3
        and not ${isHeld('s')}
      union all
      select k.item_id, k.part, k.item_id >> 6, ${lineNoOf('k')}, k.amount_ore, k.payment_id, 'unclaimed_' || k.treatment
      from closed_returns k where k.municipality_code = $1 and k.work_no = $2::int and k.source_system = $3
      union all
      select x.item_id, x.part, x.item_id >> 6, ${lineNoOf('x')}, m.amount_ore, x.payment_id, q.code
      from (select payment_id, 'stop_asked' as code from recalls where municipality_code = $1 and work_no = $2::int
        union all select payment_id, 'stop_' || outcome from recall_answers
          where municipality_code = $1 and work_no = $2::int) q
      cross join lateral (select x.* from payment_parts x where x.municipality_code = $1
        and x.payment_id = q.payment_id and ${NOT_STOPPED} offset 0) x
      ${whatPartsAre('x')} where c.source_system = $3
      order by item_id, part`,
    rows: `select o.order_key, o.version, l.line_key, q.amount_ore, q.payment_id, q.code from page q ${ORDER} ${LINE}
      order by q.item_id, q.part`,
  },
  sent: paymentRead(paymentPage('select $2::int', { where: NOT_STOPPED })),
  accepted: answered(false),
  waiting_account: answered(true),
  presumed_paid: paymentRead(
    paymentPage(`select a.run_no from (${PRESUMED}) a`, {
      join: `join (${PRESUMED}) a on a.numbers @> (x.payment_id & 16777215)::int`,
      where: NOT_STOPPED,
    }),
  ),
  returned: paymentRead(
    paymentPage(
      `select (payment_id >> 24)::int from payment_returns where municipality_code = $1 and work_no = $2::int`,
      {
        join: `cross join lateral (select b.answer, b.reason from payment_returns b where b.municipality_code = $1
          and b.payment_id = x.payment_id and b.work_no = $2::int offset 0) b`,
        where: NOT_STOPPED,
      },
      ', b.answer, b.reason as code',
    ),
    ', q.answer, q.code',
  ),
  paid: orOutside(settledRead(`not ${isPaidAgain('x')}`)),
  paid_again: settledRead(isPaidAgain('x')),
  reported: {
    page: itemPage(
      `select b.work_no from delivery_batches b where b.municipality_code = $1 and b.kind = 'eindkomst'
        and b.delivery_no = $2::int`,
      '',
      `and c.gross_ore > 0 and c.benefit in ${REPORTED}`,
    ),
    rows: `select o.order_key, o.version, l.line_key, q.amount_ore from page q ${ORDER} ${LINE}
      order by q.work_no, q.n, q.line_no`,
  },
}
