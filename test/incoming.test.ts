/**
 * Files of rail and bank in numbers, orders and states that nobody plans: many of them, late ones about a closed month.
 * What a single rule comes to stands in scenarios; here it is what they have together.
 */
import assert from 'node:assert/strict'
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  statSync,
} from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { writeStatement } from '../src/adapters/bank/write-statement.ts'
import { writeAnswerFile } from '../src/adapters/nemkonto/write-answer-file.ts'
import { addDays, type Day, day, formatDay } from '../src/base/date.ts'
import { connect } from '../src/base/db.ts'
import type { Municipality } from '../src/base/id.ts'
import type { Ore } from '../src/base/money.ts'
import { monthClock } from '../src/entry/line/clock.ts'
import { takeAnswers } from '../src/entry/line/take-answers.ts'
import { type RailAnswer, readRuns, type StatementEntry } from '../src/modules/payments/index.ts'
import { verifyMunicipality } from '../src/modules/ledger/index.ts'
import { benefitOrder, citizenOf, orderFile, type OrderRecord } from './support/files.ts'
import { monthOf, type TestLine, testLine } from './support/line.ts'

const line = await testLine()
after(() => line.close())

const MONTH = '2026-03'

/** KP's personligt tillæg is tax-free, so that what is ordered is what is paid. */
function order(code: string, number: number, last4?: string): OrderRecord {
  const citizen = citizenOf(Number(code) * 100 + number, last4)
  const what = { benefit: 'personligt_tillaeg', kle: '32.03.12', ore: 100_000 + number }
  return benefitOrder({ key: `KP-${number}`, municipality: code, citizen, ...what })
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
  return line.reader.transaction([code], (tx) => tx.rows<T>(sql))
}

/** Accounts of the municipality that have no statement. */
function quietAccounts(code: Municipality): string[] {
  const all = line.rates.units(code, day('2026-03-31')).map((unit) => unit.debitAccount)
  return all.filter((account) => !readdirSync(line.incoming).some((name) => name.includes(account)))
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
  const [account = ''] = quietAccounts(code)
  layStatement(`camt053-${account}-2026-03-30.xml`, account, 7, '2026-03-30', 0, [moved('2026-03-30', 'L-1', -900)])
  await line.runMonth('2026-04', [code])
  const late = await rows<{ day: Day; value: Day }>(
    code,
    `select b.posting_date as day, b.value_date as value from ledger_batches b
     join received_files f on f.municipality_code = b.municipality_code and f.work_no = b.batch_no / 64
     where f.name = 'camt053-${account}-2026-03-30.xml'`,
  )
  assert.deepEqual(
    late.map((one) => [formatDay(one.day), formatDay(one.value)]),
    [['2026-04-01', '2026-03-30']],
  )
  for (const row of reconciliations[0]?.clearing ?? []) assert.equal(row.balance_ore, row.explained_ore, row.purpose)
})

/** Statements of an account, laid under names of somebody else's: an ERP's copy of what a bank sent. */
function layStatement(
  name: string,
  account: string,
  number: number,
  at: string,
  opening: number,
  entries: StatementEntry[],
) {
  const closing = (opening + entries.reduce((sum, one) => sum + one.amount, 0)) as Ore
  const header = { statementId: name.slice(-35), number, account, date: day(at), opening: opening as Ore, closing }
  const text = [...writeStatement(header, entries, { version: '08', createdAt: `${at}T23:00:00` })].join('')
  writeFileSync(join(line.incoming, name), text)
  return { text, closing }
}

function moved(at: string, bankRef: string, amount: number): StatementEntry {
  const dates = { bookingDate: day(at), valueDate: day(at) }
  return { ...dates, bankRef, amount: amount as Ore, bundleId: '', endToEndId: '', reason: '', count: 1 }
}

