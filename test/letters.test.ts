/**
 * Payees of what came back are asked for an account, over the API and the command line; the wait is seen; and what
 * nobody claims is closed by two persons, never before the answer's last day.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { connect } from '../src/base/db.ts'
import { closeReturnedVerb } from '../src/entry/cli/close-returned.ts'
import { policyVerb } from '../src/entry/cli/policy.ts'
import { letterVerb } from '../src/entry/cli/letter.ts'
import { returnedVerb } from '../src/entry/cli/returned-list.ts'
import { verifyVerb } from '../src/entry/cli/verify.ts'
import type { Verb } from '../src/entry/cli/verbs.ts'
import { type DemoTokens, demoTokens } from '../src/entry/http/demo-tokens.ts'
import { buildServer } from '../src/entry/http/server.ts'
import { accessibleOf } from '../src/entry/line/ask-account.ts'
import { checkHtml, checkPdf } from '../src/adapters/letters/index.ts'
import { fillLetter, LETTER_TEMPLATES } from '../src/modules/letters/index.ts'
import { readSpecification } from '../src/modules/overview/index.ts'
import { specificationJson } from '../src/entry/web/index.ts'
import { reconcileMunicipality } from '../src/modules/reconciliation/index.ts'
import { command } from './support/command.ts'
import { benefitOrder, citizenOf, factFile, orderFile, type OrderRecord } from './support/files.ts'
import { monthOf, type TestLine, testLine } from './support/line.ts'
import { approveWaiting } from './support/play-rules.ts'

const CODE = 751
const MONTH = '2026-03'
const FATES = ['9907', '9909', undefined, '9902', '9908', '9911']

let line: TestLine
let app: Awaited<ReturnType<typeof buildServer>>
let tokens: DemoTokens
let now = '2026-04-02T09:00:00.000Z'
let ids: Map<string, string>
const dataDir = mkdtempSync(join(tmpdir(), 'toek-letters-'))

before(async () => {
  line = await testLine()
  symlinkSync(line.out, join(dataDir, 'out'))
  const kle = line.rates.book.benefits.find((one) => one.key === 'enkeltydelse')?.kle ?? ''
  const orders: OrderRecord[] = FATES.map((fate, i) => {
    const what = { benefit: 'enkeltydelse', kle, ore: (i + 1) * 100_00, date: '2026-03-31' }
    return benefitOrder({ key: `KY-${i + 1}`, municipality: '0751', citizen: citizenOf(i, fate), ...what })
  })
  await line.importText(orderFile('KY-0751-letters', MONTH, orders), MONTH)
  await line.runMonth(MONTH, [CODE])
  const owner = await connect(line.url, 'owner')
  tokens = await demoTokens(owner, { mode: 'demo', dataDir, municipalities: [CODE], now: '2026-01-01T00:00:00Z' })
  await owner.close()
  const folders = { out: line.out, in: line.incoming }
  app = await buildServer({ url: line.url, rates: line.rates, folders, now: () => now, mode: 'demo' })
  const rows = await line.loader.db.rows<{ key: string; id: string }>(
    `select o.order_key as key, '0751R' || (x.payment_id >> 24) || 'N' || (x.payment_id & 16777215) as id
     from payment_parts x join orders o on o.municipality_code = x.municipality_code and o.order_id = x.item_id >> 6`,
  )
  ids = new Map(rows.map((row) => [row.key, row.id]))
})
after(async () => {
  await app.close()
  await line.close()
  rmSync(dataDir, { recursive: true })
})

async function ask(order: string, payload: unknown = {}, holder = 'planlaegger') {
  return await send(holder, 'POST', `/api/v1/payments/0751/${ids.get(order)}/ask-account`, payload)
}

async function send(holder: string, method: 'GET' | 'POST', url: string, payload?: unknown) {
  const headers = { authorization: `Bearer ${tokens[holder]}`, 'content-type': 'application/json' }
  const body = payload === undefined ? {} : { payload: JSON.stringify(payload) }
  const answer = await app.inject({ method, url, headers, ...body })
  return { status: answer.statusCode, body: answer.json() }
}

/** As the payment's page and API show it. */
async function specified(order: string) {
  const spec = await line.reader.transaction([CODE], (tx) =>
    readSpecification(tx, CODE, ids.get(order) as string, line.rates),
  )
  return spec === undefined ? undefined : specificationJson(spec).payments[0]
}

const toek = (verb: Verb, ...args: string[]) => command(verb, args, { dataDir, url: line.url, now: now, user: 'anna' })

const bytesOf = (name: string) => readFileSync(join(line.out, 'letter', name))

