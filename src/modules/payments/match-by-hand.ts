/**
 * A bank line that names nothing of ours, or the wrong thing, is what a person says it is. What could be meant is found
 * by amount and date; that it is meant is the person's word, kept with who said it and why. The line stays as it came:
 * as when a line explains itself later, a second entry beside it settles the bundle or payment, or is its return.
 * @da håndmatch
 */
import type { Db, Tx } from '../../base/db.ts'
import { type Day, formatDay } from '../../base/date.ts'
import type { Municipality } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { Refusal } from '../../base/refusal.ts'
import { bookAgain, type LineAgain, MARK, NOT_EXPLAINED_SINCE } from './look-again.ts'
import type { RailAccounts } from './record-answers.ts'
import { bundleOfId, paymentOfEndToEndId } from './payment-run.ts'
import { clearOutside, isLineOfOutside, OUTSIDE_UNCLEARED, type OutsideAccounts } from './outside-lines.ts'
import { readPosition } from './settlement.ts'
import { REFUSED_OF_BUNDLE, STOPPED_OF_PAYMENT, stoppedOfUnit } from './stopped.ts'

/** Days between the disposition date and a bank line that could be meant by it. */
const DAYS_APART = 10
/** Days within which money that left comes back. */
const DAYS_TO_RETURN = 60

/** Lines that nothing has matched, of an account of ours or of a shared one. */
const OPEN_LINE = `e.match in ('unmatched', 'not_ours') and ${NOT_EXPLAINED_SINCE}`

export interface OpenLine {
  readonly account: string
  readonly bankRef: string
  /** Negative: money left the account. */
  readonly amount: Ore
  readonly bookingDate: Day
  /** What the bank called it. */
  readonly named: string
  readonly match: 'unmatched' | 'not_ours'
  /** Of the same amount: bundles and payments not settled, or that may have come back; what was paid elsewhere. */
  readonly candidates: readonly string[]
}

const CODE = `lpad($1::text, 4, '0') || 'R'`

/** Lines that nothing matched, oldest first; of a shared account those alone that could be ours. */
export async function openLines(db: Db, municipality: Municipality, limit: number): Promise<OpenLine[]> {
  return await db.rows<OpenLine>(
    `with line as materialized (select e.* from statement_entries e where e.municipality_code = $1 and ${OPEN_LINE}),
     released as materialized (select r.run_no, r.disposition_date from payment_runs r where r.municipality_code = $1
       and exists (select from payment_run_steps s where s.municipality_code = $1 and s.run_no = r.run_no
         and s.step = 'released')),
     bundle as materialized (select b.run_no, b.unit, r.disposition_date, b.amount_ore - z.ore - ${REFUSED_OF_BUNDLE} as ore
       from released r join payment_bundles b on b.municipality_code = $1 and b.run_no = r.run_no ${stoppedOfUnit()}
       where not exists (select from statement_entries s where s.municipality_code = $1 and s.run_no = b.run_no
         and s.unit = b.unit and s.match = 'settled')),
     whole as materialized (select l.account, l.bank_ref, ${CODE} || b.run_no || 'U' || b.unit as ref
       from line l join bundle b on b.ore = -l.amount_ore
         and abs(l.booking_date - b.disposition_date) <= ${DAYS_APART}),
     single as materialized (select l.account, l.bank_ref, ${CODE} || r.run_no || 'N' || (p.payment_id & 16777215) as ref
       from line l join (payments p ${STOPPED_OF_PAYMENT}) on p.municipality_code = $1
         and p.amount_ore - z.ore = abs(l.amount_ore)
       join released r on r.run_no = (p.payment_id >> 24)::int
         and case when l.amount_ore < 0 then abs(l.booking_date - r.disposition_date) <= ${DAYS_APART}
           else l.booking_date - r.disposition_date between 0 and ${DAYS_TO_RETURN} end
       where not exists (select from payment_returns b where b.municipality_code = $1 and b.payment_id = p.payment_id)
         and (l.amount_ore > 0) = exists (select from statement_entries s where s.municipality_code = $1
           and s.match = 'settled' and (s.payment_id = p.payment_id or (s.run_no = r.run_no and s.unit = p.unit)))),
     elsewhere as materialized (select l.account, l.bank_ref, 'outside ' || u.outside_no as ref
       from line l join outside_payments u on u.municipality_code = $1 and u.amount_ore = -l.amount_ore
         and abs(l.booking_date - u.paid_on) <= ${DAYS_APART} where ${OUTSIDE_UNCLEARED}),
     found as (select * from whole union all select * from single union all select * from elsewhere)
     select l.account, l.bank_ref as "bankRef", l.amount_ore as amount, l.booking_date as "bookingDate", l.named, l.match,
       coalesce(c.refs, '{}') as candidates
     from line l left join (select account, bank_ref, array_agg(ref order by ref) as refs from found group by 1, 2) c
       on c.account = l.account and c.bank_ref = l.bank_ref
     where l.match = 'unmatched' or c.refs is not null
     order by l.booking_date, l.account, l.bank_ref limit $2`,
    [municipality, limit],
  )
}

/** What others have moved on a shared account, a month at a time. @da ikke TØK */
export interface NotOurs {
  readonly account: string
  /** The first day of the month. */
  readonly month: Day
  readonly entries: number
  readonly out: Ore
  readonly in: Ore
}

