/** The year ends while the program is stopped: what is left of open claims is turned once, as if it had not been. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Connection } from '../src/base/db.ts'
import { monthClock } from '../src/entry/line/clock.ts'
import { crossYears } from '../src/entry/line/cross-year.ts'
import { citizenOf, orderFile, type OrderRecord } from './support/files.ts'
import { monthOf, testLine } from './support/line.ts'

const [DISTURBED, UNDISTURBED] = [461, 480]
const CLAIMS = 5
const JANUARY = monthOf('2027-01')
const line = await testLine()

before(async () => {
  for (const [version, month, date, gross] of [
    [1, '2026-03', '2026-03-31', 1_255_000],
    [2, '2026-04', '2026-04-30', 955_000],
  ] as const) {
    for (const code of [DISTURBED, UNDISTURBED]) {
      const records = Array.from({ length: CLAIMS }, (_, i) => order(code, i, version, date, gross))
      const told = await line.importText(orderFile(`KY-${code}-${version}`, month, records), month)
      assert.deepEqual([told.state, told.refused], ['loaded', []])
    }
    await line.runMonth(month, [DISTURBED, UNDISTURBED])
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
