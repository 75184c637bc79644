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
const TRANSFER_BYTES = 32

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
  /** Øre transferred so far. */
  readonly amount: number
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
    get amount() {
      return amountOre
    },
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
      if (transfers === 0) return
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

const TRANSFER_COLUMNS =
  'municipality_code, entry_id, transfer_no, source_system, benefit, debit_account, credit_account, amount_ore, item_id'

function put64(buffer: Buffer, value: number, at: number): void {
  const high = Math.floor(value / 4294967296)
  buffer.writeInt32BE(high, at)
  buffer.writeUInt32BE(value - high * 4294967296, at + 4)
}
