/**
 * What came back, over the API and the command line: listed, paid again, held. Two persons at once, and a doubled
 * click, order one attempt.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { connect } from '../src/base/db.ts'
import { holdVerb } from '../src/entry/cli/hold.ts'
import { payAgainVerb, repayFailedVerb } from '../src/entry/cli/returned.ts'
import { workVerb } from '../src/entry/cli/work.ts'
import { returnedVerb } from '../src/entry/cli/returned-list.ts'
import type { Verb } from '../src/entry/cli/verbs.ts'
import { type DemoTokens, demoTokens } from '../src/entry/http/demo-tokens.ts'
import { payAgain } from '../src/entry/line/pay-again.ts'
import { buildServer } from '../src/entry/http/server.ts'
import { writeAnswerFile } from '../src/adapters/nemkonto/write-answer-file.ts'
import { command } from './support/command.ts'
import { benefitOrder, citizenOf, orderFile, type OrderRecord } from './support/files.ts'
import { paymentOfEndToEndId } from '../src/modules/payments/index.ts'
import { reconcileMunicipality } from '../src/modules/reconciliation/index.ts'
import { monthOf, type TestLine, testLine } from './support/line.ts'

const CODE = 751
const MONTH = '2026-03'
const NOW = '2026-04-02T09:00:00.000Z'
const [NO_ACCOUNT, CLOSED] = ['9907', '9909']

let line: TestLine
let app: Awaited<ReturnType<typeof buildServer>>
let tokens: DemoTokens
const dataDir = mkdtempSync(join(tmpdir(), 'toek-acts-'))

function order(number: number, citizen: string, date = '2026-03-31'): OrderRecord {
  const kle = line.rates.book.benefits.find((one) => one.key === 'enkeltydelse')?.kle ?? ''
  const what = { benefit: 'enkeltydelse', kle, ore: number * 100_00, date }
  return benefitOrder({ key: `KY-${number}`, municipality: '0751', citizen, ...what })
}

before(async () => {
  line = await testLine()
  const fates = [NO_ACCOUNT, NO_ACCOUNT, CLOSED, undefined, NO_ACCOUNT]
  const orders = fates.map((fate, i) => order(i + 1, citizenOf(i, fate)))
  await line.importText(orderFile('KY-0751-acts', MONTH, orders), MONTH)
  // Between the answers and the bank statement nobody knows yet that the money stayed.
  line.around(undefined, async (task) => {
    if (task.kind === 'answers' && beforeStatement.length === 0) beforeStatement.push(...(await refusalsOf('KY-1')))
  })
  await line.runMonth(MONTH, [CODE])
  line.around(undefined, undefined)
  const owner = await connect(line.url, 'owner')
  tokens = await demoTokens(owner, { mode: 'demo', dataDir, municipalities: [CODE, 101], now: '2026-01-01T00:00:00Z' })
  await owner.close()
  const folders = { out: line.out, in: line.incoming }
  app = await buildServer({ url: line.url, rates: line.rates, folders, now: () => NOW, mode: 'demo' })
})
after(async () => {
  await app.close()
  await line.close()
  rmSync(dataDir, { recursive: true })
})

const beforeStatement: string[] = []

async function refusalsOf(order: string): Promise<string[]> {
  const of = paymentOfEndToEndId((await payments()).get(order) as string)
  const act = { municipality: CODE, reason: 'for tidligt', by: 'anna', at: NOW }
  const done = line.loader.inTurn(CODE, (tx) => payAgain(tx, line.rates, of?.payment ?? 0, act))
  return await done.then(
    () => ['paid again'],
    (error: { code: string }) => [error.code],
  )
}

async function send(holder: string, method: 'GET' | 'POST', url: string, payload?: unknown) {
  const headers = { authorization: `Bearer ${tokens[holder]}`, 'content-type': 'application/json' }
  const body = payload === undefined ? {} : { payload: JSON.stringify(payload) }
  const answer = await app.inject({ method, url, headers, ...body })
  return { status: answer.statusCode, body: answer.json() }
}

const toek = (verb: Verb, ...args: string[]) => command(verb, args, { dataDir, url: line.url, now: NOW, user: 'anna' })

async function payments(): Promise<Map<string, string>> {
  const rows = await line.loader.db.rows<{ key: string; id: string }>(
    `select o.order_key as key, '0751R' || (x.payment_id >> 24) || 'N' || (x.payment_id & 16777215) as id
     from payment_parts x join orders o on o.municipality_code = x.municipality_code and o.order_id = x.item_id >> 6
     where x.municipality_code = 751 order by x.part`,
  )
  return new Map(rows.map((row) => [row.key, row.id]))
}

async function attempts(): Promise<number> {
  const row = await line.loader.db.first<{ n: number }>('select count(*)::int as n from parts_again')
  return row?.n ?? 0
}

async function explained(): Promise<void> {
  const { clearing, findings } = await line.loader.transaction([CODE], (tx) =>
    reconcileMunicipality(tx, CODE, monthOf('2026-06'), line.rates.book.accounts),
  )
  assert.deepEqual(findings, [])
  for (const row of clearing) assert.equal(row.balance_ore, row.explained_ore, row.purpose)
}

test('what came back is listed with cause, age and next step, to people of the municipality alone', async () => {
  const { status, body } = await send('godkender', 'GET', '/api/v1/returned-payments?municipality=0751')
  assert.equal(status, 200)
  assert.equal(body.total, 4)
  const ids = await payments()
  const closed = body.payments.find((one: { orders: string[] }) => one.orders[0] === 'KY-3')
  assert.deepEqual(closed, {
    municipality: '0751',
    end_to_end_id: ids.get('KY-3'),
    source_system: 'KY',
    orders: ['KY-3'],
    attempt: 1,
    amount_ore: 30_000,
    answer: 9,
    code: 'AC04',
    cause: 'Kontoen er lukket.',
    step: 'ask_account',
    since: '2026-04-01',
    first_since: '2026-04-01',
    age_days: 8,
    band: 'month',
    asked_on: null,
    answer_by: null,
    again_on: null,
    taken_over: null,
  })
  // By one clock, however long after its months the demo is looked at: as old as the list of work says.
  const late = { dataDir, url: line.url, now: '2026-11-28T09:00:00Z', user: 'anna' }
  const listed = await command(returnedVerb, ['--municipality', '0751'], late)
  const work = await command(workVerb, ['--municipality', '0751'], late)
  const id = ids.get('KY-3')
  assert.match(listed.out, new RegExp(`${id} .*: 300,00 kr\\., under en måned\\.`))
  assert.match(work.out, new RegExp(`${id}, under en måned: `))
  assert.equal((await send('KY', 'GET', '/api/v1/returned-payments')).status, 403)
  assert.equal((await send('godkender', 'GET', '/api/v1/returned-payments?municipality=0461')).status, 403)
  assert.equal((await send('godkender', 'GET', '/api/v1/returned-payments?limit=0')).status, 400)
  const text = await toek(returnedVerb, '--municipality', '0751', '--on', '2026-05-20')
  assert.equal(text.code, 3)
  assert.match(text.out, /0751R1N\d+ \(KY KY-3\): 300,00 kr\., under tre måneder\. Kontoen er lukket\. Bed modtageren/)
})

test('what was refused is not paid again before a bank statement has shown that the money stayed', () => {
  assert.deepEqual(beforeStatement, ['not_booked_yet'])
})

test('one payment is paid again by a person with a reason, once', async () => {
  const id = (await payments()).get('KY-1') as string
  const path = `/api/v1/payments/0751/${id}/pay-again`
  assert.equal((await send('KY', 'POST', path, { reason: 'ny konto' })).status, 403)
  assert.equal((await send('auditor', 'POST', path, { reason: 'ny konto' })).status, 403)
  const faulty = await send('planlaegger', 'POST', path, { on: '2026-02-30', account: 'x' })
  assert.equal(faulty.status, 422)
  assert.deepEqual(faulty.body.faults.map((one: { pointer: string }) => one.pointer).sort(), [
    '/account',
    '/on',
    '/reason',
  ])
  assert.equal(await attempts(), 0)
  const done = await send('planlaegger', 'POST', path, { reason: 'ny konto', account_named: '2026-04-01' })
  // Easter: the fifth bank day after 1 April is 13 April, and a run is assembled two bank days before it pays.
  assert.deepEqual(done, {
    status: 200,
    body: { payments: [id], amount_ore: 10_000, on: '2026-04-15', not_paid_again: [] },
  })
  const twice = await send('planlaegger', 'POST', path, { reason: 'ny konto' })
  assert.equal(twice.status, 409)
  assert.match(twice.body.type, /nothing_left$/)
  assert.equal(await attempts(), 1)
  const { body } = await send('godkender', 'GET', '/api/v1/returned-payments')
  const one = body.payments.find((each: { end_to_end_id: string }) => each.end_to_end_id === id)
  assert.equal(one.again_on, '2026-04-15')
  const paid = (await payments()).get('KY-4') as string
  const kept = await send('planlaegger', 'POST', `/api/v1/payments/0751/${paid}/pay-again`, { reason: 'igen' })
  assert.match(kept.body.type, /not_returned$/)
  assert.equal(
    (await send('planlaegger', 'POST', '/api/v1/payments/0751/0751R9N1/pay-again', { reason: 'x' })).status,
    404,
  )
  assert.equal(
    (await send('planlaegger', 'POST', `/api/v1/payments/0101/${id}/pay-again`, { reason: 'x' })).status,
    404,
  )
})

test('the failed part of a run is ordered once, also by five at the same time', async () => {
  const path = '/api/v1/payment-runs/0751R1/repay-failed'
  const all = await Promise.all(
    [1, 2, 3, 4, 5].map(() => send('planlaegger', 'POST', path, { reason: 'banken lukkede' })),
  )
  assert.deepEqual(all.map(({ body }) => body.payments.length).sort(), [0, 0, 0, 0, 3])
  assert.equal(await attempts(), 4)
  const posted = await line.loader.db.first<{ ore: number }>(
    `select sum(t.amount_ore)::bigint as ore from transfers t where t.municipality_code = 751 and t.debit_account = $1`,
    [line.rates.account('returned').id],
  )
  assert.equal(posted?.ore, 100_00 + 200_00 + 300_00 + 500_00)
  const again = await toek(repayFailedVerb, '0751R1', '--reason', 'igen')
  assert.deepEqual(again, { code: 0, out: 'Der er intet at betale igen.\n' })
  await assert.rejects(toek(repayFailedVerb, '0751R7', '--reason', 'igen'), { code: 'unknown_run' })
  await assert.rejects(toek(payAgainVerb, '0751R1', '--reason', 'igen'), { code: 'unknown_payment' })
  const audit = await line.loader.db.first<{ n: number }>(
    `select count(*)::int as n from audit_log where command = 'payment.again'`,
  )
  assert.equal(audit?.n, 4)
})

test('a payment is held and released by hand; what has left is answered with what can be done', async () => {
  await line.importText(orderFile('KY-0751-more', '2026-05', [order(7, citizenOf(20), '2026-05-29')]), '2026-05')
  await line.runMonth('2026-05', [CODE], 'waits')
  const id = (await payments()).get('KY-7') as string
  const path = `/api/v1/payments/0751/${id}`
  const early = await send('planlaegger', 'POST', `${path}/hold`, { reason: 'partshøring', until: '2026-05-29' })
  assert.equal(early.status, 422)
  assert.match(early.body.type, /until_too_early$/)
  const held = await toek(holdVerb, id, '--reason', 'partshøring', '--owner', 'Team 2', '--by', 'anna')
  assert.deepEqual(held, { code: 0, out: `${id} er tilbageholdt.\n` })
  assert.match((await send('planlaegger', 'POST', `${path}/hold`, { reason: 'igen' })).body.type, /held_already$/)
  const work = await line.loader.db.first<{ owner: string; amount_ore: number }>(
    `select owner, amount_ore from work_items where kind = 'held_payment' and closed_at is null`,
  )
  assert.deepEqual(work, { owner: 'Team 2', amount_ore: 70_000 })
  assert.deepEqual(await send('planlaegger', 'POST', `${path}/release`, { reason: 'afklaret' }), {
    status: 200,
    body: { released: 1 },
  })
  assert.match((await send('planlaegger', 'POST', `${path}/release`, { reason: 'igen' })).body.type, /nothing_held$/)
  const { body } = await send('KY', 'GET', '/api/v1/sources/KY/events?after=0')
  const told = body.events.filter((one: { order_key: string; code?: string }) => one.code === 'payment_held')
  assert.deepEqual(
    told.map((one: { kind: string; amount_ore: number; end_to_end_id: string }) => [one.kind, one.amount_ore]),
    [
      ['held', 70_000],
      ['released', 70_000],
    ],
  )
  // Let go before its run is released: due once, under its next number, and every account explained.
  await explained()
  await line.runMonth('2026-06', [CODE])
  await explained()
  const paid = await line.loader.db.first<{ n: number; part: number }>(
    `select count(*)::int as n, max(x.part)::int as part from payment_parts x join orders o on o.order_id = x.item_id >> 6
     where o.order_key = 'KY-7' and not exists (select from stopped_parts z where z.item_id = x.item_id and z.part = x.part)`,
  )
  assert.deepEqual(paid, { n: 1, part: 64 })
  const left = (await payments()).get('KY-4') as string
  const late = await send('planlaegger', 'POST', `/api/v1/payments/0751/${left}/hold`, { reason: 'stop' })
  assert.equal(late.status, 409)
  assert.match(late.body.detail, /^For sent: pengene er fremme\./)
  const refused = await toek(holdVerb, left, '--reason', 'stop', '--json')
  assert.equal(refused.code, 4)
  assert.deepEqual(JSON.parse(refused.out), { payment: left, state: 'too_late', where: 'paid' })
})

function answerFile(name: string, id: string, said: { readonly kind: 7 | 9; readonly reason: string }): void {
  const header = { answerId: name, fileId: '0751R1', createdAt: '2026-04-20T11:05:00', count: 1 }
  const text = [...writeAnswerFile(header, [{ ...said, ref: id, waitingAccount: false }])].join('')
  writeFileSync(join(line.incoming, `NKS-${name}.xml`), text)
}

test('NemKonto says returned, and the bank has not brought the money: it is not paid again', async () => {
  const id = (await payments()).get('KY-4') as string
  answerFile('0751R1-8', id, { kind: 9, reason: 'AC04' })
  await line.runMonth(MONTH, [CODE])
  assert.deepEqual(await refusalsOf('KY-4'), ['not_back_yet'])
})

test('refused after the bank booked its bundle with it: it is not paid again', async () => {
  const id = (await payments()).get('KY-4') as string
  answerFile('0751R1-9', id, { kind: 7, reason: 'NOACCOUNT' })
  await line.runMonth(MONTH, [CODE])
  const { status, body } = await send('godkender', 'POST', `/api/v1/payments/0751/${id}/pay-again`, { reason: 'igen' })
  assert.equal(status, 409)
  assert.match(body.type, /may_be_paid$/)
})
