/**
 * Facts from CPR, CVR and eSkattekort, laid by the fake registers and taken in by the line: what is calculated and not
 * sent stops; what comes late, doubled, in another order, spoilt or cut off does no harm.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, before, test } from 'node:test'
import type { Municipality } from '../src/base/id.ts'
import { importRegister, registerFiles } from '../src/entry/line/import-register.ts'
import type { Failpoint } from '../src/entry/line/line.ts'
import { readWorkItems } from '../src/modules/work-items/index.ts'
import { calculatedRows, holdRows, paymentRows } from './support/facts-of.ts'
import { citizenOf, companyOf, orderFile } from './support/files.ts'
import { type TestLine, testLine } from './support/line.ts'

let line: TestLine
let folder: string
let fake: { post(path: string, body: unknown): Promise<unknown>; books(): Promise<Record<string, number>> }

before(async () => {
  line = await testLine()
  folder = mkdtempSync(join(tmpdir(), 'toek-registers-'))
  const program = resolve(import.meta.dirname, '../src/adapters/fake-registers/main.ts')
  const args = ['--disable-warning=ExperimentalWarning', program, '--out', folder, '--books', join(folder, 'books')]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const [said] = (await once(child.stdout, 'data')) as [Buffer]
  const url = said.toString().trim().replace('FAKE-REGISTERS ', '')
  const call = async (path: string, body?: unknown) => {
    const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }
    const answer = await fetch(new URL(path, url), init)
    assert.equal(answer.status, 200, path)
    return await answer.json()
  }
  fake = { post: call, books: async () => (await call('books')) as Record<string, number> }
})

after(async () => {
  await fake.post('quit', {})
  await line.close()
  rmSync(folder, { recursive: true, force: true })
})

const text4 = (code: Municipality) => String(code).padStart(4, '0')
/** Municipalities of the ordinary rounding, one for each test. */
const free: Municipality[] = []
function municipality(): Municipality {
  if (free.length === 0) {
    const all = line.rates.book.municipalities.filter((one) => one.taxMethod === 'base_tens_tax_up' && one.batchBooking)
    free.push(...all.map((one) => one.code))
  }
  return free.shift() as Municipality
}

function se(code: Municipality): string {
  return line.rates.municipality(code).cvr
}

function order(code: Municipality, key: string, cpr: string, more: Record<string, unknown> = {}) {
  return {
    order_key: key,
    version: 1,
    source_system: 'KY' as const,
    municipality: text4(code),
    case_key: `SAG-${key}`,
    state: 'active',
    decision: { key: `A-${key}`, date: '2026-03-02' },
    beneficiary: { type: 'cpr', id: cpr },
    payee: { type: 'cpr', id: cpr },
    disposition_date: '2026-03-31',
    settle: 'on_disposition_date',
    lines: [
      {
        line_key: '1',
        kind: 'benefit',
        benefit: 'kontanthjaelp',
        component: 'grundsats',
        kle: '32.24.04',
        sensitivity: 'FOELSOMME_PERSONOPLYSNINGER',
        legal_basis: 'opdigtet',
        period: { from: '2026-03-01', to: '2026-04-01' },
        quantity: { unit: 'month', value: '1' },
        amount_ore: 1_255_000,
        repayable: false,
        text: 'Ydelse',
      },
    ],
    ...more,
  }
}

function card(code: Municipality, cpr: string, serial: number, from: string, rate: number, more = {}) {
  const allowance = { month: 4_600, week: 0, day: 0, frikort: 0 }
  return { se: se(code), cpr, answer: 6, serial, from, ratePercent: rate, ...allowance, ...more }
}

async function tell(code: Municipality, register: string, id: string, known: string, what: unknown): Promise<void> {
  await fake.post('change', { id, register, municipality: text4(code), known, what })
}

/** Takes in what lies in the folders, as the line does. */
async function takeIn(code: Municipality, at: (point: Failpoint) => void = () => {}) {
  const context = { connection: line.loader, rates: line.rates, folders: { in: folder, out: folder }, at }
  const taken = []
  for (const file of await registerFiles(folder, [code])) {
    taken.push(await importRegister(context, file, { knownAt: '2026-03-20T08:00:00+00:00', actor: 'test' }))
  }
  return taken
}

