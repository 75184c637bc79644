/**
 * COPY FROM is refused to a role under row-level security. Where nobody can give the loader bypassrls, rows are copied
 * into a temporary table and moved on by an insert, which every policy checks (docs/decisions/0007).
 */
import type pg from 'pg'
import type { Tx } from './db.ts'

const STAND_IN = 'pg_temp.copied'

export function copyPastPolicies(client: pg.Client, copyIn: Tx['copyIn']): Tx['copyIn'] {
  const stands = new Map<string, boolean>()
  async function standsUnderPolicies(table: string): Promise<boolean> {
    let active = stands.get(table)
    if (active === undefined) {
      active = (await client.query('select row_security_active($1) as active', [table])).rows[0].active === true
      stands.set(table, active)
    }
    return active
  }
  return async (table, columns, rows) => {
    if (!(await standsUnderPolicies(table))) return await copyIn(table, columns, rows)
    await client.query(
      `create temporary table ${STAND_IN} on commit drop as select ${columns} from ${table} with no data`,
    )
    await copyIn(STAND_IN, columns, rows)
    await client.query(`insert into ${table} (${columns}) select ${columns} from ${STAND_IN}; drop table ${STAND_IN}`)
  }
}
