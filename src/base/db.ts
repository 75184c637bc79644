/**
 * The only door to PostgreSQL. A transaction is a required argument type: `Tx` to write or lock, `Db` to read.
 * int8 becomes a safe whole number, date becomes Day, timestamptz stays ISO text: nothing shifts by time zone.
 */
import { createHash } from 'node:crypto'
import pg from 'pg'
import copyStreams from 'pg-copy-streams'
import { assert } from './assert.ts'
import type { RowWriter } from './copy.ts'
import { copyPastPolicies } from './copy-past-policies.ts'
import { type Day, parseDay } from './date.ts'
import type { Municipality } from './id.ts'

pg.types.setTypeParser(20, (text) => {
  const value = Number(text)
  assert(Number.isSafeInteger(value), `int8 out of range: ${text}`)
  return value
})
pg.types.setTypeParser(1082, (text) => parseDay(text) as Day)
pg.types.setTypeParser(1184, (text) => text)

/** The database roles that the program takes on; the names carry the database's name. */
export type DbRole = 'owner' | 'reader' | 'writer' | 'loader'

export type Value = string | number | boolean | null | Uint8Array | readonly (string | number | null)[]

export interface Questions {
  /** Rows of a query with $1… parameters. */
  rows<T>(sql: string, values?: readonly Value[]): Promise<T[]>
  /** The first row, or undefined. */
  first<T>(sql: string, values?: readonly Value[]): Promise<T | undefined>
  /** How many rows were touched. */
  run(sql: string, values?: readonly Value[]): Promise<number>
}

export interface Db extends Questions {
  /**
   * The same for a statement of fixed text that is asked often, and whose plan does not hang on its values: a
   * connection reads it once, and plans it a few times. Not for ranges and long lists: a plan for any value would look
   * each up.
   */
  readonly often: Questions
  /** The bytes of `copy (query) to stdout (format binary)`; the query has no parameters. */
  copyOut(query: string): Promise<Buffer>
}

declare const txBrand: unique symbol
export interface Tx extends Db {
  readonly [txBrand]: true
  /** Binary COPY of prepared rows into `table (columns)`; a writer is empty afterwards. */
  copyIn(table: string, columns: string, rows: RowWriter | Buffer): Promise<void>
}

export interface Connection {
  /** Reads outside any transaction; with row-level security it sees nothing without a scope. */
  readonly db: Db
  /** One transaction; `municipalities` is what it may see and write. */
  transaction<T>(municipalities: readonly Municipality[], work: (tx: Tx) => Promise<T>): Promise<T>
  /** The same for one municipality, holding its lock: intakes, runs and answers of a municipality take turns. */
  inTurn<T>(municipality: Municipality, work: (tx: Tx) => Promise<T>): Promise<T>
  /** The same beside others of its kind, and never while somebody has the municipality's turn: batches. */
  besideOthers<T>(municipality: Municipality, work: (tx: Tx) => Promise<T>): Promise<T>
  /**
   * Lets one program at a time lay out files of a municipality, from their making until they have their names: the same
   * file has the same temporary name whoever makes it. Asked before the turn, never within it.
   */
  layingOut<T>(municipality: Municipality, work: () => Promise<T>): Promise<T>
  /** True after a fault inside COPY or of the line: it must not be used again. */
  readonly broken: boolean
  close(): Promise<void>
}

export function roleName(database: string, role: DbRole): string {
  return `${database}_${role}`
}

function databaseOf(url: string): string {
  return decodeURIComponent(new URL(url).pathname.slice(1))
}

/** Connects and takes on a role for the life of the connection. `who` is seen in pg_stat_activity. */
export async function connect(url: string, role: DbRole | undefined, who = 'toek'): Promise<Connection> {
  const client = new pg.Client({ connectionString: url, application_name: who, keepAlive: true })
  const state = { broken: false }
  client.on('error', () => {
    state.broken = true
  })
  await client.connect()
  // A server of somebody else's may be set to its own: times are read and cut into months as they are written.
  await client.query("set timezone = 'UTC'")
  if (role !== undefined) await client.query(`set role ${pg.escapeIdentifier(roleName(databaseOf(url), role))}`)
  // The line is parallel by itself: a query that starts helpers only takes their core from the next lane.
  if (role === 'loader') await client.query('set max_parallel_workers_per_gather = 0')
  const plain = dbOf(client, state) as Tx
  const db: Tx = { ...plain, copyIn: copyPastPolicies(client, plain.copyIn) }
  return {
    db,
    get broken() {
      return state.broken
    },
    transaction: (municipalities, work) => transaction(client, db, state, municipalities, '', work),
    inTurn: (one, work) => transaction(client, db, state, [one], `; ${municipalityLock(one)}`, work),
    besideOthers: (one, work) => transaction(client, db, state, [one], `; ${sharedLock(one)}`, work),
    layingOut: (one, work) => layingOut(client, state, one, work),
    close: async () => {
      await client.end().catch(() => undefined)
    },
  }
}

