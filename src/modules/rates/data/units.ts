/**
 * The offices that pay: one for what KY and KP decide, one for what KSD decides, in each municipality. All of it is
 * invented: LOS key, PI agreement and debit account belong to a municipality's own agreements with NemKonto and its
 * bank.
 */
import type { MunicipalityRow, PayingUnit } from '../rate-book.ts'
import { valid } from './forever.ts'

/** Kind and what the office is called after the municipality's name. */
const KINDS: readonly (readonly [string, string])[] = [
  ['ydelse', 'Ydelser'],
  ['sygedagpenge', 'Sygedagpenge'],
]

export const UNIT_KINDS: readonly string[] = KINDS.map(([kind]) => kind)

/** The paying units of municipalities. Unit number = municipality × 10 + number of the kind. */
export function payingUnits(municipalities: readonly MunicipalityRow[]): PayingUnit[] {
  return municipalities.flatMap((m) =>
    KINDS.map(([kind, office], i) => {
      const unit = m.code * 10 + i + 1
      const digits = String(unit).padStart(5, '0')
      return {
        unit,
        municipality: m.code,
        kind,
        valid: valid('2014-01-01'),
        name: `${m.name} Kommune, ${office}`,
        cvr: m.cvr,
        se: Number(m.cvr),
        losKey: `99${digits}`,
        piAgreement: `990${digits}`,
        debitAccount: `999900000${digits}`,
        source: 'invented: a municipality names its own units (NemKonto, udbetalende enheder)',
        assumed: true,
      }
    }),
  )
}
