import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import test, { type TestContext } from 'node:test'
import pg from 'pg'
import { type EmbeddedServer, removeEmbedded, startEmbedded } from './embedded.ts'
import { withLock } from './lock.ts'
import { readPostmaster } from './server.ts'

const settings = { shared_buffers: '32MB', wal_buffers: '4MB', fsync: 'off' }
const log = (): void => {}
const asRoot = process.getuid?.() === 0

/** A folder like TOEK_DATA, gone with its server when the test ends. */
function folder(t: TestContext, mode = 0o711): string {
  const data = mkdtempSync(join(tmpdir(), 'toek-embedded-'))
  chmodSync(data, mode)
  t.after(async () => {
    for (const name of existsSync(join(data, 'users')) ? readdirSync(join(data, 'users')) : []) {
      rmSync(join(data, 'users', name))
    }
    await removeEmbedded(join(data, 'pg'), log)
    rmSync(data, { recursive: true, force: true })
  })
  return data
}

function start(data: string): Promise<EmbeddedServer> {
  return startEmbedded({ dataDir: join(data, 'pg'), log, settings })
}

async function ask(url: string, ...statements: string[]): Promise<unknown> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    let rows: unknown[][] = []
    for (const text of statements) rows = (await client.query({ text, rowMode: 'array' })).rows
    return rows[0]?.[0]
  } finally {
    await client.end()
  }
}

function serverPid(data: string): number | undefined {
  const pointer = join(data, 'pg', 'elsewhere')
  const cluster = existsSync(pointer) ? readFileSync(pointer, 'utf8').trim() : join(data, 'pg', 'cluster')
  return readPostmaster(cluster)?.pid
}

/** Another program of ours: says what it got, and stops when its stdin ends. */
async function otherProgram(data: string): Promise<{ url: string; adopted: boolean; child: ChildProcess }> {
  const source = `import { startEmbedded } from ${JSON.stringify(new URL('embedded.ts', import.meta.url).href)}
    const options = { dataDir: ${JSON.stringify(join(data, 'pg'))}, log() {}, settings: ${JSON.stringify(settings)} }
    const server = await startEmbedded(options)
    console.log(JSON.stringify({ url: server.url, adopted: server.adopted }))
    process.stdin.on('end', () => server.stop()).resume()`
  const flags = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', source]
  const child = spawn(process.execPath, flags, { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })
  for await (const line of lines) return { ...(JSON.parse(line) as { url: string; adopted: boolean }), child }
  throw new Error('the other program ended without a word')
}

test('what is written stays over a stop and a start, at the same address', async (t) => {
  const data = folder(t)
  const first = await start(data)
  assert.equal(first.adopted, false)
  assert.equal(new URL(first.url).hostname, '127.0.0.1')
  await ask(first.url, 'create table kept (a int)', 'insert into kept values (42)')
  await first.stop()
  await first.stop()
  assert.equal(serverPid(data), undefined)
  await assert.rejects(ask(first.url, 'select 1'), /ECONNREFUSED|ENOENT/)
  const second = await start(data)
  assert.equal(second.url, first.url)
  assert.equal(second.adopted, false)
  assert.equal(await ask(second.url, 'select a from kept'), 42)
  await second.stop()
})

