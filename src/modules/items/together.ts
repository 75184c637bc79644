/**
 * Persons whose orders must be calculated together: what one of them corrects, another claims, owes or is to be paid
 * less for. Everybody else's orders touch only items and claims of their own.
 *
 *   the employer's order   ├── refund for the employee ──┤ corrected: 3.000 too much
 *   the employee's order                                   claims the 3.000
 */
import type { Db } from '../../base/db.ts'
import { type Day, formatDay } from '../../base/date.ts'
import type { Municipality, OrderId, PartyId } from '../../base/id.ts'
import { type DueOrder, IS_DUE } from '../orders/index.ts'

export interface Link {
  readonly one: PartyId
  readonly other: PartyId
}

/** The links between the persons of these orders; asks the database nothing more when nobody claims or corrects. */
export async function readLinks(db: Db, municipality: Municipality, due: readonly DueOrder[]): Promise<Link[]> {
  const later = due.filter((one) => one.later).map((one) => one.order)
  const claims = await linksOfClaiming(db, municipality, due)
  return later.length === 0 ? claims : [...claims, ...(await linksOfLater(db, municipality, later))]
}

/**
 * Who claims, with those whose orders are about the same right and benefit, and with those who were paid it: they may
 * owe what is claimed.
 */
async function linksOfClaiming(db: Db, municipality: Municipality, due: readonly DueOrder[]): Promise<Link[]> {
  // Repayment lines are few and their index small: which of them are due is seen here.
  const repayments = await db.rows<{ order: OrderId }>(
    `select l.order_id as order from order_lines l where l.municipality_code = $1 and l.kind = 3 and l.order_id >= $2`,
    [municipality, due.reduce((least, one) => Math.min(least, one.order), Number.MAX_SAFE_INTEGER)],
  )
  if (repayments.length === 0) return []
  const orders = new Set(due.map((one) => one.order))
  const claiming = repayments.map((row) => row.order).filter((order) => orders.has(order))
  if (claiming.length === 0) return []
  const persons = new Set(due.map((one) => one.person))
  const rows = await db.rows<Link & { readonly due: OrderId | null }>(
    `with claiming as materialized (select distinct l.right_holder as person, l.benefit, l.order_id
       from unnest($2::bigint[]) as u (order_id) cross join lateral (select l.* from order_lines l
         where l.municipality_code = $1 and l.order_id = u.order_id and l.kind = 3 offset 0) l),
     paid as materialized (
       select c.person, o.* from claiming c
       cross join lateral (select l.order_id from order_lines l where l.municipality_code = $1 and l.kind = 0
           and l.right_holder = c.person and l.benefit = c.benefit
         union select c.order_id) l
       cross join lateral (select o.source_system, o.order_key, o.payee from orders o where o.municipality_code = $1
         and o.order_id = l.order_id offset 0) o)
     select p.person as one, n.beneficiary as other, n.order_id as due from paid p
     cross join lateral (select n.order_id, n.beneficiary from orders n where n.municipality_code = $1
       and n.source_system = p.source_system and n.order_key = p.order_key offset 0) n
     where n.beneficiary <> p.person
     union select p.person, p.payee, null from paid p where p.payee <> p.person`,
    [municipality, claiming],
  )
  return rows.filter((row) => (row.due === null ? persons.has(row.other) : orders.has(row.due)))
}

/**
 * Of later versions their person: with the person of an earlier version, with those who owe a claim that the decision
 * made or that is of its items, and with those in whose payments something of them is taken.
 */
