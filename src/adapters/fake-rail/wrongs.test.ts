import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { StatementEntry } from '../../modules/payments/index.ts'
import { parseStatement } from '../bank/index.ts'
import { ACCOUNT, OTHER, place, round, send, startRail } from './testing.ts'

function textIn(folder: string, name: string): string {
  return readFileSync(join(folder, 'from', name), 'utf8')
}

function statementIn(folder: string, name: string) {
  const entries: StatementEntry[] = []
  let number = 0
  const result = parseStatement([textIn(folder, name)], {
    header: (header) => {
      number = header.number
    },
    entry: (entry) => entries.push(entry),
  })
  return { entries, number, result }
}

/** Payments that a file of answers names, each with its code. */
function codesIn(folder: string, name: string): string[] {
  const all = textIn(folder, name).matchAll(/<NKSResponse(\d)><OrgnlEndToEndId>(\w+)</g)
  return [...all].map(([, code, ref]) => `${ref} ${code}`)
}

test('on request whole files go wrong once, a killed fake does the same wrong, and what was kept back comes when it is mended', async () => {
  const folder = place()
  let rail = await startRail(folder)
  const wrong = (how: string, of: string, more = {}) => rail.post('/misbehave', { wrong: { how, of, ...more } })
  await wrong('partial', '0751R12', { count: 2 })
  await wrong('stray', '0751R12')
  await wrong('unknown_code', '0751R12N1')
  await wrong('gap', ACCOUNT)
  await wrong('foreign', ACCOUNT, { amounts: [-2_500_000] })
  await wrong('nameless', '0751R12U1')
  await wrong('torn', OTHER)
  assert.match(String((await wrong('nonsense', ACCOUNT))['error']), /torn, twice/)
  send(folder, '0751R12.xml', round())
  await rail.post('/exchange', { date: '2026-03-26' })
  const gone = new Promise((done) => rail.child.once('exit', done))
  rail.child.kill('SIGKILL')
  await gone
  rail = await startRail(folder)
  await rail.post('/day-end', { date: '2026-03-31' })
  const first = readFileSync(join(folder, 'from', 'NKS-0751R12-2.xml'), 'utf8')
  const codes = [...first.matchAll(/<NKSResponse(\d)><OrgnlEndToEndId>(\w+)</g)].map(
    ([, code, ref]) => `${ref} ${code}`,
  )
  assert.deepEqual(codes, ['0751R12N1 5', '0751R12N2 2'], 'two came, and one of them has a code that is none')
  const statement = statementIn(folder, `camt053-${ACCOUNT}-2026-03-31.xml`)
  assert.equal(statement.result.whole, true)
  assert.deepEqual(
    statement.entries.map((each) => [each.amount, each.bundleId]),
    [
      [-5700, ''],
      [-2_500_000, ''],
    ],
  )
  const torn = statementIn(folder, `camt053-${OTHER}-2026-03-31.xml`)
  assert.deepEqual([torn.result.whole, torn.result.problems[0]?.code], [false, 'half_file'])
  await rail.post('/mend', {})
  assert.equal(statementIn(folder, `camt053-${OTHER}-2026-03-31.xml`).result.whole, true)
  const rest = codesIn(folder, 'NKS-0751R12-2b.xml')
  assert.deepEqual(rest.slice(-2), ['0751R12N7 8', '0751R12N9999999 8'])
  assert.equal(codes.length + rest.length, 8)
  assert.equal(statement.number, 2, 'the first number was skipped')
  await rail.stop()
})

test('a rail that has closed reads the file the next time, and pays a bank day later; a wrong statement is told of its day, and mended', async () => {
  const folder = place()
  const rail = await startRail(folder)
  const wrong = (how: string, of: string, more = {}) => rail.post('/misbehave', { wrong: { how, of, ...more } })
  await wrong('closed', '0751R12')
  await wrong('unbalanced', ACCOUNT, { on: '2026-04-01' })
  await wrong('gap', OTHER)
  send(folder, '0751R12.xml', round())
  assert.equal((await rail.post('/exchange', { date: '2026-03-26' }))['files'], 0, 'closed')
  assert.equal((await rail.post('/exchange', { date: '2026-03-27' }))['files'], 1)
  assert.equal((await rail.post('/exchange', { date: '2026-03-27' }))['files'], 0)
  await rail.post('/day-end', { date: '2026-03-31' })
  assert.throws(() => statementIn(folder, `camt053-${ACCOUNT}-2026-03-31.xml`), 'nothing leaves on its own day')
  await rail.post('/day-end', { date: '2026-04-01' })
  const name = `camt053-${ACCOUNT}-2026-04-01.xml`
  const said = statementIn(folder, name).result
  assert.deepEqual([said.whole, said.problems[0]?.code], [false, 'balance_differs'])
  assert.equal(statementIn(folder, `camt053-${OTHER}-2026-04-01.xml`).number, 2)
  await rail.post('/mend', {})
  assert.equal(statementIn(folder, name).result.whole, true)
  const skipped = statementIn(folder, `camt053-${OTHER}-0-2026-04-01.xml`)
  assert.deepEqual([skipped.number, skipped.entries.length, skipped.result.whole], [1, 0, true])
  const books = JSON.parse(await rail.get('/books')) as { doubles: number; faults: unknown[] }
  assert.deepEqual([books.doubles, books.faults], [0, []])
  await rail.stop()
})
