/** Who is paid when it is not simply the payee of the order: by an arrangement, or by an earlier version. */
import type { Db } from '../../base/db.ts'
import type { Day } from '../../base/date.ts'
import type { Municipality, OrderId, PartyId, PaymentId } from '../../base/id.ts'
import { ore } from '../../base/money.ts'
import {
  type Arrangement,
  arrangementFor,
  isOfHolder,
  PARTY_TYPES,
  type PartyRef,
  readArrangements,
} from '../parties/index.ts'
import type { SpecifiedPayeeNote } from './specification-types.ts'

/** An item's net that is in no payment run. */
export interface UnsentNet {
  readonly beneficiary: PartyId
  readonly payee: PartyId
  readonly benefit: number
  readonly date: Day
}

export interface Arranged {
  /** Those that say anything of these payments and of what is not sent, by number. */
  readonly arrangements: readonly Arrangement[]
  readonly byPayment: ReadonlyMap<PaymentId, Arrangement>
}

export async function readArranged(
  db: Db,
  municipality: Municipality,
  payments: readonly PaymentId[],
  unsent: readonly UnsentNet[],
): Promise<Arranged> {
  const any = await db.first('select 1 from payee_arrangement_approvals where municipality_code = $1 limit 1', [
    municipality,
  ])
  if (any === undefined) return { arrangements: [], byPayment: new Map() }
  const all = await readArrangements(db, municipality)
  const rows = await db.rows<{ payment: PaymentId; no: number }>(
    `select payment_id as payment, arrangement_no as no from arranged_payments
     where municipality_code = $1 and payment_id = any ($2)`,
    [municipality, payments],
  )
  const byPayment = new Map<PaymentId, Arrangement>()
  for (const { payment, no } of rows) {
    const one = all.find((other) => other.arrangementNo === no)
    if (one !== undefined) byPayment.set(payment, one)
  }
  const used = new Set(byPayment.values())
  for (const one of unsent) {
    const found = arrangementFor(all, { ...one, beneficiary: one.payee })
    if (found !== undefined && (one.payee === one.beneficiary || isOfHolder(found))) used.add(found)
  }
  return { arrangements: [...used].sort((a, b) => a.arrangementNo - b.arrangementNo), byPayment }
}

interface NoteRow {
  readonly of_version: number
  readonly type: number
  readonly identifier: string
  readonly amount: number
  readonly version: number
  readonly now_type: number
  readonly now_identifier: string
}

/** Of these later versions: what earlier ones paid to somebody whom they name no more. */
export async function readPayeeNotes(
  db: Db,
  municipality: Municipality,
  orders: readonly OrderId[],
): Promise<SpecifiedPayeeNote[]> {
  if (orders.length === 0) return []
  const rows = await db.often.rows<NoteRow>(
    `select o.version as of_version, y.type, y.identifier, sum(c.net_ore)::bigint as amount, n.version,
       z.type as now_type, z.identifier as now_identifier
     from unnest($2::bigint[]) as u (order_id)
     join orders n on n.municipality_code = $1 and n.order_id = u.order_id and n.version > 1
     join orders o on o.municipality_code = $1 and o.source_system = n.source_system and o.order_key = n.order_key
       and o.version < n.version and o.payee <> n.payee
     join calculations c on c.municipality_code = $1 and c.order_id = o.order_id and c.net_ore > 0
     join payment_parts x on x.municipality_code = $1 and x.item_id = c.order_id * 64 + c.line_no and x.part & 63 = 0
     join payments p on p.municipality_code = $1 and p.payment_id = x.payment_id
     join parties y on y.municipality_code = $1 and y.party_id = p.payee
     join parties z on z.municipality_code = $1 and z.party_id = n.payee
     where not exists (select from payment_returns b where b.municipality_code = $1 and b.payment_id = x.payment_id)
     group by 1, 2, 3, 5, 6, 7 order by 1, 5`,
    [municipality, orders],
  )
  const ref = (type: number, id: string): PartyRef => ({ type: PARTY_TYPES[type] ?? 'cpr', id })
  return rows.map((row) => ({
    ofVersion: row.of_version,
    payee: ref(row.type, row.identifier),
    amount: ore(row.amount),
    version: row.version,
    now: ref(row.now_type, row.now_identifier),
  }))
}
