/** What can be changed of the rate book by a law, in the words of its file; and the reading of such a file. */
import { parseDay } from '../../base/date.ts'
import { Refusal } from '../../base/refusal.ts'
import type { AtpRule, NamedRate, PensionRule, TaxMethod } from './rate-book.ts'

interface Dated {
  /** The first day; half-open, and for good without `to`: it then covers whatever the book has from then on. */
  readonly from: string
  readonly to?: string
}

/**
 * One change. Percentages are text, amounts whole øre, accounts numbers or keys of the chart.
 * @da ændring af sats eller regel
 */
export type BookChange =
  | (Dated & { readonly kind: 'rate'; readonly name: NamedRate; readonly rate_percent: string })
  | (Dated & {
      readonly kind: 'atp'
      readonly rule: Exclude<AtpRule, 'none'>
      readonly own_ore?: number
      readonly employer_ore?: number
      readonly minimum_ore?: number
      /** `flekstilskud`: the recipient's share and its cap by the month. */
      readonly own_rate_percent?: string
      readonly own_cap_ore?: number
    })
  | (Dated & {
      readonly kind: 'benefit'
      readonly benefit: string
      readonly taxable?: boolean
      readonly am_liable?: boolean
      readonly atp?: AtpRule
      readonly pension?: PensionRule
      readonly reimbursed?: boolean
      /** Kind of income in eIndkomst. */
      readonly income_kind?: string
      readonly cost_account?: string
      readonly atp_cost_account?: string
      readonly pension_cost_account?: string
    })
  /** How a municipality rounds tax and AM-bidrag, by the date of payment. */
  | (Dated & { readonly kind: 'tax_method'; readonly municipality: string; readonly method: TaxMethod })
  /** Two benefits that a person cannot have for the same time; or can again. */
  | (Dated & { readonly kind: 'exclusion'; readonly benefits: readonly string[]; readonly excluded: boolean })
  /**
   * Days on which a municipality (all without one) pays nothing out: what falls there is paid on the bank day before.
   */
  | { readonly kind: 'closing_days'; readonly municipality?: string; readonly days: readonly string[] }
  /** A cost account that the chart lacks. */
  | { readonly kind: 'account'; readonly number: string; readonly name: string }

/** A law change as it is entered. @da lovændring */
export interface LawText {
  readonly name: string
  readonly legalSource: string
  /** The first day on which anything of it applies. */
  readonly effectiveFrom: string
  readonly changes: readonly BookChange[]
}

/** Most changes of one law, and most characters of its name and source. */
const MOST_CHANGES = 100
const MOST_TEXT = 300

type Check = (value: unknown) => string | undefined

const isText =
  (pattern: RegExp, what: string): Check =>
  (value) =>
    typeof value === 'string' && pattern.test(value) ? undefined : what
const oneOf =
  (...names: readonly string[]): Check =>
  (value) =>
    typeof value === 'string' && names.includes(value) ? undefined : `one of ${names.join(', ')}`
const yesOrNo: Check = (value) => (typeof value === 'boolean' ? undefined : 'true or false')
const amount: Check = (value) =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? undefined : 'whole øre, 0 or more'
const date: Check = (value) =>
  typeof value === 'string' && parseDay(value) !== undefined ? undefined : 'a date such as 2027-01-01'
const listOf =
  (each: Check, least: number, most: number): Check =>
  (value) => {
    if (!Array.isArray(value) || value.length < least || value.length > most) return `a list of ${least} to ${most}`
    const wrong = value.map(each).find((one) => one !== undefined)
    return wrong === undefined ? undefined : `a list, each ${wrong}`
  }
const percent: Check = (value) =>
  typeof value === 'string' && /^\d{1,3}(\.\d{1,4})?$/.test(value) && Number(value) <= 100
    ? undefined
    : '0 to 100 as text with at most four decimals, such as "2.4"'
const key = isText(/^[a-z0-9_]{1,60}$/, 'the key of a benefit')
const account = isText(/^[a-z0-9_:.]{1,60}$/i, 'the number or key of an account')
const place = isText(/^\d{4}$/, 'a municipality of four digits')

