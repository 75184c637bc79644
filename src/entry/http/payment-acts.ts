/** Acts of persons on payments: the list of what came back, pay again, hold, release. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type Day, parseDay } from '../../base/date.ts'
import type { Tx } from '../../base/db.ts'
import type { Municipality } from '../../base/id.ts'
import { recordAudit } from '../../modules/access/index.ts'
import { readOpenReturns } from '../../modules/overview/index.ts'
import {
  bundleOfId,
  fileOfId,
  paymentOfEndToEndId,
  RECALL_CODES,
  type RecallCode,
} from '../../modules/payments/index.ts'
import { notPassed } from '../line/act-on-payments.ts'
import { holdPayment, letPaymentGo } from '../line/hold-payments.ts'
import type { Line } from '../line/line.ts'
import { payAgain, repayFailed } from '../line/pay-again.ts'
import { sendRecalls, stopPayment, stopRun } from '../line/stop-payment.ts'
import { askAccount } from '../line/ask-account.ts'
import { returnedDay } from '../returned-day.ts'
import { agesJson, askedJson, openReturnJson, paidAgainJson } from '../returned-json.ts'
import { stoppedRunJson } from '../stopped-json.ts'
import { stoppedText, tooLateText } from '../text/index.ts'
import { acting, type Who } from './acting.ts'
import {
  accessOf,
  type Context,
  holdToIdempotencyKey,
  inScope,
  loading,
  municipalityIn,
  personOnly,
  reading,
  scopeOf,
} from './context.ts'
import { bodyOf, jsonOf, MAX_REASON_LENGTH } from './orders.ts'
import {
  askAccountSchema,
  holdPaymentSchema,
  payAgainSchema,
  releasePaymentSchema,
  stopPaymentSchema,
  stopRunSchema,
  repayFailedSchema,
  returnedSchema,
} from './payment-act-schemas.ts'
import { fieldsIn, throwFaults } from './body.ts'
import { HttpProblem } from './problem.ts'

interface PaymentAddress {
  Params: { municipality: string; end_to_end_id: string }
}
interface RunAddress {
  Params: { run: string }
}
interface ListAddress {
  Querystring: { municipality?: string; limit?: string }
}

const MOST_LISTED = 1000

export function paymentActRoutes(app: FastifyInstance, context: Context): void {
  const path = '/api/v1/payments/:municipality/:end_to_end_id'
  const small = { bodyLimit: 4096 }
  app.get<ListAddress>('/api/v1/returned-payments', { schema: returnedSchema }, (request) => list(context, request))
  app.post<PaymentAddress>(`${path}/pay-again`, { schema: payAgainSchema, ...small }, (request) =>
    again(context, request),
  )
  app.post<RunAddress>('/api/v1/payment-runs/:run/repay-failed', { schema: repayFailedSchema, ...small }, (request) =>
    failed(context, request),
  )
  app.post<RunAddress>('/api/v1/payment-runs/:run/stop', { schema: stopRunSchema, ...small }, (request) =>
    stopAll(context, request),
  )
  app.post<PaymentAddress>(`${path}/ask-account`, { schema: askAccountSchema, ...small }, (request) =>
    ask(context, request),
  )
  app.post<PaymentAddress>(`${path}/hold`, { schema: holdPaymentSchema, ...small }, (request) => hold(context, request))
  app.post<PaymentAddress>(`${path}/stop`, { schema: stopPaymentSchema, ...small }, (request) => stop(context, request))
  app.post<PaymentAddress>(`${path}/release`, { schema: releasePaymentSchema, ...small }, (request) =>
    release(context, request),
  )
}

/** For people and auditors: a payment may be of several orders. */
async function list(context: Context, request: FastifyRequest<ListAddress>): Promise<unknown> {
  const access = accessOf(request)
  if (access.kind === 'source_system') throw new HttpProblem('forbidden', 'Only people and auditors read payments.')
  const { municipality: code, limit = '100' } = request.query
  const municipalities = scopeOf(access, code)
  const most = Number(limit)
  if (!Number.isInteger(most) || most < 1 || most > MOST_LISTED) {
    throw new HttpProblem('bad_request', `"limit" is a number from 1 to ${MOST_LISTED}.`)
  }
  const found = await reading(context, access, async (tx) => {
    const asOf = await returnedDay(tx, municipalities, context.mode, context.now())
    return await readOpenReturns(tx, municipalities, asOf, most)
  })
  return {
    total: found.total,
    ages: agesJson(found.ages),
    payments: found.listed.map(openReturnJson),
  }
}

