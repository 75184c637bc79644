/** What is simulated is what is done, to the øre; and a simulation changes nothing. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { generateMonth } from '../../adapters/source-systems/generator/index.ts'
import { type Connection, connect } from '../../base/db.ts'
import { parseMonth, type Period } from '../../base/date.ts'
import type { Municipality } from '../../base/id.ts'
import { readCalculatedLines } from '../../modules/effectuation/index.ts'
import { builtInRateBook, lookup } from '../../modules/rates/index.ts'
import { importFile } from '../line/import-file.ts'
import type { Line } from '../line/line.ts'
import type { MonthPlan } from '../line/plan-month.ts'
import { doTask } from '../line/tasks.ts'
import { factFile } from '../../../test/support/files.ts'
import { type Body, order, testServer } from './testing.ts'

const CODE: Municipality = 741
const SEED = 31
const MONTH = parseMonth('2026-03') as Period
const server = await testServer()
const rates = lookup(builtInRateBook())
let loader: Connection
let line: Line
let month: string

before(async () => {
  loader = await connect(server.url, 'loader', 'simulation test')
  line = { connection: loader, rates, folders: { out: server.dataDir, in: server.dataDir }, at: () => undefined }
  month = mkdtempSync(join(tmpdir(), 'toek-simulation-'))
  await generateMonth({ month: '2026-03', municipalities: [CODE], scale: 1, seed: SEED, out: month, orders: 60 })
  const facts = readFileSync(join(month, '0741-FAKTA-2026-03.ndjson'))
  await importFile(line, () => pieces(facts), { knownAt: '2026-03-01T05:00:00Z', actor: 'test' })
})
after(async () => {
  await loader.close()
  await server.close()
  rmSync(month, { recursive: true })
})

async function* pieces(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes
}

const simulate = (body: Body, holder: string = body.source_system) =>
  server.send(holder, {
    method: 'POST',
    url: '/api/v1/simulations',
    headers: { 'content-type': 'application/json' },
    payload: JSON.stringify(body),
  })
const put = (body: Body) =>
  server.send(body.source_system, {
    method: 'PUT',
    url: `/api/v1/orders/${body.source_system}/${encodeURIComponent(body.order_key)}`,
    headers: { 'content-type': 'application/json' },
    payload: JSON.stringify(body),
  })

/** The line, as far as calculation: what a month does with everything that is loaded. */
async function calculate(municipality: Municipality): Promise<void> {
  const plan = (await doTask(line, { kind: 'plan', municipality, month: MONTH })) as MonthPlan
  for (const workNo of plan.batches) {
    await doTask(line, { kind: 'calculate', municipality, workNo, knownAt: '2026-03-01T06:00:00+00:00' })
  }
}

async function calculatedLines(body: Body, municipality: Municipality) {
  return await loader.transaction([municipality], async (tx) => {
    const stored = await tx.first<{ order_id: number }>(
      'select order_id from orders where municipality_code = $1 and order_key = $2 and version = $3',
      [municipality, body.order_key, body.version],
    )
    return await readCalculatedLines(tx, municipality, stored?.order_id ?? 0)
  })
}

function amountsOf(line: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(line).filter(([name]) => name === 'line_key' || name.endsWith('_ore')))
}

const COUNTED = ['orders', 'order_lines', 'order_holds', 'intakes', 'parties', 'work_batches', 'work_done']
const LEDGER = ['calculations', 'deductions', 'untaken_deductions', 'claims', 'claim_movements', 'entries', 'transfers']

async function rows(): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const table of [...COUNTED, ...LEDGER, 'event_batches']) {
    const found = await loader.db.first<{ n: number }>(`select count(*)::int as n from ${table}`)
    counts[table] = found?.n ?? -1
  }
  return counts
}

test(`orders of a generated month, one after the other: simulated equals done (seed ${SEED})`, async () => {
  const orders = ['KY', 'KSD', 'KP'].flatMap((system) =>
    readFileSync(join(month, `0741-${system}-2026-03.ndjson`), 'utf8')
      .split('\n')
      .slice(1)
      .filter((text) => text !== '')
      .map((text) => JSON.parse(text) as Body),
  )
  assert.ok(orders.length >= 40)
  const seen = { deductions: 0, held: 0, allowance: 0 }
  const told = new Map<string, number>()
  for (const body of orders) {
    const before = await rows()
    const answer = await simulate(body)
    assert.equal(answer.status, 200, answer.text)
    assert.deepEqual(await rows(), before, 'nothing is changed')
    const { outcome, items, totals, postings, holds, reports } = answer.body
    assert.equal((await put(body)).status, 201)
    await calculate(CODE)
    const done = await calculatedLines(body, CODE)
    if (outcome === 'held') {
      seen.held++
      assert.ok(holds.length > 0)
      assert.deepEqual(done, [])
      continue
    }
    assert.equal(outcome, 'calculated')
    assert.deepEqual(items.map(amountsOf), done.map(amountsOf))
    const { a_skat_ore: tax, atp_ore: atp } = reports.eindkomst
    told.set('a_skat', (told.get('a_skat') ?? 0) + tax)
    told.set('atp', (told.get('atp') ?? 0) + atp)
    if (totals.set_off_ore + totals.third_party_ore > 0) seen.deductions++
    if (items.some((item: Body) => item.card === 'hovedkort')) seen.allowance++
    const sum = (side: 'debit_ore' | 'credit_ore') =>
      postings.reduce((total: number, one: Body) => total + one[side], 0)
    assert.equal(sum('debit_ore'), sum('credit_ore'))
    assert.ok(sum('debit_ore') >= totals.gross_ore)
    const again = await simulate(body)
    assert.equal(again.body.outcome, 'unchanged')
    assert.deepEqual(again.body.items, items)
  }
  assert.ok(seen.deductions > 0 && seen.allowance > 0, JSON.stringify(seen))
  // What eIndkomst would be told of each comes to what the ledger owes of all.
  const owed = await loader.transaction([CODE], (tx) =>
    tx.rows<{ purpose: string; ore: number }>(
      `select r.body->>'purpose' as purpose, sum(l.credit_ore)::bigint as ore from ledger_lines_v1 l
       join reference_rows r on r.kind = 'account' and r.body->>'number' = l.account
       where r.body->>'purpose' in ('a_skat', 'atp') group by 1 order by 1`,
    ),
  )
  assert.deepEqual(
    owed.map(({ purpose, ore }) => [purpose, ore]),
    [...told].sort(([a], [b]) => a.localeCompare(b)),
  )
})

