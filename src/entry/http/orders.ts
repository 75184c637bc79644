/** One order: put, get, hold and release. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { FAULT_CODES, parseOrder, readJson } from '../../adapters/source-systems/index.ts'
import { danishDay } from '../../base/danish-time.ts'
import type { Tx } from '../../base/db.ts'
import { type Municipality, municipalityText } from '../../base/id.ts'
import type { Fault } from '../../base/refusal.ts'
import { recordAudit } from '../../modules/access/index.ts'
import { municipalitiesOfOrder, publishEvents, readOrderStatus } from '../../modules/events/index.ts'
import { holdOrder } from '../../modules/orders/index.ts'
import {
  accessOf,
  type Context,
  holdToIdempotencyKey,
  inScope,
  loading,
  mayDeliver,
  mayRead,
  personOnly,
  reading,
  scopeOf,
  sourceOf,
  writingInTurn,
} from './context.ts'
import { fieldsIn, throwFaults } from './body.ts'
import { HttpProblem, MEDIA_TYPES } from './problem.ts'
import { expectedSchema, holdSchema, orderSchema, putOrderSchema, releaseSchema } from './schemas.ts'
import { letGo } from '../line/let-go.ts'
import { expectedPayments } from '../line/expected-payments.ts'
import { orderJson } from '../order-json.ts'
import { type OrderTaken, takeOrder } from '../line/take-order.ts'

/** Bytes of one order; 63 lines of the longest texts take about 100 KiB. */
export const MAX_ORDER_BYTES = 256 * 1024
export const MAX_REASON_LENGTH = 500

interface OrderAddress {
  Params: { source_system: string; order_key: string }
  Querystring: { municipality?: string }
}

export function orderRoutes(app: FastifyInstance, context: Context): void {
  const path = '/api/v1/orders/:source_system/:order_key'
  app.put<OrderAddress>(path, { schema: putOrderSchema, bodyLimit: MAX_ORDER_BYTES }, async (request, reply) => {
    const { isNew, body } = await putOrder(context, request)
    if (isNew) reply.header('location', request.url)
    return reply.code(isNew ? 201 : 200).send(body)
  })
  app.get<OrderAddress>(path, { schema: orderSchema }, (request) => getOrder(context, request))
  app.get<OrderAddress>(`${path}/expected-payments`, { schema: expectedSchema }, (request) =>
    getExpected(context, request),
  )
  app.post<OrderAddress>(`${path}/hold`, { schema: holdSchema, bodyLimit: 4096 }, (request) => hold(context, request))
  app.post<OrderAddress>(`${path}/release`, { schema: releaseSchema, bodyLimit: 4096 }, (request) =>
    release(context, request),
  )
}

async function putOrder(
  context: Context,
  request: FastifyRequest<OrderAddress>,
): Promise<{ isNew: boolean; body: unknown }> {
  const access = accessOf(request)
  const { source, id } = sourceOf(request.params.source_system)
  mayDeliver(access, id)
  const bytes = bodyOf(request)
  const { known } = context.rates
  const parsed = parseOrder(jsonOf(bytes), { ...known, sourceSystem: source, orderKey: request.params.order_key })
  if (parsed.faults !== undefined) throw new HttpProblem('faults', undefined, parsed.faults)
  const { order } = parsed
  inScope(access, order.municipality)
  await holdToIdempotencyKey(context, request, access, bytes)
  const taken = await loading(context, (line) =>
    takeOrder(line, parsed, { knownAt: context.now(), actor: access.actor }),
  )
  if ('newest' in taken || 'faults' in taken) throw refusalOf(taken)
  const body = await reading(context, access, (tx) =>
    receiptOf(tx, order.municipality, id, order.orderKey, order.version),
  )
  return { isNew: taken.kind === 'new', body }
}

