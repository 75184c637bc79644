/**
 * A day of payments of which the rail refuses two: bank and ERP differ by the return account alone, so that the day is
 * approved. What comes late about it is posted on the next open day, and the database takes nothing more on it.
 */
import assert from 'node:assert/strict'
import { dirname } from 'node:path'
import { after, test } from 'node:test'
import { day } from '../src/base/date.ts'
import { connect } from '../src/base/db.ts'
import { type Municipality, numbered } from '../src/base/id.ts'
import type { Ore } from '../src/base/money.ts'
import { dayVerb } from '../src/entry/cli/day.ts'
import { demoTokens } from '../src/entry/http/demo-tokens.ts'
import { buildServer } from '../src/entry/http/server.ts'
import { actWork } from '../src/entry/line/act-work.ts'
import { matchLine } from '../src/entry/line/match-line.ts'
import { payAgain } from '../src/entry/line/pay-again.ts'
import { sweep } from '../src/entry/line/sweep.ts'
import { workText } from '../src/entry/text/index.ts'
import { ledgerBatchNo, ledgerWriter, verifyMunicipality } from '../src/modules/ledger/index.ts'
import { reconcileMunicipality } from '../src/modules/reconciliation/index.ts'
import { readWorkItems } from '../src/modules/work-items/index.ts'
import { checkTold } from './support/check-told.ts'
import { command } from './support/command.ts'
import { benefitOrder, citizenOf, factFile, orderFile } from './support/files.ts'
import { monthOf, testLine } from './support/line.ts'
import { accountOf } from './support/local-facts.ts'
import { toldErp } from './support/told-rows.ts'

const line = await testLine()
after(() => line.close())

const MONTH = '2026-03'
const DAY = '2026-03-31'
const LATER = '2026-04-07T08:00:00Z'
const COST = '5.48.67.1.006'
const ALL = 1_184_230_000
const REFUSED = 1_894_200
/** The bank sends it back the day after; we hear of it late. */
const BACK = 928_000

/** Tax-free, so that what is ordered is what is paid. */
function order(code: string, number: number, ore: number, last4?: string) {
  const what = { benefit: 'personligt_tillaeg', kle: '32.03.12' }
  return benefitOrder({ key: `KP-${number}`, municipality: code, citizen: citizenOf(number, last4), ore, ...what })
}

async function reconciled(code: Municipality, month = MONTH) {
  return await line.loader.transaction([code], (tx) =>
    reconcileMunicipality(tx, code, monthOf(month), line.rates.book.accounts),
  )
}

/** `toek day` as Bo gives it; its exit code, or the code of its refusal, and what it said. */
async function toek(code: string, date: string, args: readonly string[] = [], { now = LATER, user = 'Bo' } = {}) {
  const asked = { dataDir: dirname(line.out), url: line.url, now, user }
  const done = command(dayVerb, ['--municipality', code, '--date', date, ...args], asked)
  return await done.catch((error: { code: string; message: string }) => ({ code: error.code, out: error.message }))
}

async function shown(code: string, date: string) {
  const { code: exit, out } = await toek(code, date, ['--json'])
  return { exit, ...JSON.parse(out) }
}

async function postedOn(code: Municipality): Promise<readonly string[]> {
  const rows = await line.reader.transaction([code], (tx) =>
    tx.rows<{ text: string }>(
      `select posting_date || ' ' || value_date || ' ' || sum(amount_ore) as text from ledger_batches
       where transfers > 0 group by posting_date, value_date order by 1`,
    ),
  )
  return rows.map((row) => row.text)
}

