/**
 * The chart of accounts: what the posting rules use. Ids are stored in the ledger and never change their meaning.
 * Cost accounts follow Social- og Indenrigsministeriet's Budget- og regnskabssystem (star.dk, konteringsregler).
 * Which balance account a municipality uses for what is underway is local: 8.52.59 with numbers of our own is the
 * default.
 */
import type { Account } from '../rate-book.ts'

type SourceSystem = NonNullable<Account['sourceSystem']>
const SYSTEMS: readonly SourceSystem[] = ['KY', 'KSD', 'KP']

const LOCAL = 'BRS 8.52.59 mellemregningskonto; the local number is ours'

/** What is cleared per source system: first id, purpose, number, name, source, assumed. */
const PER_SYSTEM: readonly (readonly [number, string, string, string, string, boolean])[] = [
  [110, 'net_payable', '8.52.59.5.110', 'Mellemregning fagsystem', LOCAL, true],
  [120, 'a_skat', '8.52.59.5.120', 'Skyldig A-skat', LOCAL, true],
  [130, 'am_bidrag', '8.52.59.5.130', 'Skyldigt AM-bidrag', LOCAL, true],
  [140, 'atp', '8.52.59.5.140', 'Skyldig ATP', LOCAL, true],
  [150, 'pension', '8.52.59.5.150', 'Skyldig obligatorisk pension', LOCAL, true],
  [160, 'claims', '8.28.14.5.160', 'Tilgodehavender i betalingskontrol', 'BRS 8.28.14; the local number is ours', true],
  [170, 'overpaid', '8.28.14.5.170', 'For meget udbetalt, ikke afgjort', 'BRS 8.28.14; the local number is ours', true],
  [180, 'claim_surplus', '8.52.59.5.180', 'For meget betalt på fordringer', LOCAL, true],
]

const perSystem: readonly Account[] = PER_SYSTEM.flatMap(([first, purpose, number, nameDa, source, assumed]) =>
  SYSTEMS.map((sourceSystem, i) => ({
    id: first + 1 + i,
    key: `${purpose}:${sourceSystem}`,
    number: number.slice(0, -1) + String(1 + i),
    nameDa: `${nameDa} ${sourceSystem}`,
    clearing: true,
    purpose,
    sourceSystem,
    source,
    assumed,
  })),
)

/** Id, key (which is the purpose), number, name, whether it must clear, source, assumed. */
const COMMON: readonly (readonly [number, string, string, string, boolean, string, boolean])[] = [
  [100, 'rail', '8.52.59.5.100', 'Mellemregning NemKonto, undervejs', true, LOCAL, true],
  [101, 'bank', '8.22.05.5.101', 'Indskud i pengeinstitutter', false, 'BRS 8.22.05; the local number is ours', true],
  [102, 'returned', '8.52.59.5.102', 'Returnerede betalinger', true, LOCAL, true],
  [103, 'claims_opening', '8.28.14.5.103', 'Modpost til indlæste fordringer', false, LOCAL, true],
  [109, 'returns_opening', '8.52.59.5.109', 'Modpost til indlæste returneringer', false, LOCAL, true],
  [105, 'unmatched', '8.52.59.5.105', 'Uafklarede bankposter', true, LOCAL, true],
  [106, 'paid_outside', '8.52.59.5.106', 'Betalt udenom', true, LOCAL, true],
  [107, 'debtor_system', '8.52.59.5.107', 'Mellemregning med debitorsystemet', true, LOCAL, true],
  [108, 'unclaimed', '8.52.59.5.108', 'Uafhentede betalinger, borgernes tilgodehavende', true, LOCAL, true],
  [104, 'refund_due', '8.25.12.5.104', 'Refusionstilgodehavender', true, 'BRS 8.25.12; the local number is ours', true],
]

const common: readonly Account[] = COMMON.map(([id, key, number, nameDa, clearing, source, assumed]) => ({
  id,
  key,
  number,
  nameDa,
  clearing,
  purpose: key,
  sourceSystem: null,
  source,
  assumed,
}))

const STAR = 'star.dk, konteringsregler november 2022'
const GROUPING = 'star.dk, funktionsområder; the grouping is assumed'

