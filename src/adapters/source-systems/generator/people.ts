/**
 * Invented citizens and companies of one municipality. A citizen is a number; everything about them follows from the
 * seed, the municipality and that number, so nothing is kept in memory. Day of birth + 60: no such CPR number exists.
 */
import { civil, dayOf } from '../../../base/date.ts'
import type { Day } from '../../../base/date.ts'
import type { Municipality } from '../../../base/id.ts'
import type { CardKind } from '../../../modules/parties/index.ts'
import { cvrFrom, municipalityCvr, placeOf } from './municipalities.ts'
import type { Place } from './municipalities.ts'
import { below, chance, mix, stream } from './random.ts'

/** Serials (last four digits of the CPR number) that the fake rails answer in their own way. */
export const SENTINELS = { formalError: 9902, noAccount: 9907, waitingAccount: 9908, bankReturns: 9909 } as const

/** Of every 2,000 citizens one each: 0.05 %. The remainder by 2,000 decides. */
const SENTINEL_AT = new Map<number, number>([
  [311, SENTINELS.noAccount],
  [811, SENTINELS.bankReturns],
  [1311, SENTINELS.waitingAccount],
  [1811, SENTINELS.formalError],
])

/** Birth dates as DDMMYY with day + 60, and what they add to the control sum (weights 4 3 2 7 6 5). */
interface Births {
  readonly texts: readonly string[]
  readonly sums: Uint16Array
  readonly years: Uint16Array
}

function births(from: Day, to: Day): Births {
  const texts: string[] = []
  const sums = new Uint16Array(to - from)
  const years = new Uint16Array(to - from)
  for (let at = from; at < to; at++) {
    const { year, month, day } = civil(at)
    const text = String(day + 60) + String(month).padStart(2, '0') + String(year % 100).padStart(2, '0')
    const digit = (i: number) => text.charCodeAt(i) - 48
    sums[at - from] = 4 * digit(0) + 3 * digit(1) + 2 * digit(2) + 7 * digit(3) + 6 * digit(4) + 5 * digit(5)
    years[at - from] = year
    texts.push(text)
  }
  return { texts, sums, years }
}

const ADULTS = births(dayOf(1961, 1, 1), dayOf(2008, 1, 1))
const PENSIONERS = births(dayOf(1937, 1, 1), dayOf(1958, 1, 1))

/** Two serials share a number, so that one of them always has a check digit. */
const PAIRS = 200

/** Dates on which a fixed serial passes modulus 11. */
function datesFor(group: Births, serial: number): Int32Array {
  const digits = String(serial)
  const digit = (i: number) => digits.charCodeAt(i) - 48
  const own = 4 * digit(0) + 3 * digit(1) + 2 * digit(2) + digit(3)
  const found: number[] = []
  for (let i = 0; i < group.sums.length; i++) if (((group.sums[i] as number) + own) % 11 === 0) found.push(i)
  return Int32Array.from(found)
}

const SENTINEL_DATES = new Map<number, readonly [Int32Array, Int32Array]>()
for (const serial of Object.values(SENTINELS)) {
  SENTINEL_DATES.set(serial, [datesFor(ADULTS, serial), datesFor(PENSIONERS, serial)])
}

/** A citizen's number in the town: adults from 0, pensioners from here. */
export const FIRST_PENSIONER = 2 ** 28

export interface Town extends Place {
  /** `0751`. */
  readonly text: string
  readonly cvr: string
  /** seed × municipality. */
  readonly seed: number
  readonly companies: readonly string[]
}

export function townOf(code: Municipality, seed: number): Town | undefined {
  const place = placeOf(code)
  if (place === undefined) return undefined
  const companies: string[] = []
  const end = 9_800_000 + Math.floor((place.before + place.share) * 99_000)
  for (let at = 9_800_000 + Math.ceil(place.before * 99_000); at < end; at++) {
    const cvr = cvrFrom(at)
    if (cvr !== undefined) companies.push(cvr)
  }
  const text = String(code).padStart(4, '0')
  return { ...place, text, cvr: municipalityCvr(code), seed: mix(seed, code), companies }
}

