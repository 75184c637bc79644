/**
 * Which orders are calculated in one batch. A person is never split: a tax allowance is shared by all orders of a
 * person. Nor are persons who are linked: what one corrects another claims or owes, and batches run side by side.
 */
import type { Tx } from '../../base/db.ts'
import type { Day } from '../../base/date.ts'
import type { Municipality, OrderId, PartyId } from '../../base/id.ts'
import { type Link, ordersBeside, readLinks } from '../../modules/items/index.ts'
import { type DueOrder, inOrderOfPlan, readDueOrdersOf } from '../../modules/orders/index.ts'

/** Orders in a batch; a person is never split, so a batch may be a little larger. */
export const BATCH_ORDERS = 5_000

/** Linked persons come last, in batches of their own; each batch keeps the order of `due`. */
export function* cut(due: readonly DueOrder[], links: readonly Link[], most: number): Generator<readonly DueOrder[]> {
  const group = groupsOf(due, links)
  const alone = due.filter((one) => !group.has(one.person))
  yield* slices(alone, most, (one) => one.person)
  if (alone.length === due.length) return
  const of = ({ person }: DueOrder) => group.get(person) as PartyId
  const at = new Map(due.map((one, i) => [one.order, i]))
  const place = ({ order }: DueOrder) => at.get(order) as number
  const linked = due.filter((one) => group.has(one.person)).sort((a, b) => of(a) - of(b))
  for (const orders of slices(linked, most, of)) yield orders.toSorted((a, b) => place(a) - place(b))
}

/** What has the same key stands together and is not parted. */
function* slices(
  due: readonly DueOrder[],
  most: number,
  keyOf: (order: DueOrder) => PartyId,
): Generator<readonly DueOrder[]> {
  let from = 0
  while (from < due.length) {
    let to = Math.min(from + most, due.length)
    while (to < due.length && keyOf(due[to] as DueOrder) === keyOf(due[to - 1] as DueOrder)) to++
    yield due.slice(from, to)
    from = to
  }
}

/** Of the persons of these orders those who are linked with another of them: the lowest party of their group. */
function groupsOf(due: readonly DueOrder[], links: readonly Link[]): ReadonlyMap<PartyId, PartyId> {
  const lowest = new Map<PartyId, PartyId>()
  const rootOf = (party: PartyId): PartyId => {
    let root = party
    for (let next = lowest.get(root); next !== undefined; next = lowest.get(root)) root = next
    if (root !== party) lowest.set(party, root)
    return root
  }
  for (const { one, other } of links) {
    const [low, high] = [rootOf(one), rootOf(other)].sort((a, b) => a - b) as [PartyId, PartyId]
    if (low !== high) lowest.set(high, low)
  }
  const linked = new Set(links.flatMap(({ one, other }) => [one, other]))
  const persons = [...new Set(due.map((one) => one.person))].filter((person) => linked.has(person))
  const groups = Map.groupBy(persons, rootOf)
  return new Map([...groups].flatMap(([root, own]) => (own.length < 2 ? [] : own.map((one) => [one, root] as const))))
}

/** The orders that a person's next calculation takes together, and `also`, held or not; sorted as when planned. */
export async function readDueTogether(
  tx: Tx,
  municipality: Municipality,
  person: PartyId,
  horizon: Day,
  also: OrderId,
): Promise<OrderId[]> {
  let due = await readDueOrdersOf(tx, municipality, [person], horizon, also)
  for (let persons = new Set([person]); ; ) {
    const own = due.map((one) => one.order)
    const beside = await ordersBeside(tx, municipality, own, horizon)
    const others = [...beside.due.map((one) => one.person), ...beside.debtors].filter((one) => !persons.has(one))
    const near =
      others.length === 0 ? due : await linkedWith(tx, municipality, person, [...due, ...beside.due], others, horizon)
    const known = new Set(near.map((one) => one.person)).add(person)
    if (known.size <= persons.size) return persons.size === 1 ? own : await inOrderOfPlan(tx, municipality, own)
    ;[due, persons] = [near, known]
  }
}

/** Of these orders, and of what is due of the others, that of those who are linked with the person. */
async function linkedWith(
  tx: Tx,
  municipality: Municipality,
  person: PartyId,
  found: readonly DueOrder[],
  others: readonly PartyId[],
  horizon: Day,
): Promise<DueOrder[]> {
  const theirs = await readDueOrdersOf(tx, municipality, others, horizon, 0)
  const all = [...new Map([...found, ...theirs].map((one) => [one.order, one])).values()]
  const groups = groupsOf(all, await readLinks(tx, municipality, all))
  const group = groups.get(person)
  return all.filter((one) => one.person === person || (group !== undefined && groups.get(one.person) === group))
}
