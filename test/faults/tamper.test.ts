/** Somebody with all rights on the database changes what was written; `toek verify` must name the place. */
import assert from 'node:assert/strict'
import { appendFileSync, cpSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Month, type Outcome, outcome, run, sameAs, smallMonth, type Verdict, verified, verify } from './month.ts'
import { cleanUp, copyDatabase, filesUnder, newPlace, type Place, scratch, sql, startFake, tamper } from './program.ts'

let month: Month
let place: Place & { readonly url: string }
let undisturbed: Outcome
before(async () => {
  month = await smallMonth(120)
  place = await newPlace('tamper')
  await startFake(place)
  undisturbed = outcome(place, await run(place, month))
})
after(cleanUp)

/** A copy of the finished database with the statements carried out, and what verify says of it. */
async function verdictOn(statements: string): Promise<Verdict> {
  const copy = { ...place, url: await copyDatabase(place.url) }
  // Who has all rights says for himself that he posts in this transaction.
  const open = ['ledger_open', 'entry_from', 'entry_to'].map(
    (name, i) => `set toek.${name} = '${[741, -1, 2 ** 53][i]}';`,
  )
  await tamper(copy.url, open.join(' ') + statements)
  const { code, ...verdict } = await verify(copy)
  assert.deepEqual({ code, ok: verdict.ok }, { code: 1, ok: false }, statements)
  return verdict
}

interface Entry {
  readonly entry: number
  readonly batch: number
}

/** Two entries in the middle of a batch of municipality 741, with different amounts. */
async function twoEntries(): Promise<[Entry, Entry]> {
  const rows = await sql<Entry>(
    place.url,
    `select (entry_id)::float8 as entry, (entry_id >> 24)::int as batch from transfers where municipality_code = 741
     group by entry_id having count(*) > 2 order by entry_id limit 5`,
  )
  return [rows[1] as Entry, rows[3] as Entry]
}

function at(verdict: Verdict): { municipality: string; batch: number; entry: number } {
  const { municipality, batch, entry } = verdict.first_bad ?? { municipality: '', batch: -1, entry: -1 }
  return { municipality, batch, entry }
}

const of = (entry: number): string => `municipality_code = 741 and entry_id = ${entry}`

test('what nobody touched is whole, also in a copy', async () => {
  await verified(place)
  await verified({ ...place, url: await copyDatabase(place.url) })
})

test('the ledger cannot be changed by its owner, nor emptied', async () => {
  for (const table of ['transfers', 'entries', 'ledger_batches', 'seals']) {
    for (const statement of [
      `delete from ${table}`,
      `update ${table} set municipality_code = 101`,
      `truncate ${table}`,
    ]) {
      await assert.rejects(sql(place.url, statement), /never changed or removed/, statement)
    }
  }
})

test('one øre, one account or one cause of a transfer changed: the entry is named', async () => {
  const [, { entry, batch }] = await twoEntries()
  const expected = { municipality: '0741', batch, entry }
  const first = `${of(entry)} and transfer_no = 0`
  assert.deepEqual(at(await verdictOn(`update transfers set amount_ore = amount_ore + 1 where ${first}`)), expected)
  assert.deepEqual(
    at(await verdictOn(`update transfers set debit_account = credit_account + 1 where ${first}`)),
    expected,
  )
  assert.deepEqual(at(await verdictOn(`update entries set cause_id = cause_id + 1 where ${of(entry)}`)), expected)
})

test('two entries swapped: the first of them is named', async () => {
  const [{ entry: a, batch }, { entry: b }] = await twoEntries()
  const swap = (table: string): string =>
    `update ${table} set entry_id = -1 where ${of(a)}; update ${table} set entry_id = ${a} where ${of(b)};
     update ${table} set entry_id = ${b} where ${of(-1)};`
  const expected = { municipality: '0741', batch, entry: a }
  assert.deepEqual(at(await verdictOn(swap('transfers'))), expected)
  assert.deepEqual(at(await verdictOn(swap('transfers') + swap('entries'))), expected)
})

test('a transfer, an entry or the whole of a batch removed: the place is named', {}, async () => {
  const [, { entry, batch }] = await twoEntries()
  const whole = { municipality: '0741', batch, entry }
  const transfers = `delete from transfers where ${of(entry)}`
  assert.deepEqual(at(await verdictOn(`${transfers} and transfer_no = 1`)), whole)
  assert.deepEqual(at(await verdictOn(transfers)), whole)
  assert.deepEqual(at(await verdictOn(`${transfers}; delete from entries where ${of(entry)}`)), whole)
  const range = `municipality_code = 741 and (entry_id >> 24) = ${batch}`
  const all = `delete from transfers where ${range}; delete from entries where ${range};
    delete from ledger_batches where municipality_code = 741 and batch_no = ${batch}`
  assert.deepEqual(at(await verdictOn(all)), { municipality: '0741', batch, entry: 0 })
})

