/**
 * The year ends: claims without their tax that are open become claims before tax where the benefit's rule says so
 * (LL § 8 O). Booked before anything of the new year is calculated, so many at a time; what is done is not done again,
 * and a run that was killed goes on with what is left.
 */
import type { Tx } from '../../base/db.ts'
import { civil, type Day, dayOf, type Period } from '../../base/date.ts'
import { itemId, type Municipality, orderOfItem, type PartyId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { recordClaimMovements } from '../../modules/claims/index.ts'
import {
  crossYear,
  type NetClaim,
  netClaimsAt,
  type PaidItem,
  readItems,
  recordMovements,
  YEAR_END,
} from '../../modules/items/index.ts'
import { ledgerBatchNo, ledgerWriter, postingDays } from '../../modules/ledger/index.ts'
import { type RateReader, ratesIn } from '../../modules/rates/index.ts'
import type { MonthClock } from './clock.ts'
import { post } from './correction-book.ts'
import { accountsOf } from './item-accounts.ts'
import type { Line } from './line.ts'
import { nextWorkNo } from './plan-month.ts'

/** Claims in a transaction. */
const CLAIMS_AT_ONCE = 1_000

/** Gives how many claims became claims before tax. */
export async function crossYears(
  line: Line,
  municipality: Municipality,
  month: Period,
  clock: MonthClock,
  atOnce = CLAIMS_AT_ONCE,
): Promise<number> {
  const when = whenOf(month, clock.calculated)
  let done = 0
  for (let after = 0; ; ) {
    const open = await line.connection.inTurn(municipality, async (tx) => {
      const rates = await ratesIn(tx, line.rates, municipality)
      const claims = await netClaimsAt(tx, municipality, when.on, rates, { after, limit: atOnce })
      if (claims.length > 0) done += await cross(tx, municipality, claims, when, rates)
      return claims
    })
    if (open.length < atOnce) return done
    after = open.at(-1)?.claimId ?? after
  }
}

/** The claims of these debtors, in a transaction of the caller's: what is calculated in it sees them so. */
export async function crossYearOf(
  tx: Tx,
  newest: RateReader,
  municipality: Municipality,
  debtors: readonly PartyId[],
  { month, knownAt }: { readonly month: Period; readonly knownAt: string },
): Promise<void> {
  const when = whenOf(month, knownAt)
  const rates = await ratesIn(tx, newest, municipality)
  const claims = await netClaimsAt(tx, municipality, when.on, rates, { after: 0, limit: CLAIMS_AT_ONCE, debtors })
  if (claims.length > 0) await cross(tx, municipality, claims, when, rates)
}

function whenOf(month: Period, at: string): When {
  return { on: dayOf(civil(month.from).year, 1, 1), from: month.from, at }
}

interface When {
  readonly on: Day
  /** The month's beginning. */
  readonly from: Day
  readonly at: string
}

/** One transaction: movements, what the claims go up by, ledger. */
async function cross(
  tx: Tx,
  municipality: Municipality,
  open: readonly NetClaim[],
  { on, from, at }: When,
  rates: RateReader,
): Promise<number> {
  const found = await readItems(tx, municipality, [...new Set(open.flatMap((claim) => claim.ofOrders))], rates)
  const made = crossYear(open, { items: [...found.items.values()], lines: found.lines }, on, rates)
  if (made.movements.length === 0) return 0
  const workNo = await nextWorkNo(tx, municipality)
  const orders = new Map(open.map((claim) => [claim.claimId, claim.order]))
  await tx.run(
    `insert into work_batches (municipality_code, work_no, kind, cause, known_at, order_ids)
     values ($1, $2, 'outcome', $3, $4, $5)`,
    [
      municipality,
      workNo,
      `${YEAR_END} ${civil(on).year} ${workNo}`,
      at,
      [...new Set(orders.values())].sort((a, b) => a - b),
    ],
  )
  const postedOn = (await postingDays(tx, municipality))(from)
  const movements = made.movements.map((one) => {
    const claimId = one.from.place === 'claim' ? one.from.ref : one.to.ref
    return { ...one, order: orders.get(claimId) ?? orderOfItem(one.item), postedOn }
  })
  const book = ledgerWriter(municipality)
  const ledger = book.batch(ledgerBatchNo(workNo, 0), postedOn, at, from)
  const posting = { rates, accounts: accountsOf(rates), lines: found.lines }
  for (const one of movements) {
    ledger.entry(one.order)
    post(posting, ledger, one, found.items.get(one.item) as PaidItem)
  }
  await book.write(tx)
  await recordMovements(tx, municipality, workNo, movements, found.items)
  const claimMovements = [...made.more].flatMap(([claimId, more]) => {
    const item = itemId(orders.get(claimId) ?? 0, 0)
    return more === 0 ? [] : [{ claimId, item, line: civil(on).year, amount: -more as Ore }]
  })
  await recordClaimMovements(tx, municipality, claimMovements)
  await tx.run('insert into work_done values ($1, $2, $3)', [
    municipality,
    workNo,
    JSON.stringify({ claims: made.more.size, more_ore: [...made.more.values()].reduce((sum, one) => sum + one, 0) }),
  ])
  return made.more.size
}
