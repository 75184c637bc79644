import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { connect } from '../../base/db.ts'
import { type Body, order, orderFile, testServer } from './testing.ts'

const server = await testServer()
after(() => server.close())
const { send } = server

const post = (payload: string | Buffer, holder = 'KY', type = 'application/x-ndjson') =>
  send(holder, { method: 'POST', url: '/api/v1/order-files', headers: { 'content-type': type }, payload })
const keys = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `F-${from + i}`)
const events = async (query = '') =>
  (await send('KY', { method: 'GET', url: `/api/v1/sources/KY/events${query}` })).body

async function ordersIn(): Promise<number> {
  const loader = await connect(server.url, 'loader')
  try {
    return (await loader.db.first<{ n: number }>('select count(*)::int as n from orders'))?.n ?? -1
  } finally {
    await loader.close()
  }
}

test('a file is taken, refused orders are named by line, and the resource stays', async () => {
  const good = keys(0, 5).map((key) => order(key))
  const bad = order('F-bad', { settle: 'whenever' })
  const file = orderFile('one', [...good, bad])
  const { status, body } = await post(file)
  assert.equal(status, 202)
  assert.deepEqual([body.state, body.lines, body.accepted, body.held], ['loaded', 6, 5, 0])
  assert.deepEqual(
    body.refused.map((one: Body) => [one.line, one.faults[0].code]),
    [[7, 'unknown_value']],
  )
  const again = await send('KY', { method: 'GET', url: `/api/v1/order-files/${body.id}` })
  assert.deepEqual(again.body, body)
  assert.equal((await send('KSD', { method: 'GET', url: `/api/v1/order-files/${body.id}` })).status, 403)
  assert.equal((await send('KY', { method: 'GET', url: '/api/v1/order-files/0751-999' })).status, 404)
})

test('the same file again has no effect; the same id with other bytes is refused', async () => {
  const file = orderFile('two', [order('G-1')])
  const first = await post(file)
  const before = (await events()).last
  const second = await post(file)
  assert.deepEqual([second.status, second.body], [202, first.body])
  const other = await post(orderFile('two', [order('G-2')]))
  assert.deepEqual([other.status, other.body.state, other.body.findings[0].code], [202, 'refused', 'file_id_reused'])
  assert.equal((await events()).last, before)
})

test('in files too a version that was accepted is the same behind a newer one, and one that came late never', async () => {
  const versions = [1, 3, 1, 2].map((version) => order('K-1', { version }))
  const { body } = await post(orderFile('versions', versions))
  assert.deepEqual(
    [body.accepted, body.refused.map((one: Body) => [one.line, one.faults[0].code])],
    [3, [[5, 'superseded']]],
  )
  const again = await post(orderFile('versions again', versions))
  assert.deepEqual([again.body.accepted, again.body.refused], [3, body.refused])
})

test('wrong sums refuse the whole file and leave no keys behind', async () => {
  const before = await ordersIn()
  const sums = {
    benefit: { lines: 1, ore: 1 },
    set_off: { lines: 0, ore: 0 },
    third_party: { lines: 0, ore: 0 },
    repayment: { lines: 0, ore: 0 },
  }
  const { status, body } = await post(orderFile('three', [order('H-1')], { sums }))
  assert.deepEqual([status, body.state, body.findings[0].code], [202, 'refused', 'sum_differs'])
  assert.equal(await ordersIn(), before)
  assert.equal((await send('KY', { method: 'GET', url: '/api/v1/orders/KY/H-1' })).status, 404)
  const right = await post(orderFile('three', [order('H-1')]))
  assert.equal(right.body.state, 'loaded')
})

test('gzip is taken as it is', async () => {
  const { body } = await post(gzipSync(orderFile('four', [order('I-1')])), 'KY', 'application/gzip')
  assert.deepEqual([body.state, body.accepted], ['loaded', 1])
  const damaged = gzipSync(orderFile('five', [order('I-2')])).subarray(0, 200)
  const cut = await post(damaged, 'KY', 'application/gzip')
  assert.ok(cut.status === 422 || cut.body.state === 'refused', `${cut.status}`)
})

test('what is no file, is somebody else’s or of no known kind is refused', async () => {
  assert.equal((await post('')).status, 422)
  assert.equal((await post('{"record":"envelope"}\n')).status, 422)
  assert.equal((await post(orderFile('six', [order('J-1')]), 'KSD')).status, 403)
  assert.equal((await post(orderFile('six', [order('J-1')]), 'planlaegger')).status, 403)
  assert.equal((await post(orderFile('six', [order('J-1')]), 'auditor')).status, 403)
  assert.equal((await post(orderFile('six', [order('J-1')]), 'KY', 'image/png')).status, 415)
  const elsewhere = await post(
    orderFile('six', [order('J-1', { municipality: '0101' })], { municipality: '0101' }),
    'narrow',
  )
  assert.equal(elsewhere.status, 422)
})

test('facts come in by their own token, and an opening claim is told to its system', async () => {
  const claim = {
    record: 'claim_opening',
    claim_key: 'KY-F-1',
    municipality: '0751',
    debtor: { type: 'cpr', id: '6103850000' },
    benefit: 'kontanthjaelp',
    period: { from: '2025-11-01', to: '2025-12-01' },
    amount_ore: 350000,
    due_date: '2026-01-15',
    cause: 'urigtig_oplysning',
  }
  const envelope = {
    record: 'envelope',
    schema: 1,
    file_id: 'facts',
    source_system: 'FAKTA',
    municipality: '0751',
    month: '2026-03',
    count: 1,
  }
  const { status, body } = await post(`${JSON.stringify(envelope)}\n${JSON.stringify(claim)}\n`, 'FAKTA')
  assert.deepEqual([status, body.state, body.accepted], [202, 'loaded', 1])
  const told = (await events('?limit=10000')).events.filter((event: Body) => event.kind === 'claim_opened')
  assert.deepEqual(
    told.map((event: Body) => [event.claim_key, event.amount_ore, event.order_key]),
    [['KY-F-1', 350000, null]],
  )
})

test('events are replayable from any number, the same each time, in pages and as a file', async () => {
  const all = await events('?limit=10000')
  assert.ok(all.events.length >= 8, `${all.events.length}`)
  assert.deepEqual(
    all.events.map((event: Body) => event.event_no),
    all.events.map((_: Body, i: number) => i + 1),
  )
  assert.equal(all.last, all.events.length)
  assert.deepEqual(await events('?limit=10000'), all)
  let paged: Body[] = []
  for (let after = 0; ; ) {
    const page = await events(`?after=${after}&limit=3`)
    if (page.events.length === 0) break
    paged = [...paged, ...page.events]
    after = page.next_after
  }
  assert.deepEqual(paged, all.events)
  const file = await send('KY', { method: 'GET', url: '/api/v1/sources/KY/events.ndjson?after=2' })
  assert.match(file.type, /^application\/x-ndjson/)
  assert.deepEqual(
    file.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
    all.events.slice(2),
  )
  const refused = all.events.find((event: Body) => event.kind === 'refused')
  assert.deepEqual([refused.order_key, refused.file_line, refused.faults[0].code], ['F-bad', 7, 'unknown_value'])
  assert.equal((await send('KSD', { method: 'GET', url: '/api/v1/sources/KY/events' })).status, 403)
  assert.equal((await send('KY', { method: 'GET', url: '/api/v1/sources/KY/events?after=x' })).status, 400)
  assert.deepEqual((await send('KSD', { method: 'GET', url: '/api/v1/sources/KSD/events' })).body.events, [])
})
