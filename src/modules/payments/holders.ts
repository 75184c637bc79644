/**
 * What the holders of claims on companies' refunds have been paid, and payments that would give them more than they are
 * owed. A payment goes whole: what is beyond the claim is held for a person. @da transport, udlæg
 */
import type { Db } from '../../base/db.ts'
import type { ItemId, Municipality } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { IS_RELEASED, NOT_STOPPED } from './stopped.ts'
import { PART_AGAIN, whatPartsAre } from './part.ts'

/** Øre that an arrangement `g` has paid and that did not come back. */
const PAID_TO_HOLDER = `(select coalesce(sum(m.amount_ore), 0)::bigint from arranged_payments a
  cross join lateral (select x.* from payment_parts x where x.municipality_code = a.municipality_code
    and x.payment_id = a.payment_id and ${NOT_STOPPED} and ${IS_RELEASED} offset 0) x ${whatPartsAre('x')}
  where a.municipality_code = g.municipality_code and a.arrangement_no = g.arrangement_no and not exists (
    select from payment_returns b where b.municipality_code = a.municipality_code and b.payment_id = a.payment_id))`

/** Of arrangements whose claim is said, by number. */
export async function paidToHolders(db: Db, municipality: Municipality): Promise<ReadonlyMap<number, Ore>> {
  const rows = await db.rows<{ no: number; ore: Ore }>(
    `select g.arrangement_no as no, ${PAID_TO_HOLDER} as ore from payee_arrangements g
     where g.municipality_code = $1 and g.claim_ore is not null`,
    [municipality],
  )
  return new Map(rows.map((row) => [row.no, row.ore]))
}

export interface BeyondClaim {
  readonly arrangementNo: number
  /** What is left of the claim before the payment. */
  readonly left: Ore
  readonly parts: readonly { readonly item: ItemId; readonly part: number }[]
}

/**
 * Payments to a holder, in runs that are not released, that are more than is left of the claim when those before them
 * are paid. What a person let go is not asked about again.
 */
export async function beyondClaims(db: Db, municipality: Municipality): Promise<BeyondClaim[]> {
  const rows = await db.often.rows<{
    no: number
    left: Ore
    payment: number
    item: ItemId
    part: number
    amount: number
  }>(
    `select g.arrangement_no as no, g.claim_ore - ${PAID_TO_HOLDER} as left, x.payment_id as payment, x.item_id as item,
       x.part, m.amount_ore as amount
     from payee_arrangements g
     join arranged_payments a on a.municipality_code = $1 and a.arrangement_no = g.arrangement_no
     cross join lateral (select x.* from payment_parts x where x.municipality_code = $1 and x.payment_id = a.payment_id
       and ${NOT_STOPPED} and not ${IS_RELEASED} offset 0) x ${whatPartsAre('x')}
     where g.municipality_code = $1 and g.claim_ore is not null order by 1, 3, 4, 5`,
    [municipality],
  )
  const beyond: BeyondClaim[] = []
  for (const own of Map.groupBy(rows, (row) => row.no).values()) {
    let left = own[0]?.left ?? 0
    for (const parts of Map.groupBy(own, (row) => row.payment).values()) {
      const amount = parts.reduce((sum, one) => sum + one.amount, 0)
      const letGo = parts.some((one) => one.part >= PART_AGAIN)
      if (amount > left && !letGo) beyond.push({ arrangementNo: own[0]?.no ?? 0, left: left as Ore, parts })
      else left -= amount
    }
  }
  return beyond
}
