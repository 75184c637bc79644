/** Random histories: the books of a municipality held against the model of what its decisions want. */
import type { Municipality } from '../../src/base/id.ts'
import type { Books } from './check-history.ts'
import { calculate } from './history-model.ts'
import { monthText, numberOf } from './history-records.ts'
import type { Given, Model, Stands } from './history-stands.ts'
import type { TestLine } from './line.ts'
import { type Played, same } from './played-history.ts'
import { mayBeStopped } from './stop-history.ts'

/** How often something was seen. */
export type Counts = Map<string, number>

export function count(counts: Counts, what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1)
}

type BooksOf = ReadonlyMap<Municipality, Books>

function givenBy(line: TestLine, model: Model, code: Municipality, before: BooksOf, after: BooksOf): Given {
  const [was, is] = [before.get(code) as Books, after.get(code) as Books]
  return {
    fatesOf: (order, version, key) => was.fates.get(order)?.get(`${version} ${key}`) ?? [],
    closedOf: (order, version, claim, key) => is.closed.get(order)?.get(`${version} ${claim} ${key}`) ?? 0,
    revokedOf: (by, claim, order, key) =>
      is.revoked.get(order)?.get(`${by.order} ${numberOf(by)} ${claim} ${key}`) ?? 0,
    claimedOf: (by, claim, order, key) =>
      is.claimed.get(order)?.get(`${by.order} ${numberOf(by)} ${claim} ${key}`) ?? 0,
    plannedBy: (by, key) => is.planned.get(by.order)?.get(`${numberOf(by)} ${key}`) ?? 0,
    // What another order claimed before its turn came is torn no more; what another claims no more is torn again.
    isTorn: (order) =>
      was.torn.has(order)
        ? is.torn.has(order) || cameBack(model, is, order) || !byAnotherNow(was.claimed, is.claimed, order)
        : is.torn.has(order) && cameBack(model, is, order) && byAnotherNow(was.revoked, is.revoked, order),
    isTornClaim: (order, claim) => was.tornClaims.get(order)?.has(claim) === true,
    isUnanswered: (order) => was.unanswered.has(order),
    takenBy: (by) =>
      [...(is.taken.get(by.order) ?? [])].flatMap(([at, row]) => (at.startsWith(`${numberOf(by)} `) ? [row] : [])),
    isHeld: (one) => is.held.get(one.order)?.get(String(numberOf(one))) === 'unfounded_repayment',
    waitsOf: (one) => is.held.get(one.order)?.get(String(numberOf(one))),
    isStopped: (one) => is.stopped.get(one.order)?.has(String(numberOf(one))) === true,
    suppressedOf: (order) => is.suppressed.get(order) ?? new Map(),
    standsOf: (order) => was.stands.get(order) ?? new Map(),
    benefitId: (benefit) => line.rates.known.benefitId.get(benefit) ?? 0,
  }
}

function cameBack(model: Model, is: Books, order: string): boolean {
  const newest = model.decisions.get(order)?.newest
  return newest !== undefined && is.held.get(order)?.get(String(numberOf(newest))) === 'came_back'
}

/** Another order than its own claimed of it, or claims no more. */
function byAnotherNow(was: Books['claimed'], is: Books['claimed'], order: string): boolean {
  const before = was.get(order)
  return [...(is.get(order) ?? [])].some(([at, gross]) => !at.startsWith(`${order} `) && before?.get(at) !== gross)
}

export function compare(
  line: TestLine,
  play: Played,
  now: number,
  before: BooksOf,
  after: BooksOf,
  counts: Counts,
): void {
  const { code, model } = play
  const books = after.get(code) as Books
  let due: readonly Stands[]
  try {
    due = calculate(model, `${monthText(now + 1)}-01`, givenBy(line, model, code, before, after))
  } catch (error) {
    play.faults.push(`${monthText(now)}: ${(error as Error).message}`)
    return
  }
  for (const one of model.decisions.values()) {
    const { order, newest, claims, wanted, overpaid, adjusting, held } = one
    const is = (what: string, actual: unknown, expected: unknown) =>
      same(play, `${monthText(now)}: ${what}`, order, actual, expected)
    is('what stands', sorted(books.stands.get(order)), sorted(wanted))
    is('what is overpaid', sorted(books.overpaid.get(order)), sorted(overpaid))
    is('what is let go', sorted(books.suppressed.get(order)), sorted(one.suppressed))
    is('what is to be taken', sorted(books.adjusting.get(order)), sorted(adjusting))
    const claimed = new Map(claims.map(({ claim, key, gross }) => [`${claim} ${key}`, gross]))
    is('what is claimed', sorted(books.claims.get(order)), sorted(claimed))
    is('why the newest version waits', newest && books.held.get(order)?.get(String(numberOf(newest))), held)
    if (newest !== undefined && books.stopped.get(order)?.has(String(numberOf(newest))) === true) {
      count(counts, 'waits for a register or a person')
      if (!mayBeStopped(play, newest)) play.faults.push(`${monthText(now)}: ${order} is stopped for nobody`)
    }
    if (!due.includes(one)) continue
    if (held === 'came_back') count(counts, 'came back in part')
    if (held === 'small_amount') count(counts, 'gathered')
    if (held === 'awaits_answer') count(counts, 'waits for an answer')
    if (held === 'unfounded_repayment') count(counts, 'claims too much')
    if (held !== undefined) continue
    const paid = new Map(one.fresh.map(({ version, key, gross }) => [`${version} ${key}`, gross]))
    const made = [...(books.paid.get(order) ?? [])].filter(([at]) => newest && at.startsWith(`${numberOf(newest)} `))
    is('what the newest version pays', sorted(new Map(made)), sorted(paid))
  }
}

function sorted(map: ReadonlyMap<string, number> | undefined): [string, number][] {
  return [...(map ?? [])].sort(([a], [b]) => (a < b ? -1 : 1))
}
