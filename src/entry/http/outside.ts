/** What was paid elsewhere: registered by one person, approved by another, or given up. @da betalt udenom */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import Type from 'typebox'
import { danishDay } from '../../base/danish-time.ts'
import { parseDay } from '../../base/date.ts'
import type { Ore } from '../../base/money.ts'
import type { Fault } from '../../base/refusal.ts'
import { SOURCE_SYSTEM_ID, SOURCE_SYSTEMS } from '../../modules/orders/index.ts'
import { type NewOutside, readOutside } from '../../modules/payments/index.ts'
import { actOutside, type OutsideAct } from '../line/outside.ts'
import { OUTSIDE_STATES, outsideJson } from '../outside-json.ts'
import { acting } from './acting.ts'
import { accessOf, type Context, inScope, municipalityIn, reading } from './context.ts'
import { MAX_REASON_LENGTH } from './orders.ts'
import { fieldsIn, throwFaults } from './body.ts'
import { HttpProblem } from './problem.ts'
import { bodyRefusals, idempotencyHeaders, ore, orNull, refusals, text } from './schemas.ts'

interface Address {
  Params: { municipality: string }
}
interface OneAddress {
  Params: { municipality: string; outside: string }
}

const date = (description: string) => Type.String({ format: 'date', description })
const given = {
  source_system: Type.Enum([...SOURCE_SYSTEMS]),
  order_key: text("The source system's; the order may come later."),
  amount_ore: ore('What was paid.'),
  paid_on: date('When.'),
  reference: text('What whoever paid it knows it by; best the reference that its bank line bears.'),
  document: text('The number of the document that it rests on.'),
}
const Outside = Type.Object({
  municipality: text('Four digits.'),
  outside: Type.Integer({ description: 'Its number in the municipality.' }),
  state: Type.Enum([...OUTSIDE_STATES], {
    description: 'Waits for a second person; for an order that pays just that; has settled it; given up.',
  }),
  ...given,
  line_key: orNull(text("Of a third party's line.")),
  registered_by: text('Who.'),
  approved_by: orNull(text('Who.')),
  bank_ref: orNull(text("The bank's reference of its line, on an account that we read.")),
  age_days: orNull(Type.Integer({ description: 'Since it was paid, while no bank line of it has shown.' })),
})
const tags = ['payments']
const place = { municipality: text('Four digits.') }
const one = Type.Object({ ...place, outside: text('Its number.') })
const done = { response: { 200: Outside, ...bodyRefusals(404, 409) }, headers: idempotencyHeaders, tags }
const reason = text('Why; at most 500 characters.')
const listSchema = {
  summary: 'What was paid elsewhere, and what became of it (betalt udenom)',
  tags,
  params: Type.Object(place),
  response: { 200: Type.Object({ outside: Type.Array(Outside) }), ...refusals() },
}
const registerSchema = {
  ...done,
  summary: 'Register what was paid elsewhere; what the order pays is held until another person has approved it',
  params: Type.Object(place),
  body: Type.Object({ ...given, line_key: Type.Optional(text("Of a third party's line.")) }),
}
const approveSchema = {
  ...done,
  summary: 'Approve what was paid elsewhere; never who registered it',
  params: one,
  body: Type.Object({}),
}
const endSchema = {
  ...done,
  summary: 'Give up what was registered in error; what is held for it is released by hand',
  params: one,
  body: Type.Object({ reason }),
}

export function outsideRoutes(app: FastifyInstance, context: Context): void {
  const path = '/api/v1/outside-payments/:municipality'
  const small = { bodyLimit: 4096 }
  app.get<Address>(path, { schema: listSchema }, (request) => list(context, request))
  app.post<Address>(path, { schema: registerSchema, ...small }, (request) =>
    act(context, request, (json) => ({ kind: 'register', what: newOutsideIn(json) })),
  )
  app.post<OneAddress>(`${path}/:outside/approval`, { schema: approveSchema, ...small }, (request) =>
    act(context, request, (json) => {
      fieldsOf(json, [])
      return { kind: 'approve', no: Number(request.params.outside) }
    }),
  )
  app.post<OneAddress>(`${path}/:outside/end`, { schema: endSchema, ...small }, (request) =>
    act(context, request, (json) => {
      const { texts } = fieldsOf(json, ['reason'])
      return { kind: 'end', no: Number(request.params.outside), reason: texts['reason'] ?? '' }
    }),
  )
}

