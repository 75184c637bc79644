/** A person's act on payments of one municipality: its bytes are read once, and the events of what it caused follow. */
import type { FastifyRequest } from 'fastify'
import type { Tx } from '../../base/db.ts'
import type { Municipality } from '../../base/id.ts'
import { type EventKind, publishEvents } from '../../modules/events/index.ts'
import { actOnPayments } from '../line/act-on-payments.ts'
import type { Line } from '../line/line.ts'
import { accessOf, type Context, holdToIdempotencyKey, inScope, loading, personOnly } from './context.ts'
import { bodyOf, jsonOf } from './orders.ts'

export interface Who {
  readonly municipality: Municipality
  readonly at: string
  readonly by: string
}

/** `read` makes what it is told of the body, or throws every fault of it; `kinds`: the events that it can cause. */
export async function acting<B, T>(
  context: Context,
  request: FastifyRequest,
  municipality: Municipality,
  read: (json: unknown, at: string) => B,
  work: (tx: Tx, line: Line, body: B, who: Who) => Promise<T>,
  kinds?: readonly EventKind[],
): Promise<T> {
  const access = accessOf(request)
  personOnly(access)
  inScope(access, municipality)
  const bytes = bodyOf(request)
  const at = context.now()
  const body = read(jsonOf(bytes), at)
  await holdToIdempotencyKey(context, request, access, bytes)
  const who = { municipality, at, by: access.actor }
  return await loading(context, async (line) => {
    const done = await actOnPayments(line, municipality, at, (tx) => work(tx, line, body, who))
    await line.connection.transaction([municipality], (tx) => publishEvents(tx, [municipality], kinds))
    return done
  })
}
