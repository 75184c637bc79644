/** The year ends while the program is stopped: what is left of open claims is turned once, as if it had not been. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { parseOrder } from '../src/adapters/source-systems/index.ts'
import type { Connection } from '../src/base/db.ts'
import { monthClock } from '../src/entry/line/clock.ts'
import { crossYears } from '../src/entry/line/cross-year.ts'
import { expectedPayments } from '../src/entry/line/expected-payments.ts'
import { simulateFile } from '../src/entry/line/simulate-file.ts'
import { simulateOrder } from '../src/entry/line/simulate-order.ts'
import { citizenOf, type LineRecord, orderFile, type OrderRecord } from './support/files.ts'
import { monthOf, testLine } from './support/line.ts'

const [DISTURBED, UNDISTURBED, SIMULATED] = [461, 480, 573]
const CLAIMS = 5
const JANUARY = monthOf('2027-01')
const line = await testLine()

before(async () => {
  for (const [version, month, date, gross] of [
    [1, '2026-03', '2026-03-31', 1_255_000],
    [2, '2026-04', '2026-04-30', 955_000],
  ] as const) {
    for (const code of [DISTURBED, UNDISTURBED, SIMULATED]) {
      const records = Array.from({ length: CLAIMS }, (_, i) => order(code, i, version, date, gross))
      const told = await line.importText(orderFile(`KY-${code}-${version}`, month, records), month)
      assert.deepEqual([told.state, told.refused], ['loaded', []])
    }
    await line.runMonth(month, [DISTURBED, UNDISTURBED, SIMULATED])
  }
})
after(() => line.close())

function order(code: number, i: number, version: number, date: string, gross: number): OrderRecord {
  const person = { type: 'cpr', id: citizenOf(i) }
  const about = {
    benefit: 'kontanthjaelp',
    component: 'grundsats',
    period: { from: '2026-03-01', to: '2026-04-01' },
  }
  const benefit = {
    line_key: '1',
    kind: 'benefit',
    ...about,
    kle: '32.24.04',
    sensitivity: 'FOELSOMME_PERSONOPLYSNINGER',
    legal_basis: 'LAS § 11',
    quantity: { unit: 'month', value: '1' },
    amount_ore: gross,
    repayable: false,
    text: 'Kontanthjælp',
  }
  const repayment = {
    line_key: '2',
    kind: 'repayment',
    ...about,
    amount_ore: 300_000,
    claim_key: `KY-F-${code}-${i}`,
    cause: 'urigtig_oplysning',
    decision: { key: `T-${i}`, date: '2026-04-02' },
  }
  return {
    order_key: `KY-${code}-${i}`,
    version,
    source_system: 'KY',
    municipality: String(code).padStart(4, '0'),
    case_key: `SAG-${i}`,
    state: 'active',
    decision: { key: `A-${version}`, date: '2026-03-02' },
    beneficiary: person,
    payee: person,
    disposition_date: date,
    settle: 'on_disposition_date',
    lines: version === 1 ? [benefit] : [benefit, repayment],
  } as unknown as OrderRecord
}

/** Stops the program before so many transactions. */
function stopped(connection: Connection, after: number): Connection {
  let done = 0
  return {
    ...connection,
    inTurn: async (municipality, act) => {
      if (done++ === after) throw new Error('stopped')
      return await connection.inTurn(municipality, act)
    },
  }
}

async function cross(code: number, connection: Connection): Promise<number> {
  const of = { connection, rates: line.rates, folders: { out: '', in: '' }, at: () => undefined }
  return await crossYears(of, code, JANUARY, monthClock(JANUARY), 2)
}

const ROWS = `select m.work_no::text || ' ' || m.movement_no || ' ' || m.from_place || '>' || m.to_place || ' ' || m.gross_ore || ' ' || m.tax_ore
    as row from item_movements m where m.municipality_code = $1
  union all select 'claim ' || amount_ore || ' ' || line_no from claim_movements where municipality_code = $1
  union all select 'ledger ' || entry_id || ' ' || debit_account || '>' || credit_account || ' ' || amount_ore
    from transfers where municipality_code = $1
  union all select 'work ' || work_no || ' ' || cause from work_batches where municipality_code = $1
    and kind = 'outcome' order by 1`

