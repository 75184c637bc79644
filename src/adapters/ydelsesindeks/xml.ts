/**
 * KOMBIT's XML of effectuations: one import object per effectuation, compact. An effectuation has no sensitivity of
 * its own: it inherits that of the grant it refers to.
 */
import { NAMESPACES, PARTY_URNS, ROLES, SYSTEM_URN, UNIT_URN } from './names.ts'
import type { Effectuation, Head, Unit } from './record.ts'

/** Where the time of effect is written: see `ExpandOptions`. */
export type Effects = 'once' | 'every_relation'

/** What is the same in every effectuation of a file, from its UUID to its key and so on. */
export interface Frame {
  readonly itemStart: string
  readonly lineStart: string
  readonly effect: string
  readonly owner: string
  readonly partStart: string
  readonly systems: string
}

export interface UnitFrame {
  readonly actor: string
  readonly department: string
}

export const MESSAGE_START =
  `<?xml version="1.0" encoding="UTF-8"?>\n<y:ImporterYdelseIndeksInput xmlns:y="${NAMESPACES.y}"` +
  ` xmlns="${NAMESPACES.oef}" xmlns:s="${NAMESPACES.s}" xmlns:g="${NAMESPACES.g}">`
export const MESSAGE_END = '</y:ImporterYdelseIndeksInput>\n'

const OBJECT_START = '<y:OekonomiskEffektueringIndeks><OekonomiskEffektueringIndeks><s:UUIDIdentifikator>'
const LINE_START = '<OekonomiskYdelseEffektueringRelation>'
const LINE_ROLE = `${role(ROLES.partOf)}<g:Indeks>1</g:Indeks><g:ReferenceID><s:UUIDIdentifikator>`
const LINE_END = '</OekonomiskYdelseEffektueringRelation>'
const OBJECT_END =
  '</s:URNIdentifikator></g:ReferenceID></OekonomiskEffektueringPart></RelationListe></Registrering>' +
  '</OekonomiskEffektueringIndeks></y:OekonomiskEffektueringIndeks>'
/** The object type is known for persons only; the sample names none for companies. */
const PERSON = `${role(ROLES.recipient)}<g:ReferenceID><s:URNIdentifikator>`
const COMPANY =
  `<g:Rolle><s:UUIDIdentifikator>${ROLES.recipient.role}</s:UUIDIdentifikator></g:Rolle>` +
  '<g:ReferenceID><s:URNIdentifikator>'

