/** A payment that has left is asked back once, by a file of its own: killed in it, asked twice, answered wrongly. */
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { writeRecallAnswer } from '../src/adapters/bank/recall.ts'
import { connect } from '../src/base/db.ts'
import type { Municipality } from '../src/base/id.ts'
import { stopVerb } from '../src/entry/cli/stop.ts'
import { demoTokens } from '../src/entry/http/demo-tokens.ts'
import { buildServer } from '../src/entry/http/server.ts'
import { MOST_STOPS, sendRecalls, stopPayment, stopRun } from '../src/entry/line/stop-payment.ts'
import { publishEvents, readEvents } from '../src/modules/events/index.ts'
import { readSpecification } from '../src/modules/overview/index.ts'
import { bundleIdOf, endToEndIdOf, fileIdOf, readQuarantine } from '../src/modules/payments/index.ts'
import { reconcileMunicipality } from '../src/modules/reconciliation/index.ts'
import { command } from './support/command.ts'
import { benefitOrder, citizenOf, factFile, orderFile } from './support/files.ts'
import { Crash, monthOf, testLine } from './support/line.ts'
import { approveWaiting } from './support/play-rules.ts'

const line = await testLine()
const dataDir = mkdtempSync(join(tmpdir(), 'toek-stop-'))
after(async () => {
  await line.close()
  rmSync(dataDir, { recursive: true })
})

const MONTH = '2026-03'
const AT = `${MONTH}-30T10:00:00+00:00`

/** Payments in a file that the rail has not read, as it closed before. */
async function unread(place: string, rail: string, payments = 2): Promise<Municipality> {
  const code = Number(place)
  if (rail !== 'nemkonto') {
    const rule = { record: 'rail', municipality: place, unit: 'ydelse', rail, valid_from: '2026-01-01' }
    await line.importText(factFile(`VEJ-${place}`, place, MONTH, [rule]), MONTH)
    await approveWaiting(line, code, 'bo', MONTH)
  }
  const what = { municipality: place, benefit: 'personligt_tillaeg', kle: '32.03.12', ore: 100_000 }
  const orders = Array.from({ length: payments }, (_, i) => i + 1).map((n) =>
    benefitOrder({ key: `KP-${n}`, citizen: citizenOf(code * 10_000 + n), ...what }),
  )
  await line.importText(orderFile(`KP-${place}`, MONTH, orders), MONTH)
  await line.runMonth(MONTH, [code], 'waits')
  await line.rail.post('/misbehave', { wrong: { how: 'closed', of: fileIdOf(code, 1) } })
  await line.runMonth(MONTH, [code])
  return code
}

const FIRST = 2 ** 24 + 1

function ask(code: Municipality, reason = 'forkert beløb') {
  const act = { municipality: code, payment: FIRST, reason, at: AT, by: 'ida' }
  return line.loader.inTurn(code, (tx) => stopPayment(tx, act))
}

function lineNow() {
  const { loader, rates, out, incoming, at } = line
  return { connection: loader, rates, folders: { out, in: incoming }, at }
}

function filesOf(code: Municipality, rail: string): string[] {
  const folder = join(line.out, rail === 'nemkonto' ? 'nemkonto' : 'iso20022')
  return readdirSync(folder).filter((name) => name.startsWith(`${fileIdOf(code, 1)}N`) && name.endsWith('.xml'))
}

async function explained(code: Municipality): Promise<string[]> {
  const made = await line.loader.transaction([code], (tx) =>
    reconcileMunicipality(tx, code, monthOf('2026-04'), line.rates.book.accounts),
  )
  for (const row of made.clearing) assert.equal(row.balance_ore, row.explained_ore, row.purpose)
  return made.findings.map((one) => one.what)
}

function specified(code: Municipality) {
  return line.reader.transaction([code], (tx) => readSpecification(tx, code, endToEndIdOf(code, FIRST), line.rates))
}

const KILLED = [
  ['0101', 'nemkonto', 'file:half-written'],
  ['0147', 'nemkonto', 'file:before-rename'],
  ['0151', 'bank_account', 'file:after-rename'],
  ['0153', 'bank_party', 'file:before-rename'],
] as const

