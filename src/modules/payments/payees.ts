/** Whom what is due is paid to: as the order says, or as an approved payee arrangement of the beneficiary does. */
import type { Db } from '../../base/db.ts'
import type { Day } from '../../base/date.ts'
import type { ItemId, Municipality, PartyId } from '../../base/id.ts'
import { type Arrangement, arrangementFor, readArrangements } from '../parties/index.ts'
import type { DuePart } from './gather.ts'
import { lineOfPart } from './part.ts'

/**
 * Undefined where nothing is arranged, as nearly everywhere. An arrangement is about a party's own money: the net of a
 * right of its own that its order pays to itself. What an order pays to somebody else goes where the order says.
 */
export async function openPayees(
  db: Db,
  municipality: Municipality,
): Promise<((part: DuePart, date: Day) => DuePart) | undefined> {
  const any = await db.first('select 1 from payee_arrangement_approvals where municipality_code = $1 limit 1', [
    municipality,
  ])
  if (any === undefined) return undefined
  const arrangements = await readArrangements(db, municipality)
  const own = await ownItems(db, municipality, arrangements)
  return (part, date) => {
    if (lineOfPart(part.part) !== 0 || own.get(part.item) !== part.payee) return part
    const one = arrangementFor(arrangements, { beneficiary: part.payee, benefit: part.benefit, date })
    return one === undefined ? part : { ...part, payee: one.payeeId, arrangement: one.arrangementNo }
  }
}

/** Items of these beneficiaries' own orders. */
async function ownItems(
  db: Db,
  municipality: Municipality,
  arrangements: readonly Arrangement[],
): Promise<Map<ItemId, PartyId>> {
  const rows = await db.rows<{ item: ItemId; beneficiary: PartyId }>(
    `select l.order_id * 64 + l.line_no as item, o.beneficiary
     from unnest($2::bigint[]) as p (party)
     cross join lateral (select l.order_id, l.line_no from order_lines l where l.municipality_code = $1
       and l.right_holder = p.party and l.kind = 0 offset 0) l
     join orders o on o.municipality_code = $1 and o.order_id = l.order_id and o.beneficiary = p.party`,
    [municipality, [...new Set(arrangements.map((one) => one.beneficiaryId))]],
  )
  return new Map(rows.map((row) => [row.item, row.beneficiary]))
}
