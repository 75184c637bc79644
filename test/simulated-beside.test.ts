/** A simulation of a decision to claim sees what other orders of the same right are about to change. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { citizenOf, orderFile } from './support/files.ts'
import { COMPANY, recordOf, type Version } from './support/history-records.ts'
import { type TestLine, testLine } from './support/line.ts'
import { textOfCode } from './support/played-history.ts'
import { simulate } from './support/simulate-history.ts'

const CODE = 101
const CITIZEN = citizenOf(1)
const RIGHT = { benefit: 'sygedagpenge_arbejdsgiver', component: 'grundsats', from: '2025-07-01', to: '2025-07-29' }
const NOTHING = { lines: [], takes: [], repayments: [], withdrawn: false, again: 0, instalments: undefined }

let line: TestLine
before(async () => void (line = await testLine()))
after(() => line.close())

async function heldOf(order: string): Promise<string[]> {
  const rows = await line.loader.db.rows<{ kind: string }>(
    `select h.kind from order_holds h join orders o on o.municipality_code = h.municipality_code
       and o.order_id = h.order_id where o.municipality_code = $1 and o.order_key = $2`,
    [CODE, order],
  )
  return rows.map((one) => one.kind)
}

/** The employer's refund of the citizen's right. */
function refund(order: string, version: number, date: string, gross: number): Version {
  const lines = [{ ...RIGHT, holder: CITIZEN, gross }]
  return { ...NOTHING, order, system: 'KSD', beneficiary: COMPANY, payee: COMPANY, version, date, said: date, lines }
}

function claim(order: string, date: string, amount: number): Version {
  const repayments = [{ ...RIGHT, holder: CITIZEN, claim: `F-${order}`, amount, decided: date }]
  return {
    ...NOTHING,
    order,
    system: 'KSD',
    beneficiary: CITIZEN,
    payee: CITIZEN,
    version: 1,
    date,
    said: date,
    repayments,
  }
}

async function bring(month: string, ...versions: Version[]): Promise<void> {
  const records = versions.map((one) => recordOf(one, textOfCode(CODE)))
  const taken = await line.importText(orderFile(`FIL-${versions[0]?.order}-${month}`, month, records), month)
  assert.deepEqual([taken.state, taken.refused], ['loaded', []])
}

test('of an employer whose refund is lowered and raised in the same month', async () => {
  await bring('2025-07', refund('KSD-1', 1, '2025-07-14', 400_000))
  await line.runMonth('2025-07', [CODE])
  await bring('2025-08', refund('KSD-1', 2, '2025-08-14', 300_000))
  await line.runMonth('2025-08', [CODE])

  // Lower once more: what comes to be overpaid may be claimed.
  await bring('2025-09', refund('KSD-1', 3, '2025-09-12', 150_000))
  const first = claim('KSD-2', '2025-09-12', 200_000)
  const more = await simulate(line, first, CODE, '2025-09')
  assert.deepEqual([more.outcome, more.difference.claimed.map((one) => one.gross_ore)], ['calculated', [200_000]])
  await bring('2025-09', first)
  await line.runMonth('2025-09', [CODE])
  assert.deepEqual(await heldOf('KSD-2'), [])

  // Raised again: nothing is left to claim.
  await bring('2025-10', refund('KSD-1', 4, '2025-10-14', 400_000))
  const second = claim('KSD-3', '2025-10-14', 50_000)
  const none = await simulate(line, second, CODE, '2025-10')
  assert.deepEqual(
    none.holds.map((one) => one.kind),
    ['unfounded_repayment'],
  )
  await bring('2025-10', second)
  await line.runMonth('2025-10', [CODE])
  assert.deepEqual(await heldOf('KSD-3'), ['unfounded_repayment'])
})
