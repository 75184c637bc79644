import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { place, round, send, spawnRail, startRail } from './testing.ts'

test('one fake at a time keeps a folder of books; a dead one gives way', async () => {
  const folder = place()
  const rail = await startRail(folder)
  const second = spawnRail(folder)
  let said = ''
  second.stderr?.on('data', (chunk) => {
    said += String(chunk)
  })
  const [code] = await once(second, 'close')
  assert.equal(code, 3)
  assert.match(said, new RegExp(`kept by process ${rail.child.pid};`))
  send(folder, '0751R12.xml', round())
  assert.equal((await rail.post('/exchange', { date: '2026-03-26' }))['files'], 1, 'the first goes on')
  const died = once(rail.child, 'exit')
  rail.child.kill('SIGKILL')
  await died
  const heir = await startRail(folder)
  assert.equal((await heir.post('/exchange', { date: '2026-03-26' }))['files'], 0)
  await heir.stop()
  assert.equal(existsSync(join(folder, 'books/held')), false, 'given back at its end')
})

test('of many fakes that begin at once on the books of a dead one, one gets them', async () => {
  const folder = place()
  mkdirSync(join(folder, 'books/held'), { recursive: true })
  writeFileSync(join(folder, 'books/held/999999999.1'), '')
  const children = Array.from({ length: 4 }, () => spawnRail(folder))
  const outcomes = await Promise.all(
    children.map((child) => Promise.race([once(child, 'exit').then(([code]) => code), once(child.stdout!, 'data')])),
  )
  assert.equal(outcomes.filter((one) => one === 3).length, 3, JSON.stringify(outcomes))
})
