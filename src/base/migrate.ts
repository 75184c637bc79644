/** Brings a database to the newest schema: plain SQL files, forward only, checksummed, one program at a time. */
import { createHash, hash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import pg from 'pg'
import { type DbRole, roleName } from './db.ts'
import { refuseSharedSession } from './own-session.ts'
import { Refusal } from './refusal.ts'
import { ensureRoles } from './roles.ts'

const FOLDER = new URL('../../db/migrations/', import.meta.url)
const LOCK = 7031201

export type Mode = 'demo' | 'operation'

export interface ReferenceRow {
  readonly kind: string
  readonly key: string
  readonly body: unknown
  readonly source: string
  readonly assumed: boolean
}

/** What the migration fills the reference tables with; rows that are there already are left alone. */
export interface Reference {
  readonly rows: readonly ReferenceRow[]
  readonly municipalities: readonly { readonly code: number; readonly name: string }[]
  readonly benefits: readonly { readonly id: number; readonly key: string; readonly name: string }[]
  readonly accounts: readonly {
    readonly id: number
    readonly key: string
    readonly number: string
    readonly name: string
    readonly clearing: boolean
    readonly purpose: string | null
    readonly sourceSystem: string | null
  }[]
}

export async function migrate(
  url: string,
  opts: {
    mode: Mode
    reference: Reference
    log?: (line: string) => void
    /** The last file to apply: a test makes the schema of an older release. */
    until?: string
  },
): Promise<{ readonly mode: Mode; readonly applied: number }> {
  const client = new pg.Client({ connectionString: url, application_name: 'toek migrate' })
  // A server that goes away is told by the query that waits for it.
  client.on('error', () => undefined)
  await client.connect()
  try {
    await refuseSharedSession(client, url)
    await client.query('select pg_advisory_lock($1)', [LOCK])
    const database = (await client.query('select current_database() as name')).rows[0].name as string
    const log = opts.log ?? (() => undefined)
    await ensureRoles(client, database, log)
    const applied = await applyFiles(client, database, log, opts.until)
    await fillReference(client, opts.reference)
    const mode = await fixMode(client, opts.mode)
    return { mode, applied }
  } finally {
    await client.end().catch(() => undefined)
  }
}

async function applyFiles(
  client: pg.Client,
  database: string,
  log: (line: string) => void,
  until: string | undefined,
): Promise<number> {
  const owner = pg.escapeIdentifier(roleName(database, 'owner'))
  await client.query(`set role ${owner}`)
  await client.query(`create table if not exists migrations (
    name text primary key, sha256 text not null, applied_at timestamptz not null default now())`)
  const done = new Map<string, string>()
  for (const row of (await client.query('select name, sha256 from migrations')).rows) done.set(row.name, row.sha256)
  let applied = 0
  const names = readdirSync(FOLDER).filter((name) => /^\d{4}_\w+\.sql$/.test(name))
  for (const name of names.sort()) {
    if (until !== undefined && name > until) break
    const text = readFileSync(new URL(name, FOLDER), 'utf8')
    const sha = hash('sha256', text)
    const known = done.get(name)
    if (known === sha) continue
    if (known !== undefined) {
      throw new Refusal('migration_changed', `The migration ${name} was applied with other content. Restore the file.`)
    }
    const sql = text.replace(/\{\{(owner|reader|writer|loader)\}\}/g, (_, role: DbRole) =>
      pg.escapeIdentifier(roleName(database, role)),
    )
    await client.query('begin')
    try {
      await client.query(sql)
      await client.query('insert into migrations (name, sha256) values ($1, $2)', [name, sha])
      await client.query('commit')
    } catch (error) {
      await client.query('rollback')
      throw new Error(`migration ${name}: ${(error as Error).message}`, { cause: error })
    }
    applied++
    log(`migrated ${name}`)
  }
  return applied
}

async function fillReference(client: pg.Client, reference: Reference): Promise<void> {
  const digest = createHash('sha256').update(JSON.stringify(reference)).digest('hex')
  const known = await client.query("select value from settings where key = 'reference'")
  if (known.rows[0]?.value === digest) return
  await client.query('begin')
  await client.query(
    `insert into reference_rows (kind, row_key, body, source, assumed, known_at)
     select r.kind, r.key, r.body, r.source, r.assumed, now()
     from jsonb_to_recordset($1::jsonb) as r (kind text, key text, body jsonb, source text, assumed boolean)
     on conflict (kind, row_key) do update set body = excluded.body, source = excluded.source,
       assumed = excluded.assumed, known_at = excluded.known_at
     where reference_rows.body <> excluded.body`,
    [JSON.stringify(reference.rows)],
  )
  await client.query(
    `insert into municipalities select m.code, m.name from jsonb_to_recordset($1::jsonb) as m (code smallint, name text)
     on conflict (municipality_code) do update set name = excluded.name`,
    [JSON.stringify(reference.municipalities)],
  )
  await client.query(
    `insert into benefits select b.id, b.key, b.name from jsonb_to_recordset($1::jsonb) as b (id smallint, key text, name text)
     on conflict (benefit) do update set name_da = excluded.name_da`,
    [JSON.stringify(reference.benefits)],
  )
  await client.query(
    `insert into accounts select a.id, a.key, a.number, a.name, a.clearing, a.purpose, a."sourceSystem"
     from jsonb_to_recordset($1::jsonb) as a (id int, key text, number text, name text, clearing boolean,
       purpose text, "sourceSystem" text)
     on conflict (account) do update set number = excluded.number, name_da = excluded.name_da`,
    [JSON.stringify(reference.accounts)],
  )
  await client.query(
    `insert into settings values ('reference', $1) on conflict (key) do update set value = excluded.value`,
    [digest],
  )
  await client.query('commit')
}

/** The mode is written at creation and never changed: the fakes and the demo users exist in `demo` only. */
async function fixMode(client: pg.Client, mode: Mode): Promise<Mode> {
  await client.query(`insert into settings values ('mode', $1) on conflict (key) do nothing`, [mode])
  return (await client.query("select value from settings where key = 'mode'")).rows[0].value as Mode
}