test('the payee is asked once, by a letter that everybody can read, and the wait is seen', async () => {
  const id = ids.get('KY-1') as string
  assert.equal((await ask('KY-1', {}, 'KY')).status, 403)
  assert.equal((await ask('KY-1', { cpr: '1', answer_by: '2026-02-30' })).body.faults.length, 2)
  const files = [`${id}-1.html`, `${id}-1.pdf`, `${id}-1.memo.xml`]
  const first = await ask('KY-1')
  assert.deepEqual(first, { status: 200, body: { letter: 1, answer_by: '2026-04-23', files, again: false } })
  const [html = '', pdf = '', memo = ''] = files
  assert.deepEqual(checkHtml(bytesOf(html).toString('utf8')), [])
  assert.deepEqual(checkPdf(bytesOf(pdf)), [])
  for (const said of [
    'Du har ingen NemKonto.',
    '23. april 2026',
    '100,00 kr.',
    '31. marts 2026',
    id,
    'Venlig hilsen Aarhus Kommune<',
  ]) {
    assert.ok(bytesOf(html).includes(said), said)
  }
  const cpr = citizenOf(0, '9907')
  assert.ok(bytesOf(memo).includes(`<memo:recipientID>${cpr}</memo:recipientID>`))
  assert.ok(bytesOf(memo).includes('<memo:label>Aarhus Kommune</memo:label>'))
  assert.ok(bytesOf(memo).includes(bytesOf(pdf).toString('base64')))
  assert.ok(!bytesOf(html).includes(cpr) && !bytesOf(pdf).includes(cpr))
  const before = files.map(bytesOf)
  // The program ended before the files had their names.
  for (const name of files) rmSync(join(line.out, 'letter', name))
  now = '2026-04-08T09:00:00.000Z'
  const again = await ask('KY-1', { answer_by: '2026-06-01' })
  assert.deepEqual(again.body, { letter: 1, answer_by: '2026-04-23', files, again: true })
  assert.deepEqual(files.map(bytesOf), before)
  const listed = await toek(returnedVerb, '--municipality', '0751', '--json', '--on', '2026-04-24')
  const { payments, ages, total } = JSON.parse(listed.out)
  const one = payments.find((each: { end_to_end_id: string }) => each.end_to_end_id === id)
  assert.deepEqual([one.asked_on, one.answer_by, one.band], ['2026-04-02', '2026-04-23', 'month'])
  assert.equal(total, 4)
  assert.deepEqual(ages, [{ band: 'month', payments: 4, amount_ore: 100_00 + 200_00 + 400_00 + 600_00 }])
  const late = await toek(returnedVerb, '--municipality', '0751', '--on', '2026-04-24')
  assert.match(late.out, /Bedt om konto 2\. april 2026, svar senest 23\. april 2026\. Fristen er gået/)
  assert.match(late.out, /under en måned: 4, 1\.300,00 kr\./)
  const shown = await specified('KY-1')
  assert.deepEqual([shown?.asked_on, shown?.closed], ['2026-04-02', null])
  assert.match(shown?.text ?? '', /Modtageren er bedt om en konto 2\. april 2026 og kan svare til 23\. april 2026\.$/)
})

test('after the last day a new letter is written; nobody is asked about what an account would not help', async () => {
  now = '2026-04-24T09:00:00.000Z'
  assert.deepEqual((await ask('KY-1')).body.letter, 2)
  const cli = await toek(letterVerb, ids.get('KY-2') as string, '--answer-by', '2026-05-20', '--json')
  assert.equal(JSON.parse(cli.out).letter, 3)
  assert.ok(bytesOf(`${ids.get('KY-2')}-3.html`).includes('Din konto er lukket.'))
  const refused = [
    ['KY-3', 'not_returned'],
    ['KY-4', 'account_not_missing'],
    ['KY-5', 'final_at_state'],
    ['KY-6', 'account_not_missing'],
  ] as const
  for (const [order, code] of refused) {
    const { status, body } = await ask(order)
    assert.equal(status, 409, order)
    assert.match(body.type, new RegExp(`${code}$`), order)
  }
  assert.equal((await toek(verifyVerb, '--municipality', '0751')).code, 0)
  const kept = await line.loader.db.rows<Record<string, unknown>>('select * from letters order by letter_no')
  assert.equal(kept.length, 3)
  assert.doesNotMatch(JSON.stringify(kept), new RegExp(citizenOf(0, '9907')))
  assert.equal(readdirSync(join(line.out, 'letter')).length, 9)
})

