/**
 * What a bank's words mean for us, as data: statuses of pain.002 and camt.029, and the reasons beside them.
 * Public: ISO 20022 external code sets (ExternalStatusReason1Code and its kin, iso20022.org), the Danish CGI MIG
 * appendix.
 */
import type { AnswerClass, RailAnswer, RecallOutcome } from '../../modules/payments/index.ts'
import { returnCode } from '../../modules/rates/index.ts'

/** What a status says of a file, a bundle or a payment. */
export type Said =
  /** It lies with the bank; nothing is decided. */
  | 'received'
  | 'accepted'
  /** The bank carries it out with a change, told beside it. */
  | 'accepted_with_warning'
  | 'refused'
  /** Some are accepted and some are not: the details tell. */
  | 'in_part'

export const STATUS: Readonly<Record<string, Said>> = {
  RCVD: 'received',
  PDNG: 'received',
  PATC: 'received',
  ACTC: 'received',
  ACFC: 'received',
  ACCP: 'accepted',
  ACSP: 'accepted',
  ACSC: 'accepted',
  ACCC: 'accepted',
  ACWP: 'accepted',
  ACWC: 'accepted_with_warning',
  PART: 'in_part',
  RJCT: 'refused',
  CANC: 'refused',
}

/** The payee has no account that can be paid to: as NemKonto's answer 7. */
const NO_ACCOUNT = new Set(
  ['AC01', 'AC03', 'AC04', 'AC06', 'AC07', 'AC13', 'AC14', 'BE01', 'BE05', 'BE06', 'BE07', 'CNOR', 'CURR'].concat([
    'RC01',
    'RC03',
    'RC04',
    'MD07',
  ]),
)

export function refusalKind(reason: string): RailAnswer['kind'] & (2 | 7) {
  return NO_ACCOUNT.has(reason) ? 7 : 2
}

/**
 * A fault is technical when nothing is wrong with what we sent: aborted, timed out, somebody offline, cut-off passed.
 * Never a duplicate (AM05, DU01 to DU05, DUPL): then the bank has it, and under another id it would be paid twice. A
 * reason that is not known, or a free text alone, is for a person to read.
 */
export function refusalClass(reason: string): AnswerClass {
  return returnCode(reason)?.step === 'retry' ? 'technical_fault' : 'functional_refusal'
}

/** Of one payment or file (CancellationIndividualStatus1Code, GroupCancellationStatus1Code). */
export const RECALL_STATUS: Readonly<Record<string, RecallOutcome>> = {
  ACCR: 'cancelled',
  RJCR: 'refused',
  PDCR: 'pending',
}

/** Of the whole message (ExternalInvestigationExecutionConfirmation1Code). */
export const RECALL_CONFIRMATION: Readonly<Record<string, RecallOutcome>> = {
  CNCL: 'cancelled',
  ACNR: 'cancelled',
  RJCR: 'refused',
  UWFW: 'pending',
  PDCR: 'pending',
  INFO: 'pending',
}