/** Why an order was not taken in, as an answer. */
export function refusalOf(taken: Exclude<OrderTaken, { readonly kind: 'new' | 'same' }>): HttpProblem {
  if (taken.kind === 'faults') {
    const stale = taken.faults.find((one) => one.code === 'stale_base')
    return new HttpProblem(stale === undefined ? 'faults' : 'stale_base', stale?.detail, taken.faults)
  }
  const detail = `The newest version that we have is ${taken.newest}. ${FAULT_CODES[taken.kind].todo}`
  return new HttpProblem(taken.kind, detail, [{ pointer: '/version', code: taken.kind, detail }])
}

interface Receipt {
  order_key: string
  version: number
  source_system: string
  municipality: string
  state: 'active' | 'withdrawn'
  content_sha256: string
  received_at: string
  warnings: Fault[]
}

/** The answer to a put: made of what does not change any more, so that it is the same each time. */
async function receiptOf(
  tx: Tx,
  municipality: Municipality,
  source: number,
  orderKey: string,
  version: number,
): Promise<Receipt | undefined> {
  return await tx.first<Receipt>(
    `select o.order_key, o.version, s.key as source_system, lpad(o.municipality_code::text, 4, '0') as municipality,
       case o.state when 0 then 'active' else 'withdrawn' end as state, encode(o.content_hash, 'hex') as content_sha256,
       to_char(i.known_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as received_at,
       coalesce(o.warnings, '[]') as warnings
     from orders o join source_systems s on s.source_system = o.source_system
     join intakes i on i.municipality_code = o.municipality_code and i.intake_no = (o.order_id >> 24)::int
     where o.municipality_code = $1 and o.source_system = $2 and o.order_key = $3 and o.version = $4 and o.again = 0`,
    [municipality, source, orderKey, version],
  )
}

/** The municipality that the address means: named by `?municipality=`, or the only one that knows the key. */
async function municipalityOf(
  tx: Tx,
  request: FastifyRequest<OrderAddress>,
  scope: readonly Municipality[],
  source: number,
): Promise<Municipality> {
  const found = await municipalitiesOfOrder(tx, source, request.params.order_key, scope)
  if (found.length > 1) {
    const codes = found.map(municipalityText).join(', ')
    throw new HttpProblem('municipality_needed', `Add ?municipality= with one of ${codes}.`)
  }
  if (found[0] === undefined) throw new HttpProblem('unknown_order')
  return found[0]
}

async function getOrder(context: Context, request: FastifyRequest<OrderAddress>): Promise<unknown> {
  const access = accessOf(request)
  const { source, id } = sourceOf(request.params.source_system)
  mayRead(access, id)
  const scope = scopeOf(access, request.query.municipality)
  return await reading(context, access, async (tx) => {
    const municipality = await municipalityOf(tx, request, scope, id)
    await recordAudit(tx, {
      municipality,
      at: context.now(),
      actor: access.actor,
      command: 'order.read',
      subject: `${source} ${request.params.order_key}`,
    })
    const status = await readOrderStatus(tx, municipality, id, request.params.order_key)
    return status === undefined ? undefined : orderJson(status)
  })
}

/**
 * What the payee of the order gets in this month and the next. A person's number goes into no address: the party is
 * named by an order. A source system sees its own orders' payments.
 */
async function getExpected(context: Context, request: FastifyRequest<OrderAddress>): Promise<unknown> {
  const access = accessOf(request)
  const { source, id } = sourceOf(request.params.source_system)
  mayRead(access, id)
  const scope = scopeOf(access, request.query.municipality)
  const orderKey = request.params.order_key
  const municipality = await reading(context, access, async (tx) => {
    const found = await municipalityOf(tx, request, scope, id)
    const command = 'expected.read'
    const subject = `${source} ${orderKey}`
    await recordAudit(tx, { municipality: found, at: context.now(), actor: access.actor, command, subject })
    return found
  })
  const knownAt = context.now()
  const onlySource = access.kind === 'source_system' ? id : undefined
  const act = { today: danishDay(knownAt), knownAt, onlySource }
  const payments = await loading(context, (line) => expectedPayments(line, municipality, { source: id, orderKey }, act))
  if (payments === undefined) throw new HttpProblem('unknown_order')
  return { order_key: orderKey, source_system: source, municipality: municipalityText(municipality), payments }
}

