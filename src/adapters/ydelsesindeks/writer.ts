/**
 * Writes effectuated items for Ydelsesindeks as a compact file of one JSON record a line. KOMBIT's XML, ten times
 * larger and nearly all of it the same for every item, is made of it at the moment of sending: see `expand.ts`.
 */
import { assert } from '../../base/assert.ts'
import { parseDay, type Day } from '../../base/date.ts'
import { municipalityText } from '../../base/id.ts'
import {
  drain,
  gathered,
  newSink,
  put,
  putBytes,
  putDecimal,
  putText,
  type Ready,
  ready,
  room,
  type Sink,
} from '../../base/latin-sink.ts'
import { formatKroner } from '../../base/money.ts'
import type { DeliveryHeader, DeliveryWriter, ToldItem } from '../../modules/deliveries/index.ts'
import type { PayingUnit } from '../../modules/rates/index.ts'
import { danishMoment, danishOffset } from '../../base/danish-time.ts'
import { KEY_MAX, NAME_MAX, PARTY_URNS, REASONS } from './names.ts'
import { FORMAT, type Head, jsonLine, jsonText, type Unit } from './record.ts'

export const encoding = 'utf8' as const

export interface YdelsesindeksOptions {
  /** Our registration as an it-system with the common municipal administration module. */
  readonly system: { readonly uuid: string; readonly name: string }
  /** What has been confirmed as paid of an item, in øre; undefined while it is not known. */
  readonly paid: (item: ToldItem) => number | undefined
}

const DEFAULTS: YdelsesindeksOptions = {
  system: { uuid: '00000000-0000-0000-0000-000000000000', name: 'TØK' },
  paid: () => undefined,
}

interface State {
  readonly sink: Sink
  readonly paid: (item: ToldItem) => number | undefined
  readonly uuidStart: string
  /** Their numbers within this file. */
  readonly units: Map<PayingUnit, string>
  /** Starts and middles of records that were made before, each at the place that its numbers lead to. */
  readonly starts: (Start | undefined)[]
  readonly middles: (Middle | undefined)[]
  items: number
  gross: number
  afterTax: number
  sent: number
  withoutGrant: number
}

/** A record up to its key, for every item of a batch: only the last six digits of the UUID differ. */
interface Start {
  readonly batch: number
  readonly bytes: Buffer
}

/** A record between its key and its amounts: the same for many items of a month. */
interface Middle {
  readonly from: Day
  readonly to: Day
  readonly disposition: Day
  readonly unit: PayingUnit
  readonly kle: string
  readonly text: Ready
}

const LOW = 2 ** 24
const LOW_DIGITS = 6
const KEY = '","key":"'
const HEX = Buffer.from('0123456789abcdef', 'latin1')
/** A month has some dozens of each; what meets an occupied place takes it over. */
const STARTS = 64
const MIDDLES = 1024

const AFTER_TAX = bytes('","afterTax":"')
const SENT = bytes('","sent":"')
const GRANT = bytes('","grant":"')
const BENEFIT = bytes('","benefit":"')
const END = bytes('"}\n')
const RECIPIENT = {
  cpr: bytes('","recipient":"' + PARTY_URNS.cpr),
  cvr: bytes('","recipient":"' + PARTY_URNS.cvr),
  p: bytes('","recipient":"' + PARTY_URNS.p),
  se: bytes('","recipient":"' + PARTY_URNS.se),
}

function bytes(text: string): Buffer {
  return Buffer.from(text, 'latin1')
}

/** @da økonomisk effektuering (Ydelsesindeks) */
export function ydelsesindeksWriter(
  header: DeliveryHeader,
  options: Partial<YdelsesindeksOptions> = {},
): DeliveryWriter {
  const { system, paid } = { ...DEFAULTS, ...options }
  const head = headOf(header, system)
  const state: State = {
    sink: newSink(),
    paid,
    // UUID version 8 (RFC 9562): ours to fill. Municipality and item make it the same in every delivery.
    uuidStart: '{"uuid":"0000' + municipalityText(header.municipality.code) + '-0000-8000-8',
    units: new Map(),
    starts: [],
    middles: [],
    items: 0,
    gross: 0,
    afterTax: 0,
    sent: 0,
    withoutGrant: 0,
  }
  return {
    // The index tells what is paid: what is taken back or moved without money is no effectuation.
    item: (item) => (item.correction === undefined ? write(state, item) : ''),
    end: () => ({
      head,
      tail: drain(state.sink) + `{"effectuations":${state.items}}\n`,
      totals: {
        items: state.items,
        gross_ore: state.gross,
        after_tax_atp_ore: state.afterTax,
        sent_ore: state.sent,
        items_without_grant: state.withoutGrant,
      },
    }),
  }
}

function headOf(header: DeliveryHeader, system: Head['system']): string {
  const { municipality, createdAt } = header
  const created = parseDay(createdAt.slice(0, 10))
  assert(created !== undefined, `not a business time: ${createdAt}`)
  const head: Head = {
    format: FORMAT,
    delivery: header.deliveryId,
    registered: createdAt + danishOffset(created, Number(createdAt.slice(11, 13))),
    system,
    municipality: {
      code: municipalityText(municipality.code),
      name: municipality.name.slice(0, NAME_MAX),
      cvr: municipality.cvr,
    },
  }
  return jsonLine(head) + '\n'
}

