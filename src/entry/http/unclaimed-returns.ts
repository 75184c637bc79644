/** What came back and nobody claims: what the rules cover, proposed by one person and approved by another. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import Type from 'typebox'
import { danishDay } from '../../base/danish-time.ts'
import { type Day, parseDay } from '../../base/date.ts'
import type { Tx } from '../../base/db.ts'
import { unclaimedParts, waitingClosings } from '../../modules/payments/index.ts'
import { readLocalRules, UNCLAIMED_TREATMENTS } from '../../modules/rates/index.ts'
import { approveReturnClosing, proposeReturnClosing } from '../line/close-returns.ts'
import type { Line } from '../line/line.ts'
import { closingJson, unclaimedJson } from '../returned-json.ts'
import { acting, type Who } from './acting.ts'
import { accessOf, type Context, inScope, municipalityIn, reading } from './context.ts'
import { fieldsIn, throwFaults } from './body.ts'
import { HttpProblem } from './problem.ts'
import { bodyRefusals, idempotencyHeaders, ore, refusals, text } from './schemas.ts'

interface Address {
  Params: { municipality: string }
  Querystring: { on?: string }
}
interface ClosingAddress {
  Params: { municipality: string; closing: string }
}

const date = (description: string) => Type.String({ format: 'date', description })
const place = { municipality: text('Four digits.') }
const Closing = Type.Object({
  ...place,
  closing: Type.Integer({ description: 'Its number in the municipality.' }),
  as_of: date('Age was reckoned on this day.'),
  parts: Type.Integer(),
  amount_ore: ore('Posted back with the approval.'),
  by: text('Who proposed it.'),
})
const Unclaimed = Type.Object({
  ...place,
  end_to_end_id: text('Our id of the payment.'),
  amount_ore: ore('Of the part.'),
  treatment: Type.Enum([...UNCLAIMED_TREATMENTS]),
  first_since: date('When the first attempt came back.'),
})
const tags = ['payments']
const listSchema = {
  summary: 'What came back and the rules close, and closings that wait (uafhentede betalinger)',
  tags,
  params: Type.Object(place),
  querystring: Type.Object({ on: Type.Optional(date('Age is reckoned on this day; default today.')) }),
  response: {
    200: Type.Object({ unclaimed: Type.Array(Unclaimed), closings: Type.Array(Closing) }),
    ...refusals(),
  },
}
const proposeSchema = {
  summary: 'Propose all that the rules cover to be closed; another person approves it',
  tags,
  params: Type.Object(place),
  headers: idempotencyHeaders,
  body: Type.Object({ on: Type.Optional(date('Age is reckoned on this day; default today.')) }),
  response: { 200: Closing, ...bodyRefusals(409) },
}
const approveSchema = {
  summary: 'Approve a closing by the total that was shown; never who proposed it',
  tags,
  params: Type.Object({ ...place, closing: text('Its number.') }),
  headers: idempotencyHeaders,
  body: Type.Object({ total_ore: ore('As shown.'), on: Type.Optional(date('When it is booked; default today.')) }),
  response: { 200: Type.Object({ closed: Type.Integer({ description: 'Parts.' }) }), ...bodyRefusals(409) },
}

export function unclaimedReturnRoutes(app: FastifyInstance, context: Context): void {
  const path = '/api/v1/unclaimed-returns/:municipality'
  const small = { bodyLimit: 1_000 }
  app.get<Address>(path, { schema: listSchema }, (request) => list(context, request))
  app.post<Address>(`${path}/closings`, { schema: proposeSchema, ...small }, (request) =>
    act(context, request, ['on'], async (tx, _line, { on: asOf, ...own }) => {
      return closingJson(await proposeReturnClosing(tx, { ...own, asOf }))
    }),
  )
  app.post<ClosingAddress>(`${path}/closings/:closing/approval`, { schema: approveSchema, ...small }, (request) =>
    act(context, request, ['on', 'total_ore'], async (tx, line, own) => {
      const closingNo = Number(request.params.closing)
      return { closed: await approveReturnClosing(tx, line.rates, { ...own, closingNo }) }
    }),
  )
}

async function list(context: Context, request: FastifyRequest<Address>): Promise<unknown> {
  const access = accessOf(request)
  if (access.kind === 'source_system') throw new HttpProblem('forbidden', 'Only people and auditors read payments.')
  const municipality = municipalityIn(request.params.municipality)
  inScope(access, municipality)
  const { on: said } = request.query
  const on = said === undefined ? danishDay(context.now()) : parseDay(said)
  if (on === undefined) throw new HttpProblem('bad_request', '"on" is a date, YYYY-MM-DD.')
  return await reading(context, access, async (tx) => {
    const parts = await unclaimedParts(tx, municipality, await readLocalRules(tx, municipality), on)
    const closings = await waitingClosings(tx, municipality)
    return { unclaimed: parts.map((part) => unclaimedJson(municipality, part)), closings: closings.map(closingJson) }
  })
}

interface Shown {
  readonly on: Day
  readonly total: number
}

function act<T>(
  context: Context,
  request: FastifyRequest<{ Params: { municipality: string } }>,
  fields: readonly string[],
  work: (tx: Tx, line: Line, act: Who & Shown) => Promise<T>,
): Promise<T> {
  const read = (json: unknown, at: string) => bodyIn(json, fields, at)
  const done = (tx: Tx, line: Line, body: Shown, who: Who) => work(tx, line, { ...who, ...body })
  return acting(context, request, municipalityIn(request.params.municipality), read, done, ['stopped'])
}

/** Every fault of the body at once. */
function bodyIn(json: unknown, fields: readonly string[], at: string): Shown {
  const { given, faults } = fieldsIn(json, fields)
  const fault = (name: string, code: string, detail: string) => void faults.push({ pointer: `/${name}`, code, detail })
  const { on: said, total_ore: total = 0 } = given
  const on = said === undefined ? danishDay(at) : typeof said === 'string' ? parseDay(said) : undefined
  if (on === undefined) fault('on', 'date_invalid', 'Send an existing date as YYYY-MM-DD.')
  if (fields.includes('total_ore') && (!Number.isSafeInteger(total) || total === 0)) {
    fault('total_ore', 'missing_field', 'The total that was shown, in whole øre.')
  }
  throwFaults(faults)
  return { on: on as Day, total: Number(total) }
}
