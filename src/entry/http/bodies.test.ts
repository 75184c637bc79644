/** What every address that takes a body says of one that it does not understand: as OpenAPI lists them. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { type Body, testServer } from './testing.ts'

const server = await testServer()
after(() => server.close())
const { send } = server

const PARAMS: Readonly<Record<string, string>> = {
  source_system: 'KY',
  order_key: 'B-1',
  municipality: '0751',
  month: '2026-03',
  day: '2026-03-02',
  run: '0751R1',
  end_to_end_id: '0751R1N1',
  outside: '1',
  closing: '1',
}
const { paths } = (await send('KY', { method: 'GET', url: '/api/v1/openapi.json' })).body
/** Every act that takes JSON, with a holder who may do it. */
const acts = Object.entries(paths as Record<string, Record<string, Body>>).flatMap(([path, methods]) =>
  (['put', 'post'] as const)
    .filter((method) => methods[method]?.requestBody?.content['application/json'] !== undefined)
    .map((method) => ({
      method: method.toUpperCase() as 'PUT' | 'POST',
      url: `${path.replace(/\{(\w+)\}/g, (_, name: string) => PARAMS[name] ?? '')}?municipality=0751`,
      holder: method === 'put' ? 'KY' : path.endsWith('/persons/extract') ? 'auditor' : 'godkender',
    })),
)
const say = ({ method, url, holder }: (typeof acts)[number], payload: string, headers: Record<string, string> = {}) =>
  send(holder, { method, url, headers: { 'content-type': 'application/json', ...headers }, payload })

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
