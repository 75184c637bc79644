/** What the addresses of payment runs take and give, for OpenAPI. */
import Type from 'typebox'
import { RUN_PURPOSES, RUN_STATES, RUN_STEPS } from '../../modules/payments/index.ts'
import { GATE_CHECK_NAMES, GATE_EFFECTS } from '../../modules/rates/index.ts'
import { bodyRefusals, ore, orNull, refusals, text } from './schemas.ts'

const Finding = Type.Object({
  finding: Type.Integer({ description: 'Its number within the run.' }),
  check: Type.Enum([...GATE_CHECK_NAMES]),
  payment: orNull(text('Our id of the payment; null: of the run.')),
  amount_ore: ore('What it is about.'),
  effect: Type.Enum([...GATE_EFFECTS], { description: 'What it stops, as the municipality has said.' }),
  text: text('In Danish, with the figures that made it.'),
  lifted_by: orNull(text('Who let the run go on in spite of it.')),
})
const RunResource = Type.Object({
  run: text('Our id of the run, as in the name of its file.'),
  municipality: text('Four digits.'),
  disposition_date: text('YYYY-MM-DD.'),
  purpose: Type.Enum([...RUN_PURPOSES], { description: 'at_once, acute: in a run of its own, without waiting.' }),
  steps: Type.Array(Type.Enum([...RUN_STEPS])),
  state: Type.Enum([...RUN_STATES], {
    description: 'How far it has come; of a run that has left by what the rail and the bank have said.',
  }),
  cut_off: text('When the rail must have the file, at the latest; a time in UTC.'),
  payments: Type.Integer(),
  total_ore: ore('Posted back with the approval.'),
  view: text('Posted back with the approval: it stands for what is shown here.'),
  approvers: Type.Integer({ description: 'How many persons approve it; 0: it is let go by itself.' }),
  reasons: Type.Array(text('automatic, one, two (the rule); arranged, again, large, at_once, acute, found.')),
  blocked: Type.Boolean({ description: 'A finding stops it, and nobody has lifted that.' }),
  findings: Type.Array(Finding),
})
const runParams = Type.Object({ run: text('Such as 0751R3.') })

export const paymentRunsSchema = {
  summary: 'Payment runs that wait for approval (udbetalingskørsler)',
  tags: ['payment runs'],
  querystring: Type.Object({
    month: text('YYYY-MM: what is due before its end.'),
    municipality: Type.Optional(text('Four digits; all of the token by default.')),
  }),
  response: { 200: Type.Object({ runs: Type.Array(RunResource) }), ...refusals() },
}
export const paymentRunSchema = {
  summary: 'One payment run: its steps, who must approve it, and what was found',
  tags: ['payment runs'],
  params: runParams,
  response: { 200: RunResource, ...refusals(404) },
}
export const approvalSchema = {
  summary: 'Approve a payment run as it was shown (godkend)',
  tags: ['payment runs'],
  params: runParams,
  body: Type.Object({ total_ore: ore('The total that was shown.'), view: text('The view that was shown.') }),
  response: {
    200: Type.Object({
      run: text('The run.'),
      approved: Type.Boolean({ description: 'False: another person must approve it too.' }),
      approved_by: text('Who.'),
    }),
    ...bodyRefusals(404, 409),
  },
}
