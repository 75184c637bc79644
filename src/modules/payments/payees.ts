/** Whom what is due is paid to: as the order says, or as an approved payee arrangement of the beneficiary does. */
import type { Db } from '../../base/db.ts'
import type { Day } from '../../base/date.ts'
import type { ItemId, Municipality, PartyId } from '../../base/id.ts'
import { type Arrangement, arrangementFor, isOfHolder, readArrangements } from '../parties/index.ts'
import type { DuePart } from './gather.ts'
import { lineOfPart } from './part.ts'

/**
 * Undefined where nothing is arranged, as nearly everywhere. An arrangement is about a party's own money: the net of a
 * right of its own that its order pays to itself, an employer's refunds among them. What an order pays to somebody else
 * goes where the order says, unless somebody has the right to what a company is paid (transport, udlæg).
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
    if (lineOfPart(part.part) !== 0) return part
    const one = arrangementFor(arrangements, { beneficiary: part.payee, benefit: part.benefit, date })
    if (one === undefined || (!isOfHolder(one) && own.get(part.item) !== part.payee)) return part
    return { ...part, payee: one.payeeId, arrangement: one.arrangementNo }
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
     join orders o on o.municipality_code = $1 and o.order_id = l.order_id and o.beneficiary = p.party
     union
     -- An employer's refund is about an employee: its orders are looked through, for a company's arrangements alone.
     select o.order_id * 64 + l.line_no, o.beneficiary from orders o
     join order_lines l on l.municipality_code = $1 and l.order_id = o.order_id and l.kind = 0
     where o.municipality_code = $1 and cardinality($3::bigint[]) > 0 and o.beneficiary = any ($3)`,
    [
      municipality,
      [...new Set(arrangements.map((one) => one.beneficiaryId))],
      [...new Set(arrangements.flatMap((one) => (one.beneficiary.type === 'cpr' ? [] : [one.beneficiaryId])))],
    ],
  )
  return new Map(rows.map((row) => [row.item, row.beneficiary]))
}
