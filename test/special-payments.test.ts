/**
 * Acute payments from the click to the file, by API and command line: clicked twice, approved by two, cut off, sent
 * once. And what was paid elsewhere, as the source system and the page see it.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { connect } from '../src/base/db.ts'
import { acuteVerb } from '../src/entry/cli/acute.ts'
import { approveVerb } from '../src/entry/cli/approve.ts'
import { outsideVerb } from '../src/entry/cli/outside.ts'
import type { Verb } from '../src/entry/cli/verbs.ts'
import { type DemoTokens, demoTokens } from '../src/entry/http/demo-tokens.ts'
import { buildServer } from '../src/entry/http/server.ts'
import { acuteRuns } from '../src/entry/line/acute.ts'
import { monthClock } from '../src/entry/line/clock.ts'
import { payRuns } from '../src/entry/line/pay-run.ts'
import { waitingText } from '../src/entry/text/index.ts'
import { readSpecification } from '../src/modules/overview/index.ts'
import { command } from './support/command.ts'
import { benefitOrder, citizenOf, orderFile } from './support/files.ts'
import { monthOf, type TestLine, testLine } from './support/line.ts'

const MONTH = '2026-03'
const NOW = '2026-03-12T09:00:00.000Z'

let line: TestLine
let app: Awaited<ReturnType<typeof buildServer>>
let tokens: DemoTokens
const dataDir = mkdtempSync(join(tmpdir(), 'toek-acute-'))

before(async () => {
  line = await testLine()
  const kle = line.rates.book.benefits.find((one) => one.key === 'enkeltydelse')?.kle ?? ''
  const orders = [1, 2, 3].map((number) => {
    const what = { benefit: 'enkeltydelse', kle, ore: number * 100_00, date: '2026-03-31' }
    return benefitOrder({ key: `KY-${number}`, municipality: '0751', citizen: citizenOf(number), ...what })
  })
  await line.importText(orderFile('KY-0751-acute', MONTH, orders), MONTH)
  const owner = await connect(line.url, 'owner')
  tokens = await demoTokens(owner, { mode: 'demo', dataDir, municipalities: [751, 101], now: '2026-01-01T00:00:00Z' })
  await owner.close()
  const folders = { out: line.out, in: line.incoming }
  app = await buildServer({ url: line.url, rates: line.rates, folders, now: () => NOW, mode: 'demo' })
})
after(async () => {
  await app.close()
  await line.close()
  rmSync(dataDir, { recursive: true })
})

async function click(holder: string, key: string, header: Record<string, string> = {}) {
  const headers = { authorization: `Bearer ${tokens[holder]}`, 'content-type': 'application/json', ...header }
  const url = `/api/v1/orders/KY/${key}/acute?municipality=0751`
  const answer = await app.inject({ method: 'POST', url, headers, payload: JSON.stringify({ reason: 'sat ud' }) })
  return { status: answer.statusCode, body: answer.json() }
}

const toek = (verb: Verb, ...args: string[]) => command(verb, args, { dataDir, url: line.url, now: NOW, user: 'ida' })

const files = (): string[] =>
  readdirSync(join(dataDir, 'out'), { recursive: true })
    .map(String)
    .filter((name) => name.includes('R') && !name.endsWith('.tmp'))

test('a doubled click pays once, and only a person of the municipality may click', async () => {
  const [one, other] = await Promise.all([click('planlaegger', 'KY-1'), click('planlaegger', 'KY-1')])
  assert.deepEqual([one.status, other.status].sort(), [200, 409])
  const [done, refused] = one.status === 200 ? [one, other] : [other, one]
  const run = { run: '0751R1', payments: 1, amount_ore: 10_000, pay_on: '2026-03-13' }
  assert.deepEqual(done.body, { runs: [run] })
  assert.match(refused.body.type, /acute_already$/)
  assert.equal((await click('KY', 'KY-2')).status, 403)
  const row = await line.loader.db.first<{ n: number }>('select count(*)::int as n from payments')
  assert.equal(row?.n, 1)
})

test('it is sent when two others have approved it, and no sooner; sending twice sends nothing more', async () => {
  const send = () => toek(acuteVerb, 'send', '--municipality', '0751')
  assert.deepEqual(await send(), { code: 0, out: 'Sendt: intet\n' })
  const approve = ['--month', MONTH, '--municipality', '0751', '--run', '0751R1']
  const shown = await toek(approveVerb, ...approve)
  assert.match(shown.out, /to personer godkender \(en akut udbetaling\)/)
  const yes = [...approve, ...(/--total \S+ --view \S+/.exec(shown.out)?.[0] ?? '').split(' ')]
  await assert.rejects(toek(approveVerb, ...yes, '--by', 'planlægger'), { code: 'four_eyes' })
  assert.equal((await toek(approveVerb, ...yes, '--by', 'bo')).code, 3)
  assert.deepEqual(await send(), { code: 0, out: 'Sendt: intet\n' })
  await assert.rejects(toek(approveVerb, ...yes, '--by', 'bo'), { code: 'four_eyes' })
  assert.equal((await toek(approveVerb, ...yes, '--by', 'carl')).code, 0)
  // Killed between release and file: the next one lays the file that was recorded.
  const run = await line.loader.transaction([751], (tx) => acuteRuns(tx, 751))
  const cut = (point: string): void => {
    if (point === 'run:after-release') throw new Error('killed')
  }
  const killed = { connection: line.loader, rates: line.rates, folders: { out: join(dataDir, 'out'), in: '' }, at: cut }
  const clock = monthClock(monthOf(MONTH))
  await assert.rejects(payRuns(killed, 751, run, clock, { planner: 'ida', approver: undefined }), /killed/)
  assert.deepEqual(files(), [])
  assert.deepEqual(await send(), { code: 0, out: 'Sendt: 0751R1\n' })
  const sent = files()
  const told = await line.loader.db.first<{ sha: string }>(
    `select encode(sha256, 'hex') as sha from deliveries where municipality_code = 751 and kind = 'nemkonto'`,
  )
  const bytes = readFileSync(join(dataDir, 'out', sent[0] as string))
  assert.equal(createHash('sha256').update(bytes).digest('hex'), told?.sha)
  assert.equal(sent.length, 1)
  assert.deepEqual(await send(), { code: 0, out: 'Sendt: intet\n' })
  assert.deepEqual(files(), sent)
  assert.match((await click('planlaegger', 'KY-1')).body.type, /nothing_due$/)
  const steps = await line.loader.db.rows<{ step: string; at: string }>(
    `select step, to_char(at at time zone 'UTC', 'YYYY-MM-DD HH24:MI') as at from payment_run_steps where run_no = 1
     and step in ('assembled', 'released')`,
  )
  assert.deepEqual(
    steps.map((one) => one.at),
    ['2026-03-12 09:00', '2026-03-12 09:00'],
  )
})

test('the command line asks as the API does', async () => {
  const act = ['KY', 'KY-2', '--municipality', '0751', '--reason', 'ingen penge til mad']
  const made = await toek(acuteVerb, ...act)
  assert.equal(made.code, 3)
  assert.match(made.out, /^Kørsel 0751R2: 1 betaling, 200,00 kr\. til udbetaling 2026-03-13\./)
  await assert.rejects(toek(acuteVerb, ...act), { code: 'acute_already' })
  await assert.rejects(toek(acuteVerb, 'KY', 'KY-9', ...act.slice(2)), { code: 'unknown_order' })
})

test('what was paid elsewhere is paid, as its source system and the list of the municipality see it', async () => {
  const where = ['--municipality', '0751']
  const what = ['--amount', '30000', '--paid-on', '2026-03-11', '--reference', 'KASSE-1', '--document', 'SAG-12']
  assert.equal((await toek(outsideVerb, 'register', 'KY', 'KY-3', ...where, ...what, '--by', 'ida')).code, 3)
  await assert.rejects(toek(outsideVerb, 'approve', '1', ...where, '--by', 'ida'), { code: 'four_eyes' })
  const waits = await toek(outsideVerb, 'approve', '1', ...where, '--by', 'bo')
  assert.equal(waits.code, 3)
  assert.match(waits.out, /KY KY-3, 300,00 kr\. den 2026-03-11 \(KASSE-1\).*venter på en ordre, der betaler det beløb/)
  await line.runMonth(MONTH, [751])
  const done = await toek(outsideVerb, ...where)
  assert.equal(done.code, 0)
  assert.match(done.out, /registreret af ida, godkendt af bo: taget med/)
  const headers = { authorization: `Bearer ${tokens['KY']}` }
  const answer = await app.inject({ method: 'GET', url: '/api/v1/orders/KY/KY-3?municipality=0751', headers })
  const { axes, items } = answer.json()
  assert.deepEqual(axes.paid, { state: 'yes', paid_ore: 30_000, of_ore: 30_000 })
  assert.equal(items[0].payments[0].state, 'paid_outside')
  const wanted = { orderKey: 'KY-3', version: 1 }
  const spec = await line.loader.transaction([751], (tx) => readSpecification(tx, 751, wanted, line.rates))
  const waiting = spec?.items[0]?.waiting
  assert.equal(waiting === undefined ? '' : waitingText(waiting), 'Betalt udenom, ikke herfra: KASSE-1.')
})

test('over the API two persons register and approve what was paid elsewhere, and every refusal says what to do', async () => {
  const path = '/api/v1/outside-payments/0751'
  const call = async (holder: string, to: string, body?: unknown) => {
    const headers = { authorization: `Bearer ${tokens[holder]}`, 'content-type': 'application/json' }
    const how =
      body === undefined ? { method: 'GET' as const } : { method: 'POST' as const, payload: JSON.stringify(body) }
    const answer = await app.inject({ ...how, url: `${path}${to}`, headers })
    return { status: answer.statusCode, body: answer.json() }
  }
  const paid = {
    source_system: 'KY',
    order_key: 'KY-9',
    amount_ore: 12_300,
    paid_on: '2026-03-10',
    reference: 'OEKO-9',
    document: 'SAG-9',
  }
  const faulty = await call('planlaegger', '', {
    ...paid,
    amount_ore: 0.5,
    paid_on: '2026-02-30',
    who: 'me',
    document: '',
  })
  assert.equal(faulty.status, 422)
  assert.deepEqual(
    faulty.body.faults.map((one: { pointer: string }) => one.pointer),
    ['/who', '/document', '/paid_on', '/amount_ore'],
  )
  assert.equal((await call('KY', '', paid)).status, 403)
  const made = await call('planlaegger', '', paid)
  assert.equal(made.status, 200)
  const shown = { ...paid, municipality: '0751', outside: 2, state: 'waiting', line_key: null, approved_by: null }
  assert.deepEqual(made.body, { ...shown, registered_by: 'planlægger', bank_ref: null, age_days: null })
  assert.match((await call('planlaegger', '', paid)).body.type, /registered_already$/)
  const own = await call('planlaegger', '/2/approval', {})
  assert.deepEqual([own.status, own.body.type.endsWith('four_eyes')], [403, true])
  const approved = await call('godkender', '/2/approval', {})
  assert.deepEqual([approved.body.state, approved.body.approved_by], ['open', 'godkender'])
  assert.match((await call('godkender', '/2/approval', {})).body.type, /outside_not_open$/)
  assert.equal((await call('planlaegger', '/2/end', {})).status, 422)
  assert.equal((await call('planlaegger', '/2/end', { reason: 'en anden borger' })).body.state, 'ended')
  const list = (await call('auditor', '')).body.outside
  assert.deepEqual(
    list.map((one: { outside: number; state: string; age_days: number | null }) => [
      one.outside,
      one.state,
      one.age_days,
    ]),
    [
      [1, 'settled', 1],
      [2, 'ended', null],
    ],
  )
  assert.equal((await call('KY', '')).status, 403)
})
