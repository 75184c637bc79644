/** What a municipality tells of payments that find no account, or that come back and that nobody claims. */
import Type from 'typebox'
import { LIMITATION_MONTHS, NO_ACCOUNT_TREATMENTS, UNCLAIMED_TREATMENTS } from '../../modules/rates/index.ts'
import { MAX_KEY, MAX_TEXT } from './fields.ts'
import { MAX_MONTHS } from './parse-local-fact.ts'
import { RETURN_ANSWERS } from './parse-return-opening.ts'
import {
  among,
  benefit,
  closed,
  date,
  key,
  municipality,
  party,
  period,
  positive,
  sourceSystem,
  text,
  validFrom,
} from './schema-parts.ts'

export const returnOpening = closed(
  {
    record: Type.Literal('return_opening'),
    municipality,
    source_system: sourceSystem,
    return_key: key("The old system's own key of it; told again with the same content it has no effect."),
    case_key: key('The case. (sag)'),
    beneficiary: Type.Optional(party('Whose benefit it is; the payee when absent.')),
    payee: party('Who was to have the money.'),
    benefit,
    period,
    amount_ore: positive('What lies on the return account of the old system.'),
    paid_on: date('When the old system paid it.'),
    returned_on: date('When it came back: its age is reckoned from here.'),
    reference: text('What the old system knew the payment by.', MAX_KEY),
    answer: Type.Union(
      RETURN_ANSWERS.map((one) => Type.Literal(one)),
      { description: 'Why: 2 formal error, 7 no account, 9 returned by the bank. (retursvar)' },
    ),
    code: Type.Optional(text("The rail's or the bank's own code.", MAX_KEY)),
    text: Type.Optional(text('What it was for, to whom looks into it.', MAX_TEXT)),
  },
  'A payment of an old system that had come back when we took over: it stands on our return account, and is paid again or closed as a return of ours. (overtaget returnering)',
)

export const noAccount = closed(
  {
    record: Type.Literal('no_account'),
    municipality,
    treatment: among(
      NO_ACCOUNT_TREATMENTS,
      "To the municipality's own error account, refused, or to the state's waiting account, where it is final.",
    ),
    account: Type.Optional(
      Type.String({
        pattern: '^\\d{14}$',
        description: 'Of an error account: registration number (4) and account (10).',
      }),
    ),
    valid_from: validFrom,
  },
  'What NemKonto was told to do where there is no account; without a record it refuses. (aftale om manglende konto)',
)
export const unclaimed = closed(
  {
    record: Type.Literal('unclaimed'),
    municipality,
    source_system: Type.Optional(sourceSystem),
    benefit: Type.Optional(benefit),
    months: Type.Integer({
      minimum: 1,
      maximum: MAX_MONTHS,
      description: `Since the first attempt came back; of limitation at least ${LIMITATION_MONTHS}.`,
    }),
    treatment: among(
      UNCLAIMED_TREATMENTS,
      "Income of the municipality, the citizen's claim on it until it is paid, or time-barred for good.",
    ),
    valid_from: validFrom,
  },
  'What becomes of a payment that came back and that nobody claims: two persons close it. (uafhentet betaling)',
)
