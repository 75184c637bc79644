/** Valid bodies for tests. Invented: every citizen's day of birth is + 60. */
import type { SourceSystem } from '../../modules/orders/index.ts'
import type { ParseContext } from './parse-order.ts'

export const CITIZEN = '6103850000'
export const COMPANY = '29189420'

export const CONTEXT: ParseContext = {
  municipalities: new Set([101, 751]),
  benefits: new Set(['kontanthjaelp', 'sygedagpenge']),
  benefitSystem: new Map<string, SourceSystem>([
    ['kontanthjaelp', 'KY'],
    ['sygedagpenge', 'KSD'],
  ]),
  sourceSystem: 'KY',
}

/** A fresh order with a line of each kind and every optional field of a full state. */
export function exampleOrder() {
  return {
    order_key: 'KY-2026-0001234',
    version: 2,
    source_system: 'KY',
    municipality: '0751',
    case_key: 'KY-48213',
    state: 'active',
    decision: { key: 'A-77', date: '2026-03-12' },
    beneficiary: { type: 'cpr', id: CITIZEN },
    payee: { type: 'cpr', id: CITIZEN },
    disposition_date: '2026-03-31',
    settle: 'on_disposition_date',
    instead_of: 'KY-2026-0001110',
    overpaid: { instalments: 3 },
    lines: [
      {
        line_key: '1',
        kind: 'benefit',
        benefit: 'kontanthjaelp',
        component: 'grundsats',
        kle: '32.24.04',
        sensitivity: 'FOELSOMME_PERSONOPLYSNINGER',
        legal_basis: 'LAS § 11',
        grant: { uuid: '0b7c2b0e-6f0e-4a8e-9d5e-0a9b4c1d2e3f', benefit_id: '1' },
        period: { from: '2026-03-01', to: '2026-04-01' },
        quantity: { unit: 'hour', value: '37.5' },
        amount_ore: 1249800,
        repayable: false,
        text: 'Kontanthjælp marts 2026',
        employee: CITIZEN,
        reference: 'løn 3',
        not_duplicate_of: 'KY-2026-0001111/1',
      },
      { line_key: '2', kind: 'set_off', amount_ore: 50000, claim_key: 'KY-F-9' },
      {
        line_key: '3',
        kind: 'third_party',
        amount_ore: 120000,
        payee: { type: 'cvr', id: COMPANY },
        reference: 'husleje 03',
      },
      {
        line_key: '4',
        kind: 'repayment',
        benefit: 'kontanthjaelp',
        component: 'grundsats',
        period: { from: '2026-01-01', to: '2026-02-01' },
        amount_ore: 10000,
        claim_key: 'KY-F-10',
        cause: 'urigtig_oplysning',
        legal_basis: 'LAS § 91',
        decision: { key: 'T-3', date: '2026-03-10', hearing_date: '2026-02-20', notice_date: '2026-03-11' },
      },
    ],
  }
}

export function exampleEnvelope() {
  return {
    record: 'envelope',
    schema: 1,
    file_id: 'KY-0751-2026-03-01',
    source_system: 'KY',
    municipality: '0751',
    month: '2026-03',
    count: 1,
    sums: {
      benefit: { lines: 1, ore: 1249800 },
      set_off: { lines: 1, ore: 50000 },
      third_party: { lines: 1, ore: 120000 },
      repayment: { lines: 1, ore: 10000 },
    },
  }
}

/** What a municipality tells of itself. */
function exampleLocalFacts() {
  return {
    takeover: { record: 'takeover', municipality: '0751', source_system: 'KY', date: '2026-03-01' },
    look_back: { record: 'look_back', municipality: '0751', months: 36, valid_from: '2026-01-01' },
    set_off_minimum: {
      record: 'set_off_minimum',
      municipality: '0751',
      benefit: 'kontanthjaelp',
      amount_ore: 600000,
      valid_from: '2026-01-01',
    },
    small_amount: {
      record: 'small_amount',
      municipality: '0751',
      source_system: 'KY',
      amount_ore: 10000,
      treatment: 'gather',
      valid_from: '2026-01-01',
    },
    ...exampleRunRules(),
    rail: { record: 'rail', municipality: '0751', unit: 'ydelse', rail: 'bank_account', valid_from: '2026-05-01' },
    shared_account: {
      record: 'shared_account',
      municipality: '0751',
      account: '99990000007511',
      valid_from: '2026-01-01',
    },
    ...exampleRunTimes(),
    ...exampleReturnRules(),
    paid_before: {
      record: 'paid_before',
      municipality: '0751',
      source_system: 'KY',
      order_key: 'KY-2026-0000017',
      line_key: '1',
      case_key: 'KY-48213',
      decision: { key: 'A-12', date: '2026-01-05' },
      beneficiary: { type: 'cpr', id: CITIZEN },
      payee: { type: 'cpr', id: CITIZEN },
      benefit: 'kontanthjaelp',
      component: 'grundsats',
      period: { from: '2026-02-01', to: '2026-03-01' },
      quantity: { unit: 'month', value: '1' },
      kle: '32.24.04',
      gross_ore: 1255000,
      own_atp_ore: 9900,
      am_ore: 0,
      tax_ore: 298300,
      net_ore: 946800,
      employer_atp_ore: 19800,
      pension_ore: 26100,
      tax_rate_percent: 38 as unknown,
      allowance_ore: 460000,
      frikort_ore: 0,
      disposition_date: '2026-02-27',
    },
  }
}

