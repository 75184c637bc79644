/**
 * In operation nothing is paid until a person who did not plan it has approved the total that was shown; others carry
 * the files, and each `toek run` takes what has come.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { builtInRateBook } from '../../src/modules/rates/index.ts'
import { referenceOf } from '../../src/entry/reference.ts'
import { testDatabase } from '../database.ts'
import { type Month, MONTH, run, smallMonth } from './month.ts'
import { cleanUp, fakeBooks, filesUnder, type Place, scratch, sql, startFake, toek } from './program.ts'

interface Waiting {
  readonly approved: boolean
  readonly total_ore: number
  readonly view: string
  readonly runs: readonly { readonly run: string; readonly disposition_date: string; readonly amount_ore: number }[]
}

let place: Place & { readonly url: string }
let month: Month

before(async () => {
  const { url } = await testDatabase({ mode: 'operation', reference: referenceOf(builtInRateBook()) })
  place = { url, dataDir: scratch('approval') }
  month = await smallMonth(60)
})
after(cleanUp)

const approve = (...more: string[]) =>
  toek(place, ['approve', '--month', MONTH, '--municipality', month.municipalities, ...more])

async function waiting(): Promise<Waiting> {
  const ended = await approve('--json')
  return JSON.parse(ended.out) as Waiting
}

function whatIsFound(out: string): string[] {
  const { findings } = JSON.parse(out) as { findings: { what: string }[] }
  return [...new Set(findings.map((finding) => finding.what))].sort()
}

test('a month in operation: planned, refused twice, approved in two parts, sent, answered, closed', async () => {
  const planned = await run(place, month)
  assert.equal(planned.code, 3, planned.err + planned.out)
  assert.deepEqual(filesUnder(`${place.dataDir}/out`), {}, 'nothing leaves the house')

  const shown = await approve()
  assert.equal(shown.code, 3)
  assert.match(shown.out, /0825R1 +2026-03-/)
  const all = await waiting()
  assert.ok(all.runs.length >= 3)
  assert.ok(shown.out.includes(`--total ${all.total_ore}`))

  const same = await approve('--total', String(all.total_ore))
  assert.equal(same.code, 4)
  assert.match(same.err, /assembled the run; another person must approve it/)
  const stale = await approve('--total', String(all.total_ore + 1), '--by', 'Bente')
  assert.equal(stale.code, 4)
  assert.match(stale.err, /Look at them again/)
  const unseen = await approve('--total', String(all.total_ore), '--view', '0'.repeat(16), '--by', 'Bente')
  assert.equal(unseen.code, 4)
  assert.match(unseen.err, /Look again, then approve/)
  assert.deepEqual(await waiting(), all, 'none left a trace')
  const looked = await toek(place, ['gate', all.runs[0]?.run ?? '', '--json'])
  assert.equal(looked.code, 0, looked.err)
  assert.deepEqual((JSON.parse(looked.out) as { steps: string[] }).steps, ['planned', 'assembled', 'controlled'])

  const [first, ...rest] = all.runs
  const one = await approve('--run', first?.run ?? '', '--total', String(first?.amount_ore), '--by', 'Bente')
  assert.equal(one.code, 0, one.err)
  const partly = await run(place, month)
  assert.equal(partly.code, 1, `${partly.err}${partly.out}`)
  assert.deepEqual(
    whatIsFound(partly.out),
    ['answer_missing', 'bank_line_missing'],
    'no answer has come to what was sent',
  )
  assert.deepEqual(Object.keys(filesUnder(`${place.dataDir}/out`)), [`nemkonto/${first?.run}.xml`])

  const restTotal = rest.reduce((sum, row) => sum + row.amount_ore, 0)
  const { view } = await waiting()
  assert.equal((await approve('--total', String(restTotal), '--view', view, '--by', 'Bente')).code, 0)
  assert.equal((await waiting()).runs.length, 0)
  assert.deepEqual(whatIsFound((await run(place, month)).out), ['answer_missing', 'bank_line_missing'])

  const fake = await startFake(place)
  await fake.post('/exchange', { date: '2026-03-02' })
  for (let day = 2; day <= 31; day++) {
    await fake.post('/day-end', { date: `2026-03-${String(day).padStart(2, '0')}` })
  }
  for (const date of ['2026-04-01', '2026-04-07']) await fake.post('/day-end', { date })
  const closed = await run(place, month)
  assert.equal(closed.code, 0, `${closed.err}${closed.out}`)
  assert.equal((await fakeBooks(place)).doubles, 0)
  const acts = await sql<{ actor: string; n: number }>(
    place.url,
    `select actor, count(*)::int as n from audit_log where command = 'run.approve' group by 1`,
  )
  assert.deepEqual(acts, [{ actor: 'Bente', n: all.runs.length }])
})