test('a letter that somebody could not read is not published, and each fault is told with its place', () => {
  const [template] = LETTER_TEMPLATES
  assert.ok(template !== undefined)
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'
  const broken = { ...template, blocks: [{ kind: 'figure', svg, alt: ' ' } as const] }
  assert.throws(
    () => accessibleOf(fillLetter(broken, {}, now)),
    ({ code, message }: { code: string; message: string }) =>
      code === 'letter_inaccessible' && /page, img 1: .*\(alt_missing\) PDF, Figure 1: /.test(message),
  )
})

test('what nobody claims is listed, proposed and approved on the command line, never while an answer is waited for', async () => {
  const rule = { record: 'unclaimed', municipality: '0751', months: 1, treatment: 'claim', valid_from: '2026-01-01' }
  await line.importText(factFile('FAKTA-0751-unclaimed', '0751', MONTH, [rule]), MONTH)
  assert.equal((await toek(closeReturnedVerb, '--municipality', '0751', '--on', '2026-05-15')).code, 0)
  // One person has told it: it is in the printed rules when another has approved it.
  const annex = async () => (await toek(policyVerb, '--annex', '--municipality', '0751', '--on', '2026-05-15')).out
  const printed = /måneder: beløbet bliver borgerens tilgodehavende\. Én person indstiller, en anden godkender\./
  assert.doesNotMatch(await annex(), printed)
  await approveWaiting(line, CODE, 'godkender', MONTH)
  assert.match(await annex(), printed)
  const told = await toek(policyVerb, '--annex', '--municipality', '0751', '--on', '2026-05-15', '--json')
  const [policy, ...others] = JSON.parse(told.out).policies
  assert.deepEqual([policy.municipality, policy.on, others], ['0751', '2026-05-15', []])
  assert.deepEqual(policy.unclaimed, [
    { source_system: null, benefit: null, from: '2026-01-01', months: 1, treatment: 'claim' },
  ])
  assert.deepEqual(policy.no_account, { treatment: 'refusal', account: '', told: false })
  now = '2026-05-15T09:00:00.000Z'
  // KY-1 may answer until 15 May, KY-2 until 20 May.
  const listed = await toek(closeReturnedVerb, '--municipality', '0751', '--json')
  const unclaimed = JSON.parse(listed.out).unclaimed.map((one: { end_to_end_id: string }) => one.end_to_end_id)
  assert.deepEqual(unclaimed.sort(), [ids.get('KY-4'), ids.get('KY-6')].sort())
  const proposed = await toek(closeReturnedVerb, '--municipality', '0751', '--propose')
  assert.equal(proposed.code, 3)
  assert.match(proposed.out, /0751 lukning 1: 2 poster, 1\.000,00 kr\., opgjort 15\. maj 2026 af anna/)
  const approve = ['--municipality', '0751', '--approve', '1', '--total', '100000']
  await assert.rejects(toek(closeReturnedVerb, ...approve), { code: 'four_eyes' })
  const done = await toek(closeReturnedVerb, ...approve, '--by', 'bo')
  assert.deepEqual(done, { code: 0, out: 'Lukket: 2 poster.\n' })
  const closed = await specified('KY-6')
  assert.equal(closed?.closed, 'claim')
  assert.match(closed?.text ?? '', /^Banken sendte pengene tilbage: modtageren er død \(MD07\)\. Ingen har bedt/)
  now = '2026-05-21T09:00:00.000Z'
  const shown = await send('auditor', 'GET', '/api/v1/unclaimed-returns/0751')
  assert.equal(shown.body.unclaimed.length, 2)
  const path = '/api/v1/unclaimed-returns/0751/closings'
  assert.equal((await send('auditor', 'POST', path, {})).status, 403)
  assert.equal((await send('planlaegger', 'POST', path, {})).body.amount_ore, 300_00)
  const mine = await send('planlaegger', 'POST', `${path}/2/approval`, { total_ore: 300_00 })
  assert.match(mine.body.type, /four_eyes$/)
  assert.equal((await send('godkender', 'POST', `${path}/2/approval`, { on: '2026-02-30' })).body.faults.length, 2)
  await ask('KY-1')
  // Asked about again since it was proposed.
  const changed = toek(closeReturnedVerb, '--municipality', '0751', '--approve', '2', '--total', '30000', '--by', 'bo')
  await assert.rejects(changed, { code: 'closing_changed' })
  const { clearing, findings } = await line.loader.transaction([CODE], (tx) =>
    reconcileMunicipality(tx, CODE, monthOf('2026-06'), line.rates.book.accounts),
  )
  assert.deepEqual(findings, [])
  for (const row of clearing) assert.equal(row.balance_ore, row.explained_ore, row.purpose)
  assert.equal(clearing.find((row) => row.purpose === 'unclaimed')?.balance_ore, -1_000_00)
})
