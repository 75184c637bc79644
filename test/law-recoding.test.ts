/**
 * A law change that moves what was paid to another account backwards in time: tried, approved, applied in bulk, and
 * moved by the next run. What happens is what the trial showed; no money, no tax.
 */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { partsOf } from '../src/base/db.ts'
import { type Day, formatMonth } from '../src/base/date.ts'
import { type Municipality, municipalityText } from '../src/base/id.ts'
import { applyLaws } from '../src/entry/line/apply-law.ts'
import { whatIf } from '../src/entry/line/what-if.ts'
import { monthsToShow, readSpecification } from '../src/modules/overview/index.ts'
import type { BookChange } from '../src/modules/rates/index.ts'
import { correctionText } from '../src/entry/text/lines.ts'
import { checkTold } from './support/check-told.ts'
import {
  again,
  APRIL,
  approved,
  balances,
  generated,
  importAll,
  inLine,
  MARCH,
  newLine,
  pass,
  plainOrders,
} from './support/change-law.ts'
import { Crash, type TestLine } from './support/line.ts'

const NEW_ACCOUNT = '5.57.73.1.077'
const RECODED: readonly BookChange[] = [
  { kind: 'account', number: NEW_ACCOUNT, name: 'Kontanthjælp, ny gruppering' },
  { kind: 'benefit', benefit: 'kontanthjaelp', from: '2026-01-01', cost_account: NEW_ACCOUNT },
]
const ACT = { at: '2026-04-01T08:00:00Z', by: 'Anna' }

type Balances = Awaited<ReturnType<typeof balances>>

function difference(before: Balances, after: Balances): Balances {
  const accounts = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
  return Object.fromEntries(
    accounts.map((one) => [one, (after[one] ?? 0) - (before[one] ?? 0)] as const).filter(([, ore]) => ore !== 0),
  )
}

async function payments(line: TestLine, codes: readonly Municipality[]): Promise<number> {
  const row = await line.loader.transaction([...codes], (tx) =>
    tx.first<{ n: number }>('select count(*) as n from payments where municipality_code = any ($1)', [codes]),
  )
  return row?.n ?? 0
}

/** Files of a kind that were told last. */
function lastFile(line: TestLine, code: Municipality, ending: string): string {
  const names = readdirSync(line.out, { recursive: true })
    .map(String)
    .filter((name) => name.includes(`${municipalityText(code)}-`) && name.endsWith(ending))
    .sort()
  return readFileSync(join(line.out, names.at(-1) ?? ''), 'latin1')
}

test('three months of 12.550 on another grouping: 37.650 moved, nothing paid, no tax, the refusion told again', async () => {
  const line = await newLine()
  const code = 621
  await importAll(line, { KY: plainOrders(code, [{ key: 'KY-1', months: [1, 2, 3] }]) }, MARCH)
  await line.runMonth(MARCH, [code])
  const found = await pass(line, RECODED, [code])
  assert.deepEqual([found.totals.recoded_ore, found.totals.items, found.totals.net_ore], [3_765_000, 3, 0])
  const [before, paid] = [await balances(line, [code]), await payments(line, [code])]
  assert.deepEqual(await applyLaws(inLine(line), code, ACT), { orders: 1, items: 3, gross: 3_765_000, waiting: 0 })
  assert.deepEqual(
    await applyLaws(inLine(line), code, ACT),
    { orders: 0, items: 0, gross: 0, waiting: 0 },
    'twice is once',
  )
  const closed = await line.runMonth(APRIL, [code])
  for (const { findings } of closed.reconciliations) assert.deepEqual(findings, [])
  assert.deepEqual(difference(before, await balances(line, [code])), {
    '5.57.73.1.007': -3_765_000,
    [NEW_ACCOUNT]: 3_765_000,
  })
  assert.equal(await payments(line, [code]), paid)
  const { rates } = await approved(line)
  await checkTold({ ...line, rates }, [code])
  // Taken off the old account of the state's refund, and told on the new one: the same income, tax and contributions.
  const told = lastFile(line, code, '.eindkomst.txt')
    .split('\r\n')
    .map((row) => row.slice(11))
  const amounts = (sign: string) => told.filter((row) => row.endsWith(sign)).map((row) => row.slice(0, -1))
  assert.deepEqual(amounts('-'), amounts('+'))
  assert.equal(amounts('+').length, 4, 'income, tax, ATP, pension')
  assert.ok(
    told.some((row) => row.includes('cost:5.57.73.1.007')) && told.some((row) => row.includes('law:5.57.73.1.077')),
  )
  const spec = await line.loader.transaction([code], (tx) => readSpecification(tx, code, { orderKey: 'KY-1' }, rates))
  assert.match(
    spec?.corrections.map(correctionText).join('\n') ?? '',
    /12.550,00 kr\..*bogføres og indberettes nu efter LOV nr/,
  )
  assert.ok(spec !== undefined && spec.payments.length > 0, 'what was paid is on its page')
  assert.deepEqual(
    spec.items.map(({ waiting, axes }) => [waiting, axes.reported.state, axes.paid.length]),
    spec.items.map(() => [undefined, 'sent', 1]),
  )
})

