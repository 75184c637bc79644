/**
 * Where the open items of the clearing accounts are: one query for each account, of which the closing takes the sum and
 * a list its rows. `$1` is the municipalities. A row has the account's system ('' of an account for all), what it is
 * about (`payment`, `order_id`, `named`, each null where it has none), since when (a day `on`, or a time `at`) and
 * `ore`; credits are negative.
 */
import { PLACES } from '../items/index.ts'
import {
  backAt,
  CLOSED,
  isDueAgain,
  NOT_STOPPED,
  ORDERED_AGAIN,
  STILL_UNMATCHED,
  STOP_STANDS,
  STOPPED_ALONE,
  STOPPED_OF_PAYMENT,
  whatPartsAre,
} from '../payments/index.ts'
import { APART, BUNDLE_BOOKED, RELEASED_RUNS } from './totals.ts'

export interface ItemSource {
  /** Queries that `rows` names, without the word `with`; '' none. */
  readonly first: string
  readonly rows: string
}

const of = (rows: string, first = ''): ItemSource => ({ first, rows })
const ABOUT = { payment: 'null::bigint', order: 'null::bigint', named: 'null::text' }
const WHEN = { on: 'null::date', at: 'null::timestamptz' }

/** The columns of a row, in the order of all sources. */
function row(one: {
  readonly m: string
  readonly system?: string
  readonly payment?: string
  readonly order?: string
  readonly named?: string
  readonly on?: string
  readonly at?: string
  readonly ore: string
}): string {
  const { m, system = "''::text", payment, order, named, on, at, ore } = { ...ABOUT, ...WHEN, ...one }
  return `${m} as m, ${system} as system, ${payment} as payment, ${order} as order_id, ${named} as named, ${on} as "on", ${at} as at, ${ore} as ore`
}

/** Payment by payment what the bundles of `OPEN_BUNDLES` are made of. */
export const ON_THE_RAIL = of(
  `select ${row({ m: 'p.municipality_code', payment: 'p.payment_id', on: 'r.disposition_date', ore: '-(p.amount_ore - z.ore)' })}
   from released r
   join payments p on p.municipality_code = r.municipality_code and p.payment_id >= r.run_no::bigint << 24
     and p.payment_id < (r.run_no::bigint + 1) << 24
   ${STOPPED_OF_PAYMENT}
   where not z.whole and not exists (select from (${APART}) q where q.municipality_code = p.municipality_code
       and q.payment_id = p.payment_id)
     and not ${BUNDLE_BOOKED('r.municipality_code', 'r.run_no', 'p.unit')}`,
  RELEASED_RUNS,
)

const PART_X = { municipality: 'x.municipality_code', item: 'x.item_id', part: 'x.part' }

/**
 * What is left of each payment that came back: without the parts that are due again or closed, and what later versions
 * have taken back of its items. That is told item by item; an item's parts give it in their order.
 */
export const CAME_BACK = of(
  `select ${row({ m: 'b.municipality_code', payment: 'b.payment_id', at: backAt('b', 'w'), ore: '-(b.amount_ore - coalesce(t.ore, 0) - coalesce(g.ore, 0) - coalesce(k.ore, 0))' })}
   from payment_returns b
   left join work_batches w on w.municipality_code = b.municipality_code and w.work_no = b.work_no
   left join (select y.municipality_code, y.payment_id, sum(least(y.amount_ore, y.taken - y.before)) as ore
     from (select x.municipality_code, x.payment_id, m.amount_ore, i.ore as taken,
         coalesce(sum(m.amount_ore) over (partition by x.municipality_code, x.item_id order by x.part
           rows between unbounded preceding and 1 preceding), 0) as before
       from (select v.municipality_code, v.item_id, sum(v.returned_ore) as ore from item_movements v
         where v.municipality_code = any ($1) and v.returned_ore > 0 group by 1, 2) i
       join payment_parts x on x.municipality_code = i.municipality_code and x.item_id = i.item_id
         and ${NOT_STOPPED} and not ${isDueAgain(PART_X)}
         and exists (select from payment_returns o where o.municipality_code = x.municipality_code
           and o.payment_id = x.payment_id)
       ${whatPartsAre('x')}) y where y.taken > y.before group by 1, 2) t
     on t.municipality_code = b.municipality_code and t.payment_id = b.payment_id
   left join (select x.municipality_code, x.payment_id, sum(m.amount_ore) as ore from ${ORDERED_AGAIN} group by 1, 2) g
     on g.municipality_code = b.municipality_code and g.payment_id = b.payment_id
   left join (select k.municipality_code, k.payment_id, sum(k.amount_ore) as ore from ${CLOSED} group by 1, 2) k
     on k.municipality_code = b.municipality_code and k.payment_id = b.payment_id
   where b.municipality_code = any ($1)`,
)

