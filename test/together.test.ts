/**
 * One payment, two persons: what an employer was refunded may be corrected in the employer's order and claimed in the
 * employee's. Batches of a municipality are calculated side by side, so the two are planned together; and what two
 * batches would both take of one item the database refuses.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Connection, connect } from '../src/base/db.ts'
import { calculateBatch, calculateIn } from '../src/entry/line/calculate-batch.ts'
import { monthClock } from '../src/entry/line/clock.ts'
import type { Line } from '../src/entry/line/line.ts'
import { planMonth } from '../src/entry/line/plan-month.ts'
import { type Simulation, simulateOrder } from '../src/entry/line/simulate-order.ts'
import { parseOrder } from '../src/adapters/source-systems/index.ts'
import { citizenOf, companyOf, type LineRecord, orderFile, type OrderRecord } from './support/files.ts'
import { monthOf, testLine } from './support/line.ts'

const [APART, TOGETHER, LINKED] = [461, 480, 573]
const MAY = monthOf('2026-05')
const [ANNA, BO, CARL] = [citizenOf(0), citizenOf(1), citizenOf(2)]
const YARD = companyOf(0)
const line = await testLine()
const inLine: Line = { connection: line.loader, rates: line.rates, folders: { out: '', in: '' }, at: () => undefined }
let second: Connection

/** Paid 18,500 in March, lowered to 15,500 in April: 3,000 are overpaid when May begins. */
before(async () => {
  second = await connect(line.url, 'loader', 'test line, second lane')
  for (const code of [APART, TOGETHER]) {
    await send(code, '2026-03', [refund(code, 1, '2026-03-31', 1_850_000)])
    await line.runMonth('2026-03', [code])
    await send(code, '2026-04', [refund(code, 2, '2026-04-30', 1_550_000)])
    await line.runMonth('2026-04', [code])
    await send(code, '2026-05', [refund(code, 3, '2026-05-29', 1_850_000), claim(code), ordinary(code)])
  }
})
after(async () => {
  await second.close()
  await line.close()
})

const MARCH = {
  benefit: 'sygedagpenge_arbejdsgiver',
  component: 'sygedagpenge',
  period: { from: '2026-03-02', to: '2026-03-30' },
}

function order(code: number, key: string, who: { type: string; id: string }, more: object, lines: LineRecord[]) {
  return {
    order_key: key,
    version: 1,
    source_system: 'KSD',
    municipality: String(code).padStart(4, '0'),
    case_key: 'SAG-1',
    state: 'active',
    decision: { key: 'A-1', date: '2026-03-02' },
    beneficiary: who,
    payee: who,
    settle: 'on_disposition_date',
    disposition_date: '2026-05-29',
    lines,
    ...more,
  } as unknown as OrderRecord
}

function benefit(amount: number, more: object): LineRecord {
  return {
    line_key: '1',
    kind: 'benefit',
    ...MARCH,
    kle: '32.39.00',
    sensitivity: 'FORTROLIGE_PERSONOPLYSNINGER',
    legal_basis: 'SDPL § 54',
    quantity: { unit: 'hour', value: '148' },
    amount_ore: amount,
    repayable: false,
    text: 'Refusion',
    ...more,
  }
}

function refund(code: number, version: number, date: string, amount: number): OrderRecord {
  const yard = { type: 'cvr', id: YARD }
  const head = { version, disposition_date: date, decision: { key: `A-${version}`, date: '2026-03-02' } }
  return order(code, 'KSD-1', yard, head, [benefit(amount, { employee: ANNA })])
}

/** Decided in an order of the employee's own. */
function claim(code: number): OrderRecord {
  const decision = { key: 'T-1', date: '2026-05-04' }
  const repayment = { amount_ore: 300_000, claim_key: 'KSD-F-1', cause: 'urigtig_oplysning', decision }
  return order(code, 'KSD-9', { type: 'cpr', id: ANNA }, {}, [
    { line_key: 't', kind: 'repayment', ...MARCH, ...repayment },
  ])
}

/** Somebody who has nothing to do with it. */
function ordinary(code: number): OrderRecord {
  const own = { benefit: 'sygedagpenge', period: { from: '2026-05-04', to: '2026-05-30' } }
  return order(code, 'KSD-2', { type: 'cpr', id: BO }, {}, [benefit(1_000_000, own)])
}

async function send(code: number, month: string, records: OrderRecord[]): Promise<void> {
  const told = await line.importText(orderFile(`KSD-${code}-${month}`, month, records), month)
  assert.deepEqual([told.state, told.refused], ['loaded', []])
}

