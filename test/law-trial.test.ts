/** What the trial of a law change says is what happens when it is approved and every order is sent again. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Day } from '../src/base/date.ts'
import type { Municipality } from '../src/base/id.ts'
import { whatIf } from '../src/entry/line/what-if.ts'
import type { BookChange } from '../src/modules/rates/index.ts'
import {
  again,
  approved,
  calculate,
  enter,
  generated,
  importAll,
  inLine,
  MARCH,
  newLine,
  pass,
  SEED,
  tryOn,
} from './support/change-law.ts'
import type { TestLine } from './support/line.ts'

type Sums = Record<'own_atp' | 'am' | 'tax' | 'employer_atp' | 'pension', number>

/** Of what stands: neither withdrawn nor nothing. */
async function sumsOf(line: TestLine, code: Municipality): Promise<Sums> {
  const row = await line.loader.transaction([code], (tx) =>
    tx.first<Sums>(
      `select sum(own_atp_ore)::bigint as own_atp, sum(am_ore)::bigint as am, sum(tax_ore)::bigint as tax,
         sum(employer_atp_ore)::bigint as employer_atp, sum(pension_ore)::bigint as pension
       from calculations c where c.municipality_code = $1 and not exists (select from item_movements m
         where m.municipality_code = $1 and m.item_id = c.order_id * 64 + c.line_no and m.to_place = 1)`,
      [code],
    ),
  )
  assert.ok(row)
  return row
}

const NAMES = ['own_atp', 'am', 'tax', 'employer_atp', 'pension'] as const

/** Each change by itself and all at once; what the trial must see of each. */
const CHANGES: Readonly<Record<string, readonly BookChange[]>> = {
  pension: [{ kind: 'rate', name: 'obligatory_pension', from: '2026-01-01', rate_percent: '3.3' }],
  'without a card': [{ kind: 'rate', name: 'tax_without_card', from: '2026-01-01', rate_percent: '60' }],
  'the smallest benefit for ATP': [{ kind: 'atp', rule: 'monthly', from: '2026-01-01', minimum_ore: 100 }],
  'ATP by the hour': [{ kind: 'atp', rule: 'hourly', from: '2026-01-01', own_ore: 284, employer_ore: 568 }],
  'AM-bidrag where there was none': [
    { kind: 'benefit', benefit: 'kontanthjaelp', from: '2026-01-01', am_liable: true },
    { kind: 'benefit', benefit: 'sygedagpenge', from: '2026-01-01', am_liable: true },
  ],
  'a benefit free of tax': [{ kind: 'benefit', benefit: 'sygedagpenge', from: '2026-01-01', taxable: false }],
  rounding: [{ kind: 'tax_method', municipality: '0621', from: '2026-01-01', method: 'exact_ore' }],
}

for (const [name, changes] of [...Object.entries(CHANGES), ['all at once', Object.values(CHANGES).flat()] as const]) {
  test(`what the trial says is what happens when all is sent again: ${name} (seed ${SEED})`, async () => {
    const line = await newLine()
    const code = 621
    const texts = await generated(code, MARCH)
    await importAll(line, texts, MARCH)
    await calculate(line, code, MARCH)
    const was = await sumsOf(line, code)
    const found = await pass(line, changes, [code])
    assert.equal(found.not_reproduced, 0)
    assert.ok(found.totals.items > 0, 'it changes something')
    await importAll(line, again(texts, MARCH, 2), MARCH)
    await calculate(line, code, MARCH)
    const is = await sumsOf(line, code)
    assert.deepEqual(
      Object.fromEntries(NAMES.map((one) => [one, found.totals[`${one}_ore`]])),
      Object.fromEntries(NAMES.map((one) => [one, is[one] - was[one]])),
    )
    assert.equal(found.totals.net_ore, was.own_atp + was.am + was.tax - is.own_atp - is.am - is.tax)
    assert.equal(found.totals.underpaid_ore - found.totals.overpaid_ore, found.totals.net_ore)
    // Nothing is left to be corrected: each item is as its own book has it.
    const left = await whatIf(await approved(line), {
      municipalities: [code],
      since: 0 as Day,
      after: (await approved(line)).rates,
    })
    assert.deepEqual([left.totals.items, left.not_reproduced], [0, 0])
  })
}

test('a trial changes nothing: ledger head, rows and sums stand', async () => {
  const line = await newLine()
  const code = 621
  await importAll(line, await generated(code, MARCH, 100), MARCH)
  await line.runMonth(MARCH, [code])
  const law = await enter(line, CHANGES['pension'] ?? [])
  const state = async () =>
    await line.loader.transaction([code], async (tx) => {
      const tables = await tx.rows<{ name: string }>(
        `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'
           and relname <> 'law_tests' and has_table_privilege(oid, 'select') order by 1`,
      )
      const counts: Record<string, number> = {}
      for (const { name } of tables) {
        counts[name] = (await tx.first<{ n: number }>(`select count(*) as n from "${name}"`))?.n ?? 0
      }
      const head = await tx.first('select * from seals where municipality_code = $1 order by seal_no desc limit 1', [
        code,
      ])
      return { counts, head }
    })
  const before = await state()
  const { found } = await tryOn(line, law.changeNo, [code])
  assert.ok(found.totals.items > 0 && found.largest.length === 10 && found.largest.every((one) => one.net_ore === 0))
  await whatIf(inLine(line), { municipalities: [code], since: 0 as Day, after: line.rates })
  assert.deepEqual(await state(), before)
})
