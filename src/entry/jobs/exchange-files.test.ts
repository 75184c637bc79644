/** Exchange over SFTP with ssh2's own server as a process of its own, over a folder, and with OpenSSH where it is. */
import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import ssh2 from 'ssh2'
import { type Channel, fingerprint, folderChannel, sftpChannel, type SftpSettings } from '../../adapters/sftp/index.ts'
import { type Exchanged, type ExchangePlan, type ExchangePoint, exchangeFiles } from './exchange-files.ts'
import { openExchangeJournal } from './exchange-journal.ts'

const SERVER = join(import.meta.dirname, '../../adapters/sftp/fake-server.ts')
const root = mkdtempSync(join(tmpdir(), 'toek-exchange-'))
const children = new Set<ChildProcess>()
after(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(root, { recursive: true, force: true })
})

interface Server extends SftpSettings {
  readonly files: string
  tell(message: object): Promise<{
    named: { name: string; sha256: string; bytes: number }[]
    removed: string[]
    cuts: number
    strangers: number
  }>
}

/** Now and then ssh2 makes a key that it cannot read itself. */
function newKey(): { private: string; public: string } {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync('ed25519')
    const parsed = [pair.private, pair.public].map((text) => ssh2.utils.parseKey(text))
    if (parsed.every((key) => !(key instanceof Error))) return pair
  }
}

async function startServer(name: string): Promise<Server> {
  const folder = join(root, name)
  mkdirSync(folder)
  const keys = { host: newKey(), user: newKey() }
  writeFileSync(join(folder, 'host'), keys.host.private)
  writeFileSync(join(folder, 'user.pub'), keys.user.public)
  const files = join(folder, 'files')
  const child = fork(SERVER, [files, join(folder, 'host'), join(folder, 'user.pub')], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
  })
  children.add(child)
  const ended = once(child, 'exit').then(() => Promise.reject(new Error('the server did not start')))
  const [{ port }] = (await Promise.race([once(child, 'message'), ended])) as [{ port: number }]
  ended.catch(() => undefined)
  const host = ssh2.utils.parseKey(keys.host.public)
  assert.ok(!(host instanceof Error))
  return {
    files,
    host: '127.0.0.1',
    port,
    user: 'toek',
    key: Buffer.from(keys.user.private),
    hostKey: fingerprint(host.getPublicSSH()),
    async tell(message) {
      const answer = once(child, 'message')
      child.send(message)
      const [{ books }] = (await answer) as [{ books: Awaited<ReturnType<Server['tell']>> }]
      return books
    },
  }
}

const PLAN: ExchangePlan = { send: { iso20022: '/til' }, fetch: { '/fra': '' }, afterFetch: 'remove' }

/** The program ends at this point. */
class Ended extends Error {}

interface Place {
  readonly out: string
  readonly in: string
  sweep(open: () => Promise<Channel>, end?: ExchangePoint, plan?: ExchangePlan): Promise<Exchanged>
}

function place(name: string): Place {
  const folders = { out: join(root, name, 'out'), in: join(root, name, 'in') }
  mkdirSync(join(folders.out, 'iso20022'), { recursive: true })
  mkdirSync(folders.in, { recursive: true })
  return {
    ...folders,
    async sweep(open, end, plan = PLAN) {
      const journal = await openExchangeJournal(join(root, name, 'journal.ndjson'))
      const at = (point: ExchangePoint): void => {
        if (point === end) throw new Ended(point)
      }
      let channel: Channel | undefined
      try {
        channel = await open()
        return await exchangeFiles({ channel, plan, journal, folders, now: () => '2026-03-27T10:00:00Z', at })
      } finally {
        await channel?.close().catch(() => undefined)
        await journal.close()
      }
    },
  }
}

function lay(path: string, bytes: Buffer | string): void {
  writeFileSync(path, bytes)
  // Not of this moment: what lies there is not being written.
  utimesSync(path, 1_770_000_000, 1_770_000_000)
}

const BIG = Buffer.from(Array.from({ length: 200_000 }, (_, i) => `${i}\n`).join(''))

const POINTS: readonly ExchangePoint[] = [
  'send:whole',
  'send:begun',
  'send:renamed',
  'fetch:whole',
  'fetch:named',
  'fetch:recorded',
]

