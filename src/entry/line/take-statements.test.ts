/** A statement that is too large for memory is booked in pieces: what is booked is the same. */
import assert from 'node:assert/strict'
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { type TestLine, testLine } from '../../../test/support/line.ts'
import { writeStatement } from '../../adapters/bank/write-statement.ts'
import { generateMonth } from '../../adapters/source-systems/generator/index.ts'
import { day } from '../../base/date.ts'
import type { Ore } from '../../base/money.ts'

const MONTH = '2026-03'
/** Its bank books payments one by one. */
const CODE = 751

async function booked(line: TestLine, texts: readonly string[]) {
  try {
    for (const text of texts) await line.importText(text, MONTH)
    const { reconciliations } = await line.runMonth(MONTH, [CODE])
    const read = (sql: string) => line.loader.transaction([CODE], (tx) => tx.rows<Record<string, unknown>>(sql))
    return {
      reconciliations,
      entries: await read('select * from statement_entries order by work_no, entry_no'),
      accounts: await read(
        `select posting_date, account, source_system, benefit, sum(debit_ore - credit_ore) as ore from ledger_lines_v1
         group by 1, 2, 3, 4 order by 1, 2, 3, 4`,
      ),
      batches: (await read('select batch_no from ledger_batches')).length,
    }
  } finally {
    await line.close()
  }
}

test('a statement booked three movements at a time books what it books at once', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'toek-pieces-'))
  await generateMonth({ month: MONTH, municipalities: [CODE], scale: 1, seed: 11, out: folder, orders: 60 })
  const texts = readdirSync(folder)
    .sort()
    .map((name) => readFileSync(join(folder, name), 'utf8'))
  rmSync(folder, { recursive: true })
  const whole = await booked(await testLine(), texts)
  const pieces = await booked(await testLine(3), texts)
  assert.ok(pieces.batches > whole.batches, 'it was in pieces')
  assert.ok(whole.entries.length > 20)
  assert.deepEqual(pieces.entries, whole.entries)
  assert.deepEqual(pieces.accounts, whole.accounts)
  assert.deepEqual(pieces.reconciliations, whole.reconciliations)
  assert.deepEqual(whole.reconciliations[0]?.findings, [])
})

test('what was booked of a statement while it was read is undone when it proves torn, and booked when it comes whole', async () => {
  const line = await testLine(3)
  try {
    const whole = new Map<string, Buffer>()
    await month(line, () => {
      for (const name of statementsIn(line).filter((one) => !whole.has(one))) {
        const bytes = readFileSync(join(line.incoming, name))
        whole.set(name, bytes)
        writeFileSync(join(line.incoming, name), bytes.subarray(0, bytes.length - 20))
      }
    })
    assert.equal((await bankLines(line))?.n, 0)
    for (const [name, bytes] of whole) writeFileSync(join(line.incoming, name), bytes)
    const { reconciliations } = await line.runMonth(MONTH, [CODE])
    assert.deepEqual(reconciliations[0]?.findings, [])
    const told = [...whole.values()].map((bytes) => bytes.toString().split('<Ntry>').length - 1)
    assert.equal(
      (await bankLines(line))?.n,
      told.reduce((sum, n) => sum + n, 0),
    )
    assert.ok(Math.max(...told) > 20, 'one is in many pieces')
  } finally {
    await line.close()
  }
})

/** Order and fact files of a small month. */
async function generated(): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'toek-again-'))
  await generateMonth({ month: MONTH, municipalities: [CODE], scale: 1, seed: 12, out: folder, orders: 60 })
  const texts = readdirSync(folder)
    .sort()
    .map((name) => readFileSync(join(folder, name), 'utf8'))
  rmSync(folder, { recursive: true })
  return texts
}

/** A month; `laid` is called before what the bank laid is read. */
async function month(line: TestLine, laid: () => void) {
  for (const text of await generated()) await line.importText(text, MONTH)
  line.whenLaid((by) => by === 'bank' && laid())
  const { reconciliations } = await line.runMonth(MONTH, [CODE])
  line.whenLaid(undefined)
  return reconciliations[0]
}

const statementsIn = (line: TestLine) => readdirSync(line.incoming).filter((name) => name.startsWith('camt053-'))
const bankLines = (line: TestLine) =>
  line.loader.db.first<{ n: number }>('select count(*)::int as n from statement_entries where municipality_code = $1', [
    CODE,
  ])

