import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { testDatabase } from '../../../test/database.ts'
import { builtInRateBook } from '../../modules/rates/index.ts'
import { order } from '../http/testing.ts'
import { referenceOf } from '../reference.ts'
import { simulateVerb } from './simulate.ts'
import type { World } from './world.ts'

const { url } = await testDatabase({ reference: referenceOf(builtInRateBook()) })
const dataDir = mkdtempSync(join(tmpdir(), 'toek-simulate-'))
after(() => rmSync(dataDir, { recursive: true }))

async function simulate(body: unknown, ...more: string[]): Promise<{ code: number; out: string }> {
  let out = ''
  const path = join(dataDir, 'order.json')
  writeFileSync(path, JSON.stringify(body))
  const world = {
    settings: { dataDir, databaseUrl: url },
    out: (text: string) => (out += text) !== '',
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

test('what an order would be refused for is told line by line', async () => {
  await assert.rejects(simulate({ ...order('C-2'), version: 0, case_key: '' }), {
    code: 'faults',
    message: /^\/version [\s\S]*\n\/case_key /,
  })
  await assert.rejects(simulate({ source_system: 'XX' }), { code: 'unknown_source_system' })
})
