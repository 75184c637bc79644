/**
 * Whom an order pays for the first time: somebody who is not the beneficiary and never got anything of that citizen's
 * right before; what was held in a run and never paid counts for nothing. Derived when asked for.
 */
import type { Db } from '../../base/db.ts'
import type { Municipality, PaymentId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { SOURCE_SYSTEMS, type SourceSystem } from '../orders/index.ts'
import { PARTY_TYPES, type PartyRef } from '../parties/index.ts'
import { endToEndIdOf, lineOfPart, NOT_STOPPED, whatPartsAre } from '../payments/index.ts'

/** @da ny modtager */
export interface NewPayee {
  readonly endToEndId: string
  readonly payee: PartyRef
  /** The citizen whose right it is of. */
  readonly rightHolder: PartyRef
  /** Of all parts that the runs pay to this payee of this right. */
  readonly amount: Ore
  readonly sourceSystem: SourceSystem
  readonly orderKey: string
  /** As the payee of the order's net, or as a third party with this reference. */
  readonly as: 'payee' | 'third_party'
  readonly reference: string
}

export interface NewPayees {
  readonly total: number
  /** The largest first, as many as were asked for. */
  readonly listed: readonly NewPayee[]
}

interface Row {
  readonly payment: PaymentId
  readonly p_type: number
  readonly p_id: string
  readonly h_type: number
  readonly h_id: string
  readonly amount: Ore
  readonly source: number
  readonly order_key: string
  readonly part: number
  readonly reference: string | null
  readonly total: number
}

/** Of these runs. What two persons have entered here (a payee arrangement) is no finding. */
export async function readNewPayees(
  db: Db,
  municipality: Municipality,
  runs: readonly number[],
  limit: number,
): Promise<NewPayees> {
  if (runs.length === 0) return { total: 0, listed: [] }
  const rows = await db.rows<Row>(
    `with part as materialized (
       select p.payment_id, p.payee, x.item_id, x.part, x.municipality_code from unnest($2::int[]) as r (run_no)
       cross join lateral (select p.payment_id, p.payee from payments p where p.municipality_code = $1
         and p.payment_id >= r.run_no::bigint << 24 and p.payment_id < (r.run_no::bigint + 1) << 24 offset 0) p
       join payment_parts x on x.municipality_code = $1 and x.payment_id = p.payment_id
       where not exists (select from arranged_payments a where a.municipality_code = $1 and a.payment_id = p.payment_id)),
     pair as materialized (
       select x.payee, l.right_holder, min(x.payment_id) as payment, min(x.item_id) as item, min(x.part) as part,
         sum(m.amount_ore)::bigint as amount
       from part x ${whatPartsAre('x')}
       join orders o on o.municipality_code = $1 and o.order_id = x.item_id >> 6 and o.beneficiary <> x.payee
       join order_lines l on l.municipality_code = $1 and l.order_id = x.item_id >> 6
         and l.line_no = (x.item_id & 63)::smallint
       group by 1, 2)
     select q.payment, y.type as p_type, y.identifier as p_id, h.type as h_type, h.identifier as h_id, q.amount,
       o.source_system as source, o.order_key, q.part, t.reference, count(*) over ()::int as total
     from pair q
     join parties y on y.municipality_code = $1 and y.party_id = q.payee
     join parties h on h.municipality_code = $1 and h.party_id = q.right_holder
     join orders o on o.municipality_code = $1 and o.order_id = q.item >> 6
     left join order_lines t on t.municipality_code = $1 and t.order_id = q.item >> 6 and t.line_no = (q.part & 63)::smallint
     where not exists (select from order_lines b
       join payment_parts x on x.municipality_code = $1 and x.item_id = b.order_id * 64 + b.line_no
       join payments p on p.municipality_code = $1 and p.payment_id = x.payment_id and p.payee = q.payee
       join payment_run_steps s on s.municipality_code = $1 and s.run_no = (x.payment_id >> 24)::int
         and s.step = 'released'
       where b.municipality_code = $1 and b.right_holder = q.right_holder and b.kind = 0 and ${NOT_STOPPED}
         and not exists (select from payment_returns w where w.municipality_code = $1 and w.payment_id = x.payment_id))
     order by q.amount desc, q.payment, q.item limit $3`,
    [municipality, runs, limit],
  )
  const ref = (type: number, id: string): PartyRef => ({ type: PARTY_TYPES[type] ?? 'cpr', id })
  return {
    total: rows[0]?.total ?? 0,
    listed: rows.map((row) => ({
      endToEndId: endToEndIdOf(municipality, row.payment),
      payee: ref(row.p_type, row.p_id),
      rightHolder: ref(row.h_type, row.h_id),
      amount: row.amount,
      sourceSystem: SOURCE_SYSTEMS[row.source - 1] as SourceSystem,
      orderKey: row.order_key,
      as: lineOfPart(row.part) === 0 ? 'payee' : 'third_party',
      reference: lineOfPart(row.part) === 0 ? '' : (row.reference ?? ''),
    })),
  }
}
