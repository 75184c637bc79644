/** What the addresses take and give, for OpenAPI. Bodies are checked by the door's own parsers, never by these. */
import Type, { type TSchema } from 'typebox'
import { OrderBody } from '../../adapters/source-systems/schema.ts'
import { EVENT_KINDS } from '../../modules/events/index.ts'
import { SOURCE_SYSTEMS } from '../../modules/orders/index.ts'

export const text = (description: string) => Type.String({ description })
export const ore = (description: string) => Type.Integer({ description: `${description} Whole øre.` })
const at = (description: string) => Type.String({ format: 'date-time', description })
export const orNull = (schema: TSchema) => Type.Union([schema, Type.Null()])

const Faults = Type.Array(
  Type.Object({
    pointer: text('JSON pointer into the body; empty for the whole.'),
    code: text('Stable; docs/fault-codes.md says what to do.'),
    detail: text('A sentence for the person who must act.'),
  }),
)
const Problem = Type.Object(
  {
    type: text('urn:toek:problem:<code>'),
    title: text('The same for every problem of the type.'),
    status: Type.Integer(),
    detail: Type.Optional(text('What is wrong here.')),
    faults: Type.Optional(Faults),
  },
  { description: 'application/problem+json' },
)
/** What every address can answer, and what this one can. */
export const refusals = (...codes: number[]) =>
  Object.fromEntries([400, 401, 403, ...codes].map((code) => [code, Problem]))
/** The same of an address that takes a body. */
export const bodyRefusals = (...codes: number[]) => refusals(413, 415, 422, ...codes)

const sourceParam = Type.Enum([...SOURCE_SYSTEMS], { description: 'The source system. (fagsystem)' })
const orderParams = Type.Object({ source_system: sourceParam, order_key: text('The key of the order.') })
const municipalityQuery = Type.Object({
  municipality: Type.Optional(text('Four digits; needed only when several municipalities have the key.')),
})
export const idempotencyHeaders = Type.Object({
  'idempotency-key': Type.Optional(text('Stands for this request only; with another body or path it is refused.')),
})

const Receipt = Type.Object({
  order_key: text('As sent.'),
  version: Type.Integer(),
  source_system: sourceParam,
  municipality: text('Four digits.'),
  state: Type.Enum(['active', 'withdrawn']),
  content_sha256: Type.String({
    pattern: '^[0-9a-f]{32}$',
    description: 'The first half of the SHA-256 of the canonical content: 16 bytes as 32 hex digits.',
  }),
  received_at: at('When this version came.'),
  warnings: Faults,
})
const axisState = Type.Enum(['no', 'partly', 'yes'])
const OrderResource = Type.Object({
  order_key: text('The key.'),
  source_system: sourceParam,
  municipality: text('Four digits.'),
  case_key: text('The case.'),
  version: Type.Integer({ description: 'The newest.' }),
  state: Type.Enum(['active', 'withdrawn', 'paid_before']),
  disposition_date: text('YYYY-MM-DD.'),
  axes: Type.Object(
    {
      paid: Type.Object({ state: axisState, paid_ore: ore('Paid.'), of_ore: ore('To be paid.') }),
      reported: Type.Object({ state: axisState, at: orNull(at('To eIndkomst.')) }),
      posted: Type.Object({ state: axisState, in_ledger: Type.Boolean(), at: orNull(at('To the ERP.')) }),
      reimbursed: Type.Object({ state: axisState, asked_at: orNull(at('In Ydelsesrefusion.')) }),
    },
    { description: 'Four axes that move independently; there is no single status.' },
  ),
  instead_of: orNull(text('The order that this one takes the place of, as its newest version says.')),
  replaced_by: Type.Array(text('An order that takes the place of this one.')),
  held: Type.Boolean({ description: 'The newest version has an open hold.' }),
  holds: Type.Array(
    Type.Object({
      version: Type.Integer(),
      kind: text(
        'possible_duplicate, excluding_benefit, awaits_answer, came_back, unfounded_repayment, before_takeover, before_look_back, small_amount, superseded, dead, missing, bankrupt, closed or manual.',
      ),
      reason: text('Why, in Danish: the same sentence as on the pages, with its amounts and days.'),
      at: at('When.'),
      by: text('Who.'),
      released: orNull(Type.Object({ at: at('When.'), by: text('Who.'), reason: text('Why.') })),
    }),
  ),
  items: Type.Array(
    Type.Object({
      version: Type.Integer(),
      withdrawn: Type.Boolean({ description: 'Never received, and calculated anew by a later version.' }),
      line_key: text('The benefit line.'),
      benefit: orNull(text('Its key.')),
      gross_ore: ore('Gross.'),
      net_ore: ore('Net.'),
      payments: Type.Array(
        Type.Object({
          line_key: text('The benefit line, or the third-party line.'),
          amount_ore: ore('To be paid.'),
          state: Type.Enum([
            'due',
            'in_round',
            'held',
            'stopped',
            'sent',
            'accepted',
            'waiting_account',
            'presumed_paid',
            'paid',
            'paid_outside',
            'returned',
          ]),
          end_to_end_id: orNull(text('Our id of the payment.')),
        }),
      ),
    }),
  ),
  history: Type.Array(
    Type.Object({
      version: Type.Integer(),
      state: Type.Enum(['active', 'withdrawn', 'paid_before']),
      reason: orNull(text('Of a withdrawal.')),
      steps: Type.Array(Type.Object({ step: text('What happened.'), at: at('When.') })),
    }),
  ),
})

