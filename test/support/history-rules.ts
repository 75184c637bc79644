/** What must never be in the books of a history, whatever was decided. */
import type { Db } from '../../src/base/db.ts'
import type { Municipality } from '../../src/base/id.ts'
import { ADJUSTING, AT_YEAR_END, CLAIM, GROSS_CLAIM, LOTS, OVERPAID, WITHDRAWN } from './check-history.ts'

const FIRST_YEAR = 1_900
/** Claimed before tax in a later year, as of 2026 (ligningsloven § 8 O). */
const BEFORE_TAX = `'kontanthjaelp', 'uddannelseshjaelp', 'revalideringsydelse', 'ressourceforloebsydelse',
  'jobafklaring_ydelse', 'ledighedsydelse', 'flekstilskud'`

/** Rows that must not be: each query finds what breaks one rule. */
const NEVER: readonly (readonly [string, string])[] = [
  [
    'an amount is below zero in a place, or an item is not all in its places',
    `with ${LOTS} select t.m, t.item, min(t.gross) as least from lot t
     join calculations c on c.municipality_code = t.m and c.order_id = t.item >> 6
       and c.line_no = (t.item & 63)::smallint
     group by 1, 2, c.gross_ore having min(t.gross) < 0 or sum(t.gross) <> c.gross_ore`,
  ],
  [
    'a withdrawn item keeps something, or money of it has not come back',
    `with ${LOTS} select t.m, t.item from lot t where t.place = ${WITHDRAWN} and (
       exists (select from lot o where o.m = t.m and o.item = t.item and o.place <> ${WITHDRAWN} and o.gross <> 0)
       or exists (select from payment_parts x where x.municipality_code = t.m and x.item_id = t.item
         and not exists (select from stopped_parts z where z.municipality_code = t.m and z.item_id = x.item_id
           and z.part = x.part)
         and not exists (select from payment_returns r where r.municipality_code = t.m
           and r.payment_id = x.payment_id)))`,
  ],
  [
    'what is withheld of an item is below zero, or above what was calculated',
    `select c.municipality_code as m, c.order_id, c.line_no from calculations c
     join item_movements v on v.municipality_code = c.municipality_code and v.item_id = c.order_id * 64 + c.line_no
     where c.municipality_code = any ($1)
     group by c.municipality_code, c.order_id, c.line_no
     having sum(v.own_atp_ore) not between -c.own_atp_ore and 0 or sum(v.am_ore) not between -c.am_ore and 0
       or sum(v.tax_ore) not between -c.tax_ore and 0 or sum(v.pension_ore) not between -c.pension_ore and 0
       or sum(v.employer_atp_ore) not between -c.employer_atp_ore and 0
       or sum(v.allowance_ore) not between -c.allowance_used_ore and 0
       or sum(v.frikort_ore) not between -c.frikort_used_ore and 0`,
  ],
  [
    'an item is paid in two payments, or a part of it is',
    `select municipality_code as m, item_id, part from payment_parts where municipality_code = any ($1)
     group by 1, 2, 3 having count(*) > 1`,
  ],
  [
    'a part was paid by two attempts',
    `select x.municipality_code as m, x.item_id, x.part % 64 as line from payment_parts x
     join payment_run_steps s on s.municipality_code = x.municipality_code and s.run_no = (x.payment_id >> 24)::int
       and s.step = 'released'
     where x.municipality_code = any ($1)
       and not exists (select from stopped_parts z where z.municipality_code = x.municipality_code
         and z.item_id = x.item_id and z.part = x.part)
       and not exists (select from payment_returns r where r.municipality_code = x.municipality_code
         and r.payment_id = x.payment_id) group by 1, 2, 3 having count(*) > 1`,
  ],
  [
    'an attempt is there before the one before it was stopped or came back',
    `select n.municipality_code as m, n.item_id, n.part from parts_again n where n.municipality_code = any ($1)
       and not exists (select from stopped_parts z where z.municipality_code = n.municipality_code
         and z.item_id = n.item_id and z.part = n.part - 64)
       and not exists (select from payment_parts x join payment_returns r on r.municipality_code = x.municipality_code
           and r.payment_id = x.payment_id
         where x.municipality_code = n.municipality_code and x.item_id = n.item_id and x.part = n.part - 64)`,
  ],
  [
    'a claim is not what was found overpaid less what was withheld of it',
    `select k.municipality_code as m, k.claim_key, k.amount_ore, v.ore from claims k
     join (select municipality_code, to_ref, sum(gross_ore + own_atp_ore + am_ore + tax_ore) as ore
       from item_movements
       where municipality_code = any ($1) and to_place in (${CLAIM}, ${GROSS_CLAIM}) and not ${AT_YEAR_END('item_movements')}
       group by 1, 2) v
       on v.municipality_code = k.municipality_code and v.to_ref = k.claim_id
     where k.municipality_code = any ($1) and k.amount_ore <> v.ore`,
  ],
  [
    'more is taken of a claim than it is, or given back than was taken',
    `select k.municipality_code as m, k.claim_key, k.amount_ore, sum(v.amount_ore) as taken from claims k
     join claim_movements v on v.municipality_code = k.municipality_code and v.claim_id = k.claim_id
     where k.municipality_code = any ($1) group by 1, 2, 3
     having coalesce(sum(v.amount_ore) filter (where v.line_no < ${FIRST_YEAR}), 0) < 0
       or sum(v.amount_ore) > k.amount_ore`,
  ],
  [
    'a claim before tax frees tax, or is not of an earlier year, or one of an earlier year is after tax',
    `select v.municipality_code as m, v.item_id, v.to_place from item_movements v
     join calculations c on c.municipality_code = v.municipality_code and c.order_id = v.item_id >> 6
       and c.line_no = (v.item_id & 63)::smallint
     join claims k on k.municipality_code = v.municipality_code and k.claim_id = v.to_ref
     where v.municipality_code = any ($1) and v.to_place in (${CLAIM}, ${GROSS_CLAIM}) and not ${AT_YEAR_END('v')}
       and (v.to_place = ${GROSS_CLAIM}) <> (exists (select from benefits b
           where b.benefit = c.benefit and b.key in (${BEFORE_TAX}))
         and extract(year from c.disposition_date) < extract(year from k.due_date))
     union all select v.municipality_code, v.item_id, v.to_place from item_movements v
     where v.municipality_code = any ($1) and v.to_place in (${OVERPAID}, ${GROSS_CLAIM}, ${ADJUSTING})
       and v.from_place <> ${CLAIM}
       and (v.tax_ore <> 0 or v.am_ore <> 0 or v.own_atp_ore <> 0 or v.pension_ore <> 0 or v.employer_atp_ore <> 0)`,
  ],
  [
    'a third party has had more or less than the newest version says, beside what could not be taken',
    `with newest as (
       select distinct on (o.municipality_code, o.source_system, o.order_key) o.* from orders o
       where o.municipality_code = any ($1) and exists (select from calculations c
         where c.municipality_code = o.municipality_code and c.order_id = o.order_id)
       order by o.municipality_code, o.source_system, o.order_key, o.version desc, o.again desc),
     said as (select n.municipality_code as m, n.source_system, n.order_key, n.order_id, l.payee,
         sum(l.amount_ore)::bigint as said, coalesce(sum(case when u.reason = 'taken_already' then -u.amount_ore
           else u.amount_ore end), 0)::bigint as untaken
       from newest n join order_lines l on l.municipality_code = n.municipality_code and l.order_id = n.order_id
         and l.kind = 2
       left join untaken_deductions u on u.municipality_code = l.municipality_code and u.order_id = l.order_id
         and u.line_no = l.line_no
       where n.state = 0
         and not exists (select from stopped_parts z join item_movements v on v.municipality_code = z.municipality_code
             and v.item_id = z.item_id and v.to_place = ${WITHDRAWN} and v.to_ref = 0
           where z.municipality_code = n.municipality_code
             and z.item_id >= n.order_id << 6 and z.item_id < (n.order_id + 1) << 6)
       group by 1, 2, 3, 4, 5),
     taken as (select o.municipality_code as m, o.source_system, o.order_key, l.payee, sum(d.amount_ore)::bigint as ore
       from deductions d
       join orders o on o.municipality_code = d.municipality_code and o.order_id = d.item_id >> 6
       join order_lines l on l.municipality_code = d.municipality_code and l.order_id = d.item_id >> 6
         and l.line_no = d.line_no
       where d.municipality_code = any ($1) and d.kind = 2 and not exists (select from item_movements v
         where v.municipality_code = d.municipality_code and v.item_id = d.item_id and v.to_place = ${WITHDRAWN}
           and v.to_ref = 0)
         -- Stopped, and let go to another before the newest version was calculated: the third party had nothing of it.
         and not exists (select from parts_again a where a.municipality_code = d.municipality_code
           and a.item_id = d.item_id and a.part & 63 = d.line_no and a.payee <> l.payee
           and a.work_no < (select max(c.work_no) from newest n join calculations c
             on c.municipality_code = n.municipality_code and c.order_id = n.order_id
             where n.municipality_code = o.municipality_code and n.source_system = o.source_system
               and n.order_key = o.order_key))
       group by 1, 2, 3, 4)
     select s.m, s.order_key, s.said, s.untaken, coalesce(t.ore, 0) as taken from said s
     left join taken t on t.m = s.m and t.source_system = s.source_system and t.order_key = s.order_key
       and t.payee = s.payee
     where s.said - s.untaken <> coalesce(t.ore, 0)`,
  ],
  [
    'income or tax of a month is below zero',
    `with told as (
       select municipality_code as m, order_id, disposition_date as on_day, gross_ore - own_atp_ore as income,
         tax_ore as tax, am_ore as am from calculations where municipality_code = any ($1)
       union all select v.municipality_code, v.item_id >> 6, c.disposition_date,
         case when v.to_place in (${WITHDRAWN}, ${CLAIM}) then -v.gross_ore
           when v.from_place = ${CLAIM} then v.gross_ore else 0 end - v.own_atp_ore, v.tax_ore, v.am_ore
       from item_movements v join calculations c on c.municipality_code = v.municipality_code
         and c.order_id = v.item_id >> 6 and c.line_no = (v.item_id & 63)::smallint
       where v.municipality_code = any ($1))
     select t.m, o.beneficiary, date_trunc('month', t.on_day) as month, sum(t.income) as income, sum(t.tax) as tax
     from told t join orders o on o.municipality_code = t.m and o.order_id = t.order_id group by 1, 2, 3
     having sum(t.income) < 0 or sum(t.tax) < 0 or sum(t.am) < 0`,
  ],
  [
    'A-skat that is owed is not what was withheld less what was given back',
    `with owed as (select l.municipality as m, sum(l.credit_ore - l.debit_ore) as ore from ledger_lines_v1 l
         join reference_rows r on r.kind = 'account' and r.body->>'number' = l.account
           and r.body->>'purpose' = 'a_skat' where l.municipality = any ($1) group by 1),
       withheld as (select m, sum(ore) as ore from (
         select municipality_code as m, tax_ore as ore from calculations where municipality_code = any ($1) and unit >= 0
         union all select municipality_code, tax_ore from item_movements
           where municipality_code = any ($1)) x group by 1)
     select m, coalesce(o.ore, 0) as owed, w.ore as withheld from withheld w left join owed o using (m)
     where coalesce(o.ore, 0) <> w.ore`,
  ],
]

/** What breaks a rule, by municipality. */
export async function faultsIn(db: Db, codes: readonly Municipality[]): Promise<Map<Municipality, string[]>> {
  const faults = new Map<Municipality, string[]>()
  for (const [what, sql] of NEVER) {
    for (const { m, ...row } of await db.often.rows<{ m: Municipality }>(sql, [codes])) {
      faults.set(m, [...(faults.get(m) ?? []), `${what}: ${JSON.stringify(row)}`])
    }
  }
  return faults
}
