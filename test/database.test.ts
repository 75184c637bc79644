import assert from 'node:assert/strict'
import test from 'node:test'
import pg from 'pg'
import { connect } from '../src/base/db.ts'
import { testDatabase } from './database.ts'

async function ask(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query({ text: sql, rowMode: 'array' })).rows.flat()
  } finally {
    await client.end()
  }
}

test('two databases of a run share the schema and nothing else', async () => {
  const [one, two] = await Promise.all([testDatabase({ mode: 'empty' }), testDatabase({ mode: 'empty' })])
  await ask(one.url, 'create table only_here (a int)')
  const seen = "select to_regclass('only_here') is not null"
  assert.deepEqual(await ask(one.url, seen), [true])
  assert.deepEqual(await ask(two.url, seen), [false])
  await one.drop()
  assert.deepEqual(await ask(two.url, `select count(*)::int from pg_database where datname = '${one.name}'`), [0])
})

test('a clone is migrated, knows its mode, and its own roles have the rights of the roles it was migrated with', async () => {
  const { url } = await testDatabase({ mode: 'operation' })
  assert.deepEqual(await ask(url, "select value from settings where key = 'mode'"), ['operation'])
  const loader = await connect(url, 'loader')
  const reader = await connect(url, 'reader')
  try {
    const [row] = await loader.db.rows<{ bypass: boolean }>(
      'select rolbypassrls as bypass from pg_roles where rolname = current_user',
    )
    assert.equal(row?.bypass, true)
    assert.deepEqual(await reader.db.rows('select key from settings where false'), [])
    await assert.rejects(reader.db.run("insert into settings values ('x', 'y')"), /permission denied/)
  } finally {
    await loader.close()
    await reader.close()
  }
})

test('a session is in UTC, whatever the database is set to', async () => {
  const { url, name } = await testDatabase({ mode: 'empty' })
  await ask(url, `alter database ${name} set timezone = 'Europe/Copenhagen'`)
  const { db, close } = await connect(url, undefined)
  try {
    const [row] = await db.rows<{ at: string }>("select '2026-03-31 22:30:00Z'::timestamptz::text as at")
    assert.equal(row?.at, '2026-03-31 22:30:00+00')
  } finally {
    await close()
  }
})