for (const [place, rail, point] of KILLED) {
  test(`${rail}: killed at ${point} of the file that asks it back, it is asked once and comes to the return account`, async () => {
    const code = await unread(place, rail)
    assert.deepEqual(await ask(code), { state: 'asked', before: false })
    // As whoever asks does.
    await line.loader.transaction([code], (tx) => publishEvents(tx, [code], ['stopped']))
    line.crashAt(point)
    await assert.rejects(sendRecalls(lineNow(), code), Crash)
    assert.equal((await specified(code))?.payments[0]?.recall, 'asked')
    assert.deepEqual(await ask(code, 'igen'), { state: 'asked', before: true })
    await sendRecalls(lineNow(), code)
    const [name] = filesOf(code, rail)
    assert.equal(name, `${endToEndIdOf(code, FIRST)}S.xml`)
    const text = readFileSync(join(line.out, rail === 'nemkonto' ? 'nemkonto' : 'iso20022', name as string), 'utf8')
    assert.ok(text.includes(endToEndIdOf(code, FIRST)) && text.includes('1000.00') && text.includes(fileIdOf(code, 1)))
    assert.deepEqual(await sendRecalls(lineNow(), code), [], 'sent once')
    // Nothing has moved before the rail says so.
    assert.equal((await specified(code))?.payments[0]?.state, 'sent')
    await line.runMonth(MONTH, [code])
    assert.deepEqual(await explained(code), [])
    const payment = (await specified(code))?.payments[0]
    assert.deepEqual([payment?.state, payment?.recall], ['returned', 'cancelled'])
    assert.deepEqual(payment?.returned, { answer: 2, reason: 'STOPPED' })
    await line.loader.transaction([code], (tx) => publishEvents(tx, [code]))
    const events = await line.reader.transaction([code], (tx) => readEvents(tx, 3, 0, 10_000))
    const told = events.filter((one) => one.kind === 'stopped' && one.order_key === 'KP-1')
    assert.deepEqual(
      told.map((one) => [one.code, one.amount_ore]),
      [
        ['stop_asked', 100_000],
        ['stop_cancelled', 100_000],
      ],
    )
    const books = await line.rail.get<{ doubles: number; faults: unknown[] }>('/books')
    assert.deepEqual([books.doubles, books.faults], [0, []])
  })
}

test('a bank that says it calls back what it has booked moves nothing before its statement; a stray answer is set aside', async () => {
  const code = await unread('0155', 'bank_account')
  await line.runMonth(MONTH, [code])
  assert.equal((await specified(code))?.payments[0]?.state, 'paid')
  assert.deepEqual(await ask(code), { state: 'asked', before: false })
  await sendRecalls(lineNow(), code)
  const fileId = fileIdOf(code, 1)
  for (const [n, ref] of [endToEndIdOf(code, FIRST), endToEndIdOf(code, FIRST + 1)].entries()) {
    const header = { answerId: `X${n}`, recallId: `${ref}S`, fileId, createdAt: `${MONTH}-31T10:00:00` }
    const said = [{ bundleId: '', endToEndId: ref, status: 'ACCR', reason: '' }]
    writeFileSync(join(line.incoming, `CAMT029-${ref}S-9.xml`), writeRecallAnswer(header, '12345678', 'CNCL', said))
  }
  await line.runMonth('2026-04', [code])
  assert.deepEqual(await explained(code), [])
  const payment = (await specified(code))?.payments[0]
  assert.deepEqual([payment?.state, payment?.recall], ['paid', 'cancelled'])
  const lying = await line.reader.transaction([code], (tx) => readQuarantine(tx, code, 10))
  assert.deepEqual(
    lying.map((one) => [one.file, one.code]),
    [[`CAMT029-${endToEndIdOf(code, FIRST + 1)}S-9.xml`, 'unknown_payment']],
  )
})