test('files that cannot be read or booked are refused alone, and the others of the municipality are taken', async () => {
  const code = await paidMonth('0151', 3, [1, 2])
  mkdirSync(join(line.incoming, 'NKS-0151R1-3.xml'))
  layAnswers(line, '0151R1', '-4', [answer('0151R1N1', 8), answer('0151R1N2', 8)])
  const { debitAccount: account } = line.rates.units(code, day('2026-03-31'))[0] ?? { debitAccount: '' }
  const { number, balance } = await standing(code, account)
  // The bank gives a reference twice, in a file and across files: it should not, and the money has moved all the same.
  const twice = [moved('2026-05-04', 'X-1', -500), moved('2026-05-04', 'X-1', 500)]
  layStatement(`camt053-${account}-2026-05-04.xml`, account, number + 1, '2026-05-04', balance, twice)
  layStatement(`camt053-${account}-2026-05-05.xml`, account, number + 2, '2026-05-05', balance, [
    moved('2026-05-05', 'X-1', -700),
    moved('2026-05-05', 'X-2', 700),
  ])
  mkdirSync(join(line.incoming, `camt053-${account}-2026-05-06.xml`))
  const { reconciliations } = await line.runMonth('2026-05', [code])
  const found = Map.groupBy(reconciliations[0]?.findings ?? [], (one) => one.what)
  assert.deepEqual([...found.keys()].sort(), ['bank_line_unmatched', 'file_not_bookable'])
  assert.equal(found.get('file_not_bookable')?.length, 2)
  assert.equal(found.get('bank_line_unmatched')?.length, 4)
  assert.equal(reconciliations[0]?.totals.payments_accepted, 3)
  for (const row of reconciliations[0]?.clearing ?? []) assert.equal(row.balance_ore, row.explained_ore, row.purpose)
  const before = await rows(code, 'select * from received_files order by work_no')
  await line.runMonth('2026-05', [code])
  assert.deepEqual(await rows(code, 'select * from received_files order by work_no'), before)
  // What could not be read is taken when it can, and is no finding any more.
  const unread = join(line.incoming, 'NKS-0151R1-3.xml')
  const { size } = statSync(unread)
  rmSync(unread, { recursive: true })
  rmSync(join(line.incoming, `camt053-${account}-2026-05-06.xml`), { recursive: true })
  layAnswers(line, '0151R1', '-3', [answer('0151R1N3', 8)])
  // As one to which access was given: of the size that was seen before.
  appendFileSync(unread, ' '.repeat(Math.max(0, size - statSync(unread).size)))
  layStatement(`camt053-${account}-2026-05-06.xml`, account, number + 3, '2026-05-06', balance, [
    moved('2026-05-06', 'X-3', -300),
    moved('2026-05-06', 'X-4', 300),
  ])
  const later = (await line.runMonth('2026-05', [code])).reconciliations[0]?.findings ?? []
  assert.deepEqual([...new Set(later.map((one) => one.what))], ['bank_line_unmatched'])
  assert.equal(later.length, 6)
})

test('an ERP may copy statements under any name, several in a file, from any number on, anew each year, and twice', async () => {
  const code = await paidMonth('0153', 2)
  const { debitAccount: account } = line.rates.units(code, day('2026-03-31'))[0] ?? { debitAccount: '' }
  const own = readdirSync(line.incoming).filter((name) => name.startsWith(`camt053-${account}`))
  assert.ok(own.length > 0)
  const before = await rows(code, 'select * from statement_entries order by work_no, entry_no')
  assert.deepEqual((await line.runMonth('2026-04', [code])).reconciliations[0]?.findings, [])
  // What came is laid in once more under a foreign name, and by itself with another numbering.
  for (const name of own) copyFileSync(join(line.incoming, name), join(line.incoming, `erp-${name}`))
  const { number, balance } = await standing(code, account)
  const renumbered = readFileSync(join(line.incoming, own[0] as string), 'utf8').replace(
    /<ElctrncSeqNb>\d+<.ElctrncSeqNb><LglSeqNb>\d+</,
    `<ElctrncSeqNb>214</ElctrncSeqNb><LglSeqNb>214<`,
  )
  writeFileSync(join(line.incoming, 'erp-udtog-214.xml'), renumbered)
  // Two statements in one file, the second of a new year.
  const first = layStatement('erp-a.xml', account, number + 1, '2026-12-30', balance, [])
  const second = layStatement('erp-b.xml', account, 1, '2027-01-04', balance, [])
  const inner = /<Stmt>.*<.Stmt>/s.exec(second.text)?.[0] ?? ''
  writeFileSync(join(line.incoming, 'erp-a.xml'), first.text.replace('</Stmt>', `</Stmt>${inner}`))
  rmSync(join(line.incoming, 'erp-b.xml'))
  const { reconciliations } = await line.runMonth('2027-01', [code])
  assert.deepEqual(reconciliations[0]?.findings, [])
  assert.deepEqual(await rows(code, 'select * from statement_entries order by work_no, entry_no'), before)
  const taken = await rows<{ name: string; came: string | null }>(
    code,
    `select name, header->>'came' as came from received_files where name like 'erp-%' order by name`,
  )
  assert.deepEqual(
    taken.map(({ name, came }) => `${name} ${came ?? 'booked'}`),
    ['erp-a.xml booked', 'erp-a.xml #2 booked', ...own.map((name) => `erp-${name} again`), 'erp-udtog-214.xml again'],
  )
})

test('the statements of an account may begin with any number, and one of another account is refused', async () => {
  const code = await paidMonth('0155', 2)
  const [quiet] = quietAccounts(code)
  layStatement(`camt053-${quiet}-2026-04-07.xml`, quiet as string, 214, '2026-04-07', 12_300, [])
  const { reconciliations } = await line.runMonth('2026-04', [code])
  assert.deepEqual(reconciliations[0]?.findings, [])
  layStatement(`camt053-${quiet}-2026-04-08.xml`, '12345678901234', 1, '2026-04-08', 0, [moved('2026-04-08', 'F', 9)])
  layStatement(`camt053-${quiet}-2026-04-09.xml`, quiet as string, 215, '2026-04-09', 12_301, [])
  const next = await line.runMonth('2026-04', [code])
  assert.deepEqual(
    next.reconciliations[0]?.findings.map((found) => found.what),
    ['unknown_account', 'statement_discontinuous'],
  )
})

