/**
 * The ledger is made of transfers: one debit account, one credit account, a positive amount. An entry (bilag) is a set
 * of transfers with one cause. Nothing can be out of balance, by construction.
 */
import { hash } from 'node:crypto'
import { type RowWriter, rowWriter } from '../../base/copy.ts'
import type { Tx } from '../../base/db.ts'
import { type Day, formatDay } from '../../base/date.ts'
import { type EntryId, type ItemId, type Municipality, numbered } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'

/** How many posting dates one batch of work may have. */
export const LEDGER_BATCHES_PER_WORK = 64
/** Bytes of a transfer in the digest: number, system, benefit, debit, credit, amount, item. */
export const TRANSFER_BYTES = 32

export function ledgerBatchNo(workNo: number, position: number): number {
  return workNo * LEDGER_BATCHES_PER_WORK + position
}

export interface LedgerBatchWriter {
  /** Starts an entry caused by an order, run or file. */
  entry(cause: number): void
  /** One transfer of the entry at hand; amounts of zero are left out. */
  transfer(source: number, benefit: number, debit: number, credit: number, amount: Ore, item: ItemId): void
  /** Copies everything into the database; the batch row goes first, for it opens the id range. */
  write(tx: Tx, knownAt: string): Promise<void>
  readonly postingDate: Day
}

interface Buffers {
  readonly entries: RowWriter
  readonly transfers: RowWriter
}

/** Collects one ledger batch: one municipality, one posting date. */
export function ledgerBatch(municipality: Municipality, batchNo: number, postingDate: Day): LedgerBatchWriter {
  const buffers: Buffers = { entries: rowWriter(1 << 14), transfers: rowWriter(1 << 16) }
  let scratch = Buffer.alloc(16 + 64 * TRANSFER_BYTES)
  const digests: Buffer[] = []
  let number = 0
  let cause = -1
  let entryId: EntryId = 0
  let transferNo = 0
  let amountOre = 0
  let transfers = 0

  function close(): void {
    if (cause < 0 || transferNo === 0) return
    scratch.writeBigInt64BE(BigInt(entryId), 0)
    scratch.writeBigInt64BE(BigInt(cause), 8)
    const digest = hash('sha256', scratch.subarray(0, 16 + transferNo * TRANSFER_BYTES), 'buffer')
    digests.push(digest)
    const { entries } = buffers
    entries.row(4)
    entries.i16(municipality)
    entries.i64(entryId)
    entries.i64(cause)
    entries.bytes(digest)
    number++
  }

  return {
    postingDate,
    entry(newCause) {
      close()
      cause = newCause
      entryId = numbered(batchNo, number)
      transferNo = 0
    },
    transfer(source, benefit, debit, credit, amount, item) {
      if (amount === 0) return
      const at = 16 + transferNo * TRANSFER_BYTES
      if (at + TRANSFER_BYTES > scratch.length) scratch = Buffer.concat([scratch, Buffer.alloc(scratch.length)])
      scratch.writeInt32BE(transferNo, at)
      scratch.writeInt16BE(source, at + 4)
      scratch.writeInt16BE(benefit, at + 6)
      scratch.writeInt32BE(debit, at + 8)
      scratch.writeInt32BE(credit, at + 12)
      put64(scratch, amount, at + 16)
      put64(scratch, item, at + 24)
      const rows = buffers.transfers
      rows.row(9)
      rows.i16(municipality)
      rows.i64(entryId)
      rows.i32(transferNo)
      rows.i16(source)
      rows.i16(benefit)
      rows.i32(debit)
      rows.i32(credit)
      rows.i64(amount)
      rows.i64(item)
      transferNo++
      transfers++
      amountOre += amount
    },
    async write(tx, knownAt) {
      close()
      cause = -1
      await tx.run(
        `insert into ledger_batches (municipality_code, batch_no, posting_date, value_date, known_at, entries,
           transfers, amount_ore, digest) values ($1, $2, $3, $3, $4, $5, $6, $7, $8)`,
        [
          municipality,
          batchNo,
          formatDay(postingDate),
          knownAt,
          digests.length,
          transfers,
          amountOre,
          hash('sha256', Buffer.concat(digests), 'buffer'),
        ],
      )
      await tx.copyIn('entries', 'municipality_code, entry_id, cause_id, digest', buffers.entries.take())
      await tx.copyIn('transfers', TRANSFER_COLUMNS, buffers.transfers.take())
    },
  }
}