test('the last entry of the last batch removed: the batch is named', {}, async () => {
  const [last] = await sql<Entry>(
    place.url,
    `select max(entry_id)::float8 as entry, (max(entry_id) >> 24)::int as batch from entries where municipality_code = 741`,
  )
  const { entry, batch } = last as Entry
  const both = `delete from transfers where ${of(entry)}; delete from entries where ${of(entry)}`
  assert.deepEqual(at(await verdictOn(both)), { municipality: '0741', batch, entry })
})

test('the last batches cut off together with their seals: what was delivered knows better', async () => {
  const rows = await sql<{ batch: number }>(
    place.url,
    'select batch_no as batch from seals where municipality_code = 741 order by seal_no desc limit 3',
  )
  for (const count of [1, 3]) {
    const cut = rows.slice(0, count).map((row) => row.batch)
    const range = `municipality_code = 741 and (entry_id >> 24) in (${cut})`
    const found = await verdictOn(
      `delete from transfers where ${range}; delete from entries where ${range};
       delete from ledger_batches where municipality_code = 741 and batch_no in (${cut});
       delete from seals where municipality_code = 741 and batch_no in (${cut})`,
    )
    assert.equal(found.first_bad?.municipality, '0741')
    assert.match(found.first_bad?.what ?? '', /cut off/)
  }
})

/** What an insider who knows the digests would do: recompute the entry's, the batch's, and then the seals. */
const forged = (entry: number, batch: number): string => `
  update transfers set amount_ore = amount_ore + 1 where ${of(entry)} and transfer_no = 0;
  update entries e set digest = (select sha256(int8send(e.entry_id) || int8send(e.cause_id) || string_agg(
      int4send(transfer_no) || int2send(source_system) || int2send(benefit) || int4send(debit_account)
      || int4send(credit_account) || int8send(amount_ore) || int8send(item_id), ''::bytea order by transfer_no))
    from transfers where ${of(entry)}) where ${of(entry)};
  update ledger_batches set digest = (select sha256(string_agg(digest, ''::bytea order by entry_id)) from entries
    where municipality_code = 741 and entry_id >> 24 = ${batch}) where municipality_code = 741 and batch_no = ${batch};`

test('an entry forged with its digests: its batch no longer follows from the seal', async () => {
  const [, { entry, batch }] = await twoEntries()
  assert.deepEqual(at(await verdictOn(forged(entry, batch))), { municipality: '0741', batch, entry: 0 })
})

test('an entry forged with its digests and every seal: the deliveries carry the true head', async () => {
  const [, { entry, batch }] = await twoEntries()
  const found = await verdictOn(
    `${forged(entry, batch)}
     with recursive chain as (
       select s.seal_no, sha256(decode(repeat('00', 32), 'hex') || b.digest) as head from seals s join ledger_batches b
         using (municipality_code, batch_no) where s.municipality_code = 741 and s.seal_no = 1
       union all select s.seal_no, sha256(c.head || b.digest) from chain c join seals s on s.seal_no = c.seal_no + 1
         join ledger_batches b using (municipality_code, batch_no) where s.municipality_code = 741)
     update seals s set head = c.head from chain c where s.municipality_code = 741 and s.seal_no = c.seal_no`,
  )
  assert.equal(found.first_bad?.municipality, '0741')
  assert.match(found.first_bad?.what ?? '', /delivery/)
})

test('a file that was changed after it was sent is named', async () => {
  const copy = { url: place.url, dataDir: scratch('changed') }
  cpSync(place.dataDir, copy.dataDir, { recursive: true, filter: (path) => !path.includes('books') })
  const name = Object.keys(filesUnder(join(copy.dataDir, 'out'))).find((one) =>
    one.startsWith('eindkomst/0825'),
  ) as string
  appendFileSync(join(copy.dataDir, 'out', name), ' ')
  const { code, first_bad: bad } = await verify(copy)
  assert.deepEqual([code, bad?.municipality], [1, '0825'])
  assert.ok(bad?.what.includes(name), bad?.what)
})

test('an older backup of the database beside newer files is named; run again, it ends as the undisturbed one', {}, async () => {
  const lost = await newPlace('lost')
  await startFake(lost)
  const killed = await run(lost, month, { TOEK_FAILPOINT: 'run:after-release' })
  assert.equal(killed.signal, 'SIGKILL')
  const restored = { ...lost, url: await copyDatabase(lost.url) }
  outcome(lost, await run(lost, month))
  const { code, first_bad: bad } = await verify(restored)
  assert.equal(code, 1)
  assert.match(bad?.municipality ?? '', /^0(741|825)$/)
  assert.match(bad?.what ?? '', /the database does not know it/)
  await sameAs(undisturbed, restored, await run(restored, month), 'restored and run again')
  await verified(restored)
})