export const UNMATCHED = of(
  `select ${row({ m: 'e.municipality_code', named: "concat_ws(', ', e.bank_ref, nullif(e.named, ''))", on: 'e.booking_date', ore: '-e.amount_ore' })}
     from statement_entries e where e.municipality_code = any ($1) and ${STILL_UNMATCHED}
   union all select ${row({ m: 'k.municipality_code', payment: 'k.payment_id', named: 'k.bank_ref', at: 'w.known_at', ore: 'k.amount_ore' })}
     from booked_after_stop k
     left join work_batches w on w.municipality_code = k.municipality_code and w.work_no = k.work_no
     where k.municipality_code = any ($1) and ${STOP_STANDS}`,
)

/** Each payment that was made elsewhere, until a bank line of it has shown. */
export const PAID_ELSEWHERE = of(
  `select ${row({ m: 'u.municipality_code', order: 'min(u.item_id >> 6)', named: 'min(o.reference)', on: 'min(o.paid_on)', ore: '-sum(u.amount_ore)' })}
   from outside_parts u
   left join outside_payments o on o.municipality_code = u.municipality_code and o.outside_no = u.outside_no
   where u.municipality_code = any ($1) and u.outside_no > 0 and not exists (select from outside_lines l
     where l.municipality_code = u.municipality_code and l.outside_no = u.outside_no)
   group by u.municipality_code, u.outside_no`,
)

/** Came back, was claimed by nobody, and is the payee's to claim still. */
export const UNCLAIMED = of(
  `select ${row({ m: 'k.municipality_code', payment: 'k.payment_id', on: 'min(k.posted_on)', ore: '-sum(k.amount_ore)' })}
   from ${CLOSED} and k.treatment = 'claim' group by k.municipality_code, k.payment_id`,
)

/**
 * Due, and in no run that is released, or stopped in it. What is due on a date may lie in several runs, of which some
 * wait while others are released: what waits is due. `otherwise`: some orders are paid at days of their own.
 */
export function dueItems(otherwise: boolean): ItemSource {
  const purpose = otherwise ? "coalesce(d.kind, 'ordinary')" : "'ordinary'"
  const days = `left join pay_days d on d.municipality_code = p.municipality_code and d.work_no = p.work_no
       and d.order_id = p.item_id >> 6 and d.kind <> 'with_next_ordinary'`
  return of(
    `select ${row({ m: 'p.municipality_code', system: 's.key', order: 'p.item_id >> 6', on: 'p.disposition_date', ore: '-p.amount_ore' })}
     from payables p join source_systems s on s.source_system = p.source_system
     ${otherwise ? days : ''}
     left join taken t on t.municipality_code = p.municipality_code and t.disposition_date = p.disposition_date
       and t.purpose = ${purpose} and p.work_no > t.from_work_no and p.work_no <= t.until_work_no
     where p.municipality_code = any ($1) and t.municipality_code is null
     union all
     -- Stopped in a run that is released without it.
     select ${row({ m: 'z.municipality_code', system: 's.key', payment: 'z.payment_id', order: 'z.item_id >> 6', on: 'r.disposition_date', ore: '-z.amount_ore' })}
     from stopped_parts z join source_systems s on s.source_system = z.source_system
     join released r on r.municipality_code = z.municipality_code and r.run_no = (z.payment_id >> 24)::int
     where z.municipality_code = any ($1) and ${STOPPED_ALONE}`,
    `${RELEASED_RUNS},
     taken as materialized (select r.municipality_code, r.disposition_date, r.purpose, r.from_work_no, r.until_work_no
       from payment_runs r join released x on x.municipality_code = r.municipality_code and x.run_no = r.run_no)`,
  )
}