/**
 * A connection whose transactions are parts of one that is open: each is kept or undone by itself, and all are undone
 * with it. What is done by it is the real thing, and can be looked at before it is thrown away.
 */
export function partsOf(tx: Tx, outer: Connection): Connection {
  async function part<T>(work: (tx: Tx) => Promise<T>, first?: string): Promise<T> {
    await tx.run('savepoint part')
    try {
      if (first !== undefined) await tx.run(first)
      const result = await work(tx)
      await tx.run('release savepoint part')
      return result
    } catch (error) {
      if (!outer.broken) await tx.run('rollback to savepoint part')
      throw error
    }
  }
  return {
    db: tx,
    get broken() {
      return outer.broken
    },
    transaction: (_municipalities, work) => part(work),
    inTurn: (one, work) => part(work, municipalityLock(one)),
    besideOthers: (_one, work) => part(work),
    layingOut: (_one, work) => work(),
    close: () => Promise.resolve(),
  }
}

/** Held until the transaction ends: beside others who share it, never while somebody has the municipality's turn. */
function sharedLock(municipality: Municipality): string {
  return `select pg_advisory_xact_lock_shared(7031202, ${municipality})`
}

/** Held until the transaction ends. */
export function municipalityLock(municipality: Municipality): string {
  return `select pg_advisory_xact_lock(7031202, ${municipality})`
}

async function transaction<T>(
  client: pg.Client,
  tx: Tx,
  state: { broken: boolean },
  municipalities: readonly Municipality[],
  first: string,
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  await client.query(`begin; set local toek.municipalities = '{${municipalities.join(',')}}'${first}`)
  try {
    const result = await work(tx)
    await client.query('commit')
    return result
  } catch (error) {
    if (!state.broken) await client.query('rollback').catch(() => (state.broken = true))
    throw error
  }
}

async function layingOut<T>(
  client: pg.Client,
  state: { broken: boolean },
  municipality: Municipality,
  work: () => Promise<T>,
): Promise<T> {
  await client.query(`select pg_advisory_lock(7031208, ${municipality})`)
  try {
    return await work()
  } finally {
    // It belongs to the session, and ends with it.
    if (!state.broken) {
      await client.query(`select pg_advisory_unlock(7031208, ${municipality})`).catch(() => (state.broken = true))
    }
  }
}

/** By their text: what a server knows a statement by has at most 63 characters. */
const statementNames = new Map<string, string>()

function nameOf(sql: string): string {
  let name = statementNames.get(sql)
  if (name === undefined) statementNames.set(sql, (name = createHash('sha256').update(sql).digest('hex').slice(0, 32)))
  return name
}

function questions(ask: (sql: string, values?: readonly Value[]) => Promise<pg.QueryResult>): Questions {
  return {
    async rows<T>(sql: string, values?: readonly Value[]) {
      return (await ask(sql, values)).rows as T[]
    },
    async first<T>(sql: string, values?: readonly Value[]) {
      return (await ask(sql, values)).rows[0] as T | undefined
    },
    async run(sql, values) {
      return (await ask(sql, values)).rowCount ?? 0
    },
  }
}

function dbOf(client: pg.Client, state: { broken: boolean }): Db {
  const tx: Omit<Tx, typeof txBrand> = {
    ...questions((sql, values) => client.query(sql, values as unknown[])),
    often: questions((text, values) => client.query({ name: nameOf(text), text, values: values as unknown[] })),
    async copyOut(query) {
      const stream = client.query(copyStreams.to(`copy (${query}) to stdout (format binary)`))
      const chunks: Buffer[] = []
      for await (const chunk of stream) chunks.push(chunk as Buffer)
      return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)
    },
    async copyIn(table, columns, rows) {
      const stream = client.query(copyStreams.from(`copy ${table} (${columns}) from stdin (format binary)`))
      try {
        await new Promise<void>((done, failed) => {
          stream.on('finish', done)
          stream.on('error', (error) => {
            // A connection that failed inside COPY is not to be trusted: it is closed, never pooled.
            state.broken = true
            failed(error)
          })
          stream.end(rows instanceof Uint8Array ? rows : rows.lend())
        })
      } finally {
        if (!(rows instanceof Uint8Array)) rows.release()
      }
    },
  }
  return tx as Db
}
