/** What a changed rule would have given, tried on what was paid, equals what the line gives under that rule. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { generateMonth } from '../src/adapters/source-systems/generator/index.ts'
import { dayOf } from '../src/base/date.ts'
import { simulateFile } from '../src/entry/line/simulate-file.ts'
import { whatIf } from '../src/entry/line/what-if.ts'
import { type BookChange, changedBook, lookup, type RateReader } from '../src/modules/rates/index.ts'
import { monthOf, testLine } from './support/line.ts'

const SEED = 17
const CODE = 621
const MONTH = '2026-03'
const [paid, fresh] = [await testLine(), await testLine()]
const dir = mkdtempSync(join(tmpdir(), 'toek-what-if-'))
after(async () => {
  await paid.close()
  await fresh.close()
  rmSync(dir, { recursive: true })
})
await generateMonth({ month: MONTH, municipalities: [CODE], scale: 1, seed: SEED, out: dir, orders: 300 })
const textOf = (system: string) => readFileSync(join(dir, `0621-${system}-${MONTH}.ndjson`), 'utf8')
const SYSTEMS = ['KY', 'KSD', 'KP'] as const
await fresh.importText(textOf('FAKTA'), MONTH)
await paid.importText(textOf('FAKTA'), MONTH)
for (const system of SYSTEMS) await paid.importText(textOf(system), MONTH)
await paid.runMonth(MONTH, [CODE])

const inLine = (rates: RateReader) => {
  return { connection: fresh.loader, rates, folders: { out: '', in: '' }, at: () => undefined }
}
const changed = (...changes: BookChange[]) => lookup(changedBook(paid.rates.book, changes))
const tried = (after: RateReader) =>
  whatIf(
    { ...inLine(paid.rates), connection: paid.loader },
    { municipalities: [CODE], since: dayOf(2026, 3, 1), before: paid.rates, after },
  )

/** What the month's orders come to, each system's file by itself on a database that has the facts alone. */
async function simulated(rates: RateReader): Promise<{ tax: number; net: number }> {
  const sums = { tax: 0, net: 0 }
  for (const system of SYSTEMS) {
    const bytes = Buffer.from(textOf(system))
    const open = async function* () {
      yield await Promise.resolve(bytes)
    }
    const { totals } = await simulateFile(inLine(rates), open, { month: monthOf(MONTH), actor: 'test' })
    sums.tax += totals.paid_tax_ore
    sums.net += totals.paid_net_ore
  }
  return sums
}

test(`nothing is different under the same book, and every item is reckoned to the øre (seed ${SEED})`, async () => {
  const same = await tried(paid.rates)
  assert.ok(same.items > 250)
  assert.equal(same.not_reproduced, 0)
  assert.equal(same.totals.items, 0)
  assert.deepEqual([same.by_benefit, same.largest], [{}, []])
})

test('a higher rate without a card: as the line gives it', async () => {
  const after = changed({ kind: 'rate', name: 'tax_without_card', from: '2026-01-01', rate_percent: '60' })
  const { totals, largest } = await tried(after)
  const [before, then] = [await simulated(paid.rates), await simulated(after)]
  assert.ok(totals.items > 0)
  assert.equal(totals.tax_ore, then.tax - before.tax)
  assert.equal(totals.overpaid_ore, totals.tax_ore)
  assert.equal(totals.net_ore, 0 - totals.tax_ore)
  assert.ok(largest.length > 0 && (largest[0]?.net_ore ?? 0) <= (largest.at(-1)?.net_ore ?? 0))
})

test('pension from a date, an account and a kind of income: by benefit, without touching what citizens got', async () => {
  const none = changed({ kind: 'rate', name: 'obligatory_pension', from: '2026-01-01', rate_percent: '0' })
  const pension = await tried(none)
  const booked = await paid.loader.transaction([CODE], (tx) =>
    tx.first<{ ore: number }>('select sum(pension_ore)::bigint as ore from calculations'),
  )
  assert.equal(pension.totals.pension_ore, 0 - (booked?.ore ?? 0))
  assert.equal(pension.totals.net_ore, 0)
  const account = { kind: 'benefit', benefit: 'kontanthjaelp', from: '2026-03-01', cost_account: 'cost:5.57.72.1.010' }
  const recoded = await tried(changed(account as BookChange))
  assert.deepEqual(Object.keys(recoded.by_benefit), ['kontanthjaelp'])
  const gross = await paid.loader.transaction([CODE], (tx) =>
    tx.first<{ ore: number }>(
      `select sum(c.gross_ore)::bigint as ore from calculations c join order_lines l
         on l.municipality_code = c.municipality_code and l.order_id = c.order_id and l.line_no = c.line_no
       where c.benefit = 1 and l.period_from >= '2026-03-01'`,
    ),
  )
  assert.equal(recoded.totals.recoded_ore, gross?.ore)
})
