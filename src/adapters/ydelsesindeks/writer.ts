/**
 * Writes effectuated items for Ydelsesindeks (økonomisk effektuering): one import object per item, compact XML.
 * An effectuation has no sensitivity of its own: it inherits that of the grant it refers to.
 */
import { assert } from '../../base/assert.ts'
import { civil, dayOf, formatDay, parseDay, weekday, type Day } from '../../base/date.ts'
import { municipalityText } from '../../base/id.ts'
import { formatDecimal, formatKroner } from '../../base/money.ts'
import type { ControlTotals, DeliveryHeader, DeliveryWriter, ToldItem } from '../../modules/deliveries/index.ts'
import type { PayingUnit } from '../../modules/rates/index.ts'
import { KEY_MAX, NAMESPACES, NAME_MAX, PARTY_URNS, REASONS, ROLES, SYSTEM_URN, UNIT_URN } from './names.ts'

export const encoding = 'utf8' as const

export interface YdelsesindeksOptions {
  /** Our registration as an it-system with the common municipal administration module. */
  readonly system: { readonly uuid: string; readonly name: string }
  /**
   * KOMBIT's guide wants the time of effect on every relation; the schema wants it nowhere, and it is always the
   * time of registration. `once` leaves the repetition out: the file is a third smaller.
   */
  readonly effects: 'once' | 'every_relation'
  /** What has been confirmed as paid of an item, in øre; undefined while it is not known. */
  readonly paid: (item: ToldItem) => number | undefined
}

const DEFAULTS: YdelsesindeksOptions = {
  system: { uuid: '00000000-0000-0000-0000-000000000000', name: 'TØK' },
  effects: 'once',
  paid: () => undefined,
}

interface State {
  readonly paid: (item: ToldItem) => number | undefined
  readonly uuidStart: string
  /** What is the same in every item, from its UUID to its key, and before its line. */
  readonly itemStart: string
  readonly lineStart: string
  readonly effect: string
  readonly owner: string
  readonly partStart: string
  readonly systems: string
  readonly units: Map<PayingUnit, { readonly actor: string; readonly department: string }>
  items: number
  gross: number
  afterTax: number
  sent: number
  withoutGrant: number
}

const ZEROS = '000000000000000'
const OBJECT_START = '<y:OekonomiskEffektueringIndeks><OekonomiskEffektueringIndeks><s:UUIDIdentifikator>'
const LINE_START = '<OekonomiskYdelseEffektueringRelation>'
const LINE_ROLE = `${role(ROLES.partOf)}<g:Indeks>1</g:Indeks><g:ReferenceID><s:UUIDIdentifikator>`
const LINE_END = '</OekonomiskYdelseEffektueringRelation>'
const OBJECT_END =
  '</s:URNIdentifikator></g:ReferenceID></OekonomiskEffektueringPart></RelationListe></Registrering>' +
  '</OekonomiskEffektueringIndeks></y:OekonomiskEffektueringIndeks>'
const PARTY_START = {
  cpr: partyStart('cpr'),
  cvr: partyStart('cvr'),
  p: partyStart('p'),
  se: partyStart('se'),
}

/** The object type is known for persons only; the sample names none for companies. */
function partyStart(kind: 'cpr' | 'cvr' | 'p' | 'se'): string {
  const { role: recipient } = ROLES.recipient
  const both =
    kind === 'cpr'
      ? role(ROLES.recipient)
      : `<g:Rolle><s:UUIDIdentifikator>${recipient}</s:UUIDIdentifikator></g:Rolle>`
  return `${both}<g:ReferenceID><s:URNIdentifikator>${PARTY_URNS[kind]}`
}

/** @da økonomisk effektuering (Ydelsesindeks) */
export function ydelsesindeksWriter(
  header: DeliveryHeader,
  options: Partial<YdelsesindeksOptions> = {},
): DeliveryWriter {
  const { system, paid, effects } = { ...DEFAULTS, ...options }
  const created = parseDay(header.createdAt.slice(0, 10))
  assert(created !== undefined, `not a business time: ${header.createdAt}`)
  const at = header.createdAt + offset(created, Number(header.createdAt.slice(11, 13)))
  const systemUrn = `<s:URNIdentifikator>${SYSTEM_URN}${escapeXml(system.uuid)}</s:URNIdentifikator>`
  const effect = effects === 'once' ? '' : effectFrom(at, systemUrn, 'g:')
  const state: State = {
    paid,
    // UUID version 8 (RFC 9562): ours to fill. Municipality and item make it the same in every delivery.
    uuidStart: `0000${municipalityText(header.municipality.code)}-0000-8000-8`,
    itemStart:
      `</s:UUIDIdentifikator><Registrering><s:Tidspunkt>${at}</s:Tidspunkt>` +
      '<s:LivscyklusKode>Importeret</s:LivscyklusKode>' +
      `<s:BrugerRef>${systemUrn}</s:BrugerRef><AttributListe><Egenskaber>${effectFrom(at, systemUrn, '')}` +
      '<BrugervendtNoegle>',
    lineStart: `</Egenskaber></AttributListe><TilstandListe/><RelationListe>${LINE_START}${effect}${LINE_ROLE}`,
    effect,
    partStart: `<OekonomiskEffektueringPart>${effect}`,
    owner: ownerActor(header, effect),
    systems: systemRelations(system, effect),
    units: new Map(),
    items: 0,
    gross: 0,
    afterTax: 0,
    sent: 0,
    withoutGrant: 0,
  }
  return { item: (item) => write(state, item), end: () => finish(state) }
}

