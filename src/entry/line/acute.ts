/**
 * Pays orders without waiting for an ordinary run: in one of their own, on the same bank day where the rail can. A
 * person asks for an order; what its source wants at once goes when somebody looks. What is not calculated is
 * calculated now; what lies in a run that is not released leaves it. @da akut udbetaling
 */
import { danishDay } from '../../base/danish-time.ts'
import type { Tx } from '../../base/db.ts'
import { type Day, monthOf } from '../../base/date.ts'
import type { Municipality, OrderId, PartyId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { Refusal } from '../../base/refusal.ts'
import { recordAudit } from '../../modules/access/index.ts'
import { answeredSince } from '../../modules/items/index.ts'
import {
  decideHoldsAgain,
  inOrderOfPlan,
  NOT_HELD,
  releaseWaiting,
  SOURCE_SYSTEM_ID,
  type SourceSystem,
} from '../../modules/orders/index.ts'
import {
  fileIdOf,
  type GatheredRun,
  type OrderPart,
  partsOfOrders,
  type PaymentRun,
  readDue,
  readRuns,
  recordPayDays,
  settledOtherwise,
  wantedAtOnce,
} from '../../modules/payments/index.ts'
import { closedDays, newestRates, type RateReader, readLocalRules, takeLawsIntoUse } from '../../modules/rates/index.ts'
import { calculateIn } from './calculate-batch.ts'
import { firstPayDay } from './correction-facts.ts'
import { crossYearOf } from './cross-year.ts'
import { holdLines } from './hold-payments.ts'
import { dueAgainOn } from './let-go.ts'
import { acuteDayOf, atOnce, planPayDays } from './pay-days.ts'
import { assemble, railsOf } from './pay-run.ts'
import { nextWorkNo } from './plan-month.ts'

export interface PayingAcutely {
  readonly municipality: Municipality
  readonly source: SourceSystem
  readonly orderKey: string
  readonly reason: string
  /** Who asks: the planner of the run. */
  readonly by: string
  /** When: what is paid on which day, and every time that is told, follows from it. */
  readonly at: string
  /** Not before this day; default the first that the rail can. */
  readonly on?: Day | undefined
}

/** A run that waits for its approvers. */
export interface AcuteRun {
  readonly run: string
  readonly payments: number
  readonly amount: Ore
  readonly payOn: Day
}

interface Found {
  readonly order: OrderId
  readonly person: PartyId
  readonly active: boolean
  readonly held: boolean
  readonly calculated: boolean
}

/** A person wants one order paid now. Refuses, with the reason, what cannot be paid, or is paid so already. */
export async function payAcutely(tx: Tx, rates: RateReader, act: PayingAcutely): Promise<AcuteRun[]> {
  const { municipality, source, orderKey, by, at, reason } = act
  if (reason.trim() === '') throw new Refusal('reason_missing', 'Say why it is paid acutely.')
  const found = await newestOf(tx, act)
  const payOn = await dayFor(tx, rates, found.order, act)
  const workNo = found.calculated
    ? await takeOutOfRun(tx, found.order, payOn, act)
    : await calculateAlone(tx, rates, found, { ...act, payOn })
  const kind = 'acute' as const
  if (found.calculated)
    await recordPayDays(tx, municipality, [{ workNo, order: found.order, kind, payOn, reason }], act)
  const made = await runsOf(tx, rates, act, (railOf) => readDue(tx, municipality, after(payOn), railOf, workNo))
  if (made.length === 0) throw nothingDue(`${source} ${orderKey}`, 'it pays nothing out')
  if (made.every((one) => one.payments === 0)) throw heldAtOnce(`${source} ${orderKey}`)
  const subject = `${source}/${orderKey}`
  const detail = { reason, runs: made.map((one) => one.run).join(', ') }
  await recordAudit(tx, { municipality, at, actor: by, command: 'order.acute', subject, detail })
  return made
}

/** What sources want at once and no ordinary run would reach: in one run a day, as they are calculated now. */
export async function payWanted(
  tx: Tx,
  rates: RateReader,
  act: Pick<PayingAcutely, 'municipality' | 'by' | 'at'>,
): Promise<AcuteRun[]> {
  const { municipality, at } = act
  await holdsAgain(tx, rates, municipality, at)
  const rules = await readLocalRules(tx, municipality)
  const closed = closedDays(rates, rules, municipality)
  const wanted = await settledOtherwise(tx, municipality, await wantedAtOnce(tx, municipality))
  const first = firstPayDay(at, closed)
  const now = wanted.filter(
    (one) => atOnce(one, acuteDayOf(rates, rules, one, at, closed), first, closed) !== undefined,
  )
  const orders = now.map((one) => one.order)
  if (orders.length === 0) return []
  await refuseWhileCalculated(tx, municipality, orders)
  const workNo = await planAlone(tx, rates, municipality, orders, at)
  await planPayDays(tx, rates, municipality, { works: [{ workNo, orders }], due: () => [], at })
  await calculateIn(tx, rates, { municipality, workNo, knownAt: at })
  return await runsOf(tx, rates, act, async (railOf) =>
    (await readDue(tx, municipality, first, railOf)).filter((run) => run.purpose === 'at_once'),
  )
}

/** Runs that were made acutely and are not sent, for those who send what is approved. */
export async function acuteRuns(tx: Tx, municipality: Municipality): Promise<PaymentRun[]> {
  const runs = await readRuns(tx, municipality)
  return runs.filter((run) => run.purpose !== 'ordinary' && run.payments > 0 && !run.steps.includes('sent'))
}

async function newestOf(tx: Tx, { municipality, source, orderKey }: PayingAcutely): Promise<Found> {
  const found = await tx.first<Found>(
    `select o.order_id as order, o.beneficiary as person, o.state = 0 as active, not ${NOT_HELD} as held,
       exists (select from calculations c where c.municipality_code = $1 and c.order_id = o.order_id) as calculated
     from orders o where o.municipality_code = $1 and o.source_system = $2 and o.order_key = $3
     order by o.version desc, o.again desc limit 1`,
    [municipality, SOURCE_SYSTEM_ID[source], orderKey],
  )
  const name = `${source} ${orderKey}`
  if (found === undefined) throw new Refusal('unknown_order', `There is no order ${orderKey} of ${source} here.`)
  if (!found.active) throw nothingDue(name, 'its decision has ended')
  if (!found.calculated && found.held) {
    throw new Refusal('order_held', `${name} is held. Look at why, and release it first with «toek hold … --release».`)
  }
  return found
}

function nothingDue(name: string, why: string): Refusal {
  return new Refusal('nothing_due', `${name} is not paid acutely: ${why}.`)
}

/** By a kill switch, a finding, or what may have been paid elsewhere: nothing of the act is kept. */
function heldAtOnce(name: string): Refusal {
  const why = 'a kill switch, a finding, or a payment made elsewhere holds it'
  return new Refusal(
    'payment_held',
    `${name} is not paid acutely: ${why}. Look at «toek switch», «toek gate», «toek outside».`,
  )
}

async function dayFor(tx: Tx, rates: RateReader, order: OrderId, act: PayingAcutely): Promise<Day> {
  const lines = await tx.rows<{ benefit: number; from: Day }>(
    `select l.benefit, l.period_from as from from order_lines l where l.municipality_code = $1 and l.order_id = $2
       and l.kind = 0`,
    [act.municipality, order],
  )
  const rules = await readLocalRules(tx, act.municipality)
  const closed = closedDays(rates, rules, act.municipality)
  const first = acuteDayOf(rates, rules, { benefits: lines }, act.at, closed)
  return act.on !== undefined && act.on > first ? act.on : first
}

/** Takes what is not released out of its run, or makes what is in none due now; gives the number of the work. */
async function takeOutOfRun(tx: Tx, order: OrderId, payOn: Day, act: PayingAcutely): Promise<number> {
  const { municipality, reason, by, at } = act
  const parts = await partsOfOrders(tx, municipality, [order])
  const open = parts.filter((one) => one.state === 'due' || one.state === 'unreleased')
  const name = `${act.source} ${act.orderKey}`
  if (open.some((one) => one.state === 'unreleased' && one.purpose !== 'ordinary')) {
    throw new Refusal('acute_already', `${name} is in a run of its own already, which waits to be approved and sent.`)
  }
  if (open.length === 0) throw refusalOf(name, parts)
  const said = `Akut udbetaling: ${reason}`
  const unreleased = open.filter((one) => one.state === 'unreleased')
  await holdLines(tx, municipality, unreleased, { cause: 'held', reason: said, owner: by, by, at })
  const again = open.map(({ item, part, payee }) => ({ item, part, payee, dispositionDate: payOn }))
  return await dueAgainOn(tx, again, { municipality, reason: said, by, at })
}

function refusalOf(name: string, parts: readonly OrderPart[]): Refusal {
  if (parts.some((one) => one.state === 'held')) {
    return new Refusal('payment_held', `A payment of ${name} is held. Release it first with «toek hold … --release».`)
  }
  if (parts.some((one) => one.state === 'returned')) {
    return new Refusal('came_back', `${name} was paid and came back. Pay it again with «toek pay-again».`)
  }
  const sent = parts.some((one) => one.state === 'released')
  return nothingDue(name, sent ? 'it has been sent already' : 'it pays nothing out, or a fact has stopped it')
}

/** Calculates one order now, to be paid on a day; gives the number of the work. */
async function calculateAlone(
  tx: Tx,
  rates: RateReader,
  { order, person }: Found,
  act: PayingAcutely & { readonly payOn: Day },
): Promise<number> {
  const { municipality, at, payOn, reason } = act
  await refuseWhileCalculated(tx, municipality, [order])
  await holdsAgain(tx, rates, municipality, at)
  if ((await newestOf(tx, act)).order !== order) throw nothingDue(act.orderKey, 'a newer version has come')
  await crossYearOf(tx, rates, municipality, [person], { month: monthOf(payOn), knownAt: at })
  const workNo = await planAlone(tx, rates, municipality, [order], at)
  await recordPayDays(tx, municipality, [{ workNo, order, kind: 'acute', payOn, reason }], act)
  await calculateIn(tx, rates, { municipality, workNo, knownAt: at })
  const held = await tx.first(
    'select 1 from order_holds h where h.municipality_code = $1 and h.order_id = $2 and h.at = $3::timestamptz',
    [municipality, order, at],
  )
  if (held !== undefined) {
    throw new Refusal('order_held', `${act.source} ${act.orderKey} is held when it is calculated. Look at why first.`)
  }
  return workNo
}

/** As the month's run does before it plans. */
async function holdsAgain(tx: Tx, rates: RateReader, municipality: Municipality, at: string): Promise<void> {
  await releaseWaiting(tx, municipality, await answeredSince(tx, municipality), at)
  const newest = await newestRates(tx, rates)
  await decideHoldsAgain(tx, municipality, newest.book.exclusions, at)
}

/** What a batch of a month's run is calculating, of the same persons, is waited for: an allowance is used once. */
async function refuseWhileCalculated(tx: Tx, municipality: Municipality, orders: readonly OrderId[]): Promise<void> {
  const open = await tx.first(
    `select 1 from work_batches w cross join unnest(w.order_ids) u (order_id)
     join orders o on o.municipality_code = $1 and o.order_id = u.order_id
     where w.municipality_code = $1 and w.kind = 'calculate' and not exists (select from work_done d
         where d.municipality_code = $1 and d.work_no = w.work_no)
       and o.beneficiary in (select p.beneficiary from orders p where p.municipality_code = $1 and p.order_id = any ($2))
     limit 1`,
    [municipality, orders],
  )
  if (open === undefined) return
  throw new Refusal('being_calculated', 'Orders of this person are being calculated by a run. Try again when it ends.')
}

async function planAlone(
  tx: Tx,
  rates: RateReader,
  municipality: Municipality,
  orders: readonly OrderId[],
  at: string,
): Promise<number> {
  const workNo = await nextWorkNo(tx, municipality)
  await newestRates(tx, rates)
  await takeLawsIntoUse(tx, municipality, workNo)
  await tx.run(
    `insert into work_batches (municipality_code, work_no, kind, cause, known_at, order_ids)
     values ($1, $2, 'calculate', $3, $4, $5)`,
    [municipality, workNo, `calculate ${workNo}`, at, await inOrderOfPlan(tx, municipality, orders)],
  )
  return workNo
}

async function runsOf(
  tx: Tx,
  rates: RateReader,
  { municipality, by, at }: Pick<PayingAcutely, 'municipality' | 'by' | 'at'>,
  gather: (railOf: ReturnType<typeof railsOf>) => Promise<GatheredRun[]>,
): Promise<AcuteRun[]> {
  const rules = await readLocalRules(tx, municipality)
  const due = await gather(railsOf(rates, rules, municipality))
  if (due.length === 0) return []
  const lastRun = (await readRuns(tx, municipality)).at(-1)?.runNo ?? 0
  const times = { known: at, assembled: () => at }
  const month = monthOf(danishDay(at))
  const made = new Set(await assemble(tx, { rates, municipality, month, rules, times, lastRun }, due, by))
  return (await readRuns(tx, municipality))
    .filter((run) => made.has(run.runNo))
    .map(({ runNo, payments, amount, dispositionDate: payOn }) => {
      return { run: fileIdOf(municipality, runNo), payments, amount, payOn }
    })
}

function after(date: Day): Day {
  return (date + 1) as Day
}
