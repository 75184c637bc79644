/** Runs are seen and approved over the API: as shown, once, and by the right persons. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { connect } from '../../base/db.ts'
import { parseMonth, type Period } from '../../base/date.ts'
import { builtInRateBook, lookup } from '../../modules/rates/index.ts'
import { doTask } from '../line/tasks.ts'
import type { Line } from '../line/line.ts'
import { NOW, order, testServer } from './testing.ts'

const server = await testServer()
const { send } = server
const month = parseMonth('2026-03') as Period

before(async () => {
  for (const key of ['A-1', 'A-2']) {
    const payload = JSON.stringify(order(key))
    const headers = { 'content-type': 'application/json' }
    assert.equal((await send('KY', { method: 'PUT', url: `/api/v1/orders/KY/${key}`, headers, payload })).status, 201)
  }
  const connection = await connect(server.url, 'loader')
  const folders = { out: server.dataDir, in: server.dataDir }
  const line: Line = { connection, rates: lookup(builtInRateBook()), folders, at: () => undefined }
  const actors = { planner: 'planlægger', approver: undefined }
  await doTask(line, { kind: 'plan', municipality: 751, month })
  await doTask(line, { kind: 'calculate', municipality: 751, workNo: 1, knownAt: NOW })
  await doTask(line, { kind: 'assemble', municipality: 751, month, actors })
  await connection.close()
})
after(() => server.close())

const get = (holder: string, url = '/api/v1/payment-runs/0751R1') => send(holder, { method: 'GET', url })
const approve = (holder: string, body: unknown, run = '0751R1') =>
  send(holder, {
    method: 'POST',
    url: `/api/v1/payment-runs/${run}/approval`,
    headers: { 'content-type': 'application/json' },
    payload: JSON.stringify(body),
  })

test('what waits is listed with what was found of it; a source system sees nothing of it', async () => {
  const { status, body } = await get('auditor', '/api/v1/payment-runs?month=2026-03&municipality=0751')
  assert.equal(status, 200)
  assert.deepEqual(
    body.runs.map((run: { run: string }) => run.run),
    ['0751R1'],
  )
  const [run] = body.runs
  assert.deepEqual([run.payments, run.approvers, run.blocked], [2, 1, false])
  assert.deepEqual(run.steps, ['planned', 'assembled', 'controlled'])
  assert.deepEqual(
    run.findings.map((one: { check: string; text: string }) => one.check),
    ['no_tax_card'],
  )
  assert.match(run.findings[0].text, /2 betalinger er trukket i skat uden skattekort/)
  assert.deepEqual((await get('godkender')).body, run)
  assert.equal((await get('KY')).status, 403)
  assert.equal((await get('godkender', '/api/v1/payment-runs/0751R9')).status, 404)
  assert.equal((await get('godkender', '/api/v1/payment-runs/x')).status, 404)
})

test('who did not look, or is not an approver, approves nothing', async () => {
  const { total_ore, view } = (await get('godkender')).body
  const cases: [string, unknown, number, string][] = [
    ['KY', { total_ore, view }, 403, 'forbidden'],
    ['auditor', { total_ore, view }, 403, 'forbidden'],
    ['planlaegger', { total_ore, view }, 403, 'forbidden'],
    ['godkender', { total_ore }, 422, 'faults'],
    ['godkender', { total_ore: '1', view }, 422, 'faults'],
    ['godkender', { total_ore: total_ore - 1, view }, 409, 'stale_total'],
    ['godkender', { total_ore, view: '0'.repeat(16) }, 409, 'stale_view'],
  ]
  for (const [holder, body, status, code] of cases) {
    const answer = await approve(holder, body)
    assert.deepEqual([answer.status, answer.body.type], [status, `urn:toek:problem:${code}`], `${holder} ${code}`)
  }
  assert.deepEqual((await get('godkender')).body.steps, ['planned', 'assembled', 'controlled'])
})

test('a click that is doubled in two browsers approves once', async () => {
  const { total_ore, view } = (await get('godkender')).body
  const answers = await Promise.all(Array.from({ length: 4 }, () => approve('godkender', { total_ore, view })))
  assert.deepEqual(answers.map((one) => one.status).toSorted(), [200, 409, 409, 409])
  assert.deepEqual(answers.find((one) => one.status === 200)?.body, {
    run: '0751R1',
    approved: true,
    approved_by: 'godkender',
  })
  for (const one of answers.filter((each) => each.status === 409)) {
    assert.equal(one.body.type, 'urn:toek:problem:run_not_ready')
  }
  const loader = await connect(server.url, 'loader')
  const { approvals, audits } = (await loader.db.first<{ approvals: number; audits: number }>(
    `select (select count(*) from run_approvals) as approvals,
       (select count(*) from audit_log where command = 'run.approve') as audits`,
  )) ?? { approvals: -1, audits: -1 }
  await loader.close()
  assert.deepEqual([approvals, audits], [1, 1])
  assert.deepEqual((await get('godkender', '/api/v1/payment-runs?month=2026-03')).body.runs, [])
})