async function orders(code: Municipality, ...records: ReturnType<typeof order>[]): Promise<void> {
  const told = await line.importText(orderFile(`KY-${code}`, '2026-03', records as never), '2026-03')
  assert.deepEqual([told.state, told.refused], ['loaded', []])
}

const payments = async (code: Municipality) =>
  (await paymentRows(line.loader.db, [code])).map((row) => [row.payee, row.amount, row.state])

test('a death told after the run was assembled stops that payment, once, however often it is told', async () => {
  const code = municipality()
  const [anna, bo] = [citizenOf(1), citizenOf(2)]
  await orders(code, order(code, 'KY-1', anna), order(code, 'KY-2', bo))
  await line.runMonth('2026-03', [code], 'waits')
  await tell(code, 'cpr', 'c1', '2026-03-19', { cpr: anna, event: 'death', date: '2026-03-12' })
  await tell(code, 'cpr', 'c2', '2026-03-19', { cpr: bo, event: 'restored', date: '2026-03-12' })
  await tell(code, 'cpr', 'c1', '2026-03-19', { cpr: anna, event: 'death', date: '2026-03-12' })
  await fake.post('misbehave', { double: 'cpr' })
  await fake.post('send', { date: '2026-03-19' })
  const first = await takeIn(code)
  assert.deepEqual(
    first.map((one) => [one.state, one.accepted, one.refused.length, one.held]),
    [
      ['loaded', 2, 0, 1],
      ['loaded', 2, 0, 0],
    ],
  )
  const again = await takeIn(code)
  assert.deepEqual(
    again.map((one) => one.state),
    ['unchanged', 'unchanged'],
  )
  assert.equal((await fake.books())['doubles'], 1)
  await line.runMonth('2026-03', [code])
  // Without a card 55 per cent of 12,450.
  assert.deepEqual(await payments(code), [
    [anna, 560_300, 'stopped'],
    [bo, 560_300, 'settled'],
  ])
  const holds = await holdRows(line.loader.db, [code])
  assert.deepEqual(
    holds.map((row) => [row.order, row.kind]),
    [['KY-1', 'dead']],
  )
  const { items } = await line.reader.transaction([code], (tx) => readWorkItems(tx, [code], 10))
  assert.deepEqual(
    items.map((item) => [item.kind, item.subject]),
    [['held', 'KY KY-1']],
  )
})

test('a closed company is told by CVR; the line that is spoilt is set aside, the rest is taken', async () => {
  const code = municipality()
  const [anna, landlord] = [citizenOf(3), companyOf(7)]
  const { lines } = order(code, 'KY-1', anna)
  const rent = {
    line_key: '2',
    kind: 'third_party',
    amount_ore: 100_000,
    payee: { type: 'cvr', id: landlord },
    reference: 'husleje',
  }
  await orders(code, order(code, 'KY-1', anna, { lines: [...lines, rent] }))
  await line.runMonth('2026-03', [code], 'waits')
  await tell(code, 'cvr', `v${code}`, '2026-03-19', { cvr: landlord, event: 'closed', date: '2026-03-05' })
  await fake.post('misbehave', { damage: 'cvr' })
  await tell(code, 'cvr', `w${code}`, '2026-03-19', { cvr: landlord, event: 'closed', date: '2026-03-05' })
  await fake.post('send', { date: '2026-03-20' })
  const [taken] = (await takeIn(code)).filter((one) => one.fileId.startsWith('cvr/'))
  assert.deepEqual(
    taken?.refused.map((one) => [one.line, one.faults.map((each) => each.code)]),
    [[1, ['register_line_unreadable']]],
  )
  await line.runMonth('2026-03', [code])
  assert.deepEqual(await payments(code), [
    [anna, 460_300, 'settled'],
    [landlord, 100_000, 'stopped'],
  ])
})

