/**
 * The bodies that come in by the door, as JSON Schema: for OpenAPI and for senders who check before they send. The
 * parsers decide; a test holds that both know the same fields and that what a parser takes, the schema takes.
 */
import Type from 'typebox'
import { LARGEST_ORE } from '../../base/money.ts'
import { LINE_KINDS, QUANTITY_UNITS, SENSITIVITIES, SETTLES, SOURCE_SYSTEMS } from '../../modules/orders/index.ts'
import { CARD_KINDS, PARTY_EVENT_KINDS } from '../../modules/parties/index.ts'
import { MOST_INSTALMENTS, RAIL_KEYS, SMALL_AMOUNT_TREATMENTS, UNIT_KINDS } from '../../modules/rates/index.ts'
import { MAX_KEY, MAX_REASON } from './fields.ts'
import { FACTS, MAX_FILE_RECORDS } from './parse-envelope.ts'
import { MAX_LINES } from './parse-order.ts'
import { MAX_MONTHS } from './parse-local-fact.ts'
import { claimOpening, claimPayment } from './schema-claims.ts'
import { gate, release, twoApproversOver } from './schema-gate.ts'
import { atCutOff, closingDay, cutOff, escalation } from './schema-run-times.ts'
import { noAccount, returnOpening, unclaimed } from './schema-returns.ts'
import {
  adjusts,
  among,
  benefit,
  closed,
  date,
  decision,
  fromZero,
  insteadOf,
  key,
  municipality,
  orNull,
  party,
  period,
  positive,
  repaymentDecision,
  sourceSystem,
  text,
  validFrom,
  version,
} from './schema-parts.ts'

const amounts = {
  amount_ore: Type.Optional(positive('The amount; required unless the order is a movement.')),
  delta_ore: Type.Optional(
    Type.Integer({
      minimum: -LARGEST_ORE,
      maximum: LARGEST_ORE,
      description: 'The signed change, not zero; only and always in a movement ("adjusts"). Whole øre.',
    }),
  ),
}
const lineHead = (kind: (typeof LINE_KINDS)[number], description: string) => ({
  line_key: key('The key of the line within the order, the same through all versions; without "/".'),
  kind: Type.Literal(kind, { description }),
  ...amounts,
})
const component = key('The part of the benefit. (ydelseskomponent)')

const kle = Type.String({ pattern: '^\\d{2}\\.\\d{2}\\.\\d{2}$', description: 'KLE subject, NN.NN.NN.' })
const quantity = closed(
  {
    unit: among(QUANTITY_UNITS, 'Month, week, day or hour.'),
    value: Type.String({
      pattern: '^\\d+(\\.\\d{1,3})?$',
      maxLength: 12,
      description: 'Above zero, at most 100000, at most three decimals.',
    }),
  },
  'How much time the amount is for.',
)

const benefitLine = closed(
  {
    ...lineHead('benefit', 'Gross. (udbetaling)'),
    benefit,
    component,
    kle,
    sensitivity: among(SENSITIVITIES, 'How sensitive the benefit is. (følsomhed)'),
    legal_basis: text('The provision of law. (hjemmel)'),
    grant: Type.Optional(
      closed(
        {
          uuid: Type.String({
            pattern: '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$',
            description: 'The id of the grant; upper and lower case are the same.',
          }),
          benefit_id: key('The benefit within the grant.'),
          period: Type.Optional(period),
        },
        'The grant that the line belongs to. (bevilling)',
      ),
    ),
    period,
    quantity,
    repayable: Type.Boolean({ description: 'Granted with a duty to repay. (tilbagebetalingspligt)' }),
    text: text('To the payee, on the bank statement and the letter.'),
    employee: Type.Optional(
      Type.String({ pattern: '^\\d{10}$', description: 'Employer refunds: the CPR number of the employee.' }),
    ),
    reference: Type.Optional(text("The payee's own reference.")),
    not_duplicate_of: Type.Optional(
      Type.String({
        pattern: '^.+/[^/]+$',
        maxLength: 2 * MAX_KEY + 1,
        description: '"<order_key>/<line_key>" of a line that looks the same and is another payment.',
      }),
    ),
  },
  'A gross amount of a benefit for a period.',
)
const setOffLine = closed(
  {
    ...lineHead('set_off', 'Net, against a claim. (modregning)'),
    claim_key: key('The claim that is paid off; one of the beneficiary.'),
    from_earmarked: Type.Optional(
      Type.Boolean({ description: 'It may also be taken from earmarked tax-free supplements; not when absent.' }),
    ),
  },
  'An amount kept back for a named claim.',
)
const thirdPartyLine = closed(
  {
    ...lineHead('third_party', 'Net, to another payee. (tredjepart)'),
    payee: party('Who gets the amount.'),
    reference: text('What that payee knows it by.'),
  },
  'An amount paid to a third party.',
)
const repaymentLine = closed(
  {
    ...lineHead('repayment', 'A decided claim, not cash received. (tilbagebetaling)'),
    benefit,
    component,
    period,
    claim_key: key('The key of the new claim.'),
    cause: key('Why it is to be repaid. (årsag)'),
    legal_basis: Type.Optional(text('The provision that it is claimed by. (hjemmel)')),
    decision: repaymentDecision,
  },
  'A decision that an amount is to be repaid.',
)

