import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, test } from 'node:test'
import { rowWriter } from '../src/base/copy.ts'
import type { Day } from '../src/base/date.ts'
import { type Connection, connect, type DbRole, type Tx } from '../src/base/db.ts'
import { numbered } from '../src/base/id.ts'
import { ore } from '../src/base/money.ts'
import { dumpSchema } from '../src/entry/schema/dump-schema.ts'
import { ledgerBatchNo, ledgerWriter } from '../src/modules/ledger/index.ts'
import { testDatabase } from './database.ts'

/** Rows that are the same for everybody: not about a person, money or an act of a municipality. */
const NATIONAL = (
  'access_tokens accounts benefits law_approvals law_changes law_tests migrations reference_rows settings ' +
  'source_systems'
).split(' ')
/** Led by the municipality's code, but about the municipality itself: everybody may read its name. */
const NAMES = ['municipalities']
/** Found by ranges of pages; that no row comes twice is held by the key of its entry and the totals of its batch. */
const HEAPS = ['transfers']
const LEDGER = ['ledger_batches', 'entries', 'transfers', 'seals']
const APPENDED = [...LEDGER, 'audit_log']
const AARHUS = 751
const COPENHAGEN = 101
const TRANSFER_COLUMNS = `municipality_code, entry_id, transfer_no, source_system, benefit, debit_account,
  credit_account, amount_ore, item_id`
const MARCH_31: Day = 20_543 as Day

const { url, name } = await testDatabase()
const open: Connection[] = []
async function as(role: DbRole | undefined): Promise<Connection> {
  const connection = await connect(url, role, 'schema test')
  open.push(connection)
  return connection
}
after(() => Promise.all(open.map((one) => one.close())))
const admin = await as(undefined)

test('db/schema.sql is what the migrations make', async () => {
  const kept = readFileSync(new URL('../db/schema.sql', import.meta.url), 'utf8')
  assert.equal(await dumpSchema(admin.db), kept, 'run npm run schema and look at the difference')
})

test('a schema that differs anywhere gives another text', async () => {
  const kept = await dumpSchema(admin.db)
  const changes = [
    'alter table parties add column nickname text',
    'alter table parties alter column identifier drop not null',
    'alter table transfers drop constraint transfers_amount_ore_check',
    'drop policy scope on parties',
    'alter policy loader_reads on parties to public',
    'alter table parties disable row level security',
    `grant update on transfers to "${name}_writer"`,
    'alter table transfers disable trigger transfers_appended',
    'create index parties_by_type on parties (municipality_code, type)',
    `comment on table parties is 'Something else'`,
    'create view everything as select * from parties',
    `create or replace function refuse_change() returns trigger language plpgsql as 'begin return new; end'`,
  ]
  for (const change of changes) {
    const undone = new Error('undone')
    const changed = admin.transaction([], async (tx) => {
      await tx.run(change)
      assert.notEqual(await dumpSchema(tx), kept, change)
      throw undone
    })
    await assert.rejects(changed, undone)
  }
  assert.equal(await dumpSchema(admin.db), kept)
})

test('the municipality leads every key of rows about persons, money or acts', async () => {
  const keys = await admin.db.rows<{ table: string; first: string; primary: boolean }>(
    `select i.indrelid::regclass::text as table, a.attname as first, i.indisprimary as primary
     from pg_index i join pg_class c on c.oid = i.indrelid
     join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and i.indisunique order by 1`,
  )
  assert.ok(keys.length > 40, `only ${keys.length} keys were seen`)
  const others = keys.filter((key) => key.first !== 'municipality_code').map((key) => key.table)
  assert.deepEqual([...new Set(others)], NATIONAL)
  const tables = await admin.db.rows<{ name: string }>(
    `select relname as name from pg_class c where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
       and not exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary)`,
  )
  assert.deepEqual(
    tables.map((table) => table.name),
    HEAPS,
    'every other table has a primary key',
  )
})

test('row-level security stands on every table with a municipality, by the same two policies', async () => {
  const tables = await admin.db.rows<{ name: string; rls: boolean; policies: string[] }>(
    `select c.relname as name, c.relrowsecurity as rls, array(select p.polcmd::text || ' ' ||
         pg_get_expr(p.polqual, p.polrelid) || coalesce((select ' to ' || string_agg(regexp_replace(r.rolname,
         '^.*_', ''), ', ') from pg_roles r where r.oid = any (p.polroles)), '')
       from pg_policy p where p.polrelid = c.oid order by p.polname) as policies
     from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'municipality_code'
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') order by 1`,
  )
  const scoped = tables.filter((table) => !NAMES.includes(table.name))
  assert.ok(scoped.length > 25, `only ${scoped.length} tables were seen`)
  const scope = '* (municipality_code = ANY (( SELECT municipality_scope() AS municipality_scope)::smallint[]))'
  const other = scoped.filter((table) => !table.rls || table.policies.join() !== `r true to loader,${scope}`)
  assert.deepEqual(other, [])
})

