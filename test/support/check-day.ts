/** At any time payments, bank and ERP of all days differ by listed items alone, whatever has become of the payments. */
import assert from 'node:assert/strict'
import { addDays } from '../../src/base/date.ts'
import type { Municipality } from '../../src/base/id.ts'
import { matchDay } from '../../src/modules/reconciliation/index.ts'
import { monthOf, type TestLine } from './line.ts'

/** Beyond what a scenario of the month dates. */
const DAYS_AFTER = 400

export async function checkDay(line: TestLine, municipalities: readonly Municipality[], month: string): Promise<void> {
  const last = addDays(monthOf(month).to, DAYS_AFTER)
  for (const code of municipalities) {
    const match = await line.reader.transaction([code], (tx) => matchDay(tx, code, last, line.rates.book.accounts))
    assert.deepEqual(match.unexplained, [], JSON.stringify(match))
  }
}
