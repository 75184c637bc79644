/**
 * The ledger is made of transfers: one debit account, one credit account, a positive amount. An entry (bilag) is a set
 * of transfers with one cause. Nothing can be out of balance, by construction.
 */
import { hash } from 'node:crypto'
import { assert } from '../../base/assert.ts'
import { type RowWriter, rowWriter } from '../../base/copy.ts'
import type { Tx } from '../../base/db.ts'
import type { Day } from '../../base/date.ts'
import { type EntryId, entryIn, type ItemId, type Municipality } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { Refusal } from '../../base/refusal.ts'

/** How many ledger batches one piece of work may have: posting dates of a batch of orders, pieces of a statement. */
export const LEDGER_BATCHES_PER_WORK = 64
/** Bytes of a transfer in the digest: number, system, benefit, debit, credit, amount, item. */
const TRANSFER_BYTES = 32
const DIGEST_BYTES = 32

export function ledgerBatchNo(workNo: number, position: number): number {
  assert(position < LEDGER_BATCHES_PER_WORK, `work ${workNo} has more ledger batches than ${LEDGER_BATCHES_PER_WORK}`)
  return workNo * LEDGER_BATCHES_PER_WORK + position
}

export interface LedgerBatchWriter {
  /** Starts an entry caused by an order, run or file. */
  entry(cause: number): void
  /** One transfer of the entry at hand; amounts of zero are left out. */
  transfer(source: number, benefit: number, debit: number, credit: number, amount: Ore, item: ItemId): void
  readonly postingDate: Day
  /** Øre transferred so far. */
  readonly amount: number
}

/** Collects ledger batches of one municipality and writes them as three sets, however many they are. */
export interface LedgerWriter {
  /**
   * Opens a batch: one posting date. A batch that stays empty is not written. `valueDate`: of what is posted later than
   * the day that it is about, because that day is closed.
   */
  batch(batchNo: number, postingDate: Day, knownAt: string, valueDate?: Day): LedgerBatchWriter
  /**
   * Copies everything into the database; the batches go first, for they open the id range. Refuses `day_shut` when a
   * day of them was closed or approved since it was asked (`postingDays`).
   */
  write(tx: Tx): Promise<void>
}

interface Rows {
  readonly batches: RowWriter
  readonly entries: RowWriter
  readonly transfers: RowWriter
}

interface OpenBatch extends LedgerBatchWriter {
  /** Ends the last entry and puts the batch's own row. */
  close(): void
}

const BATCH_COLUMNS = `municipality_code, batch_no, posting_date, value_date, known_at, entries, transfers, amount_ore,
  digest`
const TRANSFER_COLUMNS =
  'municipality_code, entry_id, transfer_no, source_system, benefit, debit_account, credit_account, amount_ore, item_id'

export function ledgerWriter(municipality: Municipality): LedgerWriter {
  const rows: Rows = { batches: rowWriter(1 << 10), entries: rowWriter(1 << 14), transfers: rowWriter(1 << 16) }
  const open: OpenBatch[] = []
  return {
    batch(batchNo, postingDate, knownAt, valueDate = postingDate) {
      const batch = openBatch(rows, municipality, batchNo, { postingDate, valueDate }, knownAt)
      open.push(batch)
      return batch
    },
    async write(tx) {
      for (const batch of open.splice(0)) batch.close()
      if (rows.batches.rows === 0) return
      await tx.copyIn('ledger_batches', BATCH_COLUMNS, rows.batches).catch(refuseShut)
      await tx.copyIn('entries', 'municipality_code, entry_id, cause_id, digest', rows.entries)
      await tx.copyIn('transfers', TRANSFER_COLUMNS, rows.transfers)
    },
  }
}

/** What the database raises of a closed month or an approved day. */
const OPEN_DAY = 'open_day'

function refuseShut(error: unknown): never {
  if ((error as { constraint?: unknown }).constraint !== OPEN_DAY) throw error
  throw new Refusal(
    'day_shut',
    `${(error as Error).message}: nothing of this was booked. Do it again, and it is posted on the first open day.`,
  )
}

interface Days {
  readonly postingDate: Day
  readonly valueDate: Day
}