test('files go and come once, with their bytes, over SFTP; the program ends at any point and goes on', async () => {
  const server = await startServer('points-server')
  const here = place('points')
  for (const [i, point] of POINTS.entries()) {
    lay(join(here.out, 'iso20022', `0751R${i}.xml`), BIG)
    lay(join(server.files, 'fra', `PAIN002-0751R${i}-1.xml`), `${i} ${BIG.toString()}`)
    await assert.rejects(
      here.sweep(() => sftpChannel(server), point),
      Ended,
      point,
    )
    const rest = await here.sweep(() => sftpChannel(server))
    assert.deepEqual(rest.faults, [])
    assert.deepEqual(await here.sweep(() => sftpChannel(server)), { sent: [], fetched: [], faults: [] }, point)
  }
  const { named } = await server.tell({ books: true })
  assert.deepEqual(
    named.map((one) => [one.name, one.bytes]),
    POINTS.map((_, i) => [`/til/0751R${i}.xml`, BIG.length]),
    'each once, though the server takes them away at once',
  )
  const came = readdirSync(here.in).filter((name) => name.endsWith('.xml'))
  assert.deepEqual(
    came.sort(),
    POINTS.map((_, i) => `PAIN002-0751R${i}-1.xml`),
  )
  for (const [i, name] of came.entries())
    assert.equal(readFileSync(join(here.in, name), 'utf8'), `${i} ${BIG.toString()}`)
  assert.deepEqual(readdirSync(join(server.files, 'fra')), [])
  assert.deepEqual(readdirSync(join(here.in, '.exchange')), [])
})

test('a connection that is cut within a file, on the way there and back, goes on where it stopped', async () => {
  const server = await startServer('cut-server')
  const here = place('cut')
  lay(join(here.out, 'iso20022', '0751R1.xml'), BIG)
  for (const bytes of [0, 1, 300_000, 500_000]) {
    await server.tell({ cutAfter: bytes })
    await assert.rejects(
      here.sweep(() => sftpChannel(server)),
      { code: 'channel_cut' },
    )
    assert.deepEqual((await server.tell({ books: true })).named, [], 'nothing has its name')
  }
  const part = join(server.files, 'til', '0751R1.xml.part')
  assert.ok(readFileSync(part).length > 0 && BIG.subarray(0, readFileSync(part).length).equals(readFileSync(part)))
  for (const cutAtRename of ['before', 'after'] as const) {
    await server.tell({ cutAtRename })
    await assert.rejects(
      here.sweep(() => sftpChannel(server)),
      { code: 'channel_cut' },
    )
  }
  assert.deepEqual((await here.sweep(() => sftpChannel(server))).sent, [join('iso20022', '0751R1.xml')])
  lay(join(server.files, 'fra', 'camt053-1-2026-03-31.xml'), BIG)
  for (const cutAfter of [0, 400_000, 700_000]) {
    await server.tell({ cutAfter })
    await assert.rejects(
      here.sweep(() => sftpChannel(server)),
      { code: 'channel_cut' },
    )
    assert.deepEqual(
      readdirSync(here.in).filter((name) => name.endsWith('.xml')),
      [],
      'no half file is taken',
    )
  }
  assert.deepEqual((await here.sweep(() => sftpChannel(server))).fetched, ['camt053-1-2026-03-31.xml'])
  assert.ok(readFileSync(join(here.in, 'camt053-1-2026-03-31.xml')).equals(BIG))
  const books = await server.tell({ books: true })
  assert.equal(books.named.length, 1)
  assert.equal(books.cuts, 9)
})

test('a part that is not the first of our bytes is written anew', async () => {
  const server = await startServer('other-part-server')
  const here = place('other-part')
  lay(join(here.out, 'iso20022', '0751R1.xml'), BIG)
  writeFileSync(join(server.files, 'til', '0751R1.xml.part'), 'something else')
  await here.sweep(() => sftpChannel(server))
  const [named] = (await server.tell({ books: true })).named
  assert.equal(named?.bytes, BIG.length)
})

test('another host key is never spoken to, and nobody enters with another key', async () => {
  const server = await startServer('keys-server')
  const here = place('keys')
  lay(join(here.out, 'iso20022', '0751R1.xml'), BIG)
  const pinned = { ...server, hostKey: `SHA256:${'A'.repeat(43)}` }
  await assert.rejects(
    here.sweep(() => sftpChannel(pinned)),
    { code: 'host_key_differs' },
  )
  const stranger = { ...server, key: Buffer.from(newKey().private) }
  await assert.rejects(
    here.sweep(() => sftpChannel(stranger)),
    { code: 'channel_down' },
  )
  await assert.rejects(
    here.sweep(() => sftpChannel({ ...server, port: 1 })),
    { code: 'channel_down' },
  )
  const books = await server.tell({ books: true })
  assert.deepEqual([books.named, books.strangers > 0], [[], true])
})

