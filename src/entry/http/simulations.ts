/** `POST /api/v1/simulations`: the body of an order in, what it would come to out; nothing is changed. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { parseOrder } from '../../adapters/source-systems/index.ts'
import { recordAudit } from '../../modules/access/index.ts'
import { accessOf, type Context, inScope, loading, mayRead, sourceOf, writing } from './context.ts'
import { bodyOf, jsonOf, MAX_ORDER_BYTES, refusalOf } from './orders.ts'
import { HttpProblem } from './problem.ts'
import { simulationSchema } from './schemas.ts'
import { type Simulation, simulateOrder } from '../line/simulate-order.ts'

export function simulationRoutes(app: FastifyInstance, context: Context): void {
  app.post('/api/v1/simulations', { schema: simulationSchema, bodyLimit: MAX_ORDER_BYTES }, (request) =>
    simulate(context, request),
  )
}

/** A source system simulates its own orders; persons and auditors those of every system. */
async function simulate(context: Context, request: FastifyRequest): Promise<Simulation> {
  const access = accessOf(request)
  const body = jsonOf(bodyOf(request))
  const { source_system: name, order_key: orderKey } = (body ?? {}) as Record<string, unknown>
  const { source, id } = sourceOf(String(name))
  mayRead(access, id)
  const parsed = parseOrder(body, { ...context.rates.known, sourceSystem: source, orderKey: String(orderKey) })
  if (parsed.faults !== undefined) throw new HttpProblem('faults', undefined, parsed.faults)
  const { municipality } = parsed.order
  inScope(access, municipality)
  const act = { knownAt: context.now(), actor: access.actor }
  const simulated = await loading(context, (line) => simulateOrder(line, parsed, act))
  if (simulated.kind !== 'simulated') throw refusalOf(simulated)
  // What is looked at is told, though nothing was changed: the answer says what a citizen is paid.
  await writing(context, municipality, (tx) =>
    recordAudit(tx, {
      municipality,
      at: act.knownAt,
      actor: access.actor,
      command: 'order.simulate',
      subject: `${source} ${parsed.order.orderKey}`,
      detail: { version: parsed.order.version },
    }),
  )
  return simulated.simulation
}