/** What was taken of what was overpaid of the refund, øre. */
async function takenOf(code: number): Promise<number> {
  const row = await line.loader.transaction([code], (tx) =>
    tx.first<{ ore: number }>(
      `select coalesce(sum(gross_ore), 0)::bigint as ore from item_movements where municipality_code = $1 and from_place = 2`,
      [code],
    ),
  )
  return row?.ore ?? 0
}

const KNOWN_AT = monthClock(MAY).calculated

/** Keys of the orders of each batch that is planned and not done. */
async function planned(code: number): Promise<string[][]> {
  const rows = await line.loader.transaction([code], (tx) =>
    tx.rows<{ keys: string[] }>(
      `select (select array_agg(o.order_key order by u.n) from unnest(w.order_ids) with ordinality u (id, n)
         join orders o on o.municipality_code = $1 and o.order_id = u.id) as keys
       from work_batches w where w.municipality_code = $1 and w.kind = 'calculate' and not exists (select from work_done d
         where d.municipality_code = $1 and d.work_no = w.work_no) order by w.work_no`,
      [code],
    ),
  )
  return rows.map((row) => row.keys)
}

/** Why an order is held, if it is. */
async function holdsOf(code: number, key: string): Promise<string[]> {
  const rows = await line.loader.transaction([code], (tx) =>
    tx.rows<{ kind: string }>(
      `select h.kind from order_holds h join orders o on o.municipality_code = $1 and o.order_id = h.order_id
       where h.municipality_code = $1 and o.order_key = $2 and h.kind <> 'superseded'`,
      [code, key],
    ),
  )
  return rows.map((row) => row.kind)
}

/** As a release before this one planned: each order in a batch of its own. Gives the batches by order key. */
async function planApart(code: number): Promise<Map<string, number>> {
  return await line.loader.transaction([code], async (tx) => {
    const rows = await tx.rows<{ key: string; work: number }>(
      `insert into work_batches (municipality_code, work_no, kind, cause, known_at, order_ids)
       select $1::smallint, (select max(work_no) from work_batches where municipality_code = $1)
           + row_number() over (order by o.order_key), 'calculate', o.order_key, $2::timestamptz, array[o.order_id]
       from orders o where o.municipality_code = $1 and o.disposition_date = '2026-05-29' returning cause as key, work_no as work`,
      [code, KNOWN_AT],
    )
    return new Map(rows.map(({ key, work }) => [key, work]))
  })
}

test('two batches that read the same item and both take of it: the second is refused, and comes right when it is done again', async () => {
  const works = await planApart(APART)
  const batch = (key: string) => ({ municipality: APART, workNo: works.get(key) ?? 0, knownAt: KNOWN_AT })
  let refused: Promise<void> | undefined
  const pid = (await second.db.first<{ pid: number }>('select pg_backend_pid() as pid'))?.pid ?? 0
  await line.loader.transaction([APART], async (one) => {
    await calculateIn(one, line.rates, batch('KSD-1'))
    // It has read what stands before the first has ended, and waits for it with what it writes.
    const claiming = calculateBatch({ ...inLine, connection: second }, batch('KSD-9'))
    refused = assert.rejects(claiming, { code: 'moved_meanwhile', message: /0461, work \d+\). Run the month again/ })
    for (let waits = false; !waits; ) {
      const lock = await one.first('select pg_sleep(0.01) from pg_locks where not granted and pid = $1', [pid])
      waits = lock !== undefined
    }
  })
  await refused
  assert.equal(await takenOf(APART), 300_000)
  await line.runMonth('2026-05', [APART])
  assert.equal(await takenOf(APART), 300_000)
  assert.deepEqual(await holdsOf(APART, 'KSD-9'), ['unfounded_repayment'])
})

async function simulated(record: OrderRecord): Promise<Simulation> {
  const context = { ...line.rates.known, sourceSystem: 'KSD' as const, orderKey: record.order_key }
  const parsed = parseOrder(record, context)
  assert.ok(parsed.faults === undefined, JSON.stringify(parsed.faults))
  const made = await simulateOrder(inLine, parsed, { knownAt: KNOWN_AT, actor: 'test' })
  assert.equal(made.kind, 'simulated')
  return (made as { simulation: Simulation }).simulation
}