/** From when the values hold: the time of registration, for ever (the index keeps no double history). */
function effectFrom(at: string, systemUrn: string, prefix: 'g:' | ''): string {
  return (
    `<${prefix}Virkning><s:FraTidspunkt><s:TidsstempelDatoTid>${at}</s:TidsstempelDatoTid></s:FraTidspunkt>` +
    '<s:TilTidspunkt><s:GraenseIndikator>true</s:GraenseIndikator></s:TilTidspunkt>' +
    `<s:AktoerRef>${systemUrn}</s:AktoerRef><s:AktoerTypeKode>ItSystem</s:AktoerTypeKode></${prefix}Virkning>`
  )
}

function role({ role: roleUuid, type }: { readonly role: string; readonly type: string }): string {
  return (
    `<g:Rolle><s:UUIDIdentifikator>${roleUuid}</s:UUIDIdentifikator></g:Rolle>` +
    `<g:Type><s:UUIDIdentifikator>${type}</s:UUIDIdentifikator></g:Type>`
  )
}

function ownerActor(header: DeliveryHeader, effect: string): string {
  const { municipality } = header
  const urn = PARTY_URNS.cvr + municipality.cvr
  const reference = `<g:ReferenceID><s:URNIdentifikator>${urn}</s:URNIdentifikator></g:ReferenceID>`
  return (
    `<Aktoer>${effect}${role(ROLES.owner)}${reference}` +
    `<BrugervendtNoegle>${municipalityText(municipality.code)}</BrugervendtNoegle>` +
    `<FuldtNavn>${escapeXml(municipality.name.slice(0, NAME_MAX))}</FuldtNavn>` +
    `<CVR-nr>${municipality.cvr}</CVR-nr></Aktoer>`
  )
}

function systemRelations(system: { readonly uuid: string; readonly name: string }, effect: string): string {
  const reference =
    `<g:ReferenceID><s:UUIDIdentifikator>${escapeXml(system.uuid)}</s:UUIDIdentifikator></g:ReferenceID>` +
    `<SystemNavn>${escapeXml(system.name)}</SystemNavn>`
  return (
    `<ItSystem>${effect}${role(ROLES.master)}${reference}</ItSystem>` +
    `<ItSystem>${effect}${role(ROLES.sender)}${reference}</ItSystem>`
  )
}

function unitOf(state: State, unit: PayingUnit): { readonly actor: string; readonly department: string } {
  const known = state.units.get(unit)
  if (known !== undefined) return known
  const name = escapeXml(unit.name.slice(0, NAME_MAX))
  const key = escapeXml(unit.losKey)
  const made = {
    actor:
      `<Aktoer>${state.effect}${role(ROLES.payingUnit)}` +
      `<g:ReferenceID><s:URNIdentifikator>${UNIT_URN}${key}</s:URNIdentifikator></g:ReferenceID>` +
      `<BrugervendtNoegle>${key}</BrugervendtNoegle><FuldtNavn>${name}</FuldtNavn>` +
      `<CVR-nr>${unit.cvr}</CVR-nr></Aktoer>`,
    department: `<Udbetalingsafdeling>${name}</Udbetalingsafdeling>`,
  }
  state.units.set(unit, made)
  return made
}

function write(state: State, item: ToldItem): string {
  const afterTax = item.gross - item.ownAtp - item.am - item.tax
  state.items++
  state.gross += item.gross
  state.afterTax += afterTax
  state.sent += item.net
  const unit = unitOf(state, item.payingUnit)
  const uuid = uuidOf(state, item.item)
  const from = moment(item.period.from)
  // The last day of the period: for May the guide gives 31 May.
  const to = moment((item.period.to > item.period.from ? item.period.to - 1 : item.period.from) as Day)
  const gross = formatDecimal(item.gross)
  return (
    OBJECT_START +
    uuid +
    state.itemStart +
    escapeXml(keyOf(item)) +
    '</BrugervendtNoegle><Startdato>' +
    from +
    '</Startdato><Slutdato>' +
    to +
    '</Slutdato><SamletBruttobeloeb>' +
    gross +
    '</SamletBruttobeloeb><Dispositionsdato>' +
    moment(item.dispositionDate) +
    '</Dispositionsdato>' +
    amountsAfter(state, item, afterTax, unit.department) +
    state.lineStart +
    uuid +
    '</s:UUIDIdentifikator></g:ReferenceID><YdelsesperiodeStartdato>' +
    from +
    '</YdelsesperiodeStartdato><YdelsesperiodeSlutdato>' +
    to +
    '</YdelsesperiodeSlutdato><Ydelsesbeloeb>' +
    gross +
    '</Ydelsesbeloeb><Klassifikationsbeskrivelse>' +
    escapeXml(item.kle) +
    '</Klassifikationsbeskrivelse>' +
    grantOf(state, item) +
    LINE_END +
    state.owner +
    unit.actor +
    state.systems +
    state.partStart +
    PARTY_START[item.payee.type] +
    escapeXml(item.payee.id) +
    OBJECT_END
  )
}

