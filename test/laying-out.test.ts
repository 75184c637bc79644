/** Two programs that lay the same files out at once: each file goes out once and whole, and neither program fails. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { hash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { Municipality, PaymentId } from '../src/base/id.ts'
import { monthClock } from '../src/entry/line/clock.ts'
import type { Failpoint } from '../src/entry/line/line.ts'
import { payRuns } from '../src/entry/line/pay-run.ts'
import { sendRecalls, stopPayment } from '../src/entry/line/stop-payment.ts'
import { fileIdOf, readRuns } from '../src/modules/payments/index.ts'
import { benefitOrder, citizenOf, orderFile } from './support/files.ts'
import { monthOf, testLine } from './support/line.ts'

const line = await testLine()
after(() => line.close())

const MONTH = '2026-03'
const ACTORS = { planner: 'planlægger', approver: 'godkender' }
const FIRST = 2 ** 24 + 1

function lineOf() {
  const { loader, rates, out, incoming, at } = line
  return { connection: loader, rates, folders: { out, in: incoming }, at }
}

/** Payments of one run, which waits to be approved. */
async function waiting(place: string, payments: number): Promise<Municipality> {
  const what = { municipality: place, benefit: 'personligt_tillaeg', kle: '32.03.12', ore: 100_000 }
  const orders = Array.from({ length: payments }, (_, n) =>
    benefitOrder({ key: `KP-${n}`, citizen: citizenOf(Number(place) * 10_000 + n), ...what }),
  )
  await line.importText(orderFile(`KP-${place}`, MONTH, orders), MONTH)
  await line.runMonth(MONTH, [Number(place)], 'waits')
  return Number(place)
}

test('a run that another program has sent meanwhile is not laid out again', async () => {
  const code = await waiting('0101', 2)
  const clock = monthClock(monthOf(MONTH))
  const seen = await line.loader.transaction([code], (tx) => readRuns(tx, code))
  assert.deepEqual(await payRuns(lineOf(), code, seen, clock, ACTORS), [1])
  const path = join(line.out, 'nemkonto', `${fileIdOf(code, 1)}.xml`)
  rmSync(path)
  assert.deepEqual(await payRuns(lineOf(), code, seen, clock, ACTORS), [1])
  assert.ok(!existsSync(path))
})

/** Another program that lays out what is to be asked back; it is ended when it has waited for long. */
function otherProgram(code: Municipality): void {
  const address = (path: string): string => JSON.stringify(new URL(`../src/${path}`, import.meta.url).href)
  const source = `import { connect } from ${address('base/db.ts')}
    import { sendRecalls } from ${address('entry/line/stop-payment.ts')}
    import { builtInRateBook, lookup } from ${address('modules/rates/index.ts')}
    const connection = await connect(${JSON.stringify(line.url)}, 'loader', 'another program')
    const folders = ${JSON.stringify({ out: line.out, in: line.incoming })}
    await sendRecalls({ connection, rates: lookup(builtInRateBook()), folders, at() {} }, ${code})
    await connection.close()`
  spawnSync(process.execPath, ['--input-type=module', '-e', source], { timeout: 3_000, killSignal: 'SIGKILL' })
}

test('while a program gives its files their names, another does not write them', async () => {
  const PAYMENTS = 5
  const code = await waiting('0147', PAYMENTS)
  await line.rail.post('/misbehave', { wrong: { how: 'closed', of: fileIdOf(code, 1) } })
  await line.runMonth(MONTH, [code])
  const act = { municipality: code, reason: 'forkert beløb', at: `${MONTH}-30T10:00:00+00:00`, by: 'ida' }
  for (let i = 0; i < PAYMENTS; i++) {
    await line.loader.inTurn(code, (tx) => stopPayment(tx, { ...act, payment: (FIRST + i) as PaymentId }))
  }
  let others = 0
  const at = (point: Failpoint): void => {
    if (point === 'file:before-rename' && others++ === 0) otherProgram(code)
  }
  await sendRecalls({ ...lineOf(), at }, code)
  assert.ok(others > 0)
  const told = await line.loader.transaction([code], (tx) =>
    tx.rows<{ name: string; sha: string }>(
      `select file_name as name, encode(sha256, 'hex') as sha from deliveries
       where municipality_code = $1 and file_name like '%S.xml'`,
      [code],
    ),
  )
  assert.equal(told.length, PAYMENTS)
  const folder = join(line.out, 'nemkonto')
  for (const { name, sha } of told) assert.equal(hash('sha256', readFileSync(join(folder, name))), sha, name)
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.endsWith('.tmp')),
    [],
  )
})
