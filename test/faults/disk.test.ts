/** The disk, the database connection and a second program stand in the way; nothing hangs, is lost or is paid twice. */
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, rmdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import {
  closingOf,
  type Month,
  type Outcome,
  outcome,
  run,
  runArgs,
  sameAs,
  smallMonth,
  startRun,
  verified,
} from './month.ts'
import { cleanUp, type Ended, newPlace, type Place, scratch, sql, startFake, toek } from './program.ts'

const FULL = '/dev/full'

let month: Month
let reference: Outcome
before(async () => {
  month = await smallMonth(160)
  const place = await newPlace('undisturbed')
  await startFake(place)
  reference = outcome(place, await run(place, month))
})
after(cleanUp)

/** The program refused in words for a person: no stack, and what stands in the way is named. */
function refusedInWords(ended: Ended, named: RegExp): void {
  assert.equal(ended.code, 4, `exit ${ended.code} ${ended.signal}\n${ended.err}`)
  assert.match(ended.err, named)
  assert.doesNotMatch(ended.err, /\n {4}at /, 'a stack is no sentence')
}

test('the disk is full, for a payment file and for a report: a sentence, and the month ends as ever', {
  skip: !existsSync(FULL),
}, async () => {
  const place = await newPlace('full')
  await startFake(place)
  const full = ['nemkonto/0741R3.xml', `eindkomst/0825-2026-03-1.eindkomst.txt`].map(
    (name) => `${join(place.dataDir, 'out', name)}.tmp`,
  )
  mkdirSync(join(place.dataDir, 'out/eindkomst'), { recursive: true })
  for (const path of full) symlinkSync(FULL, path)
  for (const path of full) {
    const ended = await run(place, month)
    refusedInWords(ended, /could not be written.*ENOSPC/)
    assert.ok(ended.err.includes(path.replace(/\.tmp$/, '')), ended.err)
    rmSync(path, { force: true })
  }
  await sameAs(reference, place, await run(place, month), 'after the disk was full')
  await verified(place)
})

test('the outgoing folder is not to be written: a sentence, and the month ends as ever', async () => {
  const place = await newPlace('folder')
  mkdirSync(join(place.dataDir, 'out'), { recursive: true })
  writeFileSync(join(place.dataDir, 'out/nemkonto'), '')
  refusedInWords(await run(place, month), /out\/nemkonto/)
  rmSync(join(place.dataDir, 'out/nemkonto'))
  await startFake(place)
  rmdirSync(join(place.dataDir, 'out/nemkonto'))
  writeFileSync(join(place.dataDir, 'out/nemkonto'), '')
  refusedInWords(await run(place, month), /out\/nemkonto/)
  rmSync(join(place.dataDir, 'out/nemkonto'))
  mkdirSync(join(place.dataDir, 'out/nemkonto'))
  await sameAs(reference, place, await run(place, month), 'after the folder was there')
})

test('a data folder that is a file, and a database that nobody serves, are told in a sentence', async () => {
  const file = join(scratch('file'), 'data')
  writeFileSync(file, '')
  const { url } = await newPlace('none')
  refusedInWords(await toek({ url, dataDir: file }, runArgs(month)), /data/)
  const place = { url: 'postgres://toek:x@127.0.0.1:1/toek', dataDir: scratch('nobody') }
  refusedInWords(await toek(place, runArgs(month)), /127\.0\.0\.1:1/)
})

/** Waits until so many payment files are out, or the program has ended. */
function payFiles(place: Place): number {
  const folder = join(place.dataDir, 'out/nemkonto')
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.xml')).length : 0
}

test('every connection to the database is cut, again and again: no hang, a sentence, and the month ends as ever', async () => {
  const place = await newPlace('cut')
  await startFake(place)
  const name = new URL(place.url).pathname.slice(1)
  const admin = place.url.replace(`/${name}`, '/postgres')
  let cuts = 0
  for (let i = 0; i < 3; i++) {
    const before = payFiles(place)
    const running = startRun(place, month)
    let over = false
    void running.ended.then(() => {
      over = true
    })
    // In the middle of the payments: at least one file more than the run before had sent.
    while (!over && payFiles(place) <= before) await new Promise((done) => setTimeout(done, 5))
    const cut = await sql(admin, 'select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name])
    const ended = await running.ended
    // A run that was quicker than the cut has ended well.
    if (cut.length <= 1 || ended.code === 0) continue
    refusedInWords(ended, /connection/)
    cuts++
  }
  assert.ok(cuts > 0, 'no run was cut in the middle')
  await sameAs(reference, place, await run(place, month), 'after the cuts')
  await verified(place)
})

test('two programs that run the same month at once: one waits, both end well, nobody is paid twice', {}, async () => {
  const place = await newPlace('two')
  await startFake(place)
  const both = await Promise.all([startRun(place, month).ended, startRun(place, month).ended])
  for (const ended of both) await sameAs(reference, place, ended, 'two at once')
  assert.deepEqual(closingOf(both[0] as Ended), closingOf(both[1] as Ended))
  assert.match(both.map((ended) => ended.err).join(''), /waiting|^$/)
  await verified(place)
})