/** Runs that wait while another of the same date and batches is released: ordinarily there are none. */
export const WAITING_BESIDE = `with ${RELEASED_RUNS}
   select w.municipality_code as m, w.run_no as run from payment_runs w
   where w.municipality_code = any ($1) and not exists (select from released x
       where x.municipality_code = w.municipality_code and x.run_no = w.run_no)
     and exists (select from payment_runs r join released x on x.municipality_code = r.municipality_code
       and x.run_no = r.run_no where r.municipality_code = w.municipality_code
       and r.disposition_date = w.disposition_date and r.purpose = w.purpose
       and r.until_work_no = w.until_work_no)`

/** What is due in these runs; `$2` and `$3` are their municipalities and numbers. */
export const DUE_BESIDE = of(
  `select ${row({ m: 'p.municipality_code', system: 's.key', payment: 'x.payment_id', order: 'p.item_id >> 6', on: 'p.disposition_date', ore: '-p.amount_ore' })}
   from unnest($2::int[], $3::int[]) as w (m, run)
   cross join lateral (select x.municipality_code, x.item_id, x.part, x.payment_id from payment_parts x
     where x.municipality_code = w.m and x.municipality_code = any ($1) and x.payment_id >= w.run::bigint << 24
       and x.payment_id < (w.run::bigint + 1) << 24 offset 0) x
   join payables p on p.municipality_code = x.municipality_code and p.item_id = x.item_id and p.part = x.part
   join source_systems s on s.source_system = p.source_system`,
)

export const CLAIMS_LEFT = of(
  `select ${row({ m: 'c.municipality_code', system: 's.key', order: 'nullif(c.order_id, 0)', named: 'c.claim_key', on: 'c.due_date', ore: 'c.amount_ore - coalesce(m.ore, 0)' })}
   from claims c join source_systems s on s.source_system = c.source_system
   left join (select municipality_code, claim_id, sum(amount_ore) as ore from claim_movements
     where municipality_code = any ($1) group by 1, 2) m
     on m.municipality_code = c.municipality_code and m.claim_id = c.claim_id
   where c.municipality_code = any ($1)`,
)

/** With the debtor system: what it has received, payment by payment, until it is settled with the ERP. */
export const RECEIVED_ON_CLAIMS = of(
  `select ${row({ m: 'p.municipality_code', named: "coalesce(p.reverses, p.payment_key) || ', ' || min(c.claim_key)", on: 'min(p.paid_on)', ore: 'sum(p.amount_ore)' })}
   from claim_payments p
   left join claims c on c.municipality_code = p.municipality_code and c.claim_id = p.claim_id
   where p.municipality_code = any ($1) group by p.municipality_code, coalesce(p.reverses, p.payment_key)`,
)

const OVERPAID = [PLACES.indexOf('overpaid'), PLACES.indexOf('adjusting')].join(', ')

/** What was paid and is wanted no more, item by item, until it is decided what becomes of it, or it has been taken. */
export const OVERPAID_ITEMS = of(
  `select ${row({ m: 'l.municipality_code', system: 's.key', order: 'l.item_id >> 6', on: 'l.since', ore: 'l.ore' })}
   from lot l
   join calculations c on c.municipality_code = l.municipality_code and c.order_id = l.item_id >> 6
     and c.line_no = (l.item_id & 63)::smallint
   join source_systems s on s.source_system = c.source_system`,
  `lot as materialized (
     select m.municipality_code, m.item_id, min(m.posted_on) as since, sum(case when m.to_place in (${OVERPAID}) then m.gross_ore else 0 end
       - case when m.from_place in (${OVERPAID}) then m.gross_ore else 0 end) as ore
     from item_movements m
     where m.municipality_code = any ($1) and (m.to_place in (${OVERPAID}) or m.from_place in (${OVERPAID}))
     group by 1, 2)`,
)

