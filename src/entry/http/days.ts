/** The match of a day for persons, and its approval. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import Type from 'typebox'
import { type Day, parseDay } from '../../base/date.ts'
import type { Municipality } from '../../base/id.ts'
import { approveDay, matchDay } from '../../modules/reconciliation/index.ts'
import { dayJson } from '../text/index.ts'
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
import { bodyOf, jsonOf } from './orders.ts'
import { fieldsIn, throwFaults } from './body.ts'
import { HttpProblem } from './problem.ts'
import { bodyRefusals, idempotencyHeaders, ore, orNull, refusals, text } from './schemas.ts'

interface Address {
  Params: { municipality: string; day: string }
}
type Request = FastifyRequest<Address>

const counted = { payments: Type.Integer(), ore: ore('Of them in all.') }
const Match = Type.Object({
  municipality: text('Four digits.'),
  day: text('YYYY-MM-DD.'),
  after: orNull(text('The last approved day before it: all since is shown; null: none is approved.')),
  systems: Type.Array(
    Type.Object({
      source_system: text('KY, KSD or KP.'),
      sent: Type.Object(counted),
      accepted: Type.Object(counted),
      returned: Type.Object(counted),
      bank_ore: ore('Booked by the bank, and not returned.'),
      erp_ore: ore('What the ERP was told of these payments.'),
      difference_ore: ore('ERP less bank.'),
      explained: Type.Array(
        Type.Object({
          why: text('returned, in_transit, not_told or told_before.'),
          ...counted,
          named: Type.Array(text('Our id of a payment; the first ones.')),
        }),
        { description: 'Open items that the difference is the sum of.' },
      ),
    }),
  ),
  bank_ore: ore("By the bank's own lines."),
  waits: Type.Array(Type.Object({ what: text('A run; due: in no run.'), ...counted })),
  unexplained: Type.Array(
    Type.Object({ what: text('An account, a source system or the bank.'), ore: ore('How much.') }),
  ),
  findings: Type.Array(Type.Object({ what: text('A code.'), ref: text('What it is about.'), detail: text('What.') })),
  view: text('Sent back with the approval: it stands for what is shown here.'),
  approved_until: orNull(text('With which day it was approved; null: it is not.')),
  approved_by: orNull(text('A person.')),
  approved_at: orNull(text('A time.')),
})
const params = Type.Object({ municipality: text('Four digits.'), day: text('YYYY-MM-DD.') })
const common = { tags: ['days'], params }
const showSchema = {
  ...common,
  summary: 'What was paid on a day, and what rail, bank and ERP say of it (dagsafstemning)',
  response: { 200: Match, ...refusals() },
}
const approvalSchema = {
  ...common,
  summary: 'Approve a day as it was shown, and all days before it (godkend dagen)',
  headers: idempotencyHeaders,
  body: Type.Object({ view: text('The view that was shown.') }),
  response: { 200: Match, ...bodyRefusals(409) },
}

export function dayRoutes(app: FastifyInstance, context: Context): void {
  const path = '/api/v1/days/:municipality/:day'
  app.get<Address>(path, { schema: showSchema }, (request) => show(context, request))
  app.post<Address>(`${path}/approval`, { schema: approvalSchema, bodyLimit: 1_000 }, (request) =>
    approve(context, request),
  )
}

function placeOf(request: Request): { municipality: Municipality; day: Day } {
  const access = accessOf(request)
  if (access.kind === 'source_system') throw new HttpProblem('forbidden', 'Only people and auditors see a day.')
  const municipality = municipalityIn(request.params.municipality)
  inScope(access, municipality)
  const day = parseDay(request.params.day)
  if (day === undefined) throw new HttpProblem('bad_request', 'The day is YYYY-MM-DD.')
  return { municipality, day }
}

async function show(context: Context, request: Request): Promise<unknown> {
  const { municipality, day } = placeOf(request)
  const { accounts } = context.rates.book
  return dayJson(await reading(context, accessOf(request), (tx) => matchDay(tx, municipality, day, accounts)))
}

async function approve(context: Context, request: Request): Promise<unknown> {
  const access = accessOf(request)
  personOnly(access)
  if (!access.roles.includes('approver')) {
    throw new HttpProblem('forbidden', 'Only an approver (godkender) may do this.')
  }
  const place = placeOf(request)
  const bytes = bodyOf(request)
  const { given, faults } = fieldsIn(jsonOf(bytes), ['view'])
  throwFaults(faults)
  const { view } = given
  await holdToIdempotencyKey(context, request, access, bytes)
  const seen = typeof view === 'string' ? view : undefined
  const act = { ...place, view: seen, by: access.actor, at: context.now() }
  const { accounts } = context.rates.book
  return dayJson(
    await loading(context, (line) => line.connection.inTurn(place.municipality, (tx) => approveDay(tx, act, accounts))),
  )
}
