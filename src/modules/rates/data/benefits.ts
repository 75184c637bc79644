/**
 * What each benefit is, by date. Tax: ligningsloven and pensionsskatteloven through eIndkomst's guides (oid=1745565
 * for the income type, oid=1745578 for the kind). ATP: star.dk, ATP-bidrag. Pension: borger.dk, obligatorisk pension.
 * `nemKontoKind` and `unitKind` are our own names: no public list of them was found. A row is `assumed` when a value
 * that moves money, a report or a posting has no public source; the source then says which.
 */
import type { BenefitExclusion, BenefitRule } from '../rate-book.ts'
import { valid } from './forever.ts'

/** Begins the key of what is paid back of a claim; the source system ends it. */
export const CLAIM_SURPLUS = 'fordring_for_meget_betalt'

type Row = Omit<BenefitRule, 'sourceSystem' | 'atpAccount' | 'pensionAccount' | 'unitKind'>
type SourceSystem = BenefitRule['sourceSystem']

const STAR = 'star.dk, konteringsregler november 2022'
const EINDKOMST = 'Skatteforvaltningen, eIndkomst oid=1745565 og oid=1745578'

/** What tax-free help for a purpose has in common. */
const TAX_FREE = {
  taxable: false,
  amLiable: false,
  atp: 'none',
  pension: 'none',
  incomeType: null,
  incomeKind: null,
  reimbursed: false,
  earmarked: true,
} as const

/** What the taxable benefits for support have in common. */
const SUPPORT = {
  taxable: true,
  amLiable: false,
  atp: 'monthly',
  pension: 'month_nearest_krone',
  reimbursed: true,
  earmarked: false,
} as const

