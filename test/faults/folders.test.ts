/** What is no file lies among the files: nothing hangs, it is named, and the month ends as ever when it is gone. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { closingOf, type Month, run, smallMonth } from './month.ts'
import { cleanUp, newPlace, type Place, scratch, startFake, toek } from './program.ts'

let month: Month
let place: Place
before(async () => {
  month = await smallMonth(60)
  place = await newPlace('folders')
  await startFake(place)
})
after(cleanUp)

const NO_FILES: readonly (readonly [string, (path: string) => void])[] = [
  ['a folder', (path) => mkdirSync(path)],
  ['a pipe', (path) => execFileSync('mkfifo', [path])],
  ['a link that leads nowhere', (path) => symlinkSync('/nowhere', path)],
  ['a link to itself', (path) => symlinkSync(path, path)],
]

for (const [what, make] of NO_FILES) {
  test(`${what} among order files is named, and nothing is taken in without it`, async () => {
    const folder = scratch('orders')
    for (const name of readdirSync(month.folder)) copyFileSync(join(month.folder, name), join(folder, name))
    const path = join(folder, '0825-X.ndjson')
    make(path)
    const ended = await run(place, { ...month, folder })
    assert.equal(ended.code, 4, ended.err)
    assert.ok(ended.err.includes(`${path} is not a file`), ended.err)
    assert.doesNotMatch(ended.err, /\n {4}at /, 'a stack is no sentence')
  })
}

test('a folder is not imported', async () => {
  const ended = await toek(place, ['import', month.folder])
  assert.equal(ended.code, 4, ended.err)
  assert.ok(ended.err.includes(`${month.folder} is not a file`), ended.err)
})

test('what is no file among incoming ones stops nothing', async () => {
  const incoming = join(place.dataDir, 'in')
  mkdirSync(join(incoming, 'cpr/archive'), { recursive: true })
  execFileSync('mkfifo', [join(incoming, 'other.xml')])
  const named = ['pipe', 'loop', 'nowhere'].map((name) => join(incoming, `NKS-0825R1-${name}.xml`))
  const [pipe, loop, nowhere] = named as [string, string, string]
  execFileSync('mkfifo', [pipe])
  symlinkSync(loop, loop)
  symlinkSync('/nowhere', nowhere)
  const found = closingOf(await run(place, month)).findings
  assert.deepEqual(
    found.map(({ what, ref }) => `${what} ${ref}`).sort(),
    named.map((path) => `file_not_bookable ${path.slice(path.lastIndexOf('/') + 1)}`).sort(),
  )
  for (const path of named) rmSync(path)
})
