/**
 * A delivery is recorded with its hash before it is sent, so that a crash neither loses nor doubles it. @da leverance
 */
import { rowWriter } from '../../base/copy.ts'
import type { Db, Tx } from '../../base/db.ts'
import type { Municipality } from '../../base/id.ts'
import type { ControlTotals } from './told-item.ts'

export type DeliveryKind =
  | 'nemkonto'
  | 'iso20022'
  | 'eindkomst'
  | 'g69'
  | 'ydelsesrefusion'
  | 'ydelsesindeks'
  | 'letter'

/** Files to a rail; the others tell of what was calculated. */
function isPaymentFile(kind: DeliveryKind): kind is 'nemkonto' | 'iso20022' {
  return kind === 'nemkonto' || kind === 'iso20022'
}

/** Written by month for a receiver; the others are of a run, or of a case. */
export function tellsOfMonth(kind: DeliveryKind): boolean {
  return !isPaymentFile(kind) && kind !== 'letter'
}

export interface NewDelivery {
  readonly kind: DeliveryKind
  /** Unique within its kind: a run or a month and number. */
  readonly cause: string
  readonly fileName: string
  readonly sha256: Uint8Array
  readonly bytes: number
  readonly totals: ControlTotals
  readonly ledgerHead: Uint8Array
  readonly knownAt: string
}

const COLUMNS = `municipality_code, delivery_no, kind, cause, file_name, sha256, bytes, totals, ledger_head, known_at`

/** Records deliveries in their order and gives the first number within the municipality; the others follow it. */
export async function recordDeliveries(
  tx: Tx,
  municipality: Municipality,
  deliveries: readonly NewDelivery[],
): Promise<number> {
  const last = await tx.often.first<{ delivery_no: number }>(
    'select max(delivery_no) as delivery_no from deliveries where municipality_code = $1',
    [municipality],
  )
  const first = (last?.delivery_no ?? 0) + 1
  const rows = rowWriter(1 << 12)
  for (const [i, delivery] of deliveries.entries()) {
    rows.row(10)
    rows.i16(municipality)
    rows.i32(first + i)
    rows.text(delivery.kind)
    rows.text(delivery.cause)
    rows.text(delivery.fileName)
    rows.bytes(delivery.sha256)
    rows.i64(delivery.bytes)
    rows.jsonb(delivery.totals)
    rows.bytes(delivery.ledgerHead)
    rows.time(delivery.knownAt)
  }
  if (rows.rows > 0) await tx.copyIn('deliveries', COLUMNS, rows)
  return first
}

/** The files lie in the outgoing folder, each since its time. */
export async function markFilesDelivered(
  tx: Tx,
  municipality: Municipality,
  files: readonly { readonly fileName: string; readonly at: string }[],
): Promise<void> {
  await tx.often.run(
    `insert into deliveries_sent select d.municipality_code, d.delivery_no, f.at::timestamptz
     from deliveries d join unnest($2::text[], $3::text[]) as f (name, at) on f.name = d.file_name
     where d.municipality_code = $1 on conflict do nothing`,
    [municipality, files.map((file) => file.fileName), files.map((file) => file.at)],
  )
}

export interface RecordedDelivery {
  readonly deliveryNo: number
  readonly kind: DeliveryKind
  readonly cause: string
  readonly fileName: string
  readonly sha256: string
  readonly bytes: number
  readonly totals: ControlTotals
  readonly sent: boolean
}

export async function readDeliveries(db: Db, municipality: Municipality): Promise<RecordedDelivery[]> {
  return await db.often.rows<RecordedDelivery>(
    `select d.delivery_no as "deliveryNo", d.kind, d.cause, d.file_name as "fileName", encode(d.sha256, 'hex') as sha256,
       d.bytes, d.totals, exists (select from deliveries_sent s where s.municipality_code = d.municipality_code
         and s.delivery_no = d.delivery_no) as sent
     from deliveries d where d.municipality_code = $1 order by d.delivery_no`,
    [municipality],
  )
}

/** Which calculated batches these deliveries tell of: all of the same. */
export async function markBatchesTold(
  tx: Tx,
  municipality: Municipality,
  deliveries: readonly { readonly kind: DeliveryKind; readonly deliveryNo: number }[],
  workNos: readonly number[],
): Promise<void> {
  await tx.run(
    `insert into delivery_batches select $1, d.kind, w, d.no
     from unnest($2::text[], $3::int[]) as d (kind, no) cross join unnest($4::int[]) as t (w)`,
    [municipality, deliveries.map((one) => one.kind), deliveries.map((one) => one.deliveryNo), workNos],
  )
}
