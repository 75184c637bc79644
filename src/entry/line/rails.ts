/** The port of the rails: what one does with a run, and which adapter does it for each. */
import {
  ACCOUNT_PROFILE,
  type BankProfile,
  PARTY_PROFILE,
  recallAnswerReader,
  statusReader,
  writeFileRecall,
  writePain001,
  writeRecall,
} from '../../adapters/bank/index.ts'
import {
  answerReader,
  type Bundle,
  stopAnswerReader,
  writePaymentFile,
  writeStop,
} from '../../adapters/nemkonto/index.ts'
import type { DeliveryKind } from '../../modules/deliveries/index.ts'
import type {
  AnswerHandlers,
  AnswerReader,
  FileRecallRequest,
  PaymentFileHeader,
  RecallAnswerHandlers,
  RecallAnswerReader,
  RecallRequest,
} from '../../modules/payments/index.ts'
import { type RailKey, railRow } from '../../modules/rates/index.ts'

export interface Rail {
  /** What its files are told as, and the folder in the outgoing one where they lie. */
  readonly delivery: DeliveryKind & ('nemkonto' | 'iso20022')
  /** A payment file in chunks; same input, same bytes. */
  write(header: PaymentFileHeader, bundles: Iterable<Bundle>): Generator<string>
  /** Reads one file of its answers. */
  answers(handlers: AnswerHandlers): AnswerReader
  /** Asks one payment back; same input, same bytes. */
  recall(request: RecallRequest): string
  /** Asks a whole file back; a rail that knows no such thing is asked payment by payment. */
  readonly recallFile: ((request: FileRecallRequest) => string) | undefined
  recallAnswers(handlers: RecallAnswerHandlers): RecallAnswerReader
  /** What the bank has booked may be asked back, too. */
  readonly recallsBooked: boolean
}

function bankRail(rail: RailKey, profile: BankProfile): Rail {
  return {
    delivery: 'iso20022',
    write: (header, bundles) => writePain001(header, bundles, profile),
    answers: (handlers) => statusReader(handlers, { onlyFailures: railRow(rail).onlyFailures }),
    recall: (request) => writeRecall(request, [request], profile),
    recallFile: (request) => writeFileRecall(request, profile),
    recallAnswers: recallAnswerReader,
    recallsBooked: true,
  }
}

export const RAILS: Readonly<Record<RailKey, Rail>> = {
  nemkonto: {
    delivery: 'nemkonto',
    write: writePaymentFile,
    answers: answerReader,
    recall: writeStop,
    recallFile: undefined,
    recallAnswers: stopAnswerReader,
    recallsBooked: false,
  },
  bank_account: bankRail('bank_account', ACCOUNT_PROFILE),
  bank_party: bankRail('bank_party', PARTY_PROFILE),
}
