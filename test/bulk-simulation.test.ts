/** What a whole file would come to equals what it comes to; and looking changes nothing. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Line } from '../src/entry/line/line.ts'
import { simulateFile } from '../src/entry/line/simulate-file.ts'
import { readDifference } from '../src/entry/line/simulated-difference.ts'
import { readSmallAmounts } from '../src/modules/overview/index.ts'
import { citizenOf, factFile, orderFile, type OrderRecord } from './support/files.ts'
import { monthOf, testLine } from './support/line.ts'
import { approveWaiting } from './support/play-rules.ts'

const CODE = 461
const MUNICIPALITY = '0461'
const line = await testLine()
after(() => line.close())

const inLine: Line = { connection: line.loader, rates: line.rates, folders: { out: '', in: '' }, at: () => undefined }

/** Twenty citizens; what a version makes of each amount. */
function file(month: string, version: number, amountOf: (i: number) => number | undefined): string {
  const orders = Array.from({ length: 20 }, (_, i) => {
    const amount = amountOf(i)
    const person = { type: 'cpr', id: citizenOf(i) }
    return {
      order_key: `KY-${i}`,
      version,
      source_system: 'KY',
      municipality: MUNICIPALITY,
      case_key: `SAG-${i}`,
      state: amount === undefined ? 'withdrawn' : 'active',
      ...(amount === undefined ? { reason: 'Afgørelsen er omgjort' } : {}),
      decision: { key: 'A-1', date: '2026-03-02' },
      beneficiary: person,
      payee: person,
      disposition_date: `${month}-30`,
      settle: 'on_disposition_date',
      lines:
        amount === undefined
          ? []
          : [
              {
                line_key: '1',
                kind: 'benefit',
                benefit: 'kontanthjaelp',
                component: 'grundsats',
                kle: '32.24.04',
                sensitivity: 'FOELSOMME_PERSONOPLYSNINGER',
                legal_basis: 'LAS § 11',
                period: { from: '2026-03-01', to: '2026-04-01' },
                quantity: { unit: 'month', value: '1' },
                amount_ore: amount,
                repayable: false,
                text: 'Kontanthjælp',
              },
            ],
    } as unknown as OrderRecord
  })
  return orderFile(`KY-${MUNICIPALITY}-${version}`, month, orders)
}

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(Buffer.from(text))
}

async function everything(): Promise<unknown[]> {
  return await line.loader.transaction([CODE], (tx) =>
    tx.rows(
      `select (select count(*) from orders) as orders, (select count(*) from intakes) as intakes,
         (select count(*) from transfers) as transfers, (select count(*) from item_movements) as movements,
         (select count(*) from work_batches) as works, (select count(*) from order_holds) as holds`,
    ),
  )
}

/** What orders of a version booked, by account. */
async function postedBy(version: number): Promise<unknown[]> {
  return await line.loader.transaction([CODE], (tx) =>
    tx.rows(
      `select l.account, sum(l.debit_ore)::bigint as debit_ore, sum(l.credit_ore)::bigint as credit_ore
       from entries e join orders o on o.municipality_code = e.municipality_code and o.order_id = e.cause_id
       join ledger_lines_v1 l on l.municipality = e.municipality_code and l.entry_id = e.entry_id
       where e.municipality_code = $1 and o.version = $2 group by 1 order by 1`,
      [CODE, version],
    ),
  )
}

test('a file of corrections: simulated equals done, by benefit and by account', async () => {
  await line.importText(
    file('2026-03', 1, () => 1_255_000),
    '2026-03',
  )
  await line.runMonth('2026-03', [CODE])
  // One in four is raised, lowered, ended, or the same again.
  const second = file('2026-04', 2, (i) => [1_315_000 + i, 955_000 - i, undefined, 1_255_000][i % 4])
  const before = await everything()
  const simulated = await simulateFile(inLine, () => bytes(second), { month: monthOf('2026-04'), actor: 'test' })
  assert.deepEqual(await everything(), before, 'nothing is changed')
  assert.deepEqual(simulated.outcomes, { pays: 5, corrects: 10, unchanged: 5 })
  const raised = [0, 4, 8, 12, 16].reduce((sum, i) => sum + 60_000 + i, 0)
  const lowered = [1, 5, 9, 13, 17].reduce((sum, i) => sum + 300_000 + i, 0)
  assert.equal(simulated.totals.paid_gross_ore, raised)
  assert.equal(simulated.totals.overpaid_ore, lowered + 5 * 1_255_000)
  assert.equal(simulated.largest[0]?.difference_ore, -1_255_000)
  await line.importText(second, '2026-04')
  await line.runMonth('2026-04', [CODE])
  assert.deepEqual(simulated.postings, await postedBy(2))
})

