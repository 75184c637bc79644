/** Postings and rows of what a batch corrects and claims. */
import type { Tx } from '../../base/db.ts'
import type { Day } from '../../base/date.ts'
import { itemId, type ItemId, type OrderId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { type ClaimMovement, type NewClaim, recordClaims } from '../../modules/claims/index.ts'
import { recordStanding, type Untaken } from '../../modules/effectuation/index.ts'
import {
  type CausedMovement,
  type Line as BenefitLine,
  type Movement,
  type PaidItem,
  type PersonsPlan,
  recordMovements,
  recordPlans,
  withheldOf,
} from '../../modules/items/index.ts'
import type { LedgerBatchWriter } from '../../modules/ledger/index.ts'
import { holdFromBatch, supersede } from '../../modules/orders/index.ts'
import { type ClosedPart, recordReopened } from '../../modules/payments/index.ts'
import type { RateReader } from '../../modules/rates/index.ts'
import type { DueOrderLines, PlannedBatch } from './batch-book.ts'
import type { Claimed } from './claim-overpaid.ts'
import type { CorrectedOrder, Corrections, Revoked } from './correct-orders.ts'
import { accountOfSystem, type AccountsOf, type ItemAccounts } from './item-accounts.ts'

export interface CorrectionBook {
  /** An order that neither corrects nor claims is left alone. */
  order(ledger: LedgerBatchWriter, order: OrderId): void
  /** Deductions that earlier versions took beyond what the order says. */
  takenAlready(due: DueOrderLines): Untaken[]
  write(tx: Tx): Promise<void>
}

/** `claimMovements`: where what is given back to claims, or taken off them, is put. */
export function correctionBook(
  rates: RateReader,
  batch: PlannedBatch,
  corrections: Corrections,
  accounts: AccountsOf,
  claimMovements: ClaimMovement[],
): CorrectionBook {
  const movements: CausedMovement[] = []
  const claimed: NewClaim[] = []
  const corrected: OrderId[] = []
  const plans: PersonsPlan[] = []
  const reopened = new Map<ItemId, Day>()
  const posting: Posting = { rates, accounts, lines: corrections.lines }
  return {
    order(ledger, id) {
      const order = corrections.orders.get(id)
      if (order === undefined) return
      const setOffs = new Map(order.withdrawn.map((item) => [item.item, setOffsOf(posting, item)]))
      for (const movement of order.movements) {
        movements.push({ ...movement, order: id, postedOn: ledger.postingDate })
        const item = corrections.items.get(movement.item) as PaidItem
        if (movement.returned > 0 && !reopened.has(item.item)) {
          reopened.set(item.item, ledger.postingDate)
          reopen(rates, ledger, corrections.closed.get(item.item) ?? [])
        }
        post(posting, ledger, movement, item, setOffs.get(movement.item))
      }
      claimMovements.push(...ofClaims(order))
      for (const one of order.claimed) {
        claimed.push(newClaim(one))
        if (!one.fromItems) postUnknown(posting, ledger, one)
      }
      for (const one of order.revoked) postRevoked(posting, ledger, one)
      plans.push(...order.plans)
      if (order.corrects) corrected.push(id)
    },
    takenAlready({ order, lines }) {
      return (corrections.orders.get(order.order)?.takenAlready ?? []).map(({ line, amount }) => {
        const kind = lines.find((one) => one.line === line)?.kind === 1 ? 'set_off' : 'third_party'
        return { order: order.order, line, kind, amount, reason: 'taken_already' }
      })
    },
    async write(tx) {
      const made = inTurn(movements, corrections)
      await recordMovements(tx, batch.municipality, batch.workNo, made, corrections.items)
      await recordPlans(tx, batch.municipality, batch.workNo, plans)
      const open = [...reopened].flatMap(([item, postedOn]) =>
        (corrections.closed.get(item) ?? []).map((part) => ({ ...part, postedOn })),
      )
      await recordReopened(tx, batch.municipality, batch.workNo, open)
      await recordStanding(tx, batch.municipality, [...corrections.orders.values()].flatMap(standingLines))
      await recordClaims(tx, batch.municipality, claimed)
      await supersede(tx, batch.municipality, corrected, batch.knownAt)
      await holdFromBatch(tx, batch.municipality, corrections.held, batch.knownAt)
    },
  }
}

/**
 * As they were made, not as orders are booked by their days: what one order finds overpaid another one takes, and what
 * became of an item is read in this order.
 */
function inTurn(movements: readonly CausedMovement[], { orders }: Corrections): CausedMovement[] {
  const turn = new Map([...orders.keys()].map((order, i) => [order, i]))
  return movements.toSorted((a, b) => (turn.get(a.order) ?? 0) - (turn.get(b.order) ?? 0))
}

export interface Posting {
  readonly rates: RateReader
  readonly accounts: AccountsOf
  readonly lines: ReadonlyMap<ItemId, PostedLine>
}

type PostedLine = Pick<BenefitLine, 'benefit' | 'period' | 'workNo'>
type PostedItem = Pick<PaidItem, 'source' | 'benefit' | 'period' | 'workNo'>

function costAt({ accounts, lines }: Posting, at: ItemId): { cost: number; benefit: number } {
  const { benefit, period, workNo } = lines.get(at) as PostedLine
  return { cost: accounts(benefit, period.from, workNo).net.debit, benefit }
}

/** Where the gross of an item is booked while it is in a spot: as cost, as overpaid, or as a claim. */
function accountAt(posting: Posting, { place, ref }: Movement['from'], item: PostedItem): number {
  switch (place) {
    case 'overpaid':
    case 'adjusting':
      return accountOfSystem(posting.rates, 'overpaid', item.source)
    case 'claim':
    case 'gross_claim':
      return accountOfSystem(posting.rates, 'claims', item.source)
    default:
      return costAt(posting, ref).cost
  }
}

/** What was closed as nobody claimed it goes back to the return account: what becomes of it there is booked next. */
export function reopen(
  rates: RateReader,
  ledger: Pick<LedgerBatchWriter, 'transfer'>,
  parts: readonly ClosedPart[],
): void {
  const returned = rates.account('returned').id
  for (const { source, benefit, account, amount, item } of parts) {
    ledger.transfer(source, benefit, account, returned, amount, item)
  }
}

/** The claims accounts that set-offs of an item were credited, and how much each. */
type SetOffs = { readonly account: number; left: number }[]

export function setOffsOf({ rates }: Posting, item: PaidItem): SetOffs {
  return item.taken
    .filter((one) => one.claimId > 0)
    .map((one) => ({ account: accountOfSystem(rates, 'claims', one.claimSource), left: one.amount }))
}

/**
 * From one account to another; what changes of tax and contributions goes with it. A claim is without the tax that was
 * withheld of what is claimed, and that tax is no longer owed to the tax authority. What is withdrawn mirrors what was
 * posted of it: its money lies where it stopped, not sent or back on the return account.
 */
export function post(
  posting: Posting,
  ledger: Pick<LedgerBatchWriter, 'transfer'>,
  movement: Movement,
  item: PostedItem,
  setOffs: SetOffs = [],
): void {
  const { from, to, gross, change, setOff, paid, returned, item: id } = movement
  // What is withheld and contributed lies where the gross counts: a claim counts for no line, what it is of does.
  const of = accountsAt(posting, to.place === 'stands' || from.place.endsWith('claim') ? to.ref : from.ref)
  const source = accountAt(posting, from, item)
  const target = to.place === 'withdrawn' ? source : accountAt(posting, to, item)
  const { benefit } = to.place === 'stands' ? costAt(posting, to.ref) : item
  const transfer = (debit: number, credit: number, amount: number): void => {
    if (debit === credit || amount === 0) return
    if (amount > 0) ledger.transfer(item.source, benefit, debit, credit, amount as Ore, id)
    else ledger.transfer(item.source, benefit, credit, debit, -amount as Ore, id)
  }
  // Less withheld: the payable goes down, and so much less is claimed or withdrawn. More: the other way round.
  const withheld = [
    [of.own_atp.credit, change.ownAtp],
    [of.am.credit, change.am],
    [of.tax.credit, change.tax],
  ] as const
  const goes = to.place === 'claim' || to.place === 'withdrawn'
  let rest = gross as number
  for (const [payable, amount] of withheld) {
    rest -= Math.abs(amount)
    transfer(goes ? source : target, payable, amount)
  }
  if (to.place === 'withdrawn') {
    let given = setOff as number
    for (const one of setOffs) {
      const amount = Math.min(one.left, given)
      one.left -= amount
      given -= amount
      transfer(one.account, source, amount)
    }
    transfer(of.set_off.credit, source, given)
    transfer(posting.rates.account('returned').id, source, returned)
    transfer(of.net.credit, source, paid - returned)
  } else transfer(target, source, rest)
  transfer(of.employer_atp.debit, of.employer_atp.credit, change.employerAtp)
  transfer(of.pension.debit, of.pension.credit, change.pension)
  if (from.place === 'stands' && to.place === 'stands') carry(accountsAt(posting, from.ref), of, movement, transfer)
}

/** What goes along to another benefit: its payables, and the cost of the contributions beside it. */
function carry(
  from: ItemAccounts,
  to: ItemAccounts,
  { carried }: Pick<Movement, 'carried'>,
  transfer: (debit: number, credit: number, amount: number) => void,
): void {
  for (const [kind, amount] of [
    ['own_atp', carried.ownAtp],
    ['am', carried.am],
    ['tax', carried.tax],
    ['employer_atp', carried.employerAtp],
    ['pension', carried.pension],
  ] as const) {
    transfer(from[kind].credit, to[kind].credit, amount)
    if (kind === 'employer_atp' || kind === 'pension') transfer(to[kind].debit, from[kind].debit, amount)
  }
}

function accountsAt({ accounts, lines }: Posting, at: ItemId): ItemAccounts {
  const { benefit, period, workNo } = lines.get(at) as PostedLine
  return accounts(benefit, period.from, workNo)
}

/** Set-offs of withdrawn items are given back to their claims; what counts again is no longer claimed. */
function ofClaims(order: CorrectedOrder): ClaimMovement[] {
  const item = itemId(order.due.order.order, 0)
  const given = order.withdrawn.flatMap((one) =>
    one.taken
      .filter((taken) => taken.claimId > 0)
      .map((taken) => ({ claimId: taken.claimId, amount: -taken.amount, setOffOf: one.item })),
  )
  const revoked = order.revoked.map((one) => ({ claimId: one.claim.claimId, amount: one.left as number }))
  return [...given, ...closingsOf(order), ...revoked]
    .filter(({ amount }) => amount !== 0)
    .map((one, i) => ({ ...one, item, line: i, amount: one.amount as Ore }))
}

/** What claims go down by because what they claim counts again. */
export function closingsOf(order: CorrectedOrder): { readonly claimId: number; readonly amount: number }[] {
  return order.movements.flatMap(({ from, gross, change }) =>
    from.place === 'claim' || from.place === 'gross_claim'
      ? [{ claimId: from.ref, amount: gross - withheldOf(change) }]
      : [],
  )
}

/** What stood of each line before. */
function standingLines({ due: { order } }: CorrectedOrder) {
  return order.benefits.flatMap(({ line, standing }) =>
    standing === undefined ? [] : [{ order: order.order, line, standing }],
  )
}

/** A decision on what was paid before the takeover: what the benefit cost goes down by it. */
function postUnknown(posting: Posting, ledger: LedgerBatchWriter, { line, amount }: Claimed): void {
  const { net } = posting.accounts(line.benefit, line.periodFrom)
  const debit = accountOfSystem(posting.rates, 'claims', line.source)
  ledger.transfer(line.source, line.benefit, debit, net.debit, amount, itemId(line.order, line.line))
}

/** The same, taken back as far as it is not repaid. */
function postRevoked(posting: Posting, ledger: LedgerBatchWriter, { claim, left }: Revoked): void {
  const { net } = posting.accounts(claim.benefit, claim.from)
  const credit = accountOfSystem(posting.rates, 'claims', claim.source)
  ledger.transfer(claim.source, claim.benefit, net.debit, credit, left, itemId(claim.order, 0))
}

function newClaim({ line, claimId, amount, debtor }: Claimed): NewClaim {
  return {
    claimId,
    claimKey: line.claimKey,
    sourceSystem: line.source,
    debtor,
    benefit: line.benefit,
    period: { from: line.periodFrom, to: line.periodTo },
    amount,
    dueDate: line.decisionDate,
    cause: line.cause,
    order: line.order,
  }
}
