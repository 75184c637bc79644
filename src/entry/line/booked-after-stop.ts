/**
 * What the bank booked though it had been stopped is paid. What was made of the stop is undone: an item that was open
 * again is not, and a second attempt that has not left leaves its run. One that has left is a person's.
 */
import type { Tx } from '../../base/db.ts'
import type { Municipality } from '../../base/id.ts'
import {
  bookedAfterStop,
  endToEndIdOf,
  lineOfPart,
  type OrderPart,
  partsOfOrders,
  recordStopUndone,
} from '../../modules/payments/index.ts'
import type { RateReader } from '../../modules/rates/index.ts'
import { endParts } from './settle-outside.ts'

/** The money of these is still ours: on the return account, or waiting to be paid again. */
const STILL_HERE: readonly OrderPart['state'][] = ['returned', 'due', 'unreleased', 'held']

export async function undoStops(tx: Tx, rates: RateReader, municipality: Municipality, at: string): Promise<void> {
  for (const { payment, amount, bookedOn, orders, lines } of await bookedAfterStop(tx, municipality)) {
    const all = await partsOfOrders(tx, municipality, orders)
    const parts = all.filter(({ item, part }) => lines.includes(`${item}:${lineOfPart(part)}`))
    const sum = parts.reduce((ore, part) => ore + part.amount, 0)
    if (sum !== amount || parts.some((part) => !STILL_HERE.includes(part.state))) continue
    const reason = `Banken har bogført ${endToEndIdOf(municipality, payment)}, som den havde standset`
    const to = rates.account('unmatched').id
    const act = { municipality, outsideNo: 0, paidOn: bookedOn, cause: 'double', reason, to, by: 'toek', at } as const
    await recordStopUndone(tx, municipality, payment, await endParts(tx, rates, act, parts))
  }
}
