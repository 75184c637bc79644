/**
 * Writes effectuated items for Ydelsesindeks as a compact file of one JSON record a line. KOMBIT's XML, ten times
 * larger and nearly all of it the same for every item, is made of it at the moment of sending: see `expand.ts`.
 */
import { assert } from '../../base/assert.ts'
import { parseDay, type Day } from '../../base/date.ts'
import { municipalityText } from '../../base/id.ts'
import { formatKroner } from '../../base/money.ts'
import type { DeliveryHeader, DeliveryWriter, ToldItem } from '../../modules/deliveries/index.ts'
import type { PayingUnit } from '../../modules/rates/index.ts'
import { moment, offset } from './danish-time.ts'
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
  readonly paid: (item: ToldItem) => number | undefined
  readonly uuidStart: string
  readonly units: Map<PayingUnit, string>
  /** The dates of the item before: nearly always those of the next one. */
  dates: string
  from: Day
  to: Day
  disposition: Day
  /** The first 28 bits of the item before and what they look like in its UUID. */
  batch: number
  batchText: string
  items: number
  gross: number
  afterTax: number
  sent: number
  withoutGrant: number
}

const ZEROS = '000000000'
const LOW = 2 ** 24
/** `.00` to `.99`. */
const HUNDREDTHS = Array.from({ length: 100 }, (_, i) => '.' + String(i).padStart(2, '0'))
const NO_DAY = Number.NaN as Day
const RECIPIENT = {
  cpr: ',"recipient":"' + PARTY_URNS.cpr,
  cvr: ',"recipient":"' + PARTY_URNS.cvr,
  p: ',"recipient":"' + PARTY_URNS.p,
  se: ',"recipient":"' + PARTY_URNS.se,
}

/** @da økonomisk effektuering (Ydelsesindeks) */
export function ydelsesindeksWriter(
  header: DeliveryHeader,
  options: Partial<YdelsesindeksOptions> = {},
): DeliveryWriter {
  const { system, paid } = { ...DEFAULTS, ...options }
  const head = headOf(header, system)
  const state: State = {
    paid,
    // UUID version 8 (RFC 9562): ours to fill. Municipality and item make it the same in every delivery.
    uuidStart: '{"uuid":"0000' + municipalityText(header.municipality.code) + '-0000-8000-8',
    units: new Map(),
    dates: '',
    from: NO_DAY,
    to: NO_DAY,
    disposition: NO_DAY,
    batch: -1,
    batchText: '',
    items: 0,
    gross: 0,
    afterTax: 0,
    sent: 0,
    withoutGrant: 0,
  }
  return {
    item: (item) => write(state, item),
    end: () => ({
      head,
      tail: `{"effectuations":${state.items}}\n`,
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
    registered: createdAt + offset(created, Number(createdAt.slice(11, 13))),
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
  const { gross, net, period } = item
  const afterTax = gross - item.ownAtp - item.am - item.tax
  state.items++
  state.gross += gross
  state.afterTax += afterTax
  state.sent += net
  if (period.from !== state.from || period.to !== state.to || item.dispositionDate !== state.disposition) {
    newDates(state, item)
  }
  const unit = state.units.get(item.payingUnit)
  const sentText = decimal(net)
  return (
    (unit === undefined ? newUnit(state, item.payingUnit) + state.uuidStart : state.uuidStart) +
    uuidEnd(state, item.item) +
    '","key":' +
    jsonText(keyOf(item)) +
    state.dates +
    (unit ?? (state.units.get(item.payingUnit) as string)) +
    jsonText(item.kle) +
    ',"gross":"' +
    (gross === net ? sentText : decimal(gross)) +
    '","afterTax":"' +
    (afterTax === net ? sentText : decimal(afterTax)) +
    '","sent":"' +
    sentText +
    '"' +
    paidAndReason(state, item, afterTax) +
    grantOf(state, item) +
    RECIPIENT[item.payee.type] +
    // The opening quote stands before the URN.
    jsonText(item.payee.id).slice(1) +
    '}\n'
  )
}

function newDates(state: State, item: ToldItem): void {
  const { from, to } = item.period
  state.from = from
  state.to = to
  state.disposition = item.dispositionDate
  // The last day of the period: for May the guide gives 31 May.
  const last = (to > from ? to - 1 : from) as Day
  state.dates =
    `,"start":"${moment(from)}","end":"${moment(last)}","due":"${moment(item.dispositionDate)}"` + ',"unit":'
}

/** The record of a unit, written before the first item that it pays. */
function newUnit(state: State, payingUnit: PayingUnit): string {
  const unit: Unit = {
    unit: state.units.size + 1,
    los: payingUnit.losKey,
    name: payingUnit.name.slice(0, NAME_MAX),
    cvr: payingUnit.cvr,
  }
  state.units.set(payingUnit, `${unit.unit},"kle":`)
  return jsonLine(unit) + '\n'
}

/** What was paid, when it is known, and why less was sent than was left after tax. */
function paidAndReason(state: State, item: ToldItem, afterTax: number): string {
  const paid = state.paid(item)
  const text = paid === undefined ? '' : `,"paid":"${decimal(paid)}"`
  if (item.net === afterTax) return text
  const setOff = item.setOff === 0 ? '' : `${REASONS.setOff} ${formatKroner(item.setOff)} kr.`
  const third = item.thirdParty === 0 ? '' : `${REASONS.thirdParty} ${formatKroner(item.thirdParty)} kr.`
  const between = setOff !== '' && third !== '' ? ', ' : ''
  return text + ',"notSent":"' + setOff + between + third + '"'
}

/** The grant whose sensitivity the effectuation inherits. Without it nobody may be shown the effectuation. */
function grantOf(state: State, item: ToldItem): string {
  if (item.grantUuid === '') {
    state.withoutGrant++
    return ''
  }
  return ',"grant":' + jsonText(item.grantUuid) + ',"benefit":' + jsonText(item.grantBenefitId)
}

/** As `formatDecimal`, without cutting text to pieces: it is asked three times an item. */
function decimal(amount: number): string {
  const absolute = Math.abs(amount)
  const rest = absolute % 100
  return (amount < 0 ? '-' : '') + String((absolute - rest) / 100) + (HUNDREDTHS[rest] as string)
}

/** What a caseworker knows it by, cut to what the schema takes. */
function keyOf(item: ToldItem): string {
  const key = item.orderKey + '/' + item.lineKey
  return key.length > KEY_MAX ? key.slice(0, KEY_MAX) : key
}

/** The last 60 bits: 3 hexadecimal digits, a hyphen, 12. The upper ones are those of the item before, mostly. */
function uuidEnd(state: State, item: number): string {
  const low = item % LOW
  const batch = (item - low) / LOW
  if (batch !== state.batch) {
    const hex = batch.toString(16)
    const padded = ZEROS.slice(hex.length) + hex
    state.batch = batch
    state.batchText = padded.slice(0, 3) + '-' + padded.slice(3)
  }
  // A bit above the highest keeps the leading zeros.
  return state.batchText + (low + LOW).toString(16).slice(1)
}
