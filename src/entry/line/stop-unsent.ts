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
import { type ClaimMovement, GIVEN_BACK_BY_STOP, recordClaimMovements } from '../../modules/claims/index.ts'
import {
  type CausedMovement,
  giveBack,
  type Items,
  moved,
  ordersOnOlderCards,
  type PaidItem,
  readItems,
  readUnsent,
  recordMovements,
  type TakenThere,
  takenInPayments,
  withdrawUnsent,
} from '../../modules/items/index.ts'
import { type LedgerBatchWriter, ledgerBatchNo, ledgerWriter, postingDays } from '../../modules/ledger/index.ts'
import {
  calculatedThoughHeld,
  holdBehindNewer,
  holdForEvents,
  holdOrder,
  orderAgain,
  type TouchedOrder,
  touchedOrders,
} from '../../modules/orders/index.ts'
import { stoppingEvents } from '../../modules/parties/index.ts'
import { type FactCause, heldOrders, paysOnTo, stopOrders, stopThirdParties } from '../../modules/payments/index.ts'
import { type RateReader, ratesIn } from '../../modules/rates/index.ts'
import { post, type Posting, setOffsOf } from './correction-book.ts'
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
  readonly cause: FactCause
  /** The intake that told the cause: the order that is there again is numbered behind it. */
  readonly intakeNo: number
}

export async function stopUnsent(tx: Tx, rates: RateReader, what: Stopping): Promise<void> {
  const { municipality, knownAt, intakeNo } = what
  const parties = await stoppingEvents(tx, municipality, intakeNo)
  const touched = parties.length === 0 ? [] : await touchedBy(tx, what)
  await holdForEvents(
    tx,
    municipality,
    touched.filter((one) => !one.calculated),
    knownAt,
  )
  const stops = [...(await stopsForEvents(tx, municipality, touched)), ...(await stopsForCards(tx, what, touched))]
  const paysOn = parties.map(({ event, ...party }) => ({ ...party, cause: event }))
  if (stops.length === 0 && !(await paysOnTo(tx, municipality, paysOn))) return
  const workNo = await nextWorkNo(tx, municipality)
  await tx.run(
    `insert into work_batches (municipality_code, work_no, kind, cause, known_at, order_ids)
     select $1::smallint, $2::int, 'outcome', 'stop ' || $2::int, $3::timestamptz,
       array(select order_id from orders where municipality_code = $1 and order_id = any ($4)
         order by beneficiary, order_id)`,
    [municipality, workNo, knownAt, stops.map((one) => one.order)],
  )
  const heldLines = await heldOrders(
    tx,
    municipality,
    stops.map((one) => one.order),
  )
  await stopOrders(tx, municipality, workNo, stops)
  await stopThirdParties(tx, municipality, workNo, paysOn)
  const again = await orderAgain(tx, municipality, stops)
  // Where a newer version waits to be calculated it is the one that is paid.
  const replaced = await holdBehindNewer(tx, municipality, [...again.values()], knownAt)
  const held = touched.flatMap((one) => {
    const order = again.get(one.order)
    return order === undefined || replaced.has(order) ? [] : [{ ...one, order }]
  })
  await holdForEvents(tx, municipality, held, knownAt)
  // A person, or a control, has held a line of it: what is calculated again waits for the same.
  for (const [stopped, reason] of heldLines) {
    const order = again.get(stopped)
    if (order === undefined || replaced.has(order)) continue
    await holdOrder(tx, { municipality, order, reason, at: knownAt, by: 'toek' })
  }
  const items = await takeBack(tx, rates, { municipality, workNo, knownAt, again })
  await tx.run('insert into work_done values ($1, $2, $3)', [
    municipality,
    workNo,
    JSON.stringify({ items, orders: stops.length }),
  ])
}

/** What an intake tells; else what was told after the orders were planned, and they were calculated all the same. */
async function touchedBy(tx: Tx, { municipality, knownAt, intakeNo }: Stopping): Promise<TouchedOrder[]> {
  if (intakeNo !== undefined) return await touchedOrders(tx, municipality, knownAt, { intakeNo })
  const orders = await calculatedThoughHeld(tx, municipality)
  return orders.length === 0 ? [] : await touchedOrders(tx, municipality, knownAt, { orders })
}

async function stopsForEvents(tx: Tx, municipality: Municipality, touched: readonly TouchedOrder[]): Promise<Stop[]> {
  const made = new Map(touched.filter((one) => one.calculated).map((one) => [one.order, one]))
  const unsent = await readUnsent(tx, municipality, [...made.keys()])
  return [...made.values()].filter((one) => unsent.has(one.order)).map((one) => ({ ...one, cause: one.event }))
}

