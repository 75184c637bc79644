/** The specification of an employer's refunds: employee by employee, and what earlier ones were too much. */
import { ore, type Ore } from '../../base/money.ts'
import type { OrderFacts } from './order-facts.ts'
import type { SpecifiedItem, SpecifiedRefund } from './specification-types.ts'

type Draft = { -readonly [K in keyof SpecifiedRefund]: SpecifiedRefund[K] } & { references: string[] }

/**
 * KSD pays an employer for an employee: whatever it is called, it is a refund when a company gets a citizen's right.
 * Each employee and period with what it is before set-off; each set-off with the employee and period that its claim is
 * of. Together they are what is paid, or, of what waits to be paid, what it is to be.
 */
export function refundsOf(facts: OrderFacts, items: readonly SpecifiedItem[]): SpecifiedRefund[] {
  const refunds = new Map<string, Draft>()
  const add = (key: string, one: Omit<SpecifiedRefund, 'references'>, reference: string | undefined) => {
    const refund = refunds.get(key) ?? { ...one, references: [], amount: 0 as Ore }
    refund.amount = ore(refund.amount + one.amount)
    if (reference !== undefined && !refund.references.includes(reference)) refund.references.push(reference)
    refunds.set(key, refund)
  }
  for (const item of items) {
    const { concerns, period, reference } = item
    if (item.sourceSystem !== 'KSD' || concerns?.type !== 'cpr') return []
    const paid = item.paidHere > 0 ? item.paidHere : toBePaid(item)
    // What was set off of an item is told with the payment that carries its net.
    const setOffs = paid > 0 ? item.setOffs : []
    const before = ore(setOffs.reduce((sum, one) => sum + one.amount, paid as number))
    const key = `${concerns.id} ${period.from} ${period.to}`
    add(key, { employee: concerns, period, amount: before, claimKey: undefined }, reference)
    for (const { claimKey, amount } of setOffs) {
      const of = facts.claimsOf.get(claimKey)
      const employee = of === undefined ? concerns : facts.party(of.right_holder)
      const when = of === undefined ? period : { from: of.period_from, to: of.period_to }
      add(`claim ${claimKey}`, { employee, period: when, amount: ore(-amount), claimKey }, undefined)
    }
  }
  return [...refunds.values()].sort((a, b) => a.period.from - b.period.from)
}

/** Of an item that waits: its net, or what the order asks for where it is not calculated. */
function toBePaid({ waiting, calculation, gross }: SpecifiedItem): Ore {
  const waits = waiting?.kind === 'held' || waiting?.kind === 'not_calculated' || waiting?.kind === 'in_no_run'
  return waits ? (calculation?.net ?? gross) : ore(0)
}
