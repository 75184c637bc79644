/** Reads decisions: which versions correct others, what they claim, and which wait no more. */
import type { Db } from '../../base/db.ts'
import type { Day } from '../../base/date.ts'
import type { Municipality, OrderId } from '../../base/id.ts'
import type { Line } from './item.ts'
import { partsLeft, PARTS_OF_ITEM } from './read-items.ts'

/** A version that has earlier ones. */
export interface Correcting {
  readonly order: OrderId
  /** The key of the order. */
  readonly decision: string
  /** The decision has ended: nothing is wanted any more. */
  readonly withdrawn: boolean
  readonly earlier: readonly OrderId[]
  /** Of them those with the same beneficiary: who is one now owes nothing of what another was paid. */
  readonly own: readonly OrderId[]
}

/** Of these orders those whose earlier versions were calculated, whatever they came to. */
export async function readCorrecting(
  db: Db,
  municipality: Municipality,
  orders: readonly OrderId[],
): Promise<Map<OrderId, Correcting>> {
  type Row = Omit<Correcting, 'earlier' | 'own'> & { earlier: string[]; own: string[] }
  const rows = await db.rows<Row>(
    `select n.order_id as order, n.order_key as decision, n.state = 1 as withdrawn, e.earlier, e.own from orders n
     cross join lateral (select array_agg(e.order_id order by e.version, e.again) as earlier,
         coalesce(array_agg(e.order_id) filter (where e.beneficiary = n.beneficiary), '{}') as own from orders e
       where e.municipality_code = $1 and e.source_system = n.source_system and e.order_key = n.order_key
         and (e.version, e.again) < (n.version, n.again) and exists (select from calculations c where c.municipality_code = $1
           and c.order_id = e.order_id)) e
     where n.municipality_code = $1 and n.order_id = any ($2) and e.earlier is not null`,
    [municipality, orders],
  )
  return new Map(rows.map((row) => [row.order, { ...row, earlier: row.earlier.map(Number), own: row.own.map(Number) }]))
}

/** Orders with items that stand, or stood, for these right holders and benefits and overlapping periods. */
export async function ordersPaidFor(
  db: Db,
  municipality: Municipality,
  wanted: readonly Pick<Line, 'at' | 'rightHolder' | 'benefit' | 'period'>[],
): Promise<OrderId[]> {
  const keys = wanted.map(({ rightHolder: holder, benefit, period }) => ({ holder, benefit, ...period }))
  const rows = await db.rows<{ order_id: OrderId }>(
    `with line as materialized (
       select l.order_id, l.line_no
       from jsonb_to_recordset($2::jsonb) as w (holder bigint, benefit smallint, "from" int, "to" int)
       cross join lateral (select l.order_id, l.line_no from order_lines l where l.municipality_code = $1 and l.kind = 0
         and l.right_holder = w.holder and l.benefit = w.benefit and l.period_from < '1970-01-01'::date + w."to"
         and l.period_to > '1970-01-01'::date + w."from" offset 0) l)
     select l.order_id from line l where exists (select from calculations c where c.municipality_code = $1
       and c.order_id = l.order_id and c.line_no = l.line_no and c.gross_ore > 0)
     union
     select m.item_id >> 6 from line l join item_movements m on m.municipality_code = $1
       and m.to_ref = l.order_id * 64 + l.line_no and m.to_place = 0`,
    [municipality, JSON.stringify(keys)],
  )
  return rows.map((row) => row.order_id)
}

/** A claim that a repayment line of a version opened; those of errors of our own are no decision of an order. */
export interface DecidedClaim {
  readonly claimId: number
  readonly claimKey: string
  readonly order: OrderId
  readonly source: number
  readonly benefit: number
  readonly from: Day
  /** Orders whose items it is of; none when it is of what was paid before the takeover. */
  readonly ofOrders: readonly OrderId[]
}

export async function claimsDecidedBy(
  db: Db,
  municipality: Municipality,
  orders: readonly OrderId[],
): Promise<DecidedClaim[]> {
  if (orders.length === 0) return []
  const rows = await db.rows<DecidedClaim>(
    `select k.claim_id as "claimId", k.claim_key as "claimKey", k.order_id as order, k.source_system as source, k.benefit,
       k.period_from as from, array(select distinct m.item_id >> 6 from item_movements m where m.municipality_code = $1
         and m.to_ref = k.claim_id and m.to_place in (3, 4)) as "ofOrders"
     from claims k where k.municipality_code = $1 and k.order_id = any ($2)
       and exists (select from order_lines l where l.municipality_code = $1 and l.order_id = k.order_id and l.kind = 3
         and l.claim_key = k.claim_key) order by 1`,
    [municipality, orders],
  )
  return rows.map((row) => ({ ...row, ofOrders: row.ofOrders.map(Number) }))
}

/** Orders that wait for the answers on their earlier versions, and wait no more. */
export async function answeredSince(db: Db, municipality: Municipality): Promise<OrderId[]> {
  const rows = await db.often.rows<{ order_id: OrderId }>(
    `select h.order_id from order_holds h
     join orders n on n.municipality_code = $1 and n.order_id = h.order_id
     where h.municipality_code = $1 and h.kind in ('awaits_answer', 'awaits_corrections')
       and not exists (select from order_hold_releases r where r.municipality_code = $1 and r.order_id = h.order_id
         and r.hold_no = h.hold_no)
       and not exists (
         select from orders e
         cross join lateral (select c.municipality_code, c.order_id, c.line_no, c.net_ore from calculations c
           where c.municipality_code = $1 and c.order_id = e.order_id offset 0) c
         cross join lateral (${PARTS_OF_ITEM} where ${partsLeft('$1')} offset 0) s
         where e.municipality_code = $1 and e.source_system = n.source_system and e.order_key = n.order_key
           and (e.version, e.again) < (n.version, n.again) and s.open > 0)`,
    [municipality],
  )
  return rows.map((row) => row.order_id)
}
