/**
 * What becomes of what was overpaid, where the municipality decides it here: not claimed back, taken in coming
 * payments, or claimed back as an error of our own. Proposed by one person, approved by another by the total that was
 * shown. A decision to claim comes from the source system in an order.
 */
import type { Db, Tx } from '../../base/db.ts'
import { type Day, formatDay } from '../../base/date.ts'
import type { ItemId, Municipality, OrderId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { Refusal } from '../../base/refusal.ts'
import { type OverpaidPlace, PLACES } from './movement.ts'
import { IS_GIVEN_BACK } from './taken.ts'

/** What two persons can decide here. @da udfald */
export const OUTCOMES = ['not_repayable', 'adjust', 'technical_error'] as const
export type OutcomeKind = (typeof OUTCOMES)[number]

/** What is overpaid and undecided, or decided to be taken in coming payments: what two persons can decide about. */
export type DecidablePlace = Exclude<OverpaidPlace, 'suppressed'>

/** Why it is overpaid: a later version lowered or moved it, or ended it, or a decision to claim it was withdrawn. */
export type OverpaidCause = 'lowered' | 'ended' | 'not_claimed'

/** In SQL: by the place that it `came` from last, of a movement `x`, and the order `n` that left it over. */
export const CAME_LAST = `(array_agg(x.came order by x.work_no desc, x.movement_no desc) filter (where x.came is not null))[1]`
export const CAUSE_OF_OVERPAID = `case when t.came in (3, 4) then 'not_claimed' when n.state = 1 then 'ended' else 'lowered' end`

/** Something that is overpaid, until it is settled. @da for meget udbetalt */
export interface OverpaidLot {
  readonly item: ItemId
  /** Undecided: the source system's caseworker must act. To be adjusted: TØK does, in the next payment. */
  readonly place: DecidablePlace
  readonly cause: OverpaidCause
  /** Of what is to be adjusted: in how many payments it was to be taken, and what is taken in each at most. */
  readonly instalments: number | null
  readonly instalment: Ore | null
  /** The line that it counted for. */
  readonly at: ItemId
  readonly gross: Ore
  readonly source: string
  readonly orderKey: string
  /** The version that left it over. */
  readonly version: number
  readonly lineKey: string
  readonly benefit: string
  readonly benefitName: string
  readonly from: Day
  readonly to: Day
  /** Since when it is known, as a business time. */
  readonly since: string
}

/** Everything that is overpaid in the municipality, undecided or to be adjusted, the oldest first. */
export async function readOverpaid(
  db: Db,
  municipality: Municipality,
  orderKeys?: readonly string[],
): Promise<OverpaidLot[]> {
  return await readLots(db, municipality, ['overpaid', 'adjusting'], orderKeys)
}

/** What is overpaid and let go as too little. */
export type SuppressedLot = Omit<OverpaidLot, 'place' | 'instalments' | 'instalment'>

/** The oldest first. */
export async function readSuppressed(db: Db, municipality: Municipality): Promise<SuppressedLot[]> {
  return await readLots(db, municipality, ['suppressed'])
}

async function readLots(
  db: Db,
  municipality: Municipality,
  places: readonly OverpaidPlace[],
  orderKeys?: readonly string[],
): Promise<OverpaidLot[]> {
  return await db.rows<OverpaidLot>(
    `with lot as (
       select x.item_id, x.at, x.place, sum(x.ore)::bigint as gross, min(x.work_no) as work_no,
         max(x.order_id) as order_id, ${CAME_LAST} as came
       from (select m.item_id, m.to_ref as at, m.to_place as place, m.gross_ore as ore, m.work_no,
             case when not ${IS_GIVEN_BACK} then m.order_id end as order_id, m.movement_no,
             case when not ${IS_GIVEN_BACK} then m.from_place end as came from item_movements m
           where m.municipality_code = $1 and m.to_place = any ($3)
         union all select m.item_id, m.from_ref, m.from_place, -m.gross_ore, null, null, null, null from item_movements m
           where m.municipality_code = $1 and m.from_place = any ($3)) x
       group by 1, 2, 3 having sum(x.ore) > 0)
     select t.item_id as item, case t.place when 2 then 'overpaid' when 6 then 'adjusting' else 'suppressed' end as place,
       ${CAUSE_OF_OVERPAID} as cause,
       p.instalments, p.total_ore / p.instalments as instalment, t.at, t.gross, s.key as source, o.order_key as "orderKey", n.version,
       l.line_key as "lineKey", b.key as benefit, b.name_da as "benefitName", l.period_from as from, l.period_to as to, w.known_at as since
     from lot t
     join orders o on o.municipality_code = $1 and o.order_id = t.at >> 6
     join orders n on n.municipality_code = $1 and n.order_id = t.order_id
     join source_systems s on s.source_system = o.source_system
     join order_lines l on l.municipality_code = $1 and l.order_id = t.at >> 6 and l.line_no = t.at & 63
     join benefits b on b.benefit = l.benefit
     join work_batches w on w.municipality_code = $1 and w.work_no = t.work_no
     left join lateral (select a.instalments, a.total_ore from adjustment_plans a where t.place = 6
       and a.municipality_code = $1 and a.item_id = t.item_id and a.line_at = t.at order by a.work_no desc limit 1) p
       on true
     where $2::text[] is null or o.order_key = any ($2)
     order by w.known_at, t.item_id, t.at, t.place`,
    [municipality, orderKeys ?? null, places.map((place) => PLACES.indexOf(place))],
  )
}

/** A part of a proposal. */
export interface ProposedLot {
  readonly item: ItemId
  readonly place: DecidablePlace
  readonly at: ItemId
  readonly gross: Ore
  readonly outcome: OutcomeKind
  /** To be taken in so many coming payments; undefined of another outcome. */
  readonly instalments: number | undefined
  /** Undefined of an error of our own: no right was judged. */
  readonly decision: { readonly key: string; readonly date: Day } | undefined
  readonly reason: string
}

export interface Proposal {
  readonly municipality: Municipality
  readonly proposalNo: number
  readonly lots: number
  readonly amount: Ore
  readonly at: string
  readonly by: string
}

/** Records a proposal. The same file again is the same proposal. */
export async function proposeOutcome(
  tx: Tx,
  municipality: Municipality,
  sha256: Uint8Array,
  lots: readonly ProposedLot[],
  act: { readonly at: string; readonly by: string },
): Promise<Proposal> {
  const amount = lots.reduce((sum, lot) => sum + lot.gross, 0)
  const known = await tx.first<{ proposal_no: number; at: string; by_actor: string }>(
    'select proposal_no, at, by_actor from outcome_proposals where municipality_code = $1 and file_sha256 = $2',
    [municipality, sha256],
  )
  const told = { municipality, lots: lots.length, amount: amount as Ore }
  if (known !== undefined) return { ...told, proposalNo: known.proposal_no, at: known.at, by: known.by_actor }
  const last = await tx.first<{ no: number }>(
    'select coalesce(max(proposal_no), 0) as no from outcome_proposals where municipality_code = $1',
    [municipality],
  )
  const proposalNo = (last?.no ?? 0) + 1
  await tx.run('insert into outcome_proposals values ($1, $2, $3, $4, $5, $6, $7)', [
    municipality,
    proposalNo,
    sha256,
    lots.length,
    amount,
    act.at,
    act.by,
  ])
  await tx.run(
    `insert into outcome_lots (municipality_code, proposal_no, item_id, line_at, gross_ore, decision_key,
       decision_date, reason, outcome, instalments, from_place)
     select $1, $2, l.item, l.at, l.gross, l.key, l.date, l.reason, l.outcome, l.instalments, l.place
     from jsonb_to_recordset($3::jsonb) as l (item bigint, at bigint, gross bigint, key text, date date, reason text,
       outcome text, instalments smallint, place smallint)`,
    [
      municipality,
      proposalNo,
      JSON.stringify(
        lots.map(({ decision, place, ...lot }) => {
          const date = decision && formatDay(decision.date)
          return { ...lot, key: decision?.key, date, place: PLACES.indexOf(place) }
        }),
      ),
    ],
  )
  return { ...told, proposalNo, ...act }
}

/** Proposals that nobody has approved. */
export async function waitingProposals(db: Db, municipality: Municipality): Promise<Proposal[]> {
  return await db.rows<Proposal>(
    `select p.municipality_code as municipality, p.proposal_no as "proposalNo", p.lots, p.amount_ore as amount, p.at,
       p.by_actor as by from outcome_proposals p
     where p.municipality_code = $1 and not exists (select from outcome_approvals a
       where a.municipality_code = $1 and a.proposal_no = p.proposal_no) order by 2`,
    [municipality],
  )
}

export interface ApprovedLot {
  readonly item: ItemId
  readonly place: DecidablePlace
  readonly at: ItemId
  readonly gross: Ore
  readonly outcome: OutcomeKind
  readonly instalments: number | null
  /** The newest version that left it over: what the movement is caused by. */
  readonly order: OrderId
}

/**
 * Approves a proposal: its lots as they are to be booked. Refuses with `four_eyes`, `stale_total`, or
 * `overpaid_changed` when less is overpaid than was proposed.
 */
export async function approveOutcome(
  tx: Tx,
  municipality: Municipality,
  proposalNo: number,
  act: { readonly at: string; readonly by: string; readonly total: number; readonly workNo: number },
): Promise<ApprovedLot[]> {
  const proposal = (await waitingProposals(tx, municipality)).find((one) => one.proposalNo === proposalNo)
  if (proposal === undefined) throw new Refusal('proposal_not_waiting', `Proposal ${proposalNo} does not wait here.`)
  if (proposal.by === act.by) {
    throw new Refusal('four_eyes', `${act.by} made the proposal; another person must approve it.`)
  }
  if (proposal.amount !== act.total) {
    throw new Refusal('stale_total', 'The total is not that of the proposal. Look at it again, then approve.')
  }
  const lots = await tx.rows<ApprovedLot & { overpaid: number }>(
    `select l.item_id as item, case l.from_place when 2 then 'overpaid' else 'adjusting' end as place, l.line_at as at,
       l.gross_ore as gross, l.outcome, l.instalments, coalesce(m.ore, 0)::bigint as overpaid, m.order_id as order
     from outcome_lots l
     cross join lateral (select sum(case when m.to_place = l.from_place then m.gross_ore else -m.gross_ore end) as ore,
         max(m.order_id) filter (where m.to_place = l.from_place and not ${IS_GIVEN_BACK}) as order_id
       from item_movements m where m.municipality_code = $1 and m.item_id = l.item_id
         and ((m.to_place = l.from_place and m.to_ref = l.line_at)
           or (m.from_place = l.from_place and m.from_ref = l.line_at))) m
     where l.municipality_code = $1 and l.proposal_no = $2 order by 1, 3, 2 desc`,
    [municipality, proposalNo],
  )
  const changed = lots.find((lot) => lot.overpaid < lot.gross)
  if (changed !== undefined) {
    throw new Refusal(
      'overpaid_changed',
      `Less is overpaid than was proposed (${changed.overpaid} of ${changed.gross} øre). Make a new proposal.`,
    )
  }
  await tx.run('insert into outcome_approvals values ($1, $2, $3, $4, $5)', [
    municipality,
    proposalNo,
    act.workNo,
    act.at,
    act.by,
  ])
  return lots
}
