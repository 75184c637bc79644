/** A server without superuser: the owner of a database makes the roles, finds them made, or is told what to ask for. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { connect, type DbRole } from '../src/base/db.ts'
import { migrate } from '../src/base/migrate.ts'
import { Refusal } from '../src/base/refusal.ts'
import { rowWriter } from '../src/base/copy.ts'
import { managedDatabase, testDatabase } from './database.ts'
import { type Month, outcome, run, sameAs, smallMonth, verified } from './faults/month.ts'
import { cleanUp, newPlace, scratch, sql } from './faults/program.ts'

const NOTHING = { mode: 'demo', reference: { rows: [], municipalities: [], benefits: [], accounts: [] } } as const
const EVENTS =
  'select municipality_code, source_system, first_no, events, kind, ref from event_batches order by 1, 2, 3'
const PARTIES = 'municipality_code, party_id, type, identifier'

let month: Month
before(async () => {
  month = await smallMonth(200)
})
after(cleanUp)

async function bypasses(url: string, name: string): Promise<boolean | undefined> {
  const rows = await sql<{ bypass: boolean }>(url, 'select rolbypassrls as bypass from pg_roles where rolname = $1', [
    `${name}_loader`,
  ])
  return rows[0]?.bypass
}

test('a loader under row-level security gives the month of one that passes it, to the byte', async () => {
  const free = await newPlace('free')
  const reference = outcome(free, await run(free, month))
  const { url, name } = await managedDatabase()
  const [user] = await sql<{ plain: boolean }>(
    url,
    'select not rolsuper and not rolbypassrls as plain from pg_roles where rolname = current_user',
  )
  assert.equal(user?.plain, true)
  const managed = { url, dataDir: scratch('managed') }
  await sameAs(reference, managed, await run(managed, month), 'managed')
  assert.equal(await bypasses(url, name), false)
  await verified(managed)
  const events = await sql(url, EVENTS)
  assert.ok(events.length > 10)
  assert.deepEqual(events, await sql(free.url, EVENTS))
})

function citizen(municipality: number): Buffer {
  const rows = rowWriter(256)
  rows.row(4)
  rows.i16(municipality)
  rows.i64(1)
  rows.i16(0)
  rows.text('6103850000')
  return rows.take()
}

test('such a loader reads as any loader, copies within its scope only, and changes nothing', async () => {
  const { url } = await managedDatabase()
  await migrate(url, NOTHING)
  const loader = await connect(url, 'loader')
  const reader = await connect(url, 'reader')
  try {
    const copy = (scope: number, municipality: number): Promise<void> =>
      loader.transaction([scope], (tx) => tx.copyIn('parties', PARTIES, citizen(municipality)))
    await copy(751, 751)
    await assert.rejects(copy(751, 101), /row-level security policy for table "parties"/)
    assert.equal(loader.broken, false)
    await copy(101, 101)
    const seen = 'select municipality_code as m from parties order by 1'
    assert.deepEqual(await loader.db.rows(seen), [{ m: 101 }, { m: 751 }])
    assert.deepEqual(await reader.db.rows(seen), [])
    assert.deepEqual(await reader.transaction([751], (tx) => tx.rows(seen)), [{ m: 751 }])
    for (const change of ['update parties set type = 1', 'delete from parties', 'truncate parties']) {
      await assert.rejects(
        loader.transaction([751], (tx) => tx.run(change)),
        /permission denied/,
      )
    }
  } finally {
    await loader.close()
    await reader.close()
  }
})

async function takesOn(url: string, role: DbRole): Promise<void> {
  const connection = await connect(url, role)
  await connection.db.rows('select key from settings')
  await connection.close()
}

test('roles that an administrator made by the printed statements are used, with what they have', async () => {
  const { url, name } = await managedDatabase('')
  const refused = await migrate(url, NOTHING).then(
    () => assert.fail('it was not refused'),
    (error: unknown) => error as Refusal,
  )
  assert.equal(refused.code, 'roles_missing')
  const statements = refused.message.match(/^.+;$/gm) ?? []
  assert.equal(statements.length, 8 + 2, refused.message)
  assert.match(refused.message, new RegExp(`create role "${name}_loader" nologin bypassrls;`))
  const admin = new URL((await testDatabase({ mode: 'empty' })).url)
  admin.pathname = `/${name}`
  await sql(admin.href, statements.join('\n'))
  await migrate(url, NOTHING)
  for (const role of ['owner', 'reader', 'writer', 'loader'] as const) await takesOn(url, role)
  assert.equal(await bypasses(url, name), true)
  // An administrator may take it away and give it back: the line goes on either way.
  await sql(admin.href, `alter role "${name}_loader" nobypassrls`)
  await migrate(url, NOTHING)
})

test('a reader that passes row-level security is refused', async () => {
  const { url, name } = await managedDatabase()
  await migrate(url, NOTHING)
  const admin = new URL((await testDatabase({ mode: 'empty' })).url)
  await sql(admin.href, `alter role "${name}_reader" bypassrls`)
  await assert.rejects(migrate(url, NOTHING), new RegExp(`alter role "${name}_reader" nobypassrls;`))
})
