/** Three source systems, each a process with its own books, send a month by the API and reckon up the outcome. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, before, test } from 'node:test'
import type { FastifyInstance } from 'fastify'
import { generateMonth } from '../src/adapters/source-systems/generator/index.ts'
import type { Report } from '../src/adapters/source-systems/reference/books.ts'
import { connect } from '../src/base/db.ts'
import { readClosing } from '../src/entry/closing.ts'
import { type DemoTokens, demoTokens } from '../src/entry/http/demo-tokens.ts'
import { buildServer } from '../src/entry/http/index.ts'
import { publishEvents } from '../src/modules/events/index.ts'
import { monthOf, type TestLine, testLine } from './support/line.ts'

const MONTH = '2026-03'
const CODE = 751
const SYSTEMS = ['KY', 'KSD', 'KP'] as const
const program = resolve(import.meta.dirname, '../src/adapters/source-systems/reference/main.ts')

let line: TestLine
let app: FastifyInstance
let tokens: DemoTokens
let url = ''
const dir = mkdtempSync(join(tmpdir(), 'toek-reference-'))
const files = join(dir, 'files')

before(async () => {
  line = await testLine()
  const { rates } = line
  const municipalities = [...rates.known.municipalities]
  const owner = await connect(line.url, 'owner')
  tokens = await demoTokens(owner, { mode: 'demo', dataDir: dir, municipalities, now: '2026-01-01T00:00:00Z' })
  await owner.close()
  app = await buildServer({
    url: line.url,
    rates,
    folders: { out: join(dir, 'out'), in: join(dir, 'in') },
    now: () => '2026-03-01T05:00:00Z',
    mode: 'demo',
    readClosing: (db, codes, month) => readClosing(db, codes, month, rates),
  })
  url = await app.listen({ host: '127.0.0.1', port: 0 })
  await generateMonth({ month: MONTH, municipalities: [CODE], scale: 1, orders: 1_500, seed: 11, out: files })
})
after(async () => {
  await app.close()
  await line.close()
  rmSync(dir, { recursive: true, force: true })
})

function reference(system: string, ...more: string[]): Promise<{ code: number | null; report: Report; text: string }> {
  const args = ['--url', url, '--token', tokens[system] ?? '', '--system', system, '--in', files, ...more]
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, ...args])
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk) => (out += chunk))
  child.stderr.on('data', (chunk) => (err += chunk))
  return new Promise((done) => {
    child.on('close', (code) => done({ code, report: out === '' ? undefined! : JSON.parse(out), text: out + err }))
  })
}

test('each sends its month, some orders twice, and every order is answered', async () => {
  for (const name of readdirSync(files).filter((one) => one.includes('FAKTA'))) {
    const headers = { authorization: `Bearer ${tokens['FAKTA']}`, 'content-type': 'application/x-ndjson' }
    const told = await app.inject({
      method: 'POST',
      url: '/api/v1/order-files',
      headers,
      body: readFileSync(join(files, name)),
    })
    assert.equal(told.json().state, 'loaded', told.body)
  }
  const sent = await Promise.all(SYSTEMS.map((system) => reference(system)))
  for (const { code, report, text } of sent) {
    assert.equal(code, 0, text)
    assert.ok(report.orders > 0 && report.accepted + report.refused === report.orders, text)
    assert.equal(report.paid_ore, 0)
  }
  const known = await line.loader.db.first<{ n: number }>('select count(*)::int as n from orders')
  assert.equal(
    sent.reduce((sum, { report }) => sum + report.accepted, 0),
    known?.n,
  )
})

test('when the month is run, their books and ours agree to the øre', async () => {
  await line.runMonth(MONTH, [CODE])
  await line.loader.transaction([...line.rates.known.municipalities], (tx) => publishEvents(tx, [CODE]))
  const closing = ['--no-send', '--month-ended', '--closing-token', tokens['auditor'] ?? '']
  const ended = await Promise.all(SYSTEMS.map((system) => reference(system, ...closing)))
  const sum = (field: 'net_ore' | 'paid_ore' | 'returned_ore' | 'open_ore' | 'gross_ore' | 'held'): number =>
    ended.reduce((total, { report }) => total + report[field], 0)
  for (const { code, report, text } of ended) {
    assert.equal(code, 0, text)
    assert.deepEqual([report.agrees, report.compared_with_closing], [true, true])
  }
  const ours = await line.loader.transaction([CODE], (tx) => readClosing(tx, [CODE], monthOf(MONTH), line.rates))
  assert.ok(sum('returned_ore') > 0 && sum('held') > 0, 'the month has something that went wrong')
  assert.deepEqual([sum('gross_ore'), sum('net_ore'), sum('held')], [ours.gross_ore, ours.net_ore, ours.orders_held])
  const back = await line.loader.db.first<{ ore: number }>(
    'select sum(amount_ore)::bigint as ore from payment_returns where answer = 9',
  )
  assert.equal(sum('paid_ore') - (back?.ore ?? 0), ours.bank_ore)
  const returned = ours.clearing_accounts.find((row) => row.purpose === 'returned')
  assert.equal(sum('open_ore'), -(returned?.balance_ore ?? 0))
})

test('a system whose file says something else than what was sent is told so, and does not agree', async () => {
  const name = readdirSync(files).find((one) => one.includes('KP')) as string
  const path = join(files, name)
  const text = readFileSync(path, 'utf8')
  writeFileSync(
    path,
    text.replace(/"amount_ore":(\d+)/, (_, ore: string) => `"amount_ore":${Number(ore) + 1}`),
  )
  const { code, report } = await reference('KP', '--no-send')
  writeFileSync(path, text)
  assert.equal(code, 1)
  assert.match(report.differences.join(' '), /øre gross were sent/)
})
