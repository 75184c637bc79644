/** What a repayment line of an order claims: what is overpaid of the right and the time that it names, never more. */
import { type Day, formatDay } from '../../base/date.ts'
import { itemId, type OrderId, orderOfItem, type PartyId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import {
  type Correcting,
  type Line as BenefitLine,
  type Lines,
  type Movement,
  type PaidItem,
  repay,
} from '../../modules/items/index.ts'
import type { DueLine, HoldDetail } from '../../modules/orders/index.ts'
import type { RateReader } from '../../modules/rates/index.ts'
import type { CorrectionFacts } from './correction-facts.ts'
import type { Guard, GuardKind } from './guard-orders.ts'

/** Claims decided in orders are numbered behind opening claims, which carry intake numbers. */
export const DECIDED_CLAIMS = 2 ** 21

/** A claim that a repayment line opens. */
export interface Claimed {
  readonly line: DueLine
  readonly claimId: number
  /** What is claimed: the line's own amount when nothing of it was paid here. */
  readonly amount: Ore
  /** False when TØK holds no item of it: paid before the takeover. */
  readonly fromItems: boolean
  readonly debtor: PartyId
}

export interface Held {
  readonly order: OrderId
  readonly kind: 'awaits_answer' | 'came_back' | 'unfounded_repayment' | 'small_amount' | GuardKind
  readonly detail?: HoldDetail
}

export type Facts = CorrectionFacts & { readonly guard: Guard }

/** With the reason why. */
type Unfounded = HoldDetail & Required<Pick<HoldDetail, 'why'>>

interface ClaimMade {
  readonly claimed: Claimed
  readonly movements: readonly Movement[]
  readonly items: readonly PaidItem[]
}

/** What a repayment line comes to; undefined when an earlier version of the order decided it already. */
export function claimOverpaid(
  line: DueLine,
  chainOf: Correcting | undefined,
  facts: Facts,
  items: readonly PaidItem[],
  rates: RateReader,
  nextClaim: () => number,
  sofar: readonly Claimed[],
): ClaimMade | Held | undefined {
  const refuse = (detail: Unfounded): Held => ({ order: line.order, kind: 'unfounded_repayment', detail })
  const before = decidedBefore(line, facts, sofar)
  if (before === 'again') return undefined
  if (before !== undefined) return refuse(before)
  const at = itemId(line.order, line.line)
  const decision = facts.lines.get(at) as BenefitLine
  const { lineKey: line_key } = decision
  const own = new Set(chainOf?.own)
  const isKnown = items.some((item) => isSame(item, line.source, decision, own, facts.lines))
  // An earlier version had another beneficiary: what was paid then is not this one's to repay.
  const ofOther =
    !isKnown && items.some((item) => isSame(item, line.source, decision, new Set(chainOf?.earlier), facts.lines))
  if (ofOther) return refuse({ why: 'of_other_person', line_key })
  if (!isKnown && line.personType !== 0) return refuse({ why: 'of_employer', line_key })
  const takeover = facts.guard.rules.takeover(line.source)
  if (!isKnown && takeover !== undefined && line.periodFrom >= takeover) {
    return refuse({ why: 'nothing_paid', line_key, limit: formatDay(takeover) })
  }
  if (!isKnown) {
    const claimed = {
      line,
      claimId: nextClaim(),
      amount: line.amount,
      fromItems: false,
      debtor: debtorOf(line, facts.companies, rates),
    }
    return { claimed, movements: [], items: [] }
  }
  const claimId = nextClaim()
  const { source, amount: gross } = line
  // A date that lies ahead makes no year end before it does: what is open then is turned when it ends.
  const decided = Math.min(line.decisionDate, facts.today) as Day
  const repaid = repay({ ...decision, source, claimId, gross, decided, own }, { items, lines: facts.lines }, rates)
  if (repaid.beyond > 0) return refuse({ why: 'too_much', line_key, ore: gross, of_ore: gross - repaid.beyond })
  const { movements, items: changed } = repaid
  const payees = new Set(movements.map((one) => facts.items.get(one.item)?.payee ?? line.payee))
  const [debtor = line.person, another] = new Set(
    [...payees].map((payee) => debtorOf({ ...line, payee }, facts.companies, rates)),
  )
  if (another !== undefined) return refuse({ why: 'several_paid', line_key })
  return { claimed: { line, claimId, amount: repaid.claimed, fromItems: true, debtor }, movements, items: changed }
}

/** `again`: an earlier version of the order decided the same. Else why a claim with this key cannot be decided. */
function decidedBefore(line: DueLine, facts: Facts, sofar: readonly Claimed[]): 'again' | Unfounded | undefined {
  const claim_key = line.claimKey
  const before = facts.decided.get(claim_key)
  if (before === undefined) {
    const twice = facts.decidedNow.has(claim_key) || sofar.some((one) => one.line.claimKey === claim_key)
    return twice ? { why: 'decided_twice', claim_key } : undefined
  }
  const again = before.source === line.source && before.orderKey === facts.orderKeys.get(line.order)
  if (again && before.withdrawn) return { why: 'withdrawn', claim_key }
  if (again && before.amount === line.amount) return 'again'
  return { why: again ? 'amount_changed' : 'of_other_order', claim_key, ore: line.amount, of_ore: before.amount }
}

/**
 * Who owes what was paid: the citizen whose right it was, or the company that got an employer's refund of it. A company
 * that was paid on a citizen's behalf owes nothing.
 */
export function debtorOf(
  paid: Pick<DueLine, 'payee' | 'person' | 'benefit' | 'periodFrom'>,
  companies: ReadonlySet<PartyId>,
  rates: RateReader,
): PartyId {
  const { earmarked, taxable } = rates.benefitRule(paid.benefit, paid.periodFrom)
  return companies.has(paid.payee) && !earmarked && !taxable ? paid.payee : paid.person
}

/** Whether an item is, or was, what a repayment decision is about: of the same right and time. */
function isSame(
  item: PaidItem,
  source: number,
  decision: BenefitLine,
  own: ReadonlySet<OrderId>,
  lines: Lines,
): boolean {
  if (item.source !== source) return false
  return item.stoodAt.some((at) => {
    const line = lines.get(at)
    return (
      line !== undefined &&
      (line.rightHolder === decision.rightHolder || own.has(orderOfItem(item.item))) &&
      line.benefit === decision.benefit &&
      line.period.from < decision.period.to &&
      decision.period.from < line.period.to
    )
  })
}
