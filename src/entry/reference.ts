import type { Reference, ReferenceRow } from '../base/migrate.ts'
import type { RateBook } from '../modules/rates/index.ts'

/** The rate book as rows of the reference tables. */
export function referenceOf(book: RateBook): Reference {
  const rows: ReferenceRow[] = []
  const add = (kind: string, key: string, body: { source?: string; assumed?: boolean }): void => {
    rows.push({ kind, key, body, source: body.source ?? 'Danmarks Statistik', assumed: body.assumed ?? false })
  }
  for (const row of book.municipalities) add('municipality', String(row.code), row as object)
  for (const row of book.benefits) add('benefit', `${row.key}:${row.valid.from}`, row)
  for (const row of book.exclusions) add('exclusion', `${row.a}:${row.b}:${row.valid.from}`, row)
  for (const row of book.atp) add('atp', `${row.rule}:${row.valid.from}`, row)
  for (const row of book.rates) add('rate', `${row.name}:${row.valid.from}`, row)
  for (const row of book.units) add('unit', `${row.unit}:${row.municipality}:${row.valid.from}`, row)
  for (const row of book.accounts) add('account', row.key, row)
  const benefits = new Map(book.benefits.map((row) => [row.benefit, row]))
  return {
    rows,
    municipalities: book.municipalities.map((row) => ({ code: row.code, name: row.name })),
    benefits: [...benefits.values()].map((row) => ({ id: row.benefit, key: row.key, name: row.nameDa })),
    accounts: book.accounts.map((row) => ({
      id: row.id,
      key: row.key,
      number: row.number,
      name: row.nameDa,
      clearing: row.clearing,
      purpose: row.purpose,
      sourceSystem: row.sourceSystem,
    })),
  }
}
