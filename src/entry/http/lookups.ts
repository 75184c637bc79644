/**
 * Reading for people: the specification of a payment, and how a month stands. Both are given to the server as
 * functions.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { parseMonth } from '../../base/date.ts'
import { recordAudit } from '../../modules/access/index.ts'
import { accessOf, type Context, inScope, municipalityIn, reading, scopeOf } from './context.ts'
import { HttpProblem } from './problem.ts'
import { closingSchema, paymentSchema } from './schemas.ts'

interface PaymentAddress {
  Params: { municipality: string; end_to_end_id: string }
}
interface ClosingAddress {
  Querystring: { month?: string; municipality?: string }
}

export function lookupRoutes(app: FastifyInstance, context: Context): void {
  const path = '/api/v1/payments/:municipality/:end_to_end_id'
  app.get<PaymentAddress>(path, { schema: paymentSchema }, (request) => getPayment(context, request))
  app.get<ClosingAddress>('/api/v1/closing', { schema: closingSchema }, (request) => getClosing(context, request))
}

/** The specification covers every source system's part of a payment: it is for people and auditors. */
async function getPayment(context: Context, request: FastifyRequest<PaymentAddress>): Promise<unknown> {
  const access = accessOf(request)
  if (access.kind === 'source_system') throw new HttpProblem('forbidden', 'Only people and auditors read payments.')
  const { municipality: code, end_to_end_id: id } = request.params
  const municipality = municipalityIn(code)
  inScope(access, municipality)
  const { readSpecification } = context
  if (readSpecification === undefined) throw new HttpProblem('not_available')
  const found = await reading(context, access, async (tx) => {
    const specification = await readSpecification(tx, municipality, id)
    if (specification !== undefined) {
      const at = context.now()
      await recordAudit(tx, { municipality, at, actor: access.actor, command: 'payment.read', subject: id })
    }
    return specification
  })
  if (found === undefined) throw new HttpProblem('unknown_payment')
  return found
}

async function getClosing(context: Context, request: FastifyRequest<ClosingAddress>): Promise<unknown> {
  const access = accessOf(request)
  if (access.kind === 'source_system') throw new HttpProblem('forbidden', 'Only people and auditors read the closing.')
  const month = parseMonth(request.query.month ?? '')
  if (month === undefined) throw new HttpProblem('bad_request', '"month" is a month, YYYY-MM.')
  const municipalities = scopeOf(access, request.query.municipality)
  const { readClosing } = context
  if (readClosing === undefined) throw new HttpProblem('not_available')
  return await reading(context, access, (tx) => readClosing(tx, municipalities, month))
}
