/** The page of a clearing account: the open items that its balance is the sum of, as the month and the API say it. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import fastify from 'fastify'
import { checkOpenItems } from '../../../test/support/check-open-items.ts'
import { day, formatDay, parseMonth, type Period } from '../../base/date.ts'
import { connect } from '../../base/db.ts'
import { formatKroner, ore } from '../../base/money.ts'
import { readOpenItems, reconcileMunicipality } from '../../modules/reconciliation/index.ts'
import { readClosing } from '../closing.ts'
import { buildServer, demoTokens } from '../http/index.ts'
import { calculateBatch } from '../line/calculate-batch.ts'
import { monthClock } from '../line/clock.ts'
import type { Line } from '../line/line.ts'
import { planMonth } from '../line/plan-month.ts'
import { loadAssets } from './assets.ts'
import { markupOf } from './html.ts'
import { accountPage } from './pages/account.ts'
import { openReader } from './reader.ts'
import { registerPages } from './routes.ts'
import { AARHUS, exampleMonth } from './testing.ts'

const example = await exampleMonth()
const { rates, month } = example
const dataDir = mkdtempSync(join(tmpdir(), 'toek-account-'))
const folders = { out: dataDir, in: dataDir }
await calculateNext()
const reader = openReader(example.url)
const now = () => '2026-04-10T09:00:00Z'
const app = fastify()
registerPages(app, {
  mode: 'demo',
  reader,
  rates,
  now,
  readClosing: (db, municipality, period) => readClosing(db, [municipality], period, rates),
})
test.after(async () => {
  rmSync(dataDir, { recursive: true })
  await app.close()
  await reader.close()
})

/** The order of April is calculated and in no run: it is due. */
async function calculateNext(): Promise<void> {
  const connection = await connect(example.url, 'loader')
  const april = parseMonth('2026-04') as Period
  const clock = monthClock(april)
  const line: Line = { connection, rates, folders, at: () => undefined }
  const { batches } = await planMonth(line, AARHUS, april, clock)
  for (const workNo of batches) await calculateBatch(line, { municipality: AARHUS, workNo, knownAt: clock.calculated })
  await connection.close()
}

async function get(url: string) {
  const { statusCode, body, headers } = await app.inject({ url, headers: { host: 'localhost' } })
  return { status: statusCode, body, to: headers.location }
}

const address = (number: string) => `/kommuner/0751/konti/${number}`

async function reconciled() {
  return await reader.read([AARHUS], (db) => reconcileMunicipality(db, AARHUS, month, rates.book.accounts))
}

test('the number of open items of each clearing account leads to the items, and they are its balance to the øre', async () => {
  const made = await reconciled()
  await reader.read([AARHUS], (db) => checkOpenItems(db, made, rates.book.accounts))
  const { body: front } = await get('/?kommune=0751&maaned=2026-03')
  const purposes = new Set(made.clearing.map((row) => row.purpose))
  for (const one of ['net_payable', 'returned', 'a_skat', 'claims']) assert.ok(purposes.has(one), one)
  for (const row of made.clearing) {
    const url = address(row.account)
    assert.ok(front.includes(`<a href="${url}">${row.open_items}</a>`), url)
    const { status, body } = await get(url)
    assert.equal(status, 200, url)
    assert.match(body, /Saldoen er summen af de åbne poster/)
    const amounts = [...body.matchAll(/<td class="toek-number" data-title="Beløb">(-?[\d.,]+)</g)].map(
      (cell) => cell[1] ?? '',
    )
    const amountsOf = amounts.map((text) => Number(text.replaceAll(/[.,]/g, '')))
    assert.equal(amountsOf.pop(), row.balance_ore, url)
    assert.equal(amountsOf.length, row.open_items)
    assert.equal(
      amountsOf.reduce((sum, one) => sum + one, 0),
      row.balance_ore,
    )
  }
})

test('an open item leads to its payment or order, and has its day', async () => {
  const account = (key: string) => address(rates.account(key).number)
  const returned = (await get(account('returned'))).body
  for (const key of ['KY-2', 'KY-5']) {
    const id = example.paymentOf(key)
    assert.ok(returned.includes(`<a href="/betalinger/${id}">betaling ${id}</a>`), key)
  }
  assert.match(returned, /data-title="Kom retur">30\. marts 2026</)
  const claims = (await get(account('claims:KY'))).body
  assert.match(claims, /fordring KY-F-9/)
  assert.match(claims, /data-title="Forfalden">15\. januar 2026</)
  assert.match(claims, /1\.500,00/)
  const due = (await get(account('net_payable:KY'))).body
  assert.match(due, /<a href="\/kommuner\/0751\/ordrer\/KY\/KY-4\?udgave&#61;1">ordre KY-4 \(KY\)<\/a>/)
})

test('tax that was withheld is one open item for each SE number and month, due on the last bank day of the month', async () => {
  const read = async (key: string) => {
    const page = { skip: 0, limit: 10 }
    const { listed } = await reader.read([AARHUS], (db) => readOpenItems(db, AARHUS, rates.account(key), page))
    return listed.map((one) => `${one.named} ${formatDay(one.since)}`)
  }
  assert.deepEqual(await read('a_skat:KY'), ['55133018 2026-03-31', '55133018 2026-04-30'])
  assert.deepEqual(await read('pension:KY'), ['55133018 2026-03-31', '55133018 2026-04-30'])
  const { body } = await get(address(rates.account('a_skat:KY').number))
  assert.match(body, /data-title="Forfalden">31\. marts 2026</)
})

