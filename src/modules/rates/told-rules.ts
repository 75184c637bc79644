/**
 * By when a month is to be told to the income register, and what the state refunds of what goes beside a benefit.
 * @da indberetningsfrist
 */
import { danishInstant } from '../../base/danish-time.ts'
import { civil, type Day, dayOf, firstOfNextMonth, type Period } from '../../base/date.ts'
import { type Millionths, type Ore, share } from '../../base/money.ts'
import { valid } from './data/forever.ts'
import type { Account, Sourced } from './rate-book.ts'

/** Days of the month after; of December it is later. Source: skat.dk oid=2234889; test.skat.dk oid=112764. */
const LATEST = { day: 10, ofDecember: 17 } as const

/** The day is sourced. Assumed: it lasts until the day ends, and a closed day does not move it. */
const DEADLINE_CLOCK = '23:59'

/** By when the income of the month that begins on this day is to be told: an instant. @da indberetningsfrist */
export function incomeDeadline(month: Day): string {
  const next = civil(firstOfNextMonth(month))
  return danishInstant(dayOf(next.year, next.month, next.month === 1 ? LATEST.ofDecember : LATEST.day), DEADLINE_CLOCK)
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