test('a statement of an account that no municipality has is said to be there, every time, and left as it lies', async () => {
  const code = await paidMonth('0183', 1)
  const name = 'udtog-fremmed.xml'
  layStatement(name, '12345678901234', 1, '2026-04-08', 0, [moved('2026-04-08', 'F', 9)])
  for (let i = 0; i < 2; i++) {
    const { strayStatements, reconciliations } = await line.runMonth('2026-04', [code])
    assert.deepEqual(strayStatements, [{ name, account: '12345678901234' }])
    assert.deepEqual(reconciliations[0]?.findings, [])
  }
  rmSync(join(line.incoming, name))
  assert.deepEqual((await line.runMonth('2026-04', [code])).strayStatements, [])
})

test('what answers a run that we never made is kept, and lies in quarantine', async () => {
  const code = await paidMonth('0157', 1)
  layAnswers(line, '0157R9', '-2', [answer('0157R9N1', 7, 'NOACCOUNT')])
  renameSync(join(line.incoming, 'NKS-0157R9-2.xml'), join(line.incoming, 'fra-nemkonto.xml'))
  const { reconciliations } = await line.runMonth('2026-04', [code])
  assert.deepEqual(reconciliations[0]?.findings, [])
  const work = await rows<{ subject: string; detail: { code: string } }>(
    code,
    `select subject, detail from work_items where kind = 'quarantined' and closed_at is null`,
  )
  assert.deepEqual(
    work.map(({ subject, detail }) => [subject, detail.code]),
    [['fra-nemkonto.xml', 'unknown_payment']],
  )
})

test('a program that ends between answers and statements, and goes on, numbers everything as one that does not', async () => {
  const numbers = async (code: Municipality, ends: boolean) => {
    const text = String(code).padStart(4, '0')
    const silent = Array.from({ length: 20 }, (_, i) => i + 1)
    await paidMonth(text, 20, silent)
    for (const n of silent) layAnswers(line, `${text}R1`, `-x${n}`, [answer(`${text}R1N${n}`, 8)])
    for (const unit of line.rates.units(code, day('2026-03-31'))) {
      const { number, balance } = await standing(code, unit.debitAccount)
      for (let i = 1; i <= 12; i++) layQuietDay(unit.debitAccount, number + i, addDays(day('2026-04-01'), i), balance)
    }
    if (ends) {
      line.crashAt('answers:after-commit')
      await assert.rejects(line.runMonth('2026-04', [code]))
      line.crashAt('statement:before-commit')
      await assert.rejects(line.runMonth('2026-04', [code]))
    }
    assert.deepEqual((await line.runMonth('2026-04', [code])).reconciliations[0]?.findings, [])
    const taken = await rows<{ no: number; kind: string; at: string }>(
      code,
      `select work_no as no, kind, replace(right(name, 14), '${text}', '') as at from received_files order by 1`,
    )
    assert.ok(taken.filter(({ no }) => no >= 2 ** 21).length > 10)
    return taken
  }
  assert.deepEqual(await numbers(159, true), await numbers(161, false))
})

test('the same answers, five times at once under five names, are taken once', async () => {
  const code = await paidMonth('0163', 4, [1, 2, 3, 4], '9907')
  const answers = [1, 2, 3, 4].map((n) => answer(`0163R1N${n}`, 7, 'NOACCOUNT'))
  layAnswers(line, '0163R1', '-x1', answers)
  const names = [1, 2, 3, 4, 5].map((n) => `NKS-0163R1-x${n}.xml`)
  for (const name of names.slice(1)) copyFileSync(join(line.incoming, names[0] as string), join(line.incoming, name))
  const [run] = await line.reader.transaction([code], (tx) => readRuns(tx, code))
  const month = monthClock(monthOf('2026-04'))
  await Promise.all(
    names.map(async (name) => {
      const connection = await connect(line.url, 'loader')
      const own = { connection, rates: line.rates, folders: { in: line.incoming, out: line.out }, at: () => undefined }
      await takeAnswers(own, code, [{ run, names: [name] }], month).finally(() => connection.close())
    }),
  )
  const [found] = await rows<{ files: number; answers: number; returns: number; ore: number }>(
    code,
    `select (select count(*) from received_files where name like '%-x_.xml')::int as files,
       (select count(*) from payment_answers)::int as answers, (select count(*) from payment_returns)::int as returns,
       (select sum(amount_ore) from transfers where credit_account = ${line.rates.account('returned').id})::bigint as ore`,
  )
  assert.deepEqual(found, { files: 5, answers: 4, returns: 4, ore: 4 * 100_000 + 6 })
})
