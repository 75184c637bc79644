/** The first line of a file: what the file claims to be, and the sums by which we know that nothing was lost. */
import { type Municipality, RECORDS_PER_BATCH } from '../../base/id.ts'
import { type Period, parseMonth } from '../../base/date.ts'
import type { Fault } from '../../base/refusal.ts'
import { LINE_KINDS, type LineKind, SOURCE_SYSTEMS, type SourceSystem } from '../../modules/orders/index.ts'
import {
  EARLIEST_DAY,
  isObject,
  type JsonObject,
  LATEST_DAY,
  MAX_KEY,
  municipalityAt,
  newSink,
  note,
  objectOf,
  onlyFields,
  type Sink,
  shape,
  textOf,
} from './fields.ts'
import { fault } from './fault-codes.ts'

/** What the outside world knows, by the same door as the orders. @da fakta */
export const FACTS = 'FAKTA'
export type FileSource = SourceSystem | typeof FACTS

export interface KindSum {
  readonly lines: number
  /** Whole øre; the signed sum where the lines are movements. */
  readonly ore: number
}
export type ControlSums = Readonly<Record<LineKind, KindSum>>

/** @da konvolut */
export interface Envelope {
  readonly fileId: string
  readonly sourceSystem: FileSource
  readonly municipality: Municipality
  readonly month: Period
  /** Non-empty lines after the envelope. */
  readonly count: number
  /** Undefined only in a file of facts, where it may be left out. @da kontrolsummer */
  readonly sums: ControlSums | undefined
}

export interface EnvelopeContext {
  readonly municipalities: ReadonlySet<number>
  /** Of the sender's rights, when they are for one system: the envelope must agree. */
  readonly sourceSystem?: FileSource | undefined
}

export type ParsedEnvelope =
  | { readonly envelope: Envelope; readonly faults?: undefined }
  | { readonly faults: readonly Fault[]; readonly envelope?: undefined }

/** Records of one file: a record's number must fit its id. */
export const MAX_FILE_RECORDS = RECORDS_PER_BATCH - 1

export const ENVELOPE_FIELDS: ReadonlySet<string> = new Set([
  'record',
  'schema',
  'file_id',
  'source_system',
  'municipality',
  'month',
  'count',
  'sums',
])

export function parseEnvelope(value: unknown, context: EnvelopeContext): ParsedEnvelope {
  if (!isObject(value) || value['record'] !== 'envelope') {
    return { faults: [fault('envelope_missing', '', 'The first line is not an envelope ("record": "envelope").')] }
  }
  const sink = newSink()
  onlyFields(sink, value, '', ENVELOPE_FIELDS)
  const schema = value['schema']
  if (schema === undefined) note(sink, 'missing_field', '/schema', 'The field /schema is missing.')
  else if (schema !== 1) note(sink, 'unknown_schema', '/schema', 'The schema of the file is not 1.')
  const sourceSystem = fileSourceOf(sink, value, context)
  const envelope: Envelope = {
    fileId: textOf(sink, value['file_id'], '', 'file_id', MAX_KEY),
    sourceSystem,
    municipality: municipalityAt(sink, value, '', context.municipalities),
    month: monthOf(sink, value),
    count: countOf(sink, value),
    sums: sumsOf(sink, value['sums'], sourceSystem === FACTS),
  }
  return sink.faults.length > 0 ? { faults: sink.faults } : { envelope }
}

function fileSourceOf(sink: Sink, envelope: JsonObject, context: EnvelopeContext): FileSource {
  const value = envelope['source_system']
  const pointer = '/source_system'
  if (value === undefined) note(sink, 'missing_field', pointer, 'The field /source_system is missing.')
  else if (typeof value !== 'string') note(sink, 'wrong_type', pointer, `Here is ${shape(value)}, not a text.`)
  else if (value !== FACTS && !(SOURCE_SYSTEMS as readonly string[]).includes(value)) {
    note(sink, 'unknown_source_system', pointer, 'This source system is not known.')
  } else if (context.sourceSystem !== undefined && value !== context.sourceSystem) {
    note(sink, 'wrong_source_system', pointer, `The sender delivers for ${context.sourceSystem}.`)
  } else return value as FileSource
  return 'KY'
}

function monthOf(sink: Sink, envelope: JsonObject): Period {
  const value = envelope['month']
  if (typeof value === 'string') {
    const month = parseMonth(value)
    if (month !== undefined && month.from >= EARLIEST_DAY && month.to <= LATEST_DAY) return month
  }
  if (value === undefined) note(sink, 'missing_field', '/month', 'The field /month is missing.')
  else note(sink, 'month_invalid', '/month', 'This is not a month that we can take.')
  return { from: EARLIEST_DAY, to: LATEST_DAY }
}

function countOf(sink: Sink, envelope: JsonObject): number {
  const value = envelope['count']
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MAX_FILE_RECORDS) return value
  if (value === undefined) note(sink, 'missing_field', '/count', 'The field /count is missing.')
  else note(sink, 'count_invalid', '/count', 'This is not a number of lines that we can take.')
  return 0
}

const KINDS: ReadonlySet<string> = new Set(LINE_KINDS)
const SUM_FIELDS: ReadonlySet<string> = new Set(['lines', 'ore'])

function sumsOf(sink: Sink, value: unknown, mayBeAbsent: boolean): ControlSums | undefined {
  if (value === undefined && mayBeAbsent) return undefined
  const sums = objectOf(sink, value, '/sums')
  if (sums === undefined) return undefined
  onlyFields(sink, sums, '/sums', KINDS)
  return {
    benefit: kindSum(sink, sums, 'benefit'),
    set_off: kindSum(sink, sums, 'set_off'),
    third_party: kindSum(sink, sums, 'third_party'),
    repayment: kindSum(sink, sums, 'repayment'),
  }
}

function kindSum(sink: Sink, sums: JsonObject, kind: LineKind): KindSum {
  const pointer = `/sums/${kind}`
  const value = objectOf(sink, sums[kind], pointer)
  if (value === undefined) return { lines: 0, ore: 0 }
  onlyFields(sink, value, pointer, SUM_FIELDS)
  const lines = whole(sink, value, pointer, 'lines')
  if (lines < 0) note(sink, 'sum_invalid', `${pointer}/lines`, 'The number of lines is negative.')
  return { lines, ore: whole(sink, value, pointer, 'ore') }
}

function whole(sink: Sink, object: JsonObject, base: string, name: string): number {
  const value = object[name]
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value === 0 ? 0 : value
  if (value === undefined) note(sink, 'missing_field', `${base}/${name}`, `The field ${base}/${name} is missing.`)
  else note(sink, 'sum_invalid', `${base}/${name}`, 'This is not a whole number that can be counted exactly.')
  return 0
}
