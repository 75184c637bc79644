/** What the schemas of bodies are made of: identifiers, amounts, dates. */
import Type, { type TProperties, type TSchema } from 'typebox'
import { LARGEST_ORE } from '../../base/money.ts'
import { SOURCE_SYSTEMS } from '../../modules/orders/index.ts'
import { PARTY_TYPES } from '../../modules/parties/index.ts'
import { MAX_KEY, MAX_TEXT, MAX_VERSION } from './fields.ts'

export const closed = (properties: TProperties, description: string) =>
  Type.Object(properties, { additionalProperties: false, description })
export const among = (values: readonly string[], description: string) => Type.Enum([...values], { description })

export const orNull = (schema: TSchema) => Type.Optional(Type.Union([schema, Type.Null()]))

export const key = (description: string) => Type.String({ minLength: 1, maxLength: MAX_KEY, description })
export const text = (description: string, maxLength = MAX_TEXT) => Type.String({ minLength: 1, maxLength, description })
export const date = (description: string) =>
  Type.String({
    pattern: '^\\d{4}-\\d{2}-\\d{2}$',
    description: `${description} YYYY-MM-DD, 2000-01-01 to 2100-01-01.`,
  })
export const positive = (description: string) =>
  Type.Integer({ minimum: 1, maximum: LARGEST_ORE, description: `${description} Whole øre.` })
export const fromZero = (description: string) =>
  Type.Integer({ minimum: 0, maximum: LARGEST_ORE, description: `${description} Whole øre.` })
export const version = (description: string) => Type.Integer({ minimum: 1, maximum: MAX_VERSION, description })
export const municipality = Type.String({
  pattern: '^\\d{4}$',
  description: 'Municipality code with its leading zero. (kommunekode)',
})

export const party = (description: string) =>
  closed(
    {
      type: among(PARTY_TYPES, 'What the id is: citizen, company, SE number or production unit.'),
      id: Type.String({
        pattern: '^(\\d{8}|\\d{10})$',
        description:
          'Ten digits for cpr and p, eight for cvr and se; no hyphen. A CPR number without check digit is taken.',
      }),
    },
    description,
  )
export const period = closed(
  { from: date('The first day.'), to: date('The first day after the period.') },
  'Half-open: the last day is the day before "to". At most 732 days.',
)
export const adjusts = Type.Optional(
  closed(
    {
      order_key: key('The order that the movement starts from.'),
      version: version('Its version; it must be the newest.'),
    },
    'The order is a movement: its lines have delta_ore.',
  ),
)
export const insteadOf = Type.Optional(
  key(
    'The key of another order of the same source system and municipality that this one takes the place of: paid to the wrong person, or under the wrong case. It moves no money. (ordrehenvisning)',
  ),
)
const decided = { key: key('The key of the decision.'), date: date('When it was made.') }
export const decision = closed(decided, 'The decision. (afgørelse)')
export const repaymentDecision = closed(
  {
    ...decided,
    hearing_date: Type.Optional(
      date('When the debtor was heard, at the latest when it was made: forvaltningsloven § 19. (partshøring)'),
    ),
    notice_date: Type.Optional(
      date('When the debtor was told, at the earliest when it was made: forvaltningsloven §§ 22-24. (meddelelse)'),
    ),
  },
  'The decision on repayment. (afgørelse)',
)
export const sourceSystem = among(SOURCE_SYSTEMS, 'The system that decides. (fagsystem)')

export const benefit = key('The key of the benefit in the code list. (ydelse)')
export const validFrom = date('The first day on which it applies.')
