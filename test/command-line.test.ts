/** What the command line says of files and runs, as scripts read it: exit codes and JSON. */
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { addressOf, cleanUp, newPlace, type Place, scratch, sql, start, toek } from './faults/program.ts'
import { benefitOrder, orderFile } from './support/files.ts'

after(cleanUp)

const MONTH = ['--month', '2026-03', '--municipality', '0751']

function order(n: number) {
  const citizen = `61${String(n).padStart(2, '0')}850000`
  return benefitOrder({
    key: `KY-${n}`,
    municipality: '0751',
    citizen,
    benefit: 'kontanthjaelp',
    kle: '32.24.04',
    ore: 1_254_900,
  })
}

/** A folder with one file of these orders. */
function laid(id: string, orders: readonly object[], count = orders.length): { folder: string; file: string } {
  const folder = scratch(id)
  mkdirSync(folder, { recursive: true })
  const file = join(folder, `${id}.ndjson`)
  const text = orderFile(id, '2026-03', orders as never)
  writeFileSync(file, text.replace(`"count":${orders.length}`, `"count":${count}`))
  return { folder, file }
}

async function refusedOf(place: Place): Promise<number> {
  const { out } = await toek(place, ['run', ...MONTH, '--json'])
  return (JSON.parse(out) as { orders_refused: number }).orders_refused
}

test('orders that are refused are told each time that their file comes, and a run of it ends with 2', async () => {
  const place = await newPlace('refused')
  const { folder, file } = laid('delvis', [order(1), { ...order(2), surprise: true }])
  const ran = await toek(place, ['run', ...MONTH, '--in', folder, '--json'])
  assert.equal(ran.code, 2, ran.err)
  const again = await toek(place, ['import', file, '--json'])
  assert.equal(again.code, 2)
  const told = JSON.parse(again.out) as { unchanged: boolean; refused: { order_key: string; faults: object[] }[] }
  assert.equal(told.unchanged, true)
  assert.deepEqual(
    told.refused.map((one) => [one.order_key, one.faults.length]),
    [['KY-2', 1]],
  )
  assert.equal((await toek(place, ['run', ...MONTH, '--json'])).code, 0, 'nothing of it is new')
})

test('a file that is refused whole counts once, and no more when it has come right', async () => {
  const place = await newPlace('whole')
  for (let i = 0; i < 2; i++) {
    assert.equal((await toek(place, ['import', laid('hel', [order(1)], 3).file])).code, 4)
  }
  assert.equal(await refusedOf(place), 3)
  assert.equal((await toek(place, ['import', laid('hel', [order(1)]).file])).code, 0)
  assert.equal(await refusedOf(place), 0)
})

test('orders of a month that come after its days are paid on the next ones, however often', async () => {
  const place = await newPlace('late')
  for (let n = 1; n <= 4; n++) {
    const { folder } = laid(`sen-${n}`, [order(n)])
    const { code, out } = await toek(place, ['run', ...MONTH, '--in', folder, '--json'])
    const closing = JSON.parse(out) as { findings: unknown[]; bank_ore: number; net_ore: number }
    assert.deepEqual([code, closing.findings, closing.bank_ore], [0, [], closing.net_ore])
  }
})

test('a folder that is not there, and an address that is none, are sentences', async () => {
  const place = await newPlace('sentences')
  const nowhere = await toek(place, ['run', ...MONTH, '--in', join(place.dataDir, 'nowhere')])
  assert.deepEqual([nowhere.code, /there is none called/.test(nowhere.err)], [4, true], nowhere.err)
  const garbage = await toek({ ...place, url: 'garbage' }, ['verify', '--json'])
  assert.deepEqual([garbage.code, /postgres:\/\/user/.test(garbage.err)], [4, true], garbage.err)
})

test('a token is given by name, opens the API, and opens nothing when it is ended', async () => {
  const place = await newPlace('token')
  const given = await toek(place, [
    'token',
    'issue',
    'KY-drift',
    '--kind',
    'source_system',
    '--system',
    'KY',
    '--municipality',
    '0751',
  ])
  assert.equal(given.code, 0, given.err)
  const token = given.out.trim()
  const served = start(place, ['start'], { PORT: '0' })
  const url = await addressOf(served)
  const asked = async () =>
    (await fetch(new URL('/api/v1/sources/KY/events?after=0', url), { headers: { authorization: `Bearer ${token}` } }))
      .status
  assert.equal(await asked(), 200)
  const list = await toek(place, ['token', '--json'])
  assert.match(list.out, /"name":"KY-drift"/)
  assert.doesNotMatch(list.out, new RegExp(token))
  assert.equal((await toek(place, ['token', 'end', 'KY-drift', '--by', 'anna'])).code, 0)
  assert.equal(await asked(), 401)
  served.child.kill('SIGTERM')
  await served.ended
  const acts = await sql<{ command: string; actor: string }>(
    place.url,
    "select command, actor from audit_log where subject = 'KY-drift' order by at",
  )
  assert.deepEqual(
    acts.map(({ command }) => command),
    ['token.issued', 'token.ended'],
  )
  assert.equal(acts[1]?.actor, 'anna')
})
