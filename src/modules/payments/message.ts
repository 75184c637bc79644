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

/**
 * What an answer asks of us: nothing; a look; that somebody mends what was sent; or to send it again, as nothing was
 * wrong with it. @da svarklasse
 */
export type AnswerClass = 'accepted' | 'accepted_with_warning' | 'functional_refusal' | 'technical_fault'

/**
 * One answer of a rail, in the numbers of NemKonto: 0 refuses and 1 receives a file; 2 (formal error), 7 (no account),
 * 8 (accepted) and 9 (returned) are about a payment, or about each of a bundle or file. @da retursvar
 */
export interface RailAnswer {
  readonly kind: 0 | 1 | 2 | 7 | 8 | 9
  /** fileId for 0 and 1, otherwise endToEndId or what `about` says. */
  readonly ref: string
  /** `ref` is a bundle or a file, and every payment of it that is not named otherwise is meant. */
  readonly about?: 'bundle' | 'file'
  /** Undefined: accepted for 1 and 8, otherwise a functional refusal. */
  readonly class?: AnswerClass
  /** The rail's own words, for a person. */
  readonly text?: string
  /** Formal error (2), no account (7), bank's reason (9); '' when all is well. */
  readonly reason: string
  /** 8 with statens ventekonto: final for us. */
  readonly waitingAccount: boolean
}

/** What a rail says when a payment is asked back: it does not leave, or comes back; it does not; or not decided yet. */
export type RecallOutcome = 'cancelled' | 'refused' | 'pending'

/** Asks a whole file back, or a bundle of it. */
export interface FileRecallRequest {
  /** ≤ 35 characters, ours: `0751R3S`; of a bundle `0751R3U7511S`, of one payment `0751R3N17S`. */
  readonly recallId: string
  /** The file that the payments were sent in. */
  readonly fileId: string
  readonly createdAt: string
  readonly unit: PayingUnit
  /** Undefined: the whole file. */
  readonly bundleId?: string | undefined
  /** What had not come back of it. */
  readonly payments: number
  readonly sum: Ore
  /** ISO reason: CUST, DUPL, AM09, TECH, FRAD. */
  readonly reason: string
}

/** Asks one payment back. @da tilbagekaldelse */
export interface RecallRequest extends Omit<FileRecallRequest, 'payments' | 'sum' | 'bundleId'> {
  readonly bundleId: string
  readonly endToEndId: string
  readonly amount: Ore
  readonly dispositionDate: Day
}

/** What is said of one payment, or of the recall as a whole: then `ref` is its id. */
export interface RecallAnswer {
  readonly about: 'recall' | 'file' | 'bundle' | 'payment'
  readonly ref: string
  readonly outcome: RecallOutcome
  /** Why not, or why not yet; '' none. */
  readonly reason: string
}

export interface RecallAnswerHandlers {
  answer(answer: RecallAnswer): void
}

export interface RecallAnswerResult {
  readonly header: Omit<AnswerFileHeader, 'count'> | undefined
  /** False: torn or another message. Nothing of it may be kept. */
  readonly whole: boolean
  readonly problems: readonly FileProblem[]
}

export interface RecallAnswerReader {
  write(chunk: string | Uint8Array): void
  finish(): RecallAnswerResult
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

/** What an adapter tells as it reads a file of answers: nothing of it may be kept unless the file proves whole. */
export interface AnswerHandlers {
  header(header: AnswerFileHeader): void
  /** With its line in the file. */
  answer(answer: RailAnswer, line: number): void
}

export interface AnswerFileResult {
  readonly header: AnswerFileHeader | undefined
  /** False: torn, unreadable, or its count does not agree. Nothing of it may be kept. */
  readonly whole: boolean
  /** Answers that the handler was told. */
  readonly answers: number
  /** Answers that were set aside as problems. */
  readonly quarantined: number
  readonly problems: readonly FileProblem[]
}

/** Reads a file whose bytes are given piece by piece. */
export interface AnswerReader {
  write(chunk: string | Uint8Array): void
  finish(): AnswerFileResult
}

/** Characters of a text that reaches a payee, on every rail. */
export const LONGEST_PAYEE_TEXT = 140

/** A text of at most so many characters: cut between words, or within one that is longer than all. */
export function fitText(text: string, most: number): string {
  if (text.length <= most) return text
  const characters = [...text]
  if (characters.length <= most) return text
  const cut = characters.slice(0, most + 1).join('')
  const space = cut.lastIndexOf(' ')
  return space > 0 ? cut.slice(0, space).trimEnd() : characters.slice(0, most).join('')
}
