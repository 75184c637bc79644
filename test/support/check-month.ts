/** What must hold of any municipality after any month, and its state without ids, for comparison with another's. */
import assert from 'node:assert/strict'
import type { Tx } from '../../src/base/db.ts'
import type { Municipality } from '../../src/base/id.ts'
import { publishEvents, readEvents, type SourceEvent } from '../../src/modules/events/index.ts'
import { verifyMunicipality } from '../../src/modules/ledger/index.ts'
import { reconcileMunicipality } from '../../src/modules/reconciliation/index.ts'
import { calculatedRows, claimRows, type HoldRow, holdRows, paymentRows, untakenRows } from './facts-of.ts'
import { specificationsAgree } from './check-specified.ts'
import { monthOf, type TestLine } from './line.ts'

/** A municipality's state; equal for equal sets of orders. */
export interface MonthState {
  readonly calculated: readonly unknown[]
  readonly payments: readonly unknown[]
  readonly holds: readonly unknown[]
  readonly claims: readonly unknown[]
  readonly untaken: readonly unknown[]
  readonly clearing: readonly unknown[]
  readonly events: readonly string[]
}

/** What is told of an order's coming in depends on when it came: an older version that comes late is refused. */
const OF_ARRIVAL: ReadonlySet<string> = new Set(['received', 'refused', 'held', 'released'])

export async function checkMonth(line: TestLine, code: Municipality, month: string): Promise<MonthState> {
  const { loader, rates } = line
  const told = await eventsOf(line, code)
  return await loader.transaction([code], async (tx) => {
    await onePaymentEach(tx, code)
    await booksBalance(tx, code)
    const verdict = await verifyMunicipality(tx, code)
    assert.equal(verdict, undefined)
    const reconciled = await reconcileMunicipality(tx, code, monthOf(month), rates.book.accounts)
    for (const row of reconciled.clearing) assert.equal(row.balance_ore, row.explained_ore, JSON.stringify(row))
    assert.deepEqual(reconciled.findings, [])
    const calculated = await calculatedRows(tx, [code])
    for (const row of calculated) {
      assert.equal(row.gross, row.own_atp + row.am + row.tax + row.set_off + row.third_party + row.net)
    }
    const payments = await paymentRows(tx, [code])
    await eventsAgree(tx, code, told)
    await specificationsAgree(tx, line, code)
    return {
      calculated: calculated.map(anonymous),
      payments: payments.map(anonymous),
      holds: newestHeld(await holdRows(tx, [code])),
      claims: (await claimRows(tx, [code])).map(anonymous),
      untaken: (await untakenRows(tx, [code])).map(anonymous),
      clearing: reconciled.clearing.map((row) => [row.source_system, row.purpose, row.balance_ore, row.open_items]),
      events: told
        .filter((event) => !OF_ARRIVAL.has(event.kind))
        .map((event) => `${event.order_key} ${event.version} ${event.line_key} ${event.kind} ${event.amount_ore}`)
        .sort(),
    }
  })
}

function anonymous<T extends { municipality: string }>(row: T): Omit<T, 'municipality'> {
  const { municipality: _, ...rest } = row
  return rest
}

/**
 * What waits, and as what. The reason names the order that came first, so it is left out; a hold of a version that is
 * replaced anyway says nothing.
 */
function newestHeld(rows: readonly HoldRow[]): string[] {
  const open = rows.filter((row) => row.released === null)
  const name = (row: HoldRow): string => `${row.system} ${row.order} ${row.version}`
  const old = new Set(open.filter((row) => row.kind === 'superseded').map(name))
  return open.filter((row) => !old.has(name(row))).map((row) => `${name(row)} ${row.kind}`)
}

async function oneOf(tx: Tx, code: Municipality, sql: string): Promise<number> {
  const row = await tx.often.first<{ n: number }>(`select coalesce((${sql}), 0)::bigint as n`, [code])
  return row?.n ?? Number.NaN
}

