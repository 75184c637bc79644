/** A law change from its file to its approval, on a line of its own, with generated months and their next versions. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { generateMonth } from '../../src/adapters/source-systems/generator/index.ts'
import type { Day } from '../../src/base/date.ts'
import { type Municipality, municipalityText } from '../../src/base/id.ts'
import { calculateBatch } from '../../src/entry/line/calculate-batch.ts'
import { approveLawChange, enterLawChange, tryLawChange } from '../../src/entry/line/change-law.ts'
import { monthClock } from '../../src/entry/line/clock.ts'
import type { Line } from '../../src/entry/line/line.ts'
import { planMonth } from '../../src/entry/line/plan-month.ts'
import type { WhatIf } from '../../src/entry/line/what-if.ts'
import { type BookChange, type LawChange, withApprovedLaws } from '../../src/modules/rates/index.ts'
import { citizenOf, orderFile, type LineRecord, type OrderRecord } from './files.ts'
import { monthOf, type TestLine, testLine } from './line.ts'

export const SEED = 23
export const [MARCH, APRIL] = ['2026-03', '2026-04'] as const
const SYSTEMS = ['KY', 'KSD', 'KP'] as const
const folder = mkdtempSync(join(tmpdir(), 'toek-law-'))
const lines: TestLine[] = []
after(async () => {
  for (const line of lines) await line.close()
  rmSync(folder, { recursive: true })
})

export async function newLine(): Promise<TestLine> {
  const line = await testLine()
  lines.push(line)
  return line
}

export const inLine = ({ loader, rates }: TestLine): Line => {
  return { connection: loader, rates, folders: { out: '', in: '' }, at: () => undefined }
}

/** A generated month of a municipality: its facts, and each system's orders. */
export async function generated(
  code: Municipality,
  month: string,
  orders = 300,
  seed = SEED,
): Promise<Record<string, string>> {
  const out = join(folder, `${code}-${month}`)
  await generateMonth({ month, municipalities: [code], scale: 1, seed, out, orders })
  const place = municipalityText(code)
  const textOf = (system: string) => readFileSync(join(out, `${place}-${system}-${month}.ndjson`), 'utf8')
  return Object.fromEntries(['FAKTA', ...SYSTEMS].map((system) => [system, textOf(system)]))
}

export async function importAll(line: TestLine, texts: Readonly<Record<string, string>>, month: string): Promise<void> {
  for (const text of Object.values(texts)) {
    const { state, findings } = await line.importText(text, month)
    assert.equal(state, 'loaded', JSON.stringify(findings))
  }
}

/** Every order again as its next version, with the amounts that `amountOf` makes of its benefit lines. */
export function again(
  texts: Readonly<Record<string, string>>,
  month: string,
  version: number,
  amountOf: (ore: number, order: number) => number = (ore) => ore,
): Record<string, string> {
  const files = SYSTEMS.filter((system) => texts[system] !== undefined).map((system) => {
    const [, ...records] = (texts[system] ?? '')
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text) as OrderRecord)
    const orders = records.map((record, i) => {
      const lines = record.lines
        .filter((one) => one.kind !== 'repayment')
        .map((one) => (one.kind === 'benefit' ? { ...one, amount_ore: amountOf(Number(one['amount_ore']), i) } : one))
      return { ...record, version, lines }
    })
    return [system, orderFile(`${system}-${records[0]?.municipality}-${month}-V${version}`, month, orders)]
  })
  return Object.fromEntries(files)
}

export async function plan(line: TestLine, code: Municipality, month: string): Promise<readonly number[]> {
  return (await planMonth(inLine(line), code, monthOf(month), monthClock(monthOf(month)))).batches
}

export async function calculate(
  line: TestLine,
  code: Municipality,
  month: string,
  works?: readonly number[],
): Promise<void> {
  const knownAt = monthClock(monthOf(month)).calculated
  for (const workNo of works ?? (await plan(line, code, month))) {
    await calculateBatch(inLine(line), { municipality: code, workNo, knownAt })
  }
}

