/** A delivery is recorded with its hash before it is sent, so that a crash neither loses nor doubles it. @da leverance */
import type { Db, Tx } from '../../base/db.ts'
import type { Municipality } from '../../base/id.ts'
import type { ControlTotals } from './told-item.ts'

export type DeliveryKind = 'nemkonto' | 'eindkomst' | 'g69' | 'ydelsesrefusion' | 'ydelsesindeks'

export interface NewDelivery {
  readonly municipality: Municipality
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

/** Records it and gives its number within the municipality. */
export async function recordDelivery(tx: Tx, delivery: NewDelivery): Promise<number> {
  const row = await tx.first<{ delivery_no: number }>(
    `insert into deliveries (municipality_code, delivery_no, kind, cause, file_name, sha256, bytes, totals, ledger_head,
       known_at)
     select $1, coalesce((select max(delivery_no) from deliveries where municipality_code = $1), 0) + 1, $2, $3, $4, $5,
       $6, $7, $8, $9 returning delivery_no`,
    [
      delivery.municipality,
      delivery.kind,
      delivery.cause,
      delivery.fileName,
      delivery.sha256,
      delivery.bytes,
      JSON.stringify(delivery.totals),
      delivery.ledgerHead,
      delivery.knownAt,
    ],
  )
  return row?.delivery_no ?? 0
}

export async function markDelivered(tx: Tx, municipality: Municipality, deliveryNo: number, at: string): Promise<void> {
  await tx.run('insert into deliveries_sent values ($1, $2, $3) on conflict do nothing', [municipality, deliveryNo, at])
}

export async function markFileDelivered(
  tx: Tx,
  municipality: Municipality,
  fileName: string,
  at: string,
): Promise<void> {
  await tx.run(
    `insert into deliveries_sent select municipality_code, delivery_no, $3 from deliveries
     where municipality_code = $1 and file_name = $2 on conflict do nothing`,
    [municipality, fileName, at],
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
  return await db.rows<RecordedDelivery>(
    `select d.delivery_no as "deliveryNo", d.kind, d.cause, d.file_name as "fileName", encode(d.sha256, 'hex') as sha256,
       d.bytes, d.totals, exists (select from deliveries_sent s where s.municipality_code = d.municipality_code
         and s.delivery_no = d.delivery_no) as sent
     from deliveries d where d.municipality_code = $1 order by d.delivery_no`,
    [municipality],
  )
}

/** Which calculated batches a delivery kind has told of. */
export async function markBatchesTold(
  tx: Tx,
  municipality: Municipality,
  kind: DeliveryKind,
  workNos: readonly number[],
  deliveryNo: number,
): Promise<void> {
  await tx.run('insert into delivery_batches select $1, $2, w, $3 from unnest($4::int[]) as t (w)', [
    municipality,
    kind,
    deliveryNo,
    workNos,
  ])
}
