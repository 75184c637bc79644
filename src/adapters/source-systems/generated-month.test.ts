import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SourceSystem } from '../../modules/orders/index.ts'
import { fileCheck } from './file-check.ts'
import { type MonthFile, monthFiles } from './generator/generate-month.ts'
import { FACTS, parseEnvelope } from './parse-envelope.ts'
import { parseFact } from './parse-fact.ts'
import { parseOrder } from './parse-order.ts'
import { readJson } from './read-json.ts'
import { type ReadLine, readLines } from './read-lines.ts'

async function* bytesOf(file: MonthFile): AsyncGenerator<Uint8Array> {
  for (const text of file.chunks()) yield Buffer.from(text)
}

async function linesOf(file: MonthFile): Promise<ReadLine[]> {
  const lines: ReadLine[] = []
  for await (const batch of readLines(bytesOf(file)).batches) lines.push(...batch)
  return lines
}

test('a generated month goes in whole: every envelope, order and fact, and the control sums', async () => {
  const systems = new Map<string, SourceSystem>()
  const municipalities = new Set([751])
  const files = [...monthFiles({ month: '2026-03', municipalities: [751], scale: 1, seed: 1, orders: 1500 })]
  const seen = { orders: 0, facts: 0 }
  // Orders first: they tell which benefit belongs to which system.
  for (const file of files.toSorted((a) => (a.sourceSystem === FACTS ? 1 : -1))) {
    const [first, ...lines] = await linesOf(file)
    const { envelope, faults } = parseEnvelope(readJson(first?.text ?? '').value, { municipalities })
    assert.ok(envelope, JSON.stringify(faults))
    const check = fileCheck(envelope)
    for (const { number, text, problem } of lines) {
      const where = `${file.name}:${number}`
      const json = readJson(text)
      assert.deepEqual([problem, json.fault], [undefined, undefined], where)
      const context = { municipalities, benefits: new Set(systems.keys()), benefitSystem: systems, municipality: 751 }
      if (envelope.sourceSystem === FACTS) {
        const parsed = parseFact(json.value, context)
        assert.deepEqual(parsed.faults, undefined, where)
        check.addFact()
        seen.facts++
        continue
      }
      const { sourceSystem } = envelope
      for (const { benefit } of (json.value as { lines: { benefit?: string }[] }).lines) {
        if (benefit !== undefined && !systems.has(benefit)) systems.set(benefit, sourceSystem)
      }
      const parsed = parseOrder(json.value, { ...context, benefits: new Set(systems.keys()), sourceSystem })
      assert.deepEqual(parsed.faults, undefined, where)
      if (parsed.order !== undefined) check.add(parsed.order)
      seen.orders++
    }
    const verdict = check.verdict()
    assert.deepEqual([verdict.ok, verdict.ok ? verdict.findings : verdict.faults], [true, []], file.name)
  }
  assert.ok(seen.orders > 1000 && seen.facts > 100, JSON.stringify(seen))
})