test('over the API and the command line: held before release, asked once after, too late when it is paid', async (context) => {
  const code = await unread('0751', 'nemkonto')
  const name = endToEndIdOf(code, FIRST)
  const owner = await connect(line.url, 'owner')
  const tokens = await demoTokens(owner, { mode: 'demo', dataDir, municipalities: [code], now: '2026-01-01T00:00:00Z' })
  await owner.close()
  const folders = { out: line.out, in: line.incoming }
  const app = await buildServer({ url: line.url, rates: line.rates, folders, now: () => AT, mode: 'demo' })
  context.after(() => app.close())
  const send = async (payment: string, body: unknown) => {
    const headers = { authorization: `Bearer ${tokens['godkender']}`, 'content-type': 'application/json' }
    const url = `/api/v1/payments/0751/${payment}/stop`
    const answer = await app.inject({ method: 'POST', url, headers, payload: JSON.stringify(body) })
    return [answer.statusCode, answer.json().state ?? ''] as const
  }
  assert.deepEqual(await send(name, { reason: ' ' }), [422, ''])
  assert.deepEqual(await send(name, { reason: 'x', code: 'NOPE' }), [422, ''])
  assert.deepEqual(await send('0751R9N9', { reason: 'x' }), [404, ''])
  // A doubled click.
  const clicks = await Promise.all([send(name, { reason: 'dobbelt', code: 'DUPL' }), send(name, { reason: 'dobbelt' })])
  assert.deepEqual(clicks, [
    [200, 'asked'],
    [200, 'asked'],
  ])
  assert.equal(filesOf(code, 'nemkonto').length, 1)
  const told = await line.loader.db.rows<{ path: string }>(
    `select kind || '/' || file_name as path from deliveries where municipality_code = 751 and totals ? 'recalled'`,
  )
  assert.deepEqual(told, [{ path: `nemkonto/${name}S.xml` }], 'known by the place where it lies, as verify asks')
  await line.runMonth(MONTH, [code])
  assert.deepEqual(await send(endToEndIdOf(code, FIRST + 1), { reason: 'også den' }), [409, ''])
  const anna = { dataDir, url: line.url, now: AT, user: 'anna' }
  const late = await command(stopVerb, [endToEndIdOf(code, FIRST + 1), '--reason', 'også den', '--json'], anna)
  assert.equal(late.code, 4)
  assert.deepEqual(JSON.parse(late.out), {
    payment: endToEndIdOf(code, FIRST + 1),
    state: 'too_late',
    where: 'paid',
    files: [],
  })
  const next = benefitOrder({
    key: 'KP-3',
    municipality: '0751',
    citizen: citizenOf(77),
    benefit: 'personligt_tillaeg',
    kle: '32.03.12',
    ore: 5_000,
    date: '2026-04-30',
  })
  await line.importText(orderFile('KP-0751-3', '2026-04', [next]), '2026-04')
  await line.runMonth('2026-04', [code], 'waits')
  const unsent = await command(stopVerb, [endToEndIdOf(code, 2 * 2 ** 24 + 1), '--reason', 'vent'], anna)
  assert.equal(unsent.code, 0)
  assert.match(unsent.out, /taget ud af sin kørsel/)
})

