/**
 * Invariant 14 over histories: a calculation returns its lines, and specification, page, text and event show those. A
 * line that cannot be reckoned again from what is stored stops the reading.
 */
import assert from 'node:assert/strict'
import { formatKroner, type Ore } from '../../src/base/money.ts'
import { explainText } from '../../src/entry/web/explain-text.ts'
import { markupOf } from '../../src/entry/web/html.ts'
import { explainPage } from '../../src/entry/web/pages/explain.ts'
import { specificationJson } from '../../src/entry/web/specification-json.ts'
import type { SourceEvent } from '../../src/modules/events/index.ts'
import { readSpecification, type Specification, type SpecifiedItem } from '../../src/modules/overview/index.ts'
import { endToEndIdOf } from '../../src/modules/payments/index.ts'
import type { TestLine } from './line.ts'
import type { Played } from './played-history.ts'

/** Of the orders and of the payments of a municipality, so many are looked at. */
const LOOKED_AT = 8

const FIELDS = ['gross', 'ownAtp', 'am', 'tax', 'setOff', 'thirdParty', 'net', 'employerAtp', 'pension'] as const
const STORED: Readonly<Record<(typeof FIELDS)[number], string>> = {
  gross: 'gross_ore',
  ownAtp: 'own_atp_ore',
  am: 'am_ore',
  tax: 'tax_ore',
  setOff: 'set_off_ore',
  thirdParty: 'third_party_ore',
  net: 'net_ore',
  employerAtp: 'employer_atp_ore',
  pension: 'pension_ore',
}

export async function checkShown(
  { reader, rates }: TestLine,
  { code, roll, histories }: Played,
  told: readonly SourceEvent[],
): Promise<void> {
  await reader.transaction([code], async (tx) => {
    const rows = await tx.often.rows<Record<string, number> & { order_key: string; version: number; line_key: string }>(
      `select o.order_key, o.version, l.line_key, ${FIELDS.map((field) => `c.${STORED[field]}`).join(', ')}
       from calculations c join orders o using (municipality_code, order_id)
       join order_lines l using (municipality_code, order_id, line_no)
       where c.municipality_code = $1 and c.gross_ore > 0 and o.again = (select max(n.again) from orders n where n.municipality_code = $1
         and n.source_system = o.source_system and n.order_key = o.order_key and n.version = o.version)
       order by o.order_key, o.version, c.line_no`,
      [code],
    )
    const orders = Map.groupBy(rows, (row) => `${row.order_key} ${row.version}`)
    const calculated = Map.groupBy(
      told.filter((event) => event.kind === 'calculated'),
      (event) => `${event.order_key} ${event.version}`,
    )
    for (const [name, own] of sampleOf([...orders], roll)) {
      const [orderKey = '', version] = name.split(' ')
      const spec = await readSpecification(tx, code, { orderKey, version: Number(version) }, rates)
      assert.ok(spec !== undefined, name)
      showsLines(spec, name)
      const stored = own.map((row) => [row.line_key, ...FIELDS.map((field) => row[STORED[field]])])
      const shown = spec.items
        .filter((item) => (item.calculation?.gross ?? 0) > 0)
        .map((item) => [item.lineKey, ...FIELDS.map((field) => item.calculation?.[field])])
      assert.deepEqual(shown, stored, `${name}: what is shown is what is stored`)
      for (const event of calculated.get(name) ?? []) {
        const row = own.find((one) => one.line_key === event.line_key)
        if (row === undefined || version === '0') continue
        const fields = FIELDS.map((field) => STORED[field])
        const events = (calculated.get(name) ?? []).filter((one) => one.line_key === event.line_key)
        // A version that was stopped was calculated again: the last is what counts.
        const last = events.at(-1) as unknown as Record<string, number>
        assert.deepEqual(
          fields.map((field) => last[field]),
          fields.map((field) => row[field]),
          `${name}: its event`,
        )
      }
    }
    const ids = await tx.often.rows<{ id: number }>(
      `select payment_id as id from payments where municipality_code = $1 order by 1`,
      [code],
    )
    for (const { id } of sampleOf(ids, roll)) {
      const name = endToEndIdOf(code, id as never)
      const spec = await readSpecification(tx, code, name, rates)
      assert.equal(spec?.totals.paidHere, spec?.payments[0]?.amount, `${name}: its parts are the payment`)
      showsLines(spec as Specification, name)
    }
  })
  assert.ok(histories.length > 0)
}

function sampleOf<T>(list: readonly T[], roll: (sides: number) => number): readonly T[] {
  if (list.length <= LOOKED_AT) return list
  const from = roll(list.length)
  const step = Math.floor(list.length / LOOKED_AT)
  return Array.from({ length: LOOKED_AT }, (_, i) => list[(from + i * step) % list.length] as T)
}

/** Gross less what is taken is net, line by line, and each line stands in text, page and JSON. */
function showsLines(spec: Specification, name: string): void {
  const text = explainText(spec, true)
  const page = markupOf(explainPage('', spec).body)
  const json = specificationJson(spec, true)
  for (const [i, item] of spec.items.entries()) {
    const { calculation } = item
    if (calculation === undefined) continue
    const at = `${name}/${item.lineKey}`
    const sum = (...kinds: string[]) =>
      calculation.lines.filter((line) => kinds.includes(line.kind)).reduce((total, line) => total + line.amount, 0)
    assert.equal(
      sum('gross') - sum('own_atp', 'am', 'tax', 'set_off', 'third_party'),
      calculation.net,
      `${at}: its lines`,
    )
    assert.equal(sum('net'), calculation.net, at)
    assert.equal(sum('tax'), calculation.tax, at)
    assert.deepEqual(
      json.items[i]?.lines.map((line) => [line.kind, line.amount_ore]),
      calculation.lines.map((line) => [line.kind, line.amount]),
      `${at}: JSON`,
    )
    showsAmounts(item, text, page, at)
  }
}

function showsAmounts(item: SpecifiedItem, text: string, page: string, at: string): void {
  for (const { kind, amount } of item.calculation?.lines ?? []) {
    assert.ok(text.includes(formatKroner(amount as Ore)), `${at}: ${kind} of ${amount} øre is in the text`)
    assert.ok(page.includes(formatKroner(amount as Ore)), `${at}: ${kind} of ${amount} øre is on the page`)
  }
}
