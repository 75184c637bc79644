/** Random histories: which repayments a version decides, and decisions that only decide such. */
import type { SourceSystem } from '../../src/modules/orders/index.ts'
import { pick } from './dice.ts'
import { amountOf, type Decision, draw, type History, type Known, tell } from './drawn-decision.ts'
import { type BenefitLine, COMPANY, monthText, type Repayment, textOf, type Version } from './history-records.ts'

/** Of what is overpaid, of what the version itself takes down, or of a time before TØK; sometimes too much. */
export function repaymentsOf(
  history: History,
  { beneficiary: holder, system, content }: Pick<Decision, 'beneficiary' | 'system' | 'content'>,
  now: number,
  lines: readonly BenefitLine[],
  known: Known,
): Repayment[] {
  const { roll, decided } = history
  const lowered = content.lines.flatMap((old) => {
    const gross = old.gross - (lines.find((line) => textOf(line) === textOf(old))?.gross ?? 0)
    return (old.holder === holder || holder === COMPANY) && gross > 0 ? [{ ...old, holder, gross }] : []
  })
  const ancient = { holder, benefit: pick(roll, BENEFITS_OF[system]), component: 'grundsats', gross: amountOf(roll) }
  const before = roll(6) === 0 ? [{ ...ancient, from: '2024-03-01', to: '2024-04-01' }] : []
  const found = [...known.overpaid(system, holder), ...lowered, ...before]
  if (found.length === 0) return []
  const { gross, ...key } = pick(roll, found)
  const amount = [gross, gross, gross, 1 + roll(gross), 1 + roll(gross), gross + 1 + roll(500_000)][roll(6)] as number
  const claim = `T-${history.next++}`
  // What an employer was refunded the employer owes, and no citizen's payment can bear.
  if (key.benefit !== 'sygedagpenge_arbejdsgiver' || holder === COMPANY)
    decided.set(holder, [...(decided.get(holder) ?? []), claim])
  draw(history, 'repayment')
  return [{ ...key, claim, amount, decided: `${monthText(now)}-02` }]
}

const BENEFITS_OF: Readonly<Record<SourceSystem, readonly string[]>> = {
  KY: ['kontanthjaelp', 'enkeltydelse'],
  KSD: ['sygedagpenge'],
  KP: ['personligt_tillaeg'],
}

/** A decision of its own that only claims. */
export function decidesRepayment(history: History, now: number, known: Known): Version[] {
  const { roll, citizens } = history
  const beneficiary = pick(roll, citizens)
  const system = pick(roll, ['KY', 'KSD', 'KP'] as const)
  const content = { payee: beneficiary, lines: [], takes: [], repayments: [], withdrawn: false }
  const repayments = repaymentsOf(history, { beneficiary, system, content }, now, [], known)
  if (repayments.length === 0) return []
  const decision: Decision = {
    order: `${system}-${history.next++}`,
    system,
    beneficiary,
    holders: [beneficiary],
    benefits: [],
    version: 0,
    content,
    before: undefined,
    missing: undefined,
  }
  history.decisions.push(decision)
  return [tell(history, decision, { ...content, repayments }, now, false)]
}
