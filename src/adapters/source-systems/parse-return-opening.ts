/** A payment of an old system that had come back when it was taken over: one record of a fact file. */
import type { Day, Period } from '../../base/date.ts'
import type { Ore } from '../../base/money.ts'
import { SOURCE_SYSTEMS, type SourceSystem } from '../../modules/orders/index.ts'
import type { PartyRef } from '../../modules/parties/index.ts'
import {
  dayAt,
  type JsonObject,
  keyOf,
  MAX_KEY,
  MAX_TEXT,
  note,
  oneOf,
  optionalTextOf,
  partyAt,
  positiveOre,
  type Sink,
  textOf,
} from './fields.ts'
import { benefitAndPeriod, type LocalContext } from './parse-local-fact.ts'

/** Answers by which a payment comes back: formal error, no account, returned by the bank. */
export const RETURN_ANSWERS = [2, 7, 9] as const

/** @da overtaget returnering */
export interface ReturnOpening {
  readonly record: 'return_opening'
  readonly sourceSystem: SourceSystem
  readonly returnKey: string
  readonly caseKey: string
  readonly beneficiary: PartyRef
  readonly payee: PartyRef
  readonly benefit: string
  readonly period: Period
  /** What lies on the old system's return account. */
  readonly amount: Ore
  readonly paidOn: Day
  readonly returnedOn: Day
  /** What the old system knew the payment by. */
  readonly reference: string
  readonly answer: (typeof RETURN_ANSWERS)[number]
  /** The rail's or bank's own; '' none. */
  readonly code: string
  /** What it was for; '' none. */
  readonly text: string
}

export const RETURN_OPENING_FIELDS: ReadonlySet<string> = new Set([
  'record',
  'municipality',
  'source_system',
  'return_key',
  'case_key',
  'beneficiary',
  'payee',
  'benefit',
  'period',
  'amount_ore',
  'paid_on',
  'returned_on',
  'reference',
  'answer',
  'code',
  'text',
])

/** The municipality of the record is checked by the caller. */
export function returnOpeningOf(sink: Sink, value: JsonObject, context: LocalContext): ReturnOpening {
  const sourceSystem = oneOf(sink, value['source_system'], '', 'source_system', SOURCE_SYSTEMS)
  const payee = partyAt(sink, value['payee'], '', 'payee')
  const { benefit, period } = benefitAndPeriod(sink, value, context, sourceSystem)
  const before = sink.faults.length
  const paidOn = dayAt(sink, value['paid_on'], '', 'paid_on')
  const returnedOn = dayAt(sink, value['returned_on'], '', 'returned_on')
  if (sink.faults.length === before && returnedOn < paidOn)
    note(sink, 'return_opening_dates', '/returned_on', 'It came back before it was paid.')
  return {
    record: 'return_opening',
    sourceSystem,
    returnKey: keyOf(sink, value['return_key'], '', 'return_key'),
    caseKey: keyOf(sink, value['case_key'], '', 'case_key'),
    beneficiary: value['beneficiary'] === undefined ? payee : partyAt(sink, value['beneficiary'], '', 'beneficiary'),
    payee,
    benefit,
    period,
    amount: positiveOre(sink, value['amount_ore'], '', 'amount_ore'),
    paidOn,
    returnedOn,
    reference: textOf(sink, value['reference'], '', 'reference', MAX_KEY),
    answer: answerAt(sink, value['answer']),
    code: optionalTextOf(sink, value['code'], '', 'code', MAX_KEY) ?? '',
    text: optionalTextOf(sink, value['text'], '', 'text', MAX_TEXT) ?? '',
  }
}

function answerAt(sink: Sink, value: unknown): ReturnOpening['answer'] {
  const found = RETURN_ANSWERS.find((one) => one === value)
  if (found !== undefined) return found
  if (value === undefined) note(sink, 'missing_field', '/answer', 'The field /answer is missing.')
  else note(sink, 'unknown_value', '/answer', `The value is not one of ${RETURN_ANSWERS.join(', ')}.`)
  return 9
}
