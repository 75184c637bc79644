/** What the addresses of acts on payments take and give, for OpenAPI. */
import Type from 'typebox'
import { bodyRefusals, idempotencyHeaders, ore, orNull, refusals, text } from './schemas.ts'

const date = (description: string) => Type.String({ format: 'date', description })
const payment = Type.Object({ municipality: text('Four digits.'), end_to_end_id: text('Our id of the payment.') })
const reason = text('Why; at most 500 characters.')

const OpenReturn = Type.Object({
  municipality: text('Four digits.'),
  end_to_end_id: text('Our id of the payment.'),
  source_system: text('Of its orders.'),
  orders: Type.Array(text('A key; at most ten.')),
  attempt: Type.Integer({ description: 'Of attempts at the same payment; 1 is the first.' }),
  amount_ore: ore('What is left of it on the return account, or on its way again.'),
  answer: Type.Enum([2, 7, 9], { description: 'Formal fault, no account, returned by the bank.' }),
  code: text("The rail's."),
  cause: text('In Danish.'),
  step: Type.Enum(['ask_account', 'ask_payee', 'estate', 'fix_data', 'ask_bank', 'retry']),
  since: date('When it came back.'),
  first_since: date('When the first attempt came back.'),
  age_days: Type.Integer({ description: 'Since the first attempt came back.' }),
  band: Type.Enum(['week', 'month', 'quarter', 'older'], {
    description: 'Of its age: at most 7, 30, 90 days, or more.',
  }),
  asked_on: orNull(date('Its payee was asked for an account on this day.')),
  answer_by: orNull(date('Until when the answer is waited for.')),
  again_on: orNull(date('A later attempt is on its way, to be paid on this day.')),
  taken_over: orNull(
    Type.Object(
      {
        key: text("The old system's own key of it."),
        reference: text('What it knew the payment by.'),
        text: text('What it was for; empty when that was not told.'),
        paid_on: date('When the old system paid it.'),
        returned_on: date('When the old system had it back.'),
      },
      { description: 'It came back to an old system before the takeover; null of our own.' },
    ),
  ),
})
const PaidAgain = Type.Object({
  payments: Type.Array(text('Paid again: our id of the payment that came back.')),
  amount_ore: ore('Of them in all.'),
  on: orNull(date('When; null when nothing is.')),
  not_paid_again: Type.Array(Type.Object({ payment: text('Our id of the payment.'), code: text('Why not.') })),
})
const againBody = Type.Object({
  reason,
  on: Type.Optional(date('Not before this day; default two bank days from now.')),
  account_named: Type.Optional(
    date('The payee named a new account to NemKonto on this day: it counts five bank days later.'),
  ),
})

