/** A person approves a day, and with it every day before it: nothing more is posted on them. @da godkendt dag */
import { danishInstant, isAfter } from '../../base/danish-time.ts'
import type { Db, Tx } from '../../base/db.ts'
import { addDays, type Day, formatDay } from '../../base/date.ts'
import { type Municipality, municipalityText } from '../../base/id.ts'
import { Refusal } from '../../base/refusal.ts'
import { recordAudit } from '../access/index.ts'
import { lockPosting } from '../ledger/index.ts'
import type { Account } from '../rates/index.ts'
import { type DayMatch, matchDay, objectionsTo, readApprovals } from './match-day.ts'

export interface DayAct {
  readonly municipality: Municipality
  readonly day: Day
  /** The view that the person saw. */
  readonly view: string | undefined
  readonly by: string
  readonly at: string
}

/** Objections that are named in a refusal. */
const MOST_NAMED = 5

/**
 * Approves a day as it was shown. Refuses `day_approved`, `day_not_over`, `view_missing`, `stale_view`,
 * `day_unexplained` with what is, and `own_match` of somebody who has said what a bank line of these days is. The
 * municipality is locked by the caller.
 */
export async function approveDay(tx: Tx, act: DayAct, accounts: readonly Account[]): Promise<DayMatch> {
  const { municipality, day, by, at } = act
  const name = `${formatDay(day)} in ${municipalityText(municipality)}`
  if (by.trim() === '') throw new Refusal('by_missing', 'Say who approves the day.')
  if (!isAfter(at, danishInstant(addDays(day, 1), '00:00'))) {
    throw new Refusal('day_not_over', `${name} is not over yet.`)
  }
  await lockPosting(tx, municipality)
  const match = await matchDay(tx, municipality, day, accounts)
  if (match.approved !== undefined) {
    const { by: whom, at: when, day: through } = match.approved
    throw new Refusal(
      'day_approved',
      `${name} was approved by ${whom} ${when}, with the days to ${formatDay(through)}.`,
    )
  }
  if (act.view === undefined) throw new Refusal('view_missing', 'Look at the day, and give the view that was shown.')
  if (act.view !== match.view) {
    throw new Refusal('stale_view', `${name} has changed since it was shown. Look again, then approve.`)
  }
  const objections = objectionsTo(match)
  if (objections.length > 0) {
    const first = objections.slice(0, MOST_NAMED).join('; ')
    const more = objections.length > MOST_NAMED ? `; and ${objections.length - MOST_NAMED} more` : ''
    throw new Refusal('day_unexplained', `${name} cannot be approved. ${first}${more}.`)
  }
  await refuseOwnMatch(tx, act, match)
  const { systems, bank_ore, view } = match
  const shown = {
    systems: systems.map(({ explained, ...one }) => ({ ...one, explained: unnamed(explained) })),
    bank_ore,
    view,
  }
  const values = [municipality, formatDay(day), at, by, JSON.stringify(shown)]
  await tx.run('insert into approved_days values ($1, $2, $3, $4, $5)', values)
  const detail = { view, bank_ore, payments: systems.reduce((sum, one) => sum + one.sent.payments, 0) }
  await recordAudit(tx, { municipality, at, actor: by, command: 'day.approve', subject: formatDay(day), detail })
  return { ...match, approved: (await readApprovals(tx, municipality, day)).approved }
}

function unnamed(items: DayMatch['systems'][number]['explained']) {
  return items.map(({ why, payments, ore }) => ({ why, payments, ore }))
}

/** What one person has explained by hand another approves. */
async function refuseOwnMatch(tx: Tx, { municipality, day, by }: DayAct, { after }: DayMatch): Promise<void> {
  const own = await tx.first<{ bank_ref: string }>(
    `select h.bank_ref from hand_matches h
     join statement_entries e on e.municipality_code = $1 and e.account = h.account and e.bank_ref = h.bank_ref
     where h.municipality_code = $1 and h.by_actor = $2 and e.booking_date > $3 and e.booking_date <= $4 limit 1`,
    [municipality, by, after === null ? '-infinity' : formatDay(after), formatDay(day)],
  )
  if (own === undefined) return
  throw new Refusal('own_match', `${by} has said what the bank line ${own.bank_ref} is: somebody else must approve.`)
}

/** The last approved day; undefined: none. */
export async function approvedUntil(db: Db, municipality: Municipality): Promise<Day | undefined> {
  const row = await db.first<{ day: Day | null }>(
    'select max(day) as day from approved_days where municipality_code = $1',
    [municipality],
  )
  return row?.day ?? undefined
}