test('a simulation takes along what is calculated with the order: it says what the month will do', async () => {
  const claims = await simulated(claim(TOGETHER))
  assert.deepEqual([claims.outcome, claims.holds.map((one) => one.kind)], ['held', ['unfounded_repayment']])
  const raised = await simulated(refund(TOGETHER, 3, '2026-05-29', 1_850_000))
  assert.deepEqual([raised.outcome, raised.items, raised.difference.gross_ore], ['corrects', [], 300_000])
})

test('what a month corrects in one order and claims in another is planned together, whoever else is planned apart', async () => {
  const { batches } = await planMonth(inLine, TOGETHER, MAY, monthClock(MAY), 1)
  const keys = await planned(TOGETHER)
  assert.deepEqual(keys.map((own) => own.toSorted()).sort(), [['KSD-1', 'KSD-9'], ['KSD-2']])
  assert.equal(batches.length, 2)
  await line.runMonth('2026-05', [TOGETHER])
  assert.equal(await takenOf(TOGETHER), 300_000)
  assert.deepEqual(await holdsOf(TOGETHER, 'KSD-9'), ['unfounded_repayment'])
})

/** The batches of one municipality's month when each person is planned apart, as far as they may be. */
async function batchesOf(code: number, month: string, records: OrderRecord[]): Promise<string[]> {
  await send(code, month, records)
  await planMonth(inLine, code, monthOf(month), monthClock(monthOf(month)), 1)
  const keys = (await planned(code)).map((own) => own.toSorted().join(' ')).sort()
  const { reconciliations } = await line.runMonth(month, [code])
  assert.deepEqual(
    reconciliations.flatMap((one) => one.findings),
    [],
  )
  return keys
}

test('an employer that owes what an employee claims, a withdrawn claim, a set-off and a new right holder are planned together too', async () => {
  const yard = { type: 'cvr', id: YARD }
  const [anna, bo, carl] = [ANNA, BO, CARL].map((id) => ({ type: 'cpr', id }))
  const due = (month: string) => ({ disposition_date: `2026-${month}-26` })
  const other = (
    key: string,
    version: number,
    who: { type: string; id: string } | undefined,
    month: string,
    amount: number,
  ) =>
    order(LINKED, key, who ?? yard, { version, ...due(month) }, [
      benefit(amount, { benefit: 'sygedagpenge', period: { from: `2026-02-02`, to: `2026-02-28` } }),
    ])
  const own = (month: string) => ({ period: { from: `2026-${month}-02`, to: `2026-${month}-20` } })
  const setOff = { line_key: 's', kind: 'set_off', amount_ore: 100_000, claim_key: 'KSD-F-1' }
  await batchesOf(LINKED, '2026-03', [refund(LINKED, 1, '2026-03-26', 1_850_000), other('KSD-5', 1, bo, '03', 900_000)])
  await batchesOf(LINKED, '2026-04', [refund(LINKED, 2, '2026-04-24', 1_550_000)])

  const claimed = await batchesOf(LINKED, '2026-05', [
    { ...claim(LINKED), ...due('05') },
    order(LINKED, 'KSD-6', yard, due('05'), [benefit(500_000, { employee: BO, ...own('04') })]),
    order(LINKED, 'KSD-7', carl ?? yard, due('05'), [benefit(800_000, { benefit: 'sygedagpenge', ...own('05') })]),
  ])
  assert.deepEqual(claimed, ['KSD-6 KSD-9', 'KSD-7'], 'the employer may owe what the employee claims')
  assert.equal(await takenOf(LINKED), 300_000)

  const withdrawn = { ...claim(LINKED), version: 2, state: 'withdrawn', reason: 'Afgørelsen er omgjort', lines: [] }
  const revoked = await batchesOf(LINKED, '2026-06', [
    { ...withdrawn, ...due('06') } as unknown as OrderRecord,
    refund(LINKED, 3, '2026-06-26', 1_650_000),
    order(LINKED, 'KSD-6', yard, { ...due('06'), version: 2 }, [
      benefit(500_000, { employee: BO, ...own('04') }),
      setOff,
    ]),
    other('KSD-5', 2, carl, '06', 900_000),
    other('KSD-8', 1, anna, '06', 700_000),
    order(LINKED, 'KSD-10', bo ?? yard, due('06'), [benefit(400_000, { benefit: 'sygedagpenge', ...own('05') })]),
  ])
  assert.deepEqual(revoked, ['KSD-1 KSD-6 KSD-8 KSD-9', 'KSD-10 KSD-5'], 'revoked, closed and set off; from Bo to Carl')
})
