/**
 * Any question as it was answered on a day: what became known later is left out of every table that it reads. Facts are
 * appended and none pretends to be older than it is, so the same question has the same answer ever after. @da kendt den
 */
import { assert } from '../../base/assert.ts'
import type { Db, Questions, Value } from '../../base/db.ts'
import { RECORDS_PER_BATCH, TAKEN_OVER } from '../../base/id.ts'
import { YEAR_END } from '../items/index.ts'

/** The row `t` became known at the time in its column. */
const at = (column: string) => `t.${column} < $T`

function by(table: string, keys: string, time = 'known_at'): string {
  return `exists (select from public.${table} k where k.municipality_code = t.municipality_code and ${keys} and k.${time} < $T)`
}

const ofWork = by('work_batches', 'k.work_no = t.work_no')
const ofIntake = by('intakes', 'k.intake_no = t.intake_no')
const ofOrder = by('intakes', 'k.intake_no = (t.order_id >> 24)::int')
const ofRun = by('payment_runs', 'k.run_no = t.run_no')
/** A payment of a takeover is numbered by the intake that told it. */
const ofPayment = `case when t.payment_id >= ${TAKEN_OVER}
  then ${by('intakes', `k.intake_no = (t.payment_id >> 24)::int - ${TAKEN_OVER / RECORDS_PER_BATCH}`)}
  else ${by('payment_runs', 'k.run_no = (t.payment_id >> 24)::int')} end`
const ofLedgerBatch = (number: string) => by('ledger_batches', `k.batch_no = ${number}`)
const ofOrderKey = `exists (select from public.orders o join public.intakes k on k.municipality_code = o.municipality_code
  and k.intake_no = (o.order_id >> 24)::int where o.municipality_code = t.municipality_code
    and o.source_system = t.source_system and o.order_key = t.order_key and o.version = t.version and k.known_at < $T)`
const ofProposal = by('outcome_proposals', 'k.proposal_no = t.proposal_no', 'at')
const ofSample = by('oversight_samples', 'k.month = t.month', 'at')

/** With the calculation that keys of `t` find as `c`. */
function ofCalculation(keys: string): string {
  return `exists (select from public.calculations c join public.work_batches k on k.municipality_code = c.municipality_code
    and k.work_no = c.work_no where c.municipality_code = t.municipality_code and ${keys} and k.known_at < $T)`
}

/** Work of which the cause begins so, with a movement that `keys` find as `v`. */
function ofMovement(cause: string, keys: string): string {
  return `exists (select from public.item_movements v join public.work_batches k on k.municipality_code = v.municipality_code
    and k.work_no = v.work_no and starts_with(k.cause, ${cause}) where v.municipality_code = t.municipality_code and ${keys}
    and k.known_at < $T)`
}

/** A claim that is decided is numbered by its batch of work; one that was told, by its intake. */
const OF_CLAIM = `case when t.claim_id >= 2097152::bigint << 24
  then ${by('work_batches', 'k.work_no = (t.claim_id >> 24)::int - 2097152')}
  else ${by('intakes', 'k.intake_no = (t.claim_id >> 24)::int')} end`

/** What a debtor paid, what was taken with a calculation, back by a stop, or turned by a year's end (its number). */
const OF_CLAIM_MOVEMENT = `case
  when t.item_id = 0 then exists (select from public.claim_payments p join public.work_batches k
    on k.municipality_code = p.municipality_code and k.work_no = p.work_no where p.municipality_code = t.municipality_code
      and p.claim_id = t.claim_id and p.payment_no = t.line_no and k.known_at < $T)
  when t.line_no < 1000 then ${ofCalculation('c.order_id = t.item_id >> 6 and (t.item_id & 63 = 0 or c.line_no = (t.item_id & 63)::smallint)')}
  when t.line_no < 1900 then ${ofMovement("'stop '", 'v.order_id = t.item_id >> 6')}
  else ${ofMovement(`'${YEAR_END} ' || t.line_no`, 'v.from_place = 3 and v.from_ref = t.claim_id')} end`

