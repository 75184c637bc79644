/** Plans of what is to be adjusted, and which orders hold parts of others' items by it. */
import type { Db, Tx } from '../../base/db.ts'
import type { Day } from '../../base/date.ts'
import { type ItemId, type Municipality, type OrderId, orderOfItem, type PartyId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import type { AdjustmentPlan } from './adjust.ts'
import { IS_GIVEN_BACK, IS_TAKEN, IS_TAKEN_THERE } from './taken.ts'

export interface PersonsPlan extends AdjustmentPlan {
  /** The beneficiary of the order that was overpaid. */
  readonly person: PartyId
}

/** The newest plan of each line of these persons of which something is left. */
export async function readPlans(
  db: Db,
  municipality: Municipality,
  persons: readonly PartyId[],
): Promise<PersonsPlan[]> {
  const rows = await db.rows<Omit<PersonsPlan, 'taken'> & { taken: { day: Day; ore: number }[] | null }>(
    `with plan as materialized (
       select distinct on (a.item_id, a.line_at) a.* from unnest($2::bigint[]) as p (person)
       join adjustment_plans a on a.municipality_code = $1 and a.person = p.person
       order by a.item_id, a.line_at, a.work_no desc)
     select a.item_id as item, a.line_at as at, a.total_ore as total, a.instalments, a.person, m.taken
     from plan a
     cross join lateral (select sum(case when m.to_place = 6 then m.gross_ore else -m.gross_ore end) as left_ore,
         json_agg(json_build_object('day', m.posted_on - '1970-01-01'::date,
             'ore', case when m.to_place = 6 then -m.gross_ore else m.gross_ore end))
           filter (where ${IS_TAKEN} or ${IS_GIVEN_BACK}) as taken
       from item_movements m where m.municipality_code = $1 and m.item_id = a.item_id
         and ((m.to_place = 6 and m.to_ref = a.line_at) or (m.from_place = 6 and m.from_ref = a.line_at)) offset 0) m
     where m.left_ore > 0 order by 1, 2`,
    [municipality, persons],
  )
  return rows.map(({ taken, ...plan }) => {
    const byDay = new Map<Day, number>()
    for (const { day, ore } of taken ?? []) byDay.set(day, (byDay.get(day) ?? 0) + ore)
    return { ...plan, taken: byDay }
  })
}

export async function recordPlans(
  tx: Tx,
  municipality: Municipality,
  workNo: number,
  plans: readonly PersonsPlan[],
): Promise<void> {
  if (plans.length === 0) return
  await tx.run(
    `insert into adjustment_plans (municipality_code, item_id, line_at, work_no, person, total_ore, instalments)
     select $1, p.item, p.at, $2, p.person, p.total, p.instalments
     from jsonb_to_recordset($3::jsonb) as p (item bigint, at bigint, person bigint, total bigint, instalments smallint)`,
    [municipality, workNo, JSON.stringify(plans)],
  )
}

/** Orders with items of which a part was taken in the payments of these. */
export async function ordersAdjustedIn(
  db: Db,
  municipality: Municipality,
  orders: readonly OrderId[],
): Promise<OrderId[]> {
  const rows = await db.rows<{ item: ItemId }>(
    `select distinct m.item_id as item from unnest($2::bigint[]) as n (order_id)
     cross join lateral (select m.item_id from item_movements m where m.municipality_code = $1
       and m.to_ref >= n.order_id * 64 and m.to_ref < (n.order_id + 1) * 64 and m.to_place = 0 offset 0) m`,
    [municipality, orders],
  )
  return rows.map(({ item }) => orderOfItem(item))
}

/** Gross of an item that was overpaid at one line and taken in the payment of another. */
export interface TakenThere {
  readonly item: ItemId
  readonly at: ItemId
  readonly there: ItemId
  readonly gross: Ore
  /** On the day of the payment. */
  readonly postedOn: Day
}

/** What was taken in what these orders pay, as they were calculated; in the order in which it was taken. */
export async function takenInPayments(
  db: Db,
  municipality: Municipality,
  orders: readonly OrderId[],
): Promise<TakenThere[]> {
  return await db.rows<TakenThere>(
    `select m.item_id as item, m.from_ref as at, m.to_ref as there, m.gross_ore as gross, m.posted_on as "postedOn"
     from unnest($2::bigint[]) as n (order_id)
     cross join lateral (select m.* from item_movements m where m.municipality_code = $1
       and m.to_ref >= n.order_id * 64 and m.to_ref < (n.order_id + 1) * 64 and m.to_place = 0
       and m.order_id = n.order_id offset 0) m
     where ${IS_TAKEN_THERE} order by m.work_no, m.movement_no`,
    [municipality, orders],
  )
}
