/**
 * A few connections as the reader, lent to one page at a time: pages are read in transactions, and a scope is
 * set in each.
 */
import type { Tx } from '../../base/db.ts'
import type { Municipality } from '../../base/id.ts'
import { openPool } from '../../base/pool.ts'

export interface Reader {
  /** One read in one transaction that sees these municipalities only; that somebody looked is written in it. */
  read<T>(municipalities: readonly Municipality[], work: (tx: Tx) => Promise<T>): Promise<T>
  close(): Promise<void>
}

const CONNECTIONS = 4

export function openReader(url: string): Reader {
  const pool = openPool(url, CONNECTIONS, 'toek pages')
  return {
    read: (municipalities, work) => pool.use('reader', (connection) => connection.transaction(municipalities, work)),
    close: () => pool.close(),
  }
}