interface Act {
  readonly municipality: Municipality
  readonly order: number
  readonly reason: string
  readonly at: string
  readonly by: string
}

/** A person's act on the newest version of an order, with its audit row and its event. */
async function act(
  context: Context,
  request: FastifyRequest<OrderAddress>,
  command: 'order.hold' | 'order.release',
  work: (tx: Tx, act: Act) => Promise<number>,
): Promise<{ holds: number }> {
  const access = accessOf(request)
  personOnly(access)
  const { source, id } = sourceOf(request.params.source_system)
  const scope = scopeOf(access, request.query.municipality)
  const bytes = bodyOf(request)
  const reason = reasonIn(jsonOf(bytes))
  await holdToIdempotencyKey(context, request, access, bytes)
  const municipality = await reading(context, access, (tx) => municipalityOf(tx, request, scope, id))
  const at = context.now()
  const holds = await writingInTurn(context, municipality, async (tx) => {
    const newest = await tx.first<{ order_id: number; calculated: boolean }>(
      `select o.order_id, exists (select from calculations c where c.municipality_code = o.municipality_code
         and c.order_id = o.order_id) as calculated
       from orders o where o.municipality_code = $1 and o.source_system = $2 and o.order_key = $3
       order by o.version desc, o.again desc limit 1`,
      [municipality, id, request.params.order_key],
    )
    if (newest === undefined) throw new HttpProblem('unknown_order')
    if (newest.calculated) {
      throw new HttpProblem('already_calculated', 'What is calculated is paid with its run; a hold comes too late.')
    }
    const number = await work(tx, { municipality, order: newest.order_id, reason, at, by: access.actor })
    await recordAudit(tx, {
      municipality,
      at,
      actor: access.actor,
      command,
      subject: `${source} ${request.params.order_key}`,
    })
    return number
  })
  await loading(context, (line) =>
    line.connection.transaction([municipality], (tx) => publishEvents(tx, [municipality], ['held', 'released'])),
  )
  return { holds }
}

async function hold(context: Context, request: FastifyRequest<OrderAddress>): Promise<unknown> {
  const { holds } = await act(context, request, 'order.hold', holdOrder)
  return { held: true, hold_no: holds }
}

async function release(context: Context, request: FastifyRequest<OrderAddress>): Promise<unknown> {
  const { holds } = await act(context, request, 'order.release', (tx, own) => letGo(tx, context.rates, own))
  return { released: holds }
}

/**
 * The body as it came; what is not there counts as empty.
 * @throws HttpProblem `media_type` when it is not said to be JSON, or packed
 */
export function bodyOf(request: FastifyRequest): Buffer {
  const { body, headers } = request
  if ((headers['content-encoding'] ?? 'identity').toLowerCase() !== 'identity')
    throw new HttpProblem('media_type', 'Send the body unpacked, without Content-Encoding.')
  if (Buffer.isBuffer(body)) return body
  if (body !== undefined && body !== null) throw new HttpProblem('media_type', MEDIA_TYPES)
  return Buffer.alloc(0)
}

const decoder = new TextDecoder('utf-8', { fatal: true })

export function jsonOf(bytes: Buffer): unknown {
  let text: string
  try {
    text = decoder.decode(bytes)
  } catch {
    const detail = `The body is not UTF-8. ${FAULT_CODES.not_json.todo}`
    throw new HttpProblem('faults', undefined, [{ pointer: '', code: 'not_json', detail }])
  }
  const json = readJson(text)
  if (json.fault !== undefined) throw new HttpProblem('faults', undefined, [json.fault])
  return json.value
}

function reasonIn(body: unknown): string {
  const { given, faults } = fieldsIn(body, ['reason'])
  const { reason } = given
  if (typeof reason !== 'string' || reason.trim() === '' || reason.length > MAX_REASON_LENGTH) {
    const detail = `Say why, in at most ${MAX_REASON_LENGTH} characters.`
    throw new HttpProblem('reason_missing', detail, [...faults, { pointer: '/reason', code: 'reason_missing', detail }])
  }
  throwFaults(faults)
  return reason
}
