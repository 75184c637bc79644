/** A server on a database of its own, with tokens; for tests. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance, InjectOptions } from 'fastify'
import { testDatabase } from '../../../test/database.ts'
import { exampleOrder } from '../../adapters/source-systems/examples.ts'
import { connect } from '../../base/db.ts'
import { issueToken } from '../../modules/access/index.ts'
import { builtInRateBook, lookup } from '../../modules/rates/index.ts'
import { referenceOf } from '../reference.ts'
import type { ServerOptions } from './context.ts'
import { type DemoTokens, demoTokens } from './demo-tokens.ts'
import { buildServer } from './server.ts'

export const NOW = '2026-03-02T09:00:00.000Z'

export interface TestServer {
  readonly url: string
  readonly app: FastifyInstance
  readonly tokens: DemoTokens
  readonly dataDir: string
  close(): Promise<void>
  /** A token of KY that covers one municipality only. */
  readonly narrow: string
  /** Sends with the token of the named holder; the answer's body is parsed. */
  send(holder: string, options: InjectOptions): Promise<{ status: number; body: Body; text: string; type: string }>
}

/** Whatever the answer holds: tests look at what they name. */
// oxlint-disable-next-line no-explicit-any
export type Body = any

export async function testServer(more: Partial<ServerOptions> = {}): Promise<TestServer> {
  const book = builtInRateBook()
  const { url } = await testDatabase({ reference: referenceOf(book) })
  const dataDir = mkdtempSync(join(tmpdir(), 'toek-http-'))
  const owner = await connect(url, 'owner')
  const municipalities = book.municipalities.map((row) => row.code)
  const tokens = await demoTokens(owner, { mode: 'demo', dataDir, municipalities, now: '2026-01-01T00:00:00Z' })
  const narrow = 'narrow-token-of-ky-for-aarhus-only'
  await owner.transaction([751], (tx) =>
    issueToken(tx, {
      token: narrow,
      actor: 'KY narrow',
      kind: 'source_system',
      sourceSystem: 1,
      roles: [],
      municipalities: [751],
      validFrom: '2026-01-01T00:00:00Z',
      validTo: '2026-06-01T00:00:00Z',
    }),
  )
  await owner.close()
  const folders = { out: join(dataDir, 'out'), in: join(dataDir, 'in') }
  const app = await buildServer({ url, rates: lookup(book), folders, now: () => NOW, mode: 'demo', ...more })
  return {
    url,
    app,
    tokens,
    dataDir,
    narrow,
    async close() {
      await app.close()
      rmSync(dataDir, { recursive: true, force: true })
    },
    async send(holder, options) {
      const token = holder === 'narrow' ? narrow : (tokens[holder] ?? holder)
      const headers = { authorization: `Bearer ${token}`, ...options.headers }
      const answer = await app.inject({ ...options, headers })
      const type = String(answer.headers['content-type'] ?? '')
      const isJson = /json\b/.test(type) && !type.includes('ndjson')
      return { status: answer.statusCode, body: isJson ? answer.json() : undefined, text: answer.body, type }
    },
  }
}

/** What stands for each parameter of an address in OpenAPI. */
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
  id: '0751-1',
  account: '8.52.59.5.102',
}

/** An address as OpenAPI lists it, with its parameters filled in; `more` comes before what stands for them. */
export function filledIn(path: string, more: Readonly<Record<string, string>> = {}): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => more[name] ?? PARAMS[name] ?? '')
}

export interface TestOrder extends Record<string, unknown> {
  readonly lines: readonly (Record<string, unknown> & { readonly amount_ore: number })[]
}

/** One benefit line in kontanthjælp; each key is another citizen's order unless told otherwise. */
export function order(key: string, more: Record<string, unknown> = {}): TestOrder {
  const { instead_of: ____, ...whole } = exampleOrder()
  const citizen = { type: 'cpr', id: citizenOf(key) }
  const {
    employee: _,
    reference: __,
    not_duplicate_of: ___,
    ...benefit
  } = whole.lines[0] as unknown as TestOrder['lines'][number]
  return {
    ...whole,
    order_key: key,
    version: 1,
    beneficiary: citizen,
    payee: citizen,
    lines: [{ ...benefit, quantity: { unit: 'month', value: '1' } }],
    ...more,
  }
}

/** An impossible citizen (day + 60) made of the key's letters. */
function citizenOf(key: string): string {
  let sum = 7
  for (const letter of key) sum = (sum * 31 + letter.charCodeAt(0)) % 9000
  return `610385${String(1000 + sum)}`
}

/** An order file with an envelope that agrees with its records. */
export function orderFile(fileId: string, orders: readonly TestOrder[], more: Record<string, unknown> = {}) {
  const none = { lines: 0, ore: 0 }
  const lines = orders.flatMap((one) => one.lines)
  const envelope = {
    record: 'envelope',
    schema: 1,
    file_id: fileId,
    source_system: 'KY',
    municipality: '0751',
    month: '2026-03',
    count: orders.length,
    sums: {
      benefit: { lines: lines.length, ore: lines.reduce((sum, line) => sum + line.amount_ore, 0) },
      set_off: none,
      third_party: none,
      repayment: none,
    },
    ...more,
  }
  return `${[envelope, ...orders].map((record) => JSON.stringify(record)).join('\n')}\n`
}
