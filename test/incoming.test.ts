/**
 * Files of rail and bank in numbers, orders and states that nobody plans: many of them, late ones about a closed month.
 * What a single rule comes to stands in scenarios; here it is what they have together.
 */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { writeStatement } from '../src/adapters/bank/write-statement.ts'
import { writeAnswerFile } from '../src/adapters/nemkonto/write-answer-file.ts'
import { addDays, type Day, day, formatDay } from '../src/base/date.ts'
import { connect } from '../src/base/db.ts'
import type { Municipality } from '../src/base/id.ts'
import type { Ore } from '../src/base/money.ts'
import type { RailAnswer } from '../src/modules/payments/index.ts'
import { verifyMunicipality } from '../src/modules/ledger/index.ts'
import { citizenOf, orderFile, type OrderRecord } from './support/files.ts'
import { type TestLine, testLine } from './support/line.ts'

const line = await testLine()
after(() => line.close())

const MONTH = '2026-03'

/** KP's personligt tillæg is tax-free, so that what is ordered is what is paid. */
function order(code: string, number: number, last4?: string): OrderRecord {
  const party = { type: 'cpr', id: citizenOf(Number(code) * 100 + number, last4) }
  return {
    order_key: `KP-${number}`,
    version: 1,
    source_system: 'KP',
    municipality: code,
    case_key: `SAG-${number}`,
    state: 'active',
    decision: { key: `A-${number}`, date: '2026-03-02' },
    beneficiary: party,
    payee: party,
    disposition_date: '2026-03-31',
    settle: 'on_disposition_date',
    lines: [
      {
        line_key: '1',
        kind: 'benefit',
        benefit: 'personligt_tillaeg',
        component: 'tillaeg',
        kle: '32.03.12',
        sensitivity: 'FOELSOMME_PERSONOPLYSNINGER',
        legal_basis: 'opdigtet',
        period: { from: '2026-03-01', to: '2026-04-01' },
        quantity: { unit: 'month', value: '1' },
        amount_ore: 100_000 + number,
        repayable: false,
        text: 'Ydelse',
      },
    ],
  } as unknown as OrderRecord
}

/** A month of so many payments, run to its end without a word of those whom the rail keeps silent about. */
async function paidMonth(
  code: string,
  payments: number,
  silent: readonly number[] = [],
  fate?: string,
): Promise<Municipality> {
  const orders = Array.from({ length: payments }, (_, i) => order(code, i, silent.includes(i + 1) ? fate : undefined))
  await line.importText(orderFile(`KP-${code}-1`, MONTH, orders), MONTH)
  const municipality = Number(code)
  await line.runMonth(MONTH, [municipality], 'waits')
  for (const number of silent) await line.rail.post('/misbehave', { drop_answer: `${code}R1N${number}` })
  await line.runMonth(MONTH, [municipality])
  return municipality
}

function layAnswers(at: TestLine, fileId: string, suffix: string, answers: readonly RailAnswer[]): void {
  const header = { answerId: `${fileId}${suffix}`, fileId, createdAt: `${MONTH}-28T11:05:00`, count: answers.length }
  writeFileSync(join(at.incoming, `NKS-${fileId}${suffix}.xml`), [...writeAnswerFile(header, answers)].join(''))
}

function answer(ref: string, kind: RailAnswer['kind'], reason = ''): RailAnswer {
  return { kind, ref, reason, waitingAccount: false }
}

/** A day on which nothing moved. */
function layQuietDay(account: string, number: number, date: Day, balance: number): void {
  const [at, ore] = [formatDay(date), balance as Ore]
  const header = { statementId: `${account}-${at}`, number, account, date, opening: ore, closing: ore }
  const text = [...writeStatement(header, [], { version: '08', createdAt: `${at}T23:00:00` })].join('')
  writeFileSync(join(line.incoming, `camt053-${account}-${at}.xml`), text)
}

function rows<T extends object>(code: Municipality, sql: string): Promise<T[]> {
  return line.loader.transaction([code], (tx) => tx.rows<T>(sql))
}