test('1,250 payments of 11,842,300.00, two of 18,942.00 refused: bank and ERP differ by the return account alone', async () => {
  const fates = ['9907', '9907', '9909']
  const orders = Array.from({ length: 1250 }, (_, i) => {
    return order('0101', i, i < 2 ? REFUSED / 2 : i === 2 ? BACK : 947_400, fates[i])
  })
  const file = orderFile('KP-0101-1', MONTH, orders)
  assert.equal((await line.importText(file, MONTH)).accepted, 1250)
  const late = { how: 'withheld', of: accountOf('0101', 'ydelser'), on: '2026-04-01' }
  await line.rail.post('/misbehave', { wrong: late })
  await line.runMonth(MONTH, [101])
  const { totals, clearing, findings, compared } = await reconciled(101)
  assert.deepEqual(findings, [])
  assert.deepEqual([totals.net_ore, totals.bank_ore], [ALL, ALL - REFUSED])
  assert.deepEqual([totals.payments_sent, totals.payments_accepted, totals.payments_returned], [1250, 1248, 2])
  assert.equal(toldErp(line, '0101', COST), ALL, 'the ERP has the whole cost')
  const open = clearing.filter((row) => row.balance_ore !== 0 || row.explained_ore !== 0)
  assert.deepEqual(
    open.map((row) => [row.purpose, row.balance_ore, row.explained_ore, row.open_items]),
    [['returned', -REFUSED, -REFUSED, 2]],
  )
  for (const { what, ours, theirs } of compared) assert.equal(ours, theirs, what)
  await checkTold(line, [101])

  const { exit, systems, bank_ore, unexplained, waits, findings: found, after: since } = await shown('0101', DAY)
  assert.deepEqual([exit, since, bank_ore, unexplained, waits, found], [3, null, ALL - REFUSED, [], [], []])
  assert.deepEqual(systems, [
    {
      source_system: 'KP',
      sent: { payments: 1250, ore: ALL },
      accepted: { payments: 1248, ore: ALL - REFUSED },
      returned: { payments: 2, ore: REFUSED },
      bank_ore: ALL - REFUSED,
      erp_ore: ALL,
      difference_ore: REFUSED,
      explained: [{ why: 'returned', payments: 2, ore: REFUSED, named: ['0101R1N1', '0101R1N2'] }],
    },
  ])
  assert.match(
    (await toek('0101', DAY)).out,
    /forskel, ERP og bank {20,}18\.942,00 kr\.\n {4}returneret +2 +18\.942,00 kr/,
  )
})

/** One øre from the return account that nothing is behind, or back again. */
async function strayOre(way: 'out' | 'back'): Promise<void> {
  await line.loader.inTurn(101, async (tx) => {
    const workNo = await actWork(tx, 101, 'stray', LATER, {})
    const [bank, returned] = [line.rates.account('bank').id, line.rates.account('returned').id]
    const book = ledgerWriter(101)
    const ledger = book.batch(ledgerBatchNo(workNo, 0), day(DAY), LATER)
    ledger.entry(workNo)
    const [debit, credit] = way === 'out' ? [returned, bank] : [bank, returned]
    ledger.transfer(0, 0, debit, credit, 1 as Ore, 0)
    await book.write(tx)
  })
}

test('the day is approved once, when it is over, as it was seen, and not while an øre is unexplained', async () => {
  const { view } = await shown('0101', DAY)
  const approve = ['--approve', '--view', view]
  assert.equal((await toek('0101', DAY, approve, { now: '2026-03-31T21:59:00Z' })).code, 'day_not_over')
  assert.equal((await toek('0101', DAY, ['--approve'])).code, 'view_missing')
  await strayOre('out')
  assert.equal((await toek('0101', DAY, approve)).code, 'stale_view')
  const stray = await shown('0101', DAY)
  assert.deepEqual([stray.exit, stray.unexplained], [1, [{ what: 'returned', ore: 1 }]])
  const refused = await toek('0101', DAY, ['--approve', '--view', stray.view])
  assert.equal(refused.code, 'day_unexplained')
  assert.match(refused.out, /^2026-03-31 in 0101 cannot be approved\. returned: 1 øre that no open item explains\.$/)
  assert.match((await toek('0101', DAY)).out, /UFORKLARET Returnerede betalinger: 0,01 kr\.\nKan ikke godkendes\.\n$/)
  await strayOre('back')

  const { code, out } = await toek('0101', DAY, approve, { now: '2026-03-31T22:01:00Z' })
  assert.equal(code, 0)
  assert.match(out, /Godkendt af Bo 2026-04-01 00:01, til og med 2026-03-31\.\n$/)
  for (const date of [DAY, '2026-03-30']) {
    const again = await toek('0101', date, approve)
    assert.deepEqual([again.code, /was approved by Bo .* to 2026-03-31\.$/.test(again.out)], ['day_approved', true])
  }
  assert.equal((await shown('0101', DAY)).exit, 0)
  const audit = await line.loader.db.rows<{ actor: string; subject: string; detail: { payments: number } }>(
    `select actor, subject, detail from audit_log where command = 'day.approve'`,
  )
  assert.deepEqual(
    audit.map((row) => [row.actor, row.subject, row.detail.payments]),
    [['Bo', DAY, 1250]],
  )
})

