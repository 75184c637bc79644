/** Addresses that nobody can mean: every one that OpenAPI lists says what is wrong, in our own words. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { type Body, filledIn, testServer } from './testing.ts'

const server = await testServer()
after(() => server.close())
const { send } = server

const { paths } = (await send('KY', { method: 'GET', url: '/api/v1/openapi.json' })).body
const addresses = Object.entries(paths as Record<string, Record<string, Body>>).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, { parameters = [] }]) => ({
    path,
    method: method.toUpperCase() as 'GET' | 'POST' | 'PUT',
    takesMunicipality: parameters.some((one: Body) => one.in === 'query' && one.name === 'municipality'),
    holder: method === 'put' ? 'KY' : path.endsWith('/audit') ? 'auditor' : 'godkender',
  })),
)
const call = (holder: string, method: 'GET' | 'POST' | 'PUT', url: string) =>
  send(holder, {
    method,
    url,
    ...(method === 'GET'
      ? {}
      : { headers: { 'content-type': 'application/json' }, payload: '{"reason":"x","view":"x","total_ore":1}' }),
  })

test('what is no municipality code, or is given twice, is said to be so', async () => {
  const NAMES = ['abc', '751', '', '07510', '0751&municipality=0101']
  let asked = 0
  for (const { path, method, holder, takesMunicipality } of addresses) {
    const urls = [
      ...(takesMunicipality
        ? NAMES.map(
            (name) => `${filledIn(path)}?month=2026-03&user=x&from=2026-03-01&to=2026-03-02&municipality=${name}`,
          )
        : []),
      ...(path.includes('{municipality}') ? ['abc', '751'].map((name) => filledIn(path, { municipality: name })) : []),
    ]
    for (const url of urls) {
      const { status, type, body } = await call(holder, method, url)
      assert.deepEqual([status, body?.type], [400, 'urn:toek:problem:bad_request'], `${method} ${url}`)
      assert.match(type, /^application\/problem\+json/)
      assert.match(body.detail, /four digits/)
      asked++
    }
  }
  assert.ok(asked >= 50, `${asked}`)
})

test('an address that cannot be read is a problem like any other, and is not repeated', async () => {
  for (const { path, method, holder } of addresses.filter((one) => one.path.includes('{'))) {
    for (const name of ['secret%ff', 'secret%zz', `secret${'x'.repeat(1000)}`]) {
      const { status, type, text, body } = await call(
        holder,
        method,
        path.replace(/\{\w+\}/, name).replace(/\{\w+\}/g, '1'),
      )
      assert.deepEqual([status, body?.type], [400, 'urn:toek:problem:bad_request'], `${method} ${path} ${name}`)
      assert.match(type, /^application\/problem\+json/)
      assert.doesNotMatch(text, /secret|FST_/)
      assert.match(body.detail, /address/)
    }
  }
})
