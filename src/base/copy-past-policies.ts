/**
 * COPY FROM is refused to a role under row-level security. Where nobody can give the loader bypassrls, rows are copied
 * into a temporary table and moved on by an insert, which every policy checks (docs/decisions/0007).
 */
import type pg from 'pg'
import type { Tx } from './db.ts'

export function copyPastPolicies(client: pg.Client, copyIn: Tx['copyIn']): Tx['copyIn'] {
  /** `table (columns)` → its temporary table, or undefined where COPY goes straight. */
  const standIns = new Map<string, string | undefined>()
  async function standInFor(table: string, columns: string): Promise<string | undefined> {
    const into = `${table} (${columns})`
    if (!standIns.has(into)) {
      const asked = await client.query('select row_security_active($1) as active', [table])
      standIns.set(into, asked.rows[0].active === true ? `pg_temp.copied_${standIns.size}` : undefined)
    }
    return standIns.get(into)
  }
  return async (table, columns, rows) => {
    const standIn = await standInFor(table, columns)
    if (standIn === undefined) return await copyIn(table, columns, rows)
    await emptied(client, standIn, `select ${columns} from ${table}`)
    await copyIn(standIn, columns, rows)
    await client.query(`insert into ${table} (${columns}) select ${columns} from ${standIn}`)
  }
}

/**
 * Made once for a connection: to make and drop a table costs more than to copy a small batch. It is empty after each
 * transaction; a second copy within one empties it here.
 */
async function emptied(client: pg.Client, standIn: string, like: string): Promise<void> {
  const made = await client.query('select to_regclass($1) is not null as made', [standIn])
  if (made.rows[0].made !== true) {
    await client.query(`create temporary table ${standIn} on commit delete rows as ${like} with no data`)
    return
  }
  const used = await client.query(`select exists (select from ${standIn}) as used`)
  if (used.rows[0].used === true) await client.query(`truncate ${standIn}`)
}