test('over the API an approver approves the next day, with what has come since; nobody else does', async () => {
  const owner = await connect(line.url, 'owner')
  const dataDir = dirname(line.out)
  const tokens = await demoTokens(owner, { mode: 'demo', dataDir, municipalities: [101], now: '2026-01-01T00:00:00Z' })
  await owner.close()
  const folders = { out: line.out, in: line.incoming }
  const app = await buildServer({ url: line.url, rates: line.rates, folders, now: () => LATER, mode: 'demo' })
  try {
    const send = async (holder: string, method: 'GET' | 'POST', path: string, body?: unknown) => {
      const headers = { authorization: `Bearer ${tokens[holder]}`, 'content-type': 'application/json' }
      const payload = body === undefined ? {} : { payload: JSON.stringify(body) }
      const answer = await app.inject({ method, url: `/api/v1/days/0101/${path}`, headers, ...payload })
      return { status: answer.statusCode, body: answer.json() }
    }
    assert.equal((await send('KP', 'GET', '2026-04-01')).status, 403)
    const { body: seen } = await send('auditor', 'GET', '2026-04-01')
    assert.deepEqual([seen.after, seen.systems, seen.approved_until], [DAY, [], null])
    const path = '2026-04-01/approval'
    assert.equal((await send('planlaegger', 'POST', path, { view: seen.view })).status, 403)
    assert.equal((await send('godkender', 'POST', path, {})).body.type, 'urn:toek:problem:view_missing')
    assert.equal((await send('godkender', 'POST', path, { view: '0'.repeat(16) })).status, 409)
    const { status, body } = await send('godkender', 'POST', path, { view: seen.view })
    assert.deepEqual([status, body.approved_until, body.approved_by], [200, '2026-04-01', 'godkender'])
  } finally {
    await app.close()
  }
})

test('what comes late is posted on the next open day, an order of the day is paid later, and all is explained', async () => {
  const before = await postedOn(101)
  await line.rail.post('/mend', {})
  await line.importText(orderFile('KP-0101-2', MONTH, [order('0101', 9_000, 50_000)]), MONTH)
  // The scripted month lies before the approval: what is calculated in it is not paid on a day that is approved.
  await line.runMonth(MONTH, [101])
  await line.runMonth('2026-04', [101])
  const now = await postedOn(101)
  const fresh = now.filter((row) => !before.includes(row))
  assert.deepEqual(
    before,
    now.filter((row) => before.includes(row)),
    'nothing more on the approved days',
  )
  assert.deepEqual(
    fresh.map((row) => row.slice(0, 21)),
    ['2026-04-02 2026-04-01', '2026-04-08 2026-04-08'],
    'the bank’s return, and the order on the first day on which it can be paid',
  )
  const { totals, clearing, findings } = await reconciled(101, '2026-04')
  assert.deepEqual([findings, totals.payments_returned, totals.payments_sent], [[], 3, 1251])
  assert.deepEqual(
    clearing.filter((row) => row.balance_ore !== 0).map((row) => [row.purpose, row.balance_ore, row.explained_ore]),
    [['returned', -REFUSED - BACK, -REFUSED - BACK]],
  )
  const { systems, after: since } = await shown('0101', '2026-04-09')
  assert.deepEqual([since, systems[0].sent], ['2026-04-01', { payments: 1, ore: 50_000 }])
  assert.equal(await line.loader.transaction([101], (tx) => verifyMunicipality(tx, 101)), undefined)
})

test('where days are approved, one that is not is a task from the third bank day on', async () => {
  const due = async (code: Municipality, at: string) => {
    await sweep(
      { connection: line.loader, rates: line.rates, folders: { out: '', in: '' }, at: () => undefined },
      code,
      at,
    )
    const { items } = await line.reader.transaction([code], (tx) => readWorkItems(tx, [code], 100))
    return items.filter((one) => one.kind === 'day_due').map((one) => `${one.owner}: ${workText(one)}`)
  }
  assert.deepEqual(await due(101, '2026-04-13T13:59:00Z'), [])
  const late = ['kommune: 2026-04-08: ikke godkendt; frist 2026-04-13 16:00, passeret']
  assert.deepEqual(await due(101, '2026-04-13T14:01:00Z'), late)
  const now = '2026-04-14T08:00:00Z'
  const { view } = await shown('0101', '2026-04-09')
  assert.equal((await toek('0101', '2026-04-09', ['--approve', '--view', view], { now })).code, 0)
  assert.deepEqual(await due(101, now), [])
})

