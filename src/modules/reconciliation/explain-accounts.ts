/** The open items of each clearing account, summed from the tables of the items themselves. Credits are negative. */
import type { Db } from '../../base/db.ts'
import type { Municipality } from '../../base/id.ts'
import { PLACES } from '../items/index.ts'
import { CLOSED, STILL_UNMATCHED, STOP_STANDS, STOPPED_ALONE } from '../payments/index.ts'
import type { Explained } from './reconcile.ts'
import { type PaymentTotals, RELEASED_RUNS } from './totals.ts'

type ByAccount = Map<string, Explained>

export async function readExplanations(
  db: Db,
  municipalities: readonly Municipality[],
  payments: ReadonlyMap<Municipality, PaymentTotals>,
): Promise<Map<Municipality, ByAccount>> {
  const explained = new Map<Municipality, ByAccount>(municipalities.map((one) => [one, new Map()]))
  for (const [municipality, paid] of payments) {
    const own = explained.get(municipality)
    own?.set('rail', { ore: 0 - paid.rail_ore, items: paid.rail_items })
    own?.set('returned', { ore: 0 - paid.returned_ore, items: paid.returned_items })
  }
  await explainNet(db, municipalities, explained)
  await explainWithheld(db, municipalities, explained)
  await explainClaims(db, municipalities, explained)
  await explainOverpaid(db, municipalities, explained)
  const stray = await db.often.rows<{ m: Municipality; ore: number; items: number }>(
    `select s.m, sum(s.ore)::bigint as ore, count(*) as items from (
       select e.municipality_code as m, -e.amount_ore as ore from statement_entries e
         where e.municipality_code = any ($1) and ${STILL_UNMATCHED}
       union all select k.municipality_code, k.amount_ore from booked_after_stop k
         where k.municipality_code = any ($1) and ${STOP_STANDS}) s group by 1`,
    [municipalities],
  )
  for (const { m, ore, items } of stray) explained.get(m)?.set('unmatched', { ore, items })
  // One open item for each payment that was made elsewhere, until a bank line of it has shown.
  const outside = await db.rows<{ m: Municipality; ore: number; items: number }>(
    `select municipality_code as m, sum(-amount_ore)::bigint as ore, count(distinct outside_no) as items
     from outside_parts u where municipality_code = any ($1) and outside_no > 0 and not exists (select from outside_lines l
       where l.municipality_code = u.municipality_code and l.outside_no = u.outside_no) group by 1`,
    [municipalities],
  )
  for (const { m, ore, items } of outside) explained.get(m)?.set('paid_outside', { ore, items })
  const unclaimed = await db.rows<{ m: Municipality; ore: number; items: number }>(
    `select k.municipality_code as m, sum(-k.amount_ore)::bigint as ore, count(distinct k.payment_id) as items
     from ${CLOSED} and k.treatment = 'claim' group by 1`,
    [municipalities],
  )
  for (const { m, ore, items } of unclaimed) explained.get(m)?.set('unclaimed', { ore, items })
  return explained
}

/**
 * Due, and in no run that is released, or stopped in it. What is due on a date may lie in several runs, of which some
 * wait while others are released: what waits is due.
 */
async function explainNet(
  db: Db,
  municipalities: readonly Municipality[],
  explained: ReadonlyMap<Municipality, ByAccount>,
): Promise<void> {
  const any = await db.first('select 1 from pay_days where municipality_code = any ($1) limit 1', [municipalities])
  const purpose = any === undefined ? "'ordinary'" : "coalesce(d.kind, 'ordinary')"
  const otherwise =
    any === undefined
      ? ''
      : `left join pay_days d on d.municipality_code = p.municipality_code and d.work_no = p.work_no
       and d.order_id = p.item_id >> 6 and d.kind <> 'with_next_ordinary'`
  const rows = await db.often.rows<{ m: Municipality; system: string; ore: number; items: number }>(
    `with ${RELEASED_RUNS},
     taken as materialized (select r.municipality_code, r.disposition_date, r.purpose, r.from_work_no, r.until_work_no
       from payment_runs r join released x on x.municipality_code = r.municipality_code and x.run_no = r.run_no)
     select p.municipality_code as m, s.key as system, sum(p.amount_ore)::bigint as ore, count(*) as items
     from payables p join source_systems s on s.source_system = p.source_system
     ${otherwise}
     left join taken t on t.municipality_code = p.municipality_code and t.disposition_date = p.disposition_date
       and t.purpose = ${purpose} and p.work_no > t.from_work_no and p.work_no <= t.until_work_no
     where p.municipality_code = any ($1) and t.municipality_code is null group by 1, 2
     union all
     -- Stopped in a run that is released without it.
     select z.municipality_code, s.key, sum(z.amount_ore)::bigint, count(*)
     from stopped_parts z join source_systems s on s.source_system = z.source_system
     join released r on r.municipality_code = z.municipality_code and r.run_no = (z.payment_id >> 24)::int
     where z.municipality_code = any ($1) and ${STOPPED_ALONE} group by 1, 2`,
    [municipalities],
  )
  rows.push(...(await waitsBeside(db, municipalities)))
  for (const { m, system, ore, items } of rows) {
    const so = explained.get(m)?.get(`net_payable:${system}`) ?? { ore: 0, items: 0 }
    explained.get(m)?.set(`net_payable:${system}`, { ore: so.ore - ore, items: so.items + items })
  }
}

