/** One line of an order. Its kind says which fields it has; any other field is a fault. */
import type { Ore } from '../../base/money.ts'
import { formatDay, type Period } from '../../base/date.ts'
import {
  type BenefitLine,
  type Decision,
  LINE_KINDS,
  type LineKind,
  type OrderLine,
  QUANTITY_UNITS,
  type QuantityUnit,
  type RepaymentDecision,
  SENSITIVITIES,
  type SourceSystem,
} from '../../modules/orders/index.ts'
import {
  booleanOf,
  checkIdentifier,
  dayAt,
  EARLIEST_DAY,
  isObject,
  type JsonObject,
  keyOf,
  MAX_KEY,
  MAX_TEXT,
  note,
  objectOf,
  oneOf,
  onlyFields,
  optionalTextOf,
  partyAt,
  periodAt,
  positiveOre,
  type Sink,
  shape,
  signedOre,
  textOf,
} from './fields.ts'

/** What a line is read against. */
export interface LineContext {
  readonly benefits: ReadonlySet<string>
  readonly benefitSystem: ReadonlyMap<string, SourceSystem>
  readonly benefitPeriods?: BenefitPeriods | undefined
  readonly sourceSystem: SourceSystem
}

/** When each benefit has a rule; without it, always. */
export type BenefitPeriods = ReadonlyMap<string, readonly Period[]>

/** A rule is that of the first day of the period: without one nothing can be calculated or posted. */
export function checkBenefitOn(
  sink: Sink,
  periods: BenefitPeriods | undefined,
  benefit: string,
  period: Period,
  base: string,
): void {
  const valid = periods?.get(benefit)
  if (valid === undefined || valid.some((one) => one.from <= period.from && period.from < one.to)) return
  const day = formatDay(period.from)
  note(sink, 'benefit_without_rule', `${base}/benefit`, `This benefit has no rule, code or account on ${day}.`)
}

const EVERY_LINE = ['line_key', 'kind', 'amount_ore', 'delta_ore']

/** The fields of each kind of line; exactly one of amount_ore and delta_ore is there. */
export const LINE_FIELDS: Record<LineKind, ReadonlySet<string>> = {
  benefit: new Set([
    ...EVERY_LINE,
    'benefit',
    'component',
    'kle',
    'sensitivity',
    'legal_basis',
    'grant',
    'period',
    'quantity',
    'repayable',
    'text',
    'employee',
    'reference',
    'not_duplicate_of',
  ]),
  set_off: new Set([...EVERY_LINE, 'claim_key', 'from_earmarked']),
  third_party: new Set([...EVERY_LINE, 'payee', 'reference']),
  repayment: new Set([
    ...EVERY_LINE,
    'benefit',
    'component',
    'legal_basis',
    'period',
    'claim_key',
    'cause',
    'decision',
  ]),
}

/** A line, or undefined when its kind is not known. The line counts only if the sink has no faults in the end. */
export function parseLine(
  sink: Sink,
  value: unknown,
  base: string,
  movement: boolean,
  context: LineContext,
): OrderLine | undefined {
  const line = objectOf(sink, value, base)
  if (line === undefined) return undefined
  const lineKey = keyOf(sink, line['line_key'], base, 'line_key')
  if (lineKey.includes('/')) note(sink, 'key_characters', `${base}/line_key`, 'The line key holds a slash.')
  const before = sink.faults.length
  const kind = oneOf(sink, line['kind'], base, 'kind', LINE_KINDS)
  const kindKnown = sink.faults.length === before
  const amount = amountOf(sink, line, base, movement)
  if (!kindKnown) return undefined
  onlyFields(sink, line, base, LINE_FIELDS[kind])
  switch (kind) {
    case 'benefit':
      return benefitLine(sink, line, base, lineKey, amount, movement, context)
    case 'set_off':
      return {
        kind,
        lineKey,
        amount,
        delta: movement,
        claimKey: keyOf(sink, line['claim_key'], base, 'claim_key'),
        fromEarmarked:
          line['from_earmarked'] !== undefined && booleanOf(sink, line['from_earmarked'], base, 'from_earmarked'),
      }
    case 'third_party':
      return {
        kind,
        lineKey,
        amount,
        delta: movement,
        payee: partyAt(sink, line['payee'], base, 'payee'),
        reference: textOf(sink, line['reference'], base, 'reference', MAX_TEXT),
      }
    case 'repayment':
      return {
        kind,
        lineKey,
        amount,
        delta: movement,
        ...benefitAndPeriod(sink, line, base, context),
        component: textOf(sink, line['component'], base, 'component', MAX_KEY),
        claimKey: keyOf(sink, line['claim_key'], base, 'claim_key'),
        cause: textOf(sink, line['cause'], base, 'cause', MAX_KEY),
        legalBasis: optionalTextOf(sink, line['legal_basis'], base, 'legal_basis', MAX_TEXT),
        decision: repaymentDecisionAt(sink, line, base),
      }
  }
}