/** The companies of a town by trade, each trade a stretch of the list. */
export type Trade = 'employer' | 'landlord' | 'pharmacy' | 'optician' | 'dentist' | 'shop'
const TRADES: Record<Trade, readonly [from: number, to: number]> = {
  pharmacy: [0, 0.02],
  optician: [0.02, 0.04],
  dentist: [0.04, 0.07],
  landlord: [0.07, 0.1],
  shop: [0.1, 0.15],
  employer: [0.15, 1],
}

/** One of the town's companies of a trade; the same number always means the same company. */
export function companyOf(town: Town, trade: Trade, number: number): string {
  const [from, to] = TRADES[trade]
  const count = town.companies.length
  const first = Math.floor(count * from)
  const size = Math.max(1, Math.floor(count * to) - first)
  return town.companies[first + ((number >>> 0) % size)] as string
}

/** A prime larger than any factor of the numbers it steps through, so that no CPR number comes twice. */
const STEP = 1_000_003

/** The CPR number of a citizen, 10 digits. Unique within the municipality; passes modulus 11, but for one in 400. */
export function cprOf(town: Town, person: number): string {
  const pensioner = person >= FIRST_PENSIONER
  const group = pensioner ? PENSIONERS : ADULTS
  const number = pensioner ? person - FIRST_PENSIONER : person
  const sentinel = SENTINEL_AT.get(number % 2000)
  if (sentinel !== undefined) {
    const dates = (SENTINEL_DATES.get(sentinel) as readonly [Int32Array, Int32Array])[pensioner ? 1 : 0]
    const nth = Math.floor(number / 2000)
    const at = dates[(Math.floor(town.before * dates.length) + nth) % dates.length] as number
    if (nth < dates.length) return (group.texts[at] as string) + String(sentinel)
  }
  const dates = group.texts.length
  const all = dates * PAIRS
  const walked = ((Math.floor(town.before * all) + number) * STEP) % all
  const date = walked % dates
  const serial = 2 * Math.floor(walked / dates) + ((group.years[date] as number) >= 2000 ? 400 : 0)
  return (group.texts[date] as string) + serialText(group.sums[date] as number, serial, number % 400 === 123)
}

function serialText(dateSum: number, even: number, faulty: boolean): string {
  let three = even
  const weighted = dateSum + 4 * Math.floor(three / 100) + 3 * (Math.floor(three / 10) % 10) + 2 * (three % 10)
  let check = (11 - (weighted % 11)) % 11
  if (check === 10) {
    // The last of the three digits is even, so one more never carries; it adds 2 to the sum.
    three += 1
    check = 8
  }
  if (faulty) check = (check + 1) % 10
  const four = three * 10 + check
  return four < 10 ? `000${four}` : four < 100 ? `00${four}` : four < 1000 ? `0${four}` : String(four)
}

/** One version of a tax card; undefined where the tax authority has told nothing of the person. */
export interface InventedCard {
  readonly kind: CardKind
  /** Whole percent. */
  readonly rate: number
  /** Whole kroner. */
  readonly monthly: number
  /** Whole kroner. */
  readonly frikortLeft: number
  /** The card is replaced in the middle of the month by one with this rate; 0 when it is not. */
  readonly laterRate: number
}

/** About 80 % hovedkort, 11 % bikort, 4 % frikort (one in five nearly used up), 2 % none, 3 % nothing told. */
export function cardOf(town: Town, person: number): InventedCard | undefined {
  const from = stream(mix(town.seed, person ^ 0x5ca2d))
  const draw = below(from, 1000)
  const rate = 34 + below(from, 8)
  const monthly = 3900 + 10 * below(from, 260)
  if (draw < 800) {
    const laterRate = chance(from, 6) ? 44 + below(from, 4) : 0
    return { kind: 'hovedkort', rate, monthly, frikortLeft: 0, laterRate }
  }
  if (draw < 910) return { kind: 'bikort', rate, monthly: 0, frikortLeft: 0, laterRate: 0 }
  if (draw < 950) {
    const left = chance(from, 200) ? 40 + below(from, 900) : 2000 + below(from, 48_000)
    return { kind: 'frikort', rate: 0, monthly: 0, frikortLeft: left, laterRate: 0 }
  }
  // The statutory rate when there is no card (55 % of the income, no allowance).
  if (draw < 970) return { kind: 'none', rate: 55, monthly: 0, frikortLeft: 0, laterRate: 0 }
  return undefined
}
