/**
 * Every code that the door's parsers can answer with: what it means and what the sender does about it. `todo` ends the
 * `detail` of each fault; docs/fault-codes.md shows the same table, and a test holds the two equal.
 */
import type { Fault } from '../../base/refusal.ts'

interface CodeText {
  readonly means: string
  readonly todo: string
}

export const FAULT_CODES = {
  // Any record
  not_json: { means: 'The line or body is not JSON.', todo: 'Send one complete JSON value per line, in UTF-8.' },
  duplicate_field: {
    means: 'The same field name stands twice in one object.',
    todo: 'Send each field once; we do not choose between two values.',
  },
  too_deep: { means: 'The JSON is nested deeper than 64 levels.', todo: 'Send a record of the contract.' },
  not_an_object: {
    means: 'An object was expected and something else came.',
    todo: 'Send a JSON object with named fields.',
  },
  not_a_list: { means: 'A list was expected and something else came.', todo: 'Send a JSON list.' },
  missing_field: { means: 'A required field is absent.', todo: 'Add the field.' },
  unknown_field: {
    means: 'A field is not part of the contract, or not of this kind of record.',
    todo: 'Remove the field or correct its spelling.',
  },
  wrong_type: {
    means: 'A value has another JSON type than the contract says.',
    todo: 'Send the type that the contract names.',
  },
  unknown_value: { means: 'A value is not among the allowed ones.', todo: 'Send one of the allowed values.' },
  too_many_faults: {
    means: 'The record has more faults than we list.',
    todo: 'Correct the listed ones and send again.',
  },
  // Text, keys, dates
  text_empty: { means: 'A text is empty or only blanks.', todo: 'Send the text, or leave an optional field out.' },
  text_too_long: { means: 'A text is longer than its limit.', todo: 'Shorten the text.' },
  text_control_character: {
    means: 'A text holds a control character, NUL, an invisible direction mark or half a surrogate pair.',
    todo: 'Remove the character; line breaks and tabs are not allowed either.',
  },
  text_damaged: {
    means: 'Warning: a text holds U+FFFD, the mark of letters lost in an earlier conversion.',
    todo: 'Check that the text is written as UTF-8; the record is taken as it is.',
  },
  key_characters: {
    means: 'A key holds a blank, a control character or a letter outside ASCII and Latin.',
    todo: 'Use letters, digits and punctuation without blanks; a line key also without "/".',
  },
  date_invalid: { means: 'A date does not exist or is not YYYY-MM-DD.', todo: 'Send an existing date as YYYY-MM-DD.' },
  date_out_of_range: {
    means: 'A date lies outside 2000-01-01 to 2100-01-01.',
    todo: 'Check the year; dates outside the range are taken as mistakes.',
  },
  month_invalid: { means: 'A month is not YYYY-MM within 2000 to 2099.', todo: 'Send the month as YYYY-MM.' },
  period_empty: {
    means: 'A period ends on or before the day it begins.',
    todo: 'Send the first day outside the period as "to": March is 2026-03-01 to 2026-04-01.',
  },
  period_too_long: { means: 'A period is longer than 732 days.', todo: 'Split it into lines of at most two years.' },
  // Amounts and quantities
  amount_not_integer: {
    means: 'An amount is not a whole number of øre.',
    todo: 'Send whole øre: 12,498.00 kroner is 1249800.',
  },
  amount_not_positive: {
    means: 'An amount is zero or negative.',
    todo: 'Send a positive amount; a decrease is a new version of the order or a movement.',
  },
  amount_negative: { means: 'An amount is negative.', todo: 'Send zero or a positive amount.' },
  amount_too_large: {
    means: 'An amount is larger than 1 billion kroner (100,000,000,000 øre).',
    todo: 'Check that the amount is in øre and right; split it if it is.',
  },
  delta_zero: { means: 'A movement line moves nothing.', todo: 'Leave the line out of the movement.' },
  delta_without_adjusts: {
    means: 'A line has delta_ore, but the order does not say what it adjusts.',
    todo: 'Send amount_ore, or add "adjusts" with the order key and version that the movement starts from.',
  },
  amount_with_adjusts: {
    means: 'A line of a movement has amount_ore.',
    todo: 'Send the signed change as delta_ore, or remove "adjusts" and send the full state.',
  },
  quantity_invalid: {
    means: 'A quantity is not a positive decimal text with at most three decimals and at most 100000.',
    todo: 'Send it as text with a decimal point, for example "1" or "37.5".',
  },
  rate_invalid: {
    means: 'A rate is not a percentage from 0 to 100 with at most two decimals.',
    todo: 'Send it as a number or a text with a decimal point, for example 38 or "38.25".',
  },
  months_too_few: {
    means: 'A rule on what nobody claims counts too few months.',
    todo: 'Send at least 1; of limitation at least 36 (forældelsesloven § 3).',
  },
  // Parties and places
  cpr_invalid: {
    means: 'A CPR number is not ten digits, or tells no possible date (day + 60 is accepted).',
    todo: 'Send the ten digits without a hyphen, as registered.',
  },
  employee_not_used: {
    means: 'Warning: an order to a person names an employee. Employees are named on refunds to their employer.',
    todo: 'Leave the field out, or send the refund to the employer; the benefit is taken as the person’s own.',
  },
  day_without_payments: {
    means:
      'Warning: the banks are closed on the disposition date. It is paid on the bank day before, or on the first one ' +
      'after when that is another month.',
    todo: 'Nothing, or send a bank day; the citizen is paid on the day that is named here, if it can be reached.',
  },
  cpr_without_mod11: {
    means: 'Warning: the check digit of a CPR number does not hold. Such numbers are issued since 2007.',
    todo: 'Nothing, when the number is as registered; the record is taken as it is.',
  },
  cvr_check_digit: {
    means: 'A CVR number is not 8 digits with a valid check digit.',
    todo: 'Send the 8 digits as registered.',
  },
  se_check_digit: {
    means: 'An SE number is not 8 digits with a valid check digit.',
    todo: 'Send the 8 digits as registered.',
  },
  p_number_invalid: {
    means: 'A production unit number is not ten digits.',
    todo: 'Send the ten digits as registered.',
  },
  party_ambiguous: {
    means: 'A party event names a citizen and a company, or neither.',
    todo: 'Send exactly one of "cpr" and "cvr".',
  },
  unknown_municipality: {
    means: 'A municipality code is not four digits of a Danish municipality.',
    todo: 'Send the code with its leading zero, for example "0751".',
  },
  wrong_municipality: {
    means: 'A record names another municipality than its envelope.',
    todo: 'Send it in a file of its own municipality.',
  },
  // Orders
  unknown_source_system: {
    means: 'The source system is not one that we know.',
    todo: 'Send KY, KSD or KP; FAKTA for a file of facts.',
  },
  wrong_source_system: {
    means: 'An order names another source system than its address or envelope.',
    todo: 'Send it to its own address, or correct the field.',
  },
  key_mismatch: {
    means: 'The order key in the body is not the one in the address.',
    todo: 'Send the same key in both places.',
  },
  version_invalid: {
    means: 'A version is not a whole number from 1 to 2147483647.',
    todo: "Send the source system's own version number.",
  },
  adjusts_other_order: {
    means: 'A movement adjusts another order than its own.',
    todo: 'Send it under the key of the order that it adjusts, with a higher version.',
  },
  adjusts_itself: {
    means: 'A movement adjusts its own version or a later one of the same order.',
    todo: 'Name the version that the movement starts from, and give the order a higher one.',
  },
  withdrawn_movement: {
    means: 'An order is withdrawn and a movement at the same time.',
    todo: 'Withdraw without "adjusts", or send the movement as active.',
  },
  instead_of_itself: {
    means: 'An order says that it takes the place of itself.',
    todo: 'Leave "instead_of" out: a new version of an order replaces the one before by itself.',
  },
  instead_of_unknown: {
    means:
      'An order says that it takes the place of an order that its source system has not sent to this municipality.',
    todo: 'Name an order of the same source system and municipality, and send that one first.',
  },
  instalments_invalid: {
    means: 'The number of coming payments in which to take what is overpaid is not 1 to 60.',
    todo: 'Send "overpaid": {"instalments": N}, or leave "overpaid" out.',
  },
  adjustment_not_allowed: {
    means: "What is overpaid of a benefit may not be taken in coming payments by the benefit's rule.",
    todo: 'Leave "overpaid" out; decide repayment by a repayment line, or that it is not repaid.',
  },
  reason_missing: { means: 'An order is withdrawn without a reason.', todo: 'Add "reason".' },
  reason_not_allowed: {
    means: 'An active order has a reason for withdrawal.',
    todo: 'Remove "reason", or set the state to withdrawn.',
  },
  no_lines: {
    means: 'An active order has no lines.',
    todo: 'Send at least one line, or withdraw the order with a reason.',
  },
  too_many_lines: { means: 'An order has more than 63 lines.', todo: 'Split the decision into several orders.' },
  duplicate_line_key: {
    means: 'Two lines of an order have the same line key.',
    todo: 'Give each line a key of its own and keep it through all versions.',
  },
  unknown_benefit: {
    means: 'The benefit is not in the code list.',
    todo: "Send the benefit's key from the code list.",
  },
  benefit_of_other_system: {
    means: 'The benefit belongs to another source system.',
    todo: 'Send it from the system that decides it, or correct the benefit.',
  },
  benefit_without_rule: {
    means: 'The benefit has no rule on the first day of its period: no code, rate or account to pay and post it by.',
    todo: 'Correct the benefit or the period; when the rule is missing, have it entered, then send the order again.',
  },
  kle_invalid: {
    means: 'A KLE number is not NN.NN.NN.',
    todo: 'Send it as three pairs of digits, for example "32.24.04".',
  },
  uuid_invalid: { means: 'An id is not a UUID.', todo: 'Send it as 8-4-4-4-12 hexadecimal digits.' },
  line_reference_invalid: {
    means: 'not_duplicate_of is not "<order_key>/<line_key>".',
    todo: 'Name the other line by its order key, a slash and its line key.',
  },
  nothing_to_set_off_from: {
    means: 'An order has a set-off or a third-party line, but no benefit line to take it from.',
    todo: 'Send the benefit line in the same order, or remove the deduction.',
  },
  deductions_exceed_gross: {
    means: 'The set-offs and third-party lines are together larger than the benefit lines.',
    todo: 'Lower the deductions; they can never take more than the gross benefit.',
  },
  period_outside_grant: {
    means: 'A benefit line is for time outside the period of its grant: nothing is paid without a grant.',
    todo: 'Correct the period, or send the grant with the period that it has.',
  },
  hearing_after_decision: {
    means: 'The debtor was heard after repayment was decided: a party is heard before the decision.',
    todo: 'Correct "hearing_date" or the date of the decision, or leave it out where no hearing was required.',
  },
  notice_before_decision: {
    means: 'The debtor was told of the decision on repayment before it was made.',
    todo: 'Correct "notice_date" or the date of the decision, or leave it out until notice is given.',
  },
  // Orders, found behind the door
  claim_of_other_debtor: {
    means: 'A set-off names a claim of somebody else: only a claim of the same debtor can be set off.',
    todo: 'Name a claim of the beneficiary, or leave the set-off out.',
  },
  superseded: {
    means: 'A higher version of the order is known already.',
    todo: 'Nothing, when the newer one is right; it is kept as seen. A correction is a version above the newest.',
  },
  version_conflict: {
    means: 'The same version of the order came before with other content.',
    todo: 'Send the change with a higher version.',
  },
  base_unknown: { means: 'A movement adjusts an order that is not known.', todo: 'Send the order in full first.' },
  stale_base: {
    means: 'A movement does not start from the newest version.',
    todo: 'Read the newest version and send the movement against it, or send the full state.',
  },
  movement_below_zero: {
    means: 'A movement would make a line negative.',
    todo: 'Lower the movement; what was paid already is claimed by a repayment line.',
  },
  // Facts
  unknown_record: {
    means: 'A record of a fact file has an unknown kind.',
    todo: 'Send a kind of record that the contract names.',
  },
  claim_known: {
    means: 'An opening claim has a key that is in use.',
    todo: 'Nothing, when it is the same claim; give another claim a key of its own.',
  },
  unknown_claim: {
    means: 'A payment names a claim that is not known here.',
    todo: 'Send the key of the claim as it was handed over; a claim that its order opens later is known when that is calculated.',
  },
  claim_payment_conflict: {
    means: 'A payment on a claim is known with another claim, amount, date or balance.',
    todo: 'Send another payment under a key of its own; what is booked is taken back by a payment that reverses it.',
  },
  claim_payment_not_reversible: {
    means: 'A payment is to be reversed that is not known on that claim, of another amount, or reversed before.',
    todo: 'Name a payment on the same claim, and its whole amount; a part of a payment cannot be reversed.',
  },
  return_opening_conflict: {
    means: 'A returned payment of an old system is known under the same key with other content.',
    todo: 'Nothing, when what is here is right; it is paid again or closed here. Give another payment a key of its own.',
  },
  return_opening_dates: {
    means: 'A returned payment of an old system came back before it was paid, or on a day to come.',
    todo: 'Send the day on which it was paid, and that on which the old system had it back.',
  },
  paid_before_unbalanced: {
    means: 'Of what the old system paid, gross is not own ATP, AM-bidrag, tax and net together.',
    todo: 'Send the item with amounts that add up; what was set off or went to others is part of the net.',
  },
  old_payment_unbalanced: {
    means:
      'Of what an old solution paid, gross is not own ATP, AM-bidrag, tax, set-off, third parties and net together.',
    todo: 'Write the line with amounts that add up; what is not told counts as nothing.',
  },
  paid_before_without_takeover: {
    means: 'What the old system paid is told, and no takeover date of the source system.',
    todo: 'Send the takeover first: a record takeover of the municipality and source system.',
  },
  paid_before_after_takeover: {
    means: 'What the old system paid is dated on or after the takeover.',
    todo: 'Send what it paid before that day; what we pay ourselves comes as orders.',
  },
  paid_before_known: {
    means: 'What the old system paid of a decision was told before.',
    todo: 'Nothing, when it is the same; send all items of a decision in one file.',
  },
  paid_before_too_late: {
    means: 'What the old system paid of a decision is told after a version of its order was calculated.',
    todo: 'Correct the order by a new version: its difference was made without what is told here.',
  },
  paid_before_too_long: {
    means: 'What the old system paid of one decision is more items than an order has lines.',
    todo: 'Send fewer items under one order key.',
  },
  // Files
  file_id_reused: {
    means: 'A file with the same id and other content was loaded before.',
    todo: 'The whole file is refused: give it an id of its own.',
  },
  envelope_missing: {
    means: 'The first line of a file is not an envelope.',
    todo: 'Begin the file with its envelope.',
  },
  unknown_schema: { means: 'The schema number of a file is not 1.', todo: 'Send the file in schema 1.' },
  count_invalid: {
    means: 'The count of an envelope is not a whole number from 0 to 16777215.',
    todo: 'Send the number of non-empty lines after the envelope; split larger files.',
  },
  sum_invalid: {
    means: 'A control sum is not a whole number, or its number of lines is negative.',
    todo: 'Send the number of lines and their whole øre.',
  },
  count_differs: {
    means: 'The file has another number of lines than its envelope says.',
    todo: 'The whole file is refused: send it again, complete.',
  },
  sum_differs: {
    means: 'The lines add up to something else than the envelope says.',
    todo: 'The whole file is refused: find the difference and send it again.',
  },
  sum_shortfall: {
    means: 'Finding: unreadable lines leave the readable sum below the declared one.',
    todo: 'Send the unreadable lines again in a new file.',
  },
  line_too_long: { means: 'A line is longer than 1 MiB.', todo: 'Send one record per line.' },
  invalid_utf8: { means: 'A line is not UTF-8.', todo: 'Write the file as UTF-8; Latin-1 is not accepted.' },
  nul_byte: { means: 'A line holds a NUL byte.', todo: 'Find out what damaged the file and send it again.' },
  gzip_damaged: {
    means: 'The compressed file is cut off or damaged.',
    todo: 'The whole file is refused: send it again.',
  },
  file_too_large: {
    means: 'The file is larger than its limit, or expands more than 250 times when unpacked.',
    todo: 'Split the file.',
  },
  // Files from registers
  register_file_torn: {
    means: 'A file from a register has no head or tail, or its tail counts other lines.',
    todo: 'The whole file is refused: fetch it again.',
  },
  register_line_unreadable: {
    means: 'A line of a file from a register cannot be read.',
    todo: 'It is set aside, the rest is taken: ask the register what it says.',
  },
  register_record_unknown: {
    means: 'A line of a file from a register is of a kind that we do not know.',
    todo: 'It is set aside: see whether the layout has changed.',
  },
  register_code_unknown: {
    means: 'A register tells a code or status that we do not know.',
    todo: 'It is set aside: see what the code means, and add it to the table of the adapter.',
  },
} as const satisfies Record<string, CodeText>

export type FaultCode = keyof typeof FAULT_CODES

/** Codes that never refuse anything. */
export const WARNING_CODES: readonly FaultCode[] = [
  'cpr_without_mod11',
  'day_without_payments',
  'employee_not_used',
  'text_damaged',
]

/** A fault: what is wrong here, then what to do about it. `what` never repeats an identifier of a person. */
export function fault(code: FaultCode, pointer: string, what: string): Fault {
  return { pointer, code, detail: `${what} ${FAULT_CODES[code].todo}` }
}