async function list(context: Context, request: FastifyRequest<Address>): Promise<unknown> {
  const access = accessOf(request)
  if (access.kind === 'source_system') throw new HttpProblem('forbidden', 'Only people and auditors read payments.')
  const municipality = municipalityIn(request.params.municipality)
  inScope(access, municipality)
  const all = await reading(context, access, (tx) => readOutside(tx, municipality))
  const today = danishDay(context.now())
  return { outside: all.map((outside) => outsideJson(municipality, outside, today)) }
}

function act(
  context: Context,
  request: FastifyRequest<Address>,
  read: (json: unknown) => OutsideAct,
): Promise<unknown> {
  return acting(context, request, municipalityIn(request.params.municipality), read, async (tx, line, asked, who) => {
    const { municipality, at } = who
    const no = await actOutside(tx, line.rates, municipality, asked, who)
    const found = (await readOutside(tx, municipality)).find(({ outsideNo }) => outsideNo === no)
    return outsideJson(municipality, found as NonNullable<typeof found>, danishDay(at))
  })
}

/** Every fault of the body at once. */
function newOutsideIn(json: unknown): NewOutside {
  const { fields, texts, faults } = fieldsOf(
    json,
    ['source_system', 'order_key', 'paid_on', 'reference', 'document'],
    ['amount_ore', 'line_key'],
  )
  const source = SOURCE_SYSTEMS.find((known) => known === texts['source_system'])
  if (source === undefined)
    faults.push(faultOf('source_system', 'unknown_value', `One of ${SOURCE_SYSTEMS.join(', ')}.`))
  const paidOn = parseDay(texts['paid_on'] ?? '')
  if (paidOn === undefined) faults.push(faultOf('paid_on', 'date_invalid', 'Send an existing date as YYYY-MM-DD.'))
  const { amount_ore: amount, line_key: lineKey = '' } = fields
  if (!Number.isSafeInteger(amount) || Number(amount) <= 0) {
    faults.push(faultOf('amount_ore', 'amount_sign', 'What was paid, in whole øre, above zero.'))
  }
  if (typeof lineKey !== 'string') faults.push(faultOf('line_key', 'text_empty', 'The key of a line, or leave it out.'))
  if (faults.length > 0 || source === undefined || paidOn === undefined) {
    throw new HttpProblem('faults', undefined, faults)
  }
  return {
    source: SOURCE_SYSTEM_ID[source],
    orderKey: texts['order_key'] as string,
    lineKey: lineKey as string,
    amount: amount as Ore,
    paidOn,
    reference: texts['reference'] as string,
    document: texts['document'] as string,
  }
}

function faultOf(name: string, code: string, detail: string): Fault {
  return { pointer: `/${name}`, code, detail }
}

/** `needed`: texts. What only they can be wrong in is thrown when nothing else is read (`more` is left out). */
function fieldsOf(json: unknown, needed: readonly string[], more?: readonly string[]) {
  const { given: fields, faults } = fieldsIn(json, [...needed, ...(more ?? [])])
  const texts: Record<string, string> = {}
  for (const name of needed) {
    const value = fields[name]
    if (typeof value === 'string' && value.trim() !== '' && value.length <= MAX_REASON_LENGTH)
      texts[name] = value.trim()
    else faults.push(faultOf(name, 'missing_field', `Send "${name}", at most ${MAX_REASON_LENGTH} characters.`))
  }
  if (more === undefined) throwFaults(faults)
  return { fields, texts, faults }
}