/** What is due in runs that wait while another of the same date and batches is released: ordinarily there are none. */
async function waitsBeside(
  db: Db,
  municipalities: readonly Municipality[],
): Promise<{ m: Municipality; system: string; ore: number; items: number }[]> {
  const runs = await db.often.rows<{ m: Municipality; run: number }>(
    `with ${RELEASED_RUNS}
     select w.municipality_code as m, w.run_no as run from payment_runs w
     where w.municipality_code = any ($1) and not exists (select from released x
         where x.municipality_code = w.municipality_code and x.run_no = w.run_no)
       and exists (select from payment_runs r join released x on x.municipality_code = r.municipality_code
         and x.run_no = r.run_no where r.municipality_code = w.municipality_code
         and r.disposition_date = w.disposition_date and r.purpose = w.purpose
         and r.until_work_no = w.until_work_no)`,
    [municipalities],
  )
  if (runs.length === 0) return []
  return await db.rows(
    `select p.municipality_code as m, s.key as system, sum(p.amount_ore)::bigint as ore, count(*) as items
     from unnest($1::int[], $2::int[]) as w (m, run)
     cross join lateral (select x.municipality_code, x.item_id, x.part from payment_parts x where x.municipality_code = w.m
       and x.payment_id >= w.run::bigint << 24 and x.payment_id < (w.run::bigint + 1) << 24 offset 0) x
     join payables p on p.municipality_code = x.municipality_code and p.item_id = x.item_id and p.part = x.part
     join source_systems s on s.source_system = p.source_system group by 1, 2`,
    [runs.map((one) => one.m), runs.map((one) => one.run)],
  )
}

interface Withheld {
  readonly m: Municipality
  readonly system: string
  readonly se: number
  readonly known_at: string
  readonly a_skat: number
  readonly am_bidrag: number
  readonly atp: number
  readonly pension: number
}

/** One open item for each withholding SE number and settlement, until it is paid to its receiver. */
async function explainWithheld(
  db: Db,
  municipalities: readonly Municipality[],
  explained: ReadonlyMap<Municipality, ByAccount>,
): Promise<void> {
  const rows = await db.often.rows<Withheld>(
    `with item as materialized (
       select c.municipality_code, c.source_system, c.se, c.work_no, sum(c.tax_ore) as a_skat, sum(c.am_ore) as am_bidrag,
         sum(c.own_atp_ore + c.employer_atp_ore) as atp, sum(c.pension_ore) as pension
       from calculations c where c.municipality_code = any ($1) and c.unit >= 0 group by 1, 2, 3, 4
       union all
       select m.municipality_code, c.source_system, c.se, m.work_no, sum(m.tax_ore), sum(m.am_ore),
         sum(m.own_atp_ore + m.employer_atp_ore), sum(m.pension_ore)
       from item_movements m join calculations c on c.municipality_code = m.municipality_code
         and c.order_id = m.item_id >> 6 and c.line_no = (m.item_id & 63)::smallint
       where m.municipality_code = any ($1) group by 1, 2, 3, 4)
     select i.municipality_code as m, s.key as system, i.se, w.known_at, sum(i.a_skat)::bigint as a_skat,
       sum(i.am_bidrag)::bigint as am_bidrag, sum(i.atp)::bigint as atp, sum(i.pension)::bigint as pension
     from item i join source_systems s on s.source_system = i.source_system
     join work_batches w on w.municipality_code = i.municipality_code and w.work_no = i.work_no group by 1, 2, 3, 4`,
    [municipalities],
  )
  for (const row of rows) {
    const own = explained.get(row.m)
    for (const purpose of ['a_skat', 'am_bidrag', 'atp', 'pension'] as const) {
      const key = `${purpose}:${row.system}`
      const so = own?.get(key) ?? { ore: 0, items: 0 }
      const items = so.items + (row[purpose] === 0 ? 0 : 1)
      own?.set(key, { ore: so.ore - row[purpose], items })
    }
  }
}