/** Invariant 17, and its reason: an order is paid by one version, each of its parts by one payment. */
async function onePaymentEach(tx: Tx, code: Municipality): Promise<void> {
  const twice = await tx.often.rows(
    `select o.order_key from orders o where o.municipality_code = $1 and exists (select from calculations c
       where c.municipality_code = o.municipality_code and c.order_id = o.order_id)
     group by o.source_system, o.order_key having count(*) > 1`,
    [code],
  )
  assert.deepEqual(twice, [], 'two versions of one order were calculated')
  const old = await tx.often.rows(
    `select o.order_key from orders o join calculations c using (municipality_code, order_id) join orders n
       on n.municipality_code = o.municipality_code and n.source_system = o.source_system
       and n.order_key = o.order_key and n.version > o.version where o.municipality_code = $1`,
    [code],
  )
  assert.deepEqual(old, [], 'a version was calculated though a newer one was known')
  const overlapping = await tx.often.rows(
    `select a.order_id, b.order_id from order_lines a join order_lines b using (municipality_code, right_holder, benefit)
     join calculations c on c.municipality_code = a.municipality_code and c.order_id = a.order_id
     join calculations d on d.municipality_code = b.municipality_code and d.order_id = b.order_id
     where a.municipality_code = $1 and a.kind = 0 and b.kind = 0 and a.order_id < b.order_id
       and a.period_from < b.period_to and b.period_from < a.period_to`,
    [code],
  )
  assert.deepEqual(overlapping, [], 'two orders for one benefit and time were calculated, and nobody vouched for it')
  const parts = 'select count(*) from payment_parts where municipality_code = $1'
  const due = 'select count(*) from payables where municipality_code = $1'
  assert.equal(await oneOf(tx, code, parts), await oneOf(tx, code, due), 'every due part is in exactly one payment')
}

/** Invariants 1, 16 and 20 in sums of their own, beside those of reconciliation. */
async function booksBalance(tx: Tx, code: Municipality): Promise<void> {
  const owed = 'select sum(net_ore + third_party_ore) from calculations where municipality_code = $1'
  const due = await oneOf(tx, code, 'select sum(amount_ore) from payables where municipality_code = $1')
  assert.equal(await oneOf(tx, code, owed), due)
  assert.equal(await oneOf(tx, code, 'select sum(amount_ore) from payments where municipality_code = $1'), due)
  const uneven = await tx.often.rows(
    `select entry_id from ledger_lines_v1 where municipality = $1 group by 1 having sum(debit_ore) <> sum(credit_ore)`,
    [code],
  )
  assert.deepEqual(uneven, [])
  const settled = `select sum(-e.amount_ore) from statement_entries e where e.municipality_code = $1`
  const returned = 'select sum(amount_ore) from payment_returns where municipality_code = $1'
  assert.equal(
    await oneOf(tx, code, settled),
    due - (await oneOf(tx, code, returned)),
    'bank = paid less what came back',
  )
}

async function eventsOf(line: TestLine, code: Municipality): Promise<SourceEvent[]> {
  await line.loader.transaction([...line.rates.known.municipalities], (tx) => publishEvents(tx, [code]))
  const told: SourceEvent[] = []
  for (const source of [1, 2, 3]) {
    const own = await line.reader.transaction([code], (tx) => readEvents(tx, source, 0, 100_000))
    for (const [i, event] of own.entries()) assert.ok(i === 0 || event.event_no > (own[i - 1] as SourceEvent).event_no)
    told.push(...own)
  }
  return told
}

/** What the source systems are told adds up to what happened. */
async function eventsAgree(tx: Tx, code: Municipality, told: readonly SourceEvent[]): Promise<void> {
  const sum = (kind: string, field: 'amount_ore' | 'gross_ore' | 'tax_ore' = 'amount_ore'): number =>
    told.reduce((total, event) => total + (event.kind === kind ? (event[field] ?? 0) : 0), 0)
  const of = (what: string): string => `select sum(${what}) from calculations where municipality_code = $1`
  assert.equal(sum('calculated'), await oneOf(tx, code, of('net_ore')))
  assert.equal(sum('calculated', 'gross_ore'), await oneOf(tx, code, of('gross_ore')))
  assert.equal(sum('calculated', 'tax_ore'), await oneOf(tx, code, of('tax_ore')))
  const paid = await oneOf(tx, code, 'select sum(amount_ore) from payments where municipality_code = $1')
  assert.equal(sum('in_round'), paid)
  assert.equal(sum('sent'), paid)
  const returned = `select sum(amount_ore) from payment_returns where municipality_code = $1`
  assert.equal(sum('returned'), await oneOf(tx, code, returned))
  assert.equal(sum('paid') + (await oneOf(tx, code, `${returned} and answer in (2, 7)`)), paid)
  const moved = 'select sum(amount_ore) from claim_movements where municipality_code = $1'
  assert.equal(sum('claim_changed'), await oneOf(tx, code, moved))
}
