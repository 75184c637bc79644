/**
 * What is claimed of a benefit that was paid in an earlier year than the decision to claim it back. Dated data.
 */
import type { Day, Period } from '../../base/date.ts'
import { valid } from './data/forever.ts'
import type { BenefitRule, Sourced } from './rate-book.ts'

/** @da tilbagebetaling i et senere år */
export interface LaterYearRule extends Sourced {
  /** Income kinds of eIndkomst; none: every other benefit. */
  readonly incomeKinds: readonly string[]
  readonly valid: Period
  /**
   * gross: the citizen repays before tax and deducts it in the year of repayment. net: the original year is corrected,
   * as within the year.
   */
  readonly claimed: 'gross' | 'net'
  /** What a claim that was decided within the year becomes of what is left of it when the year ends. */
  readonly openAtYearEnd: Sourced & { readonly becomes: 'gross' | 'net' }
}

const OPEN_AT_YEAR_END: LaterYearRule['openAtYearEnd'] = {
  becomes: 'gross',
  source:
    'Ligningsloven § 8 O: the deduction is of what is repaid in a later year, whenever it was decided; that the open ' +
    'part is turned by its share of the claim is assumed',
  assumed: true,
}

const LATER_YEAR_RULES: readonly LaterYearRule[] = [
  {
    incomeKinds: ['0041', '0087'],
    valid: valid('2014-01-01', '2026-01-01'),
    claimed: 'gross',
    openAtYearEnd: OPEN_AT_YEAR_END,
    source: 'Ligningsloven § 8 O: kontanthjælp that is paid back in a later year is deducted in the year of repayment',
    assumed: false,
  },
  {
    // Kontanthjælp, uddannelseshjælp, revalidering, ressourceforløb, ledighedsydelse, flekslønstilskud.
    incomeKinds: ['0041', '0087', '0042', '0084', '0038', '0083'],
    valid: valid('2026-01-01'),
    claimed: 'gross',
    openAtYearEnd: OPEN_AT_YEAR_END,
    source:
      'Ligningsloven § 8 O as of lov nr. 198 af 25/2/2025 § 3: taxable benefits of lov om aktiv socialpolitik and of LAB ' +
      '§§ 123, 126 and 136 (Den juridiske vejledning, info.skat.dk oid 2061787)',
    assumed: false,
  },
  {
    incomeKinds: [],
    valid: valid('2014-01-01'),
    claimed: 'net',
    openAtYearEnd: { becomes: 'net', source: 'As the year of the income is corrected; unconfirmed', assumed: true },
    source:
      'Skatteforvaltningen, eIndkomst: wage-like income is corrected in its own year; of sygedagpenge unconfirmed',
    assumed: true,
  },
]

export function laterYearRule(benefit: BenefitRule, day: Day): LaterYearRule {
  const applies = LATER_YEAR_RULES.filter((row) => row.valid.from <= day && day < row.valid.to)
  const own = applies.find((row) => benefit.incomeKind !== null && row.incomeKinds.includes(benefit.incomeKind))
  return own ?? (applies.find((row) => row.incomeKinds.length === 0) as LaterYearRule)
}
