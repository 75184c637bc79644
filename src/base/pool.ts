/** A few connections per role, opened when first needed. A connection that broke is closed and never lent again. */
import { type Connection, connect, type DbRole } from './db.ts'

export interface Pool {
  /** Lends a connection for the time of `work`; waits when all are lent. */
  use<T>(role: DbRole, work: (connection: Connection) => Promise<T>): Promise<T>
  /** Closes what is idle at once and what is lent when it comes back. */
  close(): Promise<void>
}

interface Shelf {
  readonly idle: Connection[]
  readonly waiting: (() => void)[]
  lent: number
}

/** `perRole` connections at most for each role. */
export function openPool(url: string, perRole = 4, who = 'toek http'): Pool {
  const shelves = new Map<DbRole, Shelf>()
  const state = { closed: false }

  function shelfOf(role: DbRole): Shelf {
    let shelf = shelves.get(role)
    if (shelf === undefined) {
      shelf = { idle: [], waiting: [], lent: 0 }
      shelves.set(role, shelf)
    }
    return shelf
  }
  async function take(shelf: Shelf, role: DbRole): Promise<Connection> {
    while (shelf.lent >= perRole) await new Promise<void>((free) => shelf.waiting.push(free))
    shelf.lent++
    try {
      for (let found = shelf.idle.pop(); found !== undefined; found = shelf.idle.pop()) {
        if (!found.broken) return found
        await found.close()
      }
      return await connect(url, role, who)
    } catch (error) {
      giveBack(shelf, undefined)
      throw error
    }
  }
  function giveBack(shelf: Shelf, connection: Connection | undefined): void {
    shelf.lent--
    if (connection !== undefined) {
      if (connection.broken || state.closed) void connection.close()
      else shelf.idle.push(connection)
    }
    shelf.waiting.shift()?.()
  }
  return {
    async use(role, work) {
      if (state.closed) throw new Error('The pool of database connections is closed.')
      const shelf = shelfOf(role)
      const connection = await take(shelf, role)
      try {
        return await work(connection)
      } finally {
        giveBack(shelf, connection)
      }
    },
    async close() {
      state.closed = true
      const idle = [...shelves.values()].flatMap((shelf) => shelf.idle.splice(0))
      await Promise.all(idle.map((connection) => connection.close()))
    },
  }
}
