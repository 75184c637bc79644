/** What benefits are called on a terminal; in JSON they have their keys. */
import type { RateReader } from '../../modules/rates/index.ts'

export function benefitNames({ book }: RateReader): (key: string) => string {
  const names = new Map(book.benefits.map((one) => [one.key, one.nameDa]))
  return (key) => names.get(key) ?? key
}
