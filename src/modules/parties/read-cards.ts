import { rowReader } from '../../base/copy.ts'
import type { Db } from '../../base/db.ts'
import type { Municipality, PartyId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { CARD_KINDS, type CardKind, type TaxCard } from './party.ts'

/** The tax cards of these persons: read as one range of numbers, and those of others left out. */
export async function readCards(
  db: Db,
  municipality: Municipality,
  persons: readonly PartyId[],
): Promise<Map<PartyId, TaxCard[]>> {
  let least = persons[0] ?? 0
  let most = least
  for (const person of persons) {
    if (person < least) least = person
    if (person > most) most = person
  }
  const chosen = new Set(persons)
  const cards = new Map<PartyId, TaxCard[]>()
  const rows = rowReader(
    await db.copyOut(`select t.party_id, t.se, t.card_no, t.kind, t.rate_millionths, t.allowance_month_ore,
        t.allowance_week_ore, t.allowance_day_ore, t.frikort_left_ore, t.valid_from, t.valid_to, t.serial, t.intake_no
      from tax_cards t where t.municipality_code = ${municipality} and t.party_id >= ${least} and t.party_id <= ${most}
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
      serial: rows.i64(),
      intakeNo: rows.i32(),
    }
    if (!chosen.has(card.party)) continue
    const list = cards.get(card.party)
    if (list === undefined) cards.set(card.party, [card])
    else list.push(card)
  }
  return cards
}
