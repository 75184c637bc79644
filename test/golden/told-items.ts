/** Invented items and rules for the writers of deliveries. Citizens have a day of birth + 60: none of them exists. */
import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { day, type Day } from '../../src/base/date.ts'
import type { Ore } from '../../src/base/money.ts'
import type { DeliveryHeader, DeliveryWriter, ToldItem } from '../../src/modules/deliveries/told-item.ts'
import { FOREVER } from '../../src/modules/parties/party.ts'
import type { BenefitRule, PayingUnit } from '../../src/modules/rates/rate-book.ts'

const unit: PayingUnit = {
  unit: 1,
  municipality: 751,
  kind: 'ydelse',
  valid: { from: 0 as Day, to: FOREVER },
  name: 'Ydelsescenter Ås & Ærø',
  cvr: '12345678',
  se: 1234567,
  losKey: '1234567',
  piAgreement: '1',
  debitAccount: '12340000000001',
  source: 'test',
  assumed: true,
}

export const header: DeliveryHeader = {
  deliveryId: '0751-TEST-2026-03-1',
  municipality: {
    code: 751,
    name: 'Øster Å Kommune',
    population: 1,
    cvr: '12345678',
    taxMethod: 'base_tens_tax_up',
    batchBooking: true,
  },
  month: day('2026-03-01'),
  createdAt: '2026-03-31T18:00:00',
}

function rule(benefit: number, key: string, change: Partial<BenefitRule>): BenefitRule {
  return {
    benefit,
    key,
    sourceSystem: 'KY',
    nameDa: key,
    valid: { from: 0 as Day, to: FOREVER },
    taxable: true,
    amLiable: false,
    atp: 'monthly',
    pension: 'month_nearest_krone',
    incomeType: '06',
    incomeKind: '0041',
    reimbursed: true,
    earmarked: false,
    costAccount: '5.57.73.1.007',
    atpAccount: '8.51.52.100',
    pensionAccount: '8.51.52.123',
    kle: '32.24.04',
    unitKind: 'ydelse',
    nemKontoKind: '1',
    source: 'test',
    assumed: true,
    ...change,
  }
}

export const RULES: readonly BenefitRule[] = [
  rule(0, 'kontanthjaelp', { nameDa: 'Kontanthjælp' }),
  rule(1, 'sygedagpenge', {
    nameDa: 'Sygedagpenge',
    incomeType: '07',
    incomeKind: '0103',
    atp: 'hourly',
    sourceSystem: 'KSD',
  }),
  rule(2, 'helbredstillaeg', {
    nameDa: 'Helbredstillæg',
    incomeType: null,
    incomeKind: null,
    reimbursed: false,
    atp: 'none',
  }),
  rule(3, 'tabt_arbejdsfortjeneste', { incomeType: '00', incomeKind: '0105', amLiable: true, reimbursed: false }),
  rule(4, 'formel', { nameDa: '=HYPERLINK("http://example.invalid";"x")' }),
]

export const rates = { rule: (benefit: number): BenefitRule => RULES[benefit] as BenefitRule }

export function told(item: number, change: Partial<Record<keyof ToldItem, unknown>> = {}): ToldItem {
  const made = {
    item,
    sourceSystem: 'KY',
    orderKey: `KY-2026-${item}`,
    lineKey: '1',
    caseKey: 'KY-1',
    benefit: 0,
    component: 'grundsats',
    kle: '32.24.04',
    sensitivity: 'FOELSOMME_PERSONOPLYSNINGER',
    grantUuid: '0b7c2b0e-6f0e-4a8e-9d5e-0a9b4c1d2e3f',
    grantBenefitId: '1',
    period: { from: day('2026-03-01'), to: day('2026-04-01') },
    unit: 'month',
    thousandths: 1000,
    dispositionDate: day('2026-03-31'),
    beneficiary: { type: 'cpr', id: '6103850000' },
    payee: { type: 'cpr', id: '6103850000' },
    employee: '',
    gross: 1249800,
    ownAtp: 9900,
    am: 0,
    tax: 292000,
    setOff: 50000,
    thirdParty: 0,
    net: 897900,
    employerAtp: 19800,
    pension: 26000,
    payingUnit: unit,
    text: 'Kontanthjælp marts 2026',
    ...change,
  } as ToldItem
  assert.equal(
    made.gross,
    made.ownAtp + made.am + made.tax + made.setOff + made.thirdParty + made.net,
    'fixture adds up',
  )
  return made
}

/** Amounts of an untaxed item. */
export function plain(gross: number): Record<string, Ore> {
  const zero = 0 as Ore
  return {
    gross: gross as Ore,
    ownAtp: zero,
    am: zero,
    tax: zero,
    setOff: zero,
    net: gross as Ore,
    employerAtp: zero,
    pension: zero,
  }
}

/** A small month with what usually goes wrong: leading zero, companies, two benefits, year change, hostile text. */
export function month(): ToldItem[] {
  const zeroCpr = { type: 'cpr', id: '0163850001' }
  const company = { type: 'cvr', id: '29189420' }
  const syge = {
    benefit: 1,
    sourceSystem: 'KSD',
    dispositionDate: day('2026-03-12'),
    kle: '15.17.06',
    text: 'Sygedagpenge uge 9-10',
  }
  return [
    told(70368744177664, { beneficiary: zeroCpr, payee: zeroCpr }),
    told(70368744177665, {
      beneficiary: zeroCpr,
      payee: zeroCpr,
      lineKey: '2',
      component: 'tillæg',
      ...plain(100001),
      text: 'Tillæg <æøå> & "mere"',
    }),
    told(70368744177728, {
      ...syge,
      ownAtp: 9900,
      gross: 1249800,
      period: { from: day('2025-12-22'), to: day('2026-01-12') },
    }),
    told(70368744177792, { thirdParty: 120000, net: 777900 }),
    told(70368744177856, { benefit: 2, ...plain(45050), payee: company, grantUuid: '', text: 'Briller €' }),
    told(70368744177920, { benefit: 3, am: 80000, net: 817900, beneficiary: { type: 'cpr', id: '7112990002' } }),
    told(70368744177984, {
      ...syge,
      ...plain(2000000),
      beneficiary: company,
      payee: company,
      employee: '6505900003',
      period: { from: day('2026-03-02'), to: day('2026-03-04') },
    }),
    told(70368744178048, { benefit: 4, beneficiary: { type: 'cpr', id: '8812990004' } }),
  ]
}

export function run(
  writer: DeliveryWriter,
  items: Iterable<ToldItem>,
): { text: string; totals: Record<string, number> } {
  let body = ''
  for (const item of items) body += writer.item(item)
  const { head, tail, totals } = writer.end()
  return { text: head + body + tail, totals: { ...totals } }
}

/** Compares with the golden file, or writes it when UPDATE_GOLDEN=1. The bytes are compared, not the characters. */
export function golden(name: string, text: string, encoding: 'latin1' | 'utf8'): void {
  const path = fileURLToPath(new URL(name, import.meta.url))
  const bytes = Buffer.from(text, encoding)
  if (process.env['UPDATE_GOLDEN'] === '1') {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, bytes)
  }
  assert.ok(bytes.equals(readFileSync(path)), `${name} differs; see it with UPDATE_GOLDEN=1 and git diff`)
}
