/**
 * What a month comes to in which rail and bank do all that they can do wrong: nothing is lost, doubled or unexplained
 * at any moment; all but a few of their lines find their place by themselves; and those few are named one by one.
 */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { writeStatus } from '../../src/adapters/bank/write-status.ts'
import { day } from '../../src/base/date.ts'
import { matchLine } from '../../src/entry/line/match-line.ts'
import { sendAgain } from '../../src/entry/line/send-again.ts'
import { readOpenReturns } from '../../src/modules/overview/index.ts'
import {
  endToEndIdOf,
  fileIdOf,
  openLines,
  type PaymentRun,
  readQuarantine,
  resolveQuarantine,
} from '../../src/modules/payments/index.ts'
import type { Reconciliation } from '../../src/modules/reconciliation/index.ts'
import { verifyMunicipality } from '../../src/modules/ledger/index.ts'
import { checkDay } from './check-day.ts'
import { agreesWithBank, type Specified, specifyAll } from './check-specified.ts'
import { type FaultedMonth, faultedMonth, MONTH } from './faulted-month.ts'
import { refreshStatistics, type TestLine, testLine } from './line.ts'
import { toldLines, type ToldLine, withoutPlace } from './told-lines.ts'

/** Of a thousand lines so many find their place without a person. */
const OF_A_THOUSAND = 999

export function faultedMonthTest({ orders, seed }: { readonly orders: number; readonly seed: number }): void {
  test(`seed ${seed}: of ${orders} orders, with every misdeed of rail and bank, 99.9 % of their lines match by themselves`, async (t) => {
    const line = await testLine()
    after(() => line.close())
    const month = await faultedMonth(line, orders, seed)
    const { code } = month
    const expected = await specified(line, month)
    const hurt = await run(line, month)
    assert.deepEqual(whatsOf(hurt), HURT)
    await sendRefused(line, month.runs.refused_by_form, code)
    await line.rail.post('/mend', {})
    await run(line, month)
    await line.rail.dayEnd(day('2026-04-10'))
    const mended = await run(line, month)
    const lines = toldLines(line.incoming, code)
    const left = await line.reader.transaction([code], (tx) => withoutPlace(tx, code, lines))
    const figure = (1 - left.length / lines.length) * 100
    t.diagnostic(
      `seed ${seed}: ${lines.length} lines, ${left.length} of them for a person: ${figure.toFixed(3)} % match`,
    )
    assert.ok(left.length * 1_000 <= lines.length * (1_000 - OF_A_THOUSAND), JSON.stringify(left))
    await namedOneByOne(line, month, left, mended)
    await onePaymentEach(line, month)
    await settleByHand(line, month)
    const settled = await run(line, month)
    assert.deepEqual(settled.findings, [])
    await onlyReturnsAreOpen(line, month, settled)
    assert.equal(await line.loader.transaction([code], (tx) => verifyMunicipality(tx, code)), undefined)
    expectedIsFinal(expected, await specified(line, month), lines, month)
  })
}

/** What is seen while much of it has not come. */
const HURT = ['answer_missing', 'balance_differs', 'bank_line_missing', 'bank_line_unmatched'].concat([
  'file_refused',
  'half_file',
  'statement_discontinuous',
  'statement_gap',
])

function whatsOf(made: Reconciliation): string[] {
  return [...new Set(made.findings.map((one) => one.what))].sort()
}

/** Runs the month on; whatever has not come, every clearing account is explained to the øre. */
async function run(line: TestLine, { code }: FaultedMonth): Promise<Reconciliation> {
  const { reconciliations } = await line.runMonth(MONTH, [code])
  const made = reconciliations[0] as Reconciliation
  for (const row of made.clearing) assert.equal(row.balance_ore, row.explained_ore, JSON.stringify(row))
  await checkDay(line, [code], MONTH)
  return made
}

function lineOf({ loader, rates, out, incoming, at }: TestLine) {
  return { connection: loader, rates, folders: { out, in: incoming }, at }
}

/** As `toek resend` does. */
async function sendRefused(line: TestLine, { runNo }: PaymentRun, code: number): Promise<void> {
  const at = `${MONTH}-28T12:00:00+00:00`
  await sendAgain(lineOf(line), code, at, { runNo, at, by: 'ida', reason: 'formen er rettet' })
}

/** What has no place is what was planted and no more; the product names each of them, and nothing else. */
async function namedOneByOne(
  line: TestLine,
  { code, runs, unknown, nameless }: FaultedMonth,
  left: readonly ToldLine[],
  mended: Reconciliation,
): Promise<void> {
  const stray = `${fileIdOf(code, runs.partial.runNo)}N9999999`
  const answers = left.filter((one) => one.kind === 'answer').map((one) => one.ref)
  assert.deepEqual(answers.sort(), [stray, unknown].sort())
  assert.deepEqual(
    left.filter((one) => one.kind === 'bank').map((one) => one.named),
    [''],
  )
  const [lying, open] = await line.reader.transaction([code], async (tx) => [
    await readQuarantine(tx, code, 1_000),
    await openLines(tx, code, 1_000),
  ])
  assert.equal(lying.length, 2, JSON.stringify(lying))
  for (const ref of [stray, unknown]) {
    assert.ok(
      lying.some(({ detail, line: at }) => detail.includes(ref) && at > 0),
      `${ref} lies in quarantine by its line`,
    )
  }
  assert.deepEqual(
    open.map((one) => one.bankRef),
    left.filter((one) => one.kind === 'bank').map((one) => one.ref),
  )
  assert.ok(open[0]?.candidates.includes(nameless))
  assert.deepEqual(mended.findings.map(({ what, ref }) => `${what} ${ref}`).sort(), [
    `answer_missing ${unknown}`,
    `bank_line_missing ${nameless}`,
    `bank_line_unmatched ${open[0]?.bankRef}`,
  ])
}