test('what comes again, changes, or has another name than ours is not taken for something new', async () => {
  const server = await startServer('again-server')
  const here = place('again')
  const there = join(server.files, 'fra', 'NKS-0751R1-1.xml')
  const leave = { ...PLAN, afterFetch: 'leave' } as const
  lay(there, 'one')
  const sweep = () => here.sweep(() => sftpChannel(server), undefined, leave)
  assert.deepEqual((await sweep()).fetched, ['NKS-0751R1-1.xml'])
  assert.deepEqual((await sweep()).fetched, [], 'it still lies there')
  utimesSync(there, 1_770_000_100, 1_770_000_100)
  assert.deepEqual((await sweep()).fetched, [], 'the same bytes laid there again')
  lay(there, 'another')
  assert.deepEqual((await sweep()).fetched, ['NKS-0751R1-1~2.xml'], 'both are kept')
  assert.equal(readFileSync(join(here.in, 'NKS-0751R1-1.xml'), 'utf8'), 'one')
  lay(join(server.files, 'fra', 'half.xml.part'), 'half')
  lay(join(server.files, 'fra', '-rf'), 'x')
  assert.deepEqual(
    (await sweep()).faults.map((fault) => fault.code),
    ['name_refused'],
  )
  const ours = join(here.out, 'iso20022', '0751R1.xml')
  lay(ours, 'first')
  await sweep()
  lay(ours, 'changed')
  assert.ok((await sweep()).faults.some((fault) => fault.code === 'changed_here'))
  assert.equal((await server.tell({ books: true })).named.length, 1)
})

test('over a folder: the same, and a name that is taken there is left alone', async () => {
  const here = place('folder')
  const there = join(root, 'folder', 'there')
  for (const name of ['til', 'fra']) mkdirSync(join(there, name), { recursive: true })
  const plan = { ...PLAN, send: { iso20022: 'til' }, fetch: { fra: 'cpr' } }
  const sweep = (end?: ExchangePoint) => here.sweep(() => Promise.resolve(folderChannel(there)), end, plan)
  for (const [i, point] of POINTS.entries()) {
    lay(join(here.out, 'iso20022', `0751R${i}.xml`), BIG)
    lay(join(there, 'fra', `${i}.txt`), `${i}`)
    await assert.rejects(sweep(point), Ended, point)
    assert.deepEqual((await sweep()).faults, [])
  }
  assert.deepEqual(
    readdirSync(join(there, 'til')),
    POINTS.map((_, i) => `0751R${i}.xml`),
  )
  assert.equal(readdirSync(join(here.in, 'cpr')).filter((name) => name.endsWith('.txt')).length, POINTS.length)
  lay(join(there, 'til', '0751R9.xml'), 'theirs')
  lay(join(here.out, 'iso20022', '0751R9.xml'), 'ours')
  assert.deepEqual(
    (await sweep()).faults.map((fault) => fault.code),
    ['other_bytes_there'],
  )
  assert.equal(readFileSync(join(there, 'til', '0751R9.xml'), 'utf8'), 'theirs')
})

const SSHD = ['/usr/sbin/sshd', '/usr/local/sbin/sshd', '/sbin/sshd'].find((path) => existsSync(path))

test('the same with OpenSSH', { skip: SSHD === undefined && 'SKIPPED: there is no sshd on this machine' }, async () => {
  const folder = join(root, 'openssh')
  for (const name of ['til', 'fra']) mkdirSync(join(folder, name), { recursive: true })
  for (const name of ['host', 'user']) {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, name)])
  }
  const port = await freePort()
  const options = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${folder}/host`,
    `PidFile ${folder}/pid`,
    'StrictModes no',
    `AuthorizedKeysFile ${folder}/user.pub`,
    'PasswordAuthentication no',
    'Subsystem sftp internal-sftp',
    'PermitRootLogin yes',
  ]
  writeFileSync(join(folder, 'config'), `${options.join('\n')}\n`)
  const child = spawn(SSHD as string, ['-D', '-e', '-f', join(folder, 'config')], { stdio: 'ignore' })
  children.add(child)
  const [, base64 = ''] = readFileSync(join(folder, 'host.pub'), 'utf8').split(' ')
  const settings = {
    host: '127.0.0.1',
    port,
    user: userInfo().username,
    key: readFileSync(join(folder, 'user')),
    hostKey: fingerprint(Buffer.from(base64, 'base64')),
  }
  const here = place('openssh-here')
  const plan = { send: { iso20022: `${folder}/til` }, fetch: { [`${folder}/fra`]: '' }, afterFetch: 'remove' } as const
  lay(join(here.out, 'iso20022', '0751R1.xml'), BIG)
  lay(join(folder, 'fra', 'a.xml'), BIG)
  const open = async (): Promise<Channel> => {
    for (let tries = 0; ; tries++) {
      try {
        return await sftpChannel(settings)
      } catch (error) {
        if (tries > 50) throw error
      }
    }
  }
  assert.deepEqual((await here.sweep(open, undefined, plan)).faults, [])
  assert.ok(readFileSync(join(folder, 'til', '0751R1.xml')).equals(BIG))
  assert.ok(readFileSync(join(here.in, 'a.xml')).equals(BIG))
})

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  await new Promise((done) => probe.close(done))
  return port
}
