/**
 * How many persons beside who assembled it approve a run. As the municipality has said of its systems and benefits, the
 * strictest of them; and always two of what was made by hand here and of large payments. Pure. @da frigivelsespolitik
 */
import type { LocalRules, Release } from '../rates/index.ts'
import { benefitKey, type GatheredRun, numberedPayments } from './gather.ts'
import type { ArrangementFact, NewFinding } from './gate.ts'
import { type MovedParts, partName } from './cut-off.ts'
import { PART_AGAIN } from './part.ts'

export type PolicyReason =
  /** The municipality's rule says so. */
  | Release
  /** Something goes to a payee or an account that was entered here. */
  | 'arranged'
  /** A person has let something be paid that was stopped. */
  | 'again'
  /** A payment is above the municipality's limit. */
  | 'large'
  /** Its source wants it paid at once: a person looks at it. */
  | 'at_once'
  /** A person pays it acutely. */
  | 'acute'
  /** Something was found: it is not let go by itself. */
  | 'found'

export interface RunPolicy {
  readonly runNo: number
  readonly approvers: 0 | 1 | 2
  readonly reasons: readonly PolicyReason[]
  /** Who made something of it by hand: none of them approves it. */
  readonly makers: readonly string[]
}

const APPROVERS: Readonly<Record<Release, 0 | 1 | 2>> = { automatic: 0, one: 1, two: 2 }

export function policyOf(
  runNo: number,
  gathered: GatheredRun,
  rules: LocalRules,
  arrangements: ReadonlyMap<number, ArrangementFact>,
  findings: readonly NewFinding[],
  moved: MovedParts = new Set(),
): RunPolicy {
  let approvers: 0 | 1 | 2 = 0
  const reasons = new Set<PolicyReason>()
  const makers = new Set<string>()
  const two = (why: PolicyReason): void => {
    approvers = 2
    reasons.add(why)
  }
  const released = new Map<number, Release | undefined>()
  const limited = rules.rules.some((rule) => rule.kind === 'two_approvers_over')
  for (const { group, payment } of numberedPayments(runNo, gathered)) {
    for (const { item, benefit, part } of payment.parts) {
      const key = benefitKey(group.source, benefit)
      if (!released.has(key)) released.set(key, rules.release(group.source, benefit, gathered.date))
      if (part >= PART_AGAIN && !moved.has(partName({ item, part }))) two('again')
    }
    if (payment.arrangement > 0) {
      two('arranged')
      makers.add(arrangements.get(payment.arrangement)?.enteredBy ?? '')
    }
    if (!limited) continue
    const benefit = payment.parts[0]?.benefit ?? 0
    const limit = rules.twoApproversOver(group.source, benefit, gathered.date)
    if (limit !== undefined && payment.amount > limit) two('large')
  }
  for (const rule of released.values()) {
    const needed = APPROVERS[rule ?? 'one']
    if (rule !== undefined && needed >= approvers) reasons.add(rule)
    if (needed > approvers) approvers = needed
  }
  if (gathered.purpose === 'acute') two('acute')
  if (gathered.purpose === 'at_once') {
    if (approvers === 0) approvers = 1
    reasons.add('at_once')
  }
  if (approvers === 0 && findings.some((one) => one.runNo === runNo && one.effect !== 'nothing')) {
    approvers = 1
    reasons.add('found')
  }
  makers.delete('')
  return { runNo, approvers, reasons: [...reasons].sort(), makers: [...makers].sort() }
}
