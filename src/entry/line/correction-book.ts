/** Postings and rows of what a batch corrects and claims. */
import type { Tx } from '../../base/db.ts'
import { itemId, type ItemId, type OrderId } from '../../base/id.ts'
import type { Ore } from '../../base/money.ts'
import { type ClaimMovement, type ClaimPosition, type NewClaim, recordClaims } from '../../modules/claims/index.ts'
import { recordStanding, type Untaken } from '../../modules/effectuation/index.ts'
import {
  type CausedMovement,
  type Line as BenefitLine,
  type Movement,
  type PaidItem,
  recordMovements,
} from '../../modules/items/index.ts'
import type { LedgerBatchWriter } from '../../modules/ledger/index.ts'
import { holdFromBatch, supersede } from '../../modules/orders/index.ts'
import type { RateReader } from '../../modules/rates/index.ts'
import type { DueOrderLines, PlannedBatch } from './batch-book.ts'
import type { Claimed, CorrectedOrder, Corrections } from './correct-orders.ts'
import { accountOfSystem, type AccountsOf } from './item-accounts.ts'

export interface CorrectionBook {
  /** `claims` of the order's person. An order that neither corrects nor claims is left alone. */
  order(ledger: LedgerBatchWriter, order: OrderId, claims: readonly ClaimPosition[]): void
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
  const posting: Posting = { rates, accounts, lines: corrections.lines }
  return {
    order(ledger, id, claims) {
      const order = corrections.orders.get(id)
      if (order === undefined) return
      for (const item of order.withdrawn) withdraw(posting, ledger, item, order.movements, claims)
      for (const movement of order.movements) {
        movements.push({ ...movement, order: id, postedOn: ledger.postingDate })
        const item = corrections.items.get(movement.item) as PaidItem
        if (movement.to.place !== 'withdrawn') post(posting, ledger, movement, item)
      }
      claimMovements.push(...ofClaims(order))
      for (const one of order.claimed) {
        claimed.push(newClaim(one))
        if (!one.fromItems) postUnknown(posting, ledger, one)
      }
      if (order.corrects) corrected.push(id)
    },
    takenAlready({ order, lines }) {
      return (corrections.orders.get(order.order)?.takenAlready ?? []).map(({ line, amount }) => {
        const kind = lines.find((one) => one.line === line)?.kind === 1 ? 'set_off' : 'third_party'
        return { order: order.order, line, kind, amount, reason: 'taken_already' }
      })
    },
    async write(tx) {
      await recordMovements(tx, batch.municipality, batch.workNo, movements)
      await recordStanding(tx, batch.municipality, [...corrections.orders.values()].flatMap(standingOf))
      await recordClaims(tx, batch.municipality, claimed)
      await supersede(tx, batch.municipality, corrected, batch.knownAt)
      await holdFromBatch(tx, batch.municipality, corrections.held, batch.knownAt)
    },
  }
}

export interface Posting {
  readonly rates: RateReader
  readonly accounts: AccountsOf
  readonly lines: ReadonlyMap<ItemId, Pick<BenefitLine, 'benefit' | 'period'>>
}

type PostedItem = Pick<PaidItem, 'source' | 'benefit' | 'period'>

function costAt({ accounts, lines }: Posting, at: ItemId): { cost: number; benefit: number } {
  const { benefit, period } = lines.get(at) as Pick<BenefitLine, 'benefit' | 'period'>
  return { cost: accounts(benefit, period.from).net.debit, benefit }
}

/** Where the gross of an item is booked while it is in a spot: as cost, as overpaid, or as a claim. */
function accountAt(posting: Posting, { place, ref }: Movement['from'], item: PostedItem): number {
  switch (place) {
    case 'overpaid':
      return accountOfSystem(posting.rates, 'overpaid', item.source)
    case 'claim':
    case 'gross_claim':
      return accountOfSystem(posting.rates, 'claims', item.source)
    default:
      return costAt(posting, ref).cost
  }
}

/**
 * From one account to another; what changes of tax and contributions goes with it: a claim is without the tax that was
 * withheld of what is claimed, and that tax is no longer owed to the tax authority.
 */
