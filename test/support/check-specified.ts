/**
 * The specification of every payment beside the bank's own lines: before release (forventet) and after (endelig) it is
 * the amount that leaves, once, and comes back when it does.
 */
import assert from 'node:assert/strict'
import type { Db } from '../../src/base/db.ts'
import { type ItemId, itemId, type Municipality, orderOfItem, type PaymentId } from '../../src/base/id.ts'
import { readSpecification } from '../../src/modules/overview/index.ts'
import { readOrderFacts } from '../../src/modules/overview/order-facts.ts'
import { specifyItem } from '../../src/modules/overview/specify-item.ts'
import { type PaymentRow, readPayments } from '../../src/modules/overview/store.ts'
import { bundleIdOf, endToEndIdOf } from '../../src/modules/payments/index.ts'
import { type RateReader, ratesIn } from '../../src/modules/rates/index.ts'
import { type ToldLine, toldLines } from './told-lines.ts'

/** A payment as its specification has it. */
export interface Specified {
  readonly bundleId: string
  readonly amount: number
  readonly isFinal: boolean
  /** 2, 7 or 9 when it came back. */
  readonly returned: number | null
  /** Øre, of its lines. */
  readonly lines: number
}

/** Payments whose orders are read at once; and of each so many, one is read as a person reads it, too. */
const READ_TOGETHER = 250
const LOOKED_AT = 40

/** Of every payment that there is, by its id: its items reckoned again line by line, as the specification does. */
export async function specifyAll(db: Db, newest: RateReader, code: Municipality): Promise<Map<string, Specified>> {
  const rates = await ratesIn(db, newest, code)
  const parts = await db.rows<{ payment: PaymentId; item: ItemId }>(
    `select distinct payment_id as payment, item_id as item from payment_parts where municipality_code = $1 order by 1, 2`,
    [code],
  )
  const itemsOf = Map.groupBy(parts, (one) => one.payment)
  const ids = [...itemsOf.keys()]
  const all = new Map<string, Specified>()
  for (let from = 0; from < ids.length; from += READ_TOGETHER) {
    const payments = await readPayments(db, code, ids.slice(from, from + READ_TOGETHER))
    const own = payments.map((one) => new Set(itemsOf.get(one.payment_id)?.map(({ item }) => item)))
    const orders = [...new Set(own.flatMap((items) => [...items].map(orderOfItem)))]
    const facts = await readOrderFacts(db, code, orders, payments, rates)
    for (const [i, payment] of payments.entries()) {
      const here = new Set([payment.payment_id])
      const lines = facts.lines
        .filter((line) => line.kind === 0 && own[i]?.has(itemId(line.order_id, line.line_no)))
        .reduce((sum, line) => sum + specifyItem(facts, rates, line, new Map(), here).paidHere, 0)
      const name = endToEndIdOf(code, payment.payment_id)
      all.set(name, { ...whatItIs(code, payment), lines })
      if (all.size % LOOKED_AT === 1) await asAPersonReads(db, rates, code, name, all.get(name) as Specified)
    }
  }
  return all
}

function whatItIs(code: Municipality, row: PaymentRow): Omit<Specified, 'lines'> {
  return {
    bundleId: bundleIdOf(code, row.run_no, row.unit),
    amount: row.amount_ore,
    isFinal: row.steps.includes('released') && !row.stopped,
    returned: row.return_answer,
  }
}

/** The specification itself says the same. */
async function asAPersonReads(db: Db, rates: RateReader, code: Municipality, name: string, one: Specified) {
  const spec = await readSpecification(db, code, name, rates)
  const [payment] = spec?.payments ?? []
  assert.deepEqual([spec?.totals.paidHere, payment?.amount, payment?.isFinal], [one.lines, one.amount, one.isFinal])
}

/** What left and what came back of one payment or bundle, in øre. */
interface Moved {
  out: number
  in: number
}

/** Øre by what the bank names. */
function movedBy(lines: readonly ToldLine[]): Map<string, Moved> {
  const moved = new Map<string, Moved>()
  for (const { kind, named, said } of lines) {
    if (kind !== 'bank') continue
    const one = moved.get(named) ?? { out: 0, in: 0 }
    moved.set(named, one)
    if (Number(said) < 0) one.out -= Number(said)
    else one.in += Number(said)
  }
  return moved
}

/** Every final one is on a line of the bank, by itself or within its bundle; and every line of the bank is of one. */
export function agreesWithBank(all: ReadonlyMap<string, Specified>, lines: readonly ToldLine[]): void {
  const moved = movedBy(lines)
  const expected = new Map<string, Moved>()
  const expect = (name: string, way: keyof Moved, ore: number): void => {
    const one = expected.get(name) ?? { out: 0, in: 0 }
    expected.set(name, { ...one, [way]: one[way] + ore })
  }
  for (const [name, one] of all) {
    assert.equal(one.lines, one.amount, `${name}: its lines are the payment`)
    const refused = one.returned === 2 || one.returned === 7
    if (!one.isFinal || refused) continue
    expect((moved.get(name)?.out ?? 0) > 0 ? name : one.bundleId, 'out', one.lines)
    if (one.returned === 9) expect(name, 'in', one.lines)
  }
  assert.deepEqual(sorted(moved), sorted(expected), 'the specifications are the lines of the bank')
}

function sorted(map: ReadonlyMap<string, Moved>): [string, Moved][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1))
}

/** Of a month in which everything has come. */
export async function specificationsAgree(
  db: Db,
  { rates, incoming }: { readonly rates: RateReader; readonly incoming: string },
  code: Municipality,
): Promise<void> {
  agreesWithBank(await specifyAll(db, rates, code), toldLines(incoming, code))
}
