/**
 * What Ydelsesindeks v6 calls things: facts of the public schemas and sample values in
 * github.com/kombit/kosdy_infrastructureSamplesYdelse-java (xsd 6.0.STS-0, client.properties), and rules for filling
 * them from KOMBIT's public guide to the object "Økonomisk Effektuering".
 */
export const NAMESPACES = {
  s: 'urn:oio:sagdok:3.0.0',
  g: 'urn:oio:sts:generelledefinitioner:6',
  y: 'urn:oio:sts:ydelse:ydelseindeks:6',
  /** The default namespace of the file. */
  oef: 'urn:oio:sts:ydelse:oekonomiskeffektueringindeks:6',
} as const

/** Roles and object types of the common municipal classification, as the sample names them. */
export const ROLES = {
  owner: { role: 'a91824c4-da1d-47f9-bce2-5d6597879415', type: 'c622654c-d87f-4ac7-9a42-d0580253b979' },
  payingUnit: { role: 'a1ff36be-b3fb-4e1f-aac0-9d3313070ecb', type: 'c622654c-d87f-4ac7-9a42-d0580253b979' },
  recipient: { role: '68d4b903-acae-4f2f-aafc-45bd999ed81f', type: '480769fd-9744-4859-950f-95cbb5633d36' },
  partOf: { role: 'ccc9d91b-9a4c-4ada-9be4-795ca068e89d', type: '4fd9d6c1-2939-4bfe-b803-ab0b3904bd2f' },
  master: { role: '251c24fd-57b0-4afc-9d73-b063d1957eb3', type: '29fe1da2-897a-46cd-b635-b9be8e0bffd6' },
  sender: { role: '1b3c6a6d-e977-4491-9bf8-b41ee6999f39', type: '29fe1da2-897a-46cd-b635-b9be8e0bffd6' },
} as const

/** URN of a party by the kind of its number. `se` has no public URN: assumed. */
export const PARTY_URNS = {
  cpr: 'urn:oio:cpr-nr:',
  cvr: 'urn:oio:cvr-nr:',
  p: 'urn:oio:pnr:',
  se: 'urn:oio:se-nr:',
} as const
export const SYSTEM_URN = 'urn:oio:it-systemuuid:'
/** URN of a paying unit without a UUID in the common organisation system; its form is assumed. */
export const UNIT_URN = 'urn:oio:toek:los:'

/** Longest texts that the schema takes. */
export const KEY_MAX = 50
export const NAME_MAX = 255

/** Why less was sent than was left after tax: required whenever the two differ. */
export const REASONS = { setOff: 'Modregning', thirdParty: 'Betalt til tredjepart' } as const
