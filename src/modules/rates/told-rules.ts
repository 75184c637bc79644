/**
 * By when a month is to be told to the income register, and what the state refunds of what goes beside a benefit.
 * @da indberetningsfrist
 */
import { danishInstant } from '../../base/danish-time.ts'
import type { Day, Period } from '../../base/date.ts'
import { type Millionths, type Ore, share } from '../../base/money.ts'
import { lastBankDayOfMonth } from './calendar.ts'
import { valid } from './data/forever.ts'
import type { Account, Sourced } from './rate-book.ts'

/** The day is sourced. Assumed: it lasts until the day ends. */
const DEADLINE_CLOCK = '23:59'

/**
 * By when the income of the month that begins on this day is to be told, and its tax paid: an instant. For a
 * municipality it is the last bank day of the month in which it is paid; the 10th of the next, and 17 January, are
 * for smaller employers. Source: BEK 906 af 26/6/2018 § 2, stk. 1 og stk. 2, nr. 4; of the tax BEK 2104 af 23/11/2021
 * § 25, stk. 2.
 */
export function incomeDeadline(month: Day): string {
  return danishInstant(lastBankDayOfMonth(month), DEADLINE_CLOCK)
}

interface RefundRow extends Sourced {
  /** What the accounts begin with that the cost is booked on. */
  readonly accounts: string
  readonly valid: Period
  readonly rate: Millionths
}

const REFUNDS: readonly RefundRow[] = [
  {
    accounts: '8.51.52.',
    valid: valid('2022-11-01'),
    rate: 1_000_000,
    source: 'star.dk, 8.51.52 anden gæld, konteringsregler pr. november 2022: ATP and obligatory pension, 100 %',
    assumed: false,
  },
]

/**
 * What the state refunds of a contribution that is booked on an account; undefined where nothing public says so. The
 * ladder of refunds is not here: which step a week is on is known to Ydelsesrefusion alone.
 */
export function contributionRefund(cost: Pick<Account, 'number'>, on: Day, amount: number): number | undefined {
  const row = REFUNDS.find((one) => cost.number.startsWith(one.accounts) && one.valid.from <= on && on < one.valid.to)
  if (row === undefined) return undefined
  return Math.sign(amount) * share(Math.abs(amount) as Ore, row.rate, 'nearest_ore')
}