async function linksOfLater(db: Db, municipality: Municipality, later: readonly OrderId[]): Promise<Link[]> {
  return await db.rows<Link>(
    `with version as materialized (
       select n.beneficiary as person, e.* from unnest($2::bigint[]) as u (order_id)
       cross join lateral (select n.source_system, n.order_key, n.beneficiary from orders n
         where n.municipality_code = $1 and n.order_id = u.order_id offset 0) n
       cross join lateral (select e.order_id, e.beneficiary from orders e where e.municipality_code = $1
         and e.source_system = n.source_system and e.order_key = n.order_key offset 0) e)
     select v.person as one, v.beneficiary as other from version v where v.beneficiary <> v.person
     union
     select v.person, k.debtor from version v join claims k on k.municipality_code = $1 and k.order_id = v.order_id
     where k.debtor <> v.person
     union
     select v.person, k.debtor from version v
     cross join lateral (select m.to_ref from item_movements m where m.municipality_code = $1
       and m.item_id >= v.order_id * 64 and m.item_id < (v.order_id + 1) * 64 and m.to_place in (3, 4) offset 0) m
     join claims k on k.municipality_code = $1 and k.claim_id = m.to_ref
     where k.debtor <> v.person
     union
     select v.person, a.person from adjustment_plans a
     left join item_movements m on m.municipality_code = $1 and m.item_id = a.item_id and m.to_place = 0
     join version v on v.order_id in (a.item_id >> 6, m.to_ref >> 6)
     where a.municipality_code = $1 and a.person <> v.person`,
    [municipality, later],
  )
}

/**
 * Due orders of others that may have to be calculated with these, and persons whose orders may: more than need be, to
 * be asked about by `readLinks`.
 */
export async function ordersBeside(
  db: Db,
  municipality: Municipality,
  orders: readonly OrderId[],
  horizon: Day,
): Promise<{ readonly due: readonly DueOrder[]; readonly debtors: readonly PartyId[] }> {
  const rows = await db.rows<Omit<DueOrder, 'order'> & { readonly order: OrderId | null }>(
    `with own as materialized (select n.order_id, n.beneficiary as person, n.source_system, n.order_key from orders n
       where n.municipality_code = $1 and n.order_id = any ($2)),
     version as materialized (select n.person, e.order_id from own n
       cross join lateral (select e.order_id from orders e where e.municipality_code = $1
         and e.source_system = n.source_system and e.order_key = n.order_key offset 0) e),
     owed as materialized (
       select k.debtor, v.order_id from claims k join version v on v.order_id = k.order_id where k.municipality_code = $1
       union
       select k.debtor, v.order_id from version v
       cross join lateral (select m.to_ref from item_movements m where m.municipality_code = $1
         and m.item_id >= v.order_id * 64 and m.item_id < (v.order_id + 1) * 64 and m.to_place in (3, 4) offset 0) m
       join claims k on k.municipality_code = $1 and k.claim_id = m.to_ref),
     decision as materialized (
       -- Of others, about these persons' rights; and those that made what these persons owe, or are claimed by it.
       select l.order_id from (select distinct person from own) p
       cross join lateral (select distinct l.order_id from order_lines l where l.municipality_code = $1 and l.kind = 0
         and l.right_holder = p.person offset 0) l
       union
       select o.order_id from (select distinct person from own) p
       join claims k on k.municipality_code = $1 and k.debtor = p.person
       cross join lateral (select k.order_id union select m.item_id >> 6 from item_movements m
         where m.municipality_code = $1 and m.to_ref = k.claim_id and m.to_place in (3, 4)) o),
     beside as materialized (
       select n.order_id from decision d
       cross join lateral (select o.source_system, o.order_key from orders o where o.municipality_code = $1
         and o.order_id = d.order_id offset 0) o
       cross join lateral (select n.order_id from orders n where n.municipality_code = $1
         and n.source_system = o.source_system and n.order_key = o.order_key offset 0) n
       union
       -- Claims of those whom these orders are about.
       select c.order_id from version v
       cross join lateral (select distinct l.right_holder from order_lines l where l.municipality_code = $1
         and l.order_id = v.order_id and l.kind = 0 and l.right_holder <> v.person) l
       cross join lateral (select c.order_id from order_lines c where c.municipality_code = $1 and c.kind = 3
         and c.right_holder = l.right_holder offset 0) c)
     select o.order_id as order, o.beneficiary as person, o.disposition_date as "dispositionDate",
       o.version + o.again > 1 as later, false as otherwise
     from beside b join orders o on o.municipality_code = $1 and o.order_id = b.order_id
     where o.disposition_date < $3 and o.order_id <> all ($2) and ${IS_DUE}
     union all select null, debtor, null, false, false from (select distinct debtor from owed) x`,
    [municipality, orders, formatDay(horizon)],
  )
  return {
    due: rows.flatMap(({ order, ...row }) => (order === null ? [] : [{ ...row, order }])),
    debtors: rows.filter((row) => row.order === null).map((row) => row.person),
  }
}
