/** Schemas of what a municipality decides of its payment runs: what stops them, and who lets them go. */
import Type from 'typebox'
import { GATE_CHECK_NAMES, GATE_EFFECTS, RELEASES } from '../../modules/rates/index.ts'
import { MAX_PERCENT } from './parse-local-fact.ts'
import { among, benefit, closed, fromZero, municipality, sourceSystem, validFrom } from './schema-parts.ts'

export const gate = closed(
  {
    record: Type.Literal('gate'),
    municipality,
    source_system: Type.Optional(sourceSystem),
    benefit: Type.Optional(benefit),
    check: among(GATE_CHECK_NAMES, 'What is looked at when a payment run is assembled.'),
    effect: among(
      GATE_EFFECTS,
      'What a finding stops: nothing; automatic release (ask); the payment (not of findings of a whole run); the run.',
    ),
    amount_ore: Type.Optional(fromZero('Found from this amount.')),
    percent: Type.Optional(
      Type.Integer({ minimum: 0, maximum: MAX_PERCENT, description: 'Found from this share of what is usual.' }),
    ),
    valid_from: validFrom,
  },
  'What a finding of the control of payment runs stops, and from what limit. (kontrolfund)',
)
export const release = closed(
  {
    record: Type.Literal('release'),
    municipality,
    source_system: Type.Optional(sourceSystem),
    benefit: Type.Optional(benefit),
    approval: among(RELEASES, 'By itself when nothing is found, by one person, or by two.'),
    valid_from: validFrom,
  },
  'Who lets payment runs go; a run of several kinds takes the strictest. (frigivelsespolitik)',
)
export const twoApproversOver = closed(
  {
    record: Type.Literal('two_approvers_over'),
    municipality,
    source_system: Type.Optional(sourceSystem),
    benefit: Type.Optional(benefit),
    amount_ore: fromZero('A run with a larger payment takes two approvers; 0 for no limit.'),
    valid_from: validFrom,
  },
  'Above what amount two persons approve, whatever the release is. (frigivelsespolitik)',
)