/** @da effektueringsordre */
export const OrderBody = closed(
  {
    order_key: key('The key of the order, the same through all versions.'),
    version: version("The source system's own version; a higher one replaces a lower one."),
    source_system: sourceSystem,
    municipality,
    case_key: key('The case in the source system. (sagsnummer)'),
    state: among(['active', 'withdrawn'], 'Withdrawn ends the decision.'),
    reason: Type.Optional(text('Why it is withdrawn; required then, and only then.', MAX_REASON)),
    decision,
    beneficiary: party('Whose right it is. (ydelsesmodtager)'),
    payee: party('Who gets the money. (betalingsmodtager)'),
    disposition_date: date(
      'When the money is to be at disposal; a day on which the banks are closed is paid before. (dispositionsdato)',
    ),
    settle: among(SETTLES, 'When it is paid: at once, on the disposition date, or with the next ordinary payment.'),
    adjusts,
    instead_of: insteadOf,
    overpaid: Type.Optional(
      closed(
        {
          instalments: Type.Integer({
            minimum: 1,
            maximum: MOST_INSTALMENTS,
            description: 'In how many coming payments; never more than that part of it in one. (afdrag)',
          }),
        },
        'What the decision has paid too much is taken in coming payments, where each benefit allows it; else it waits for a decision. (regulering)',
      ),
    ),
    lines: Type.Optional(
      Type.Array(Type.Union([benefitLine, setOffLine, thirdPartyLine, repaymentLine]), {
        maxItems: MAX_LINES,
        description: 'Required and not empty in an active order.',
      }),
    ),
  },
  'The full desired state of one decision, or a movement against it.',
)

const kindSum = (description: string) =>
  closed(
    {
      lines: Type.Integer({ minimum: 0, description: 'Number of lines.' }),
      ore: Type.Integer({ description: 'Their sum as sent; signed for movements. Whole øre.' }),
    },
    description,
  )

/** @da konvolut */
export const EnvelopeBody = closed(
  {
    record: Type.Literal('envelope'),
    schema: Type.Literal(1),
    file_id: text("The sender's name of the file, used once.", MAX_KEY),
    source_system: among([...SOURCE_SYSTEMS, FACTS], 'The sender; FAKTA for a file of facts.'),
    municipality,
    month: Type.String({ pattern: '^\\d{4}-\\d{2}$', description: 'The month of the file, YYYY-MM.' }),
    count: Type.Integer({ minimum: 0, maximum: MAX_FILE_RECORDS, description: 'Non-empty lines after the envelope.' }),
    sums: Type.Optional(
      closed(
        {
          benefit: kindSum('All benefit lines.'),
          set_off: kindSum('All set-off lines.'),
          third_party: kindSum('All third-party lines.'),
          repayment: kindSum('All repayment lines.'),
        },
        'Control sums; required except in a file of facts. (kontrolsummer)',
      ),
    ),
  },
  'The first line of a file.',
)

const identifier = (digits: number, description: string) => Type.String({ pattern: `^\\d{${digits}}$`, description })

const ratePercent = (description: string) =>
  Type.Union(
    [Type.Number({ minimum: 0, maximum: 100 }), Type.String({ pattern: '^\\d+(\\.\\d{1,2})?$', maxLength: 12 })],
    { description },
  )

