/**
 * The four roles of a database. The first verb makes them where its user may; roles that an administrator made
 * beforehand are used as they are; what can be had in neither way is asked for, as the statements to run.
 */
import pg from 'pg'
import { type DbRole, roleName } from './db.ts'
import { Refusal } from './refusal.ts'

const ROLES: readonly DbRole[] = ['owner', 'reader', 'writer', 'loader']

/** @throws Refusal roles_missing: it says what an administrator must run */
export async function ensureRoles(client: pg.Client, database: string, log: (line: string) => void): Promise<void> {
  const user = (await client.query('select current_user as name')).rows[0].name as string
  const missing: string[] = []
  for (const role of ROLES) missing.push(...(await ensureRole(client, database, role, user, log)))
  missing.push(...(await ensureRights(client, database, missing.length === 0)))
  if (missing.length === 0) return
  throw new Refusal(
    'roles_missing',
    `The database user ${user} lacks rights on the database ${database}. Let an administrator who is connected to ` +
      `this database run:\n\n${missing.map((statement) => `${statement};\n`).join('')}\n` +
      'Where nobody can give bypassrls, leave that word out: the bulk line is slower then. See docs/operating.md.',
  )
}

/** Gives the statements that an administrator must run before the user can take on the role. */
async function ensureRole(
  client: pg.Client,
  database: string,
  role: DbRole,
  user: string,
  log: (line: string) => void,
): Promise<string[]> {
  const name = pg.escapeIdentifier(roleName(database, role))
  const known = await client.query<{ super: boolean; bypass: boolean }>(
    'select rolsuper as super, rolbypassrls as bypass from pg_roles where rolname = $1',
    [roleName(database, role)],
  )
  const found = known.rows[0]
  const missing: string[] = []
  if (found === undefined) {
    const create = `create role ${name} nologin`
    const made = role === 'loader' ? await createLoader(client, create, log) : await may(client, create)
    if (!made) missing.push(role === 'loader' ? `${create} bypassrls` : create)
  } else {
    // Who passes row-level security sees everybody's rows: the loader alone may, and nobody may do everything.
    if (found.super) missing.push(`alter role ${name} nosuperuser`)
    if (found.bypass && role !== 'loader') missing.push(`alter role ${name} nobypassrls`)
  }
  const grant = `grant ${name} to ${pg.escapeIdentifier(user)}`
  const taken = (): Promise<boolean> => may(client, `set role ${name}`)
  if (missing.length > 0 || !((await taken()) || ((await may(client, grant)) && (await taken())))) missing.push(grant)
  await client.query('reset role')
  return missing
}

/** Only who has bypassrls may give it, in version 15 only a superuser; without it the line takes another way. */
async function createLoader(client: pg.Client, create: string, log: (line: string) => void): Promise<boolean> {
  if (await may(client, `${create} bypassrls`)) return true
  if (!(await may(client, create))) return false
  log('the loader has no bypassrls: the bulk line writes under row-level security and is slower (docs/operating.md)')
  return true
}

/** The owner makes tables, the loader makes temporary ones; `rolesMade`: there is somebody to give it to. */
async function ensureRights(client: pg.Client, database: string, rolesMade: boolean): Promise<string[]> {
  const owner = roleName(database, 'owner')
  const loader = roleName(database, 'loader')
  const rights = [
    {
      has: "has_schema_privilege($1, 'public', 'create') and has_schema_privilege($1, 'public', 'usage')",
      role: owner,
      grant: `grant create, usage on schema public to ${pg.escapeIdentifier(owner)}`,
    },
    {
      has: "has_database_privilege($1, current_database(), 'temporary')",
      role: loader,
      grant: `grant temporary on database ${pg.escapeIdentifier(database)} to ${pg.escapeIdentifier(loader)}`,
    },
  ]
  const missing: string[] = []
  for (const { has, role, grant } of rights) {
    const given = async (): Promise<boolean> =>
      rolesMade && (await client.query(`select ${has} as has`, [role])).rows[0].has === true
    // Who may not pass a right on is warned, not refused: so it is asked for once more.
    if (!(await given()) && !(rolesMade && (await may(client, grant)) && (await given()))) missing.push(grant)
  }
  return missing
}

/** Runs a statement; false when the user may not. */
async function may(client: pg.Client, statement: string): Promise<boolean> {
  try {
    await client.query(statement)
    return true
  } catch (error) {
    if ((error as { code?: string }).code === '42501') return false
    throw error
  }
}