/** An order that is stopped for an event is calculated with the card of its day when it is let go. */
async function stopsForCards(tx: Tx, what: Stopping, touched: readonly TouchedOrder[]): Promise<Stop[]> {
  const { municipality, intakeNo } = what
  if (what.cards !== true || intakeNo === undefined) return []
  const stopped = new Set(touched.map((one) => one.order))
  const older = (await ordersOnOlderCards(tx, municipality, intakeNo)).filter((order) => !stopped.has(order))
  const unsent = await readUnsent(tx, municipality, older)
  return older.filter((order) => unsent.has(order)).map((order) => ({ order, cause: 'tax_card', intakeNo }))
}

interface TakingBack {
  readonly municipality: Municipality
  readonly workNo: number
  readonly knownAt: string
  /** By the order that is stopped, the order that is there again. */
  readonly again: ReadonlyMap<OrderId, OrderId>
}

/** Posts the stopped items back, each on the day for which it was posted, if it is open; a set-off is given back. */
async function takeBack(tx: Tx, newest: RateReader, work: TakingBack): Promise<number> {
  const { municipality, workNo, knownAt, again } = work
  if (again.size === 0) return 0
  const rates = await ratesIn(tx, newest, municipality)
  const taken = await takenInPayments(tx, municipality, [...again.keys()])
  const ofOthers = taken.map((one) => orderOfItem(one.item))
  const { items, lines } = await readItems(tx, municipality, [...new Set([...again.keys(), ...ofOthers])], rates)
  const book = ledgerWriter(municipality)
  const ledgers = new Map<Day, LedgerBatchWriter>()
  const postedOn = await postingDays(tx, municipality)
  const ledgerOn = (day: Day): LedgerBatchWriter => {
    const ledger = ledgers.get(day) ?? book.batch(ledgerBatchNo(workNo, ledgers.size), postedOn(day), knownAt, day)
    ledgers.set(day, ledger)
    return ledger
  }
  const posting = { rates, accounts: accountsOf(rates), lines }
  const given: ClaimMovement[] = []
  const movements: CausedMovement[] = []
  const stopped = [...items.values()].filter((item) => again.has(orderOfItem(item.item)))
  const days = Map.groupBy(stopped, (item) => item.payDay)
  for (const [day, own] of [...days].sort(([a], [b]) => a - b)) {
    const ledger = ledgerOn(day)
    for (const item of own) {
      const withdrawn = withdrawUnsent([item], lines)
      if (withdrawn.length === 0) continue
      const order = again.get(orderOfItem(item.item)) as OrderId
      const setOffs = setOffsOf(posting, item)
      ledger.entry(order)
      for (const movement of withdrawn) {
        post(posting, ledger, movement, item, setOffs)
        movements.push({ ...movement, order, postedOn: ledger.postingDate })
      }
      given.push(...givenBack(item, order, given.length))
    }
  }
  movements.push(...notTaken(posting, ledgerOn, taken, { items, again }))
  await book.write(tx)
  await recordMovements(tx, municipality, workNo, movements, items)
  await recordClaimMovements(tx, municipality, given)
  return movements.length
}

/** What was overpaid and taken in a stopped payment is not taken: nobody has got less by it. */
function notTaken(
  posting: Posting & Pick<Items, 'lines'>,
  ledgerOn: (day: Day) => LedgerBatchWriter,
  taken: readonly TakenThere[],
  { items, again }: Pick<Items, 'items'> & Pick<TakingBack, 'again'>,
): CausedMovement[] {
  const now = new Map(items)
  return taken.flatMap(({ item: id, at, there, gross, postedOn }) => {
    const order = again.get(orderOfItem(there)) as OrderId
    const ledger = ledgerOn(postedOn)
    ledger.entry(order)
    return giveBack(now.get(id) as PaidItem, at, there, gross, posting.lines).map((movement) => {
      post(posting, ledger, movement, now.get(id) as PaidItem)
      now.set(id, moved(now.get(id) as PaidItem, movement, posting.lines))
      return { ...movement, order, postedOn: ledger.postingDate }
    })
  })
}

/** Told with the stop: the order that is there again may never be calculated. */
function givenBack(item: PaidItem, order: OrderId, from: number): ClaimMovement[] {
  return item.taken
    .filter((one) => one.claimId > 0)
    .map(({ claimId, amount }, i) => ({
      claimId,
      item: itemId(order, 0),
      line: GIVEN_BACK_BY_STOP + from + i,
      amount: -amount as Ore,
      setOffOf: item.item,
    }))
}