function openBatch(rows: Rows, municipality: Municipality, batchNo: number, days: Days, knownAt: string): OpenBatch {
  let scratch = scratchOf(Buffer.alloc(16 + 64 * TRANSFER_BYTES))
  let digests = Buffer.alloc(64 * DIGEST_BYTES)
  let number = 0
  let cause = -1
  let entryId: EntryId = 0
  let transferNo = 0
  let amountOre = 0
  let transfers = 0

  function closeEntry(): void {
    if (cause < 0 || transferNo === 0) return
    put64(scratch.view, entryId, 0)
    put64(scratch.view, cause, 8)
    // As a text it needs no memory block of its own: half the time.
    const digest = hash('sha256', scratch.bytes.subarray(0, 16 + transferNo * TRANSFER_BYTES))
    if ((number + 1) * DIGEST_BYTES > digests.length) digests = Buffer.concat([digests, Buffer.alloc(digests.length)])
    digests.write(digest, number * DIGEST_BYTES, 'hex')
    rows.entries.row(4)
    rows.entries.i16(municipality)
    rows.entries.i64(entryId)
    rows.entries.i64(cause)
    rows.entries.hex(digest)
    number++
  }
  return {
    postingDate: days.postingDate,
    get amount() {
      return amountOre
    },
    entry(newCause) {
      closeEntry()
      cause = newCause
      entryId = entryIn(batchNo, number)
      transferNo = 0
    },
    transfer(source, benefit, debit, credit, amount, item) {
      if (amount === 0) return
      const at = 16 + transferNo * TRANSFER_BYTES
      const { bytes } = scratch
      if (at + TRANSFER_BYTES > bytes.length) scratch = scratchOf(Buffer.concat([bytes, Buffer.alloc(bytes.length)]))
      putTransfer(scratch.view, at, transferNo, source, benefit, debit, credit, amount, item)
      putTransferRow(rows.transfers, municipality, entryId, transferNo, source, benefit, debit, credit, amount, item)
      transferNo++
      transfers++
      amountOre += amount
    },
    close() {
      closeEntry()
      cause = -1
      if (transfers === 0) return
      const digest = hash('sha256', digests.subarray(0, number * DIGEST_BYTES))
      putBatch(rows.batches, municipality, batchNo, days, knownAt, { entries: number, transfers, amountOre, digest })
    },
  }
}

function putBatch(
  rows: RowWriter,
  municipality: Municipality,
  batchNo: number,
  { postingDate, valueDate }: Days,
  knownAt: string,
  sum: { entries: number; transfers: number; amountOre: number; digest: string },
): void {
  rows.row(9)
  rows.i16(municipality)
  rows.i32(batchNo)
  rows.date(postingDate)
  rows.date(valueDate)
  rows.time(knownAt)
  rows.i32(sum.entries)
  rows.i32(sum.transfers)
  rows.i64(sum.amountOre)
  rows.hex(sum.digest)
}

/** The bytes of the entry at hand, which its seal is of. */
interface Scratch {
  readonly bytes: Buffer
  readonly view: DataView
}

function scratchOf(bytes: Buffer): Scratch {
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length) }
}

function putTransfer(
  view: DataView,
  at: number,
  transferNo: number,
  source: number,
  benefit: number,
  debit: number,
  credit: number,
  amount: Ore,
  item: ItemId,
): void {
  view.setInt32(at, transferNo)
  view.setInt16(at + 4, source)
  view.setInt16(at + 6, benefit)
  view.setInt32(at + 8, debit)
  view.setInt32(at + 12, credit)
  put64(view, amount, at + 16)
  put64(view, item, at + 24)
}

function putTransferRow(
  rows: RowWriter,
  municipality: Municipality,
  entryId: EntryId,
  transferNo: number,
  source: number,
  benefit: number,
  debit: number,
  credit: number,
  amount: Ore,
  item: ItemId,
): void {
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
}

function put64(view: DataView, value: number, at: number): void {
  const high = Math.floor(value / 4294967296)
  view.setInt32(at, high)
  view.setUint32(at + 4, value - high * 4294967296)
}
