/** What an auditor asks: what somebody did and looked at, and all that is known, or was, of one citizen. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import Type from 'typebox'
import { fault } from '../../adapters/source-systems/index.ts'
import { danishInstant } from '../../base/danish-time.ts'
import { addDays, parseDay } from '../../base/date.ts'
import { type Access, recordAudit, recordAudits } from '../../modules/access/index.ts'
import { readActs, readPerson, subjectOfParty } from '../../modules/overview/index.ts'
import { cprProblem } from '../../modules/parties/index.ts'
import { personJson } from '../person-json.ts'
import { accessOf, type Context, inScope, reading, scopeOf } from './context.ts'
import { bodyOf, jsonOf } from './orders.ts'
import { fieldsIn, throwFaults } from './body.ts'
import { HttpProblem } from './problem.ts'
import { bodyRefusals, orNull, refusals, text } from './schemas.ts'

interface ActsAddress {
  Querystring: { user?: string; from?: string; to?: string; municipality?: string; after?: string; limit?: string }
}

const MOST_ACTS = 1000

const actsSchema = {
  summary: 'What somebody did and looked at (kontrolspor)',
  description: 'In the order of time; ask again with after = next until next is null. For auditors.',
  tags: ['audit'],
  querystring: Type.Object({
    user: text('The name that the acts are recorded under.'),
    from: text('YYYY-MM-DD, a Danish day.'),
    to: text('YYYY-MM-DD, that day included.'),
    municipality: Type.Optional(text('Four digits; default all that the token covers.')),
    after: Type.Optional(text('The next of the page before.')),
    limit: Type.Optional(text(`At most ${MOST_ACTS}, which is also the default.`)),
  }),
  response: {
    200: Type.Object({
      acts: Type.Array(
        Type.Object({
          at: text('When, in UTC.'),
          municipality: text('Four digits.'),
          actor: text('Who.'),
          command: text('What, for example order.hold, payment.read or run.released.'),
          subject: text('Whom or what it was about, by our keys.'),
          detail: Type.Object({}, { description: 'What was said of it, such as the reason.' }),
        }),
      ),
      next: orNull(text('To go on with; null: these are the last.')),
    }),
    ...refusals(),
  },
}

const personSchema = {
  summary: 'Everything that is known of one citizen, or was on a day (udtræk for en person)',
  description:
    'Orders and versions, calculations, payments and attempts, what is overpaid, claims, reports, events, holds, acts, postings, ' +
    'and whether the chain of the ledger agrees. For auditors; citizen numbers are masked unless the token has the role unmasked.',
  tags: ['audit'],
  body: Type.Object({
    municipality: text('Four digits.'),
    cpr: text('Ten digits. It stands in the body, so that no log of addresses holds it.'),
    known_on: Type.Optional(text("YYYY-MM-DD: as it was known at the day's end; left out: as it is now.")),
  }),
  response: { 200: Type.Object({}, { additionalProperties: true }), ...bodyRefusals(404) },
}

export function auditRoutes(app: FastifyInstance, context: Context): void {
  app.get<ActsAddress>('/api/v1/audit', { schema: actsSchema }, (request) => readAudit(context, request))
  app.post('/api/v1/persons/extract', { schema: personSchema, bodyLimit: 1024 }, (request) => person(context, request))
}

function auditorOnly(access: Access): void {
  if (access.kind === 'auditor' || (access.kind === 'person' && access.roles.includes('auditor'))) return
  throw new HttpProblem('forbidden', 'Only auditors ask for this.')
}

async function readAudit(context: Context, request: FastifyRequest<ActsAddress>): Promise<unknown> {
  const access = accessOf(request)
  auditorOnly(access)
  const { user = '', municipality, after, limit = String(MOST_ACTS) } = request.query
  const [from, to] = [parseDay(request.query.from ?? ''), parseDay(request.query.to ?? '')]
  if (user === '' || from === undefined || to === undefined || to < from)
    throw new HttpProblem('bad_request', 'Say user, from and to; the days are YYYY-MM-DD, and to is not before from.')
  if (!/^[1-9]\d{0,3}$/.test(limit) || Number(limit) > MOST_ACTS)
    throw new HttpProblem('bad_request', `"limit" is a number from 1 to ${MOST_ACTS}.`)
  const scope = scopeOf(access, municipality)
  const asked = {
    actor: user,
    from: danishInstant(from, '00:00'),
    to: danishInstant(addDays(to, 1), '00:00'),
    after,
    limit: Number(limit),
  }
  return await reading(context, access, async (tx) => {
    const { acts, next } = await readActs(tx, scope, asked)
    const detail = { from: request.query.from ?? '', to: request.query.to ?? '' }
    const look = { at: context.now(), actor: access.actor, command: 'audit.read', subject: user, detail }
    // One look-up, however many pages it has.
    const seen = after === undefined ? scope.map((one) => ({ municipality: one, ...look })) : []
    await recordAudits(tx, seen)
    return { acts, next: next ?? null }
  })
}

async function person(context: Context, request: FastifyRequest): Promise<unknown> {
  const access = accessOf(request)
  auditorOnly(access)
  const asked = askedIn(jsonOf(bodyOf(request)))
  inScope(access, asked.municipality)
  const { municipality, cpr, knownOn } = asked
  const before = knownOn === undefined ? undefined : danishInstant(addDays(knownOn.day, 1), '00:00')
  const unmasked = access.roles.includes('unmasked')
  const found = await reading(context, { ...access, municipalities: [municipality] }, async (tx) => {
    const extract = await readPerson(tx, municipality, cpr, context.rates, before)
    // Also that nothing was found is a look-up; of whom is said only when we have a number of our own for them.
    const subject = extract === undefined ? 'party unknown' : subjectOfParty(extract.partyId)
    const detail = { known_on: knownOn?.text ?? null, unmasked }
    const at = context.now()
    await recordAudit(tx, { municipality, at, actor: access.actor, command: 'person.read', subject, detail })
    return extract
  })
  if (found === undefined) throw new HttpProblem('unknown_person')
  return personJson(found, knownOn?.text, unmasked)
}

function askedIn(body: unknown) {
  const { given, faults } = fieldsIn(body, ['municipality', 'cpr', 'known_on'])
  const { municipality, cpr, known_on: on } = given
  const code = typeof municipality === 'string' && /^\d{4}$/.test(municipality) ? Number(municipality) : 0
  if (code === 0) faults.push(fault('unknown_municipality', '/municipality', 'This is no code of four digits.'))
  if (typeof cpr !== 'string' || cprProblem(cpr) !== undefined)
    faults.push(fault('cpr_invalid', '/cpr', 'This is no CPR number.'))
  const day = typeof on === 'string' ? parseDay(on) : undefined
  if (on !== undefined && day === undefined) faults.push(fault('date_invalid', '/known_on', 'This is no date.'))
  throwFaults(faults)
  return {
    municipality: code,
    cpr: cpr as string,
    knownOn: day === undefined ? undefined : { day, text: on as string },
  }
}
