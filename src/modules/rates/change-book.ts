/**
 * A rate book with changes laid over it: those of an approved law, or those that are tried before they are entered.
 * What a change does not name stays as the book has it, in each of its rows.
 */
import { type Day, day, parseDay, type Period } from '../../base/date.ts'
import { Refusal } from '../../base/refusal.ts'
import type { Ore } from '../../base/money.ts'
import type { BookChange } from './book-change.ts'
import { OPEN_END } from './data/forever.ts'
import type { Account, ApprovedLaw, AtpRate, BenefitExclusion, BenefitRule, RateBook, Sourced } from './rate-book.ts'

/** Where the changed rows are from. */
interface Origin extends Sourced {
  /** The first id of accounts that the changes add. */
  readonly accounts: number
}

/** Accounts of the chart that ships have smaller ids. A law change has a hundred. */
const LAW_ACCOUNTS = 100_000
const ACCOUNTS_PER_LAW = 100

const TRIAL: Origin = { source: 'a change that is tried', assumed: true, accounts: LAW_ACCOUNTS }

/**
 * The book with the changes first: where two rows overlap, the first applies. @throws Refusal `change_invalid` or
 * `reference_missing` with what is wrong.
 */
export function changedBook(book: RateBook, changes: readonly BookChange[], origin: Origin = TRIAL): RateBook {
  return changes.reduce((now, change, i) => laid(now, change, i, origin), book)
}

/** The book with approved law changes, in the order of their approval. */
export function withLaws(base: RateBook, laws: readonly ApprovedLaw[]): RateBook {
  if (laws.length === 0) return base
  const book = laws.reduce((now, law) => changedBook(now, law.changes, originOf(law)), base)
  return { ...book, approved: { base, laws } }
}

function originOf({ changeNo, name, legalSource }: ApprovedLaw): Origin {
  const accounts = LAW_ACCOUNTS + changeNo * ACCOUNTS_PER_LAW
  return { source: `${legalSource} (${name})`, assumed: false, accounts }
}

/** Accounts that law changes added to the chart: to be put beside it before anything is booked on them. */
export function accountsOfLaws(book: RateBook): Account[] {
  return book.accounts.filter((account) => account.id >= LAW_ACCOUNTS)
}

function laid(book: RateBook, change: BookChange, index: number, { accounts, ...sourced }: Origin): RateBook {
  const name = `change ${index + 1}`
  switch (change.kind) {
    case 'rate': {
      const row = {
        name: change.name,
        valid: periodOf(change, name),
        rate: millionths(change.rate_percent),
        ...sourced,
      }
      return { ...book, rates: [row, ...book.rates] }
    }
    case 'atp': {
      const valid = periodOf(change, name)
      const own = book.atp.filter((row) => row.rule === change.rule)
      return { ...book, atp: [...within(own, valid, name, (row) => atpRow(row, change, sourced)), ...book.atp] }
    }
    case 'benefit': {
      const valid = periodOf(change, name)
      const own = book.benefits.filter((row) => row.key === change.benefit)
      const rows = within(own, valid, name, (row) => benefitRow(book, row, change, sourced, name))
      return { ...book, benefits: [...rows, ...book.benefits] }
    }
    case 'tax_method': {
      const { municipality, method } = change
      const row = { municipality: placeOf(book, municipality, name), method, valid: periodOf(change, name), ...sourced }
      return { ...book, taxMethods: [row, ...book.taxMethods] }
    }
    case 'exclusion':
      return { ...book, exclusions: excluded(book, change, periodOf(change, name), sourced, name) }
    case 'closing_days': {
      const at = change.municipality === undefined ? undefined : placeOf(book, change.municipality, name)
      const rows = change.days.map((text) => ({ municipality: at, day: day(text), ...sourced }))
      return { ...book, localClosingDays: [...book.localClosingDays, ...rows] }
    }
    case 'account': {
      const { number, name: nameDa } = change
      if (book.accounts.some((row) => row.number === number)) throw wrong(name, `account ${number} is in the chart`)
      const plain = { clearing: false, purpose: null, sourceSystem: null }
      const row: Account = { id: accounts + index, key: `law:${number}`, number, nameDa, ...plain, ...sourced }
      return { ...book, accounts: [...book.accounts, row] }
    }
  }
}