test('what came back waits: it is not paid again because an account was changed', async () => {
  const line = await newLine()
  const code = 621
  const orders = [
    { key: 'KY-1', months: [3], citizen: 4, last: '9907' },
    { key: 'KY-2', months: [3], citizen: 5 },
  ]
  await importAll(line, { KY: plainOrders(code, orders) }, MARCH)
  await line.runMonth(MARCH, [code])
  await pass(line, RECODED, [code])
  const paid = await payments(line, [code])
  assert.deepEqual(await applyLaws(inLine(line), code, ACT), { orders: 1, items: 1, gross: 1_255_000, waiting: 1 })
  await line.runMonth(APRIL, [code])
  assert.equal(await payments(line, [code]), paid)
  const months = await line.reader.transaction([code], monthsToShow)
  assert.deepEqual(
    months.map(({ month }) => formatMonth(month)),
    [APRIL, MARCH],
    'the month in which it was moved has no order files, and has its page',
  )
  assert.deepEqual(await applyLaws(inLine(line), code, ACT), { orders: 0, items: 0, gross: 0, waiting: 1 })
})

/** Everything that a run makes, as text. */
async function rowsOf(line: TestLine, codes: readonly Municipality[]): Promise<string[]> {
  return await line.loader.transaction([...codes], async (tx) => {
    const made: string[] = []
    for (const table of ['calculations', 'item_movements', 'transfers', 'entries', 'seals']) {
      const rows = await tx.rows<{ text: string }>(
        `select t::text as text from ${table} t where municipality_code = any ($1) order by 1`,
        [codes],
      )
      made.push(...rows.map(({ text }) => `${table} ${text}`))
    }
    return made
  })
}

/** A month, corrected: every third order raised, every third lowered; and the law change, approved. */
async function prepared(codes: readonly Municipality[]) {
  const line = await newLine()
  for (const code of codes) {
    const texts = await generated(code, MARCH, 90)
    await importAll(line, texts, MARCH)
    await line.runMonth(MARCH, [code])
    const changed = again(texts, APRIL, 2, (ore, i) => [ore, ore + 50_000, Math.max(1, ore - 50_000)][i % 3] ?? ore)
    await importAll(line, changed, APRIL)
  }
  await line.runMonth(APRIL, codes)
  return { line, found: await pass(line, RECODED, codes), before: await balances(line, codes) }
}

test('in bulk, killed half way: the result is what the trial showed, to the byte of an undisturbed one', async () => {
  const codes = [621, 101] as const
  const [killed, calm] = [await prepared(codes), await prepared(codes)]
  assert.ok(killed.found.totals.items > 50 && killed.found.totals.net_ore === 0)
  for (const code of codes) await applyLaws(inLine(calm.line), code, ACT)
  await calm.line.runMonth(APRIL, codes)
  const { line, found, before } = killed
  const first = await applyLaws(inLine(line), 621, ACT)
  await assert.rejects(
    line.loader.transaction([101], async (tx) => {
      await applyLaws({ ...inLine(line), connection: partsOf(tx, line.loader) }, 101, ACT)
      throw new Crash('apply')
    }),
    Crash,
  )
  assert.deepEqual(await applyLaws(inLine(line), 621, ACT), { orders: 0, items: 0, gross: 0, waiting: 0 })
  const second = await applyLaws(inLine(line), 101, ACT)
  assert.deepEqual(
    [first.items + second.items, first.gross + second.gross],
    [found.totals.items, found.totals.recoded_ore],
  )
  line.crashAt('calculate:after-copy')
  await assert.rejects(line.runMonth(APRIL, codes), Crash)
  line.crashAt(undefined)
  const closed = await line.runMonth(APRIL, codes)
  for (const { findings } of closed.reconciliations) assert.deepEqual(findings, [])
  const moved = difference(before, await balances(line, codes))
  assert.equal(moved[NEW_ACCOUNT], found.totals.recoded_ore, 'what is moved is what the trial showed')
  assert.equal(
    Object.values(moved).reduce((sum, ore) => sum + ore, 0),
    0,
  )
  assert.deepEqual(Object.keys(moved), ['5.57.73.1.007', NEW_ACCOUNT])
  const { rates } = await approved(line)
  await checkTold({ ...line, rates }, codes)
  const left = await whatIf(await approved(line), { municipalities: codes, since: 0 as Day, after: rates })
  assert.equal(left.totals.items, 0, 'nothing is left to be moved')
  assert.deepEqual(await rowsOf(line, codes), await rowsOf(calm.line, codes))
})