/** Id, key prefix, number, name, source, assumed. */
const COSTS: readonly (readonly [number, string, string, string, string, boolean])[] = [
  [200, 'atp_employer_cost:', '8.51.52.5.100', 'ATP-bidrag kontant- og uddannelseshjælp', `${STAR}, 8.51.52`, false],
  [201, 'atp_employer_cost:', '8.51.52.5.101', 'ATP-bidrag sygedagpenge', `${STAR}, 8.51.52`, false],
  [202, 'atp_employer_cost:', '8.51.52.5.116', 'ATP-bidrag revalidering og ledighedsydelse', `${STAR}, 8.51.52`, false],
  [203, 'atp_employer_cost:', '8.51.52.5.117', 'ATP-bidrag fleksjobansatte', `${STAR}, 8.51.52`, false],
  [204, 'atp_employer_cost:', '8.51.52.5.118', 'ATP-bidrag ressourceforløb', `${STAR}, 8.51.52`, false],
  [205, 'atp_employer_cost:', '8.51.52.5.119', 'ATP-bidrag jobafklaring', `${STAR}, 8.51.52`, false],
  [210, 'pension_cost:', '8.51.52.5.123', 'Pensionsbidrag kontant- og uddannelseshjælp', `${STAR}, 8.51.52`, false],
  [211, 'pension_cost:', '8.51.52.5.124', 'Pensionsbidrag øvrige ydelser', `${STAR}, 8.51.52`, false],
  [300, 'cost:', '5.57.73.1.007', 'Kontanthjælp', `${STAR}, 5.57.73`, false],
  [301, 'cost:', '5.57.73.1.008', 'Uddannelseshjælp', `${STAR}, 5.57.73`, false],
  [302, 'cost:', '5.57.73.1.009', 'Særlig støtte', `${STAR}, 5.57.73 (January to September 2016)`, false],
  [303, 'cost:', '5.57.72.1.006', 'Hjælp til sygebehandling', `${STAR}, 5.57.72`, false],
  [304, 'cost:', '5.57.72.1.008', 'Hjælp til enkeltudgifter og flytning', `${STAR}, 5.57.72`, false],
  [305, 'cost:', '5.57.72.1.010', 'Tabt arbejdsfortjeneste', GROUPING, true],
  [306, 'cost:', '5.58.80.1.014', 'Revalideringsydelse', 'star.dk, konteringsregler 5.58.80', false],
  [307, 'cost:', '5.58.81.1.001', 'Flekslønstilskud', GROUPING, true],
  [308, 'cost:', '5.58.82.1.001', 'Ressourceforløbsydelse, ressourceforløb', GROUPING, true],
  [309, 'cost:', '5.58.82.1.002', 'Ressourceforløbsydelse, jobafklaring', GROUPING, true],
  [310, 'cost:', '5.58.83.1.001', 'Ledighedsydelse', `${STAR}, 5.58.83`, false],
  [311, 'cost:', '5.57.71.1.013', 'Sygedagpenge', 'star.dk, konteringsregler 5.57.71', false],
  [312, 'cost:', '8.51.52.5.125', 'Tillæg til refusion til arbejdsgivere', `${STAR}, 8.51.52`, false],
  [313, 'cost:', '5.48.67.1.006', 'Personlige tillæg, andre', 'star.dk, konteringsregler 5.48.67', false],
  [314, 'cost:', '5.48.67.1.002', 'Helbredstillæg, medicin', 'star.dk, konteringsregler 5.48.67', false],
  [315, 'cost:', '5.48.67.1.001', 'Helbredstillæg, briller', 'star.dk, konteringsregler 5.48.67', false],
  [316, 'cost:', '5.48.67.1.003', 'Helbredstillæg, tandlæge', 'star.dk, konteringsregler 5.48.67', false],
  [317, 'cost:', '5.48.67.1.004', 'Helbredstillæg, behandling', 'star.dk, konteringsregler 5.48.67', false],
]

const costs: readonly Account[] = COSTS.map(([id, prefix, number, nameDa, source, assumed]) => ({
  id,
  key: prefix + number,
  number,
  nameDa,
  clearing: false,
  purpose: null,
  sourceSystem: null,
  source,
  assumed,
}))

/**
 * For benefits that have no contribution of their own today, so that every benefit has an account for every posting.
 */
const fallbacks: readonly Account[] = [
  {
    id: 209,
    key: 'atp_employer_cost',
    number: '8.51.52.5.109',
    nameDa: 'ATP-bidrag, øvrige ydelser',
    clearing: false,
    purpose: null,
    sourceSystem: null,
    source: 'BRS 8.51.52; the grouping is ours',
    assumed: true,
  },
  {
    id: 219,
    key: 'pension_cost',
    number: '8.51.52.5.129',
    nameDa: 'Pensionsbidrag, ikke fordelt',
    clearing: false,
    purpose: null,
    sourceSystem: null,
    source: 'BRS 8.51.52; the grouping is ours',
    assumed: true,
  },
]

export const ACCOUNTS: readonly Account[] = [...common, ...perSystem, ...costs, ...fallbacks]