let entered = 0
export function enter(line: TestLine, changes: readonly BookChange[], by = 'Anna'): Promise<LawChange> {
  const name = `Ændring ${++entered}`
  const dates = changes.flatMap((one) => ('from' in one ? [one.from] : 'days' in one ? one.days : []))
  const law = {
    name,
    legalSource: `LOV nr ${1000 + entered} af 01/02/2026`,
    effectiveFrom: dates.sort()[0] ?? '',
    changes,
  }
  const sha256 = createHash('sha256').update(JSON.stringify(law)).digest()
  return enterLawChange(inLine(line), law, sha256, { at: '2026-02-10T09:00:00Z', by })
}

export function tryOn(line: TestLine, changeNo: number, municipalities: readonly Municipality[]) {
  const act = { since: 0 as Day, municipalities, at: '2026-02-11T09:00:00Z', by: 'Anna' }
  return tryLawChange(inLine(line), changeNo, act)
}

export function approve(
  line: TestLine,
  { changeNo }: LawChange,
  { totals }: WhatIf,
  by = 'Bente',
  at = '2026-02-12T09:00:00Z',
) {
  return approveLawChange(inLine(line), changeNo, { items: totals.items, net: totals.net_ore, at, by })
}

/** Entered, tried and approved. */
export async function pass(line: TestLine, changes: readonly BookChange[], municipalities: readonly Municipality[]) {
  const law = await enter(line, changes)
  const { found } = await tryOn(line, law.changeNo, municipalities)
  await approve(line, law, found)
  return found
}

export async function approved(line: TestLine): Promise<Line> {
  return { ...inLine(line), rates: await withApprovedLaws(line.loader.db, line.rates) }
}

/** Debit less credit by account; what is nothing is left out. */
export async function balances(line: TestLine, codes: readonly Municipality[]): Promise<Record<string, number>> {
  const rows = await line.loader.transaction([...codes], (tx) =>
    tx.rows<{ account: string; ore: number }>(
      `select account, sum(debit_ore - credit_ore)::bigint as ore from ledger_lines_v1 where municipality = any ($1)
       group by 1 having sum(debit_ore - credit_ore) <> 0 order by 1`,
      [codes],
    ),
  )
  return Object.fromEntries(rows.map(({ account, ore }) => [account, ore]))
}

export interface PlainOrder {
  readonly key: string
  /** Months of 2026, a line of kontanthjælp for each. */
  readonly months: readonly number[]
  readonly amount?: number
  readonly version?: number
  readonly citizen?: number
  /** The last four digits, by which the fake rail knows its cases. */
  readonly last?: string
  readonly benefit?: string
  readonly more?: readonly LineRecord[]
  readonly due?: string
}

/** 12.550 a month, due at the end of March. */
export function plainOrder(code: Municipality, order: PlainOrder): OrderRecord {
  const { key, months, amount = 1_255_000, version = 1, citizen = 3, benefit = 'kontanthjaelp', more = [] } = order
  const person = { type: 'cpr', id: citizenOf(citizen, order.last) }
  const lines = months.map((month, i) => ({
    line_key: String(i + 1),
    kind: 'benefit',
    benefit,
    component: 'grundsats',
    kle: '32.24.04',
    sensitivity: 'FOELSOMME_PERSONOPLYSNINGER',
    legal_basis: 'LAS § 11',
    period: { from: `2026-0${month}-01`, to: `2026-0${month + 1}-01` },
    quantity: { unit: 'month', value: '1' },
    amount_ore: amount,
    repayable: false,
    text: 'Ydelse',
  }))
  return {
    order_key: key,
    version,
    source_system: 'KY',
    municipality: municipalityText(code),
    case_key: `SAG-${key}`,
    state: 'active',
    decision: { key: `A-${key}`, date: '2026-03-02' },
    beneficiary: person,
    payee: person,
    disposition_date: order.due ?? '2026-03-31',
    settle: 'on_disposition_date',
    lines: [...lines, ...more],
  }
}

let files = 0
export function plainOrders(code: Municipality, orders: readonly PlainOrder[], month: string = MARCH): string {
  return orderFile(
    `KY-${municipalityText(code)}-P${++files}`,
    month,
    orders.map((one) => plainOrder(code, one)),
  )
}
