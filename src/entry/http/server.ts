/** The HTTP API: what it takes in, who may, what it answers when it says no. Routes stand in one file per subject. */
import fastifySwagger from '@fastify/swagger'
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { OrderBody } from '../../adapters/source-systems/schema.ts'
import { openPool } from '../../base/pool.ts'
import { Refusal } from '../../base/refusal.ts'
import { findToken } from '../../modules/access/index.ts'
import { auditRoutes } from './audit.ts'
import { type Context, type ServerOptions } from './context.ts'
import { dayRoutes } from './days.ts'
import { eventRoutes } from './events.ts'
import { lookupRoutes } from './lookups.ts'
import { openItemRoutes } from './open-items.ts'
import { acuteRoutes } from './acute.ts'
import { outsideRoutes } from './outside.ts'
import { oversightRoutes } from './oversight.ts'
import { paymentActRoutes } from './payment-acts.ts'
import { unclaimedReturnRoutes } from './unclaimed-returns.ts'
import { paymentRunRoutes } from './payment-runs.ts'
import { simulationRoutes } from './simulations.ts'
import { orderFileRoutes } from './order-files.ts'
import { MAX_ORDER_BYTES, orderRoutes } from './orders.ts'
import { HttpProblem, isProblemCode, MEDIA_TYPES, type Problem, problem, sendProblem } from './problem.ts'

const FILE_TYPES = [
  'application/x-ndjson',
  'application/ndjson',
  'application/gzip',
  'application/x-gzip',
  'application/octet-stream',
  'text/plain',
]
/** An order key of 100 characters, each written as three bytes of three. */
const MAX_PARAM = 900

/** Builds the server; nothing listens yet. Closing it closes its database connections. */
export async function buildServer(options: ServerOptions): Promise<FastifyInstance> {
  const pool = openPool(options.url, options.connections)
  const context: Context = { ...options, pool }
  const app = fastify({
    logger: false,
    bodyLimit: MAX_ORDER_BYTES,
    routerOptions: { maxParamLength: MAX_PARAM },
    // An address that the router itself cannot read reaches no handler.
    frameworkErrors: (error, request, reply) => refuse(context, request, reply, answerTo(error)),
  })
  // The parsers of the door find every fault; a schema check would find the first.
  app.setValidatorCompiler(() => () => true)
  app.setSerializerCompiler(() => (data) => JSON.stringify(data))
  app.addHook('onClose', () => pool.close())
  readBodies(app)
  guard(app, context)
  sayNo(app, context, methodsByAddress(app))
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'TØK', version: '1', description: 'Orders in, events back. Amounts are whole øre.' },
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
      security: [{ bearer: [] }],
    },
  })
  orderRoutes(app, context)
  orderFileRoutes(app, context)
  eventRoutes(app, context)
  lookupRoutes(app, context)
  openItemRoutes(app, context)
  auditRoutes(app, context)
  simulationRoutes(app, context)
  paymentActRoutes(app, context)
  acuteRoutes(app, context)
  outsideRoutes(app, context)
  oversightRoutes(app, context)
  dayRoutes(app, context)
  unclaimedReturnRoutes(app, context)
  paymentRunRoutes(app, context)
  const hidden = { schema: { hide: true } }
  app.get('/api/v1/openapi.json', hidden, () => app.swagger())
  app.get('/api/v1/schemas/order.json', hidden, (_, reply) =>
    reply
      .type('application/schema+json')
      .send({ $schema: 'https://json-schema.org/draft/2020-12/schema', title: 'Order', ...OrderBody }),
  )
  app.get('/healthz', hidden, async () => {
    await pool.use('reader', (connection) => connection.db.first('select 1'))
    return { ok: true }
  })
  return app
}

/** JSON is kept as bytes for the door's own reader; files stay a stream. */
function readBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_, body, done) => done(null, body))
  app.addContentTypeParser(FILE_TYPES, (_, payload, done) => done(null, payload))
}

