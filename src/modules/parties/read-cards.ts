import { rowReader } from '../../base/copy.ts'
import type { Db } from '../../base/db.ts'
import type { Municipality, PartyId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { CARD_KINDS, type CardKind, type TaxCard } from './party.ts'

/** The tax cards of the persons whose orders are in a planned batch. */
export async function readBatchCards(
  db: Db,
  municipality: Municipality,
  workNo: number,
): Promise<Map<PartyId, TaxCard[]>> {
  const cards = new Map<PartyId, TaxCard[]>()
  const rows = rowReader(
    await db.copyOut(`select t.party_id, t.se, t.card_no, t.kind, t.rate_millionths, t.allowance_month_ore,
        t.allowance_week_ore, t.allowance_day_ore, t.frikort_left_ore, t.valid_from, t.valid_to
      from tax_cards t where t.municipality_code = ${municipality} and t.party_id in (
        select o.beneficiary from work_batches w cross join unnest(w.order_ids) u (order_id)
        join orders o on o.municipality_code = w.municipality_code and o.order_id = u.order_id
        where w.municipality_code = ${municipality} and w.work_no = ${workNo})
      order by t.party_id, t.se, t.card_no`),
  )
  while (rows.next()) {
    const card: TaxCard = {
      party: rows.i64(),
      se: rows.i32(),
      cardNo: rows.i16(),
      kind: CARD_KINDS[rows.i16()] as CardKind,
      rate: rows.i32(),
      allowanceMonth: rows.i64() as Ore,
      allowanceWeek: rows.i64() as Ore,
      allowanceDay: rows.i64() as Ore,
      frikortLeft: rows.i64() as Ore,
      valid: { from: rows.date(), to: rows.date() },
    }
    const list = cards.get(card.party)
    if (list === undefined) cards.set(card.party, [card])
    else list.push(card)
  }
  return cards
}
