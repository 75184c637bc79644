/** An order that is held or replaced after it was planned, and before it is calculated, is not paid as it was. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { connect } from '../src/base/db.ts'
import type { Municipality, OrderId } from '../src/base/id.ts'
import type { Refusal } from '../src/base/refusal.ts'
import { calculateBatch } from '../src/entry/line/calculate-batch.ts'
import type { Failpoint } from '../src/entry/line/line.ts'
import { holdOrder, releaseOrder } from '../src/modules/orders/index.ts'
import { benefitOrder, citizenOf, orderFile } from './support/files.ts'
import { testLine } from './support/line.ts'

const line = await testLine()
after(() => line.close())

const MONTH = '2026-03'
const FIRST = 2 ** 24
const WITHDRAWN = { version: 2, state: 'withdrawn', reason: 'Ophørt' } as const
const ACT = { reason: 'Ring til borgeren', at: `${MONTH}-20T10:00:00+00:00`, by: 'ida' }

async function imported(place: string): Promise<Municipality> {
  const what = { municipality: place, benefit: 'personligt_tillaeg', kle: '32.03.12', ore: 100_000 }
  const orders = [1, 2].map((n) =>
    benefitOrder({ key: `KP-${n}`, citizen: citizenOf(Number(place) * 100 + n), ...what }),
  )
  await line.importText(orderFile(`KP-${place}`, MONTH, orders), MONTH)
  return Number(place)
}

async function calculated(code: Municipality): Promise<string[]> {
  const rows = await line.loader.transaction([code], (tx) =>
    tx.rows<{ key: string }>(
      `select distinct o.order_key as key from calculations c join orders o on o.municipality_code = c.municipality_code
         and o.order_id = c.order_id where c.municipality_code = $1 order by 1`,
      [code],
    ),
  )
  return rows.map((row) => row.key)
}

test('it is not calculated with its batch, and is paid when it is released', async () => {
  const code = await imported('0101')
  const order = FIRST as OrderId
  line.around(async (task) => {
    if (task.kind !== 'calculate') return
    line.around(undefined, undefined)
    await line.loader.inTurn(code, (tx) => holdOrder(tx, { ...ACT, municipality: code, order }))
  }, undefined)
  await line.runMonth(MONTH, [code])
  assert.deepEqual(await calculated(code), ['KP-2'])
  await line.loader.inTurn(code, (tx) => releaseOrder(tx, { ...ACT, municipality: code, order }))
  const { reconciliations } = await line.runMonth(MONTH, [code])
  assert.deepEqual(await calculated(code), ['KP-1', 'KP-2'])
  assert.deepEqual(reconciliations[0]?.findings, [])
  assert.equal(reconciliations[0]?.totals.payments_accepted, 2)
})

test('a decision that is withdrawn between is not paid, and one that is changed is paid as it is then', async () => {
  const code = await imported('0151')
  const what = { municipality: '0151', benefit: 'personligt_tillaeg', kle: '32.03.12' }
  const gone = { ...benefitOrder({ key: 'KP-1', citizen: citizenOf(15_101), ore: 100_000, ...what }), ...WITHDRAWN }
  const less = { ...benefitOrder({ key: 'KP-2', citizen: citizenOf(15_102), ore: 60_000, ...what }), version: 2 }
  line.around(async (task) => {
    if (task.kind !== 'calculate') return
    line.around(undefined, undefined)
    await line.importText(orderFile('KP-0151-2', MONTH, [gone, less]), MONTH)
  }, undefined)
  await line.runMonth(MONTH, [code])
  assert.deepEqual(await calculated(code), [])
  const { reconciliations } = await line.runMonth(MONTH, [code])
  assert.deepEqual(await calculated(code), ['KP-2'])
  assert.deepEqual(reconciliations[0]?.findings, [])
  assert.deepEqual([reconciliations[0]?.totals.payments_accepted, reconciliations[0]?.totals.gross_ore], [1, 60_000])
})

test('who holds it while its batch is calculated is told that it comes too late', async () => {
  const code = await imported('0147')
  const other = await connect(line.url, 'writer', 'test hold')
  const hold = { ...ACT, municipality: code, order: FIRST as OrderId }
  let held: Promise<unknown> | undefined
  const { rates, out, incoming, loader } = line
  const at = (point: Failpoint): void => {
    if (point !== 'calculate:after-marker') return
    held = other.inTurn(code, (tx) => holdOrder(tx, hold)).catch((error: unknown) => (error as Refusal).code)
  }
  line.around(async (task) => {
    if (task.kind !== 'calculate') return
    line.around(undefined, undefined)
    await calculateBatch({ connection: loader, rates, folders: { out, in: incoming }, at }, task)
  }, undefined)
  await line.runMonth(MONTH, [code])
  assert.equal(await held, 'already_calculated')
  await other.close()
})