/** Where what was calculated is no cost: not sent, or to be decided or paid back. */
const NO_COST = (['withdrawn', 'overpaid', 'claim', 'gross_claim', 'adjusting'] as const)
  .map((one) => PLACES.indexOf(one))
  .join(', ')

/**
 * What was paid beyond a claim: until the order that pays it back is calculated, and again what was stopped of it. Of
 * an order what stands at a line, is kept or let go is paid back; the rest of what was calculated came back here.
 */
export const SURPLUS = of(
  `select ${row({
    m: 'p.municipality_code',
    system: 's.key',
    order: `(select max(o.order_id) from orders o where o.municipality_code = p.municipality_code
       and o.source_system = k.source_system and o.order_key = p.order_key)`,
    named: 'p.order_key',
    on: 'min(p.paid_on)',
    ore: `coalesce((select sum(c.gross_ore) - coalesce(sum((select sum(case when v.to_place in (${NO_COST}) then v.gross_ore else 0 end
             - case when v.from_place in (${NO_COST}) then v.gross_ore else 0 end) from item_movements v
           where v.municipality_code = c.municipality_code and v.item_id = c.order_id * 64 + c.line_no)), 0)
         from orders o join calculations c on c.municipality_code = o.municipality_code and c.order_id = o.order_id
         where o.municipality_code = p.municipality_code and o.source_system = k.source_system
           and o.order_key = p.order_key), 0) - sum(p.surplus_ore)`,
  })}
   from claim_payments p join claims k on k.municipality_code = p.municipality_code and k.claim_id = p.claim_id
   join source_systems s on s.source_system = k.source_system
   where p.municipality_code = any ($1) and p.order_key is not null
   group by p.municipality_code, s.key, p.order_key, k.source_system`,
)

export type WithheldPurpose = 'a_skat' | 'am_bidrag' | 'atp' | 'pension'

/** What stands for each, of a calculation and of a movement. */
const WITHHELD: Readonly<Record<WithheldPurpose, readonly [string, string]>> = {
  a_skat: ['c.tax_ore', 'm.tax_ore'],
  am_bidrag: ['c.am_ore', 'm.am_ore'],
  atp: ['c.own_atp_ore + c.employer_atp_ore', 'm.own_atp_ore + m.employer_atp_ore'],
  pension: ['c.pension_ore', 'm.pension_ore'],
}
export const WITHHELD_PURPOSES = Object.keys(WITHHELD) as WithheldPurpose[]

const SUMS = (i: 0 | 1): string =>
  WITHHELD_PURPOSES.map((purpose) => `sum(${WITHHELD[purpose][i]}) as ${purpose}`).join(', ')

/**
 * One open item for each withholding SE number and settlement period, until it is paid to its receiver: all four at
 * once. The period is the month of disposition, as it is told; what corrects it is of the same month.
 */
export const WITHHELD_ITEMS = `with item as materialized (
     select c.municipality_code, c.source_system, c.se, c.disposition_date, ${SUMS(0)}
     from calculations c where c.municipality_code = any ($1) and c.unit >= 0 group by 1, 2, 3, 4
     union all
     select m.municipality_code, c.source_system, c.se, c.disposition_date, ${SUMS(1)}
     from item_movements m join calculations c on c.municipality_code = m.municipality_code
       and c.order_id = m.item_id >> 6 and c.line_no = (m.item_id & 63)::smallint
     where m.municipality_code = any ($1) group by 1, 2, 3, 4)
   select i.municipality_code as m, s.key as system, i.se,
     date_trunc('month', i.disposition_date::timestamp)::date as month,
     ${WITHHELD_PURPOSES.map((purpose) => `sum(i.${purpose})::bigint as ${purpose}`).join(', ')}
   from item i join source_systems s on s.source_system = i.source_system group by 1, 2, 3, 4`