const simulatedNames = ['gross', 'own_atp', 'am', 'tax', 'set_off', 'third_party', 'net', 'employer_atp', 'pension']
const simulated = Object.fromEntries(simulatedNames.map((name) => [`${name}_ore`, ore('')]))
const grossOfLine = { line_key: text('The line.'), gross_ore: ore('Gross.') }
const oldLine = { version: Type.Integer({ description: 'The earlier version.' }), ...grossOfLine }
const SimulationResource = Type.Object({
  order_key: text('As sent.'),
  version: Type.Integer(),
  source_system: text('The sender.'),
  municipality: text('Four digits.'),
  outcome: Type.Enum(['calculated', 'held', 'corrects', 'waits', 'unchanged'], {
    description:
      'calculated: as the items say. corrects: so too, beside what becomes of earlier versions. held: once the holds ' +
      'are released. waits: an earlier version is in a payment run and not answered yet.',
  }),
  holds: Type.Array(Type.Object({ kind: text('As in the order.'), reason: text('Why.') })),
  before: Type.Object({ gross_ore: ore('What stands.') }),
  after: Type.Object({ gross_ore: ore('What the order wants.') }),
  difference: Type.Object({
    gross_ore: ore('After less before; may be negative.'),
    withdrawn: Type.Array(Type.Object(oldLine), { description: 'Calculated and never sent, or sent back.' }),
    atp_given_back: Type.Array(Type.Object(oldLine), {
      description: 'Own ATP that is owed no more: it was withheld, and is paid.',
    }),
    paid: Type.Array(Type.Object(grossOfLine)),
    moved: Type.Array(
      Type.Object({ from_version: Type.Integer(), from_line_key: text('The earlier line.'), ...grossOfLine }),
    ),
    closed: Type.Array(Type.Object({ ...grossOfLine, claim_key: orNull(text('Of a claim; else overpaid.')) }), {
      description: 'Stands again: what was overpaid, claimed or kept of it is so no more.',
    }),
    overpaid: Type.Array(Type.Object(oldLine), { description: 'For meget udbetalt: no claim before it is decided.' }),
    suppressed: Type.Array(Type.Object(oldLine), { description: "Of it: let go, below the municipality's limit." }),
    to_be_adjusted: Type.Array(Type.Object(oldLine), { description: 'Of it: to be taken in coming payments.' }),
    adjusted: Type.Array(
      Type.Object({
        from_order_key: text('The order that overpaid.'),
        from_line_key: text('Its line.'),
        ...grossOfLine,
      }),
      { description: 'Overpaid before, and taken in this payment.' },
    ),
    claimed: Type.Array(
      Type.Object({ claim_key: text('The claim.'), gross_ore: ore('Of gross.'), amount_ore: ore('Claimed.') }),
    ),
  }),
  items: Type.Array(
    Type.Object({
      line_key: text('The benefit line.'),
      benefit: text('Its key.'),
      card: text('The tax card used.'),
      ...simulated,
    }),
  ),
  totals: Type.Object(simulated),
  untaken: Type.Array(
    Type.Object({ line_key: text('The deduction.'), amount_ore: ore('Not taken.'), reason: text('Why.') }),
  ),
  postings: Type.Array(
    Type.Object({ account: text('The account.'), debit_ore: ore('Debit.'), credit_ore: ore('Credit.') }),
  ),
  reports: Type.Record(Type.String(), Type.Record(Type.String(), Type.Integer()), {
    description: 'Control totals of what each receiver would be told, by receiver: eindkomst, g69, ydelsesrefusion, …',
  }),
})

