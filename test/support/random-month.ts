/**
 * Random small months: a few citizens with cards and claims, orders in versions, and two ways for the same set of
 * orders to arrive. Nothing here knows what the right outcome is; that is what the properties say.
 */
import fc from 'fast-check'
import { citizenOf, companyOf, factFile, type LineRecord, orderFile, type OrderRecord } from './files.ts'

export const MONTH = '2026-03'

const BENEFITS = [
  { key: 'kontanthjaelp', system: 'KY', kle: '32.24.04', unit: 'month', value: '1' },
  { key: 'flekstilskud', system: 'KY', kle: '15.20.12', unit: 'month', value: '1' },
  { key: 'enkeltydelse', system: 'KY', kle: '32.24.09', unit: 'month', value: '1' },
  { key: 'tabt_arbejdsfortjeneste', system: 'KY', kle: '32.18.08', unit: 'month', value: '1' },
  { key: 'sygedagpenge', system: 'KSD', kle: '32.39.04', unit: 'hour', value: '148' },
  { key: 'sygedagpenge_arbejdsgiver', system: 'KSD', kle: '32.39.08', unit: 'hour', value: '111.5' },
  { key: 'helbredstillaeg', system: 'KP', kle: '32.03.16', unit: 'month', value: '1' },
] as const

/** Bank days of the month: as many as a citizen has families of orders. */
const DATES = ['2026-03-05', '2026-03-12', '2026-03-19', '2026-03-26', '2026-03-27', '2026-03-30', '2026-03-31']
const PERIODS = [
  { from: '2026-03-01', to: '2026-04-01' },
  { from: '2026-02-01', to: '2026-03-01' },
  { from: '2026-03-02', to: '2026-03-30' },
]
/** How the fake rail treats each citizen. */
const FATES = [undefined, '9907', '9909', '9908'] as const

interface Version {
  readonly gross: number
  readonly second: number
  readonly setOff: number
  readonly claim: number
  readonly thirdParty: number
  readonly withdrawn: boolean
  readonly period: number
}

interface Family {
  readonly person: number
  readonly benefit: number
  readonly date: number
  readonly decided: number
  readonly twin: boolean
  readonly versions: readonly Version[]
}

export interface RandomMonth {
  readonly cards: readonly { person: number; kind: string; rate: number; allowance: number; frikort: number }[]
  readonly claims: readonly { person: number; benefit: number; amount: number }[]
  readonly families: readonly Family[]
  /** For each record: which file it comes in, and whether it comes once more. Two arrivals. */
  readonly arrivals: readonly { readonly seed: number; readonly again: number }[]
  readonly wild: Wild
}

/** What is let loose. Tame, none: then nothing hangs on who comes first, and nothing held is changed. */
export interface Wild {
  /** Versions of an order come in any order. */
  readonly late?: boolean
  /** Orders of a citizen are due on the same dates, so that they share an allowance and a claim on one day. */
  readonly ties?: boolean
  /** Orders that look like each other's double get new versions, other periods, or are withdrawn. */
  readonly doubles?: boolean
  /** A movement may stand in the same file as what it moves. */
  readonly together?: boolean
  /** A set-off may name a claim of another source system. */
  readonly foreign?: boolean
}

const kroner = (max: number) =>
  fc.oneof(
    fc.integer({ min: 1, max: max * 100 }),
    fc.integer({ min: 1, max }).map((kr) => kr * 100),
  )

/** Crowded, so that what can meet does meet. */
const person = fc.constantFrom(0, 0, 0, 1, 2, 3)
const benefit = fc.constantFrom(0, 0, 0, 4, 4, ...BENEFITS.keys())

const version: fc.Arbitrary<Version> = fc.record({
  gross: kroner(25_000),
  second: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, kroner(3_000)),
  setOff: fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, kroner(8_000)),
  claim: fc.nat(3),
  thirdParty: fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, kroner(5_000)),
  withdrawn: fc.nat(3).map((n) => n === 0),
  period: fc.nat(PERIODS.length - 1),
})

const family: fc.Arbitrary<Family> = fc.record({
  person,
  benefit,
  date: fc.nat(DATES.length - 1),
  decided: fc.nat(3),
  twin: fc.nat(2).map((n) => n === 0),
  versions: fc.array(version, { minLength: 1, maxLength: 3 }),
})

const card = fc.record({
  person,
  kind: fc.constantFrom('hovedkort', 'hovedkort', 'bikort', 'frikort', 'none'),
  rate: fc.integer({ min: 0, max: 60 }),
  allowance: fc.integer({ min: 0, max: 600_000 }),
  frikort: fc.integer({ min: 0, max: 3_000_000 }),
})

const claim = fc.record({ person, benefit, amount: kroner(9_000) })

