import assert from 'node:assert/strict'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { RailAnswer, StatementEntry, StatementHeader } from '../../modules/payments/index.ts'
import { day } from '../../base/date.ts'
import { bundle, fileHeader, payment, schemaText, validate } from '../bank/testing.ts'
import { parseStatement } from '../bank/index.ts'
import { parseAnswerFile, writePaymentFile } from '../nemkonto/index.ts'
import { bankDayFrom, isBankDay, nextBankDay } from './bank-days.ts'
import { ACCOUNT, OTHER, place, round, send, startRail } from './testing.ts'

function answersIn(folder: string, part: string): RailAnswer[] {
  const answers: RailAnswer[] = []
  for (const name of filesIn(folder, part)) {
    const result = parseAnswerFile([readFileSync(join(folder, 'from', name))], {
      header: () => undefined,
      answer: (answer) => answers.push(answer),
    })
    assert.deepEqual(result.problems, [])
    assert.equal(result.whole, true)
  }
  return answers
}

function filesIn(folder: string, part: string): string[] {
  return readdirSync(join(folder, 'from'))
    .filter((name) => name.includes(part))
    .sort()
}

function statementIn(folder: string, name: string) {
  const entries: StatementEntry[] = []
  const headers: StatementHeader[] = []
  const result = parseStatement([readFileSync(join(folder, 'from', name))], {
    header: (header) => headers.push(header),
    entry: (entry) => entries.push(entry),
  })
  return { entries, header: headers[0], result }
}

test('sentinels: every payment gets the answer its number asks for, and money moves accordingly', async () => {
  const folder = place()
  const rail = await startRail(folder)
  send(folder, '0751R12.xml', round())
  writeFileSync(join(folder, 'to', 'half.xml.tmp'), 'not yet there')
  const first = await rail.post('/exchange', { date: '2026-03-26' })
  assert.deepEqual(first, { files: 1, payments: 7, doubles: 0, answers: ['NKS-0751R12-1.xml', 'NKS-0751R12-2.xml'] })
  assert.deepEqual(answersIn(folder, '-1.xml'), [{ kind: 1, ref: '0751R12', reason: '', waitingAccount: false }])
  assert.deepEqual(
    answersIn(folder, '-2.xml').map((each) => `${each.ref} ${each.kind} ${each.reason} ${each.waitingAccount}`),
    [
      '0751R12N1 8  false',
      '0751R12N2 2 FORMAL false',
      '0751R12N3 7 NOACCOUNT false',
      '0751R12N4 8  true',
      '0751R12N5 8  false',
      '0751R12N6 8  false',
      '0751R12N7 8  false',
    ],
  )
  await rail.post('/day-end', { date: '2026-03-31' })
  const debit = statementIn(folder, `camt053-${ACCOUNT}-2026-03-31.xml`)
  assert.deepEqual(debit.result.problems, [])
  assert.equal(debit.header?.opening, 0)
  assert.equal(debit.header?.closing, -5700)
  assert.deepEqual(
    debit.entries.map((each) => [each.bundleId, each.amount, each.count]),
    [['0751R12U1', -5700, 4]],
  )
  assert.deepEqual(filesIn(folder, '-9-'), [], 'the bank has not found out yet')

  // 1 April is the next bank day; Maundy Thursday is the 2nd.
  const late = await rail.post('/day-end', { date: '2026-04-01' })
  assert.deepEqual(late['answers'], ['NKS-0751R12-9-2026-04-01.xml'])
  assert.deepEqual(answersIn(folder, '-9-'), [{ kind: 9, ref: '0751R12N5', reason: 'AC04', waitingAccount: false }])
  const credit = statementIn(folder, `camt053-${ACCOUNT}-2026-04-01.xml`)
  assert.equal(credit.header?.opening, -5700)
  assert.equal(credit.header?.closing, -4100)
  assert.equal(credit.header?.number, 2)
  assert.deepEqual(
    credit.entries.map((each) => [each.endToEndId, each.amount, each.reason]),
    [['0751R12N5', 1600, 'AC04']],
  )
  assert.equal(statementIn(folder, `camt054-${ACCOUNT}-2026-04-01.xml`).entries[0]?.endToEndId, '0751R12N5')
  assert.deepEqual(filesIn(folder, `camt053-${OTHER}`), [`camt053-${OTHER}-2026-03-31.xml`])

  const books = JSON.parse(await rail.get('/books')) as { totals: Record<string, number>; doubles: number }
  assert.deepEqual(books.totals, {
    received: 7,
    received_ore: 7000,
    accepted: 5,
    accepted_ore: 6400,
    refused: 2,
    refused_ore: 600,
    debited: 5,
    debited_ore: 6400,
    returned: 1,
    returned_ore: 1600,
  })
  assert.equal(books.doubles, 0)
  const lines = (await rail.get('/books/payments?file=0751R12.xml')).trim().split('\n')
  assert.equal(lines.length, 7)
  assert.deepEqual(JSON.parse(lines[4] as string), {
    end_to_end_id: '0751R12N5',
    amount_ore: 1600,
    file: '0751R12.xml',
    bundle: '0751R12U1',
    account: ACCOUNT,
    disposition_date: '2026-03-31',
    answer: 9,
    waiting_account: false,
    debited: '2026-03-31',
    returned: '2026-04-01',
  })
  await rail.stop()
})

