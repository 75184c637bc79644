/**
 * Payments that an old solution had back when it was taken over: the source's total to the øre, and settled as returns
 * of our own.
 */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import fastify from 'fastify'
import { closeReturnedVerb } from '../src/entry/cli/close-returned.ts'
import { holdVerb } from '../src/entry/cli/hold.ts'
import { outsideVerb } from '../src/entry/cli/outside.ts'
import { personVerb } from '../src/entry/cli/person.ts'
import { returnedVerb } from '../src/entry/cli/returned-list.ts'
import { payAgainVerb } from '../src/entry/cli/returned.ts'
import { openReader, registerPages } from '../src/entry/web/index.ts'
import type { Verb } from '../src/entry/cli/verbs.ts'
import { whatIfVerb } from '../src/entry/cli/what-if.ts'
import { readMonthOverview } from '../src/modules/overview/index.ts'
import { reconcileMunicipality } from '../src/modules/reconciliation/index.ts'
import { checkTold } from './support/check-told.ts'
import { command } from './support/command.ts'
import { citizenOf, factFile } from './support/files.ts'
import { monthOf, testLine } from './support/line.ts'
import { approveWaiting } from './support/play-rules.ts'
import { accountRows, toldErp } from './support/told-rows.ts'

const line = await testLine()
after(() => line.close())

const NUMBER = 37
/** Paid again; and back once more; dead before it is sent; closed; back for a technical fault; paid elsewhere. */
const [ANNA, BO, CARL, DORA, EVA, FINN] = [0, 1, 2, 3, 4, 5]
/** Of a benefit with tax: what lies there is what was left of it. */
const GERDA = NUMBER - 1
const HERE = ['--municipality', '0147'] as const
const CPR = Array.from({ length: NUMBER }, (_, i) => citizenOf(7_000 + i, i === BO ? '9907' : undefined))

const RETURNS = CPR.map((id, i) => ({
  record: 'return_opening',
  municipality: '0147',
  source_system: i === GERDA ? 'KY' : 'KP',
  return_key: `KP-R-${i}`,
  case_key: `SAG-${i}`,
  payee: { type: 'cpr', id },
  benefit: i === DORA ? 'helbredstillaeg' : i === GERDA ? 'kontanthjaelp' : 'personligt_tillaeg',
  period: { from: '2025-11-01', to: '2025-12-01' },
  amount_ore: 10_007 + ((i * 7_919) % 250_000),
  paid_on: '2025-11-28',
  returned_on: '2025-12-02',
  reference: `UDB-${i}`,
  answer: 9,
  code: i === EVA ? 'TM01' : 'AC04',
}))
const oreOf = (i: number) => RETURNS[i]?.amount_ore ?? 0
const TOTAL = RETURNS.reduce((sum, one) => sum + one.amount_ore, 0)

const ON = '2026-03-03T09:00:00Z'

async function toek(verb: Verb, now: string, user: string, ...args: string[]) {
  return await command(verb, [...args], { dataDir: dirname(line.out), url: line.url, now, user })
}

interface Listed {
  readonly end_to_end_id: string
  readonly amount_ore: number
  readonly attempt: number
  readonly age_days: number
  readonly step: string
  readonly taken_over: { readonly key: string; readonly reference: string } | null
}

async function listed(now: string): Promise<{ total: number; ages: unknown; payments: readonly Listed[] }> {
  return JSON.parse((await toek(returnedVerb, now, 'Ida', ...HERE, '--json')).out)
}

const named = new Map<string, string>()
const nameOf = (i: number): string => named.get(`KP-R-${i}`) ?? ''

/** Clearing accounts that are not at zero, each explained; and nothing is found. */
async function open(month = '2026-03') {
  const { clearing, findings } = await line.loader.transaction([147], (tx) =>
    reconcileMunicipality(tx, 147, monthOf(month), line.rates.book.accounts),
  )
  assert.deepEqual(findings, [])
  for (const row of clearing) assert.equal(row.balance_ore, row.explained_ore, row.purpose)
  return clearing.filter((row) => row.balance_ore !== 0).map((row) => [row.purpose, row.balance_ore, row.open_items])
}

async function told(id: string, records: readonly unknown[], month = '2026-03') {
  return await line.importText(factFile(id, '0147', month, records), month)
}

const ALL_OPEN = [['returned', -TOTAL, NUMBER]]

