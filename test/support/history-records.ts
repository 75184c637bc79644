/** What the histories of corrections are told in: versions of decisions, as records of order files and fact files. */
import type { SourceSystem } from '../../src/modules/orders/index.ts'
import { citizenOf, companyOf, factFile, type LineRecord, type OrderRecord } from './files.ts'

/** Two years, so that a decision can claim back what was paid in the year before it. */
export const MONTHS = Array.from({ length: 12 }, (_, i) => monthText(i))

/** Months from July 2025. */
export function monthText(index: number): string {
  const at = 2025 * 12 + 6 + index
  return `${Math.floor(at / 12)}-${String((at % 12) + 1).padStart(2, '0')}`
}

/** What makes lines of two versions the same: a component of a benefit of somebody for a time. */
export interface Key {
  readonly holder: string
  readonly benefit: string
  readonly component: string
  readonly from: string
  readonly to: string
}

export function textOf({ holder, benefit, component, from, to }: Key): string {
  return `${from} ${to} ${holder} ${benefit} ${component}`
}

export interface BenefitLine extends Key {
  readonly gross: number
}

/** A set-off against a claim, or rent to the company. */
export interface Take {
  readonly claim: string | undefined
  readonly amount: number
}

export interface Repayment extends Key {
  readonly claim: string
  readonly amount: number
  readonly decided: string
}

/** What a decision says. */
export interface Content {
  readonly payee: string
  readonly lines: readonly BenefitLine[]
  readonly takes: readonly Take[]
  readonly repayments: readonly Repayment[]
  readonly withdrawn: boolean
}

export interface Version extends Content {
  /** In how many coming payments what it takes away is to be taken. */
  readonly instalments: number | undefined
  readonly order: string
  readonly system: SourceSystem
  readonly beneficiary: string
  readonly version: number
  /** How often it was stopped before it was sent, and is there again. */
  readonly again: number
  /** The day on which it is paid, when it comes in time, and the one that it says. */
  readonly date: string
  readonly said: string
}

/** As `VERSION` of check-history has it. */
export function numberOf({ version, again }: Pick<Version, 'version' | 'again'>): number {
  return version + again / 1000
}

interface BenefitFacts {
  readonly kle: string
  readonly unit: 'month' | 'hour'
  /** What is taxed alike can be said another way without money. */
  readonly taxation: string
}

export const BENEFITS: Readonly<Record<string, BenefitFacts>> = {
  kontanthjaelp: { kle: '32.24.04', unit: 'month', taxation: 'KY taxed' },
  flekstilskud: { kle: '15.20.12', unit: 'month', taxation: 'KY taxed' },
  enkeltydelse: { kle: '32.24.09', unit: 'month', taxation: 'KY free' },
  saerlig_hjaelp_medicin: { kle: '32.24.10', unit: 'month', taxation: 'KY free' },
  tabt_arbejdsfortjeneste: { kle: '32.18.08', unit: 'month', taxation: 'KY taxed with AM' },
  sygedagpenge: { kle: '32.39.04', unit: 'hour', taxation: 'KSD taxed' },
  sygedagpenge_arbejdsgiver: { kle: '32.39.08', unit: 'hour', taxation: 'KSD free' },
  personligt_tillaeg: { kle: '32.03.12', unit: 'month', taxation: 'KP free' },
  helbredstillaeg: { kle: '32.03.16', unit: 'month', taxation: 'KP free' },
}

/** Of which what was overpaid may be taken in coming payments; of each at least four fifths are paid. */
export const ADJUSTABLE: ReadonlySet<string> = new Set([
  'kontanthjaelp',
  'flekstilskud',
  'sygedagpenge',
  'tabt_arbejdsfortjeneste',
])

export const COMPANY = companyOf(7)

export function partyOf(id: string): { type: string; id: string } {
  return { type: id.length === 8 ? 'cvr' : 'cpr', id }
}

export function recordOf(version: Version, municipality: string): OrderRecord {
  const { order, system, beneficiary, payee, date, said, withdrawn } = version
  return {
    order_key: order,
    version: version.version,
    source_system: system,
    municipality,
    case_key: `SAG-${order}`,
    state: withdrawn ? 'withdrawn' : 'active',
    ...(withdrawn ? { reason: 'omgjort' } : {}),
    decision: { key: `A-${order}-${version.version}`, date },
    beneficiary: partyOf(beneficiary),
    payee: partyOf(payee),
    disposition_date: said,
    settle: 'on_disposition_date',
    ...(version.instalments === undefined ? {} : { overpaid: { instalments: version.instalments } }),
    lines: withdrawn ? [] : linesOf(version),
  }
}