function benefitLine(
  sink: Sink,
  line: JsonObject,
  base: string,
  lineKey: string,
  amount: Ore,
  movement: boolean,
  context: LineContext,
): OrderLine {
  const { benefit, period } = benefitAndPeriod(sink, line, base, context)
  return {
    kind: 'benefit',
    lineKey,
    amount,
    delta: movement,
    benefit,
    component: textOf(sink, line['component'], base, 'component', MAX_KEY),
    kle: kleOf(sink, line, base),
    sensitivity: oneOf(sink, line['sensitivity'], base, 'sensitivity', SENSITIVITIES),
    legalBasis: textOf(sink, line['legal_basis'], base, 'legal_basis', MAX_TEXT),
    grant: line['grant'] === undefined ? undefined : grantAt(sink, line['grant'], base, period),
    period,
    quantity: quantityAt(sink, line['quantity'], base),
    repayable: booleanOf(sink, line['repayable'], base, 'repayable'),
    text: textOf(sink, line['text'], base, 'text', MAX_TEXT),
    employee: line['employee'] === undefined ? undefined : employeeOf(sink, line, base),
    reference: optionalTextOf(sink, line['reference'], base, 'reference', MAX_TEXT),
    notDuplicateOf: line['not_duplicate_of'] === undefined ? undefined : otherLine(sink, line, base),
  }
}

/** A full state has `amount_ore`, above zero; a movement has `delta_ore`, of either sign. */
function amountOf(sink: Sink, line: JsonObject, base: string, movement: boolean): Ore {
  if (movement) {
    if (line['amount_ore'] !== undefined)
      note(sink, 'amount_with_adjusts', `${base}/amount_ore`, 'A movement has no full amounts.')
    return signedOre(sink, line['delta_ore'], base, 'delta_ore')
  }
  if (line['delta_ore'] !== undefined) {
    note(sink, 'delta_without_adjusts', `${base}/delta_ore`, 'The order is not a movement.')
    if (line['amount_ore'] === undefined) return 0 as Ore
  }
  return positiveOre(sink, line['amount_ore'], base, 'amount_ore')
}

function benefitAndPeriod(
  sink: Sink,
  line: JsonObject,
  base: string,
  context: LineContext,
): { benefit: string; period: Period } {
  const before = sink.faults.length
  const period = periodAt(sink, line, base)
  const benefit = benefitOf(sink, line, base, context)
  if (sink.faults.length === before) checkBenefitOn(sink, context.benefitPeriods, benefit, period, base)
  return { benefit, period }
}

function benefitOf(sink: Sink, line: JsonObject, base: string, context: LineContext): string {
  const value = line['benefit']
  if (typeof value === 'string' && context.benefits.has(value)) {
    if (context.benefitSystem.get(value) !== context.sourceSystem) {
      note(
        sink,
        'benefit_of_other_system',
        `${base}/benefit`,
        `This benefit is not decided in ${context.sourceSystem}.`,
      )
    }
    return value
  }
  const before = sink.faults.length
  textOf(sink, line['benefit'], base, 'benefit', MAX_KEY)
  if (sink.faults.length === before) note(sink, 'unknown_benefit', `${base}/benefit`, 'This benefit is not known.')
  return ''
}

/** NN.NN.NN of the municipalities' subject classification. @da KLE-emne */
export function kleOf(sink: Sink, line: JsonObject, base: string): string {
  const value = line['kle']
  if (typeof value !== 'string') return textOf(sink, line['kle'], base, 'kle', 8)
  let good = value.length === 8
  for (let i = 0; i < 8 && good; i++) {
    const c = value.charCodeAt(i)
    good = i === 2 || i === 5 ? c === 46 : c >= 48 && c <= 57
  }
  if (!good) note(sink, 'kle_invalid', `${base}/kle`, 'This is not a KLE number.')
  return value
}

const GRANT_FIELDS: ReadonlySet<string> = new Set(['uuid', 'benefit_id', 'period'])

/** A line lies within its grant, as far as the grant's own period is told. */
function grantAt(sink: Sink, value: unknown, base: string, line: Period): BenefitLine['grant'] {
  const pointer = `${base}/grant`
  const grant = objectOf(sink, value, pointer)
  if (grant === undefined) return undefined
  onlyFields(sink, grant, pointer, GRANT_FIELDS)
  const named = {
    uuid: uuidAt(sink, grant, pointer),
    benefitId: textOf(sink, grant['benefit_id'], pointer, 'benefit_id', MAX_KEY),
  }
  if (grant['period'] === undefined) return named
  const before = sink.faults.length
  const period = periodAt(sink, grant, pointer)
  if (sink.faults.length === before && (line.from < period.from || line.to > period.to)) {
    note(sink, 'period_outside_grant', `${base}/period`, 'The period is not within that of its grant.')
  }
  return { ...named, period }
}

const LOWER_UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** Upper and lower case name the same id: one form, so that the content is the same too. */
function uuidAt(sink: Sink, grant: JsonObject, pointer: string): string {
  const value = grant['uuid']
  if (typeof value === 'string' && LOWER_UUID.test(value)) return value
  const uuid = textOf(sink, grant['uuid'], pointer, 'uuid', MAX_KEY).toLowerCase()
  if (uuid !== '' && !LOWER_UUID.test(uuid)) note(sink, 'uuid_invalid', `${pointer}/uuid`, 'This is not a UUID.')
  return uuid
}

