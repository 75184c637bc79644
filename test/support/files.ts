/** Order files and fact files as a source system would write them, from plain records. */
import type { SourceSystem } from '../../src/modules/orders/index.ts'

export type LineRecord = Record<string, unknown> & { readonly kind: string }
export type OrderRecord = Record<string, unknown> & {
  readonly source_system: SourceSystem
  readonly municipality: string
  readonly order_key: string
  readonly lines: readonly LineRecord[]
}

export interface BenefitOrder {
  readonly key: string
  readonly municipality: string
  readonly citizen: string
  readonly benefit: string
  readonly kle: string
  readonly ore: number
  /** Default 2026-03-31. */
  readonly date?: string
  readonly more?: readonly LineRecord[]
}

/** An order of one benefit for March 2026 to the citizen; the source system is the first letters of its key. */
export function benefitOrder(one: BenefitOrder): OrderRecord {
  const party = { type: 'cpr', id: one.citizen }
  const [system, number] = one.key.split('-')
  return {
    order_key: one.key,
    version: 1,
    source_system: system as SourceSystem,
    municipality: one.municipality,
    case_key: `SAG-${number}`,
    state: 'active',
    decision: { key: `A-${number}`, date: '2026-03-02' },
    beneficiary: party,
    payee: party,
    disposition_date: one.date ?? '2026-03-31',
    settle: 'on_disposition_date',
    lines: [
      {
        line_key: '1',
        kind: 'benefit',
        benefit: one.benefit,
        component: 'ydelse',
        kle: one.kle,
        sensitivity: 'FOELSOMME_PERSONOPLYSNINGER',
        legal_basis: 'opdigtet',
        period: { from: '2026-03-01', to: '2026-04-01' },
        quantity: { unit: 'month', value: '1' },
        amount_ore: one.ore,
        repayable: false,
        text: 'Ydelse',
      },
      ...(one.more ?? []),
    ],
  }
}

const KINDS = ['benefit', 'set_off', 'third_party', 'repayment'] as const

/** An order file whose envelope agrees with its records. */
export function orderFile(fileId: string, month: string, orders: readonly OrderRecord[]): string {
  const first = orders[0]
  if (first === undefined) throw new Error('a file needs an order')
  const lines = orders.flatMap((order) => order.lines)
  const sums = Object.fromEntries(
    KINDS.map((kind) => {
      const own = lines.filter((line) => line.kind === kind)
      const ore = own.reduce((sum, line) => sum + Number(line['amount_ore'] ?? line['delta_ore'] ?? 0), 0)
      return [kind, { lines: own.length, ore }]
    }),
  )
  const { source_system, municipality } = first
  return ndjson([envelope(fileId, source_system, municipality, month, orders.length, sums), ...orders])
}

export function factFile(fileId: string, municipality: string, month: string, facts: readonly unknown[]): string {
  return ndjson([envelope(fileId, 'FAKTA', municipality, month, facts.length, undefined), ...facts])
}

function envelope(
  file_id: string,
  source_system: string,
  municipality: string,
  month: string,
  count: number,
  sums: unknown,
): Record<string, unknown> {
  const head = { record: 'envelope', schema: 1, file_id, source_system, municipality, month, count }
  return sums === undefined ? head : { ...head, sums }
}

function ndjson(records: readonly unknown[]): string {
  return `${records.map((record) => JSON.stringify(record)).join('\n')}\n`
}

/** Whether the eight digits are a CVR number: weights 2 7 6 5 4 3 2 1, sum divisible by 11. */
function isCvr(id: string): boolean {
  return [...id].reduce((sum, digit, i) => sum + Number(digit) * [2, 7, 6, 5, 4, 3, 2, 1][i]!, 0) % 11 === 0
}

/** Invented companies: numbers from 98000000 that pass the check. */
export function companyOf(number: number): string {
  let id = 98_000_000
  for (let found = -1; found < number; id++) if (isCvr(String(id))) found++
  return String(id - 1)
}

/** An invented citizen (day of birth + 60). `last` are the last four digits, by which the fake rail knows its cases. */
export function citizenOf(number: number, last?: string): string {
  const day = 61 + (number % 28)
  const month = 1 + (Math.floor(number / 28) % 12)
  const year = 50 + (Math.floor(number / 336) % 50)
  const end = last ?? String(1000 + (number % 8000))
  return `${day}${String(month).padStart(2, '0')}${year}${end}`
}

/** A main card of 38 % with 4,600 kr. a month. */
export function mainCard(municipality: string, cpr: string, se: string, validTo: string | null = null) {
  return {
    record: 'tax_card',
    municipality,
    cpr,
    se,
    card: 'hovedkort',
    rate_percent: 38,
    allowance_month_ore: 460_000,
    allowance_week_ore: 0,
    allowance_day_ore: 0,
    frikort_left_ore: 0,
    valid_from: '2026-01-01',
    valid_to: validTo,
  }
}
