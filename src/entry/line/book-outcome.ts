/**
 * Books an approved outcome: what was overpaid is cost again and kept, waits to be taken in coming payments, or is
 * claimed back as an error of our own, net of what is corrected in tax and contributions.
 */
import type { Tx } from '../../base/db.ts'
import type { Day } from '../../base/date.ts'
import { type ItemId, type Municipality, numbered, type OrderId, orderOfItem, type PartyId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { Refusal } from '../../base/refusal.ts'
import { recordAudit } from '../../modules/access/index.ts'
import { type NewClaim, recordClaims, TECHNICAL_ERROR } from '../../modules/claims/index.ts'
import {
  type ApprovedLot,
  approveOutcome,
  type CausedMovement,
  claimOf,
  type Items,
  lineOf,
  lotAt,
  type Lot,
  moved,
  type Movement,
  movement,
  type PaidItem,
  type PersonsPlan,
  planLot,
  readItems,
  recordMovements,
  recordPlans,
  withheldOf,
} from '../../modules/items/index.ts'
import { ledgerBatchNo, ledgerWriter, postingDays } from '../../modules/ledger/index.ts'
import { DECIDED_CLAIMS, debtorOf } from './claim-overpaid.ts'
import { post } from './correction-book.ts'
import { companiesOf } from './correction-facts.ts'
import { type RateReader, ratesIn } from '../../modules/rates/index.ts'
import { accountsOf } from './item-accounts.ts'
import type { Line } from './line.ts'
import { nextWorkNo } from './plan-month.ts'

export interface OutcomeAct {
  readonly proposalNo: number
  readonly total: number
  readonly by: string
  readonly at: string
  /** When it is decided, and booked unless the day is closed. */
  readonly day: Day
}

/** One transaction: approval, movements, claims, ledger. Gives how many items were booked. */
export async function bookOutcome(line: Line, municipality: Municipality, act: OutcomeAct): Promise<number> {
  return await line.connection.inTurn(municipality, async (tx) => {
    const workNo = await nextWorkNo(tx, municipality)
    const rates = await ratesIn(tx, line.rates, municipality)
    const lots = await approveOutcome(tx, municipality, act.proposalNo, { ...act, workNo })
    const persons = await planWork(tx, municipality, workNo, lots, act)
    const orders = [...new Set(lots.map((lot) => orderOfItem(lot.item)))]
    const found = await readItems(tx, municipality, orders, rates)
    const owed = lots.filter((lot) => lot.outcome === 'technical_error')
    const companies = await companiesOf(
      tx,
      municipality,
      owed.flatMap((lot) => found.items.get(lot.item)?.payee ?? []),
    )
    const postedOn = (await postingDays(tx, municipality))(act.day)
    const made = settle(lots, found, persons, companies, { ...act, workNo, postedOn }, rates)
    const book = ledgerWriter(municipality)
    const ledger = book.batch(ledgerBatchNo(workNo, 0), postedOn, act.at, act.day)
    const posting = { rates: rates, accounts: accountsOf(rates), lines: found.lines }
    for (const one of made.movements) {
      ledger.entry(one.order)
      post(posting, ledger, one, found.items.get(one.item) as PaidItem)
    }
    await book.write(tx)
    await recordMovements(tx, municipality, workNo, made.movements, found.items)
    await recordPlans(tx, municipality, workNo, made.plans)
    await recordClaims(tx, municipality, made.claims)
    await tx.run('insert into work_done values ($1, $2, $3)', [
      municipality,
      workNo,
      JSON.stringify({ items: lots.length, settled_ore: act.total }),
    ])
    await recordAudit(tx, {
      municipality,
      at: act.at,
      actor: act.by,
      command: 'outcome.approve',
      subject: `proposal ${act.proposalNo}`,
      detail: { amount_ore: act.total, items: lots.length },
    })
    return lots.length
  })
}

/** The batch of work that the outcome is booked by; gives whom each order was for that paid one of the items. */
async function planWork(
  tx: Tx,
  municipality: Municipality,
  workNo: number,
  lots: readonly ApprovedLot[],
  act: OutcomeAct,
): Promise<Map<OrderId, PartyId>> {
  // The version that left it over may have another beneficiary, who got nothing of it.
  const beneficiaries = (orders: readonly OrderId[]) =>
    tx.rows<{ order_id: OrderId; beneficiary: PartyId }>(
      `select order_id, beneficiary from orders where municipality_code = $1 and order_id = any ($2)
       order by beneficiary, order_id`,
      [municipality, [...new Set(orders)]],
    )
  const causes = await beneficiaries(lots.map((lot) => lot.order))
  await tx.run(
    `insert into work_batches (municipality_code, work_no, kind, cause, known_at, order_ids)
     values ($1, $2, 'outcome', $3, $4, $5)`,
    [municipality, workNo, `outcome ${act.proposalNo}`, act.at, causes.map((row) => row.order_id)],
  )
  const paid = await beneficiaries(lots.map((lot) => orderOfItem(lot.item)))
  return new Map(paid.map((row) => [row.order_id, row.beneficiary]))
}

interface Settled {
  readonly movements: readonly CausedMovement[]
  readonly plans: readonly PersonsPlan[]
  readonly claims: readonly NewClaim[]
}

/** Lot by lot, each on the item as the one before left it. */
function settle(
  lots: readonly ApprovedLot[],
  { items, lines }: Items,
  persons: ReadonlyMap<OrderId, PartyId>,
  companies: ReadonlySet<PartyId>,
  of: Pick<OutcomeAct, 'proposalNo' | 'day'> & { readonly workNo: number; readonly postedOn: Day },
  rates: RateReader,
): Settled {
  const { workNo, proposalNo, day, postedOn } = of
  const now = new Map<ItemId, PaidItem>(items)
  const movements: CausedMovement[] = []
  const plans: PersonsPlan[] = []
  const claims: NewClaim[] = []
  for (const lot of lots) {
    const item = now.get(lot.item) as PaidItem
    const person = persons.get(orderOfItem(lot.item)) as PartyId
    // Of what came back in part nothing is taken in a coming payment: it is claimed, or kept.
    const isThere = item.standing === 'current' || (item.standing === 'partly' && lot.outcome === 'technical_error')
    if (lot.outcome !== 'not_repayable' && !isThere) {
      const { decision, lineKey } = lineOf(lines, lot.at)
      throw new Refusal('came_back', `The payment of ${decision}/${lineKey} is not with the citizen for good.`)
    }
    const spot = lotAt(item, { place: lot.place, ref: lot.at }) as Lot
    let one: Movement
    if (lot.outcome === 'adjust') {
      const made = planLot(item, spot, lot.gross, lot.instalments ?? 1, lines)
      plans.push({ ...made.plan, person })
      one = made.movement
    } else if (lot.outcome === 'technical_error') {
      const claimId = numbered(DECIDED_CLAIMS + workNo, claims.length)
      one = claimOf(item, spot, lot.gross, { claimId, decided: day }, lines, rates)
      const { payee, benefit, period } = item
      const debtor = debtorOf({ payee, person, benefit, periodFrom: period.from }, companies, rates.ofWork(item.workNo))
      claims.push(errorClaim(one, item, lot, debtor, { proposalNo, day, claimId, no: claims.length + 1 }, lines))
    } else {
      const [from, to] = [{ place: lot.place, ref: lot.at } as const, { place: 'kept', ref: lot.at } as const]
      one = movement({ item: lot.item, from, to, gross: lot.gross })
    }
    now.set(lot.item, moved(item, one, lines))
    movements.push({ ...one, order: lot.order, postedOn })
  }
  return { movements, plans, claims }
}

/** Its key is ours: no source system has decided it. */
function errorClaim(
  one: Movement,
  item: PaidItem,
  lot: ApprovedLot,
  debtor: PartyId,
  of: Pick<OutcomeAct, 'proposalNo' | 'day'> & { readonly claimId: number; readonly no: number },
  lines: Items['lines'],
): NewClaim {
  const amount = (one.gross + withheldOf(one.change)) as Ore
  const { benefit, period, lineKey, decision } = lineOf(lines, lot.at)
  if (amount <= 0) {
    const what = `What was overpaid on ${decision}/${lineKey} was ATP alone: there is nothing to claim back.`
    throw new Refusal('nothing_to_claim', what)
  }
  return {
    claimId: of.claimId,
    claimKey: `TOEK-TF-${of.proposalNo}-${of.no}`,
    sourceSystem: item.source,
    debtor,
    benefit,
    period,
    amount,
    dueDate: of.day,
    cause: TECHNICAL_ERROR,
    order: lot.order,
  }
}
