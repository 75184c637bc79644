/** Claims without their tax that are open when a year ends. */
import type { Db } from '../../base/db.ts'
import { type Day, formatDay } from '../../base/date.ts'
import type { Municipality, OrderId, PartyId } from '../../base/id.ts'
import { laterYearRule, type RateReader } from '../rates/index.ts'
import type { OpenClaim } from './cross-year.ts'

/** Begins the cause of the batch of work that books them. */
export const YEAR_END = 'year end'

export interface NetClaim extends OpenClaim {
  readonly claimKey: string
  readonly source: number
  /** The version that decided it, or left over what was claimed as an error of our own. */
  readonly order: OrderId
  readonly ofOrders: readonly OrderId[]
}

/**
 * Claims without their tax, of what was paid before the day, of which something is left and of which the benefit's rule
 * says that it is owed before tax from that day; the oldest first. `debtors`: theirs alone.
 */
export async function netClaimsAt(
  db: Db,
  municipality: Municipality,
  on: Day,
  rates: RateReader,
  { after, limit, debtors }: { readonly after: number; readonly limit: number; readonly debtors?: readonly PartyId[] },
): Promise<NetClaim[]> {
  const benefits = new Set(
    rates.book.benefits
      .filter((one) => laterYearRule(one, on).openAtYearEnd.becomes === 'gross')
      .map((one) => one.benefit),
  )
  const rows = await db.often.rows<Omit<NetClaim, 'ofOrders'> & { orders: string[] }>(
    `with net as materialized (
       select m.to_ref as claim_id, m.item_id from item_movements m
       where m.municipality_code = $1 and m.to_place = 3
         and ($6::bigint[] is null or m.to_ref in (select k.claim_id from claims k where k.municipality_code = $1
           and k.debtor = any ($6)))
         and exists (select from calculations c
           where c.municipality_code = $1 and c.order_id = m.item_id >> 6 and c.line_no = (m.item_id & 63)
             and c.disposition_date < $2 and c.benefit = any ($3::smallint[]))
         and not exists (select from item_movements g where g.municipality_code = $1 and g.to_ref = m.to_ref
           and g.to_place = 4 and g.item_id = m.item_id))
     select k.claim_id as "claimId", k.claim_key as "claimKey", k.source_system as source, k.order_id as order,
       l.ore as left, i.orders
     from (select distinct claim_id from net where claim_id > $4) n
     join claims k on k.municipality_code = $1 and k.claim_id = n.claim_id
     cross join lateral (select array_agg(distinct m.item_id >> 6) as orders from item_movements m
       where m.municipality_code = $1 and m.to_ref = k.claim_id and m.to_place in (3, 4)) i
     cross join lateral (select (k.amount_ore - coalesce(sum(x.amount_ore), 0))::bigint as ore from claim_movements x
       where x.municipality_code = $1 and x.claim_id = k.claim_id) l
     where l.ore > 0 order by 1 limit $5`,
    [municipality, formatDay(on), [...benefits], after, limit, debtors ?? null],
  )
  return rows.map(({ orders, ...claim }) => ({ ...claim, ofOrders: orders.map(Number) }))
}