test('the ledger, calculations and what is due hold no text: no name, no CPR, nothing to forget', async () => {
  const columns = await admin.db.rows<{ column: string }>(
    `select a.attrelid::regclass::text || '.' || a.attname as "column" from pg_attribute a
     where a.attrelid = any ($1::regclass[]) and a.attnum > 0 and not a.attisdropped
       and a.atttypid not in ('int2'::regtype, 'int4'::regtype, 'int8'::regtype, 'date'::regtype,
         'timestamptz'::regtype, 'bytea'::regtype, 'bool'::regtype, 'int4multirange'::regtype) order by 1`,
    [[...LEDGER, 'calculations', 'deductions', 'payables', 'accepted_payments', 'payments', 'payment_parts']],
  )
  const rail = ['calculations.rail_kind', 'payables.rail_kind', 'payments.rail_kind']
  assert.deepEqual(
    columns.map((one) => one.column).filter((one) => !rail.includes(one)),
    [],
  )
})

test('views ask with the rights of who reads them', async () => {
  const views = await admin.db.rows<{ name: string; options: string[] | null }>(
    `select relname as name, reloptions as options from pg_class
     where relnamespace = 'public'::regnamespace and relkind in ('v', 'm') order by 1`,
  )
  assert.ok(views.some((view) => view.name === 'ledger_lines_v1'))
  assert.deepEqual(
    views.filter((view) => !view.options?.includes('security_invoker=true')),
    [],
  )
})

test('a reader and a writer see nothing without a scope, and their own municipality with one', async () => {
  await admin.db.run(
    `insert into parties values (751, 1, 0, '6103850000'), (751, 2, 0, '6203850000'), (101, 1, 0, '6303850000')`,
  )
  const seen = 'select municipality_code as m, count(*)::int as n from parties group by 1 order by 1'
  for (const role of ['reader', 'writer'] as const) {
    const connection = await as(role)
    const in751 = [{ m: AARHUS, n: 2 }]
    assert.deepEqual(await connection.db.rows(seen), [])
    assert.deepEqual(await connection.transaction([AARHUS], (tx) => tx.rows(seen)), in751)
    assert.deepEqual(await connection.db.rows(seen), [], 'the scope ends with its transaction')
    const both = await connection.transaction([AARHUS, COPENHAGEN], (tx) => tx.rows(seen))
    assert.deepEqual(both, [{ m: COPENHAGEN, n: 1 }, ...in751])
  }
  const writer = await as('writer')
  const foreign = writer.transaction([AARHUS], (tx) => tx.run(`insert into parties values (101, 9, 0, '6403850000')`))
  await assert.rejects(foreign, /row-level security/)
})

test('who may change or remove what: the ledger nobody', async () => {
  const rights = await admin.db.rows<{ name: string; role: string; right: string }>(
    `select c.relname as name, r.role, p.verb as "right" from pg_class c,
       unnest(array['reader', 'writer', 'loader']) as r (role), unnest(array['UPDATE', 'DELETE', 'TRUNCATE']) as p (verb)
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v')
       and has_table_privilege($1 || '_' || r.role, c.oid, p.verb) order by 1, 2, 3`,
    [name],
  )
  assert.deepEqual(rights, [
    { name: 'work_items', role: 'loader', right: 'UPDATE' },
    { name: 'work_items', role: 'writer', right: 'UPDATE' },
  ])
})

test('no role is a superuser or logs in, and only the loader passes row-level security', async () => {
  const roles = await admin.db.rows(
    `select replace(rolname, $1 || '_', '') as role, rolsuper as super, rolcanlogin as login, rolbypassrls as bypass,
       rolcreaterole as roles, rolcreatedb as databases
     from pg_roles where rolname = any (array[$1 || '_owner', $1 || '_reader', $1 || '_writer', $1 || '_loader']) order by 1`,
    [name],
  )
  const plain = { super: false, login: false, roles: false, databases: false }
  assert.deepEqual(roles, [
    { role: 'loader', ...plain, bypass: true },
    { role: 'owner', ...plain, bypass: false },
    { role: 'reader', ...plain, bypass: false },
    { role: 'writer', ...plain, bypass: false },
  ])
})

