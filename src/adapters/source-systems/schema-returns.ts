/** What a municipality tells of payments that find no account, or that come back and that nobody claims. */
import Type from 'typebox'
import { LIMITATION_MONTHS, NO_ACCOUNT_TREATMENTS, UNCLAIMED_TREATMENTS } from '../../modules/rates/index.ts'
import { MAX_MONTHS } from './parse-local-fact.ts'
import { among, benefit, closed, municipality, sourceSystem, validFrom } from './schema-parts.ts'

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