test('the defaults are durable and UTF-8, only the right password gets in, and the files with it are closed', async (t) => {
  const data = folder(t)
  const server = await startEmbedded({ dataDir: join(data, 'pg'), log })
  const wanted = {
    fsync: 'on',
    synchronous_commit: 'on',
    full_page_writes: 'on',
    shared_buffers: '256MB',
    server_encoding: 'UTF8',
    TimeZone: 'UTC',
    data_checksums: 'on',
    listen_addresses: '127.0.0.1',
    password_encryption: 'scram-sha-256',
  }
  for (const [name, value] of Object.entries(wanted)) assert.equal(await ask(server.url, `show ${name}`), value, name)
  assert.equal(await ask(server.url, "select upper('æøå')"), 'ÆØÅ')
  const wrong = new URL(server.url)
  wrong.password = 'wrong'
  await assert.rejects(ask(wrong.href, 'select 1'), /password authentication failed/)
  for (const file of ['database_url', 'pg/access.json', 'pg/server.log']) {
    assert.equal(statSync(join(data, file)).mode & 0o777, 0o600, file)
  }
  const [tcp, socket] = server.url.split('?host=')
  assert.equal(readFileSync(join(data, 'database_url'), 'utf8'), `${tcp}\n`)
  assert.equal(await ask(tcp as string, 'select 1'), 1)
  assert.equal(decodeURIComponent(socket as string), join(data, 'pg', 'cluster'))
  await server.stop()
})

test('a server outlives the kill of its program; the next program adopts it and stops it', async (t) => {
  const data = folder(t)
  const killed = await otherProgram(data)
  const pid = serverPid(data)
  killed.child.kill('SIGKILL')
  await once(killed.child, 'exit')
  const next = await start(data)
  assert.equal(next.adopted, true)
  assert.equal(next.url, killed.url)
  assert.equal(serverPid(data), pid)
  await next.stop()
  assert.equal(serverPid(data), undefined)
})

test('a server that was killed itself is started again, and what was committed is there', async (t) => {
  const data = folder(t)
  const first = await start(data)
  await ask(first.url, 'create table kept (a int)', 'insert into kept values (7)')
  process.kill(serverPid(data) as number, 'SIGKILL')
  // Its number goes to another program that lives.
  const other = spawn('sleep', ['60'])
  t.after(() => other.kill())
  const cluster = join(data, 'pg', 'cluster')
  const locks = readdirSync(cluster).filter((name) => /^postmaster\.pid$|^\.s\.PGSQL\..*\.lock$/.test(name))
  assert.equal(locks.length, 2)
  for (const name of locks) {
    const [, ...rest] = readFileSync(join(cluster, name), 'utf8').split('\n')
    writeFileSync(join(cluster, name), [other.pid, ...rest].join('\n'))
  }
  const second = await start(data)
  assert.equal(second.adopted, false)
  assert.equal(await ask(second.url, 'select a from kept'), 7)
  await first.stop()
  assert.equal(await ask(second.url, 'select a from kept'), 7)
  await second.stop()
  assert.equal(serverPid(data), undefined)
})

test('a server of which a process was killed ends when it is stopped at once', async (t) => {
  const data = folder(t)
  const first = await start(data)
  await ask(first.url, 'create table t (n int)', 'insert into t values (7)')
  const client = new pg.Client({ connectionString: first.url })
  client.on('error', () => undefined)
  await client.connect()
  const backend = (await client.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]?.pid ?? 0
  process.kill(backend, 'SIGKILL')
  await new Promise<void>((done) => void client.on('end', done))
  const before = performance.now()
  await first.stop()
  assert.ok(performance.now() - before < 60_000)
  assert.equal(serverPid(data), undefined)
  const second = await start(data)
  assert.equal(await ask(second.url, 'select n from t'), 7)
  await second.stop()
})

test('a server is not started beside what a killed one left running: it is waited for', async (t) => {
  const data = folder(t)
  const first = await start(data)
  await ask(first.url, 'create table kept (a int)', 'insert into kept values (7)')
  const client = new pg.Client({ connectionString: first.url })
  client.on('error', () => {})
  await client.connect()
  const pid = (await client.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]?.pid as number
  // Stopped, so that it cannot see that its server has ended.
  process.kill(pid, 'SIGSTOP')
  process.kill(serverPid(data) as number, 'SIGKILL')
  const said: string[] = []
  const options = { dataDir: join(data, 'pg'), log: (line: string) => said.push(line), settings }
  let started = false
  const second = startEmbedded(options).then((server) => {
    started = true
    return server
  })
  while (!said.some((line) => line.includes('still ending'))) await sleep(20)
  assert.equal(started, false)
  process.kill(pid, 'SIGCONT')
  const server = await second
  assert.equal(await ask(server.url, 'select a from kept'), 7)
  await client.end().catch(() => {})
  await first.stop()
  await server.stop()
})

