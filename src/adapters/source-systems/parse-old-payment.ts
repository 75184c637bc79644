/** A line of what an old solution paid in a month, as it is laid beside what TØK calculates. The layout is ours. */
import { type Period, formatMonth } from '../../base/date.ts'
import type { Municipality } from '../../base/id.ts'
import type { Fault } from '../../base/refusal.ts'
import { SOURCE_SYSTEMS, type SourceSystem } from '../../modules/orders/index.ts'
import { COMPARED, type MonthLine } from '../../modules/overview/index.ts'
import {
  municipalityAt,
  newSink,
  note,
  objectOf,
  oneOf,
  onlyFields,
  oreFromZero,
  partyAt,
  periodAt,
  positiveOre,
} from './fields.ts'
import { benefitAt } from './parse-local-fact.ts'
import { readJson } from './read-json.ts'

export interface OldPaymentContext {
  /** The month that is compared: a line of another is a fault. */
  readonly month: Period
  readonly municipalities: ReadonlySet<Municipality>
  readonly benefits: ReadonlySet<string>
  readonly benefitSystem: ReadonlyMap<string, SourceSystem>
}

export type OldPayment = MonthLine & { readonly municipality: Municipality }

const FIELDS = new Set([
  'municipality',
  'source_system',
  'month',
  'person',
  'benefit',
  'period',
  ...(COMPARED as readonly string[]),
])
/** Nothing, when it is left out. */
const OPTIONAL: readonly string[] = ['am_ore', 'set_off_ore', 'third_party_ore']

/** The line, or every fault of it. Never throws. */
export function parseOldPayment(text: string, context: OldPaymentContext): OldPayment | readonly Fault[] {
  const json = readJson(text)
  if (json.fault !== undefined) return [json.fault]
  const sink = newSink()
  const value = objectOf(sink, json.value, '')
  if (value === undefined) return sink.faults
  onlyFields(sink, value, '', FIELDS)
  oneOf(sink, value['month'], '', 'month', [formatMonth(context.month.from)])
  const source = oneOf(sink, value['source_system'], '', 'source_system', SOURCE_SYSTEMS)
  const benefit = benefitAt(sink, value, context)
  if (benefit !== '' && context.benefitSystem.get(benefit) !== source)
    note(sink, 'benefit_of_other_system', '/benefit', `This benefit is not decided in ${source}.`)
  const municipality = municipalityAt(sink, value, '', context.municipalities)
  const [person, period] = [partyAt(sink, value['person'], '', 'person'), periodAt(sink, value, '')]
  const before = sink.faults.length
  const amounts = COMPARED.map((name): number => {
    if (name === 'gross_ore') return positiveOre(sink, value[name], '', name)
    if (value[name] === undefined && OPTIONAL.includes(name)) return 0
    return oreFromZero(sink, value[name], '', name)
  })
  const [gross, ...parts] = amounts
  const sum = parts.reduce((total, ore) => total + ore, 0)
  if (sink.faults.length === before && gross !== sum)
    note(sink, 'old_payment_unbalanced', '/gross_ore', `What was taken of it and net are ${sum} øre together.`)
  return sink.faults.length > 0 ? sink.faults : { municipality, source, person, benefit, period, amounts }
}
