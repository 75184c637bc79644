/** One record of a fact file: a tax card, a party event, an opening claim, a rule … → a Fact, or every fault in it. */
import type { Day } from '../../base/date.ts'
import type { Municipality } from '../../base/id.ts'
import { type Millionths, type Ore, ZERO } from '../../base/money.ts'
import type { Fault } from '../../base/refusal.ts'
import type { ClaimPayment } from '../../modules/claims/index.ts'
import type { SourceSystem } from '../../modules/orders/index.ts'
import {
  CARD_KINDS,
  type CardKind,
  type FactRecord,
  FOREVER,
  PARTY_EVENT_KINDS,
  type PartyRef,
  type PartyType,
} from '../../modules/parties/index.ts'
import { fault } from './fault-codes.ts'
import {
  checkIdentifier,
  dayAt,
  isObject,
  type JsonObject,
  keyOf,
  MAX_KEY,
  municipalityAt,
  newSink,
  note,
  oneOf,
  onlyFields,
  oreAt,
  oreFromZero,
  partyAt,
  periodAt,
  positiveOre,
  type Sink,
  shape,
  textOf,
} from './fields.ts'
import { type BenefitPeriods, parseFixed } from './parse-line.ts'
import { isLocalRule, LOCAL_FACT_FIELDS, type LocalFact, localRuleOf, paidBeforeOf } from './parse-local-fact.ts'
import { RETURN_OPENING_FIELDS, type ReturnOpening, returnOpeningOf } from './parse-return-opening.ts'

/** Everything that a fact file may tell. */
export type Fact = FactRecord | LocalFact | ClaimPaymentFact | ReturnOpening

export type ClaimPaymentFact = ClaimPayment & { readonly record: 'claim_payment'; readonly municipality: Municipality }

export interface FactContext {
  readonly municipalities: ReadonlySet<number>
  readonly benefits: ReadonlySet<string>
  readonly benefitSystem: ReadonlyMap<string, SourceSystem>
  readonly benefitPeriods?: BenefitPeriods | undefined
  /** Of the envelope. A party event names none and is told to this one; the others must agree. */
  readonly municipality: Municipality
}

export type ParsedFact =
  | { readonly fact: Fact; readonly warnings: readonly Fault[]; readonly faults?: undefined }
  | { readonly faults: readonly Fault[]; readonly fact?: undefined; readonly warnings?: undefined }

export const FACT_FIELDS: Record<Fact['record'], ReadonlySet<string>> = {
  tax_card: new Set([
    'record',
    'municipality',
    'cpr',
    'se',
    'card',
    'rate_percent',
    'allowance_month_ore',
    'allowance_week_ore',
    'allowance_day_ore',
    'frikort_left_ore',
    'valid_from',
    'valid_to',
    'serial',
  ]),
  party_event: new Set(['record', 'cpr', 'cvr', 'event', 'date']),
  claim_opening: new Set([
    'record',
    'claim_key',
    'municipality',
    'debtor',
    'benefit',
    'period',
    'amount_ore',
    'due_date',
    'cause',
  ]),
  claim_payment: new Set([
    'record',
    'claim_key',
    'municipality',
    'payment_key',
    'amount_ore',
    'date',
    'balance_ore',
    'reverses',
  ]),
  return_opening: RETURN_OPENING_FIELDS,
  ...LOCAL_FACT_FIELDS,
}

export function parseFact(value: unknown, context: FactContext): ParsedFact {
  if (!isObject(value)) return { faults: [fault('not_an_object', '', `Here is ${shape(value)}, not a record.`)] }
  const record = value['record']
  if (record === undefined) return { faults: [fault('missing_field', '/record', 'The field /record is missing.')] }
  if (typeof record !== 'string' || !Object.hasOwn(FACT_FIELDS, record)) {
    return { faults: [fault('unknown_record', '/record', 'This kind of record is not known.')] }
  }
  const sink = newSink()
  const kind = record as Fact['record']
  onlyFields(sink, value, '', FACT_FIELDS[kind])
  const fact = factOf(sink, value, kind, context)
  return sink.faults.length > 0 ? { faults: sink.faults } : { fact, warnings: sink.warnings }
}

function factOf(sink: Sink, value: JsonObject, record: Fact['record'], context: FactContext): Fact {
  if (isLocalRule(record) || record === 'paid_before') {
    ownMunicipality(sink, value, context)
    return record === 'paid_before' ? paidBeforeOf(sink, value, context) : localRuleOf(sink, value, record, context)
  }
  switch (record) {
    case 'return_opening':
      ownMunicipality(sink, value, context)
      return returnOpeningOf(sink, value, context)
    case 'tax_card':
      return taxCard(sink, value, context)
    case 'party_event': {
      const party = eventParty(sink, value)
      const event = oneOf(sink, value['event'], '', 'event', PARTY_EVENT_KINDS)
      return { record, municipality: context.municipality, party, event, date: dayAt(sink, value['date'], '', 'date') }
    }
    case 'claim_opening':
      return {
        record,
        municipality: ownMunicipality(sink, value, context),
        claimKey: keyOf(sink, value['claim_key'], '', 'claim_key'),
        debtor: partyAt(sink, value['debtor'], '', 'debtor'),
        benefit: knownBenefit(sink, value, context),
        period: periodAt(sink, value, ''),
        amount: positiveOre(sink, value['amount_ore'], '', 'amount_ore'),
        dueDate: dayAt(sink, value['due_date'], '', 'due_date'),
        cause: textOf(sink, value['cause'], '', 'cause', MAX_KEY),
      }
    case 'claim_payment':
      return {
        record,
        municipality: ownMunicipality(sink, value, context),
        claimKey: keyOf(sink, value['claim_key'], '', 'claim_key'),
        paymentKey: keyOf(sink, value['payment_key'], '', 'payment_key'),
        amount: positiveOre(sink, value['amount_ore'], '', 'amount_ore'),
        paidOn: dayAt(sink, value['date'], '', 'date'),
        balance: isTold(value['balance_ore']) ? oreAt(sink, value['balance_ore'], '', 'balance_ore') : undefined,
        reverses: isTold(value['reverses']) ? keyOf(sink, value['reverses'], '', 'reverses') : undefined,
      }
  }
}