async function explainClaims(
  db: Db,
  municipalities: readonly Municipality[],
  explained: ReadonlyMap<Municipality, ByAccount>,
): Promise<void> {
  const rows = await db.often.rows<{ m: Municipality; system: string; ore: number; items: number }>(
    `select c.municipality_code as m, s.key as system, sum(c.amount_ore - coalesce(m.ore, 0))::bigint as ore,
       count(*) filter (where c.amount_ore > coalesce(m.ore, 0)) as items
     from claims c join source_systems s on s.source_system = c.source_system
     left join (select municipality_code, claim_id, sum(amount_ore) as ore from claim_movements
       where municipality_code = any ($1) group by 1, 2) m
       on m.municipality_code = c.municipality_code and m.claim_id = c.claim_id
     where c.municipality_code = any ($1) group by 1, 2
     -- With the debtor system: what it has received, payment by payment, until it is settled with the ERP.
     union all
     select municipality_code, '', sum(amount_ore)::bigint, count(*) filter (where reverses is null)
       - count(*) filter (where reverses is not null)
     from claim_payments where municipality_code = any ($1) group by 1`,
    [municipalities],
  )
  for (const { m, system, ore, items } of rows) {
    explained.get(m)?.set(system === '' ? 'debtor_system' : `claims:${system}`, { ore, items })
  }
  if (rows.some((row) => row.system === '')) await explainSurplus(db, municipalities, explained)
}

/** What was paid and is wanted no more, item by item, until it is decided what becomes of it, or it has been taken. */
async function explainOverpaid(
  db: Db,
  municipalities: readonly Municipality[],
  explained: ReadonlyMap<Municipality, ByAccount>,
): Promise<void> {
  const overpaid = [PLACES.indexOf('overpaid'), PLACES.indexOf('adjusting')]
  const rows = await db.often.rows<{ m: Municipality; system: string; ore: number; items: number }>(
    `with lot as materialized (
       select m.municipality_code, m.item_id, sum(case when m.to_place = any ($2) then m.gross_ore else 0 end
         - case when m.from_place = any ($2) then m.gross_ore else 0 end) as ore
       from item_movements m where m.municipality_code = any ($1) and (m.to_place = any ($2) or m.from_place = any ($2))
       group by 1, 2)
     select l.municipality_code as m, s.key as system, sum(l.ore)::bigint as ore, count(*) as items
     from lot l
     join calculations c on c.municipality_code = l.municipality_code and c.order_id = l.item_id >> 6
       and c.line_no = (l.item_id & 63)::smallint
     join source_systems s on s.source_system = c.source_system where l.ore <> 0 group by 1, 2`,
    [municipalities, overpaid],
  )
  for (const { m, system, ore, items } of rows) explained.get(m)?.set(`overpaid:${system}`, { ore, items })
}

/** What was paid beyond a claim: until the order that pays it back is calculated, and again what was stopped of it. */
async function explainSurplus(
  db: Db,
  municipalities: readonly Municipality[],
  explained: ReadonlyMap<Municipality, ByAccount>,
): Promise<void> {
  // Of an order what stands at a line, is kept or let go is paid back; the rest of what was calculated came back here.
  const rows = await db.rows<{ m: Municipality; system: string; ore: number; items: number }>(
    `select m, system, sum(ore)::bigint as ore, count(*) as items
     from (select p.municipality_code as m, s.key as system, p.order_key,
         coalesce((select sum(c.gross_ore) - coalesce(sum((select sum(case when v.to_place = any ($2) then v.gross_ore else 0 end
               - case when v.from_place = any ($2) then v.gross_ore else 0 end) from item_movements v
             where v.municipality_code = c.municipality_code and v.item_id = c.order_id * 64 + c.line_no)), 0)
           from orders o join calculations c on c.municipality_code = o.municipality_code and c.order_id = o.order_id
           where o.municipality_code = p.municipality_code and o.source_system = k.source_system
             and o.order_key = p.order_key), 0) - sum(p.surplus_ore) as ore
       from claim_payments p join claims k on k.municipality_code = p.municipality_code and k.claim_id = p.claim_id
       join source_systems s on s.source_system = k.source_system
       where p.municipality_code = any ($1) and p.order_key is not null
       group by p.municipality_code, s.key, p.order_key, k.source_system) x where ore <> 0 group by 1, 2`,
    [municipalities, NO_COST],
  )
  for (const { m, system, ore, items } of rows) explained.get(m)?.set(`claim_surplus:${system}`, { ore, items })
}

/** Where what was calculated is no cost: not sent, or to be decided or paid back. */
const NO_COST = (['withdrawn', 'overpaid', 'claim', 'gross_claim', 'adjusting'] as const).map((one) =>
  PLACES.indexOf(one),
)