function linesOf({ order, beneficiary, lines, takes, repayments }: Version): LineRecord[] {
  const records: Omit<LineRecord, 'line_key'>[] = [
    ...lines.map((line) => benefitOf(line, beneficiary, order)),
    ...takes.map(({ claim, amount }) =>
      claim === undefined
        ? { kind: 'third_party', amount_ore: amount, payee: partyOf(COMPANY), reference: 'husleje' }
        : { kind: 'set_off', amount_ore: amount, claim_key: claim },
    ),
    ...repayments.map(({ benefit, component, from, to, claim, amount, decided }) => ({
      kind: 'repayment',
      amount_ore: amount,
      benefit,
      component,
      period: { from, to },
      claim_key: claim,
      cause: 'urigtig_oplysning',
      decision: { key: `T-${claim}`, date: decided },
    })),
  ]
  return records.map((record, i) => ({ ...record, line_key: String(i + 1) }) as unknown as LineRecord)
}

const HOURS = ['148', '148', '74', '37.5', '160.33'] as const

/** A decision is of the same hours throughout: ATP follows them, and the model reckons without it. */
export function hoursOf(order: string): string {
  return HOURS[Number(order.split('-')[1]) % HOURS.length] as string
}

function benefitOf(line: BenefitLine, beneficiary: string, order: string): Omit<LineRecord, 'line_key'> {
  const { kle, unit } = BENEFITS[line.benefit] as BenefitFacts
  return {
    kind: 'benefit',
    benefit: line.benefit,
    component: line.component,
    kle,
    sensitivity: 'FOELSOMME_PERSONOPLYSNINGER',
    legal_basis: 'opdigtet',
    period: { from: line.from, to: line.to },
    quantity: { unit, value: unit === 'month' ? '1' : hoursOf(order) },
    amount_ore: line.gross,
    repayable: false,
    text: 'Ydelse',
    ...(line.holder === beneficiary ? {} : { employee: line.holder }),
  }
}

/** Of the rail, see `fake-rail`: what is paid to such a citizen comes back, or ends on the state's waiting account. */
const FATES = [undefined, '9907', '9909', '9902', '9908'] as const

/** Three citizens, of whom one may be such whom money does not reach. `place`: which of a municipality's histories. */
export function citizensOf(roll: (sides: number) => number, place: number): readonly string[] {
  return [0, 1, 2].map((i) => citizenOf(place * 3 + i, i < 2 ? undefined : FATES[roll(FATES.length)]))
}

export interface OpeningClaim {
  readonly claim: string
  readonly debtor: string
  readonly amount: number
}

/** A card without municipality and SE. */
export function cardOf(roll: (sides: number) => number, cpr: string, from: string, to: string) {
  const allowance = roll(6_000) * 100
  return {
    record: 'tax_card',
    cpr,
    card: ['hovedkort', 'hovedkort', 'bikort', 'frikort', 'none'][roll(5)],
    rate_percent: 30 + roll(20),
    allowance_month_ore: allowance,
    allowance_week_ore: Math.floor(allowance / 4),
    allowance_day_ore: Math.floor(allowance / 30),
    frikort_left_ore: roll(40_000) * 100,
    valid_from: from,
    valid_to: to,
  }
}

/** A card for each half of the year. */
export function factsOf(
  roll: (sides: number) => number,
  citizens: readonly string[],
  claims: readonly OpeningClaim[],
  place: number,
): (municipality: string, se: string) => string {
  const cards = citizens.flatMap((cpr) =>
    [
      ['2025-01-01', '2026-01-01'],
      ['2026-01-01', '2027-01-01'],
    ].map(([from = '', to = '']) => cardOf(roll, cpr, from, to)),
  )
  const opened = claims.map(({ claim, debtor, amount }) => ({
    record: 'claim_opening',
    claim_key: claim,
    debtor: partyOf(debtor),
    benefit: 'kontanthjaelp',
    period: { from: '2025-01-01', to: '2025-02-01' },
    amount_ore: amount,
    due_date: '2025-02-15',
    cause: 'urigtig_oplysning',
  }))
  return (municipality, se) =>
    factFile(`FAKTA-${municipality}-${place}`, municipality, MONTHS[0] as string, [
      ...cards.map((card) => ({ ...card, municipality, se })),
      ...opened.map((claim) => ({ ...claim, municipality })),
    ])
}
