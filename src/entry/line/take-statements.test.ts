/** A statement that is too large for memory is booked in pieces: what is booked is the same. */
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { type TestLine, testLine } from '../../../test/support/line.ts'
import { generateMonth } from '../../adapters/source-systems/generator/index.ts'

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