export const TRANSFER_COLUMNS =
  'municipality_code, entry_id, transfer_no, source_system, benefit, debit_account, credit_account, amount_ore, item_id'

function put64(buffer: Buffer, value: number, at: number): void {
  const high = Math.floor(value / 4294967296)
  buffer.writeInt32BE(high, at)
  buffer.writeUInt32BE(value - high * 4294967296, at + 4)
}

/**
 * One entry made by the database itself, for sets that are there already. `select` gives (source_system, benefit,
 * debit_account, credit_account, amount_ore, item_id, sort) and may use $1 = municipality and the further parameters.
 * The digest is reckoned over the same bytes as in `ledgerBatch`, in the order of `sort`.
 */
export async function writeEntryFromQuery(
  tx: Tx,
  batch: {
    readonly municipality: Municipality
    readonly batchNo: number
    readonly postingDate: Day
    readonly knownAt: string
    readonly cause: number
  },
  select: string,
  parameters: readonly (string | number | null)[],
): Promise<{ readonly transfers: number; readonly amount: Ore }> {
  const entryId = numbered(batch.batchNo, 0)
  await tx.run(
    `create temporary table if not exists entry_transfers (transfer_no int, source_system smallint, benefit smallint,
       debit_account int, credit_account int, amount_ore bigint, item_id bigint) on commit delete rows`,
  )
  await tx.run('truncate entry_transfers')
  await tx.run(
    `insert into entry_transfers
     select (row_number() over (order by q.sort_a, q.sort_b) - 1)::int, q.source_system, q.benefit, q.debit_account,
       q.credit_account, q.amount_ore, q.item_id
     from (${select}) q`,
    [batch.municipality, ...parameters],
  )
  const made = await tx.first<{ transfers: number; amount: number; digest: Buffer }>(
    `select count(*)::int as transfers, coalesce(sum(amount_ore), 0)::bigint as amount,
       sha256(int8send($1::bigint) || int8send($2::bigint) || coalesce(string_agg(int4send(transfer_no)
         || int2send(source_system) || int2send(benefit) || int4send(debit_account) || int4send(credit_account)
         || int8send(amount_ore) || int8send(item_id), ''::bytea order by transfer_no), ''::bytea)) as digest
     from entry_transfers`,
    [entryId, batch.cause],
  )
  if (made === undefined || made.transfers === 0) return { transfers: 0, amount: 0 as Ore }
  await tx.run(
    `insert into ledger_batches (municipality_code, batch_no, posting_date, value_date, known_at, entries, transfers,
       amount_ore, digest) values ($1, $2, $3, $3, $4, 1, $5, $6, sha256($7))`,
    [
      batch.municipality,
      batch.batchNo,
      formatDay(batch.postingDate),
      batch.knownAt,
      made.transfers,
      made.amount,
      made.digest,
    ],
  )
  await tx.run('insert into entries (municipality_code, entry_id, cause_id, digest) values ($1, $2, $3, $4)', [
    batch.municipality,
    entryId,
    batch.cause,
    made.digest,
  ])
  await tx.run(
    `insert into transfers (${TRANSFER_COLUMNS})
     select $1, $2, transfer_no, source_system, benefit, debit_account, credit_account, amount_ore, item_id
     from entry_transfers order by transfer_no`,
    [batch.municipality, entryId],
  )
  return { transfers: made.transfers, amount: made.amount as Ore }
}
