/** Where each lawful way of rounding is from. */
import type { Rounding } from '../../../base/money.ts'
import type { Sourced, TaxMethod } from '../rate-book.ts'

export interface TaxMethodRow extends Sourced {
  /** How AM-bidrag is rounded under the same method. */
  readonly amRounding: Rounding
}

const GUIDE = 'Skatteforvaltningen, oid=141834 (tre metoder)'

export const TAX_METHOD_ROWS: Readonly<Record<TaxMethod, TaxMethodRow>> = {
  exact_ore: {
    amRounding: 'nearest_ore',
    source: `${GUIDE}: with øre, rounded only in the monthly report`,
    assumed: false,
  },
  nearest_krone: {
    amRounding: 'nearest_krone',
    source: `${GUIDE}: each amount to the nearest krone, 50 øre up`,
    assumed: false,
  },
  drop_ore: { amRounding: 'down_to_krone', source: `${GUIDE}: the øre of each amount are dropped`, assumed: false },
  base_tens_tax_up: {
    // The guide rounds the base of AM-bidrag to tens too; payroll practice (DataLøn) does not. Practice is followed.
    amRounding: 'nearest_krone',
    source: 'Skatteforvaltningen, oid=2292833; DataLøn, afrunding af AM-bidrag og A-skat (AM to the nearest krone)',
    assumed: false,
  },
}
