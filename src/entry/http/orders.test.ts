import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { connect } from '../../base/db.ts'
import { nextIntakeNo, orderAgain } from '../../modules/orders/index.ts'
import { MAX_ORDER_BYTES } from './orders.ts'
import { NOW, order, testServer } from './testing.ts'

const server = await testServer()
after(() => server.close())
const { send } = server

const at = (key: string, source = 'KY') => `/api/v1/orders/${source}/${encodeURIComponent(key)}`
const put = (key: string, body: unknown, headers: Record<string, string> = {}, holder = 'KY') =>
  send(holder, {
    method: 'PUT',
    url: at(key),
    headers: { 'content-type': 'application/json', ...headers },
    payload: typeof body === 'string' ? body : JSON.stringify(body),
  })

async function count(sql: string): Promise<number> {
  const loader = await connect(server.url, 'loader')
  try {
    return (await loader.db.first<{ n: number }>(`select count(*)::int as n from ${sql}`))?.n ?? -1
  } finally {
    await loader.close()
  }
}

test('the same order put five times at once is taken once, and everybody gets the same answer', async () => {
  const answers = await Promise.all(Array.from({ length: 5 }, () => put('A-1', order('A-1'))))
  assert.deepEqual(answers.map((each) => each.status).toSorted(), [200, 200, 200, 200, 201])
  assert.equal(new Set(answers.map((each) => each.text)).size, 1)
  assert.equal(answers[0]?.body.received_at, '2026-03-02T09:00:00Z')
  assert.equal(await count("orders where order_key = 'A-1'"), 1)
  assert.equal(await count("audit_log where command = 'order.put' and subject = 'KY A-1'"), 1)
})

test('the same version with other content is a conflict and changes nothing', async () => {
  assert.equal((await put('A-2', order('A-2'))).status, 201)
  const answer = await put('A-2', order('A-2', { case_key: 'another' }))
  assert.equal(answer.status, 409)
  assert.match(answer.type, /^application\/problem\+json/)
  assert.equal(answer.body.faults[0].code, 'version_conflict')
  assert.equal((await put('A-2', order('A-2'))).status, 200)
})

test('a lower version is kept as seen and answered 409', async () => {
  assert.equal((await put('A-3', order('A-3', { version: 5 }))).status, 201)
  const answer = await put('A-3', order('A-3', { version: 3 }))
  assert.equal(answer.status, 409)
  assert.equal(answer.body.faults[0].code, 'superseded')
  assert.equal(await count("orders where order_key = 'A-3'"), 2)
})

test('a lower version that came late is never calculated', async () => {
  const held = `orders o where order_key = 'A-3' and version = 3 and exists (select from order_holds h
    where h.municipality_code = o.municipality_code and h.order_id = o.order_id)`
  assert.equal(await count(held), 1)
})

test('a version that was accepted is answered alike when it comes again behind newer ones', async () => {
  const key = { 'idempotency-key': 'again' }
  const first = await put('A-13', order('A-13'), key)
  const second = await put('A-13', order('A-13', { version: 3 }))
  const late = await put('A-13', order('A-13', { version: 2 }))
  assert.deepEqual([first.status, second.status, late.status], [201, 201, 409])
  // A copy that is calculated again has the version and content of its first, and comes with a later intake.
  const loader = await connect(server.url, 'loader')
  await loader.transaction([751], async (tx) => {
    const of = await tx.first<{ id: number }>(
      "select order_id as id from orders where order_key = 'A-13' and version = 1",
    )
    await orderAgain(tx, 751, [{ order: of?.id ?? 0, intakeNo: (await nextIntakeNo(tx, 751)) - 1 }])
  })
  await loader.close()
  for (const headers of [{}, key]) {
    const again = await put('A-13', order('A-13'), headers)
    assert.deepEqual([again.status, again.text], [200, first.text])
  }
  // What came behind a newer one is kept as seen, however often it comes; nor does other content become the same.
  assert.equal((await put('A-13', order('A-13', { version: 2 }))).body.faults[0].code, 'superseded')
  const other = await put('A-13', order('A-13', { case_key: 'another' }))
  assert.equal(other.body.faults[0].code, 'version_conflict')
  assert.equal(await count("orders where order_key = 'A-13' and again = 0"), 3)
})