/** Table → when its row `t` is known before `$T`. Each table stands here or among those without a time. */
export const KNOWN_BY: Readonly<Record<string, string>> = {
  accepted_payments: ofWork,
  accepted_warnings: ofWork,
  adjustment_plans: ofWork,
  approved_days: at('at'),
  arranged_payments: ofPayment,
  asked_returns: at('at'),
  audit_log: at('at'),
  booked_after_stop: ofWork,
  booked_after_stop_taken: ofWork,
  calculations: ofWork,
  claim_movements: OF_CLAIM_MOVEMENT,
  claim_payments: ofWork,
  claims: OF_CLAIM,
  closed_periods: at('closed_at'),
  closed_returns: ofWork,
  deductions: ofCalculation('c.order_id = t.item_id >> 6 and c.line_no = (t.item_id & 63)::smallint'),
  deliveries: at('known_at'),
  deliveries_sent: at('at'),
  delivery_batches: by('deliveries', 'k.delivery_no = t.delivery_no'),
  entries: ofLedgerBatch('(t.entry_id >> 24)::int'),
  event_batches: at('known_at'),
  file_attempts: at('at'),
  hand_matches: at('at'),
  idempotency_keys: at('at'),
  intake_faults: ofIntake,
  intakes: at('known_at'),
  item_movements: ofWork,
  kill_switch_holds: ofWork,
  kill_switch_lifts: at('at'),
  kill_switches: at('at'),
  law_approvals: at('known_at'),
  law_changes: at('known_at'),
  law_tests: at('known_at'),
  law_uses: by('work_batches', 'k.work_no = t.first_work_no'),
  ledger_batches: at('known_at'),
  letters: at('at'),
  local_rule_approvals: at('at'),
  local_rules: ofIntake,
  opening_returns: ofPayment,
  order_adjustments: ofOrder,
  order_hold_releases: at('at'),
  order_holds: at('at'),
  order_lines: ofOrder,
  order_references: ofOrderKey,
  orders: ofOrder,
  outcome_approvals: at('at'),
  outcome_lots: ofProposal,
  outcome_proposals: at('at'),
  outside_approvals: at('at'),
  outside_ends: at('at'),
  outside_lines: ofWork,
  outside_parts: ofWork,
  outside_payments: at('at'),
  oversight_marks: at('at'),
  oversight_payments: ofSample,
  oversight_samples: at('at'),
  oversight_signatures: at('at'),
  parts_again: ofWork,
  party_events: ofIntake,
  pay_days: at('at'),
  payee_arrangement_approvals: at('at'),
  payee_arrangement_ends: at('at'),
  payee_arrangements: at('at'),
  payment_answers: ofWork,
  payment_bundles: ofRun,
  payment_holds: at('at'),
  payment_parts: ofPayment,
  payment_returns: ofWork,
  payment_run_steps: at('at'),
  payment_runs: at('known_at'),
  payment_sums: ofRun,
  payments: ofPayment,
  presumed_payments: at('at'),
  quarantine_resolutions: at('at'),
  recall_answers: ofWork,
  recalls: at('at'),
  received_files: at('known_at'),
  refused_files: at('known_at'),
  reopened_returns: ofWork,
  repayment_notices: ofOrder,
  return_closing_approvals: at('at'),
  return_closings: at('at'),
  run_approvals: at('at'),
  run_finding_lifts: at('at'),
  run_findings: ofRun,
  run_policies: ofRun,
  run_recalls: at('at'),
  seals: ofLedgerBatch('t.batch_no'),
  standing_lines: ofCalculation('c.order_id = t.order_id and c.line_no = t.line_no'),
  statement_entries: ofWork,
  stopped_parts: ofWork,
  tax_cards: ofIntake,
  told_checks: at('at'),
  transfers: ofLedgerBatch('(t.entry_id >> 24)::int'),
  untaken_deductions: ofCalculation('c.order_id = t.order_id'),
  work_batches: at('known_at'),
  work_done: ofWork,
}

/** The same at all times: what the program ships with, whom a number names, who may ask. */
export const TIMELESS =
  'access_tokens accounts benefits migrations municipalities parties reference_rows settings source_systems'.split(' ')

/** Kept as it is now: a question about a day must not read it. */
export const ONLY_NOW = ['work_items']

/**
 * `db` as if nothing that became known at `before` (an ISO time) or later were there. For reading only: every table and
 * view that a statement names stands for its rows of that time.
 */
export async function asKnownBefore(db: Db, before: string): Promise<Db> {
  const time = `timestamptz '${new Date(before).toISOString()}'`
  const views = await db.rows<{ name: string; definition: string }>(
    `select viewname as name, definition from pg_views where schemaname = 'public' order by 1`,
  )
  const sources: [name: RegExp, text: string][] = Object.entries(KNOWN_BY).map(([table, known]) => {
    const rows = `select * from public.${table} t where ${known.replaceAll('$T', time)}`
    return [new RegExp(`\\b${table}\\b`), `${table} as not materialized (${rows})`]
  })
  // A view reads what stands before it.
  for (const { name, definition } of views) {
    sources.push([new RegExp(`\\b${name}\\b`), `${name} as not materialized (${definition.replace(/;\s*$/, '')})`])
  }
  const then = (sql: string): string => {
    const seen = ONLY_NOW.find((table) => new RegExp(`\\b${table}\\b`).test(sql))
    assert(seen === undefined, `${seen} is only known as it is now`)
    assert(/^\s*(select|with)\b/i.test(sql), 'only questions can be asked of a day')
    const shown = views.filter(({ name }) => new RegExp(`\\b${name}\\b`).test(sql)).map((view) => view.definition)
    const read = [sql, ...shown].join('\n')
    const rows = sources.flatMap(([name, text]) => (name.test(read) ? [text] : [])).join(',\n')
    if (rows === '') return sql
    const own = /^\s*with\s+(recursive\s+)?/i.exec(sql)
    return own === null ? `with ${rows}\n${sql}` : `with ${own[1] ?? ''}${rows},\n${sql.slice(own[0].length)}`
  }
  const ask: Questions = {
    rows: async (sql, values) => db.rows(then(sql), values),
    first: async (sql: string, values?: readonly Value[]) => db.first(then(sql), values),
    run: async (sql, values) => db.run(then(sql), values),
  }
  return { ...ask, often: ask, copyOut: (query) => db.copyOut(then(query)) }
}
