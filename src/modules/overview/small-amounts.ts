/** What is below a municipality's limit: increases that are gathered, and decreases that were let go. */
import type { Db } from '../../base/db.ts'
import type { Municipality } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { readSuppressed } from '../items/index.ts'
import type { SourceSystem } from '../orders/index.ts'

export interface SmallAmount {
  /** gathered: paid with a later payment. suppressed: not claimed back. */
  readonly treatment: 'gathered' | 'suppressed'
  readonly source: SourceSystem
  readonly orderKey: string
  /** The version that says so. */
  readonly version: number
  readonly benefitName: string
  /** Gross. */
  readonly amount: Ore
  /** Since when it is known, as a business time. */
  readonly since: string
}

/** The oldest first. */
export async function readSmallAmounts(db: Db, municipality: Municipality): Promise<SmallAmount[]> {
  const suppressed = (await readSuppressed(db, municipality)).map((lot): SmallAmount => {
    const { orderKey, version, benefitName, since } = lot
    return {
      treatment: 'suppressed',
      source: lot.source as SourceSystem,
      orderKey,
      version,
      benefitName,
      amount: lot.gross,
      since,
    }
  })
  const small = [...(await readGathered(db, municipality)), ...suppressed]
  return small.sort((a, b) => (a.since < b.since ? -1 : Number(a.since > b.since)))
}

/** Nothing but an increase waits: it is what the version wants more than stands of the decision. */
async function readGathered(db: Db, municipality: Municipality): Promise<SmallAmount[]> {
  return await db.rows<SmallAmount>(
    `select 'gathered' as treatment, s.key as source, o.order_key as "orderKey", o.version, w.name as "benefitName",
       w.ore - coalesce(t.ore, 0) as amount, (select min(f.at) from order_holds f where f.municipality_code = $1
         and f.order_id = h.order_id and f.kind = h.kind)::text as since
     from order_holds h
     join orders o on o.municipality_code = $1 and o.order_id = h.order_id and o.state = 0
     join source_systems s on s.source_system = o.source_system
     cross join lateral (select sum(l.amount_ore)::bigint as ore, min(b.name_da) as name from order_lines l
       join benefits b on b.benefit = l.benefit where l.municipality_code = $1 and l.order_id = h.order_id
         and l.kind = 0) w
     cross join lateral (select sum(x.ore)::bigint as ore from orders e
       cross join lateral (select c.gross_ore as ore from calculations c where c.municipality_code = $1
           and c.order_id = e.order_id
         union all select case when m.to_place = 0 then m.gross_ore else 0 end
             - case when m.from_place = 0 then m.gross_ore else 0 end from item_movements m
           where m.municipality_code = $1 and m.item_id >= e.order_id * 64 and m.item_id < (e.order_id + 1) * 64) x
       where e.municipality_code = $1 and e.source_system = o.source_system and e.order_key = o.order_key) t
     where h.municipality_code = $1 and h.kind = 'small_amount'
       and not exists (select from order_hold_releases r where r.municipality_code = $1 and r.order_id = h.order_id
         and r.hold_no = h.hold_no)
       and not exists (select from order_holds n where n.municipality_code = $1 and n.order_id = h.order_id
         and n.kind = 'superseded')`,
    [municipality],
  )
}
