/**
 * What a rail is asked to carry and what it answers, in our own words. Adapters turn it into wire formats and back;
 * no module knows a wire format.
 */
import type { Day } from '../../base/date.ts'
import type { Ore } from '../../base/money.ts'
import type { PartyRef } from '../parties/party.ts'
import type { PayingUnit } from '../rates/rate-book.ts'

/** One payment in a bundle. @da betaling */
export interface PaymentInstruction {
  /** Ours, ≤ 35 characters, the key by which every answer finds home: for example `0751R12N345`. */
  readonly endToEndId: string
  readonly payee: PartyRef
  /** Registration number (4) and account (10) of a complete payment; undefined: NemKonto knows the account. */
  readonly account?: string | undefined
  readonly amount: Ore
  /** NemKonto's ydelsesart. */
  readonly nemKontoKind: string
  /** Text to the payee, ≤ 140 characters. */
  readonly text: string
}

/** Payments of one paying unit for one disposition date. @da bundt */
export interface BundleHeader {
  /** ≤ 35 characters: for example `0751R12U3`. */
  readonly bundleId: string
  readonly unit: PayingUnit
  readonly dispositionDate: Day
  readonly count: number
  readonly sum: Ore
}

/** A file to the rail: one municipality, one run. */
export interface PaymentFileHeader {
  /** ≤ 35 characters: for example `0751R12`. */
  readonly fileId: string
  /** Business time, fixed at approval: `2026-03-27T10:00:00`. */
  readonly createdAt: string
  readonly count: number
  readonly sum: Ore
}

/** One answer of the NemKonto system. 0 and 1 concern a file or bundle; 2, 7, 8 and 9 a payment. @da retursvar */
export interface RailAnswer {
  readonly kind: 0 | 1 | 2 | 7 | 8 | 9
  /** fileId for 0 and 1, endToEndId otherwise. */
  readonly ref: string
  /** Formal error (2), no account (7), bank's reason (9); '' when all is well. */
  readonly reason: string
  /** 8 with statens ventekonto: final for us. */
  readonly waitingAccount: boolean
}

/** What an answer file says of itself, for control: the answers in it must agree. */
export interface AnswerFileHeader {
  readonly answerId: string
  readonly fileId: string
  readonly createdAt: string
  readonly count: number
}

/** One movement on a bank account. @da kontobevægelse */
export interface StatementEntry {
  /** The bank's own reference, unique in the account. */
  readonly bankRef: string
  /** Negative: money left the account. */
  readonly amount: Ore
  readonly bookingDate: Day
  readonly valueDate: Day
  /** The bundle (batch-booked) or '' . */
  readonly bundleId: string
  /** Single entry or detail: the payment, or ''. */
  readonly endToEndId: string
  /** Return reason code (ISO external code), or ''. */
  readonly reason: string
  /** How many payments a batch-booked entry stands for; 1 for a single entry. */
  readonly count: number
}

export interface StatementHeader {
  readonly statementId: string
  readonly number: number
  readonly account: string
  readonly date: Day
  readonly opening: Ore
  readonly closing: Ore
}

/** A thing in a file that could not be read or placed. Never thrown, never lost. */
export interface FileProblem {
  readonly line: number
  readonly field: string
  readonly code: string
  readonly detail: string
}
