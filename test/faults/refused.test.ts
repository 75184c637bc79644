/** A file that is refused whole lies among the others, and the program is killed: all ends as without the kill. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { closingOf, type Month, MONTH, run, smallMonth } from './month.ts'
import { cleanUp, filesUnder, goneFrom, newPlace, type Place, sql, startFake } from './program.ts'

let month: Month
before(async () => {
  month = await smallMonth(60)
  const whole = readFileSync(join(month.folder, `0825-KY-${MONTH}.ndjson`), 'utf8')
  const torn = whole.slice(0, whole.lastIndexOf('\n', whole.length - 2) + 1).replace('"file_id":"', '"file_id":"TORN-')
  writeFileSync(join(month.folder, `0825-A-${MONTH}.ndjson`), torn)
})
after(cleanUp)

async function left(place: Place & { readonly url: string }) {
  const ended = await run(place, month)
  const { ledger_head: head, findings, unexplained_ore: unexplained } = closingOf(ended)
  const [row] = await sql<{ n: number }>(place.url, "select count(*)::int as n from intakes where state = 'refused'")
  const out = filesUnder(join(place.dataDir, 'out'))
  return { code: ended.code, head, found: findings.map((one) => one.what), unexplained, refused: row?.n, out }
}

test('a file that is refused again after a kill is told again and recorded once', async () => {
  const [place, killed] = [await newPlace('refused'), await newPlace('killed')]
  await startFake(place)
  await startFake(killed)
  const undisturbed = await left(place)
  assert.deepEqual(undisturbed.found, ['file_refused'])
  assert.equal(undisturbed.refused, 1)
  const ended = await run(killed, month, { TOEK_FAILPOINT: 'intake:after-commit#1' })
  assert.equal(ended.signal, 'SIGKILL', ended.err)
  await goneFrom(killed.url)
  assert.deepEqual(await left(killed), undisturbed)
  assert.deepEqual(await left(place), undisturbed, 'run again')
})