async function rows(code: number): Promise<string[]> {
  const found = await line.loader.transaction([code], (tx) => tx.rows<{ row: string }>(ROWS, [code]))
  return found.map(({ row }) => row)
}

test('stopped half way and run again it comes to the same, and running it once more changes nothing', async () => {
  await assert.rejects(cross(DISTURBED, stopped(line.loader, 1)), /stopped/)
  const half = await rows(DISTURBED)
  assert.equal(half.filter((row) => row.startsWith('claim -')).length, 2, 'the first two claims are turned')
  assert.equal(await cross(DISTURBED, line.loader), CLAIMS - 2)
  assert.equal(await cross(UNDISTURBED, line.loader), CLAIMS)
  const done = await rows(DISTURBED)
  assert.equal(done.filter((row) => row.startsWith('claim -')).length, CLAIMS)
  assert.deepEqual(done, await rows(UNDISTURBED))
  assert.equal(await cross(DISTURBED, line.loader), 0)
  assert.deepEqual(await rows(DISTURBED), done)
})

test('the month after it is explained to the øre', async () => {
  await line.runMonth('2027-01', [DISTURBED, UNDISTURBED])
  await line.runMonth('2027-02', [DISTURBED, UNDISTURBED])
  assert.equal((await rows(DISTURBED)).filter((row) => row.startsWith('claim -')).length, CLAIMS)
})

test('an order that is simulated in January before its first run sees what is owed from the first of January, as the run does', async () => {
  const pays = (i: number): OrderRecord => {
    const record = order(SIMULATED, i, 1, '2027-01-29', 1_255_000)
    const [benefit] = record.lines as [LineRecord]
    const january = { ...benefit, period: { from: '2027-01-01', to: '2027-02-01' } }
    const setOff = { line_key: 's', kind: 'set_off', amount_ore: 290_000, claim_key: `KY-F-${SIMULATED}-${i}` }
    return { ...record, order_key: `KY-NY-${i}`, lines: [january, setOff] }
  }
  const inLine = { connection: line.loader, rates: line.rates, folders: { out: '', in: '' }, at: () => undefined }
  const { calculated: knownAt } = monthClock(JANUARY)
  const before = await rows(SIMULATED)
  const context = { ...line.rates.known, sourceSystem: 'KY' as const, orderKey: 'KY-NY-0' }
  const parsed = parseOrder(pays(0), context)
  assert.ok(parsed.faults === undefined, JSON.stringify(parsed.faults))
  const one = await simulateOrder(inLine, parsed, { knownAt, actor: 'test' })
  assert.ok(one.kind === 'simulated')
  assert.deepEqual(one.simulation.untaken, [])
  assert.equal(one.simulation.totals.set_off_ore, 290_000)
  const file = orderFile('KY-NY', '2027-01', [pays(0), pays(1)])
  async function* bytes(): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(Buffer.from(file))
  }
  const both = await simulateFile(inLine, bytes, { month: JANUARY, actor: 'test' })
  const { totals } = one.simulation
  assert.deepEqual([both.totals.paid_net_ore, both.totals.paid_tax_ore], [totals.net_ore * 2, totals.tax_ore * 2])
  assert.deepEqual(await rows(SIMULATED), before, 'nothing is turned by looking')
  assert.deepEqual((await line.importText(file, '2027-01')).refused, [])
  const asked = { source: 1, orderKey: 'KY-NY-0' }
  const today = { today: JANUARY.from, knownAt, onlySource: undefined }
  const expected = await expectedPayments(inLine, SIMULATED, asked, today)
  assert.deepEqual(
    expected?.map((payment) => payment.amount_ore),
    [totals.net_ore],
  )
  await line.runMonth('2027-01', [SIMULATED])
  const made = await line.loader.transaction([SIMULATED], (tx) =>
    tx.rows<{ set_off_ore: number; net_ore: number }>(
      `select c.set_off_ore, c.net_ore from calculations c join orders o using (municipality_code, order_id)
       where c.municipality_code = $1 and o.order_key like 'KY-NY-%'`,
      [SIMULATED],
    ),
  )
  const { set_off_ore, net_ore } = totals
  assert.deepEqual(made, [
    { set_off_ore, net_ore },
    { set_off_ore, net_ore },
  ])
})
