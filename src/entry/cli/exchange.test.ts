import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import ssh2 from 'ssh2'
import { exchangeVerb } from './exchange.ts'
import { EXIT, settingsFrom, type World } from './world.ts'

const dir = mkdtempSync(join(tmpdir(), 'toek-exchange-verb-'))
after(() => rmSync(dir, { recursive: true, force: true }))

async function exchange(...args: string[]): Promise<{ code: number; said: string }> {
  let said = ''
  const world: World = {
    settings: settingsFrom({ TOEK_DATA: join(dir, 'data') }),
    root: '',
    out: (text) => void (said += text),
    err: process.stderr,
    now: () => Date.parse('2026-03-27T10:00:00Z'),
    pid: process.pid,
    user: 'test',
  }
  return { code: await exchangeVerb.run(world, args), said }
}

function channels(told: unknown): void {
  mkdirSync(join(dir, 'data', 'out', 'g69'), { recursive: true })
  writeFileSync(join(dir, 'data', 'channels.json'), JSON.stringify(told))
}

test('what is wrong with the settings is told by channel and field', async () => {
  await assert.rejects(exchange(), { code: 'no_channels' })
  const good = { kind: 'folder', root: '/x' }
  const cases: [unknown, RegExp][] = [
    [{ erp: { ...good, kind: 'ftp' } }, /kind of erp must be folder or sftp/],
    [{ erp: { kind: 'folder' } }, /root of erp must be a text/],
    [{ erp: { ...good, send: { '../pg': 'in' } } }, /folders below/],
    [{ erp: { ...good, after_fetch: 'burn' } }, /after_fetch of erp/],
    [{ '../erp': good }, /the name of/],
    [{ bank: { kind: 'sftp', host: 'h', user: 'u', key_file: '/k' } }, /host_key of bank/],
  ]
  for (const [told, message] of cases) {
    channels(told)
    await assert.rejects(exchange(), { code: 'channel_wrong', message })
  }
  channels({ erp: good })
  await assert.rejects(exchange('bank'), { code: 'unknown_channel' })
})

test('one channel that is down stops no other; it is tried again by the next sweep', async () => {
  const there = join(dir, 'there')
  mkdirSync(join(there, 'in'), { recursive: true })
  const key = join(dir, 'key')
  writeFileSync(key, ssh2.utils.generateKeyPairSync('ed25519').private)
  channels({
    bank: { kind: 'sftp', host: '127.0.0.1', port: 1, user: 'u', key_file: key, host_key: 'SHA256:x', send: {} },
    erp: { kind: 'folder', root: there, send: { g69: 'in' } },
  })
  writeFileSync(join(dir, 'data', 'out', 'g69', '0751-2026-03-1.g69.txt'), 'postings')
  const first = await exchange()
  assert.equal(first.code, EXIT.partly)
  assert.match(first.said, /bank: sendt 0, hentet 0\n {4}127.0.0.1:1 could not be reached/)
  assert.match(first.said, /erp: sendt 1, hentet 0/)
  assert.deepEqual(readdirSync(join(there, 'in')), ['0751-2026-03-1.g69.txt'])
  const again = await exchange('erp', '--json')
  assert.equal(again.code, EXIT.done)
  assert.deepEqual(JSON.parse(again.said).channels[0].sent, [])
})
