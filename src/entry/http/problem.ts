/** Answers that say no: `application/problem+json` (RFC 9457), with every fault where there are faults. */
import type { FastifyReply } from 'fastify'
import type { Fault } from '../../base/refusal.ts'

export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail?: string
  readonly faults?: readonly Fault[]
}

/** Code → HTTP status and title. The code ends the `type`, so that a program can tell one from another. */
const PROBLEMS = {
  bad_request: [400, 'The request cannot be read'],
  no_token: [401, 'No valid token'],
  forbidden: [403, 'The token does not allow this'],
  wrong_source_system: [403, 'The token speaks for another source system'],
  wrong_municipality: [403, 'The token does not cover this municipality'],
  not_found: [404, 'Not found'],
  method_not_allowed: [405, 'The address is there, but not for this method'],
  unknown_source_system: [404, 'Unknown source system'],
  unknown_order: [404, 'Unknown order'],
  unknown_file: [404, 'Unknown file'],
  unknown_payment: [404, 'Unknown payment'],
  unknown_person: [404, 'Unknown citizen'],
  unknown_run: [404, 'Unknown payment run'],
  four_eyes: [403, 'Another person must do this'],
  superseded: [409, 'A higher version is known'],
  version_conflict: [409, 'The version is known with other content'],
  stale_base: [409, 'The movement does not start from the newest version'],
  key_reused: [409, 'The Idempotency-Key was used for another request'],
  municipality_needed: [409, 'Several municipalities have an order with this key'],
  nothing_held: [409, 'There is no hold to release'],
  already_calculated: [409, 'The order is calculated already'],
  too_late: [409, 'The payment has left'],
  oversight_not_drawn: [404, 'No sample of the month is drawn'],
  oversight_drawn: [409, 'The sample of the month is drawn already'],
  oversight_signed: [409, 'The oversight of the month is signed'],
  month_not_paid: [409, 'A run of the month is not released yet'],
  nothing_to_draw: [409, 'Nothing was paid in the month'],
  not_in_sample: [404, 'The payment is not in the sample'],
  marked_already: [409, 'The payment was looked at already'],
  remark_missing: [422, 'The remark is empty'],
  not_looked_at: [409, 'Not all of the sample has been looked at'],
  own_run: [403, 'Whoever assembled or approved a run does not oversee it'],
  day_approved: [409, 'The day is approved already'],
  day_not_over: [409, 'The day is not over'],
  day_unexplained: [409, 'Something of the day is not explained'],
  day_shut: [409, 'A day of what was to be booked was closed meanwhile'],
  own_match: [403, 'Whoever said what a bank line is does not approve its day'],
  view_missing: [422, 'The view that was shown is missing'],
  run_too_large: [409, 'The run is too large to be stopped here'],
  run_not_sent: [409, 'The file of the run is not laid out yet'],
  held_already: [409, 'The payment is held or stopped already'],
  not_returned: [409, 'The payment has not come back'],
  final_at_state: [409, "The payment is on the state's waiting account"],
  not_back_yet: [409, 'The bank statement has not brought the money back yet'],
  not_booked_yet: [409, 'No bank statement has shown yet that the money stayed'],
  may_be_paid: [409, 'The payment may have been paid after all'],
  nothing_left: [409, 'Nothing of the payment is left to be paid again'],
  corrected_since: [409, 'The order was changed since the payment came back'],
  payee_stopped: [409, 'The payee may be paid nothing'],
  order_held: [409, 'The order is held'],
  payment_held: [409, 'A payment of the order is held'],
  came_back: [409, 'The payment came back'],
  acute_already: [409, 'The order is in a run of its own already'],
  nothing_due: [409, 'Nothing of the order is to be paid'],
  payee_dead: [409, 'The bank says that the payee is dead'],
  account_not_missing: [409, 'An account would not help'],
  no_digital_post: [409, 'The payee has no Digital Post'],
  letter_inaccessible: [422, 'The letter does not pass the accessibility gate'],
  nothing_unclaimed: [409, 'No rule covers anything that came back'],
  closing_not_waiting: [409, 'The closing does not wait'],
  closing_changed: [409, 'What the rules cover has changed since it was proposed'],
  registered_already: [409, 'It is registered already'],
  outside_not_open: [409, 'No payment made elsewhere waits with this number'],
  time_barred: [409, 'Nobody claimed it until it was time-barred'],
  run_not_ready: [409, 'The run does not wait for approval'],
  run_not_waiting: [409, 'The run does not wait for approval'],
  run_blocked: [409, 'A finding stops the run'],
  after_cut_off: [409, 'The run cannot reach its day any more'],
  stale_total: [409, 'The total has changed since it was shown'],
  stale_view: [409, 'What was found has changed since it was shown'],
  too_large: [413, 'The body is too large'],
  media_type: [415, 'The body has an unknown media type'],
  faults: [422, 'The body has faults'],
  reason_missing: [422, 'A reason is missing'],
  day_passed: [422, 'The day has passed'],
  until_too_early: [422, 'The day lies before the payment'],
  internal: [500, 'We failed; nothing was changed'],
  not_available: [501, 'Not available in this program'],
  being_calculated: [503, 'Being calculated; try again'],
  unavailable: [503, 'The database does not answer; try again'],
} as const satisfies Record<string, readonly [number, string]>

export type ProblemCode = keyof typeof PROBLEMS

/** What to do about `media_type`. */
export const MEDIA_TYPES =
  'Send an order or an act as Content-Type: application/json, a file as application/x-ndjson or application/gzip.'

export function problem(code: ProblemCode, detail?: string, faults?: readonly Fault[]): Problem {
  const [status, title] = PROBLEMS[code]
  return {
    type: `urn:toek:problem:${code}`,
    title,
    status,
    ...(detail === undefined ? {} : { detail }),
    ...(faults === undefined ? {} : { faults }),
  }
}

export function isProblemCode(code: string): code is ProblemCode {
  return code in PROBLEMS
}

/** Thrown by handlers; the error handler sends it. */
export class HttpProblem extends Error {
  readonly problem: Problem
  constructor(code: ProblemCode, detail?: string, faults?: readonly Fault[]) {
    super(code)
    this.problem = problem(code, detail, faults)
  }
}

export function sendProblem(reply: FastifyReply, body: Problem): FastifyReply {
  if (body.status === 401) reply.header('www-authenticate', 'Bearer')
  return reply.code(body.status).type('application/problem+json').send(JSON.stringify(body))
}