test('every fault is named, unknown fields among them', async () => {
  const whole = order('A-4')
  const [line] = whole.lines
  const body = { ...whole, colour: 'red', lines: [{ ...line, amount_ore: 12.5 }], disposition_date: '2026-02-30' }
  const { status, body: answer } = await put('A-4', body)
  assert.equal(status, 422)
  const found = answer.faults.map((fault: { pointer: string; code: string }) => `${fault.pointer} ${fault.code}`)
  assert.deepEqual(found.toSorted(), [
    '/colour unknown_field',
    '/disposition_date date_invalid',
    '/lines/0/amount_ore amount_not_integer',
  ])
  assert.equal((await put('A-4', '{"order_key":')).body.faults[0].code, 'not_json')
  assert.equal((await put('A-4', order('other'))).body.faults[0].code, 'key_mismatch')
  assert.equal(await count("orders where order_key = 'A-4'"), 0)
})

test('a body that is too large is refused before it is read', async () => {
  const answer = await put('A-5', JSON.stringify(order('A-5')) + ' '.repeat(MAX_ORDER_BYTES))
  assert.equal(answer.status, 413)
  assert.match(answer.type, /^application\/problem\+json/)
})

test('who is not known or speaks for another system gets nothing', async () => {
  const none = await server.app.inject({ method: 'PUT', url: at('A-6') })
  assert.equal(none.statusCode, 401)
  assert.equal(none.headers['www-authenticate'], 'Bearer')
  assert.equal((await put('A-6', order('A-6'), {}, 'a-token-that-nobody-has')).status, 401)
  assert.equal((await put('A-6', order('A-6'), {}, 'KSD')).status, 403)
  assert.equal((await put('A-6', order('A-6'), {}, 'planlaegger')).status, 403)
  const elsewhere = await put('A-6', order('A-6', { municipality: '0101' }), {}, 'narrow')
  assert.equal(elsewhere.status, 403)
  assert.equal((await put('A-6', order('A-6'), {}, 'narrow')).status, 201)
  assert.equal((await send('KY', { method: 'GET', url: at('A-6', 'XX') })).status, 404)
  assert.equal((await send('KSD', { method: 'GET', url: at('A-6') })).status, 403)
  assert.equal((await send('KY', { method: 'GET', url: '/api/v1/nowhere' })).status, 404)
})

test('an Idempotency-Key stands for one request', async () => {
  const key = { 'idempotency-key': 'once' }
  assert.equal((await put('A-7', order('A-7'), key)).status, 201)
  assert.equal((await put('A-7', order('A-7'), key)).status, 200)
  const other = await put('A-7', order('A-7', { version: 2 }), key)
  assert.equal(other.status, 409)
  assert.match(other.body.type, /key_reused$/)
  assert.equal((await put('A-8', order('A-8'), key)).status, 409)
  assert.equal(await count("orders where order_key in ('A-7', 'A-8')"), 1)
})

test('a movement becomes the newest full state; a stale one is refused', async () => {
  const [line] = order('A-9').lines
  assert.ok(line)
  await put('A-9', order('A-9'))
  const movement = (version: number, base: number) => {
    const { amount_ore: _, ...rest } = line
    const adjusts = { order_key: 'A-9', version: base }
    return order('A-9', { version, adjusts, lines: [{ ...rest, delta_ore: -9800 } as never] })
  }
  assert.equal((await put('A-9', movement(2, 1))).status, 201)
  assert.equal((await put('A-9', movement(2, 1))).status, 200)
  const stale = await put('A-9', movement(3, 1))
  assert.equal(stale.status, 409)
  assert.equal(stale.body.faults[0].code, 'stale_base')
  assert.equal((await put('A-9', movement(3, 2))).status, 201)
  assert.equal((await put('A-9', movement(2, 1))).status, 200)
  assert.equal(
    await count(`order_lines where amount_ore = ${line.amount_ore - 9800} and order_id in (select order_id from orders
      where order_key = 'A-9' and version = 2)`),
    1,
  )
})

test('an order shows four axes, its holds and its versions; a second one for the same person and time is held', async () => {
  await put('A-10', order('A-10'))
  await put('B-10', { ...order('A-10'), order_key: 'B-10' })
  const { status, body } = await send('KY', { method: 'GET', url: at('B-10') })
  assert.equal(status, 200)
  assert.deepEqual(
    [body.axes.paid.state, body.axes.reported.state, body.axes.posted.state, body.axes.reimbursed.state],
    ['no', 'no', 'no', 'no'],
  )
  assert.equal(body.held, true)
  assert.equal(body.holds[0].kind, 'possible_duplicate')
  assert.deepEqual(body.history[0].steps, [{ step: 'received', at: '2026-03-02T09:00:00Z' }])
  assert.equal((await send('auditor', { method: 'GET', url: at('B-10') })).status, 200)
  assert.equal((await send('KY', { method: 'GET', url: at('B-11') })).status, 404)
  assert.equal(await count("audit_log where command = 'order.read' and subject = 'KY B-10'"), 2)
})

