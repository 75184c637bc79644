/** Schemas of what a municipality decides of the time of its payment runs. */
import Type from 'typebox'
import { AT_CUT_OFF, RAIL_KEYS } from '../../modules/rates/index.ts'
import { MAX_BANK_DAYS, MAX_HOURS } from './parse-local-fact.ts'
import { among, closed, date, key, municipality, validFrom } from './schema-parts.ts'

const hoursBefore = Type.Integer({ minimum: 0, maximum: MAX_HOURS, description: 'Hours before the cut-off.' })

export const closingDay = closed(
  {
    record: Type.Literal('closing_day'),
    municipality,
    date: date(
      'The municipality pays nothing out on this day: the bank day before, or the first after, takes its place.',
    ),
  },
  "A day that the municipality is closed, beside the banks' own. (lukkedag)",
)
export const cutOff = closed(
  {
    record: Type.Literal('cut_off'),
    municipality,
    rail: among(RAIL_KEYS, 'The rail.'),
    bank_days_before: Type.Integer({
      minimum: 0,
      maximum: MAX_BANK_DAYS,
      description: 'Bank days before the disposition date.',
    }),
    time: Type.String({ pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$', description: 'By a Danish clock, such as 14:00.' }),
    valid_from: validFrom,
  },
  "When a rail must have the file; without a record as the rail's own row says. (skæringstidspunkt)",
)
export const atCutOff = closed(
  {
    record: Type.Literal('at_cut_off'),
    municipality,
    treatment: among(
      AT_CUT_OFF,
      'A run that is not released then waits for a person, is paid on the next bank day that can be reached, or was let go shortly before when nothing was found.',
    ),
    hours_before: Type.Optional(hoursBefore),
    valid_from: validFrom,
  },
  'What becomes of a run that still waits at its cut-off; without a record it waits. (skæringstidspunkt)',
)
export const escalation = closed(
  {
    record: Type.Literal('escalation'),
    municipality,
    hours_before: hoursBefore,
    owner: key('Whose a run is that waits from then on.'),
    valid_from: validFrom,
  },
  'One level: reminder, deputy, head. (eskalering)',
)