/** Every /api address needs a valid token, before its body is read. */
function guard(app: FastifyInstance, context: Context): void {
  app.decorateRequest('access', undefined)
  app.addHook('onRequest', async (request) => {
    if (!request.url.startsWith('/api/')) return
    const match = /^Bearer ([!-~]{16,500})$/i.exec(request.headers.authorization ?? '')
    const token = match?.[1]
    if (token === undefined) throw new HttpProblem('no_token', 'Send Authorization: Bearer and your token.')
    request.access = await context.pool.use('reader', (connection) => findToken(connection.db, token, context.now()))
    if (request.access === undefined) throw new HttpProblem('no_token', 'The token is unknown or has expired.')
  })
}

/** The methods that an address of the API has; none where there is no such address. Asked before routes are added. */
function methodsByAddress(app: FastifyInstance): (address: string) => string[] {
  const routes: { readonly is: RegExp; readonly method: string }[] = []
  app.addHook('onRoute', ({ url, method }) => {
    if (!url.startsWith('/api/')) return
    const is = new RegExp(`^${url.replaceAll('.', '\\.').replace(/:\w+/g, '[^/]+')}$`)
    for (const one of [method].flat()) routes.push({ is, method: one })
  })
  return (address) => [...new Set(routes.filter(({ is }) => is.test(address)).map(({ method }) => method))].sort()
}

function sayNo(app: FastifyInstance, context: Context, methodsOf: (address: string) => string[]): void {
  app.setNotFoundHandler((request, reply) => {
    const methods = methodsOf(request.url.replace(/\?.*/, ''))
    if (methods.length === 0) return refuse(context, request, reply, problem('not_found'))
    reply.header('allow', methods.join(', '))
    return refuse(context, request, reply, problem('method_not_allowed', `Use ${methods.join(' or ')}.`))
  })
  app.setErrorHandler((error: FastifyError | HttpProblem | Refusal, request, reply) => {
    const answer = answerTo(error)
    if (answer.status >= 500 && answer.status !== 501) {
      // No message and no address: both may carry what nobody should read in a log.
      const code = 'code' in error ? error.code : error.name
      context.log?.(`${request.method} ${request.routeOptions.url ?? '?'} failed: ${error.name} ${code}`)
    }
    // What is left of a body that was refused unread would be taken for the next request.
    if (!request.raw.complete) reply.header('connection', 'close')
    return refuse(context, request, reply, answer)
  })
}

/** A page for a browser that is not at the API, where there is one; a problem for everybody else. */
function refuse(context: Context, request: FastifyRequest, reply: FastifyReply, answer: Problem): FastifyReply {
  const browser = /\btext\/html\b/i.test(request.headers.accept ?? '') && !/^\/api(?![^/?])/.test(request.url)
  const page = browser ? context.wrongAddress?.(answer.status) : undefined
  if (page === undefined) return sendProblem(reply, answer)
  return reply.code(answer.status).headers(page.headers).send(page.body)
}

/** PostgreSQL is away: class 08, 57P (shutdown), 53 (no resources); or the line to it. */
const UNAVAILABLE = /^(08|57P|53)|^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOENT)$/

function answerTo(error: FastifyError | HttpProblem | Refusal): Problem {
  if (error instanceof HttpProblem) return error.problem
  if (error instanceof Refusal) {
    return isProblemCode(error.code)
      ? problem(error.code, error.message, error.faults)
      : problem('faults', error.message, error.faults)
  }
  const code = error.code ?? ''
  // In our words: the router's repeat what was asked for.
  if (code === 'FST_ERR_BAD_URL')
    return problem('bad_request', 'After a % in the address come two hex digits of UTF-8.')
  if (code === 'FST_ERR_MAX_PARAM_LENGTH')
    return problem('bad_request', 'A part of the address is too long: no key has more than 100 characters.')
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE')
    return problem('too_large', `An order has at most ${MAX_ORDER_BYTES} bytes.`)
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return problem('media_type', MEDIA_TYPES)
  if (code.startsWith('FST_') && error.statusCode !== undefined && error.statusCode < 500) return problem('bad_request')
  return problem(UNAVAILABLE.test(code) ? 'unavailable' : 'internal')
}