test('a new version of what is calculated and not sent: all is withdrawn, and paid as it should be', async () => {
  const first = order('S-1')
  assert.equal((await put(first)).status, 201)
  await calculate(751)
  const [benefit] = first.lines
  const raised = { ...first, version: 2, lines: [{ ...benefit, amount_ore: (benefit?.amount_ore ?? 0) + 5_000 }] }
  const { status, body } = await simulate(raised)
  assert.equal(status, 200)
  assert.equal(body.outcome, 'corrects')
  assert.deepEqual(body.difference, {
    gross_ore: 5_000,
    withdrawn: [{ version: 1, line_key: '1', gross_ore: benefit?.amount_ore }],
    atp_given_back: [],
    paid: [{ line_key: '1', gross_ore: raised.lines[0]?.amount_ore }],
    moved: [],
    closed: [],
    overpaid: [],
    suppressed: [],
    to_be_adjusted: [],
    adjusted: [],
    claimed: [],
  })
  await doTask(line, { kind: 'assemble', municipality: 751, month: MONTH, actors: { planner: 'a', approver: 'b' } })
  assert.equal((await simulate(raised)).body.outcome, 'waits')
})

test('a version that a later one has replaced changes nothing any more', async () => {
  const [first, second] = [1, 2].map((version) => order('S-9', { version })) as [Body, Body]
  assert.deepEqual([(await put(first)).status, (await put(second)).status], [201, 201])
  const { status, body } = await simulate(first)
  assert.deepEqual([status, body.outcome, body.difference.gross_ore, body.items], [200, 'unchanged', 0, []])
})

test('while a batch is calculating orders of the same person, a simulation gives way', async () => {
  const first = order('S-3')
  assert.equal((await put(first)).status, 201)
  await doTask(line, { kind: 'plan', municipality: 751, month: MONTH })
  const beside = { ...order('S-3'), order_key: 'S-3b', lines: first.lines.map((one) => ({ ...one, line_key: '9' })) }
  const answer = await simulate({ ...beside, disposition_date: '2026-03-30' })
  assert.equal(answer.status, 503, answer.text)
  assert.match(answer.body.type, /being_calculated$/)
  await calculate(751)
  assert.equal((await simulate({ ...beside, disposition_date: '2026-03-30' })).status, 200)
})

test('a simulation is refused for what an order is refused for, and for who may not look', async () => {
  assert.equal((await simulate({ ...order('S-2'), colour: 'red' })).body.faults[0].code, 'unknown_field')
  assert.equal((await simulate({ ...order('S-2'), source_system: 'XX' }, 'KY')).status, 404)
  assert.equal((await simulate(order('S-2'), 'KSD')).status, 403)
  assert.equal((await simulate(order('S-2'), 'planlaegger')).status, 200)
  assert.equal((await simulate({ ...order('S-1'), case_key: 'another' })).status, 409)
})

test('the payments that are expected: as ordered, as calculated, as made, and no more than a reader may see', async () => {
  const first = order('E-1')
  assert.equal((await put(first)).status, 201)
  const expected = async (holder = 'KY') =>
    server.send(holder, { method: 'GET', url: '/api/v1/orders/KY/E-1/expected-payments' })
  const simulated = (await simulate(first)).body
  const before = await rows()
  const answer = await expected()
  assert.equal(answer.status, 200, answer.text)
  const mine = (body: Body) =>
    (body.payments as Body[]).flatMap((one) => one.parts.map((part: Body) => ({ ...part, state: one.state })))
  const parts = mine(answer.body).filter((part: Body) => part.order_key === 'E-1')
  assert.deepEqual(
    parts.map((part: Body) => [part.state, part.amount_ore]),
    [['expected', simulated.totals.net_ore]],
  )
  assert.deepEqual(await rows(), before, 'nothing is changed')
  await calculate(751)
  const due = mine((await expected()).body).filter((part: Body) => part.order_key === 'E-1')
  assert.deepEqual(due, [{ ...parts[0], state: 'due' }])
  assert.equal((await expected('KSD')).status, 403)
  assert.equal((await expected('planlaegger')).status, 200)
})

test('an order for somebody who has died is simulated as held, and what it would come to is told all the same', async () => {
  const body = order('KY-SIM-DEAD')
  const cpr = (body.beneficiary as { id: string }).id
  const fact = { record: 'party_event', cpr, event: 'death', date: '2026-02-20' }
  const file = Buffer.from(factFile('FAKTA-SIM-DEAD', '0751', '2026-03', [fact]))
  const told = await importFile(line, () => pieces(file), { knownAt: '2026-03-01T05:30:00Z', actor: 'test' })
  assert.deepEqual([told.state, told.refused], ['loaded', []])
  const answer = await simulate(body)
  assert.equal(answer.status, 200, answer.text)
  const { outcome, holds, items } = answer.body
  assert.deepEqual([outcome, holds.map((hold: { kind: string }) => hold.kind), items.length], ['held', ['dead'], 1])
})
