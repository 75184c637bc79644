/** The monthly oversight for persons: what is drawn, what was found of it, and the signature. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import Type from 'typebox'
import { parseMonth, type Period } from '../../base/date.ts'
import type { Tx } from '../../base/db.ts'
import type { Municipality } from '../../base/id.ts'
import {
  drawOversight,
  markOversight,
  type Oversight,
  type OversightAct,
  readOversight,
  signOversight,
} from '../../modules/overview/index.ts'
import { paymentOfEndToEndId } from '../../modules/payments/index.ts'
import { oversightJson } from '../text/index.ts'
import {
  accessOf,
  type Context,
  holdToIdempotencyKey,
  inScope,
  municipalityIn,
  loading,
  personOnly,
  reading,
} from './context.ts'
import { bodyOf, jsonOf, MAX_REASON_LENGTH } from './orders.ts'
import { fieldsIn, throwFaults } from './body.ts'
import { HttpProblem } from './problem.ts'
import { bodyRefusals, idempotencyHeaders, ore, orNull, refusals, text } from './schemas.ts'

interface Address {
  Params: { municipality: string; month: string }
}
type Request = FastifyRequest<Address>

const Sample = Type.Object({
  municipality: text('Four digits.'),
  month: text('YYYY-MM.'),
  seed: text('SHA-256 of municipality|month|head, in hex: what the sample is drawn by.'),
  ledger_head: text("The head of the ledger's chain when it was drawn."),
  payments: Type.Integer({ description: 'Of which it was drawn.' }),
  amount_ore: ore('Of them in all.'),
  drawn_by: text('A person.'),
  drawn_at: text('A time.'),
  sample: Type.Array(
    Type.Object({
      end_to_end_id: text('Our id of the payment.'),
      amount_ore: ore('Of the payment.'),
      disposition_date: text('YYYY-MM-DD.'),
      verdict: orNull(text('ok or remark; null: not looked at yet.')),
      remark: text('What was remarked.'),
      marked_by: orNull(text('A person.')),
    }),
  ),
  signed_by: orNull(text('A person; null: not signed.')),
  signed_at: orNull(text('A time.')),
})
const schema = (summary: string, body?: object) => ({
  summary: `${summary} (ledelsestilsyn)`,
  tags: ['oversight'],
  params: Type.Object({ municipality: text('Four digits.'), month: text('YYYY-MM.') }),
  ...(body === undefined ? {} : { headers: idempotencyHeaders, body }),
  response: { 200: Sample, ...(body === undefined ? refusals(404) : bodyRefusals(404, 409)) },
})
const mark = Type.Object({
  end_to_end_id: text('One of the sample.'),
  remark: Type.Optional(text('What is remarked; left out: it is in order.')),
})

export function oversightRoutes(app: FastifyInstance, context: Context): void {
  const path = '/api/v1/oversight/:municipality/:month'
  const small = { bodyLimit: 4096 }
  const nothing = Type.Object({})
  app.get<Address>(path, { schema: schema('The sample of a month and what was found of it') }, (request) =>
    show(context, request),
  )
  app.post<Address>(`${path}/draw`, { schema: schema('Draw the sample of a month', nothing), ...small }, (request) =>
    act(context, request, [], (tx, own) => drawOversight(tx, own)),
  )
  app.post<Address>(`${path}/mark`, { schema: schema('Say what was found of a payment', mark), ...small }, (request) =>
    act(context, request, ['end_to_end_id', 'remark'], (tx, own, body) => {
      const { payment, remark } = markIn(own.municipality, body)
      return markOversight(tx, own, payment, remark)
    }),
  )
  app.post<Address>(`${path}/sign`, { schema: schema('Sign the month', nothing), ...small }, (request) =>
    act(context, request, [], (tx, own) => signOversight(tx, own)),
  )
}

function placeOf(request: Request): { municipality: Municipality; month: Period } {
  const access = accessOf(request)
  if (access.kind === 'source_system') throw new HttpProblem('forbidden', 'Only people and auditors see the oversight.')
  const municipality = municipalityIn(request.params.municipality)
  inScope(access, municipality)
  const month = parseMonth(request.params.month)
  if (month === undefined) throw new HttpProblem('bad_request', 'The month is YYYY-MM.')
  return { municipality, month }
}

async function show(context: Context, request: Request): Promise<unknown> {
  const { municipality, month } = placeOf(request)
  const found = await reading(context, accessOf(request), (tx) => readOversight(tx, municipality, month))
  if (found === undefined) throw new HttpProblem('oversight_not_drawn')
  return oversightJson(found)
}

async function act(
  context: Context,
  request: Request,
  fields: readonly string[],
  work: (tx: Tx, own: OversightAct, body: Record<string, unknown>) => Promise<Oversight>,
): Promise<unknown> {
  const access = accessOf(request)
  personOnly(access)
  const place = placeOf(request)
  const bytes = bodyOf(request)
  const { given: body, faults } = fieldsIn(jsonOf(bytes), fields)
  throwFaults(faults)
  await holdToIdempotencyKey(context, request, access, bytes)
  const own = { ...place, at: context.now(), by: access.actor }
  const made = await loading(context, (line) => line.connection.inTurn(place.municipality, (tx) => work(tx, own, body)))
  return oversightJson(made)
}

function markIn(
  municipality: Municipality,
  { end_to_end_id: id, remark }: Record<string, unknown>,
): { payment: number; remark: string | undefined } {
  const found = typeof id === 'string' ? paymentOfEndToEndId(id) : undefined
  if (found?.municipality !== municipality) throw new HttpProblem('not_in_sample')
  if (remark !== undefined && (typeof remark !== 'string' || remark.length > MAX_REASON_LENGTH)) {
    throw new HttpProblem('faults', undefined, [
      { pointer: '/remark', code: 'reason_missing', detail: `At most ${MAX_REASON_LENGTH} characters.` },
    ])
  }
  return { payment: found.payment, remark: remark as string | undefined }
}
