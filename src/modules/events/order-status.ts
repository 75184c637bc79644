/**
 * One order as its source system sees it: four axes that move independently, its holds, and every version with
 * its steps.
 */
import type { Db } from '../../base/db.ts'
import { type Municipality, municipalityText } from '../../base/id.ts'
import { HOLD_DETAIL, type HoldFacts, referencesOf } from '../orders/index.ts'
import { DUE_OF_ITEM, endToEndIdOf, isHeld } from '../payments/index.ts'

/** How much of the order has reached an axis. */
export type AxisState = 'no' | 'partly' | 'yes'

/** paid_before: what the old system paid, until a version of ours comes. */
export type OrderState = 'active' | 'withdrawn' | 'paid_before'
const ORDER_STATES: readonly OrderState[] = ['active', 'withdrawn', 'paid_before']

/** What one payable part of the order has come to. */
export type PaymentState =
  | 'due'
  | 'in_round'
  | 'held'
  | 'stopped'
  | 'sent'
  | 'accepted'
  | 'waiting_account'
  | 'presumed_paid'
  | 'paid'
  /** By somebody else than us. @da betalt udenom */
  | 'paid_outside'
  | 'returned'

export interface OrderStatus {
  readonly order_key: string
  readonly source_system: string
  readonly municipality: string
  readonly case_key: string
  /** The newest version. */
  readonly version: number
  readonly state: OrderState
  readonly disposition_date: string
  readonly axes: {
    /** @da udbetalt */
    readonly paid: { readonly state: AxisState; readonly paid_ore: number; readonly of_ore: number }
    /** Told to eIndkomst. @da indberettet */
    readonly reported: { readonly state: AxisState; readonly at: string | null }
    /** In our ledger, and told to the municipality's ERP. @da bogført */
    readonly posted: { readonly state: AxisState; readonly in_ledger: boolean; readonly at: string | null }
    /** Asked for in Ydelsesrefusion; what the state answers is not read yet. @da refunderet */
    readonly reimbursed: { readonly state: AxisState; readonly asked_at: string | null }
  }
  /** The order that the newest version takes the place of, and those that take its place. @da ordrehenvisning */
  readonly instead_of: string | null
  readonly replaced_by: readonly string[]
  readonly held: boolean
  readonly holds: readonly OrderHold[]
  readonly items: readonly OrderItem[]
  readonly history: readonly OrderVersion[]
}

export interface OrderHold extends HoldFacts {
  readonly version: number
  readonly at: string
  readonly by: string
  readonly released: { readonly at: string; readonly by: string; readonly reason: string } | null
}

export interface OrderItem {
  readonly version: number
  /** Calculated and never received: taken back by a later version. @da trukket tilbage */
  readonly withdrawn: boolean
  readonly line_key: string
  readonly benefit: string | null
  readonly gross_ore: number
  readonly net_ore: number
  readonly payments: readonly OrderPayment[]
}

export interface OrderPayment {
  readonly line_key: string
  readonly amount_ore: number
  readonly state: PaymentState
  readonly end_to_end_id: string | null
}

export interface OrderVersion {
  /** 0: what was paid before the takeover. */
  readonly version: number
  readonly state: OrderState
  readonly reason: string | null
  readonly steps: readonly { readonly step: string; readonly at: string }[]
}

interface VersionRow {
  order_id: number
  municipality: number
  source_system: string
  order_key: string
  version: number
  state: number
  reason: string | null
  case_key: string
  disposition_date: string
  received_at: string
  calculated_at: string | null
  erp_at: string | null
  /** Something of what it pays is income to be reported. */
  reports: boolean
  reported_at: string | null
  refund_at: string | null
}