/** Without the lines that a person has since said to be ours. */
export async function notOurs(db: Db, municipality: Municipality): Promise<NotOurs[]> {
  return await db.rows<NotOurs>(
    `select e.account, date_trunc('month', e.booking_date)::date as month, count(*) as entries,
       coalesce(sum(-e.amount_ore) filter (where e.amount_ore < 0), 0)::bigint as out,
       coalesce(sum(e.amount_ore) filter (where e.amount_ore > 0), 0)::bigint as "in"
     from statement_entries e where e.municipality_code = $1 and e.match = 'not_ours' and ${OPEN_LINE}
     group by 1, 2 order by 2, 1`,
    [municipality],
  )
}

/** The lines of them, the newest first. */
export async function notOurLines(db: Db, municipality: Municipality, limit: number): Promise<OpenLine[]> {
  return await db.rows<OpenLine>(
    `select e.account, e.bank_ref as "bankRef", e.amount_ore as amount, e.booking_date as "bookingDate", e.named, e.match,
       array[]::text[] as candidates
     from statement_entries e where e.municipality_code = $1 and e.match = 'not_ours' and ${OPEN_LINE}
     order by e.booking_date desc, e.account, e.entry_no limit $2`,
    [municipality, limit],
  )
}

export interface HandMatch {
  /** '' when the bank's reference is enough to know the line by. */
  readonly account: string
  readonly bankRef: string
  /**
   * The bundle (`0751R12U7511`) or payment (`0751R12N3`) that the line settles, or returns; or what was paid elsewhere
   * (`outside 3`).
   */
  readonly to: string
  readonly by: string
  readonly reason: string
}

export interface MatchAct {
  readonly workNo: number
  readonly at: string
  readonly postedOn: (wish: Day) => Day
}

/**
 * Books what a person says. Refuses `reason_missing`, `no_open_line`, `line_ambiguous`, `unknown_payment`, and
 * `does_not_match` when the amount differs, or the bundle or payment is settled or returned already.
 */
export async function matchByHand(
  tx: Tx,
  municipality: Municipality,
  match: HandMatch,
  act: MatchAct,
  accounts: RailAccounts & OutsideAccounts,
): Promise<'settled' | 'returned' | 'outside'> {
  if (match.reason.trim() === '') throw new Refusal('reason_missing', 'Say why the line is what you say it is.')
  const line = await openLine(tx, municipality, match)
  const outsideNo = Number(/^outside (\d{1,7})$/.exec(match.to)?.[1] ?? 0)
  if (outsideNo > 0) {
    if (!(await isLineOfOutside(tx, municipality, outsideNo, line.amount_ore))) throw doesNotMatch(line, match.to)
    await clearOutside(tx, municipality, { outsideNo, line }, act, accounts)
    await recordMatch(tx, municipality, match, line, act)
    return 'outside'
  }
  const named = idOf(municipality, match.to)
  const entry = {
    bankRef: `${line.bank_ref}${MARK}`,
    amount: line.amount_ore,
    bookingDate: line.booking_date,
    valueDate: line.value_date,
    ...named,
    reason: line.reason,
    count: line.payments,
  }
  const one = (await readPosition(tx, municipality, [entry])).judge(entry)
  if (one.match !== 'settled' && one.match !== 'returned') throw doesNotMatch(line, match.to)
  const { workNo, at, postedOn } = act
  const by = { workNo, position: 0, date: postedOn(line.booking_date), valueDate: line.booking_date, knownAt: at }
  const contra = line.match === 'not_ours' ? accounts.bank : accounts.unmatched
  await bookAgain(tx, municipality, [{ line, one }], by, accounts, contra)
  await recordMatch(tx, municipality, match, line, act)
  return one.match
}

function doesNotMatch(line: Line, to: string): Refusal {
  const otherwise =
    line.amount_ore < 0 ? 'is settled already, or was refused.' : 'has not left the account, or has come back.'
  return new Refusal(
    'does_not_match',
    `The bank booked ${line.amount_ore} øre on ${formatDay(line.booking_date)}; ${to} has another amount, ${otherwise}`,
  )
}

async function recordMatch(
  tx: Tx,
  municipality: Municipality,
  { by, reason }: HandMatch,
  line: Line,
  { workNo, at }: MatchAct,
): Promise<void> {
  const row = [municipality, workNo, line.account, line.bank_ref, at, by, reason]
  await tx.run('insert into hand_matches values ($1, $2, $3, $4, $5, $6, $7)', row)
}

function idOf(municipality: Municipality, to: string): { bundleId: string; endToEndId: string } {
  const bundle = bundleOfId(to)
  if (bundle?.municipality === municipality) return { bundleId: to, endToEndId: '' }
  if (paymentOfEndToEndId(to)?.municipality === municipality) return { bundleId: '', endToEndId: to }
  throw new Refusal(
    'unknown_payment',
    `${to} is no bundle (0751R12U7511), no payment (0751R12N3) of this municipality, and nothing paid elsewhere (outside 3).`,
  )
}

type Line = LineAgain & { readonly match: string }

async function openLine(tx: Tx, municipality: Municipality, { account, bankRef }: HandMatch): Promise<Line> {
  const lines = await tx.rows<Line>(
    `select e.account, e.bank_ref, e.amount_ore, e.booking_date, e.value_date, e.payments, e.unit, e.named, e.reason, e.match
     from statement_entries e where e.municipality_code = $1 and e.bank_ref = $2 and ($3 = '' or e.account = $3)
       and ${OPEN_LINE}`,
    [municipality, bankRef, account],
  )
  const [line] = lines
  if (line === undefined) throw new Refusal('no_open_line', `No bank line ${bankRef} waits to be matched here.`)
  if (lines.length > 1) {
    throw new Refusal('line_ambiguous', `${bankRef} stands on several accounts; say which: --account.`)
  }
  return line
}