test('37 returned payments of a takeover are the source’s total to the øre, each listed with what it is and its age', async () => {
  const taken = await told('FAKTA-1', RETURNS)
  assert.deepEqual([taken.accepted, taken.refused], [NUMBER, []])
  assert.deepEqual(await open(), ALL_OPEN)
  const { total, ages, payments } = await listed('2026-03-02T09:00:00Z')
  assert.deepEqual([total, ages], [NUMBER, [{ band: 'quarter', payments: NUMBER, amount_ore: TOTAL }]])
  for (const [i, one] of payments.entries()) {
    named.set(one.taken_over?.key ?? '', one.end_to_end_id)
    assert.deepEqual([one.amount_ore, one.attempt, one.age_days], [oreOf(i), 1, 90])
    assert.equal(one.taken_over?.reference, `UDB-${i}`)
  }
  const accounts = Object.fromEntries((await accountRows(line, [147])).map((row) => [row['konto'], row['saldo']]))
  const [opening, returned] = ['8.52.59.5.109', '8.52.59.5.102'].map((one) => accounts[one] ?? '')
  assert.deepEqual([Object.keys(accounts).length, returned], [2, `-${opening}`])
})

test('pages show it: the month in which it was taken over, the payment and the order', async () => {
  const { returnedTotal, returned } = await line.reader.transaction([147], (tx) =>
    readMonthOverview(tx, 147, monthOf('2026-03'), 10, line.rates),
  )
  assert.deepEqual([returnedTotal, returned[0]?.endToEndId], [NUMBER, nameOf(0)])
  const [app, reader] = [fastify(), openReader(line.url)]
  registerPages(app, { mode: 'demo', reader, rates: line.rates, now: () => ON, readClosing: async () => undefined })
  for (const url of [`/betalinger/${nameOf(GERDA)}`, `/kommuner/0147/ordrer/KY/KP-R-${GERDA}%20retur`]) {
    const { statusCode, body } = await app.inject({ url })
    assert.equal(statusCode, 200, url)
    assert.match(body, /Betalt af den tidligere løsning og kommet retur/)
    assert.match(body, /Meldt af den tidligere løsning før overtagelsen\. Det meldes ikke herfra\./)
    assert.match(body, /Bogført af den tidligere løsning\. Udgiften bogføres ikke herfra igen\./)
    assert.doesNotMatch(body, /Ikke meldt endnu|ikke fået posteringerne endnu/)
    // What was withheld is not told: nothing is called gross.
    assert.doesNotMatch(body, /Ydelse før fradrag/)
  }
  await app.close()
  await reader.close()
})

test('told again it has no effect; other content under a known key, and days that cannot be, are faults of their line', async () => {
  const again = await told('FAKTA-2', [...RETURNS, RETURNS[0]])
  assert.deepEqual([again.accepted, again.refused], [NUMBER + 1, []])
  const wrong = await told('FAKTA-3', [
    { ...RETURNS[5], amount_ore: oreOf(5) + 1 },
    { ...RETURNS[5], return_key: 'KP-R-A', returned_on: '2026-03-02' },
    { ...RETURNS[5], return_key: 'KP-R-B', returned_on: '2025-11-27' },
    { ...RETURNS[5], return_key: 'KP-R-C', answer: 8 },
  ])
  const faults = wrong.refused.flatMap((one) => one.faults.map(({ pointer, code }) => `${one.line} ${pointer} ${code}`))
  assert.deepEqual(faults.sort(), [
    '2 /return_key return_opening_conflict',
    '3 /returned_on return_opening_dates',
    '4 /returned_on return_opening_dates',
    '5 /answer unknown_value',
  ])
  assert.deepEqual(await open(), ALL_OPEN)
})

const act = async (verb: Verb, user: string, ...args: string[]) => (await toek(verb, ON, user, ...args)).code

test('paid again they wait on the clearing account; paid elsewhere and closed they leave the return account too', async () => {
  const rule = { record: 'unclaimed', municipality: '0147', benefit: 'helbredstillaeg', valid_from: '2026-01-01' }
  await told('FAKTA-4', [{ ...rule, months: 3, treatment: 'income' }])
  await approveWaiting(line, 147, 'Bente', '2026-03')
  for (const who of [ANNA, BO, CARL]) await act(payAgainVerb, 'Ida', nameOf(who), '--reason', 'ny konto')
  await assert.rejects(act(payAgainVerb, 'Ida', nameOf(ANNA), '--reason', 'igen'), { code: 'nothing_left' })
  const held = await toek(holdVerb, ON, 'Ida', nameOf(EVA), '--reason', 'vent', '--owner', 'Ida')
  assert.match(held.out, /kommet retur/)

  const order = ['KP', `KP-R-${FINN} retur`, '--amount', String(oreOf(FINN)), '--paid-on', '2026-03-02']
  const by = ['--reference', 'KASSE-1', '--document', 'B-1', ...HERE]
  await act(outsideVerb, 'Ida', 'register', ...order, ...by)
  assert.equal(await act(outsideVerb, 'Bente', 'approve', '1', ...HERE), 0)

  await act(closeReturnedVerb, 'Ida', ...HERE, '--propose')
  const approve = [...HERE, '--approve', '1', '--total', String(oreOf(DORA))]
  await assert.rejects(act(closeReturnedVerb, 'Ida', ...approve), { code: 'four_eyes' })
  assert.equal(await act(closeReturnedVerb, 'Bente', ...approve), 0)
  const due = oreOf(ANNA) + oreOf(BO) + oreOf(CARL)
  assert.deepEqual((await open()).sort(), [
    ['net_payable', -due, 3],
    ['paid_outside', -oreOf(FINN), 1],
    ['returned', due + oreOf(DORA) + oreOf(FINN) - TOTAL, NUMBER - 5],
  ])
})