const FileResource = Type.Object({
  id: text('Municipality and number.'),
  state: Type.Enum(['receiving', 'refused', 'loaded']),
  source_system: text('The sender.'),
  municipality: text('Four digits.'),
  file_id: text("The sender's name of the file."),
  lines: Type.Integer(),
  accepted: Type.Integer(),
  held: Type.Integer(),
  refused_count: Type.Integer({ description: 'All refused lines; at most 1000 are listed.' }),
  refused: Type.Array(Type.Object({ line: Type.Integer(), faults: Faults })),
  findings: Faults,
})

const amountNames = ['gross', 'own_atp', 'am', 'tax', 'pension', 'employer_atp', 'set_off', 'third_party', 'net']
const Event = Type.Object({
  event_no: Type.Integer({ description: 'Ascending within the source system.' }),
  kind: Type.Enum([...EVENT_KINDS]),
  municipality: text('Four digits.'),
  order_key: orNull(text('Null when what came was no order.')),
  version: orNull(Type.Integer()),
  line_key: orNull(text('The line, where the event is about one.')),
  amount_ore: orNull(ore('Net, part, claim or gross, by kind.')),
  at: at('Business time.'),
  ...Object.fromEntries(amountNames.map((name) => [`${name}_ore`, Type.Optional(ore('calculated.'))])),
  card: Type.Optional(text('calculated: the tax card used.')),
  untaken: Type.Optional(
    Type.Array(
      Type.Object({
        line_key: text('The set-off or third-party line.'),
        amount_ore: ore('Not taken.'),
        reason: text('claim_unknown, claim_of_other, claim_exhausted, net_too_small, minimum_left or taken_already.'),
      }),
      { description: 'calculated, with the first line of an order: what could not be taken.' },
    ),
  ),
  explanation: Type.Optional(
    Type.Array(text('One benefit and period.'), {
      description: 'calculated, with the first line of a later version: what was paid before, what it is now, and why.',
    }),
  ),
  end_to_end_id: Type.Optional(text('Payment kinds.')),
  claim_key: Type.Optional(text('Claim kinds.')),
  legal_basis: Type.Optional(text('claim_opened: the provision that it is claimed by.')),
  hearing_date: Type.Optional(text('claim_opened: when the debtor was heard.')),
  notice_date: Type.Optional(text('claim_opened: when the debtor was told.')),
  reference: Type.Optional(text('Payment kinds: the reference of a third-party line.')),
  payee_arrangement: Type.Optional(Type.Integer({ description: 'Payment kinds: paid by this payee arrangement.' })),
  code: Type.Optional(text('returned, held, released, overpaid; calculated: payee_stays; claim_changed: before_tax.')),
  cause: Type.Optional(
    text('In Danish: held and released as on the pages, returned, stopped, calculated, claim_changed.'),
  ),
  file_line: Type.Optional(Type.Integer({ description: 'refused.' })),
  faults: Type.Optional(Faults),
})