const QUANTITY_FIELDS: ReadonlySet<string> = new Set(['unit', 'value'])
/** Units. */
const MAX_QUANTITY = 100_000

export function quantityAt(sink: Sink, value: unknown, base: string): { unit: QuantityUnit; thousandths: number } {
  const pointer = `${base}/quantity`
  const quantity = objectOf(sink, value, pointer)
  if (quantity === undefined) return { unit: 'month', thousandths: 0 }
  onlyFields(sink, quantity, pointer, QUANTITY_FIELDS)
  const unit = oneOf(sink, quantity['unit'], pointer, 'unit', QUANTITY_UNITS)
  const written = quantity['value']
  if (written === undefined) note(sink, 'missing_field', `${pointer}/value`, `The field ${pointer}/value is missing.`)
  else if (typeof written !== 'string') {
    note(
      sink,
      'quantity_invalid',
      `${pointer}/value`,
      `The quantity is ${shape(written)}, not a decimal number as text.`,
    )
  } else {
    const thousandths = parseThousandths(written)
    if (thousandths !== undefined) return { unit, thousandths }
    note(sink, 'quantity_invalid', `${pointer}/value`, 'This is not a quantity that we can take.')
  }
  return { unit, thousandths: 0 }
}

/** `37.5` → 37500; undefined when it is not above zero, too large, or has more than three decimals. */
function parseThousandths(text: string): number | undefined {
  if (text === '1') return 1000
  const value = parseFixed(text, 3)
  return value !== undefined && value > 0 && value <= MAX_QUANTITY * 1000 ? value : undefined
}

/** A decimal text without sign or exponent as a whole number of its `decimals`-th parts; undefined when it is none. */
export function parseFixed(text: string, decimals: number): number | undefined {
  if (text.length === 0 || text.length > 12) return undefined
  let value = 0
  let point = -1
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c === 46 && point < 0 && i > 0 && i < text.length - 1) point = i
    else if (c >= 48 && c <= 57) value = value * 10 + (c - 48)
    else return undefined
  }
  const written = point < 0 ? 0 : text.length - 1 - point
  if (written > decimals) return undefined
  return value * 10 ** (decimals - written)
}

function employeeOf(sink: Sink, line: JsonObject, base: string): string {
  const value = line['employee']
  if (typeof value !== 'string') return textOf(sink, line['employee'], base, 'employee', 10)
  checkIdentifier(sink, 'cpr', value, base, 'employee')
  return value
}

function otherLine(sink: Sink, line: JsonObject, base: string): string {
  const value = textOf(sink, line['not_duplicate_of'], base, 'not_duplicate_of', 2 * MAX_KEY + 1)
  const slash = value.lastIndexOf('/')
  if (value !== '' && (slash < 1 || slash === value.length - 1)) {
    note(sink, 'line_reference_invalid', `${base}/not_duplicate_of`, 'This does not name a line of an order.')
  }
  return value
}

const DECISION_FIELDS: ReadonlySet<string> = new Set(['key', 'date'])

export function decisionAt(
  sink: Sink,
  object: JsonObject,
  base: string,
  known: ReadonlySet<string> = DECISION_FIELDS,
): Decision {
  const pointer = `${base}/decision`
  const decision = objectOf(sink, object['decision'], pointer)
  if (decision === undefined) return { key: '', date: EARLIEST_DAY }
  onlyFields(sink, decision, pointer, known)
  return { key: keyOf(sink, decision['key'], pointer, 'key'), date: dayAt(sink, decision['date'], pointer, 'date') }
}

const REPAYMENT_DECISION_FIELDS: ReadonlySet<string> = new Set([...DECISION_FIELDS, 'hearing_date', 'notice_date'])

/** The debtor is heard before it is decided, and told after. */
function repaymentDecisionAt(sink: Sink, line: JsonObject, base: string): RepaymentDecision {
  const before = sink.faults.length
  const decision = decisionAt(sink, line, base, REPAYMENT_DECISION_FIELDS)
  const pointer = `${base}/decision`
  const said = isObject(line['decision']) ? line['decision'] : {}
  const dayOf = (name: string) => (said[name] === undefined ? undefined : dayAt(sink, said[name], pointer, name))
  const [hearingDate, noticeDate] = [dayOf('hearing_date'), dayOf('notice_date')]
  if (sink.faults.length === before) {
    const made = formatDay(decision.date)
    if (hearingDate !== undefined && hearingDate > decision.date) {
      note(sink, 'hearing_after_decision', `${pointer}/hearing_date`, `The decision was made on ${made}.`)
    }
    if (noticeDate !== undefined && noticeDate < decision.date) {
      note(sink, 'notice_before_decision', `${pointer}/notice_date`, `The decision was made on ${made}.`)
    }
  }
  return { ...decision, hearingDate, noticeDate }
}