test('an order takes the place of another: both say so, and only one that is known here can be named', async () => {
  await put('WRONG-1', order('WRONG-1'))
  await put('WRONG-ELSEWHERE', order('WRONG-ELSEWHERE', { municipality: '0101' }))
  for (const [key, other, code] of [
    ['RIGHT-1', 'RIGHT-1', 'instead_of_itself'],
    ['RIGHT-1', 'NOBODY-1', 'instead_of_unknown'],
    // Of another municipality: told no more of than one that is nowhere.
    ['RIGHT-1', 'WRONG-ELSEWHERE', 'instead_of_unknown'],
  ] as const) {
    const refused = await put(key, order(key, { instead_of: other }))
    assert.equal(refused.status, 422)
    const { pointer, code: said } = refused.body.faults[0]
    assert.deepEqual([pointer, said], ['/instead_of', code])
  }
  const right = order('RIGHT-1', { instead_of: 'WRONG-1' })
  assert.equal((await put('RIGHT-1', right)).status, 201)
  assert.equal((await put('RIGHT-1', right)).status, 200)
  // It is content: the same version that names nobody is another.
  assert.equal((await put('RIGHT-1', order('RIGHT-1'))).status, 409)
  const links = async (key: string) => {
    const { body } = await send('KY', { method: 'GET', url: at(key) })
    return [body.instead_of, body.replaced_by]
  }
  assert.deepEqual(await links('RIGHT-1'), ['WRONG-1', []])
  assert.deepEqual(await links('WRONG-1'), [null, ['RIGHT-1']])
  // A version that leaves it out takes nobody's place.
  assert.equal((await put('RIGHT-1', order('RIGHT-1', { version: 2 }))).status, 201)
  assert.deepEqual(await links('RIGHT-1'), [null, []])
  assert.deepEqual(await links('WRONG-1'), [null, []])
})

test('the same key in two municipalities asks which one is meant', async () => {
  await put('A-11', order('A-11'))
  await put('A-11', order('A-11', { municipality: '0101' }))
  assert.equal((await send('KY', { method: 'GET', url: at('A-11') })).status, 409)
  const { body } = await send('KY', { method: 'GET', url: `${at('A-11')}?municipality=0101` })
  assert.equal(body.municipality, '0101')
  assert.equal((await send('narrow', { method: 'GET', url: at('A-11') })).body.municipality, '0751')
  assert.equal((await send('narrow', { method: 'GET', url: `${at('A-11')}?municipality=0101` })).status, 403)
})

test('persons who hold an order at the same time all hold it', async () => {
  await put('A-13', order('A-13'))
  const url = `${at('A-13')}/hold`
  const headers = { 'content-type': 'application/json' }
  const holds = await Promise.all(
    Array.from({ length: 6 }, (_, i) =>
      send(i % 2 ? 'godkender' : 'planlaegger', { method: 'POST', url, headers, payload: `{"reason":"Ring ${i}"}` }),
    ),
  )
  assert.deepEqual([...new Set(holds.map((one) => one.status))], [200])
  assert.equal(new Set(holds.map((one) => one.body.hold_no)).size, holds.length)
})

test('a person holds and releases with a reason; the source system hears of both', async () => {
  await put('A-12', order('A-12'))
  const post = (holder: string, what: string, body: unknown) =>
    send(holder, {
      method: 'POST',
      url: `${at('A-12')}/${what}`,
      headers: { 'content-type': 'application/json' },
      payload: JSON.stringify(body),
    })
  assert.equal((await post('KY', 'hold', { reason: 'wait' })).status, 403)
  assert.equal((await post('auditor', 'hold', { reason: 'wait' })).status, 403)
  assert.equal((await post('planlaegger', 'hold', {})).status, 422)
  assert.equal((await post('planlaegger', 'release', { reason: 'nothing there' })).status, 409)
  assert.equal((await post('planlaegger', 'hold', { reason: 'Ring til borgeren' })).status, 200)
  const { body: waiting } = await send('KY', { method: 'GET', url: at('A-12') })
  // The planner of the demo is the same person by token as on the command line.
  assert.deepEqual([waiting.held, waiting.holds[0].by], [true, 'planlægger'])
  assert.equal((await post('godkender', 'release', { reason: 'Aftalt' })).status, 200)
  const { body } = await send('KY', { method: 'GET', url: at('A-12') })
  assert.equal(body.held, false)
  assert.deepEqual(body.holds[0].released, { at: '2026-03-02T09:00:00Z', by: 'godkender', reason: 'Aftalt' })
  const { body: told } = await send('KY', { method: 'GET', url: '/api/v1/sources/KY/events?limit=10000' })
  const mine = told.events.filter((event: { order_key: string }) => event.order_key === 'A-12')
  assert.deepEqual(
    mine.map((event: { kind: string; cause?: string }) => [event.kind, event.cause]),
    [
      ['received', undefined],
      ['held', 'Ring til borgeren'],
      ['released', 'Aftalt'],
    ],
  )
})

