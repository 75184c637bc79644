/**
 * The records of one person: 6000, its amounts, codes and texts. Which there are follows from the kind of income and
 * from which amounts are not zero; so they are put together once for all persons alike, and only filled for each.
 */
import { digitsAt, room, type Sink } from '../../base/latin-sink.ts'
import { clean, compile, type Slot, type Template, textAt } from './fixed-width.ts'
import { FIELD_NUMBERS, LAYOUT } from './layout.ts'

/** What one kind of income is told with. There are as many as the rate book has kinds. */
export interface Way {
  readonly kind: string
  readonly account: string
  readonly atpCode: string
  /** By which amounts are there, and whether the person is a company. */
  readonly templates: (PersonTemplate | undefined)[]
}

interface PersonTemplate {
  readonly bytes: Uint8Array
  /** Where each record has its running line number. */
  readonly lines: readonly number[]
  readonly id: Slot
  /** In the order of AMOUNTS; undefined where the amount is zero. */
  readonly amounts: readonly (AmountPlace | undefined)[]
  /** Where the period of the benefit stands, in the two forms of a day one after the other; -1 for nowhere. */
  readonly period: number
}

interface AmountPlace {
  readonly kroner: Slot
  readonly decimals: number
  readonly sign: number
}

export const LINE_END = '\r\n'
/** The amounts of a person, in the order of their records. */
export const AMOUNTS = [
  FIELD_NUMBERS.amIncome,
  FIELD_NUMBERS.aIncome,
  FIELD_NUMBERS.aTax,
  FIELD_NUMBERS.amBidrag,
  FIELD_NUMBERS.atp,
  FIELD_NUMBERS.pension,
  FIELD_NUMBERS.repaid,
] as const
const ATP = AMOUNTS.indexOf(FIELD_NUMBERS.atp)
const LINE_DIGITS = LAYOUT[6000][0]?.length ?? 0
const PLUS = 43
const MINUS = 45

/** Puts the records of a person whose amounts begin at `first`; the answer is the line number of the last. */
export function putPerson(
  sink: Sink,
  way: Way,
  isCompany: boolean,
  id: string,
  amounts: Float64Array,
  first: number,
  period: Uint8Array,
  lineBefore: number,
): number {
  let present = isCompany ? 1 : 0
  for (let i = 0; i < AMOUNTS.length; i++) if (amounts[first + i] !== 0) present |= 2 << i
  const template = way.templates[present] ?? (way.templates[present] = newTemplate(way, present))
  const { bytes, lines } = template
  room(sink, bytes.length)
  const { buffer, at } = sink
  buffer.set(bytes, at)
  for (let i = 0; i < lines.length; i++) {
    digitsAt(buffer, at + (lines[i] as number), LINE_DIGITS, lineBefore + i + 1)
  }
  textAt(buffer, at, template.id, id)
  for (let i = 0; i < AMOUNTS.length; i++) {
    const place = template.amounts[i]
    if (place === undefined) continue
    const amount = amounts[first + i] as number
    const absolute = amount < 0 ? -amount : amount
    const rest = absolute % 100
    digitsAt(buffer, at + place.kroner.at, place.kroner.length, (absolute - rest) / 100)
    digitsAt(buffer, at + place.decimals, 2, rest)
    if (amount < 0) buffer[at + place.sign] = MINUS
  }
  if (template.period >= 0) buffer.set(period, at + template.period)
  sink.at = at + bytes.length
  return lineBefore + lines.length
}

function newTemplate(way: Way, present: number): PersonTemplate {
  const parts: Template[] = []
  let length = 0
  const lines: number[] = []
  /** Where the part begins. */
  function add(part: Template): number {
    const start = length
    parts.push(part)
    lines.push(start + slotOf(part, 0).at)
    length += part.bytes.length
    return start
  }
  const person = compile(LAYOUT[6000], LINE_END, { Indtaegtsart: clean(way.kind) })
  add(person)
  const amounts = AMOUNTS.map((fieldNo, i): AmountPlace | undefined => {
    if ((present & (2 << i)) === 0) return undefined
    const part = compile(LAYOUT[6001], LINE_END, { Felt_nr: fieldNo })
    const start = add(part)
    const [kroner, decimals, sign] = [slotOf(part, 1), slotOf(part, 2), slotOf(part, 3)]
    return { kroner: { ...kroner, at: start + kroner.at }, decimals: start + decimals.at, sign: start + sign.at }
  })
  if (amounts[ATP] !== undefined && way.atpCode !== '') {
    add(compile(LAYOUT[6002], LINE_END, { Felt_nr: FIELD_NUMBERS.atpCode, Kode: clean(way.atpCode) }))
  }
  let period = -1
  if (way.account !== '') {
    add(compile(LAYOUT[6004], LINE_END, { Felt_nr: FIELD_NUMBERS.refundAccount, Tekst: clean(way.account) }))
    const part = compile(LAYOUT[6004], LINE_END, { Felt_nr: FIELD_NUMBERS.benefitPeriod })
    period = add(part) + slotOf(part, 1).at
  }
  const bytes = new Uint8Array(Buffer.concat(parts.map((part) => part.bytes)))
  for (const place of amounts) if (place !== undefined) bytes[place.sign] = PLUS
  const isCompany = (present & 1) === 1
  return { bytes, lines, id: slotOf(person, isCompany ? 2 : 1), amounts, period }
}

function slotOf(template: Template, index: number): Slot {
  return template.slots[index] as Slot
}
