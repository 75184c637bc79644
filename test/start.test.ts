/** `npm start` where a month has been run by hand: it serves that, and runs none of its own into it. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { run, smallMonth } from './faults/month.ts'
import { addressOf, cleanUp, newPlace, sql, start } from './faults/program.ts'

after(cleanUp)

test('a start on a folder with a month of its own serves it and adds nothing', async () => {
  const place = await newPlace('start')
  await run(place, await smallMonth(50))
  const taken = 'select municipality_code, intake_no, lines, refused from intakes order by 1, 2'
  const before = await sql(place.url, taken)
  assert.ok(before.length > 0)
  const started = start(place, ['start'], { PORT: '0' })
  const url = await addressOf(started)
  assert.match(url, /^http/)
  assert.equal((await fetch(url)).status, 200)
  started.child.kill('SIGTERM')
  const { code, out } = await started.ended
  assert.equal(code, 0)
  assert.doesNotMatch(out, /Uforklaret/)
  assert.deepEqual(await sql(place.url, taken), before)
})
