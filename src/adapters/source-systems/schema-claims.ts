/** Claims that exist before we begin, and what debtors pay on claims, as JSON Schema. */
import Type from 'typebox'
import { LARGEST_ORE } from '../../base/money.ts'
import { benefit, closed, date, key, municipality, orNull, party, period, positive } from './schema-parts.ts'

export const claimOpening = closed(
  {
    record: Type.Literal('claim_opening'),
    claim_key: key('The key of the claim.'),
    municipality,
    debtor: party('Who owes. (skyldner)'),
    benefit,
    period,
    amount_ore: positive('What was owed when we took over.'),
    due_date: date('When it was due. (forfaldsdato)'),
    cause: key('Why it is owed.'),
  },
  'A claim that exists before we begin. (åbningsfordring)',
)

export const claimPayment = closed(
  {
    record: Type.Literal('claim_payment'),
    claim_key: key('The claim that was paid on.'),
    municipality,
    payment_key: key("The debtor system's own key of the payment; told again it has no effect."),
    amount_ore: positive('What was paid; of a reversal what the reversed payment was.'),
    date: date('When the money was received, or taken back.'),
    balance_ore: orNull(
      Type.Integer({
        minimum: -LARGEST_ORE,
        maximum: LARGEST_ORE,
        description:
          'What the debtor system says is left after it; below zero when too much was paid. Compared with ours. Whole øre.',
      }),
    ),
    reverses: orNull(key('The payment that bounced; this takes all of it back. (tilbageført indbetaling)')),
  },
  'What a debtor paid on a claim, as the debtor system says; what goes beyond the claim is paid back. (indbetaling på fordring)',
)
