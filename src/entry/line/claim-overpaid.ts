/** What a repayment line of an order claims: what is overpaid of the right and the time that it names, never more. */
import { formatDay } from '../../base/date.ts'
import { itemId, type OrderId, orderOfItem, type PartyId } from '../../base/id.ts'
import { formatKroner, type Ore } from '../../base/money.ts'
import {
  type Correcting,
  type Line as BenefitLine,
  type Lines,
  type Movement,
  type PaidItem,
  repay,
} from '../../modules/items/index.ts'
import type { DueLine } from '../../modules/orders/index.ts'
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
  readonly reason: string
}

export type Facts = CorrectionFacts & { readonly guard: Guard }

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
  const refuse = (reason: string): Held => ({ order: line.order, kind: 'unfounded_repayment', reason })
  const before = facts.decided.get(line.claimKey)
  if (before !== undefined) {
    const again = before.source === line.source && before.orderKey === facts.orderKeys.get(line.order)
    if (again && before.withdrawn) {
      return refuse(`The decision on claim ${line.claimKey} was withdrawn. Decide it again under a new claim key.`)
    }
    if (again && before.amount === line.amount) return undefined
    return refuse(`Claim ${line.claimKey} is decided already, of ${formatKroner(before.amount)} kr.`)
  }
  if (facts.decidedNow.has(line.claimKey) || sofar.some((one) => one.line.claimKey === line.claimKey)) {
    return refuse(`Claim ${line.claimKey} is decided twice.`)
  }
  const at = itemId(line.order, line.line)
  const decision = facts.lines.get(at) as BenefitLine
  const own = new Set(chainOf?.earlier)
  const isKnown = items.some((item) => isSame(item, line.source, decision, own, facts.lines))
  if (!isKnown && line.personType !== 0)
    return refuse(`Line ${decision.lineKey}: what an employer is to repay is decided in the order that paid it.`)
  const takeover = facts.guard.rules.takeover(line.source)
  if (!isKnown && takeover !== undefined && line.periodFrom >= takeover) {
    return refuse(
      `Line ${decision.lineKey}: nothing is paid of that time, which is ours since ${formatDay(takeover)}. ` +
        'Only what was paid can be claimed.',
    )
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
  const { source, decisionDate: decided, amount: gross } = line
  const repaid = repay({ ...decision, source, claimId, gross, decided, own }, { items, lines: facts.lines }, rates)
  if (repaid.beyond > 0) {
    const [said, overpaid] = [formatKroner(gross), formatKroner(gross - repaid.beyond)]
    return refuse(
      `Line ${decision.lineKey} decides ${said} kr. to be paid back; overpaid of it is ${overpaid} kr. ` +
        'Only what is overpaid can be claimed.',
    )
  }
  const { movements, items: changed } = repaid
  const payees = new Set(movements.map((one) => facts.items.get(one.item)?.payee ?? line.payee))
  const [debtor = line.person, another] = new Set(
    [...payees].map((payee) => debtorOf({ ...line, payee }, facts.companies, rates)),
  )
  if (another !== undefined) {
    return refuse(
      `Line ${decision.lineKey}: several were paid it. Decide what each is to repay in the order that paid it.`,
    )
  }
  return { claimed: { line, claimId, amount: repaid.claimed, fromItems: true, debtor }, movements, items: changed }
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
