/**
 * Every door under a law change that another program approved after this one began: `line.rates` is the book that
 * ships, throughout. What is new is by the change; what was calculated before stays with its own book.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseOrder } from '../src/adapters/source-systems/index.ts'
import { dayOf } from '../src/base/date.ts'
import type { Municipality } from '../src/base/id.ts'
import { importFile } from '../src/entry/line/import-file.ts'
import { expectedPayments } from '../src/entry/line/expected-payments.ts'
import { monthClock } from '../src/entry/line/clock.ts'
import { simulateOrder } from '../src/entry/line/simulate-order.ts'
import { takeOrder } from '../src/entry/line/take-order.ts'
import { tellMonth } from '../src/entry/line/tell-month.ts'
import { readSpecification } from '../src/modules/overview/index.ts'
import type { BookChange } from '../src/modules/rates/index.ts'
import { checkTold } from './support/check-told.ts'
import {
  APRIL,
  approved,
  balances,
  calculate,
  importAll,
  inLine,
  MARCH,
  newLine,
  pass,
  type PlainOrder,
  plainOrder,
  plainOrders,
} from './support/change-law.ts'
import { citizenOf, factFile, mainCard } from './support/files.ts'
import { monthOf, type TestLine } from './support/line.ts'
import { decide } from './support/decide-scenario.ts'
import type { Play } from './support/play-scenario.ts'

const CODE = 621
const [OLD, NEW] = ['5.57.73.1.007', '5.57.73.1.077'] as const
const ACCOUNTS: readonly BookChange[] = [
  { kind: 'account', number: NEW, name: 'Kontanthjælp, ny gruppering' },
  { kind: 'benefit', benefit: 'kontanthjaelp', from: '2026-01-01', cost_account: NEW },
]
const EXCLUDED: BookChange = {
  kind: 'exclusion',
  benefits: ['kontanthjaelp', 'ledighedsydelse'],
  from: '2026-01-01',
  excluded: true,
}
const PENSION: BookChange = {
  kind: 'rate',
  name: 'obligatory_pension',
  from: '2026-01-01',
  rate_percent: '3',
}
const LIABLE: BookChange = { kind: 'benefit', benefit: 'kontanthjaelp', from: '2026-01-01', am_liable: true }

function parsed(line: TestLine, order: PlainOrder) {
  const record = plainOrder(CODE, order)
  const made = parseOrder(record, { ...line.rates.known, sourceSystem: 'KY', orderKey: order.key })
  assert.ok(made.faults === undefined, JSON.stringify(made.faults))
  return made
}

async function holds(line: TestLine, code: Municipality): Promise<string[]> {
  const rows = await line.loader.transaction([code], (tx) =>
    tx.rows<{ held: string }>(
      `select o.order_key || ' ' || h.kind as held from order_holds h join orders o on o.municipality_code = $1
         and o.order_id = h.order_id where h.municipality_code = $1 order by 1`,
      [code],
    ),
  )
  return rows.map((row) => row.held)
}

const act = { knownAt: '2026-03-05T10:00:00Z', actor: 'KY' }

test('an order by the API and one by file: held by an exclusion that was approved meanwhile', async () => {
  const line = await newLine()
  await importAll(line, { KY: plainOrders(CODE, [{ key: 'KY-1', months: [3] }]) }, MARCH)
  await pass(line, [EXCLUDED], [CODE])
  await takeOrder(inLine(line), parsed(line, { key: 'KY-2', months: [3], benefit: 'ledighedsydelse' }), act)
  await importAll(
    line,
    { KY: plainOrders(CODE, [{ key: 'KY-3', months: [3], benefit: 'ledighedsydelse', due: '2026-03-30' }]) },
    MARCH,
  )
  assert.deepEqual(await holds(line, CODE), ['KY-2 excluding_benefit', 'KY-3 excluding_benefit'])
})

test('simulated, expected, calculated, specified: by the change; what was paid before by its own book', async () => {
  const line = await newLine()
  await importAll(line, { KY: plainOrders(CODE, [{ key: 'KY-1', months: [3] }]) }, MARCH)
  await line.runMonth(MARCH, [CODE])
  await pass(line, [PENSION, LIABLE], [CODE])
  const order: PlainOrder = { key: 'KY-2', months: [4], citizen: 4, due: '2026-04-30' }
  const simulated = await simulateOrder(inLine(line), parsed(line, order), act)
  assert.ok(simulated.kind === 'simulated')
  const { totals } = simulated.simulation
  assert.ok(totals.am_ore > 0 && totals.pension_ore > totals.gross_ore * 0.029)
  await importAll(line, { KY: plainOrders(CODE, [order], APRIL) }, APRIL)
  const expected = await expectedPayments(
    inLine(line),
    CODE,
    { source: 1, orderKey: 'KY-2' },
    { today: dayOf(2026, 4, 1), knownAt: '2026-04-01T09:00:00Z', onlySource: undefined },
  )
  assert.deepEqual(
    expected?.map((one) => one.amount_ore),
    [totals.net_ore],
  )
  await calculate(line, CODE, APRIL)
  const spec = async (orderKey: string) =>
    await line.loader.transaction([CODE], (tx) => readSpecification(tx, CODE, { orderKey }, line.rates))
  const [was, is] = [await spec('KY-1'), await spec('KY-2')]
  assert.deepEqual([is?.totals.net, is?.totals.pension], [totals.net_ore, totals.pension_ore])
  const sources = (one: typeof is) =>
    one?.items.flatMap((item) => item.calculation?.lines.flatMap((row) => ('source' in row ? row.source : [])) ?? [])
  assert.ok(sources(is)?.some((source) => source.startsWith('LOV nr')))
  assert.ok(sources(was)?.length && !sources(was)?.some((source) => source.startsWith('LOV nr')))
  assert.equal(was?.totals.am, 0)
})

test('stopped by a tax card: what was calculated is taken back off its own account, and calculated again by the change', async () => {
  const line = await newLine()
  await importAll(line, { KY: plainOrders(CODE, [{ key: 'KY-1', months: [3] }]) }, MARCH)
  await line.runMonth(MARCH, [CODE], 'waits')
  assert.equal((await balances(line, [CODE]))[OLD], 1_255_000)
  await pass(line, ACCOUNTS, [CODE])
  const card = mainCard('0621', citizenOf(3), line.rates.municipality(CODE).cvr, '2027-01-01')
  // By a program that began after the approval.
  const facts = Buffer.from(factFile('FAKTA-0621-K', '0621', MARCH, [card]))
  const open = async function* () {
    yield await Promise.resolve(facts)
  }
  await importFile(await approved(line), open, { knownAt: '2026-03-05T05:00:00Z', actor: 'test' })
  const stopped = await balances(line, [CODE])
  assert.deepEqual([stopped[OLD], stopped[NEW]], [undefined, undefined])
  const closed = await line.runMonth(MARCH, [CODE])
  for (const { findings } of closed.reconciliations) assert.deepEqual(findings, [])
  const after = await balances(line, [CODE])
  assert.deepEqual([after[OLD], after[NEW]], [undefined, 1_255_000])
  await checkTold({ ...line, rates: (await approved(line)).rates }, [CODE])
})

const REPAYMENT = {
  line_key: '9',
  kind: 'repayment' as const,
  benefit: 'kontanthjaelp',
  component: 'grundsats',
  period: { from: '2026-03-01', to: '2026-04-01' },
  amount_ore: 100_000,
  claim_key: 'KY-F-1',
  cause: 'urigtig_oplysning',
  decision: { key: 'T-1', date: '2026-04-02' },
}

test('overpaid before, decided after: claimed or kept by the book and the account that it was paid by', async () => {
  const [line, plain] = [await newLine(), await newLine()]
  const results: Record<string, number>[] = []
  for (const one of [line, plain]) {
    const orders = [1, 2].map((n) => ({ key: `KY-${n}`, months: [3], citizen: n + 3 }))
    await importAll(one, { KY: plainOrders(CODE, orders) }, MARCH)
    await one.runMonth(MARCH, [CODE])
    const lowered = orders.map((order) => ({ ...order, version: 2, amount: 1_155_000 }))
    await importAll(one, { KY: plainOrders(CODE, lowered) }, MARCH)
    await one.runMonth(MARCH, [CODE])
    if (one === line) await pass(line, [...ACCOUNTS, PENSION], [CODE])
    const now = { ...one, rates: (await approved(one)).rates }
    const play = { line: now, municipalities: new Map([['', CODE]]), month: MARCH, section: 1 } as unknown as Play
    await decide(play, { order: 'KY-1', decides: { outcome: 'not_repayable' } })
    const claims = { key: 'KY-2', months: [3], citizen: 5, version: 3, amount: 1_155_000, more: [REPAYMENT] }
    await importAll(one, { KY: plainOrders(CODE, [claims], APRIL) }, APRIL)
    const closed = await one.runMonth(APRIL, [CODE])
    for (const { findings } of closed.reconciliations) assert.deepEqual(findings, [])
    await checkTold(now, [CODE])
    results.push(await balances(one, [CODE]))
  }
  const [changed = {}, without = {}] = results
  // KY-2 said again what stands: that went over to the new account; the claim is by the rate that it was paid by.
  assert.deepEqual(changed, { ...without, [OLD]: (without[OLD] ?? 0) - 1_155_000, [NEW]: 1_155_000 })
})

test('approved while a month is half told: what was calculated before is told as it was booked', async () => {
  const line = await newLine()
  const orders = [1, 2, 3].map((n) => ({ key: `KY-${n}`, months: [3], citizen: n + 3 }))
  await importAll(line, { KY: plainOrders(CODE, orders) }, MARCH)
  await calculate(line, CODE, MARCH)
  await pass(line, [...ACCOUNTS, PENSION], [CODE])
  const month = monthOf(MARCH)
  await tellMonth(
    { ...(await approved(line)), folders: { out: line.out, in: line.out } },
    CODE,
    month,
    monthClock(month),
  )
  await checkTold(line, [CODE])
  assert.equal((await balances(line, [CODE]))[NEW], undefined)
})
