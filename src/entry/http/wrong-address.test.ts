/** Addresses that nobody answers: a Danish page for a browser, a problem for programs and for everything of the API. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { openReader, registerPages, wrongAddressPages } from '../web/index.ts'
import { builtInRateBook, lookup } from '../../modules/rates/index.ts'
import { NOW, testServer } from './testing.ts'

const server = await testServer({ wrongAddress: wrongAddressPages('demo') })
const reader = openReader(server.url)
const { app } = server
const rates = lookup(builtInRateBook())
registerPages(app, { mode: 'demo', reader, rates, now: () => NOW, readClosing: async () => undefined })
after(async () => {
  await server.close()
  await reader.close()
})

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'
const TOO_LONG = `/betalinger/${'x'.repeat(2000)}`

async function get(url: string, accept?: string, more: Record<string, string> = {}) {
  const headers = { host: 'localhost', ...(accept === undefined ? {} : { accept }), ...more }
  const { statusCode, headers: told, body } = await app.inject({ url, headers })
  return { status: statusCode, type: String(told['content-type']), policy: told['content-security-policy'], body }
}

test('a browser is shown a Danish page at every address that is wrong, that of a page that is not there', async () => {
  const missing = await get('/betalinger/0751R99N1', BROWSER)
  for (const url of ['/xyz', '/soeg/', '/betalinger', '/betalinger/', '/kommuner/0751', '/apiary']) {
    const { status, body, type, policy } = await get(url, BROWSER)
    assert.deepEqual([status, type], [404, 'text/html; charset=utf-8'], url)
    assert.equal(body, missing.body, url)
    assert.match(String(policy), /default-src 'none'/)
  }
  for (const url of ['/%zz', '/betalinger/%E0%A4%A', TOO_LONG]) {
    const { status, body, type } = await get(url, BROWSER)
    assert.deepEqual([status, type], [400, 'text/html; charset=utf-8'], url)
    assert.match(body, /<h1>Adressen kan ikke læses<\/h1>/)
  }
})

test('programs, and whoever asks at the API, are told a problem', async () => {
  const authorization = `Bearer ${server.tokens['auditor']}`
  const cases: readonly (readonly [string, string | undefined, number, string])[] = [
    ['/xyz', undefined, 404, 'not_found'],
    ['/xyz', 'application/json', 404, 'not_found'],
    ['/%zz', '*/*', 400, 'bad_request'],
    ['/api', BROWSER, 404, 'not_found'],
    ['/api?x=1', BROWSER, 404, 'not_found'],
    ['/api/v1/xyz', BROWSER, 404, 'not_found'],
    ['/api/v1/%zz', BROWSER, 400, 'bad_request'],
  ]
  for (const [url, accept, status, code] of cases) {
    const answer = await get(url, accept, { authorization })
    assert.deepEqual([answer.status, answer.type.split(';')[0]], [status, 'application/problem+json'], url)
    assert.equal(JSON.parse(answer.body).type, `urn:toek:problem:${code}`, url)
  }
  const closed = await get('/api/v1/xyz', BROWSER)
  assert.deepEqual([closed.status, closed.type.split(';')[0]], [401, 'application/problem+json'])
})

test('an address of the API that is there, but not for the method, is 405 and says for which', async () => {
  const headers = { host: 'localhost', authorization: `Bearer ${server.tokens['auditor']}` }
  const cases = [
    ['PUT', '/api/v1/order-files', 405, 'POST'],
    ['DELETE', '/api/v1/orders/KY/KY-1?municipality=0751', 405, 'GET, HEAD, PUT'],
    ['POST', '/api/v1/openapi.json', 405, 'GET, HEAD'],
    ['POST', '/api/v1/openapi-json', 404, undefined],
    ['DELETE', '/api/v1/orders/KY', 404, undefined],
    ['POST', '/soeg', 404, undefined],
  ] as const
  for (const [method, url, status, allow] of cases) {
    const answer = await app.inject({ method, url, headers })
    assert.deepEqual([answer.statusCode, answer.headers['allow']], [status, allow], `${method} ${url}`)
    const code = status === 405 ? 'method_not_allowed' : 'not_found'
    assert.equal(answer.json().type, `urn:toek:problem:${code}`, `${method} ${url}`)
  }
  const closed = await app.inject({ method: 'PUT', url: '/api/v1/order-files', headers: { host: 'localhost' } })
  assert.equal(closed.statusCode, 401)
})
