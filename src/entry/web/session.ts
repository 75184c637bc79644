/** Who looks. There is no login yet: in demo everybody on this machine is the demo user planlægger. */
import type { Municipality } from '../../base/id.ts'

export interface Session {
  readonly actor: string
  readonly municipalities: readonly Municipality[]
}

export function demoSession(municipalities: readonly Municipality[]): Session {
  return { actor: 'planlægger', municipalities }
}

/** Loopback by address, and by the name that the browser used: a foreign name that points here is refused. */
export function isLocal(address: string | undefined, host: string | undefined): boolean {
  const local = address === '127.0.0.1' || address === '::1' || address === '::ffff:127.0.0.1'
  const name = (host ?? '').replace(/:\d+$/, '')
  return local && (name === 'localhost' || name === '127.0.0.1' || name === '[::1]')
}