/** Each row, changed, for the part of its time that the change is for. */
function within<T extends { readonly valid: Period }>(
  rows: readonly T[],
  { from, to }: Period,
  name: string,
  change: (row: T) => T,
): T[] {
  const made = rows.flatMap((row) => {
    const valid = { from: Math.max(from, row.valid.from) as Day, to: Math.min(to, row.valid.to) as Day }
    return valid.from < valid.to ? [{ ...change(row), valid }] : []
  })
  if (made.length === 0) throw wrong(name, 'the book has nothing of that name at that time')
  return made
}

function atpRow(row: AtpRate, change: BookChange & { kind: 'atp' }, sourced: Sourced): AtpRate {
  return {
    ...row,
    ...sourced,
    own: (change.own_ore ?? row.own) as Ore,
    employer: (change.employer_ore ?? row.employer) as Ore,
    minimumBenefit: (change.minimum_ore ?? row.minimumBenefit) as Ore,
    ownRate: change.own_rate_percent === undefined ? row.ownRate : millionths(change.own_rate_percent),
    ownCap: (change.own_cap_ore ?? row.ownCap) as Ore,
  }
}

function benefitRow(
  book: RateBook,
  row: BenefitRule,
  change: BookChange & { kind: 'benefit' },
  sourced: Sourced,
  name: string,
): BenefitRule {
  const account = (named: string | undefined) => (named === undefined ? undefined : costAccount(book, named, name))
  const [atpCost, pensionCost] = [account(change.atp_cost_account), account(change.pension_cost_account)]
  return {
    ...row,
    ...sourced,
    taxable: change.taxable ?? row.taxable,
    amLiable: change.am_liable ?? row.amLiable,
    atp: change.atp ?? row.atp,
    pension: change.pension ?? row.pension,
    reimbursed: change.reimbursed ?? row.reimbursed,
    incomeKind: change.income_kind ?? row.incomeKind,
    costAccount: account(change.cost_account) ?? row.costAccount,
    ...(atpCost === undefined ? {} : { atpCostAccount: atpCost }),
    ...(pensionCost === undefined ? {} : { pensionCostAccount: pensionCost }),
  }
}

/**
 * The key of an account, by key or number. What clears is not for a law change: its balance would have to be moved too.
 */
function costAccount(book: RateBook, named: string, name: string): string {
  const found = book.accounts.find((row) => row.key === named || row.number === named)
  if (found === undefined) throw wrong(name, `account ${named} is not in the chart; add it by a change of kind account`)
  if (found.clearing) throw wrong(name, `account ${named} is cleared by open items; only a cost account can be named`)
  return found.key
}

/** One row more; or the rows of the two cut around the time. */
function excluded(
  book: RateBook,
  change: BookChange & { kind: 'exclusion' },
  valid: Period,
  sourced: Sourced,
  name: string,
): BenefitExclusion[] {
  const ids = change.benefits.map((key) => book.benefits.find((row) => row.key === key)?.benefit)
  const [a, b] = ids
  if (a === undefined || b === undefined || a === b) throw wrong(name, 'names two benefits of the book')
  const pair = (row: BenefitExclusion) => (row.a === a && row.b === b) || (row.a === b && row.b === a)
  if (change.excluded) return [{ a, b, valid, ...sourced }, ...book.exclusions]
  return book.exclusions.flatMap((row) => {
    if (!pair(row)) return [row]
    const before = { from: row.valid.from, to: Math.min(row.valid.to, valid.from) as Day }
    const after = { from: Math.max(row.valid.from, valid.to) as Day, to: row.valid.to }
    return [before, after].filter(({ from, to }) => from < to).map((left) => ({ ...row, valid: left }))
  })
}

function placeOf(book: RateBook, text: string, name: string): number {
  const code = Number(text)
  if (!book.municipalities.some((row) => row.code === code)) throw wrong(name, `there is no municipality ${text}`)
  return code
}

function millionths(percent: string): number {
  return Math.round(Number(percent) * 10_000)
}

function periodOf(change: { readonly from: string; readonly to?: string }, name: string): Period {
  const from = parseDay(change.from)
  const to = change.to === undefined ? OPEN_END : parseDay(change.to)
  if (from === undefined || to === undefined || to <= from) throw wrong(name, 'from and to are dates, from first')
  return { from, to }
}

function wrong(name: string, what: string): Refusal {
  return new Refusal('change_invalid', `${name}: ${what}.`)
}
