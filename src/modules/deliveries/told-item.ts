/**
 * One effectuated item with everything that the outside may be told of it. The bulk line reads these once,
 * sorted by (beneficiary, item), and hands each to every writer; the writers agree by construction.
 */
import type { Day, Period } from '../../base/date.ts'
import type { ItemId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import type { Movement } from '../items/index.ts'
import type { QuantityUnit, Sensitivity, SourceSystem } from '../orders/order.ts'
import type { PartyRef } from '../parties/party.ts'
import type { MunicipalityRow, PayingUnit } from '../rates/rate-book.ts'

export interface ToldItem {
  readonly item: ItemId
  readonly sourceSystem: SourceSystem
  readonly orderKey: string
  readonly lineKey: string
  readonly caseKey: string
  readonly benefit: number
  readonly component: string
  readonly kle: string
  readonly sensitivity: Sensitivity
  readonly grantUuid: string
  readonly grantBenefitId: string
  readonly period: Period
  readonly unit: QuantityUnit
  readonly thousandths: number
  readonly dispositionDate: Day
  readonly beneficiary: PartyRef
  readonly payee: PartyRef
  /** CPR of the employee on an employer refund, else ''. */
  readonly employee: string
  readonly gross: Ore
  readonly ownAtp: Ore
  readonly am: Ore
  readonly tax: Ore
  readonly setOff: Ore
  readonly thirdParty: Ore
  readonly net: Ore
  readonly employerAtp: Ore
  readonly pension: Ore
  readonly payingUnit: PayingUnit
  /** The batch of work that calculated the line: what the benefit is and its accounts are of that batch's book. */
  readonly workNo?: number | undefined
  readonly text: string
  /** Received on a claim before tax, by the debtor or a set-off; taken back when negative. For the tax authority. */
  readonly repaid?: Ore | undefined
  /** Undefined for what was calculated to be paid; else amounts are what changes, and may be negative. */
  readonly correction?: ToldCorrection
}

/** What a correction of an item changes: each receiver is told what concerns it. @da regulering */
export interface ToldCorrection {
  /** When it is booked; the item keeps the disposition date of what is corrected. */
  readonly postedOn: Day
  /** The income that is reported changes, within its original month. */
  readonly income: boolean
  /** What the state reimburses changes. */
  readonly refund: boolean
  /**
   * Of a refund: what is reimbursed of the item for the same benefit and time before the correction. What is spread
   * over weeks is the difference of two wholes, so that rounding does not grow with the number of corrections.
   */
  readonly before: Ore
  /** A move: the line that it takes from, and the one that it gives to. A law may have them told as another kind. */
  readonly between?: readonly [ToldLine, ToldLine] | undefined
  /** The movement, for its postings; undefined when it is booked with another of its lines. */
  readonly moved: ToldMovement | undefined
  /**
   * What came back and nobody claimed: from the system's clearing account to this one; back again when negative. Told
   * to the ERP alone.
   */
  readonly unclaimed?: { readonly account: number; readonly amount: Ore } | undefined
  /** What a debtor paid on a claim, and beyond it; below zero when it bounced. Told to the ERP. */
  readonly claimPaid?: { readonly taken: Ore; readonly surplus: Ore } | undefined
  /** Made of `moved` by who knows the accounts. */
  readonly postings: readonly ToldPosting[]
}

export interface ToldMovement {
  readonly movement: Movement
  /** The item whose gross it is. */
  readonly of: ToldLine & { readonly source: number }
  /** The benefit and period of each line that the movement names. */
  readonly lines: ReadonlyMap<ItemId, ToldLine>
}

export interface ToldLine {
  readonly benefit: number
  readonly period: Period
  readonly workNo?: number | undefined
}

/** Account numbers, and an amount above zero. */
export interface ToldPosting {
  readonly debit: string
  readonly credit: string
  readonly amount: Ore
}

export interface DeliveryHeader {
  /** For example `0751-EINDKOMST-2026-03-1`. */
  readonly deliveryId: string
  readonly municipality: MunicipalityRow
  /** First day of the month told about. */
  readonly month: Day
  /** Business time: `2026-03-31T18:00:00`. */
  readonly createdAt: string
}

/**
 * Control totals of a delivery, by name; amounts in øre, counts as numbers. They are stored and compared with the
 * ledger.
 */
export type ControlTotals = Readonly<Record<string, number>>

/** A writer of one delivery: pure, streaming, bytes fixed by its input. */
export interface DeliveryWriter {
  /** Text to append, of this item and those before it; '' while the writer has not gathered enough to hand over. */
  item(item: ToldItem): string
  /** The rest of the file (trailers, buffered groups) and the totals. `head` goes before everything else. */
  end(): { readonly head: string; readonly tail: string; readonly totals: ControlTotals }
}