test('a whole run is asked back of a bank in one file, killed in it, clicked twice; one payment apart, and each has its answer', async (context) => {
  const code = await unread('0157', 'bank_account')
  await ask(code)
  await sendRecalls(lineNow(), code)
  const owner = await connect(line.url, 'owner')
  const folder = mkdtempSync(join(tmpdir(), 'toek-stop-run-'))
  const demo = { mode: 'demo', dataDir: folder, municipalities: [code], now: '2026-01-01T00:00:00Z' } as const
  const tokens = await demoTokens(owner, demo)
  await owner.close()
  const folders = { out: line.out, in: line.incoming }
  const app = await buildServer({ url: line.url, rates: line.rates, folders, now: () => AT, mode: 'demo' })
  context.after(async () => {
    await app.close()
    rmSync(folder, { recursive: true })
  })
  const send = async (run: string, body: unknown) => {
    const headers = { authorization: `Bearer ${tokens['godkender']}`, 'content-type': 'application/json' }
    const url = `/api/v1/payment-runs/${run}/stop`
    const answer = await app.inject({ method: 'POST', url, headers, payload: JSON.stringify(body) })
    return { status: answer.statusCode, body: answer.json() }
  }
  assert.equal((await send('0157R9', { reason: 'x' })).status, 404)
  assert.equal((await send('0157R1', { reason: ' ' })).status, 422)
  // Asked for, and killed before its file has a name.
  const act = { municipality: code, runNo: 1, reason: 'forkert måned', at: AT, by: 'ida' }
  await line.loader.inTurn(code, (tx) => stopRun(tx, act))
  line.crashAt('file:before-rename')
  await assert.rejects(sendRecalls(lineNow(), code), Crash)
  const again = await send('0157R1', { reason: 'forkert måned', code: 'TECH' })
  assert.deepEqual([again.status, again.body.asked, again.body.asked_before, again.body.too_late], [200, 0, 2, 0])
  const names = readdirSync(join(line.out, 'iso20022')).filter((name) => /^0157R1.*S\.xml$/.test(name))
  assert.deepEqual(names.sort(), ['0157R1N1S.xml', '0157R1S.xml'])
  const text = readFileSync(join(line.out, 'iso20022', '0157R1S.xml'), 'utf8')
  assert.ok(text.includes('<NbOfTxs>1</NbOfTxs>') && text.includes('<GrpCxl>true</GrpCxl>') && text.includes('CUST'))
  await line.runMonth(MONTH, [code])
  assert.deepEqual(await explained(code), [])
  const returns = await line.loader.db.rows<{ reason: string }>(
    'select reason from payment_returns where municipality_code = 157',
  )
  assert.deepEqual(returns, [{ reason: 'STOPPED' }, { reason: 'STOPPED' }])
  const anna = { dataDir, url: line.url, now: AT, user: 'anna' }
  const told = await command(stopVerb, ['--run', '0157R1', '--reason', 'igen'], anna)
  assert.deepEqual(told, { code: 0, out: '0 taget ud af kørslen, 0 bedt standset, 2 bedt standset før, 0 for sent.\n' })
  await assert.rejects(command(stopVerb, ['--run', '0157R1', '0157R1N1', '--reason', 'x'], anna), { code: 'usage' })
})

test('NemKonto, which knows no stop of a file, is not asked a thousand times and once more: nothing is asked', async () => {
  const code = await unread('0159', 'nemkonto', MOST_STOPS + 1)
  const act = { municipality: code, runNo: 1, reason: 'forkert måned', at: AT, by: 'ida' }
  const asked = line.loader.inTurn(code, (tx) => stopRun(tx, act))
  await assert.rejects(asked, { code: 'run_too_large' })
  assert.deepEqual(await sendRecalls(lineNow(), code), [])
})

test('a bundle of a run is asked back as one, and what its file is called is what the answer is known by', async () => {
  const code = await unread('0161', 'bank_account')
  const row = await line.loader.db.first<{ unit: number }>(
    'select unit from payment_bundles where municipality_code = 161',
  )
  const bundle = bundleIdOf(code, 1, row?.unit ?? 0)
  const anna = { dataDir, url: line.url, now: AT, user: 'anna' }
  const other = command(stopVerb, ['--run', bundleIdOf(code, 1, 9), '--reason', 'forkert enhed'], anna)
  await assert.rejects(other, { code: 'unknown_run' })
  const act = { municipality: code, runNo: 1, unit: row?.unit, reason: 'forkert enhed', at: AT, by: 'ida' }
  const { payments } = await line.loader.inTurn(code, (tx) => stopRun(tx, act))
  assert.equal(payments.length, 2)
  assert.deepEqual(await sendRecalls(lineNow(), code), [`${bundle}S.xml`])
  await line.runMonth(MONTH, [code])
  assert.deepEqual(await explained(code), [])
  const returns = await line.loader.db.rows('select from payment_returns where municipality_code = 161')
  assert.equal(returns.length, 2)
})