const UTC = (column: string): string => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`

function sentAt(kind: string): string {
  return `(select ${UTC('s.at')} from delivery_batches b join deliveries_sent s on s.municipality_code = b.municipality_code
    and s.delivery_no = b.delivery_no where b.municipality_code = o.municipality_code and b.kind = '${kind}'
    and b.work_no = c.work_no)`
}

/** Which municipalities of the session's scope know the key: usually one. */
export async function municipalitiesOfOrder(
  db: Db,
  source: number,
  orderKey: string,
  scope: readonly Municipality[],
): Promise<Municipality[]> {
  const rows = await db.rows<{ municipality_code: number }>(
    `select distinct municipality_code from orders where municipality_code = any($1) and source_system = $2
       and order_key = $3 order by 1`,
    [scope, source, orderKey],
  )
  return rows.map((row) => row.municipality_code)
}

/** Undefined when the order is not known. */
export async function readOrderStatus(
  db: Db,
  municipality: Municipality,
  source: number,
  orderKey: string,
): Promise<OrderStatus | undefined> {
  const versions = await readVersions(db, municipality, source, orderKey)
  const newest = versions.at(-1)
  if (newest === undefined) return undefined
  const ids = versions.map((row) => row.order_id)
  const holds = await readHolds(db, municipality, ids)
  const items = await readItems(db, municipality, ids)
  const references = await referencesOf(db, municipality, source, [orderKey])
  const parts = items.filter((item) => !item.withdrawn).flatMap((item) => item.payments)
  const paid = parts.filter((part) => PAID.includes(part.state))
  const live = versions.filter((row) => row.calculated_at !== null && row.version > 0)
  return {
    order_key: orderKey,
    source_system: newest.source_system,
    municipality: municipalityText(municipality),
    case_key: newest.case_key,
    version: newest.version,
    state: ORDER_STATES[newest.state] ?? 'active',
    disposition_date: newest.disposition_date,
    axes: {
      paid: { state: axis(paid.length, parts.length), paid_ore: oreOf(paid), of_ore: oreOf(parts) },
      // A version that pays nothing, or help that is no income, leaves nothing unreported.
      reported: deliveredAxis(
        live.filter((row) => row.reports),
        'reported_at',
      ),
      posted: { ...deliveredAxis(live, 'erp_at'), in_ledger: live.length > 0 },
      reimbursed: { state: 'no', asked_at: latest(live, 'refund_at') },
    },
    instead_of: references.find((one) => one.orderKey === orderKey)?.insteadOf ?? null,
    replaced_by: references.filter((one) => one.insteadOf === orderKey).map((one) => one.orderKey),
    held: holds.some((hold) => isOpen(hold) && hold.version === newest.version),
    holds,
    items,
    history: versions.map((row) => ({
      version: row.version,
      state: ORDER_STATES[row.state] ?? 'active',
      reason: row.reason,
      steps: stepsOf(row),
    })),
  }
}

const PAID: readonly PaymentState[] = ['paid', 'waiting_account', 'paid_outside']

/** A version that is replaced waits for nobody. */
function isOpen(hold: OrderHold): boolean {
  return hold.released === null && hold.kind !== 'superseded'
}

function axis(done: number, of: number): AxisState {
  return done === 0 ? 'no' : done < of ? 'partly' : 'yes'
}

function oreOf(parts: readonly OrderPayment[]): number {
  let sum = 0
  for (const part of parts) sum += part.amount_ore
  return sum
}

type AtColumn = 'erp_at' | 'reported_at' | 'refund_at'

function latest(rows: readonly VersionRow[], column: AtColumn): string | null {
  return rows.map((row) => row[column]).findLast((at) => at !== null) ?? null
}

function deliveredAxis(rows: readonly VersionRow[], column: AtColumn): { state: AxisState; at: string | null } {
  return { state: axis(rows.filter((row) => row[column] !== null).length, rows.length), at: latest(rows, column) }
}

function stepsOf(row: VersionRow): { step: string; at: string }[] {
  const steps: [string, string | null][] = [
    ['received', row.received_at],
    ['calculated', row.calculated_at],
    ['reported', row.reported_at],
    ['posted', row.erp_at],
    ['reimbursement_asked', row.refund_at],
  ]
  return steps.flatMap(([step, at]) => (at === null ? [] : [{ step, at }]))
}

async function readVersions(
  db: Db,
  municipality: Municipality,
  source: number,
  orderKey: string,
): Promise<VersionRow[]> {
  return await db.rows<VersionRow>(
    `select o.order_id, o.municipality_code as municipality, s.key as source_system, o.order_key, o.version, o.state,
       o.reason, o.case_key, o.disposition_date::text as disposition_date, ${UTC('i.known_at')} as received_at,
       (select ${UTC('w.known_at')} from work_batches w where w.municipality_code = o.municipality_code
         and w.work_no = c.work_no) as calculated_at,
       t.reports, case when t.reports then ${sentAt('eindkomst')} end as reported_at,
       ${sentAt('g69')} as erp_at, ${sentAt('ydelsesrefusion')} as refund_at
     from orders o
     join source_systems s on s.source_system = o.source_system
     join intakes i on i.municipality_code = o.municipality_code and i.intake_no = (o.order_id >> 24)::int
     left join lateral (select work_no from calculations c where c.municipality_code = o.municipality_code
       and c.order_id = o.order_id limit 1) c on true
     cross join lateral (select exists (select from calculations x join reference_rows b on b.kind = 'benefit'
         and (b.body->>'benefit')::smallint = x.benefit and b.body->>'incomeType' is not null
       where x.municipality_code = o.municipality_code and x.order_id = o.order_id and x.gross_ore > 0) as reports) t
     where o.municipality_code = $1 and o.source_system = $2 and o.order_key = $3 order by o.version, o.again`,
    [municipality, source, orderKey],
  )
}

async function readHolds(db: Db, municipality: Municipality, ids: readonly number[]): Promise<OrderHold[]> {
  const rows = await db.rows<Omit<OrderHold, 'released'> & { r_at: string | null; r_by: string; r_reason: string }>(
    `select o.version, h.kind, h.reason, ${HOLD_DETAIL} as detail, ${UTC('h.at')} as at, h.by_actor as by, ${UTC('r.at')} as r_at,
       r.by_actor as r_by, r.reason as r_reason
     from order_holds h join orders o on o.municipality_code = h.municipality_code and o.order_id = h.order_id
     left join order_hold_releases r on r.municipality_code = h.municipality_code and r.order_id = h.order_id
       and r.hold_no = h.hold_no
     where h.municipality_code = $1 and h.order_id = any($2) order by o.version, h.hold_no`,
    [municipality, ids],
  )
  return rows.map(({ r_at: at, r_by: by, r_reason: reason, ...hold }) => ({
    ...hold,
    released: at === null ? null : { at, by, reason },
  }))
}

interface ItemRow {
  /** A version that is calculated again is another order. */
  order_id: number
  version: number
  withdrawn: boolean
  line_key: string
  benefit: string | null
  gross_ore: number
  net_ore: number
  part_key: string | null
  amount_ore: number
  state: PaymentState
  payment_id: number | null
}

/** The rail has accepted payment `y`. */
function accepted(more: string): string {
  return `exists (select from accepted_payments a where a.municipality_code = $1
    and a.run_no = (y.payment_id >> 24)::int and a.numbers @> (y.payment_id & 16777215)::int ${more})`
}

/** A payment is paid when the movement of its bundle, or its own, was matched; a return afterwards undoes it. */
const STATE = `case when z.cause is not null then case when ${isHeld('z')} then 'held' else 'stopped' end
  when u.item_id is not null then case when u.outside_no > 0 then 'paid_outside' else 'paid' end
  when y.payment_id is null then 'due'
  when exists (select from payment_returns r where r.municipality_code = $1 and r.payment_id = y.payment_id) then 'returned'
  when exists (select from statement_entries s
    where s.municipality_code = $1 and s.match = 'settled' and s.amount_ore < 0 and (s.payment_id = y.payment_id
      or (s.run_no = (y.payment_id >> 24)::int and s.unit = y.unit))) then
    case when ${accepted('and a.waiting_account')} then 'waiting_account' else 'paid' end
  when exists (select from presumed_payments a where a.municipality_code = $1 and a.run_no = (y.payment_id >> 24)::int
    and a.numbers @> (y.payment_id & 16777215)::int) then 'presumed_paid'
  when ${accepted('')} then 'accepted'
  when exists (select from payment_run_steps s where s.municipality_code = $1 and s.run_no = (y.payment_id >> 24)::int
    and s.step = 'sent') then 'sent'
  else 'in_round' end`

async function readItems(db: Db, municipality: Municipality, ids: readonly number[]): Promise<OrderItem[]> {
  const rows = await db.rows<ItemRow>(
    `select o.order_id, o.version, exists (select from item_movements m where m.municipality_code = $1
         and m.item_id = c.order_id * 64 + c.line_no and m.to_place = 1 and m.to_ref = 0) as withdrawn, l.line_key, b.key as benefit, c.gross_ore, c.net_ore, k.line_key as part_key,
       coalesce(p.amount_ore, 0) as amount_ore, ${STATE} as state, x.payment_id
     from calculations c
     join orders o on o.municipality_code = $1 and o.order_id = c.order_id
     join order_lines l on l.municipality_code = $1 and l.order_id = c.order_id and l.line_no = c.line_no
     left join benefits b on b.benefit = c.benefit
     left ${DUE_OF_ITEM.replace('cross join', 'join')} on true
     left join order_lines k on k.municipality_code = $1 and k.order_id = c.order_id
       and k.line_no = case when p.part & 63 = 0 then c.line_no else (p.part & 63)::smallint end
     left join payment_parts x on x.municipality_code = $1 and x.item_id = c.order_id * 64 + c.line_no
       and x.part = p.part
     left join payments y on y.municipality_code = $1 and y.payment_id = x.payment_id
     left join stopped_parts z on z.municipality_code = $1 and z.item_id = c.order_id * 64 + c.line_no and z.part = p.part
     left join outside_parts u on u.municipality_code = $1 and u.item_id = c.order_id * 64 + c.line_no and u.part = p.part
     where c.municipality_code = $1 and c.order_id = any($2) order by o.version, o.again, c.line_no, p.part`,
    [municipality, ids],
  )
  const items: (OrderItem & { payments: OrderPayment[] })[] = []
  let last: ItemRow | undefined
  for (const row of rows) {
    let item = items.at(-1)
    const isNext = last?.order_id !== row.order_id || last.line_key !== row.line_key
    last = row
    if (item === undefined || isNext) {
      const { version, withdrawn, line_key, benefit, gross_ore, net_ore } = row
      item = { version, withdrawn, line_key, benefit, gross_ore, net_ore, payments: [] }
      items.push(item)
    }
    if (row.part_key === null) continue
    item.payments.push({
      line_key: row.part_key,
      amount_ore: row.amount_ore,
      state: row.state,
      end_to_end_id: row.payment_id === null ? null : endToEndIdOf(municipality, row.payment_id),
    })
  }
  return items
}
