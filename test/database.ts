/**
 * A real database for a test file: a clone of a template that was migrated once per run. A clone takes a few hundredths
 * of a second; whatever the file does to it, no other file sees it.
 */
import { createHash, randomBytes } from 'node:crypto'
import pg from 'pg'
import { processIdentity } from '../src/adapters/postgres/process.ts'
import type { migrate as Migrate, Reference } from '../src/base/migrate.ts'

export interface TestDatabase {
  /** A superuser URL; take a role on through src/base/db.ts. */
  readonly url: string
  readonly name: string
  /** Drops it now. Not needed: what a test file leaves behind is dropped when its process has ended. */
  drop(): Promise<void>
}

export interface TestDatabaseOptions {
  /** Default `demo`; `empty` is not migrated at all. */
  readonly mode?: 'demo' | 'operation' | 'empty'
  /** What the reference tables hold; default: nothing. */
  readonly reference?: Reference
}

const roles = ['owner', 'reader', 'writer', 'loader'] as const
const lockSpace = 7_031_202
const noReference: Reference = { rows: [], municipalities: [], benefits: [], accounts: [] }

/**
 * Makes a database for the calling test file: `const { url } = await testDatabase()`, once, outside the tests.
 * @throws when the tests were started without a server (`npm test -- FILE` starts one)
 */
export async function testDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const server = process.env['TOEK_TEST_DATABASE_URL']
  if (server === undefined) throw new Error('No test server. Run this file by: npm test -- FILE')
  const name = `toek_test_${runTag()}_${process.pid}_${randomBytes(3).toString('hex')}`
  await withAdmin(server, async (admin) => {
    await dropLeftovers(admin)
    const template = options.mode === 'empty' ? 'template0' : await ensureTemplate(admin, server, options)
    await admin.query(`create database ${name} template ${template} strategy file_copy`)
    if (template !== 'template0') await makeRoles(admin, name, template)
  })
  return { url: urlOf(server, name), name, drop: () => withAdmin(server, (admin) => dropDatabase(admin, name)) }
}

/**
 * An empty database as a managed server gives it: its owner may make roles and databases, and is neither superuser nor
 * has bypassrls. The login is dropped with the database.
 */
export async function managedDatabase(attributes = 'createrole createdb'): Promise<TestDatabase> {
  const made = await testDatabase({ mode: 'empty' })
  const login = `${made.name}_login`
  const password = randomBytes(12).toString('hex')
  await withAdmin(made.url, async (admin) => {
    await admin.query(`create role ${login} login nosuperuser nobypassrls ${attributes} password '${password}'`)
    await admin.query(`alter database ${made.name} owner to ${login}`)
  })
  const url = new URL(made.url)
  url.username = login
  url.password = password
  return { ...made, url: url.href }
}

/** Everything this run left on the server: its clones, templates and their roles. Called by test/run.ts at the end. */
export async function dropAllOfRun(server: string): Promise<void> {
  await withAdmin(server, async (admin) => {
    // Clones first: their rows of rights name the template's roles.
    for (const kind of ['test', 'template']) {
      const pattern = `toek\\_${kind}\\_${runTag()}\\_%`
      for (const name of await databasesLike(admin, pattern)) await dropDatabase(admin, name)
    }
  })
}

function runTag(): string {
  return process.env['TOEK_TEST_RUN'] ?? 'solo'
}

/** Two files that ask at once: one migrates, the other waits at the advisory lock and finds it done. */
async function ensureTemplate(admin: pg.Client, server: string, options: TestDatabaseOptions): Promise<string> {
  const mode = options.mode === 'operation' ? 'operation' : 'demo'
  const reference = options.reference ?? noReference
  const key = createHash('sha256').update(JSON.stringify(reference)).digest('hex').slice(0, 8)
  const template = `toek_template_${runTag()}_${mode}_${key}`
  await admin.query('select pg_advisory_lock($1, 1)', [lockSpace])
  try {
    // Marked as a template only when it is complete: one that was cut off is made anew.
    const known = await admin.query('select 1 from pg_database where datname = $1 and datistemplate', [template])
    if (known.rowCount !== 0) return template
    await dropDatabase(admin, template)
    await admin.query(`create database ${template} template template0`)
    const { migrate } = (await import('../src/base/migrate.ts')) as { migrate: typeof Migrate }
    await migrate(urlOf(server, template), { mode, reference })
    await admin.query(`alter database ${template} is_template true`)
    return template
  } finally {
    await admin.query('select pg_advisory_unlock($1, 1)', [lockSpace])
  }
}

/**
 * The roles of a clone carry its name, and are members of the template's, which own its tables and hold the grants.
 * A member has the rights and the row policies of its group; only `bypassrls` is not inherited.
 */
async function makeRoles(admin: pg.Client, name: string, template: string): Promise<void> {
  const statements: string[] = []
  for (const role of roles) {
    const group = await admin.query('select rolbypassrls as bypass from pg_roles where rolname = $1', [
      `${template}_${role}`,
    ])
    if (group.rowCount === 0) continue
    const bypass = group.rows[0].bypass === true ? ' bypassrls' : ''
    statements.push(`create role ${name}_${role} nologin${bypass} in role ${template}_${role}`)
    statements.push(`grant ${name}_${role} to current_user`)
  }
  if (statements.length > 0) await admin.query(statements.join(';'))
}

/** Clones of test files that have ended. One sweeper at a time; another file's sweep is as good as ours. */
async function dropLeftovers(admin: pg.Client): Promise<void> {
  const mine = await admin.query('select pg_try_advisory_lock($1, 2) as mine', [lockSpace])
  if (mine.rows[0].mine !== true) return
  try {
    const prefix = `toek_test_${runTag()}_`
    // The longest names first: clones of clones.
    const names = await databasesLike(admin, `${prefix.replaceAll('_', '\\_')}%`)
    for (const name of names.sort((a, b) => b.length - a.length)) {
      const pid = Number(name.slice(prefix.length).split('_')[0])
      if (processIdentity(pid) === undefined) await dropDatabase(admin, name)
    }
  } finally {
    await admin.query('select pg_advisory_unlock($1, 2)', [lockSpace])
  }
}

async function dropDatabase(admin: pg.Client, name: string): Promise<void> {
  const found = await admin.query('select datistemplate from pg_database where datname = $1', [name])
  if (found.rows[0]?.datistemplate === true) await admin.query(`alter database ${name} is_template false`)
  await admin.query(`drop database if exists ${name} with (force)`)
  await dropRoles(admin, name)
}

/** A clone of a clone uses the roles of the first: whoever goes last takes them along. */
async function dropRoles(admin: pg.Client, name: string): Promise<void> {
  for (const role of [...roles, 'login']) {
    await admin.query(`drop role if exists ${name}_${role}`).catch((error: { code?: string }) => {
      if (error.code !== '2BP01') throw error
    })
  }
}

async function databasesLike(admin: pg.Client, pattern: string): Promise<string[]> {
  const found = await admin.query('select datname from pg_database where datname like $1', [pattern])
  return found.rows.map((row: { datname: string }) => row.datname)
}

async function withAdmin<T>(server: string, work: (admin: pg.Client) => Promise<T>): Promise<T> {
  const admin = new pg.Client({ connectionString: server, application_name: 'toek tests' })
  await admin.connect()
  try {
    return await work(admin)
  } finally {
    await admin.end()
  }
}

function urlOf(server: string, name: string): string {
  const url = new URL(server)
  url.pathname = `/${name}`
  return url.href
}