/** A person's act with a reason; on a day that has not passed. */
export function act<T>(
  context: Context,
  request: FastifyRequest,
  municipality: Municipality,
  fields: readonly string[],
  work: (tx: Tx, line: Line, act: Who & { readonly body: Body }) => Promise<T>,
): Promise<T> {
  const read = (json: unknown, at: string): Body => {
    const body = bodyIn(json, fields)
    notPassed(context.mode, body.on, at)
    return body
  }
  const done = (tx: Tx, line: Line, body: Body, who: Who) => work(tx, line, { ...who, body })
  return acting(context, request, municipality, read, done, ['held', 'released', 'stopped'])
}

function paymentIn({ municipality, end_to_end_id: id }: PaymentAddress['Params']) {
  const named = municipalityIn(municipality)
  const found = paymentOfEndToEndId(id)
  if (found?.municipality !== named) {
    throw new HttpProblem('unknown_payment')
  }
  return found
}

function again(context: Context, request: FastifyRequest<PaymentAddress>): Promise<unknown> {
  const { municipality, payment } = paymentIn(request.params)
  return act(context, request, municipality, ['reason', 'on', 'account_named'], async (tx, line, { body, ...own }) => {
    return paidAgainJson(municipality, await payAgain(tx, line.rates, payment, { ...own, ...body }))
  })
}

/** Not through `act`: the files get their names when what they are is committed. */
async function ask(context: Context, request: FastifyRequest<PaymentAddress>): Promise<unknown> {
  const { municipality, payment } = paymentIn(request.params)
  const access = accessOf(request)
  personOnly(access)
  inScope(access, municipality)
  const bytes = bodyOf(request)
  const answerBy = answerByIn(jsonOf(bytes))
  await holdToIdempotencyKey(context, request, access, bytes)
  const at = context.now()
  notPassed(context.mode, answerBy, at)
  const act = { municipality, payment, answerBy, at, by: access.actor }
  return askedJson(await loading(context, (line) => askAccount(line, act)))
}

function answerByIn(json: unknown): Day | undefined {
  const { given, faults } = fieldsIn(json, ['answer_by'])
  const value = given['answer_by']
  const found = typeof value === 'string' ? parseDay(value) : undefined
  if (value !== undefined && found === undefined) {
    faults.push({ pointer: '/answer_by', code: 'date_invalid', detail: 'Send an existing date as YYYY-MM-DD.' })
  }
  throwFaults(faults)
  return found
}

function runIn({ run }: RunAddress['Params']): { municipality: Municipality; runNo: number } {
  const found = fileOfId(run)
  if (found === undefined) throw new HttpProblem('unknown_run')
  return found
}

function failed(context: Context, request: FastifyRequest<RunAddress>): Promise<unknown> {
  const { municipality, runNo } = runIn(request.params)
  return act(context, request, municipality, ['reason', 'on', 'account_named'], async (tx, line, { body, ...own }) => {
    return paidAgainJson(municipality, await repayFailed(tx, line.rates, runNo, { ...own, ...body }))
  })
}

function hold(context: Context, request: FastifyRequest<PaymentAddress>): Promise<unknown> {
  const { municipality, payment } = paymentIn(request.params)
  return act(context, request, municipality, ['reason', 'owner', 'until'], async (tx, _line, { body, ...own }) => {
    const left = await holdPayment(tx, { ...own, ...body, payment })
    if (left !== undefined) throw new HttpProblem('too_late', tooLateText(left))
    const subject = request.params.end_to_end_id
    await recordAudit(tx, { municipality, at: own.at, actor: own.by, command: 'payment.hold', subject })
    return { held: true }
  })
}

