import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { testDatabase } from '../../../test/database.ts'
import { builtInRateBook } from '../../modules/rates/index.ts'
import { order, orderFile } from '../http/testing.ts'
import { referenceOf } from '../reference.ts'
import { simulateVerb } from './simulate.ts'
import type { World } from './world.ts'

const { url } = await testDatabase({ reference: referenceOf(builtInRateBook()) })
const dataDir = mkdtempSync(join(tmpdir(), 'toek-simulate-'))
after(() => rmSync(dataDir, { recursive: true }))

async function simulate(body: unknown, ...more: string[]): Promise<{ code: number; out: string }> {
  let out = ''
  const path = join(dataDir, 'order.json')
  writeFileSync(path, typeof body === 'string' ? body : JSON.stringify(body))
  const world = {
    settings: { dataDir, databaseUrl: url },
    out: (text: string) => (out += text) !== '',
    err: { write: () => true },
    now: () => Date.UTC(2026, 2, 2),
    pid: 1,
    user: 'anna',
  } as unknown as World
  return { code: await simulateVerb.run(world, [path, ...more]), out }
}

test('an order in a file: what it would come to, as text and as JSON', async () => {
  const text = await simulate(order('C-1'))
  assert.equal(text.code, 0)
  assert.match(text.out, /Ordren kan beregnes[\s\S]*Netto +5\.5\d\d,00 kr\.[\s\S]*8\.52\.59\.5\.121/)
  const json = await simulate(order('C-1'), '--json')
  assert.equal(JSON.parse(json.out).outcome, 'calculated')
})

test('an order file: what would be held, and the sums of each benefit, by their Danish names', async () => {
  const double = { ...order('C-3'), order_key: 'C-4', decision: { key: 'C-4', date: '2026-03-13' } }
  const { code, out } = await simulate(orderFile('KY-0751-2026-03-C', [order('C-3'), double]))
  assert.equal(code, 3)
  assert.match(out, /\n1 tilbageholdes: Mulig dobbeltudbetaling: samme ydelse og periode\n/)
  assert.match(out, /\nKontanthjælp\n/)
})

test('what an order would be refused for is told line by line', async () => {
  await assert.rejects(simulate({ ...order('C-2'), version: 0, case_key: '' }), {
    code: 'faults',
    message: /^\/version [\s\S]*\n\/case_key /,
  })
  await assert.rejects(simulate({ source_system: 'XX' }), { code: 'unknown_source_system' })
})