export const returnedSchema = {
  summary: 'Payments that came back, the oldest first (returnerede betalinger)',
  tags: ['payments'],
  querystring: Type.Object({
    municipality: Type.Optional(text('Four digits; all of the token by default.')),
    limit: Type.Optional(Type.Integer({ description: '1 to 1000; 100 by default.' })),
  }),
  response: {
    200: Type.Object({
      total: Type.Integer(),
      ages: Type.Array(
        Type.Object({ band: text('As of the payments.'), payments: Type.Integer(), amount_ore: ore('In all.') }),
      ),
      payments: Type.Array(OpenReturn),
    }),
    ...refusals(),
  },
}
export const payAgainSchema = {
  summary: 'Pay again what came back: a second attempt on the same payment (genudbetaling)',
  tags: ['payments'],
  params: payment,
  headers: idempotencyHeaders,
  body: againBody,
  response: { 200: PaidAgain, ...bodyRefusals(404, 409) },
}
export const askAccountSchema = {
  summary: 'Ask the payee of what came back for an account, by a letter that everybody can read (bed om konto)',
  tags: ['payments'],
  params: payment,
  headers: idempotencyHeaders,
  body: Type.Object({ answer_by: Type.Optional(date('The last day to answer; default three weeks from now.')) }),
  response: {
    200: Type.Object({
      letter: Type.Integer({ description: 'Its number in the municipality.' }),
      answer_by: date('The last day to answer.'),
      files: Type.Array(text('In out/letter.')),
      again: Type.Boolean({ description: 'It was written before, and the answer is waited for.' }),
    }),
    ...bodyRefusals(404, 409),
  },
}
export const repayFailedSchema = {
  summary: 'Pay again every payment of a run that came back, and only those, once (genudbetal de fejlede)',
  tags: ['payments'],
  params: Type.Object({ run: text('Such as 0751R3.') }),
  headers: idempotencyHeaders,
  body: againBody,
  response: { 200: PaidAgain, ...bodyRefusals(404, 409) },
}
export const holdPaymentSchema = {
  summary: 'Hold a payment of a run that is not released; the rest goes (tilbagehold betaling)',
  tags: ['payments'],
  params: payment,
  headers: idempotencyHeaders,
  body: Type.Object({
    reason,
    owner: Type.Optional(text('Who must see to it; default who holds it.')),
    until: Type.Optional(date('Released by itself, to be paid on this day.')),
  }),
  response: { 200: Type.Object({ held: Type.Boolean() }), ...bodyRefusals(404, 409) },
}
const stopBody = Type.Object({
  reason,
  code: Type.Optional(
    Type.Enum(['CUST', 'DUPL', 'AM09', 'TECH', 'FRAD'], { description: 'For the rail; CUST by default.' }),
  ),
})
export const stopRunSchema = {
  summary: 'Stop every payment of a run in one act, each with its own answer (standsning af en kørsel)',
  tags: ['payments'],
  params: Type.Object({ run: text('Such as 0751R3; or one of its bundles, 0751R3U7511.') }),
  headers: idempotencyHeaders,
  body: stopBody,
  response: {
    200: Type.Object({
      held: Type.Integer({ description: 'Taken out of the run before release.' }),
      asked: Type.Integer({ description: 'The rail is asked now.' }),
      asked_before: Type.Integer(),
      too_late: Type.Integer(),
      payments: Type.Array(
        Type.Object({
          payment: text('Our id of the payment.'),
          state: Type.Enum(['held', 'asked', 'asked_before', 'too_late']),
          text: text('In Danish: what was done, or why it is too late and what can be done.'),
        }),
      ),
    }),
    ...bodyRefusals(404, 409),
  },
}
export const stopPaymentSchema = {
  summary: 'Stop a payment: it leaves its run, or NemKonto or the bank is asked to stop it (standsning)',
  tags: ['payments'],
  params: payment,
  headers: idempotencyHeaders,
  body: stopBody,
  response: {
    200: Type.Object({ state: Type.Enum(['held', 'asked']), text: text('In Danish.') }),
    ...bodyRefusals(404, 409),
  },
}
export const releasePaymentSchema = {
  summary: 'Release a payment that is held or stopped (frigiv betaling)',
  tags: ['payments'],
  params: payment,
  headers: idempotencyHeaders,
  body: Type.Object({ reason, on: Type.Optional(date('Not before this day; default two bank days from now.')) }),
  response: { 200: Type.Object({ released: Type.Integer() }), ...bodyRefusals(404, 409) },
}

export const acuteSchema = {
  summary: 'Pay an order now, in a run of its own that two persons approve (akut udbetaling)',
  tags: ['payments'],
  params: Type.Object({ source_system: text('KY, KSD or KP.'), order_key: text("The source system's.") }),
  querystring: Type.Object({ municipality: Type.Optional(text('Four digits.')) }),
  headers: idempotencyHeaders,
  body: Type.Object({
    reason,
    on: Type.Optional(date('Not before this day; default the same bank day where the rail can, else the next.')),
  }),
  response: {
    200: Type.Object({
      runs: Type.Array(
        Type.Object({
          run: text('Such as 0751R3.'),
          payments: Type.Integer(),
          amount_ore: ore('Of them in all.'),
          pay_on: date('When.'),
        }),
      ),
    }),
    ...bodyRefusals(404, 409),
  },
}
