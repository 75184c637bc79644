/** What of an order is refused at the door because of what is known here: not of its form, but of its meaning. */
import { fault } from '../../adapters/source-systems/index.ts'
import type { Tx } from '../../base/db.ts'
import type { Municipality } from '../../base/id.ts'
import type { Fault } from '../../base/refusal.ts'
import { type ClaimOwner, claimOwners } from '../../modules/claims/index.ts'
import { knownOrderKeys, type ParsedOrder, SOURCE_SYSTEM_ID, storedVersions } from '../../modules/orders/index.ts'

/**
 * Faults of these orders, by their position: a set-off against somebody else's claim, an order named that is not here.
 * A claim that is not known yet may come before it is calculated. What was taken in before is judged by its content
 * alone. `flush` stores what came before them and waits.
 */
export async function checkKnown(
  tx: Tx,
  municipality: Municipality,
  orders: readonly ParsedOrder[],
  flush: () => Promise<void> = () => Promise.resolve(),
): Promise<ReadonlyMap<number, readonly Fault[]>> {
  const keys = new Set<string>()
  const others = new Set<string>()
  for (const { order } of orders) {
    if (order.insteadOf !== undefined) others.add(order.insteadOf)
    for (const line of order.lines) if (line.kind === 'set_off') keys.add(line.claimKey)
  }
  if (keys.size + others.size === 0) return new Map()
  if (others.size > 0) await flush()
  const owners = keys.size === 0 ? new Map() : await claimOwners(tx, municipality, [...keys])
  const known = others.size === 0 ? others : await knownOf(tx, municipality, orders, [...others])
  const found = new Map<number, Fault[]>()
  for (const [i, { order }] of orders.entries()) {
    const faults = [...replacesUnknown(order, known), ...strayOf(order, owners)]
    if (faults.length > 0) found.set(i, faults)
  }
  if (found.size === 0) return found
  await flush()
  const suspects = [...found.keys()].map((i) => {
    const { order } = orders[i] as ParsedOrder
    return { i, source: SOURCE_SYSTEM_ID[order.sourceSystem], orderKey: order.orderKey, version: order.version }
  })
  for (const i of await storedVersions(tx, municipality, suspects)) found.delete(i)
  return found
}

/** All of one source system, as they come. */
async function knownOf(
  tx: Tx,
  municipality: Municipality,
  orders: readonly ParsedOrder[],
  keys: readonly string[],
): Promise<ReadonlySet<string>> {
  const { sourceSystem } = (orders[0] as ParsedOrder).order
  return await knownOrderKeys(tx, municipality, SOURCE_SYSTEM_ID[sourceSystem], keys)
}

/** One of another municipality is not told from one that nobody has: who asks may not see it. */
function replacesUnknown({ insteadOf }: ParsedOrder['order'], known: ReadonlySet<string>): Fault[] {
  if (insteadOf === undefined || known.has(insteadOf)) return []
  return [fault('instead_of_unknown', '/instead_of', `The order ${insteadOf} is not known here.`)]
}

function strayOf(order: ParsedOrder['order'], owners: ReadonlyMap<string, ClaimOwner>): Fault[] {
  return order.lines.flatMap((line, i) => {
    if (line.kind !== 'set_off') return []
    const owner = owners.get(line.claimKey)
    const { type, id } = order.beneficiary
    if (owner === undefined || (owner.debtor.type === type && owner.debtor.id === id)) return []
    const what = `The claim ${line.claimKey} is not the beneficiary's.${type === 'cpr' ? whoOwes(owner) : ''}`
    return [fault('claim_of_other_debtor', `/lines/${i}/claim_key`, what)]
  })
}

/** What an employer was refunded too much is the employer's to pay back, also where the order names the employee. */
function whoOwes({ debtor }: ClaimOwner): string {
  if (debtor.type === 'cpr') return ''
  return ' A company owes it: it is set off in an order of which the company is the beneficiary.'
}