const KY: readonly Row[] = [
  {
    ...SUPPORT,
    benefit: 1,
    key: 'kontanthjaelp',
    nameDa: 'Kontanthjælp',
    valid: valid('2014-01-01', '2025-07-01'),
    incomeType: '06',
    incomeKind: '0041',
    costAccount: 'cost:5.57.73.1.007',
    kle: '32.24.04',
    nemKontoKind: 'KONTANTHJAELP',
    source: `${EINDKOMST}; ${STAR}, 5.57.73`,
    assumed: false,
  },
  {
    ...SUPPORT,
    benefit: 1,
    key: 'kontanthjaelp',
    nameDa: 'Kontanthjælp',
    valid: valid('2025-07-01'),
    incomeType: '06',
    incomeKind: '0041',
    costAccount: 'cost:5.57.73.1.007',
    kle: '32.24.04',
    nemKontoKind: 'KONTANTHJAELP',
    source: `Lov nr. 1655 af 30/12/2024 (reform fra 1. juli 2025); kind and account as before the reform`,
    assumed: true,
  },
  {
    ...SUPPORT,
    benefit: 2,
    key: 'revalideringsydelse',
    nameDa: 'Revalideringsydelse',
    valid: valid('2014-01-01'),
    incomeType: '04',
    incomeKind: '0042',
    costAccount: 'cost:5.58.80.1.014',
    kle: '15.17.12',
    nemKontoKind: 'REVALIDERING',
    source: `${EINDKOMST}; ${STAR}, 5.58.80`,
    assumed: false,
  },
  {
    ...SUPPORT,
    benefit: 3,
    key: 'ressourceforloebsydelse',
    nameDa: 'Ressourceforløbsydelse',
    valid: valid('2014-01-01'),
    incomeType: '04',
    incomeKind: '0084',
    costAccount: 'cost:5.58.82.1.001',
    kle: '32.24.20',
    nemKontoKind: 'RESSOURCEFORLOEB',
    source: `${EINDKOMST}; grouping under 5.58.82 and KLE assumed`,
    assumed: true,
  },
  {
    ...SUPPORT,
    benefit: 4,
    key: 'jobafklaring_ydelse',
    nameDa: 'Ressourceforløbsydelse under jobafklaring',
    valid: valid('2014-07-01'),
    incomeType: '04',
    incomeKind: '0084',
    costAccount: 'cost:5.58.82.1.002',
    kle: '32.24.22',
    nemKontoKind: 'JOBAFKLARING',
    source: `${EINDKOMST}; grouping under 5.58.82 and KLE assumed`,
    assumed: true,
  },
  {
    ...SUPPORT,
    benefit: 5,
    key: 'ledighedsydelse',
    nameDa: 'Ledighedsydelse',
    valid: valid('2014-01-01'),
    incomeType: '04',
    incomeKind: '0038',
    costAccount: 'cost:5.58.83.1.001',
    kle: '32.24.16',
    nemKontoKind: 'LEDIGHEDSYDELSE',
    source: `${STAR}, 5.58.83; income kind 0038 and KLE assumed`,
    assumed: true,
  },
  {
    ...SUPPORT,
    benefit: 6,
    key: 'flekstilskud',
    nameDa: 'Flekslønstilskud',
    valid: valid('2014-01-01'),
    atp: 'flekstilskud',
    incomeType: '04',
    incomeKind: '0083',
    costAccount: 'cost:5.58.81.1.001',
    kle: '15.20.12',
    nemKontoKind: 'FLEKSTILSKUD',
    source: `LAB §§ 123 og 137; ${EINDKOMST}; grouping under 5.58.81 and KLE assumed`,
    assumed: true,
  },
  {
    ...TAX_FREE,
    benefit: 7,
    key: 'enkeltydelse',
    nameDa: 'Enkeltydelse',
    valid: valid('2014-01-01'),
    costAccount: 'cost:5.57.72.1.008',
    kle: '32.24.09',
    nemKontoKind: 'ENKELTYDELSE',
    source: `Lov om aktiv socialpolitik §§ 81 og 85; ${STAR}, 5.57.72`,
    assumed: false,
  },
  {
    ...TAX_FREE,
    benefit: 8,
    key: 'saerlig_hjaelp_medicin',
    nameDa: 'Særlig hjælp til medicin og sygebehandling',
    valid: valid('2014-01-01'),
    costAccount: 'cost:5.57.72.1.006',
    kle: '32.24.10',
    nemKontoKind: 'SAERLIG_HJAELP',
    source: `Lov om aktiv socialpolitik § 82; ${STAR}, 5.57.72`,
    assumed: false,
  },
  {
    // Of later periods Udbetaling Danmark pays the citizen: an order for them would pay twice.
    ...TAX_FREE,
    benefit: 9,
    key: 'saerlig_stoette',
    nameDa: 'Særlig støtte',
    valid: valid('2014-01-01', '2016-10-01'),
    reimbursed: true,
    costAccount: 'cost:5.57.73.1.009',
    kle: '32.24.11',
    nemKontoKind: 'SAERLIG_STOETTE',
    source:
      'Lov om aktiv socialpolitik § 34, stk. 6: Udbetaling Danmark pays it from October 2016; star.dk, 5.57.73: the ' +
      'grouping is that of January to September 2016, for earlier periods assumed; L 4 (2014-15): reimbursed as kontanthjælp',
    assumed: true,
  },
  {
    benefit: 10,
    key: 'tabt_arbejdsfortjeneste',
    nameDa: 'Tabt arbejdsfortjeneste',
    valid: valid('2014-01-01'),
    taxable: true,
    amLiable: true,
    atp: 'none',
    pension: 'none',
    incomeType: '00',
    incomeKind: '0105',
    reimbursed: false,
    earmarked: false,
    costAccount: 'cost:5.57.72.1.010',
    kle: '32.18.08',
    nemKontoKind: 'TABT_ARBEJDSFORTJENESTE',
    source:
      'Serviceloven § 42, barnets lov § 87; eIndkomst oid=1745565: income that bears AM-bidrag is of type 00, never 04; ' +
      'ATP by working hours is left out; account assumed',
    assumed: true,
  },
  {
    ...SUPPORT,
    benefit: 11,
    key: 'uddannelseshjaelp',
    nameDa: 'Uddannelseshjælp',
    valid: valid('2014-01-01', '2025-07-01'),
    incomeType: '06',
    incomeKind: '0087',
    costAccount: 'cost:5.57.73.1.008',
    kle: '32.24.32',
    nemKontoKind: 'UDDANNELSESHJAELP',
    source:
      `${EINDKOMST}: kind 0087, while type 06 names kontanthjælp alone: assumed of this; ${STAR}, 5.57.73; ` +
      'abolished by lov nr. 1655 af 30/12/2024',
    assumed: true,
  },
]

const KSD: readonly Row[] = [
  {
    benefit: 21,
    key: 'sygedagpenge',
    nameDa: 'Sygedagpenge',
    valid: valid('2014-01-01'),
    taxable: true,
    amLiable: false,
    atp: 'hourly',
    pension: 'week_nearest_krone',
    incomeType: '07',
    incomeKind: '0103',
    reimbursed: true,
    earmarked: false,
    costAccount: 'cost:5.57.71.1.013',
    kle: '32.39.04',
    nemKontoKind: 'SYGEDAGPENGE',
    source: `Sygedagpengeloven §§ 65 og 67; ${EINDKOMST}; ${STAR}, 5.57.71; KLE assumed`,
    assumed: false,
  },
  {
    ...TAX_FREE,
    benefit: 22,
    key: 'sygedagpenge_arbejdsgiver',
    nameDa: 'Sygedagpengerefusion til arbejdsgiver',
    valid: valid('2014-01-01'),
    reimbursed: true,
    earmarked: false,
    costAccount: 'cost:5.57.71.1.013',
    kle: '32.39.08',
    nemKontoKind: 'SYGEDAGPENGEREFUSION',
    source: `Sygedagpengeloven § 54; ${STAR}, 5.57.71; KLE assumed`,
    assumed: false,
  },
  {
    ...TAX_FREE,
    benefit: 23,
    key: 'op_tillaeg_arbejdsgiver',
    nameDa: 'Tillæg til refusion (obligatorisk pension)',
    valid: valid('2020-01-01'),
    incomeKind: '0170',
    earmarked: false,
    costAccount: 'cost:8.51.52.5.125',
    kle: '32.39.08',
    nemKontoKind: 'OP_TILLAEG',
    source: `Sygedagpengeloven § 54 a; ${STAR}, 8.51.52; KLE assumed`,
    assumed: false,
  },
]