export function post(
  posting: Posting,
  ledger: Pick<LedgerBatchWriter, 'transfer'>,
  { from, to, gross, change, item: id }: Movement,
  item: PostedItem,
): void {
  const [source, target] = [accountAt(posting, from, item), accountAt(posting, to, item)]
  const { benefit } = to.place === 'stands' ? costAt(posting, to.ref) : item
  const of = posting.accounts(item.benefit, item.period.from)
  const transfer = (debit: number, credit: number, amount: number): void => {
    if (debit === credit || amount === 0) return
    if (amount > 0) ledger.transfer(item.source, benefit, debit, credit, amount as Ore, id)
    else ledger.transfer(item.source, benefit, credit, debit, -amount as Ore, id)
  }
  // Less withheld: the payable goes down, and so much less is claimed. More: the other way round.
  const withheld = [
    [of.own_atp.credit, change.ownAtp],
    [of.am.credit, change.am],
    [of.tax.credit, change.tax],
  ] as const
  const toClaim = to.place === 'claim'
  let rest = gross as number
  for (const [payable, amount] of withheld) {
    rest -= Math.abs(amount)
    transfer(toClaim ? source : target, payable, amount)
  }
  transfer(target, source, rest)
  transfer(of.employer_atp.debit, of.employer_atp.credit, change.employerAtp)
  transfer(of.pension.debit, of.pension.credit, change.pension)
}

/** The mirror of what an item posted; its money lies where it stopped: not sent, or back on the return account. */
function withdraw(
  posting: Posting,
  ledger: LedgerBatchWriter,
  item: PaidItem,
  movements: readonly Movement[],
  claims: readonly ClaimPosition[],
): void {
  const of = posting.accounts(item.benefit, item.period.from)
  const { withheld, net, thirdParty } = item
  const paidFrom = item.standing === 'returned' ? posting.rates.account('returned').id : of.net.credit
  const systemOf = (claimId: number) => claims.find((claim) => claim.claimId === claimId)?.sourceSystem ?? item.source
  const parts = [
    { account: of.own_atp.credit, left: withheld.ownAtp },
    { account: of.am.credit, left: withheld.am },
    { account: of.tax.credit, left: withheld.tax },
    ...item.taken
      .filter((one) => one.claimId > 0 && one.what.startsWith('set-off'))
      .map((one) => ({ account: accountOfSystem(posting.rates, 'claims', systemOf(one.claimId)), left: one.amount })),
    { account: paidFrom, left: net + thirdParty },
  ]
  for (const movement of movements) {
    if (movement.item !== item.item || movement.to.place !== 'withdrawn') continue
    const credit = accountAt(posting, movement.from, item)
    let gross = movement.gross as number
    for (const part of parts) {
      const amount = Math.min(part.left, gross)
      part.left -= amount
      gross -= amount
      ledger.transfer(item.source, item.benefit, part.account, credit, amount as Ore, item.item)
    }
  }
  ledger.transfer(
    item.source,
    item.benefit,
    of.employer_atp.credit,
    of.employer_atp.debit,
    withheld.employerAtp as Ore,
    item.item,
  )
  ledger.transfer(item.source, item.benefit, of.pension.credit, of.pension.debit, withheld.pension as Ore, item.item)
}

/** The lines that are paid on top of what stands. */
function standingOf({ due: { order } }: CorrectedOrder) {
  return order.benefits.flatMap(({ line, standing }) =>
    standing === undefined ? [] : [{ order: order.order, line, standing }],
  )
}

/** Set-offs of withdrawn items are given back to their claims; what stands again is no longer claimed. */
function ofClaims(order: CorrectedOrder): ClaimMovement[] {
  const item = itemId(order.due.order.order, 0)
  const given = order.withdrawn.flatMap((one) =>
    one.taken
      .filter((taken) => taken.claimId > 0 && taken.what.startsWith('set-off'))
      .map((taken) => ({ claimId: taken.claimId, amount: -taken.amount })),
  )
  const closed = order.movements.flatMap(({ from, gross, change }) => {
    if (from.place !== 'claim' && from.place !== 'gross_claim') return []
    return [{ claimId: from.ref, amount: gross - change.ownAtp - change.am - change.tax }]
  })
  return [...given, ...closed].map(({ claimId, amount }, i) => ({ claimId, item, line: i, amount: amount as Ore }))
}

/** A decision on what was paid before the takeover: what the benefit cost goes down by it. */
function postUnknown(posting: Posting, ledger: LedgerBatchWriter, { line, amount }: Claimed): void {
  const { net } = posting.accounts(line.benefit, line.periodFrom)
  const debit = accountOfSystem(posting.rates, 'claims', line.source)
  ledger.transfer(line.source, line.benefit, debit, net.debit, amount, itemId(line.order, line.line))
}

function newClaim({ line, claimId, amount }: Claimed): NewClaim {
  return {
    claimId,
    claimKey: line.claimKey,
    sourceSystem: line.source,
    debtor: line.person,
    benefit: line.benefit,
    period: { from: line.periodFrom, to: line.periodTo },
    amount,
    dueDate: line.decisionDate,
    cause: line.cause,
    order: line.order,
  }
}
