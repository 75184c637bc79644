/** What versions of an order changed of what was calculated before, for the specification. */
import type { Db } from '../../base/db.ts'
import type { Day } from '../../base/date.ts'
import type { Municipality, OrderId } from '../../base/id.ts'
import { ore } from '../../base/money.ts'
import { TECHNICAL_ERROR } from '../claims/index.ts'
import {
  IS_GIVEN_BACK,
  IS_GIVEN_BACK_THERE,
  IS_TAKEN,
  IS_TAKEN_THERE,
  type Place,
  PLACES,
  YEAR_END,
} from '../items/index.ts'
import { type FactCause, isHeld } from '../payments/index.ts'
import type { RateReader } from '../rates/index.ts'
import type { SpecifiedCorrection } from './specification-types.ts'

interface Row {
  readonly version: number
  readonly from_place: number
  readonly to_place: number
  readonly gross: number
  readonly withheld: number
  readonly old_version: number
  readonly line_key: string
  readonly benefit: number
  readonly period_from: Day
  readonly period_to: Day
  readonly new_line: string | null
  readonly new_benefit: number | null
  readonly new_from: Day | null
  readonly new_to: Day | null
  readonly new_order: string | null
  readonly old_order: string
  readonly claim_key: string | null
  readonly to_ref: number
  readonly repayable: boolean
  readonly new_repayable: boolean | null
  readonly other_quantity: boolean | null
  /** In another line's payment; or back, because that payment was stopped. */
  readonly taken: boolean
  readonly given_back: boolean
  readonly work_no: number
  readonly employer_atp: number
  readonly pension: number
  readonly claim_cause: string | null
  readonly year_end: boolean
  readonly instalments: number | null
  readonly stop_cause: FactCause | null
  readonly net_before: number
  readonly net_now: number | null
}

/** What is due of item `item`, as it was calculated. */
const dueOf = (order: string, item: string) => `(select (c.net_ore + c.third_party_ore)::bigint from calculations c
    where c.municipality_code = $1 and c.order_id = ${order} and c.line_no = (${item} & 63)::smallint)`

/** What version `u` caused, and what later ones changed of it. */
const MOVED = `select m.* from (select c.work_no from calculations c where c.municipality_code = $1
      and c.order_id = u.order_id limit 1) c
    join item_movements m on m.municipality_code = $1 and m.work_no = c.work_no and m.order_id = u.order_id
  union
  select m.* from item_movements m where m.municipality_code = $1 and m.item_id >= u.order_id * 64
    and m.item_id < (u.order_id + 1) * 64
  union
  select m.* from orders n
    join orders b on b.municipality_code = $1 and b.source_system = n.source_system and b.order_key = n.order_key
      and b.version = n.version and b.again = n.again - 1
    join item_movements m on m.municipality_code = $1 and m.order_id = n.order_id
      and (m.item_id >= b.order_id * 64 and m.item_id < (b.order_id + 1) * 64
        or m.from_place = 0 and m.from_ref >= b.order_id * 64 and m.from_ref < (b.order_id + 1) * 64)
    where n.municipality_code = $1 and n.order_id = u.order_id and n.again > 0`

/** What these versions caused, and what later ones changed of what they were paid. */
export async function readCorrections(
  db: Db,
  municipality: Municipality,
  orders: readonly OrderId[],
  rates: RateReader,
): Promise<SpecifiedCorrection[]> {
  // Of most nothing is changed, and to plan what tells it takes longer than to see that.
  const any = await db.often.first(
    `select 1 from unnest($2::bigint[]) as u (order_id) cross join lateral (${MOVED}) m limit 1`,
    [municipality, orders],
  )
  if (any === undefined) return []
  const rows = await db.often.rows<Row>(
    `select n.version, m.from_place, m.to_place, m.gross_ore as gross,
       (m.own_atp_ore + m.am_ore + m.tax_ore)::bigint as withheld, o.version as old_version, l.line_key, l.benefit,
       l.period_from, l.period_to, x.line_key as new_line, x.benefit as new_benefit, x.period_from as new_from,
       x.period_to as new_to, xo.order_key as new_order, o.order_key as old_order, k.claim_key,
       k.cause as claim_cause, starts_with(y.cause, $3) as year_end, a.instalments, m.to_ref,
       m.employer_atp_ore as employer_atp, m.pension_ore as pension,
       coalesce(l.repayable, false) as repayable, x.repayable as new_repayable,
       (l.quantity_unit, l.quantity_thousandths) is distinct from (x.quantity_unit, x.quantity_thousandths) as other_quantity,
       ${IS_TAKEN_THERE} as taken, ${IS_GIVEN_BACK_THERE} as given_back,
       m.work_no, (select min(s.cause) from stopped_parts s where s.municipality_code = $1 and s.item_id = m.item_id
         and s.work_no = m.work_no and not ${isHeld('s')}) as stop_cause,
       ${dueOf('m.item_id >> 6', 'm.item_id')} as net_before, ${dueOf('m.order_id', 'm.item_id')} as net_now
     from unnest($2::bigint[]) as u (order_id)
     cross join lateral (${MOVED}) m
     cross join lateral (select case when m.from_place in (0, 2, 5, 6, 7) then m.from_ref
         when m.to_place = 2 then m.to_ref else m.item_id end as old,
       case when m.to_place = 0 then m.to_ref end as new,
       case when m.to_place in (3, 4) then m.to_ref when m.from_place in (3, 4) then m.from_ref end as claim) at
     join orders n on n.municipality_code = $1 and n.order_id = m.order_id
     join orders o on o.municipality_code = $1 and o.order_id = at.old >> 6
     join order_lines l on l.municipality_code = $1 and l.order_id = at.old >> 6 and l.line_no = at.old & 63
     left join order_lines x on x.municipality_code = $1 and x.order_id = at.new >> 6 and x.line_no = at.new & 63
     left join orders xo on xo.municipality_code = $1 and xo.order_id = at.new >> 6
     left join adjustment_plans a on m.to_place = 6 and a.municipality_code = $1 and a.item_id = m.item_id
       and a.line_at = m.to_ref and a.work_no = m.work_no
     join work_batches y on y.municipality_code = $1 and y.work_no = m.work_no
     left join claims k on k.municipality_code = $1 and k.claim_id = at.claim
     where not ${IS_TAKEN} and not ${IS_GIVEN_BACK}
       and not (m.from_place = 2 and m.to_place = 4 and starts_with(y.cause, $3))
     order by n.version, m.work_no, m.movement_no`,
    [municipality, orders, YEAR_END],
  )
  return rows.map((row) => correctionOf(row, rates))
}