export function frameOf(head: Head, effects: Effects): Frame {
  const systemUrn = `<s:URNIdentifikator>${SYSTEM_URN}${escapeXml(head.system.uuid)}</s:URNIdentifikator>`
  const at = escapeXml(head.registered)
  const effect = effects === 'once' ? '' : effectFrom(at, systemUrn, 'g:')
  return {
    itemStart:
      `</s:UUIDIdentifikator><Registrering><s:Tidspunkt>${at}</s:Tidspunkt>` +
      '<s:LivscyklusKode>Importeret</s:LivscyklusKode>' +
      `<s:BrugerRef>${systemUrn}</s:BrugerRef><AttributListe><Egenskaber>${effectFrom(at, systemUrn, '')}` +
      '<BrugervendtNoegle>',
    lineStart: `</Egenskaber></AttributListe><TilstandListe/><RelationListe>${LINE_START}${effect}${LINE_ROLE}`,
    effect,
    partStart: `<OekonomiskEffektueringPart>${effect}`,
    owner: ownerActor(head, effect),
    systems: systemRelations(head.system, effect),
  }
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

function ownerActor({ municipality }: Head, effect: string): string {
  const cvr = escapeXml(municipality.cvr)
  return (
    `<Aktoer>${effect}${role(ROLES.owner)}` +
    `<g:ReferenceID><s:URNIdentifikator>${PARTY_URNS.cvr}${cvr}</s:URNIdentifikator></g:ReferenceID>` +
    `<BrugervendtNoegle>${escapeXml(municipality.code)}</BrugervendtNoegle>` +
    `<FuldtNavn>${escapeXml(municipality.name)}</FuldtNavn><CVR-nr>${cvr}</CVR-nr></Aktoer>`
  )
}

function systemRelations(system: Head['system'], effect: string): string {
  const reference =
    `<g:ReferenceID><s:UUIDIdentifikator>${escapeXml(system.uuid)}</s:UUIDIdentifikator></g:ReferenceID>` +
    `<SystemNavn>${escapeXml(system.name)}</SystemNavn>`
  return (
    `<ItSystem>${effect}${role(ROLES.master)}${reference}</ItSystem>` +
    `<ItSystem>${effect}${role(ROLES.sender)}${reference}</ItSystem>`
  )
}

export function unitFrameOf(frame: Frame, unit: Unit): UnitFrame {
  const name = escapeXml(unit.name)
  const key = escapeXml(unit.los)
  return {
    actor:
      `<Aktoer>${frame.effect}${role(ROLES.payingUnit)}` +
      `<g:ReferenceID><s:URNIdentifikator>${UNIT_URN}${key}</s:URNIdentifikator></g:ReferenceID>` +
      `<BrugervendtNoegle>${key}</BrugervendtNoegle><FuldtNavn>${name}</FuldtNavn>` +
      `<CVR-nr>${escapeXml(unit.cvr)}</CVR-nr></Aktoer>`,
    department: `<Udbetalingsafdeling>${name}</Udbetalingsafdeling>`,
  }
}

/** Period and amount stand twice: an item of ours is an effectuation with one line. */
export function objectXml(frame: Frame, unit: UnitFrame, one: Effectuation): string {
  const uuid = escapeXml(one.uuid)
  const start = escapeXml(one.start)
  const end = escapeXml(one.end)
  const gross = escapeXml(one.gross)
  return (
    `${OBJECT_START}${uuid}${frame.itemStart}${escapeXml(one.key)}</BrugervendtNoegle>` +
    `<Startdato>${start}</Startdato><Slutdato>${end}</Slutdato>` +
    `<SamletBruttobeloeb>${gross}</SamletBruttobeloeb>` +
    `<Dispositionsdato>${escapeXml(one.due)}</Dispositionsdato>` +
    `${amountsAfter(one, unit.department)}${frame.lineStart}${uuid}</s:UUIDIdentifikator></g:ReferenceID>` +
    `<YdelsesperiodeStartdato>${start}</YdelsesperiodeStartdato>` +
    `<YdelsesperiodeSlutdato>${end}</YdelsesperiodeSlutdato><Ydelsesbeloeb>${gross}</Ydelsesbeloeb>` +
    `<Klassifikationsbeskrivelse>${escapeXml(one.kle)}</Klassifikationsbeskrivelse>` +
    `${grantXml(one)}${LINE_END}${frame.owner}${unit.actor}${frame.systems}` +
    `${frame.partStart}${one.recipient.startsWith(PARTY_URNS.cpr) ? PERSON : COMPANY}` +
    `${escapeXml(one.recipient)}${OBJECT_END}`
  )
}

/** What is left after tax, sent and paid, and why they differ. Order of the elements as in the schema. */
function amountsAfter(one: Effectuation, department: string): string {
  let text = `<BeloebEfterSkatATP>${escapeXml(one.afterTax)}</BeloebEfterSkatATP>`
  text += `<BeloebSendtTilUdbetaling>${escapeXml(one.sent)}</BeloebSendtTilUdbetaling>`
  if (one.paid !== undefined) text += `<BeloebUdbetalt>${escapeXml(one.paid)}</BeloebUdbetalt>`
  text += department
  if (one.notSent === undefined) return text
  return `${text}<SendtTilUdbetalingTekst>${escapeXml(one.notSent)}</SendtTilUdbetalingTekst>`
}

function grantXml({ grant, benefit }: Effectuation): string {
  if (grant === undefined) return ''
  return (
    `<BevilgetYdelseRef><s:UUIDIdentifikator>${escapeXml(grant)}</s:UUIDIdentifikator>` +
    `<BevilgetYdelseId>${escapeXml(benefit ?? '')}</BevilgetYdelseId></BevilgetYdelseRef>`
  )
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