/** The file to the rail is laid once what was asked is committed; asked again, what is missing of it is. */
async function stop(context: Context, request: FastifyRequest<PaymentAddress>): Promise<unknown> {
  const { municipality, payment } = paymentIn(request.params)
  const stopped = await act(context, request, municipality, ['reason', 'code'], (tx, _line, { body, ...own }) =>
    stopPayment(tx, { ...own, ...body, payment }),
  )
  if (stopped.state === 'too_late') throw new HttpProblem('too_late', tooLateText(stopped.where))
  await loading(context, (line) => sendRecalls(line, municipality))
  return { state: stopped.state, text: stoppedText(stopped) }
}

async function stopAll(context: Context, request: FastifyRequest<RunAddress>): Promise<unknown> {
  const bundle = bundleOfId(request.params.run)
  const { municipality, runNo } = bundle ?? runIn(request.params)
  const stopped = await act(context, request, municipality, ['reason', 'code'], (tx, _line, { body, ...own }) =>
    stopRun(tx, { ...own, ...body, runNo, unit: bundle?.unit }),
  )
  await loading(context, (line) => sendRecalls(line, municipality))
  return stoppedRunJson(municipality, stopped)
}

function release(context: Context, request: FastifyRequest<PaymentAddress>): Promise<unknown> {
  const { municipality, payment } = paymentIn(request.params)
  return act(context, request, municipality, ['reason', 'on'], async (tx, line, { body, ...own }) => {
    const released = await letPaymentGo(tx, line.rates, { ...own, ...body, payment })
    const subject = request.params.end_to_end_id
    await recordAudit(tx, { municipality, at: own.at, actor: own.by, command: 'payment.release', subject })
    return { released }
  })
}

interface Body {
  readonly reason: string
  readonly owner?: string | undefined
  readonly on?: Day | undefined
  readonly accountNamed?: Day | undefined
  readonly until?: Day | undefined
  readonly code?: RecallCode | undefined
}

const DATES = ['on', 'account_named', 'until'] as const

/** Every fault of the body at once; what is not asked for is a fault. */
function bodyIn(json: unknown, fields: readonly string[]): Body {
  const { given, faults } = fieldsIn(json, fields)
  const fault = (name: string, code: string, detail: string) => void faults.push({ pointer: `/${name}`, code, detail })
  const reason = given['reason']
  if (typeof reason !== 'string' || reason.trim() === '' || reason.length > MAX_REASON_LENGTH) {
    fault('reason', 'reason_missing', `Say why, in at most ${MAX_REASON_LENGTH} characters.`)
  }
  const owner = given['owner']
  if (owner !== undefined && (typeof owner !== 'string' || owner.trim() === '' || owner.length > 100)) {
    fault('owner', 'text_empty', 'The owner is a name of at most 100 characters.')
  }
  const code = given['code'] as RecallCode | undefined
  if (code !== undefined && !RECALL_CODES.includes(code)) {
    fault('code', 'unknown_value', `The code is one of ${RECALL_CODES.join(', ')}.`)
  }
  const dates = new Map<string, Day>()
  for (const name of DATES) {
    const value = given[name]
    if (value === undefined) continue
    const found = typeof value === 'string' ? parseDay(value) : undefined
    if (found === undefined) fault(name, 'date_invalid', 'Send an existing date as YYYY-MM-DD.')
    else dates.set(name, found)
  }
  throwFaults(faults)
  return {
    reason: reason as string,
    ...(owner === undefined ? {} : { owner: owner as string }),
    ...(code === undefined ? {} : { code }),
    on: dates.get('on'),
    accountNamed: dates.get('account_named'),
    until: dates.get('until'),
  }
}