export function randomMonth(wild: Wild): fc.Arbitrary<RandomMonth> {
  // Where orders shall meet, there is one citizen and little to choose between.
  const meet = wild.ties === true || wild.doubles === true
  const families = meet
    ? family.map((one) => ({ ...one, person: 0, benefit: wild.doubles === true ? (one.benefit % 2) * 4 : one.benefit }))
    : family
  return fc.record({
    cards: fc.array(meet ? card.map((one) => ({ ...one, person: 0, kind: 'hovedkort' })) : card, {
      minLength: meet ? 1 : 0,
      maxLength: 4,
    }),
    claims: fc.array(claim, { minLength: 1, maxLength: 5 }),
    families: fc.array(families, { minLength: 2, maxLength: DATES.length }),
    arrivals: fc.tuple(
      fc.record({ seed: fc.nat(1_000_000), again: fc.nat(3) }),
      fc.record({ seed: fc.nat(1_000_000), again: fc.nat(3) }),
    ),
    wild: fc.constant(wild),
  })
}

const personOf = (person: number): string => citizenOf(person, FATES[person])

/** Every (order, version) of the month, in no order that matters. */
export function recordsOf(month: RandomMonth, municipality: string): OrderRecord[] {
  const records: OrderRecord[] = []
  const taken = new Map<number, Set<number>>()
  for (const [number, one] of month.families.entries()) {
    const families = taken.get(one.person) ?? new Set()
    taken.set(one.person, families)
    // Tame: one family of each benefit, each paid on a date of its own.
    if (!month.wild.doubles && families.has(one.benefit)) continue
    families.add(one.benefit)
    const date = month.wild.ties ? one.date % 2 : month.wild.doubles ? number % DATES.length : families.size - 1
    const versions = month.wild.doubles || !one.twin ? one.versions : one.versions.slice(0, 1)
    for (const copy of one.twin ? ['A', 'B'] : ['A']) {
      for (const [i, each] of versions.entries()) {
        const withdrawn = each.withdrawn && (month.wild.doubles === true || !one.twin)
        records.push(
          recordOf(month, one, each, { municipality, key: `${number}${copy}`, version: i + 1, date, withdrawn }),
        )
      }
    }
  }
  return records
}

interface Naming {
  readonly municipality: string
  readonly key: string
  readonly version: number
  readonly date: number
  readonly withdrawn: boolean
}

function recordOf(month: RandomMonth, one: Family, each: Version, name: Naming): OrderRecord {
  const benefit = BENEFITS[one.benefit] as (typeof BENEFITS)[number]
  const citizen = { type: 'cpr', id: personOf(one.person) }
  const company = { type: 'cvr', id: companyOf(one.person) }
  const employer = benefit.key === 'sygedagpenge_arbejdsgiver'
  const period = PERIODS[month.wild.doubles ? each.period : (one.versions[0] as Version).period]
  const line = (key: string, amount: number): LineRecord => ({
    line_key: key,
    kind: 'benefit',
    benefit: benefit.key,
    component: 'grundsats',
    kle: benefit.kle,
    sensitivity: 'FOELSOMME_PERSONOPLYSNINGER',
    legal_basis: 'opdigtet',
    period,
    quantity: { unit: benefit.unit, value: benefit.value },
    amount_ore: amount,
    repayable: false,
    text: 'Ydelse',
    ...(employer ? { employee: citizen.id } : {}),
  })
  const lines: LineRecord[] = [line('1', each.gross)]
  if (each.second > 0) lines.push(line('2', each.second))
  if (each.setOff > 0)
    lines.push({ line_key: '3', kind: 'set_off', amount_ore: each.setOff, claim_key: claimKey(month, one, each) })
  if (each.thirdParty > 0) {
    lines.push({
      line_key: '4',
      kind: 'third_party',
      amount_ore: each.thirdParty,
      payee: company,
      reference: 'husleje',
    })
  }
  return {
    order_key: `${benefit.system}-${name.key}`,
    version: name.version,
    source_system: benefit.system,
    municipality: name.municipality,
    case_key: `SAG-${one.person}`,
    state: name.withdrawn ? 'withdrawn' : 'active',
    ...(name.withdrawn ? { reason: 'omgjort' } : {}),
    decision: { key: `A-${name.key}`, date: `2026-02-${10 + one.decided}` },
    beneficiary: citizen,
    payee: employer ? company : citizen,
    disposition_date: DATES[name.date] as string,
    settle: 'on_disposition_date',
    lines: name.withdrawn ? [] : lines,
  }
}

/** Tame: one of the citizen's own claims, of the same system; or one that nobody knows. */
function claimKey(month: RandomMonth, one: Family, each: Version): string {
  const systemOf = (benefit: number): string => BENEFITS[benefit]?.system ?? ''
  const own = month.claims.filter(
    (claim) => claim.person === one.person && (month.wild.foreign || systemOf(claim.benefit) === systemOf(one.benefit)),
  )
  const chosen = own[each.claim]
  return chosen === undefined ? 'F-unknown' : `F-${month.claims.indexOf(chosen)}`
}