test('repeated, nothing new happens; restarted after a kill, the fake goes on from its journal', async () => {
  const folder = place()
  const rail = await startRail(folder)
  send(folder, '0751R12.xml', round())
  await rail.post('/exchange', { date: '2026-03-26' })
  await rail.post('/day-end', { date: '2026-03-31' })
  const books = await rail.get('/books')
  const files = snapshot(folder)
  assert.deepEqual(await rail.post('/exchange', { date: '2026-03-27' }), {
    files: 0,
    payments: 0,
    doubles: 0,
    answers: [],
  })
  assert.deepEqual(await rail.post('/day-end', { date: '2026-03-31' }), {
    statements: [],
    notifications: [],
    answers: [],
    entries: 0,
  })
  const died = new Promise((resolve) => rail.child.once('exit', resolve))
  rail.child.kill('SIGKILL')
  await died
  // A tail as a kill would leave it: the beginning of a file that was never finished.
  writeFileSync(join(folder, 'books/journal.ndjson'), '{"t":"file","file":{"name":"x.xml"}}\nP\t0751R12N9', {
    flag: 'a',
  })
  const again = await startRail(folder)
  assert.equal(await again.get('/books'), books)
  assert.deepEqual(await again.post('/exchange', { date: '2026-03-27' }), {
    files: 0,
    payments: 0,
    doubles: 0,
    answers: [],
  })
  await again.post('/day-end', { date: '2026-03-31' })
  assert.deepEqual(snapshot(folder), files)
  await again.post('/day-end', { date: '2026-04-01' })
  assert.equal(statementIn(folder, `camt053-${ACCOUNT}-2026-04-01.xml`).header?.opening, -5700)
  await again.stop()
})

test('killed between booking and answering, the fake answers with the same bytes when it is asked again', async () => {
  const folder = place()
  const rail = await startRail(folder)
  send(folder, '0751R12.xml', round())
  await rail.post('/exchange', { date: '2026-03-26' })
  const files = snapshot(folder)
  await rail.stop()
  const path = join(folder, 'books/journal.ndjson')
  const lines = readFileSync(path, 'utf8').split('\n')
  const cut = lines.filter((line) => !line.includes('"answered"'))
  assert.equal(cut.length, lines.length - 1)
  writeFileSync(path, cut.join('\n'))
  for (const [name] of files) rmSync(join(folder, 'from', name))
  const again = await startRail(folder)
  const result = await again.post('/exchange', { date: '2026-03-27' })
  assert.deepEqual(
    result['answers'],
    files.map(([name]) => name),
  )
  assert.deepEqual(snapshot(folder), files)
  assert.equal((JSON.parse(await again.get('/books')) as { doubles: number }).doubles, 0)
  await again.stop()
})

function snapshot(folder: string): [string, string][] {
  return filesIn(folder, '').map((name) => [name, readFileSync(join(folder, 'from', name), 'utf8')])
}

