/**
 * Roles, scopes and locks belong to a session of the server. Behind a pooler that lends sessions for one transaction
 * at a time, rows would be read and written by whoever was there before.
 */
import pg from 'pg'
import { Refusal } from './refusal.ts'

const MOST_ASKED = 4

/** @throws Refusal session_shared: what `client` has of the server is given to others between its transactions */
export async function refuseSharedSession(client: pg.Client, url: string): Promise<void> {
  const mine = await sessionOf(client)
  const other = new pg.Client({ connectionString: url, application_name: 'toek session' })
  other.on('error', () => undefined)
  await other.connect()
  try {
    let own = true
    // A pooler that lends in turn gives us another one after some number of questions of somebody else.
    for (let asked = 1; own && asked <= MOST_ASKED; asked++) {
      for (let i = 0; own && i < asked; i++) own = (await sessionOf(other)) !== mine
      own &&= (await sessionOf(client)) === mine
    }
    // It holds what it is given: were that ours, the pooler has lent us nothing to keep.
    await other.query('begin')
    if (own && (await sessionOf(other)) !== mine && (await sessionOf(client)) === mine) return
  } finally {
    await other.end().catch(() => undefined)
  }
  throw new Refusal(
    'session_shared',
    'DATABASE_URL leads to a pooler that lends a session of the database for one transaction at a time. Roles and ' +
      'locks belong to the session, so this is not safe: let it pool by session (PgBouncer: pool_mode = session), or ' +
      'name the server itself. Nothing was read or written.',
  )
}

async function sessionOf(client: pg.Client): Promise<number> {
  return (await client.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]?.pid ?? 0
}
