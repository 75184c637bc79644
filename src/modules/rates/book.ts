/** The rate book built in, and the reader that the rules ask. A value that is missing is a refusal, never a guess. */
import { assert } from '../../base/assert.ts'
import { type Day, type Period, formatDay } from '../../base/date.ts'
import { type Municipality, municipalityText } from '../../base/id.ts'
import { Refusal } from '../../base/refusal.ts'
import { withLaws } from './change-book.ts'
import { ACCOUNTS } from './data/accounts.ts'
import { BENEFITS, EXCLUSIONS } from './data/benefits.ts'
import { MUNICIPALITIES } from './data/municipalities.ts'
import { ATP_RATES, DATED_RATES } from './data/rates.ts'
import { payingUnits } from './data/units.ts'
import type {
  Account,
  AtpRate,
  AtpRule,
  BenefitRule,
  DatedRate,
  DatedTaxMethod,
  MunicipalityRow,
  NamedRate,
  PayingUnit,
  RateBook,
  TaxMethod,
} from './rate-book.ts'

/** What the product ships with. Municipal closing days beyond the bank calendar: none. @da satsbog */
export function builtInRateBook(): RateBook {
  return {
    municipalities: MUNICIPALITIES,
    benefits: BENEFITS,
    exclusions: EXCLUSIONS,
    atp: ATP_RATES,
    rates: DATED_RATES,
    units: payingUnits(MUNICIPALITIES),
    accounts: ACCOUNTS,
    closingDays: [],
    taxMethods: [],
    localClosingDays: [],
  }
}

/**
 * Answers by key and day. Each function throws Refusal `reference_missing`, naming table, key and date, when no row
 * applies; only `excluded` has an answer for every question.
 */
export interface RateReader {
  readonly book: RateBook
  benefitRule(benefit: number, day: Day): BenefitRule
  benefitByKey(key: string, day: Day): BenefitRule
  rate(name: NamedRate, day: Day): DatedRate
  atpRate(rule: AtpRule, day: Day): AtpRate
  unit(municipality: Municipality, kind: string, day: Day): PayingUnit
  account(key: string): Account
  municipality(code: Municipality): MunicipalityRow
  /** Whether a person cannot have both benefits on a day, whichever is named first. */
  excluded(a: number, b: number, day: Day): boolean
  /** How a municipality rounds what is paid on a day. */
  taxMethod(municipality: Municipality, day: Day): TaxMethod
  /** The change that says so; undefined when the method is the municipality's own. */
  taxMethodChange(municipality: Municipality, day: Day): DatedTaxMethod | undefined
  /** Days on which a municipality pays nothing out, beside those of the banks; undefined: none, as nearly always. */
  closedIn(municipality: Municipality): ReadonlySet<Day> | undefined
  /** How many approved law changes the book holds. */
  readonly laws: number
  /** The same book with the first `laws` of them. */
  asOf(laws: number): RateReader
  /**
   * The book that a batch of work was planned with, or this one when nothing was calculated. What is made of a stored
   * calculation asks that book. It is this one always, unless the reader is one municipality's (`ratesIn`).
   */
  ofWork(workNo: number | undefined): RateReader
  /** The paying units of a municipality on a day. */
  units(municipality: Municipality, day: Day): readonly PayingUnit[]
  /** What the door knows, for checking orders. */
  readonly known: KnownKeys
}

/** The keys that an order may name; what TØK alone orders is not among them. */
export interface KnownKeys {
  readonly municipalities: ReadonlySet<Municipality>
  readonly benefits: ReadonlySet<string>
  readonly benefitSystem: ReadonlyMap<string, BenefitRule['sourceSystem']>
  readonly benefitId: ReadonlyMap<string, number>
  /** When each benefit has a rule: outside it has no code, no rate and no account. */
  readonly benefitPeriods: ReadonlyMap<string, readonly Period[]>
}

interface Dated {
  readonly valid: Period
}

function at<T extends Dated>(rows: readonly T[] | undefined, day: Day): T | undefined {
  if (rows === undefined) return undefined
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as T
    if (row.valid.from <= day && day < row.valid.to) return row
  }
  return undefined
}

function grouped<K, T>(rows: readonly T[], keyOf: (row: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>()
  for (const row of rows) {
    const key = keyOf(row)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [row])
    else group.push(row)
  }
  return groups
}

function missing(table: string, key: string, day?: Day): never {
  const when = day === undefined ? '' : ` on ${formatDay(day)}`
  throw new Refusal(
    'reference_missing',
    `The rate book has no row in ${table} for ${key}${when}. Add it, then try again.`,
  )
}