test('whatever is sent twice is counted as a fault and paid once', async () => {
  const folder = place()
  const rail = await startRail(folder)
  send(folder, 'A.xml', [bundle('B1', '2026-03-31', [payment(1, 100), payment(2, 200)])])
  await rail.post('/exchange', { date: '2026-03-26' })
  const doubles = async () => (JSON.parse(await rail.get('/books')) as { doubles: number }).doubles
  assert.equal(await doubles(), 0)
  send(folder, 'A.xml', [bundle('B1', '2026-03-31', [payment(1, 100), payment(2, 200)])])
  await rail.post('/exchange', { date: '2026-03-26' })
  assert.equal(await doubles(), 2, 'the same file again')
  send(folder, 'A.xml', [bundle('B2', '2026-03-31', [payment(3, 400)])])
  await rail.post('/exchange', { date: '2026-03-26' })
  assert.equal(await doubles(), 3, 'the same name with other bytes')
  send(folder, 'B.xml', [bundle('B3', '2026-03-31', [payment(2, 200), payment(4, 800), payment(4, 800)])])
  await rail.post('/exchange', { date: '2026-03-26' })
  assert.equal(await doubles(), 5, 'a payment in another file, and one twice in a file')
  await rail.post('/day-end', { date: '2026-03-31' })
  assert.equal(statementIn(folder, `camt053-${ACCOUNT}-2026-03-31.xml`).header?.closing, -1500)
  const { faults } = JSON.parse(await rail.get('/books')) as { faults: { kind: string }[] }
  assert.deepEqual(
    faults.map((each) => each.kind),
    ['file_again', 'double_payment', 'file_other_bytes', 'double_payment'],
  )
  await rail.stop()
})

test('a file that is torn or does not add up gets answer 0, and nothing of it is paid', async () => {
  const folder = place()
  const rail = await startRail(folder)
  const bundles = round()
  const text = [...writePaymentFile(fileHeader('0751R13', bundles), bundles)].join('')
  writeFileSync(join(folder, 'to', 'torn.xml'), text.slice(0, -200))
  writeFileSync(join(folder, 'to', 'wrong.xml'), text.replace('<InstdAmt Ccy="DKK">1.00<', '<InstdAmt Ccy="DKK">1.01<'))
  await rail.post('/exchange', { date: '2026-03-26' })
  assert.deepEqual(answersIn(folder, 'torn')[0], {
    kind: 0,
    ref: '0751R13',
    reason: 'UNREADABLE',
    waitingAccount: false,
  })
  assert.equal(answersIn(folder, 'wrong')[0]?.kind, 0)
  const books = JSON.parse(await rail.get('/books')) as { totals: { received: number }; faults: { kind: string }[] }
  assert.equal(books.totals.received, 0)
  assert.deepEqual(
    books.faults.map((each) => each.kind),
    ['unreadable', 'unreadable'],
  )
  await rail.stop()
})

test('an account by the profile is booked payment by payment, and files are valid by schema', async (t) => {
  const folder = place()
  const rail = await startRail(folder)
  await rail.post('/profile', { single_booked_accounts: [ACCOUNT] })
  send(folder, '0751R12.xml', round())
  await rail.post('/exchange', { date: '2026-03-26' })
  await rail.post('/day-end', { date: '2026-04-07' })
  const { entries } = statementIn(folder, `camt053-${ACCOUNT}-2026-03-31.xml`)
  assert.deepEqual(
    entries.map((each) => [each.endToEndId, each.amount, each.bundleId]),
    [
      ['0751R12N1', -100, ''],
      ['0751R12N4', -800, ''],
      ['0751R12N5', -1600, ''],
      ['0751R12N6', -3200, ''],
    ],
  )
  assert.equal(filesIn(folder, 'camt053').length, 3, 'days that were passed over are closed too')
  await rail.stop()
  for (const message of ['camt.053.001.08', 'camt.054.001.08']) {
    const xsd = schemaText(process.env['ISO20022_XSD_DIR'], message)
    if (!xsd) {
      t.skip('SKIPPED: ISO20022_XSD_DIR is unset or lacks the schema')
      continue
    }
    const names = filesIn(folder, message.slice(0, 8).replace('.', ''))
    assert.ok(names.length > 0)
    for (const name of names) await validate(xsd, readFileSync(join(folder, 'from', name), 'utf8'))
  }
})

