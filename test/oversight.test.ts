/** A month's oversight: nobody chooses the sample, whoever approved a run does not look, and each step is done once. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { connect } from '../src/base/db.ts'
import { oversightVerb } from '../src/entry/cli/oversight.ts'
import { demoTokens } from '../src/entry/http/demo-tokens.ts'
import { buildServer } from '../src/entry/http/server.ts'
import { sweep } from '../src/entry/line/sweep.ts'
import { workText } from '../src/entry/text/index.ts'
import { seedOf } from '../src/modules/overview/index.ts'
import { readWorkItems } from '../src/modules/work-items/index.ts'
import { command } from './support/command.ts'
import { benefitOrder, citizenOf, orderFile } from './support/files.ts'
import { monthOf, testLine } from './support/line.ts'

const CODE = 751
const MONTH = '2026-03'
const NOW = '2026-04-10T09:00:00.000Z'

const line = await testLine()
const dataDir = mkdtempSync(join(tmpdir(), 'toek-oversight-'))
after(async () => {
  await line.close()
  rmSync(dataDir, { recursive: true })
})

async function toek(user: string, ...args: string[]): Promise<{ code: string | number; out: string }> {
  const where = ['--month', MONTH, '--municipality', '0751', '--json']
  const done = command(oversightVerb, [...args, ...where], { dataDir, url: line.url, now: NOW, user })
  return await done.catch((error: { code: string }) => ({ code: error.code, out: '' }))
}

interface Shown {
  readonly ledger_head: string
  readonly seed: string
  readonly payments: number
  readonly sample: readonly { readonly end_to_end_id: string; readonly verdict: string | null }[]
  readonly signed_by: string | null
}

async function done(by: string, ...args: string[]): Promise<Shown> {
  const { code, out } = await toek(by, ...args)
  assert.equal(code, 0, String(code))
  return JSON.parse(out) as Shown
}

async function openOversight() {
  const { items } = await line.loader.transaction([CODE], (tx) => readWorkItems(tx, [CODE], 100))
  return items.filter((one) => one.kind === 'oversight_due')
}

async function refused(by: string, ...args: string[]): Promise<string | number> {
  return (await toek(by, ...args)).code
}

test('the seed hangs on municipality, month and the head of the chain', () => {
  const seeds = [
    seedOf(751, monthOf('2026-03'), 'aa'),
    seedOf(101, monthOf('2026-03'), 'aa'),
    seedOf(751, monthOf('2026-04'), 'aa'),
    seedOf(751, monthOf('2026-03'), 'ab'),
  ].map((seed) => seed.toString('hex'))
  assert.equal(new Set(seeds).size, 4)
  assert.equal(seeds[0], createHash('sha256').update('0751|2026-03|aa').digest('hex'))
})

test('a month is drawn, looked at and signed once each, by somebody who approved none of it', async () => {
  const what = { municipality: '0751', benefit: 'personligt_tillaeg', kle: '32.03.12' }
  const orders = Array.from({ length: 30 }, (_, i) =>
    benefitOrder({ ...what, key: `KP-${i}`, citizen: citizenOf(i), ore: 100_000 + i }),
  )
  await line.importText(orderFile('KP-0751', MONTH, orders), MONTH)
  await line.runMonth(MONTH, [CODE], 'waits')
  assert.equal(await refused('anna', 'draw'), 'month_not_paid')
  assert.equal(await refused('anna', 'show'), 'oversight_not_drawn')
  await line.runMonth(MONTH, [CODE])

  // The deadline is the last bank day of the next month; until then it is nobody's task.
  const due = async (at: string) => {
    const where = { connection: line.loader, rates: line.rates, folders: { out: '', in: '' }, at: () => undefined }
    await sweep(where, CODE, at)
    return (await openOversight()).map((one) => `${one.owner}: ${workText(one)}`)
  }
  assert.deepEqual(await due('2026-04-30T13:59:00Z'), [])
  const late = 'kommune: 2026-03: ikke trukket; frist 2026-04-30 16:00, passeret'
  assert.deepEqual(await due('2026-04-30T14:01:00Z'), [late])
  const drawn = await done('anna', 'draw')
  assert.deepEqual(await due('2026-05-04T08:00:00Z'), [late.replace('trukket', 'underskrevet')])
  await line.runMonth(MONTH, [CODE])
  assert.equal((await openOversight()).length, 1, 'without a time it stands')
  assert.deepEqual([drawn.payments, drawn.sample.length], [30, 20])
  assert.equal(await refused('bo', 'draw'), 'oversight_drawn')
  // Anybody can draw it again.
  const seed = createHash('sha256').update(`0751|${MONTH}|${drawn.ledger_head}`).digest()
  assert.equal(drawn.seed, seed.toString('hex'))
  const hashes = Array.from({ length: 30 }, (_, i) => {
    const number = Buffer.alloc(8)
    number.writeBigInt64BE(BigInt(2 ** 24 + i + 1))
    return [createHash('sha256').update(seed).update(number).digest('hex'), `0751R1N${i + 1}`] as const
  })
  const lowest = hashes.sort(([a], [b]) => (a < b ? -1 : 1)).slice(0, 20)
  const ids = drawn.sample.map((one) => one.end_to_end_id)
  assert.deepEqual(lowest.map(([, id]) => id).sort(), [...ids].sort())

  const [first = '', second = ''] = ids
  for (const own of ['planlægger', 'godkender']) assert.equal(await refused(own, 'mark', first), 'own_run', own)
  const outside = hashes.at(-1)?.[1] ?? ''
  assert.equal(await refused('anna', 'mark', outside), 'not_in_sample')
  await done('anna', 'mark', first, '--remark', 'bilag mangler')
  assert.equal(await refused('anna', 'mark', first), 'marked_already')
  assert.equal(await refused('anna', 'mark', second, '--remark', ' '), 'remark_missing')
  assert.equal(await refused('anna', 'sign'), 'not_looked_at')

  // Over the API the demo's approver is refused, and sees what the auditor sees.
  const owner = await connect(line.url, 'owner')
  const tokens = await demoTokens(owner, { mode: 'demo', dataDir, municipalities: [CODE], now: '2026-01-01T00:00:00Z' })
  await owner.close()
  const folders = { out: line.out, in: line.incoming }
  const app = await buildServer({ url: line.url, rates: line.rates, folders, now: () => NOW, mode: 'demo' })
  try {
    const send = (holder: string, method: 'GET' | 'POST', path: string, body?: unknown) => {
      const headers = { authorization: `Bearer ${tokens[holder]}`, 'content-type': 'application/json' }
      const url = `/api/v1/oversight/0751/${MONTH}${path}`
      return app.inject({ method, url, headers, ...(body === undefined ? {} : { payload: JSON.stringify(body) }) })
    }
    const marked = await send('godkender', 'POST', '/mark', { end_to_end_id: second })
    assert.deepEqual([marked.statusCode, marked.json().type], [403, 'urn:toek:problem:own_run'])
    assert.equal((await send('godkender', 'POST', '/draw', {})).statusCode, 409)
    assert.equal((await send('KP', 'GET', '')).statusCode, 403)
    const seen = (await send('auditor', 'GET', '')).json() as Shown
    assert.deepEqual(seen.sample[0]?.verdict, 'remark')
  } finally {
    await app.close()
  }

  for (const id of ids.slice(1)) await done('anna', 'mark', id)
  assert.equal((await toek('anna', 'show')).code, 3)
  assert.equal((await done('anna', 'sign')).signed_by, 'anna')
  assert.deepEqual(await due('2026-05-04T09:00:00Z'), [])
  assert.equal(await refused('bo', 'sign'), 'oversight_signed')
  assert.equal(await refused('bo', 'mark', first), 'oversight_signed')
  assert.equal((await toek('anna', 'show')).code, 0)
  const audit = await line.loader.db.rows<{ command: string; n: number }>(
    `select command, count(*)::int as n from audit_log where command like 'oversight.%' group by 1 order by 1`,
  )
  assert.deepEqual(
    audit.map((row) => [row.command, row.n]),
    [
      ['oversight.draw', 1],
      ['oversight.mark', 20],
      ['oversight.sign', 1],
    ],
  )
})