test('a statement that comes again under another name is booked once, and is no finding', async () => {
  const line = await testLine()
  try {
    const copied = new Set<string>()
    const ended = await month(line, () => {
      for (const name of statementsIn(line).filter((one) => !copied.has(one))) {
        const again = name.replace(/-(\d{4}-\d\d-\d\d\.xml)$/, '-igen-$1')
        copyFileSync(join(line.incoming, name), join(line.incoming, again))
        copied.add(name).add(again)
      }
    })
    const before = await bankLines(line)
    assert.deepEqual(ended?.findings, [])
    // And when the first was booked long ago.
    const [name = ''] = [...copied]
    copyFileSync(join(line.incoming, name), join(line.incoming, name.replace(/-(\d{4}-\d\d-\d\d\.xml)$/, '-sent-$1')))
    const { reconciliations } = await line.runMonth(MONTH, [CODE])
    assert.deepEqual(reconciliations[0]?.findings, [])
    assert.deepEqual(await bankLines(line), before)
    assert.ok(copied.size > 2)
  } finally {
    await line.close()
  }
})

test('a statement that comes again and says something else is a finding, and the first one counts', async () => {
  const line = await testLine()
  try {
    assert.deepEqual((await month(line, () => undefined))?.findings, [])
    const before = await bankLines(line)
    const [name = ''] = statementsIn(line)
    const [, account = '', date = ''] = /^camt053-(\w+)-(.*)\.xml$/.exec(name) ?? []
    const said = { statementId: 'X', number: 1, account, date: day(date), opening: 500 as Ore, closing: 500 as Ore }
    const text = [...writeStatement(said, [], { version: '08', createdAt: `${date}T23:00:00` })].join('')
    writeFileSync(join(line.incoming, `camt053-${account}-igen-${date}.xml`), text)
    const { reconciliations } = await line.runMonth(MONTH, [CODE])
    assert.deepEqual(
      reconciliations[0]?.findings.map((one) => one.what),
      ['statement_changed'],
    )
    assert.deepEqual(await bankLines(line), before)
  } finally {
    await line.close()
  }
})

test('a statement that comes after a later one fills its place', async () => {
  const line = await testLine()
  const away = mkdtempSync(join(tmpdir(), 'toek-away-'))
  try {
    let first: string | undefined
    const ended = await month(line, () => {
      first ??= statementsIn(line)[0]
      if (first !== undefined && readdirSync(away).length === 0)
        renameSync(join(line.incoming, first), join(away, first))
    })
    assert.ok(
      ended?.findings.some((one) => one.what === 'bank_line_missing'),
      'while it lacks it is missed',
    )
    renameSync(join(away, first as string), join(line.incoming, first as string))
    const { reconciliations } = await line.runMonth(MONTH, [CODE])
    assert.deepEqual(reconciliations[0]?.findings, [])
  } finally {
    rmSync(away, { recursive: true })
    await line.close()
  }
})

test('what comes in a later month is known from then, not from the day that it is about', async () => {
  const line = await testLine()
  const away = mkdtempSync(join(tmpdir(), 'toek-late-'))
  try {
    const late = (name: string) => name.startsWith('camt053-') || name.endsWith('-2.xml')
    const hide = () => {
      for (const name of readdirSync(line.incoming).filter(late))
        renameSync(join(line.incoming, name), join(away, name))
    }
    line.whenLaid(hide)
    for (const text of await generated()) await line.importText(text, MONTH)
    await line.runMonth(MONTH, [CODE])
    line.whenLaid(undefined)
    for (const name of readdirSync(away)) renameSync(join(away, name), join(line.incoming, name))
    const { reconciliations } = await line.runMonth('2026-04', [CODE])
    assert.deepEqual(reconciliations[0]?.findings, [])
    const known = await line.loader.db.rows<{ name: string; at: string }>(
      `select name, known_at::text as at from received_files where municipality_code = $1 order by 1`,
      [CODE],
    )
    assert.deepEqual(
      known.filter(({ name, at }) => late(name) && at < '2026-04-01'),
      [],
    )
  } finally {
    rmSync(away, { recursive: true })
    await line.close()
  }
})