test('on request the fake does wrong: an answer lost, an øre changed, an entry lost', async () => {
  const folder = place()
  const rail = await startRail(folder)
  await rail.post('/misbehave', { drop_answer: '0751R12N1' })
  await rail.post('/misbehave', { change_ore: { bundle_id: '0751R12U1', by: 1, consistent: true } })
  await rail.post('/misbehave', { delete_entry: { bundle_id: '0751R12U2' } })
  assert.match(String((await rail.post('/misbehave', { nonsense: 1 }))['error']), /drop_answer/)
  send(folder, '0751R12.xml', round())
  await rail.post('/exchange', { date: '2026-03-26' })
  assert.equal(answersIn(folder, '-2.xml').length, 6)
  assert.ok(!answersIn(folder, '-2.xml').some((each) => each.ref === '0751R12N1'))
  await rail.post('/day-end', { date: '2026-03-31' })
  const changed = statementIn(folder, `camt053-${ACCOUNT}-2026-03-31.xml`)
  assert.equal(changed.result.whole, true, 'a consistent lie can only be found by comparing with our books')
  assert.equal(changed.entries[0]?.amount, -5701)
  const deleted = statementIn(folder, `camt053-${OTHER}-2026-03-31.xml`)
  assert.equal(deleted.result.whole, false)
  assert.equal(deleted.result.problems[0]?.code, 'balance_differs')
  await rail.stop()
})

test('a payment that comes after its day was closed is booked on the next bank day', async () => {
  const folder = place()
  const rail = await startRail(folder)
  send(folder, 'A.xml', [bundle('B1', '2026-03-31', [payment(1, 100)])])
  await rail.post('/exchange', { date: '2026-03-26' })
  await rail.post('/day-end', { date: '2026-04-01' })
  send(folder, 'B.xml', [bundle('B2', '2026-03-31', [payment(2, 200)])])
  await rail.post('/exchange', { date: '2026-04-01' })
  const result = await rail.post('/day-end', { date: '2026-04-01' })
  assert.deepEqual(result['statements'], [`camt053-${ACCOUNT}-2026-04-01.xml`])
  assert.equal(statementIn(folder, `camt053-${ACCOUNT}-2026-04-01.xml`).header?.opening, -100)
  await rail.stop()
})

test('killed after its statements have their names and before they are in the journal, it gives the same numbers again', async () => {
  const folder = place()
  const rail = await startRail(folder)
  send(folder, '0751R12.xml', round())
  await rail.post('/exchange', { date: '2026-03-26' })
  await rail.post('/day-end', { date: '2026-04-01' })
  const files = snapshot(folder)
  const books = await rail.get('/books')
  await rail.stop()
  const path = join(folder, 'books/journal.ndjson')
  const lines = readFileSync(path, 'utf8').split('\n')
  // All of the group, or its last act only; and what was told after it.
  for (const keep of [0, 1, 2]) {
    let statements = 0
    const cut = lines.filter(
      (line) => !line.includes('"told"') && !(line.includes('"statement"') && ++statements > keep),
    )
    writeFileSync(path, cut.join('\n'))
    const again = await startRail(folder)
    await again.post('/day-end', { date: '2026-04-01' })
    assert.deepEqual(snapshot(folder), files)
    assert.equal(await again.get('/books'), books)
    await again.stop()
    assert.deepEqual(readFileSync(path, 'utf8').split('\n'), lines)
  }
})

test('what is asked at once is done one after the other', async () => {
  const folder = place()
  const rail = await startRail(folder)
  send(folder, '0751R12.xml', round())
  const results = await Promise.all([
    ...[1, 2, 3].map(() => rail.post('/exchange', { date: '2026-03-26' })),
    ...[1, 2, 3].map(() => rail.post('/day-end', { date: '2026-03-31' })),
  ])
  assert.deepEqual(results.map((each) => (each['files'] as number | undefined) ?? 0).sort(), [0, 0, 0, 0, 0, 1])
  const books = JSON.parse(await rail.get('/books')) as { doubles: number; faults: unknown[] }
  assert.deepEqual([books.doubles, books.faults], [0, []])
  await rail.post('/day-end', { date: '2026-03-31' })
  assert.equal(statementIn(folder, `camt053-${ACCOUNT}-2026-03-31.xml`).header?.number, 1)
  await rail.stop()
})

test('bank days follow the closing days of Danmarks Nationalbank 2026', () => {
  const closed = [
    '2026-04-02',
    '2026-04-03',
    '2026-04-06',
    '2026-05-14',
    '2026-05-15',
    '2026-05-25',
    '2026-06-05',
    '2026-12-24',
    '2026-12-31',
  ]
  for (const date of closed) assert.equal(isBankDay(day(date)), false, date)
  assert.equal(isBankDay(day('2026-05-01')), true)
  assert.equal(nextBankDay(day('2026-04-01')), day('2026-04-07'))
  assert.equal(bankDayFrom(day('2026-12-31')), day('2027-01-04'))
})
