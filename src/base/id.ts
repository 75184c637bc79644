/**
 * Ids are made of municipality, batch and number, never of a sequence: a killed and resumed run gives the same ids.
 * Every id below is unique within its municipality; the municipality leads every key.
 */
import { assert } from './assert.ts'

/** A municipality code as a number: 0751 is 751. @da kommunekode */
export type Municipality = number
/** An opaque number for a citizen or a company within one municipality. @da part */
export type PartyId = number
/** intake × 2^24 + record number. @da effektueringsordre */
export type OrderId = number
/** order × 2^6 + position of its benefit line. @da ydelsespost */
export type ItemId = number
/** run × 2^24 + number. @da udbetaling */
export type PaymentId = number
/** ledger batch × 2^24 + number. @da bilag */
export type EntryId = number

export const RECORDS_PER_BATCH = 2 ** 24
export const LINES_PER_ORDER = 2 ** 6

/** An id of a record within its batch. Batches stay under 2^22, so that an item id stays a safe whole number. */
export function numbered(batch: number, number: number): number {
  assert(
    batch >= 0 && batch < 2 ** 22 && number >= 0 && number < RECORDS_PER_BATCH,
    `id out of range: ${batch}/${number}`,
  )
  return batch * RECORDS_PER_BATCH + number
}

/**
 * An entry within its ledger batch. No further number is made of it, so that batches may go to 2^29: work under 2^23,
 * with 64 ledger batches each.
 */
export function entryIn(ledgerBatch: number, number: number): EntryId {
  assert(
    ledgerBatch >= 0 && ledgerBatch < 2 ** 29 && number >= 0 && number < RECORDS_PER_BATCH,
    `entry out of range: ${ledgerBatch}/${number}`,
  )
  return ledgerBatch * RECORDS_PER_BATCH + number
}

/** Payments of a takeover are in no run of ours: they are numbered by their order, beyond all runs. */
export const TAKEN_OVER = 2 ** 46

export function takenOverPayment(order: OrderId): PaymentId {
  return TAKEN_OVER + order
}

export function batchOf(id: number): number {
  return Math.floor(id / RECORDS_PER_BATCH)
}

export function itemId(order: OrderId, line: number): ItemId {
  assert(line >= 0 && line < LINES_PER_ORDER, `line out of range: ${line}`)
  return order * LINES_PER_ORDER + line
}

export function orderOfItem(item: ItemId): OrderId {
  return Math.floor(item / LINES_PER_ORDER)
}

export function lineOfItem(item: ItemId): number {
  return item % LINES_PER_ORDER
}

/** 751 → `0751`. */
export function municipalityText(code: Municipality): string {
  return String(code).padStart(4, '0')
}
