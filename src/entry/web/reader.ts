/**
 * A few connections as the reader, lent to one page at a time: pages are read in transactions, and a scope is
 * set in each.
 */
import { type Connection, connect, type Db } from '../../base/db.ts'
import type { Municipality } from '../../base/id.ts'

export interface Reader {
  /** One read in one transaction that sees these municipalities only. */
  read<T>(municipalities: readonly Municipality[], work: (db: Db) => Promise<T>): Promise<T>
  close(): Promise<void>
}

const CONNECTIONS = 4

export function openReader(url: string): Reader {
  const idle: Connection[] = []
  const waiting: (() => void)[] = []
  let open = 0
  let closed = false

  async function take(): Promise<Connection> {
    for (;;) {
      const connection = idle.pop()
      if (connection !== undefined) return connection
      if (open < CONNECTIONS) {
        open++
        try {
          return await connect(url, 'reader', 'toek pages')
        } catch (error) {
          open--
          waiting.shift()?.()
          throw error
        }
      }
      await new Promise<void>((go) => waiting.push(go))
    }
  }

  async function giveBack(connection: Connection): Promise<void> {
    if (connection.broken || closed) {
      open--
      await connection.close()
    } else idle.push(connection)
    waiting.shift()?.()
  }

  return {
    async read(municipalities, work) {
      const connection = await take()
      try {
        return await connection.transaction(municipalities, work)
      } finally {
        await giveBack(connection)
      }
    },
    async close() {
      // What is lent out is closed when it comes back.
      closed = true
      await Promise.all(idle.splice(0).map((connection) => connection.close()))
    },
  }
}