/** What is left after tax, sent and paid, and why they differ. Order of the elements as in the schema. */
function amountsAfter(state: State, item: ToldItem, afterTax: number, department: string): string {
  let text = `<BeloebEfterSkatATP>${formatDecimal(afterTax)}</BeloebEfterSkatATP>`
  text += `<BeloebSendtTilUdbetaling>${formatDecimal(item.net)}</BeloebSendtTilUdbetaling>`
  const paid = state.paid(item)
  if (paid !== undefined) text += `<BeloebUdbetalt>${formatDecimal(paid)}</BeloebUdbetalt>`
  text += department
  if (item.net === afterTax) return text
  const reasons: string[] = []
  if (item.setOff !== 0) reasons.push(`${REASONS.setOff} ${formatKroner(item.setOff)} kr.`)
  if (item.thirdParty !== 0) reasons.push(`${REASONS.thirdParty} ${formatKroner(item.thirdParty)} kr.`)
  return `${text}<SendtTilUdbetalingTekst>${reasons.join(', ')}</SendtTilUdbetalingTekst>`
}

/** The grant whose sensitivity the effectuation inherits. Without it nobody may be shown the effectuation. */
function grantOf(state: State, item: ToldItem): string {
  if (item.grantUuid === '') {
    state.withoutGrant++
    return ''
  }
  return (
    '<BevilgetYdelseRef><s:UUIDIdentifikator>' +
    escapeXml(item.grantUuid) +
    '</s:UUIDIdentifikator><BevilgetYdelseId>' +
    escapeXml(item.grantBenefitId) +
    '</BevilgetYdelseId></BevilgetYdelseRef>'
  )
}

/** What a caseworker knows it by, cut to what the schema takes. */
function keyOf(item: ToldItem): string {
  const key = `${item.orderKey}/${item.lineKey}`
  return key.length > KEY_MAX ? key.slice(0, KEY_MAX) : key
}

function uuidOf(state: State, item: number): string {
  const hex = item.toString(16)
  const padded = ZEROS.slice(hex.length) + hex
  return `${state.uuidStart}${padded.slice(0, 3)}-${padded.slice(3)}`
}

function finish(state: State): { head: string; tail: string; totals: ControlTotals } {
  return {
    head:
      `<?xml version="1.0" encoding="UTF-8"?>\n<y:ImporterYdelseIndeksInput xmlns:y="${NAMESPACES.y}"` +
      ` xmlns="${NAMESPACES.oef}" xmlns:s="${NAMESPACES.s}" xmlns:g="${NAMESPACES.g}">`,
    tail: '</y:ImporterYdelseIndeksInput>\n',
    totals: {
      items: state.items,
      gross_ore: state.gross,
      after_tax_atp_ore: state.afterTax,
      sent_ore: state.sent,
      items_without_grant: state.withoutGrant,
    },
  }
}

const moments = new Map<Day, string>()

/** The beginning of a day in Denmark. */
function moment(day: Day): string {
  const known = moments.get(day)
  if (known !== undefined) return known
  const text = `${formatDay(day)}T00:00:00${offset(day, 0)}`
  if (moments.size < 50_000) moments.set(day, text)
  return text
}

/** Danish time from UTC: summer time from 2 on the last Sunday of March to 3 on the last of October (2000/84/EF). */
export function offset(day: Day, hour: number): '+01:00' | '+02:00' {
  const { year } = civil(day)
  const begins = lastSunday(year, 3)
  const ends = lastSunday(year, 10)
  if (day === begins) return hour >= 2 ? '+02:00' : '+01:00'
  if (day === ends) return hour >= 3 ? '+01:00' : '+02:00'
  return day > begins && day < ends ? '+02:00' : '+01:00'
}

function lastSunday(year: number, month: 3 | 10): Day {
  const last = dayOf(year, month, 31)
  return (last - (weekday(last) % 7)) as Day
}

/** Text inside an element. Characters that XML 1.0 cannot carry at all are left out. */
export function escapeXml(text: string): string {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 32 || code === 38 || code === 60 || code === 62 || code >= 0xd800) return escapeFrom(text, i)
  }
  return text
}

function escapeFrom(text: string, from: number): string {
  let safe = text.slice(0, from)
  for (const char of text.slice(from)) {
    const code = char.codePointAt(0) as number
    if (code === 38) safe += '&amp;'
    else if (code === 60) safe += '&lt;'
    else if (code === 62) safe += '&gt;'
    else if (code < 32) safe += ' '
    else if ((code < 0xd800 || code > 0xdfff) && code !== 0xfffe && code !== 0xffff) safe += char
  }
  return safe
}
