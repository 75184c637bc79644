/**
 * A statement of a million movements is read in bounded memory, as the line reads it: booked meanwhile, or held to its
 * end. In a process of its own, that starts as the program does.
 */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { writeStatement } from '../src/adapters/bank/write-statement.ts'
import { day } from '../src/base/date.ts'
import type { Ore } from '../src/base/money.ts'
import type { StatementEntry } from '../src/modules/payments/index.ts'

const ENTRIES = 1_000_000
const MOST_MB = 256
/** As in toek.mjs. */
const AS_STARTED = ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=4']

test('a statement of a million movements is read in 256 MB', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'toek-large-'))
  try {
    const date = day('2026-03-31')
    const entries: Iterable<StatementEntry> = {
      *[Symbol.iterator]() {
        for (let n = 1; n <= ENTRIES; n++) {
          const ids = { bankRef: `20260331-${n}`, bundleId: '', endToEndId: `0751R1N${n}`, reason: '', count: 1 }
          yield { ...ids, amount: -100_000 as Ore, bookingDate: date, valueDate: date }
        }
      },
    }
    const closing = (-100_000 * ENTRIES) as Ore
    const header = { statementId: 'S', number: 1, account: '99990000007511', date, opening: 0 as Ore, closing }
    const path = join(folder, 'statement.xml')
    const chunks = writeStatement(header, entries, { version: '08', createdAt: '2026-03-31T23:00:00' })
    await pipeline(Readable.from(chunks), createWriteStream(path))
    const script = join(import.meta.dirname, 'support/read-statement.ts')
    for (const how of ['book', 'hold']) {
      const { stdout } = await promisify(execFile)(process.execPath, [...AS_STARTED, script, path, how])
      const read = JSON.parse(stdout) as { whole: boolean; entries: number; ore: number; bytes: number; peakMb: number }
      t.diagnostic(`${how}: ${stdout.trim()}`)
      assert.deepEqual([read.whole, read.entries, read.ore], [true, ENTRIES, closing])
      assert.ok(read.bytes > 300_000_000)
      assert.ok(read.peakMb <= MOST_MB, `${how}: ${read.peakMb} MB`)
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
})