test('what came back late in the evening came back on that day in Denmark', async () => {
  const loader = await connect(example.url, 'loader')
  const account = rates.account('returned')
  await loader.transaction([101], async (tx) => {
    await tx.run(
      `insert into work_batches (municipality_code, work_no, kind, cause, known_at)
       values (101, 1, 'answers', 'x', '2026-03-30 22:30Z')`,
    )
    await tx.run(`insert into payment_returns values (101, $1, 7, 1, 100, 'NOACCOUNT')`, [2 ** 24 + 1])
  })
  await loader.close()
  const { listed } = await reader.read([101], (db) => readOpenItems(db, 101, account, { skip: 0, limit: 1 }))
  assert.deepEqual(
    listed.map((one) => [one.endToEndId, formatDay(one.since), one.amount]),
    [['0101R1N1', '2026-03-31', -100]],
  )
})

test('a long account is shown a page at a time, with the sum of all', () => {
  const municipality = { municipality: AARHUS, name: 'Aarhus' }
  const item = { endToEndId: '0751R1N1', order: undefined, named: '', since: day('2026-03-31'), amount: ore(-100) }
  const open = { items: 450, explained: ore(-45_000), balance: ore(-45_000) }
  const shown = (skip: number, n: number) =>
    markupOf(
      accountPage({
        icons: loadAssets().icons,
        municipality,
        account: rates.account('rail'),
        open: { ...open, listed: Array.from({ length: n }, () => item) },
        skip,
        limit: 200,
      }).body,
    )
  const [first, second, last] = [shown(0, 200), shown(200, 200), shown(400, 50)]
  const url = address(rates.account('rail').number)
  assert.match(first, /Viser 1–200 af 450\./)
  assert.ok(first.includes(`<a href="${url}?efter&#61;200">Vis flere</a>`), first.slice(-300))
  assert.doesNotMatch(first, /Vis de forrige/)
  assert.match(second, /Viser 201–400 af 450\./)
  assert.ok(second.includes(`<a href="${url}?efter&#61;400">Vis flere</a>`))
  assert.ok(second.includes(`<a href="${url}">Vis de forrige</a>`))
  assert.match(last, /Viser 401–450 af 450\./)
  assert.doesNotMatch(last, /Vis flere/)
  for (const page of [first, second, last])
    assert.ok(page.includes(`I alt, alle 450`) && page.includes(formatKroner(-45_000)))
})

test('accounts that are not there, that need no explanation, or of others look alike', async () => {
  const { number } = rates.account('returned')
  const missing = await get(address('9.99'))
  assert.equal(missing.status, 404)
  for (const url of [
    address(rates.account('bank').number),
    `/kommuner/751/konti/${number}`,
    `/kommuner/9999/konti/${number}`,
    `${address(number)}?efter=-1`,
    `${address(number)}?efter=200`,
    `${address(number)}?efter=999999999`,
  ]) {
    assert.deepEqual(await get(url), missing, url)
  }
})

test('the number of a run leads to the runs of its month', async () => {
  const to = '/?kommune=0751&maaned=2026-03#koersler'
  assert.deepEqual(await get('/soeg?q=0751R1').then((answer) => [answer.status, answer.to]), [303, to])
  assert.match((await get(to)).body, /<th scope="row">0751R1<\/th>/)
  for (const run of ['0751R99', '9999R1', '0751R1A2x']) {
    assert.match((await get(`/soeg?q=${run}`)).body, /Intet fundet/, run)
  }
})

test('the API tells persons and auditors the same items, in pages, and source systems nothing', async () => {
  const owner = await connect(example.url, 'owner')
  const tokens = await demoTokens(owner, {
    mode: 'demo',
    dataDir,
    municipalities: [AARHUS],
    now: '2026-01-01T00:00:00Z',
  })
  await owner.close()
  const server = await buildServer({ url: example.url, rates, folders, now, mode: 'demo' })
  const ask = async (holder: string, path: string) => {
    const answer = await server.inject({
      url: `/api/v1/accounts/${path}`,
      headers: { authorization: `Bearer ${tokens[holder]}` },
    })
    return { status: answer.statusCode, body: answer.json() }
  }
  try {
    for (const row of (await reconciled()).clearing) {
      const { status, body } = await ask('auditor', `0751/${row.account}/open-items?limit=1000`)
      assert.equal(status, 200)
      const { balance_ore, explained_ore, open_items, items } = body
      assert.deepEqual([balance_ore, explained_ore, open_items], [row.balance_ore, row.explained_ore, row.open_items])
      assert.equal(items.length, row.open_items)
      const sum = items.reduce((so: number, one: { amount_ore: number }) => so + one.amount_ore, 0)
      assert.equal(sum, row.balance_ore)
    }
    const { number } = rates.account('returned')
    const whole = (await ask('godkender', `0751/${number}/open-items`)).body
    const second = (await ask('godkender', `0751/${number}/open-items?skip=1&limit=1`)).body
    assert.deepEqual(second, { ...whole, items: whole.items.slice(1, 2) })
    assert.deepEqual(Object.keys(whole.items[0]), ['end_to_end_id', 'order', 'named', 'since', 'amount_ore'])
    const refused: readonly (readonly [string, string, number])[] = [
      ['KY', `0751/${number}/open-items`, 403],
      ['auditor', `0101/${number}/open-items`, 403],
      ['auditor', '0751/9.99/open-items', 404],
      ['auditor', `0751/${number}/open-items?limit=1001`, 400],
      ['auditor', `0751/${number}/open-items?skip=x`, 400],
    ]
    for (const [holder, path, status] of refused) assert.equal((await ask(holder, path)).status, status, path)
  } finally {
    await server.close()
  }
})