test('a claim that is opened and a payment that is made again about an approved day are booked on the next one', async () => {
  const before = await postedOn(101)
  const claim = {
    record: 'claim_opening',
    claim_key: 'KP-F-1',
    municipality: '0101',
    debtor: { type: 'cpr', id: citizenOf(5) },
    benefit: 'personligt_tillaeg',
    period: { from: '2025-11-01', to: '2025-12-01' },
    amount_ore: 70_000,
    due_date: '2026-01-15',
    cause: 'urigtig_oplysning',
  }
  assert.equal((await line.importText(factFile('FAKTA-0101-1', '0101', MONTH, [claim]), MONTH)).accepted, 1)
  const act = { municipality: 101, reason: 'Kontoen er oplyst', by: 'Ida', at: '2026-03-31T10:00:00Z' }
  await line.loader.inTurn(101, (tx) => payAgain(tx, line.rates, numbered(1, 1), act))
  const fresh = (await postedOn(101)).filter((row) => !before.includes(row))
  assert.deepEqual(fresh, ['2026-04-10 2026-03-01 70000', `2026-04-10 2026-03-31 ${REFUSED / 2}`])
  for (const row of (await reconciled(101, '2026-04')).clearing) assert.equal(row.balance_ore, row.explained_ore)
})

test('the database takes no batch on an approved day, and says so to who asked; nor is an approval taken back', async () => {
  const batch = (date: string) =>
    `insert into ledger_batches values (101, 536000000, '${date}', '${date}', now(), 0, 0, 0, sha256(''))`
  for (const date of ['2026-02-28', DAY, '2026-04-01']) {
    await assert.rejects(
      line.loader.transaction([101], (tx) => tx.run(batch(date))),
      new RegExp(`The day ${date} of municipality 0101 is approved`),
    )
  }
  const owner = await connect(line.url, undefined)
  try {
    await assert.rejects(
      owner.transaction([101], async (tx) => {
        await tx.run(batch('2026-04-11'))
        await tx.run(`delete from approved_days`)
      }),
      /never changed or removed/,
    )
  } finally {
    await owner.close()
  }
  const connection = await connect(line.url, 'loader')
  try {
    const book = ledgerWriter(101)
    const ledger = book.batch(536_000_000, day(DAY), LATER)
    ledger.entry(1)
    ledger.transfer(0, 0, 1, 2, 1 as Ore, 0)
    const told = { code: 'day_shut', message: /^The day 2026-03-31 of municipality 0101 is approved: nothing of this/ }
    await assert.rejects(
      connection.transaction([101], (tx) => book.write(tx)),
      told,
    )
  } finally {
    await connection.close()
  }
})

test('a run that waits and a bank line that nobody knows stop the approval; who explains a line does not approve', async () => {
  const orders = [1, 2, 3].map((i) => order('0147', 5_000 + i, 100_000))
  await line.importText(orderFile('KP-0147-1', MONTH, orders), MONTH)
  await line.runMonth(MONTH, [147], 'waits')
  const waiting = await shown('0147', DAY)
  assert.deepEqual([waiting.exit, waiting.waits], [1, [{ what: '0147R1', payments: 3, ore: 300_000 }]])
  assert.equal((await toek('0147', DAY, ['--approve', '--view', waiting.view])).code, 'day_unexplained')

  const bundles = await line.reader.transaction([147], (tx) =>
    tx.rows<{ unit: number }>('select unit from payment_bundles'),
  )
  const bundle = `0147R1U${bundles[0]?.unit}`
  await line.rail.post('/misbehave', { wrong: { how: 'nameless', of: bundle } })
  await line.runMonth(MONTH, [147])
  const nameless = await shown('0147', DAY)
  assert.deepEqual(
    [nameless.exit, nameless.unexplained, ...nameless.findings.map((one: { what: string }) => one.what)],
    [1, [], 'bank_line_unmatched', 'bank_line_missing', 'bank_line_missing', 'bank_line_missing'],
  )
  assert.deepEqual(
    nameless.systems[0].explained.map((one: { why: string; ore: number }) => [one.why, one.ore]),
    [['in_transit', 300_000]],
  )
  const refused = await toek('0147', DAY, ['--approve', '--view', nameless.view])
  assert.equal(refused.code, 'day_unexplained')
  assert.match(refused.out, /bank_line_unmatched .*: Banken har bogført -3\.000,00 kr\. den 2026-03-31/)

  const [found] = await line.reader.transaction([147], (tx) =>
    tx.rows<{ bank_ref: string }>(`select bank_ref from statement_entries where match = 'unmatched'`),
  )
  const where = { connection: line.loader, rates: line.rates, folders: { out: '', in: '' }, at: () => undefined }
  const hand = {
    account: '',
    bankRef: found?.bank_ref ?? '',
    to: bundle,
    by: 'Ida',
    at: LATER,
    reason: 'Beløbet er bundtets',
  }
  await matchLine(where, 147, hand)
  const { exit, view } = await shown('0147', DAY)
  assert.equal(exit, 3)
  assert.equal((await toek('0147', DAY, ['--approve', '--view', view], { user: 'Ida' })).code, 'own_match')
  assert.equal((await toek('0147', DAY, ['--approve', '--view', view])).code, 0)
})