export const putOrderSchema = {
  summary: 'Put the full desired state of one decision, or a movement against it',
  tags: ['orders'],
  params: orderParams,
  headers: idempotencyHeaders,
  body: OrderBody,
  response: { 201: Receipt, 200: Receipt, ...bodyRefusals(404, 409) },
}
export const orderSchema = {
  summary: 'One order: four axes, holds and history',
  tags: ['orders'],
  params: orderParams,
  querystring: municipalityQuery,
  response: { 200: OrderResource, ...refusals(404, 409) },
}
const ExpectedPart = Type.Object({
  source_system: text('Whose order.'),
  order_key: text('The order.'),
  version: Type.Integer(),
  line_key: text('The benefit line, or the third-party line.'),
  amount_ore: ore('Of the payment.'),
})
export const expectedSchema = {
  summary: 'What the payee of an order gets in this month and the next (forventede udbetalinger)',
  tags: ['orders'],
  params: orderParams,
  querystring: municipalityQuery,
  response: {
    200: Type.Object({
      order_key: text('As asked.'),
      source_system: text('As asked.'),
      municipality: text('Four digits.'),
      payments: Type.Array(
        Type.Object({
          disposition_date: text('YYYY-MM-DD.'),
          amount_ore: ore('In all.'),
          state: Type.Enum(['expected', 'due', 'made'], {
            description: 'expected: ordered, calculated as things stand. due: calculated. made: in a payment run.',
          }),
          end_to_end_id: orNull(text('Of a payment that is made.')),
          parts: Type.Array(ExpectedPart),
        }),
      ),
    }),
    ...refusals(404, 409),
  },
}
const reasonBody = Type.Object({ reason: Type.String({ minLength: 1, maxLength: 500 }) })
export const holdSchema = {
  summary: 'Hold an order that is not calculated yet (tilbagehold)',
  tags: ['orders'],
  params: orderParams,
  querystring: municipalityQuery,
  headers: idempotencyHeaders,
  body: reasonBody,
  response: { 200: Type.Object({ held: Type.Boolean(), hold_no: Type.Integer() }), ...bodyRefusals(404, 409) },
}
export const releaseSchema = {
  summary: 'Release the holds of an order (frigiv)',
  tags: ['orders'],
  params: orderParams,
  querystring: municipalityQuery,
  headers: idempotencyHeaders,
  body: reasonBody,
  response: { 200: Type.Object({ released: Type.Integer() }), ...bodyRefusals(404, 409) },
}
export const postFileSchema = {
  summary: 'Deliver a file: an envelope, then one record a line; plain or gzip',
  tags: ['order files'],
  consumes: ['application/x-ndjson', 'application/gzip'],
  response: { 202: FileResource, ...bodyRefusals() },
}
export const orderFileSchema = {
  summary: 'What became of a file',
  tags: ['order files'],
  params: Type.Object({ id: text('As given by the delivery.') }),
  response: { 200: FileResource, ...refusals(404) },
}
const sourceParams = Type.Object({ source_system: sourceParam })
const after = Type.Optional(
  Type.Integer({ minimum: 0, description: 'The last event number that you have; 0 at first.' }),
)
export const eventsSchema = {
  summary: 'Events after a number: ordered, replayable, at least once',
  tags: ['events'],
  params: sourceParams,
  querystring: Type.Object({ after, limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })) }),
  response: {
    200: Type.Object({ events: Type.Array(Event), next_after: Type.Integer(), last: Type.Integer() }),
    ...refusals(404),
  },
}
export const eventFileSchema = {
  summary: 'The same events as an answer file, one a line',
  tags: ['events'],
  produces: ['application/x-ndjson'],
  params: sourceParams,
  querystring: Type.Object({ after }),
  response: { 200: Event, ...refusals(404) },
}
export const paymentSchema = {
  summary: 'The specification of one payment',
  tags: ['payments'],
  params: Type.Object({ municipality: text('Four digits.'), end_to_end_id: text('Our id of the payment.') }),
  response: { 200: Type.Unknown(), ...refusals(404, 501) },
}
export const closingSchema = {
  summary: 'How a month stands',
  tags: ['closing'],
  querystring: Type.Object({
    month: text('YYYY-MM.'),
    municipality: Type.Optional(text('Four digits; all by default.')),
  }),
  response: { 200: Type.Unknown(), ...refusals(501) },
}
export const simulationSchema = {
  summary: 'What an order would come to; nothing is changed (simulering)',
  tags: ['orders'],
  body: OrderBody,
  response: { 200: SimulationResource, ...bodyRefusals(404, 409) },
}
