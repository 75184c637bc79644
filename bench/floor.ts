/**
 * The floors that the line is measured beside, on the same server in the same run.
 *   COPY floor   one connection binary-copying the very rows that the line produced into identical tables with the
 *                same indexes and checks, committing every 5,000 orders
 *   reference    one connection binary-copying orders × 20 fixed rows into one table with a primary key only,
 * committing
 *                every 5,000 orders: it does not grow when our schema does
 */
import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Connection } from '../src/base/db.ts'
import { rowWriter } from '../src/base/copy.ts'

const ORDERS_PER_COMMIT = 5_000
const REFERENCE_ROWS = 20
const HEADER = 19

export interface TableRows {
  readonly table: string
  readonly rows: number
  readonly bytes: number
}

/**
 * Checks that hold only in the transaction of a ledger batch: here the same comparisons turned round, as costly and
 * always true.
 */
const CLOSED = `municipality_code::text <> coalesce(current_setting('toek.ledger_open', true), '')`
const AS_COSTLY: Readonly<Record<string, string>> = {
  entries: `${CLOSED} and entry_id < coalesce(nullif(current_setting('toek.entry_from', true), '')::bigint,
    9223372036854775807) and entry_id >= coalesce(nullif(current_setting('toek.entry_to', true), '')::bigint, 0)`,
  transfers: CLOSED,
}

export interface Kept {
  readonly table: string
  readonly columns: string
  readonly file: string
  /** Where each commit's rows begin in the file; one more for the end. */
  readonly cuts: readonly number[]
  readonly rows: number
}

/** Every table that the line filled, with its rows. */
export async function filledTables(owner: Connection): Promise<TableRows[]> {
  const tables = await owner.db.rows<{ name: string }>(
    `select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'municipality_code'
     where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace order by 1`,
  )
  const filled: TableRows[] = []
  for (const { name } of tables) {
    const row = await owner.db.first<{ rows: number; bytes: number }>(
      `select count(*) as rows, pg_total_relation_size('${name}') as bytes from ${name}`,
    )
    if (row !== undefined && row.rows > 0) filled.push({ table: name, ...row })
  }
  return filled
}

export async function indexCount(owner: Connection, tables: readonly TableRows[]): Promise<number> {
  const row = await owner.db.first<{ n: number }>(
    `select count(*) as n from pg_indexes where schemaname = 'public' and tablename = any($1)`,
    [tables.map((one) => one.table)],
  )
  return row?.n ?? 0
}

/** Seconds that the COPY floor takes; rows are read from disk outside the time. */
export async function copyFloor(
  owner: Connection,
  tables: readonly TableRows[],
  orders: number,
  scratch: string,
): Promise<number> {
  const commits = commitsOf(orders)
  const kept = await keepRows(owner, tables, commits, scratch)
  let nanoseconds = 0n
  for (let i = 0; i < commits; i++) {
    const parts = kept.map((one) => ({ one, rows: part(one, i) })).filter(({ rows }) => !isEmpty(rows))
    const began = process.hrtime.bigint()
    await owner.transaction([], async (tx) => {
      for (const { one, rows } of parts) await tx.copyIn(`floor.${one.table}`, one.columns, rows)
    })
    nanoseconds += process.hrtime.bigint() - began
  }
  await dropRows(owner, kept)
  return Number(nanoseconds) / 1e9
}

export function commitsOf(orders: number): number {
  return Math.max(1, Math.ceil(orders / ORDERS_PER_COMMIT))
}

/** Empty tables as ours in a schema `floor`, and the rows of ours in files, cut for so many commits. */
export async function keepRows(
  owner: Connection,
  tables: readonly TableRows[],
  commits: number,
  scratch: string,
): Promise<Kept[]> {
  await owner.db.run('drop schema if exists floor cascade')
  await owner.db.run('create schema floor')
  const kept: Kept[] = []
  for (const { table } of tables) {
    await owner.db.run(`create table floor.${table} (like public.${table} including all)`)
    const check = AS_COSTLY[table]
    if (check !== undefined) {
      const name = `${table}_of_a_ledger_batch_of_this_transaction`
      await owner.db.run(`alter table floor.${table} drop constraint ${name}, add check (${check})`)
    }
    kept.push(await keep(owner, table, commits, scratch))
  }
  return kept
}

