/** A pooler before the server: one that leaves a session to its program works, one that lends it out is refused. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { test } from 'node:test'
import { migrate } from '../src/base/migrate.ts'
import { Refusal } from '../src/base/refusal.ts'
import { testDatabase } from './database.ts'
import { sql } from './faults/program.ts'

const NOTHING = { mode: 'demo', reference: { rows: [], municipalities: [], benefits: [], accounts: [] } } as const
const AUTHENTICATED = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0])
const [READY, TERMINATE, SETTING, KEY] = [0x5a, 0x58, 0x53, 0x4b]

function toServer(url: URL): Socket {
  const folder = url.searchParams.get('host')
  return folder === null ? connect(Number(url.port), url.hostname) : connect(`${folder}/.s.PGSQL.${url.port}`)
}

/** Messages of the server in a piece that ends with one, each with its kind. */
function* messages(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; ) {
    const length = 1 + bytes.readUInt32BE(at + 1)
    yield bytes.subarray(at, at + length)
    at += length
  }
}

/**
 * `session`: each client has a session of the server. `transaction`: all have the same, lent to whoever asks: what the
 * first was told when it logged in the next are told too.
 */
async function pooler(url: URL, mode: 'session' | 'transaction'): Promise<{ url: string; server: Server }> {
  let shared: { server: Socket; greeting: Buffer[]; asks: Socket } | undefined
  const server = createServer((client) => {
    client.on('error', () => undefined)
    if (mode === 'session' || shared === undefined) {
      const own = toServer(url)
      const lent = { server: own, greeting: [] as Buffer[], asks: client }
      let came = Buffer.alloc(0)
      own.on('error', () => undefined)
      own.on('data', (bytes: Buffer) => {
        if (lent.greeting.length === 0) {
          came = Buffer.concat([came, bytes])
          if (bytes.at(-6) === READY) {
            const told = [...messages(came)].filter(([kind]) => [SETTING, KEY, READY].includes(kind as number))
            lent.greeting = [AUTHENTICATED, ...told]
          }
        }
        lent.asks.write(bytes)
      })
      client.on('data', (bytes) => {
        lent.asks = client
        own.write(bytes)
      })
      client.on('close', () => mode === 'session' && own.destroy())
      if (mode === 'transaction') shared = lent
      return
    }
    const lent = shared
    client.once('data', () => {
      client.write(Buffer.concat(lent.greeting))
      client.on('data', (bytes: Buffer) => {
        if (bytes[0] === TERMINATE) return
        lent.asks = client
        lent.server.write(bytes)
      })
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const through = new URL(url)
  through.searchParams.delete('host')
  through.host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  server.on('close', () => shared?.server.destroy())
  return { url: through.href, server }
}

test('behind a pooler that leaves each program its session the schema is made', async () => {
  const database = await testDatabase({ mode: 'empty' })
  const pooled = await pooler(new URL(database.url), 'session')
  try {
    assert.ok((await migrate(pooled.url, NOTHING)).applied > 50)
  } finally {
    pooled.server.close()
  }
})

test('a pooler that lends a session out is refused before anything is read or written', async () => {
  const database = await testDatabase({ mode: 'empty' })
  const pooled = await pooler(new URL(database.url), 'transaction')
  try {
    await assert.rejects(migrate(pooled.url, NOTHING), (error) => {
      assert.ok(error instanceof Refusal && error.code === 'session_shared', String(error))
      assert.match(error.message, /pool_mode = session/)
      return true
    })
  } finally {
    pooled.server.close()
  }
  const made = await sql(database.url, "select 1 from pg_class where relnamespace = 'public'::regnamespace")
  assert.equal(made.length, 0)
})