export function factsOf(month: RandomMonth, municipality: string, se: string): string {
  const cards = month.cards.map((card) => ({
    record: 'tax_card',
    municipality,
    cpr: personOf(card.person),
    se,
    card: card.kind,
    rate_percent: card.rate,
    allowance_month_ore: card.allowance,
    allowance_week_ore: Math.floor(card.allowance / 4),
    allowance_day_ore: Math.floor(card.allowance / 30),
    frikort_left_ore: card.frikort,
    valid_from: '2026-01-01',
    valid_to: '2027-01-01',
  }))
  const claims = month.claims.map((claim, i) => ({
    record: 'claim_opening',
    claim_key: `F-${i}`,
    municipality,
    debtor: { type: 'cpr', id: personOf(claim.person) },
    benefit: BENEFITS[claim.benefit]?.key,
    period: PERIODS[1],
    amount_ore: claim.amount,
    due_date: '2026-01-15',
    cause: 'urigtig_oplysning',
  }))
  return factFile(`FAKTA-${municipality}`, municipality, MONTH, [...cards, ...claims])
}

/** A generator of numbers for shuffling: the same from the same seed. */
function dice(seed: number): (sides: number) => number {
  let state = seed + 1
  return (sides) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return (state >>> 8) % sides
  }
}

/** The files in which the records arrive: shuffled, cut up, some records and some files twice. */
export function filesOf(month: RandomMonth, records: readonly OrderRecord[], arrival: 0 | 1): string[] {
  const { seed, again } = month.arrivals[arrival] as RandomMonth['arrivals'][number]
  const roll = dice(seed)
  const deck = records.map((record) => ({ record, at: roll(1_000) })).sort((a, b) => a.at - b.at)
  for (let i = 0; i < again && deck.length > 0; i++) deck.push(deck[roll(deck.length)] as (typeof deck)[number])
  const files: OrderRecord[][] = []
  for (const { record } of inOrder(
    month,
    deck.map((one) => one.record),
  )) {
    const file = files.find(
      (one) => one[0]?.source_system === record.source_system && roll(3) > 0 && isLast(files, one),
    )
    const fits = file !== undefined && !file.some((one) => clash(month, one, record))
    if (fits) file.push(record)
    else files.push([record])
  }
  const texts = files.map((file, i) => orderFile(`FIL-${i}`, MONTH, file))
  for (let i = 0; i < again; i++) texts.push(texts[roll(texts.length)] as string)
  return texts
}

/** A file holds a version once. Tame: and a movement stands in a file after that of its base. */
function clash(month: RandomMonth, one: OrderRecord, other: OrderRecord): boolean {
  if (one.order_key !== other.order_key) return false
  return one['version'] === other['version'] || (!month.wild.together && other['adjusts'] !== undefined)
}

/** Tame: only the newest file of a system takes more, so that versions come as they were made. */
function isLast(files: readonly OrderRecord[][], file: readonly OrderRecord[]): boolean {
  return files.findLast((one) => one[0]?.source_system === file[0]?.source_system) === file
}

/** Tame: the versions of an order keep their order, wherever the order itself lies in the deck. */
function inOrder(month: RandomMonth, deck: readonly OrderRecord[]): { record: OrderRecord }[] {
  if (month.wild.late) return deck.map((record) => ({ record }))
  const queues = new Map<string, OrderRecord[]>()
  for (const record of deck) queues.set(record.order_key, [...(queues.get(record.order_key) ?? []), record])
  for (const queue of queues.values()) queue.sort((a, b) => Number(a['version']) - Number(b['version']))
  return deck.map((record) => ({ record: queues.get(record.order_key)?.shift() as OrderRecord }))
}

/** The same records, with newer versions told as changes of the one before, where a change can tell it. */
export function asMovements(records: readonly OrderRecord[]): OrderRecord[] {
  return records.map((record) => {
    const base = records.find(
      (one) => one.order_key === record.order_key && one['version'] === Number(record['version']) - 1,
    )
    if (base === undefined || base['state'] !== 'active' || record['state'] !== 'active') return record
    // A base that takes more than it gives is refused at the door, and nothing can move it.
    if (benefitsLess(base.lines) < 0) return record
    const lines = changesOf(base.lines, record.lines)
    if (lines === undefined || lines.length === 0) return record
    return { ...record, adjusts: { order_key: base.order_key, version: base['version'] }, lines }
  })
}

/** Undefined when a set-off names another claim: a movement moves amounts only. */
function changesOf(before: readonly LineRecord[], now: readonly LineRecord[]): LineRecord[] | undefined {
  const changes: LineRecord[] = []
  for (const line of [...now, ...before.filter((old) => !now.some((one) => one['line_key'] === old['line_key']))]) {
    const old = before.find((one) => one['line_key'] === line['line_key'])
    if (old !== undefined && old['claim_key'] !== line['claim_key']) return undefined
    const to = now.includes(line) ? Number(line['amount_ore']) : 0
    const { amount_ore: _, ...rest } = line
    const delta = to - Number(old?.['amount_ore'] ?? 0)
    if (delta !== 0) changes.push({ ...rest, delta_ore: delta } as LineRecord)
  }
  return changes
}

function benefitsLess(lines: readonly LineRecord[]): number {
  return lines.reduce((sum, line) => sum + Number(line['amount_ore']) * (line.kind === 'benefit' ? 1 : -1), 0)
}