export function exampleFacts() {
  return {
    tax_card: {
      record: 'tax_card',
      municipality: '0751',
      cpr: CITIZEN,
      se: COMPANY,
      card: 'hovedkort',
      rate_percent: 38 as unknown,
      allowance_month_ore: 450000,
      allowance_week_ore: 103800,
      allowance_day_ore: 14800,
      frikort_left_ore: 0,
      valid_from: '2026-01-01',
      valid_to: null as unknown,
    },
    party_event: { record: 'party_event', cpr: CITIZEN, event: 'death', date: '2026-03-03' },
    claim_opening: {
      record: 'claim_opening',
      claim_key: 'KY-F-1',
      municipality: '0751',
      debtor: { type: 'cpr', id: CITIZEN },
      benefit: 'kontanthjaelp',
      period: { from: '2025-11-01', to: '2025-12-01' },
      amount_ore: 350000,
      due_date: '2026-01-15',
      cause: 'urigtig_oplysning',
    },
    claim_payment: {
      record: 'claim_payment',
      claim_key: 'KY-F-1',
      municipality: '0751',
      payment_key: 'DEB-2026-77',
      amount_ore: 90000,
      date: '2026-03-12',
      balance_ore: 260000,
    },
    return_opening: {
      record: 'return_opening',
      municipality: '0751',
      source_system: 'KY',
      return_key: 'KY-R-1',
      case_key: 'SAG-1',
      beneficiary: { type: 'cpr', id: CITIZEN },
      payee: { type: 'cpr', id: CITIZEN },
      benefit: 'kontanthjaelp',
      period: { from: '2026-01-01', to: '2026-02-01' },
      amount_ore: 946800,
      paid_on: '2026-01-30',
      returned_on: '2026-02-03',
      reference: 'UDB-2026-4711',
      answer: 9,
      code: 'AC04',
      text: 'Kontanthjælp for januar',
    },
    ...exampleLocalFacts(),
  }
}

type Node = Record<string | number, unknown>

/** A copy of a JSON value with one place changed: `put(order, '/lines/0/amount_ore', 1.5)`; undefined removes it. */
export function put<T>(value: T, pointer: string, change: unknown): T {
  const copy = structuredClone(value)
  const path = pointer.slice(1).split('/')
  let node = copy as Node
  for (const name of path.slice(0, -1)) node = node[name] as Node
  const last = path.at(-1) as string
  if (change === undefined) delete node[last]
  else node[last] = change
  return copy
}

/** The pointers of all places in a JSON value, its own excepted. */
export function places(value: unknown, base = ''): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) => [`${base}/${name}`, ...places(inner, `${base}/${name}`)])
}

/** What a municipality decides of its payment runs. */
function exampleRunRules() {
  return {
    gate: {
      record: 'gate',
      municipality: '0751',
      source_system: 'KY',
      benefit: 'kontanthjaelp',
      check: 'unusual_for_benefit',
      effect: 'block_line',
      amount_ore: 3000000,
      valid_from: '2026-01-01',
    },
    release: {
      record: 'release',
      municipality: '0751',
      source_system: 'KY',
      approval: 'automatic',
      valid_from: '2026-01-01',
    },
    two_approvers_over: {
      record: 'two_approvers_over',
      municipality: '0751',
      amount_ore: 10000000,
      valid_from: '2026-01-01',
    },
  }
}

/** What a municipality decides of the time of its payment runs. */
function exampleReturnRules() {
  return {
    no_account: {
      record: 'no_account',
      municipality: '0751',
      treatment: 'state_account',
      valid_from: '2026-01-01',
    },
    unclaimed: {
      record: 'unclaimed',
      municipality: '0751',
      benefit: 'kontanthjaelp',
      months: 36,
      treatment: 'limitation',
      valid_from: '2026-01-01',
    },
  }
}

function exampleRunTimes() {
  const head = { municipality: '0751' }
  return {
    closing_day: { record: 'closing_day', ...head, date: '2026-05-01' },
    cut_off: {
      record: 'cut_off',
      ...head,
      rail: 'nemkonto',
      bank_days_before: 2,
      time: '12:00',
      valid_from: '2026-01-01',
    },
    at_cut_off: {
      record: 'at_cut_off',
      ...head,
      treatment: 'when_clean',
      hours_before: 3,
      valid_from: '2026-01-01',
    },
    escalation: { record: 'escalation', ...head, hours_before: 24, owner: 'stedfortræder', valid_from: '2026-01-01' },
  }
}
