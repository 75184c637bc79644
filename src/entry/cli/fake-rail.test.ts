import assert from 'node:assert/strict'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { place, startRail } from '../../adapters/fake-rail/testing.ts'
import { builtInRateBook, lookup } from '../../modules/rates/index.ts'
import { fakeRail } from './fake-rail.ts'
import type { World } from './world.ts'

const world = { root: resolve(import.meta.dirname, '../../..') } as World
const rates = lookup(builtInRateBook())

test('a fake that does not answer yet is joined, and the one that was started beside it is gone', async () => {
  const folder = place()
  const first = await startRail(folder)
  const books = join(folder, 'books')
  // As it is when its starter was killed before the fake had come to write this file.
  renameSync(join(books, 'fake.json'), join(books, 'later'))
  const joining = fakeRail(world, { out: join(folder, 'to'), in: join(folder, 'from'), books }, rates)
  const log = join(books, 'fake.log')
  const said = (): boolean => existsSync(log) && readFileSync(log, 'utf8').includes('are kept by process')
  while (!said()) await new Promise((done) => setTimeout(done, 20))
  renameSync(join(books, 'later'), join(books, 'fake.json'))
  const joined = await joining
  assert.equal(joined.pid, first.child.pid)
  await joined.quit()
})

test('a file that names a port which is another fake’s by now leads nobody there', async () => {
  const [folder, other] = [place(), place()]
  const theirs = await startRail(other)
  const named = JSON.parse(readFileSync(join(other, 'books/fake.json'), 'utf8')) as { port: number }
  const own = await startRail(folder)
  await own.stop()
  writeFileSync(join(folder, 'books/fake.json'), JSON.stringify({ pid: own.child.pid, port: named.port }))
  const folders = { out: join(folder, 'to'), in: join(folder, 'from'), books: join(folder, 'books') }
  const found = await fakeRail(world, folders, rates)
  assert.notEqual(found.pid, theirs.child.pid)
  await found.quit()
  await theirs.stop()
})