test('of cards told in any order the highest number counts, and a file that is cut off is not taken', async () => {
  const code = municipality()
  const anna = citizenOf(4)
  await orders(code, order(code, 'KY-1', anna))
  await tell(code, 'eskattekort', `k3${code}`, '2026-02-01', card(code, anna, 2026003, '2026-01-01', 41))
  await fake.post('misbehave', { cut: 'eskattekort' })
  await fake.post('send', { date: '2026-02-01' })
  const [torn] = await takeIn(code)
  assert.deepEqual([torn?.state, torn?.findings[0]?.code], ['refused', 'register_file_torn'])
  // The register sends it again, and what it sent before only now.
  await tell(code, 'eskattekort', `k3b${code}`, '2026-02-02', card(code, anna, 2026003, '2026-01-01', 41))
  await fake.post('send', { date: '2026-02-02' })
  await tell(code, 'eskattekort', `k2${code}`, '2026-01-28', card(code, anna, 2026002, '2026-02-01', 38))
  await fake.post('misbehave', { late: `k2${code}`, until: '2026-03-01' })
  await fake.post('send', { date: '2026-03-01' })
  await takeIn(code)
  await line.runMonth('2026-03', [code])
  const rows = await calculatedRows(line.loader.db, [code])
  assert.deepEqual(
    rows.map((row) => [row.card, row.tax, row.net]),
    [['hovedkort', 321_900, 923_200]],
  )
})

test('a frikort that is told twice is used once', async () => {
  const code = municipality()
  const anna = citizenOf(5)
  const frikort = card(code, anna, 2026001, '2026-01-01', 0, { answer: 3, month: 0, frikort: 20_000 })
  await tell(code, 'eskattekort', `f1${code}`, '2026-01-02', frikort)
  await fake.post('misbehave', { double: 'eskattekort' })
  await fake.post('send', { date: '2026-01-02' })
  await takeIn(code)
  const april = order(code, 'KY-2', anna, { disposition_date: '2026-04-30' })
  const [line1] = april.lines
  const lines = [{ ...line1, period: { from: '2026-04-01', to: '2026-05-01' } }]
  await orders(code, order(code, 'KY-1', anna), { ...april, lines } as never)
  await line.runMonth('2026-03', [code])
  await line.runMonth('2026-04', [code])
  const rows = await calculatedRows(line.loader.db, [code])
  assert.deepEqual(
    rows.map((row) => [row.order, row.tax]),
    [
      ['KY-1', 0],
      ['KY-2', 269_500],
    ],
  )
})

test('a file that was cut off is recorded once; a kill in the middle of one leaves nothing; a death is taken back', async () => {
  const code = municipality()
  const anna = citizenOf(6)
  await orders(code, order(code, 'KY-1', anna))
  await tell(code, 'cpr', `d${code}`, '2026-03-19', { cpr: anna, event: 'death', date: '2026-03-12' })
  await fake.post('misbehave', { cut: 'cpr' })
  await fake.post('send', { date: '2026-03-19' })
  const torn = [...(await takeIn(code)), ...(await takeIn(code))]
  assert.deepEqual(
    torn.map((one) => [one.state, one.intakeNo]),
    [
      ['refused', 2],
      ['refused', 2],
    ],
  )
  await tell(code, 'cpr', `e${code}`, '2026-03-20', { cpr: anna, event: 'death', date: '2026-03-12' })
  await fake.post('send', { date: '2026-03-20' })
  const killed = (point: Failpoint): void => {
    if (point === 'intake:before-commit') throw new Error('killed')
  }
  await assert.rejects(takeIn(code, killed), /killed/)
  const held = () => holdRows(line.loader.db, [code])
  assert.deepEqual(await held(), [])
  assert.deepEqual((await takeIn(code)).map((one) => [one.state, one.held, one.intakeNo]).at(-1), ['loaded', 0, 3])
  assert.deepEqual(
    (await held()).map((row) => [row.kind, row.released]),
    [['dead', null]],
  )
  await tell(code, 'cpr', `f${code}`, '2026-03-21', { cpr: anna, event: 'restored', date: '2026-03-21' })
  await fake.post('send', { date: '2026-03-21' })
  await takeIn(code)
  assert.deepEqual(
    (await held()).map((row) => [row.kind, row.released, row.by]),
    [['dead', '', 'toek']],
  )
  await line.runMonth('2026-03', [code])
  assert.deepEqual(await payments(code), [[anna, 560_300, 'settled']])
})
