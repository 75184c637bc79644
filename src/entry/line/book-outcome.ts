/** Books an approved outcome: what was overpaid and is not claimed back is cost again. */
import type { Day } from '../../base/date.ts'
import { type Municipality, type OrderId, orderOfItem } from '../../base/id.ts'
import { recordAudit } from '../../modules/access/index.ts'
import {
  approveOutcome,
  type CausedMovement,
  movement,
  type PaidItem,
  readItems,
  recordMovements,
} from '../../modules/items/index.ts'
import { ledgerBatchNo, ledgerWriter } from '../../modules/ledger/index.ts'
import { post } from './correction-book.ts'
import { ratesIn } from '../../modules/rates/index.ts'
import { accountsOf } from './item-accounts.ts'
import type { Line } from './line.ts'
import { nextWorkNo } from './plan-month.ts'

export interface OutcomeAct {
  readonly proposalNo: number
  readonly total: number
  readonly by: string
  readonly at: string
  /** When it is booked. */
  readonly day: Day
}

/** One transaction: approval, movements, ledger. Gives how many items were booked. */
export async function bookOutcome(line: Line, municipality: Municipality, act: OutcomeAct): Promise<number> {
  return await line.connection.inTurn(municipality, async (tx) => {
    const workNo = await nextWorkNo(tx, municipality)
    const rates = await ratesIn(tx, line.rates, municipality)
    const lots = await approveOutcome(tx, municipality, act.proposalNo, { ...act, workNo })
    const orders = [...new Set(lots.map((lot) => lot.order))]
    const persons = await tx.rows<{ order_id: OrderId }>(
      'select order_id from orders where municipality_code = $1 and order_id = any ($2) order by beneficiary, order_id',
      [municipality, orders],
    )
    await tx.run(
      `insert into work_batches (municipality_code, work_no, kind, cause, known_at, order_ids)
       values ($1, $2, 'outcome', $3, $4, $5)`,
      [municipality, workNo, `outcome ${act.proposalNo}`, act.at, persons.map((row) => row.order_id)],
    )
    const { items, lines } = await readItems(
      tx,
      municipality,
      [...new Set(lots.map((lot) => orderOfItem(lot.item)))],
      rates,
    )
    const book = ledgerWriter(municipality)
    const ledger = book.batch(ledgerBatchNo(workNo, 0), act.day, act.at)
    const posting = { rates, accounts: accountsOf(rates), lines }
    const movements = lots.map((lot): CausedMovement => {
      const from = { place: 'overpaid', ref: lot.at } as const
      const to = { place: 'kept', ref: lot.at } as const
      const moved = movement({ item: lot.item, from, to, gross: lot.gross })
      ledger.entry(lot.order)
      post(posting, ledger, moved, items.get(lot.item) as PaidItem)
      return { ...moved, order: lot.order, postedOn: act.day }
    })
    await book.write(tx)
    await recordMovements(tx, municipality, workNo, movements)
    await tx.run('insert into work_done values ($1, $2, $3)', [
      municipality,
      workNo,
      JSON.stringify({ items: lots.length, kept_ore: act.total }),
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