interface RailPayment {
  readonly end_to_end_id: string
  readonly amount_ore: number
  readonly debited: string | null
}

/** By the rail's own books every payment came once, with our amount; and each part of an item is in one payment. */
async function onePaymentEach(line: TestLine, { code }: FaultedMonth): Promise<void> {
  const books = await line.rail.get<{ doubles: number; faults: unknown[] }>('/books')
  assert.deepEqual([books.doubles, books.faults], [0, []])
  const text = await (await fetch(`http://127.0.0.1:${line.rail.port}/books/payments`)).text()
  const theirs = text
    .split('\n')
    .filter(Boolean)
    .map((one) => JSON.parse(one) as RailPayment)
  const ours = await line.reader.transaction([code], (tx) =>
    tx.rows<{ id: number; ore: number }>('select payment_id as id, amount_ore as ore from payments order by 1'),
  )
  assert.deepEqual(
    theirs.map((one) => `${one.end_to_end_id} ${one.amount_ore}`).sort(),
    ours.map(({ id, ore }) => `${endToEndIdOf(code, id)} ${ore}`).sort(),
  )
}

async function specified(line: TestLine, { code }: FaultedMonth): Promise<Map<string, Specified>> {
  await refreshStatistics(line)
  const { reader, rates } = line
  return await reader.transaction([code], (tx) => specifyAll(tx, rates, code))
}

/** Of every payment the specification before release is the one after it, and both are the line of the bank. */
function expectedIsFinal(
  expected: ReadonlyMap<string, Specified>,
  final: ReadonlyMap<string, Specified>,
  lines: readonly ToldLine[],
  { nameless }: FaultedMonth,
): void {
  assert.ok([...expected.values()].every((one) => !one.isFinal) && [...final.values()].every((one) => one.isFinal))
  const amounts = (all: ReadonlyMap<string, Specified>) => [...all].map(([id, one]) => `${id} ${one.lines}`)
  assert.deepEqual(amounts(expected), amounts(final))
  agreesWithBank(
    final,
    lines.map((one) => (one.kind === 'bank' && one.named === '' ? { ...one, named: nameless } : one)),
  )
}

/** Persons say what the three are: the nameless line is the payment, the stray is nobody's; the right answer comes. */
async function settleByHand(line: TestLine, { code, runs, unknown, nameless }: FaultedMonth): Promise<void> {
  const act = { at: `${MONTH}-31T12:00:00Z`, by: 'ida', reason: 'bekræftet af banken' }
  const open = await line.reader.transaction([code], (tx) => openLines(tx, code, 10))
  for (const { bankRef } of open) {
    await matchLine(lineOf(line), code, { account: '', bankRef, to: nameless, ...act })
  }
  await line.loader.transaction([code], async (tx) => {
    for (const { file, line: at } of await readQuarantine(tx, code, 10)) {
      await resolveQuarantine(tx, code, { file, line: at }, act)
    }
  })
  const fileId = fileIdOf(code, runs.unknown.runNo)
  const header = { answerId: `${fileId}-3`, fileId, createdAt: `${MONTH}-31T11:00:00`, count: 1 }
  const says = (status: string) => ({ status, reason: '', text: '' })
  const bundles = [{ bundleId: 'X', ...says(''), payments: [{ endToEndId: unknown, ...says('ACSP') }] }]
  const text = [...writeStatus({ ...header, painVersion: '03' }, says(''), bundles)].join('')
  writeFileSync(join(line.incoming, `PAIN002-${fileId}-3.xml`), text)
}

/** The rail's account is empty; on the return account lies what came back, payment by payment. */
async function onlyReturnsAreOpen(line: TestLine, { code }: FaultedMonth, { clearing }: Reconciliation): Promise<void> {
  for (const row of clearing) assert.ok(row.balance_ore === 0 || row.open_items > 0, JSON.stringify(row))
  const of = (purpose: string) => clearing.filter((row) => row.purpose === purpose)
  for (const purpose of ['rail', 'unmatched']) for (const row of of(purpose)) assert.equal(row.balance_ore, 0, purpose)
  const { listed } = await line.reader.transaction([code], (tx) =>
    readOpenReturns(tx, [code], day('2026-04-10'), 10_000),
  )
  assert.ok(listed.length > 10)
  const back = listed.reduce((sum, one) => sum + one.amount, 0)
  assert.equal(
    of('returned').reduce((sum, row) => sum + row.balance_ore, 0),
    -back,
  )
}
