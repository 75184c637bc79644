/**
 * What a law change would have made of each item of a random month and its corrections is, to the øre, what is
 * simulated for it under the changed book, and what is executed where the change was approved before anything came in.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseOrder } from '../src/adapters/source-systems/index.ts'
import type { Day } from '../src/base/date.ts'
import { lineOfItem, orderOfItem } from '../src/base/id.ts'
import { simulateOrder } from '../src/entry/line/simulate-order.ts'
import { whatIf } from '../src/entry/line/what-if.ts'
import type { BookChange } from '../src/modules/rates/index.ts'
import {
  again,
  APRIL,
  enter,
  generated,
  importAll,
  inLine,
  approve,
  approved,
  MARCH,
  newLine,
  tryOn,
} from './support/change-law.ts'
import { factFile, type OrderRecord } from './support/files.ts'
import type { TestLine } from './support/line.ts'

const SEED = Number(process.env['SEED'] ?? 20260401)
const CODE = 621

/** A small generator: the same numbers for the same seed. */
function randomOf(seed: number): (below: number) => number {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}

const ALL: readonly BookChange[] = [
  { kind: 'rate', name: 'obligatory_pension', from: '2026-01-01', rate_percent: '3.3' },
  { kind: 'rate', name: 'tax_without_card', from: '2026-01-01', rate_percent: '60' },
  { kind: 'atp', rule: 'monthly', from: '2026-01-01', minimum_ore: 100 },
  { kind: 'benefit', benefit: 'kontanthjaelp', from: '2026-01-01', am_liable: true },
  { kind: 'benefit', benefit: 'ledighedsydelse', from: '2026-01-01', taxable: false },
  { kind: 'tax_method', municipality: '0621', from: '2026-01-01', method: 'exact_ore' },
]

const AMOUNTS = ['own_atp', 'am', 'tax', 'employer_atp', 'pension'] as const
type Amounts = Record<(typeof AMOUNTS)[number], number>
/** By order key, version and line. */
type ByLine = Map<string, Amounts>

async function keysOf(line: TestLine): Promise<Map<number, string>> {
  const rows = await line.loader.transaction([CODE], (tx) =>
    tx.rows<{ id: number; key: string }>(
      `select order_id as id, order_key || ' ' || version as key from orders where municipality_code = $1`,
      [CODE],
    ),
  )
  return new Map(rows.map((row) => [row.id, row.key]))
}

async function executed(line: TestLine): Promise<ByLine> {
  const keys = await keysOf(line)
  const rows = await line.loader.transaction([CODE], (tx) =>
    tx.rows<Amounts & { order_id: number; line_no: number }>(
      `select order_id, line_no, own_atp_ore as own_atp, am_ore as am, tax_ore as tax, employer_atp_ore as employer_atp,
         pension_ore as pension from calculations where municipality_code = $1 and gross_ore > 0`,
      [CODE],
    ),
  )
  return new Map(rows.map(({ order_id, line_no, ...amounts }) => [`${keys.get(order_id)} ${line_no}`, amounts]))
}

function recordsIn(text: string): OrderRecord[] {
  const [, ...records] = text
    .trim()
    .split('\n')
    .map((row) => JSON.parse(row) as OrderRecord)
  return records
}

/** One order in ten is left out, to be simulated beside all the others. */
function without(text: string, left: ReadonlySet<string>): string {
  const [envelope, ...rows] = text.trim().split('\n')
  const kept = rows.filter((row) => !left.has((JSON.parse(row) as OrderRecord).order_key))
  const sums: Record<string, { lines: number; ore: number }> = {}
  for (const kind of ['benefit', 'set_off', 'third_party', 'repayment']) sums[kind] = { lines: 0, ore: 0 }
  for (const line of kept.flatMap((row) => (JSON.parse(row) as OrderRecord).lines)) {
    const sum = sums[line.kind] as { lines: number; ore: number }
    sum.lines++
    sum.ore += Number(line['amount_ore'])
  }
  const head = { ...(JSON.parse(envelope ?? '') as object), count: kept.length, sums }
  return `${[JSON.stringify(head), ...kept].join('\n')}\n`
}