test('one is accepted; one comes back once more and is as old; one is dead before it is sent; nothing is told twice', async () => {
  await told('FAKTA-5', [{ record: 'party_event', cpr: CPR[CARL], event: 'death', date: '2026-03-03' }])
  for (const month of ['2026-03', '2026-04']) {
    const { reconciliations } = await line.runMonth(month, [147])
    for (const { totals } of reconciliations) {
      // What the old solution sent and had back is none of our payments.
      assert.deepEqual([totals.orders, totals.gross_ore, totals.net_ore], [0, 0, 0])
      assert.deepEqual([totals.payments_sent, totals.payments_accepted, totals.payments_returned], [2, 1, 1])
      assert.equal(totals.bank_ore, oreOf(ANNA))
    }
  }
  assert.deepEqual((await open('2026-04')).sort(), [
    ['net_payable', -oreOf(CARL), 1],
    ['paid_outside', -oreOf(FINN), 1],
    ['returned', oreOf(ANNA) + oreOf(CARL) + oreOf(DORA) + oreOf(FINN) - TOTAL, NUMBER - 4],
  ])
  // Of the one that was accepted nothing is left on any account but the bank's and that of the takeover.
  const left = await line.reader.transaction([147], (tx) =>
    tx.rows<{ account: string; ore: number }>(
      `select l.account, sum(l.debit_ore - l.credit_ore)::bigint as ore from ledger_lines_v1 l
       join orders o on o.municipality_code = 147 and o.order_id = l.item_id >> 6
       where l.municipality = 147 and o.order_key = 'KP-R-${ANNA} retur' group by 1 order by 1`,
    ),
  )
  assert.deepEqual(
    left.filter((row) => row.account === '8.52.59.5.102' || row.account === '8.52.59.5.109'),
    [
      { account: '8.52.59.5.102', ore: 0 },
      { account: '8.52.59.5.109', ore: oreOf(ANNA) },
    ],
  )
  // In the demo age is reckoned at the end of the month that was run last, however late it is asked: 2026-04-09.
  const { total, payments } = await listed('2026-05-01T09:00:00Z')
  assert.equal(total, NUMBER - 4)
  assert.deepEqual([payments[0]?.amount_ore, payments[0]?.attempt, payments[0]?.age_days], [oreOf(BO), 2, 128])
  // A technical fault of banks: the old solution has tried, so a person must.
  const eva = payments.find((one) => one.end_to_end_id === nameOf(EVA))
  assert.deepEqual([eva?.step, eva?.attempt], ['ask_bank', 1])
  // Of the benefits the ERP has heard of the one that stays with the municipality alone.
  assert.deepEqual([toldErp(line, '0147', '5.48.67.1.006'), toldErp(line, '0147', '5.48.67.1.002')], [0, -oreOf(DORA)])
  await checkTold(line, [147])
})

test('a citizen’s extract has it from the day on which it was told', async () => {
  const person = (...more: string[]) =>
    toek(personVerb, '2026-05-01T09:00:00Z', 'revisor', CPR[EVA] ?? '', ...HERE, ...more)
  await assert.rejects(person('--known-on', '2026-02-28'), { code: 'unknown' })
  const { payments } = JSON.parse((await person('--known-on', '2026-03-02', '--json')).out)
  assert.deepEqual([payments.length, payments[0].end_to_end_id, payments[0].returns.length], [1, nameOf(EVA), 1])
  assert.deepEqual([payments[0].taken_over.reference, payments[0].amount_ore], [`UDB-${EVA}`, oreOf(EVA)])
})

test('another rate changes nothing of what an old solution paid and had back', async () => {
  const rate = { kind: 'rate', name: 'obligatory_pension', rate_percent: '9', from: '2025-01-01' }
  const path = join(dirname(line.out), 'rate.json')
  writeFileSync(path, JSON.stringify([rate]))
  const { items, totals } = JSON.parse((await toek(whatIfVerb, ON, 'Ida', path, ...HERE, '--json')).out)
  assert.deepEqual([items, totals.items], [NUMBER, 0])
})
