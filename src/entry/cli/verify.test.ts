/** What lies in the outgoing folder and is not known is named, whatever it is. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { testDatabase } from '../../../test/database.ts'
import { command } from '../../../test/support/command.ts'
import { headOf } from '../../modules/ledger/index.ts'
import { builtInRateBook } from '../../modules/rates/index.ts'
import { referenceOf } from '../reference.ts'
import { verifyVerb } from './verify.ts'

const { url } = await testDatabase({ reference: referenceOf(builtInRateBook()) })
const dataDir = mkdtempSync(join(tmpdir(), 'toek-verify-'))
after(() => rmSync(dataDir, { recursive: true }))

async function verify(municipality: string) {
  const world = { dataDir, url, now: '2026-03-02T09:00:00.000Z', user: 'ida' }
  const { code, out } = await command(verifyVerb, ['--municipality', municipality, '--json'], world)
  return { code, bad: (JSON.parse(out) as { first_bad?: { municipality: string; what: string } }).first_bad }
}

test('a file beside the folders of what was sent is one that the database does not know', async () => {
  const out = join(dataDir, 'out')
  mkdirSync(join(out, 'nemkonto'), { recursive: true })
  // A folder may be on another disk.
  symlinkSync(join(out, 'nemkonto'), join(out, 'bank'))
  assert.deepEqual(await verify('0751'), { code: 0, bad: undefined })
  writeFileSync(join(out, '0751R1'), 'x')
  const { code, bad } = await verify('0751')
  assert.deepEqual([code, bad?.municipality], [1, '0751'])
  assert.match(bad?.what ?? '', /^0751R1 .*the database does not know it/)
  assert.equal((await verify('0101')).code, 0)
  rmSync(join(out, '0751R1'))
  writeFileSync(join(out, 'notes.txt'), 'x')
  assert.match((await verify('0101')).bad?.what ?? '', /^notes\.txt /)
})

test('the head of several ledgers is one, in whatever order they are named, and whatever others are empty', () => {
  const [one, other, empty] = ['1'.repeat(64), '2'.repeat(64), '0'.repeat(64)] as const
  const both = headOf(
    new Map([
      [101, one],
      [751, other],
    ]),
  )
  assert.equal(
    headOf(
      new Map([
        [751, other],
        [101, one],
      ]),
    ),
    both,
  )
  assert.equal(
    headOf(
      new Map([
        [751, other],
        [147, empty],
        [101, one],
      ]),
    ),
    both,
  )
  assert.notEqual(
    headOf(
      new Map([
        [101, other],
        [751, one],
      ]),
    ),
    both,
  )
  assert.equal(headOf(new Map([[751, other]])), other)
  assert.equal(headOf(new Map([[751, empty]])), empty)
})