/** Ids of benefits stay below this (they are stored as smallint). */
const PAIR = 65_536

/** Indexes a rate book once. Where two rows of a key overlap, the first in the book applies. */
export function lookup(book: RateBook): RateReader {
  const reader: RateReader = {
    ...keyed(book),
    ...local(book),
    book,
    laws: book.approved?.laws.length ?? 0,
    asOf: (laws) => (laws === reader.laws ? reader : earlier(laws)),
    ofWork: () => reader,
  }
  const known = new Map<number, RateReader>()
  const earlier = (laws: number): RateReader => {
    const { base, laws: all } = book.approved ?? { base: book, laws: [] }
    assert(laws < all.length, `the book holds ${all.length} changes, not ${laws}`)
    const found = known.get(laws) ?? lookup(withLaws(base, all.slice(0, laws)))
    known.set(laws, found)
    return found
  }
  return reader
}

/** What differs between municipalities. */
function local(book: RateBook): Pick<RateReader, 'taxMethod' | 'taxMethodChange' | 'closedIn'> {
  const methods = grouped(book.taxMethods, (row) => row.municipality)
  const own = new Map(book.municipalities.map((row) => [row.code, row.taxMethod]))
  const closed = new Map<Municipality, ReadonlySet<Day>>()
  const daysOf = (code: Municipality) =>
    new Set([
      ...book.closingDays,
      ...book.localClosingDays.filter((row) => (row.municipality ?? code) === code).map((row) => row.day),
    ])
  const any = book.closingDays.length + book.localClosingDays.length > 0
  return {
    taxMethod: (code, day) =>
      at(methods.get(code), day)?.method ?? own.get(code) ?? missing('municipalities', municipalityText(code)),
    taxMethodChange: (code, day) => at(methods.get(code), day),
    closedIn(code) {
      if (!any) return undefined
      const found = closed.get(code) ?? daysOf(code)
      closed.set(code, found)
      return found.size > 0 ? found : undefined
    },
  }
}

type Keyed = Omit<RateReader, 'book' | 'laws' | 'asOf' | 'ofWork' | keyof ReturnType<typeof local>>

function keyed(book: RateBook): Keyed {
  const benefits: BenefitRule[][] = []
  for (const row of book.benefits) (benefits[row.benefit] ??= []).push(row)
  const byKey = grouped(book.benefits, (row) => row.key)
  const ordered = book.benefits.filter((row) => row.ours !== true)
  const rates = grouped(book.rates, (row) => row.name)
  const atp = grouped(book.atp, (row) => row.rule)
  const units = new Map<Municipality, Map<string, PayingUnit[]>>()
  for (const [code, rows] of grouped(book.units, (row) => row.municipality))
    units.set(
      code,
      grouped(rows, (row) => row.kind),
    )
  const accounts = new Map(book.accounts.map((row) => [row.key, row]))
  const municipalities = new Map(book.municipalities.map((row) => [row.code, row]))
  const exclusions = grouped(book.exclusions, (row) => pair(row.a, row.b))
  return {
    benefitRule: (id, day) => at(benefits[id], day) ?? missing('benefits', `benefit ${id}`, day),
    benefitByKey: (key, day) => at(byKey.get(key), day) ?? missing('benefits', key, day),
    rate: (name, day) => at(rates.get(name), day) ?? missing('rates', name, day),
    atpRate: (rule, day) => at(atp.get(rule), day) ?? missing('atp', rule, day),
    unit: (code, kind, day) =>
      at(units.get(code)?.get(kind), day) ?? missing('units', `${kind} of municipality ${municipalityText(code)}`, day),
    account: (key) => accounts.get(key) ?? missing('accounts', key),
    municipality: (code) => municipalities.get(code) ?? missing('municipalities', municipalityText(code)),
    excluded: (a, b, day) => at(exclusions.get(pair(a, b)), day) !== undefined,
    units: (code, day) => [...(units.get(code)?.values() ?? [])].flatMap((rows) => at(rows, day) ?? []),
    known: {
      municipalities: new Set(municipalities.keys()),
      benefits: new Set(ordered.map((row) => row.key)),
      benefitSystem: new Map(ordered.map((row) => [row.key, row.sourceSystem])),
      benefitId: new Map(ordered.map((row) => [row.key, row.benefit])),
      benefitPeriods: new Map(
        [...grouped(ordered, (row) => row.key)].map(([key, rows]) => [key, rows.map((row) => row.valid)]),
      ),
    },
  }
}

function pair(a: number, b: number): number {
  return a < b ? a * PAIR + b : b * PAIR + a
}
