/**
 * What was overpaid and is decided not to be claimed back: proposed by one person, approved by another by the total
 * that was shown. A decision to claim comes from the source system in an order; this one is the municipality's own.
 */
import type { Db, Tx } from '../../base/db.ts'
import { type Day, formatDay } from '../../base/date.ts'
import type { ItemId, Municipality, OrderId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { Refusal } from '../../base/refusal.ts'

/** Something that is overpaid, until it is decided what becomes of it. @da for meget udbetalt */
export interface OverpaidLot {
  readonly item: ItemId
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

/** Everything that is overpaid and undecided in these municipalities, the oldest first. */
export async function readOverpaid(
  db: Db,
  municipality: Municipality,
  orderKeys?: readonly string[],
): Promise<OverpaidLot[]> {
  return await db.rows<OverpaidLot>(
    `with lot as (
       select l.item_id, l.at, sum(l.ore)::bigint as gross, min(l.work_no) as work_no, max(l.order_id) as order_id
       from (select m.item_id, m.to_ref as at, m.gross_ore as ore, m.work_no, m.order_id from item_movements m
           where m.municipality_code = $1 and m.to_place = 2
         union all select m.item_id, m.from_ref, -m.gross_ore, null, null from item_movements m
           where m.municipality_code = $1 and m.from_place = 2) l
       group by 1, 2 having sum(l.ore) > 0)
     select t.item_id as item, t.at, t.gross, s.key as source, o.order_key as "orderKey", n.version,
       l.line_key as "lineKey", b.key as benefit, b.name_da as "benefitName", l.period_from as from, l.period_to as to, w.known_at as since
     from lot t
     join orders o on o.municipality_code = $1 and o.order_id = t.item_id >> 6
     join orders n on n.municipality_code = $1 and n.order_id = t.order_id
     join source_systems s on s.source_system = o.source_system
     join order_lines l on l.municipality_code = $1 and l.order_id = t.at >> 6 and l.line_no = t.at & 63
     join benefits b on b.benefit = l.benefit
     join work_batches w on w.municipality_code = $1 and w.work_no = t.work_no
     where $2::text[] is null or o.order_key = any ($2)
     order by w.known_at, t.item_id, t.at`,
    [municipality, orderKeys ?? null],
  )
}

/** A part of a proposal. */
export interface ProposedLot {
  readonly item: ItemId
  readonly at: ItemId
  readonly gross: Ore
  readonly decisionKey: string
  readonly decisionDate: Day
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
    `insert into outcome_lots select $1, $2, l.item, l.at, l.gross, l.key, l.date, l.reason
     from jsonb_to_recordset($3::jsonb) as l (item bigint, at bigint, gross bigint, key text, date date, reason text)`,
    [
      municipality,
      proposalNo,
      JSON.stringify(
        lots.map(({ item, at, gross, decisionKey: key, decisionDate, reason }) => {
          return { item, at, gross, key, date: formatDay(decisionDate), reason }
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
  readonly at: ItemId
  readonly gross: Ore
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
    `select l.item_id as item, l.line_at as at, l.gross_ore as gross, coalesce(m.ore, 0)::bigint as overpaid,
       m.order_id as order
     from outcome_lots l
     cross join lateral (select sum(case when m.to_place = 2 then m.gross_ore else -m.gross_ore end) as ore,
         max(m.order_id) filter (where m.to_place = 2) as order_id
       from item_movements m where m.municipality_code = $1 and m.item_id = l.item_id
         and ((m.to_place = 2 and m.to_ref = l.line_at) or (m.from_place = 2 and m.from_ref = l.line_at))) m
     where l.municipality_code = $1 and l.proposal_no = $2 order by 1, 2`,
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