export async function dropRows(owner: Connection, kept: readonly Kept[]): Promise<void> {
  for (const one of kept) unlinkSync(one.file)
  await owner.db.run('drop schema floor cascade')
}

async function keep(owner: Connection, table: string, commits: number, scratch: string): Promise<Kept> {
  const columns = await owner.db.rows<{ name: string }>(
    `select attname as name from pg_attribute where attrelid = 'public.${table}'::regclass and attnum > 0
       and not attisdropped and attidentity = '' order by attnum`,
  )
  const list = columns.map((column) => column.name).join(', ')
  const bytes = await owner.db.copyOut(`select ${list} from public.${table}`)
  const starts = rowStarts(bytes)
  const per = Math.ceil(starts.length / commits)
  const cuts: number[] = []
  for (let i = 0; i <= commits; i++) cuts.push(starts[i * per] ?? bytes.length - 2)
  const file = join(scratch, `floor-${table}.bin`)
  const handle = openSync(file, 'w')
  writeSync(handle, bytes)
  closeSync(handle)
  return { table, columns: list, file, cuts, rows: starts.length }
}

/** The byte at which each row of a binary COPY begins. */
function rowStarts(bytes: Buffer): number[] {
  const starts: number[] = []
  let at = HEADER
  for (;;) {
    const fields = bytes.readInt16BE(at)
    if (fields < 0) return starts
    starts.push(at)
    at += 2
    for (let i = 0; i < fields; i++) at += 4 + Math.max(0, bytes.readInt32BE(at))
  }
}

/** The rows of one commit. */
export function part(one: Kept, i: number): Buffer {
  const from = one.cuts[i] as number
  const length = (one.cuts[i + 1] as number) - from
  const rows = Buffer.alloc(HEADER + length + 2)
  const handle = openSync(one.file, 'r')
  readSync(handle, rows, 0, HEADER, 0)
  readSync(handle, rows, HEADER, length, from)
  closeSync(handle)
  rows.writeInt16BE(-1, HEADER + length)
  return rows
}

export function isEmpty(rows: Buffer): boolean {
  return rows.length <= HEADER + 2
}

/** Seconds that the reference takes: rows are encoded outside the time. */
export async function reference(owner: Connection, orders: number): Promise<number> {
  await owner.db.run('drop table if exists reference_copy')
  await owner.db.run(`create table reference_copy (a smallint not null, b bigint not null, c bigint not null,
    d bigint not null, e bigint not null, f int not null, g int not null, h date not null, primary key (a, b))`)
  const writer = rowWriter(1 << 22)
  let nanoseconds = 0n
  let row = 0
  for (let done = 0; done < orders; done += ORDERS_PER_COMMIT) {
    const rows = Math.min(ORDERS_PER_COMMIT, orders - done) * REFERENCE_ROWS
    for (let i = 0; i < rows; i++, row++) {
      writer.row(8)
      writer.i16(751)
      writer.i64(row)
      writer.i64(row * 7)
      writer.i64(row * 11)
      writer.i64(row * 13)
      writer.i32(row % 1000)
      writer.i32(row % 77)
      writer.date(20_500 as never)
    }
    const bytes = writer.take()
    const began = process.hrtime.bigint()
    await owner.transaction([], (tx) => tx.copyIn('reference_copy', 'a, b, c, d, e, f, g, h', bytes))
    nanoseconds += process.hrtime.bigint() - began
  }
  await owner.db.run('drop table reference_copy')
  return Number(nanoseconds) / 1e9
}