test('what would be refused is told, and what is loaded is not simulated again', async () => {
  const again = file('2026-04', 2, (i) => [1_315_000 + i, 955_000 - i, undefined, 1_255_000][i % 4])
  const simulate = (text: string) =>
    simulateFile(inLine, () => bytes(text), { month: monthOf('2026-04'), actor: 'test' })
  await assert.rejects(simulate(again), { code: 'already_loaded' })
  const wrong = file('2026-05', 3, () => 1).replace('"count":20', '"count":21')
  await assert.rejects(simulate(wrong), { code: 'file_refused', message: /count/ })
})

test('below a limit: what waits and what is let go is simulated as it is done', async () => {
  const limit = { record: 'small_amount', municipality: MUNICIPALITY, amount_ore: 10_000, treatment: 'suppress' }
  const fact = { ...limit, valid_from: '2026-01-01' }
  await line.importText(factFile('FAKTA-LIMIT', MUNICIPALITY, '2026-05', [fact]), '2026-05')
  await approveWaiting(line, CODE, 'bente', '2026-05')
  // One in four a little more, one a little less.
  const third = file('2026-05', 3, (i) => [1_316_200 + i, 955_000 - i, undefined, 1_253_800][i % 4])
  const simulated = await simulateFile(inLine, () => bytes(third), { month: monthOf('2026-05'), actor: 'test' })
  assert.deepEqual(simulated.outcomes, { pays: 0, corrects: 5, unchanged: 10 }, 'five wait')
  assert.deepEqual([simulated.totals.paid_gross_ore, simulated.totals.overpaid_ore], [0, 0])
  await line.importText(third, '2026-05')
  await line.runMonth('2026-05', [CODE])
  assert.deepEqual(simulated.postings, await postedBy(3))
  const small = await line.reader.transaction([CODE], (tx) => readSmallAmounts(tx, CODE))
  const amounts = small.map(({ treatment, amount }) => `${treatment} ${amount}`)
  assert.deepEqual(amounts.sort(), [...Array(5).fill('gathered 1200'), ...Array(5).fill('suppressed 1200')])
})

test('own ATP that is given back is told by itself: it is not withdrawn, and nothing was', async () => {
  const sickness = (version: number, hours: string, month: string) => {
    const person = { type: 'cpr', id: citizenOf(30) }
    const order = {
      order_key: 'KSD-1',
      version,
      source_system: 'KSD',
      municipality: MUNICIPALITY,
      case_key: 'SAG-KSD',
      state: 'active',
      decision: { key: 'A-1', date: '2026-03-02' },
      beneficiary: person,
      payee: person,
      disposition_date: `${month}-${month === '2026-06' ? '30' : '31'}`,
      settle: 'on_disposition_date',
      lines: [
        {
          line_key: '1',
          kind: 'benefit',
          benefit: 'sygedagpenge',
          component: 'grundsats',
          kle: '32.39.04',
          sensitivity: 'FOELSOMME_PERSONOPLYSNINGER',
          legal_basis: 'opdigtet',
          repayable: false,
          text: 'Ydelse',
          period: { from: '2026-06-01', to: '2026-06-29' },
          quantity: { unit: 'hour', value: hours },
          amount_ore: 1_850_000,
        },
      ],
    }
    return orderFile(`KSD-${version}`, month, [order as unknown as OrderRecord])
  }
  await line.importText(sickness(1, '148', '2026-06'), '2026-06')
  await line.runMonth('2026-06', [CODE])
  const half = sickness(2, '74', '2026-07')
  const simulated = await simulateFile(inLine, () => bytes(half), { month: monthOf('2026-07'), actor: 'test' })
  const ATP = 10_400
  assert.deepEqual([simulated.totals.withdrawn_ore, simulated.totals.paid_gross_ore], [0, ATP])
  await line.importText(half, '2026-07')
  await line.runMonth('2026-07', [CODE])
  const difference = await line.loader.transaction([CODE], async (tx) => {
    const done = await tx.first<{ order: number; work: number }>(
      `select c.order_id as order, c.work_no as work from calculations c join orders o using (municipality_code, order_id)
       where c.municipality_code = $1 and o.order_key = 'KSD-1' and o.version = 2`,
      [CODE],
    )
    return await readDifference(tx, CODE, done?.order ?? 0, done?.work ?? 0)
  })
  assert.deepEqual(difference.withdrawn, [])
  assert.deepEqual(difference.atp_given_back, [{ version: 1, line_key: '1', gross_ore: ATP }])
})
