/**
 * Work items (opgaver): what needs a person. The list is derived: what is found and not there is opened, what is there
 * still is brought up to date, what is found no more is closed. A person takes an item, and closes only what nothing
 * else can close; it opens again when its amount changes. @da opgave
 */
import type { Db, Tx } from '../../base/db.ts'
import type { Municipality } from '../../base/id.ts'
import { Refusal } from '../../base/refusal.ts'

export type WorkKind =
  /** Paid on or after the day on which the party died, disappeared, went bankrupt or closed. */
  | 'paid_after_event'
  /** Paid, wanted no more, and not decided. */
  | 'overpaid'
  /** To be taken in coming payments, and none comes. */
  | 'not_taken'
  | 'held'
  | 'returned'
  /** A line that is held in a payment run. */
  | 'held_payment'
  /** Paid again, and the attempt that came back seems to have been paid after all. */
  | 'double_payment'
  /** A run of its own, for what cannot wait, is not approved and sent. */
  | 'acute_run'
  /** Paid elsewhere, and no order of ours pays just that. */
  | 'outside_payment'
  /** The debtor system says that another amount is left of a claim than stands here. */
  | 'claim_differs'
  /** Of a benefit that was paid, the part that was to go on to somebody who closed. */
  | 'stopped_part'
  /** Entered by one person, and counts when another has approved it. */
  | 'second_person'
  /** A run that is sent and not answered in full. */
  | 'unanswered'
  /** A payment file that the rail refused whole and that waits for a person. */
  | 'refused_file'
  /** Accepted with a warning, and not booked by the bank yet. */
  | 'payment_warned'
  /** Asked back of NemKonto or the bank, and it has neither come back nor been let be. */
  | 'stop_asked'
  /** Lines of a received file that could not be read or placed, or the whole file. */
  | 'quarantined'
  /** A run that is not released, near its cut-off or behind it. */
  | 'run_waits'
  /** A month's oversight that is not signed, near its deadline or behind it. */
  | 'oversight_due'
  /** A day of payments that is not approved, near its deadline or behind it, where days are approved. */
  | 'day_due'
  /** What was told of a month lacks something of what was calculated. */
  | 'told_lacks'

export interface WorkItem {
  readonly municipality: Municipality
  readonly kind: WorkKind
  /** What it is about, by our own keys; with the kind it names the item. */
  readonly subject: string
  /** The source system that it is about, when it is about one. */
  readonly sourceSystem: string | null
  /** Who must act: `kommune`, or the source system whose decision is missing. */
  readonly owner: string
  readonly amount: number | null
  /** Since when, as a business time. */
  readonly since: string
  readonly detail: Readonly<Record<string, unknown>>
  readonly takenBy: string | null
}

/** What a query of findings gives: a row for each item, its key unique. */
export const FOUND_COLUMNS = 'municipality_code, kind, subject, source_system, owner, amount_ore, since, detail'

const SAME = `w.municipality_code = f.municipality_code and w.kind = f.kind and w.subject = f.subject`

/**
 * Brings the list of these municipalities in step with what `found` (a query of FOUND_COLUMNS; `$1` the municipalities,
 * `$2` when) finds: one statement for all of them.
 */
export async function syncWorkItems(
  tx: Tx,
  municipalities: readonly Municipality[],
  found: string,
  at: string,
  /** More that `found` asks for, from `$3`. */
  more: readonly string[] = [],
): Promise<{ readonly changed: number; readonly closed: number }> {
  const row = await tx.first<{ changed: number; closed: number }>(
    `with found as materialized (${found}),
     changed as (
       insert into work_items as w (${FOUND_COLUMNS.replace('since', 'opened_at')})
       select f.municipality_code, f.kind, f.subject, f.source_system, f.owner, f.amount_ore, f.since, f.detail
       from found f left join work_items w on ${SAME}
       where w.kind is null
         or (w.closed_at is null and (w.detail, w.amount_ore, w.owner) is distinct from (f.detail, f.amount_ore, f.owner))
         or (w.closed_at is not null and (w.closed_by = 'toek' or w.amount_ore is distinct from f.amount_ore))
       on conflict (municipality_code, kind, subject) do update set source_system = excluded.source_system,
         owner = excluded.owner, amount_ore = excluded.amount_ore, detail = excluded.detail,
         opened_at = case when w.closed_at is null then w.opened_at else excluded.opened_at end,
         taken_by = case when w.closed_at is null then w.taken_by end,
         taken_at = case when w.closed_at is null then w.taken_at end,
         closed_at = null, closed_by = null, closing_reason = null
       returning 1),
     closed as (
       update work_items w set closed_at = $2::timestamptz, closed_by = 'toek'
       where w.municipality_code = any ($1) and w.closed_at is null and not exists (select from found f where ${SAME})
       returning 1)
     select (select count(*) from changed)::int as changed, (select count(*) from closed)::int as closed`,
    [municipalities, at, ...more],
  )
  return row ?? { changed: 0, closed: 0 }
}

/** Open items, the oldest first. */
export async function readWorkItems(
  db: Db,
  municipalities: readonly Municipality[],
  limit: number,
): Promise<{ readonly items: readonly WorkItem[]; readonly total: number }> {
  const rows = await db.rows<WorkItem & { total: number }>(
    `select w.municipality_code as municipality, w.kind, w.subject, s.key as "sourceSystem", w.owner,
       w.amount_ore as amount, to_char(w.opened_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as since,
       w.detail, w.taken_by as "takenBy", count(*) over ()::int as total
     from work_items w left join source_systems s on s.source_system = w.source_system
     where w.municipality_code = any ($1) and w.closed_at is null
     order by w.opened_at, w.municipality_code, w.kind, w.subject limit $2`,
    [municipalities, limit],
  )
  return { items: rows, total: rows[0]?.total ?? 0 }
}

export interface WorkAct {
  readonly municipality: Municipality
  readonly kind: string
  readonly subject: string
  readonly by: string
  readonly at: string
}

/** A person says: I see to this. Somebody else's item is taken over. */
export async function takeWorkItem(tx: Tx, act: WorkAct): Promise<void> {
  const taken = await tx.run(
    `update work_items set taken_by = $4, taken_at = $5
     where municipality_code = $1 and kind = $2 and subject = $3 and closed_at is null`,
    [act.municipality, act.kind, act.subject, act.by, act.at],
  )
  if (taken === 0) throw notOpen(act)
}

/** What no later fact closes; everything else closes itself when its cause is gone. */
const CLOSED_BY_HAND: readonly WorkKind[] = ['paid_after_event', 'stop_asked', 'told_lacks']

/** A person closes an item, with the reason. Refuses what closes itself. */
export async function closeWorkItem(tx: Tx, act: WorkAct & { readonly reason: string }): Promise<void> {
  if (act.reason.trim() === '') throw new Refusal('reason_missing', 'Say why the item is closed.')
  if (!CLOSED_BY_HAND.includes(act.kind as WorkKind)) {
    throw new Refusal('closes_itself', `An item of the kind ${act.kind} closes itself when its cause is gone.`)
  }
  const closed = await tx.run(
    `update work_items set closed_at = $5, closed_by = $4, closing_reason = $6
     where municipality_code = $1 and kind = $2 and subject = $3 and closed_at is null`,
    [act.municipality, act.kind, act.subject, act.by, act.at, act.reason],
  )
  if (closed === 0) throw notOpen(act)
}

function notOpen({ kind, subject }: WorkAct): Refusal {
  return new Refusal('no_work_item', `There is no open work item ${kind}:${subject} here.`)
}
