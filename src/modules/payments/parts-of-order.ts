/** What an order pays, part by part, and how far each is: for whoever wants to pay it in another way. */
import type { Db } from '../../base/db.ts'
import type { ItemId, Municipality, OrderId, PartyId, PaymentId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import type { RunPurpose } from './gather.ts'
import { DUE_OF_ITEM } from './part.ts'
import { isHeld, STOPPED_ALONE } from './stopped.ts'

export interface OrderPart {
  readonly item: ItemId
  readonly part: number
  readonly payee: PartyId
  readonly source: number
  readonly benefit: number
  readonly amount: Ore
  /** Undefined while it is in no run. */
  readonly payment: PaymentId | undefined
  readonly purpose: RunPurpose | undefined
  /** `due`: in no run; `unreleased`; `held`: by a person or a control; `stopped`: by a fact. */
  readonly state: 'due' | 'unreleased' | 'held' | 'stopped' | 'released' | 'returned'
}

/** Of these orders what stands, in the order of items and parts; under the newest number of each. */
export async function partsOfOrders(
  db: Db,
  municipality: Municipality,
  orders: readonly OrderId[],
): Promise<OrderPart[]> {
  const rows = await db.rows<
    Omit<OrderPart, 'payment' | 'purpose'> & { payment: PaymentId | null; purpose: RunPurpose | null }
  >(
    `select c.order_id * 64 + c.line_no as item, p.part, p.payee, c.source_system as source, c.benefit, p.amount_ore as amount,
       x.payment_id as payment, r.purpose, case
         when z.item_id is not null then case when ${isHeld('z')} and ${STOPPED_ALONE} then 'held' else 'stopped' end
         when x.payment_id is null then 'due'
         when exists (select from payment_returns b where b.municipality_code = $1 and b.payment_id = x.payment_id)
           then 'returned'
         when exists (select from payment_run_steps s where s.municipality_code = $1 and s.run_no = r.run_no
           and s.step = 'released') then 'released' else 'unreleased' end as state
     from unnest($2::bigint[]) as n (order_id)
     cross join lateral (select c.* from calculations c where c.municipality_code = $1 and c.order_id = n.order_id
       offset 0) c
     ${DUE_OF_ITEM}
     left join payment_parts x on x.municipality_code = $1 and x.item_id = c.order_id * 64 + c.line_no and x.part = p.part
     left join payment_runs r on r.municipality_code = $1 and r.run_no = (x.payment_id >> 24)::int
     left join stopped_parts z on z.municipality_code = $1 and z.item_id = c.order_id * 64 + c.line_no and z.part = p.part
     where not exists (select from item_movements m where m.municipality_code = $1
       and m.item_id = c.order_id * 64 + c.line_no and m.to_place = 1 and m.to_ref = 0)
     order by 1, 2`,
    [municipality, orders],
  )
  return rows.map((row) => ({ ...row, payment: row.payment ?? undefined, purpose: row.purpose ?? undefined }))
}