async function post(tx: Tx, workNo: number): Promise<void> {
  const book = ledgerWriter(AARHUS)
  const batch = book.batch(ledgerBatchNo(workNo, 0), MARCH_31, '2026-03-31T06:00:00+00:00')
  batch.entry(4711)
  batch.transfer(1, 7, 100, 200, ore(12_345), 0)
  batch.transfer(1, 7, 100, 300, ore(55), 0)
  await book.write(tx)
}

function strayTransfer(): Buffer {
  const rows = rowWriter(256)
  rows.row(9)
  rows.i16(AARHUS)
  rows.i64(numbered(ledgerBatchNo(1, 0), 0))
  rows.i32(7)
  rows.i16(1)
  rows.i16(7)
  rows.i32(100)
  rows.i32(200)
  rows.i64(1)
  rows.i64(0)
  return rows.take()
}

test('the loader copies into the ledger; a reader may not', async () => {
  const loader = await as('loader')
  await loader.transaction([AARHUS], (tx) => post(tx, 1))
  const reader = await as('reader')
  const sums = await reader.transaction([AARHUS], (tx) =>
    tx.rows(`select count(*)::int as transfers, sum(amount_ore)::int as ore from transfers`),
  )
  assert.deepEqual(sums, [{ transfers: 2, ore: 12_400 }])
  await assert.rejects(
    reader.transaction([AARHUS], (tx) => tx.copyIn('transfers', TRANSFER_COLUMNS, strayTransfer())),
    /permission denied|row-level security/,
  )
})

test('a transfer outside a ledger batch of its own transaction is refused, also by COPY', async () => {
  for (const [role, work] of [
    ['loader', (tx: Tx) => tx.copyIn('transfers', TRANSFER_COLUMNS, strayTransfer())],
    ['writer', (tx: Tx) => tx.run(`insert into transfers values (751, ${numbered(64, 0)}, 7, 1, 7, 100, 200, 1, 0)`)],
    ['writer', (tx: Tx) => tx.run(`insert into entries values (751, ${numbered(64, 1)}, 1, sha256(''))`)],
  ] as const) {
    const connection = await as(role)
    await assert.rejects(
      connection.transaction<unknown>([AARHUS], work),
      /violates check constraint "(entries|transfers)_of_a_ledger_batch_of_this_transaction"/,
    )
  }
  const after1 = await admin.db.first<{ n: number }>('select count(*)::int as n from transfers')
  assert.equal(after1?.n, 2)
})

test('a closed period takes no ledger batch; the next month does', async () => {
  const writer = await as('writer')
  const close = `insert into closed_periods values (751, '2026-03-01', now(), 'regnskab')`
  await writer.transaction([AARHUS], (tx) => tx.run(close))
  const loader = await as('loader')
  await assert.rejects(
    loader.transaction([AARHUS], (tx) => post(tx, 2)),
    /Accounting period 2026-03 of municipality 0751 is closed/,
  )
  // After a fault inside COPY a connection is not used again.
  const another = await as('loader')
  const april = `insert into ledger_batches values (751, 192, '2026-04-01', '2026-03-31', now(), 0, 0, 0, sha256(''))`
  assert.equal(await another.transaction([AARHUS], (tx) => tx.run(april)), 1)
})

test('not even the owner changes, removes or truncates what is appended', async () => {
  const owner = await as('owner')
  await admin.db.run(`insert into audit_log (municipality_code, at, actor, command, subject)
    values (751, now(), 'prøve', 'test', 'schema')`)
  await admin.db.run(`insert into seals values (751, 1, 64, sha256('')) on conflict do nothing`)
  for (const table of APPENDED) {
    // As the database's own superuser: row-level security hides nothing from it, so only the triggers stand.
    for (const connection of [admin, owner]) {
      const change = `update ${table} set municipality_code = municipality_code`
      const statements = [change, `delete from ${table}`, ...(LEDGER.includes(table) ? [`truncate ${table}`] : [])]
      for (const sql of statements) {
        await assert.rejects(
          connection.transaction([AARHUS], (tx) => tx.run(sql)),
          /never changed or removed/,
          `${sql} as ${connection === owner ? 'owner' : 'superuser'}`,
        )
      }
    }
  }
})
