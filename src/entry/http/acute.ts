/** A person pays one order without waiting for an ordinary run. @da akut udbetaling */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { SourceSystem } from '../../modules/orders/index.ts'
import { acuteRunJson } from '../acute-json.ts'
import { payAcutely } from '../line/acute.ts'
import { accessOf, type Context, inScope, municipalityIn, sourceOf } from './context.ts'
import { acuteSchema } from './payment-act-schemas.ts'
import { act } from './payment-acts.ts'
import { HttpProblem } from './problem.ts'

interface Address {
  Params: { source_system: string; order_key: string }
  Querystring: { municipality?: string }
}

export function acuteRoutes(app: FastifyInstance, context: Context): void {
  const path = '/api/v1/orders/:source_system/:order_key/acute'
  app.post<Address>(path, { schema: acuteSchema, bodyLimit: 4096 }, (request) => acute(context, request))
}

function acute(context: Context, request: FastifyRequest<Address>): Promise<unknown> {
  const { municipality: code } = request.query
  if (code === undefined) throw new HttpProblem('municipality_needed', 'Add ?municipality= with its four digits.')
  const municipality = municipalityIn(code)
  inScope(accessOf(request), municipality)
  const { source } = sourceOf(request.params.source_system)
  const orderKey = request.params.order_key
  return act(context, request, municipality, ['reason', 'on'], async (tx, line, { body, ...own }) => {
    const asked = { ...own, ...body, source: source as SourceSystem, orderKey }
    return { runs: (await payAcutely(tx, line.rates, asked)).map(acuteRunJson) }
  })
}