function write(state: State, item: ToldItem): string {
  const { sink } = state
  const { gross, net } = item
  const afterTax = gross - item.ownAtp - item.am - item.tax
  state.items++
  state.gross += gross
  state.afterTax += afterTax
  state.sent += net
  // It writes the unit's own record when the unit is new, so it comes before the item's.
  const middle = middleOf(state, item)
  putStart(state, item.item)
  putKey(sink, item)
  put(sink, middle.text)
  putDecimal(sink, gross)
  putBytes(sink, AFTER_TAX)
  putDecimal(sink, afterTax)
  putBytes(sink, SENT)
  putDecimal(sink, net)
  // From here on the quote that ends a value is put by what comes after it.
  putPaidAndReason(state, item, afterTax)
  if (item.grantUuid === '') state.withoutGrant++
  else putGrant(sink, item)
  putBytes(sink, RECIPIENT[item.payee.type])
  putJson(sink, item.payee.id)
  putBytes(sink, END)
  return gathered(sink)
}

function middleOf(state: State, item: ToldItem): Middle {
  const { period, dispositionDate, payingUnit, kle } = item
  const at = ((period.from * 31 + period.to) * 31 + dispositionDate * 7 + item.benefit) & (MIDDLES - 1)
  const known = state.middles[at]
  if (
    known !== undefined &&
    known.from === period.from &&
    known.to === period.to &&
    known.disposition === dispositionDate &&
    known.unit === payingUnit &&
    known.kle === kle
  ) {
    return known
  }
  return (state.middles[at] = newMiddle(state, item))
}

function newMiddle(state: State, item: ToldItem): Middle {
  const { from, to } = item.period
  const { dispositionDate, payingUnit, kle } = item
  const unit = state.units.get(payingUnit) ?? newUnit(state, payingUnit)
  // The last day of the period: for May the guide gives 31 May.
  const last = (to > from ? to - 1 : from) as Day
  const dates = `","start":"${danishMoment(from)}","end":"${danishMoment(last)}","due":"${danishMoment(dispositionDate)}","unit":`
  const text = ready(dates + unit + ',"kle":' + jsonText(kle) + ',"gross":"')
  return { from, to, disposition: dispositionDate, unit: payingUnit, kle, text }
}

/** The record of a unit, written before the first item that it pays. */
function newUnit(state: State, payingUnit: PayingUnit): string {
  const unit: Unit = {
    unit: state.units.size + 1,
    los: payingUnit.losKey,
    name: payingUnit.name.slice(0, NAME_MAX),
    cvr: payingUnit.cvr,
  }
  const number = String(unit.unit)
  state.units.set(payingUnit, number)
  putText(state.sink, jsonLine(unit) + '\n')
  return number
}

/** The last 60 bits of the UUID are the item: 3 hexadecimal digits, a hyphen, 12. */
function putStart(state: State, item: number): void {
  const { sink, starts } = state
  const low = item % LOW
  const batch = (item - low) / LOW
  const at = batch % STARTS
  let start = starts[at]
  if (start?.batch !== batch) {
    const hex = batch.toString(16).padStart(9, '0')
    const text = state.uuidStart + hex.slice(0, 3) + '-' + hex.slice(3) + '0'.repeat(LOW_DIGITS) + KEY
    start = { batch, bytes: bytes(text) }
    starts[at] = start
  }
  putBytes(sink, start.bytes)
  const { buffer } = sink
  const last = sink.at - KEY.length - 1
  for (let i = 0, rest = low; i < LOW_DIGITS; i++, rest >>= 4) buffer[last - i] = HEX[rest & 15] as number
}

/** What a caseworker knows it by, cut to what the schema takes. */
function putKey(sink: Sink, item: ToldItem): void {
  const { orderKey, lineKey } = item
  if (orderKey.length + lineKey.length < KEY_MAX) {
    putJson(sink, orderKey)
    putText(sink, '/')
    putJson(sink, lineKey)
  } else putJson(sink, (orderKey + '/' + lineKey).slice(0, KEY_MAX))
}

/** What was paid, when it is known, and why less was sent than was left after tax. */
function putPaidAndReason(state: State, item: ToldItem, afterTax: number): void {
  const { sink } = state
  const paid = state.paid(item)
  if (paid !== undefined) {
    putText(sink, '","paid":"')
    putDecimal(sink, paid)
  }
  if (item.net === afterTax) return
  const setOff = item.setOff === 0 ? '' : `${REASONS.setOff} ${formatKroner(item.setOff)} kr.`
  const third = item.thirdParty === 0 ? '' : `${REASONS.thirdParty} ${formatKroner(item.thirdParty)} kr.`
  const between = setOff !== '' && third !== '' ? ', ' : ''
  putText(sink, '","notSent":"' + setOff + between + third)
}

/** The grant whose sensitivity the effectuation inherits. Without it nobody may be shown the effectuation. */
function putGrant(sink: Sink, item: ToldItem): void {
  putBytes(sink, GRANT)
  putJson(sink, item.grantUuid)
  putBytes(sink, BENEFIT)
  putJson(sink, item.grantBenefitId)
}

/** As `jsonText`, without the quotes around it. */
function putJson(sink: Sink, text: string): void {
  const { length } = text
  room(sink, length)
  const { buffer, at } = sink
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i)
    if (code < 32 || code === 34 || code === 92 || code === 0x85 || code > 255) {
      putText(sink, jsonText(text).slice(1, -1))
      return
    }
    buffer[at + i] = code
  }
  sink.at = at + length
}