const DATED = { from: date, to: date }
/** Fields by kind; those after the bar may be left out. */
const FIELDS: Readonly<Record<BookChange['kind'], readonly [Record<string, Check>, Record<string, Check>]>> = {
  rate: [
    { from: date, name: oneOf('am_bidrag', 'obligatory_pension', 'tax_without_card'), rate_percent: percent },
    { to: date },
  ],
  atp: [
    { from: date, rule: oneOf('monthly', 'hourly', 'flekstilskud') },
    {
      to: date,
      own_ore: amount,
      employer_ore: amount,
      minimum_ore: amount,
      own_rate_percent: percent,
      own_cap_ore: amount,
    },
  ],
  benefit: [
    { from: date, benefit: key },
    {
      to: date,
      taxable: yesOrNo,
      am_liable: yesOrNo,
      atp: oneOf('none', 'monthly', 'hourly', 'flekstilskud'),
      pension: oneOf('none', 'month_nearest_krone', 'week_nearest_krone'),
      reimbursed: yesOrNo,
      income_kind: isText(/^\d{4}$/, 'a kind of income of four digits'),
      cost_account: account,
      atp_cost_account: account,
      pension_cost_account: account,
    },
  ],
  tax_method: [
    { from: date, municipality: place, method: oneOf('exact_ore', 'nearest_krone', 'drop_ore', 'base_tens_tax_up') },
    { to: date },
  ],
  exclusion: [{ from: date, benefits: listOf(key, 2, 2), excluded: yesOrNo }, { to: date }],
  closing_days: [{ days: listOf(date, 1, 60) }, { municipality: place }],
  account: [
    { number: isText(/^[0-9.]{3,30}$/, 'digits and points'), name: isText(/^.{1,60}$/, '1 to 60 characters') },
    {},
  ],
}

/**
 * A list of changes, or one. `effectiveFrom`: the date of those that name none. @throws Refusal `change_invalid` with
 * every fault and where it is.
 */
export function readChanges(value: unknown, effectiveFrom?: string): BookChange[] {
  const faults: string[] = []
  const changes = changesIn(value, '', effectiveFrom, faults)
  if (faults.length > 0) throw invalid(faults)
  return changes
}

/**
 * The file of a law change: `{"name","legal_source","effective_from","changes":[…]}`. @throws Refusal as `readChanges`
 */
export function readLaw(value: unknown): LawText {
  if (!isObject(value)) throw invalid(['a law change is an object with name, legal_source, effective_from and changes'])
  const text = isText(new RegExp(`^(?=.*\\S).{1,${MOST_TEXT}}$`, 's'), `1 to ${MOST_TEXT} characters`)
  const faults: string[] = []
  checked(value, '', [{ name: text, legal_source: text, effective_from: date, changes: () => undefined }, {}], faults)
  const from = String(value['effective_from'])
  const changes = changesIn(value['changes'] ?? [], '/changes', from, faults)
  if (Array.isArray(value['changes']) && value['changes'].length === 0) faults.push('/changes: at least one change')
  for (const [i, one] of changes.entries()) {
    const dates = 'from' in one ? [one.from] : 'days' in one ? one.days : []
    if (dates.some((day) => day < from)) faults.push(`/changes/${i}: a date before effective_from, ${from}`)
  }
  if (faults.length > 0) throw invalid(faults)
  return { name: String(value['name']), legalSource: String(value['legal_source']), effectiveFrom: from, changes }
}

function changesIn(value: unknown, at: string, from: string | undefined, faults: string[]): BookChange[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  if (list.length > MOST_CHANGES) faults.push(`${at}: at most ${MOST_CHANGES} changes`)
  return list.flatMap((one, i) => {
    const where = Array.isArray(value) ? `${at}/${i}` : at
    const kind = isObject(one) ? (one['kind'] as BookChange['kind']) : undefined
    if (!isObject(one) || kind === undefined || !Object.hasOwn(FIELDS, kind)) {
      faults.push(`${where}/kind: one of ${Object.keys(FIELDS).join(', ')}`)
      return []
    }
    const dated = Object.hasOwn(FIELDS[kind][0], 'from') && one['from'] === undefined && from !== undefined
    const change = dated ? { ...one, from } : one
    const [must, may] = FIELDS[kind]
    const before = faults.length
    checked(change, where, [{ kind: () => undefined, ...must }, may], faults)
    const { from: first, to } = change as Partial<Dated>
    if (first !== undefined && to !== undefined && to <= first) faults.push(`${where}/to: a date after from`)
    const names = Object.keys(may).filter((name) => !Object.hasOwn(DATED, name))
    const says = (kind !== 'atp' && kind !== 'benefit') || names.some((name) => change[name] !== undefined)
    if (!says) faults.push(`${where}: changes nothing; name at least one of ${names.join(', ')}`)
    return faults.length === before ? [change as unknown as BookChange] : []
  })
}

function checked(
  value: Readonly<Record<string, unknown>>,
  at: string,
  [must, may]: readonly [Record<string, Check>, Record<string, Check>],
  faults: string[],
): void {
  for (const [name, check] of [...Object.entries(must), ...Object.entries(may)]) {
    if (value[name] === undefined && Object.hasOwn(may, name)) continue
    const wrong = value[name] === undefined ? 'is missing' : check(value[name])
    if (wrong !== undefined) faults.push(`${at}/${name}: ${wrong}`)
  }
  for (const name of Object.keys(value)) {
    if (!Object.hasOwn(must, name) && !Object.hasOwn(may, name)) faults.push(`${at}/${name}: is not known here`)
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function invalid(faults: readonly string[]): Refusal {
  return new Refusal('change_invalid', `The change cannot be read.\n${faults.join('\n')}`)
}