const taxCard = closed(
  {
    record: Type.Literal('tax_card'),
    municipality,
    cpr: identifier(10, 'The citizen.'),
    se: identifier(8, 'The withholding SE number that the card is for.'),
    card: among(CARD_KINDS, 'The kind of card. (skattekorttype)'),
    rate_percent: orNull(
      ratePercent(
        'The rate, at most two decimals; required for hovedkort and bikort. Of a frikort: what exceeds it is taxed by ' +
          'this, without it as without a card. (trækprocent)',
      ),
    ),
    allowance_month_ore: orNull(fromZero('Allowance a month; required for hovedkort. (månedsfradrag)')),
    allowance_week_ore: orNull(fromZero('Allowance a week; required for hovedkort. (ugefradrag)')),
    allowance_day_ore: orNull(fromZero('Allowance a day; required for hovedkort. (dagsfradrag)')),
    frikort_left_ore: orNull(fromZero('What is left of a frikort; required for frikort.')),
    valid_from: date('The first day.'),
    valid_to: orNull(date('The first day after; null, absent or 9999-12-31 when there is no end.')),
    serial: orNull(
      Type.Integer({
        minimum: 0,
        maximum: Number.MAX_SAFE_INTEGER,
        description: 'Of cards valid on the same day the highest counts, whenever it came; absent is 0. (eSkatløbenr.)',
      }),
    ),
  },
  'A tax card. (skattekort)',
)
const partyEvent = closed(
  {
    record: Type.Literal('party_event'),
    cpr: Type.Optional(identifier(10, 'The citizen; exactly one of cpr and cvr.')),
    cvr: Type.Optional(identifier(8, 'The company; exactly one of cpr and cvr.')),
    event: among(PARTY_EVENT_KINDS, 'What happened.'),
    date: date('When it happened.'),
  },
  'Something that happened to a citizen or a company. (partshændelse)',
)
const takeover = closed(
  {
    record: Type.Literal('takeover'),
    municipality,
    source_system: sourceSystem,
    date: date('The first day that is ours; told again, the newest counts.'),
  },
  'When we took over from an old system. Orders for time before it are held until paid_before tells what it paid. (overtagelsesdato)',
)
const lookBack = closed(
  {
    record: Type.Literal('look_back'),
    municipality,
    source_system: Type.Optional(sourceSystem),
    benefit: Type.Optional(benefit),
    months: Type.Integer({
      minimum: 0,
      maximum: MAX_MONTHS,
      description: 'Changes of periods that begin more months before payment wait for a person; 0 for no limit.',
    }),
    valid_from: validFrom,
  },
  'How far back is corrected without a person. (tilbagereguleringsgrænse)',
)
const setOffMinimum = closed(
  {
    record: Type.Literal('set_off_minimum'),
    municipality,
    source_system: Type.Optional(sourceSystem),
    benefit: Type.Optional(benefit),
    amount_ore: fromZero('What a set-off leaves of an order after tax; 0 for nothing.'),
    valid_from: validFrom,
  },
  'What is left to live on when a set-off has been taken. (rådighedsbeløb)',
)
const smallAmount = closed(
  {
    record: Type.Literal('small_amount'),
    municipality,
    source_system: Type.Optional(sourceSystem),
    benefit: Type.Optional(benefit),
    amount_ore: fromZero('Differences of corrections below it; 0 for none.'),
    treatment: among(
      SMALL_AMOUNT_TREATMENTS,
      'An increase waits for the next payment, whatever it says. A decrease is overpaid (gather) or let go (suppress).',
    ),
    valid_from: validFrom,
  },
  'What becomes of small differences; never of a first payment. (bagatelgrænse)',
)
const rail = closed(
  {
    record: Type.Literal('rail'),
    municipality,
    unit: among(UNIT_KINDS, 'The kind of paying unit.'),
    rail: among(RAIL_KEYS, 'nemkonto, or the bank by one of its profiles.'),
    valid_from: validFrom,
  },
  'How a paying unit pays, by disposition date; without a record by NemKonto. (betalingsvej)',
)
const sharedAccount = closed(
  {
    record: Type.Literal('shared_account'),
    municipality,
    account: identifier(14, 'Registration number (4) and account (10) of a paying unit.'),
    valid_from: validFrom,
  },
  'Others pay from this bank account too: what names nothing of ours on its statements is not ours, and no fault. (delt konto)',
)
const paidBefore = closed(
  {
    record: Type.Literal('paid_before'),
    municipality,
    source_system: sourceSystem,
    order_key: key('The decision: the key that its orders will carry.'),
    line_key: key('The item within it.'),
    case_key: key('The case.'),
    decision,
    beneficiary: party('Whose benefit it is.'),
    payee: Type.Optional(party('Who got it; the beneficiary when absent.')),
    employee: Type.Optional(identifier(10, "Whom an employer's refund is about.")),
    benefit,
    component: key('As orders will call it.'),
    period,
    quantity,
    kle,
    gross_ore: positive('Gross = own ATP + AM-bidrag + tax + net.'),
    own_atp_ore: fromZero("The citizen's ATP."),
    am_ore: fromZero('AM-bidrag.'),
    tax_ore: fromZero('A-skat.'),
    net_ore: fromZero('What was left after tax, whoever got it.'),
    employer_atp_ore: Type.Optional(fromZero("The municipality's ATP.")),
    pension_ore: Type.Optional(fromZero('Obligatory pension.')),
    tax_rate_percent: Type.Optional(ratePercent('The rate that the tax was reckoned by, at most two decimals.')),
    allowance_ore: Type.Optional(fromZero('Allowance that it used.')),
    frikort_ore: Type.Optional(fromZero('Frikort that it used.')),
    disposition_date: date('When it was paid and what eIndkomst was told.'),
  },
  'What the old system paid: it stands, is never paid by us, and the next order is a correction of it. (importeret grundlag)',
)

/** @da fakta */
export const FactBody = Type.Union(
  [
    taxCard,
    partyEvent,
    claimOpening,
    claimPayment,
    returnOpening,
    takeover,
    lookBack,
    setOffMinimum,
    smallAmount,
    gate,
    release,
    twoApproversOver,
    rail,
    sharedAccount,
    closingDay,
    cutOff,
    atCutOff,
    escalation,
    noAccount,
    unclaimed,
    paidBefore,
  ],
  { description: 'One record of a fact file.' },
)
