/**
 * A fact stops what is calculated and has not left the house: of a party that died, disappeared, went bankrupt or
 * closed, and of a person whose tax card changed. The run goes on without it. What is stopped is taken back whole, tax
 * and contributions too, and the same version is there again: held until a person releases it, or, of a tax card, to be
 * calculated at once. What is released is sent in the same act and cannot be called back here: it is a work item.
 */
import type { Tx } from '../../base/db.ts'
import type { Day } from '../../base/date.ts'
import { itemId, type Municipality, type OrderId, orderOfItem } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { type ClaimMovement, recordClaimMovements } from '../../modules/claims/index.ts'
import {
  type CausedMovement,
  ordersOnOlderCards,
  type PaidItem,
  readItems,
  readUnsent,
  recordMovements,
  withdrawUnsent,
} from '../../modules/items/index.ts'
import { type LedgerBatchWriter, ledgerBatchNo, ledgerWriter } from '../../modules/ledger/index.ts'
import { holdBehindNewer, holdForEvents, orderAgain, touchedOrders } from '../../modules/orders/index.ts'
import { stoppingEvents } from '../../modules/parties/index.ts'
import { paysOnTo, type StopCause, stopOrders, stopThirdParties } from '../../modules/payments/index.ts'
import type { RateReader } from '../../modules/rates/index.ts'
import { post, setOffsOf } from './correction-book.ts'
import { accountsOf } from './item-accounts.ts'
import { nextWorkNo } from './plan-month.ts'

export interface Stopping {
  readonly municipality: Municipality
  readonly knownAt: string
  /** Only what this intake tells; else every event that is known. */
  readonly intakeNo?: number
  /** The intake tells tax cards. */
  readonly cards?: boolean
}

interface Stop {
  readonly order: OrderId
  readonly cause: StopCause
  readonly intakeNo: number
  readonly date?: string
}

export async function stopUnsent(tx: Tx, rates: RateReader, what: Stopping): Promise<void> {
  const { municipality, knownAt, intakeNo } = what
  const parties = await stoppingEvents(tx, municipality, intakeNo)
  const stops: Stop[] = []
  if (parties.length > 0) {
    const touched = await touchedOrders(tx, municipality, knownAt, intakeNo)
    const waiting = touched.filter((one) => !one.calculated)
    await holdForEvents(tx, municipality, waiting, knownAt)
    const made = touched.filter((one) => one.calculated)
    const unsent = await readUnsent(
      tx,
      municipality,
      made.map((one) => one.order),
    )
    stops.push(...made.filter((one) => unsent.has(one.order)).map((one) => ({ ...one, cause: one.event })))
  }
  if (what.cards === true && intakeNo !== undefined) {
    const stopped = new Set(stops.map((one) => one.order))
    const older = await ordersOnOlderCards(tx, municipality, intakeNo)
    const unsent = await readUnsent(tx, municipality, older)
    for (const order of older) {
      if (unsent.has(order) && !stopped.has(order)) stops.push({ order, cause: 'tax_card', intakeNo })
    }
  }
  const paysOn = parties.map(({ party, event, date }) => ({ party, cause: event, date }))
  if (stops.length === 0 && !(await paysOnTo(tx, municipality, paysOn))) return
  const workNo = await nextWorkNo(tx, municipality)
  await tx.run(
    `insert into work_batches (municipality_code, work_no, kind, cause, known_at, order_ids)
     select $1::smallint, $2::int, 'outcome', 'stop ' || $2::int, $3::timestamptz,
       array(select order_id from orders where municipality_code = $1 and order_id = any ($4)
         order by beneficiary, order_id)`,
    [municipality, workNo, knownAt, stops.map((one) => one.order)],
  )
  await stopOrders(tx, municipality, workNo, stops)
  await stopThirdParties(tx, municipality, workNo, paysOn)
  const again = await orderAgain(tx, municipality, stops)
  // Where a newer version waits to be calculated it is the one that is paid.
  const replaced = await holdBehindNewer(tx, municipality, [...again.values()], knownAt)
  const held = stops.flatMap(({ order: was, cause, date }) => {
    const order = again.get(was) ?? was
    return cause === 'tax_card' || date === undefined || replaced.has(order) ? [] : [{ order, event: cause, date }]
  })
  await holdForEvents(tx, municipality, held, knownAt)
  const items = await takeBack(tx, rates, { municipality, workNo, knownAt, again })
  await tx.run('insert into work_done values ($1, $2, $3)', [
    municipality,
    workNo,
    JSON.stringify({ items, orders: stops.length }),
  ])
}

interface TakingBack {
  readonly municipality: Municipality
  readonly workNo: number
  readonly knownAt: string
  /** By the order that is stopped, the order that is there again. */
  readonly again: ReadonlyMap<OrderId, OrderId>
}

/** Posts the stopped items back, each on the day for which it was posted; a set-off is given back to its claim. */
async function takeBack(tx: Tx, rates: RateReader, work: TakingBack): Promise<number> {
  const { municipality, workNo, knownAt, again } = work
  if (again.size === 0) return 0
  const { items, lines } = await readItems(tx, municipality, [...again.keys()], rates)
  const book = ledgerWriter(municipality)
  const ledgers = new Map<Day, LedgerBatchWriter>()
  const ledgerOn = (day: Day): LedgerBatchWriter => {
    const ledger = ledgers.get(day) ?? book.batch(ledgerBatchNo(workNo, ledgers.size), day, knownAt)
    ledgers.set(day, ledger)
    return ledger
  }
  const posting = { rates, accounts: accountsOf(rates), lines }
  const given: ClaimMovement[] = []
  const movements: CausedMovement[] = []
  const days = Map.groupBy(items.values(), (item) => item.payDay)
  for (const [day, own] of [...days].sort(([a], [b]) => a - b)) {
    const ledger = ledgerOn(day)
    for (const item of own) {
      const taken = withdrawUnsent([item], lines)
      if (taken.length === 0) continue
      const order = again.get(orderOfItem(item.item)) as OrderId
      const setOffs = setOffsOf(posting, item)
      ledger.entry(order)
      for (const movement of taken) {
        post(posting, ledger, movement, item, setOffs)
        movements.push({ ...movement, order, postedOn: day })
      }
      given.push(...givenBack(item, order, given.length))
    }
  }
  await book.write(tx)
  await recordMovements(tx, municipality, workNo, movements)
  await recordClaimMovements(tx, municipality, given)
  return movements.length
}

/** Told with the first line of the order that is there again, as what a correction gives back. */
function givenBack(item: PaidItem, order: OrderId, from: number): ClaimMovement[] {
  return item.taken
    .filter((one) => one.claimId > 0)
    .map(({ claimId, amount }, i) => ({ claimId, item: itemId(order, 0), line: from + i, amount: -amount as Ore }))
}