const KP: readonly Row[] = [
  {
    ...TAX_FREE,
    benefit: 31,
    key: 'personligt_tillaeg',
    nameDa: 'Personligt tillæg',
    valid: valid('2014-01-01'),
    costAccount: 'cost:5.48.67.1.006',
    kle: '32.03.12',
    nemKontoKind: 'PERSONLIGT_TILLAEG',
    source: 'Pensionsloven § 14; star.dk, konteringsregler 5.48.67',
    assumed: false,
  },
  {
    ...TAX_FREE,
    benefit: 32,
    key: 'helbredstillaeg',
    nameDa: 'Helbredstillæg (medicin)',
    valid: valid('2014-01-01'),
    costAccount: 'cost:5.48.67.1.002',
    kle: '32.03.16',
    nemKontoKind: 'HELBREDSTILLAEG',
    source: 'Pensionsloven § 14 a; star.dk, konteringsregler 5.48.67; KLE assumed',
    assumed: false,
  },
  {
    ...TAX_FREE,
    benefit: 33,
    key: 'helbredstillaeg_briller',
    nameDa: 'Helbredstillæg til briller',
    valid: valid('2014-01-01'),
    costAccount: 'cost:5.48.67.1.001',
    kle: '32.03.16',
    nemKontoKind: 'HELBREDSTILLAEG',
    source: 'Pensionsloven § 14 a; star.dk, konteringsregler 5.48.67; KLE assumed',
    assumed: false,
  },
  {
    ...TAX_FREE,
    benefit: 34,
    key: 'helbredstillaeg_tandlaege',
    nameDa: 'Helbredstillæg til tandlæge',
    valid: valid('2014-01-01'),
    costAccount: 'cost:5.48.67.1.003',
    kle: '32.03.16',
    nemKontoKind: 'HELBREDSTILLAEG',
    source: 'Pensionsloven § 14 a; star.dk, konteringsregler 5.48.67; KLE assumed',
    assumed: false,
  },
  {
    ...TAX_FREE,
    benefit: 35,
    key: 'helbredstillaeg_behandling',
    nameDa: 'Helbredstillæg til fysioterapi, fodbehandling, kiropraktor og psykolog',
    valid: valid('2014-01-01'),
    costAccount: 'cost:5.48.67.1.004',
    kle: '32.03.16',
    nemKontoKind: 'HELBREDSTILLAEG',
    source: 'Pensionsloven § 14 a; star.dk, konteringsregler 5.48.67; KLE assumed',
    assumed: false,
  },
]

/** The source system decides the payable accounts, so that each clears by itself, and the office that pays. */
function of(sourceSystem: SourceSystem, unitKind: string, rows: readonly Row[]): BenefitRule[] {
  return rows.map((row) => ({
    ...row,
    sourceSystem,
    unitKind,
    atpAccount: `atp:${sourceSystem}`,
    pensionAccount: `pension:${sourceSystem}`,
  }))
}

/** What a debtor paid beyond a claim and is paid back: no benefit, but due and paid as one. Of each source system. */
function surplusOf(sourceSystem: SourceSystem, benefit: number): Row {
  return {
    ...TAX_FREE,
    benefit,
    key: `${CLAIM_SURPLUS}_${sourceSystem.toLowerCase()}`,
    nameDa: 'For meget betalt på fordring',
    valid: valid('2014-01-01'),
    ours: true,
    costAccount: `claim_surplus:${sourceSystem}`,
    kle: '32.45.10',
    nemKontoKind: 'FORDRING_TILBAGE',
    source: 'Paid back without tax: it is the debtor’s own money; the rest is our own',
    assumed: true,
  }
}

export const BENEFITS: readonly BenefitRule[] = [
  ...of('KY', 'ydelse', [...KY, surplusOf('KY', 19)]),
  ...of('KSD', 'sygedagpenge', [...KSD, surplusOf('KSD', 29)]),
  ...of('KP', 'ydelse', [...KP, surplusOf('KP', 39)]),
]

/** Both support the same person for the same time. Kontanthjælp beside sygedagpenge is lawful: a supplement. */
const EXCLUSIVE: readonly (readonly [number, number])[] = [
  [1, 2],
  [1, 3],
  [1, 4],
  [1, 5],
  [1, 11],
  [2, 3],
  [2, 4],
  [2, 5],
  [2, 11],
  [2, 21],
  [3, 4],
  [3, 5],
  [3, 11],
  [4, 5],
  [4, 11],
  [5, 11],
]

export const EXCLUSIONS: readonly BenefitExclusion[] = EXCLUSIVE.map(([a, b]) => ({
  a,
  b,
  valid: valid('2014-01-01'),
  source: 'Lov om aktiv socialpolitik: each is support for the same time; the list itself is ours',
  assumed: true,
}))