test('of two programs that start at once one starts the server, and it stops with the last one', async (t) => {
  const data = folder(t)
  const [one, two] = await Promise.all([otherProgram(data), otherProgram(data)])
  assert.deepEqual([one.adopted, two.adopted].toSorted(), [false, true])
  assert.equal(one.url, two.url)
  const starter = one.adopted ? two : one
  const joiner = one.adopted ? one : two
  starter.child.stdin?.end()
  await once(starter.child, 'exit')
  assert.equal(await ask(joiner.url, 'select 1'), 1)
  joiner.child.stdin?.end()
  await once(joiner.child, 'exit')
  assert.equal(serverPid(data), undefined)
})

test('a port that another program took is replaced, and the new one is kept', async (t) => {
  const data = folder(t)
  const first = await start(data)
  await first.stop()
  const thief = createServer().listen(Number(new URL(first.url).port), '127.0.0.1')
  await once(thief, 'listening')
  t.after(() => thief.close())
  const second = await start(data)
  assert.notEqual(new URL(second.url).port, new URL(first.url).port)
  await second.stop()
  const third = await start(data)
  assert.equal(third.url, second.url)
  await third.stop()
})

test('as root, a folder that nobody else can enter still gets its database', { skip: !asRoot }, async (t) => {
  const data = folder(t, 0o700)
  const first = await start(data)
  await ask(first.url, 'create table kept (a int)')
  await first.stop()
  const place = readFileSync(join(data, 'pg', 'elsewhere'), 'utf8').trim()
  assert.notEqual(statSync(place).uid, 0)
  const second = await start(data)
  assert.equal(await ask(second.url, 'select count(*)::int from kept'), 0)
  await second.stop()
  await removeEmbedded(join(data, 'pg'), log)
  assert.equal(existsSync(place), false)
})

test('a server that does not come up says why, and a lost password file never means an empty database', async (t) => {
  const data = folder(t)
  const broken = { ...settings, shared_buffers: 'much' }
  await assert.rejects(startEmbedded({ dataDir: join(data, 'pg'), log, settings: broken }), (error: Error) => {
    assert.match(error.message, /did not come up.*\n.*invalid value for parameter "shared_buffers"/s)
    return true
  })
  rmSync(join(data, 'pg', 'access.json'))
  await assert.rejects(start(data), /access\.json with the password of the database is missing/)
  assert.equal(existsSync(join(data, 'pg', 'cluster', 'PG_VERSION')), true)
})

test('a database of another major version is refused and left alone', async (t) => {
  const data = folder(t)
  const cluster = join(data, 'pg', 'cluster')
  mkdirSync(cluster, { recursive: true })
  writeFileSync(join(cluster, 'PG_VERSION'), '15\n')
  writeFileSync(join(data, 'pg', 'access.json'), JSON.stringify({ port: 20_000, password: 'x' }))
  await assert.rejects(start(data), /made by PostgreSQL 15, and this program brings 18/)
  assert.equal(readFileSync(join(cluster, 'PG_VERSION'), 'utf8'), '15\n')
})

test('a lock of a dead process is taken over, and two living ones never hold it together', async (t) => {
  const data = folder(t)
  const lock = join(data, 'some.lock')
  mkdirSync(lock)
  writeFileSync(join(lock, '999999999.1-dead'), '')
  let inside = 0
  let most = 0
  const hold = () =>
    withLock(lock, log, async () => {
      inside++
      most = Math.max(most, inside)
      await new Promise((done) => setImmediate(done))
      inside--
    })
  await Promise.all([hold(), hold(), hold(), hold()])
  assert.equal(most, 1)
  assert.equal(existsSync(lock), false)
})