/** Where an account's statements have come to: the last number and balance of those in the folder. */
async function standing(code: Municipality, account: string): Promise<{ number: number; balance: number }> {
  const [last] = await rows<{ number: number; balance: number }>(
    code,
    `select (header->>'number')::int as number, (header->>'closing')::bigint as balance from received_files
     where kind = 'statement' and header->>'account' = '${account}' order by 1 desc limit 1`,
  )
  return last ?? { number: 0, balance: 0 }
}

test('40 answer files on one run and 60 daily statements of two accounts are taken in, and the next month goes on', async () => {
  const code = await paidMonth(
    '0101',
    45,
    Array.from({ length: 40 }, (_, i) => i + 1),
  )
  for (let n = 1; n <= 40; n++) layAnswers(line, '0101R1', `-x${n}`, [answer(`0101R1N${n}`, 8)])
  const accounts = [...new Set(line.rates.units(code, day('2026-03-31')).map((unit) => unit.debitAccount))].slice(0, 2)
  assert.equal(accounts.length, 2)
  for (const account of accounts) {
    const { number, balance } = await standing(code, account)
    for (let i = 1; i <= 60; i++) layQuietDay(account, number + i, addDays(day('2026-04-01'), i), balance)
  }
  const { reconciliations } = await line.runMonth('2026-06', [code])
  assert.deepEqual(reconciliations[0]?.findings, [])
  assert.equal(reconciliations[0]?.totals.payments_accepted, 45)
  const taken = await rows<{ kind: string; n: number }>(
    code,
    'select kind, count(*)::int as n from received_files group by 1 order by 1',
  )
  assert.deepEqual(
    taken.map(({ kind, n }) => [kind, n >= 40]),
    [
      ['answers', true],
      ['statement', true],
    ],
  )
  const next = { ...order('0101', 99), disposition_date: '2026-07-31' }
  await line.importText(orderFile('KP-0101-2', '2026-07', [next]), '2026-07')
  assert.equal((await line.runMonth('2026-07', [code], 'waits')).released, false)
  const [planned] = await rows<{ highest: number; beyond: number }>(
    code,
    `select max(work_no) filter (where kind in ('calculate', 'run')) as highest,
       count(*) filter (where work_no >= 2097152)::int as beyond from work_batches`,
  )
  assert.ok(planned !== undefined && planned.highest < 200 && planned.beyond > 100, JSON.stringify(planned))
  assert.equal(await line.loader.transaction([code], (tx) => verifyMunicipality(tx, code)), undefined)
  // Taken in once: a run more changes nothing.
  const before = await rows(code, 'select * from received_files order by work_no')
  await line.runMonth('2026-07', [code], 'waits')
  await line.runMonth('2026-06', [code])
  assert.deepEqual(await rows(code, 'select * from received_files order by work_no'), before)
})

test('a refusal about a closed month is posted on the first open day, with its own value date', async () => {
  const code = await paidMonth('0147', 3, [2], '9907')
  const owner = await connect(line.url, undefined)
  try {
    await owner.db.rows(`insert into closed_periods values (147, '2026-03-01', '2026-04-08', 'regnskab')`)
  } finally {
    await owner.close()
  }
  layAnswers(line, '0147R1', '-3', [answer('0147R1N2', 7, 'NOACCOUNT')])
  const { reconciliations } = await line.runMonth('2026-04', [code])
  const posted = await rows<{ day: Day; value: Day }>(
    code,
    `select distinct b.posting_date as day, b.value_date as value from ledger_batches b
     join transfers t on t.municipality_code = b.municipality_code and (t.entry_id >> 24)::int = b.batch_no
     where t.credit_account = ${line.rates.account('returned').id}`,
  )
  assert.deepEqual(
    posted.map((one) => [formatDay(one.day), formatDay(one.value)]),
    [['2026-04-01', '2026-03-31']],
  )
  for (const row of reconciliations[0]?.clearing ?? []) assert.equal(row.balance_ore, row.explained_ore, row.purpose)
})
