/** Events back to a source system, as JSON pages and as an answer file. */
import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Tx } from '../../base/db.ts'
import type { Access } from '../../modules/access/index.ts'
import { lastEventNo, readEvents, type SourceEvent } from '../../modules/events/index.ts'
import { readChanges } from '../../modules/overview/index.ts'
import { eventJson } from '../order-json.ts'
import { changeText } from '../text/index.ts'
import { accessOf, type Context, mayRead, reading, sourceOf } from './context.ts'
import { HttpProblem } from './problem.ts'
import { eventFileSchema, eventsSchema } from './schemas.ts'

const MAX_EVENTS = 10_000
const USUAL_EVENTS = 1000
/** Events read at a time for an answer file. */
const FILE_PAGE = 20_000

interface EventsAddress {
  Params: { source_system: string }
  Querystring: { after?: string; limit?: string }
}

export function eventRoutes(app: FastifyInstance, context: Context): void {
  app.get<EventsAddress>('/api/v1/sources/:source_system/events', { schema: eventsSchema }, async (request) => {
    const { access, id, after } = asked(request)
    const limit = whole(request.query.limit, 'limit', USUAL_EVENTS)
    if (limit < 1 || limit > MAX_EVENTS) throw new HttpProblem('bad_request', `"limit" is 1 to ${MAX_EVENTS}.`)
    return await reading(context, access, async (tx) => {
      const last = await lastEventNo(tx, id)
      const events = await explained(tx, context, await readEvents(tx, id, after, limit))
      return { events, next_after: events.at(-1)?.event_no ?? after, last }
    })
  })
  app.get<EventsAddress>(
    '/api/v1/sources/:source_system/events.ndjson',
    { schema: eventFileSchema },
    async (request, reply) => {
      const { access, id, after } = asked(request)
      const last = await reading(context, access, (tx) => lastEventNo(tx, id))
      const name = `${request.params.source_system}-events-after-${after}.ndjson`
      return reply
        .type('application/x-ndjson')
        .header('content-disposition', `attachment; filename="${name}"`)
        .send(Readable.from(fileOf(context, access, id, after, last)))
    },
  )
}

function asked(request: FastifyRequest<EventsAddress>): { access: Access; id: number; after: number } {
  const access = accessOf(request)
  const { id } = sourceOf(request.params.source_system)
  mayRead(access, id)
  return { access, id, after: whole(request.query.after, 'after', 0) }
}

function whole(text: unknown, name: string, usual: number): number {
  if (text === undefined) return usual
  if (typeof text !== 'string' || !/^\d{1,15}$/.test(text)) {
    throw new HttpProblem('bad_request', `"${name}" is a whole number from 0.`)
  }
  return Number(text)
}

/** What a version changed of what was paid before, in the words of its specification. */
type ExplainedEvent = ReturnType<typeof eventJson> & { readonly explanation?: readonly string[] }

/** Asks nothing of events of which none is of a later version. */
async function explained(tx: Tx, { rates }: Context, events: readonly SourceEvent[]): Promise<ExplainedEvent[]> {
  const correcting = events.flatMap((event) =>
    event.corrects === undefined ? [] : { ...event, order: event.corrects },
  )
  const texts = new Map<string, readonly string[]>()
  for (const [municipality, own] of Map.groupBy(correcting, (event) => event.municipality)) {
    const orders = own.map((event) => event.order)
    for (const [order, changes] of await readChanges(tx, Number(municipality), orders, rates))
      texts.set(
        `${municipality} ${order}`,
        changes.map((one) => changeText(one)),
      )
  }
  return events.map((event) => {
    const explanation = texts.get(`${event.municipality} ${event.corrects}`) ?? []
    return explanation.length === 0 ? eventJson(event) : { ...eventJson(event), explanation }
  })
}

/** Up to the last number known when the file was begun: a connection is lent for a page, never for the whole file. */
async function* fileOf(
  context: Context,
  access: Access,
  source: number,
  after: number,
  last: number,
): AsyncGenerator<string> {
  for (let at = after; at < last; ) {
    const from = at
    const events = await reading(context, access, async (tx) =>
      explained(tx, context, await readEvents(tx, source, from, FILE_PAGE)),
    )
    const wanted = events.filter((event) => event.event_no <= last)
    if (wanted.length > 0) yield `${wanted.map((event) => JSON.stringify(event)).join('\n')}\n`
    if (wanted.length < FILE_PAGE) return
    at = wanted.at(-1)?.event_no ?? last
  }
}