const KINDS: Readonly<Record<Place, SpecifiedCorrection['kind']>> = {
  stands: 'moved',
  withdrawn: 'withdrawn',
  overpaid: 'overpaid',
  claim: 'claimed',
  gross_claim: 'claimed_before_tax',
  kept: 'kept',
  adjusting: 'to_be_adjusted',
  suppressed: 'suppressed',
}

function kindOf(from: Place, to: Place, row: Row): SpecifiedCorrection['kind'] {
  if (to === 'stands' && from === 'kept') return 'kept_counts'
  if (to === 'stands' && from !== 'stands') return 'stands_again'
  if ((to === 'claim' || to === 'gross_claim') && row.claim_cause === TECHNICAL_ERROR) return 'claimed_as_error'
  return to === 'overpaid' && from !== 'stands' && from !== 'suppressed' ? 'not_claimed' : KINDS[to]
}

/**
 * A move to a line of the same right and time: it is wanted on other terms, or a law change has it booked otherwise.
 */
function kindOfRow(row: Row, from: Place, to: Place): SpecifiedCorrection['kind'] {
  if (row.year_end) return 'before_tax'
  if (row.given_back) return 'not_adjusted'
  if (row.taken) return 'adjusted'
  if (to === 'withdrawn' && row.to_ref !== 0) return 'atp_given_back'
  if (to === 'withdrawn' && row.stop_cause !== null) return 'stopped'
  const move = from === 'stands' && to === 'stands' && row.new_order === row.old_order
  const same = row.benefit === row.new_benefit && row.period_from === row.new_from && row.period_to === row.new_to
  if (!move || !same) return kindOf(from, to, row)
  return row.new_repayable !== row.repayable || row.other_quantity ? 'terms_changed' : 'recoded'
}

function correctionOf(row: Row, rates: RateReader): SpecifiedCorrection {
  const from = PLACES[row.from_place] ?? 'stands'
  const to = PLACES[row.to_place] ?? 'stands'
  const nameOf = (benefit: number, day: Day) => rates.benefitRule(benefit, day).nameDa
  const target =
    row.new_line === null || row.new_benefit === null || row.new_from === null || row.new_to === null
      ? undefined
      : {
          benefitName: nameOf(row.new_benefit, row.new_from),
          period: { from: row.new_from, to: row.new_to },
          orderKey: row.new_order ?? '',
        }
  const kind = kindOfRow(row, from, to)
  return {
    kind,
    law: kind === 'recoded' ? rates.ofWork(row.work_no).benefitRule(row.benefit, row.period_from).source : undefined,
    version: row.version,
    ofVersion: row.old_version,
    lineKey: row.line_key,
    benefitName: nameOf(row.benefit, row.period_from),
    reimbursed: rates.benefitRule(row.benefit, row.period_from).reimbursed,
    period: { from: row.period_from, to: row.period_to },
    gross: ore(row.gross),
    claimed: ore(row.gross + (to === 'claim' ? row.withheld : from === 'claim' ? -row.withheld : 0)),
    to: target,
    terms: {
      repayable: row.new_repayable === row.repayable ? undefined : (row.new_repayable ?? undefined),
      employerAtp: row.employer_atp,
      pension: row.pension,
    },
    claimKey: row.claim_key ?? undefined,
    instalments: row.instalments ?? undefined,
    stopped:
      row.stop_cause === null
        ? undefined
        : {
            cause: row.stop_cause,
            before: ore(row.net_before),
            now: row.net_now === null ? undefined : ore(row.net_now),
          },
  }
}