/** Of every third card another one, which came when the month was paid; some are frikort. */
function lateCards(facts: string): string {
  const [, ...records] = facts
    .trim()
    .split('\n')
    .map((row) => JSON.parse(row) as Record<string, unknown>)
  const cards = records.filter((one) => one['record'] === 'tax_card')
  const late = cards.flatMap((card, i) => {
    const kind = i % 9 === 0 ? { card: 'frikort', frikort_left_ore: 2_000_000 } : {}
    return i % 3 === 0 ? [{ ...card, rate_percent: 51, ...kind }] : []
  })
  return factFile('FAKTA-SENT', '0621', APRIL, late)
}

test(`what a change would have made of each item is what is simulated and what is executed (SEED=${SEED})`, async () => {
  const random = randomOf(SEED)
  // Contributions of a correction are reckoned beyond what stands: that changes too.
  const changes = ALL.filter((_, i) => i === 0 || random(4) > 0)
  const texts = await generated(CODE, MARCH, 240, SEED)
  const second = again(texts, APRIL, 2, (ore) => Math.max(1, ore + (random(3) - 1) * random(90_000)))
  const late = lateCards(texts['FAKTA'] ?? '')
  const [paid, under, beside] = [await newLine(), await newLine(), await newLine()]
  for (const line of [under, beside]) {
    const law = await enter(line, changes)
    await approve(line, law, (await tryOn(line, law.changeNo, [CODE])).found)
  }
  for (const line of [paid, under]) {
    await importAll(line, texts, MARCH)
    await line.runMonth(MARCH, [CODE])
    await importAll(line, { ...second, FAKTA: late }, APRIL)
    await line.runMonth(APRIL, [CODE])
  }
  const law = await enter(paid, changes)
  const { rates: after } = await approved(under)
  const would: ByLine = new Map()
  const keys = await keysOf(paid)
  const found = await whatIf(inLine(paid), {
    municipalities: [CODE],
    since: 0 as Day,
    after,
    onItem(item, { after: one }) {
      const { ownAtp: own_atp, am, tax, employerAtp: employer_atp, pension } = one
      const amounts = { own_atp, am, tax, employer_atp, pension }
      would.set(`${keys.get(orderOfItem(item))} ${lineOfItem(item)}`, amounts)
    },
  })
  assert.ok(law.changeNo > 0 && found.items > 250 && found.totals.items > 50)
  assert.equal(found.not_reproduced, 0)
  const is = await executed(under)
  const different = [...is].filter(([key, amounts]) => JSON.stringify(amounts) !== JSON.stringify(would.get(key)))
  assert.deepEqual(different, [])
  const chosen = new Set<string>()
  for (const text of Object.entries(texts).flatMap(([name, one]) => (name === 'FAKTA' ? [] : [one])))
    for (const [i, record] of recordsIn(text).entries()) if (i % 10 === 0) chosen.add(record.order_key)
  await importAll(
    beside,
    Object.fromEntries(
      Object.entries(texts).map(([name, text]) => [name, name === 'FAKTA' ? text : without(text, chosen)]),
    ),
    MARCH,
  )
  let compared = 0
  for (const [name, text] of Object.entries(texts)) {
    if (name === 'FAKTA') continue
    for (const record of recordsIn(text).filter((one) => chosen.has(one.order_key))) {
      const parsed = parseOrder(record, {
        ...beside.rates.known,
        sourceSystem: record.source_system,
        orderKey: record.order_key,
      })
      assert.ok(parsed.faults === undefined)
      const simulated = await simulateOrder(inLine(beside), parsed, { knownAt: '2026-03-05T10:00:00Z', actor: 'test' })
      assert.ok(simulated.kind === 'simulated')
      if (simulated.simulation.outcome !== 'calculated') continue
      for (const item of simulated.simulation.items) {
        const line = record.lines.findIndex((one) => one['line_key'] === item.line_key) + 1
        const expected = would.get(`${record.order_key} 1 ${line}`)
        assert.deepEqual(
          Object.fromEntries(AMOUNTS.map((one) => [one, item[`${one}_ore`]])),
          expected,
          `${record.order_key} ${line}`,
        )
        compared++
      }
    }
  }
  assert.ok(compared > 20)
})