function isTold(value: unknown): boolean {
  return value !== undefined && value !== null
}

/**
 * What a card must tell depends on its kind: a main card its rate and allowances, a second card its rate, a frikort
 * what is left of it. What it need not tell may be absent or null and counts as zero; so a main card never loses its
 * allowance to a misspelt field.
 */
function taxCard(sink: Sink, value: JsonObject, context: FactContext): FactRecord {
  const before = sink.faults.length
  const card = oneOf(sink, value['card'], '', 'card', CARD_KINDS)
  // Of an unknown kind, nothing more can be required.
  const kind: CardKind = sink.faults.length === before ? card : 'none'
  const main = kind === 'hovedkort'
  const from = dayAt(sink, value['valid_from'], '', 'valid_from')
  return {
    record: 'tax_card',
    municipality: ownMunicipality(sink, value, context),
    person: { type: 'cpr', id: identifierOf(sink, value, 'cpr', 'cpr') },
    se: Number(identifierOf(sink, value, 'se', 'se')),
    kind,
    rate: rateOf(sink, value, main || kind === 'bikort'),
    allowanceMonth: cardAmount(sink, value, 'allowance_month_ore', main),
    allowanceWeek: cardAmount(sink, value, 'allowance_week_ore', main),
    allowanceDay: cardAmount(sink, value, 'allowance_day_ore', main),
    frikortLeft: cardAmount(sink, value, 'frikort_left_ore', kind === 'frikort'),
    valid: { from, to: validTo(sink, value, from) },
    serial: serialOf(sink, value),
  }
}

function cardAmount(sink: Sink, value: JsonObject, name: string, required: boolean): Ore {
  if (!required && (value[name] === undefined || value[name] === null)) return ZERO
  return oreFromZero(sink, value[name], '', name)
}

/** Millionths from a percentage with at most two decimals: 38 → 380_000. A number is as good as a text. */
function rateOf(sink: Sink, value: JsonObject, required: boolean): Millionths {
  const written = value['rate_percent']
  if (!required && (written === undefined || written === null)) return 0
  if (written === undefined) {
    note(sink, 'missing_field', '/rate_percent', 'The field /rate_percent is missing.')
    return 0
  }
  const hundredths =
    typeof written === 'number' || typeof written === 'string' ? parseFixed(String(written), 2) : undefined
  if (hundredths !== undefined && hundredths <= 10_000) return hundredths * 100
  note(sink, 'rate_invalid', '/rate_percent', 'This is not a rate of tax that we can take.')
  return 0
}

/** The number that orders cards of one person and SE (eSkatløbenr.); 0 when none is told. */
function serialOf(sink: Sink, value: JsonObject): number {
  const serial = value['serial'] ?? 0
  if (typeof serial === 'number' && Number.isSafeInteger(serial) && serial >= 0) return serial
  note(sink, 'wrong_type', '/serial', 'Here is no whole number from 0.')
  return 0
}

function validTo(sink: Sink, value: JsonObject, from: Day): Day {
  const written = value['valid_to']
  if (written === undefined || written === null || written === '9999-12-31') return FOREVER
  const before = sink.faults.length
  const to = dayAt(sink, value['valid_to'], '', 'valid_to')
  if (sink.faults.length === before && to <= from)
    note(sink, 'period_empty', '/valid_to', 'The card is valid on no day.')
  return to
}

function identifierOf(sink: Sink, value: JsonObject, type: PartyType, name: string): string {
  const id = value[name]
  if (typeof id !== 'string') {
    if (id === undefined) note(sink, 'missing_field', `/${name}`, `The field /${name} is missing.`)
    else note(sink, 'wrong_type', `/${name}`, `Here is ${shape(id)}, not a number as text.`)
    return ''
  }
  checkIdentifier(sink, type, id, '', name)
  return id
}

function eventParty(sink: Sink, value: JsonObject): PartyRef {
  if ((value['cpr'] === undefined) === (value['cvr'] === undefined)) {
    note(sink, 'party_ambiguous', '', 'The event names not exactly one party.')
    return { type: 'cpr', id: '' }
  }
  const type = value['cpr'] === undefined ? 'cvr' : 'cpr'
  return { type, id: identifierOf(sink, value, type, type) }
}

function ownMunicipality(sink: Sink, value: JsonObject, context: FactContext): Municipality {
  const code = municipalityAt(sink, value, '', context.municipalities)
  if (code > 0 && code !== context.municipality && context.municipalities.has(code)) {
    note(sink, 'wrong_municipality', '/municipality', 'The envelope names another municipality.')
  }
  return code
}

function knownBenefit(sink: Sink, value: JsonObject, context: FactContext): string {
  const before = sink.faults.length
  const benefit = textOf(sink, value['benefit'], '', 'benefit', MAX_KEY)
  if (sink.faults.length === before && !context.benefits.has(benefit)) {
    note(sink, 'unknown_benefit', '/benefit', 'This benefit is not known.')
  }
  return benefit
}
