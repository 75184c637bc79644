/**
 * By the program: a bank line without a name and an answer that cannot be read wait for a person, and are then settled.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { closingOf, type Month, run, smallMonth, verified } from './month.ts'
import { cleanUp, fakePayments, newPlace, type Place, startFake, toek } from './program.ts'

let month: Month
let place: Place & { readonly url: string }
before(async () => {
  month = await smallMonth(60)
  place = await newPlace('unnamed')
})
after(cleanUp)

async function asked<T>(code: number, ...args: string[]): Promise<T> {
  const ended = await toek(place, [...args, '--municipality', '0741', '--json'])
  assert.equal(ended.code, code, ended.err + ended.out)
  return JSON.parse(ended.out) as T
}

test('what the bank and the rail do not name is listed, refused without a reason, settled by a person, and closed', async () => {
  const fake = await startFake(place)
  await fake.post('/misbehave', { wrong: { how: 'nameless', of: '0741R1U7411' } })
  await fake.post('/misbehave', { wrong: { how: 'stray', of: '0741R1' } })
  const first = closingOf(await run(place, month))
  assert.deepEqual([...new Set(first.findings.map((one) => one.what))].sort(), [
    'bank_line_missing',
    'bank_line_unmatched',
  ])
  assert.ok((await fakePayments(place)).some((one) => one.bundle === '0741R1U7411'))

  const { lines } = await asked<{ lines: { bank_ref: string; candidates: string[] }[] }>(3, 'match')
  assert.equal(lines.length, 1)
  assert.ok(lines[0]?.candidates.includes('0741R1U7411'))
  const ref = lines[0]?.bank_ref as string
  const unexplained = await toek(place, ['match', ref, '--to', '0741R1U7411', '--municipality', '0741'])
  assert.equal(unexplained.code, 4)
  const other = ['match', ref, '--to', '0741R9N9', '--reason', 'x', '--municipality', '0741']
  const wrong = await toek(place, other)
  assert.equal(wrong.code, 4)
  assert.match(wrong.err, /has another amount/)
  await asked(0, 'match', ref, '--to', '0741R1U7411', '--reason', 'confirmed by the bank', '--by', 'ida')
  await asked(0, 'match')
  assert.deepEqual(await asked(0, 'match', '--not-ours'), { months: [], lines: [] })

  type Lying = { file: string; line: number; code: string }
  const { quarantine } = await asked<{ quarantine: Lying[] }>(3, 'quarantine')
  assert.deepEqual(
    quarantine.map(({ file, code }) => [file, code]),
    [['NKS-0741R1-2.xml', 'unknown_payment']],
  )
  const { file, line } = quarantine[0] as Lying
  assert.ok(line > 1)
  const resolve = ['quarantine', '--resolve', file, '--line', String(line)]
  assert.equal((await toek(place, [...resolve, '--municipality', '0741'])).code, 4)
  await asked(0, ...resolve, '--reason', 'a test of theirs')
  await asked(0, 'quarantine')

  const last = await run(place, month)
  assert.equal(last.code, 0, JSON.stringify(closingOf(last).findings))
  assert.equal(closingOf(last).unexplained_ore, 0)
  await verified(place)
})
