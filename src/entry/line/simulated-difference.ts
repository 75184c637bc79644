/** What an order changes of what earlier versions came to, as a simulation tells it: read from what it would write. */
import type { Tx } from '../../base/db.ts'
import type { ItemId, Municipality, OrderId } from '../../base/id.ts'
import { IS_TAKEN, IS_TAKEN_THERE, OVERPAID_PLACES, PLACES, type Place } from '../../modules/items/index.ts'

/** A line of an earlier version, and how much of its gross. */
export interface OldLine {
  readonly version: number
  readonly line_key: string
  readonly gross_ore: number
}

export interface SimulatedDifference {
  /** Calculated and never sent, or sent back: taken back whole and calculated anew. */
  readonly withdrawn: readonly OldLine[]
  /** Own ATP that is owed no more: withheld of earlier versions, and the citizen's again. */
  readonly atp_given_back: readonly OldLine[]
  readonly paid: readonly { readonly line_key: string; readonly gross_ore: number }[]
  /** From one line of the decision to another, without money. */
  readonly moved: readonly {
    readonly from_version: number
    readonly from_line_key: string
    readonly line_key: string
    readonly gross_ore: number
  }[]
  /** An increase that closes what an earlier decrease left open, overpaid or a claim of it, or what of it was kept. */
  readonly closed: readonly {
    readonly line_key: string
    readonly claim_key: string | null
    readonly gross_ore: number
  }[]
  readonly overpaid: readonly OldLine[]
  /** Of what is overpaid: let go, because it is below the municipality's limit. */
  readonly suppressed: readonly OldLine[]
  /** Of what is overpaid: to be taken in coming payments. */
  readonly to_be_adjusted: readonly OldLine[]
  /** Overpaid by another order and taken in the payment of this. */
  readonly adjusted: readonly {
    readonly from_order_key: string
    readonly from_line_key: string
    readonly line_key: string
    readonly gross_ore: number
  }[]
  /** Decided to be paid back: gross, and what is claimed of it. */
  readonly claimed: readonly { readonly claim_key: string; readonly gross_ore: number; readonly amount_ore: number }[]
}

export const NO_DIFFERENCE: SimulatedDifference = {
  withdrawn: [],
  atp_given_back: [],
  paid: [],
  moved: [],
  closed: [],
  overpaid: [],
  suppressed: [],
  to_be_adjusted: [],
  adjusted: [],
  claimed: [],
}

interface Row {
  readonly from_place: number
  readonly to_place: number
  readonly gross: number
  readonly less: number
  readonly old_version: number | null
  readonly old_line: string | null
  readonly old_order: string | null
  /** Taken in a payment: it stands again at its own line for the length of one movement; then it is there. */
  readonly taken: boolean
  readonly taken_there: boolean
  /** Own ATP that is given back: it was never gross that anybody got. */
  readonly atp: boolean
  readonly new_line: string | null
  readonly claim: string | null
}

export async function readDifference(
  tx: Tx,
  municipality: Municipality,
  order: OrderId,
  workNo: number,
): Promise<SimulatedDifference> {
  const rows = await tx.rows<Row>(
    `select m.from_place, m.to_place, m.gross_ore as gross, m.own_atp_ore + m.am_ore + m.tax_ore as less,
       o.version as old_version, o.order_key as old_order,
       ${IS_TAKEN} as taken, ${IS_TAKEN_THERE} as taken_there, m.to_place = 1 and m.to_ref <> 0 as atp, l.line_key as old_line, n.line_key as new_line, k.claim_key as claim
     from item_movements m
     cross join lateral (select case when m.from_place in (0, 2, 5, 6, 7) then m.from_ref else m.item_id end as old,
       case when m.to_place = 0 then m.to_ref end as new,
       case when m.to_place in (3, 4) then m.to_ref when m.from_place in (3, 4) then m.from_ref end as claim) at
     left join orders o on o.municipality_code = $1 and o.order_id = at.old >> 6
     left join order_lines l on l.municipality_code = $1 and l.order_id = at.old >> 6 and l.line_no = at.old & 63
     left join order_lines n on n.municipality_code = $1 and n.order_id = at.new >> 6 and n.line_no = at.new & 63
     left join claims k on k.municipality_code = $1 and k.claim_id = at.claim
     where m.municipality_code = $1 and m.work_no = $2 and m.order_id = $3 order by m.movement_no`,
    [municipality, workNo, order],
  )
  const of = (from: readonly Place[], to: readonly Place[]) =>
    rows.filter((row) => !row.taken && from.includes(placeOf(row.from_place)) && to.includes(placeOf(row.to_place)))
  const moved = of(['stands'], ['stands']).filter((row) => !row.taken_there)
  const adjusted = of(['stands'], ['stands']).filter((row) => row.taken_there)
  const withdrawn = of(['stands', ...OVERPAID_PLACES], ['withdrawn'])
  return {
    withdrawn: withdrawn.filter((row) => !row.atp).map(oldLine),
    atp_given_back: withdrawn.filter((row) => row.atp).map(oldLine),
    paid: await readPaid(tx, municipality, order),
    moved: moved.map((row) => ({
      from_version: row.old_version ?? 0,
      from_line_key: row.old_line ?? '',
      line_key: row.new_line ?? '',
      gross_ore: row.gross,
    })),
    closed: of([...OVERPAID_PLACES, 'claim', 'gross_claim', 'kept'], ['stands']).map((row) => ({
      line_key: row.new_line ?? '',
      claim_key: row.claim,
      gross_ore: row.gross,
    })),
    overpaid: of(['stands', 'suppressed'], ['overpaid']).map(oldLine),
    suppressed: of(['overpaid'], ['suppressed']).map(oldLine),
    to_be_adjusted: of(['overpaid'], ['adjusting']).map(oldLine),
    adjusted: adjusted.map((row) => ({
      from_order_key: row.old_order ?? '',
      from_line_key: row.old_line ?? '',
      line_key: row.new_line ?? '',
      gross_ore: row.gross,
    })),
    claimed: [
      ...of(OVERPAID_PLACES, ['claim', 'gross_claim']).map((row) => ({
        claim_key: row.claim ?? '',
        gross_ore: row.gross,
        amount_ore: row.gross + row.less,
      })),
      ...(await readClaimedBefore(tx, municipality, order)),
    ],
  }
}

/** What the order claims of what was paid before the takeover, as decided: no item of ours is behind it. */
async function readClaimedBefore(tx: Tx, municipality: Municipality, order: OrderId) {
  return await tx.rows<{ claim_key: string; gross_ore: number; amount_ore: number }>(
    `select k.claim_key, k.amount_ore as gross_ore, k.amount_ore from claims k where k.municipality_code = $1
       and k.order_id = $2 and not exists (select from item_movements m where m.municipality_code = $1
         and m.to_ref = k.claim_id and m.to_place in (3, 4)) order by k.claim_id`,
    [municipality, order],
  )
}

function placeOf(place: number): Place {
  return PLACES[place] ?? 'stands'
}

function oldLine(row: Row): OldLine {
  return { version: row.old_version ?? 0, line_key: row.old_line ?? '', gross_ore: row.gross }
}

async function readPaid(tx: Tx, municipality: Municipality, order: OrderId) {
  return await tx.rows<{ line_key: string; gross_ore: number; item: ItemId }>(
    `select l.line_key, c.gross_ore from calculations c join order_lines l on l.municipality_code = $1
       and l.order_id = c.order_id and l.line_no = c.line_no
     where c.municipality_code = $1 and c.order_id = $2 and c.gross_ore > 0 order by c.line_no`,
    [municipality, order],
  )
}
