/**
 * What the generator may order: one row per benefit and component, with the words that an order carries about it.
 * The law references are public. Amounts are invented at the level of 2026 and flagged as assumed in the README; KLE
 * numbers are those of the product's own benefit rules.
 */
import type { Sensitivity } from '../../../modules/orders/index.ts'

/** One kind of benefit line, its fixed JSON ready made. */
export interface Component {
  readonly benefit: string
  readonly component: string
  /** Danish, to the citizen; the period's words are appended. */
  readonly text: string
  /** Whether A-skat is taken: then the person gets a tax card. */
  readonly taxable: boolean
  /** `"benefit":…,"component":…,"kle":…,` */
  readonly before: string
  /** `,"legal_basis":…,"grant":{"uuid":"` */
  readonly after: string
  readonly sensitivity: Sensitivity
  readonly salt: number
}

let rows = 0
function row(
  key: string,
  text: string,
  kle: string,
  law: string,
  sensitivity: Sensitivity,
  taxable: boolean,
): Component {
  const [benefit, component] = key.split('/') as [string, string]
  rows += 1
  return {
    benefit,
    component,
    text,
    taxable,
    before: `"benefit":"${benefit}","component":"${component}","kle":"${kle}","sensitivity":"`,
    after: `","legal_basis":"${law}","grant":{"uuid":"`,
    sensitivity,
    salt: rows,
  }
}

const HEALTH = 'FOELSOMME_PERSONOPLYSNINGER'
const PRIVATE = 'FORTROLIGE_PERSONOPLYSNINGER'

export const FORHOEJET = row(
  'kontanthjaelp/forhoejet_sats',
  'Kontanthjælp, forhøjet sats',
  '32.24.04',
  'LAS § 11',
  HEALTH,
  true,
)
export const GRUNDSATS = row('kontanthjaelp/grundsats', 'Kontanthjælp', '32.24.04', 'LAS § 11', HEALTH, true)
export const MINDSTESATS = row(
  'kontanthjaelp/mindstesats',
  'Kontanthjælp, mindstesats',
  '32.24.04',
  'LAS § 11',
  HEALTH,
  true,
)
export const HJEMMEBOENDE = row(
  'kontanthjaelp/hjemmeboendesats',
  'Kontanthjælp, hjemmeboende',
  '32.24.04',
  'LAS § 11',
  HEALTH,
  true,
)
export const BOERNETILLAEG = row(
  'kontanthjaelp/boernetillaeg',
  'Børnetillæg til kontanthjælp',
  '32.24.04',
  'LAS § 11',
  HEALTH,
  true,
)
export const RESSOURCE = row(
  'ressourceforloebsydelse/grundydelse',
  'Ressourceforløbsydelse',
  '32.24.20',
  'LAS § 68',
  HEALTH,
  true,
)
export const JOBAFKLARING = row(
  'jobafklaring_ydelse/grundydelse',
  'Ydelse under jobafklaringsforløb',
  '32.24.22',
  'LAS § 69 j',
  HEALTH,
  true,
)
export const LEDIGHED = row('ledighedsydelse/grundydelse', 'Ledighedsydelse', '32.24.16', 'LAS § 74', PRIVATE, true)
export const FLEKS = row('flekstilskud/loentilskud', 'Fleksløntilskud', '15.20.12', 'LAB § 123', PRIVATE, true)
export const REVALIDERING = row(
  'revalideringsydelse/grundydelse',
  'Revalideringsydelse',
  '15.17.12',
  'LAS § 52',
  HEALTH,
  true,
)
export const TABT = row(
  'tabt_arbejdsfortjeneste/grundydelse',
  'Tabt arbejdsfortjeneste',
  '32.18.08',
  'SEL § 42 (nu barnets lov § 87)',
  HEALTH,
  true,
)

export const ENKELTYDELSER: readonly Component[] = [
  row('enkeltydelse/enkeltudgift', 'Hjælp til enkeltudgift', '32.24.09', 'LAS § 81', PRIVATE, false),
  row('enkeltydelse/sygebehandling', 'Hjælp til sygebehandling', '32.24.09', 'LAS § 82', HEALTH, false),
  row('enkeltydelse/samvaer', 'Hjælp til samvær med børn', '32.24.09', 'LAS § 83', PRIVATE, false),
  row('enkeltydelse/merudgift_forsoergelse', 'Hjælp til særlige udgifter', '32.24.09', 'LAS § 84', PRIVATE, false),
  row('enkeltydelse/flytning', 'Hjælp til flytteudgift', '32.24.09', 'LAS § 85', PRIVATE, false),
]
export const MEDICIN = row(
  'saerlig_hjaelp_medicin/medicin',
  'Særlig hjælp til medicin',
  '32.24.10',
  'LAS § 82',
  HEALTH,
  false,
)

export const SYGEDAGPENGE = row(
  'sygedagpenge/timesats',
  'Sygedagpenge',
  '32.39.04',
  'sygedagpengeloven § 7',
  HEALTH,
  true,
)
export const REFUSION = row(
  'sygedagpenge_arbejdsgiver/refusion',
  'Refusion af sygedagpenge',
  '32.39.08',
  'sygedagpengeloven § 54',
  HEALTH,
  false,
)
export const OP_TILLAEG = row(
  'op_tillaeg_arbejdsgiver/tillaeg',
  'Pensionstillæg til refusion',
  '32.39.08',
  'sygedagpengeloven § 54 a',
  HEALTH,
  false,
)

export const PERSONLIGT: readonly Component[] = [
  row('personligt_tillaeg/varme', 'Personligt tillæg til varme', '32.03.12', 'pensionsloven § 14', PRIVATE, false),
  row('personligt_tillaeg/husleje', 'Personligt tillæg til husleje', '32.03.12', 'pensionsloven § 14', PRIVATE, false),
  row('personligt_tillaeg/andet', 'Personligt tillæg', '32.03.12', 'pensionsloven § 14', PRIVATE, false),
]
export const HELBREDSTILLAEG: readonly Component[] = [
  row('helbredstillaeg/medicin', 'Helbredstillæg til medicin', '32.03.16', 'pensionsloven § 14 a', HEALTH, false),
  row(
    'helbredstillaeg/fysioterapi',
    'Helbredstillæg til fysioterapi',
    '32.03.16',
    'pensionsloven § 14 a',
    HEALTH,
    false,
  ),
  row(
    'helbredstillaeg/fodbehandling',
    'Helbredstillæg til fodbehandling',
    '32.03.16',
    'pensionsloven § 14 a',
    HEALTH,
    false,
  ),
]
export const BRILLER = row(
  'helbredstillaeg_briller/briller',
  'Helbredstillæg til briller',
  '32.03.16',
  'pensionsloven § 14 a',
  HEALTH,
  false,
)
export const TANDLAEGE = row(
  'helbredstillaeg_tandlaege/behandling',
  'Helbredstillæg til tandlæge',
  '32.03.16',
  'pensionsloven § 14 a',
  HEALTH,
  false,
)
