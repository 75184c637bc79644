/** What every address that takes a body says of one that it does not understand: as OpenAPI lists them. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { type Body, filledIn, order, orderFile, testServer } from './testing.ts'

const server = await testServer()
after(() => server.close())
const { send } = server

const { paths } = (await send('KY', { method: 'GET', url: '/api/v1/openapi.json' })).body
/** Every act that takes JSON, with a holder who may do it. */
const acts = Object.entries(paths as Record<string, Record<string, Body>>).flatMap(([path, methods]) =>
  (['put', 'post'] as const)
    .filter((method) => methods[method]?.requestBody?.content['application/json'] !== undefined)
    .map((method) => ({
      method: method.toUpperCase() as 'PUT' | 'POST',
      url: `${filledIn(path)}?municipality=0751`,
      holder: method === 'put' ? 'KY' : path.endsWith('/persons/extract') ? 'auditor' : 'godkender',
    })),
)
const say = (
  { method, url, holder }: (typeof acts)[number],
  payload: string | Buffer,
  headers: Record<string, string> = {},
) => send(holder, { method, url, headers: { 'content-type': 'application/json', ...headers }, payload })

test('a field that is not asked for is a fault with its place, whatever the address', async () => {
  assert.ok(acts.length >= 20, `${acts.length}`)
  for (const act of acts) {
    const { status, type, body } = await say(act, '{"colour/":"red","source_system":"KY"}')
    assert.equal(status, 422, act.url)
    assert.match(type, /^application\/problem\+json/)
    const found = body.faults.find((one: Body) => one.pointer === '/colour~1')
    assert.equal(found?.code, 'unknown_field', `${act.url} ${JSON.stringify(body.faults)}`)
  }
})

test('a body that is no object is a fault', async () => {
  for (const act of acts.filter(({ url }) => !url.includes('/simulations')))
    for (const body of ['[]', 'null', '"x"']) assert.equal((await say(act, body)).status, 422, `${act.url} ${body}`)
})

test('a body that is not said to be JSON, or is packed, is of an unknown media type', async () => {
  const whole = JSON.stringify(order('B-1'))
  const cases: readonly (readonly [string | Buffer, Record<string, string>, RegExp])[] = [
    [whole, { 'content-type': 'text/plain' }, /application\/json/],
    [whole, { 'content-type': 'application/octet-stream' }, /application\/json/],
    [whole, { 'content-type': 'image/png' }, /application\/json/],
    [gzipSync(whole), { 'content-encoding': 'gzip' }, /unpacked/],
  ]
  for (const act of acts) {
    for (const [payload, headers, said] of cases) {
      const { status, type, body } = await say(act, payload, headers)
      assert.deepEqual(
        [status, body?.type],
        [415, 'urn:toek:problem:media_type'],
        `${act.url} ${JSON.stringify(headers)}`,
      )
      assert.match(type, /^application\/problem\+json/)
      assert.match(body.detail, said)
    }
  }
  const put = { method: 'PUT', url: '/api/v1/orders/KY/B-1', holder: 'KY' } as const
  const plain = { 'content-type': 'application/json; charset=UTF-8', 'content-encoding': 'identity' }
  assert.equal((await say(put, whole, plain)).status, 201)
  const files = { method: 'POST', url: '/api/v1/order-files', holder: 'KY' } as const
  const packed = { 'content-type': 'application/gzip' }
  assert.match((await say(files, whole)).body.detail, /application\/x-ndjson/)
  assert.equal((await say(files, gzipSync(orderFile('one', [order('B-2')])), packed)).status, 202)
})

test('OpenAPI lists what cannot be read at every address, and what a body can be refused for where there is one', () => {
  for (const [path, methods] of Object.entries(paths as Record<string, Record<string, Body>>)) {
    for (const [method, { responses }] of Object.entries(methods)) {
      const wanted = method === 'get' ? [400, 401, 403] : [400, 401, 403, 413, 415, 422]
      for (const code of wanted) assert.ok(responses[code] !== undefined, `${method} ${path} ${code}`)
    }
  }
})
