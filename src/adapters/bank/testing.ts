/** Builders and helpers for the tests of the rails. Citizens are invented: day of birth + 60. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { day } from '../../base/date.ts'
import type { Ore } from '../../base/money.ts'
import type { BundleHeader, PaymentFileHeader, PaymentInstruction } from '../../modules/payments/index.ts'
import type { PayingUnit } from '../../modules/rates/index.ts'

export const UNIT = {
  unit: 1,
  municipality: 751,
  kind: 'KY',
  valid: { from: day('2026-01-01'), to: day('2027-01-01') },
  name: 'Århus Kommune, Ydelser & Kontrol',
  cvr: '55133018',
  se: 55133018,
  losKey: '12345',
  piAgreement: '00751',
  debitAccount: '24690000000751',
  source: 'test',
  assumed: true,
} as unknown as PayingUnit

export function payment(n: number, amount: number, last4 = '0000'): PaymentInstruction {
  return {
    endToEndId: `0751R12N${n}`,
    payee: { type: 'cpr', id: `${61 + (n % 30)}0385${last4}` },
    amount: amount as Ore,
    nemKontoKind: 'KTHJ',
    text: 'Kontanthjælp marts 2026',
  }
}

export interface TestBundle {
  header: BundleHeader
  payments: PaymentInstruction[]
}

export function bundle(bundleId: string, date: string, payments: PaymentInstruction[], account?: string): TestBundle {
  const unit = account ? { ...UNIT, debitAccount: account } : UNIT
  const sum = payments.reduce((total, each) => total + each.amount, 0) as Ore
  return { header: { bundleId, unit, dispositionDate: day(date), count: payments.length, sum }, payments }
}

export function fileHeader(fileId: string, bundles: readonly TestBundle[]): PaymentFileHeader {
  let count = 0
  let sum = 0
  for (const { header } of bundles) {
    count += header.count
    sum += header.sum
  }
  return { fileId, createdAt: '2026-03-26T10:00:00', count, sum: sum as Ore }
}

/** The official schema as text, or undefined when the folder of schemas is not at hand. */
export function schemaText(folder: string | undefined, message: string): string | undefined {
  const path = folder ? join(folder, `${message}.xsd`) : ''
  return path !== '' && existsSync(path) ? readFileSync(path, 'utf8') : undefined
}

/** Throws with the validator's own words when the text is not valid against the schema. */
export async function validate(xsd: string, xml: string): Promise<void> {
  const { XmlDocument, XsdValidator } = await import('libxml2-wasm')
  const schema = XmlDocument.fromString(xsd)
  const validator = XsdValidator.fromDoc(schema)
  const document = XmlDocument.fromString(xml)
  try {
    validator.validate(document)
  } finally {
    document.dispose()
    validator.dispose()
    schema.dispose()
  }
}