test('OpenAPI names every address of the contract, and the order schema stands alone', async () => {
  const { body } = await send('KY', { method: 'GET', url: '/api/v1/openapi.json' })
  assert.equal(body.openapi, '3.1.0')
  assert.deepEqual(Object.keys(body.paths).toSorted(), [
    '/api/v1/accounts/{municipality}/{account}/open-items',
    '/api/v1/audit',
    '/api/v1/closing',
    '/api/v1/days/{municipality}/{day}',
    '/api/v1/days/{municipality}/{day}/approval',
    '/api/v1/order-files',
    '/api/v1/order-files/{id}',
    '/api/v1/orders/{source_system}/{order_key}',
    '/api/v1/orders/{source_system}/{order_key}/acute',
    '/api/v1/orders/{source_system}/{order_key}/expected-payments',
    '/api/v1/orders/{source_system}/{order_key}/hold',
    '/api/v1/orders/{source_system}/{order_key}/release',
    '/api/v1/outside-payments/{municipality}',
    '/api/v1/outside-payments/{municipality}/{outside}/approval',
    '/api/v1/outside-payments/{municipality}/{outside}/end',
    '/api/v1/oversight/{municipality}/{month}',
    '/api/v1/oversight/{municipality}/{month}/draw',
    '/api/v1/oversight/{municipality}/{month}/mark',
    '/api/v1/oversight/{municipality}/{month}/sign',
    '/api/v1/payment-runs',
    '/api/v1/payment-runs/{run}',
    '/api/v1/payment-runs/{run}/approval',
    '/api/v1/payment-runs/{run}/repay-failed',
    '/api/v1/payment-runs/{run}/stop',
    '/api/v1/payments/{municipality}/{end_to_end_id}',
    '/api/v1/payments/{municipality}/{end_to_end_id}/ask-account',
    '/api/v1/payments/{municipality}/{end_to_end_id}/hold',
    '/api/v1/payments/{municipality}/{end_to_end_id}/pay-again',
    '/api/v1/payments/{municipality}/{end_to_end_id}/release',
    '/api/v1/payments/{municipality}/{end_to_end_id}/stop',
    '/api/v1/persons/extract',
    '/api/v1/returned-payments',
    '/api/v1/simulations',
    '/api/v1/sources/{source_system}/events',
    '/api/v1/sources/{source_system}/events.ndjson',
    '/api/v1/unclaimed-returns/{municipality}',
    '/api/v1/unclaimed-returns/{municipality}/closings',
    '/api/v1/unclaimed-returns/{municipality}/closings/{closing}/approval',
  ])
  const described = body.paths['/api/v1/orders/{source_system}/{order_key}'].put
  assert.ok(described.requestBody.content['application/json'].schema.properties.disposition_date)
  // Half of a SHA-256 is said to be half, and is what is answered.
  const digest = described.responses[201].content['application/json'].schema.properties.content_sha256
  assert.match(digest.description, /first half of the SHA-256.*32 hex digits/)
  assert.match((await put('A-14', order('A-14'))).body.content_sha256, new RegExp(digest.pattern))
  const schema = await send('KY', { method: 'GET', url: '/api/v1/schemas/order.json' })
  assert.equal(schema.body.properties.lines.items.anyOf.length, 4)
})

test('health needs no token; the tokens of the demo are for their owner only', async () => {
  const answer = await server.app.inject({ method: 'GET', url: '/healthz' })
  assert.deepEqual([answer.statusCode, answer.json()], [200, { ok: true }])
  assert.equal(statSync(join(server.dataDir, 'tokens.json')).mode & 0o777, 0o600)
  assert.equal(new Set(Object.values(server.tokens)).size, 7)
})

test('a token that has ended opens nothing', async () => {
  const late = await testServer({ now: () => '2026-07-01T00:00:00Z' })
  const narrow = await late.send('narrow', { method: 'GET', url: at('A-1') })
  const wide = await late.send('KY', { method: 'GET', url: at('A-1') })
  await late.close()
  assert.deepEqual([narrow.status, wide.status], [401, 404])
  assert.ok(NOW < '2026-07-01')
})
